"""Checking a whole scenario file, section by section in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from bustle.scenarios.calendar import Calendar
from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.happenings import (
    BehaviorChecker,
    check_event,
    check_intervention,
    check_rhythm,
    statements_of,
)
from bustle.scenarios.check.knobs import check_clock, check_global, check_parameter
from bustle.scenarios.check.names import Names
from bustle.scenarios.check.networks import check_network, network_ends
from bustle.scenarios.check.people import PeopleChecker, types_of_none
from bustle.scenarios.check.problems import Problems, Reject
from bustle.scenarios.check.tables import TableChecker, check_experiment
from bustle.scenarios.model import Attribute, Model, Parameter, Population
from bustle.scenarios.structure import ScenarioFile
from bustle.scenarios.structure.section import Section
from bustle.scenarios.yaml_nodes import Text

S = TypeVar("S", bound=Section)
R = TypeVar("R")

LARGEST_SEED = 2**63 - 1


def check_file(file: ScenarioFile, problems: Problems, folder: str, uses: tuple[str, ...] = ()) -> Model | None:
    """The typed model of ``file`` (other files already merged in); None if problems were noted."""
    try:
        return _check(file, problems, folder, uses)
    except RecursionError:
        assert file.scenario is not None
        problems.note(file.scenario.span, "an expression of this file is nested too deeply", "name its parts")
        return None


def _check(file: ScenarioFile, problems: Problems, folder: str, uses: tuple[str, ...]) -> Model | None:
    assert file.scenario is not None and file.clock is not None
    clock = check_clock(problems, file.clock)
    checker = ExpressionChecker(problems, Calendar(clock), clock.length, folder)
    names = Names(rhythms=set(file.rhythms), events={name: {} for name in file.events})
    _refuse_shared_names(file, problems)

    parameters = _parameters(checker, file, names)
    people = PeopleChecker(checker, names, file.populations)
    rules = {name: statements_of(checker, section) for name, section in file.behaviors.items()}
    people.none_types = types_of_none(file.populations, list(rules.values()))
    people.declare()
    names.world.update(dict.fromkeys(file.world))
    world = _each(file.world, lambda name, section: check_global(checker, name, section, names))
    names.world.update({name: attribute.type for name, attribute in world.items()})
    populations = _each(file.populations, lambda name, section: people.population(name))
    for name, network in file.networks.items():
        try:
            names.networks[name] = network_ends(checker, network, names)
        except Reject:
            continue
    networks = _each(
        {name: section for name, section in file.networks.items() if name in names.networks},
        lambda name, section: check_network(checker, name, section, names),
    )
    rhythms = _each(file.rhythms, lambda name, section: check_rhythm(checker, name, section))
    events = _each(file.events, lambda name, section: check_event(checker, name, section, names))
    behaviors = BehaviorChecker(checker, names)
    for name, section in file.behaviors.items():
        behaviors.declare(name, section)
    order = {name: number for number, name in enumerate(file.behaviors)}
    typed_behaviors = _each(
        file.behaviors, lambda name, section: behaviors.check(name, order[name], section, rules[name])
    )
    interventions = _each(
        file.interventions, lambda name, section: check_intervention(checker, name, section, names, parameters)
    )
    tables = TableChecker(checker, names, events, behaviors.assigned)
    typed_tables = _each(file.record, lambda name, section: tables.check(name, section))
    experiment = None if file.experiment is None else check_experiment(checker, file.experiment, names, parameters)
    seed = _seed(problems, file.seed)
    scale = scale_of(problems, file.scale)
    if problems.found:
        return None
    return Model(
        name=file.scenario.value,
        title=file.title.value if file.title else "",
        about=file.about.value.strip() if file.about else "",
        seed=seed,
        clock=clock,
        parameters=parameters,
        world=world,
        populations=_with_mutable(populations, behaviors.assigned),
        networks=networks,
        rhythms=rhythms,
        events=tables.events,
        behaviors=typed_behaviors,
        interventions=interventions,
        tables=typed_tables,
        experiment=experiment,
        values={name: parameter.default for name, parameter in parameters.items()},
        scale=scale,
        folder=folder,
        uses=uses,
    )


def _each(sections: dict[str, S], check: Callable[[str, S], R]) -> dict[str, R]:
    """What ``check`` gives for each section; those with a problem are left out."""
    found: dict[str, R] = {}
    for name, section in sections.items():
        try:
            found[name] = check(name, section)
        except Reject:
            continue
    return found


def _parameters(checker: ExpressionChecker, file: ScenarioFile, names: Names) -> dict[str, Parameter]:
    names.parameters.update(dict.fromkeys(file.parameters))
    parameters = _each(file.parameters, lambda name, section: check_parameter(checker, name, section))
    names.parameters.update({name: parameter.type for name, parameter in parameters.items()})
    return parameters


def _with_mutable(populations: dict[str, Population], assigned: set[tuple[str, str]]) -> dict[str, Population]:
    """The populations with the attributes that some rule assigns marked as mutable."""

    def marked(population: str, attribute: Attribute) -> Attribute:
        return replace(attribute, mutable=(population, attribute.name) in assigned)

    return {
        name: replace(population, attributes=tuple(marked(name, a) for a in population.attributes))
        for name, population in populations.items()
    }


def _refuse_shared_names(file: ScenarioFile, problems: Problems) -> None:
    """Populations, networks and events are named in the same places, so they share one set of names."""
    taken: dict[str, str] = {}
    groups: Iterable[tuple[str, Iterable[Section]]] = (
        ("population", file.populations.values()),
        ("network", file.networks.values()),
        ("event", file.events.values()),
        ("parameter", file.parameters.values()),
        ("global", file.world.values()),
    )
    for what, sections in groups:
        for section in sections:
            name = section.key.value
            if name in taken:
                problems.note(
                    section.key.span,
                    f"`{name}` is already the name of a {taken[name]}",
                    "names of these are not shared",
                )
            taken.setdefault(name, what)


def _seed(problems: Problems, text: Text | None) -> int:
    if text is None:
        return 1
    written = text.value.replace("_", "")
    if not (written.isascii() and written.isdigit()) or int(written[:20]) > LARGEST_SEED:
        problems.note(text.span, f"a seed is a whole number from 0 to {LARGEST_SEED}")
        return 1
    return int(written)


def scale_of(problems: Problems, text: Text | None) -> float:
    """The factor on the sizes of populations; a problem is noted if it is not above 0."""
    if text is None:
        return 1.0
    try:
        scale = float(text.value.replace("_", ""))
    except ValueError:
        scale = 0.0
    if not 0 < scale <= 1_000_000:
        problems.note(text.span, f"`{text.value}` is not a scale", "a number above 0, such as `0.1`")
        return 1.0
    return scale
