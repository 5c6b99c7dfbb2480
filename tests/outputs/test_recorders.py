from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import polars.testing
import pyarrow.parquet as pq
import pytest

from bustle.outputs.errors import OutputError
from bustle.outputs.event_sink import Coded
from bustle.outputs.log import LogWriter
from bustle.outputs.parquet_options import ROW_GROUP
from bustle.outputs.recorders import record_tables
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import (
    AgentTable,
    Aggregate,
    Binary,
    Categorical,
    Column,
    Compare,
    Convert,
    Draw,
    EachTable,
    Event,
    EventField,
    Expr,
    Field,
    Mixture,
    Model,
    Table,
)
from bustle.scenarios.types import (
    BOOL,
    DURATION,
    INSTANT,
    MONEY,
    NUMBER,
    RATE,
    WHOLE,
    Agent,
    State,
)
from tests.outputs.scenes import (
    DAILY,
    DAY,
    HOUR,
    KIND,
    KNOWN,
    ME,
    PAIRS,
    SHARE,
    SPENT,
    TRANSACTIONS,
    attr,
    const,
    draws,
    fill,
    purchase,
    shops,
)

Record = Callable[..., pl.DataFrame]


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Fill a log and record one table from it."""

    def recorded(table: Table, filling: Callable[[LogWriter], None] = fill, draw: Any = draws, **changes: Any) -> Any:
        model = shops(tables={table.name: table, "share": SHARE}, **changes)
        with LogWriter(tmp_path, model) as log:
            filling(log)
        record_tables(tmp_path, model, draw)
        return pl.read_parquet(tmp_path / "tables" / f"{table.name}.parquet")

    return recorded


def each(*columns: Column, **changes: Any) -> EachTable:
    return replace(TRANSACTIONS, columns=columns, **changes)


def test_every_event_is_a_row_with_columns_looked_up_over_links(record: Record) -> None:
    frame = record(TRANSACTIONS)
    assert frame.height == 12
    assert frame["time"].to_list()[1] == datetime(2026, 1, 1, 5)
    assert frame["category"].cast(pl.String).to_list()[:6] == ["grocery", "fuel", "travel", "grocery", "grocery", None]
    assert frame["basket"].to_list()[:3] == [0.05, 1.0, 28.0]
    assert frame["amount"].to_list()[1] == 10.25
    assert frame["fraud"].sum() == 3


def test_rows_that_where_does_not_keep_are_left_out_and_the_rest_numbered(record: Record) -> None:
    # An unknown category is neither grocery nor not grocery.
    grocery = Compare("!=", attr(purchase("merchant"), "merchant", "category", KIND), const(0, KIND), type=BOOL)
    frame = record(
        each(Column("n", Field("purchase", "row", type=WHOLE)), Column("card", purchase("card")), where=grocery)
    )
    assert frame["n"].to_list() == [0, 1, 2, 3, 4]
    assert frame["card"].to_list() == [1, 2, 0, 0, 1]


def test_a_column_of_constants_has_a_value_in_every_row(record: Record) -> None:
    assert record(each(Column("one", const(1, WHOLE))))["one"].to_list() == [1] * 12


def test_durations_are_seconds_and_rates_are_per_day_and_never_is_missing(record: Record) -> None:
    frame = record(
        each(
            Column("delay", const(90.0 * 60_000_000, DURATION)),
            Column("rate", const(2 / DAY, RATE)),
            Column("never", const(2**62, INSTANT)),
            Column("undefined", Binary("/", const(1.0, NUMBER), const(0.0, NUMBER), type=NUMBER)),
        )
    )
    assert frame.row(0) == (5400.0, pytest.approx(2.0), None, None)


def test_an_attribute_that_changes_is_not_looked_up_at_the_end(record: Record) -> None:
    odd = attr(purchase("card"), "card", "odd", WHOLE)
    with pytest.raises(OutputError, match="`odd` changes during the run and was not captured"):
        record(each(Column("odd", odd)))


def test_a_captured_field_is_a_column_like_any_other(record: Record) -> None:
    state = State("card", ("active", "blocked"))
    captured = EventField("card.state", state, captured=attr(purchase("card"), "card", "state", state))
    event = Event("purchase", (*shops().events["purchase"].fields, captured))

    def filling(log: LogWriter) -> None:
        row = {"time": [0], "behavior": [0], "agent": [0], "occurrence": [0], "index": [0], "card": [0]}
        log.write("purchase", row | {"merchant": [0], "amount": [1], "fraud": [0], "episode": [-1], "card.state": [1]})

    table = each(Column("state", Field("purchase", "card.state", type=state)))
    assert record(table, filling, events={"purchase": event})["state"].to_list() == ["blocked"]


def test_draws_are_keyed_by_the_row_and_not_by_where_it_stands(record: Record) -> None:
    calls: list[tuple[Any, ...]] = []

    def draw(purpose: str, behavior: Coded, form: str, args: Any, agent: Any, occurrence: Any, index: Any) -> Any:
        names = [behavior.texts[code] for code in behavior.codes]
        calls.append((purpose, form, names, agent.tolist(), occurrence.tolist()))
        return draws(purpose, behavior, form, args, agent, occurrence, index)

    all_rows = record(each(Column("known", KNOWN, "known"), Column("fraud", purchase("fraud"))), draw=draw)
    assert calls[0] == (
        "transactions.known",
        "lognormal_median",
        ["shop", "shop", "shop", "cash_out"] * 3,
        [0, 1, 2] * 4,
        [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3],
    )
    some = record(each(Column("known", KNOWN, "known"), where=purchase("fraud")))
    assert some["known"].to_list() == all_rows.filter("fraud")["known"].to_list()


def test_draws_of_spawned_agents_are_keyed_by_their_identity(record: Record) -> None:
    seen: list[tuple[int, int]] = []

    def draw(purpose: str, behavior: Coded, form: str, args: Any, agent: Any, *rest: Any) -> Any:
        seen.extend(zip(behavior.codes.tolist(), agent.tolist(), strict=True))
        return np.broadcast_to(args[0], len(agent))

    def filling(log: LogWriter) -> None:
        row: dict[str, Any] = {
            "time": [0, 0],
            "behavior": ["shop", None],
            "agent": [1, -1],
            "occurrence": [0, 0],
            "index": [0, 1],
        }
        log.write(
            "purchase",
            row | {"card": [1, 1], "merchant": [0, 0], "amount": [1, 1], "fraud": [0, 0], "episode": [-1, -1]},
        )
        agents = {"odd": [0, 0], "owner": [0, 0], "state": [0, 0], "born": [0, 5], "retired": [-1, -1]}
        log.write_agents("card", agents | {"identity": [0, 2**62 + 99]})

    record(each(Column("known", KNOWN, "known")), filling, draw)
    assert seen == [(0, 2**62 + 99), (-1, 0)]


def test_draws_of_categories_and_mixtures_follow_their_weights(record: Record) -> None:
    half = const(0.5, NUMBER)
    category = Categorical((const(1.0, NUMBER), const(0.0, NUMBER), const(3.0, NUMBER)), "t.c", type=KIND)
    mixture = Mixture((half, half), (const(1.0, NUMBER), const(2.0, NUMBER)), "t.m", type=NUMBER)

    def draw(purpose: str, behavior: Coded, form: str, args: Any, agent: Any, occurrence: Any, index: Any) -> Any:
        assert form == "uniform"
        return (occurrence * 3 + agent) / 12

    frame = record(each(Column("c", category), Column("m", mixture)), draw=draw)
    assert frame["c"].cast(pl.String).to_list() == ["grocery"] * 3 + ["travel"] * 9
    assert frame["m"].to_list() == [1.0] * 6 + [2.0] * 6


def test_a_draw_with_a_bad_argument_ends_with_a_message(record: Record) -> None:
    draw = Draw("lognormal_median", (const(1.0, NUMBER), const(-1.0, NUMBER)), "t.x", type=NUMBER)
    with pytest.raises(RunError, match="lognormal cannot be drawn with `sigma` = -1"):
        record(each(Column("x", draw)))


def test_windows_hold_the_aggregates_of_their_groups_in_order(record: Record) -> None:
    frame = record(DAILY).with_columns(pl.col("category").cast(pl.String))
    assert frame.columns == ["time", "category", "n", "spent"]
    assert frame.rows()[:4] == [
        (datetime(2026, 1, 1), "grocery", 3, 31.75),
        (datetime(2026, 1, 1), "fuel", 1, 10.25),
        (datetime(2026, 1, 1), "travel", 1, 10.5),
        (datetime(2026, 1, 2), None, 1, 11.25),
    ]


def aggregate(function: Any, value: Expr | None, type_: Any, where: Expr | None = None) -> Aggregate:
    return Aggregate(function, value, None, where, type=type_)


AMOUNT = Convert("to_number", purchase("amount"), type=NUMBER)
MEASURES = (
    Column("n", aggregate("count", None, WHOLE)),
    Column("spent", SPENT),
    Column("mean", aggregate("mean", AMOUNT, NUMBER)),
    Column("least", aggregate("min", AMOUNT, NUMBER)),
    Column("most", aggregate("max", AMOUNT, NUMBER)),
    Column("stolen", aggregate("sum", purchase("amount"), MONEY, purchase("fraud"))),
    Column("mean_stolen", aggregate("mean", AMOUNT, NUMBER, purchase("fraud"))),
    Column(
        "share",
        Binary("/", aggregate("count", None, WHOLE, purchase("fraud")), aggregate("count", None, WHOLE), type=NUMBER),
    ),
)
MANY = 200_000


def many(log: LogWriter) -> None:
    """Purchases over ten days, in several row groups."""
    rng = np.random.default_rng(1)
    time = np.sort(rng.integers(0, 10 * DAY, MANY))
    n = np.arange(MANY)
    log.write(
        "purchase",
        {
            "time": time, "behavior": n * 0, "agent": n % 3, "occurrence": n, "index": n * 0,
            "card": rng.integers(-1, 300, MANY), "merchant": rng.integers(-1, 4, MANY),
            "amount": rng.integers(1, 10_000, MANY), "fraud": rng.random(MANY) < 0.001, "episode": n * 0 - 1,
        },
    )  # fmt: skip


def test_windows_over_many_row_groups_agree_with_polars(record: Record, tmp_path: Path) -> None:
    frame = record(replace(DAILY, by=(Column("card", purchase("card")),), columns=MEASURES), many)
    amount, fraud = pl.col("amount") / 100, pl.col("fraud")
    log = pl.read_parquet(tmp_path / "log/events/purchase.parquet")
    expected = (
        log.group_by(pl.col("time").dt.truncate("1d"), "card")
        .agg(
            n=pl.len(), spent=pl.col("amount").sum() / 100, mean=amount.mean(), least=amount.min(),
            most=amount.max(), stolen=pl.col("amount").filter(fraud).sum() / 100,
            mean_stolen=amount.filter(fraud).mean(), share=fraud.mean(),
        )
        .sort("time", "card")
    )  # fmt: skip
    assert frame.columns == expected.columns
    pl.testing.assert_frame_equal(frame, expected.with_columns(pl.col("n").cast(pl.Int64)), rel_tol=1e-12)


def test_sums_of_floats_do_not_depend_on_the_number_of_threads(record: Record, tmp_path: Path) -> None:
    value = Binary("/", AMOUNT, const(3.0, NUMBER), type=NUMBER)
    frame = record(replace(DAILY, by=(), columns=(Column("sum", aggregate("sum", value, NUMBER)),)), many)
    log = pl.read_parquet(tmp_path / "log/events/purchase.parquet", columns=["time", "amount"])
    days = log["time"].dt.ordinal_day().to_numpy()
    for day, total in enumerate(frame["sum"], start=1):
        # The documented order: frames of 65,536 rows are added up in order, then their sums.
        parts = [
            (log["amount"][i : i + 65_536].to_numpy() / 100 / 3)[days[i : i + 65_536] == day]
            for i in range(0, MANY, 65_536)
        ]
        assert total == np.add.reduceat([np.add.reduceat(part, [0])[0] for part in parts if len(part)], [0])[0]


def test_pairs_of_an_event_are_edges_with_aggregates(record: Record) -> None:
    frame = record(replace(PAIRS, columns=MEASURES[:2]), many)
    assert frame.columns == ["source", "target", "n", "spent"]
    assert frame.height == 300 * 4
    assert frame.select("source", "target").rows() == sorted(frame.select("source", "target").rows())
    assert 0 < MANY - frame["n"].sum() < MANY / 3, "pairs without one of their ends are no edges"


def test_agents_at_the_end_include_those_that_retired(record: Record) -> None:
    columns = (
        Column("id", attr(ME, "cardholder", "id", WHOLE)),
        Column("gone", attr(ME, "cardholder", "retired", INSTANT)),
    )
    frame = record(AgentTable("people", "cardholder", columns))
    assert frame.rows() == [(0, None), (1, None), (2, datetime(2026, 1, 4))]


def test_agents_are_filtered_by_attributes_and_links(record: Record) -> None:
    me = attr(ME, "card", "owner", Agent("cardholder"))
    basket = attr(replace(me, target=replace(ME, population="card")), "cardholder", "basket", MONEY)
    cheap = Compare("<", basket, const(1000, MONEY), type=BOOL)
    frame = record(AgentTable("cards", "card", (Column("basket", basket),), where=cheap))
    assert frame["basket"].to_list() == [0.05, 1.0]


def test_agents_at_given_times_are_those_there_at_the_time(record: Record) -> None:
    mine = replace(ME, population="card", type=Agent("card"))
    pace = attr(attr(mine, "card", "owner", Agent("cardholder")), "cardholder", "pace", RATE)
    table = AgentTable(
        "cards",
        "card",
        (Column("odd", attr(mine, "card", "odd", WHOLE)), Column("pace", pace)),
        at=(const(DAY, INSTANT),),
    )
    cardholder = replace(shops().populations["cardholder"])
    pace_changes = tuple(replace(a, mutable=a.name == "pace") for a in cardholder.attributes)
    populations = shops().populations | {"cardholder": replace(cardholder, attributes=pace_changes)}

    def filling(log: LogWriter) -> None:
        for day in (1, 2):
            alive = [-1, -1 if day == 1 else 30 * HOUR]
            now: dict[str, Any] = {
                "odd": [day, 10 * day],
                "owner": [1, 0],
                "state": [0, 0],
                "born": [0, 0],
                "retired": alive,
            }
            log.write_snapshot("cards", day * DAY, "card", now)
            people: dict[str, Any] = {
                "pace": [day / DAY, 100 * day / DAY],
                "basket": [0, 0],
                "born": [0, 0],
                "retired": [-1, -1],
            }
            log.write_snapshot("cards", day * DAY, "cardholder", people)
        fill(log)

    frame = record(table, filling, populations=populations)
    first, second = datetime(2026, 1, 2), datetime(2026, 1, 3)
    assert frame.rows() == [(first, 1, 100.0), (first, 10, 1.0), (second, 2, 200.0)]


def test_a_filtered_table_has_full_row_groups(record: Record, tmp_path: Path) -> None:
    most = Compare("!=", Binary("%", purchase("card"), const(9, WHOLE), type=WHOLE), const(0, WHOLE), type=BOOL)
    frame = record(each(Column("card", purchase("card")), where=most), many)
    groups = pq.ParquetFile(tmp_path / "tables/transactions.parquet").metadata
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)] == [ROW_GROUP, frame.height - ROW_GROUP]


def test_a_column_cannot_take_the_name_of_the_windows_time(record: Record) -> None:
    with pytest.raises(OutputError, match="table daily would have two columns called time"):
        record(replace(DAILY, columns=(Column("time", SPENT),)))


def test_a_log_without_events_gives_empty_tables(record: Record) -> None:
    for table in (TRANSACTIONS, DAILY, PAIRS):
        frame = record(table, lambda log: None) if table is not TRANSACTIONS else record(table, _agents_only)
        assert frame.height == 0
        assert frame.columns[0] in ("time", "source")


def _agents_only(log: LogWriter) -> None:
    fill(log, rows=0)


def test_recording_again_gives_the_same_bytes(tmp_path: Path) -> None:
    model: Model = shops()
    with LogWriter(tmp_path, model) as log:
        fill(log)
    first = record_tables(tmp_path, model, draws)
    bytes_ = {path.name: path.read_bytes() for path in (tmp_path / "tables").iterdir()}
    assert record_tables(tmp_path, model, draws) == first
    assert {path.name: path.read_bytes() for path in (tmp_path / "tables").iterdir()} == bytes_
    assert [(t.name, t.rows, t.true) for t in first][:1] == [("transactions", 12, {"fraud": 3})]


def test_the_role_and_unit_of_a_column_stand_in_the_file(record: Record, tmp_path: Path) -> None:
    record(TRANSACTIONS)
    schema = pq.read_schema(tmp_path / "tables/transactions.parquet")
    assert schema.field("amount").metadata[b"unit"] == b"money"
    assert {f.name: f.metadata[b"role"] for f in schema}["known"] == b"known"
    assert schema.metadata[b"about"] == b"every purchase"
