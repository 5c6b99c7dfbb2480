"""Where a run keeps what it needs to go on after it was killed: the folder ``checkpoint`` inside of the run's folder.

It holds the scenario with its data files, the log so far (`bustle.outputs.spool`) and one file with the engine's
state, which is replaced as a whole: it is written under another name, brought to the disk, and renamed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt

from bustle.outputs.errors import OutputError, one_clear_line
from bustle.outputs.folder import CHECKPOINT, CHECKPOINT_OPTIONS, CHECKPOINT_SPOOL, CHECKPOINT_STATE, SCENARIO, drop
from bustle.outputs.inputs import keep_inputs
from bustle.outputs.spool import Damaged, Spool, read_entry, write_entry
from bustle.outputs.text_file import write_text_file
from bustle.outputs.unfinished import partial_of
from bustle.scenarios.model import Model

FORMAT = "bustle checkpoint 1"

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Saved:
    """What a checkpoint holds.

    Attributes:
        arrays: the engine's arrays by name.
        values: what else it notes, JSON-ready.
        spooled: bytes of the spool that belong to it.
        finished: the run has ended, and only its files are still to be made.
    """

    arrays: dict[str, npt.NDArray[Any]]
    values: dict[str, Any]
    spooled: int
    finished: bool


class Checkpoints:
    """The checkpoint of the run in ``folder``.

    Args:
        folder: the run's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / CHECKPOINT
        self.spool_path = self.folder / CHECKPOINT_SPOOL
        self._options, self._state = self.folder / CHECKPOINT_OPTIONS, self.folder / CHECKPOINT_STATE

    @property
    def exists(self) -> bool:
        """Whether a run can go on from here."""
        return self._options.is_file()

    @property
    def scenario(self) -> Path:
        """The scenario of the run."""
        return self.folder / SCENARIO

    def begin(self, model: Model, scenario: str, options: Mapping[str, Any]) -> Spool:
        """Keep what makes the run, before it starts.

        Args:
            model: the scenario.
            scenario: its resolved text.
            options: of the run, JSON-ready.

        Raises:
            OutputError: something cannot be written.
        """
        with one_clear_line("write", self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        keep_inputs(self.folder, model)
        write_text_file(self.scenario, scenario)
        spool = Spool(self.spool_path)
        write_text_file(self._options, json.dumps({"format": FORMAT, **options}))
        return spool

    def options(self) -> dict[str, Any]:
        """What `begin` was given.

        Raises:
            OutputError: there is no checkpoint, or one of another version.
        """
        if not self.exists:
            raise OutputError(f"{self.folder.parent} holds no checkpoint to go on from")
        try:
            with one_clear_line("read", self._options):
                options: dict[str, Any] = json.loads(self._options.read_text(encoding="utf-8"))
            if options.pop("format") != FORMAT:
                raise OutputError(f"{self._options} is of another version of bustle: start the run again with it")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise OutputError(f"{self._options} is damaged") from error
        return options

    def save(self, spool: Spool, arrays: Arrays, values: Mapping[str, Any], *, finished: bool = False) -> None:
        """Replace the checkpoint's state.

        Raises:
            OutputError: the disk is full or cannot be written; the state before is still there.
        """
        head = {"spooled": spool.flush(), "finished": finished, "values": dict(values)}
        partial = partial_of(self._state)
        try:
            with one_clear_line("write", self._state):
                with partial.open("wb") as file:
                    write_entry(file, head, arrays)
                    file.flush()
                    os.fsync(file.fileno())
                partial.replace(self._state)
        except OutputError:
            partial.unlink(missing_ok=True)
            raise

    def load(self) -> Saved | None:
        """The state; None where the run was killed before its first checkpoint.

        Raises:
            OutputError: it cannot be read.
        """
        if not self._state.is_file():
            return None
        try:
            with one_clear_line("read", self._state), self._state.open("rb") as file:
                head, arrays = read_entry(file)
                return Saved(arrays, head["values"], head["spooled"], head["finished"])
        except (Damaged, KeyError) as error:
            raise OutputError(f"{self._state} is damaged") from error

    def remove(self) -> None:
        """Take everything away, the file last that makes it a checkpoint; a file that somebody added stays."""
        drop(self.folder)
