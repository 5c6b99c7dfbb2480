"""The generator of random scenarios: what it writes always checks, and covers the whole language."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from bustle.scenarios import model as language
from bustle.scenarios.calendar import Calendar
from bustle.scenarios.distributions import FORMS
from bustle.scenarios.functions import AGGREGATES, FUNCTIONS
from bustle.scenarios.model import (
    After,
    Aggregate,
    AssignAttr,
    Become,
    Call,
    Cancel,
    Draw,
    Expr,
    Linked,
    Members,
    Model,
    Neighbours,
    OnTrigger,
    Pick,
    RateTrigger,
    Retire,
    Self,
    WhenTrigger,
)
from bustle.scenarios.scenario import Scenario
from bustle.scenarios.structure.networks import KINDS as NETWORK_KINDS
from bustle.scenarios.types import Agent, AgentSet, Nothing, Type
from bustle.sim.reads import reads, writes
from tests.sim.random_scenarios import random_scenario

COUNT = 300
"""Scenarios looked at: each thing below must be in one of them."""

NOT_WRITTEN = {
    language.Empirical: "reads a file",
    language.FileColumn: "reads a file",
    language.Experiment: "is no part of a run",
    language.Typed: "is what all expressions share",
    language.Feature: "is computed from a table, after the run",
    **{
        getattr(language, name): "is read by the audit, after the run"
        for name in language.__all__
        if name.startswith("Audit")
    },
}
"""Classes of the model that random scenarios have none of, and why."""

NOT_VARIED = {
    "Aggregate.event": "only in a measure of an experiment",
    "Model.experiment": "is no part of a run",
    "Model.uses": "reads a file",
    "Population.file": "reads a file",
    "Population.file_columns": "reads a file",
    "Population.python_class": "needs Python",
    "Population.size": "left out only with one_per, where it is made of the other population",
    "Population.scaled": "sizes are made before the engines see them",
    "EachTable.features": "are computed from a table, after the run",
    "Event.fields": "an event without fields says little",
    "Behavior.body": "never empty",
    "Intervention.values": "never empty",
    "EntersTrigger.states": "never empty",
    "Emit.values": "as the fields of events",
    "Call.arguments": "never empty",
    "Draw.arguments": "never empty",
    "Categorical.weights": "never empty",
    "Mixture.weights": "never empty",
    "Mixture.components": "never empty",
    "For.body": "never empty",
    "If.yes": "never empty",
    "SampleTable.columns": "never empty",
    "AgentTable.columns": "never empty",
    "EachTable.columns": "never empty",
}
"""Parts that are never given, or never left out, and why."""


@cache
def models() -> tuple[Model, ...]:
    return tuple(Scenario.from_text(random_scenario(number)).model for number in range(COUNT))


@cache
def nodes() -> dict[type, list[Any]]:
    """Everything in the models, by its class."""
    found: dict[type, list[Any]] = {}
    for model in models():
        for node in walk(model):
            found.setdefault(type(node), []).append(node)
    return found


def walk(part: object) -> Iterator[Any]:
    """Everything inside a model, itself included."""
    if is_dataclass(part):
        yield part
        for field in fields(part):
            if field.name != "span":
                yield from walk(getattr(part, field.name))
    elif isinstance(part, dict):
        for value in part.values():
            yield from walk(value)
    elif isinstance(part, tuple | frozenset):
        for value in part:
            yield from walk(value)


def classes() -> set[type]:
    """The classes that the model is made of."""
    return {one for name in language.__all__ if isinstance(one := getattr(language, name), type)}


# --- they check, and they are the same everywhere


def test_every_scenario_is_checked_without_a_problem() -> None:
    assert len(models()) == COUNT


def test_a_number_gives_the_same_text_in_every_process() -> None:
    code = "from tests.sim.random_scenarios import random_scenario; print([random_scenario(n) for n in range(8)])"
    root = Path(__file__).parents[2]
    texts = set()
    for seed in ("1", "2"):
        command, env = [sys.executable, "-c", code], {"PYTHONHASHSEED": seed}
        texts.add(subprocess.run(command, capture_output=True, check=True, text=True, cwd=root, env=env).stdout)
    assert len(texts) == 1


# --- they cover the language


def test_every_class_of_the_model_occurs() -> None:
    assert {one.__name__ for one in classes() - set(nodes()) - set(NOT_WRITTEN)} == set()
    assert {one.__name__ for one in set(NOT_WRITTEN) & set(nodes())} == set()


def test_every_word_that_a_field_may_have_occurs() -> None:
    """Operators, conversions, roles: whatever the model lists as the values of a field."""
    missing = []
    for one in classes() - set(NOT_WRITTEN):
        for name, hint in get_type_hints(one).items():
            if get_origin(hint) is Literal:
                found = {getattr(node, name) for node in nodes()[one]}
                missing += [f"{one.__name__}.{name} {word}" for word in get_args(hint) if word not in found]
    assert missing == []


def test_every_part_that_may_be_left_out_occurs_given_and_left_out() -> None:
    missing = []
    for one in sorted(classes() - set(NOT_WRITTEN), key=lambda one: one.__name__):
        for name, hint in get_type_hints(one).items():
            place = f"{one.__name__}.{name}"
            if name == "span" or not may_be_left_out(hint) or place in NOT_VARIED:
                continue
            given = {getattr(node, name) not in (None, (), frozenset()) for node in nodes()[one]}
            if hint is bool:
                given = {getattr(node, name) for node in nodes()[one]}
            missing += [f"{place} is never {'given' if wanted else 'left out'}" for wanted in {True, False} - given]
    assert missing == []


def may_be_left_out(hint: Any) -> bool:
    if isinstance(hint, UnionType):
        return NoneType in get_args(hint)
    return hint is bool or get_origin(hint) in (tuple, frozenset)


def test_statements_act_on_the_acting_agent_on_others_and_on_the_world() -> None:
    ways = {
        (kind.__name__, "own" if isinstance(node.target, Self) else "others" if is_agent(node.target) else "world")
        for kind in (AssignAttr, Become, After, Cancel, Retire)
        for node in nodes()[kind]
    }
    of_agents = {(kind, whose) for kind in ("AssignAttr", "Become", "Retire") for whose in ("own", "others")}
    of_all = {(kind, whose) for kind in ("After", "Cancel") for whose in ("own", "others", "world")}
    assert ways == of_agents | of_all


def is_agent(target: Expr) -> bool:
    return isinstance(target.type, Agent)


def test_events_set_off_one_agent_a_whole_population_and_the_world() -> None:
    behaviors = [b for model in models() for b in model.behaviors.values() if isinstance(b.trigger, OnTrigger)]
    ways = {(b.who is None, b.trigger.role is None) for b in behaviors if isinstance(b.trigger, OnTrigger)}
    assert ways == {(False, False), (False, True), (True, True)}


@pytest.mark.parametrize("kind", [RateTrigger, WhenTrigger])
def test_what_is_watched_changes_in_every_way(kind: type) -> None:
    """By rules that write globals and attributes, of the agent and of those its links lead to; by interventions."""
    ways = set()
    for model in models():
        written = {(w.population, w.name) for b in model.behaviors.values() for w in writes(b.body)}
        reset = {name for i in model.interventions.values() for name, _ in i.values}
        for behavior in model.behaviors.values():
            trigger = behavior.trigger
            if isinstance(trigger, kind) and isinstance(trigger, RateTrigger | WhenTrigger):
                for read in reads(trigger.rate if isinstance(trigger, RateTrigger) else trigger.condition):
                    if read.kind == "parameter" and read.name in reset:
                        ways.add("parameter")
                    if read.kind == "global" and ("", read.name) in written:
                        ways.add("global")
                    if read.kind == "attribute" and (read.population, read.name) in written:
                        ways.add("own" if read.path == () else "linked" if len(read.path or ()) == 1 else "far")
    assert ways == {"parameter", "global", "own", "linked", "far"}


def test_clocks_are_put_forward_and_back_in_runs() -> None:
    shifts = set()
    for model in models():
        calendar, length = Calendar(model.clock), model.clock.length
        before, after = calendar.local(0), calendar.local(length) - length
        shifts.add((after > before) - (after < before))
    assert shifts == {-1, 0, 1}


def test_every_form_of_a_distribution_occurs_in_rules_and_in_attributes() -> None:
    for parts in ("behaviors", "populations"):
        drawn = {
            node.form
            for model in models()
            for node in walk(tuple(getattr(model, parts).values()))
            if isinstance(node, Draw)
        }
        assert set(FORMS) - drawn == set()


def test_every_function_occurs() -> None:
    called = {node.function for node in nodes()[Call]}
    converted = {"money", "number"}  # these become conversions, which are looked at above
    assert set(FUNCTIONS) - converted == called


@pytest.mark.parametrize("kind", [Members, Neighbours, Linked])
def test_sets_of_every_kind_are_counted_and_picked_from_in_every_way(kind: type) -> None:
    counted = {node.function for node in nodes()[Aggregate] if isinstance(node.pool, kind)}
    assert set(AGGREGATES) - counted == set()
    picks = [node for node in nodes()[Pick] if isinstance(node.pool, kind)]
    ways = {(p.where is None, p.weight is None, p.count is None, p.replacement) for p in picks}
    assert len(ways) == 4 * 3  # where, by, and: one, several, several with replacement


def test_every_kind_of_network_occurs_with_every_setting() -> None:
    missing = {kind: set(settings) for kind, settings in NETWORK_KINDS.items() if kind != "file"}
    for model in models():
        for network in model.networks.values():
            missing[network.kind] -= set(network.options)
    assert {kind: settings for kind, settings in missing.items() if settings} == {}
    used = {network.kind for model in models() for network in model.networks.values()}
    assert set(NETWORK_KINDS) - {"file"} == used


def test_values_of_every_type_are_held_passed_and_emitted() -> None:
    types = set(get_args(Type)) - {AgentSet, Nothing}
    for place, found in {
        "attributes": {type(a.type) for m in models() for p in m.populations.values() for a in p.attributes},
        "arguments": {type(t) for m in models() for b in m.behaviors.values() for _, t in b.arguments},
        "fields": {type(f.type) for m in models() for e in m.events.values() for f in e.fields if f.captured is None},
        "captured": {type(f.type) for m in models() for e in m.events.values() for f in e.fields if f.captured},
    }.items():
        assert {one.__name__ for one in types - found} == set(), place
