"""``bustle audit``: does a dataset give its fraud away, and is it like real payments?"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

from bustle.cli.consoles import print_json, results
from bustle.cli.failures import FAILED, explained_failures

if TYPE_CHECKING:
    from rich.table import Table

    from bustle.outputs.audit import AuditReport, TableReport
    from bustle.outputs.audit.verdicts import Finding

_STYLES = {"pass": "green", "fail": "bold red", "too few": "yellow", "skipped": "dim", "info": ""}


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("target", type=Path, metavar="FOLDER_OR_FILE", help="The folder of a run, or any table.")
    help_mapping = "YAML that says which column plays which part."
    parser.add_argument("--mapping", type=Path, metavar="FILE", help=help_mapping)
    parser.add_argument("--table", metavar="NAME", help="The only table to audit.")
    help_json = "Also write the report as JSON; - for stdout alone."
    parser.add_argument("--json", dest="json_", metavar="FILE", help=help_json)
    parser.set_defaults(do=audit)


def audit(target: Path, mapping: Path | None, table: str | None, *, json_: str | None) -> None:
    """Measure leaks, realism, ledger and labels; exit code 1 if a check fails."""
    with explained_failures():
        from bustle.outputs.audit import audit as audit_of

        report = audit_of(target, mapping, table)
        if json_ == "-":
            print_json(report.to_dict())
        else:
            _show(report)
            if json_ is not None:
                _write(Path(json_), report)
        if not report.ok:
            raise SystemExit(FAILED)


def _write(path: Path, report: AuditReport) -> None:
    from bustle.outputs.text_file import write_text_file

    write_text_file(path, json.dumps(report.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def _show(report: AuditReport) -> None:
    from rich.markup import escape

    for table in report.tables:
        results().print(f"[bold]{escape(report.dataset)}: {escape(table.table)}[/bold], {table.rows:,} rows")
        results().print(_findings(table))
        verdicts = [finding.verdict for finding in table.findings]
        counts = {"pass": "passed", "fail": "failed", "too few": "with too few observations", "skipped": "skipped"}
        told = [f"{verdicts.count(verdict)} {words}" for verdict, words in counts.items() if verdict in verdicts]
        results().print(", ".join(told) + "\n", markup=False)
        results().print(_sources(table))


def _findings(table: TableReport) -> Table:
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False)
    for heading in ("check", "measured", "reference", "verdict", "seen"):
        shown.add_column(heading, overflow="fold", justify="right" if heading == "measured" else "left")
    group = ""
    for finding in table.findings:
        if finding.check.group != group:
            group = finding.check.group
            shown.add_row(Text(group, style="bold"))
        verdict = Text(finding.verdict.replace("fail", "FAIL"), style=_STYLES[finding.verdict])
        seen = Text(finding.detail, style="dim" if finding.verdict == "skipped" else "")
        shown.add_row(Text(f"  {finding.check.name}"), _measured(finding), _band(finding), verdict, seen)
    return shown


def _sources(table: TableReport) -> Table:
    """Where the references of what was measured come from."""
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False)
    shown.add_column("check", overflow="fold")
    shown.add_column("where its reference comes from", overflow="fold")
    for finding in table.findings:
        if finding.verdict != "skipped":
            shown.add_row(Text(f"  {finding.check.name}"), Text(finding.source))
    return shown


def _band(finding: Finding) -> str:
    low, high = (None if bound is None else _value(finding.check.kind, bound) for bound in (finding.low, finding.high))
    if low is None and high is None:
        return ""
    if low is None:
        return f"at most {high}" if finding.high else "0"
    if high is None:
        return f"at least {low}"
    return f"{low} to {high}"


def _measured(finding: Finding) -> str:
    """The value, with as many digits as tell it from a bound that it misses."""
    if finding.value is None:
        return ""
    kind, bounds = finding.check.kind, [bound for bound in (finding.low, finding.high) if bound is not None]
    digits = 3
    while digits < 9 and any(
        bound != finding.value and _value(kind, finding.value, digits) == _value(kind, bound) for bound in bounds
    ):
        digits += 1
    return _value(kind, finding.value, digits)


def _value(kind: str, value: float, digits: int = 3) -> str:
    """A value as people read it."""
    match kind:
        case "share":
            return f"{100 * value:.{digits}g} %"
        case "count":
            return f"{value:,.0f}"
        case "days":
            return f"{value:.2f} days"
        case _:
            return f"{value:.{digits}g}" if abs(value) < 1000 else f"{value:,.0f}"
