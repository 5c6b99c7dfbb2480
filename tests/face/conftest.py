"""A small scenario that every test of the face may run."""

from __future__ import annotations

from pathlib import Path

import pytest

from bustle.cli.new import starter
from tests.command_line import Result, run_command


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The starter scenario, small enough to run in a moment."""
    path = tmp_path / "shop.yaml"
    path.write_text(starter(path).replace("value: 500", "value: 40"), encoding="utf-8")
    return path


class CommandLine:
    """Runs commands in this process."""

    def __call__(self, *words: str | Path, code: int = 0) -> Result:
        """The result of a command, which must exit with ``code`` and never show a traceback."""
        result = run_command(*words)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result


@pytest.fixture
def bustle_command() -> CommandLine:
    """The ``bustle`` command."""
    return CommandLine()
