from __future__ import annotations

import json
from pathlib import Path

import pytest

from bustle.scenarios import Scenario, ScenarioError
from bustle.scenarios.diagnostics import Diagnostic

HEAD = "scenario: main\nclock: {start: 2026-01-01, length: 1 day}\n"


def load(folder: Path, main: str, **files: str) -> Scenario:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_yaml", ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (folder / "main.yaml").write_text(HEAD + main, encoding="utf-8")
    return Scenario.load(folder / "main.yaml")


def problems(folder: Path, main: str, **files: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(ScenarioError) as error:
        load(folder, main, **files)
    return error.value.diagnostics


def test_sections_of_a_used_file_are_added_after_the_main_files_own(tmp_path: Path) -> None:
    main = "use: a.yaml\nparameters: {x: 1}\npopulations: {p: {size: n}}\n"
    scenario = load(tmp_path, main, a_yaml="parameters: {n: 3}\npopulations:\n  q: {size: x}\n")
    assert list(scenario.model.parameters) == ["x", "n"]
    assert list(scenario.model.populations) == ["p", "q"]
    assert scenario.model.uses == ("a.yaml",)


def test_a_used_file_may_use_others_from_its_own_folder_and_each_is_read_once(tmp_path: Path) -> None:
    scenario = load(
        tmp_path,
        "use: [parts/a.yaml, parts/b.yaml]\n",
        parts__a_yaml="use: b.yaml\nparameters: {a: 1}\n",
        parts__b_yaml="use: a.yaml\nparameters: {b: 2}\n",
    )
    assert scenario.model.values == {"a": 1, "b": 2}
    assert scenario.model.uses == ("parts/a.yaml", "parts/b.yaml")


def test_a_scenario_that_can_be_checked_by_itself_can_be_used(tmp_path: Path) -> None:
    other = HEAD.replace("main", "other") + "title: Other\nabout: Something\nparameters: {n: 3}\n"
    scenario = load(tmp_path, "title: Main\nuse: other.yaml\n", other_yaml=other)
    assert (scenario.name, scenario.model.title, scenario.model.about) == ("main", "Main", "")
    assert Scenario.load(tmp_path / "other.yaml").name == "other"


@pytest.mark.parametrize("key", ["seed: 3", "scale: 2", "experiment: {replications: 3}"])
def test_what_only_the_main_file_can_say_is_refused_in_others(tmp_path: Path, key: str) -> None:
    (problem,) = problems(tmp_path, "use: a.yaml\n", a_yaml=f"parameters: {{n: 3}}\n{key}\n")
    name = key.split(":")[0]
    assert problem.message == f"`{name}` has no effect in a file that others use"
    assert str(problem.span) == f"{tmp_path}/a.yaml:2:1"


def test_an_unknown_section_of_a_used_file_is_not_dropped(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "use: a.yaml\n", a_yaml="parametres: {n: 3}\n")
    assert problem.message == "unknown key `parametres` of a used file"
    assert problem.hint == "did you mean `parameters`?"


@pytest.mark.parametrize("content", ["parameters: [a]\n", "parameters: 3\n"])
def test_a_section_of_a_used_file_that_is_no_mapping_is_not_dropped(tmp_path: Path, content: str) -> None:
    (problem,) = problems(tmp_path, "use: a.yaml\nparameters: {x: 1}\n", a_yaml=content)
    assert problem.message.startswith("`parameters` must be a mapping, not a ")
    assert problem.span.file.endswith("a.yaml")


def test_a_section_that_is_begun_in_one_file_is_filled_by_the_other(tmp_path: Path) -> None:
    assert load(tmp_path, "use: a.yaml\nparameters:\n", a_yaml="parameters: {n: 3}\n").model.values == {"n": 3}
    assert load(tmp_path, "use: a.yaml\nparameters: {n: 3}\n", a_yaml="parameters:\n").model.values == {"n": 3}


def test_a_name_in_two_files_is_refused_at_its_first_place(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "use: a.yaml\nparameters: {n: {value: 1}}\n", a_yaml="parameters:\n  n: 3\n")
    assert problem.message == f"`n` is also defined in {tmp_path}/a.yaml, line 2"
    assert problem.span.file.endswith("main.yaml")


def test_a_bare_value_sets_a_parameter_of_a_used_file_and_keeps_its_bounds(tmp_path: Path) -> None:
    used = "parameters:\n  n: {value: 3, max: 9, about: how many}\n"
    model = load(tmp_path, "use: a.yaml\nparameters: {n: 5}\n", a_yaml=used).model
    assert (model.values["n"], model.parameters["n"].about) == (5, "how many")
    (problem,) = problems(tmp_path, "use: a.yaml\nparameters: {n: 12}\n", a_yaml=used)
    assert problem.span.file.endswith("main.yaml") and "9" in problem.message


def test_only_the_main_file_sets_parameters_and_nothing_else_is_set_so(tmp_path: Path) -> None:
    files = {"a_yaml": "use: b.yaml\nparameters: {n: 3}\n", "b_yaml": "parameters: {n: {value: 3}}\n"}
    (problem,) = problems(tmp_path, "use: a.yaml\n", **files)
    assert problem.message == f"`n` is also defined in {tmp_path}/b.yaml, line 1"
    (problem,) = problems(tmp_path, "use: a.yaml\nworld: {w: 1}\n", a_yaml="world: {w: {value: 2}}\n")
    assert "`w` is also defined" in problem.message


@pytest.mark.parametrize("first", ["3", "{value: 3}"])
def test_a_parameter_that_is_set_may_still_stand_in_one_used_file_only(tmp_path: Path, first: str) -> None:
    files = {"a_yaml": f"parameters: {{n: {first}}}\n", "b_yaml": "parameters: {n: {value: 4}}\n"}
    (problem,) = problems(tmp_path, "use: [a.yaml, b.yaml]\nparameters: {n: 1}\n", **files)
    assert problem.message == f"`n` is also defined in {tmp_path}/b.yaml, line 1"


def test_files_that_come_with_bustle_are_used_from_anywhere(tmp_path: Path) -> None:
    scenario = load(tmp_path, "use: bustle/archetypes/cardholders.yaml\nparameters: {cardholders: 7}\n")
    assert scenario.model.uses == ("bustle/archetypes/cardholders.yaml", "bustle/archetypes/merchants.yaml")
    assert scenario.model.values["cardholders"] == 7
    again = Scenario.from_text(scenario.resolved_text(), folder=tmp_path / "elsewhere")
    assert again.model.populations == scenario.model.populations


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("bustle/archetypes/cardholder.yaml", "among those that come with bustle"),
        ("bustle/../files.py", "`..` is not allowed"),
        ("bustle/__init__.py", "must be a .yaml"),
        ("bustle/", "there is no file"),
        ("bustle//etc/passwd", "there is no file"),
    ],
)
def test_a_path_to_what_bustle_does_not_come_with_is_one_problem(tmp_path: Path, path: str, message: str) -> None:
    (problem,) = problems(tmp_path, f"use: {path}\n")
    assert message in problem.message


