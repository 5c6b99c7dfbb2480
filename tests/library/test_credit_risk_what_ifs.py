"""Paired runs of the consumer loans: each parameter changes what its name says, in its direction, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import polars as pl
import pytest

import bustle
from tests.face.conftest import CommandLine

SCALE = 0.06


class Change(NamedTuple):
    """A parameter, another value, the parts of a run that must differ then, how defaults go, what else may differ."""

    parameter: str
    value: Any
    changes: set[str]
    defaults: int = 0
    may_change: frozenset[str] = frozenset()


PARTS = {
    "people": ("truth", ["thrift", "steadiness", "impression", "pay", "variable_rate"]),
    "spending": ("truth", ["spending"]),
    "arrival": ("applications", ["asked_at"]),
    "score": ("applications", ["score"]),
    "stated": ("applications", ["stated_income"]),
    "request": ("applications", ["age", "history", "past_arrears", "other_debts", "asked", "term"]),
    "fate": ("truth", ["would_default_at"]),
    "price": ("applications", ["price"]),
    "decision": ("applications", ["decision", "lent"]),
    "economy": ("economy", None),
    "payments": ("repayments", None),
    "recoveries": ("repayments", None),
}
"""What a run is made of: a table and its columns."""

PAID = {"payments", "recoveries"}
LIFE = {"fate", *PAID}
POLICY = {"decision", *PAID}
CYCLE = {"economy", *LIFE}
RATES = {"economy", "price", *LIFE}
FEW = frozenset({"decision"})
"""Another price is another instalment, and for a few a burden on the other side of the limit."""

CHANGES = [
    Change("intake", "800 days", {"arrival", "price", *LIFE}, may_change=FEW),
    Change("market_margin", 0.3, LIFE, +1),
    Change("savings", 2, LIFE, -1),
    Change("living", 0.75, {"spending", *LIFE}, +1),
    Change("forgetting", 0.1, LIFE, +1),
    Change("overstatement", 0.5, {"stated", *POLICY}),
    Change("score_noise", 2, {"score", "price", *POLICY}),
    Change("job_loss", 0.03, CYCLE, +1),
    Change("job_finding", 0.1, CYCLE, +1),
    Change("benefits", 0.9, LIFE, -1),
    Change("illness", 0.05, LIFE, +1),
    Change("recovery", 0.02, LIFE, +1),
    Change("illness_cost", 1, LIFE, +1),
    Change("raises", 0.2, LIFE, -1),
    Change("recession_at", "2022-01-01", CYCLE),
    Change("recession_length", "1000 days", CYCLE, +1),
    Change("recession_ramp", "20 days", CYCLE),
    Change("recession_depth", 2, CYCLE, +1),
    Change("more_lost", 2, CYCLE, +1),
    Change("less_found", 0, CYCLE, -1),
    Change("base_rate", 0.06, RATES, +1, FEW),
    Change("rate_rise", 0.1, RATES, +1, FEW),
    Change("rate_rise_at", "2021-06-01", RATES, may_change=FEW),
    Change("rate_ramp", "30 days", RATES, may_change=FEW),
    Change("rate_pain", 40, LIFE, +1),
    Change("score_cutoff", 660, POLICY),
    Change("override_bar", 0.5, POLICY),
    Change("max_burden", 0.25, POLICY),
    Change("limit", 1, POLICY),
    Change("margin", 0.2, {"price", *POLICY}),
    Change("risk_price", 0.3, {"price", *POLICY}),
    Change("probation", 1, PAID),
    Change("write_off_after", 12, PAID),
    Change("loss_share", 0.3, {"recoveries"}),
    Change("recovery_delay", "90 days", {"recoveries"}),
]


def parts_of(run: bustle.Run) -> Iterator[tuple[str, pl.DataFrame]]:
    for part, (table, columns) in PARTS.items():
        frame = run.table(table)
        if table == "repayments":
            recovered = pl.col("status").cast(pl.String) == "closed"
            frame = frame.filter(recovered if part == "recoveries" else ~recovered)
        yield part, frame.select(columns or pl.all())


@pytest.fixture(scope="module")
def usual() -> dict[str, pl.DataFrame]:
    with bustle.run("credit_risk", scale=SCALE) as run:
        return dict(parts_of(run))


def test_every_parameter_is_changed_here() -> None:
    parameters = set(bustle.Scenario.load("credit_risk").model.parameters)
    assert {change.parameter for change in CHANGES} == parameters - {"applicants"}


@pytest.mark.parametrize("change", CHANGES, ids=[change.parameter for change in CHANGES])
def test_a_parameter_does_what_its_name_says_and_only_that(change: Change, usual: dict[str, pl.DataFrame]) -> None:
    with bustle.run("credit_risk", scale=SCALE, set={change.parameter: change.value}) as run:
        other = dict(parts_of(run))
    changed = {part for part in PARTS if not usual[part].equals(other[part])}
    assert changed - change.may_change == change.changes
    more = other["fate"].count().item() - usual["fate"].count().item()
    if change.defaults:
        assert more * change.defaults > 0


def test_more_applicants_leave_the_others_as_they_were() -> None:
    with (
        bustle.run("credit_risk", set={"applicants": 500}) as few,
        bustle.run("credit_risk", set={"applicants": 900}) as many,
    ):
        for table, who in (("applications", "id"), ("truth", "id"), ("loans", "id"), ("repayments", "applicant")):
            first = many.table(table).filter(pl.col(who) < 500)
            assert few.table(table).equals(first) and many.table(table).height > first.height


def test_another_cutoff_gives_exactly_the_defaults_that_the_truth_foretells() -> None:
    """The rejected are no mystery here: of the newly accepted those default whose shadow loan did."""
    with (
        bustle.run("credit_risk", scale=0.5) as old,
        bustle.run("credit_risk", scale=0.5, set={"score_cutoff": 500}) as new,
    ):
        before = old.table("applications").join(old.table("truth"), on="id")
        after = new.table("applications")
    let_in = (after["decision"].cast(pl.String) == "accepted") & (before["decision"].cast(pl.String) == "low_score")
    assert let_in.sum() > 1_000 and (before["score"].filter(let_in) >= 500).all()
    assert ((after["outcome"].cast(pl.String) == "bad") == before["would_default"]).filter(let_in).all()
    kept = before["decision"].cast(pl.String) == "accepted"
    assert after.filter(kept).equals(before.filter(kept).select(after.columns))


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("score_cutoff=900", "851"),
        ("loss_share=1", "0.99"),
        ("recession_at=soon", "recession_at"),
        ("recovery_delay=12", "duration"),
        ("cutoff=600", "score_cutoff"),
    ],
)
def test_a_wrong_setting_is_told_in_a_line(setting: str, complaint: str) -> None:
    result = CommandLine()("run", "credit_risk", "--set", setting, code=2)
    assert complaint in result.output
