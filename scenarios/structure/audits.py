"""What an audit needs to know of a table: which column is the time, who pays, who is paid, what the labels are."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bustle.scenarios.structure.named import NamedElsewhere, OneOrMany
from bustle.scenarios.structure.section import Section
from bustle.scenarios.yaml_nodes import Text


class _NamedElsewhere(Section):
    """A section whose name refers to a column or a check; whether it exists is found out later."""

    refused_names: ClassVar[frozenset[str] | None] = None


class AuditFilterSection(_NamedElsewhere):
    """The values of a column that rows must have."""

    what: ClassVar[str] = "a filter"
    shorthand: ClassVar[str] = "values"

    values: OneOrMany = Field(description="The value, or any of several.")


class AuditColumnSection(Section):
    """A column, and the rows in which it plays its part."""

    what: ClassVar[str] = "a column of an audit"
    shorthand: ClassVar[str] = "column"

    column: Text = Field(description="Name of the column.")
    where: NamedElsewhere[AuditFilterSection] = Field({}, description="Only rows with these values: `{type: PAYMENT}`.")


class AuditTimeSection(AuditColumnSection):
    """The time of a row."""

    unit: Text | None = Field(None, description="What a column of numbers counts, such as `1 hour`.")
    start: Text | None = Field(None, description="The date at which a column of numbers has 0.")
    format: Text | None = Field(None, description="How a text is read, such as `%d.%m.%Y %H:%M`.")


class AuditLabelSection(Section):
    """The column that says what is fraud."""

    what: ClassVar[str] = "the label of an audit"
    shorthand: ClassVar[str] = "column"

    column: Text = Field(description="Name of the column.")
    values: OneOrMany = Field([], description="The values that mean fraud; true, or numbers above 0, if left out.")


class AuditPayeesSection(Section):
    """The table that has a row for every payee, those without a payment too."""

    what: ClassVar[str] = "the payees of an audit"
    shorthand: ClassVar[str] = "table"

    table: Text = Field(description="Name of the table.")
    where: NamedElsewhere[AuditFilterSection] = Field({}, description="Only its rows with these values.")


class AuditBalanceSection(Section):
    """What a row does to the balance of one of its accounts."""

    what: ClassVar[str] = "a balance"

    account: Text = Field(description="Whose it is: `payer` or `payee`.")
    before: Text = Field(description="Column of the balance before the row.")
    after: Text = Field(description="Column of the balance after the row.")
    sign: Text = Field(description="`1` where the amount is added, `-1` where it is taken.")
    amount: OneOrMany = Field([], description="Column, or several that are added up; the audit's amount if left out.")
    where: NamedElsewhere[AuditFilterSection] = Field({}, description="Only rows with these values.")


class AuditBandSection(_NamedElsewhere):
    """Another band for a check than its own."""

    what: ClassVar[str] = "a band"

    min: Text | None = Field(None, description="Smallest value that passes.")
    max: Text | None = Field(None, description="Largest value that passes.")
    because: Text = Field(description="Why the check's own band does not hold here.")


class AuditSkipSection(_NamedElsewhere):
    """A check, or a group of checks, that does not apply."""

    what: ClassVar[str] = "a check that is left out"
    shorthand: ClassVar[str] = "because"

    because: Text = Field(description="Why it does not apply.")


class AuditSection(_NamedElsewhere):
    """How an audit reads a table of payments; it stands under the table's name."""

    what: ClassVar[str] = "an audit"

    time: AuditTimeSection = Field(description="Column of the time.")
    payer: AuditColumnSection | None = Field(None, description="Column of who pays.")
    payee: AuditColumnSection | None = Field(None, description="Column of who is paid.")
    payees: AuditPayeesSection | None = Field(None, description="Table of all payees, those never paid too.")
    peers: Text | None = Field(None, description="Whether payers and payees are accounts of one kind: `true`, `false`.")
    amount: AuditColumnSection | None = Field(None, description="Column of the amount.")
    label: AuditLabelSection | None = Field(None, description="Column that says what is fraud.")
    case: Text | None = Field(None, description="Column that says which case a fraud belongs to.")
    known: Text | None = Field(None, description="Column that says when the label is known.")
    features: OneOrMany = Field([], description="Columns of the row alone; if left out, all that are nothing else.")
    ignore: OneOrMany = Field([], description="Columns that are no features: other labels, ids, numbers of rows.")
    categories: OneOrMany = Field([], description="Features that hold numbers, and mean categories.")
    balances: list[AuditBalanceSection] = Field([], description="What a row does to balances.")
    boundary: NamedElsewhere[AuditFilterSection] = Field(
        {}, description="Rows in which money enters or leaves the accounts."
    )
    fees: OneOrMany = Field([], description="Columns of what leaves the accounts with a row.")
    expect: NamedElsewhere[AuditBandSection] = Field({}, description="Other bands than the checks' own, by check.")
    skip: NamedElsewhere[AuditSkipSection] = Field({}, description="Checks or groups that do not apply, and why.")


class AuditFile(Section):
    """A file that says how to audit tables that bustle did not make."""

    what: ClassVar[str] = "a mapping"

    audit: NamedElsewhere[AuditSection] = Field(description="Tables by name, each with its columns.")
