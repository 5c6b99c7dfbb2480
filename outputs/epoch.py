"""Simulated time and calendar timestamps.

Simulated time counts microseconds since the scenario's start. Files hold timestamps: in UTC with the clock's zone
where the scenario names one, plain local time otherwise. Both are simulated time plus a constant, since it is the
zone that jumps at daylight saving, not time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bustle.scenarios.model import Clock

if TYPE_CHECKING:
    import pyarrow as pa

_ORIGIN = datetime(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Epoch:
    """The start of a run: ``start`` microseconds since 1970-01-01 (in UTC if there is a ``zone``, else local)."""

    start: int
    zone: str | None

    @property
    def arrow_type(self) -> pa.TimestampType:
        """The Arrow type of an instant."""
        import pyarrow as pa

        return pa.timestamp("us", tz=self.zone)


def epoch_of(clock: Clock) -> Epoch:
    """The epoch of ``clock``. A start that daylight saving skips moves forward; one that it repeats is the first.

    >>> epoch_of(Clock(start_local=3_600_000_000, length=1, timezone="Europe/Berlin"))
    Epoch(start=0, zone='Europe/Berlin')
    """
    if clock.timezone is None:
        return Epoch(clock.start_local, None)
    local = _ORIGIN + timedelta(microseconds=clock.start_local)
    utc = local.replace(tzinfo=ZoneInfo(clock.timezone)).astimezone(UTC)
    return Epoch((utc - _ORIGIN.replace(tzinfo=UTC)) // timedelta(microseconds=1), clock.timezone)
