"""Who must hear of which change.

A clock with a rate, or a ``when`` condition, depends on what its expression reads. Reads are found when the rule is
compiled (`bustle.sim.reads`); a write then walks the path of each read backwards and touches exactly the agents
concerned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from bustle.scenarios.model import Expr
from bustle.sim.dependents import may_change
from bustle.sim.reads import MEMBERSHIP, GroupHop, LinkHop, NetworkHop, Path, Read, reads
from bustle.sim.reference.society import AnyAgent

if TYPE_CHECKING:
    from bustle.sim.reference.runtime import Runtime

Hook = Callable[[AnyAgent, Any], None]
"""Called with the agent written and the attribute's former value, after the write."""

Touch = Callable[[AnyAgent], None]


class Watch:
    """Hooks by what changes.

    Attributes:
        attributes: hooks by population and attribute; writers hold on to the lists, so they are never replaced.
        parameters: called without arguments, by name of the parameter.
        globals: the same, by name of the global.
        born: called with a new agent, by population.
        retired: called with a retired agent, by population.
    """

    def __init__(self) -> None:
        self.attributes: dict[tuple[str, str], list[Hook]] = {}
        self.parameters: dict[str, list[Callable[[], None]]] = {}
        self.globals: dict[str, list[Callable[[], None]]] = {}
        self.born: dict[str, list[Touch]] = {}
        self.retired: dict[str, list[Touch]] = {}

    def hooks_of(self, population: str, name: str) -> list[Hook]:
        """The list of hooks of an attribute, made if there is none yet."""
        return self.attributes.setdefault((population, name), [])

    def depend(self, expr: Expr, who: str | None, touch: Touch, runtime: Runtime) -> bool:
        """Call ``touch`` for every agent of ``who`` for whom a change may change the value of ``expr``.

        Returns:
            True if there is anything the value depends on that may change.
        """
        found = sorted(reads(expr), key=repr)
        for read in found:
            self._depend_on(read, who, touch, runtime)
        return any(may_change(read, runtime.facts) for read in found)

    def _depend_on(self, read: Read, who: str | None, touch: Touch, runtime: Runtime) -> None:
        def touch_everyone() -> None:
            for agent in runtime.agents_of(who):
                touch(agent)

        if read.kind == "parameter":
            self.parameters.setdefault(read.name, []).append(touch_everyone)
            return
        if read.kind == "global":
            self.globals.setdefault(read.name, []).append(touch_everyone)
            return
        back = _backwards(read.path, runtime)

        def touch_from(agents: Iterable[AnyAgent]) -> None:
            if back is None:
                touch_everyone()
                return
            for agent in back(agents):
                touch(agent)

        if read.name == MEMBERSHIP:

            def joined_or_left(agent: AnyAgent) -> None:
                touch_from((agent,))

            self.born.setdefault(read.population, []).append(joined_or_left)
            self.retired.setdefault(read.population, []).append(joined_or_left)
            return
        getter = runtime.society.getter(read.population, read.name)
        group = read.kind == "group"

        def written(agent: AnyAgent, former: Any) -> None:
            if group:
                touch_from([end for end in (former, getter(agent)) if end is not None])
            else:
                touch_from((agent,))

        self.hooks_of(read.population, read.name).append(written)


def _backwards(path: Path, runtime: Runtime) -> Callable[[Iterable[AnyAgent]], Iterator[AnyAgent]] | None:
    """From agents read to the acting agents that read them; None where that may be anyone."""
    if path is None:
        return None
    steps: list[Callable[[AnyAgent], Iterable[AnyAgent]]] = []
    for hop in reversed(path):
        match hop:
            case LinkHop():
                steps.append(runtime.group(hop.population, hop.link).of)
            case NetworkHop():
                steps.append(runtime.neighbours(hop.network, backwards=True).of)
            case GroupHop():
                link = runtime.society.getter(hop.population, hop.link)
                steps.append(_along(link))

    def walk(agents: Iterable[AnyAgent]) -> Iterator[AnyAgent]:
        reached = list(agents)
        for step in steps:
            reached = [before for agent in reached for before in step(agent) if before is not None]
        yield from dict.fromkeys(reached)

    return walk


def _along(link: Callable[[AnyAgent], AnyAgent]) -> Callable[[AnyAgent], Iterable[AnyAgent]]:
    return lambda agent: (link(agent),)
