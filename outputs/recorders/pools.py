"""Aggregates over sets of agents in the columns of a table over agents."""

from __future__ import annotations

import polars as pl

from bustle.outputs.agent_lookup import AgentLookup
from bustle.outputs.aggregates import GroupedRows, Reductions
from bustle.outputs.columns import Columns, Row
from bustle.outputs.errors import OutputError
from bustle.outputs.frames import frame_dtype
from bustle.outputs.walk import expressions_in
from bustle.scenarios.model import Aggregate, Expr, Linked, Members, Model, Neighbours, Self
from bustle.scenarios.types import Agent

_OF, _CANDIDATE = "of", "candidate"


class PoolAggregates:
    """Computes an aggregate for all agents at once: a set's members are grouped by the agent they belong to.

    Args:
        model: the scenario.
        agents: the agents at the moment of the table's rows.
        now: that moment.
    """

    def __init__(self, model: Model, agents: AgentLookup, now: int) -> None:
        self._model = model
        self._agents = agents
        self._now = now

    def compile(self, expr: Aggregate, rows: Columns) -> pl.Expr:
        """The values of ``expr`` for rows whose expressions ``rows`` compiles.

        Raises:
            OutputError: the set is a whole population filtered by the row's own agent, or there is no set.
        """
        pool = expr.pool
        owner: Expr | None = None if pool is None or isinstance(pool, Members) else pool.agent
        reads_self = any(isinstance(e, Self) for e in expressions_in((expr.value, expr.where)))
        if pool is None or (reads_self and not isinstance(owner, Self)):
            place = f"{expr.span}: " if expr.span is not None else ""
            raise OutputError(f"{place}a table can aggregate over a whole set of agents or one that belongs to its row")
        members = self._members(pool)
        inside = Columns(
            self._model,
            Row(acting=pl.col(_OF), candidate=pl.col(_CANDIDATE), now=pl.lit(self._now)),
            self._agents,
        )
        reductions = Reductions(inside.compile)
        result = reductions.aggregate(expr).alias("result")
        grouped = GroupedRows([_OF], reductions.reductions)
        if len(members):
            grouped.add(members)
        groups = grouped.take()
        size = 1 if owner is None else self._size(owner)
        every = pl.DataFrame({_OF: pl.Series(range(size), dtype=pl.Int64)})
        if len(groups):
            every = every.join(groups.with_columns(result).select(_OF, "result"), on=_OF, how="left", maintain_order="left")
        else:
            every = every.with_columns(pl.lit(None, dtype=frame_dtype(expr.type)).alias("result"))
        values = every.get_column("result")
        if expr.function in ("count", "sum"):
            values = values.fill_null(0)
        at = pl.lit(0, dtype=pl.Int64) if owner is None else rows.compile(owner)
        return pl.lit(values).gather(at)

    def _members(self, pool: Members | Neighbours | Linked) -> pl.DataFrame:
        """The agents of the sets as ``candidate``, and whom each belongs to as ``of`` (0 for a whole population)."""
        present = self._agents.present(pool.population)
        if isinstance(pool, Neighbours):
            both = self._agents.edges(pool.network).rename({"source": _OF, "target": _CANDIDATE})
            return both.filter(present.gather(both.get_column(_CANDIDATE)))
        ids = pl.Series(_CANDIDATE, range(len(present)), dtype=pl.Int64)
        if isinstance(pool, Linked):
            of = self._agents.column(pool.population, pool.link)
        else:
            of = pl.zeros(len(ids), dtype=pl.Int64, eager=True)
            if pool.state is not None:
                present = present & (self._agents.column(pool.population, "state") == pool.state)
        return pl.DataFrame([ids, of.alias(_OF)]).filter(present).drop_nulls(_OF)

    def _size(self, owner: Expr) -> int:
        assert isinstance(owner.type, Agent)
        return self._agents.size(owner.type.population)

