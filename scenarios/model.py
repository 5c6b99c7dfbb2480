"""The checked scenario: what every later stage works from.

`Model` is plain immutable data. Names are resolved, every expression has a type,
every draw has its purpose, and nothing here knows how anything is run. The
checker builds it; populations, engines and recorders read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bustle.scenarios.diagnostics import Span
from bustle.scenarios.types import Quantity, Type

# --- expressions ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What every expression has: its type and its place in the file."""

    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Const(Typed):
    """A constant in its run-time form (see `bustle.scenarios.types`); None is ``none``."""

    value: float | int | bool | str | None


@dataclass(frozen=True, slots=True)
class Local(Typed):
    """A local name of a rule, or an argument of a behavior; ``slot`` is its place in the frame."""

    name: str
    slot: int


@dataclass(frozen=True, slots=True)
class Param(Typed):
    """A parameter; its value may change by intervention."""

    name: str


@dataclass(frozen=True, slots=True)
class Global(Typed):
    """A global of the ``world`` section."""

    name: str


@dataclass(frozen=True, slots=True)
class Self(Typed):
    """The acting agent; in an attribute's expression, the agent being made."""

    population: str


@dataclass(frozen=True, slots=True)
class Candidate(Typed):
    """The agent looked at by ``where=``, ``by=`` or an aggregate."""

    population: str


@dataclass(frozen=True, slots=True)
class Attr(Typed):
    """An attribute of an agent. ``name`` may be a link, ``id``, or ``state``.

    Reading an attribute of ``none`` ends the run with a message at ``span``.
    """

    target: Expr
    population: str
    name: str


@dataclass(frozen=True, slots=True)
class Field(Typed):
    """A field of an event: of the event that triggered an ``on`` behavior, or of a recorder's row.

    ``name`` may be ``time`` (instant) or ``behavior`` (text) besides the declared fields, and in a table
    with a row for each event ``row``, the number of the row from 0.
    """

    event: str
    name: str


@dataclass(frozen=True, slots=True)
class Now(Typed):
    """The current instant."""


