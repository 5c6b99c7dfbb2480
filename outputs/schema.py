"""The columns of every file of a log, and their Arrow types.

In the log, values stand in their held forms, made readable where that costs nothing:

========== ========================== =========================================================
type       Arrow type                 unit
========== ========================== =========================================================
number     float64
whole      int64
duration   float64                    microseconds
rate       float64                    per microsecond
money      int64                      cents
instant    timestamp[us], with zone   UTC, shown in the clock's zone; local time without a zone
bool       bool
category   dictionary<int32, string>
state      dictionary<int32, string>
agent      int64                      id (index in its population); null is ``none``
episode    int64                      null is ``none``
text       string
========== ========================== =========================================================

Each Arrow field carries ``role`` (``key``, ``input`` or ``label``), ``unit``, ``type`` and ``about`` as metadata.
Fields of which no value can be missing are not nullable.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from bustle.outputs.epoch import Epoch, epoch_of
from bustle.outputs.missing import NO_VALUE, is_whole
from bustle.scenarios.model import AgentTable, Attr, EventField, Expr, Model, Population, SampleTable
from bustle.scenarios.types import (
    INSTANT,
    WHOLE,
    Agent,
    Bool,
    Category,
    Episode,
    Instant,
    Nothing,
    Quantity,
    State,
    Text,
    Type,
)
from bustle.scenarios.walk import expressions

Role = Literal["key", "input", "label", "known", "feature"]

LOG_FORMAT = "1"
"""Version of the log's layout, kept in every file's metadata."""

NONE = -1
"""What is held for no agent, no episode, no state, and for the time of retiring of those still there."""

EVENT_KEYS = ("time", "behavior", "agent", "occurrence", "index")
"""The columns that every event's log begins with."""


@dataclass(frozen=True, slots=True)
class LogColumn:
    """A column of a log file. ``missing`` is the held value that stands for a missing one; None where none can be."""

    name: str
    type: Type
    role: Role
    about: str = ""
    missing: int | None = None

    def arrow(self, epoch: Epoch) -> pa.Field:
        """The Arrow field, with its metadata. Where nothing can be missing, it is not nullable."""
        metadata = {"role": self.role, "unit": log_unit(self.type, epoch), "type": str(self.type), "about": self.about}
        return pa.field(
            self.name,
            log_type(self.type, epoch),
            nullable=self.missing is not None or isinstance(self.type, Text),
            metadata={key: text for key, text in metadata.items() if text},
        )


def log_type(type_: Type, epoch: Epoch) -> pa.DataType:
    """The Arrow type in which the log holds values of ``type_``."""
    match type_:
        case Quantity():
            return pa.int64() if type_.held_whole else pa.float64()
        case Bool():
            return pa.bool_()
        case Instant():
            return epoch.arrow_type
        case Category() | State():
            return pa.dictionary(pa.int32(), pa.string())
        case Agent() | Episode():
            return pa.int64()
        case Text():
            return pa.string()
        case _:
            raise TypeError(f"no column can hold values of type {type_}")


def log_unit(type_: Type, epoch: Epoch) -> str:
    """The unit of ``type_`` in the log, in words; empty where there is none."""
    match type_:
        case Instant():
            return epoch.zone or "local time"
        case Agent():
            return f"id of a {type_.population}" if type_.population else "id"
        case Quantity() if not type_.is_plain:
            parts = ["cents" if type_.money == 1 else f"cents^{type_.money}"] if type_.money else []
            if type_.time > 0:
                parts.append("microseconds" if type_.time == 1 else f"microseconds^{type_.time}")
            elif type_.time < 0:
                parts.append("per microsecond" if type_.time == -1 else f"per microsecond^{-type_.time}")
            return " ".join(parts)
        case _:
            return ""


def behavior_names(model: Model) -> tuple[str, ...]:
    """What can cause an event: the behaviors, then the populations whose agents are written in Python."""
    return (*model.behaviors, *(p.name for p in model.populations.values() if p.python_class is not None))


def has_rules(model: Model) -> bool:
    """True if the model itself says how its agents behave; a log of a model outside of bustle has no rules."""
    return bool(behavior_names(model))


