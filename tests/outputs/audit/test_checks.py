"""Every check passes a scenario that was made to pass, finds the leak planted for it, and heeds what a mapping says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import bustle
from bustle.outputs.audit import TableReport
from bustle.scenarios.audit_checks import CHECKS

LEAKY = bustle.Scenario.load(Path(__file__).parent / "leaky.yaml")

PLANTED: dict[str, dict[str, str]] = {
    "leak_column": {"single column": "amount", "row alone": ""},
    "leak_combination": {"row alone": ""},
    "leak_value": {"row alone": "", "perfect rules": "amount = 99.99"},
    "leak_emptied": {"row alone": "", "perfect rules": "amount = old_balance"},
    "leak_id": {"telling ids": ""},
    "dead_month": {"dead periods": "the month 2026-02"},
    "fraud_tail": {"fraud at the end": "", "volume at the end": ""},
    "lost_cent": {"ledger rows": "", "ledger sides": ""},
    "lost_between": {"ledger chain": ""},
}
"""What each leak must make fail, and words that say where it is. Nothing else may fail."""


def report_of(**values: bool) -> TableReport:
    with LEAKY.with_values(values, seed=1).run() as run:
        return bustle.audit(run)["payments"]


@pytest.fixture(scope="module")
def clean() -> Iterator[TableReport]:
    yield report_of()


def test_without_a_leak_everything_passes(clean: TableReport) -> None:
    assert [(finding.check.name, finding.value) for finding in clean.failed] == []
    few = [finding.check.name for finding in clean.findings if finding.verdict == "too few"]
    assert few == []


def test_the_leaks_are_all_parameters_of_the_scenario() -> None:
    switches = {name for name, parameter in LEAKY.model.parameters.items() if parameter.default is False}
    assert switches == set(PLANTED)


@pytest.mark.parametrize("leak", PLANTED)
def test_each_planted_leak_is_found_and_nothing_else(leak: str) -> None:
    found = {finding.check.name: finding.detail for finding in report_of(**{leak: True}).failed}
    assert found.keys() == PLANTED[leak].keys()
    for check, words in PLANTED[leak].items():
        assert words in found[check]


def test_a_cent_that_is_missing_is_counted_every_time() -> None:
    report = report_of(lost_cent=True)
    assert report["ledger rows"].value == report["ledger sides"].value == pytest.approx(36, abs=3)


def test_every_check_is_reported_once_in_the_order_of_the_table(clean: TableReport) -> None:
    assert [finding.check.name for finding in clean.findings] == list(CHECKS)


def test_what_does_not_apply_is_left_out_with_a_reason(clean: TableReport) -> None:
    left_out = {f.check.name: f.detail for f in clean.findings if f.verdict == "skipped"}
    assert left_out == {
        "reciprocity": "payers and payees are not accounts of one kind",
        "own payments": "payers and payees are not accounts of one kind",
        "known too soon": "the mapping names no known",
        "label delay": "the mapping names no known",
    }


def test_a_check_without_a_band_informs(clean: TableReport) -> None:
    informing = {finding.check.name for finding in clean.findings if finding.verdict == "info"}
    banded = {check.name for check in CHECKS.values() if check.low is not None or check.high is not None}
    assert informing and not informing & banded


# --- a mapping's own words


@pytest.fixture(scope="module")
def run() -> Iterator[bustle.Run]:
    with LEAKY.with_values(seed=1, length="20 days").run() as run:
        yield run


def mapped(run: bustle.Run, **entries: Any) -> TableReport:
    how: dict[str, Any] = {"time": "time", "payer": "account", "amount": "amount", "label": "fraud"}
    return bustle.audit(run, mapping={"payments": {**how, **entries}})["payments"]


def test_an_expected_band_takes_the_place_of_the_check_s_own(run: bustle.Run) -> None:
    expected = {
        "hour ratio": {"max": 2, "because": "shops that never close"},
        "prevalence": {"max": 0.001, "because": "x"},
    }
    report = mapped(run, expect=expected)
    assert report["hour ratio"].verdict == "fail"
    assert (report["hour ratio"].low, report["hour ratio"].high) == (None, 2)
    assert report["hour ratio"].source == "the mapping: shops that never close"
    assert report["prevalence"].verdict == "fail"


def test_checks_and_groups_can_be_left_out_with_a_reason(run: bustle.Run) -> None:
    report = mapped(run, skip={"leakage": "labels are made up", "burstiness": {"because": "few rows"}})
    for check in CHECKS.values():
        if check.group == "leakage":
            assert (report[check.name].verdict, report[check.name].detail) == (
                "skipped",
                "the mapping: labels are made up",
            )
    assert report["burstiness"].detail == "the mapping: few rows"


def test_little_fraud_is_too_little_to_judge(run: bustle.Run) -> None:
    with LEAKY.with_values({"fraud_share": 0.0005, "leak_column": True}, seed=1).run() as rare:
        report = bustle.audit(rare)["payments"]
    for check in ("single column", "row alone"):
        assert report[check].verdict == "too few"
        assert "frauds in the two halves, 50 needed in each" in report[check].detail


def test_rows_that_are_not_meant_do_not_count(run: bustle.Run) -> None:
    """Salaries come all at midnight: with them the quietest hour is another, and the payers' gaps are others."""
    whole, purchases = mapped(run), mapped(run, time={"column": "time", "where": {"kind": "purchase"}})
    assert purchases["hour ratio"].value != whole["hour ratio"].value
    assert purchases["burstiness"].value == whole["burstiness"].value
    bought = mapped(run, payer={"column": "account", "where": {"kind": "purchase"}})
    assert bought["burstiness"].value != whole["burstiness"].value


def test_features_can_be_listed_or_ignored(run: bustle.Run) -> None:
    listed = mapped(run, features=["amount", "channel"])["row alone"]
    others = ["row", "old_balance", "new_balance", "old_till", "new_till", "shop", "kind", "device", "country"]
    assert mapped(run, ignore=others)["row alone"] == listed
    assert mapped(run, ignore=["row", "shop"])["row alone"].value != listed.value
