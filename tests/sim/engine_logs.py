"""Everything that a run makes, as a value that can be compared with what another engine makes of the same scenario."""

from __future__ import annotations

import struct
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from bustle.agents.build import World, build_world
from bustle.outputs.event_sink import EventSink
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Model
from bustle.sim.events import RunCounts

EVENT_KEYS = ("time", "behavior", "agent", "occurrence", "index")
"""Columns that say which row of an event it is."""


class Engine(Protocol):
    """What every engine can do."""

    def run(self, sink: EventSink) -> RunCounts:
        """Run to the end, handing everything to ``sink``."""
        ...


EngineFactory = Callable[[Model, World, int], Engine]
"""Makes an engine of a model, a world of its own, and a seed."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it would reach a file: its dtype, and raw bytes or, of texts and samples, the values one by one."""

    dtype: str
    values: bytes | tuple[object, ...]

    @classmethod
    def of(cls, array: Any) -> Column:
        """What a sink was given."""
        held = np.asarray(array)
        if held.dtype == object:
            return cls("object", tuple(map(_plain, held.tolist())))
        return cls(held.dtype.str, held.tobytes())

    def listed(self) -> list[Any]:
        """The values, one by one and to the last bit (so that two kinds of not-a-number differ)."""
        if isinstance(self.values, tuple):
            return list(self.values)
        array = np.frombuffer(self.values, np.dtype(self.dtype))
        return [_plain(value) for value in array.tolist()]


Table = dict[str, Column]
"""Columns by name."""


@dataclass(frozen=True, slots=True)
class Log:
    """What one run gave.

    Attributes:
        tables: columns by what they are: ``event sale``, ``sample course``, ``snapshot cards of card at 0``,
            ``agents card``, ``network friends``.
        counts: the run's counts; None if it ended with an error.
        error: text and place of the error of the scenario that ended the run; what was written until then is left out.
        crash: the traceback of any other error, which is always a bug.
    """

    tables: dict[str, Table] = field(default_factory=dict)
    counts: RunCounts | None = None
    error: str = ""
    crash: str = ""

    def row_count(self) -> int:
        """Rows of all events together."""
        return 0 if self.counts is None else self.counts.rows


