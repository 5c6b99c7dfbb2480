"""What mobile_money promises of its ledger and of honest life: exact balances, and PaySim's published marginals.

Published numbers are those of PaySim's aggregates of 24.6 million real transactions and of its public data set. Bands
are far wider than the noise at this size, where a share of 1 % has a standard error of 0.03 %.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
import pytest

import bustle

SCALE = 0.2
CENT = 100


@pytest.fixture(scope="module")
def run() -> Iterator[bustle.Run]:
    with bustle.run("mobile_money", seed=1, scale=SCALE, set={"criminals": 100}) as run:
        yield run


@pytest.fixture(scope="module")
def honest(run: bustle.Run) -> pl.DataFrame:
    """Bookings of PaySim's five types that are no fraud."""
    bookings = run.table("bookings").with_columns(pl.col("type", "story").cast(pl.String))
    return bookings.filter(~pl.col("fraud"), pl.col("type") != "SETTLEMENT")


# --- the ledger -----------------------------------------------------------------


def test_a_replay_of_the_log_finds_every_balance_and_never_a_cent_more_or_less(run: bustle.Run) -> None:
    """From the opening balances on, each booking finds both accounts as the replay has them, and moves its amount."""
    balance, cash, agents = _opening()
    total = sum(balance.values())
    wealth = {agent: balance[agent] + cash[agent] for agent in agents}

    rows = run.events("booking").with_columns(pl.col("type").cast(pl.String)).collect()  # the log holds cents
    assert rows.height > 90_000
    for row in rows.iter_rows(named=True):
        payer, payee = row["payer"], row["payee"]
        amount = -row["amount"] if row["type"] == "CASH_IN" else row["amount"]
        assert row["amount"] > 0
        assert (row["payer_before"], row["payee_before"]) == (balance[payer], balance[payee])
        assert (row["payer_after"], row["payee_after"]) == (balance[payer] - amount, balance[payee] + amount)
        balance[payer], balance[payee] = row["payer_after"], row["payee_after"]
        assert balance[payer] >= 0
        assert balance[payee] >= 0
        till = row["till"]
        assert (till is not None) == (row["type"] in ("CASH_IN", "CASH_OUT", "SETTLEMENT"))
        if till is not None:
            assert row["cash_before"] == cash[till]
            cash[till] = row["cash_after"]
            if till in wealth:  # an agent only swaps cash for electronic money
                assert balance[till] + cash[till] == wealth[till]
                assert cash[till] >= 0

    assert sum(balance.values()) == total
    at_the_end = run.table("accounts").select("id", (pl.col("balance", "cash") * CENT).round().cast(pl.Int64))
    assert dict(zip(at_the_end["id"], at_the_end["balance"], strict=True)) == balance
    assert dict(zip(at_the_end["id"], at_the_end["cash"], strict=True)) == cash


def _opening() -> tuple[dict[int, int], dict[int, int], list[int]]:
    """Balances and cash at the start in cents, and who is an agent: of a scenario that ends at once."""
    with bustle.run("mobile_money", seed=1, scale=SCALE, length="1 second") as start:
        assert start.table("bookings").is_empty()
        accounts = start.table("accounts").with_columns((pl.col("balance", "cash") * CENT).round().cast(pl.Int64))
    ids = accounts["id"].to_list()
    agents = accounts.filter(pl.col("kind") == "agent")["id"].to_list()
    return dict(zip(ids, accounts["balance"], strict=True)), dict(zip(ids, accounts["cash"], strict=True)), agents


def test_kinds_of_accounts_have_their_shares(run: bustle.Run) -> None:
    counts = dict(run.table("accounts")["kind"].cast(pl.String).value_counts().iter_rows())
    accounts = run.table("accounts").height
    assert counts == {
        "operator": 1,
        "employer": accounts // 200,
        "agent": accounts // 200 * 2,
        "merchant": accounts // 200 * 6,
        "customer": accounts - 1 - accounts // 200 * 9,
    }


# --- PaySim's table -------------------------------------------------------------


def test_the_table_of_paysim_has_its_columns_and_names(run: bustle.Run) -> None:
    table = run.table("paysim")
    assert sorted(table.columns) == sorted(
        "step type amount nameOrig oldbalanceOrg newbalanceOrig nameDest oldbalanceDest newbalanceDest "
        "isFraud isFlaggedFraud".split()
    )
    assert table["step"].is_sorted()
    assert (table["step"].min(), table["step"].max()) == (1, 31 * 24)
    assert set(table["isFraud"]) == set(table["isFlaggedFraud"]) == {0, 1}
    named = run.table("accounts").select("name", kind=pl.col("kind").cast(pl.String))
    kind = dict(named.iter_rows())
    assert {kind[name] for name in table["nameOrig"].unique()} == {"customer", "employer"}
    assert all((name[0] == "M") == (kind[name] == "merchant") for name in table["nameDest"].unique())
    flagged = (table["type"].cast(pl.String) == "TRANSFER") & (table["amount"] > 200_000)
    assert (table["isFlaggedFraud"] == flagged.cast(pl.Int64)).all()


# --- published marginals --------------------------------------------------------

