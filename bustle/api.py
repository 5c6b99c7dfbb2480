"""The Python API: load a scenario, look at it, run it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from bustle import scenarios

if TYPE_CHECKING:
    from bustle.outputs.audit import AuditReport
    from bustle.pipeline import Progress
    from bustle.results import Run
    from bustle.scenarios.model import Model
    from bustle.sim.events import EventRecord

Value = str | int | float | bool
"""What a parameter may be set to: a number or a truth value, or text as a scenario writes it (``"4 hours"``)."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A checked scenario, with values for its parameters.

    >>> scenario = Scenario.load("card_fraud")
    >>> scenario.name
    'card_fraud'
    >>> scenario.with_values({"block_delay": "90 minutes"}).parameters["block_delay"]
    '90 minutes'
    """

    checked: scenarios.Scenario

    @classmethod
    def load(cls, scenario: str | Path) -> Self:
        """The scenario in a file, or the shipped scenario of that name.

        Raises:
            ScenarioError: it does not exist, cannot be read, or has problems; all of them are in ``diagnostics``.
        """
        return cls(scenarios.load(scenario))

    @classmethod
    def from_text(cls, text: str, *, folder: str | Path = ".") -> Self:
        """The scenario written in ``text`` (YAML); files it names are looked up under ``folder``.

        Raises:
            ScenarioError: it has problems.
        """
        return cls(scenarios.Scenario.from_text(text, folder=folder))

    @classmethod
    def from_dict(cls, sections: Mapping[str, Any], *, folder: str | Path = ".") -> Self:
        """The scenario whose sections are the keys of ``sections``, as the YAML file would hold them.

        Raises:
            ScenarioError: it has problems.
        """
        return cls(scenarios.Scenario.from_dict(sections, folder=folder))

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self.model.name

    @property
    def model(self) -> Model:
        """The typed, checked scenario that every part of the program works from."""
        return self.checked.model

    @property
    def parameters(self) -> dict[str, str]:
        """The value of every parameter, as a scenario file would write it (bounds and units: ``model.parameters``)."""
        return self.checked.parameters

    def with_values(
        self,
        set: Mapping[str, Value] | None = None,
        *,
        length: str | None = None,
        scale: float | None = None,
        seed: int | None = None,
    ) -> Self:
        """The same scenario with other values; what is not given stays.

        Args:
            set: parameters by name.
            length: simulated time, such as ``"30 days"``.
            scale: factor on every population's size.
            seed: the seed of every draw.

        Raises:
            ScenarioError: an unknown parameter, or a value of the wrong kind or out of bounds.
        """
        return type(self)(self.checked.with_values(dict(set or {}), length=length, scale=scale, seed=seed))

    def events(
        self, *, seed: int | None = None, allow_code: bool = False, engine: str = "auto"
    ) -> Iterator[EventRecord]:
        """Run, and give every event as it happens, in order; stop iterating to stop the run.

        Args:
            seed: the seed of every draw; the scenario's own if not given.
            allow_code: let the scenario import agents written in Python. Only for scenarios that you trust.
            engine: as for `run`; every engine gives the same events.

        Raises:
            RunError: the run cannot go on, for a reason in the scenario, or the engine cannot run it.
        """
        from bustle.agents.build import build_world
        from bustle.python_classes import python_classes
        from bustle.sim.engines import choose_engine, make_chosen
        from bustle.sim.plan.room import require_memory

        model = self.with_values(seed=seed).model
        classes = python_classes(model, allow_code=allow_code)
        require_memory(model)
        world = build_world(model, model.seed)
        return make_chosen(choose_engine(model, world, engine), model, world, classes).events()

    def run(
        self,
        *,
        out: str | Path | None = None,
        formats: Sequence[str] = ("parquet",),
        force: bool = False,
        allow_code: bool = False,
        progress: Progress | None = None,
        plot: bool = False,
        engine: str = "auto",
        workers: int | None = None,
        checkpoint_every: float | None = None,
    ) -> Run:
        """Run the scenario; see `run` for the arguments."""
        import shutil
        import tempfile

        from bustle.pipeline import Options, Watcher, execute
        from bustle.results import Run

        temporary = Path(tempfile.mkdtemp(prefix="bustle-")) if out is None else None
        folder = temporary / self.name if temporary else Path(out or ".")
        try:
            summary = execute(
                self.checked,
                folder,
                Options(tuple(formats), plot, engine, None, workers, checkpoint_every),
                force=force,
                allow_code=allow_code,
                watcher=Watcher(progress),
            )
        except BaseException:
            if temporary:
                shutil.rmtree(temporary, ignore_errors=True)
            raise
        return Run(folder, summary, temporary)


def run(
    scenario: str | Path | Scenario,
    *,
    seed: int | None = None,
    set: Mapping[str, Value] | None = None,
    length: str | None = None,
    scale: float | None = None,
    out: str | Path | None = None,
    formats: Sequence[str] = ("parquet",),
    force: bool = False,
    allow_code: bool = False,
    progress: Progress | None = None,
    plot: bool = False,
    engine: str = "auto",
    workers: int | None = None,
    checkpoint_every: float | None = None,
) -> Run:
    """Run a scenario and give its dataset.

    >>> import bustle
    >>> with bustle.run("card_fraud", seed=1, scale=0.002, length="5 days") as run:
    ...     transactions = run.table("transactions")
    >>> transactions["fraud"].dtype
    Boolean

    Args:
        scenario: a file, the name of a shipped scenario, or a `Scenario`.
        seed: the seed of every draw; the scenario's own if not given. The same seed gives the same bytes.
        set: values of parameters by name, such as ``{"thieves": 10, "block_delay": "1 hour"}``.
        length: simulated time, such as ``"30 days"``.
        scale: factor on every population's size.
        out: the folder to write; a temporary one, which goes with the returned `Run`, if not given.
        formats: of the tables: ``parquet``, ``csv``, ``jsonl``, ``arrow``, ``duckdb``.
        force: replace a run that is already in ``out``.
        allow_code: let the scenario import agents written in Python. Only for scenarios that you trust.
        progress: called now and then with the simulated time in microseconds, and the firings and events so far.
        plot: also draw the run's pictures into ``plots/``.
        engine: ``auto`` takes what finishes first; ``reference`` and ``compiled`` give the same bytes.
        workers: threads of the compiled engine, one a core if not given; the bytes are the same for any number.
        checkpoint_every: seconds between checkpoints, from which `resume` goes on after the process was killed.

    Raises:
        ScenarioError: the scenario, or a value given here, cannot be used; ``diagnostics`` holds every problem.
        RunError: the run cannot go on, for a reason in the scenario.
        FileExistsError: ``out`` is there already and ``force`` is not set.
    """
    chosen = scenario if isinstance(scenario, Scenario) else Scenario.load(scenario)
    return chosen.with_values(set, length=length, scale=scale, seed=seed).run(
        out=out,
        formats=formats,
        force=force,
        allow_code=allow_code,
        progress=progress,
        plot=plot,
        engine=engine,
        workers=workers,
        checkpoint_every=checkpoint_every,
    )


def resume(folder: str | Path) -> Run:
    """Take up a run with checkpoints that was killed, and give its dataset.

    Args:
        folder: the folder of the run.

    Raises:
        OutputError: there is no checkpoint in it, or it cannot be used.
        RunError: the run cannot go on, for a reason in the scenario.
    """
    from bustle.pipeline import resume as take_up
    from bustle.results import Run

    _, summary = take_up(Path(folder))
    return Run(Path(folder), summary)


def audit(
    target: str | Path | Run, *, mapping: str | Path | Mapping[str, Any] | None = None, table: str | None = None
) -> AuditReport:
    """Measure leaks, realism, ledger and labels of payment data; see `docs/audit.md` for what is measured.

    Args:
        target: a `Run`, the folder of one, another folder of tables, or one file (Parquet, Arrow IPC, CSV, JSON lines).
        mapping: which column plays which part: a YAML file; or the tables by name, as it would hold them. Without it
            the scenario's own section ``audit:`` says so.
        table: the only table to audit.

    Raises:
        ScenarioError: the mapping has problems; ``diagnostics`` holds every one.
        OutputError: something cannot be read, or nothing says how to audit it.
    """
    from bustle.outputs.audit import audit as audit_of
    from bustle.results import Run

    return audit_of(target.folder if isinstance(target, Run) else target, mapping, table)