class Recording:
    """A sink that keeps a copy of everything, in the order in which it came."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Table]] = {}
        self._samples: dict[str, list[tuple[object, ...]]] = {}

    def write(self, event: str, columns: Mapping[str, Any]) -> None:
        """Take a batch of rows."""
        self._take(f"event {event}", columns)

    def write_sample(self, table: str, time: int, values: tuple[Any, ...]) -> None:
        """Take a row of a table with ``every:``."""
        self._samples.setdefault(f"sample {table}", []).append((_plain(time), *map(_plain, values)))

    def write_snapshot(self, table: str, time: int, population: str, columns: Mapping[str, Any]) -> None:
        """Take the agents of a population at an instant."""
        self._take(f"snapshot {table} of {population} at {_plain(time)}", columns)

    def write_agents(self, population: str, columns: Mapping[str, Any]) -> None:
        """Take the agents of a population at the end."""
        self._take(f"agents {population}", columns)

    def write_network(self, name: str, offsets: Any, targets: Any) -> None:
        """Take a network."""
        self._take(f"network {name}", {"offsets": offsets, "targets": targets})

    def tables(self) -> dict[str, Table]:
        """Everything, batches joined."""
        joined = {name: _joined(parts) for name, parts in self._parts.items()}
        for name, rows in self._samples.items():
            columns = zip(*rows, strict=True)
            joined[name] = {
                "time" if n == 0 else f"column {n - 1}": Column("object", tuple(column))
                for n, column in enumerate(columns)
            }
        return dict(sorted(joined.items()))

    def _take(self, name: str, columns: Mapping[str, Any]) -> None:
        self._parts.setdefault(name, []).append({key: Column.of(column) for key, column in columns.items()})


def log_of(engine_factory: EngineFactory, model: Model, seed: int) -> Log:
    """Everything that a run of ``model`` makes; an error of the scenario is part of it."""
    sink = Recording()
    try:
        engine = engine_factory(model, build_world(model, seed), seed)
        counts = engine.run(sink)
    except RunError as error:
        return Log(error=str(error))
    except Exception:
        return Log(crash=traceback.format_exc())
    return Log(sink.tables(), counts)


def first_difference(a: Log, b: Log) -> str:
    """Where two logs differ, in one readable line; empty if they do not.

    A crash is told as a difference even if both have it.
    """
    for side, log in (("first", a), ("second", b)):
        if log.crash:
            return f"the {side} engine crashed: {log.crash.strip().splitlines()[-1]}\n{log.crash}"
    if a.error != b.error:
        return f"errors: {_told(a)} | {_told(b)}"
    # Events first, and those that happened first: whatever differs later follows from them.
    differences = [found for name in _names(a, b) if (found := _difference(name, a, b)) is not None]
    if differences:
        return min(differences)[-1]
    return "" if a.counts == b.counts else f"counts: {a.counts} | {b.counts}"


def _told(log: Log) -> str:
    return log.error or f"a run to its end with {log.row_count()} events"


def _names(a: Log, b: Log) -> Iterator[str]:
    yield from a.tables
    yield from (name for name in b.tables if name not in a.tables)


def _difference(name: str, a: Log, b: Log) -> tuple[bool, int, str] | None:
    """How one table differs: whether it is none of events, the instant, and the words."""
    is_event = name.startswith("event ")
    one, other = a.tables.get(name), b.tables.get(name)
    if one is None or other is None:
        present = one if one is not None else other
        assert present is not None
        only = "first" if other is None else "second"
        return (not is_event, _time(present, 0), f"{name}: only in the {only} log, with {_rows(present)} rows")
    if list(one) != list(other):
        return (not is_event, 0, f"{name}: columns {list(one)} | {list(other)}")
    for column in one:
        if one[column].dtype != other[column].dtype:
            return (not is_event, 0, f"{name}.{column}: dtype {one[column].dtype} | {other[column].dtype}")
    if one == other:
        return None
    row, place = min((_first_row(one[column], other[column]), place) for place, column in enumerate(one))
    key = list(one)[place]
    words = f"{name}, row {row}, {key}: {_value(one[key], row)} | {_value(other[key], row)}"
    words += f" (rows {_rows(one)} | {_rows(other)}; first {_keys(one, row)}; second {_keys(other, row)})"
    return (not is_event, min(_time(one, row), _time(other, row)), words)


def _first_row(a: Column, b: Column) -> float:
    """The first row in which two columns differ; infinite if they are the same."""
    if a == b:
        return np.inf
    one, other = a.listed(), b.listed()
    for row, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return row
    return min(len(one), len(other))


def _rows(table: Table) -> int:
    return len(next(iter(table.values())).listed()) if table else 0


def _value(column: Column, row: float) -> str:
    values = column.listed()
    return str(values[int(row)]) if row < len(values) else "nothing"


def _time(table: Table, row: float) -> int:
    values = table["time"].listed() if "time" in table else []
    return int(values[int(row)]) if row < len(values) else 2**63


def _keys(table: Table, row: float) -> str:
    """What identifies a row of an event, or all of another row."""
    keys = [key for key in EVENT_KEYS if key in table] or list(table)[:8]
    return " ".join(f"{key}={_value(table[key], row)}" for key in keys)


def _joined(parts: list[Table]) -> Table:
    joined: Table = {}
    for name, first in parts[0].items():
        columns = [part[name] for part in parts]
        dtype = " then ".join(dict.fromkeys(column.dtype for column in columns))
        if isinstance(first.values, bytes):
            joined[name] = Column(dtype, b"".join(c.values for c in columns if isinstance(c.values, bytes)))
        else:
            values = (value for c in columns if isinstance(c.values, tuple) for value in c.values)
            joined[name] = Column(dtype, tuple(values))
    return joined


def _plain(value: object) -> object:
    """A value that is equal to another only if it is of the same type and has the same bits."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return _Bits(struct.pack(">d", value).hex(), value)
    return _Truth(value) if isinstance(value, bool) else value


@dataclass(frozen=True, slots=True)
class _Bits:
    """A float, of which `==` would see neither the sign of zero nor that it is no whole number."""

    bits: str
    value: float = field(compare=False)

    def __str__(self) -> str:
        return f"{self.value} ({self.bits})"


@dataclass(frozen=True, slots=True)
class _Truth:
    """True or false, which `==` would take for 1 and 0."""

    value: bool

    def __str__(self) -> str:
        return str(self.value).lower()
