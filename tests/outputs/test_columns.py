from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bustle.outputs.agent_lookup import AgentLookup
from bustle.outputs.cells import Rows, cell_dtype, constant
from bustle.outputs.columns import Columns, Row
from bustle.outputs.columns import computed as compute
from bustle.outputs.errors import OutputError
from bustle.outputs.log import LogReader, LogWriter
from bustle.scenarios.model import (
    Aggregate,
    Attr,
    Attribute,
    Binary,
    Call,
    Choose,
    Clock,
    Compare,
    Convert,
    Expr,
    Field,
    Global,
    Local,
    Logic,
    Model,
    Now,
    Param,
    Self,
    Unary,
)
from bustle.scenarios.types import (
    BOOL,
    DURATION,
    EPISODE,
    INSTANT,
    MONEY,
    NOTHING,
    NUMBER,
    TEXT,
    WHOLE,
    Agent,
    Category,
    Type,
)
from tests.outputs.scenes import DAY, EMPTY, HOUR, KIND, OWNER, const, fill, shops

TYPES: dict[str, Type] = {
    "w": WHOLE, "x": NUMBER, "m": MONEY, "t": INSTANT, "card": Agent("card"), "merchant": Agent("merchant"),
    "case": EPISODE, "kind": KIND, "yes": BOOL, "behavior": Category(("shop", "cash_out")),
}  # fmt: skip
ROW: dict[str, Any] = {
    "w": -7, "x": 2.5, "m": 1999, "t": 5 * HOUR, "card": 0, "merchant": None, "case": None, "kind": 2, "yes": True,
    "behavior": 1,
}  # fmt: skip


def f(name: str) -> Field:
    return Field("sale", name, type=TYPES[name])


def op(symbol: Any, left: Expr, right: Expr, type_: Type) -> Binary:
    return Binary(symbol, left, right, type=type_)


def call(name: str, *arguments: Expr, type_: Type = NUMBER) -> Call:
    return Call(name, arguments, type=type_)


def is_(symbol: Any, left: Expr, right: Expr) -> Compare:
    return Compare(symbol, left, right, type=BOOL)


def number(value: float) -> Expr:
    return const(value, NUMBER)


def whole(value: int) -> Expr:
    return const(value, WHOLE)


NAN = op("-", number(math.inf), number(math.inf), NUMBER)
CATEGORY = Attr(f("merchant"), "merchant", "category", type=KIND)
CASES: list[tuple[str, Expr, Any]] = [
    ("floor division of wholes", op("//", f("w"), whole(2), WHOLE), -4),
    ("remainder of wholes", op("%", f("w"), whole(2), WHOLE), 1),
    ("remainder by a negative", op("%", whole(7), whole(-2), WHOLE), -1),
    ("division", op("/", f("w"), whole(2), NUMBER), -3.5),
    ("power", op("**", f("x"), number(2), NUMBER), 6.25),
    ("division by zero is missing", op("/", f("x"), number(0), NUMBER), None),
    ("floor division by zero is missing", op("//", f("w"), whole(0), WHOLE), None),
    ("money times number rounds to cents", op("*", f("m"), number(0.5), MONEY), 1000),
    ("money ties round to even", op("*", const(25, MONEY), number(0.1), MONEY), 2),
    ("money plus money", op("+", f("m"), const(1, MONEY), MONEY), 2000),
    ("instant plus duration rounds to even", op("+", f("t"), const(0.5, DURATION), INSTANT), 5 * HOUR),
    ("instant minus instant", op("-", f("t"), const(HOUR, INSTANT), DURATION), 4.0 * HOUR),
    ("large wholes stay exact", op("+", whole(2**62), whole(1), WHOLE), 2**62 + 1),
    ("minus", Unary("-", f("x"), type=NUMBER), -2.5),
    ("not", Unary("not", f("yes"), type=BOOL), False),
    ("and", Logic("and", f("yes"), is_("<", f("x"), number(2)), type=BOOL), False),
    ("or", Logic("or", f("yes"), is_("<", f("x"), number(2)), type=BOOL), True),
    ("if else", Choose(is_(">", f("x"), number(2)), whole(1), whole(2), type=WHOLE), 1),
    (
        "if without a value is missing",
        Choose(is_("==", CATEGORY, const(0, KIND)), whole(1), whole(2), type=WHOLE),
        None,
    ),
    ("NaN is less than nothing", is_("<", NAN, f("x")), False),
    ("NaN is greater than nothing", is_(">", NAN, f("x")), False),
    ("NaN is not itself", is_("==", NAN, NAN), False),
    ("NaN differs", is_("!=", NAN, f("x")), True),
    ("none is none", is_("==", f("case"), const(None, EPISODE)), True),
    ("an agent that is none", is_("!=", f("merchant"), const(None, NOTHING)), False),
    ("agents compare, none included", is_("==", f("merchant"), f("merchant")), True),
    ("categories compare", is_("==", f("kind"), const(2, KIND)), True),
    ("an attribute through a link", Attr(OWNER, "cardholder", "basket", type=MONEY), 5),
    ("an attribute of none is missing", CATEGORY, None),
    ("an id", Attr(OWNER, "cardholder", "id", type=WHOLE), 2),
    ("a parameter", Param("thieves", type=WHOLE), 40),
    ("a global that never changes", Global("interest", type=NUMBER), 0.02),
    ("now", Now(type=INSTANT), 5 * HOUR),
    ("the behavior's name", Field("sale", "behavior", type=TEXT), "cash_out"),
    ("abs", call("abs", f("w"), type_=WHOLE), 7),
    ("min", call("min", f("x"), number(4), number(1), type_=NUMBER), 1.0),
    ("max", call("max", f("w"), whole(3), type_=WHOLE), 3),
    ("clip", call("clip", f("w"), whole(-5), whole(5), type_=WHOLE), -5),
    ("round ties to even", call("round", f("x"), type_=WHOLE), 2),
    ("round keeps large wholes", call("round", whole(2**62 + 1), type_=WHOLE), 2**62 + 1),
    ("floor", call("floor", Unary("-", f("x"), type=NUMBER), type_=WHOLE), -3),
    ("ceil", call("ceil", f("x"), type_=WHOLE), 3),
    ("exp", call("exp", number(1)), math.e),
    ("log", call("log", f("x")), math.log(2.5)),
    ("log of a negative number is missing", call("log", f("w")), None),
    ("sqrt", call("sqrt", f("x")), math.sqrt(2.5)),
    ("sqrt of a negative number is missing", call("sqrt", f("w")), None),
    ("hour", call("hour", f("t"), type_=WHOLE), 5),
    ("weekday", call("weekday", f("t"), type_=WHOLE), 3),
    ("day", call("day", f("t"), type_=WHOLE), 1),
    ("month", call("month", f("t"), type_=WHOLE), 1),
    ("time of day", call("time_of_day", f("t"), type_=DURATION), 5.0 * HOUR),
    ("money", call("money", number(0.125), type_=MONEY), 12),
    ("number", call("number", f("m")), 19.99),
    ("text of a number", call("text", const("N", TEXT), f("w"), type_=TEXT), "N-7"),
    ("text of an agent is its id", call("text", const("C", TEXT), f("card"), type_=TEXT), "C0"),
    ("text of a category", call("text", f("kind"), const("/", TEXT), f("behavior"), type_=TEXT), "travel/cash_out"),
    ("text of another text", call("text", call("text", f("w"), type_=TEXT), f("w"), type_=TEXT), "-7-7"),
    ("text of constants", call("text", const("a", TEXT), whole(1), type_=TEXT), "a1"),
    ("text of nobody is missing", call("text", const("M", TEXT), f("merchant"), type_=TEXT), None),
    ("text of an unknown category is missing", call("text", CATEGORY, type_=TEXT), None),
    ("to money", Convert("to_money", f("x"), type=MONEY), 250),
    ("to number", Convert("to_number", f("m"), type=NUMBER), 19.99),
    ("to float", Convert("to_float", f("w"), type=NUMBER), -7.0),
    ("to whole", Convert("to_whole", f("yes"), type=WHOLE), 1),
]


