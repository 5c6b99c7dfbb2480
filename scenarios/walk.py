"""Walking over typed expressions and statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from bustle.scenarios.model import Expr, Statement, Table, Typed


def _parts(node: Expr | Statement | Table) -> list[tuple[str, Any]]:
    """The named parts of a node that may hold expressions."""
    return [(f.name, getattr(node, f.name)) for f in fields(node) if f.name not in ("type", "span")]


def expressions(node: Expr | Statement | Table) -> Iterator[Expr]:
    """Every expression in ``node``, itself included, outermost first."""
    if isinstance(node, Typed):
        yield node
    for _, value in _parts(node):
        yield from _inside(value)


def _inside(value: object) -> Iterator[Expr]:
    if isinstance(value, tuple):
        for item in value:
            yield from _inside(item)
    elif is_dataclass(value) and not isinstance(value, type):
        yield from expressions(value)  # type: ignore[arg-type]


def rewrite(expr: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """``expr`` with every part for which ``change`` gives a replacement replaced, outermost first."""
    changed = change(expr)
    if changed is not None:
        return changed
    parts: dict[str, Any] = {}
    for name, value in _parts(expr):
        if isinstance(value, Typed):
            parts[name] = rewrite(value, change)  # type: ignore[arg-type]
        elif isinstance(value, tuple) and any(isinstance(item, Typed) for item in value):
            parts[name] = tuple(rewrite(item, change) for item in value)  # all are expressions where one is
    return replace(expr, **parts) if parts else expr
