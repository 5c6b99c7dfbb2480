"""What `bustle audit` finds in the shipped scenarios: nothing in those that claim to pass, known faults in the others.

A scenario with a section `audit` has a line in `AUDITED`, which says at which small size it is audited here, and which
checks fail. Those that claim to pass have none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import bustle
from benchmarks.handbook_numpy import Size, simulate
from bustle.scenarios.library import shipped


@dataclass(frozen=True)
class Audited:
    """What an audit of a scenario must give.

    Attributes:
        small: arguments of `bustle.run` for a size at which the audit takes a moment.
        fails: checks that fail for every seed, at the small size and at the default one.
        may_fail: checks whose value lies about at its bound, so that it depends on the seed, or on the size.
        few: checks for which the small size has too few observations with some seed; all others must be judged.
    """

    small: dict[str, Any]
    fails: frozenset[str] = frozenset()
    may_fail: frozenset[str] = frozenset()
    few: frozenset[str] = field(default=frozenset())


FLAT_AND_STEADY = frozenset({"hour ratio", "weekday ratio", "burstiness", "payee slope", "top payees", "benford"})

AUDITED: dict[str, Audited] = {
    "card_fraud": Audited(
        {"scale": 0.1},
        fails=frozenset({"weekday ratio", "burstiness"}),
        may_fail=frozenset({"row alone"}),
        few=frozenset({"single column", "row alone", "payee slope", "top payees"}),
    ),
    "card_payments": Audited({"set": {"cardholders": 2500, "fraudsters": 5, "fraud_rate": 0.005}}),
    "money_laundering": Audited({"length": "35 days", "set": {"schemes": "1/10 days"}}),
    "handbook_fraud": Audited(
        {"scale": 0.06, "set": {"radius": 20}},
        fails=FLAT_AND_STEADY | {"perfect rules"},
        may_fail=frozenset({"row alone"}),  # 26 at the default size; a small one has too much fraud for 3 times as much
    ),
    "mobile_money": Audited({"scale": 0.1, "set": {"criminals": 300}}),
}

NAMES = pytest.mark.parametrize("name", AUDITED)


def check(name: str, run: bustle.Run, few: frozenset[str]) -> None:
    """Compare the audit of a run with what is said of its scenario."""
    wanted = AUDITED[name]
    for report in bustle.audit(run).tables:
        failed = {finding.check.name: finding.value for finding in report.failed}
        assert failed.keys() >= wanted.fails, f"{wanted.fails - failed.keys()} did not fail"
        assert failed.keys() <= wanted.fails | wanted.may_fail, failed
        assert {finding.check.name for finding in report.findings if finding.verdict == "too few"} <= few


def test_every_scenario_that_says_how_to_audit_it_is_audited_here() -> None:
    assert {name for name in shipped() if bustle.Scenario.load(name).model.audits} == set(AUDITED)


@NAMES
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_small_run_fails_what_is_said_of_it_and_nothing_else(name: str, seed: int) -> None:
    with bustle.run(name, seed=seed, **AUDITED[name].small) as run:
        check(name, run, AUDITED[name].few)


@pytest.mark.slow
@NAMES
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_a_run_of_default_size_fails_what_is_said_of_it_and_nothing_else(name: str, seed: int) -> None:
    with bustle.run(name, seed=seed) as run:
        check(name, run, frozenset())


# --- the handbook's model


@pytest.mark.slow
def test_the_handbook_s_model_has_the_faults_that_were_measured_on_its_own_output() -> None:
    """Measured there: AUC of the amount .656, average precision .235, burstiness .02, Zipf's slope .09, weekdays 1.04.

    Five seeds; average precisions of single seeds lie within .03.
    """
    reports = []
    for seed in range(1, 6):
        with bustle.run("handbook_fraud", seed=seed) as run:
            reports.append(bustle.audit(run)["transactions"])
    mean = {
        check: sum(report[check].value or 0.0 for report in reports) / len(reports)
        for check in ("single column", "burstiness", "payee slope", "weekday ratio")
    }
    assert mean["single column"] == pytest.approx(0.656, abs=0.01)
    assert mean["burstiness"] == pytest.approx(0.02, abs=0.01)
    assert mean["payee slope"] == pytest.approx(0.09, abs=0.02)
    assert mean["weekday ratio"] == pytest.approx(1.02, abs=0.02)
    precisions = [float(report["row alone"].detail.split()[2].rstrip(",")) for report in reports]
    assert sum(precisions) / 5 == pytest.approx(0.235, abs=0.02)


def test_the_audit_of_the_handbook_s_files_finds_flat_merchants_and_missing_weekdays(tmp_path: Path) -> None:
    """Its model in NumPy, as a CSV file with the handbook's columns: files that bustle had no hand in."""
    table = pl.DataFrame(simulate(1, Size(customers=300, terminals=300, days=60, radius=15.0)))
    table.write_csv(tmp_path / "transactions.csv")
    mapping = {
        "transactions": {
            "time": "TX_DATETIME",
            "payer": "CUSTOMER_ID",
            "payee": "TERMINAL_ID",
            "amount": "TX_AMOUNT",
            "label": "TX_FRAUD",
            "ignore": ["TRANSACTION_ID", "TX_TIME_SECONDS", "TX_TIME_DAYS", "TX_FRAUD_SCENARIO"],
        }
    }
    report = bustle.audit(tmp_path / "transactions.csv", mapping=mapping)["transactions"]
    assert {finding.check.name for finding in report.failed} >= FLAT_AND_STEADY
    assert (report["payee slope"].value or 1) < 0.3
    assert (report["weekday ratio"].value or 2) < 1.1
    assert abs(report["burstiness"].value or 1) < 0.05
