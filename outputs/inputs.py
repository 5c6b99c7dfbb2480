"""The files that a scenario reads, kept in the run's folder so that the folder makes the run again by itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bustle.outputs.errors import one_clear_line
from bustle.outputs.unfinished import partial_of
from bustle.scenarios.files import CODE, DATA, KEPT, find_file
from bustle.scenarios.model import Empirical, Model
from bustle.scenarios.walk import expressions


def keep_inputs(folder: Path, model: Model) -> None:
    """Copy every file that ``model`` names into ``folder/inputs``, under the path that the scenario gives it.

    Raises:
        OutputError: a file cannot be copied.
        ValueError: a file is no longer there.
    """
    for path in sorted(set(input_files(model))):
        source, target = find_file(model.folder, path, (*DATA, *CODE)), folder / KEPT / path
        with one_clear_line("write", target):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, partial_of(target))
            partial_of(target).replace(target)


def input_files(model: Model) -> Iterator[str]:
    """The paths of the data files and Python files that ``model`` names, as it names them."""
    for population in model.populations.values():
        if population.file is not None:
            yield population.file
        if population.python_class is not None:
            yield population.python_class.rpartition(":")[0]
    for network in model.networks.values():
        if isinstance(file := network.options.get("file"), str):
            yield file
    for part in _parts(model):
        yield from (found.path for found in expressions(part) if isinstance(found, Empirical))


def _parts(model: Model) -> Iterator[Any]:
    """Whatever may hold a draw from a file."""
    for section in (model.world, model.populations, model.behaviors, model.interventions, model.tables):
        yield from section.values()
    for event in model.events.values():
        yield from (field.captured for field in event.fields if field.captured is not None)
    for network in model.networks.values():
        yield from (option for option in network.options.values() if not isinstance(option, (str, tuple)))
