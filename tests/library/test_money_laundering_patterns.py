"""The patterns of money_laundering: every scheme that came to its end has the shape that its name says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import polars as pl
import pytest

import bustle

OF_AMLWORLD = (
    "fan_out",
    "fan_in",
    "cycle",
    "gather_scatter",
    "scatter_gather",
    "stack",
    "bipartite",
    "random",
)
PATTERNS = (*OF_AMLWORLD, "structuring", "nested_layering", "trade_based", "crypto", "mule_recruitment")
THRESHOLD = 4_000.0
SETTINGS: dict[str, str | float] = {"schemes": "1/3 days", "look_alikes": "1/200 days", "threshold": THRESHOLD}

BY_PATTERN = pytest.mark.parametrize("pattern", PATTERNS)


@pytest.fixture(scope="module")
def run() -> bustle.Run:
    return bustle.run("money_laundering", seed=3, scale=0.25, length="70 days", set=SETTINGS)


@pytest.fixture(scope="module")
def rows(run: bustle.Run) -> pl.DataFrame:
    """Payments of plans that came to their end, with what the payer's and the payee's account are used for."""
    use = run.table("accounts").select("id", pl.col("use").cast(pl.String))
    table = run.table("transactions").filter(pl.col("plan").is_not_null())
    table = table.with_columns(pl.col("pattern", "stage", "format").cast(pl.String))
    for side in ("payer", "payee"):
        table = table.join(use.rename({"use": f"{side}_use"}), left_on=side, right_on="id", maintain_order="left")
    return table.join(ended(run), on="plan", how="semi", maintain_order="left")


def ended(run: bustle.Run) -> pl.DataFrame:
    """The plans all of whose orders were carried out."""
    orders = run.agents("order").group_by("plan").agg(done=(pl.col("state").cast(pl.String) == "settled").all())
    return orders.filter("done").select("plan").collect()


def plans_of(rows: pl.DataFrame, pattern: str, laundering: bool | None = None) -> Iterator[pl.DataFrame]:
    """The payments of each plan, in order of time, without what enters and leaves a scheme."""
    chosen = rows.filter(pl.col("pattern") == pattern, pl.col("stage").is_in(["layering", "honest"]))
    if laundering is not None:
        chosen = chosen.filter(pl.col("laundering") == laundering)
    plans = chosen.partition_by("plan", maintain_order=True)
    assert len(plans) >= 2
    yield from plans


def layers_of(plan: pl.DataFrame) -> list[set[int]]:
    """The accounts of each layer: those that pay in step 1, 2, ..., and those that are paid in the last step."""
    steps = plan.sort("step").partition_by("step", maintain_order=True)
    return [*(set(step["payer"]) for step in steps), set(steps[-1]["payee"])]


def is_complete(step: pl.DataFrame) -> bool:
    """Everybody who pays in a step pays everybody who is paid in it, once."""
    pairs = step.select("payer", "payee")
    return pairs.height == pairs.n_unique() == step["payer"].n_unique() * step["payee"].n_unique()


def assert_layered(plan: pl.DataFrame) -> list[int]:
    """Checks that steps follow layers, each bound completely to the next; gives the layers' sizes."""
    steps = plan.sort("step").partition_by("step", maintain_order=True)
    assert [int(step["step"][0]) for step in steps] == list(range(1, len(steps) + 1))
    assert all(is_complete(step) for step in steps)
    assert all(set(one["payee"]) == set(other["payer"]) for one, other in pairwise(steps))
    layers = layers_of(plan)
    assert sum(map(len, layers)) == len(set().union(*layers))
    return [len(layer) for layer in layers]


@BY_PATTERN
def test_it_is_there_as_a_scheme_and_as_an_honest_look_alike(rows: pl.DataFrame, pattern: str) -> None:
    found = rows.filter(pl.col("pattern") == pattern)["laundering"].unique().to_list()
    assert sorted(found) == [False, True]


@BY_PATTERN
def test_a_payment_waits_for_the_money_of_the_step_before(rows: pl.DataFrame, pattern: str) -> None:
    chosen = rows.filter(pl.col("pattern") == pattern).select("plan", "step", "payer", "payee", "time")
    before = chosen.select("plan", pl.col("step") + 1, pl.col("payee").alias("payer"), pl.col("time").alias("came"))
    both = chosen.join(before, on=["plan", "step", "payer"])
    assert both.height >= 10
    assert (both["came"] < both["time"]).all()


def test_a_fan_out_is_one_account_that_pays_many(rows: pl.DataFrame) -> None:
    for plan in plans_of(rows, "fan_out"):
        one, many = assert_layered(plan)
        assert one == 1 and many >= 2


def test_a_fan_in_is_many_accounts_that_pay_one(rows: pl.DataFrame) -> None:
    for plan in plans_of(rows, "fan_in"):
        many, one = assert_layered(plan)
        assert one == 1 and many >= 2


def test_a_gather_scatter_goes_through_one_account(rows: pl.DataFrame) -> None:
    for plan in plans_of(rows, "gather_scatter"):
        many, one, others = assert_layered(plan)
        assert one == 1 and min(many, others) >= 2


