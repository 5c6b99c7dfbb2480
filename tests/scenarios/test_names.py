from __future__ import annotations

import pytest

from bustle.scenarios.model import (
    Attr,
    Candidate,
    Const,
    Field,
    Global,
    Linked,
    Local,
    Members,
    Neighbours,
    Param,
    Self,
)
from tests.scenarios.small import HEAD, TOWN, model_of, parts, problem_of_rule, problems_of, purposes, rule, value_of

# --- what a name means ---------------------------------------------------------------


def test_a_bare_name_is_looked_up_among_locals_attributes_parameters_and_globals() -> None:
    assert isinstance(value_of("trip"), Attr)
    assert isinstance(value_of("share"), Param)
    assert isinstance(value_of("sold"), Global)
    assert isinstance(rule("mine = 1", "value = mine").body[-1].value, Local)  # type: ignore[union-attr]


def test_a_name_of_the_acting_agent_is_its_attribute_link_id_or_state() -> None:
    for name in ("visits", "home", "id", "state"):
        value = value_of(name)
        assert isinstance(value, Attr)
        assert isinstance(value.target, Self)


def test_dots_follow_links_and_lead_to_networks_and_linked_groups() -> None:
    assert value_of("home.pull").target.name == "home"  # type: ignore[union-attr]
    pool = value_of("count(near)").pool  # type: ignore[union-attr]
    assert isinstance(pool, Neighbours)
    assert (pool.network, pool.population) == ("near", "shop")
    wallets = value_of("count(self.wallet)").pool  # type: ignore[union-attr]
    assert isinstance(wallets, Linked)
    assert wallets == Linked(Self("person", type=wallets.agent.type), "wallet", "owner", type=wallets.type)
    assert value_of("count(linked(person, work=home))").pool.link == "work"  # type: ignore[union-attr]
    assert isinstance(value_of("count(person.inside)").pool, Members)  # type: ignore[union-attr]
    assert value_of("count(person.inside)").pool.state == 1  # type: ignore[union-attr]


def test_two_links_to_one_population_must_be_told_apart() -> None:
    problem = problem_of_rule("value = count(home.person)")
    assert problem.message == "person has 2 links to shop: home, work"
    assert problem.hint == "say which: `linked(person, home=...)`"


def test_inside_where_and_by_a_bare_name_is_the_candidates() -> None:
    pick = value_of("pick(friends, where=visits > self.visits, by=income)")
    reads = [part for part in parts(pick.where) if isinstance(part, Attr)]  # type: ignore[union-attr]
    assert [type(part.target) for part in reads] == [Candidate, Self]
    assert isinstance(pick.weight.target, Candidate)  # type: ignore[union-attr]


def test_a_local_name_is_seen_inside_where() -> None:
    found = rule("least = 3", "value = pick(friends, where=visits > least)").body[-1]
    assert any(isinstance(part, Local) for part in parts(found))


def test_the_event_is_read_by_its_fields() -> None:
    text = TOWN.replace("    rate: pace\n", "    on: sale as person\n    if: event.amount > 3\n")
    behavior = rule("budget = event.amount", "value = event.time", text=text)
    assert [part.name for part in parts(behavior.body) if isinstance(part, Field)] == ["amount", "time"]
    assert isinstance(behavior.condition.left, Field)  # type: ignore[union-attr]


def test_levels_come_before_nothing_else_and_words_may_be_levels() -> None:
    assert value_of("home.kind == food").right == Const(0, type=value_of("home.kind").type)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("change", "lines", "message"),
    [
        (("visits: 0", "visits: 0, share: 1"), ["value = share"], "an attribute of person and a parameter"),
        (("visits: 0", "visits: 0, sold: 1"), ["value = sold"], "an attribute of person and a global"),
        (("visits: 0", "visits: 0"), ["income2 = 1", "pull = 1", "v = pick(shop, by=pull)"], "a name of this rule and"),
        (("visits: 0", "visits: 0, food: 1"), ["value = home.kind == food"], "an attribute of person and a level of"),
        (("visits: 0", "visits: 0, inside: 1"), ["value = state == inside"], "and a state of person"),
    ],
)
def test_a_name_that_could_mean_two_things_is_refused(change: tuple[str, str], lines: list[str], message: str) -> None:
    problem = problem_of_rule(*lines, text=TOWN.replace(*change, 1))
    assert "could mean two things: " in problem.message
    assert message in problem.message


def test_the_way_out_of_two_meanings_works() -> None:
    text = TOWN.replace("visits: 0", "visits: 0, share: 1")
    assert "write `self.share`" in problem_of_rule("value = share", text=text).hint
    assert isinstance(value_of("self.share", text=text), Attr)


def test_an_attribute_that_is_not_used_may_share_its_name_with_a_parameter() -> None:
    assert model_of(TOWN.replace("visits: 0", "visits: 0, share: 1"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("populations: {a: {size: 1}}", "networks: {a: {among: b, degree: 1}}"),
        ("populations: {a: {size: 1}}", "events: {a: }"),
        ("parameters: {a: 1}", "world: {a: 1}"),
        ("populations: {a: {size: 1}}", "parameters: {a: 1}"),
    ],
)
def test_what_stands_in_the_same_places_shares_one_set_of_names(one: str, other: str) -> None:
    found = problems_of(f"{HEAD}{one}\n{other}\n")
    assert any("is already the name of a" in problem.message for problem in found)


