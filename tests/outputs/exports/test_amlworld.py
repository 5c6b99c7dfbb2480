"""A run of money_laundering as AMLworld's three files, read back as code for AMLworld reads them."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import bustle
from bustle.outputs.errors import OutputError
from bustle.outputs.exports.amlworld import Exported, export_amlworld

HURRIED: dict[str, Any] = {"schemes": "3/1 day", "step_time": "3 hours", "look_alikes": "1/60 days"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> bustle.Run:
    out = tmp_path_factory.mktemp("run") / "run"
    return bustle.run("money_laundering", seed=2, scale=0.06, length="9 days", set=HURRIED, out=out)


@pytest.fixture(scope="module")
def exported(run: bustle.Run, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return export_amlworld(run.folder, tmp_path_factory.mktemp("amlworld"), name="Tiny")


@pytest.fixture(scope="module")
def lines(exported: Exported) -> list[list[str]]:
    with exported.files[0].open(newline="") as file:
        return list(csv.reader(file))


def test_the_files_have_amlworld_s_names_and_columns(exported: Exported, lines: list[list[str]]) -> None:
    assert [file.name for file in exported.files] == ["Tiny_Trans.csv", "Tiny_accounts.csv", "Tiny_Patterns.txt"]
    assert ",".join(lines[0]) == (
        "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,Payment Currency,"
        "Payment Format,Is Laundering"
    )
    header = exported.files[1].read_text().splitlines()[0]
    assert header == "Bank Name,Bank ID,Account Number,Entity ID,Entity Name"


def test_every_payment_is_a_line_with_its_values(run: bustle.Run, lines: list[list[str]]) -> None:
    table = run.table("transactions")
    rows = lines[1:]
    assert len(rows) == table.height > 3_000
    assert {len(row) for row in rows} == {11}
    shown = [datetime.strptime(row[0], "%Y/%m/%d %H:%M") for row in rows]
    assert shown == table["time"].dt.truncate("1m").to_list()
    assert [row[10] for row in rows] == table["laundering"].cast(pl.Int8).cast(pl.String).to_list()
    for column, currency, amount in (("paid", 8, 7), ("received", 6, 5)):
        coins = (table[f"currency_{column}"] == "Millibitcoin").to_list()
        assert [row[currency] == "Bitcoin" for row in rows] == coins and any(coins)
        expected = [
            f"{value / 1000:.5f}" if coin else f"{value:.2f}"
            for value, coin in zip(table[f"amount_{column}"].to_list(), coins, strict=True)
        ]
        assert [row[amount] for row in rows] == expected
    assert {row[9] for row in rows} == {"ACH", "Bitcoin", "Cash", "Cheque", "Credit Card", "Reinvestment", "Wire"}


def test_an_account_of_a_payment_is_found_at_its_bank(
    run: bustle.Run, exported: Exported, lines: list[list[str]]
) -> None:
    accounts = pl.read_csv(exported.files[1], infer_schema=False)
    assert accounts.height == run.table("accounts").height
    assert accounts["Account Number"].n_unique() == accounts.height
    assert accounts["Account Number"].str.contains(r"^8[0-9A-F]{8}$").all()
    held = set(accounts.select("Bank ID", "Account Number").iter_rows())
    assert {(row[1], row[2]) for row in lines[1:]} | {(row[3], row[4]) for row in lines[1:]} <= held
    assert accounts.select("Entity ID", "Entity Name").n_unique() == accounts["Entity ID"].n_unique()
    assert (
        accounts["Entity Name"].str.contains(r"^(Individual|Sole Proprietorship|Partnership|Corporation) #\d+$").all()
    )


def blocks_of(text: str) -> list[tuple[str, str, list[str]]]:
    """Kind, what is said of the size, and lines of each attempt."""
    pattern = re.compile(
        r"BEGIN LAUNDERING ATTEMPT - ([A-Z-]+)(:  Max \d+[- ].+)?\n((?:\d.*\n)+)END LAUNDERING ATTEMPT - \1\n\n"
    )
    assert pattern.sub("", text) == ""
    return [(m[1], m[2] or "", m[3].splitlines()) for m in pattern.finditer(text)]


def test_attempts_are_blocks_of_lines_of_the_transactions(
    run: bustle.Run, exported: Exported, lines: list[list[str]]
) -> None:
    blocks = blocks_of(exported.files[2].read_text())
    assert len(blocks) == exported.attempts > 5
    table = run.table("transactions").with_columns(pl.col("pattern", "stage").cast(pl.String))
    eight = ["fan_out", "fan_in", "cycle", "gather_scatter", "scatter_gather", "stack", "bipartite", "random"]
    chosen = table.filter("laundering", pl.col("stage") == "layering", pl.col("pattern").is_in(eight))
    written = [line for _, _, block in blocks for line in block]
    assert len(written) == chosen.height and set(written) <= {",".join(line) for line in lines}
    expected = chosen.group_by("episode", maintain_order=True).agg(pl.col("pattern").first(), rows=pl.len())
    assert [kind for kind, _, _ in blocks] == [p.upper().replace("_", "-") for p in expected["pattern"]]
    assert [len(block) for _, _, block in blocks] == expected["rows"].to_list()


def test_a_block_says_how_large_its_attempt_is(exported: Exported) -> None:
    told = set()
    for kind, size, block in blocks_of(exported.files[2].read_text()):
        rows = [line.split(",") for line in block]
        told.add(kind)
        if kind == "FAN-OUT":
            assert size == f":  Max {len({row[4] for row in rows})}-degree Fan-Out"
        elif kind == "FAN-IN":
            assert size == f":  Max {len({row[2] for row in rows})}-degree Fan-In"
        elif kind in ("CYCLE", "RANDOM"):
            assert size == f":  Max {len(rows)} hops"
        elif kind == "GATHER-SCATTER":
            assert re.fullmatch(r":  Max \d+-degree Fan-In", size)
        else:
            assert size == ""
    assert len(told) >= 5


def test_the_same_run_gives_the_same_bytes(run: bustle.Run, exported: Exported, tmp_path: Path) -> None:
    again = export_amlworld(run.folder, tmp_path, name="Tiny")
    for one, other in zip(exported.files, again.files, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_files_that_are_there_are_replaced_only_when_asked_for(run: bustle.Run, tmp_path: Path) -> None:
    export_amlworld(run.folder, tmp_path)
    with pytest.raises(OutputError, match=r"money_laundering_Trans\.csv is there already"):
        export_amlworld(run.folder, tmp_path)
    export_amlworld(run.folder, tmp_path, force=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "money_laundering_Patterns.txt",
        "money_laundering_Trans.csv",
        "money_laundering_accounts.csv",
    ]


@pytest.mark.parametrize("name", ["", "a/b", "..", "."])
def test_a_name_that_leads_elsewhere_is_refused(run: bustle.Run, tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="the files cannot be called"):
        export_amlworld(run.folder, tmp_path, name=name)


def test_a_run_with_other_tables_is_refused(tmp_path: Path) -> None:
    with (
        bustle.run("epidemic", scale=0.02, length="5 days") as other,
        pytest.raises(OutputError, match="has no table transactions; it has infections"),
    ):
        export_amlworld(other.folder, tmp_path)


def test_a_table_without_a_column_is_refused(tmp_path: Path) -> None:
    with (
        bustle.run("card_fraud", scale=0.01, length="5 days") as other,
        pytest.raises(OutputError, match="the table transactions has no column payer; it needs time, payer"),
    ):
        export_amlworld(other.folder, tmp_path)


def test_tables_without_types_are_refused(tmp_path: Path) -> None:
    with (
        bustle.run("money_laundering", scale=0.01, length="2 days", formats=["csv"]) as other,
        pytest.raises(OutputError, match="in no format that keeps types"),
    ):
        export_amlworld(other.folder, tmp_path)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="holds no complete run"):
        export_amlworld(tmp_path, tmp_path / "out")
