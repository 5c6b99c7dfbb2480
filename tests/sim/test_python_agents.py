from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import simpy
from mesa.agent import AgentSet

from bustle.scenarios.diagnostics import RunError
from bustle.sim.python_agents import PythonAgent, days, hours, minutes, seconds
from bustle.sim.reference.society import slot_name

Simulate = Callable[..., Any]

HOUR = 3_600_000_000

MARKET = """
populations:
  shop:
    size: 2
    class: market.py:Shop
    attributes: {gap: 20 minutes, price: money(10), mood: "categorical(good=1, bad=0)"}
    links: {landlord: pick(buyer)}
    states: {open: [closed], closed: []}
  buyer: {size: 5, attributes: {spent: money(0), shop_seen: {value: none, type: shop}, alarm: 0.0}}
networks: {near: {from: shop, to: buyer, degree: 3}}
events:
  sale:
    shop: shop
    buyer: buyer
    amount: money
    waited: duration
    kind: category(cash, card)
    fraud: label bool
    case: label episode
  note: {buyer: buyer, n: whole}
behaviors:
  remember:
    who: buyer
    on: sale as buyer
    do: |
      spent += event.amount
      shop_seen = event.shop
  shout: {who: buyer, arguments: {n: whole}, do: "emit note(buyer=self, n=n)"}
  raise_price: {who: shop, at: 5 days, do: price = money(20)}
  watch: {who: buyer, when: alarm > 1, do: "emit note(buyer=self, n=99)"}
"""


class Shop(PythonAgent):
    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self.clerk = simpy.Resource(self.env, capacity=1)
        self.seen = (self.price, self.gap, self.id, self.landlord.id)

    def process(self) -> Any:
        while True:
            yield self.after(self.draw("gap", "exponential", mean=self.gap))
            self.env.process(self.serve())

    def serve(self) -> Any:
        arrived = self.env.now
        with self.clerk.request() as turn:
            yield turn
            waited = self.env.now - arrived
            yield self.after(minutes=5)
        buyer = self.pick(self.model.populations["buyer"], name="buyer")
        self.emit(
            "sale", shop=self, buyer=buyer, amount=self.price / 100, waited=waited, kind="cash", fraud=False, case=None
        )


def test_python_agents_and_declared_agents_live_in_one_run(simulate: Simulate) -> None:
    run = simulate(MARKET, classes={"shop": Shop})
    sales = run.rows("sale")
    assert len(sales) > 800
    assert {row["behavior"] for row in sales} == {"shop"}
    for shop in (0, 1):
        mine = [row for row in sales if row["agent"] == shop]
        assert [row["occurrence"] for row in mine] == list(range(len(mine)))
        assert {row["shop"] for row in mine} == {shop}
    assert {row["index"] for row in sales} == {0}
    keys = [(row["time"], row["agent"], row["occurrence"]) for row in sales]
    assert keys == sorted(keys)
    assert {row["amount"] for row in sales if row["time"] < 5 * 24 * HOUR} == {1000}
    assert {row["amount"] for row in sales if row["time"] > 5 * 24 * HOUR} == {2000}
    spent = run.agents("buyer")["spent"]
    assert sum(spent) == sum(row["amount"] for row in sales)
    assert set(run.agents("buyer")["shop_seen"]) <= {0, 1}
    shop = run.engine.society.populations["shop"][1]
    assert shop.seen == (1000, 20 * 60e6, 1, shop.landlord.id)
    assert isinstance(shop, Shop)


