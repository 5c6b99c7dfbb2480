"""The columns of every recorded table, in the units a reader expects.

Tables differ from the log where that makes them easier to use: money is float64 in its main unit (exact cents divided
by 100), durations are float64 seconds and rates float64 per day. Times are timestamps, categories and states are
names, agents are int64 ids, and what is missing is null.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bustle.outputs.epoch import Epoch, epoch_of
from bustle.outputs.errors import OutputError
from bustle.outputs.features.meaning import feature_meaning
from bustle.outputs.schema import Role, log_type
from bustle.outputs.timestamps import timestamp_text
from bustle.scenarios.model import AgentTable, EachTable, EdgeTable, Model, SampleTable, Table
from bustle.scenarios.types import INSTANT, Agent, Category, Episode, Instant, Quantity, State, Type

SECOND = 1_000_000.0
"""Microseconds in a second."""
DAY = 86_400_000_000.0
"""Microseconds in a day."""
CENTS = 100.0
"""Cents in a main unit of money."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table: its name, its type in the scenario, its role and meaning."""

    name: str
    type: Type
    role: Role
    about: str = ""

    def arrow(self, epoch: Epoch) -> pa.Field:
        """The Arrow field, with ``role``, ``unit`` and ``about`` as metadata."""
        metadata = {"role": self.role, "unit": unit_of(self.type, epoch.zone), "about": self.about}
        return pa.field(
            self.name, table_type(self.type, epoch), metadata={key: text for key, text in metadata.items() if text}
        )


def table_type(type_: Type, epoch: Epoch) -> pa.DataType:
    """The Arrow type of a table's column of ``type_``: that of the log, but money is in its main unit."""
    is_money = isinstance(type_, Quantity) and type_.is_money
    return pa.float64() if is_money else log_type(type_, epoch)


def unit_of(type_: Type, zone: str | None) -> str:
    """The unit of a table's column in words; empty where there is none."""
    match type_:
        case Instant():
            return f"time in {zone}" if zone else "local time"
        case Agent():
            return f"id of {type_.population}" if type_.population else "id"
        case Episode():
            return "id of an episode"
        case Quantity() if not type_.is_plain:
            return " ".join(filter(None, (_money_unit(type_.money), _time_unit(type_.time))))
        case _:
            return ""


def in_table_units(value: Any, type_: Type, epoch: Epoch) -> Any:
    """A single held value as a table shows it; times and names as text.

    >>> in_table_units(14_400_000_000.0, Quantity(time=1), Epoch(0, None))
    14400.0
    """
    match type_:
        case Quantity() if not type_.is_plain:
            return float(value) * table_factor(type_)[0] / table_factor(type_)[1]
        case Category() | State() if isinstance(value, int):
            return type_.levels[value]
        case Instant():
            return timestamp_text(int(value), epoch)
        case _:
            return value


def table_factor(type_: Quantity) -> tuple[float, float]:
    """What a held value is multiplied with and then divided by to be in a table's units.

    Division by 100 or 1,000,000 gives the float nearest to the decimal number; multiplication by 0.01 would not.
    """
    over = CENTS ** max(type_.money, 0) * SECOND ** max(type_.time, 0)
    times = CENTS ** max(-type_.money, 0) * DAY ** max(-type_.time, 0)
    return times, over


def _money_unit(exponent: int) -> str:
    return "" if exponent == 0 else "money" if exponent == 1 else f"money^{exponent}"


def _time_unit(exponent: int) -> str:
    if exponent >= 0:
        return "" if exponent == 0 else "seconds" if exponent == 1 else f"seconds^{exponent}"
    return "per day" if exponent == -1 else f"per day^{-exponent}"


def table_columns(model: Model, table: Table) -> tuple[TableColumn, ...]:
    """The columns of ``table`` in order: those that come with its kind, the declared ones, features.

    Windows, samples and snapshots begin with ``time``, windows go on with their groups, and edges begin with
    ``source`` and ``target``.

    Raises:
        OutputError: a declared column bears the name of one that comes with the table's kind.
    """
    declared = (TableColumn(c.name, c.value.type, c.role, c.about) for c in table.columns)
    columns = (*_own_columns(model, table), *declared, *_feature_columns(table))
    names = [column.name for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise OutputError(f"table {table.name} would have two columns called {name}")
    return columns


def _own_columns(model: Model, table: Table) -> tuple[TableColumn, ...]:
    match table:
        case EachTable():
            if table.window is None:
                return ()
            time = TableColumn("time", INSTANT, "key", "start of the window")
            return (time, *(TableColumn(c.name, c.value.type, "key", c.about) for c in table.by))
        case AgentTable():
            return (TableColumn("time", INSTANT, "key", "when the row was taken"),) if table.at else ()
        case SampleTable():
            return (TableColumn("time", INSTANT, "key", "when the row was taken"),)
        case EdgeTable():
            source, target = edge_types(model, table)
            return (
                TableColumn("source", source, "key", "where the edge begins"),
                TableColumn("target", target, "key", "where the edge ends"),
            )


def _feature_columns(table: Table) -> tuple[TableColumn, ...]:
    features = table.features if isinstance(table, EachTable) else ()
    return tuple(TableColumn(f.name, f.type, "feature", feature_meaning(f)) for f in features)


def edge_types(model: Model, table: EdgeTable) -> tuple[Type, Type]:
    """The types of the two ends of an edge table."""
    if table.network is not None:
        network = model.networks[table.network]
        return Agent(network.source), Agent(network.target)
    assert table.source is not None and table.target is not None
    return table.source.type, table.target.type


def table_schema(model: Model, table: Table) -> pa.Schema:
    """The Arrow schema of ``table``, with its name, scenario and meaning as metadata."""
    epoch = epoch_of(model.clock)
    metadata = {"bustle.table": table.name, "bustle.scenario": model.name, "about": table.about}
    return pa.schema(
        [column.arrow(epoch) for column in table_columns(model, table)],
        metadata={key: text for key, text in metadata.items() if text},
    )
