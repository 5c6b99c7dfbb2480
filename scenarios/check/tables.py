"""Checking what is recorded: tables, the columns that the log must capture for them, and experiments."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bustle.scenarios.check.declared import fixed_duration, instant_expression, parse
from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.features import Given, check_features
from bustle.scenarios.check.names import Names, Purposes, Scope
from bustle.scenarios.check.problems import Reject
from bustle.scenarios.check.wording import a_type
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.model import (
    AgentTable,
    Aggregate,
    Attr,
    Column,
    EachTable,
    EdgeTable,
    Event,
    EventField,
    Expr,
    Feature,
    Field,
    Global,
    Param,
    SampleTable,
    Table,
)
from bustle.scenarios.structure import ColumnSection, TableSection
from bustle.scenarios.types import INSTANT, Agent, AgentSet, Nothing
from bustle.scenarios.walk import expressions, rewrite
from bustle.scenarios.yaml_nodes import Text

_ROWS = {
    "pick": "a table reads what has happened; pick in a rule and emit it",
    "now": "the time of a row is `time`",
    "aggregate": "agents are counted while the run goes on: use a table with `every:`",
    "episode": "episodes are made by rules",
}

_OF_AGENTS = ("and this table tells of agents", "a table with `every:` has it at each time")
_OF_ROWS = ("and has no one value for many rows", "write a sum over the rows, as in `max(...)`")


@dataclass(slots=True)
class TableChecker:
    """Types tables. ``events`` grows captured fields where a table looks up what changes.

    ``assigned`` holds the attributes that rules write, ``reset`` the parameters that interventions change.
    """

    checker: ExpressionChecker
    names: Names
    events: dict[str, Event]
    assigned: set[tuple[str, str]]
    reset: frozenset[str]

    def check(self, name: str, section: TableSection) -> Table:
        """The typed table."""
        if section.each is not None:
            return self._each(name, section, section.each)
        if section.of is not None:
            return self._of(name, section, section.of)
        if section.every is not None:
            return self._every(name, section, section.every)
        if section.edges is not None:
            return self._edges(name, section, section.edges)
        raise Reject(name)  # the structure has been found wrong already

    # --- kinds

    def _each(self, name: str, section: TableSection, event: Text) -> Table:
        self._known_event(event)
        rows = Scope(self.names, Purposes(name), row=event.value, forbidden=dict(_ROWS))
        where = self._where(section, rows, event.value)
        about = section.about.value if section.about else ""
        if section.window is None and not section.by:
            columns = self._columns(section, replace(rows, numbered=True), event.value)
            features = self._features(section, columns)
            return EachTable(name, event.value, columns, where, about=about, features=features)
        # A `by` without a window has been found wrong already.
        window = None if section.window is None else fixed_duration(self.checker, section.window, "`window`")
        groups = replace(rows, forbidden={**_ROWS, "draw": "groups are fixed by the rows"})
        by = tuple(self._column(c, e, groups, "input", event.value) for c, e in section.by.items())
        summed = replace(rows, row=None, rows_of=event.value, forbidden={**_ROWS, "draw": "sums draw nothing"})
        return EachTable(name, event.value, self._columns(section, summed, event.value), where, window, by, about)

    def _of(self, name: str, section: TableSection, population: Text) -> Table:
        if population.value not in self.names.populations:
            raise self.checker.problems.unknown(
                population.value,
                population.span,
                f"unknown population `{population.value}`",
                suggest(population.value, self.names.populations, "populations"),
            )
        forbidden = {**_ROWS, "draw": "what is drawn once per agent is an attribute"}
        scope = Scope(self.names, Purposes(name), acting=population.value, agent_table=True, forbidden=forbidden)
        fixed = Scope(self.names, Purposes(name), forbidden={**forbidden, "draw": "times are fixed"})
        at = tuple(instant_expression(self.checker, text, fixed, "`at`") for text in section.at)
        where = self._where(section, scope, None)
        about = section.about.value if section.about else ""
        return AgentTable(name, population.value, self._columns(section, scope, None), where, at, about)

    def _every(self, name: str, section: TableSection, every: Text) -> Table:
        forbidden = {"draw": "samples draw nothing", "pick": "samples pick nothing", "episode": "samples make none"}
        scope = Scope(self.names, Purposes(name), forbidden=forbidden)
        columns = self._columns(section, scope, None)
        about = section.about.value if section.about else ""
        return SampleTable(name, fixed_duration(self.checker, every, "`every`"), columns, about)

    def _edges(self, name: str, section: TableSection, edges: Text) -> Table:
        about = section.about.value if section.about else ""
        if edges.value in self.names.networks:
            self._refuse(section, "source", "target", "where", "columns", "labels")
            return EdgeTable(name, edges.value, None, None, None, (), None, about)
        if edges.value not in self.names.events:
            known = [*self.names.networks, *self.names.events]
            raise self.checker.problems.unknown(
                edges.value,
                edges.span,
                f"`{edges.value}` is neither a network nor an event",
                suggest(edges.value, known),
            )
        rows = Scope(self.names, Purposes(name), row=edges.value, forbidden={**_ROWS, "draw": "edges draw nothing"})
        ends = []
        for key, text in (("from", section.source), ("to", section.target)):
            if text is None:
                raise self.checker.problems.reject(
                    section.key.span, f"edges of an event need `{key}`", "a field that is an agent, or its link"
                )
            expr = self.checker.check(parse(self.checker, text), rows)
            if not isinstance(expr.type, Agent):
                raise self.checker.problems.reject(text.span, f"an edge joins agents, not {a_type(expr.type)}")
            ends.append(self._captured(expr, edges.value))
        summed = replace(rows, row=None, rows_of=edges.value)
        where = self._where(section, rows, edges.value)
        columns = self._columns(section, summed, edges.value)
        return EdgeTable(name, None, edges.value, ends[0], ends[1], columns, where, about)

    def _known_event(self, event: Text) -> None:
        if event.value not in self.names.events:
            raise self.checker.problems.unknown(
                event.value,
                event.span,
                f"unknown event `{event.value}`",
                suggest(event.value, self.names.events, "events") or "declare it under `events:`",
            )

    def _refuse(self, section: TableSection, *keys: str) -> None:
        """Note keys that this kind of table does not have."""
        written = {"source": "from", "target": "to"}
        for key in keys:
            if getattr(section, key):
                word = written.get(key, key)
                self.checker.problems.note(section.key_of(word).span, f"this kind of table has no `{word}`")

    def _where(self, section: TableSection, scope: Scope, event: str | None) -> Expr | None:
        if section.where is None:
            return None
        forbidden = {**scope.forbidden, "draw": "which rows are kept does not depend on chance"}
        condition = self.checker.condition(
            parse(self.checker, section.where), replace(scope, forbidden=forbidden), "`where`"
        )
        if scope.agent_table:
            self._refuse_changing(condition, section.where, *_OF_AGENTS)
        return self._captured(condition, event) if event else condition

    def _features(self, section: TableSection, columns: tuple[Column, ...]) -> tuple[Feature, ...]:
        given = {column.name: Given(column.value.type, column.role) for column in columns}
        broken = {*section.columns, *section.labels} - set(given)
        return check_features(self.checker, section.features, given, broken)

    # --- columns

    def _columns(self, section: TableSection, scope: Scope, event: str | None) -> tuple[Column, ...]:
        columns: list[Column] = []
        entries = [(n, e, "input") for n, e in section.columns.items()] + [
            (n, e, "label") for n, e in section.labels.items()
        ]
        if section.known is not None and section.each is not None:
            entries.append(("known", section.known, "known"))
        seen: set[str] = set()
        for name, entry, role in entries:
            if name in seen:
                self.checker.problems.note(entry.value.span, f"the column `{name}` is there twice")
                continue
            try:
                columns.append(self._column(name, entry, scope, role, event))
            except Reject:
                continue
            seen.add(name)
        return tuple(columns)

    def _column(self, name: str, entry: ColumnSection, scope: Scope, role: str, event: str | None) -> Column:
        scope.purposes.label = name
        text = entry.value
        expr = self.checker.check(parse(self.checker, text), scope)
        if isinstance(expr.type, AgentSet | Nothing):
            raise self.checker.problems.reject(text.span, f"a column cannot hold {a_type(expr.type)}")
        if role == "label" and name == "known" and expr.type == INSTANT:
            role = "known"
        if role == "known" and expr.type != INSTANT:
            raise self.checker.problems.reject(
                text.span,
                f"`known` is the time at which labels are known, not {a_type(expr.type)}",
                "as in `time + 9 days`",
            )
        if role == "input" and event is not None:
            self._refuse_labels(expr, text, event)
        if scope.agent_table:
            self._refuse_changing(expr, text, *_OF_AGENTS)
        if event is not None:
            expr = self._captured(expr, event, summed=scope.rows_of is not None)
        if scope.rows_of is not None:
            self._refuse_changing(expr, text, *_OF_ROWS)
        return Column(name, expr, role, entry.about.value if entry.about else "")  # type: ignore[arg-type]

    def _refuse_labels(self, expr: Expr, text: Text, event: str) -> None:
        labels = {f.name for f in self.events[event].fields if f.label} if event in self.events else set()
        for part in expressions(expr):
            if isinstance(part, Field) and (part.name in labels or part.name == "behavior"):
                raise self.checker.problems.reject(
                    text.span,
                    f"`{part.name}` is a label of {event} and would give the answer away",
                    "list this column under `labels:`",
                )

    def _refuse_changing(self, expr: Expr, text: Text, why: str, hint: str) -> None:
        """Refuse globals, and parameters that an intervention changes, where no event tells their value."""
        for part in expressions(expr):
            if self._is_reset(part):
                name = part.name  # type: ignore[union-attr]
                raise self.checker.problems.reject(text.span, f"`{name}` changes during the run, {why}", hint)

    def _is_reset(self, part: Expr) -> bool:
        return isinstance(part, Global) or (isinstance(part, Param) and part.name in self.reset)

    def _captured(self, expr: Expr, event: str, summed: bool = False) -> Expr:
        """``expr`` with every look-up of what changes replaced by a field captured when the event happened.

        Where ``summed``, only what stands inside of a sum over the rows has an event.
        """

        def change(part: Expr) -> Expr | None:
            if summed and isinstance(part, Aggregate):
                return part if part.value is None else replace(part, value=self._captured(part.value, event))
            if summed:
                return None
            if isinstance(part, Attr) and self._changes(part):
                path = _path(part)
            elif self._is_reset(part):
                path = f"world.{part.name}" if isinstance(part, Global) else part.name  # type: ignore[union-attr]
            else:
                return None
            if path is None:
                return None
            fields = self.events[event].fields
            if all(f.name != path for f in fields):
                self.events[event] = replace(
                    self.events[event], fields=(*fields, EventField(path, part.type, captured=part))
                )
            return Field(event, path, type=part.type, span=part.span)

        return rewrite(expr, change) if event in self.events else expr

    def _changes(self, part: Attr) -> bool:
        if part.name == "state" or (part.population, part.name) in self.assigned:
            return True
        return isinstance(part.target, Attr) and self._changes(part.target)


def _path(expr: Expr) -> str | None:
    """``merchant.balance`` for a chain of attributes that starts at a field of the row."""
    if isinstance(expr, Field):
        return expr.name
    if isinstance(expr, Attr):
        before = _path(expr.target)
        return None if before is None else f"{before}.{expr.name}"
    return None