def test_the_run_is_the_same_twice_and_another_with_another_seed(simulate: Simulate) -> None:
    first, again, other = (simulate(MARKET, seed=seed, classes={"shop": Shop}).rows("sale") for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_rows_of_one_instant_stand_in_the_documented_order(simulate: Simulate) -> None:
    class Backwards(PythonAgent):
        """The later agents act first, at the same instant."""

        def process(self) -> Any:
            yield self.env.timeout(hours(1))
            gate = self.model.__dict__.setdefault("gate", self.env.event())
            if self.id == 0:
                yield gate
            else:
                self.emit("tick", who=self)
                if self.id == 2:
                    gate.succeed()
                return
            self.emit("tick", who=self)

    run = simulate(
        """
populations: {a: {size: 3, class: m.py:A}, b: {size: 1}}
events: {tick: {who: a}}
behaviors: {also: {who: b, at: 1 hour, do: emit tick(who=none)}}
""",
        classes={"a": Backwards},
    )
    assert [(row["behavior"], row["agent"]) for row in run.rows("tick")] == [("a", 0), ("a", 1), ("a", 2), ("also", 0)]
    assert set(run.column("tick", "time")) == {HOUR}


def test_delays_are_rounded_half_to_even_to_whole_microseconds(simulate: Simulate) -> None:
    times: list[Any] = []

    class Impatient(PythonAgent):
        def process(self) -> Any:
            for delay in (0.4, 1.5, 2.5, 1e6 / 3):
                yield self.env.timeout(delay)
                times.append(self.env.now)

    simulate("populations: {a: {size: 1, class: m.py:A}}\n", classes={"a": Impatient})
    assert times == [0, 2, 4, 333_337]
    assert all(type(time) is int for time in times)


def test_python_agents_schedule_declared_behaviors_and_wake_conditions(simulate: Simulate) -> None:
    class Boss(Shop):
        def process(self) -> Any:
            yield self.after(days=1)
            if self.id == 0:
                buyer = self.model.populations["buyer"][3]
                self.schedule("shout", buyer, delay=hours(2), n=7)
                buyer.alarm = 5.0
                buyer.alarm = 6.0

    run = simulate(MARKET, classes={"shop": Boss})
    assert [(row["behavior"], row["buyer"], row["n"], row["time"] - 24 * HOUR) for row in run.rows("note")] == [
        ("watch", 3, 99, 1),
        ("shout", 3, 7, 2 * HOUR),
    ]


def test_draws_are_keyed_by_name_and_running_count(simulate: Simulate) -> None:
    drawn: dict[str, list[Any]] = {"plain": [], "more": []}

    class Plain(PythonAgent):
        def process(self) -> Any:
            for _ in range(3):
                drawn["plain"].append(self.draw("x", "lognormal", median=10, sigma=1))
                yield self.after(1)

    class More(PythonAgent):
        def process(self) -> Any:
            for _ in range(3):
                self.draw("y", "poisson", mean=5)
                drawn["more"].append(self.draw("x", "lognormal", median=10, sigma=1))
                yield self.after(1)

    for cls in (Plain, More):
        simulate("populations: {a: {size: 2, class: m.py:A}}\n", classes={"a": cls})
    assert drawn["plain"] == drawn["more"]
    assert len(set(drawn["plain"])) == 6


def test_draws_have_the_type_of_their_distribution(simulate: Simulate) -> None:
    found: list[Any] = []

    class Drawing(PythonAgent):
        def process(self) -> Any:
            found.append(self.draw("a", "poisson", mean=3))
            found.append(self.draw("b", "bernoulli", p=1))
            found.append(self.draw("c", "pareto", alpha=2))
            found.append(self.pick(["x", "y"], weights=[0, 1]))
            found.append(self.pick([]))
            found.append(self.pick(["x"], weights=[0]))
            found.append(self.episode())
            yield self.after(1)

    simulate("populations: {a: {size: 1, class: m.py:A}}\n", classes={"a": Drawing})
    assert [type(value) for value in found] == [int, bool, float, str, type(None), type(None), int]
    assert found[1] is True and found[2] >= 1 and found[3] == "y"


def test_a_retired_agent_s_process_ends_and_gives_up_its_place_in_the_queue(simulate: Simulate) -> None:
    served: list[int] = []

    class Guest(PythonAgent):
        def process(self) -> Any:
            desk = self.model.__dict__.setdefault("desk", simpy.Resource(self.env, capacity=1))
            with desk.request() as turn:
                yield turn
                yield self.after(hours=5)
                served.append(self.id)
                if self.id == 0:
                    self.remove()
                yield self.after(hours=5)
                served.append(10 + self.id)

    run = simulate(
        """
populations: {a: {size: 3, class: m.py:A}}
behaviors: {leave: {who: a, at: 1 hour, if: id == 1, do: retire()}}
""",
        classes={"a": Guest},
    )
    assert served == [0, 10, 2, 12]
    assert run.agents("a")["retired"] == [5 * HOUR, HOUR, -1]


def test_a_spawned_python_agent_starts_its_process(simulate: Simulate) -> None:
    started: list[tuple[int, int, float]] = []

    class Child(PythonAgent):
        def process(self) -> Any:
            started.append((self.id, self.env.now, self.x))
            yield self.after(1)

    simulate(
        """
populations: {a: {size: 1, class: m.py:A, attributes: {x: 1.5}}, b: {size: 1}}
behaviors: {make: {who: b, at: 2 hour, do: "spawn(a, x=2.5)"}}
""",
        classes={"a": Child},
    )
    assert started == [(0, 0, 1.5), (1, 2 * HOUR, 2.5)]


def test_what_python_code_changes_is_seen_by_picks_and_links(simulate: Simulate) -> None:
    class Meddler(PythonAgent):
        def process(self) -> Any:
            yield self.after(days=5)
            cards, owners = self.model.populations["card"], self.model.populations["owner"]
            cards[0].owner = owners[2]
            for owner in owners:
                owner.w = 1.0 if owner.id == 1 else 0.0
            owners[2].pace = 50.0

    run = simulate(
        """
populations:
  owner: {size: 3, attributes: {w: "1.0 if id == 0 else 0.0", pace: 0.0}}
  card: {one_per: owner as owner}
  meddler: {size: 1, class: m.py:M}
networks: {near: {among: owner, kind: small_world, neighbours: 2, rewire: 0}}
events: {found: {one: owner, cards: whole}, tick: {card: card}}
behaviors:
  look: {who: owner, every: 6 hours, do: "emit found(one=pick(owner, by=w), cards=count(linked(card, owner=self)))"}
  near_by: {who: owner, every: 6 hours, if: id == 2, do: "emit found(one=pick(near, by=w), cards=0)"}
  go: {who: card, rate: owner.pace per day, do: emit tick(card=self)}
""",
        classes={"meddler": Meddler},
    )
    change = 5 * 24 * HOUR
    early = [row for row in run.rows("found") if row["time"] < change]
    late = [row for row in run.rows("found") if row["time"] > change]
    assert ({row["one"] for row in early}, {row["one"] for row in late}) == ({0}, {1})
    assert [row["cards"] for row in early if row["behavior"] == "look"][:3] == [1, 1, 1]
    assert [row["cards"] for row in late if row["behavior"] == "look"][:3] == [0, 1, 2]
    assert {row["card"] for row in run.rows("tick")} == {0, 2}
    assert min(run.column("tick", "time")) > change
    assert run.agents("card")["owner"] == [2, 1, 2]


def failing(what: Callable[[Any], Any]) -> type[PythonAgent]:
    class Failing(Shop):
        def process(self) -> Any:
            yield self.after(hours=1)
            what(self)

    return Failing


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (lambda shop: 1 / 0, "shop 0, written in Python, failed: ZeroDivisionError: division by zero"),
        (lambda shop: shop.emit("sail"), "there is no event `sail` did you mean `sale`?"),
        (lambda shop: shop.emit("note", buyer=None), "event `note` needs a value for `n`"),
        (lambda shop: shop.emit("note", buyer=None, n=1, m=2), "event `note` has no field `m`"),
        (lambda shop: shop.emit("note", buyer=shop, n=1), "`note.buyer` takes buyer (an agent)"),
        (lambda shop: shop.emit("note", buyer=None, n=1.5), "`note.n` takes whole number, not 1.5"),
        (lambda shop: shop.draw("x", "lognormal", mu=1), "lognormal takes (median, sigma) or (mean, sigma), not (mu)"),
        (lambda shop: shop.draw("x", "normall", mean=1), "there is no distribution `normall`"),
        (lambda shop: shop.draw("x", "poisson", mean=-1), "poisson needs `mean` to be at least 0, but it is -1"),
        (lambda shop: shop.schedule("shout", n=1), "`shout` is a behavior of `buyer`, not of `shop`"),
        (lambda shop: shop.schedule("shoot", n=1), "there is no behavior `shoot` did you mean `shout`?"),
        (lambda shop: shop.become("open"), ""),
        (lambda shop: shop.become("ajar"), "`shop` has no state `ajar`"),
        (lambda shop: setattr(shop, "state", 1), 'a state is not assigned: call become("...")'),
    ],
)
def test_what_python_code_gets_wrong_ends_the_run_with_one_line(
    simulate: Simulate, what: Callable[[Any], Any], message: str
) -> None:
    if not message:
        simulate(MARKET, classes={"shop": failing(what)})
        return
    with pytest.raises(RunError) as caught:
        simulate(MARKET, classes={"shop": failing(what)})
    assert message in caught.value.message
    assert caught.value.message.startswith("at 2026-01-01 01:00:00: ")


