from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bustle.scenarios import Scenario, ScenarioError
from bustle.scenarios.diagnostics import Diagnostic
from bustle.scenarios.yaml_nodes import Source
from tests.command_line import run_command
from tests.scenarios.mutations import TEXTS, damaged_texts

FOLDER = Path(__file__).parent / "broken"
LONGEST = 5.0
"""Seconds of processor time that no text of a scenario's usual size may take."""


def problems_of(text: str) -> tuple[Scenario | None, tuple[Diagnostic, ...]]:
    """What checking gives: a scenario, or at least one problem; within the time allowed."""
    started = time.process_time()
    try:
        return Scenario.from_text(text, "f.yaml", FOLDER), ()
    except ScenarioError as error:
        assert str(error)
        return None, error.diagnostics
    finally:
        assert time.process_time() - started < LONGEST


def is_in(problem: Diagnostic, text: str) -> bool:
    """Whether a problem points at a place that there is."""
    if problem.span.file != "f.yaml":
        return (FOLDER / problem.span.file).exists()
    source = Source(text.removeprefix("\ufeff"), "f.yaml")
    lines = len(source.text.splitlines()) + 1
    line = source.line(problem.span.line)
    return 1 <= problem.span.line <= lines and 1 <= problem.span.column <= len(line) + 1 and problem.span.length >= 1


def check_damaged(text: str) -> None:
    scenario, problems = problems_of(text)
    if scenario is None:
        assert problems
        assert all(is_in(problem, text) and problem.message for problem in problems)
        assert not [problem for problem in problems if "cannot be checked" in problem.message]
    else:
        again, problems = problems_of(scenario.resolved_text())
        assert again is not None, problems
        assert again.model == replace(scenario.model, uses=())


quick = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
thorough = settings(max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck))


@given(damaged_texts())
@quick
def test_a_damaged_file_is_a_scenario_or_has_problems_in_it(text: str) -> None:
    check_damaged(text)


@pytest.mark.slow
@given(damaged_texts(most=6))
@thorough
def test_a_badly_damaged_file_is_a_scenario_or_has_problems_in_it(text: str) -> None:
    check_damaged(text)


