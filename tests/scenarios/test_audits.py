"""The section `audit`: what it may say of a table, and what is told where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bustle.scenarios import Scenario
from bustle.scenarios.audit_checks import CHECKS, GROUPS
from bustle.scenarios.model import Audit, AuditBand, AuditColumn, AuditFilter, AuditLabel, AuditPayees
from tests.scenarios.small import TOWN, model_of, problems_of

RECORD = """      stop
record:
  sales:
    each: sale
    columns: [row, time, person, shop, other: person.home, kind: shop.kind, amount, at: time + 1 day]
    labels: [theft, trip]
    known: time + 2 days
  shops: {of: shop, columns: [id, kind, stock]}
  daily: {each: sale, window: 1 day, columns: [sales: count()]}
audit:
"""


def with_audit(entries: str, table: str = "sales") -> str:
    lines = "".join(f"    {line}\n" for line in entries.splitlines())
    return f"{TOWN}{RECORD}  {table}:\n{lines}"


def audit_of(entries: str) -> Audit:
    return model_of(with_audit(entries)).audits["sales"]


def test_columns_play_their_parts() -> None:
    found = audit_of(
        "time: time\npayer: person\npayee: {column: shop, where: {kind: [food]}}\npayees: shops\namount: amount\n"
        "label: theft\ncase: trip\nknown: known\n"
        "expect: {weekday ratio: {min: 1, because: no weekdays}}\nskip: {ledger: no balances}"
    )
    assert found.time.column == "time"
    assert found.payer == AuditColumn("person")
    assert found.payee == AuditColumn("shop", (AuditFilter("kind", ("food",)),))
    assert found.payees == AuditPayees("shops")
    assert found.label == AuditLabel("theft")
    assert (found.case, found.known) == ("trip", "known")
    assert found.expect == (AuditBand("weekday ratio", 1.0, None, "no weekdays"),)
    assert found.skip == (("ledger", "no balances"),)


def test_features_are_all_that_play_no_other_part_and_name_nothing() -> None:
    assert audit_of("time: time").features == ("kind", "amount")
    assert audit_of("time: time\npayer: person\nignore: kind").features == ("amount",)
    assert audit_of("time: time\nfeatures: [kind]").features == ("kind",)


def test_agents_of_one_population_are_peers() -> None:
    assert audit_of("time: time\npayer: shop\npayee: other").peers
    assert not audit_of("time: time\npayer: person\npayee: shop").peers
    assert audit_of("time: time\npayer: person\npayee: shop\npeers: true").peers


BALANCE = (
    "time: time\npayer: person\namount: amount\nbalances: [{account: payer, before: amount, after: amount, sign: -1}]"
)


def test_a_balance_changes_by_the_amount_of_the_audit_if_none_is_named() -> None:
    assert audit_of(BALANCE).balances[0].amount == ("amount",)


@pytest.mark.parametrize(
    "entries, message, at",
    [
        ("time: tme", "unknown column `tme`", "tme"),
        ("time: amount", "`amount` must hold a time, not money", "amount"),
        ("time: time\namount: kind", "`kind` must hold a number, not a category (food, books)", "kind"),
        ("time: time\npayer: {column: person, where: {knd: food}}", "unknown column `knd`", "knd"),
        ("time: time\npayee: {column: shop, where: {kind: fod}}", "the column never has `fod`", "fod"),
        ("time: time\npayees: shop", "unknown table `shop`", "shop"),
        ("time: time\nlabel: trip", "`trip` holds an episode", "trip"),
        ("time: time\nfeatures: [theft]", "`theft` is a label, and no feature", "theft"),
        ("time: time\nfeatures: [kind]\nignore: [amount]", "`ignore` cannot stand beside `features`", "ignore"),
        ("time: time\npeers: perhaps", "`peers` must be `true` or `false`", "perhaps"),
        ("time: {column: time, unit: 3 hous}", "`3 hous` is not a duration", "3 hous"),
        ("time: {column: time, unit: 1 hour, start: monday}", "`monday` is not a date", "monday"),
        ("time: {column: time, start: 2026-01-01}", "`start` needs `unit`", "2026-01-01"),
        ("time: time\nexpect: {weekday: {min: 1, because: x}}", "there is no check `weekday`", "weekday"),
        ("time: time\nexpect: {benford: {because: x}}", "`benford` needs `min` or `max`", "benford"),
        ("time: time\nexpect: {benford: {min: 2, max: 1, because: x}}", "`min` is above `max`", "min"),
        ("time: time\nexpect: {benford: {max: 15 %, because: x}}", "`15 %` is not a number", "15 %"),
        ("time: time\nexpect: {benford: {max: nan, because: x}}", "`nan` is not a number", "nan"),
        ("time: time\nexpect: {benford: {max: 1}}", "`benford` lacks `because`", "benford"),
        ("time: time\nskip: {ledgr: no balances}", "there is no check `ledgr`", "ledgr"),
        ("payer: person", "`sales` lacks `time`", "sales"),
        (BALANCE.replace("account: payer", "account: bank"), "`account` is `payer` or `payee`", "bank"),
        (BALANCE.replace("account: payer", "account: payee"), "the audit names no `payee`", "payee"),
        (BALANCE.replace("sign: -1", "sign: 0"), "`sign` is `1` or `-1`", "0"),
        (BALANCE.replace("\namount: amount", ""), "a balance needs an amount", "payer"),
        (BALANCE.replace("before: amount", "before: kind"), "`kind` must hold a number", "kind"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(entries: str, message: str, at: str) -> None:
    (problem,) = problems_of(with_audit(entries))
    assert problem.message.startswith(message)
    start = problem.span.column - 1
    assert problem.source[start : start + problem.span.length] == at


@pytest.mark.parametrize(
    "table, message",
    [("sale", "unknown table `sale`"), ("shops", "`shops` has no row for each event"), ("daily", "`daily` has no row")],
)
def test_only_tables_with_a_row_for_each_event_are_audited(table: str, message: str) -> None:
    (problem,) = problems_of(with_audit("time: time", table))
    assert problem.message.startswith(message)


def test_an_audit_of_a_broken_table_is_no_further_problem() -> None:
    text = with_audit("time: time").replace("each: sale\n    columns: [row", "each: sael\n    columns: [row")
    (problem,) = problems_of(text)
    assert "sael" in problem.message


def test_an_archetype_brings_the_audit_of_its_table(tmp_path: Path) -> None:
    (tmp_path / "sales.yaml").write_text(with_audit("time: time\npayer: person"), encoding="utf-8")
    main = "scenario: main\nuse: sales.yaml\nclock: {start: 2026-01-01, length: 1 day}\n"
    (tmp_path / "main.yaml").write_text(main, encoding="utf-8")
    assert Scenario.load(tmp_path / "main.yaml").model.audits["sales"].payer == AuditColumn("person")


def test_every_check_has_a_reference_and_belongs_to_a_group() -> None:
    for check in CHECKS.values():
        assert check.group in GROUPS and check.source and check.measures
        assert check.low is None or check.high is None or check.low < check.high
