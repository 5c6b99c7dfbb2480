from __future__ import annotations

import pytest

from bustle.scenarios.model import AgentTable, Attr, EachTable, EdgeTable, Field, SampleTable
from bustle.scenarios.types import INSTANT, Agent, Category, State
from tests.scenarios.small import TOWN, model_of, parts, problems_of

RECORD = TOWN + "      {rule}\nrecord:\n  sales:\n    each: sale\n    {keys}\n"


def with_table(keys: str, rule: str = "stop") -> str:
    return RECORD.replace("{rule}", rule).replace("{keys}", keys)


def columns_of(keys: str, rule: str = "stop") -> dict[str, object]:
    table = model_of(with_table(keys, rule)).tables["sales"]
    return {column.name: column.value for column in table.columns}


def test_a_column_reads_fields_and_follows_agents() -> None:
    columns = columns_of("columns: [time, amount, kind: shop.kind, home: person.home.pull]")
    assert isinstance(columns["amount"], Field)
    kind = columns["kind"]
    assert isinstance(kind, Attr)
    assert isinstance(kind.target, Field)
    assert isinstance(kind.type, Category)


def test_what_a_rule_changes_is_captured_when_the_event_happens() -> None:
    model = model_of(with_table("columns: [stock: shop.stock, pull: shop.pull]", "home.stock -= 1"))
    columns = {column.name: column.value for column in model.tables["sales"].columns}
    assert isinstance(columns["stock"], Field)
    assert isinstance(columns["pull"], Attr)
    captured = [field for field in model.events["sale"].fields if field.captured is not None]
    assert [field.name for field in captured] == ["shop.stock"]
    assert captured[0].captured is not None
    assert isinstance(captured[0].captured, Attr)
    assert captured[0].captured.target == Field("sale", "shop", type=Agent("shop"))


def test_a_state_changes_and_so_does_what_is_reached_through_what_changes() -> None:
    text = with_table("columns: [state: person.state, deep: person.friend.visits]", "friend = self")
    model = model_of(text.replace("visits: 0", "visits: 0, friend: none"))
    captured = {field.name: field.type for field in model.events["sale"].fields if field.captured is not None}
    assert list(captured) == ["person.state", "person.friend.visits"]
    assert isinstance(captured["person.state"], State)


def test_nothing_is_captured_twice_or_for_a_table_of_another_event() -> None:
    keys = "columns: [a: shop.stock, b: shop.stock + 1]\n    where: shop.stock > 3"
    model = model_of(with_table(keys, "home.stock -= 1"))
    assert len([field for field in model.events["sale"].fields if field.captured is not None]) == 1
    assert not [part for part in parts(model.tables["sales"]) if isinstance(part, Attr)]


@pytest.mark.parametrize(
    "column", ["theft", "x: theft", "x: 1 if theft else 0", "x: trip", "behavior", "x: not theft and amount > 3"]
)
def test_a_label_is_refused_among_the_columns_and_taken_among_the_labels(column: str) -> None:
    (problem,) = problems_of(with_table(f"columns: [time, {column}]"))
    assert "is a label of sale and would give the answer away" in problem.message
    assert problem.hint == "list this column under `labels:`"
    table = model_of(with_table(f"columns: [time]\n    labels: [{column}]")).tables["sales"]
    assert [c.role for c in table.columns] == ["input", "label"]


@pytest.mark.parametrize("keys", ["columns: [x: sum(theft)]", "by: [theft], columns: [n: count()]"])
def test_a_label_is_refused_in_sums_and_groups(keys: str) -> None:
    text = with_table("{}").replace("    each: sale\n    {}", f"    {{each: sale, window: 1 day, {keys}}}")
    (problem,) = problems_of(text)
    assert "would give the answer away" in problem.message


def test_a_filter_may_choose_by_a_label() -> None:
    assert model_of(with_table("columns: [time]\n    where: theft"))


@pytest.mark.parametrize(
    "written", ["labels: [theft, known: time + 9 days]", "labels: [theft]\n    known: time + 9 days"]
)
def test_the_time_at_which_labels_are_known_stands_alone_or_among_them(written: str) -> None:
    table = model_of(with_table(f"columns: [time]\n    {written}")).tables["sales"]
    assert [(c.name, c.role) for c in table.columns] == [("time", "input"), ("theft", "label"), ("known", "known")]
    assert table.columns[-1].value.type == INSTANT


def test_each_kind_of_table_is_what_it_says() -> None:
    model = model_of(
        with_table("columns: [time, row]")
        + "  daily: {each: sale, window: 1 day, by: [shop], columns: [n: count(), total: sum(amount)]}\n"
        + "  people: {of: person, at: [1 day, 2026-01-05], where: visits > 3, columns: [id, state, born, income]}\n"
        + "  share: {every: 1 hour, columns: [share: mean(state == inside for person), sold]}\n"
        + "  pairs: {edges: sale, from: person, to: shop, columns: [n: count()]}\n"
        + "  graph: {edges: friends}\n"
    )
    kinds = [type(table) for table in model.tables.values()]
    assert kinds == [EachTable, EachTable, AgentTable, SampleTable, EdgeTable, EdgeTable]
    assert model.tables["daily"].window == 86_400_000_000  # type: ignore[union-attr]
    assert [column.name for column in model.tables["daily"].by] == ["shop"]  # type: ignore[union-attr]
    assert len(model.tables["people"].at) == 2  # type: ignore[union-attr]


def test_a_draw_in_a_row_is_allowed_and_one_in_a_filter_is_not() -> None:
    assert model_of(with_table("columns: [time, noise: 'normal(mean=0, sd=1)']"))
    assert len(problems_of(with_table("columns: [time]\n    where: bernoulli(p=0.5)"))) == 1
