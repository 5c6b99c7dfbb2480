"""Samples taken during a run, at regular times."""

from __future__ import annotations

from collections.abc import Iterator

from bustle.outputs.cells import Rows
from bustle.outputs.epoch import epoch_of
from bustle.outputs.frames import held_rows
from bustle.outputs.recorders.recording import Recording
from bustle.outputs.schema import sample_columns
from bustle.scenarios.model import SampleTable


def samples(table: SampleTable, recording: Recording) -> Iterator[Rows]:
    """The rows of ``table``; its values were computed when the samples were taken."""
    epoch = epoch_of(recording.model.clock)
    columns = sample_columns(table)
    for batch in recording.reader.batches_of("samples", table.name):
        yield held_rows(batch, columns, epoch)
