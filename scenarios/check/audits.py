"""Checking how tables are audited: that the columns, tables and checks it names are there, and of the right kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from bustle.scenarios.audit_checks import CHECKS, GROUPS
from bustle.scenarios.check.problems import Problems, Reject
from bustle.scenarios.check.wording import a_type
from bustle.scenarios.diagnostics import Span, suggest
from bustle.scenarios.model import (
    Audit,
    AuditBalance,
    AuditBand,
    AuditColumn,
    AuditFilter,
    AuditLabel,
    AuditPayees,
    AuditTime,
    Column,
    EachTable,
    Field,
    Table,
)
from bustle.scenarios.structure import (
    AuditBalanceSection,
    AuditBandSection,
    AuditColumnSection,
    AuditFilterSection,
    AuditPayeesSection,
    AuditSection,
    AuditSkipSection,
    AuditTimeSection,
)
from bustle.scenarios.types import MICROSECONDS, Agent, Bool, Category, Episode, Instant, Quantity, State, Type
from bustle.scenarios.types import Text as TextType
from bustle.scenarios.yaml_nodes import Text

_TIME, _NUMBER = "a time", "a number"
_FITS: dict[str, tuple[type, ...]] = {_TIME: (Instant, TextType), _NUMBER: (Quantity,)}


@dataclass(frozen=True, slots=True)
class KnownColumn:
    """What is known of a column before it is read: its type, whether it can be a feature, whether it is a label."""

    type: Type
    feature: bool = True
    label: bool = False


Columns = Mapping[str, KnownColumn]
"""The columns of a table by name."""


def columns_of(table: Table) -> dict[str, KnownColumn]:
    """The declared columns of a table that a scenario records."""
    return {column.name: _known_column(column) for column in table.columns}


def _known_column(column: Column) -> KnownColumn:
    is_row = isinstance(column.value, Field) and column.value.name == "row"
    names_something = isinstance(column.value.type, Agent | Episode | Instant)
    label = column.role != "input"
    return KnownColumn(column.value.type, not (label or is_row or names_something), label)


def recorded_columns(
    problems: Problems, section: AuditSection, tables: Mapping[str, Table], declared: Iterable[str]
) -> dict[str, Columns]:
    """The columns of the tables that an audit may read, after finding that the audited table has a row an event.

    Args:
        problems: takes what is wrong.
        section: the audit; its key names the table.
        tables: the tables that were found right.
        declared: the names of all tables of the file.
    """
    name = section.key
    if name.value not in tables:
        if name.value in declared:
            raise problems.follow_up(name.value, name.span)
        raise problems.unknown(
            name.value, name.span, f"unknown table `{name.value}`", suggest(name.value, declared, "tables")
        )
    table = tables[name.value]
    if not isinstance(table, EachTable) or table.window is not None:
        hint = "audit a table with `each:` and without `window:`"
        raise problems.reject(name.span, f"`{name.value}` has no row for each event", hint)
    return {other: columns_of(recorded) for other, recorded in tables.items()}


class AuditChecker:
    """Checks the audit of one table; ``tables`` holds the columns of the tables that may be read."""

    def __init__(self, problems: Problems, table: str, tables: Mapping[str, Columns]) -> None:
        self.problems = problems
        self.table = table
        self.tables = tables
        self.columns = tables[table]

    def check(self, section: AuditSection) -> Audit:
        """The audit; what is wrong is noted, and left out of it."""
        payer, payee = self._role(section.payer), self._role(section.payee)
        amount = self._role(section.amount, _NUMBER)
        return Audit(
            self.table,
            self._time(section.time),
            payer,
            payee,
            self._payees(section.payees),
            self._peers(section.peers, payer, payee),
            amount,
            self._label(section),
            self._name(section.case),
            self._name(section.known, _TIME),
            self._features(section),
            self._names(section.categories),
            tuple(filter(None, (self._balance(leg, section) for leg in section.balances))),
            self._where(section.boundary, self.columns),
            self._names(section.fees, _NUMBER),
            tuple(filter(None, (self._band(name, band) for name, band in section.expect.items()))),
            tuple(filter(None, (self._skip(name, skip) for name, skip in section.skip.items()))),
        )

    # --- columns

    def _column(self, text: Text, columns: Columns, wanted: str = "") -> str:
        """The name of a column that is there, and holds what is wanted."""
        if text.value not in columns:
            raise self.problems.unknown(
                text.value, text.span, f"unknown column `{text.value}`", suggest(text.value, columns, "columns")
            )
        type_ = columns[text.value].type
        if wanted and not isinstance(type_, _FITS[wanted]):
            hint = "say what it counts: `time: {column: ..., unit: 1 hour}`" if wanted == _TIME else ""
            raise self.problems.reject(text.span, f"`{text.value}` must hold {wanted}, not {a_type(type_)}", hint)
        return text.value

    def _name(self, text: Text | None, wanted: str = "") -> str | None:
        try:
            return None if text is None else self._column(text, self.columns, wanted)
        except Reject:
            return None

    def _names(self, texts: list[Text], wanted: str = "") -> tuple[str, ...]:
        found = [name for text in texts if (name := self._name(text, wanted))]
        return tuple(dict.fromkeys(found))

    def _role(self, section: AuditColumnSection | None, wanted: str = "") -> AuditColumn | None:
        if section is None:
            return None
        name, where = self._name(section.column, wanted), self._where(section.where, self.columns)
        return None if name is None else AuditColumn(name, where)

    def _where(self, sections: Mapping[str, AuditFilterSection], columns: Columns) -> tuple[AuditFilter, ...]:
        filters = []
        for section in sections.values():
            try:
                name = self._column(section.key, columns)
            except Reject:
                continue
            for text in section.values:
                self._value(text, columns[name].type)
            filters.append(AuditFilter(name, tuple(text.value for text in section.values)))
        return tuple(filters)

    def _value(self, text: Text, type_: Type) -> None:
        """Note a value that a column of this type never has."""
        levels = type_.levels if isinstance(type_, Category | State) else ("true", "false")
        if isinstance(type_, Category | State | Bool) and text.value not in levels:
            self.problems.note(text.span, f"the column never has `{text.value}`", suggest(text.value, levels, "values"))

    # --- roles

    def _time(self, section: AuditTimeSection) -> AuditTime:
        unit = 0.0
        if section.unit is not None:
            found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)?\s*([a-z]+?)s?\s*", section.unit.value)
            if found is None or found[2] not in MICROSECONDS or not float(found[1] or 1):
                self.problems.note(section.unit.span, f"`{section.unit.value}` is not a duration", "as in `1 hour`")
            else:
                unit = float(found[1] or 1) * MICROSECONDS[found[2]]
        if section.start is not None:
            if not re.fullmatch(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?", section.start.value):
                hint = "dates are written 2026-01-31 or 2026-01-31 12:30"
                self.problems.note(section.start.span, f"`{section.start.value}` is not a date", hint)
            if section.unit is None:
                hint = "say what the numbers count, as in `unit: 1 hour`"
                self.problems.note(section.start.span, "`start` needs `unit`", hint)
        name = self._name(section.column, "" if unit else _TIME)
        return AuditTime(
            name or "",
            self._where(section.where, self.columns),
            unit,
            section.start.value if section.start else "",
            section.format.value if section.format else "",
        )

    def _payees(self, section: AuditPayeesSection | None) -> AuditPayees | None:
        if section is None:
            return None
        name = section.table
        if name.value not in self.tables:
            hint = suggest(name.value, self.tables, "tables")
            self.problems.note(name.span, f"unknown table `{name.value}`", hint)
            return None
        return AuditPayees(name.value, self._where(section.where, self.tables[name.value]))

    def _peers(self, text: Text | None, payer: AuditColumn | None, payee: AuditColumn | None) -> bool:
        if text is not None:
            if text.value not in ("true", "false"):
                self.problems.note(text.span, "`peers` must be `true` or `false`")
            return text.value == "true"
        if payer is None or payee is None:
            return False
        kinds = [self.columns[role.column].type for role in (payer, payee)]
        return isinstance(kinds[0], Agent | TextType) and kinds[0] == kinds[1]

    def _label(self, section: AuditSection) -> AuditLabel | None:
        if section.label is None:
            return None
        name = self._name(section.label.column)
        if name is None:
            return None
        type_ = self.columns[name].type
        values = tuple(text.value for text in section.label.values)
        if not values and not isinstance(type_, Quantity | Bool):
            hint = "say which values mean fraud: `label: {column: ..., values: [...]}`"
            self.problems.note(section.label.column.span, f"`{name}` holds {a_type(type_)}", hint)
        for text in section.label.values:
            self._value(text, type_)
        return AuditLabel(name, values)

    def _features(self, section: AuditSection) -> tuple[str, ...]:
        """The columns of the row alone: those listed, or all that play no other part."""
        if section.features:
            if section.ignore:
                hint = "what is not listed under `features` is none"
                self.problems.note(section.key_of("ignore").span, "`ignore` cannot stand beside `features`", hint)
            for text in section.features:
                if text.value in self.columns and self.columns[text.value].label:
                    self.problems.note(text.span, f"`{text.value}` is a label, and no feature")
            return self._names(section.features)
        roles = (section.time, section.payer, section.payee, section.label)
        parts = {role.column.value for role in roles if role is not None}
        parts |= {text.value for text in (section.case, section.known) if text is not None}
        parts.update(self._names(section.ignore))
        return tuple(name for name, column in self.columns.items() if column.feature and name not in parts)

    # --- balances

    def _balance(self, leg: AuditBalanceSection, section: AuditSection) -> AuditBalance | None:
        is_good = True
        accounts: dict[str, Literal["payer", "payee"]] = {"payer": "payer", "payee": "payee"}
        if leg.account.value not in accounts:
            self.problems.note(leg.account.span, "`account` is `payer` or `payee`")
            is_good = False
        elif getattr(section, leg.account.value) is None:
            self.problems.note(leg.account.span, f"the audit names no `{leg.account.value}`")
            is_good = False
        if leg.sign.value not in ("1", "+1", "-1"):
            self.problems.note(leg.sign.span, "`sign` is `1` or `-1`", "where it differs, give several with `where`")
            is_good = False
        before, after = self._name(leg.before, _NUMBER), self._name(leg.after, _NUMBER)
        amounts = self._names(leg.amount, _NUMBER)
        if not leg.amount and section.amount is None:
            self.problems.note(leg.account.span, "a balance needs an amount", "name the column as `amount`")
        elif not leg.amount and section.amount is not None:
            amounts = self._names([section.amount.column], _NUMBER)
        where = self._where(leg.where, self.columns)
        if before is None or after is None or not amounts or not is_good:
            return None
        return AuditBalance(accounts[leg.account.value], before, after, int(leg.sign.value), amounts, where)

    # --- checks

    def _band(self, name: str, section: AuditBandSection) -> AuditBand | None:
        if not self._is_check(name, section.key.span, CHECKS):
            return None
        low, high = self._number(section.min), self._number(section.max)
        if section.min is None and section.max is None:
            self.problems.note(section.key.span, f"`{name}` needs `min` or `max`")
        if low is not None and high is not None and low > high:
            self.problems.note(section.key_of("min").span, "`min` is above `max`")
        return AuditBand(name, low, high, section.because.value.strip())

    def _skip(self, name: str, section: AuditSkipSection) -> tuple[str, str] | None:
        known = (*CHECKS, *GROUPS)
        return (name, section.because.value.strip()) if self._is_check(name, section.key.span, known) else None

    def _is_check(self, name: str, span: Span, known: Iterable[str]) -> bool:
        if name not in known:
            self.problems.note(span, f"there is no check `{name}`", suggest(name, known, "checks"))
        return name in known

    def _number(self, text: Text | None) -> float | None:
        if text is None:
            return None
        try:
            number = float(text.value.replace("_", ""))
        except ValueError:
            number = float("nan")
        if not abs(number) < float("inf"):
            self.problems.note(text.span, f"`{text.value}` is not a number", "write a share of 15 % as `0.15`")
            return None
        return number
