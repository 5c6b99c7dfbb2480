from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import bustle

SHOPS = """
scenario: shops
clock: {start: 2026-01-01, length: 20 days}
populations:
  shop: {size: 3, attributes: {kind: "categorical(food=1, books=1)"}}
  guest: {size: 40, links: {home: shop}, states: [out, inside]}
events: {visit: {guest: guest, shop: shop, spent: whole}}
behaviors:
  come:
    who: guest
    rate: 3 per day
    do: |
      become(inside)
      where_to = home
      if bernoulli(p=0.1): where_to = none
      emit visit(guest=self, shop=where_to, spent=poisson(mean=3))
record:
  visits:
    each: visit
    columns:
      - guest
      - shop
      - name: 'text("G", guest, " ", guest.state)'
      - at: 'text("S", shop)'
      - prefix: 'text("N" if shop == none else "S", guest)'
      - spent: text(spent)
  by_name: {each: visit, window: 1 day, by: [at: 'text("S", shop)'], columns: [visits: count()]}
  none_at_all: {each: visit, where: spent > 1000, columns: [name: 'text("G", guest)']}
  shops: {of: shop, columns: [id, kind, name: 'text(kind, "-", id)']}
"""


@pytest.fixture(scope="module")
def run() -> bustle.Run:
    return bustle.run(bustle.Scenario.from_text(SHOPS), seed=1)


def test_parts_stand_one_after_the_other(run: bustle.Run) -> None:
    visits = run.table("visits")
    assert visits.height > 2000
    assert visits["name"].to_list() == [f"G{guest} inside" for guest in visits["guest"]]
    assert visits["at"].to_list() == [None if shop is None else f"S{shop}" for shop in visits["shop"]]
    assert visits["at"].null_count() > 0
    assert visits["prefix"].to_list() == [
        f"{'N' if shop is None else 'S'}{guest}" for guest, shop in zip(visits["guest"], visits["shop"], strict=True)
    ]
    shops = run.table("shops")
    assert shops["name"].to_list() == [f"{kind}-{i}" for i, kind in zip(shops["id"], shops["kind"], strict=True)]


def test_windows_count_by_texts(run: bustle.Run) -> None:
    counted = run.table("by_name").group_by("at").agg(pl.col("visits").sum())
    seen = run.table("visits").group_by("at").agg(visits=pl.len())
    assert dict(counted.iter_rows()) == dict(seen.iter_rows())


def test_a_table_without_rows_has_its_texts_still(run: bustle.Run) -> None:
    table = run.table("none_at_all")
    assert table.schema == {"name": pl.String}
    assert table.is_empty()


def test_texts_are_the_same_in_every_format(tmp_path: Path) -> None:
    run = bustle.run(
        bustle.Scenario.from_text(SHOPS), seed=1, length="3 days", out=tmp_path / "run", formats=["parquet", "csv"]
    )
    expected = run.table("visits")["at"].to_list()
    assert pl.read_csv(tmp_path / "run/tables/visits.csv")["at"].to_list() == expected


def test_the_card_writes_texts_in_quotes(run: bustle.Run) -> None:
    card = (run.folder / "README.md").read_text(encoding="utf-8")
    assert '`text("G", guest, " ", guest.state)`' in card
