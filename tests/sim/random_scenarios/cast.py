"""What a random scenario declares, as far as its rules need to know it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of the language. ``of`` is the population of an agent or a state; ``levels`` are those of a category."""

    name: str
    of: str = ""
    levels: tuple[str, ...] = ()

    def written(self) -> str:
        """As an event's field or an argument names it."""
        if self.name == "category":
            return f"category({', '.join(self.levels)})"
        return {"agent": self.of, "state": f"state of {self.of}"}.get(self.name, self.name)


NUMBER, WHOLE, BOOL, MONEY = Kind("number"), Kind("whole"), Kind("bool"), Kind("money")
DURATION, RATE, INSTANT = Kind("duration"), Kind("rate"), Kind("instant")
EPISODE, TEXT = Kind("episode"), Kind("text")
ORDERED = (NUMBER, WHOLE, MONEY, DURATION, RATE, INSTANT)
"""Kinds whose values have an order."""
PLAIN = (*ORDERED, BOOL, EPISODE, TEXT)
"""Kinds that need nothing declared."""


def agent_of(population: str) -> Kind:
    """An agent of a population."""
    return Kind("agent", population)


@dataclass(slots=True)
class Attribute:
    """An attribute; rules may write it if it is ``mutable``."""

    name: str
    kind: Kind
    value: str
    mutable: bool


@dataclass(slots=True)
class People:
    """A population.

    Attributes:
        links: the populations that links lead to, by the link's name.
        one_per: the link that pairs it with another population.
        moves: the states that may follow each state; all others if it is empty.
        entered: the states that set something off.
        is_stable: nobody joins it or leaves.
        is_placed: it has constant attributes ``x`` and ``y``.
        becoming: how often its agents change state in a run, roughly.
        keeps_to_itself: its rules write their own agent alone, and read of others what such rules do not write.
    """

    name: str
    size: int
    attributes: dict[str, Attribute] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    one_per: str = ""
    states: tuple[str, ...] = ()
    moves: dict[str, list[str]] = field(default_factory=dict)
    entered: tuple[str, ...] = ()
    is_stable: bool = True
    is_placed: bool = False
    becoming: float = 0.0
    keeps_to_itself: bool = False

    def after(self, state: str) -> list[str]:
        """The states that may follow ``state``."""
        return self.moves[state] if self.moves else [other for other in self.states if other != state]


@dataclass(slots=True)
class Happening:
    """An event.

    Attributes:
        sure: fields whose agent is never none.
        load: how often it is emitted, roughly.
        first_listener: the order of the first behavior that it sets off.
        fanout: how many firings one emission sets off.
        listeners: who it sets off, and the fields that name them.
    """

    name: str
    fields: dict[str, Kind]
    labels: frozenset[str]
    sure: frozenset[str]
    load: float = 0.0
    first_listener: int = 10_000
    fanout: float = 0.0
    listeners: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Part:
    """A behavior before its rule is written.

    Attributes:
        order: behaviors that are only set off by others come after them.
        load: how often it fires in a run, roughly.
        clock_load: how often it fires because of its own clock.
        passes: the share of its firings that a guard in its condition lets through.
        watches: what its ``when`` reads.
        written: its entries but for ``do``.
        is_reactive: something that a rule did sets it off.
        must_emit: events that its rule has to emit.
        must_call: behaviors that its rule has to call.
        must_write: attributes and globals that its rule has to write; a ``state`` among them has to change.
    """

    name: str
    who: str
    order: int
    trigger: str
    load: float = 0.0
    clock_load: float = 0.0
    passes: float = 1.0
    watches: set[tuple[str, str]] = field(default_factory=set)
    event: str = ""
    role: str = ""
    arguments: dict[str, Kind] = field(default_factory=dict)
    written: dict[str, object] = field(default_factory=dict)
    is_reactive: bool = False
    must_emit: list[str] = field(default_factory=list)
    must_call: list[str] = field(default_factory=list)
    must_write: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Network:
    """A network and how many neighbours an agent has, roughly."""

    name: str
    source: str
    target: str
    degree: float


@dataclass(slots=True)
class Cast:
    """Everything declared.

    Attributes:
        watched: what ``when`` conditions read: rules that react may hardly write it.
        dates: some dates in the run and around it.
        is_punctual: most things happen on the hour, so that many instants tie.
        flows: what firings cause: a behavior, what it sets off, and how often in one firing (see `flows`).
        is_closed: agents that keep to themselves read nothing that changes, even of those who do not.
    """

    hours: float
    start: str
    parameters: dict[str, Kind] = field(default_factory=dict)
    reset: set[str] = field(default_factory=set)
    globals: dict[str, Kind] = field(default_factory=dict)
    fixed_globals: set[str] = field(default_factory=set)
    populations: dict[str, People] = field(default_factory=dict)
    networks: dict[str, Network] = field(default_factory=dict)
    events: dict[str, Happening] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    watched: set[tuple[str, str]] = field(default_factory=set)
    dates: tuple[str, ...] = ()
    is_closed: bool = True
    is_punctual: bool = False
    flows: list[tuple[str, str, float]] = field(default_factory=list)

    def links_to(self, population: str) -> list[tuple[str, str]]:
        """Populations and their links that lead to ``population``."""
        return [(p.name, link) for p in self.populations.values() for link, to in p.links.items() if to == population]

    def changes(self, source: tuple[str, str]) -> bool:
        """Whether rules may write an attribute, a state or a global."""
        if source[0] == "world":
            return source[1] not in self.fixed_globals
        return source[1] == "state" or (bool(source[0]) and self.populations[source[0]].attributes[source[1]].mutable)

    def closed_to(self, who: str) -> frozenset[str]:
        """Of whom the rules of ``who`` may read only what never changes (see `Place.closed`)."""
        people = self.populations.get(who)
        if people is None or not people.keeps_to_itself:
            return frozenset()
        closed = {p.name for p in self.populations.values() if p.keeps_to_itself}
        return frozenset({*self.populations, "world"} if self.is_closed else closed)

    def may_emit(self, who: str, event: Happening) -> bool:
        """Whether rules of ``who`` may emit an event: of agents that keep to themselves, one that only they hear."""
        people = self.populations.get(who)
        if people is None or not people.keeps_to_itself:
            return True
        return all(listener == who and role for listener, role in event.listeners)
