from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bustle.scenarios.diagnostics import Diagnostic
from bustle.scenarios.structure import ScenarioFile, parse
from bustle.scenarios.structure.names import RESERVED
from bustle.scenarios.yaml_reader import read

SAMPLE = (Path(__file__).parent / "language_sample.yaml").read_text(encoding="utf-8")
HEAD = "scenario: x\nclock: {start: 2026-01-01, length: 1 day}\n"


def parsed(content: str) -> tuple[ScenarioFile | None, list[Diagnostic]]:
    root, problems = read(content, "f.yaml")
    assert root is not None, problems
    found = parse(root)
    return found.file, sorted(problems + found.problems, key=lambda problem: problem.span)


def structure(sections: str) -> ScenarioFile:
    file, problems = parsed(HEAD + sections)
    assert not problems, [str(problem) for problem in problems]
    assert file is not None
    return file


def pointed_at(problem: Diagnostic) -> str:
    return problem.source[problem.span.column - 1 : problem.span.column - 1 + problem.span.length]


# --- what is read -----------------------------------------------------------------


def test_the_language_sample_is_read_as_it_stands() -> None:
    file, problems = parsed(SAMPLE)
    assert not problems
    assert file is not None
    assert file.scenario.value == "card_fraud"
    assert list(file.populations) == ["merchant", "cardholder", "card", "thief"]
    card = file.populations["card"]
    assert card.one_per is not None
    assert card.one_per.role is not None
    assert (card.one_per.name.value, card.one_per.role.value) == ("cardholder", "owner")
    assert {name: [str(m) for m in state.moves or []] for name, state in card.states.items()} == {
        "active": ["skimmed", "blocked"],
        "skimmed": ["blocked"],
        "blocked": ["active"],
    }
    transactions = file.record["transactions"]
    assert {name: str(column.value) for name, column in transactions.columns.items()}["category"] == "merchant.category"
    assert list(transactions.labels) == ["fraud", "episode"]
    assert transactions.known is not None
    assert transactions.known.value.value == "time + lognormal(median=9 days, sigma=0.8)"
    assert transactions.known.key.value == "known"
    assert file.behaviors["shop"].do.value.startswith("seller = pick(")
    assert file.experiment is not None
    assert [str(v) for v in file.experiment.vary["block_delay"].values] == ["1 hour", "4 hours", "1 day"]


def test_every_named_section_keeps_its_key_and_the_keys_of_its_entries() -> None:
    file = structure("populations:\n  shop:\n    size: 3\n    attributes: {a: 1, b: {value: 2}}\n")
    shop = file.populations["shop"]
    assert (shop.key.span.line, shop.key.span.column, shop.key.span.length) == (4, 3, 4)
    assert shop.key_of("size").span.line == 5
    assert shop.attributes["b"].key.span.column == 24
    assert file.clock.key.span.line == 2
    with pytest.raises(KeyError):
        shop.key_of("states")


def test_a_bare_value_and_a_mapping_with_value_are_read_alike() -> None:
    file = structure(
        "parameters:\n  a: 3 days\n  b: {value: 3 days}\nworld:\n  a: 1\nevents: {e: {f: money, g: {type: money}}}"
    )
    assert file.parameters["a"].value == file.parameters["b"].value
    assert file.parameters["a"].value.span.column == 6
    assert file.events["e"].fields["f"].type == file.events["e"].fields["g"].type


def test_an_event_may_describe_itself() -> None:
    file = structure(
        "events:\n  sale: {fields: {about: text}, about: goods change hands}\n  plain: {about: text}\n  bare:\n"
    )
    assert list(file.events["sale"].fields) == ["about"]
    assert str(file.events["sale"].about) == "goods change hands"
    assert list(file.events["plain"].fields) == ["about"]
    assert file.events["bare"].fields == {}


def test_one_value_stands_for_a_list_of_one() -> None:
    file = structure(
        "use: a.yaml\nbehaviors: {b: {who: p, rate: 1 per day, rhythm: r, while: s, unless: [t, u], do: stop}}"
    )
    behavior = file.behaviors["b"]
    assert [str(r) for r in behavior.rhythm] == ["r"]
    assert [str(s) for s in behavior.while_states] == ["s"]
    assert [str(s) for s in behavior.unless] == ["t", "u"]
    assert [str(path) for path in file.use] == ["a.yaml"]


def test_states_listed_by_name_have_no_moves() -> None:
    states = structure("populations: {p: {size: 1, states: [a, b], initial: b}}").populations["p"].states
    assert list(states) == ["a", "b"]
    assert states["a"].moves is None
    assert states["b"].key.span.column == 40


def test_weights_by_name_come_in_the_calendars_order() -> None:
    rhythm = structure("rhythms: {r: {weekdays: {sun: 7, mon: 1, tue: 2, wed: 3, thu: 4, fri: 5, sat: 6}}}").rhythms[
        "r"
    ]
    assert [str(w) for w in rhythm.weekdays or []] == list("1234567")


def test_a_section_may_be_begun_before_it_is_filled() -> None:
    file = structure("parameters:\nevents:  # to come\nrecord:\n")
    assert file.parameters == {}
    assert file.record == {}


