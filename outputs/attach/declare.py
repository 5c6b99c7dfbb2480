"""Events and agents that somebody's own model declares in Python, as a scenario.

It is an ordinary scenario with populations, events and tables but no rules, so that everything that reads a run's
folder reads this one too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bustle.scenarios.diagnostics import ScenarioError, suggest
from bustle.scenarios.scenario import Scenario
from bustle.scenarios.types import MICROSECONDS

TYPES = ("number", "whole", "money", "bool", "duration", "instant", "episode", "text")
"""The types a field may be declared with, besides ``id``, ``category(...)`` and the name of a population."""

_ATTRIBUTE = {
    "number": "0.0",
    "whole": "0",
    "money": "money(0)",
    "bool": "false",
    "duration": "0 days",
    "text": '""',
    "episode": {"value": "none", "type": "episode"},
}
"""A value of each type that an attribute may have; what the agents really had stands in the log."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is declared: fields and types by event, attributes and types by population, and the calendar.

    ``start`` is naive local time. Ids that events hold belong to a population of the field's name.
    """

    name: str
    events: Mapping[str, Mapping[str, str]]
    agents: Mapping[str, Mapping[str, str]]
    start: datetime
    timezone: str | None = None
    title: str = ""
    about: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        """Check what a scenario's own messages would be less clear about."""
        if not self.events:
            raise ValueError("events: declare at least one event, such as events={'sale': {'amount': 'money'}}")
        for both in self.agents.keys() & self.events.keys():
            raise ValueError(f"{both} names an event and a population, and each becomes a table: rename one")
        for event, fields in self.events.items():
            for field, text in fields.items():
                self._check_type(f"{event}.{field}", text.removeprefix("label ").strip(), field_of_event=True)
        for population, attributes in self.agents.items():
            for attribute, text in attributes.items():
                self._check_type(f"{population}.{attribute}", text, field_of_event=False)

    def scenario(self, length: int, sizes: Mapping[str, int]) -> Scenario:
        """The scenario, given the length of the run (microseconds) and how many agents each population had.

        Raises:
            ValueError: the scenario language does not allow a name; the message says which and why.
        """
        head = {"scenario": self.name, "title": self.title, "about": self.about, "seed": str(self.seed)}
        clock = {"start": self.start.isoformat(sep=" "), "length": f"{length} microseconds", "timezone": self.timezone}
        sections: dict[str, Any] = {key: text for key, text in head.items() if text}
        sections["clock"] = {key: text for key, text in clock.items() if text}
        sections["populations"] = {
            population: {
                "size": str(sizes.get(population, 0)),
                "attributes": {name: _ATTRIBUTE[text] for name, text in attributes.items()},
            }
            for population, attributes in self._populations().items()
        }
        sections["events"] = {
            event: {field: _shown_type(field, text) for field, text in fields.items()}
            for event, fields in self.events.items()
        }
        sections["record"] = {
            **{event: _event_table(event, fields) for event, fields in self.events.items()},
            **{who: {"of": who, "columns": ["id", *attributes]} for who, attributes in self.agents.items()},
        }
        try:
            return Scenario.from_dict(sections)
        except ScenarioError as error:
            said = [f"{d.message}{f' ({d.hint})' if d.hint else ''}" for d in error.diagnostics]
            raise ValueError("; ".join(dict.fromkeys(said))) from None

    def _populations(self) -> dict[str, Mapping[str, str]]:
        """The declared populations, and one for every field that holds plain ids."""
        populations = dict(self.agents)
        for fields in self.events.values():
            for field, text in fields.items():
                if text.removeprefix("label ").strip() == "id":
                    populations.setdefault(field, {})
        return populations

    def _check_type(self, where: str, text: str, *, field_of_event: bool) -> None:
        known = (*TYPES, "id", *self.agents) if field_of_event else tuple(_ATTRIBUTE)
        if text in known or (field_of_event and re.fullmatch(r"category\(.*\)", text)):
            return
        hint = suggest(text, known) or f"known: {', '.join(known)}"
        raise ValueError(f"{where}: there is no type {text!r}; {hint}")


def start_of(start: str | date) -> datetime:
    """Naive local time from a date, a datetime, or either as ISO text.

    Raises:
        ValueError: it is no date.
    """
    try:
        moment = datetime.fromisoformat(start) if isinstance(start, str) else start
    except ValueError:
        raise ValueError(f"start: {start!r} is no date such as 2026-01-01 or 2026-01-01T08:00") from None
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    if moment.tzinfo is not None or moment.microsecond:
        raise ValueError("start: give local time in whole seconds without an offset, and timezone='Europe/Berlin'")
    return moment


def span_of(span: str | timedelta, what: str) -> int:
    """Microseconds of a span of time such as ``"15 minutes"``, ``"day"`` or a `timedelta`.

    Raises:
        ValueError: it is none, or not longer than zero.
    """
    if isinstance(span, timedelta):
        length = span // timedelta(microseconds=1)
    else:
        match = re.fullmatch(r"\s*(\d[\d_]*(?:\.\d+)?)?\s*([a-z]+?)s?\s*", span)
        if match is None or match[2] not in MICROSECONDS:
            hint = suggest(match[2] if match else span, MICROSECONDS, "units")
            raise ValueError(f"{what}: {span!r} is no span of time such as '1 day' or 'minutes'; {hint}")
        length = round(float((match[1] or "1").replace("_", "")) * MICROSECONDS[match[2]])
    if length <= 0:
        raise ValueError(f"{what}: {span!r} is not longer than zero")
    return length


def _shown_type(field: str, text: str) -> str:
    """The type as a scenario writes it: ids belong to the population of the field's name."""
    label, type_ = ("label ", text[6:].strip()) if text.startswith("label ") else ("", text)
    return label + (field if type_ == "id" else type_)


def _event_table(event: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """A row for each event: time and fields, labels apart."""
    labels = [field for field, text in fields.items() if text.startswith("label ")]
    table: dict[str, Any] = {"each": event, "columns": ["time", *(field for field in fields if field not in labels)]}
    return table | ({"labels": labels} if labels else {})