def event_columns(model: Model, event: str) -> tuple[LogColumn, ...]:
    """The columns of the log of ``event``: the keys of a row, then its fields."""
    behaviors = Category(behavior_names(model))
    keys = (
        LogColumn("time", INSTANT, "key", "when it happened"),
        LogColumn("behavior", behaviors, "key", "the behavior that caused it", missing=NONE),
        LogColumn("agent", Agent(""), "key", "the agent that acted; missing for the world", missing=NONE),
        LogColumn("occurrence", WHOLE, "key", "which firing of that behavior by that agent"),
        LogColumn("index", WHOLE, "key", "which emission of that firing"),
    )
    declared = tuple(
        LogColumn(f.name, f.type, "label" if f.label else "input", f.about, missing=_missing_field(f))
        for f in model.events[event].fields
    )
    return keys + declared


def agent_columns(population: Population) -> tuple[LogColumn, ...]:
    """The columns of the agents' file of ``population``."""
    columns = [LogColumn("id", Agent(population.name), "key", "the agent's id")]
    columns += [LogColumn(a.name, a.type, "input", a.about, missing_value(a.type)) for a in population.attributes]
    columns += [
        LogColumn(link.name, Agent(link.population), "input", f"the {link.population} it is linked to", missing=NONE)
        for link in population.links
    ]
    if population.states:
        columns.append(LogColumn("state", State(population.name, population.states), "input", "its state", NONE))
    columns += [
        LogColumn("born", INSTANT, "key", "when it was made"),
        LogColumn("retired", INSTANT, "key", "when it retired; missing for those still there", missing=NONE),
        LogColumn("identity", WHOLE, "key", "what keys its draws"),
    ]
    return tuple(columns)


def network_columns(model: Model, network: str) -> tuple[LogColumn, ...]:
    """The columns of a network's file: one row an edge, sorted by source."""
    edge = model.networks[network]
    return (
        LogColumn("source", Agent(edge.source), "key", f"id of a {edge.source}"),
        LogColumn("target", Agent(edge.target), "key", f"id of a {edge.target}"),
    )


def sample_columns(table: SampleTable) -> tuple[LogColumn, ...]:
    """The columns of a sample table's file: the time and the table's columns in held form."""
    time = LogColumn("time", INSTANT, "key", "when the sample was taken")
    declared = [LogColumn(c.name, c.value.type, "input", c.about, _missing_sample(c.value)) for c in table.columns]
    return (time, *(column for column in declared if column.name != "time"))


def snapshot_columns(model: Model, table: str) -> dict[str, tuple[LogColumn, ...]]:
    """Which columns of which populations a snapshot of agent table ``table`` holds, its own population first.

    Linked populations appear only where the table reads an attribute of theirs that changes during a run.
    """
    target = model.tables[table]
    if not isinstance(target, AgentTable):
        raise KeyError(table)
    wanted: dict[str, set[str]] = {target.population: {"id", "retired", "identity"}}
    for read in expressions(target):
        if not isinstance(read, Attr):
            continue
        if read.population == target.population or changes(model.populations[read.population], read.name):
            wanted.setdefault(read.population, {"id"}).add(read.name)
    time = LogColumn("time", INSTANT, "key", "when the snapshot was taken")
    return {
        name: (time, *(c for c in agent_columns(model.populations[name]) if c.name in names))
        for name, names in wanted.items()
    }


def arrow_schema(model: Model, columns: Iterable[LogColumn], kind: str, name: str) -> pa.Schema:
    """The Arrow schema of a log file of ``kind`` (``event``, ``agents``, ...) called ``name``."""
    epoch = epoch_of(model.clock)
    metadata = {"bustle.log": LOG_FORMAT, "bustle.scenario": model.name, f"bustle.{kind}": name}
    return pa.schema([column.arrow(epoch) for column in columns], metadata=metadata)


def missing_value(type_: Type) -> int | None:
    """What stands for a missing value of ``type_``; None where there is none."""
    return NONE if isinstance(type_, Agent | Episode | Category | State | Nothing) else None


def _missing_field(field: EventField) -> int | None:
    """What stands for a missing value of a field: one that is captured is missing where it is read of nobody."""
    if field.captured is not None and is_whole(field.type):
        return NO_VALUE
    return missing_value(field.type)


def _missing_sample(value: Expr) -> int | None:
    """What stands for a missing value of a sample: the first or last instant of nobody is missing, too."""
    return NO_VALUE if isinstance(value.type, Instant) else missing_value(value.type)


def changes(population: Population, name: str) -> bool:
    """True for an attribute that rules assign, and for the state."""
    if name == "state":
        return True
    return any(a.name == name and a.mutable for a in population.attributes)
