"""Local calendar fields of instants in a table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from bustle.outputs.cells import Cells
from bustle.scenarios.calendar import (
    DAY,
    Calendar,
    day_of_local,
    hour_of_local,
    month_of_local,
    weekday_of_local,
)
from bustle.scenarios.model import Clock

Integers = npt.NDArray[np.int64]


def local_moment(function: str, clock: Clock) -> Callable[[Cells], Cells]:
    """``hour``, ``weekday`` (Monday is 0), ``day``, ``month`` or ``time_of_day`` (microseconds) in local time.

    Args:
        function: the name of the function in `bustle.scenarios.functions.FUNCTIONS`.
        clock: the scenario's clock.

    Raises:
        KeyError: there is no such function of an instant.
    """
    field, calendar = _FIELDS[function], Calendar(clock)
    return lambda instants: Cells(field(calendar.local_array(instants.values)), instants.missing)


def _time_of_day(local: Integers) -> npt.NDArray[np.float64]:
    return (local % DAY).astype(np.float64)


_FIELDS: dict[str, Callable[[Integers], npt.NDArray[np.generic]]] = {
    "hour": hour_of_local,
    "weekday": weekday_of_local,
    "day": day_of_local,
    "month": month_of_local,
    "time_of_day": _time_of_day,
}
