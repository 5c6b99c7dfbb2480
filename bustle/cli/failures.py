"""What a person is told when something fails, and the exit code that goes with it.

======  ===============================================================
code    meaning
======  ===============================================================
0       done
1       the run failed, or a folder does not verify
2       a bad scenario, or bad arguments
130     interrupted by Ctrl-C; what was complete is kept
======  ===============================================================
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bustle.cli.consoles import messages
from bustle.outputs.errors import OutputError
from bustle.python_classes import CodeError
from bustle.scenarios.diagnostics import RunError, ScenarioError
from bustle.sim.engines import ChoiceError

FAILED = 1
BAD_INPUT = 2
INTERRUPTED = 130

_FAILURES_OF_THE_SYSTEM = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE}
"""What no other argument would mend."""


class BadArgument(Exception):
    """An argument that cannot be used: one line for the person, and a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message}\nhint: {hint}" if hint else message)


@contextmanager
def told_how_to_go_on(folder: Path) -> Iterator[None]:
    """Explain failures, and say how to go on with the run in ``folder`` where it has kept a checkpoint."""
    try:
        with explained_failures():
            yield
    except SystemExit as ended:
        from bustle.outputs.checkpoints import Checkpoints

        in_the_way = isinstance(ended.__context__, FileExistsError)
        if (ended.code in (FAILED, INTERRUPTED) or in_the_way) and Checkpoints(folder).exists:
            hint = f"hint: `bustle resume {folder}` goes on with the run from its last checkpoint"
            messages().print(hint, markup=False)
        raise


@contextmanager
def explained_failures() -> Iterator[None]:
    """Turn what a user can cause into a message on stderr and an exit code; bugs keep their traceback."""
    try:
        yield
    except ScenarioError as error:
        count = len(error.diagnostics)
        _end(BAD_INPUT, f"{error}\n\n{count} problem{'s' if count != 1 else ''} found")
    except (BadArgument, CodeError) as error:
        _end(BAD_INPUT, f"error: {error}")
    except ChoiceError as error:
        _end(BAD_INPUT, f"error: {error}")
    except RunError as error:
        _end(FAILED, f"error: {error}")
    except MemoryError:
        _end(FAILED, "error: out of memory\nhint: `bustle explain` estimates what a run needs; try a smaller --scale")
    except OutputError as error:
        hint = "\nhint: --force replaces it; --out names another folder" if isinstance(error, FileExistsError) else ""
        _end(_code(error.__cause__), f"error: {error}{hint}")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _end(_code(error), f"error: {where}{error.strerror or error}")
    except KeyboardInterrupt:
        _end(INTERRUPTED, "interrupted")


def _code(error: BaseException | None) -> int:
    return FAILED if isinstance(error, OSError) and error.errno in _FAILURES_OF_THE_SYSTEM else BAD_INPUT


def _end(code: int, text: str) -> None:
    messages().print(text, markup=False)
    raise SystemExit(code) from None