def test_a_scatter_gather_begins_and_ends_with_one_account(rows: pl.DataFrame) -> None:
    for plan in plans_of(rows, "scatter_gather"):
        one, many, last = assert_layered(plan)
        assert one == last == 1 and many >= 2


def test_a_bipartite_has_two_layers_of_several_and_a_stack_three(rows: pl.DataFrame) -> None:
    for pattern, layers in (("bipartite", 2), ("stack", 3)):
        for plan in plans_of(rows, pattern):
            sizes = assert_layered(plan)
            assert len(sizes) == layers and min(sizes) >= 2


def test_a_cycle_comes_back_to_where_it_began(rows: pl.DataFrame) -> None:
    for plan in plans_of(rows, "cycle"):
        hops = plan.sort("step")
        assert hops["step"].to_list() == list(range(1, hops.height + 1))
        assert hops["payee"].to_list() == [*hops["payer"][1:], hops["payer"][0]]
        assert hops["payer"].n_unique() == hops.height >= 3


def test_a_random_walk_goes_on_from_where_it_is(rows: pl.DataFrame) -> None:
    for plan in plans_of(rows, "random"):
        hops = plan.sort("step")
        assert hops["step"].to_list() == list(range(1, hops.height + 1))
        assert hops["payee"].to_list()[:-1] == hops["payer"].to_list()[1:]


def test_structuring_pays_cash_in_below_the_threshold_and_gathers_it(rows: pl.DataFrame) -> None:
    for plan in plans_of(rows, "structuring", laundering=True):
        many, one = assert_layered(plan)
        assert one == 1 and many >= 2
        cash = rows.filter(pl.col("plan") == plan["plan"][0], pl.col("stage") == "placement")
        assert set(cash["format"]) == {"cash"} and set(cash["payer_use"]) == {"desk"}
        assert set(cash["payee"]) == set(plan["payer"])
        dollars = cash.filter(currency_paid="US Dollar")["amount_paid"]
        assert dollars.is_between(0.3 * THRESHOLD, 0.99 * THRESHOLD).all()


def test_nested_layering_splits_and_joins_among_companies(rows: pl.DataFrame) -> None:
    for plan in plans_of(rows, "nested_layering"):
        assert assert_layered(plan) == [1, 2, 3, 2, 1]
    for plan in plans_of(rows, "nested_layering", laundering=True):
        assert set(plan["payer_use"]) | set(plan["payee_use"]) <= {"business", "shop"}


def test_trade_is_invoices_between_two_companies_and_the_sum_to_a_third(rows: pl.DataFrame) -> None:
    for plan in plans_of(rows, "trade_based", laundering=True):
        *invoices, onward = plan.sort("step").iter_rows(named=True)
        assert len({(row["payer"], row["payee"]) for row in invoices}) == 1 and len(invoices) >= 2
        assert onward["payer"] == invoices[0]["payee"] and onward["payee"] != invoices[0]["payer"]
        assert set(plan["payer_use"]) | set(plan["payee_use"]) <= {"business", "shop"}


def test_crypto_goes_through_an_exchange_two_wallets_and_an_exchange(rows: pl.DataFrame) -> None:
    for plan in plans_of(rows, "crypto"):
        hops = plan.sort("step")
        if hops["payer_use"].to_list()[1:] != ["exchange", "wallet", "wallet", "exchange"]:
            assert hops.height == 4 and hops["step"].to_list() == [1, 2, 4, 5]  # both wallets are one
            continue
        assert hops["payee"].to_list()[:-1] == hops["payer"].to_list()[1:]


def test_new_mules_are_tried_with_a_small_sum_first(rows: pl.DataFrame) -> None:
    smaller = []
    for plan in plans_of(rows, "mule_recruitment", laundering=True):
        first, second, third = plan.sort("step").partition_by("step", maintain_order=True)
        assert set(first["payee"]) == set(second["payee"]) == set(third["payer"])
        assert first["payer"].n_unique() == third["payee"].n_unique() == 1
        assert set(first["payee_use"]) <= {"personal", "business", "shop"}
        pairs = first.join(second, on=["payer", "payee"])
        assert (pairs["time"] < pairs["time_right"]).all()
        smaller += (pairs["amount_paid"] < pairs["amount_paid_right"]).to_list()
    assert sum(smaller) / len(smaller) > 0.7


def test_schemes_take_money_in_and_spend_some_of_it(rows: pl.DataFrame) -> None:
    """Money enters where the scheme begins, and is spent at companies by whoever holds it at the end."""
    schemes = rows.filter("laundering")
    entered, left = (schemes.filter(stage=stage) for stage in ("placement", "integration"))
    assert entered.height > 100 and left.height > 100
    assert set(entered["payee_role"].cast(pl.String)) == {"origin"}
    assert set(left["payee_use"]) <= {"business", "shop"}
    assert set(entered["step"]) == {0}
    assert set(entered["format"]) & {"credit_card", "cash", "ach"} == {"credit_card", "cash", "ach"}
