"""How the tables of a dataset are audited: which column plays which part.

It goes into the manifest as JSON, and comes back from there; so it holds nothing but texts, numbers and tuples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """The values (as written) of a column that rows must have."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditColumn:
    """A column, and the rows in which it plays its part."""

    column: str
    where: tuple[AuditFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditTime:
    """The time of a row.

    Attributes:
        column: the column.
        where: the rows over which rhythms are measured.
        unit: microseconds that 1 stands for in a column of numbers; 0 where it holds times.
        start: date, and time of day if any, at which a column of numbers has 0; empty for 1970-01-01.
        format: how a text is read, for `strptime`; empty to find out.
    """

    column: str
    where: tuple[AuditFilter, ...] = ()
    unit: float = 0.0
    start: str = ""
    format: str = ""


@dataclass(frozen=True, slots=True)
class AuditLabel:
    """The column that says what is fraud; without ``values``, true or above 0 means fraud."""

    column: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditPayees:
    """The table with a row for every payee."""

    table: str
    where: tuple[AuditFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditBalance:
    """What a row does to the balance of an account: ``after = before + sign * sum(amount)``."""

    account: Literal["payer", "payee"]
    before: str
    after: str
    sign: int
    amount: tuple[str, ...]
    where: tuple[AuditFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditBand:
    """Another band for a check than its own."""

    check: str
    low: float | None
    high: float | None
    because: str


@dataclass(frozen=True, slots=True)
class Audit:
    """How one table is audited; the entries are those of `bustle.scenarios.structure.AuditSection`.

    Attributes:
        features: columns of the row alone, hour and weekday apart.
        skip: pairs of a check, or a group of checks, and why it is left out.
    """

    table: str
    time: AuditTime
    payer: AuditColumn | None = None
    payee: AuditColumn | None = None
    payees: AuditPayees | None = None
    peers: bool = False
    amount: AuditColumn | None = None
    label: AuditLabel | None = None
    case: str | None = None
    known: str | None = None
    features: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    balances: tuple[AuditBalance, ...] = ()
    boundary: tuple[AuditFilter, ...] = ()
    fees: tuple[str, ...] = ()
    expect: tuple[AuditBand, ...] = ()
    skip: tuple[tuple[str, str], ...] = ()
