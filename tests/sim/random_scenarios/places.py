"""What an expression may read where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.sim.random_scenarios.cast import EPISODE, INSTANT, TEXT, WHOLE, Cast, Kind, agent_of

EVERYTHING = frozenset({"draw", "pick", "set", "now", "episode", "global", "parameter"})
"""What an expression may hold besides what its agents have."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands.

    Attributes:
        acting: the population of ``self``.
        candidate: the population that ``where``, ``by`` or an aggregate looks at.
        event: the event of an ``on`` behavior.
        row: the event whose rows a table reads; its labels only if ``labels``.
        locals: names of the rule that have a value; agents among them are never none.
        doubtful: agents among the arguments, which may be none.
        born: at the birth of an agent, the attributes and links that are there.
        allow: which of `EVERYTHING` may stand here.
        closed: populations (and ``world``) of whose other agents only what never changes is read.
    """

    acting: str | None = None
    candidate: str | None = None
    event: str | None = None
    row: str | None = None
    labels: bool = False
    locals: tuple[tuple[str, Kind], ...] = ()
    doubtful: tuple[tuple[str, Kind], ...] = ()
    born: frozenset[str] | None = None
    allow: frozenset[str] = EVERYTHING
    closed: frozenset[str] = frozenset()

    def without(self, *features: str) -> Place:
        """The place with less allowed."""
        return replace(self, allow=self.allow - set(features))

    def looking_at(self, population: str) -> Place:
        """Inside ``where``, ``by`` or an aggregate."""
        return replace(self, candidate=population, allow=self.allow - {"draw", "pick"})

    def knowing(self, name: str, kind: Kind) -> Place:
        """With one more name of the rule."""
        return replace(self, locals=(*self.locals, (name, kind)))


@dataclass(frozen=True, slots=True)
class Readable:
    """Something that can be read: how it is written, what it is, and whose attribute or global it is.

    ``may_be_none`` marks agents and episodes that may be none.
    """

    text: str
    kind: Kind
    source: tuple[str, str] = ("", "")
    may_be_none: bool = False


def readables(cast: Cast, place: Place) -> Iterator[Readable]:
    """Everything that can be read in ``place``."""
    yield from _of_the_rule(cast, place)
    if place.event is not None:
        yield from _of_event(cast, place, place.event, "event.")
    if place.row is not None:
        yield from _of_event(cast, place, place.row, "")
    if place.candidate is not None:
        yield from _of_agent(cast, place, "", place.candidate, 2, is_self=False)
    if place.acting is not None:
        prefix = "" if place.candidate is None else "self."
        if place.born is None:
            yield Readable("self", agent_of(place.acting))
        yield from _of_agent(cast, place, prefix, place.acting, 2, is_self=True)
    if "parameter" in place.allow:
        yield from (Readable(name, kind) for name, kind in cast.parameters.items())
    if "global" in place.allow:
        for name, kind in cast.globals.items():
            if "world" not in place.closed or name in cast.fixed_globals:
                yield Readable(name, kind, ("world", name))


def _of_the_rule(cast: Cast, place: Place) -> Iterator[Readable]:
    yield from (Readable(name, kind, may_be_none=True) for name, kind in place.doubtful)
    for name, kind in place.locals:
        yield Readable(name, kind, may_be_none=kind == EPISODE)
        if kind.name == "agent":
            yield from _of_agent(cast, place, f"{name}.", kind.of, 1, is_self=False)


def _of_event(cast: Cast, place: Place, event: str, prefix: str) -> Iterator[Readable]:
    happening = cast.events[event]
    yield Readable(f"{prefix}time", INSTANT)
    if place.row is None or place.labels:
        yield Readable(f"{prefix}behavior", TEXT)
    for name, kind in happening.fields.items():
        if name in happening.labels and place.row is not None and not place.labels:
            continue
        is_sure = name in happening.sure
        yield Readable(f"{prefix}{name}", kind, may_be_none=not is_sure)
        # What a table looks up of none is missing; a rule would end the run.
        if kind.name == "agent" and (is_sure or place.row is not None):
            yield from _of_agent(cast, place, f"{prefix}{name}.", kind.of, 1, is_self=False)


def _of_agent(cast: Cast, place: Place, prefix: str, population: str, hops: int, is_self: bool) -> Iterator[Readable]:
    people = cast.populations[population]
    newborn = place.born if is_self else None
    yield Readable(f"{prefix}id", WHOLE)
    for attribute in people.attributes.values():
        if newborn is not None and attribute.name not in newborn:
            continue
        if attribute.mutable and population in place.closed and not is_self:
            continue
        nullable = attribute.kind.name in ("agent", "episode")
        yield Readable(f"{prefix}{attribute.name}", attribute.kind, (population, attribute.name), nullable)
    if people.states and newborn is None and (is_self or population not in place.closed):
        yield Readable(f"{prefix}state", Kind("state", population, people.states), (population, "state"))
    for link, to in people.links.items():
        if newborn is not None and link not in newborn:
            continue
        yield Readable(f"{prefix}{link}", agent_of(to))
        if hops > 0 and (place.born is None or to != population):
            yield from _of_agent(cast, place, f"{prefix}{link}.", to, hops - 1, is_self=False)
