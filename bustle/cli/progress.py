"""The progress bar of a run: simulated date, events a second, time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bustle.scenarios.model import Model


@contextmanager
def progress_bar(model: Model, *, shown: bool) -> Iterator[Callable[[int, int, int], None] | None]:
    """A bar on stderr, and the function that moves it: simulated microseconds, firings and events so far.

    None is given, and nothing drawn, where ``shown`` is false or stderr is no terminal.
    """
    if not shown or not sys.stderr.isatty():
        yield None
        return

    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return

    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from bustle.scenarios.calendar import Calendar

    calendar = Calendar(model.clock)
    columns = (
        TextColumn("{task.fields[date]}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[events]:,} events"),
        TextColumn("{task.fields[speed]:,.0f} events/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("run", total=model.clock.length, date="preparing", events=0, speed=0.0)

        started: float | None = None

        def move(now: int, _firings: int, events: int) -> None:
            nonlocal started
            started = started or time.monotonic()
            speed = events / max(time.monotonic() - started, 0.1)
            date = f"{calendar.datetime(now):%a %Y-%m-%d %H:%M}"
            bar.update(task, completed=min(now, model.clock.length), date=date, events=events, speed=speed)

        yield move