PUBLISHED = {
    "CASH_OUT": (0.352, 171_651, 0.75),
    "PAYMENT": (0.338, 12_807, 0.92),
    "CASH_IN": (0.220, 166_187, 0.75),
    "TRANSFER": (0.084, 869_735, 1.66),
}
"""Share of the rows, mean amount, and coefficient of variation of amounts within an hour and type."""


@pytest.mark.parametrize("kind", PUBLISHED)
def test_shares_means_and_spread_of_each_type_are_near_the_published_ones(honest: pl.DataFrame, kind: str) -> None:
    share, mean, spread = PUBLISHED[kind]
    rows = honest.filter(pl.col("type") == kind)
    assert rows.height / honest.height == pytest.approx(share, rel=0.2)
    assert rows["amount"].mean() == pytest.approx(mean, rel=0.25)
    cells = rows.group_by_dynamic("time", every="1h").agg(pl.len(), (pl.col("amount").std() / pl.col("amount").mean()))
    large = cells.filter(pl.col("len") >= 30)
    assert np.average(large["amount"], weights=large["len"]) == pytest.approx(spread, rel=0.4)


def test_debits_are_few_and_small(honest: pl.DataFrame) -> None:
    debits = honest.filter(pl.col("type") == "DEBIT")
    assert debits.height / honest.height == pytest.approx(0.0065, rel=0.25)
    assert debits["amount"].mean() == pytest.approx(5163, rel=0.25)


@pytest.mark.parametrize(
    ("kind", "published"),
    [
        ("CASH_OUT", {2: 0.504, 3: 0.273, 5: 0.099, 10: 0.026, 100: 0.009}),
        ("PAYMENT", {2: 0.706, 5: 0.361, 10: 0.053}),
        ("TRANSFER", {2: 0.468, 5: 0.128, 10: 0.042}),
    ],
)
def test_a_few_customers_do_most(run: bustle.Run, honest: pl.DataFrame, kind: str, published: dict[int, float]) -> None:
    """P(N >= m) of those who do it at all, within a factor of two."""
    customers = run.table("accounts").filter(pl.col("kind") == "customer")["id"]
    rows = honest.filter(pl.col("type") == kind, pl.col("payer").is_in(customers.implode()))
    counts = rows.group_by("payer").len()["len"]
    for least, share in published.items():
        assert share / 2 < (counts >= least).mean() < share * 2, (least, share)  # type: ignore[operator]


def test_wallets_start_with_the_published_quantiles_and_stay_mostly_empty(run: bustle.Run) -> None:
    wallets = run.table("accounts").filter(pl.col("kind") == "customer")
    opening = wallets["opening"]
    assert (opening < 100).mean() == pytest.approx(0.67, abs=0.015)
    for level, published in {0.75: 10_800, 0.9: 99_000, 0.99: 594_000}.items():
        assert opening.quantile(level) == pytest.approx(published, rel=0.2)
    assert 0.5 < (wallets["balance"] < 100).mean() < 0.75  # type: ignore[operator]


def test_the_day_has_the_published_shape(honest: pl.DataFrame) -> None:
    published = np.array(
        [
            *(3.29, 1.18, 0.28, 0.1, 0.1, 0.1, 0.1, 0.35, 0.95, 1.40, 1.17, 1.63),
            *(2.46, 3.58, 4.41, 4.43, 6.12, 6.97, 10.57, 12.94, 12.88, 10.24, 8.52, 6.52),
        ]
    )
    hours = np.bincount(honest["time"].dt.hour(), minlength=24)
    assert abs(hours / hours.sum() - published / published.sum()).sum() / 2 < 0.05
    assert hours.max() > 10 * hours.min()


# --- what looks odd and is honest -----------------------------------------------


def test_honest_people_empty_their_wallets_send_much_home_and_send_to_strangers_in_a_row(honest: pl.DataFrame) -> None:
    outgoing = honest.filter(pl.col("type").is_in(["CASH_OUT", "TRANSFER"]), pl.col("story") == "everyday")
    assert 0.1 < (outgoing["payer_after"] == 0).mean() < 0.5  # type: ignore[operator]
    remittances = honest.filter(pl.col("story") == "remittance")
    assert remittances.height > 100
    assert remittances["amount"].median() > 200_000  # type: ignore[operator]
    gifts = honest.filter(pl.col("story") == "gathering").group_by("payer").agg(pl.len(), pl.col("payee").n_unique())
    assert (gifts["len"] >= 3).sum() > 50
    assert (gifts["payee"] >= 0.95 * gifts["len"]).mean() > 0.9  # type: ignore[operator]


def test_who_is_paid_draws_cash_within_a_day_or_two(honest: pl.DataFrame) -> None:
    paid = honest.filter(pl.col("story") == "income", pl.col("type") == "TRANSFER").select("time", payer="payee")
    drawn = honest.filter(pl.col("type") == "CASH_OUT").select("time", "payer", drawn="time")
    after = paid.sort("time").join_asof(drawn.sort("time"), on="time", by="payer", strategy="forward")
    soon = (after["drawn"] - after["time"]).dt.total_hours() <= 48
    assert soon.fill_null(value=False).mean() > 0.5  # type: ignore[operator]
