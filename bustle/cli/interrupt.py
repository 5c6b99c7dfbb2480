"""Ctrl-C as a request to stop: the first is noted, a second ends at once."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from bustle.cli.consoles import messages


@contextmanager
def stop_on_interrupt(*, with_checkpoints: bool = False) -> Iterator[Callable[[], bool]]:
    """A function that says whether Ctrl-C was pressed within the block.

    A second Ctrl-C raises KeyboardInterrupt, for a person who does not want to wait.

    Args:
        with_checkpoints: whether the run keeps checkpoints, for the message.
    """
    keeping = "go on later with `bustle resume`" if with_checkpoints else "end without keeping anything"
    asked = False

    def ask(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        messages().print(f"stopping; press Ctrl-C again to {keeping}", markup=False)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)