def test_a_name_in_two_used_files_is_refused(tmp_path: Path) -> None:
    files = {"a_yaml": "parameters: {n: 3}\n", "b_yaml": "parameters: {n: 3}\n"}
    (problem,) = problems(tmp_path, "use: [a.yaml, b.yaml]\n", **files)
    assert problem.message == f"`n` is also defined in {tmp_path}/b.yaml, line 1"


def test_problems_of_a_used_file_point_into_it(tmp_path: Path) -> None:
    found = problems(tmp_path, "use: a.yaml\nseed: x\n", a_yaml="parameters:\n  n: 3 dyas\n")
    assert [(Path(p.span.file).name, p.span.line, p.source) for p in found] == [
        ("a.yaml", 2, "  n: 3 dyas"),
        ("main.yaml", 4, "seed: x"),
    ]


def test_files_stay_in_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("parameters: {n: 3}\n", encoding="utf-8")
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "link.yaml").symlink_to(outside)
    (folder / "parts").mkdir()
    for path in ("../outside.yaml", str(outside), "link.yaml", "parts", "parts/../../outside.yaml", "x" * 5000, "~"):
        (problem,) = problems(folder, f"use: {path!r}\n")
        assert problem.span.line == 3, problem


def test_a_resolved_scenario_needs_no_other_file(tmp_path: Path) -> None:
    scenario = load(tmp_path, "use: a.yaml\n", a_yaml="parameters: {n: 3}\npopulations: {p: {size: n}}\n")
    again = Scenario.from_text(scenario.resolved_text(), folder=tmp_path / "elsewhere")
    assert again.model.populations == scenario.model.populations
    assert again.model.uses == ()


def test_names_of_a_file_that_cannot_be_read_are_not_reported_where_they_are_used(tmp_path: Path) -> None:
    main = "use: a.yaml\npopulations: {p: {size: n}}\nbehaviors: {b: {who: q, rate: r, rhythm: s, do: 'emit t(u=v)'}}\n"
    assert len(problems(tmp_path, main)) == 1
    assert len(problems(tmp_path, main, a_yaml="parameters: {")) == 1
    assert len(problems(tmp_path, main, a_yaml="- n\n")) == 1


def test_a_name_that_a_misspelt_section_holds_is_not_reported_where_it_is_used(tmp_path: Path) -> None:
    found = problems(tmp_path, "use: a.yaml\npopulations: {p: {size: n}}\n", a_yaml="parametres: {n: 3}\n")
    assert [problem.message for problem in found] == ["unknown key `parametres` of a used file"]


@pytest.mark.parametrize("path", ["x" * 5000 + ".csv", "round.csv", ".", "a\\b.csv", "C:\\a.csv", "nul\\0.csv", "sub"])
@pytest.mark.parametrize("where", ["from_file: PATH", "size: 1, attributes: {a: 'empirical(PATH, column=\"a\")'}"])
def test_a_data_file_that_cannot_be_there_is_a_problem(tmp_path: Path, path: str, where: str) -> None:
    (tmp_path / "round.csv").symlink_to(tmp_path / "round.csv")
    (tmp_path / "sub").mkdir()
    found = problems(tmp_path, f"populations: {{p: {{{where.replace('PATH', json.dumps(path))}}}}}\n")
    assert len(found) == 1
    assert len(str(found[0])) < 12_000


def test_a_data_file_that_is_no_data_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 not really")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 4)
    for name in ("bad.parquet", "empty.csv", "binary.csv"):
        found = problems(tmp_path, f"populations: {{p: {{from_file: {name}, attributes: {{a: b + c}}}}}}\n")
        assert len(found) == 1, found
        assert found[0].span.line == 3
