"""``bustle show``: what a scenario lets one set, and what it makes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from bustle.cli.consoles import print_json, results
from bustle.cli.failures import explained_failures
from bustle.cli.options import json_option, load, scenario_argument

if TYPE_CHECKING:
    from rich.table import Table

    from bustle.scenarios.model import Model, Parameter


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    scenario_argument(parser)
    json_option(parser)
    parser.set_defaults(do=show)


def show(scenario: str, *, json_: bool) -> None:
    """Show a scenario: parameters with bounds and sources, populations, events, tables."""
    with explained_failures():
        model = load(scenario).model
        if json_:
            print_json(_values(model))
        else:
            _print(model)


def _print(model: Model) -> None:
    from rich.text import Text

    from bustle.outputs.quantity_text import duration_text

    console = results()
    console.print(Text(f"{model.name}: {model.title}" if model.title else model.name, style="bold"))
    if model.about:
        console.print(Text(model.about.strip()))
    zone = f", {model.clock.timezone}" if model.clock.timezone else ""
    console.print(Text(f"runs {duration_text(model.clock.length)} from {_start(model)}{zone}; seed {model.seed}\n"))

    parameters: list[tuple[str, ...]] = [
        (name, _written(model, p, model.values[name]), _bounds(model, p), _kind(p), p.about, p.because)
        for name, p in model.parameters.items()
    ]
    sections: list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]] = [
        ("Parameters (--set NAME=VALUE)", ("name", "value", "bounds", "type", "about", "because"), parameters),
        (
            "Populations",
            ("name", "holds", "about"),
            [(name, ", ".join(_members(model, name)), p.about) for name, p in model.populations.items()],
        ),
        (
            "Events",
            ("name", "holds", "about"),
            [(name, ", ".join(_fields(model, name)), e.about) for name, e in model.events.items()],
        ),
        (
            "Tables",
            ("name", "columns", "about"),
            [(name, ", ".join(_columns(model, name)), t.about) for name, t in model.tables.items()],
        ),
    ]
    for title, headings, rows in sections:
        if rows:
            console.print(_table(title, headings, rows))


def _table(title: str, headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    """A table of text, without the columns in which no row says anything."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left")
    told = [i for i in range(len(headings)) if any(row[i] for row in rows)]
    for i in told:
        table.add_column(headings[i], overflow="fold")
    for row in rows:
        table.add_row(*(Text(row[i]) for i in told))
    return table


def _written(model: Model, parameter: Parameter, value: object) -> str:
    """A value of ``parameter`` as a scenario would write it."""
    from bustle.scenarios.calendar import Calendar
    from bustle.scenarios.check.showing import show as show_value

    return show_value(parameter, value, Calendar(model.clock)).removesuffix(".0")


def _start(model: Model) -> str:
    from datetime import datetime, timedelta

    return f"{datetime(1970, 1, 1) + timedelta(microseconds=model.clock.start_local):%Y-%m-%d %H:%M}"


def _kind(parameter: Parameter) -> str:
    return " or ".join(parameter.choices) if parameter.choices else parameter.unit or str(parameter.type)


def _bounds(model: Model, parameter: Parameter) -> str:
    low, high = (
        "" if bound is None else _written(model, parameter, bound) for bound in (parameter.minimum, parameter.maximum)
    )
    if low and high:
        return f"{low} to {high}"
    return f"at least {low}" if low else f"at most {high}" if high else ""


def _members(model: Model, name: str) -> list[str]:
    population = model.populations[name]
    links = [f"{link.name} ({link.population})" for link in population.links]
    states = [f"state ({', '.join(population.states)})"] if population.states else []
    return [*links, *(attribute.name for attribute in population.attributes), *states]


def _fields(model: Model, name: str) -> list[str]:
    fields = (field for field in model.events[name].fields if field.captured is None)
    return [f"{field.name} (label)" if field.label else field.name for field in fields]


def _columns(model: Model, name: str) -> list[str]:
    from bustle.scenarios.model import EachTable

    table = model.tables[name]
    columns = [column.name if column.role == "input" else f"{column.name} (label)" for column in table.columns]
    features = table.features if isinstance(table, EachTable) else ()
    return [*columns, *(f"{feature.name} (feature)" for feature in features)]


def _values(model: Model) -> dict[str, Any]:
    return {
        "scenario": model.name,
        "title": model.title,
        "about": model.about,
        "start": _start(model),
        "length_seconds": model.clock.length / 1e6,
        "timezone": model.clock.timezone,
        "seed": model.seed,
        "parameters": {
            name: {
                "value": _written(model, parameter, model.values[name]),
                "minimum": None if parameter.minimum is None else _written(model, parameter, parameter.minimum),
                "maximum": None if parameter.maximum is None else _written(model, parameter, parameter.maximum),
                "choices": list(parameter.choices),
                "type": str(parameter.type),
                "unit": parameter.unit,
                "about": parameter.about,
                "because": parameter.because,
            }
            for name, parameter in model.parameters.items()
        },
        "populations": {name: _members(model, name) for name in model.populations},
        "events": {name: _fields(model, name) for name in model.events},
        "tables": {name: _columns(model, name) for name in model.tables},
    }