def test_behaviors_rhythms_and_tables_have_names_of_their_own() -> None:
    model = model_of(
        f"{HEAD}populations: {{a: {{size: 1}}}}\nrhythms: {{a: {{weekdays: [1,1,1,1,1,1,1]}}}}\n"
        "behaviors: {a: {who: a, rate: 1 per day, rhythm: a, do: stop}}\nrecord: {a: {of: a, columns: [id]}}\n"
    )
    assert list(model.behaviors) == list(model.rhythms) == list(model.tables) == ["a"]


# --- what draws are called -------------------------------------------------------------


def test_a_draw_is_called_after_its_behavior_and_the_name_being_drawn() -> None:
    behavior = rule(
        "amount = lognormal(median=3, sigma=1)",
        "visits = poisson(mean=2)",
        "home.stock = poisson(mean=2)",
        "if bernoulli(p=share): stop",
        "emit sale(person=self, shop=pick(shop), amount=uniform(low=1, high=2), theft=bernoulli(p=0.1), trip=none)",
        "after exponential(mean=wait): note(trip_id=episode())",
        "for friend in pick(friends, count=poisson(mean=1)): stop",
        "fresh = spawn(wallet, owner=self, coins=poisson(mean=1))",
        text=TOWN.replace("rate: pace", "every: exponential(mean=wait)"),
    )
    assert purposes(behavior.trigger) == ["visit.clock"]
    assert sorted(purposes(behavior.body)) == sorted(
        [
            "visit.trip",
            "visit.amount",
            "visit.visits",
            "visit.stock",
            "visit.if",
            "visit.sale.shop",
            "visit.sale.amount",
            "visit.sale.theft",
            "visit.after note",
            "visit.after note.trip_id",
            "visit.friend",
            "visit.friend#2",
            "visit.spawn wallet.coins",
            "visit.spawn wallet",
        ]
    )


def test_what_a_pick_counts_is_drawn_before_it() -> None:
    pick = rule("for friend in pick(friends, count=poisson(mean=1)): stop").body[-1].pool  # type: ignore[union-attr]
    assert (pick.count.purpose, pick.purpose) == ("visit.friend", "visit.friend#2")  # type: ignore[union-attr]


def test_the_second_draw_for_one_name_is_numbered() -> None:
    lines = ["a = uniform(low=0, high=1) + uniform(low=0, high=1)", "a = uniform(low=0, high=1)"]
    assert purposes(rule(*lines).body)[1:] == ["visit.a", "visit.a#2", "visit.a#3"]


LINES = [
    "amount = lognormal(median=3, sigma=1)",
    "if bernoulli(p=share): visits += poisson(mean=3)",
    "place = pick(near, by=pull)",
    "for friend in pick(friends, count=2): friend.income = exponential(mean=2)",
]


@pytest.mark.parametrize("left_out", range(len(LINES)))
def test_leaving_out_a_line_leaves_the_draws_of_the_others_alone(left_out: int) -> None:
    every = set(purposes(rule(*LINES).body))
    kept = set(purposes(rule(*(line for i, line in enumerate(LINES) if i != left_out)).body))
    own = set(purposes(rule(LINES[left_out]).body)) - {"visit.trip"}
    assert kept == every - own


@pytest.mark.parametrize("at", range(len(LINES) + 1))
def test_a_new_line_with_a_name_of_its_own_leaves_the_draws_of_the_others_alone(at: int) -> None:
    before = purposes(rule(*LINES).body)
    after = purposes(rule(*LINES[:at], "fresh = exponential(mean=3) + poisson(mean=1)", *LINES[at:]).body)
    assert [purpose for purpose in after if not purpose.startswith("visit.fresh")] == before


def test_another_behavior_leaves_the_draws_alone() -> None:
    before = purposes(rule(*LINES))
    other = "  other: {who: person, rate: pace, do: 'amount = poisson(mean=3)'}\n"
    model = model_of(TOWN.replace("behaviors:\n", f"behaviors:\n{other}") + "".join(f"      {x}\n" for x in LINES))
    assert purposes(model.behaviors["visit"]) == before
    assert purposes(model.behaviors["other"]) == ["other.amount"]


def test_attributes_networks_and_tables_have_draws_of_their_own() -> None:
    model = model_of(
        TOWN
        + "record:\n  sales: {each: sale, columns: [time], labels: [theft], known: time + exponential(mean=3 days)}\n"
    )
    assert purposes(model.populations["person"].attribute("income").value) == ["person.income"]
    assert purposes(model.populations["person"].links[0].value) == ["person.home"]
    assert purposes(model.tables["sales"]) == ["sales.known"]
    degree = model_of(TOWN.replace("degree: 2}", "degree: 1 + poisson(mean=2)}", 1)).networks["near"].options["degree"]
    assert purposes(degree) == ["near.degree"]
