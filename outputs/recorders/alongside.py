"""Tables that are made while the log is written, from the very rows that go into it."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from bustle.outputs.agent_lookup import AgentsAtStart, HeldColumns
from bustle.outputs.epoch import epoch_of
from bustle.outputs.frames import held_rows
from bustle.outputs.log import BATCH
from bustle.outputs.recorders.each import EventRows
from bustle.outputs.recorders.open_table import OpenTable
from bustle.outputs.row_draws import DrawFunction
from bustle.outputs.schema import changes
from bustle.scenarios.model import Attr, Categorical, Draw, EachTable, Empirical, Expr, Mixture, Model, Table
from bustle.scenarios.walk import expressions


def is_known_at_once(table: Table, model: Model, agents: Mapping[str, HeldColumns]) -> bool:
    """True if each row of ``table`` follows from one event and what was known when the run began.

    So it is for rows of single events without features, if they look up nothing that is known only at the end: neither
    agents that join during the run nor what changes about agents. Draws are keyed by the identity of whoever acts,
    which agents that join get during the run.

    Args:
        table: the table.
        model: its scenario.
        agents: the populations that nobody joins, by name.
    """

    def known(expr: Expr) -> bool:
        match expr:
            case Attr():
                fixed = not changes(model.populations[expr.population], expr.name)
                return expr.name == "id" or (fixed and expr.name in agents.get(expr.population, {}))
            case Draw() | Categorical() | Mixture() | Empirical():
                return all(population in agents for population in model.populations)
            case _:
                return True

    if not isinstance(table, EachTable) or table.window is not None or table.features:
        return False
    return all(known(expr) for expr in expressions(table))


class TableAlongside:
    """A table with a row for each event, fed with row groups of the event's log.

    Args:
        table: a table that `is_known_at_once`.
        into: where its rows are written.
        model: the scenario.
        agents: held columns of the agents at the start, by population.
        draw: makes the draws of columns.
    """

    def __init__(
        self, table: EachTable, into: OpenTable, model: Model, agents: Mapping[str, HeldColumns], draw: DrawFunction
    ) -> None:
        self.event = table.event
        self.table = into
        self._rows = EventRows(table, model, AgentsAtStart(model, agents), draw)
        self._epoch = epoch_of(model.clock)

    def take(self, group: pa.RecordBatch) -> None:
        """Make and write the table's rows of some rows of the event's log.

        Raises:
            OutputError: the disk is full or a file cannot be written.
            RunError: a draw has an argument that its distribution does not allow.
        """
        for first in range(0, group.num_rows, BATCH):
            _, rows = self._rows.of(held_rows(group.slice(first, BATCH), self._rows.needed, self._epoch))
            if rows.size:
                for batch in self.table.batches(rows):
                    self.table.write(batch)
