"""Rows as text: what CSV and JSON lines share."""

from __future__ import annotations

import polars as pl
import pyarrow as pa


def text_frame(batch: pa.RecordBatch) -> pl.DataFrame:
    """The rows as a Polars frame in which times are ISO 8601 text: local, with the offset where there is a zone."""
    frame = pl.from_arrow(batch)
    assert isinstance(frame, pl.DataFrame)
    times = [
        pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.6f" + ("%:z" if dtype.time_zone else ""))
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Datetime)
    ]
    return frame.with_columns(times)
