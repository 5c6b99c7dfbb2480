"""A table of payments, read for its audit: rows in order of time, ids as codes, the label as truth values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from bustle.outputs.audit.arrays import Bools, Floats, Integers
from bustle.outputs.audit.dataset import Dataset
from bustle.outputs.audit.ledger import Cents, Leg, cents_of
from bustle.outputs.audit.rhythm import hours_of, weekdays_of
from bustle.outputs.audit.times import instants_of, local_times_of
from bustle.outputs.errors import OutputError
from bustle.scenarios.model import Audit, AuditBalance, AuditColumn, AuditFilter, AuditTime

HOUR_OF_DAY, WEEKDAY = "hour of the time", "weekday of the time"


@dataclass(frozen=True)
class Payments:
    """The rows of a table in order of time.

    Attributes:
        audit: which column plays which part.
        frame: the columns that play one.
        instants: when each row happened, in microseconds.
        local: what the clocks showed then, in microseconds since 1970-01-01.
        population: the number of all payees, those without a payment too; None if it is not known.
    """

    audit: Audit
    frame: pl.DataFrame
    instants: Integers
    local: Integers
    population: int | None

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.frame.height

    @property
    def half(self) -> int:
        """The first row of the second half in time."""
        return self.rows // 2

    # --- labels

    @cached_property
    def fraud(self) -> Bools:
        """Which rows are fraud; a missing label is none."""
        label = self.audit.label
        assert label is not None
        column = self.frame[label.column]
        if label.values:
            return _any_of(column, label.values)
        marked: Bools = _numbers(column) > 0
        return marked

    @cached_property
    def known(self) -> Integers:
        """When each label is known, in microseconds; for rows that have no such time, the time of the row."""
        assert self.audit.known is not None
        column = self.frame[self.audit.known]
        missing = column.is_null().to_numpy()
        return np.where(missing, self.instants, instants_of(column, AuditTime(self.audit.known)))

    @cached_property
    def cases(self) -> int | None:
        """The number of cases of fraud, if they are named."""
        if self.audit.case is None:
            return None
        return self.frame[self.audit.case].filter(pl.Series(self.fraud)).drop_nulls().n_unique()

    # --- who, as codes

    @cached_property
    def payers(self) -> Integers:
        """A code from 0 for the payer of each row."""
        return self._codes[0]

    @cached_property
    def payees(self) -> Integers:
        """A code from 0 for the payee of each row; of the same account the payer's, where both are of one kind."""
        return self._codes[1]

    @cached_property
    def _codes(self) -> tuple[Integers, Integers]:
        roles = (self.audit.payer, self.audit.payee)
        if self.audit.peers and all(roles):
            columns = [self.frame.select(id=role.column) for role in roles if role is not None]
            if not all(column["id"].dtype.is_numeric() for column in columns):
                columns = [column.cast(pl.String) for column in columns]
            both = _codes_of(pl.concat(columns, how="vertical_relaxed")["id"])
            return both[: self.rows], both[self.rows :]
        payers, payees = (_codes_of(self.frame[role.column]) if role else np.zeros(0, np.int64) for role in roles)
        return payers, payees

    # --- which rows

    def where(self, *roles: AuditColumn | AuditTime | None) -> Bools:
        """The rows in which all of these play their part, and are there."""
        return self.there(*roles) & self.matching(part for role in roles if role is not None for part in role.where)

    def there(self, *roles: AuditColumn | AuditTime | None) -> Bools:
        """The rows that have a value of all of these."""
        chosen = np.ones(self.rows, bool)
        for role in roles:
            if role is not None:
                chosen &= self.frame[role.column].is_not_null().to_numpy()
        return chosen

    def matching(self, filters: Iterable[AuditFilter]) -> Bools:
        """The rows that have one of the values of every filter."""
        chosen = np.ones(self.rows, bool)
        for part in filters:
            chosen &= _any_of(self.frame[part.column], part.values)
        return chosen

    # --- columns

    @cached_property
    def inputs(self) -> Mapping[str, pl.Series]:
        """The columns of the row alone: the features, and hour and weekday of the row's time."""
        found = {name: _plain(self.frame[name]) for name in self.audit.features}
        found[HOUR_OF_DAY] = pl.Series(hours_of(self.local).astype(np.int8))
        found[WEEKDAY] = pl.Series(weekdays_of(self.local).astype(np.int8))
        return found

    @cached_property
    def categories(self) -> frozenset[str]:
        """The inputs that are categories."""
        named = {name for name, column in self.inputs.items() if not column.dtype.is_numeric()}
        return frozenset(named | set(self.audit.categories) | {HOUR_OF_DAY, WEEKDAY})

    @cached_property
    def amounts(self) -> Floats:
        """The amounts above 0 of the rows in which the amount plays its part."""
        assert self.audit.amount is not None
        numbers = self.all_amounts
        return numbers[self.where(self.audit.amount) & (numbers > 0)]

    @cached_property
    def all_amounts(self) -> Floats:
        """The amount of each row, NaN where it is missing or no finite number."""
        assert self.audit.amount is not None
        numbers = _numbers(self.frame[self.audit.amount.column])
        return np.where(np.isfinite(numbers), numbers, np.nan)

    # --- balances

    def cents(self, column: str) -> Cents:
        """A column of money in cents."""
        return cents_of(self.frame[column])

    def leg(self, balance: AuditBalance) -> Leg:
        """What each row does to the balance of its payer, or payee."""
        before, after = self.cents(balance.before), self.cents(balance.after)
        amounts = [self.cents(name) for name in balance.amount]
        codes = self.payers if balance.account == "payer" else self.payees
        if not self.audit.peers:  # the codes of payers and of payees are not those of the same accounts
            codes = 2 * codes + (balance.account == "payee")
        return Leg(
            codes,
            before.value,
            after.value,
            balance.sign * np.sum([amount.value for amount in amounts], axis=0),
            self.matching(balance.where) & ~(before.missing & after.missing),
            np.all([part.whole for part in (before, after, *amounts)], axis=0),
        )


