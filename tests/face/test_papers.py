"""The README's first screen, and what CI takes from it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_first_screen_has_exactly_two_commands_to_set_up() -> None:
    screen = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## ")[0]
    commands = re.findall(r"```bash\n(.*?)```", screen, flags=re.DOTALL)
    assert len(commands) == 2
    assert all(len(command.splitlines()) == 1 for command in commands)
    assert "bustle run card_fraud" in commands[0] and "pytest" in commands[1]


def test_ci_runs_the_second_command_from_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "<!-- second command -->" in script and "<!-- second command -->\n```bash\n" in readme
