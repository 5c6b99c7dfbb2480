"""The dataset's card: a ``README.md`` that tells a reader what the data are, without the scenario at hand.

It is written from the scenario: what the tables and their columns mean, how labels are defined and when they become
known, where the numbers come from, and how to make the same data again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bustle.outputs.card_making import making, parameters, reproduction
from bustle.outputs.card_tables import labels, table_section
from bustle.outputs.epoch import epoch_of
from bustle.outputs.folder import CARD
from bustle.outputs.log import LogReader
from bustle.outputs.manifest import bustle_version, table_files
from bustle.outputs.markdown import code, markdown_table, one_line
from bustle.outputs.quantity_text import duration_text
from bustle.outputs.recorders import RecordedTable
from bustle.outputs.schema import has_rules
from bustle.outputs.text_file import write_text_file
from bustle.outputs.timestamps import timestamp_text
from bustle.scenarios.model import AgentTable, EachTable, EdgeTable, Model, SampleTable, Table


def write_card(
    folder: Path | str, model: Model, tables: Sequence[RecordedTable], *, ended_at: int | None = None
) -> Path:
    """Write ``README.md`` into the run's folder, and return its path. Takes what `dataset_card` takes.

    Raises:
        OutputError: the file cannot be written, or the log cannot be read.
    """
    path = Path(folder) / CARD
    write_text_file(path, dataset_card(folder, model, tables, ended_at=ended_at))
    return path


def dataset_card(
    folder: Path | str, model: Model, tables: Sequence[RecordedTable], *, ended_at: int | None = None
) -> str:
    """The card as Markdown.

    Args:
        folder: the run's folder, with its log and tables.
        model: the scenario that was run.
        tables: what was recorded.
        ended_at: the simulated time at which the run was stopped before its end, if it was.
    """
    folder = Path(folder)
    lines = [*_front(model, tables, ended_at)]
    for table in tables:
        lines += table_section(table, model.tables[table.name], model)
    for part in (
        labels(tables, model),
        making(folder, model),
        parameters(model),
        reproduction(model),
        _files(folder, tables, model),
        _loading(folder, tables),
        _licence(),
    ):
        lines += part
    return "\n".join(lines).rstrip() + "\n"


def _front(model: Model, tables: Sequence[RecordedTable], ended_at: int | None) -> Iterator[str]:
    epoch = epoch_of(model.clock)
    yield f"# {one_line(model.title) or model.name}"
    yield ""
    if model.about:
        yield from (model.about.strip(), "")
    if has_rules(model):
        yield (
            f"These data are synthetic: they come from the scenario {code(model.name)}, simulated with bustle "
            f"{bustle_version()} and the seed {model.seed}. No row describes a real person or payment."
        )
    else:
        seed = f", which ran with the seed {model.seed}" if model.seed else ""
        yield f"These data were recorded with bustle {bustle_version()} from a model outside of it{seed}."
    yield ""
    start, end = (timestamp_text(t, epoch).replace("T", " ") for t in (0, model.clock.length))
    zone = f"time of {model.clock.timezone}" if model.clock.timezone else "local time without a zone"
    scale = "" if model.scale == 1 else f", with populations of {model.scale:g} times the size in the scenario"
    yield f"They cover {duration_text(model.clock.length)}, from {start} to {end} ({zone}){scale}."
    if ended_at is not None:
        stopped = timestamp_text(ended_at, epoch).replace("T", " ")
        yield f"**The run was stopped at {stopped}: nothing after that is in the data.**"
    yield ""
    if tables:
        yield from ("## Tables", "")
        rows = [
            [code(t.name), f"{t.rows:,}", _one_row_per(model.tables[t.name]), model.tables[t.name].about]
            for t in tables
        ]
        yield from markdown_table(["table", "rows", "one row per", "about"], rows, numeric=[1])
        yield ""


def _one_row_per(table: Table) -> str:
    match table:
        case EachTable(window=None):
            return code(table.event)
        case EachTable():
            groups = "".join(f", {code(column.name)}" for column in table.by)
            return f"window of {duration_text(float(table.window or 0))}{groups}"
        case AgentTable():
            return f"{code(table.population)}{' and instant' if table.at else ', at the end'}"
        case SampleTable():
            return duration_text(float(table.every)).removeprefix("1 ")
        case EdgeTable():
            return f"edge of {code(table.network)}" if table.network else f"pair of agents in {code(table.event or '')}"


def _files(folder: Path, tables: Sequence[RecordedTable], model: Model) -> Iterator[str]:
    yield from ("## Files", "")
    rows = []
    if (folder / "scenario.yaml").is_file():
        rows.append(["`scenario.yaml`", "the scenario as it was run"])
    for table in tables:
        rows += [[code(path), f"the table {code(table.name)}"] for path in table_files(folder, table.name)]
    if any("dataset.duckdb" in file for table in tables for file in table.files):
        rows.append(["`tables/dataset.duckdb`", "all tables in one DuckDB database"])
    rows += [
        [code(f"log/events/{name}.parquet"), one_line(event.about) or f"every {code(name)}, in order"]
        for name, event in model.events.items()
    ]
    reader = LogReader(folder)
    rows += [
        [code(f"log/agents/{name}.parquet"), f"every {code(name)}, as at the end"] for name in reader.names("agents")
    ]
    rows += [[code(f"log/networks/{name}.parquet"), f"the edges of {code(name)}"] for name in reader.names("networks")]
    if reader.names("samples"):
        rows.append(["`log/samples/`", "what was sampled while the run went on"])
    if reader.names("snapshots"):
        rows.append(["`log/snapshots/`", "agents as they were at given times"])
    if (folder / "plots").is_dir():
        rows.append(["`plots/`", "pictures of the run"])
    rows.append(["`manifest.json`", "row counts, columns, and a SHA-256 of every file; `bustle verify` compares them"])
    yield from markdown_table(["file", "what it holds"], rows)
    yield ""
    yield (
        "The log holds everything that happened, in its own units: money in cents (int64), durations in microseconds, "
        "rates per microsecond. `bustle record` makes the tables again from it."
    )
    yield ""


def _loading(folder: Path, tables: Sequence[RecordedTable]) -> Iterator[str]:
    files = next((files for t in tables if (files := table_files(folder, t.name) or list(t.files))), None)
    if files is None:
        return
    path = files[0]
    yield from ("## Loading", "", "```python")
    match path.rpartition(".")[2]:
        case "parquet":
            yield from ("import polars as pl", f'frame = pl.read_parquet("{path}")', "")
            yield from ("import pandas as pd", f'frame = pd.read_parquet("{path}")')
        case "arrow":
            yield from ("import polars as pl", f'frame = pl.read_ipc("{path}")', "")
            yield from ("import pandas as pd", f'frame = pd.read_feather("{path}")')
        case "csv":
            yield from ("import polars as pl", f'frame = pl.read_csv("{path}", try_parse_dates=True)', "")
            yield from ("import pandas as pd", f'frame = pd.read_csv("{path}")')
        case "jsonl":
            yield from ("import polars as pl", f'frame = pl.read_ndjson("{path}")', "")
            yield from ("import pandas as pd", f'frame = pd.read_json("{path}", lines=True)')
        case _:
            yield from ("import duckdb", f'connection = duckdb.connect("{path}", read_only=True)')
            yield f'frame = connection.sql("SELECT * FROM {tables[0].name}").pl()'
    yield from ("```", "")
    if path.endswith(".parquet"):
        roles = "`input`, `feature`, `label`, `known`, `key`"
        yield f"The role ({roles}), unit and meaning of each column stand in the file as well:"
        yield f'`pyarrow.parquet.read_schema("{path}").field("COLUMN").metadata`.'
        yield ""


def _licence() -> Iterator[str]:
    yield from ("## Licence", "")
    yield "Whoever publishes these data chooses their licence; bustle claims no rights in what it makes."