@pytest.fixture(scope="module")
def agents(tmp_path_factory: pytest.TempPathFactory) -> AgentLookup:
    folder = tmp_path_factory.mktemp("run")
    with LogWriter(folder, model()) as log:
        fill(log)
    return AgentLookup(LogReader(folder), model())


def model() -> Model:
    return shops(world={"interest": Attribute("interest", NUMBER, number(0.02))})


def computed(expr: Expr, agents: AgentLookup, scenario: Model, **row: Any) -> Any:
    """The value of ``expr`` in a row, as Python has it; None where it is missing."""
    compiled = Columns(scenario, Row(now="t"), agents).compile(expr)
    columns = {k: constant(v, cell_dtype(TYPES[k])).full(2) for k, v in (ROW | row).items()}
    (cells,) = compute([compiled], Rows(2, columns))
    values = cells.values.tolist() if cells.texts is None else cells.texts.take(pa.array(cells.values)).to_pylist()
    if cells.missing is not None:
        values = [None if missing else value for value, missing in zip(values, cells.missing, strict=True)]
    assert values[0] == values[1]
    return values[0]


@pytest.mark.parametrize(("expr", "expected"), [pytest.param(e, v, id=name) for name, e, v in CASES])
def test_expressions_have_the_value_they_have_in_a_run(agents: AgentLookup, expr: Expr, expected: Any) -> None:
    value = computed(expr, agents, model())
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(("hours", "shown"), [(0, 0), (1, 1), (2, 3), (23, 0)])
def test_the_hour_follows_daylight_saving(agents: AgentLookup, hours: int, shown: int) -> None:
    midnight = 20_541 * DAY  # 2026-03-29, when clocks in Berlin go from 02:00 to 03:00
    scenario = shops(clock=Clock(midnight, 2 * DAY, "Europe/Berlin"))
    assert computed(call("hour", f("t"), type_=WHOLE), agents, scenario, t=hours * HOUR) == shown


def test_a_lookup_in_a_population_of_one_serves_every_row(tmp_path: Path) -> None:
    one = shops()
    with LogWriter(tmp_path, one) as log:
        log.write_agents("merchant", {"category": [2], "born": [0], "retired": [-1]})
    lookup = AgentLookup(LogReader(tmp_path), one)
    assert computed(CATEGORY, lookup, one, merchant=0) == 2


@pytest.mark.parametrize(
    ("expr", "message"),
    [
        (Self("card", type=Agent("card")), "`self` cannot stand in this table"),
        (Local("x", 0, type=NUMBER), "a local cannot stand in this table"),
        (Aggregate("count", None, None, None, type=WHOLE), "an aggregate cannot stand in this table"),
    ],
)
def test_what_a_row_does_not_have_is_refused(agents: AgentLookup, expr: Expr, message: str) -> None:
    with pytest.raises(OutputError, match=message):
        computed(expr, agents, EMPTY)


def test_a_global_that_changes_is_refused(agents: AgentLookup) -> None:
    scenario = shops(world={"interest": Attribute("interest", NUMBER, number(0.02), mutable=True)})
    with pytest.raises(OutputError, match="the changing global `interest`"):
        computed(Global("interest", type=NUMBER), agents, scenario)
