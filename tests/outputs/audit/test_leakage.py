"""AUC, the tree, rules and ids against labels whose leaks are known."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from bustle.outputs.audit.perfect_rules import rules_of_equal_columns, rules_of_leaves, rules_of_values
from bustle.outputs.audit.row_tree import average_precision, train
from bustle.outputs.audit.tallies import auc_of_category, auc_of_number, rates_of
from bustle.outputs.audit.telling_ids import rows_of_telling_ids

RANDOM = np.random.default_rng(11)
ROWS = 20_000
FRAUD = RANDOM.random(ROWS) < 0.02


# --- columns


def test_the_auc_of_a_number_is_that_of_the_library_ties_included() -> None:
    score = np.round(RANDOM.normal(FRAUD * 0.7, 1), 1)
    assert auc_of_number(pl.Series(score), FRAUD) == pytest.approx(roc_auc_score(FRAUD, score), abs=1e-12)


def test_a_column_that_is_lower_for_frauds_gives_them_away_as_much() -> None:
    score = RANDOM.normal(FRAUD * 0.7, 1)
    assert auc_of_number(pl.Series(-score), FRAUD) == pytest.approx(auc_of_number(pl.Series(score), FRAUD))


def test_missing_numbers_lie_below_all_others() -> None:
    score = pl.Series([None if fraud else float(n) for n, fraud in enumerate(FRAUD)])
    assert auc_of_number(score, FRAUD) == 1


def test_a_category_is_scored_by_what_was_learned_before() -> None:
    """A category that means fraud in the first half and none in the second is wrong about every row."""
    column = pl.Series(np.where(np.arange(8) < 4, ["a", "a", "b", "b"] * 2, ["b", "b", "a", "a"] * 2))
    fraud = np.array([True, True, False, False] * 2)
    assert auc_of_category(column, fraud, 4) == 1  # max(AUC, 1 - AUC)
    noise = pl.Series(RANDOM.integers(0, 5_000, ROWS).astype(str))
    assert auc_of_category(noise, FRAUD, ROWS // 2) < 0.55
    assert auc_of_category(noise, FRAUD, ROWS // 2) != auc_of_number(noise.cast(pl.Int64), FRAUD)


def test_rare_values_share_one_rate() -> None:
    column = pl.Series(["often"] * 60 + ["seldom", "rarely", None])
    rates = rates_of(column, np.array([False] * 60 + [True, False, False]), fewest=50)
    assert dict(rates.iter_rows()) == {"often": 0, "seldom": 1 / 3, "rarely": 1 / 3, None: 1 / 3}


# --- the tree


def test_the_tree_finds_a_combination_that_no_column_gives_away() -> None:
    web, abroad = RANDOM.random(ROWS) < 0.5, RANDOM.random(ROWS) < 0.5
    amount = RANDOM.lognormal(3, 1, ROWS)
    fraud = web & abroad & (amount > 30) & (RANDOM.random(ROWS) < 0.2)
    inputs = {
        "channel": pl.Series(np.where(web, "web", "shop")),
        "country": pl.Series(np.where(abroad, "abroad", "home")),
        "amount": pl.Series(amount),
    }
    tree = train(inputs, frozenset({"channel", "country"}), fraud)
    leaves = tree.leaves(inputs)
    scores = tree.scores(leaves)
    assert average_precision(scores, fraud) > 0.15
    rule = tree.rule_of(int(leaves[scores.argmax()]))
    assert "channel is one of web" in rule and "country is one of abroad" in rule and "amount > 30" in rule


def test_a_column_of_names_does_not_fit_itself() -> None:
    names = pl.Series([f"row {number}" for number in range(ROWS)])
    tree = train({"name": names}, frozenset({"name"}), FRAUD)
    assert len(np.unique(tree.leaves({"name": names}))) == 1


def test_a_tree_that_saw_no_fraud_gives_every_row_the_same_score() -> None:
    inputs = {"amount": pl.Series(RANDOM.random(500))}
    tree = train(inputs, frozenset(), np.zeros(500, bool))
    assert tree.scores(tree.leaves(inputs)).tolist() == [0] * 500


def test_of_many_rows_every_so_manieth_is_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bustle.outputs.audit.row_tree.MOST_ROWS", 3_000)
    tree = train({"amount": pl.Series(RANDOM.random(ROWS))}, frozenset(), FRAUD)
    assert (tree.every, tree.trained_on) == (7, 2_858)


# --- rules


def test_a_value_that_only_frauds_have_is_a_perfect_rule() -> None:
    amount = RANDOM.lognormal(3, 1, ROWS)
    amount[np.flatnonzero(FRAUD)[:30]] = 99.99
    assert [str(rule) for rule in rules_of_values("amount", pl.Series(amount), FRAUD)] == [
        "amount = 99.99 (30 of 30 rows)"
    ]


@pytest.mark.parametrize("frauds, honest", [(9, 0), (30, 1)])
def test_a_value_with_few_frauds_or_an_honest_row_in_thirty_is_none(frauds: int, honest: int) -> None:
    amount = np.arange(ROWS, dtype=float)
    amount[np.flatnonzero(FRAUD)[:frauds]] = -1
    amount[np.flatnonzero(~FRAUD)[:honest]] = -1
    assert list(rules_of_values("amount", pl.Series(amount), FRAUD)) == []


def test_a_missing_value_is_a_rule_too() -> None:
    column = pl.Series([None if fraud else "home" for fraud in FRAUD])
    assert [rule.text for rule in rules_of_values("country", column, FRAUD)] == ["country is missing"]


def test_two_columns_that_are_equal_only_for_frauds_are_a_rule() -> None:
    balance = RANDOM.lognormal(5, 1, ROWS).round(2)
    amount = np.where(FRAUD, balance, balance + 1)
    columns = {"amount": pl.Series(amount), "balance": pl.Series(balance), "country": pl.Series(["home"] * ROWS)}
    assert [rule.text for rule in rules_of_equal_columns(columns, FRAUD)] == ["amount = balance"]


def test_a_leaf_that_holds_nothing_but_fraud_is_a_rule() -> None:
    amount = pl.Series(np.where(FRAUD, 300.0, 20.0) + RANDOM.random(ROWS))
    inputs = {"amount": amount}
    tree = train(inputs, frozenset(), FRAUD)
    rules = list(rules_of_leaves(tree, tree.leaves(inputs), FRAUD))
    assert [(rule.rows, rule.frauds) for rule in rules] == [(FRAUD.sum(), FRAUD.sum())]
    assert rules[0].text.startswith("amount > ")


# --- ids


def test_only_ids_with_five_rows_and_nothing_but_fraud_tell() -> None:
    codes = np.repeat([0, 1, 2], [5, 5, 4])
    fraud = np.array([True] * 5 + [True] * 4 + [False] + [True] * 4)
    assert rows_of_telling_ids(codes, fraud).tolist() == [True] * 5 + [False] * 9
