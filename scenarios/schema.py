"""The JSON Schema of scenario files, with which editors complete and explain.

A file asks for it in its first line::

    # yaml-language-server: $schema=scenario.schema.json

The schema is generated from `bustle.scenarios.structure` and shipped as a file. Editors read
YAML with its own types, so a scalar may be text, number or boolean. Expressions are checked by
``bustle check``, not by the schema.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bustle.scenarios.structure import ScenarioFile
from bustle.scenarios.yaml_nodes import SCALAR

SCHEMA_FILE = Path(__file__).parent / "scenario.schema.json"
"""The schema as it is shipped."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scenario_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a scenario file."""
    made = _simplified(ScenarioFile.model_json_schema(by_alias=True))
    made["$defs"] = {"scalar": dict(SCALAR), **made["$defs"]}
    return {"$schema": _DIALECT, "title": "bustle scenario", **made}


def schema_text() -> str:
    """The schema as it stands in the shipped file."""
    return json.dumps(scenario_schema(), indent=1, ensure_ascii=False) + "\n"


def _simplified(schema: Any) -> Any:
    """Without generated titles and defaults, and without null: a key is given with a value or left out.

    Only a mapping may be empty, so that a section can be begun before it is filled.
    """
    if isinstance(schema, list):
        return [_simplified(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _simplified(part) for name, part in schema.items() if name not in ("title", "default")}
    for group in ("properties", "$defs"):
        if group in schema:
            made[group] = {name: _simplified(part) for name, part in schema[group].items()}
    kept = [part for part in made.get("anyOf", []) if part != {"type": "null"}]
    if len(kept) == 1:
        made.pop("anyOf")
        made = {**kept[0], **made}
    elif kept:
        made["anyOf"] = kept
    if isinstance(made.get("description"), str):
        made["description"] = " ".join(made["description"].split("\n\n")[0].replace("``", "`").split())
    if made.get("type") == SCALAR["type"]:
        del made["type"]
        made = {"$ref": "#/$defs/scalar", **made}
    if made.get("type") == "object" and "minProperties" not in made:
        made["type"] = ["object", "null"] if "required" not in made else "object"
    return made


def main() -> None:
    """Rewrites the shipped schema."""
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
