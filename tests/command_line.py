"""The ``bustle`` command, run in this process."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from bustle.cli.app import app


@dataclass(frozen=True, slots=True)
class Result:
    """What a command has done.

    Attributes:
        exit_code: 0 if all went well.
        stdout: what it wrote there.
        stderr: what it wrote there.
    """

    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """All that it wrote."""
        return self.stdout + self.stderr


def run_command(*words: str | Path) -> Result:
    """Run ``bustle`` with ``words``; an error that the command does not explain is raised."""
    stdout, stderr, code = io.StringIO(), io.StringIO(), 0
    with redirect_stdout(stdout), redirect_stderr(stderr):
        try:
            app([str(word) for word in words])
        except SystemExit as ended:
            assert isinstance(ended.code, int)
            code = ended.code
    return Result(code, stdout.getvalue(), stderr.getvalue())
