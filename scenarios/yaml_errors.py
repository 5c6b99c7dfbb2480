"""What the YAML parser objects to, said in the words of scenario files."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from bustle.scenarios.diagnostics import Diagnostic
from bustle.scenarios.yaml_nodes import Source


@dataclass(frozen=True, slots=True)
class _Case:
    """A message of the parser, and what to say instead.

    ``before`` must match the line up to the place, ``context`` what the parser was doing;
    ``at_start`` points at where it began.
    """

    problem: str
    message: str
    hint: str
    at_start: bool = False
    context: str = ""
    before: str = ""


_CASES = (
    _Case(
        r"mapping values are not allowed",
        "a second `:` in one line",
        'put quotes around a value that contains a colon and a space: about: "one: two"',
        before=r":\s",
    ),
    _Case(
        r"mapping values are not allowed",
        "this line is indented too far, or the line before lacks a `:`",
        "entries that belong together start in the same column",
    ),
    _Case(r"found character '\\t'", "a tab cannot be used here", "indent with spaces"),
    _Case(
        r"found character '(?P<it>.*)' that cannot start any token",
        "a value cannot start with the character {it}",
        "put the value in quotes",
    ),
    _Case(
        r"found unexpected (end of stream|document separator)",
        "this quote is never closed",
        "close it, or use a block of text: `about: |`",
        at_start=True,
        context="quoted scalar",
    ),
    _Case(
        r"found unknown escape character|expected escape sequence",
        "an unknown escape in a text in double quotes",
        "write `\\\\` for a backslash, or use single quotes",
    ),
    _Case(
        r"could not find expected ':'",
        "a key without `:`, or a line that is indented too little",
        "write `name: value`; indent the lines of a `|` block further than its key",
        at_start=True,
    ),
    _Case(
        r"expected <block end>, but found '(?P<it>[\]}])'",
        "`{it}` closes nothing",
        "remove it, or put the value in quotes",
    ),
    _Case(
        r"expected <block end>",
        "this line does not fit the lines before it",
        "entries that belong together start in the same column; a list has `- ` before every item",
        before=r"^\s*$",
    ),
    _Case(
        r"expected <block end>",
        "this cannot follow the value before it",
        "put the whole value in quotes; a quote inside single quotes is written twice",
    ),
    _Case(
        r"expected ',' or '(?P<it>[\]}])', but got",
        "a `{it}` or a comma is missing before this",
        "put quotes around a value that holds `: `, `,`, a bracket or a brace",
    ),
    _Case(
        r"expected the node content, but found",
        "a value is missing here",
        "write a value, or remove what stands here",
    ),
    _Case(
        r"expected alphabetic or numeric character",
        "a value cannot start with `*` or `&`",
        "put the value in quotes",
        at_start=True,
    ),
    _Case(
        r"sequence entries are not allowed",
        "a list cannot start on this line",
        "start it on a line of its own",
    ),
    _Case(
        r"expected (a comment or a line break|chomping or indentation indicators|indentation indicator)",
        "text cannot stand on the line of `|` or `>`",
        "start the text on the next line, indented further",
    ),
    _Case(
        r"expected '<document start>'",
        "text outside the scenario's mapping",
        "every line at the left edge is `section: ...`",
    ),
    _Case(r"incompatible YAML document", "a `%YAML` line of another version", "remove the line"),
)


def parse_problem(error: yaml.MarkedYAMLError, source: Source) -> Diagnostic:
    """The diagnostic for an error of the YAML parser."""
    said, context = error.problem or "", error.context or ""
    mark = error.problem_mark or error.context_mark
    span = source.span(mark.index, mark.index) if mark else source.span(0, 0)
    before = source.line(span.line)[: span.column - 1]
    for case in _CASES:
        found = re.search(case.problem, said)
        if found and case.context in context and re.search(case.before, before):
            if case.at_start and error.context_mark:
                span = source.span(error.context_mark.index, error.context_mark.index)
            return source.problem(span, case.message.replace("{it}", found.groupdict().get("it") or ""), case.hint)
    return source.problem(span, f"this is not valid YAML: {said or context}", "quote values with special characters")
