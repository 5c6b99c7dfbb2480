from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from bustle.agents.build import build_world, new_agents
from bustle.agents.limits import MAX_AGENTS
from bustle.agents.making import scaled
from bustle.agents.randomness import SAMPLERS, purpose_key
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.scenario import Scenario
from tests.agents.conftest import HEAD, ModelOf, WorldOf

PEOPLE = """
parameters: {thieves: 40}
world: {interest: "0.01 * 2"}
populations:
  merchant:
    size: 50
    attributes: {category: "categorical(grocery=0.6, fuel=0.4)", popularity: pareto(alpha=1.3)}
  cardholder:
    size: 1000
    attributes:
      pace: gamma(mean=1.2, shape=2) per day
      basket: lognormal(median=28, sigma=0.9)
      limit: money(10 * basket)
      premium: bernoulli(p=0.2)
    links: {favourite: "pick(merchant, by=popularity)"}
  card:
    one_per: cardholder as owner
    attributes: {odd: 0, shop: owner.favourite.category}
    states: {active: [blocked], blocked: [active]}
    initial: "blocked if owner.premium else active"
  thief: {size: thieves, attributes: {haul: poisson(mean=4)}}
networks:
  haunts: {from: cardholder, to: merchant, degree: 1 + poisson(mean=5), weight: popularity}
"""


def test_columns_have_the_held_form_of_their_types(world_of: WorldOf) -> None:
    world = world_of(PEOPLE)
    holder, card = world.populations["cardholder"], world.populations["card"]
    kinds = {name: column.dtype.str[1:] for name, column in (holder.columns | card.columns).items()}
    assert kinds == {
        "favourite": "i8",
        "pace": "f8",
        "basket": "f8",
        "limit": "i8",
        "premium": "b1",
        "owner": "i8",
        "odd": "i8",
        "shop": "i4",
        "state": "i4",
    }
    assert world.globals == {"interest": 0.02}
    assert all(column.flags.writeable and column.flags.owndata for column in holder.columns.values())


def test_a_one_per_population_is_linked_in_order_and_reads_through_the_link(world_of: WorldOf) -> None:
    world = world_of(PEOPLE)
    card, holder = world.populations["card"].columns, world.populations["cardholder"].columns
    assert card["owner"].tolist() == list(range(1000))
    assert (card["shop"] == world.populations["merchant"].columns["category"][holder["favourite"]]).all()
    assert (card["state"] == holder["premium"]).all()


def test_an_attribute_is_keyed_by_seed_name_and_agent(world_of: WorldOf) -> None:
    basket = world_of(PEOPLE, seed=5).populations["cardholder"].columns["basket"]
    sampler = SAMPLERS["lognormal_median"]
    assert basket[123] == sampler(purpose_key(5, "cardholder.basket"), 123, 0, 0, 28.0, 0.9)


def test_the_same_seed_gives_the_same_world_and_another_seed_another(world_of: WorldOf) -> None:
    first, second, other = world_of(PEOPLE), world_of(PEOPLE), world_of(PEOPLE, seed=2)
    for name, population in first.populations.items():
        for column, values in population.columns.items():
            assert values.tobytes() == second.populations[name].columns[column].tobytes()
    assert first.networks["haunts"].targets.tobytes() == second.networks["haunts"].targets.tobytes()
    assert (first.populations["thief"].columns["haul"] != other.populations["thief"].columns["haul"]).any()


def test_more_agents_or_attributes_leave_the_others_as_they_were(world_of: WorldOf) -> None:
    before = world_of(PEOPLE)
    text = PEOPLE.replace("size: 1000", "size: 1500").replace("basket:", "extra: normal(mean=0, sd=1)\n      basket:")
    after = world_of(text)
    for name, values in before.populations["cardholder"].columns.items():
        assert (after.populations["cardholder"].columns[name][:1000] == values).all()
    haunts, more = before.networks["haunts"], after.networks["haunts"]
    assert (more.targets[: haunts.edges] == haunts.targets).all()


