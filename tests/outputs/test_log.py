from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from bustle.outputs.errors import OutputError
from bustle.outputs.event_sink import Coded
from bustle.outputs.log import LogReader, LogWriter
from bustle.scenarios.model import AgentTable, Attr, Clock, Column, Event, EventField
from bustle.scenarios.types import TEXT, WHOLE
from tests.outputs.scenes import CARDHOLDERS, DAY, HOUR, ME, const, fill, shops


def one_row(**changes: Any) -> dict[str, Any]:
    row = {"time": [0], "behavior": [0], "agent": [0], "occurrence": [0], "index": [0], "card": [0], "merchant": [1]}
    return row | {"amount": [1], "fraud": [False], "episode": [None]} | changes


def test_a_log_reads_back_what_was_written_with_none_as_null(tmp_path: Path) -> None:
    with LogWriter(tmp_path, shops()) as log:
        fill(log)
    frame = LogReader(tmp_path).scan("purchase").collect()
    assert frame.height == LogReader(tmp_path).rows("purchase") == 12
    assert frame["time"].to_list()[1] == datetime(2026, 1, 1, 5)
    assert frame["behavior"].cast(pl.String).to_list()[:4] == ["shop", "shop", "shop", "cash_out"]
    assert frame["merchant"].to_list()[4:7] == [0, None, 2]
    assert frame["amount"].dtype == pl.Int64
    assert frame["episode"].to_list()[2:4] == [None, 2**62 + 3]


def test_arrays_that_the_log_owns_give_the_same_bytes_however_they_are_cut_and_whatever_their_dtype(
    tmp_path: Path,
) -> None:
    rows = 1000
    n = np.arange(rows)
    columns: dict[str, Any] = {
        "time": n * HOUR // 10, "behavior": n % 2, "agent": n % 3, "occurrence": n // 3, "index": n * 0, "card": n % 3,
        "merchant": n % 5 - 1, "amount": n * n, "fraud": n % 7 == 0, "episode": np.where(n % 7 == 0, n, -1),
    }  # fmt: skip
    written = []
    for way, (step, owned) in {"whole": (rows, False), "cut": (137, True), "groups": (64, True)}.items():
        (tmp_path / way).mkdir()
        small = {k: v.astype(np.int32) if way == "cut" and v.dtype == np.int64 and k != "time" else v
                 for k, v in columns.items()}  # fmt: skip
        with LogWriter(tmp_path / way, shops(), row_group=64, owned=owned) as log:
            for first in range(0, rows, step):
                log.write("purchase", {name: values[first : first + step] for name, values in small.items()})
        written.append((tmp_path / way / "log/events/purchase.parquet").read_bytes())
    assert written[0] == written[1] == written[2]


