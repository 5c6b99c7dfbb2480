"""The repository's papers: links that lead somewhere, commands that are the same everywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAPERS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(ROOT)))
def test_every_link_leads_to_a_file_of_the_repository(paper: Path) -> None:
    text = re.sub(r"```.*?```", "", paper.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = (link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text))
    local = [link for link in links if link and not re.match(r"\w+:", link)]
    assert [link for link in local if not (paper.parent / link).exists()] == []


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
