"""The features of a table's rows, batch by batch, from the rows up to each one alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bustle.outputs.arrow_memory import Array, Bits
from bustle.outputs.cells import Cells, Rows
from bustle.outputs.features.codes import Codes
from bustle.outputs.features.kernels import MISSING
from bustle.outputs.features.measures import (
    ROW,
    Batch,
    DistinctCount,
    LabelCount,
    RollingMeasure,
    RowCount,
    SinceLast,
    ValueSum,
    no_value,
)
from bustle.outputs.features.pending import Pending
from bustle.outputs.features.trail import TIME, Cursor, Trail
from bustle.outputs.table_schema import table_factor
from bustle.scenarios.model import Feature
from bustle.scenarios.types import DURATION, Bool, Quantity, Type

NEVER = 2**62
"""The instant ``never``: a label of that time does not become known."""

KNOWN = "known"
"""The column that says when the labels of a row become known."""


class FeatureStream:
    """Computes features while rows go by in order of time.

    Args:
        features: what to compute.
        types: of the columns that features name.
        folder: where rows wait until they leave their windows, in temporary files.
    """

    def __init__(self, features: Sequence[Feature], types: Mapping[str, Type], folder: Path) -> None:
        self._features = tuple(features)
        self._types = types
        self._rows = 0
        self._codes = {name: Codes(types[name]) for name in dict.fromkeys(_coded(features))}
        self._values = tuple(dict.fromkeys(f.of for f in features if f.of and f.measure in ("sum", "mean")))
        self._since = {f.entity: SinceLast(_code(f.entity)) for f in features if f.measure == "since_last"}
        delays = dict.fromkeys(f.delay for f in features if f.reads_labels)
        self._labels = {delay: _Labels(delay, features, folder) for delay in delays}
        self._rolling: dict[tuple[Any, ...], Any] = {}
        for feature in features:
            self._rolling.setdefault(_key(feature), self._measure(feature))
        self._trail = Trail(
            {
                TIME: np.dtype(np.int64),
                **{_code(name): np.dtype(np.int32) for name in self._codes},
                **{_value(name): self._dtype(name) for name in self._values},
            },
            folder,
        )
        self._windows = _by_window(self._trail, (f for f in features if not f.reads_labels), self._rolling)

    def add(self, time: Array, rows: Rows) -> dict[str, Cells]:
        """The features of the next rows.

        Args:
            time: int64 [rows], microseconds; not before the last row's.
            rows: at least one, with full columns in held form.

        Returns:
            Full cells by the name of the feature: int64 where the feature is a whole number, else float64 in the
            units of tables (see `bustle.outputs.table_schema`).

        Raises:
            OutputError: the disk is full.
        """
        codes = {_code(name): coder.of(rows.columns[name]) for name, coder in self._codes.items()}
        values = {_value(name): self._held(name, rows.columns[name]) for name in self._values}
        time = time.copy()  # kernels would be compiled once more for arrays that must not be changed
        batch = Batch(self._rows, time, codes | values, {})
        self._trail.append({TIME: time, **batch.columns})
        self._rows += len(time)
        for since in self._since.values():
            since.add(batch)
        _add(batch, self._windows)
        for labels in self._labels.values():
            labels.add(batch, rows, self._rolling)
        return {feature.name: self._cells(feature, codes[_code(feature.entity)] < 0) for feature in self._features}

    def close(self) -> None:
        """Let go of the temporary files."""
        self._trail.close()
        for labels in self._labels.values():
            labels.close()

    # --- what is measured

    def _measure(self, feature: Feature) -> Any:
        entity, window = _code(feature.entity), feature.window or 0
        match feature.measure:
            case "count":
                return RowCount(entity, window)
            case "sum" | "mean":
                return ValueSum(entity, _value(feature.of), window, self._dtype(feature.of))
            case "distinct":
                return DistinctCount(entity, _code(feature.of), window)
            case "known" | "found" | "risk":
                return LabelCount(entity, _value(feature.of), window)
            case "since_last":
                return self._since[feature.entity]

    def _dtype(self, column: str | None) -> np.dtype[Any]:
        type_ = self._types[column or ""]
        whole = isinstance(type_, Bool) or (isinstance(type_, Quantity) and type_.held_whole)
        return np.dtype(np.int64 if whole else np.float64)

    def _held(self, name: str, cells: Cells) -> Array:
        """The values of a column that is summed; what is no number is missing."""
        dtype = self._dtype(name)
        values = cells.values.astype(dtype)
        missing = cells.missing
        if dtype.kind == "f" and not (finite := np.isfinite(values)).all():
            missing = ~finite if missing is None else missing | ~finite
        return values if missing is None else np.where(missing, no_value(dtype), values).astype(dtype, copy=False)

    # --- what comes out

    def _cells(self, feature: Feature, lacking: Bits) -> Cells:
        measured = self._rolling[_key(feature)]
        none: Bits | None = None
        match feature.measure:
            case "count" | "distinct":
                values = measured.count
            case "sum":
                values = self._in_table_units(feature, measured.total)
            case "mean":
                none = measured.count == 0
                values = self._in_table_units(feature, measured.total) / np.maximum(measured.count, 1)
            case "known":
                values = measured.known
            case "found":
                values = measured.found
            case "risk":
                none = measured.known == 0
                values = measured.found / np.maximum(measured.known, 1)
            case "since_last":
                none = measured.since == MISSING
                values = measured.since / table_factor(DURATION)[1]
        missing = lacking if none is None else lacking | none
        return Cells(values, missing if missing.any() else None)

    def _in_table_units(self, feature: Feature, total: Array) -> Array:
        type_ = self._types[feature.of or ""]
        if not isinstance(type_, Quantity) or type_.is_plain:
            return total
        times, over = table_factor(type_)
        return total * times / over


class _Labels:
    """Labels with one delay, on their way from their rows to when they are known."""

    def __init__(self, delay: int | None, features: Sequence[Feature], folder: Path) -> None:
        mine = [f for f in features if f.reads_labels and f.delay == delay]
        self._delay = delay
        self._entities = tuple(dict.fromkeys(_code(f.entity) for f in mine))
        self._names = tuple(dict.fromkeys(f.of for f in mine if f.of))
        self._pending = Pending()
        self._dtypes: dict[str, np.dtype[Any]] = {
            TIME: np.dtype(np.int64),
            ROW: np.dtype(np.int64),
            **{name: np.dtype(np.int32) for name in self._entities},
            **{_value(name): np.dtype(np.int8) for name in self._names},
        }
        self._trail = Trail(self._dtypes, folder)
        self._features = mine
        self._windows: list[tuple[Cursor, list[RollingMeasure]]] | None = None

    def add(self, batch: Batch, rows: Rows, rolling: Mapping[tuple[Any, ...], Any]) -> None:
        """Have the labels of ``batch`` wait, and count those that become known by its last row."""
        if self._windows is None:
            self._windows = _by_window(self._trail, self._features, rolling)
        known, waits = self._known(batch.time, rows)
        columns = {
            TIME: known,
            ROW: np.arange(batch.first, batch.first + len(known)),
            **{name: batch.columns[name] for name in self._entities},
            **{_value(name): _truth(rows.columns[name]) for name in self._names},
        }
        self._pending.add(columns if waits is None else {name: values[waits] for name, values in columns.items()})
        news = self._pending.take(int(batch.time[-1]))
        if news is None:
            news = {name: np.empty(0, dtype) for name, dtype in self._dtypes.items()}
        self._trail.append(news)
        _add(Batch(batch.first, batch.time, batch.columns, dict(news)), self._windows)

    def _known(self, time: Array, rows: Rows) -> tuple[Array, Bits | None]:
        """When labels become known, not before their row; and which ever do, None if all."""
        if self._delay is not None:
            return time + self._delay, None
        cells = rows.columns[KNOWN]
        ever = cells.values < NEVER
        if cells.missing is not None:
            ever &= ~cells.missing
        return np.maximum(cells.values, time), None if ever.all() else ever

    def close(self) -> None:
        """Let go of the temporary files."""
        self._trail.close()


Windows = list[tuple[Cursor, list[RollingMeasure]]]


def _by_window(trail: Trail, features: Iterable[Feature], rolling: Mapping[tuple[Any, ...], Any]) -> Windows:
    """The measures of each length of window, and where it ends in the trail."""
    found: dict[int, dict[tuple[Any, ...], RollingMeasure]] = {}
    for feature in features:
        if feature.window is not None:
            found.setdefault(feature.window, {})[_key(feature)] = rolling[_key(feature)]
    return [(Cursor(trail, window), list(measures.values())) for window, measures in found.items()]


def _add(batch: Batch, windows: Windows) -> None:
    for cursor, measures in windows:
        for measure in measures:
            measure.begin(len(batch.time))
        for piece in cursor.pieces(batch.time):
            part = batch.cut(piece.rows)
            for measure in measures:
                measure.add(part, piece)


def _truth(cells: Cells) -> Array:
    """1 for true, 0 for false, -1 for what is missing, as int8."""
    truth = cells.values.astype(np.int8)
    return truth if cells.missing is None else np.where(cells.missing, np.int8(-1), truth)


def _coded(features: Sequence[Feature]) -> Iterable[str]:
    for feature in features:
        yield feature.entity
        if feature.measure == "distinct" and feature.of is not None:
            yield feature.of


def _key(feature: Feature) -> tuple[Any, ...]:
    """Features of one key are read off one measure."""
    kinds = {"mean": "sum", "known": "labels", "found": "labels", "risk": "labels"}
    kind = kinds.get(feature.measure, feature.measure)
    return kind, feature.entity, feature.of, feature.window, feature.delay


def _code(column: str | None) -> str:
    return f"code {column}"


def _value(column: str | None) -> str:
    return f"value {column}"
