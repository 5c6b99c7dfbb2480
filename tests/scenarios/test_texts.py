from __future__ import annotations

import pytest

from bustle.scenarios.model import Call
from bustle.scenarios.types import TEXT
from tests.scenarios.small import TOWN, model_of, problems_of

TABLE = TOWN + "      stop\nrecord:\n  made:\n    {keys}\n"


def said_of(keys: str) -> list[str]:
    return [problem.message for problem in problems_of(TABLE.replace("{keys}", keys))]


@pytest.mark.parametrize(
    "keys",
    [
        "{each: sale, columns: [x: 'text(\"C\", person)']}",
        "{each: sale, columns: [x: 'text(shop.kind, 1 + 2, person.state, text(1))']}",
        "{each: sale, columns: [time], labels: [x: 'text(\"T\", shop)']}",
        '{each: sale, columns: [x: \'text("C", 1)\'], where: \'text("C", person) == "C1"\'}',
        "{of: shop, columns: [x: 'text(\"S\", id, kind)']}",
    ],
)
def test_tables_of_events_and_of_agents_make_texts(keys: str) -> None:
    column = model_of(TABLE.replace("{keys}", keys)).tables["made"].columns[-1]
    assert isinstance(column.value, Call)
    assert column.value.type == TEXT


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("amount", "money"),
        ("1.5", "a number"),
        ("time", "an instant"),
        ("2 days", "a duration"),
        ("amount > 3", "a bool"),
        ("none", "none"),
    ],
)
def test_what_has_no_one_way_to_be_written_is_refused(part: str, kind: str) -> None:
    assert said_of(f"{{each: sale, columns: [x: 'text(\"C\", {part})']}}") == [
        f"`text` joins texts, whole numbers, agents and names of categories, not {kind}"
    ]


def test_a_label_is_refused_inside_of_a_text() -> None:
    (said,) = said_of('{each: sale, columns: [x: \'text("E", row, " ") if theft else ""\']}')
    assert said == "`theft` is a label of sale and would give the answer away"


def test_text_needs_parts_by_position() -> None:
    assert said_of("{each: sale, columns: [x: text()]}") == ["`text` needs something to join"]
    assert said_of("{each: sale, columns: [x: text(part=person)]}") == ["`text` takes its arguments by position"]


def test_samples_make_no_texts() -> None:
    assert said_of("{every: 1 day, columns: [x: 'text(\"C\", sold)']}") == ["`text(...)` cannot stand here"]


@pytest.mark.parametrize(
    "line", ["name = text(1)", 'if text(visits) == "1": stop', 'other = pick(shop, where=text(id) == "1")']
)
def test_rules_make_no_texts(line: str) -> None:
    (problem,) = problems_of(TOWN + f"      {line}\n")
    assert problem.message == "`text(...)` cannot stand here"
    assert problem.hint == "it makes a column of a table with `each:` or `of:`"


def test_attributes_make_no_texts() -> None:
    (problem,) = problems_of(TOWN.replace("visits: 0", "visits: 0, name: 'text(\"P\", id)'") + "      stop\n")
    assert problem.message == "`text(...)` cannot stand here"
