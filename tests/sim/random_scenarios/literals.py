"""Constants of every kind, small enough that nothing grows without bounds."""

from __future__ import annotations

from tests.sim.random_scenarios import words
from tests.sim.random_scenarios.cast import Kind
from tests.sim.random_scenarios.dice import Dice

_CONSTANTS = {
    "number": ("0.5", "1.5", "2.25", "-1.5", "10.0", "0.0", "3.75", "25 percent", "1e1", ".125", "-7.5"),
    "whole": ("0", "1", "2", "3", "5", "7", "-2", "12", "0_4"),
    "bool": ("true", "false"),
    "money": ("money(12.5)", "money(3)", "money(0)", "money(-4.25)", "money(0.015)"),
    "duration": ("3 hours", "90 minutes", "12:30", "45 seconds", "1.5 days", "250 milliseconds", "0 hours", "1 week"),
    "rate": ("2 per day", "(1 / 3 hours)", "0.1 per hour", "0 per day", "((1/3) per day)"),
    "instant": ("start", "end", "start", "(start + 10 hours)", "(end - 6 hours)"),
    "text": tuple(f'"{text}"' for text in words.TEXTS),
}

_POSITIVE = {
    "number": ("0.5", "1.5", "2.25", "10.0", "1", "3", "2", "4.0"),
    "whole": ("1", "2", "3", "5"),
    "money": ("money(12.5)", "money(3)", "money(0.5)"),
    "duration": ("3 hours", "90 minutes", "45 seconds", "1.5 days", "12:30"),
    "rate": ("2 per day", "(1 / 3 hours)", "0.1 per hour"),
}


def constant(dice: Dice, kind: Kind, dates: tuple[str, ...] = ()) -> str:
    """A constant; of an episode or an agent `none`, which needs a place that says what is expected."""
    match kind.name:
        case "category":
            return dice.one(kind.levels)
        case "state":
            return dice.one(kind.levels)
        case "agent" | "episode":
            return "none"
        case "instant" if dates and dice.chance(0.5):
            return dice.one(dates)
    return dice.one(_CONSTANTS[kind.name])


def positive(dice: Dice, kind: Kind) -> str:
    """A constant above 0."""
    return dice.one(_POSITIVE[kind.name])


def hours(dice: Dice, length: float) -> str:
    """A duration of about ``length`` hours, in one of the units."""
    unit = dice.one(("hours", "minutes", "days")) if length > 0.05 else "seconds"
    size = {"hours": 1.0, "minutes": 1 / 60, "days": 24.0, "seconds": 1 / 3600}[unit]
    return f"{length / size:.4g} {unit}" if length / size < 1000 else f"{round(length / size)} {unit}"
