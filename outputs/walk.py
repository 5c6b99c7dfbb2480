"""What an expression contains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from bustle.scenarios.model import Typed


def expressions_in(node: object) -> Iterator[Typed]:
    """Every expression in ``node`` - an expression, a table, a rule, a tuple of them - outermost first."""
    if isinstance(node, Typed):
        yield node
    if isinstance(node, tuple):
        for item in node:
            yield from expressions_in(item)
    elif is_dataclass(node) and not isinstance(node, type):
        for part in fields(node):
            if part.name not in ("type", "span"):
                yield from expressions_in(getattr(node, part.name))
