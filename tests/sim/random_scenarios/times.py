"""The clock, rhythms, set times and interventions."""

from __future__ import annotations

from datetime import date, timedelta

from tests.sim.random_scenarios import words
from tests.sim.random_scenarios.cast import DURATION, INSTANT, WHOLE
from tests.sim.random_scenarios.dice import Dice
from tests.sim.random_scenarios.expressions import Expressions
from tests.sim.random_scenarios.literals import constant, hours
from tests.sim.random_scenarios.places import Place

_STARTS = (
    ("2026-03-28", "Europe/Berlin"),  # clocks go forward on the next day
    ("2026-10-24 12:00", "Europe/Berlin"),  # and back here
    ("2026-03-07", "America/New_York"),
    ("2026-10-31 18:00", "America/New_York"),
    ("2026-04-04", "Australia/Lord_Howe"),  # by half an hour
    ("2026-02-27 23:30", "Asia/Kolkata"),
    ("2024-02-28", "UTC"),
    ("2026-01-01", None),
    ("2026-01-30 06:00", None),
    ("2025-12-30 22:15", None),
)


def clock(dice: Dice) -> tuple[dict[str, object], float, tuple[str, ...]]:
    """The clock, its length in hours, and dates around the run."""
    start, zone = dice.one(_STARTS)
    length = dice.weighted(((1, 6.0), (2, 24.0), (3, 72.0), (2, dice.whole(30, 170) * 1.0), (2, 240.0)))
    first = date.fromisoformat(start[:10])
    days = [first + timedelta(days=dice.whole(-1, int(length / 24) + 1)) for _ in range(4)]
    dates = tuple(f"{day}{dice.one(('', ' 00:00', ' 02:30', ' 09:15:30', ' 23:59'))}" for day in days)
    written: dict[str, object] = {"start": start, "length": hours(dice, length)}
    if zone is not None:
        written["timezone"] = zone
    return written, length, dates


def rhythms(e: Expressions) -> dict[str, object]:
    """Rhythms of one part or several."""
    return {name: _rhythm(e.dice, e.cast.start) for name in e.dice.some(words.RHYTHMS, 0, 3)}


def _rhythm(dice: Dice, start: str) -> dict[str, object]:
    made: dict[str, object] = {}
    while not made:
        if dice.chance(0.4):
            made["hours"] = [dice.one((0, 0, 1, 2, 5, 8.5)) for _ in range(23)] + [1]
        elif dice.chance(0.5):
            made["time_of_day"] = dice.one(_TIMES_OF_DAY)
        if dice.chance(0.3):
            weights = [dice.one((0, 1, 2, 0.5)) for _ in range(6)] + [1]
            days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
            made["weekdays"] = weights if dice.chance(0.5) else dict(zip(days, weights, strict=True))
        if dice.chance(0.2):
            made["months"] = [dice.one((0.5, 1, 1, 3)) for _ in range(12)]
        if dice.chance(0.25):
            first = date.fromisoformat(start[:10])
            dates = [str(first + timedelta(days=day)) for day in dice.some(range(-1, 6), 1, 3)]
            made["holidays"] = {"dates": dates} | ({"weight": dice.one(("0.1", "2", "0"))} if dice.chance(0.7) else {})
    return made


_TIMES_OF_DAY = (
    "normal(mean=12.5 hours, sd=40 minutes)",
    "uniform(low=6 hours, high=20 hours)",
    "triangular(low=7 hours, mode=9 hours, high=22 hours)",
    "gamma(mean=10 hours, shape=6)",
    "truncated_normal(mean=15 hours, sd=4 hours, low=8 hours, high=18 hours)",
)


_DAYS = (
    *("", "daily", "every day", "monday", "mon,thu", "weekdays", "weekends"),
    *("day 1", "day 15,28", "last day", "every sat"),
)


def moments(e: Expressions, place: Place) -> list[str]:
    """Entries of ``at``: days and times, and instants."""
    dice = e.dice
    found = []
    for _ in range(dice.whole(1, 3)):
        if e.cast.is_punctual and dice.chance(0.6):
            found.append(dice.one(("00:00", "daily 08:00", "12:00", "6 hours", "12 hours", "weekdays 12:00")))
            continue
        day, time = dice.one(_DAYS), dice.one(("", "00:00", "02:30", "08:00", "23:59:30"))
        if not day and not time:
            time = "00:00"
        if dice.chance(0.5):
            found.append(f"{day} {time}".strip() if day not in ("daily", "every day") else f"{day} {time or '12:00'}")
            continue
        found.append(
            dice.weighted(
                (
                    (2, hours(dice, dice.between(0, e.cast.hours))),
                    (2, constant(dice, INSTANT, e.cast.dates)),
                    (2, f"start + uniform(low=0 days, high={hours(dice, e.cast.hours)})"),
                    (2, e.of(INSTANT, place.without("set"), 2)),
                    (1, "end - 1 hour"),
                    (1, "start"),
                )
            )
        )
    return list(dict.fromkeys(found))


def interventions(e: Expressions) -> dict[str, object]:
    """Interventions; the parameters that they change are noted."""
    dice, cast = e.dice, e.cast
    made: dict[str, object] = {}
    changing = [name for name, kind in cast.parameters.items() if kind.name != "category" or len(kind.levels) > 1]
    if not changing:
        return made
    place = Place(allow=frozenset({"parameter"}))
    ends: list[str] = []
    again: list[str] = []
    for number in range(dice.weighted(((2, 0), (3, 1), (2, 2), (1, 3)))):
        at = dice.between(0, cast.hours * 0.8)
        known = e.path(dice.one((INSTANT, DURATION)), place) or "1 day"
        times = (hours(dice, at), constant(dice, INSTANT, cast.dates), hours(dice, round(at)), "0 hours", known)
        written: dict[str, object] = {"at": dice.weighted(list(zip((4, 2, 2, 0.5, 1.5), times, strict=True)))}
        if ends and dice.chance(0.6):
            written["at"] = ends[-1]
        elif written["at"] == times[0] and dice.chance(0.6):
            ends.append(hours(dice, at + dice.between(0.5, cast.hours / 2)))
            written["until"] = ends[-1]
        names = again if again and dice.chance(0.7) else dice.some(changing, 1, 2)
        if "until" in written:
            again = names
        values = {}
        for name in names:
            kind = cast.parameters[name]
            depth = 0 if kind.name == "category" else 1
            values[name] = e.of(kind, place, depth) if kind != WHOLE else e.small(WHOLE, place, "-5", "20", 1)
            cast.reset.add(name)
        written["set"] = values
        made[f"change{number + 1}"] = written
    return made
