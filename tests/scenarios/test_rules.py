from __future__ import annotations

import pytest

from bustle.scenarios.model import After, AssignAttr, AssignGlobal, AssignLocal, Cancel, For, If, Retire, Spawn
from bustle.scenarios.types import EPISODE, Agent
from tests.scenarios.small import TOWN, model_of, problem_of_rule, problems_of, rule

# --- names that have a value, and names that may have none -------------------------------

SURE = {
    "both branches": ["if open:", "    a = 1", "else:", "    a = 2", "visits = a"],
    "every branch": ["if open: a = 1", "elif sold > 3: a = 2", "else: a = 3", "visits = a"],
    "before": ["a = 0", "if open: a = 1", "visits = a"],
    "before a loop": ["a = 0", "for friend in friends: a += 1", "visits = a"],
    "the other branch stops": ["if open:", "    a = 1", "else:", "    stop", "visits = a"],
    "all others stop": ["if open: a = 1", "elif sold > 3: stop", "else: stop", "visits = a"],
    "a branch that stops in all its branches": [
        "if open:",
        "    a = 1",
        "else:",
        "    if sold > 3:",
        "        stop",
        "    else:",
        "        stop",
        "visits = a",
    ],
    "in the same branch": ["if open:", "    a = 1", "    visits = a"],
    "in the same round": ["for friend in friends:", "    a = friend.visits", "    friend.visits = a + 1"],
    "the loop's own name": ["for friend in friends: friend.visits += 1"],
    "nested": [
        "if open:",
        "    if sold > 3: a = 1",
        "    else: a = 2",
        "else:",
        "    a = 3",
        "visits = a",
    ],
    "again after a branch": ["if open: a = 1", "a = 2", "visits = a"],
    "the same name in two branches": [
        "if open:",
        "    a = 1",
        "    visits = a",
        "else:",
        "    a = 2",
        "    visits = a",
    ],
}

UNSURE = {
    "one branch": ["if open: a = 1", "visits = a"],
    "only else": ["if open: stop", "elif sold > 3: visits = 1", "else: a = 1", "visits = a"],
    "one of three": ["if open: a = 1", "elif sold > 3: a = 2", "visits = a"],
    "a loop": ["for friend in friends: a = 1", "visits = a"],
    "a branch in a loop": ["for friend in friends:", "    if open: a = 1", "    visits = a"],
    "nested": ["if open:", "    if sold > 3: a = 1", "else:", "    a = 2", "visits = a"],
    "the loop's name after it": ["for friend in friends: friend.visits += 1", "friend.visits = 1"],
    "counting from nowhere": ["if open: a = 1", "a += 1"],
}


@pytest.mark.parametrize("lines", SURE.values(), ids=SURE)
def test_a_name_has_a_value_where_every_way_gives_it_one(lines: list[str]) -> None:
    assert rule(*lines).body


@pytest.mark.parametrize("lines", UNSURE.values(), ids=UNSURE)
def test_a_name_that_may_have_no_value_is_refused_once(lines: list[str]) -> None:
    assert "may have no value here" in problem_of_rule(*lines).message


def test_a_name_keeps_one_place_and_one_kind_in_all_branches() -> None:
    branch = rule("if open: a = 1", "else: a = 2", "visits = a").body[1]
    assert isinstance(branch, If)
    yes, no = branch.yes[0], branch.no[0]
    assert isinstance(yes, AssignLocal)
    assert isinstance(no, AssignLocal)
    assert yes.slot == no.slot
    assert "`a` must be a whole number, not a duration" in problem_of_rule("if open: a = 1", "else: a = 1 day").message


def test_names_of_branches_that_do_not_meet_have_places_of_their_own() -> None:
    behavior = rule("if open: a = 1", "else: b = 2", "c = 3")
    assert behavior.slots == 3


def test_arguments_have_the_first_places() -> None:
    model = model_of(TOWN.replace("do: stop", "do: {}\n").replace("do: {}", "do: 'trip = trip_id'"))
    note = model.behaviors["note"]
    assert note.arguments == (("trip_id", EPISODE),)
    assert note.slots == 1
    assert note.body[0].value.slot == 0  # type: ignore[union-attr]


def test_a_broken_line_says_nothing_about_the_names_it_would_set() -> None:
    for lines in (
        ["a = nonsense", "visits = a", "a = 3"],
        ["a = 1 +", "visits = a"],
        ["if nonsense: a = 1", "else: a = 2", "visits = a"],
        ["for friend in nonsense:", "    a = friend.visits", "    visits = a"],
        ["for friend in friends:", "    b = nonsense", "    a = b", "    visits = a"],
        ["a = spawn(nonsense)", "a.visits = 1"],
        ["a = pick(nonsense)", "a.visits = a.income", "a.become(inside)"],
        ["if open: a = 1", "else: a = nonsense", "visits = a"],
        ["if open: a = nonsense", "else: a = 1", "visits = a"],
    ):
        assert len(problems_of(TOWN + "".join(f"      {line}\n" for line in lines))) == 1, lines


