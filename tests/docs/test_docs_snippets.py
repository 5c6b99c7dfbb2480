"""Every example of the documentation, run as it stands.

The blocks of a page run in order, in one namespace and one temporary folder:

========================== ==================================================================================
a block                    what happens to it
========================== ==================================================================================
``python``                 run; with ``>>>`` prompts, run and compared with the output shown
``yaml`` from `scenario:`  checked as a whole scenario
``yaml`` otherwise         a part of a scenario: checked within the page's whole one, see `parts of` below;
                           without such a comment only well-formed, with no key twice
``rule``                   statements, checked as the ``do:`` of a behavior within the page's whole scenario
``diff``                   with `edit`: changes a file that an earlier block wrote
``console``                each line from ``$ bustle`` is run; what is shown is compared, ``...`` for anything
========================== ==================================================================================

Comments on the lines before a block change that:

===================================== =======================================================================
``<!-- file: town.yaml -->``          also writes the block to that file
``<!-- edit: town.yaml -->``          the file that a ``diff`` changes
``<!-- parts of: whole.yaml -->``     anywhere on a page: what completes its parts, a path from the page
``<!-- rule of: card -->``            who does a ``rule``: a population, or the world
``<!-- problem: unknown key -->``     expects a problem with these words
``<!-- exit: 2 -->``                  expects commands to end with this exit code
``<!-- not run: why -->``             leaves the block alone
===================================== =======================================================================

Before a table, ``<!-- expressions: card -->`` checks what stands between backticks in its first column as an expression
in a rule of that population. A second column called "gives" holds the type or types, or ``error: its words``.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import PAGES, ROOT, Block, Table, blocks, code_in, page_order, tables
from tests.docs.parts import checked_rule, completed, edited, types_of

_COMPILING = re.compile(r"^compiling rules \(once\): \d+\n", re.MULTILINE)
"""What is said once on each machine, and so left out of the comparison."""

_LIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def run_python(block: Block, page: Path, names: dict[str, Any]) -> None:
    """Run a block, or the prompts in it, with line numbers of the page."""
    if ">>>" in block.text:
        test = doctest.DocTestParser().get_doctest(block.text, names, page.name, str(page), block.line - 1)
        runner = doctest.DocTestRunner(optionflags=_LIKE, verbose=False)
        said: list[str] = []
        runner.run(test, out=said.append, clear_globs=False)
        names.update(test.globs)
        assert runner.failures == 0, "".join(said)
        return
    exec(compile("\n" * (block.line - 1) + block.text, str(page), "exec"), names)


def check_yaml(block: Block, page: Path, whole: Path | None) -> None:
    """Check a scenario, or a part of one."""
    from bustle.scenarios import Scenario
    from bustle.scenarios.yaml_reader import read

    first = next((line for line in block.text.splitlines() if line.strip() and not line.startswith("#")), "")
    with expected_problem(block, page):
        if first.startswith("scenario:"):
            Scenario.from_text(block.text, folder=Path.cwd())
        elif whole is not None:
            completed(block.text, whole)
        else:
            _, problems = read(block.text, page.name)
            assert not problems, "; ".join(map(str, problems))


@contextlib.contextmanager
def expected_problem(block: Block, page: Path) -> Iterator[None]:
    """Fail with the place on the page, unless the problem is the one that a comment expects."""
    from bustle.scenarios import ScenarioError

    place, words = f"{page.name}, line {block.line}", block.orders.get("problem")
    try:
        yield
    except ScenarioError as error:
        assert words is not None and words in str(error), f"{place}:\n{error}"
    else:
        assert words is None, f"{place}: no problem is found, where `{words}` is expected"


def check_expressions(table: Table, page: Path, whole: Path) -> None:
    """Check the first column of a table as expressions, and the second as what they give."""
    from bustle.scenarios import ScenarioError

    who, place = table.orders["expressions"], f"{page.name}, line {table.line}"
    right: list[tuple[str, str]] = []
    for expression, wanted in _expressions(table):
        if not wanted.startswith("error: "):
            right.append((expression, wanted))
            continue
        with pytest.raises(ScenarioError) as raised:
            types_of([expression], who, whole)
        message = raised.value.diagnostics[0].message
        assert wanted.removeprefix("error: ") in message, f"{place}: `{expression}` gives the error {message}"
    try:
        given = types_of([expression for expression, _ in right], who, whole)
    except ScenarioError as error:
        pytest.fail(f"{place}:\n{error}")
    for (expression, wanted), type_ in zip(right, given, strict=True):
        assert wanted in ("", type_), f"{place}: `{expression}` gives {type_}, not {wanted}"


def _expressions(table: Table) -> Iterator[tuple[str, str]]:
    """The expressions of a table, each with what it gives; empty where the table does not tell."""
    for row in table.rows:
        expressions = code_in(row[0])
        gives = row[1].replace("`", "").split(", ") if table.columns[1] == "gives" else [""]
        if len(gives) != len(expressions):
            gives = [", ".join(gives)] * len(expressions)
        yield from zip(expressions, gives, strict=True)


def run_commands(block: Block, page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the commands of a terminal session, and compare what they write with what is shown."""
    from bustle.__main__ import main

    monkeypatch.setenv("COLUMNS", "120")
    wanted_code = int(block.orders.get("exit", "0"))
    for session in ("\n" + block.text.replace("\\\n", " ")).split("\n$ ")[1:]:
        line, _, shown = session.partition("\n")
        words = shlex.split(line, comments=True)
        place = f"{page.name}, line {block.line}: `{line}`"
        assert words[0] == "bustle", f"{place}: only bustle is run here"
        monkeypatch.setattr("sys.argv", words)
        written, code = io.StringIO(), 0
        with contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
            try:
                main()
            except SystemExit as stop:
                code = stop.code if isinstance(stop.code, int) else 0
        assert code == wanted_code, f"{place} exits with {code}:\n{written.getvalue()}"
        if shown.strip():
            said = _COMPILING.sub("", written.getvalue())
            checker, example = doctest.OutputChecker(), doctest.Example(line, shown)
            difference = checker.output_difference(example, said, _LIKE)
            assert checker.check_output(shown, said, _LIKE), f"{place}\n{difference}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_run_as_they_stand(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    named = page_order(text, "parts of")
    whole = page.parent / named if named else None
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(text):
        if "not run" in block.orders:
            continue
        file = block.orders.get("file", "")
        if file:
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        if block.language == "python" and not file.endswith(".py"):
            run_python(block, page, names)
        elif block.language == "yaml":
            check_yaml(block, page, whole)
        elif block.language == "rule":
            assert whole is not None, f"{page.name}, line {block.line}: a rule needs `parts of`"
            with expected_problem(block, page):
                checked_rule(block.text, block.orders.get("rule of", "card"), whole)
        elif block.language == "diff":
            path = tmp_path / block.orders["edit"]
            path.write_text(edited(path.read_text(encoding="utf-8"), block.text), encoding="utf-8")
        elif block.language == "console":
            run_commands(block, page, monkeypatch)
    for table in tables(text):
        if "expressions" in table.orders:
            assert whole is not None
            check_expressions(table, page, whole)


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

