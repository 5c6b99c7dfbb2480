from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bustle.scenarios import Scenario, ScenarioError, load, shipped
from bustle.scenarios.check.showing import show
from bustle.scenarios.model import Const, Param, Parameter
from bustle.scenarios.types import DURATION, MONEY, NUMBER, RATE, TEXT, WHOLE, Category, Quantity, Type
from tests.scenarios.small import HEAD, model_of, problems_of

DAY = 86_400_000_000

KNOBS = f"""{HEAD}
parameters:
  people: {{value: 1_000, min: 1, max: 5_000}}
  share: {{value: 20 percent, min: 0, max: 1}}
  wait: {{value: 4 hours, min: 1 minute}}
  pace: {{value: 2 per day, min: 0 per day}}
  fee: {{value: 2.50, unit: money, min: 0}}
  price: money(3)
  mood: {{value: calm, choices: [calm, hectic]}}
  open: true
  opening: 2026-01-05
  closing: end
  city: '"Kiel"'
  third: 1/3
"""


def knobs() -> Scenario:
    return Scenario.from_text(KNOBS)


# --- other values --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given", "held"),
    [
        ("people", "2_000", 2_000),
        ("people", 2_000, 2_000),
        ("people", "2 * 10", 20),
        ("share", "30 percent", 0.3),
        ("share", 0.25, 0.25),
        ("share", "1", 1.0),
        ("wait", "90 minutes", 5_400e6),
        ("wait", "1 day + 1 hour", 90_000e6),
        ("pace", "1 / 3 days", 1 / (3 * DAY)),
        ("fee", "3", 300),
        ("fee", 1.005, 100),
        ("fee", "money(1.5)", 150),
        ("price", "4", 400),
        ("mood", "hectic", 1),
        ("open", False, False),
        ("open", "false", False),
        ("opening", "2026-01-06 12:00", 5.5 * DAY),
        ("opening", "start", 0),
        ("closing", "never", 2**62),
        ("city", "Bonn", "Bonn"),
        ("city", '"Bad Homburg"', "Bad Homburg"),
        ("third", "2/3", 2 / 3),
    ],
)
def test_a_value_is_read_as_in_a_file(name: str, given: object, held: object) -> None:
    changed = knobs().with_values({name: given}).model.values[name]
    assert changed == held
    assert type(changed) is type(knobs().model.values[name])


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("people", "0", "`people` is below its minimum, 1"),
        ("people", 5_001, "`people` is above its maximum, 5000"),
        ("people", "1.5", "`people` is a whole number, not `1.5`"),
        ("people", "3 days", "`people` must be a whole number, not a duration"),
        ("people", "many", "unknown name `many`"),
        ("people", "", "an expression should stand here"),
        ("people", None, "an expression should stand here"),
        ("people", [1], "`[` does not belong here"),
        ("people", "poisson(mean=3)", "a draw cannot stand here"),
        ("people", "1 +", "a value is missing after `+`"),
        ("share", "1.5", "`share` is above its maximum, 1.0"),
        ("share", float("nan"), "unknown name `nan`"),
        ("share", float("inf"), "unknown name `inf`"),
        ("wait", "10 seconds", "`wait` is below its minimum, 1 minute"),
        ("wait", 3, "`wait` must be a duration, not a whole number"),
        ("pace", "-1 per day", "`pace` is below its minimum, 0 per day"),
        ("fee", "-1", "`fee` is below its minimum, 0"),
        ("fee", "1 day", "`fee` must be money, not a duration"),
        ("mood", "clam", "`mood` cannot be `clam`"),
        ("open", "1", "`open` must be a bool, not a whole number"),
        ("opening", "tomorrow", "unknown name `tomorrow`"),
        ("opening", "2026-02-30", "`2026-02-30` is not a date"),
        ("city", "a'b\"c", "`city` cannot be this text"),
        ("peple", 3, "small has no parameter `peple`"),
    ],
)
def test_a_bad_value_is_said_with_the_option_that_gave_it(name: str, given: Any, message: str) -> None:
    with pytest.raises(ScenarioError) as error:
        knobs().with_values({name: given})
    (problem,) = error.value.diagnostics
    assert problem.message == message
    assert problem.span.file == f"--set {name}"


