"""What a run writes: log, tables, pictures, card, manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bustle.agents.build import World
from bustle.agents.population import Array
from bustle.keyed_draws import keyed_draws
from bustle.outputs.card import write_card
from bustle.outputs.event_sink import EventSink
from bustle.outputs.folder import SCENARIO
from bustle.outputs.inputs import keep_inputs
from bustle.outputs.log import LogWriter
from bustle.outputs.manifest import write_manifest
from bustle.outputs.recorders import Tables
from bustle.outputs.text_file import write_text_file
from bustle.sim.facts import Facts

if TYPE_CHECKING:
    from bustle.scenarios import Scenario
    from bustle.scenarios.model import Model


class Writing:
    """The files of a run while they are written; as a context manager it drops whatever is not complete when it ends.

    Args:
        folder: the run's folder, which exists.
        scenario: what is run.
        world: how it begins.
        formats: of the tables.
        owned: see `bustle.outputs.log.LogWriter`.

    Raises:
        OutputError: a file cannot be written, or a table cannot be made.
    """

    def __init__(
        self, folder: Path, scenario: Scenario, world: World, formats: Sequence[str], *, owned: bool = False
    ) -> None:
        self._folder = folder
        self._scenario = scenario
        model = scenario.model
        with ExitStack() as opened:
            self._tables = opened.enter_context(tables_of(folder, model, formats))
            readers = self._tables.alongside(_settled(model, world))
            self._log = LogWriter(folder, model, owned=owned, readers=readers)
            opened.callback(self._log.abort)
            self._opened = opened.pop_all()

    @property
    def sink(self) -> EventSink:
        """The log."""
        return self._log

    def complete(self, ended_at: int | None, *, plot: bool) -> None:
        """Complete the log, and write all else that a run's folder holds.

        Args:
            ended_at: the simulated time in microseconds at which the run was stopped; None if it came to its end.
            plot: draw pictures, too.

        Raises:
            OutputError: a file cannot be written.
            RunError: a table cannot be made.
        """
        self._log.close()
        keep_inputs(self._folder, self._scenario.model)
        write_text_file(self._folder / SCENARIO, self._scenario.resolved_text())
        describe(self._folder, self._scenario.model, self._tables, ended_at, plot=plot, checksums=self._log.checksums)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.__exit__(kind, error, trace)


def tables_of(folder: Path, model: Model, formats: Sequence[str]) -> Tables:
    """The tables of a run."""
    return Tables(folder, model, keyed_draws(model.seed), formats)


def _settled(model: Model, world: World) -> dict[str, dict[str, Array]]:
    """The columns of the populations whose agents are all there from the start, and are none of Python's."""
    facts = Facts(model)
    if facts.python_populations:
        return {}
    return {name: people.columns for name, people in world.populations.items() if name not in facts.growing}


def describe(
    folder: Path,
    model: Model,
    tables: Tables,
    ended_at: int | None,
    *,
    plot: bool,
    checksums: Mapping[str, str] | None = None,
) -> None:
    """Write all that is made from a complete log; the manifest comes last and makes the folder a whole run."""
    recorded = tables.record()
    if plot:
        from bustle.outputs.plots import plot_run

        plot_run(folder)
    write_card(folder, model, recorded, ended_at=ended_at)
    write_manifest(folder, model, recorded, ended_at=ended_at, checksums=checksums)