def test_a_population_in_python_needs_its_class(simulate: Simulate) -> None:
    with pytest.raises(RunError, match="allow code to run them"):
        simulate(MARKET)


def test_mesa_users_find_what_they_expect(simulate: Simulate) -> None:
    seen: dict[str, Any] = {}

    class Curious(Shop):
        def process(self) -> Any:
            yield self.after(hours=1)
            model = self.model
            seen["types"] = {cls.__name__: len(agents) for cls, agents in model.agents_by_type.items()}
            seen["agents"] = model.agents
            seen["ids"] = [agent.unique_id for agent in model.agents]
            seen["sum"] = model.agents_by_type[Curious].agg("price", sum)
            seen["near"] = self.neighbours("near")
            seen["env"] = self.env
            yield self.after(hours=1)
            if self.id == 1:
                self.remove()
                seen["left"] = len(model.agents)

    run = simulate(MARKET, classes={"shop": Curious})
    assert seen["types"] == {"Curious": 2, "Buyer": 5}
    assert isinstance(seen["agents"], AgentSet)
    assert len(set(seen["ids"])) == 7 and min(seen["ids"]) >= 1
    assert seen["sum"] == 2000
    assert len(seen["near"]) == 3
    assert isinstance(seen["env"], simpy.Environment)
    assert seen["left"] == 6
    assert len(run.engine.society.agents) == 6


def test_attributes_with_names_that_agents_use_get_an_underscore(simulate: Simulate) -> None:
    seen: list[Any] = []

    class Named(PythonAgent):
        def process(self) -> Any:
            seen.append((self.model_, self.process_, self.model.populations["b"][0].random_))
            yield self.after(1)

    simulate(
        """
populations:
  a: {size: 1, class: m.py:A, attributes: {model: 7, process: 8}}
  b: {size: 1, attributes: {random: 9}}
""",
        classes={"a": Named},
    )
    assert seen == [(7, 8, 9)]
    public = {name for name in dir(PythonAgent) if not name.startswith("_")}
    assert all(slot_name(name) == f"{name}_" for name in public)


def test_units_of_time_are_microseconds() -> None:
    assert (seconds(1), minutes(1), hours(1), days(1)) == (1e6, 60e6, 3600e6, 86400e6)
