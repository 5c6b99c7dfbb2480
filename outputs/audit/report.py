"""What an audit found: findings by table, and whether any failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bustle.outputs.audit.verdicts import Finding

FORMAT = "bustle audit 1"
"""Name and version of the report as JSON."""


@dataclass(frozen=True, slots=True)
class TableReport:
    """The findings of one table."""

    table: str
    rows: int
    findings: tuple[Finding, ...]

    def __getitem__(self, check: str) -> Finding:
        """The finding of a check; KeyError if there is no such check."""
        for finding in self.findings:
            if finding.check.name == check:
                return finding
        raise KeyError(check)

    @property
    def failed(self) -> tuple[Finding, ...]:
        """What does not lie in its band."""
        return tuple(finding for finding in self.findings if finding.verdict == "fail")


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit found.

    Attributes:
        dataset: the name of the folder or file.
        tables: the audited tables.
    """

    dataset: str
    tables: tuple[TableReport, ...]

    @property
    def ok(self) -> bool:
        """Whether no check failed. Checks that rest on too few observations do not fail; see their verdicts."""
        return not any(table.failed for table in self.tables)

    def __getitem__(self, table: str) -> TableReport:
        """The report of a table; KeyError if it was not audited."""
        for report in self.tables:
            if report.table == table:
                return report
        raise KeyError(table)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-ready values."""
        return {
            "format": FORMAT,
            "dataset": self.dataset,
            "ok": self.ok,
            "tables": [
                {
                    "table": report.table,
                    "rows": report.rows,
                    "failed": [finding.check.name for finding in report.failed],
                    "checks": [finding.to_dict() for finding in report.findings],
                }
                for report in self.tables
            ],
        }
