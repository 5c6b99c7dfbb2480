"""Instants as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bustle.outputs.epoch import Epoch


def timestamp_text(instant: int, epoch: Epoch) -> str:
    """ISO 8601 text of an instant: local time, with the offset where there is a zone.

    >>> timestamp_text(90_000_000, Epoch(0, None))
    '1970-01-01T00:01:30'
    """
    utc = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=epoch.start + instant)
    if epoch.zone is None:
        return utc.replace(tzinfo=None).isoformat()
    return utc.astimezone(ZoneInfo(epoch.zone)).isoformat()
