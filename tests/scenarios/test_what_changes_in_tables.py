"""Tables that read a global, or a parameter that an intervention changes."""

from __future__ import annotations

import pytest
import yaml

from bustle.scenarios import Scenario, ScenarioError
from bustle.scenarios.model import Aggregate, Candidate, EachTable, EdgeTable, Field, Global, Model, Neighbours, Param
from bustle.scenarios.walk import expressions

SCENE = """
scenario: scene
clock: {start: 2026-01-01, length: 30 days}
parameters: {limit: 20.0, share: 0.5}
world: {alarms: 0}
populations:
  person: {size: 10, attributes: {debt: 0.0}}
networks:
  friends: {among: person, kind: complete}
events:
  sale: {person: person, other: person, amount: number}
behaviors:
  buy: {who: person, rate: 1 per day, do: "emit sale(person=self, other=pick(friends), amount=1)"}
interventions:
  later: {at: 10 days, set: {limit: 5}}
"""


def with_table(table: str) -> Model:
    sections = yaml.load(SCENE, Loader=yaml.BaseLoader)
    sections["record"] = {"table": yaml.load(table, Loader=yaml.BaseLoader)}
    return Scenario.from_dict(sections).model


def captured(model: Model) -> dict[str, type]:
    return {f.name: type(f.captured) for f in model.events["sale"].fields if f.captured is not None}


def test_a_row_captures_a_global_and_a_parameter_that_changes() -> None:
    model = with_table("{each: sale, where: alarms < 3, columns: [over: amount > limit, share]}")
    assert captured(model) == {"world.alarms": Global, "limit": Param}
    table = model.tables["table"]
    assert isinstance(table, EachTable) and table.where is not None
    assert [e.name for e in expressions(table.where) if isinstance(e, Field)] == ["world.alarms"]
    assert [e.name for e in expressions(table.columns[1].value) if isinstance(e, Param)] == ["share"]


def test_sums_over_rows_capture_what_stands_inside_of_them() -> None:
    model = with_table("{each: sale, window: 1 day, by: [limit], columns: [n: sum(amount > limit), m: max(alarms)]}")
    assert captured(model) == {"limit": Param, "world.alarms": Global}
    model = with_table("{edges: sale, from: person, to: other, columns: [n: sum(amount > limit), s: count() * share]}")
    assert captured(model) == {"limit": Param} and isinstance(model.tables["table"], EdgeTable)


@pytest.mark.parametrize(
    "table",
    [
        "{each: sale, window: 1 day, columns: [n: count() / alarms]}",
        "{each: sale, window: 1 day, columns: [n: sum(amount) / limit]}",
        "{of: person, columns: [id, alarms]}",
        "{of: person, where: debt > limit, columns: [id]}",
        "{of: person, at: 3 days, columns: [id, rest: limit - debt]}",
    ],
)
def test_what_has_no_one_value_for_a_row_is_refused(table: str) -> None:
    with pytest.raises(ScenarioError, match="changes during the run, and"):
        with_table(table)


def test_a_table_over_time_reads_both() -> None:
    assert captured(with_table("{every: 1 day, columns: [alarms, limit]}")) == {}


def test_an_attribute_of_python_agents_may_change_and_is_captured() -> None:
    sections = yaml.load(SCENE, Loader=yaml.BaseLoader)
    sections["populations"]["person"]["class"] = "people.py:Person"
    sections["record"] = {"table": {"each": "sale", "columns": ["time", {"debt": "person.debt"}]}}
    model = Scenario.from_dict(sections).model
    assert list(captured(model)) == ["person.debt"] and model.populations["person"].attribute("debt").mutable


def test_a_bare_network_inside_where_is_the_candidates() -> None:
    sections = yaml.load(SCENE, Loader=yaml.BaseLoader)
    do = "friend = pick(person, where=count(friends) > 3 and count(self.friends) > 3)"
    sections["behaviors"]["ask"] = {"who": "person", "at": "1 day", "do": do}
    (assignment,) = Scenario.from_dict(sections).model.behaviors["ask"].body
    pools = [e for e in expressions(assignment) if isinstance(e, Neighbours)]
    assert [isinstance(pool.agent, Candidate) for pool in pools] == [True, False]


def test_a_measure_over_an_event_says_which() -> None:
    sections = yaml.load(SCENE, Loader=yaml.BaseLoader)
    sections["experiment"] = {"measure": {"all": "count(sale)", "big": "sum(amount for sale where amount > 3)"}}
    experiment = Scenario.from_dict(sections).model.experiment
    assert experiment is not None
    assert [e.event for _, e in experiment.measures if isinstance(e, Aggregate)] == ["sale", "sale"]


@pytest.mark.parametrize(
    "section",
    ["interventions: {x: {at: 16:00, set: {limit: 3}}}", "record: {t: {of: person, at: 16:00, columns: [id]}}"],
)
def test_a_time_of_day_alone_is_no_instant(section: str) -> None:
    sections = yaml.load(SCENE, Loader=yaml.BaseLoader) | yaml.load(section, Loader=yaml.BaseLoader)
    with pytest.raises(ScenarioError, match="`16:00` comes every day"):
        Scenario.from_dict(sections)