<!-- keys: TownSection -->
<!-- expressions: card -->
| key | gives |
|---|---|
| `a` or `b \\| c` | money |
"""


def test_blocks_are_found_with_their_lines_and_comments() -> None:
    found = list(blocks(SAMPLE))
    assert [(b.language, b.line, b.orders) for b in found] == [
        ("python", 5, {}),
        ("yaml", 10, {"file": "town.yaml"}),
        ("console", 16, {}),
        ("python", 23, {"not run": "it would take an hour"}),
    ]
    assert found[2].text == "$ bustle list\ntown\n"


def test_tables_are_found_with_their_cells_and_comments() -> None:
    (table,) = tables(SAMPLE)
    assert table.orders == {"keys": "TownSection", "expressions": "card"}
    assert table.columns == ("key", "gives") and table.line == 29
    assert [code_in(row[0]) for row in table.rows] == [["a", "b | c"]]


def test_an_example_whose_output_differs_fails() -> None:
    with pytest.raises(AssertionError, match="Expected:"):
        run_python(Block("python", ">>> 1 + 1\n3\n", 1), Path("page.md"), {})


def test_a_command_whose_output_or_exit_code_differs_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Path("page.md")
    run_commands(Block("console", "$ bustle list\nbank_run ...\n", 1), page, monkeypatch)
    with pytest.raises(AssertionError, match="Expected:"):
        run_commands(Block("console", "$ bustle list\nno such thing\n", 1), page, monkeypatch)
    with pytest.raises(AssertionError, match="exits with 2"):
        run_commands(Block("console", "$ bustle show nothing\n", 1), page, monkeypatch)


def test_a_problem_that_is_expected_must_be_there() -> None:
    block = Block("yaml", "scenario: a\nclock: {start: 2026-01-01, length: 1 day}\n", 1, {"problem": "unknown key"})
    with pytest.raises(AssertionError, match="no problem is found"):
        check_yaml(block, Path("page.md"), None)


def test_an_edit_must_fit_the_file_once() -> None:
    assert edited("a\nb\nc\n", " a\n-b\n+d\n") == "a\nd\nc\n"
    with pytest.raises(AssertionError, match="found 2 times"):
        edited("a\na\n", "-a\n+b\n")


def test_an_example_that_raises_names_its_line_of_the_page() -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        run_python(Block("python", "a = 1\nb = a / 0\n", 10), Path("page.md"), {})
    assert raised.traceback[-1].lineno + 1 == 11
