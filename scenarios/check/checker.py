"""Checking a whole scenario file, section by section in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from bustle.scenarios.check.audits import AuditChecker, recorded_columns
from bustle.scenarios.check.behaviors import BehaviorChecker, statements_of
from bustle.scenarios.check.experiments import check_experiment
from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.happenings import check_event, check_intervention
from bustle.scenarios.check.knobs import (
    calendar_of,
    check_clock,
    check_global,
    check_parameter,
)
from bustle.scenarios.check.names import Names
from bustle.scenarios.check.networks import check_network, network_ends
from bustle.scenarios.check.nothing import has_broken_lines, types_of_none
from bustle.scenarios.check.people import PeopleChecker
from bustle.scenarios.check.problems import Problems, Reject, TooManyProblems
from bustle.scenarios.check.rhythms import check_rhythm
from bustle.scenarios.check.seed_and_scale import check_scale, check_seed
from bustle.scenarios.check.tables import TableChecker
from bustle.scenarios.model import Attribute, Model, Parameter, Population
from bustle.scenarios.structure import ScenarioFile
from bustle.scenarios.structure.section import Section

S = TypeVar("S", bound=Section)
R = TypeVar("R")


def check_file(file: ScenarioFile, problems: Problems, folder: str, uses: tuple[str, ...] = ()) -> Model | None:
    """The typed model of ``file`` (other files already merged in); None if problems were noted."""
    try:
        model = _check(file, problems, folder, uses)
        if not problems.found and problems.followed:
            # Each of these comes with a problem of its own; should one not, nothing is dropped silently.
            name, span = problems.followed[0]
            problems.note(span, f"`{name}` cannot be checked")
    except TooManyProblems:
        return None
    except RecursionError:
        problems.found.append(
            file.scenario.problem("expressions of this file need each other too deeply", "name parts")
        )
        return None
    return None if problems.found else model


def _check(file: ScenarioFile, problems: Problems, folder: str, uses: tuple[str, ...]) -> Model:
    clock = check_clock(problems, file.clock)
    checker = ExpressionChecker(problems, calendar_of(clock), clock.length, folder)
    names = Names(rhythms=tuple(file.rhythms), events={name: {} for name in file.events})
    names.later_networks = set(file.networks)
    _refuse_shared_names(file, problems)

    parameters = _parameters(checker, file, names)
    people = PeopleChecker(checker, names, file.populations)
    rules = {name: statements_of(checker, section) for name, section in file.behaviors.items()}
    people.none_types = types_of_none(
        file.populations, [(file.behaviors[name].who.value, lines) for name, lines in rules.items()]
    )
    people.rules_are_broken = (
        bool(problems.unclear or problems.is_incomplete)
        or any(has_broken_lines(lines) for lines in rules.values())
        or any(section.who.value not in (*file.populations, "world") for section in file.behaviors.values())
    )
    people.declare()
    names.world.update(dict.fromkeys(file.world))
    world = _each(file.world, lambda name, section: check_global(checker, name, section, names))
    names.world.update({name: attribute.type for name, attribute in world.items()})
    populations = _each(file.populations, lambda name, section: people.population(name))
    names.later_networks.clear()
    names.networks.update(_each(file.networks, lambda name, section: network_ends(checker, section, names)))
    problems.unclear |= set(file.networks) - set(names.networks)
    networks = _each(
        {name: section for name, section in file.networks.items() if name in names.networks},
        lambda name, section: check_network(checker, name, section, names),
    )
    rhythms = _each(file.rhythms, lambda name, section: check_rhythm(checker, name, section, names))
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
    # Python code may assign any attribute of its agents.
    python = [population for population in populations.values() if population.python_class is not None]
    behaviors.assigned |= {
        (population.name, attribute.name) for population in python for attribute in population.attributes
    }
    reset = frozenset(name for intervention in interventions.values() for name, _ in intervention.values)
    tables = TableChecker(checker, names, events, behaviors.assigned, reset)
    typed_tables = _each(file.record, lambda name, section: tables.check(name, section))
    audits = _each(
        file.audit,
        lambda name, section: AuditChecker(
            problems, name, recorded_columns(problems, section, typed_tables, file.record)
        ).check(section),
    )
    experiment = None if file.experiment is None else check_experiment(checker, file.experiment, names, parameters)
    return Model(
        name=file.scenario.value,
        title=file.title.value if file.title else "",
        about=file.about.value.strip() if file.about else "",
        seed=check_seed(problems, file.seed),
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
        scale=check_scale(problems, file.scale),
        folder=folder,
        uses=uses,
        audits=audits,
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
    parameters = _each(file.parameters, lambda name, section: check_parameter(checker, name, section, names))
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
        ("a population", file.populations.values()),
        ("a network", file.networks.values()),
        ("an event", file.events.values()),
        ("a parameter", file.parameters.values()),
        ("a global", file.world.values()),
    )
    for what, sections in groups:
        for section in sections:
            name = section.key.value
            if name in taken:
                problems.unclear.add(name)
                problems.note(
                    section.key.span, f"`{name}` is already the name of {taken[name]}", f"give {what} another name"
                )
            taken.setdefault(name, what)
