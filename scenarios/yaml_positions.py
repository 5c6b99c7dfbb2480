"""Where each character of a YAML scalar's value stands in the file.

YAML folds lines, strips indentation and reads escapes, so a place inside a value is not
the same place in the source. Each reading here builds value and places together and is
believed only if it gives the value that the YAML parser gave.
"""

from __future__ import annotations

import re

LINE_BREAK = re.compile(r"\r\n|\n|\r")

_ESCAPES = dict(zip('0abt\tnvfre "\\/N_LP', '\0\a\b\t\t\n\v\f\r\x1b "\\/\x85\xa0\u2028\u2029', strict=True))
_HEX_DIGITS = {"x": 2, "u": 4, "U": 8}


def positions_of(value: str, raw: str, style: str) -> list[int] | None:
    """Where in ``raw`` each character of ``value`` stands, and its end.

    Args:
        value: What the parser read.
        raw: The scalar as it stands in the file, from its first character (quote or ``|``) on.
        style: ``plain``, ``single``, ``double``, ``literal`` or ``folded``.

    Returns:
        ``len(value) + 1`` indices into ``raw``, or None where they cannot be followed.
    """
    if style == "plain" and raw == value:
        return list(range(len(value) + 1))
    if style == "literal":
        return _literal(value, raw)
    if style == "folded":
        return _folded(value, raw)
    return _flow(value, raw, style)


def _flow(value: str, raw: str, style: str) -> list[int] | None:
    """Plain and quoted scalars: one line break is a space, more are one fewer, spaces around them go."""
    quoted = style in ("single", "double")
    i, end = (1, len(raw) - 1) if quoted else (0, len(raw))
    characters: list[str] = []
    places: list[int] = []
    kept = 0  # characters before this one are not trailing white space, as escapes wrote them
    while i < end:
        if raw[i] in "\r\n":
            while len(characters) > kept and characters[-1] in " \t":
                characters.pop()
                places.pop()
            breaks, i = _skip_breaks(raw, i, end)
            for place in breaks if len(breaks) == 1 else breaks[1:]:
                characters.append(" " if len(breaks) == 1 else "\n")
                places.append(place)
        elif style == "single" and raw.startswith("''", i):
            characters.append("'")
            places.append(i)
            i += 2
        elif style == "double" and raw[i] == "\\":
            character, after = _escape(raw, i, end)
            characters += character
            places += [i] * len(character)
            kept = len(characters)
            i = after
        else:
            characters.append(raw[i])
            places.append(i)
            i += 1
    return [*places, end] if "".join(characters) == value else None


def _skip_breaks(raw: str, i: int, end: int) -> tuple[list[int], int]:
    """The line breaks from ``i`` on with white space around them, and the index after them."""
    breaks = []
    while i < end and raw[i] in " \t\r\n":
        if raw[i] in "\r\n":
            breaks.append(i)
            i += raw.startswith("\r\n", i)
        i += 1
    return breaks, i


def _escape(raw: str, i: int, end: int) -> tuple[str, int]:
    """The character (or nothing, for a continued line) of the escape at ``i``, and the index after it."""
    letter = raw[i + 1 : i + 2]
    if letter in _HEX_DIGITS:
        after = i + 2 + _HEX_DIGITS[letter]
        return chr(int(raw[i + 2 : after], 16)), after
    if letter in ("\r", "\n"):
        breaks, after = _skip_breaks(raw, i + 1, end)
        return "\n" * (len(breaks) - 1), after
    return _ESCAPES.get(letter, ""), i + 2


def _lines(raw: str) -> list[tuple[int, str]]:
    """The lines of ``raw`` with their starts, without line breaks."""
    lines, start = [], 0
    for found in LINE_BREAK.finditer(raw):
        lines.append((start, raw[start : found.start()]))
        start = found.end()
    return [*lines, (start, raw[start:])]


def _literal(value: str, raw: str) -> list[int] | None:
    """A block after ``|``: each line is kept but for the indentation, which the first written line shows."""
    lines = _lines(raw)[1:]
    wanted = value.split("\n")
    shown = next((i for i, line in enumerate(wanted) if line), None)
    if shown is None or shown >= len(lines):
        return None
    indent = len(lines[shown][1]) - len(wanted[shown])
    places: list[int] = []
    for number, line in enumerate(wanted):
        if number >= len(lines):
            places.append(len(raw))
            continue
        start, written = lines[number]
        if line and written[indent:] != line:
            return None
        first = start + min(indent, len(written))
        places += range(first, first + len(line) + 1)
    return places


def _folded(value: str, raw: str) -> list[int] | None:
    """A block after ``>``: walks value and source side by side; a break of the source is a space or a line break."""
    lines = [(start + len(line) - len(line.lstrip(" ")), line.lstrip(" ")) for start, line in _lines(raw)[1:]]
    places: list[int] = []
    number, column = 0, 0
    for i, character in enumerate(value):
        while number < len(lines) and not lines[number][1] and character != "\n":
            number += 1
        if number >= len(lines):
            places += [len(raw)] * (len(value) - i)
            break
        start, line = lines[number]
        if column == 0 and character == " " and not line.startswith(" "):
            places.append(start)  # a more indented line keeps its extra spaces
            continue
        places.append(start + column)
        if column < len(line):
            if line[column] != character:
                return None
            column += 1
        elif character in " \n":
            number, column = number + 1, 0
        else:
            return None
    return [*places, len(raw)]
