"""The page on audits: its table is the table of checks, and its mappings fit the data sets they are for."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

import bustle
from bustle.scenarios.audit_checks import CHECKS, AuditCheck
from tests.docs.pages import ROOT, blocks, code_in, tables

PAGE = (ROOT / "docs/audit.md").read_text(encoding="utf-8")


def band(check: AuditCheck) -> str:
    low, high = (
        None if bound is None else f"{100 * bound:g} %" if check.kind == "share" else f"{bound:g}"
        for bound in (check.low, check.high)
    )
    if low is None and high is None:
        return "-"
    if low is None:
        return "0" if high == "0" else f"at most {high}"
    return f"at least {low}" if high is None else f"{low} to {high}"


def test_the_page_lists_every_check_with_its_measure_and_band() -> None:
    (listed,) = (table for table in tables(PAGE) if table.orders.get("listing") == "audit checks")
    told = [(code_in(name)[0], measures, limits) for name, measures, limits in listed.rows]
    assert told == [(check.name, check.measures, band(check)) for check in CHECKS.values()]


def mapping(name: str, folder: Path) -> Path:
    (text,) = (block.text for block in blocks(PAGE) if block.orders.get("file") == name)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_the_mapping_for_paysim_reads_its_columns_and_its_ledger(tmp_path: Path) -> None:
    """Two rows that conserve money, and one whose payee is never credited, as in PaySim's own output."""
    columns = "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud"
    rows = [
        "1,CASH_IN,100.1,C1,0,100.1,C2,500,399.9,0,0",
        "2,PAYMENT,50.05,C1,100.1,50.05,M1,0,0,0,0",
        "3,CASH_OUT,50.05,C1,50.05,0,C3,0,0,1,0",
    ]
    (tmp_path / "paysim.csv").write_text("\n".join([f"{columns},isFlaggedFraud", *rows]), encoding="utf-8")
    report = bustle.audit(tmp_path / "paysim.csv", mapping=mapping("paysim.yaml", tmp_path))["paysim"]
    assert [report[f"ledger {part}"].value for part in ("rows", "chain", "sides")] == [1, 0, 1]
    assert report["weekday ratio"].verdict == "skipped"


@pytest.mark.parametrize("name", ["HI-Small_Trans", "LI-Large_Trans"])
def test_the_mapping_for_amlworld_reads_its_columns(name: str, tmp_path: Path) -> None:
    head = (
        "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,Payment Currency,"
        "Payment Format,Is Laundering"
    )
    times = [datetime(2022, 9, 1) + timedelta(hours=hour) for hour in range(600)]
    rows = [
        f"{time:%Y/%m/%d %H:%M},{n % 7},8000{n % 5},{n % 3},8000{n % 4},{n}.5,Euro,{n}.5,Euro,Wire,{n % 5 // 4}"
        for n, time in enumerate(times)
    ]
    (tmp_path / f"{name}.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    report = bustle.audit(tmp_path / f"{name}.csv", mapping=mapping("amlworld.yaml", tmp_path))[name]
    assert report["prevalence"].value == 0.2
    assert report["telling ids"].value == 1  # of one account
    assert report["own payments"].value == 0.2
    assert "From Bank" in pl.read_csv(tmp_path / f"{name}.csv").columns