def test_coded_text_gives_the_same_bytes_as_texts(tmp_path: Path) -> None:
    words = ["north", "", "süd", "east"]
    codes = np.array([2, 0, -1, 3, 3, 1, -1, 0] * 5)
    texts = [None if code < 0 else words[code] for code in codes]
    model = shops(events={"note": Event("note", (EventField("text", TEXT),))}, tables={})
    written = []
    for way in ("objects", "list", "coded", "reordered", "mixed"):
        (tmp_path / way).mkdir()
        with LogWriter(tmp_path / way, model, row_group=16, owned=True) as log:
            for first in range(0, len(codes), 8):
                some, coded = texts[first : first + 8], Coded(codes[first : first + 8], words)
                order = [3, 1, 4, 0, 2]
                other = Coded(np.array([order.index(c) if c >= 0 else -1 for c in coded.codes]),
                              [[*words, "unused"][i] for i in order])  # fmt: skip
                given: dict[str, Any] = {
                    "objects": np.array(some, object),
                    "list": some,
                    "coded": coded,
                    "reordered": other,
                }
                text = given.get(way, coded if first % 16 else some)
                log.write("note", {"time": range(first, first + 8), "behavior": [-1] * 8, "agent": [-1] * 8,
                                   "occurrence": range(8), "index": [0] * 8, "text": text})  # fmt: skip
        written.append((tmp_path / way / "log/events/note.parquet").read_bytes())
    assert all(bytes_ == written[0] for bytes_ in written)
    assert LogReader(tmp_path / "coded").scan("note").collect()["text"].to_list() == texts


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"amount": Coded(np.zeros(1, np.int64), ["a"])}, "column amount: cannot hold coded text as money"),
        ({"text": [5]}, "column text: cannot hold .* as text"),
        ({"text": Coded(np.array([1]), ["a"])}, "column text: cannot hold .* as text"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    fields = (*shops().events["purchase"].fields, EventField("text", TEXT))
    model = shops(events={"purchase": Event("purchase", fields)})
    with pytest.raises(OutputError, match=message), LogWriter(tmp_path, model) as log:
        log.write("purchase", one_row(text=["a"]))
        log.write("purchase", one_row(text=["a"]) | changes)


def test_agents_and_networks_read_back(tmp_path: Path) -> None:
    with LogWriter(tmp_path, shops()) as log:
        fill(log)
    reader = LogReader(tmp_path)
    cards = reader.agents("card").collect()
    assert cards["id"].to_list() == cards["identity"].to_list() == [0, 1, 2]
    assert cards["state"].cast(pl.String).to_list() == ["active", "blocked", "active"]
    assert cards["retired"].to_list() == [None, None, datetime(2026, 1, 4)]
    assert reader.network("haunts").collect().rows() == [(0, 1), (0, 3), (2, 0)]
    assert reader.events == ("purchase",)
    assert reader.names("samples") == ("share",)


def test_names_and_codes_and_single_rows_give_the_same_bytes_as_one_array(tmp_path: Path) -> None:
    for way in ("many", "one"):
        (tmp_path / way).mkdir()
        with LogWriter(tmp_path / way, shops(), row_group=8) as log:
            if way == "many":
                fill(log)
                continue
            frame = LogReader(tmp_path / "many").scan("purchase").collect()
            for row in frame.with_columns(pl.col("behavior").cast(pl.String)).iter_rows(named=True):
                since = (row["time"] - datetime(2026, 1, 1)) / (datetime(2026, 1, 2) - datetime(2026, 1, 1)) * DAY
                log.write("purchase", {k: [v] for k, v in row.items()} | {"time": [round(since)]})
    many, one = (tmp_path / way / "log/events/purchase.parquet" for way in ("many", "one"))
    assert many.read_bytes() == one.read_bytes()
    assert pq.ParquetFile(many).num_row_groups == 2


def test_instants_are_utc_across_daylight_saving(tmp_path: Path) -> None:
    midnight = (datetime(2026, 3, 29) - datetime(1970, 1, 1)).days * DAY
    model = shops(clock=Clock(midnight, DAY, "Europe/Berlin"))
    with LogWriter(tmp_path, model) as log:
        log.write("purchase", one_row(time=[DAY // 8]))  # three hours after midnight the clocks show 04:00
    time = LogReader(tmp_path).scan("purchase").collect()["time"]
    assert time.dt.convert_time_zone("UTC").to_list() == [datetime(2026, 3, 29, 2, tzinfo=UTC)]
    assert time.dt.hour().to_list() == [4]


def test_roles_units_and_meanings_stand_in_the_file(tmp_path: Path) -> None:
    with LogWriter(tmp_path, shops()):
        pass
    schema = LogReader(tmp_path).file("events", "purchase").schema_arrow
    assert schema.field("time").metadata[b"role"] == b"key"
    assert schema.field("amount").metadata == {
        b"role": b"input", b"unit": b"cents", b"type": b"money", b"about": b"what was paid"
    }  # fmt: skip
    assert schema.field("fraud").metadata[b"role"] == b"label"


def test_files_are_partial_until_the_log_is_closed(tmp_path: Path) -> None:
    log = LogWriter(tmp_path, shops())
    log.write("purchase", one_row())
    names = sorted(p.name for p in (tmp_path / "log").rglob("*.*"))
    assert names == ["purchase.parquet.partial", "share.parquet.partial"]
    log.close()
    assert sorted(p.name for p in (tmp_path / "log").rglob("*.*")) == ["purchase.parquet", "share.parquet"]


def test_an_error_while_writing_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), LogWriter(tmp_path, shops()) as log:
        fill(log)
        raise ZeroDivisionError
    assert not list(tmp_path.rglob("*.*"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"time": [-5]}, "not in order of time"),
        ({"amount": [1.5]}, "column amount: cannot hold float64 values as money"),
        ({"behavior": ["shopp"]}, "column behavior: cannot hold 'shopp' as category"),
        ({"amount": [1, 2]}, "different lengths: time 1, .*amount 2"),
        ({"card": ["a"]}, "column card: cannot hold"),
    ],
)
def test_rows_that_do_not_fit_are_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(OutputError, match=message), LogWriter(tmp_path, shops()) as log:
        log.write("purchase", one_row())
        log.write("purchase", one_row(**changes))


def test_rows_out_of_order_are_refused_soon_though_they_are_looked_at_on_another_thread(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"purchase\.parquet: rows are not in order of time"):
        with LogWriter(tmp_path, shops(), row_group=2) as log:
            for time in (5, 6, 1, 2, *range(7, 1_000)):
                log.write("purchase", one_row(time=[time]))
                sleep(0.001)
    assert time < 999
    assert not list(tmp_path.rglob("*.*"))


def test_a_log_that_cannot_be_closed_leaves_no_file(tmp_path: Path) -> None:
    log = LogWriter(tmp_path, shops())
    log.write("purchase", one_row(time=[5]))
    log.write("purchase", one_row(time=[4]))
    with pytest.raises(OutputError, match="not in order of time"):
        log.close()
    assert not list(tmp_path.rglob("*.*"))


def test_missing_columns_and_unknown_events_are_refused(tmp_path: Path) -> None:
    row = one_row()
    del row["fraud"]
    with LogWriter(tmp_path, shops()) as log:
        with pytest.raises(OutputError, match="column fraud is missing"):
            log.write("purchase", row)
        with pytest.raises(OutputError, match="no sale among its events"):
            log.write("sale", row)
        with pytest.raises(OutputError, match="1 values for 2 columns"):
            log.write_sample("share", 0, (1.0,))


def test_a_reader_names_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="holds no log"):
        LogReader(tmp_path)
    with LogWriter(tmp_path, shops()):
        pass
    with pytest.raises(OutputError, match=r"no sale among its events \(there are: purchase\)"):
        LogReader(tmp_path).scan("sale")


