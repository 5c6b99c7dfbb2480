"""What can go wrong with files, said in one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class OutputError(Exception):
    """A run's folder or one of its files cannot be made, read or replaced. The message is complete and one line."""


@contextmanager
def one_clear_line(doing: str, path: Path | str) -> Iterator[None]:
    """Turn an operating-system error into an `OutputError`: ``cannot write out/log: No space left on device``."""
    try:
        yield
    except OutputError:
        raise  # is complete already, even where it is an OSError too
    except OSError as error:
        # Arrow wraps the system's words into its own.
        reason = os.strerror(error.errno) if error.errno else error
        raise OutputError(f"cannot {doing} {path}: {reason}") from error
