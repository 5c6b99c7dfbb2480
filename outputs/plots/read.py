"""Reading a finished run for its pictures: which columns are labels, money and agents stands in the files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from bustle.outputs.log import LogReader
from bustle.outputs.plots.view import (
    DAY,
    HOUR,
    LOCAL,
    EventView,
    FieldView,
    NetworkView,
    RunView,
    SeriesView,
    collect,
)
from bustle.outputs.schema import EVENT_KEYS
from bustle.scenarios.diagnostics import ScenarioError
from bustle.scenarios.model import Const

_KINDS = {
    "number": "number",
    "whole number": "whole",
    "money": "money",
    "duration": "duration",
    "rate": "rate",
    "bool": "bool",
    "instant": "instant",
    "episode": "episode",
    "text": "text",
}


def read_run(folder: Path) -> RunView:
    """What the pictures need of the run in ``folder``.

    Raises:
        OutputError: there is no readable log.
    """
    reader = LogReader(folder)
    events = [_event(reader, name) for name in reader.events]
    series = tuple(_series(reader, name) for name in reader.names("samples"))
    told = _told(folder)
    start, end = told.span or _span([event.frame for event in events] + [table.frame for table in series])
    rows = sum(event.rows for event in events)
    parts = [f"{rows:,} event{'' if rows == 1 else 's'}"]
    if end > start:
        parts.append(_length(end - start) + _from(start, told.zone))
    if told.seed is not None:
        parts.append(f"seed {told.seed}")
    return RunView(
        title=told.title or folder.resolve().name,
        subtitle="  ·  ".join(parts),
        start=start,
        end=end,
        marks=told.marks,
        events=tuple(sorted(events, key=lambda event: (event.split() is None, -event.rows, event.name))),
        networks=tuple(_network(reader, name) for name in reader.names("networks")),
        series=series,
    )


def field_view(field: pa.Field) -> FieldView:
    """The kind of a log's column, from the metadata of its Arrow field."""
    metadata = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    type_ = metadata.get("type", "")
    label = metadata.get("role") == "label"
    if type_.endswith(" (an agent)"):
        return FieldView(field.name, "agent", label, population=type_.removesuffix(" (an agent)"))
    if levels := re.fullmatch(r"(?:category|state of \w+) \((.*)\)", type_):
        return FieldView(field.name, "category", label, tuple(levels[1].split(", ")))
    return FieldView(field.name, _KINDS.get(type_, "other"), label)


def _event(reader: LogReader, name: str) -> EventView:
    """One kind of event, its categories as codes."""
    schema = reader.file("events", name).schema_arrow
    fields = tuple(field_view(field) for field in schema if field.name not in EVENT_KEYS)
    columns = [_local(schema.field("time"))]
    for field in fields:
        column = pl.col(field.name)
        if field.levels:
            codes = {level: code for code, level in enumerate(field.levels)}
            column = column.cast(pl.String).replace_strict(codes, default=None, return_dtype=pl.Int64)
        columns.append(column)
    return EventView(name, reader.rows(name), reader.scan(name).select(columns), fields)


def _series(reader: LogReader, name: str) -> SeriesView:
    """One sample table."""
    schema = reader.file("samples", name).schema_arrow
    fields = tuple(field_view(field) for field in schema if field.name != "time")
    columns = [_local(schema.field("time")), *(pl.col(field.name) for field in fields)]
    return SeriesView(name, reader.samples(name).select(columns), fields)


def _network(reader: LogReader, name: str) -> NetworkView:
    """One network."""
    schema = reader.file("networks", name).schema_arrow
    source, target = (field_view(schema.field(end)).population for end in ("source", "target"))
    return NetworkView(name, reader.network(name), source, target)


def _local(field: pa.Field) -> pl.Expr:
    """The instants of ``field`` as `LOCAL`: what the clocks of its zone show, in microseconds since 1970-01-01."""
    time = pl.col(field.name)
    if field.type.tz is not None:
        time = time.dt.convert_time_zone(field.type.tz).dt.replace_time_zone(None)
    return time.cast(pl.Datetime("us")).cast(pl.Int64).alias(LOCAL)


def _span(frames: list[pl.LazyFrame]) -> tuple[int, int]:
    """The local hours that ``frames`` cover, for a folder that does not say what it covers."""
    bounds = [collect(frame.select(low=pl.col(LOCAL).min(), high=pl.col(LOCAL).max())).row(0) for frame in frames]
    known = [bound for bound in bounds if bound[0] is not None]
    if not known:
        return 0, 0
    return min(low for low, _ in known) // HOUR * HOUR, (max(high for _, high in known) // HOUR + 1) * HOUR


def _length(length: int) -> str:
    """``length`` in words, in the largest unit of which it holds at least two."""
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (60_000_000, "minute")):
        if length >= 2 * unit or length == unit:
            count = round(length / unit, 1)
            return f"{count:,.10g} {name}{'' if count == 1 else 's'}"
    return f"{length / 1e6:,.10g} seconds"


@dataclass(frozen=True, slots=True)
class _Told:
    """What the folder says of itself besides its log."""

    title: str = ""
    seed: int | None = None
    span: tuple[int, int] | None = None
    zone: str | None = None
    marks: tuple[tuple[str, int], ...] = ()


def _told(folder: Path) -> _Told:
    """The scenario's title, clock and interventions, and the manifest's seed, as far as the folder has them."""
    if not (folder / "scenario.yaml").is_file():
        return _Told(seed=_seed(folder / "manifest.json"))
    from bustle import scenarios
    from bustle.scenarios.calendar import Calendar

    seed = _seed(folder / "manifest.json")
    try:
        model = scenarios.load(folder / "scenario.yaml").model
    except (ScenarioError, OSError):
        return _Told(seed=seed)
    calendar = Calendar(model.clock)
    marks = tuple(
        (name, calendar.local(int(change.at.value)))
        for name, change in model.interventions.items()
        if isinstance(change.at, Const) and change.at.value is not None and int(change.at.value) < model.clock.length
    )
    span = (model.clock.start_local, calendar.local(model.clock.length))
    title = model.title or model.name.replace("_", " ").capitalize()
    return _Told(title, model.seed if seed is None else seed, span, model.clock.timezone, marks)


def _seed(path: Path) -> int | None:
    """The seed that a manifest names."""
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    seed = manifest.get("seed")
    return seed if isinstance(seed, int) else None


def _from(start: int, zone: str | None) -> str:
    """`` from 2026-01-01, Europe/Berlin``."""
    day = date(1970, 1, 1) + timedelta(days=start // DAY)
    return f" from {day}{f', {zone}' if zone else ''}"