def test_a_damaged_file_is_reported_in_one_line(tmp_path: Path) -> None:
    with LogWriter(tmp_path, shops()):
        pass
    (tmp_path / "log/events/purchase.parquet").write_bytes(b"PAR1 but no more")
    with pytest.raises(OutputError, match="damaged or not complete"):
        LogReader(tmp_path).rows("purchase")


def test_a_folder_that_cannot_be_written_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("in the way")
    with pytest.raises(OutputError, match=r"cannot write .*purchase.parquet: Not a directory"):
        LogWriter(tmp_path, shops())


def test_only_columns_that_can_lack_a_value_are_nullable(tmp_path: Path) -> None:
    fields = (*shops().events["purchase"].fields, EventField("text", TEXT))
    with LogWriter(tmp_path, shops(events={"purchase": Event("purchase", fields)})) as log:
        log.write("purchase", {**one_row(), "text": [None]})
    schema = LogReader(tmp_path).file("events", "purchase").schema_arrow
    nullable = [field.name for field in schema if field.nullable]
    assert nullable == ["behavior", "agent", "card", "merchant", "episode", "text"]


def test_snapshots_hold_what_their_table_reads(tmp_path: Path) -> None:
    pace = Column("pace", Attr(ME, "cardholder", "pace", type=CARDHOLDERS.columns[1].value.type))
    table = AgentTable("then", "cardholder", (pace,), at=(const(DAY, WHOLE),))
    with LogWriter(tmp_path, shops(tables={"then": table})) as log:
        log.write_snapshot(
            "then", DAY, "cardholder", {"pace": [1.0, 2.0], "basket": [1, 2], "born": [0, 0], "retired": [-1, -1]}
        )
    frame = LogReader(tmp_path).snapshots("then", "cardholder").collect()
    assert frame.columns == ["time", "id", "pace", "retired", "identity"]
    assert frame["time"].to_list() == [datetime(2026, 1, 2)] * 2


_PEAK = """
import resource, sys
from pathlib import Path
import numpy as np
from bustle.outputs.log import LogWriter
from tests.outputs.scenes import shops

model = shops()
def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
def write(log, n):
    noise = np.random.default_rng(n[0]).integers(0, 2**62, len(n))
    log.write("purchase", {
        "time": n, "behavior": n % 2, "agent": n % 3, "occurrence": n, "index": n * 0, "card": n % 3,
        "merchant": n % 4, "amount": noise, "fraud": n % 2 == 0, "episode": noise,
    })
"""
_LOGGED = """
with LogWriter(Path(sys.argv[1]), model) as log:
    for start in range(0, 1_600_000, 4096):
        write(log, np.arange(start, start + 4096))
        if start < 600_000 <= start + 4096:
            early = peak()
print(early, peak())
"""
_RECORDED = """
import pyarrow as pa
from bustle.outputs.recorders import record_tables
from tests.outputs.scenes import draws, fill

class Rest:  # a log that takes no events
    def __getattr__(self, name): return getattr(log, name)
    def write(self, event, columns): pass

import shutil
for rows in (600_000, 1_800_000):
    with LogWriter(Path(sys.argv[1]), model) as log:
        for start in range(0, rows, 65_536):
            write(log, np.arange(start, min(start + 65_536, rows)))
        fill(Rest())
    record_tables(Path(sys.argv[1]), model, draws, ("parquet", "csv"))
    print(pa.default_memory_pool().max_memory() // 1024)
    shutil.rmtree(Path(sys.argv[1]) / "log")
"""


@pytest.mark.parametrize("what", ["log", "tables"])
def test_memory_does_not_grow_with_the_number_of_events(tmp_path: Path, what: str) -> None:
    code = _PEAK + {"log": _LOGGED, "tables": _RECORDED}[what]
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True, cwd=_root()
    )
    early, late = map(int, done.stdout.split())
    most = {"log": 40_000, "tables": 8_000}[what]  # of the process, and of Arrow, which holds every row read or written
    assert late - early < most, f"the peak grew from {early} to {late} kB over a million rows"


def _root() -> Path:
    return Path(__file__).parents[2]


def test_a_buffer_can_be_filled_again_once_it_was_written(tmp_path: Path) -> None:
    buffers = {name: np.asarray(values) for name, values in one_row(episode=[-1]).items()}
    with LogWriter(tmp_path, shops()) as log:
        log.write("purchase", buffers)
        buffers["amount"][0] = 99
    assert LogReader(tmp_path).scan("purchase").collect()["amount"].to_list() == [1]
