"""Numbers as a person reads them: bytes, durations, counts, shares."""

from __future__ import annotations

from bustle.scenarios.types import MICROSECONDS, Bool, Category, Quantity, Type


def size_text(count: float) -> str:
    """A number of bytes, such as ``12.3 MB``.

    >>> size_text(999), size_text(12_345_678)
    ('999 B', '12.3 MB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 999.5:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def duration_text(microseconds: float) -> str:
    """A duration in the largest unit that suits it.

    >>> duration_text(4 * 3_600_000_000), duration_text(90 * 86_400_000_000)
    ('4 hours', '90 days')
    """
    for unit in ("day", "hour", "minute", "second", "millisecond"):
        amount = microseconds / MICROSECONDS[unit]
        if abs(amount) >= 1:
            text = f"{amount:.10g}" if amount == round(amount) else f"{amount:.2f}"
            return f"{text} {unit}{'' if text == '1' else 's'}"
    return f"{microseconds:.0f} microseconds"


def share_text(share: float) -> str:
    """A share as a percentage with three significant digits.

    >>> share_text(0.00837), share_text(0.5)
    ('0.837 %', '50 %')
    """
    return f"{100 * share:.3g} %"


def value_text(value: float | int | bool | str | None, type_: Type) -> str:
    """A value in held form (see `bustle.scenarios.types`) as a scenario would write it.

    >>> from bustle.scenarios.types import BOOL, DURATION, MONEY, RATE
    >>> value_text(4 * 3_600_000_000.0, DURATION), value_text(1250, MONEY), value_text(True, BOOL)
    ('4 hours', '12.50', 'true')
    >>> value_text(2 / 86_400_000_000, RATE)
    '2 per day'
    """
    match type_:
        case _ if value is None:
            return "none"
        case Bool():
            return "true" if value else "false"
        case Category(levels) if isinstance(value, int):
            return levels[value]
        case Quantity(time=1, money=0) if isinstance(value, (int, float)):
            return duration_text(value)
        case Quantity(time=-1, money=0) if isinstance(value, (int, float)):
            return f"{value * MICROSECONDS['day']:.6g} per day"
        case Quantity(time=0, money=1) if isinstance(value, (int, float)):
            return f"{value / 100:,.2f}"
        case _ if isinstance(value, float):
            return f"{value:.10g}"
    return str(value)