@pytest.mark.slow
@given(text=damaged_texts(most=2))
@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_left_of_a_damaged_file_runs_or_leaves_nothing(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    for name in ("more.yaml", "people.csv"):
        (folder / name).write_bytes((FOLDER / name).read_bytes())
    (folder / "f.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    arguments = ["run", str(folder / "f.yaml"), "--out", str(folder / "out"), "--quiet"]
    result = run_command(*arguments, "--length", "90 minutes", "--scale", "0.01")
    assert result.exit_code in (0, 1, 2)
    assert (folder / "out" / "manifest.json").exists() == (result.exit_code == 0)
    assert (folder / "out").exists() == (result.exit_code == 0)


def nested(depth: int) -> str:
    """An expression with ``depth`` operators inside each other, some left, some right."""
    return "1 + " * (depth // 2) + "(" * min(depth // 2, 55) + "1" + " + 1)" * min(depth // 2, 55)


HEAD = "scenario: a\nclock: {start: 2026-01-01, length: 1 day}\n"
RULE = f"{HEAD}populations: {{p: {{size: 1, attributes: {{n: 0.5}}}}}}\nbehaviors:\n  b:\n    who: p\n    do: |\n"

GREEDY = {
    "a power of powers": f"{HEAD}parameters: {{a: 9**9**9}}",
    "a power of powers in a rule": f"{RULE}      n = 9**9**9**9\n",
    "a great whole number": f"{HEAD}parameters: {{a: {'9' * 5000}}}",
    "a great seed": f"seed: {'9' * 5000}\n{HEAD}",
    "a seed with zeros": f"seed: {'0' * 5000}1\n{HEAD}",
    "great replications": f"{HEAD}experiment: {{replications: {'9' * 5000}}}",
    "replications in another script": f"{HEAD}experiment: {{replications: ²}}",
    "a great decimal": f"{HEAD}parameters: {{a: {'9' * 5000}.5}}",
    "a great product": f"{HEAD}parameters: {{a: {'*'.join(['10**18'] * 30)}}}",
    "a great duration": f"{HEAD}parameters: {{a: 1e300 weeks}}",
    "great money": f"{HEAD}parameters: {{a: money(1e300)}}",
    "a great population": f"{HEAD}populations: {{p: {{size: 10**18}}}}",
    "a great category": f"{HEAD}populations: {{p: {{size: 1, attributes: {{a: 'categorical("
    f"{','.join(f'a{i}=1' for i in range(20_000))})'}}}}}}",
    "a long sum": f"{HEAD}parameters: {{a: {'+'.join(['1'] * 400_000)}}}",
    "a long rule": RULE + "      n += 1\n" * 60_000,
    "a long name": f"{HEAD}parameters: {{{'a' * 900_000}: 1}}",
    "a long unknown name": f"{HEAD}parameters: {{a: {'b' * 900_000}}}",
    "two long names alike": f"{HEAD}parameters: {{{'ab' * 200_000}: 1, c: 1 + {'ba' * 200_000}}}",
    "a long time": f"{RULE.replace('who: p', f'who: p{chr(10)}    at: every {chr(32) * 400_000}x')}      stop\n",
    "a long role": f"{RULE.replace('who: p', f'who: p{chr(10)}    on: a{chr(32) * 400_000}b')}      stop\n",
    "a long type": f"{HEAD}events: {{e: {{f: 'category({', ' * 200_000})'}}}}",
    "a long text": f"{HEAD}title: {'x' * 900_000}",
    "deep brackets": f"{HEAD}parameters: {{a: {'(' * 5_000}1{')' * 5_000}}}",
    "deep calls": f"{HEAD}parameters: {{a: {'abs(' * 50}1{')' * 50}}}",
    "deep signs": f"{HEAD}parameters: {{a: {'-' * 5_000}1}}",
    "deep dots": f"{RULE}      n = self{'.n' * 3_000}\n",
    "deep conditions": f"{RULE}      n = {'1 if n > 0 else ' * 500}1\n",
    "deep operators": f"{RULE}      n = {nested(98)}\n",
    "deeper operators": f"{RULE}      n = {nested(300)}\n",
    "deep blocks": RULE + "".join(f"{' ' * (6 + i)}if n > 0:\n" for i in range(300)) + " " * 400 + "n = 1\n",
    "many branches": f"{RULE}      if n > 0: n = 1\n" + "      elif n > 0: n = 1\n" * 5_000,
    "deep lists": f"{HEAD}title: {'[' * 3_000}",
    "a chain of attributes": f"{HEAD}populations:\n  p:\n    size: 1\n    attributes:\n"
    + "".join(f"      a{i}: a{i + 1}\n" for i in range(3_000))
    + "      a3000: 1\n",
    "many unknown names": RULE + "".join(f"      n = unknown_{i}\n" for i in range(5_000)),
    "many names and unknown ones": f"{HEAD}parameters:\n"
    + "".join(f"  name_{i}: 1\n" for i in range(20_000))
    + "populations:\n  p:\n    size: 1\n    attributes:\n"
    + "".join(f"      a{i}: nome_{i}\n" for i in range(15_000)),
    "an explosion of aliases": f"{HEAD}a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9)),
}


@pytest.mark.parametrize("text", GREEDY.values(), ids=GREEDY)
def test_a_greedy_file_is_refused_or_checked_in_no_time(text: str) -> None:
    scenario, problems = problems_of(text)
    assert scenario is not None or problems
    assert len(problems) <= 200
    assert all(is_in(problem, text) and len(str(problem)) < 2_000 for problem in problems)


def test_what_people_write_is_not_refused_for_its_size() -> None:
    text = f"{RULE}      n = {nested(98)}\n      m = {' + '.join(['n'] * 90)}\n"
    text += "      if n > 0: n = 1\n" + "      elif n > 0: n = 1\n" * 90
    assert problems_of(text)[0] is not None


@given(st.sampled_from(TEXTS), st.text(max_size=30), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_any_text_of_unicode_anywhere_is_no_traceback(text: str, put: str, at: float) -> None:
    place = int(at * len(text))
    check_damaged(text[:place] + put + text[place:])
