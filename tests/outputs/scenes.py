"""A small scenario built by hand, with a table of every kind, and rows to go with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bustle.outputs.card import write_card
from bustle.outputs.event_sink import Coded, EventSink
from bustle.outputs.log import LogWriter
from bustle.outputs.manifest import write_manifest
from bustle.outputs.recorders import RecordedTable, record_tables
from bustle.outputs.text_file import write_text_file
from bustle.scenarios.model import (
    AgentTable,
    Aggregate,
    Attr,
    Attribute,
    Behavior,
    Binary,
    Clock,
    Column,
    Const,
    Draw,
    EachTable,
    EdgeTable,
    Emit,
    Event,
    EventField,
    Expr,
    Field,
    Link,
    Model,
    Network,
    Parameter,
    Population,
    SampleTable,
    Self,
)
from bustle.scenarios.types import (
    BOOL,
    DURATION,
    EPISODE,
    INSTANT,
    MONEY,
    NUMBER,
    RATE,
    WHOLE,
    Agent,
    Category,
    Type,
)

DAY = 86_400_000_000
HOUR = 3_600_000_000
KIND = Category(("grocery", "fuel", "travel"))
EMPTY = Model(
    name="shops",
    title="Shops",
    about="People buy with cards.",
    seed=7,
    clock=Clock(start_local=20_454 * DAY, length=10 * DAY, timezone=None),
    parameters={},
    world={},
    populations={},
    networks={},
    rhythms={},
    events={},
    behaviors={},
    interventions={},
    tables={},
    experiment=None,
    values={},
    scale=1.0,
    folder="",
)


def purchase(name: str) -> Field:
    types: dict[str, Type] = {f.name: f.type for f in PURCHASE.fields} | {"time": INSTANT}
    return Field("purchase", name, type=types[name])


def attr(target: Expr, population: str, name: str, type_: Type) -> Attr:
    return Attr(target, population, name, type=type_)


def const(value: Any, type_: Type) -> Const:
    return Const(value, type=type_)


PURCHASE = Event(
    "purchase",
    (
        EventField("card", Agent("card")),
        EventField("merchant", Agent("merchant"), about="where it was spent"),
        EventField("amount", MONEY, about="what was paid"),
        EventField("fraud", BOOL, label=True, about="true if a thief paid"),
        EventField("episode", EPISODE, label=True),
    ),
    about="a card pays",
)
OWNER = attr(Field("purchase", "card", type=Agent("card")), "card", "owner", Agent("cardholder"))
KNOWN = Binary(
    "+",
    purchase("time"),
    Draw("lognormal_median", (const(9.0 * DAY, DURATION), const(0.8, NUMBER)), "transactions.known", type=DURATION),
    type=INSTANT,
)
TRANSACTIONS = EachTable(
    "transactions",
    "purchase",
    (
        Column("time", purchase("time")),
        Column("card", purchase("card")),
        Column("merchant", purchase("merchant")),
        Column("category", attr(purchase("merchant"), "merchant", "category", KIND), about="what it sells"),
        Column("basket", attr(OWNER, "cardholder", "basket", MONEY)),
        Column("amount", purchase("amount"), about="what was paid"),
        Column("fraud", purchase("fraud"), "label", "true if a thief paid"),
        Column("episode", purchase("episode"), "label"),
        Column("known", KNOWN, "known"),
    ),
    about="every purchase",
)
ME = Self("cardholder", type=Agent("cardholder"))
CARDHOLDERS = AgentTable(
    "cardholders",
    "cardholder",
    (
        Column("id", attr(ME, "cardholder", "id", WHOLE)),
        Column("pace", attr(ME, "cardholder", "pace", RATE)),
        Column("basket", attr(ME, "cardholder", "basket", MONEY)),
    ),
)
SPENT = Aggregate("sum", purchase("amount"), None, None, type=MONEY)
ROWS = Aggregate("count", None, None, None, type=WHOLE)
DAILY = EachTable(
    "daily",
    "purchase",
    (Column("n", ROWS), Column("spent", SPENT)),
    window=DAY,
    by=(Column("category", attr(purchase("merchant"), "merchant", "category", KIND)),),
)
SHARE = SampleTable("share", DAY, (Column("share", const(0.0, NUMBER)), Column("kind", const(0, KIND))))
HAUNTS = EdgeTable("haunts", "haunts", None, None, None, ())
PAIRS = EdgeTable(
    "pairs", None, "purchase", purchase("card"), purchase("merchant"), (Column("n", ROWS), Column("spent", SPENT))
)


def shops(**changes: Any) -> Model:
    """Cardholders with cards, merchants, a network, one event, and a table of every kind."""
    no_draw = const(0.0, NUMBER)
    populations = {
        "merchant": Population("merchant", const(4, WHOLE), (Attribute("category", KIND, no_draw),), about="shops"),
        "cardholder": Population(
            "cardholder",
            const(3, WHOLE),
            (Attribute("pace", RATE, no_draw), Attribute("basket", MONEY, no_draw)),
        ),
        "card": Population(
            "card",
            None,
            (Attribute("odd", WHOLE, no_draw, mutable=True),),
            (Link("owner", "cardholder", one_per=True),),
            states=("active", "blocked"),
        ),
    }
    model = replace(
        EMPTY,
        parameters={
            "thieves": Parameter(
                "thieves", WHOLE, 40, 0, 1000, about="people who skim cards", because="a guess that gives 0.2 percent"
            )
        },
        values={"thieves": 40},
        populations=populations,
        networks={"haunts": Network("haunts", "cardholder", "merchant", "random", {})},
        events={"purchase": PURCHASE},
        behaviors={"shop": behavior("shop", 0, "card", False), "cash_out": behavior("cash_out", 1, "card", True)},
        tables={t.name: t for t in (TRANSACTIONS, CARDHOLDERS, DAILY, SHARE, HAUNTS, PAIRS)},
    )
    return replace(model, **changes)


def behavior(name: str, order: int, who: str | None, fraud: bool) -> Behavior:
    emit = Emit(
        "purchase",
        (
            Self("card", type=Agent("card")),
            const(None, Agent("merchant")),
            const(1250, MONEY),
            const(fraud, BOOL),
            const(None, EPISODE),
        ),
    )
    return Behavior(name, order, who, None, (), (), None, (), (emit,), 0)


def fill(log: EventSink, rows: int = 12) -> None:
    """Purchases every five hours, the agents, the network, and two samples."""
    n = np.arange(rows)
    log.write(
        "purchase",
        {
            "time": n * 5 * HOUR,
            "behavior": np.where(n % 4 == 3, 1, 0),
            "agent": n % 3,
            "occurrence": n // 3,
            "index": np.zeros(rows, np.int64),
            "card": n % 3,
            "merchant": np.where(n % 6 == 5, -1, n % 4),
            "amount": 1000 + n * 25,
            "fraud": n % 4 == 3,
            "episode": np.where(n % 4 == 3, 2**62 + n, -1),
        },
    )
    log.write_sample("share", 0, (0.25, 1))
    log.write_sample("share", DAY, (float("nan"), None))
    here = {"born": np.zeros(3, np.int64), "retired": np.array([-1, -1, 3 * DAY])}
    log.write_agents("cardholder", {"pace": np.array([1.0, 2.0, 3.0]) / DAY, "basket": [2800, 100, 5], **here})
    log.write_agents("card", {"odd": [0, 1, 2], "owner": [2, 1, 0], "state": [0, 1, 0], **here})
    four = {"born": np.zeros(4, np.int64), "retired": np.full(4, -1)}
    log.write_agents("merchant", {"category": [0, 1, 2, 0], **four})
    log.write_network("haunts", [0, 2, 2, 3], [1, 3, 0])


def draws(purpose: str, behavior: Coded, form: str, args: Any, agent: Any, occurrence: Any, index: Any) -> Any:
    """A stand-in for keyed draws: any fixed function of the key will do."""
    length = np.array([*(len(name) for name in behavior.texts), 0])[behavior.codes]
    key = agent * 7 + occurrence * 3 + index + len(purpose) + 100 * length
    uniform = (key % 97) / 97
    return args[0] + (args[1] - args[0]) * uniform if form == "uniform" else args[0] * (1 + uniform)


def record(folder: Path, model: Model, formats: tuple[str, ...] = ("parquet",)) -> tuple[RecordedTable, ...]:
    """A whole folder: log, tables, card and manifest."""
    folder.mkdir(exist_ok=True)
    write_text_file(folder / "scenario.yaml", "scenario: shops\nrecord: {transactions: {each: purchase}}\n")
    with LogWriter(folder, model) as log:
        fill(log)
    tables = record_tables(folder, model, draws, formats)
    write_card(folder, model, tables)
    write_manifest(folder, model, tables)
    return tables