@dataclass(frozen=True, slots=True)
class Unary(Typed):
    """``-x`` or ``not x``."""

    op: Literal["-", "not"]
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Typed):
    """Arithmetic. Operands are already brought to a common type.

    Result by ``type``: money from money and number is rounded half to even to
    whole cents at once; instant plus duration is rounded half to even to microseconds;
    ``/`` and ``**`` give float64; ``//`` and ``%`` floor as Python does.
    """

    op: Literal["+", "-", "*", "/", "//", "%", "**"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Compare(Typed):
    """A comparison; ``==`` and ``!=`` also take agents, episodes, categories and ``none``."""

    op: Literal["==", "!=", "<", "<=", ">", ">="]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Logic(Typed):
    """``and`` or ``or``, evaluated left to right only as far as needed."""

    op: Literal["and", "or"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Choose(Typed):
    """``yes if condition else no``."""

    condition: Expr
    yes: Expr
    no: Expr


@dataclass(frozen=True, slots=True)
class Call(Typed):
    """A pure function of `bustle.scenarios.functions.FUNCTIONS`, such as ``exp`` or ``hour``."""

    function: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Convert(Typed):
    """A change of held form.

    ``to_money`` makes cents of a number (half to even), ``to_number`` a number of cents,
    ``to_float`` a float64 of a whole number, and ``to_whole`` 0 or 1 of a bool.
    """

    how: Literal["to_money", "to_number", "to_float", "to_whole"]
    operand: Expr


@dataclass(frozen=True, slots=True)
class Draw(Typed):
    """A draw: ``form`` names an entry of `bustle.scenarios.distributions.FORMS`.

    ``arguments`` stand in the form's order, each a float64 expression in the held form of its
    dimension (money is not drawn directly: a draw is a number, converted where it is stored).
    ``weights`` and ``file`` serve ``categorical`` and ``empirical``.
    """

    form: str
    arguments: tuple[Expr, ...]
    purpose: str


@dataclass(frozen=True, slots=True)
class Categorical(Typed):
    """A draw of a category; ``weights`` (one an entry of the type's levels) need not sum to one."""

    weights: tuple[Expr, ...]
    purpose: str


@dataclass(frozen=True, slots=True)
class Empirical(Typed):
    """A uniform draw from a column of a file; values come from ``Model.columns[(path, column)]``."""

    path: str
    column: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Mixture(Typed):
    """One of ``components``, chosen with ``weights``; only the chosen one is evaluated."""

    weights: tuple[Expr, ...]
    components: tuple[Expr, ...]
    purpose: str


@dataclass(frozen=True, slots=True)
class NewEpisode(Typed):
    """``episode()``: a fresh 63-bit identifier, itself a keyed draw."""

    purpose: str


@dataclass(frozen=True, slots=True)
class Members(Typed):
    """A whole population, or its members in ``state`` (a code)."""

    population: str
    state: int | None = None


@dataclass(frozen=True, slots=True)
class Neighbours(Typed):
    """The neighbours of ``agent`` in ``network``, in the order of the network's CSR arrays."""

    agent: Expr
    network: str
    population: str


@dataclass(frozen=True, slots=True)
class Linked(Typed):
    """The agents of ``population`` whose link ``link`` is ``agent``, in order of id."""

    agent: Expr
    population: str
    link: str


@dataclass(frozen=True, slots=True)
class Pick(Typed):
    """Agents drawn from ``pool``; of type agent (or none) without ``count``, else a set.

    ``where`` and ``weight`` see the candidate as `Candidate`.
    """

    pool: Members | Neighbours | Linked
    where: Expr | None
    weight: Expr | None
    count: Expr | None
    replacement: bool
    purpose: str


@dataclass(frozen=True, slots=True)
class Aggregate(Typed):
    """``count/sum/mean/min/max`` over ``pool`` where ``where``; ``value`` is None for ``count``.

    Over no agents: count and sum are 0, mean, min and max are NaN.
    In a windowed recorder ``pool`` is None and rows of the event take the agents' place.
    """

    function: Literal["count", "sum", "mean", "min", "max"]
    value: Expr | None
    pool: Members | Neighbours | Linked | None
    where: Expr | None


Expr = (
    Const
    | Local
    | Param
    | Global
    | Self
    | Candidate
    | Attr
    | Field
    | Now
    | Unary
    | Binary
    | Compare
    | Logic
    | Choose
    | Call
    | Convert
    | Draw
    | Categorical
    | Empirical
    | Mixture
    | NewEpisode
    | Members
    | Neighbours
    | Linked
    | Pick
    | Aggregate
)

# --- statements ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AssignLocal:
    """``name = value``."""

    slot: int
    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class AssignAttr:
    """``target.name = value``; ``value`` is already in the attribute's held form."""

    target: Expr
    population: str
    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class AssignGlobal:
    """``name = value`` for a global."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class If:
    """``if``/``elif``/``else``, the later branches nested in ``no``."""

    condition: Expr
    yes: tuple[Statement, ...]
    no: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class For:
    """``for name in set:``. The set is made once, before the first round."""

    slot: int
    name: str
    pool: Expr
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Emit:
    """``emit event(field=value, ...)``; ``values`` in the order of the event's declared fields.

    Captured fields (`EventField.captured`) are evaluated right after, with `Field` reading the new
    row; they are none where an agent on the way is none.
    """

    event: str
    values: tuple[Expr, ...]
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Become:
    """``become(state)`` of self or of a picked agent.

    Becoming what one already is does nothing; a move that is not allowed ends the run with a message.
    """

    target: Expr
    population: str
    state: int
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class After:
    """``after delay: target.behavior(arguments)``; at least one microsecond later."""

    delay: Expr
    target: Expr
    behavior: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Cancel:
    """``cancel(behavior)``: pending ``after`` calls of ``target`` to ``behavior`` are dropped."""

    target: Expr
    behavior: str


@dataclass(frozen=True, slots=True)
class Spawn:
    """``spawn(population, attribute=value, ...)``; the rest is sampled. ``slot`` receives it if named."""

    population: str
    values: tuple[tuple[str, Expr], ...]
    slot: int | None
    purpose: str


@dataclass(frozen=True, slots=True)
class Retire:
    """``retire()``: the agent's clocks stop and no pick finds it again."""

    target: Expr


@dataclass(frozen=True, slots=True)
class Stop:
    """``stop``: ends this firing of the rule."""


Statement = AssignLocal | AssignAttr | AssignGlobal | If | For | Emit | Become | After | Cancel | Spawn | Retire | Stop

# --- triggers ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RateTrigger:
    """A Poisson process of intensity ``rate`` times the rhythms (their product)."""

    rate: Expr
    rhythms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EveryTrigger:
    """A renewal process; gaps pass in rhythm time when rhythms are given."""

    gap: Expr
    rhythms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CalendarMoment:
    """A recurring local time of day (microseconds after midnight) on the days that match.

    Empty tuples match every day; weekdays count from Monday = 0; month days from 1, or
    from -1 for the last.
    """

    time_of_day: int
    weekdays: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AtTrigger:
    """At given instants: expressions (instant) evaluated once per agent, and calendar moments."""

    instants: tuple[Expr, ...]
    moments: tuple[CalendarMoment, ...]


@dataclass(frozen=True, slots=True)
class OnTrigger:
    """When ``event`` is emitted, for the agent in its field ``role``.

    Without a role it is for every agent of the population, or once for the world.
    """

    event: str
    role: str | None


@dataclass(frozen=True, slots=True)
class WhenTrigger:
    """When ``condition`` turns from false to true for the agent."""

    condition: Expr


@dataclass(frozen=True, slots=True)
class EntersTrigger:
    """When the agent enters one of ``states`` (codes)."""

    states: tuple[int, ...]


Trigger = RateTrigger | EveryTrigger | AtTrigger | OnTrigger | WhenTrigger | EntersTrigger

# --- sections ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named knob. ``minimum`` and ``maximum`` are in the held form of ``type``."""

    name: str
    type: Type
    default: float | int | bool | str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    about: str = ""
    because: str = ""
    written: str = ""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute: sampled from ``value`` when the agent is made. ``mutable`` if a rule assigns it."""

    name: str
    type: Type
    value: Expr
    mutable: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class FileColumn:
    """An attribute taken from a column of the population's file."""

    attribute: str
    column: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link to one agent of ``population``.

    ``one_per`` links are one to one, in order; others are sampled by ``value``.
    """

    name: str
    population: str
    one_per: bool
    value: Expr | None = None


@dataclass(frozen=True, slots=True)
class Population:
    """A population. ``attributes`` stand in an order in which each needs only earlier ones."""

    name: str
    size: Expr | None
    attributes: tuple[Attribute, ...] = ()
    links: tuple[Link, ...] = ()
    states: tuple[str, ...] = ()
    moves: frozenset[tuple[int, int]] = frozenset()
    initial_state: Expr | None = None
    correlations: tuple[tuple[str, str, Expr], ...] = ()
    file: str | None = None
    file_columns: tuple[FileColumn, ...] = ()
    python_class: str | None = None
    about: str = ""

    def attribute(self, name: str) -> Attribute:
        """The attribute called ``name``; KeyError if there is none."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Network:
    """A network from one population to another (or the same).

    ``kind`` is one of ``random``, ``preferential_attachment``, ``small_world``, ``nearest``,
    ``blocks``, ``file``, ``complete``; ``options`` holds the kind's own settings, as expressions
    (``degree``, ``weight``, ``links``, ``neighbours``, ``rewire``, ``radius``, ``within``, ``between``),
    names (``position``: attribute names, ``by``: an attribute name) or text (``file``, ``from_column``, ``to_column``).
    """

    name: str
    source: str
    target: str
    kind: str
    options: dict[str, Expr | tuple[str, ...] | str]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Relative intensity over local time: the product of the parts that are given.

    ``hours`` has 24 weights, ``weekdays`` 7 from Monday, ``months`` 12; together hours and
    weekdays are scaled to a mean of 1 over a week and months to a mean of 1. ``time_of_day``
    is a `Draw` with constant arguments whose density, times 24 hours, is the intensity.
    ``holidays`` are local dates as days since 1970-01-01, with ``holiday_weight``.
    """

    name: str
    hours: tuple[float, ...] | None = None
    weekdays: tuple[float, ...] | None = None
    months: tuple[float, ...] | None = None
    time_of_day: Draw | None = None
    holidays: tuple[int, ...] = ()
    holiday_weight: float = 1.0
    about: str = ""


@dataclass(frozen=True, slots=True)
class EventField:
    """A column of an event.

    ``captured`` fields are added by the checker for recorders that look up an attribute which changes.
    """

    name: str
    type: Type
    label: bool = False
    about: str = ""
    captured: Expr | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of event: what one line of its log holds."""

    name: str
    fields: tuple[EventField, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Behavior:
    """A rule: who, when, under which conditions, and what happens. ``who`` None is the world."""

    name: str
    order: int
    who: str | None
    trigger: Trigger | None
    while_states: tuple[int, ...]
    unless_states: tuple[int, ...]
    condition: Expr | None
    arguments: tuple[tuple[str, Type], ...]
    body: tuple[Statement, ...]
    slots: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class Intervention:
    """At ``at`` parameters take new values; at ``until``, if given, their former ones."""

    name: str
    at: Expr
    until: Expr | None
    values: tuple[tuple[str, Expr], ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    ``role`` is ``input``, ``label`` or ``known``: the instant at which the table's labels become known.
    """

    name: str
    value: Expr
    role: Literal["input", "label", "known"] = "input"
    about: str = ""


@dataclass(frozen=True, slots=True)
class EachTable:
    """One row per event; with ``window`` (microseconds) and ``by`` (fields), aggregates per window and group."""

    name: str
    event: str
    columns: tuple[Column, ...]
    where: Expr | None = None
    window: int | None = None
    by: tuple[Column, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class AgentTable:
    """One row per agent of ``population``, at the end or at each of ``at`` (instants, with a column ``time``)."""

    name: str
    population: str
    columns: tuple[Column, ...]
    where: Expr | None = None
    at: tuple[Expr, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class SampleTable:
    """One row every ``every`` microseconds (with a column ``time``), of aggregates over the populations."""

    name: str
    every: int
    columns: tuple[Column, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class EdgeTable:
    """One row per pair of agents.

    The pairs are the edges of ``network``, or the agents ``source`` and ``target`` of ``event``,
    then with aggregate columns.
    """

    name: str
    network: str | None
    event: str | None
    source: Expr | None
    target: Expr | None
    columns: tuple[Column, ...]
    where: Expr | None = None
    about: str = ""


Table = EachTable | AgentTable | SampleTable | EdgeTable


@dataclass(frozen=True, slots=True)
class Experiment:
    """Parameters to vary, replications and measures; run by a later stage."""

    vary: tuple[tuple[str, tuple[Expr, ...]], ...]
    replications: int
    measures: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True, slots=True)
class Clock:
    """Start (naive local time as microseconds since 1970-01-01), length in microseconds, and IANA zone."""

    start_local: int
    length: int
    timezone: str | None


@dataclass(frozen=True, slots=True)
class Model:
    """A whole checked scenario. Dictionaries keep the file's order."""

    name: str
    title: str
    about: str
    seed: int
    clock: Clock
    parameters: dict[str, Parameter]
    world: dict[str, Attribute]
    populations: dict[str, Population]
    networks: dict[str, Network]
    rhythms: dict[str, Rhythm]
    events: dict[str, Event]
    behaviors: dict[str, Behavior]
    interventions: dict[str, Intervention]
    tables: dict[str, Table]
    experiment: Experiment | None
    values: dict[str, float | int | bool | str]
    scale: float
    folder: str
    uses: tuple[str, ...] = ()


def is_plain_quantity(type_: Type) -> bool:
    """True for a number without unit."""
    return isinstance(type_, Quantity) and type_.is_plain