def test_all_bad_values_are_said_at_once_and_help_with_names() -> None:
    with pytest.raises(ScenarioError) as error:
        knobs().with_values({"peple": 1, "share": 2, "wait": "x"}, length="3", scale=-1, seed=-1)
    found = {problem.span.file: problem for problem in error.value.diagnostics}
    assert list(found) == ["--length"]  # without a length nothing else can be checked
    with pytest.raises(ScenarioError) as error:
        knobs().with_values({"peple": 1, "share": 2, "wait": "x"}, scale=-1, seed=-1)
    found = {problem.span.file: problem for problem in error.value.diagnostics}
    assert sorted(found) == ["--scale", "--seed", "--set peple", "--set share", "--set wait"]
    assert found["--set peple"].hint == "did you mean `people`?"


def test_other_values_leave_the_scenario_itself_alone() -> None:
    scenario = knobs()
    changed = scenario.with_values({"people": 5}, length="2 days", scale="0.5", seed=9)
    assert (changed.model.values["people"], changed.model.clock.length) == (5, 2 * DAY)
    assert (changed.model.scale, changed.model.seed) == (0.5, 9)
    assert (scenario.model.values["people"], scenario.model.clock.length) == (1_000, 30 * DAY)
    again = changed.with_values({"share": 0.5})
    assert (again.model.values["people"], again.model.clock.length, again.model.seed) == (5, 2 * DAY, 9)


def test_what_depends_on_the_length_follows_it() -> None:
    text = f"{HEAD}parameters: {{closing: end}}\ninterventions: {{late: {{at: end - 1 day, set: {{closing: end}}}}}}\n"
    text += "behaviors: {b: {who: world, at: end - 2 hours, do: stop}}\n"
    shorter = Scenario.from_text(text).with_values(length="2 days").model
    assert shorter.values["closing"] == 2 * DAY
    assert shorter.interventions["late"].at.left.value == 2 * DAY  # type: ignore[union-attr]
    assert shorter.behaviors["b"].trigger.instants[0].left.value == 2 * DAY  # type: ignore[union-attr]
    given = Scenario.from_text(text).with_values({"closing": "end"}).with_values(length="2 days").model
    assert given.values["closing"] == 2 * DAY
    fixed = Scenario.from_text(text).with_values({"closing": "2026-01-11"}).with_values(length="2 days").model
    assert fixed.values["closing"] == 10 * DAY


def test_values_that_do_not_change_are_shown_in_the_files_words() -> None:
    scenario = knobs()
    shown = scenario.parameters
    assert (shown["people"], shown["share"], shown["third"], shown["closing"]) == ("1_000", "20 percent", "1/3", "end")
    changed = scenario.with_values(
        {"people": 2_000, "share": 0.25, "wait": "90 minutes", "fee": 3.5, "price": 4}
    ).parameters
    assert {name: changed[name] for name in ("people", "share", "wait", "fee", "price")} == {
        "people": "2000",
        "share": "0.25",
        "wait": "90 minutes",
        "fee": "3.50",
        "price": "money(4)",
    }
    assert scenario.with_values({"people": 1_000}).parameters == shown


# --- written out, and read again -------------------------------------------------------------


def assert_reads_back(scenario: Scenario, folder: str | Path = ".") -> None:
    again = Scenario.from_text(scenario.resolved_text(), folder=folder)
    assert again.model.values == scenario.model.values
    expected = replace(scenario.model, uses=(), parameters=again.model.parameters)
    assert again.model == expected
    for name, parameter in scenario.model.parameters.items():
        kept = replace(again.model.parameters[name], default=parameter.default, written=parameter.written)
        assert kept == parameter


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_scenario_written_out_is_the_same_scenario(name: str) -> None:
    scenario = load(name)
    assert_reads_back(scenario, shipped()[name].parent)
    changed = scenario.with_values(length="36 hours", scale=0.5, seed=7)
    assert_reads_back(changed, shipped()[name].parent)
    assert "seed: 7" in changed.resolved_text()


