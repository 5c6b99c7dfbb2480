"""Event logs that any Python code writes: what is accepted, what is refused, and what the folder then holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from bustle.outputs.attach import EventLog
from bustle.outputs.attach.declare import span_of, start_of
from bustle.outputs.errors import OutputError
from bustle.outputs.log import LogReader
from bustle.outputs.manifest import read_manifest
from bustle.outputs.plots import plot_run
from bustle.outputs.verify import verify
from bustle.scenarios import load

SALE = {"sale": {"shop": "id", "amount": "money", "fraud": "label bool"}}
HOUR = timedelta(hours=1)


def table(folder: Path, name: str) -> pl.DataFrame:
    """A recorded table."""
    return pl.read_parquet(folder / "tables" / f"{name}.parquet")


def sales(folder: Path, **options: Any) -> EventLog:
    """A log of sales."""
    return EventLog(folder, SALE, **options)


def test_events_become_a_log_a_table_and_a_folder_that_verifies(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with sales(out, name="market", title="A market", seed=7, start="2026-03-01T08:00") as log:
        log.emit("sale", time=1 * HOUR, shop=3, amount=12.5, fraud=False)
        log.emit("sale", time=2 * HOUR, shop=0, amount=0.005, fraud=True)
    assert verify(out) == []
    assert table(out, "sale").to_dicts() == [
        {"time": datetime(2026, 3, 1, 9), "shop": 3, "amount": 12.5, "fraud": False},
        {"time": datetime(2026, 3, 1, 10), "shop": 0, "amount": 0.0, "fraud": True},
    ]
    manifest = read_manifest(out)
    assert manifest["seed"] == 7 and manifest["events"] == {"sale": {"rows": 2}}
    roles = {column["name"]: column["role"] for column in manifest["tables"]["sale"]["columns"]}
    assert roles["fraud"] == "label" and roles["amount"] == "input"
    card = (out / "README.md").read_text()
    assert "A market" in card and "from a model outside" in card and "bustle run" not in card
    assert LogReader(out).scan("sale").collect()["amount"].to_list() == [1250, 0]


def test_the_folder_s_scenario_is_one_that_bustle_reads(tmp_path: Path) -> None:
    with sales(tmp_path / "out", timezone="Europe/Berlin", about='Says "so"\nin two lines') as log:
        log.emit("sale", time=90 * 24 * HOUR, shop=4, amount=1, fraud=False)
    model = load(tmp_path / "out" / "scenario.yaml").model
    assert list(model.events) == ["sale"] and list(model.tables) == ["sale"]
    assert model.clock.timezone == "Europe/Berlin"
    assert model.clock.length == 90 * 86_400_000_000 + 1_000_000
    assert model.about == 'Says "so"\nin two lines'


def test_pictures_can_be_drawn_of_it(tmp_path: Path) -> None:
    with sales(tmp_path / "out") as log:
        for i in range(50):
            log.emit("sale", time=i * HOUR, shop=i % 7, amount=i + 1, fraud=i % 10 == 0)
    assert "amounts" in [path.stem for path in plot_run(tmp_path / "out")]
    assert verify(tmp_path / "out") == []


def test_the_same_events_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        with sales(tmp_path / name) as log:
            for i in range(100):
                log.emit("sale", time=i * HOUR, shop=i % 7, amount=i * 1.1, fraud=False)
    paths = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert len(paths) == 5
    for path in paths:
        assert (tmp_path / "a" / path).read_bytes() == (tmp_path / "b" / path).read_bytes(), path


def test_more_events_than_are_held_back_keep_their_order(tmp_path: Path) -> None:
    with EventLog(tmp_path / "out", {"tick": {"n": "whole"}}, unit="second") as log:
        for n in range(10_000):
            log.emit("tick", time=n // 3, n=n)
    assert table(tmp_path / "out", "tick")["n"].to_list() == list(range(10_000))


def test_every_type_is_brought_to_its_form(tmp_path: Path) -> None:
    fields = {
        "ratio": "number",
        "many": "whole",
        "price": "money",
        "ok": "bool",
        "wait": "duration",
        "due": "instant",
        "case": "label episode",
        "note": "text",
        "kind": "category(small, large)",
        "who": "id",
    }
    with EventLog(tmp_path / "out", {"all": fields}, unit="minutes") as log:
        values: dict[str, Any] = {"note": "x", "kind": "large", "who": np.int64(5), "case": 9, "ok": np.True_}
        log.emit(
            "all", time=1, ratio=np.float32(0.5), many=np.int8(3), price=Decimal("0.125"), wait=2.5, due=3, **values
        )
        values |= {"kind": None, "who": None, "case": None}
        log.emit("all", time=2, ratio=2, many=3, price=7, wait=timedelta(seconds=1), due=date(2026, 1, 2), **values)
    first, second = table(tmp_path / "out", "all").to_dicts()
    assert first == {
        "time": datetime(2026, 1, 1, 0, 1),
        "ratio": 0.5,
        "many": 3,
        "price": 0.12,
        "ok": True,
        "wait": 150.0,
        "due": datetime(2026, 1, 1, 0, 3),
        "note": "x",
        "kind": "large",
        "who": 5,
        "case": 9,
    }
    assert second["kind"] is None and second["who"] is None and second["case"] is None
    assert second["wait"] == 1.0 and second["due"] == datetime(2026, 1, 2)


def test_local_times_are_read_in_the_log_s_zone(tmp_path: Path) -> None:
    with EventLog(tmp_path / "out", {"tick": {}}, start="2026-03-01", timezone="Europe/Berlin") as log:
        log.emit("tick", time=datetime(2026, 3, 29, 4))
        log.emit("tick", time=datetime(2026, 3, 29, 3, tzinfo=UTC))
    times = table(tmp_path / "out", "tick")["time"].dt.convert_time_zone("UTC").dt.replace_time_zone(None).to_list()
    assert times == [datetime(2026, 3, 29, 2), datetime(2026, 3, 29, 3)]


def test_a_clock_gives_times_that_are_not_given(tmp_path: Path) -> None:
    now = 0.0
    with EventLog(tmp_path / "out", {"tick": {}}, unit="hours", clock=lambda: now) as log:
        for now in (0.0, 0.5, 30.0):  # noqa: B007 - the clock reads it
            log.emit("tick")
        now = 48.0
    assert table(tmp_path / "out", "tick")["time"].to_list()[-1] == datetime(2026, 1, 2, 6)
    assert load(tmp_path / "out" / "scenario.yaml").model.clock.length == 2 * 86_400_000_000


def test_an_event_that_never_happens_has_an_empty_table(tmp_path: Path) -> None:
    with sales(tmp_path / "out"):
        pass
    assert table(tmp_path / "out", "sale").height == 0
    assert verify(tmp_path / "out") == []


@pytest.mark.parametrize(
    ("event", "fields", "kind", "message"),
    [
        ("sael", {}, ValueError, "no event 'sael' is declared; did you mean `sale`?"),
        ("sale", {"shop": 1, "amount": 1}, ValueError, "event sale: field 'fraud' is missing"),
        (
            "sale",
            {"shop": 1, "amount": 1, "fraud": False, "ammount": 2},
            ValueError,
            "no field 'ammount' is declared; did",
        ),
        ("sale", {"shop": 1, "amount": "12", "fraud": False}, TypeError, "event sale: field amount: '12' is no number"),
        ("sale", {"shop": 1, "amount": float("nan"), "fraud": False}, ValueError, "field amount: nan is no amount"),
        ("sale", {"shop": 1.5, "amount": 1, "fraud": False}, TypeError, "field shop: 1.5 is no whole number"),
        ("sale", {"shop": -1, "amount": 1, "fraud": False}, ValueError, "field shop: -1 is no id"),
        ("sale", {"shop": 2**63, "amount": 1, "fraud": False}, ValueError, "does not fit into 64 bits"),
        ("sale", {"shop": 1, "amount": 1, "fraud": 1}, TypeError, "field fraud: 1 is neither True nor False"),
        ("sale", {"shop": 1, "amount": True, "fraud": False}, TypeError, "field amount: True is no number"),
        ("sale", {"time": 3, "shop": 1, "amount": 1, "fraud": False}, TypeError, "time: 3 is no timedelta"),
        ("sale", {"time": -HOUR, "shop": 1, "amount": 1, "fraud": False}, ValueError, "3600 s before the start"),
        ("sale", {"time": 4 * HOUR, "shop": 1, "amount": 1, "fraud": False}, ValueError, "time runs backwards, 3600 s"),
    ],
)
def test_what_was_not_declared_is_one_clear_error_and_adds_nothing(
    tmp_path: Path, event: str, fields: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with sales(tmp_path / "out") as log:
        log.emit("sale", time=5 * HOUR, shop=1, amount=1, fraud=False)
        with pytest.raises(kind) as raised:
            log.emit(event, **{"time": 5 * HOUR, **fields})
        assert message in str(raised.value) and "\n" not in str(raised.value)
    assert table(tmp_path / "out", "sale").height == 1


def test_a_log_without_a_clock_asks_for_the_time(tmp_path: Path) -> None:
    with sales(tmp_path / "out") as log, pytest.raises(ValueError, match=r"say time=\.\.\., or give the log a clock"):
        log.emit("sale", shop=1, amount=1, fraud=False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"events": {}}, "declare at least one event"),
        ({"events": {"sale": {"amount": "mony"}}}, "sale.amount: there is no type 'mony'; did you mean `money`?"),
        ({"events": {"sale": {"time": "instant"}}}, "`time`"),
        ({"events": {"a sale": {}}}, "`a sale` cannot be the name"),
        ({"events": {"sale": {"kind": "category()"}}}, "category"),
        ({"start": "tomorrow"}, "start: 'tomorrow' is no date"),
        ({"unit": "fortnights"}, "unit: 'fortnights' is no span of time"),
        ({"unit": "0 days"}, "not longer than zero"),
        ({"timezone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"name": "my log"}, "`my log`"),
    ],
)
def test_a_declaration_that_cannot_be_is_refused_before_a_folder_is_made(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError) as raised:
        EventLog(tmp_path / "out", **{"events": SALE, **options})
    assert message in str(raised.value) and "\n" not in str(raised.value)
    assert not (tmp_path / "out").exists()


def test_an_exception_leaves_nothing_that_looks_complete(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), sales(tmp_path / "out") as log:
        log.emit("sale", time=HOUR, shop=1, amount=1, fraud=False)
        raise KeyboardInterrupt
    assert [p for p in (tmp_path / "out").rglob("*") if p.is_file()] == []
    assert [problem.kind for problem in verify(tmp_path / "out")] == ["incomplete"]
    with pytest.raises(ValueError, match="is closed"):
        log.emit("sale", time=HOUR, shop=1, amount=1, fraud=False)


def test_a_log_that_is_never_closed_is_incomplete(tmp_path: Path) -> None:
    log = sales(tmp_path / "out")
    log.emit("sale", time=HOUR, shop=1, amount=1, fraud=False)
    assert {problem.kind for problem in verify(tmp_path / "out")} == {"incomplete"}
    log.close()
    log.close()
    assert verify(tmp_path / "out") == []


def test_tables_that_cannot_be_written_leave_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="papyrus"), sales(tmp_path / "out", formats=["papyrus"]):
        pass
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_a_run_is_replaced_only_when_asked_to(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with sales(out) as log:
        log.emit("sale", time=HOUR, shop=1, amount=1, fraud=False)
    with pytest.raises(FileExistsError):
        sales(out)
    assert verify(out) == []
    with EventLog(out, {"tick": {}}, force=True):
        pass
    assert verify(out) == []
    assert not (out / "tables" / "sale.parquet").exists()


def test_spans_and_starts_are_read_as_people_write_them() -> None:
    assert span_of("1 day", "step") == span_of("day", "step") == span_of(timedelta(days=1), "step") == 86_400_000_000
    assert span_of("0.5 hours", "step") == span_of("30 minutes", "step") == 1_800_000_000
    assert start_of("2026-01-01") == start_of(date(2026, 1, 1)) == start_of(datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="without an offset"):
        start_of("2026-01-01T00:00+02:00")