def read_payments(dataset: Dataset, audit: Audit) -> Payments:
    """The rows of an audited table.

    Raises:
        OutputError: it cannot be read, has no rows, or its time cannot be understood.
    """
    frame = dataset.read(audit.table, sorted(_columns(audit)))
    if not frame.height:
        raise OutputError(f"the table {audit.table} of {dataset.name} has no rows")
    time = frame[audit.time.column]
    without = (time.fill_nan(None) if time.dtype.is_float() else time).null_count()
    if without:
        raise OutputError(f"{without:,} rows of the table {audit.table} have no {audit.time.column}")
    instants, local = instants_of(time, audit.time), local_times_of(time, audit.time)
    if np.any(np.diff(instants) < 0):
        order = np.argsort(instants, kind="stable")
        frame, instants, local = frame[order], instants[order], local[order]
    return Payments(audit, frame, instants, local, _population(dataset, audit))


def _population(dataset: Dataset, audit: Audit) -> int | None:
    if audit.payees is None:
        return None
    filters = audit.payees.where
    if not filters:
        return int(dataset.scan(audit.payees.table).select(pl.len()).collect().item())
    frame = dataset.read(audit.payees.table, sorted({part.column for part in filters}))
    chosen = np.ones(frame.height, bool)
    for part in filters:
        chosen &= _any_of(frame[part.column], part.values)
    return int(chosen.sum())


def _columns(audit: Audit) -> set[str]:
    """The columns that the audit reads."""
    roles = [role for role in (audit.time, audit.payer, audit.payee, audit.amount) if role is not None]
    filters = [part for role in (*roles, *audit.balances) for part in role.where] + list(audit.boundary)
    names = {role.column for role in roles} | {part.column for part in filters}
    names |= {*audit.features, *audit.fees, *filter(None, (audit.case, audit.known))}
    names |= {name for leg in audit.balances for name in (leg.before, leg.after, *leg.amount)}
    return names | ({audit.label.column} if audit.label else set())


def _codes_of(column: pl.Series) -> Integers:
    """Codes from 0 in the order of the values; a missing id counts as one."""
    filled = column.rank("dense").fill_null(0)
    codes: Integers = (filled - filled.min()).to_numpy().astype(np.int64)
    return codes


def _numbers(column: pl.Series) -> Floats:
    """A column as numbers, NaN where they are missing."""
    numbers: Floats = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return numbers


def _any_of(column: pl.Series, values: tuple[str, ...]) -> Bools:
    """The rows that have one of the values, which are written as texts."""
    if column.dtype.is_numeric():
        numbers = [float(value) for value in values if _is_number(value)]
        chosen = column.cast(pl.Float64).is_in(numbers)
    elif column.dtype == pl.Boolean:
        chosen = column.is_in([value.lower() == "true" for value in values])
    else:
        chosen = column.cast(pl.String).is_in(list(values))
    found: Bools = chosen.fill_null(False).to_numpy()
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _plain(column: pl.Series) -> pl.Series:
    """A feature as a number or a text: truth values and categories as text, times as microseconds."""
    if column.dtype.is_numeric():
        return column
    return column.to_physical() if column.dtype.is_temporal() else column.cast(pl.String)