_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "people": st.integers(1, 5_000),
    "share": st.floats(0, 1),
    "wait": st.one_of(
        st.floats(1, 1e6).map(lambda value: f"{value!r} minutes"),
        st.integers(1, 10_000).map(lambda value: f"{value} days"),
        st.integers(60_000_000, 2**60).map(lambda value: f"{value} microseconds"),
    ),
    "pace": st.floats(0, 1e6).map(lambda value: f"{value!r} per hour"),
    "fee": st.integers(0, 2**62).map(lambda value: f"money({value // 100}) + money({value % 100 / 100})"),
    "price": st.integers(-(2**53), 2**53).map(lambda value: f"money(1) * ({value / 100})"),
    "mood": st.sampled_from(["calm", "hectic"]),
    "open": st.booleans(),
    "opening": st.datetimes().map(lambda value: f"{value:%Y-%m-%d %H:%M:%S.%f}"[-26:].rjust(26, "0")),
    "closing": st.sampled_from(["end", "never", "start", "2026-03-29 02:30"]),
    "city": st.text(
        st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\"'"), max_size=12
    ),
    "third": st.floats(allow_nan=False, allow_infinity=False).map(lambda value: f"{value!r}"),
}


@given(st.fixed_dictionaries({}, optional=_VALUES), st.integers(0, 2**63 - 1), st.floats(1e-3, 1e3))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_values_written_out_are_read_again_as_they_were(values: dict[str, Any], seed: int, scale: float) -> None:
    assert_reads_back(knobs().with_values(values, seed=seed, scale=scale))


_TYPES: list[Type] = [
    WHOLE,
    NUMBER,
    DURATION,
    RATE,
    MONEY,
    Quantity(time=-1, money=1),
    Quantity(time=2),
    Quantity(time=-3),
    Quantity(time=1, money=1),
]


@given(st.sampled_from(_TYPES), st.floats(-1e15, 1e15), st.integers(-(2**53), 2**53))
@settings(max_examples=150, deadline=None)
def test_a_shown_value_is_read_as_exactly_that_value(type_: Type, number: float, whole: int) -> None:
    assert isinstance(type_, Quantity)
    value = whole if type_.held_whole else number
    written = show(Parameter("a", type_, 0), value)
    read = model_of(f"{HEAD}parameters: {{a: {written}}}").parameters["a"]
    assert read.type == type_ or (type_.is_plain and read.type == NUMBER)
    assert read.default == value
    assert math.copysign(1, float(read.default)) == math.copysign(1, float(value)) or value == 0


@pytest.mark.parametrize(
    ("type_", "value", "shown"),
    [
        (DURATION, 5_400e6, "90 minutes"),
        (DURATION, 86_400e6, "1 day"),
        (DURATION, 0.0, "0 seconds"),
        (DURATION, 1.5, "1.5 microseconds"),
        (RATE, 2 / DAY, "2 per day"),
        (RATE, 0.0, "0 per day"),
        (MONEY, 1250, "money(12.50)"),
        (MONEY, -100, "-money(1)"),
        (WHOLE, 3, "3"),
        (NUMBER, 0.1, "0.1"),
        (Category(("a", "b")), 1, "b"),
        (TEXT, 'say "no"', "'say \"no\"'"),
    ],
)
def test_values_are_shown_as_a_person_would_write_them(type_: Type, value: Any, shown: str) -> None:
    assert show(Parameter("a", type_, 0), value) == shown


_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40)


@given(_WORDS, _WORDS)
@settings(max_examples=100, deadline=None)
def test_any_words_written_out_are_read_again_as_they_were(title: str, about: str) -> None:
    scenario = (
        Scenario.from_dict(
            {
                "scenario": "words",
                "title": title or "x",
                "clock": {"start": "2026-01-01", "length": "1 day"},
                "parameters": {"a": {"value": 1, "about": about or "x"}},
            }
        )
        if "\x00" not in title + about
        else knobs()
    )
    assert_reads_back(scenario)


# --- from dictionaries -------------------------------------------------------------------------


def test_a_dictionary_is_a_scenario_as_its_yaml_would_be() -> None:
    made = Scenario.from_dict(
        {
            "scenario": "made",
            "clock": {"start": "2026-01-01", "length": "1 day"},
            "parameters": {"n": 3, "share": 0.5, "open": True, "wait": "4 hours"},
            "populations": {"p": {"size": "n", "states": ["a", "b"], "attributes": {"x": "normal(mean=1, sd=2)"}}},
            "events": {"boom": None},
            "behaviors": {"b": {"who": "p", "rate": "2 per day", "do": "if open:\n    emit boom()\n"}},
        }
    )
    assert made.model.values == {"n": 3, "share": 0.5, "open": True, "wait": 14_400e6}
    assert made.model.events["boom"].fields == ()
    assert_reads_back(made)


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"scenario": "a"},
        {"scenario": "a", "clock": 3},
        {"scenario": "a", "clock": object()},
        {3: 4},
        {("a", "b"): 4},
        {"scenario": {1, 2}},
        {"scenario": b"bytes"},
        {"scenario": "\ud800", "clock": {}},
        {"scenario": "a", "clock": {"start": "2026-01-01", "length": "1 day"}, "title": "\x00"},
    ],
)
def test_a_dictionary_that_is_no_scenario_has_problems(sections: dict[Any, Any]) -> None:
    with pytest.raises(ScenarioError) as error:
        Scenario.from_dict(sections)
    assert error.value.diagnostics


