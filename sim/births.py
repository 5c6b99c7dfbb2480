"""What the attributes, links and state of an agent that is made during a run come from, and in which order."""

from __future__ import annotations

from collections.abc import Mapping

from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Attr, Expr, Population, Self
from bustle.scenarios.walk import expressions

STATE = "state"


def sources_of(population: Population) -> dict[str, Expr | None]:
    """What each link, attribute and the state is sampled from."""
    sources: dict[str, Expr | None] = {link.name: link.value for link in population.links}
    sources.update({attribute.name: attribute.value for attribute in population.attributes})
    if population.states:
        sources[STATE] = population.initial_state
    return sources


def in_order(sources: Mapping[str, Expr | None]) -> list[str]:
    """Names in an order in which each needs only earlier ones.

    Raises:
        RunError: one needs itself.
    """
    done: dict[str, None] = {}
    under_way: set[str] = set()

    def visit(name: str) -> None:
        if name in done:
            return
        if name in under_way:
            raise RunError(f"`{name}` needs itself")
        under_way.add(name)
        expr = sources[name]
        if expr is not None:
            for node in expressions(expr):
                if isinstance(node, Attr) and isinstance(node.target, Self) and node.name in sources:
                    visit(node.name)
        done[name] = None

    for name in sources:
        visit(name)
    return list(done)
