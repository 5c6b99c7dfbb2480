"""The plan: who advances alone, who couples the others, and what follows from it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bustle.agents.build import build_world
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Model
from bustle.scenarios.scenario import Scenario
from bustle.sim.engines import ChoiceError, choose_engine, require_possible
from bustle.sim.plan import Plan, plan_of
from bustle.sim.plan.coupling import Coupling
from bustle.sim.plan.schedule import best_schedule
from bustle.sim.plan.timing import seconds_of

HEAD = "scenario: test\nclock: {start: 2026-01-01, length: 10 days}\n"
DAY = 86_400_000_000

ALONE = """
populations:
  a: {size: 20, attributes: {x: 0, fixed: "uniform(low=0, high=1)"}, states: {well: [ill], ill: [well]}}
events: {tick: {a: a}}
behaviors:
  go:
    who: a
    rate: 1 per day
    do: |
      x += 1
      become(ill)
      after 1 day: mend()
      emit tick(a=self)
  mend: {who: a, do: become(well)}
  hear: {who: a, on: tick as a, do: x -= 1}
"""


def model_of(text: str, **values: Any) -> Model:
    return Scenario.from_text(HEAD + text).with_values(**values).model


def plan(text: str, **values: Any) -> Plan:
    return plan_of(model_of(text, **values))


def with_rule(rule: str, more: str = "", *, reads: str = "x") -> str:
    """Two populations: ``a`` acts on its own, reading what ``reads`` says, and ``b`` does ``rule`` once a day."""
    return f"""
world: {{heat: 1}}
populations:
  a: {{size: 20, attributes: {{x: 0, y: 0}}}}
  b: {{size: 4, attributes: {{z: 0}}, links: {{friend: pick(a)}}}}
events: {{tick: {{}}, call: {{a: a}}}}
behaviors:
  go: {{who: a, rate: 1 per day, do: "x = {reads} + 1"}}
  act: {{who: b, every: 1 day, do: "{rule}"}}
  wake: {{who: a, do: y += 1}}
{more}"""


# --- islands and couplers


def test_agents_that_reach_nobody_are_islands() -> None:
    found = plan(ALONE)
    assert found.coupling.islands == {"a"}
    assert not found.coupling.barriers and not found.coupling.reasons
    assert found.lookahead == {"a": 10 * DAY}
    assert found.constant == {"a": ("fixed",)}
    assert found.schedules == ("windows", "global") and found.schedule == "windows"


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("friend.y = 1", "`act` changes `y` of a for others"),
        ("heat += 1", "`act` changes the global `heat`"),
        ("after 1 day: friend.wake()", "`act` sets off what other agents (a) do"),
        ("friend.cancel(wake)", "`act` sets off what other agents (a) do"),
        ("spawn(b)", "`act` changes the members of b for others"),
        ("friend.retire()", "`act` changes the members of a for others"),
    ],
)
def test_who_reaches_others_is_a_coupler_and_the_plan_says_how(rule: str, reason: str) -> None:
    coupling = plan(with_rule(rule)).coupling
    assert coupling.islands == {"a"}
    assert coupling.reasons == {"b": reason}
    assert coupling.is_coupler("b") and coupling.is_coupler("") and not coupling.is_coupler("a")


def test_adding_whole_numbers_to_others_couples_nobody_as_long_as_nobody_looks() -> None:
    free = with_rule("friend.y += 2").replace("do: y += 1", "do: x += 1")
    found = plan(free)
    assert found.coupling.islands == {"a", "b"}
    assert found.to_dict()["touches"]["act"]["adds"] == ["a.y"]  # type: ignore[index]
    looked_at = plan(free.replace("x = x + 1", "x = y"))
    assert looked_at.coupling.islands == {"b"}
    assert looked_at.coupling.reasons == {"a": "`go` uses `y` of a, which `act` of others changes"}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("  other: {who: a, on: call as a, do: y = 1}", "`act` sets off what other agents (a) do"),
        ("  other: {who: b, on: call, do: z = 1}", "`act` sets off what other agents (b) do"),
        ("  other: {who: world, on: call, do: heat = 1}", "`act` calls the world"),
    ],
)
def test_an_event_that_others_wait_for_couples(more: str, reason: str) -> None:
    assert plan(with_rule("emit call(a=friend)", more)).coupling.reasons == {"b": reason}
    assert not plan(with_rule("emit call(a=friend)")).coupling.reasons


def test_reading_what_no_rule_changes_couples_nobody() -> None:
    assert plan(with_rule("z = friend.y", reads="y")).coupling.islands == {"a"}  # `wake` changes y
    fixed = with_rule("z = friend.y").replace("do: y += 1", "do: x += 1")
    assert plan(fixed).coupling.islands == {"a", "b"}


def test_reading_of_others_what_islands_change_couples_the_reader() -> None:
    coupling = plan(with_rule("z = friend.x")).coupling
    assert coupling.islands == {"a"}
    assert coupling.reasons == {"b": "`act` uses `x` of a, which `go` of others changes"}
    assert not coupling.barriers  # it brings the agent up, and writes nothing that islands read


def test_two_populations_that_read_each_other_do_not_both_stay_islands() -> None:
    coupling = plan(
        """