# --- what `none` is ------------------------------------------------------------------


def with_holder(*lines: str, extra: str = "") -> str:
    text = TOWN.replace("trip: none", f"trip: none, holder: none{extra}")
    return text + "".join(f"      {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("holder = episode()", EPISODE),
        ("holder = self", Agent("person")),
        ("holder = pick(shop)", Agent("shop")),
        ("holder = pick(person.inside, where=visits > 3)", Agent("person")),
        ("for friend in friends: friend.holder = self", Agent("person")),
        ("if open: holder = pick(shop)", Agent("shop")),
    ],
)
def test_an_attribute_that_starts_as_none_is_what_a_rule_makes_it(line: str, kind: object) -> None:
    assert model_of(with_holder(line)).populations["person"].attribute("holder").type == kind


def test_an_attribute_may_say_what_its_none_is() -> None:
    text = TOWN.replace("trip: none", "trip: none, holder: {value: none, type: shop}")
    assert model_of(text).populations["person"].attribute("holder").type == Agent("shop")


def test_none_of_no_kind_is_refused() -> None:
    (problem,) = problems_of(with_holder())
    assert problem.message == "`holder` starts as `none`, and no rule tells of what kind"
    assert problem.hint == "say it: `holder: {value: none, type: episode}`, or a population"


def test_a_rule_that_is_broken_does_not_make_none_of_no_kind() -> None:
    (problem,) = problems_of(with_holder("holder = episode() +"))
    assert "a value is missing" in problem.message
    (problem,) = problems_of(with_holder("holder = episode()").replace("who: person\n    rate", "who: persn\n    rate"))
    assert "unknown population" in problem.message


# --- statements -------------------------------------------------------------------------


def test_what_is_assigned_is_told_by_its_place() -> None:
    body = rule("a = 1", "visits = 2", "home.stock = 3", "sold = 4", "world.sold = 5").body[1:]
    assert [type(statement) for statement in body] == [
        AssignLocal,
        AssignAttr,
        AssignAttr,
        AssignGlobal,
        AssignGlobal,
    ]


def test_attributes_that_some_rule_writes_are_mutable_and_no_others() -> None:
    text = TOWN + "      home.stock -= 1\n"
    populations = model_of(text).populations
    assert [a.name for a in populations["person"].attributes if a.mutable] == ["trip"]
    assert [a.name for a in populations["shop"].attributes if a.mutable] == ["stock"]


def test_elif_is_an_if_in_an_else() -> None:
    first = rule("if open: visits = 1", "elif sold > 3: visits = 2", "else: visits = 3").body[1]
    assert isinstance(first, If)
    (second,) = first.no
    assert isinstance(second, If)
    assert len(second.yes) == len(second.no) == 1


def test_the_other_statements_are_what_they_say() -> None:
    body = rule(
        "home2 = home",
        "after wait: note(trip_id=trip)",
        "cancel(note)",
        "fresh = spawn(wallet, owner=self)",
        "fresh.coins = 3",
        "spawn(person)",
        "for one in person.inside: one.become(out)",
        "fresh.retire()",
    ).body
    assert [type(s) for s in body[2:]] == [After, Cancel, Spawn, AssignAttr, Spawn, For, Retire]


def test_a_new_agent_needs_its_pair_but_not_its_other_links() -> None:
    assert rule("spawn(person, visits=3)").body
    assert "needs its owner" in problem_of_rule("spawn(wallet)").message


def test_the_world_acts_on_agents_that_it_names() -> None:
    text = TOWN.replace(
        "behaviors:\n",
        "behaviors:\n  clean:\n    who: world\n    at: 08:00\n    do: |\n      sold = 0\n"
        "      for one in pick(person, count=3): after 1 hour: one.note(trip_id=none)\n"
        "      after 1 hour: clean_up()\n  clean_up: {who: world, do: till = 0}\n",
    ).replace("count=3): after", "count=3):\n          after")
    clean = model_of(text).behaviors["clean"]
    assert clean.who is None
    assert isinstance(clean.body[2], After)
    assert clean.body[2].target.value is None  # type: ignore[union-attr]


def test_what_an_agent_does_cannot_be_said_by_the_world_alone() -> None:
    text = TOWN.replace("who: person\n    rate: pace", "who: world\n    at: 08:00").replace(
        "trip = episode()", "sold = 1"
    )
    for line in ("become(inside)", "retire()", "visits = 3 + visits", "after wait: note(trip_id=none)"):
        assert (
            len(problems_of(text.replace("trip: none", "trip: {value: none, type: episode}") + f"      {line}\n")) == 1
        )
