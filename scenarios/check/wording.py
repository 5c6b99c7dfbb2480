"""How types are called in messages, and what would turn one into another."""

from __future__ import annotations

from dataclasses import replace

from bustle.scenarios.types import MICROSECONDS, Agent, AgentSet, Bool, Category, Instant, Quantity, State, Type

MOST_LEVELS = 6
"""Levels of a category that a message lists."""


def a_type(type_: Type) -> str:
    """The type with its article, for sentences."""
    if isinstance(type_, Category | State) and len(type_.levels) > MOST_LEVELS:
        type_ = replace(type_, levels=(*type_.levels[:MOST_LEVELS], "..."))
    name = type_.population if isinstance(type_, Agent) else str(type_)
    if name in ("money", "none", "text", "money per time"):
        return name
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def unit_length(unit: str) -> int:
    """Microseconds of a unit of time as written (``day`` or ``days``)."""
    return MICROSECONDS[unit.removesuffix("s")]


def conversion_hint(given: Type, wanted: Type) -> str:
    """What would turn ``given`` into ``wanted``, if something simple would."""
    if isinstance(given, Quantity) and isinstance(wanted, Quantity):
        return _quantity_hint(given, wanted)
    if isinstance(given, Quantity) and given.time == 1 and isinstance(wanted, Instant):
        return "add it to an instant, for example `now + 3 days`"
    if isinstance(given, Instant) and wanted == Quantity(time=1):
        return "the time since another instant is a duration, for example `now - start`"
    if wanted == Bool():
        return "write `true`, `false` or a comparison"
    if isinstance(given, AgentSet) and isinstance(wanted, Agent):
        return f"choose one of them: `pick({given.population})`"
    if isinstance(given, Category) and isinstance(wanted, Category):
        return _levels_hint(given, wanted)
    return ""


def _levels_hint(given: Category, wanted: Category) -> str:
    """What sets two categories apart."""
    lacking = [level for level in wanted.levels if level not in given.levels]
    unknown = [level for level in given.levels if level not in wanted.levels]
    if not lacking and not unknown:
        return "both have these levels, but in another order"
    parts = [f"it lacks {_names(lacking)}"] if lacking else []
    parts += [f"{_names(unknown)} cannot be here"] if unknown else []
    return ", and ".join(parts)


def _names(levels: list[str]) -> str:
    return ", ".join(f"`{level}`" for level in levels[:MOST_LEVELS]) + (", ..." if len(levels) > MOST_LEVELS else "")


def _quantity_hint(given: Quantity, wanted: Quantity) -> str:
    if given.is_plain:
        if wanted.time == 1 and wanted.money == 0:
            return "give it a unit, for example `3 days`"
        if wanted.time == -1:
            return "say per what, for example `3 per day`"
        if wanted.is_money:
            return "`money(...)` makes an amount of money of a number"
        if wanted.is_plain and wanted.whole:
            return "`round(...)` or `floor(...)` gives a whole number"
    if given.time == 1 and given.money == 0:
        if wanted.is_plain:
            return "divide by a unit, for example `x / 1 day`"
        if wanted.time == -1:
            return "a rate is one over a duration, for example `1 / 3 days`"
    if given.time == -1 and wanted.time == 1 and given.money == wanted.money == 0:
        return "a duration is one over a rate, for example `1 / (2 per day)`"
    if given.time == -1 and wanted.time == 0 and given.money == wanted.money:
        return "multiply by a duration, for example `x * 1 day`"
    if given.is_money and wanted.is_plain:
        return "`number(...)` gives the amount as a plain number"
    return ""
