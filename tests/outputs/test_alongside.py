from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bustle.outputs.agent_lookup import HeldColumns
from bustle.outputs.errors import OutputError
from bustle.outputs.log import LogWriter
from bustle.outputs.recorders import RecordedTable, Tables, record_tables
from bustle.outputs.recorders.alongside import is_known_at_once
from bustle.outputs.sinks import FORMATS
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Column, Compare, Draw, EachTable, Expr, Field, Model, Table
from bustle.scenarios.types import BOOL, MONEY, NUMBER, WHOLE, Agent
from tests.outputs.full_disk import small_disk
from tests.outputs.scenes import DAILY, KNOWN, PAIRS, SHARE, TRANSACTIONS, attr, const, draws, fill, purchase, shops

DAY = 86_400_000_000
AGENTS: dict[str, HeldColumns] = {
    "cardholder": {"pace": np.array([1.0, 2.0, 3.0]) / DAY, "basket": np.array([2800, 100, 5])},
    "card": {"odd": np.array([0, 0, 0]), "owner": np.array([2, 1, 0]), "state": np.array([0, 1, 0])},
    "merchant": {"category": np.array([0, 1, 2, 0])},
}
"""The agents that `tests.outputs.scenes.fill` writes at the end, as they were at the start."""

BIG = Compare(">", purchase("amount"), const(1_100, MONEY), type=BOOL)
NUMBERED = EachTable(
    "numbered",
    "purchase",
    (Column("n", Field("purchase", "row", type=WHOLE)), Column("card", purchase("card"))),
    where=BIG,
)


def recorded_alongside(
    folder: Path, model: Model, agents: Mapping[str, HeldColumns] = AGENTS, formats: tuple[str, ...] = ("parquet",)
) -> tuple[RecordedTable, ...]:
    """Log and tables in one pass, as a run makes them."""
    with Tables(folder, model, draws, formats) as tables:
        with LogWriter(folder, model, readers=tables.alongside(agents)) as log:
            fill(log, 200_000)
        return tables.record()


@pytest.mark.parametrize("agents", [AGENTS, {}])
def test_tables_made_alongside_the_log_are_those_made_from_it(
    tmp_path: Path, agents: Mapping[str, HeldColumns]
) -> None:
    formats = tuple(name for name in FORMATS if name != "duckdb")
    model = shops(tables={t.name: t for t in (DAILY, TRANSACTIONS, NUMBERED, SHARE, PAIRS)})
    made = recorded_alongside(tmp_path, model, agents, formats)
    files = {path.name: path.read_bytes() for path in (tmp_path / "tables").iterdir()}
    assert len(files) == len(formats) * len(model.tables)
    assert record_tables(tmp_path, model, draws, formats) == made
    assert {path.name: path.read_bytes() for path in (tmp_path / "tables").iterdir()} == files


def test_a_database_of_all_tables_can_be_made_alongside(tmp_path: Path) -> None:
    from bustle.outputs.sinks.duckdb_file import table_digests

    made = recorded_alongside(tmp_path, shops(), formats=("duckdb",))
    digests = table_digests(tmp_path / "tables" / "dataset.duckdb")
    assert record_tables(tmp_path, shops(), draws, ["duckdb"]) == made
    assert table_digests(tmp_path / "tables" / "dataset.duckdb") == digests


def each(value: Expr) -> EachTable:
    return EachTable("some", "purchase", (Column("it", value),))


OF_THE_CARD = {name: attr(purchase("card"), "card", name, Agent("cardholder")) for name in ("owner", "odd", "id")}


@pytest.mark.parametrize(
    ("table", "populations", "expected"),
    [
        (each(purchase("amount")), "", True),
        (each(OF_THE_CARD["id"]), "", True),
        (each(OF_THE_CARD["owner"]), "card", True),
        (each(OF_THE_CARD["owner"]), "", False),  # of agents that may join during the run
        (each(OF_THE_CARD["odd"]), "card", False),  # changes
        (each(attr(purchase("card"), "card", "retired", WHOLE)), "card", False),
        (each(KNOWN), "card merchant cardholder", True),
        (each(KNOWN), "card merchant", False),  # whoever acts may have joined
        (replace(NUMBERED, where=Compare("==", OF_THE_CARD["owner"], const(1, WHOLE), type=BOOL)), "", False),
        (DAILY, "card merchant cardholder", False),
        (PAIRS, "card merchant cardholder", False),
        (SHARE, "card merchant cardholder", False),
    ],
)
def test_what_an_event_and_the_start_of_a_run_do_not_tell_is_left_for_its_end(
    table: Table, populations: str, expected: bool
) -> None:
    agents = {name: AGENTS[name] for name in populations.split()}
    assert is_known_at_once(table, shops(tables={table.name: table}), agents) is expected


def test_tables_have_their_names_only_when_they_are_recorded(tmp_path: Path) -> None:
    def files() -> set[str]:
        return {path.name for path in tmp_path.rglob("*.*")}

    with Tables(tmp_path, shops(), draws) as tables:
        with LogWriter(tmp_path, shops(), readers=tables.alongside(AGENTS)) as log:
            assert {"transactions.parquet.partial", "purchase.parquet.partial"} <= files()
            fill(log)
        assert {"transactions.parquet.partial", "purchase.parquet"} <= files()
        tables.record()
        assert "transactions.parquet" in files()
    assert not [name for name in files() if name.endswith(".partial")]


def test_a_run_that_fails_leaves_no_table(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Tables(tmp_path, shops(), draws, ("parquet", "csv")) as tables:
        with LogWriter(tmp_path, shops(), readers=tables.alongside(AGENTS)) as log:
            fill(log, 200_000)
            raise ZeroDivisionError
    assert not list(tmp_path.rglob("*.*"))


def test_a_table_that_fails_says_so_as_when_it_is_made_from_the_log(tmp_path: Path) -> None:
    impossible = Draw("uniform", (const(0.0, NUMBER), const(np.inf, NUMBER)), "some.it", type=NUMBER)
    model = shops(tables={"some": each(impossible), "share": SHARE})
    message = "uniform cannot be drawn with `high` = inf"
    with pytest.raises(RunError, match=message):
        recorded_alongside(tmp_path, model)
    assert not list(tmp_path.rglob("*.partial")) + list(tmp_path.rglob("tables/*.*"))
    with LogWriter(tmp_path, model) as log:
        fill(log)
    with pytest.raises(RunError, match=message):
        record_tables(tmp_path, model, draws)


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_disk_that_is_full_ends_log_and_tables_with_one_clear_line(tmp_path: Path, form: str) -> None:
    model = shops(tables={"transactions": TRANSACTIONS})
    with small_disk(tmp_path, 600) as disk:
        with pytest.raises(OutputError, match=r"^cannot write .*: No space left on device$"):
            with Tables(disk, model, draws, [form]) as tables:
                with LogWriter(disk, model, readers=tables.alongside(AGENTS), row_group=4096) as log:
                    for start in range(0, 10**8, 4096):
                        log.write("purchase", rows(start))
        assert not list(disk.rglob("*.partial")) + list(disk.rglob("tables/*.*"))


def rows(start: int) -> dict[str, Any]:
    n = np.arange(start, start + 4096)
    noise = np.random.default_rng(start).integers(0, 2**62, 4096)
    return {
        "time": n, "behavior": n % 2, "agent": n % 3, "occurrence": n, "index": n * 0, "card": n % 3,
        "merchant": n % 4, "amount": noise, "fraud": n % 2 == 0, "episode": noise,
    }  # fmt: skip
