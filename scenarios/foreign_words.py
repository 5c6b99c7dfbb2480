"""Signs and words of other languages, and what the language of rules has instead."""

from __future__ import annotations

SIGNS = {
    "&&": "write `and`",
    "&": "write `and`",
    "||": "write `or`",
    "|": "write `or`",
    "!": "write `not`",
    "^": "a power is written `**`",
    "{": "rules have no braces; indent the lines of a block",
    "}": "rules have no braces; indent the lines of a block",
    "[": "rules have no lists",
    "]": "rules have no lists",
    ";": "write one statement a line",
    "$": "parameters are written by their bare name",
    "@": "names have letters, digits and `_`",
    "?": "a choice is written `x if condition else y`",
    ":=": "a value is set by `=`",
    "=>": "at least is written `>=`",
    "=<": "at most is written `<=`",
    "≤": "at most is written `<=`",
    "≥": "at least is written `>=`",
    "≠": "not equal is written `!=`",
    "\u00d7": "write `*`",
    "÷": "write `/`",
    "\u2212": "write an ordinary minus, `-`",
    "“": 'write straight quotes, `"`',
    "”": 'write straight quotes, `"`',
    "€": "money has no sign: write the amount alone",
    "£": "money has no sign: write the amount alone",
}
"""Signs of other languages, the longer before the shorter."""

FIRST_WORDS = {
    "while": "a rule has no loops but `for x in pick(..., count=3):`",
    "return": "write `stop` to end the rule",
    "pass": "leave the branch out, or write `stop` to end the rule",
    "break": "a loop runs to its end; write `stop` to end the rule",
    "continue": "put the rest of the loop's lines under an `if`",
    "def": "write another behavior, and run it by `after`",
    "import": "a scenario file runs no code",
    "from": "a scenario file runs no code",
    "let": "a name is set by `name = value`",
    "var": "a name is set by `name = value`",
    "print": "what happens is recorded by `emit`",
    "elseif": "write `elif`",
    "case": "write `if` and `elif`",
    "switch": "write `if` and `elif`",
}
"""How lines begin in other languages."""

NOT_UNITS = {
    "month": "months differ in length: write days or weeks",
    "year": "years differ in length: write days or weeks",
    "min": "write `minutes`",
    "sec": "write `seconds`",
    "hr": "write `hours`",
    "ms": "write `milliseconds`",
    "h": "write `hours`",
    "m": "write `minutes`",
    "s": "write `seconds`",
    "d": "write `days`",
    "w": "write `weeks`",
    "eur": "money has no unit: write the amount alone",
    "usd": "money has no unit: write the amount alone",
}
"""Words after a number that are no units here, in the singular."""
