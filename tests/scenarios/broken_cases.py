"""Broken scenario files: the whole ``broken/shop.yaml`` with one change, and what is said about it.

``broken/cases.txt`` holds them. A case starts with ``=== name``; then what stands in the file, ``->``, what
stands there instead, ``=>``, and every problem as the command line shows it. ``@ more.yaml`` before the change
makes it in another file. A line of dashes stands for a blank line between problems.

Run this file to write anew what is said, after looking at the difference::

    python tests/scenarios/broken_cases.py
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

FOLDER = Path(__file__).parent / "broken"
CASES = FOLDER / "cases.txt"
MAIN = "shop.yaml"
FILES = (MAIN, "more.yaml", "people.csv")
_BETWEEN = "    -----"


@dataclass(frozen=True)
class Case:
    """A change of one file, and what is said about it."""

    section: str
    name: str
    file: str
    old: str
    new: str
    says: str

    def write(self, folder: Path) -> None:
        """The files of the scenario in ``folder``, with the change made."""
        for file in FILES:
            shutil.copy(FOLDER / file, folder / file)
        before = (FOLDER / self.file).read_text(encoding="utf-8")
        assert before.count(self.old) == 1, f"{self.name}: what is replaced stands there {before.count(self.old)} times"
        (folder / self.file).write_text(before.replace(self.old, self.new), encoding="utf-8")

    def __str__(self) -> str:
        """The case as it stands in the file."""
        file = f"@ {self.file}\n" if self.file != MAIN else ""
        says = self.says.replace("\n\n", f"\n{_BETWEEN}\n")
        return f"=== {self.name}\n{file}{_indented(self.old)}->\n{_indented(self.new)}=>\n{_indented(says)}"


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.split("\n"))


def _plain(lines: list[str]) -> str:
    return "\n".join(line[4:] for line in lines)


def cases() -> Iterator[Case]:
    """Every case, in the file's order."""
    head, *parts = CASES.read_text(encoding="utf-8").split("\n=== ")
    section = head.rstrip().rpartition("# ")[2]
    for part in parts:
        lines = part.rstrip("\n").split("\n")
        headings = [i for i, line in enumerate(lines) if line.startswith("# ")]
        name, *body = lines[: headings[0]] if headings else lines
        body = [line for line in body if line]
        file = body.pop(0)[2:] if body[0].startswith("@ ") else MAIN
        change, result = body.index("->"), body.index("=>")
        says = _plain(body[result + 1 :]).replace(f"\n{_BETWEEN}\n", "\n\n")
        yield Case(section, name, file, _plain(body[:change]), _plain(body[change + 1 : result]), says)
        section = lines[headings[0]][2:] if headings else section


def said_about(case: Case, folder: Path) -> str:
    """What checking the broken file says, as the command line shows it."""
    from bustle.scenarios import Scenario, ScenarioError

    case.write(folder)
    try:
        Scenario.from_text((folder / MAIN).read_text(encoding="utf-8"), MAIN, folder)
    except ScenarioError as error:
        return str(error)
    return "no problem"


def main() -> None:
    """Writes ``broken/cases.txt`` anew."""
    import tempfile

    text, section = "", ""
    head = CASES.read_text(encoding="utf-8").split("\n=== ")[0]
    for case in cases():
        with tempfile.TemporaryDirectory() as folder:
            written = str(replace(case, says=said_about(case, Path(folder))))
        text += (f"\n# {case.section}\n" if case.section != section else "") + f"\n{written}"
        section = case.section
    CASES.write_text(f"{head.split(chr(10) + '# ')[0].rstrip()}\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
