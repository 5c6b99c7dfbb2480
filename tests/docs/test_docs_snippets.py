"""Every example of the documentation, run as it stands.

The blocks of a page run in order, in one namespace and one temporary folder:

========================== ==================================================================================
a block                    what happens to it
========================== ==================================================================================
``python``                 run; with ``>>>`` prompts, run and compared with the output shown
``yaml`` from `scenario:`  checked as a whole scenario
``yaml`` otherwise         read as a part of a scenario: well-formed, no key twice
``console``                each line from ``$ bustle`` is run and must succeed
========================== ==================================================================================

A comment on the line before a block changes that: ``<!-- file: town.yaml -->`` also writes the block to that file,
``<!-- problem: unknown key -->`` expects a problem with these words, ``<!-- not run: why -->`` leaves it alone.
"""

from __future__ import annotations

import doctest
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md"])

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[a-z]+) *\n(?P<text>.*?)^(?P=indent)```", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!-- (file|problem|not run): (.+?) -->\s*\Z")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and text, the line it starts on, and what the comment before it says."""

    language: str
    text: str
    line: int
    order: str = ""
    detail: str = ""


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page that name a language."""
    for match in _FENCE.finditer(page):
        indent = len(match["indent"])
        text = "".join(line[indent:] or "\n" for line in match["text"].splitlines(keepends=True))
        line = page.count("\n", 0, match.start("text")) + 1
        comment = _COMMENT.search(page, 0, match.start())
        order, detail = (comment[1], comment[2]) if comment else ("", "")
        yield Block(match["language"], text, line, order, detail)


def run_python(block: Block, page: Path, names: dict[str, Any]) -> None:
    """Run a block, or the prompts in it, with line numbers of the page."""
    if ">>>" in block.text:
        test = doctest.DocTestParser().get_doctest(block.text, names, page.name, str(page), block.line - 1)
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE, verbose=False)
        said: list[str] = []
        runner.run(test, out=said.append, clear_globs=False)
        names.update(test.globs)
        assert runner.failures == 0, "".join(said)
        return
    exec(compile("\n" * (block.line - 1) + block.text, str(page), "exec"), names)


def check_yaml(block: Block, page: Path) -> None:
    """Check a scenario, or read a part of one."""
    from bustle.scenarios import Scenario, ScenarioError
    from bustle.scenarios.yaml_reader import read

    first = next((line for line in block.text.splitlines() if line.strip() and not line.startswith("#")), "")
    place = f"{page.name}, line {block.line}"
    if not first.startswith("scenario:"):
        _, problems = read(block.text, page.name)
        assert not problems, f"{place}: " + "; ".join(map(str, problems))
    elif block.order == "problem":
        with pytest.raises(ScenarioError) as raised:
            Scenario.from_text(block.text, folder=Path.cwd())
        assert block.detail in str(raised.value), f"{place}: {raised.value}"
    else:
        try:
            Scenario.from_text(block.text, folder=Path.cwd())
        except ScenarioError as error:
            pytest.fail(f"{place}:\n{error}")


def run_commands(block: Block, page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the commands of a terminal session."""
    from bustle.__main__ import main

    for line in block.text.replace("\\\n", " ").splitlines():
        if not line.startswith("$ "):
            continue
        words = shlex.split(line[2:], comments=True)
        assert words[0] == "bustle", f"{page.name}, line {block.line}: only bustle is run here, not `{line}`"
        monkeypatch.setattr("sys.argv", words)
        try:
            main()
        except SystemExit as stop:
            assert stop.code in (None, 0), f"{page.name}, line {block.line}: `{line}` exits with {stop.code}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_run_as_they_stand(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.order == "not run":
            continue
        if block.order == "file":
            path = tmp_path / block.detail
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        if block.language == "python" and not (block.order == "file" and block.detail.endswith(".py")):
            run_python(block, page, names)
        elif block.language == "yaml":
            check_yaml(block, page)
        elif block.language == "console":
            run_commands(block, page, monkeypatch)


# --- the harness itself ----------------------------------------------------------

SAMPLE = """
Text.

```python
x = 1
```

<!-- file: town.yaml -->
```yaml
scenario: town
```

- in a list:

  ```console
  $ bustle list
  town
  ```

<!-- not run: it would take an hour -->

```python
>>> x
2
```
"""


def test_blocks_are_found_with_their_lines_and_comments() -> None:
    found = list(blocks(SAMPLE))
    assert [(b.language, b.line, b.order, b.detail) for b in found] == [
        ("python", 5, "", ""),
        ("yaml", 10, "file", "town.yaml"),
        ("console", 16, "", ""),
        ("python", 23, "not run", "it would take an hour"),
    ]
    assert found[2].text == "$ bustle list\ntown\n"


def test_an_example_whose_output_differs_fails() -> None:
    with pytest.raises(AssertionError, match="Expected:"):
        run_python(Block("python", ">>> 1 + 1\n3\n", 1), Path("page.md"), {})


def test_an_example_that_raises_names_its_line_of_the_page() -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        run_python(Block("python", "a = 1\nb = a / 0\n", 10), Path("page.md"), {})
    assert raised.traceback[-1].lineno + 1 == 11
