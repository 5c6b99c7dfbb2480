"""The language reference says all there is: every key, type, unit, function, distribution, statement and trigger.

A comment before a table names what the table must list: ``<!-- keys: PopulationSection -->`` the keys of a
section, ``<!-- listing: functions -->`` one of the listings below.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
import yaml

from bustle.scenarios import structure
from bustle.scenarios.check.declared import WRITTEN_TYPES
from bustle.scenarios.distributions import DISTRIBUTIONS, Form, Parameter
from bustle.scenarios.functions import AGGREGATES, FUNCTIONS, SPECIAL
from bustle.scenarios.structure.names import RESERVED, UNITS
from bustle.scenarios.structure.networks import KINDS as NETWORKS
from bustle.scenarios.structure.rules import TRIGGERS
from bustle.scenarios.structure.section import Section
from bustle.scenarios.structure.tables import KINDS as TABLES
from bustle.scenarios.types import MICROSECONDS
from tests.docs.pages import ROOT, Table, blocks, code_in, tables
from tests.docs.parts import completed, types_of

REFERENCE = [ROOT / "docs/language.md", *sorted(ROOT.glob("docs/language/*.md"))]

SECTIONS: dict[str, type[Section]] = {
    name: getattr(structure, name)
    for name in structure.__all__
    if name.endswith(("Section", "File")) and name not in ("Section", "RoleSection", "ColumnNameSection")
}
"""Sections with keys of their own; a role is written in one text, and a column's name as a bare value."""

STATEMENTS = "= += if for emit after become cancel spawn retire stop".split()


def listed(name: str) -> Table:
    """The table that a comment calls by this name; there is exactly one."""
    found = [t for page in REFERENCE for t in tables(page.read_text("utf-8")) if t.orders.get("listing") == name]
    assert len(found) == 1, f"{len(found)} tables are marked `listing: {name}`"
    return found[0]


def first_codes(table: Table) -> list[str]:
    return [code for row in table.rows for code in code_in(row[0])]


def as_markdown(rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


# --- keys ------------------------------------------------------------------------


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_of_a_section_is_told_and_no_other(section: str) -> None:
    found = [t for page in REFERENCE for t in tables(page.read_text("utf-8")) if t.orders.get("keys") == section]
    assert found, f"no table is marked `keys: {section}`"
    for table in found:
        assert set(first_codes(table)) == set(SECTIONS[section].entry_names())
        assert all(row[1] for row in table.rows)


# --- words -----------------------------------------------------------------------


def test_the_words_that_cannot_be_names_are_those_of_the_code() -> None:
    texts = [b for b in blocks(REFERENCE[0].read_text("utf-8")) if b.orders.get("listing") == "reserved words"]
    told = set(texts[0].text.replace(", and their plurals", "").split())
    assert told == {word for word in RESERVED if word not in UNITS} | set(MICROSECONDS)


def test_every_type_that_can_be_written_is_told() -> None:
    written = [code_in(row[0])[0] for row in listed("types").rows[:-1]]
    assert written == [*WRITTEN_TYPES, "category(a, b)", "state of card"]


def test_every_unit_is_told_in_singular_and_plural() -> None:
    assert first_codes(listed("units")) == [w for unit in MICROSECONDS for w in (unit, f"{unit}s")] + ["percent"]


def test_every_statement_is_told() -> None:
    told = " ".join(first_codes(listed("statements")))
    for word in STATEMENTS:
        assert word in told


def test_every_trigger_is_told() -> None:
    assert first_codes(listed("triggers")) == list(TRIGGERS)


def test_every_written_time_checks() -> None:
    times = [code.strip('"') for code in first_codes(listed("times"))]
    behaviors = {f"trial_{number}": {"who": "card", "at": [time], "do": "stop"} for number, time in enumerate(times)}
    assert completed(yaml.safe_dump({"behaviors": behaviors}), ROOT / "docs/language/example.yaml")


def test_every_kind_of_network_is_told() -> None:
    assert [code_in(row[0])[0] for row in listed("network kinds").rows] == list(NETWORKS)


def test_every_kind_of_table_is_told() -> None:
    assert [code_in(row[0])[0].split(":")[0] for row in listed("table kinds").rows] == list(TABLES)


# --- functions and distributions -------------------------------------------------

_GIVES = {
    "number": "number",
    "whole": "whole number",
    "same": "the same",
    "calendar": "whole number",
    "money": "money",
    "to_number": "number",
    "time_of_day": "duration",
}


def test_the_table_of_functions_is_that_of_the_code() -> None:
    rows = [(f"`{f.name}`", _GIVES[f.rule], f.about, f"`{f.example}`") for f in FUNCTIONS.values()]
    assert as_markdown(listed("functions").rows) == as_markdown(rows)


def test_every_other_call_is_told() -> None:
    told = " ".join(first_codes(listed("calls")))
    for name in SPECIAL:
        assert f"{name}(" in told
    page = (ROOT / "docs/language/values.md").read_text("utf-8")
    assert all(f"`{name}(" in page for name in AGGREGATES)


def test_the_table_of_distributions_is_that_of_the_code() -> None:
    rows = [_row(form) for forms in DISTRIBUTIONS.values() for form in forms]
    assert as_markdown(listed("distributions").rows) == as_markdown(rows)


def test_every_example_of_the_tables_checks() -> None:
    examples = [f.example for f in FUNCTIONS.values()]
    examples += [form.example for forms in DISTRIBUTIONS.values() for form in forms]
    assert len(types_of(examples, "thief", ROOT / "docs/language/example.yaml")) == len(examples)


def _row(form: Form) -> tuple[str, ...]:
    gives = {"same": "the unit of its parameters", "number": "number", "whole": "whole number", "bool": "bool"}
    parameters = ", ".join(f"`{p.name}`{_bounds(p)}" for p in form.parameters)
    return f"`{form.distribution}`", parameters, gives[form.result], form.about, f"`{form.example}`"


def _bounds(parameter: Parameter) -> str:
    low, high = parameter.minimum, parameter.maximum
    text = "" if low is None else f"{'>' if parameter.open else '≥'} {low:g}"
    text += "" if high is None else f"{', ' if text else ''}≤ {high:g}"
    text += "" if parameter.default is None else f"; {parameter.default:g} if left out"
    return f" ({text})" if text else ""
