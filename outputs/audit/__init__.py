"""Auditing payment data: does anything give the fraud away, is it like real payments, are ledger and labels right?

Measures are functions of arrays, one idea a file; `Leakage`, `Realism` and `Truth` apply them to a table, and
`bustle.scenarios.audit_checks` holds the bands. Nothing in a report depends on the machine or on the time of day.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bustle.outputs.audit.report import AuditReport, TableReport

__all__ = ["AuditReport", "TableReport", "audit"]


def audit(
    target: Path | str, mapping: Path | str | Mapping[str, Any] | None = None, table: str | None = None
) -> AuditReport:
    """Audit the tables of a dataset.

    Args:
        target: the folder of a run, another folder of tables, or one file (Parquet, Arrow IPC, CSV, JSON lines).
        mapping: a YAML file that says which column plays which part, or the tables by name as it would hold them;
            without it the run's manifest says so.
        table: the only table to audit.

    Raises:
        ScenarioError: the mapping has problems.
        OutputError: something cannot be read, or nothing says how to audit it.
    """
    from bustle.outputs.audit.checks import findings_of
    from bustle.outputs.audit.dataset import open_dataset
    from bustle.outputs.audit.mapping import audits_of
    from bustle.outputs.audit.payments import read_payments

    dataset = open_dataset(Path(target))
    reports = []
    for name, how in audits_of(dataset, mapping, table).items():
        payments = read_payments(dataset, how)
        reports.append(TableReport(name, payments.rows, tuple(findings_of(payments))))
    return AuditReport(dataset.name, tuple(reports))