def test_columns_may_be_a_list_a_mapping_or_described() -> None:
    file = structure(
        "record: {t: {each: e, columns: [a, b: x.y, {c: {value: z, about: why}}]}, u: {of: p, columns: {id: id, b: x}}}"
    )
    columns = file.record["t"].columns
    assert {name: str(column.value) for name, column in columns.items()} == {"a": "a", "b": "x.y", "c": "z"}
    assert str(columns["c"].about) == "why"
    assert list(file.record["u"].columns) == ["id", "b"]


def test_a_file_of_agents_may_be_a_path_or_say_its_columns() -> None:
    file = structure(
        "populations: {p: {from_file: p.csv}, q: {size: 10, from_file: {path: q.csv, columns: {age: AGE_YEARS}}}}"
    )
    assert file.populations["p"].from_file is not None
    assert file.populations["p"].from_file.columns is None
    source = file.populations["q"].from_file
    assert source is not None
    assert source.columns is not None
    assert source.columns["age"].column.value == "AGE_YEARS"


def test_words_of_the_language_may_name_columns_of_a_table() -> None:
    assert list(structure("record: {t: {of: p, columns: [id, state, time]}}").record["t"].columns) == [
        "id",
        "state",
        "time",
    ]


# --- what is refused ----------------------------------------------------------------

BROKEN = [
    line.split(" ##")
    for line in (Path(__file__).parent / "broken" / "sections.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("sections", "place", "message", "hint"), BROKEN)
def test_a_broken_section_gives_one_problem_at_its_place(sections: str, place: str, message: str, hint: str) -> None:
    _, problems = parsed(HEAD + sections)
    assert len(problems) == 1, [str(problem) for problem in problems]
    assert message.strip() in problems[0].message
    assert hint.strip() in problems[0].hint
    assert pointed_at(problems[0]) == place.strip()
    assert problems[0].span.line == 3


def test_all_problems_of_a_file_are_said_at_once() -> None:
    _, problems = parsed(
        "scenario: [x]\nclok: 1\nclock: {start: 2026-01-01, lenght: 1 day}\n"
        "parameters:\n  a: {min: 1}\n  b: [1]\n  hour: 3\n"
        "events: {e: {time: money}}\nbehaviors: {b: {who: p, at: 1, on: e, do: {x: y}}}\n"
    )
    assert [(problem.span.line, pointed_at(problem)) for problem in problems] == [
        (1, "[x]"),
        (2, "clok"),
        (3, "lenght"),
        (5, "a"),
        (6, "[1]"),
        (7, "hour"),
        (8, "time"),
        (9, "on"),
        (9, "{x: y}"),
    ]


@pytest.mark.parametrize(("content", "kind"), [("a", "a single value"), ("- a", "a list")])
def test_a_file_that_is_no_mapping_is_refused(content: str, kind: str) -> None:
    file, problems = parsed(content)
    assert file is None
    assert problems[0].message == f"a scenario file is a mapping of sections, not {kind}"


def test_a_scenario_needs_a_name_and_a_clock() -> None:
    _, problems = parsed("title: x")
    assert [problem.message for problem in problems] == [
        "the scenario has no `scenario`",
        "the scenario has no `clock`",
    ]


def test_the_scenarios_name_is_an_identifier_that_may_be_any_word() -> None:
    assert parsed(HEAD.replace("x", "day"))[1] == []
    assert "cannot be the name of a scenario" in parsed(HEAD.replace("x", "a b"))[1][0].message


def test_a_file_with_an_unknown_key_is_still_given() -> None:
    file, problems = parsed(HEAD + "parameters: {a: {value: 1, mim: 0}}")
    assert len(problems) == 1
    assert file is not None
    assert file.parameters["a"].value.value == "1"


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_no_word_of_the_language_can_name_a_parameter(word: str) -> None:
    assert len(parsed(HEAD + f"parameters: {{{word}: 1}}")[1]) == 1


def _mutations(node: Any, replace: Callable[[Any], Any], path: tuple[Any, ...]) -> Any:
    """``node`` with ``replace`` done at ``path``."""
    if not path:
        return replace(node)
    made = dict(node) if isinstance(node, dict) else list(node)
    made[path[0]] = _mutations(node[path[0]], replace, path[1:])
    return made


def _paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else []
    return [path, *(deeper for step, inner in entries for deeper in _paths(inner, (*path, step)))]


_PLAIN = yaml.load(SAMPLE, Loader=yaml.BaseLoader)
_ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", "a", "a b", [], ["a"], [["a"]], {}, {"a": "b"}, {"value": "x"}, [{"a": []}], {"a": {}}, 3]
)


@given(st.sampled_from(_paths(_PLAIN)[1:]), _ODD)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_value_of_the_wrong_kind_anywhere_is_never_a_traceback(path: tuple[Any, ...], odd: Any) -> None:
    root, problems = read(yaml.safe_dump(_mutations(_PLAIN, lambda _: odd, path)), "f.yaml")
    assert root is not None, problems
    found = parse(root)
    assert found.file is not None or found.problems
    for problem in found.problems:
        assert problem.source
        assert 1 <= problem.span.column <= len(problem.source) + 1


def test_importing_the_structure_pulls_in_nothing_heavy() -> None:
    heavy = {"numpy", "numba", "polars", "pyarrow", "pandas", "scipy", "mesa", "networkx", "matplotlib"}
    code = "import sys, bustle.scenarios.structure, bustle.scenarios.yaml_reader; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "bustle.scenarios.structure" in loaded
    assert not heavy & set(loaded)
