from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bustle.outputs.arrow_memory import text_array
from bustle.outputs.cells import Cells, Rows
from bustle.outputs.features import trail
from bustle.outputs.features.stream import NEVER, FeatureStream
from bustle.scenarios.model import Feature, Measure
from bustle.scenarios.types import BOOL, INSTANT, MONEY, NUMBER, TEXT, WHOLE, Agent, Type
from tests.outputs.features.by_definition import Row, feature_of

TYPES: dict[str, Type] = {
    "card": Agent("card"),
    "device": WHOLE,
    "merchant": TEXT,
    "amount": MONEY,
    "risk": NUMBER,
    "approved": BOOL,
    "fraud": BOOL,
    "known": INSTANT,
}


def feature(measure: Measure, entity: str, of: str | None, window: int | None, delay: int | None = None) -> Feature:
    return Feature(f"{entity} {measure} {of} {window} {delay}", measure, entity, NUMBER, of, window, delay)


DELAY = 3
"""The delay of the labels that have one of their own."""

ALL = (
    *(feature("count", entity, None, w) for entity in ("card", "merchant", "device") for w in (1, 4, 9)),
    *(feature(m, "card", of, w) for m in ("sum", "mean") for of in ("amount", "risk", "approved") for w in (1, 5)),
    *(feature("distinct", "card", of, w) for of in ("merchant", "device") for w in (1, 3, 9)),
    *(feature("distinct", "merchant", "card", w) for w in (2, 30)),
    *(feature(m, e, "fraud", w, d) for m in ("known", "found", "risk") for e in ("card", "merchant")
      for w in (1, 5) for d in (None, DELAY)),
    feature("since_last", "card", None, None),
    feature("since_last", "device", None, None),
)  # fmt: skip

row_times = st.lists(st.integers(0, 4), min_size=1, max_size=40).map(lambda gaps: np.cumsum(gaps).tolist())


numbers = st.floats(-1e6, 1e6).map(lambda number: round(number * 2**40) / 2**40)
"""Numbers whose sums fit into the 106 bits with which they are added up, so that the nearest float64 must come out."""


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of few entities at few instants, so that windows' edges, ties and missing values are hit."""
    return [
        {
            "time": time,
            "card": draw(st.none() | st.integers(0, 2)),
            "device": draw(st.none() | st.sampled_from([-(10**17), 7, 10**17])),
            "merchant": draw(st.none() | st.sampled_from(["a", "b", "c"])),
            "amount": draw(st.integers(-(10**12), 10**12)),
            "risk": draw(st.none() | numbers),
            "approved": draw(st.booleans()),
            "fraud": draw(st.none() | st.booleans()),
            "known": draw(st.none() | st.integers(time - 2, time + 12) | st.just(NEVER)),
        }
        for time in draw(row_times)
    ]


def base(**columns: Any) -> Row:
    """A row of which only some columns matter."""
    plain = {"time": 0, "card": 0, "device": 0, "merchant": "a", "amount": 0, "risk": 0.0, "approved": True}
    return {**plain, "fraud": False, "known": None, **columns}


def cells(rows: Sequence[Row], column: str) -> Cells:
    given = [row[column] for row in rows]
    missing = np.array([value is None for value in given])
    absent = missing if missing.any() else None
    if column == "merchant":
        names = sorted({value for value in given if value is not None})
        codes = [0 if value is None else names.index(value) for value in given]
        return Cells(np.array(codes, np.int32), absent, text_array(names or ["none"]))
    dtype = {"risk": np.float64, "approved": np.bool_, "fraud": np.bool_}.get(column, np.int64)
    return Cells(np.array([0 if value is None else value for value in given], dtype), absent)


def streamed(rows: Sequence[Row], cuts: Sequence[int] = (), features: Sequence[Feature] = ALL) -> dict[str, list[Any]]:
    """The features of all rows, given to a stream in batches that end at ``cuts``."""
    found: dict[str, list[Any]] = {f.name: [] for f in features}
    with closing(FeatureStream(features, TYPES, Path(gettempdir()))) as stream:
        for first, end in pairwise(sorted({0, *(cut for cut in cuts if cut < len(rows)), len(rows)})):
            some = rows[first:end]
            time = np.array([row["time"] for row in some], np.int64)
            made = stream.add(time, Rows(len(some), {column: cells(some, column) for column in TYPES}))
            for name, column in made.items():
                found[name] += listed(column.full(len(some)))
    return found


def listed(column: Cells) -> list[Any]:
    values = column.values.tolist()
    absent = [False] * len(values) if column.missing is None else column.missing.tolist()
    return [None if none else value for value, none in zip(values, absent, strict=True)]


def by_definition(rows: Sequence[Row], features: Sequence[Feature] = ALL) -> dict[str, list[Any]]:
    return {f.name: [in_table_units(f, feature_of(f, rows, i)) for i in range(len(rows))] for f in features}


