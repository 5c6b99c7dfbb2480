from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bustle.scenarios.schema import SCHEMA_FILE, scenario_schema, schema_text
from bustle.scenarios.structure import parse
from bustle.scenarios.yaml_reader import read

SAMPLE = (Path(__file__).parent / "language_sample.yaml").read_text(encoding="utf-8")
HEAD = "scenario: x\nclock: {start: 2026-01-01, length: 1 day}\n"
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def as_an_editor_reads(content: str) -> Any:
    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {plain(key): plain(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        # YAML 1.2, which editors read, has neither dates nor `on` as a boolean
        return str(value) if isinstance(value, datetime.date) else "on" if value is True else value

    return plain(yaml.safe_load(content))


def fits(content: str) -> bool:
    return bool(VALIDATOR.is_valid(as_an_editor_reads(content)))


def test_the_shipped_schema_is_the_one_that_the_code_gives() -> None:
    shipped = SCHEMA_FILE.read_text(encoding="utf-8")
    assert shipped == schema_text(), "run: python -m bustle.scenarios.schema"


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(scenario_schema())


def test_the_language_sample_fits() -> None:
    errors = [error.message for error in VALIDATOR.iter_errors(as_an_editor_reads(SAMPLE))]
    assert not errors


GOOD = (
    "parameters: {a: 1, b: 2 days, c: {value: x, choices: [x, y], because: a source}}",
    "world: {interest: 0.02, other: {value: 3, about: more}}",
    "parameters:\nevents:\n  boom:\n",
    "populations: {p: {from_file: p.csv}, q: {size: 3, from_file: {path: q.csv, columns: {a: A}}}}",
    "populations: {p: {size: 3, states: [a, b], links: {home: q, work: {to: q, value: pick(q)}}}}",
    "populations: {p: {size: 3, correlated: [[a, b, 0.5]], class: 'agents.py:Clerk'}}",
    "networks: {n: {among: p, kind: nearest, neighbours: 3, position: [x, y]}}",
    "rhythms: {r: {weekdays: [1, 1, 1, 1, 1, 2, 2], holidays: {dates: [2026-12-25], weight: 0}}}",
    "events: {e: {a: money, b: {type: money, unit: EUR}}, f: {fields: {a: money}, about: x}}",
    "behaviors: {b: {who: p, on: e as a, if: x > 1, unless: [s, t], arguments: {n: number}, do: stop}}",
    "behaviors: {b: {who: world, at: [3 days, every monday 08:00], do: stop}}",
    "record: {t: {each: e, columns: [time, a: b.c, {d: {value: e, about: f}}], window: 1 day, by: [a]}}",
    "record: {t: {edges: e, from: a, to: b, columns: {n: count(e)}}}",
    "use: [a.yaml, b.yaml]",
    "seed: 7\ntitle: A title\nabout: |\n  Long.\n",
)


@pytest.mark.parametrize("sections", GOOD)
def test_what_the_language_has_fits_and_is_read(sections: str) -> None:
    assert fits(HEAD + sections)
    root, problems = read(HEAD + sections, "f.yaml")
    assert root is not None
    assert not problems + parse(root).problems


BAD = (
    "behaviours: {}",
    "parameters: [a]",
    "parameters: {a: {min: 3}}",
    "parameters: {a-b: 3}",
    "title: [a]",
    "populations: {p: {}}",
    "populations: {p: {size: 1, one_per: q}}",
    "populations: {p: {size: 1, states: {a: b}}}",
    "populations: {p: {size: 1, correlated: [[a, b]]}}",
    "populations: {p: {one_per: a b c}}",
    "networks: {n: {among: p, kind: nerest}}",
    "networks: {n: {among: p, kind: nearest, radius: 1, position: [x]}}",
    "rhythms: {r: {hours: [1, 2]}}",
    "rhythms: {r: {weekdays: {mon: 1}}}",
    "events: {e: {fields: {a: money}, abuot: x}}",
    "events: {e: {a: {unit: EUR}}}",
    "behaviors: {b: {who: p}}",
    "behaviors: {b: {who: p, do: stop, rat: 3}}",
    "behaviors: {b: {who: p, do: stop, rate: 3, every: 4}}",
    "interventions: {i: {at: 3}}",
    "record: {t: {columns: [a]}}",
    "record: {t: {each: e, of: p, columns: [a]}}",
    "record: {t: {each: e, columns: [[a]]}}",
    "experiment: {vary: {a: 3}}",
    "experiment: {vary: {a: []}}",
)


@pytest.mark.parametrize("sections", BAD)
def test_what_the_structure_refuses_does_not_fit(sections: str) -> None:
    assert not fits(HEAD + sections)
    root, _ = read(HEAD + sections, "f.yaml")
    assert root is not None
    assert parse(root).problems


@pytest.mark.parametrize(
    "content", ["scenario: x", "clock: {start: 2026-01-01, length: 1 day}", HEAD.replace("length", "len")]
)
def test_a_scenario_without_name_or_clock_does_not_fit(content: str) -> None:
    assert not fits(content)


def described(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        for name, entry in schema.get("properties", {}).items():
            yield f"{path}/{name}", entry
        for name, inner in schema.items():
            yield from described(inner, f"{path}/{name}")
    elif isinstance(schema, list):
        for inner in schema:
            yield from described(inner, path)


def test_every_key_is_explained() -> None:
    calendar = ("weekdays", "months")
    bare = [path for path, entry in described(scenario_schema()) if "description" not in entry]
    assert not [
        path for path in bare if path.split("/properties/")[-1].split("/")[0] not in calendar and "/anyOf" not in path
    ]
