"""What the value of an expression depends on: needed before it is evaluated for many agents."""

from __future__ import annotations

from bustle.scenarios.model import (
    Categorical,
    Draw,
    Empirical,
    Expr,
    Field,
    Local,
    Mixture,
    NewEpisode,
    Pick,
    Self,
)
from bustle.scenarios.walk import expressions

DRAWS = (Draw, Categorical, Empirical, Mixture, NewEpisode, Pick)
"""Nodes that draw; each has a ``purpose``."""


def depends_on_agent(expr: Expr) -> bool:
    """True where the value may differ between acting agents: it reads one, or draws."""
    return any(isinstance(node, (Self, Local, Field, *DRAWS)) for node in expressions(expr))


def draws_in(expr: Expr) -> list[Expr]:
    """The nodes of ``expr`` that draw, outermost first."""
    return [node for node in expressions(expr) if isinstance(node, DRAWS)]