def in_table_units(feature: Feature, value: Any) -> Any:
    """Seconds and whole cents as a table shows them."""
    if value is None:
        return None
    if feature.measure == "since_last":
        return value / 1e6
    return value / 100 if feature.measure == "sum" and feature.of == "amount" else value


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows leave a window at a time than are read at a time."""
    monkeypatch.setattr(trail, "BLOCK", 3)


def same(found: Mapping[str, list[Any]], wanted: Mapping[str, list[Any]]) -> None:
    assert found.keys() == wanted.keys()
    for name in wanted:
        assert found[name] == wanted[name], name


@settings(deadline=None)
@given(rows=tables(), cuts=st.sets(st.integers(1, 39)))
def test_every_feature_is_what_its_definition_says(rows: list[Row], cuts: set[int]) -> None:
    same(streamed(rows, sorted(cuts)), by_definition(rows))


@settings(deadline=None)
@given(rows=tables(), others=tables(), number=st.integers(1, 40), cuts=st.sets(st.integers(1, 39)))
def test_no_later_row_changes_a_feature(rows: list[Row], others: list[Row], number: int, cuts: set[int]) -> None:
    past = rows[:number]
    later = [{**row, "time": row["time"] + past[-1]["time"]} for row in others]
    found = streamed([*past, *later], sorted(cuts))
    same({name: column[: len(past)] for name, column in found.items()}, streamed(past))


@settings(deadline=None)
@given(rows=tables(), number=st.integers(0, 39), cuts=st.sets(st.integers(1, 39)))
def test_no_label_that_is_not_known_yet_changes_a_feature(rows: list[Row], number: int, cuts: set[int]) -> None:
    now = rows[min(number, len(rows) - 1)]["time"]

    def may_be_known(row: Row) -> bool:
        by_itself = row["known"] is not None and row["known"] <= now
        return bool(row["time"] <= now and (by_itself or row["time"] + DELAY <= now))

    other = [row if may_be_known(row) else {**row, "fraud": not row["fraud"]} for row in rows]
    past = sum(row["time"] <= now for row in rows)
    found, wanted = streamed(other, sorted(cuts)), streamed(rows)
    same({n: c[:past] for n, c in found.items()}, {n: c[:past] for n, c in wanted.items()})


@settings(deadline=None)
@given(rows=tables())
def test_a_row_does_not_see_its_own_label_even_if_it_is_known_at_once(rows: list[Row]) -> None:
    known = [{**row, "known": row["time"]} for row in rows]
    features = [feature("found", "merchant", "fraud", 1)]
    other = [*known[:-1], {**known[-1], "fraud": not known[-1]["fraud"]}]
    same(streamed(known, features=features), streamed(other, features=features))


def test_whole_cents_are_summed_exactly_where_floats_would_not_be() -> None:
    rows = [base(time=t, amount=a) for t, a in enumerate([10**15 + 1, 10, 20, -(10**15) - 1, 1])]
    features = [feature("sum", "card", "amount", w) for w in (2, 3)]
    found = streamed(rows, features=features)
    assert found[features[0].name] == [(10**15 + 1) / 100, (10**15 + 11) / 100, 0.3, (20 - 10**15 - 1) / 100, -(10**13)]
    assert found[features[1].name][2] == (10**15 + 31) / 100


def test_numbers_that_left_a_window_leave_no_trace_in_its_sum() -> None:
    rows = [base(time=t, risk=r) for t, r in enumerate([1e16, 1.0, 0.1, 1e-3, 1e300, 0.2, 0.1])]
    asked = feature("sum", "card", "risk", 2)
    assert streamed(rows, features=[asked])[asked.name][-1] == 0.2 + 0.1
    assert streamed(rows, features=[asked])[asked.name][3] == 0.1 + 1e-3


def test_what_is_no_number_is_left_out_of_sums_and_means() -> None:
    rows = [base(time=t, risk=r) for t, r in enumerate([float("nan"), float("inf"), 2.0, None])]
    found = streamed(rows, features=[feature(m, "card", "risk", 9) for m in ("sum", "mean")])
    assert list(found.values()) == [[0.0, 0.0, 2.0, 2.0], [None, None, 2.0, 2.0]]


def test_pairs_of_long_ago_make_room_for_new_ones() -> None:
    rows = [base(time=t, card=0, device=t // 2) for t in range(20_000)]
    asked = feature("distinct", "card", "device", 4)
    with closing(FeatureStream([asked], TYPES, Path(gettempdir()))) as stream:
        for first in range(0, len(rows), 500):
            some = rows[first : first + 500]
            time = np.arange(first, first + 500)
            made = stream.add(time, Rows(500, {column: cells(some, column) for column in ("card", "device")}))
        places = max(len(m._pairs) for m in stream._rolling.values())
    assert made[asked.name].values.tolist() == [3, 2] * 250
    assert places < len(rows)