def test_a_dictionary_that_holds_itself_is_refused() -> None:
    sections: dict[str, Any] = {"scenario": "a"}
    sections["clock"] = sections
    with pytest.raises(ScenarioError, match="cannot be written as YAML"):
        Scenario.from_dict(sections)


def test_parts_that_are_shared_in_a_dictionary_may_stand_twice() -> None:
    attributes = {"x": "uniform(low=0, high=1)"}
    populations = {name: {"size": 3, "attributes": attributes} for name in ("a", "b")}
    clock = {"start": "2026-01-01", "length": "1 day"}
    scenario = Scenario.from_dict({"scenario": "a", "clock": clock, "populations": populations})
    assert list(scenario.model.populations) == ["a", "b"]


# --- sections that take values -------------------------------------------------------------------


def test_an_intervention_takes_constants_and_what_uses_the_former_value() -> None:
    model = model_of(
        f"{KNOBS}interventions:\n  later:\n    at: 10 days\n    until: 2026-01-20\n"
        "    set: {people: 2 * people, fee: 3, mood: hectic}\n"
    )
    later = model.interventions["later"]
    assert isinstance(later.at, Const)
    assert isinstance(later.until, Const)
    assert (later.at.value, later.until.value) == (10 * DAY, 19 * DAY)
    values = dict(later.values)
    assert values["people"].right == Param("people", type=WHOLE)  # type: ignore[union-attr]
    assert (values["fee"].value, values["mood"].value) == (300, 1)  # type: ignore[union-attr]


def test_an_intervention_may_come_at_a_time_that_a_parameter_says() -> None:
    model = model_of(f"{KNOBS}interventions: {{later: {{at: opening + wait, set: {{people: 3}}}}}}\n")
    assert model.interventions["later"].at.left == Param("opening", type=model.parameters["opening"].type)  # type: ignore[union-attr]


def test_correlations_may_depend_on_parameters_and_take_scaled_draws() -> None:
    text = (
        f"{KNOBS}populations:\n  p:\n    size: people\n    attributes:\n"
        "      a: gamma(mean=1.2, shape=2) per day\n      b: normal(mean=0, sd=1)\n"
        "      c: lognormal(median=3, sigma=1)\n"
        "    correlated:\n      - [a, b, share]\n      - [b, c, -0.5]\n"
    )
    pairs = model_of(text).populations["p"].correlations
    assert [(first, second) for first, second, _ in pairs] == [("a", "b"), ("b", "c")]
    assert isinstance(pairs[0][2], Param)
    assert pairs[1][2] == Const(-0.5, type=NUMBER)


@pytest.mark.parametrize(
    ("attribute", "strength"),
    [
        ("poisson(mean=3)", "0.5"),
        ("3", "0.5"),
        ("a + 1", "0.5"),
        ("normal(mean=0, sd=1)", "1"),
        ("normal(mean=0, sd=1)", "-1"),
    ],
)
def test_what_cannot_be_correlated_is_refused(attribute: str, strength: str) -> None:
    text = (
        f"{HEAD}populations: {{p: {{size: 3, attributes: {{a: 'normal(mean=0, sd=1)', b: '{attribute}'}}, "
        f"correlated: [[a, b, {strength}]]}}}}\n"
    )
    assert len(problems_of(text)) == 1


def test_attributes_may_need_each_other_in_any_order_but_not_in_a_circle() -> None:
    attributes = "a: b + 1, b: 2 * c, c: 3"
    model = model_of(f"{HEAD}populations: {{p: {{size: 1, attributes: {{{attributes}}}}}}}\n")
    assert [attribute.name for attribute in model.populations["p"].attributes] == ["c", "b", "a"]
    (problem,) = problems_of(f"{HEAD}populations: {{p: {{size: 1, attributes: {{a: b, b: c, c: a}}}}}}\n")
    assert problem.message == "attributes need each other in a circle: p.a -> p.b -> p.c -> p.a"
