"""What every recorder works with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bustle.outputs.agent_lookup import AgentLookup
from bustle.outputs.background import ahead
from bustle.outputs.cells import Rows
from bustle.outputs.columns import Columns, computed
from bustle.outputs.epoch import epoch_of
from bustle.outputs.errors import OutputError
from bustle.outputs.frames import held_rows
from bustle.outputs.log import LogReader
from bustle.outputs.row_draws import DrawFunction
from bustle.outputs.schema import EVENT_KEYS, LogColumn, changes, event_columns
from bustle.scenarios.model import Attr, Categorical, Draw, Empirical, Expr, Field, Mixture, Model, Table
from bustle.scenarios.walk import expressions


@dataclass(frozen=True, slots=True)
class Recording:
    """A log, its scenario, the agents at the end, and how draws are made."""

    reader: LogReader
    model: Model
    agents: AgentLookup
    draw: DrawFunction

    def event_rows(self, event: str, table: Table) -> Iterator[Rows]:
        """The rows of ``event`` in batches of held values, with the columns that ``table`` reads; none is empty."""
        columns = columns_read(event, table, self.model)
        epoch = epoch_of(self.model.clock)
        for batch in ahead(self.reader.batches(event, [c.name for c in columns])):
            if batch.num_rows:
                yield held_rows(batch, columns, epoch)


def columns_read(event: str, table: Table, model: Model) -> tuple[LogColumn, ...]:
    """The columns of the log of ``event`` that ``table`` reads, ``time`` among them."""
    needed = {"time"}
    for expr in expressions(table):
        if isinstance(expr, Field):
            needed.add(expr.name)
        elif isinstance(expr, Draw | Categorical | Mixture | Empirical):
            needed.update(EVENT_KEYS)
    return tuple(c for c in event_columns(model, event) if c.name in needed)


def refuse_changing(table: Table, model: Model) -> None:
    """Refuse a table over events that would look up an attribute that changes.

    The agents' file holds what an attribute was at the end. What it was at the event must be a captured field.

    Raises:
        OutputError: names the attribute.
    """
    for expr in expressions(table):
        if isinstance(expr, Attr) and changes(model.populations[expr.population], expr.name):
            place = f"{expr.span}: " if expr.span is not None else ""
            raise OutputError(f"{place}`{expr.name}` changes during the run and was not captured at the event")


def kept(rows: Rows, where: Expr | None, compiler: Columns) -> Rows:
    """Those of ``rows`` for which ``where`` holds; a condition without a value does not hold."""
    if where is None:
        return rows
    (holds,) = computed([compiler.compile(where)], rows)
    return rows.kept(holds.values if holds.missing is None else holds.values & ~holds.missing)
