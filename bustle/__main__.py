"""``python -m bustle``, and the ``bustle`` command."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS")
"""The variables by which OpenBLAS, NumPy's and scipy's linear algebra, learns how many threads it may start."""


def main() -> None:
    """Run the command line; ends with SystemExit unless all went well."""
    keep_blas_to_one_thread()
    from bustle.cli.app import app

    app()


def command() -> None:
    """Run the command line as all that this process does."""
    code: str | int | None = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    if not isinstance(code, int) or sys.gettrace() is not None or sys.getprofile() is not None:
        raise SystemExit(code)
    end_at_once(code)


def end_at_once(code: int) -> NoReturn:
    """End the process without taking it apart first: all files are written, and the system frees memory quicker."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def keep_blas_to_one_thread() -> None:
    """Have OpenBLAS start no threads, unless the environment says how many.

    It starts them when NumPy is imported, and they spin for a tenth of a second each. Nothing here multiplies matrices
    that are large enough to be shared out.
    """
    if not any(name in os.environ for name in BLAS_THREADS):
        os.environ[BLAS_THREADS[0]] = "1"


if __name__ == "__main__":
    command()