populations:
  a: {size: 3, attributes: {x: 0}, links: {other: pick(b)}}
  b: {size: 3, attributes: {x: 0}, links: {other: pick(a)}}
behaviors:
  go: {who: a, rate: 1 per day, do: x = other.x}
  come: {who: b, rate: 1 per day, do: x = other.x}
"""
    ).coupling
    assert len(coupling.islands) < 2
    assert set(coupling.reasons) == {"a", "b"} - coupling.islands


def test_a_coupler_that_writes_what_islands_read_is_a_barrier() -> None:
    coupling = plan(with_rule("heat += 1", reads="heat")).coupling
    assert coupling.islands == {"a"} and coupling.barriers == {"act"}
    assert not plan(with_rule("heat += 1")).coupling.barriers
    by_world = with_rule("z = 1", "  turn: {who: world, every: 1 day, do: heat += 1}", reads="heat")
    assert plan(by_world).coupling.barriers == {"turn"}


def test_agents_written_in_python_leave_no_islands() -> None:
    text = ALONE.replace("events:", "  p: {size: 2, class: some.py:Thing}\nevents:")
    found = plan(text)
    assert not found.coupling.islands and found.schedules == ("global",)
    assert found.coupling.reasons == {"a": "agents written in Python (p) may do anything to it"}
    assert found.lookahead == {"a": 1} and found.constant == {}
    assert (found.engine, found.why_engine) == ("reference", "agents written in Python: p")
    assert found.to_dict()["seconds"]["compiled"] is None  # type: ignore[index]


# --- lookahead


@pytest.mark.parametrize(
    ("rule", "microseconds"),
    [
        ("z = 1", 10 * DAY),
        ("after 2 days: friend.wake()", 2 * DAY),
        ("after 0 days: friend.wake()", 1),
        ("after exponential(mean=2 days): friend.wake()", 1),
        ("friend.y = 1", 1),
        ("friend.cancel(wake)", 1),
    ],
)
def test_a_population_may_run_ahead_as_far_as_nobody_reaches_it(rule: str, microseconds: int) -> None:
    assert plan(with_rule(rule)).lookahead["a"] == microseconds


# --- schedule


def coupling(islands: frozenset[str]) -> Coupling:
    return Coupling({}, islands, frozenset(), {})


def test_barriers_that_come_more_often_than_islands_act_make_one_order_better() -> None:
    with_islands = coupling(frozenset({"a"}))
    assert best_schedule(coupling(frozenset()), islands=0, firings=0, barriers=0)[0] == "global"
    assert best_schedule(with_islands, islands=10_000, firings=1e6, barriers=0)[0] == "windows"
    assert best_schedule(with_islands, islands=10_000, firings=1e6, barriers=10)[0] == "windows"
    schedule, why = best_schedule(with_islands, islands=10_000, firings=1e6, barriers=1e5)
    assert (schedule, why) == ("global", "100,000 barriers would stop 10,000 agents more often than they act")


def test_shards_are_as_many_as_workers_only_in_windows() -> None:
    assert plan(ALONE).shards(3) == 3
    assert plan(with_rule("heat += 1").replace("x = x + 1", "heat = 1")).shards(3) == 1


# --- engine


def test_the_engine_that_finishes_first_is_chosen() -> None:
    tiny, large = model_of(ALONE), model_of(ALONE, scale=3_000)
    assert plan_of(tiny).engine == "compiled"  # it starts sooner where its rules are on disk
    assert plan_of(tiny, rules=40).engine == "reference"
    assert plan_of(large, rules=40).engine == "compiled"
    found = plan_of(tiny, rules=40)
    assert found.seconds.reference < found.seconds.compiled
    assert "s compiled" in found.why_engine and "s in the reference engine" in found.why_engine


def test_seconds_grow_with_what_there_is_to_do() -> None:
    few = seconds_of(1e5, 100, 0, in_windows=True, compilable=True)
    many = seconds_of(1e7, 100, 0, in_windows=True, compilable=True)
    assert few.reference < many.reference and few.compiled < many.compiled
    assert seconds_of(1e7, 1_000_000, 0, in_windows=False, compilable=True).compiled > many.compiled
    assert seconds_of(1, 1, 0, in_windows=True, compilable=False).compiled == float("inf")


def test_the_choice_says_what_it_is_and_why() -> None:
    model = model_of(ALONE)
    world = build_world(model, model.seed)
    chosen = choose_engine(model, world, "compiled")
    assert (chosen.name, chosen.why) == ("compiled engine, schedule windows", "as asked for")
    assert chosen.memory == chosen.plan.estimate.compiled_memory
    assert choose_engine(model, world, "auto", "global").name == "compiled engine, schedule global"
    other = choose_engine(model, world, "reference")
    assert (other.name, other.prepared) == ("reference engine", None)
    assert other.memory == other.plan.estimate.memory


@pytest.mark.parametrize(
    ("text", "asked", "said"),
    [
        (ALONE, {"engine": "fast"}, "there is no engine `fast`; there are auto, reference, compiled"),
        (ALONE, {"workers": 0}, "there must be at least 1 worker, not 0"),
        (ALONE, {"engine": "reference", "workers": 2}, "the reference engine runs in one thread"),
        (ALONE, {"engine": "reference", "checkpoints": True}, "only the compiled engine keeps checkpoints"),
        (ALONE, {"engine": "reference", "schedule": "global"}, "only the compiled engine has schedules"),
        (ALONE, {"schedule": "sideways"}, "the schedule `sideways` is not possible here; possible: windows, global"),
        (with_rule("z = 1").replace("x = x + 1", "heat = 1").replace("z = 1", "heat = 2"),
         {"schedule": "windows"}, "the schedule `windows` is not possible here; possible: global"),
        ("populations: {p: {size: 2, class: some.py:Thing}}", {"engine": "compiled"},
         "agents written in Python (p) need the reference engine"),
        ("populations: {p: {size: 2, class: some.py:Thing}}", {"checkpoints": True},
         "agents written in Python (p) need the reference engine, which keeps no checkpoints"),
        ("populations: {p: {size: 2, class: some.py:Thing}}", {"schedule": "global"}, "only the compiled engine"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_line(text: str, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        require_possible(model_of(text), **asked)
    assert said in str(caught.value) and "\n" not in str(caught.value)
    assert isinstance(caught.value, RunError)


def test_what_can_be_is_not_refused() -> None:
    model = model_of(ALONE)
    for engine in ("auto", "compiled"):
        for schedule in (None, "windows", "global"):
            require_possible(model, engine, schedule, workers=64, checkpoints=True)
    for workers in (None, 1):
        require_possible(model, "reference", workers=workers)
    require_possible(model_of("populations: {p: {size: 2, class: some.py:Thing}}"), workers=2)
    require_possible(model_of("populations: {p: {size: 2, class: some.py:Thing}}"))


# --- JSON


def test_a_plan_becomes_json() -> None:
    found = json.loads(json.dumps(plan(with_rule("heat += friend.y", reads="heat")).to_dict(3)))
    assert (found["workers"], found["shards"], found["schedule"]) == (3, 3, "windows")
    assert (found["islands"], found["barriers"]) == (["a"], ["act"])
    assert found["coupled"] == {"b": "`act` changes the global `heat`"}
    assert found["lookahead_seconds"] == {"a": 1e-06, "b": 1e-06}
    assert found["constant"] == {"a": [], "b": ["z"]}
    act, go = found["touches"]["act"], found["touches"]["go"]
    assert act == {"reads": ["world.heat", "a.y"], "writes": ["world.heat"], "adds": [], "sets_off": []}
    assert go == {"reads": ["world.heat"], "writes": ["own a.x"], "adds": [], "sets_off": []}
    assert found["seconds"]["compiled"] > 0