def test_no_randomness_but_the_keyed_draws_is_used(world_of: WorldOf, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("global randomness")

    for name in ("random", "randint", "choice", "shuffle", "gauss", "seed"):
        monkeypatch.setattr(random, name, refuse)
    for name in ("rand", "random", "normal", "choice", "permutation", "default_rng", "seed"):
        monkeypatch.setattr(np.random, name, refuse)
    assert world_of(PEOPLE).populations["thief"].size == 40


@pytest.mark.parametrize(("size", "scale", "expected"), [(1000, 0.25, 250), (3, 0.001, 1), (0, 0.5, 0), (5, 0.5, 2)])
def test_a_scaled_size_is_rounded_and_never_empties_a_population(size: int, scale: float, expected: int) -> None:
    assert scaled(size, scale) == expected


def test_scaling_takes_the_first_agents(world_of: WorldOf) -> None:
    whole, part = world_of(PEOPLE), world_of(PEOPLE, scale=0.1)
    assert {name: p.size for name, p in part.populations.items()} == {
        "merchant": 5,
        "cardholder": 100,
        "card": 100,
        "thief": 4,
    }
    basket = whole.populations["cardholder"].columns["basket"]
    assert (part.populations["cardholder"].columns["basket"] == basket[:100]).all()


def test_a_population_that_is_not_scaled_keeps_its_size(world_of: WorldOf) -> None:
    text = "populations: {town: {size: 12, scaled: false}, person: {size: 1000}, cat: {one_per: town}}"
    for scale in (0.01, 1, 3):
        world = world_of(text, scale=scale)
        sizes = {name: population.size for name, population in world.populations.items()}
        assert sizes == {"town": 12, "person": 1000 * scale, "cat": 12}


def test_an_agent_made_later_is_sampled_as_one_made_at_the_start(model_of: ModelOf) -> None:
    model = model_of(PEOPLE)
    world = build_world(model, 1)
    some = np.array([3, 500, 999])
    for name in ("cardholder", "merchant", "thief"):
        size = world.populations[name].size
        some = some[some < size]
        made = new_agents(model, world, 1, name, some, {}, first=size)
        for column, values in world.populations[name].columns.items():
            assert (made[column] == values[some]).all(), column


def test_an_agent_made_later_takes_what_it_is_given(model_of: ModelOf) -> None:
    model = model_of(PEOPLE)
    world = build_world(model, 1)
    given = {"owner": np.array([7]), "odd": np.array([2])}
    made = new_agents(model, world, 1, "card", np.array([1 << 62]), given, first=1000)
    assert made["odd"].tolist() == [2]
    assert made["shop"][0] == world.populations["card"].columns["shop"][7]
    with pytest.raises(RunError, match=r"`favourite` is read of none, where a cardholder is needed"):
        new_agents(model, world, 1, "card", np.array([1 << 62]), {}, first=1000)


CORRELATED = """
parameters: {strength: 0.6}
populations:
  person:
    size: 20_000
    attributes:
      income: lognormal(median=30, sigma=0.5)
      spending: gamma(mean=1.2, shape=2) per day
      age: truncated_normal(mean=40, sd=15, low=18, high=95)
      alone: normal(mean=0, sd=1)
    correlated: [[income, spending, strength], [income, age, -0.3]]
"""


def test_correlated_attributes_have_the_rank_correlations_asked_for(world_of: WorldOf) -> None:
    columns = world_of(CORRELATED).populations["person"].columns
    wanted = {("income", "spending"): 0.6, ("income", "age"): -0.3, ("spending", "age"): 0.0, ("income", "alone"): 0.0}
    for (left, right), rho in wanted.items():
        assert abs(stats.spearmanr(columns[left], columns[right]).statistic - rho) < 4 / np.sqrt(20_000)


def test_correlated_attributes_keep_their_distributions(world_of: WorldOf) -> None:
    columns = world_of(CORRELATED).populations["person"].columns
    day = 86_400_000_000
    a, b = (18 - 40) / 15, (95 - 40) / 15
    for values, theory in (
        (columns["income"], stats.lognorm(0.5, scale=30)),
        (columns["spending"] * day, stats.gamma(2, scale=0.6)),
        (columns["age"], stats.truncnorm(a, b, loc=40, scale=15)),
    ):
        assert stats.kstest(values, theory.cdf).pvalue > 1e-4


def test_correlations_that_contradict_each_other_are_refused_with_the_eigenvalue(world_of: WorldOf) -> None:
    text = CORRELATED.replace("[income, age, -0.3]", "[income, age, 0.9], [spending, age, -0.9]")
    with pytest.raises(RunError, match=r"not positive definite \(its smallest eigenvalue is -0\.\d+\)"):
        world_of(text)
    with pytest.raises(RunError, match=r"must lie between -1 and 1, but is 1.5"):
        world_of(CORRELATED.replace("strength: 0.6", "strength: 1.5"))


def test_correlated_agents_made_later_get_what_they_would_have_got(model_of: ModelOf) -> None:
    model = model_of(CORRELATED)
    world = build_world(model, 1)
    made = new_agents(model, world, 1, "person", np.array([11]), {}, first=20_000)
    assert all(made[name][0] == column[11] for name, column in world.populations["person"].columns.items())


def write_people(folder: Path) -> None:
    (folder / "people.csv").write_text("name,AGE,income,member\nAda,36,1.5,true\nBob,41,2.25,false\nCyd,29,3,true\n")


FED = "populations: {person: {from_file: {path: people.csv, columns: {who: name, age: AGE, member: member}}EXTRA}}"


def test_a_file_gives_one_agent_a_row(world_of: WorldOf, tmp_path: Path) -> None:
    write_people(tmp_path)
    columns = world_of(FED.replace("EXTRA", ", attributes: {older: age + 1}")).populations["person"].columns
    assert columns["who"].tolist() == ["Ada", "Bob", "Cyd"]
    assert columns["age"].dtype == np.int64
    assert columns["older"].tolist() == [37, 42, 30]
    assert columns["member"].tolist() == [True, False, True]


def test_with_a_size_rows_are_drawn_whole(world_of: WorldOf, tmp_path: Path) -> None:
    write_people(tmp_path)
    columns = world_of(FED.replace("EXTRA", ", size: 3000")).populations["person"].columns
    ages = {"Ada": 36, "Bob": 41, "Cyd": 29}
    assert [ages[name] for name in columns["who"].tolist()] == columns["age"].tolist()
    assert stats.chisquare(np.unique(columns["age"], return_counts=True)[1]).pvalue > 1e-4


def test_a_population_too_large_is_refused_before_anything_is_made(world_of: WorldOf) -> None:
    text = "parameters: {n: 10_000_000_000}\npopulations: {person: {size: n, attributes: {x: 1}}}"
    with pytest.raises(RunError, match=f"at most {MAX_AGENTS:,} are possible"):
        world_of(text)
    with pytest.raises(RunError, match=r"GiB for 2,000,000,000 agents; this machine has"):
        attributes = ", ".join(f"x{i}: 1" for i in range(2000))
        world_of(f"parameters: {{n: 2e9}}\npopulations: {{person: {{size: n, attributes: {{{attributes}}}}}}}")


def test_a_size_below_zero_is_refused(world_of: WorldOf) -> None:
    with pytest.raises(RunError, match=r"the size of `person` must not be below 0, but is -5"):
        world_of("parameters: {n: 5}\npopulations: {person: {size: n - 10}}")


def test_an_error_in_an_attribute_points_into_the_scenario(model_of: ModelOf) -> None:
    model = model_of("populations: {person: {size: 3, attributes: {k: 0.0, x: 1 / k}}}")
    with pytest.raises(RunError, match=r"scenario.yaml:3:\d+: division of 1 by zero"):
        build_world(model, 1)


@pytest.mark.slow
def test_a_million_agents_with_five_attributes_are_made_in_two_seconds() -> None:
    text = HEAD + PEOPLE.replace("size: 1000", "size: 1_000_000").split("networks:")[0]
    model = Scenario.from_text(text).model
    build_world(Scenario.from_text(text).with_values(scale=0.001).model, 1)  # compile
    before = time.process_time()
    build_world(model, 1)
    assert time.process_time() - before < 2
