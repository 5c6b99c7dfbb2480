"""Writing a scenario with the values of a run filled in."""

from __future__ import annotations

import re
from typing import Any

from bustle.scenarios.check.knobs import calendar_of
from bustle.scenarios.check.showing import show
from bustle.scenarios.model import Model
from bustle.scenarios.yaml_nodes import ListNode, MappingNode, Node


def written_scenario(root: MappingNode, model: Model) -> str:
    """``root`` as YAML, with the seed, scale, length and parameter values of ``model`` in their places.

    Comments are not kept; rules keep their lines.
    """
    sections = _plain(root)
    sections.pop("use", None)
    for name, written in written_values(model).items():
        given = sections["parameters"][name]
        if isinstance(given, dict):
            given["value"] = written
        else:
            sections["parameters"][name] = written
    sections["clock"]["length"] = _length(model.clock.length)
    head = {key: sections.pop(key) for key in ("scenario", "title", "about") if key in sections}
    sections.pop("seed", None)
    sections.pop("scale", None)
    head["seed"] = str(model.seed)
    if model.scale != 1:
        head["scale"] = repr(model.scale)
    return _dump({**head, **sections})


def written_values(model: Model) -> dict[str, str]:
    """The value of every parameter as a scenario file would write it, in the file's words where it is unchanged."""
    calendar = calendar_of(model.clock)
    return {
        name: parameter.written if value == parameter.default else show(parameter, value, calendar)
        for name, value in model.values.items()
        if (parameter := model.parameters[name])
    }


def _length(microseconds: int) -> str:
    for unit, length in (
        ("days", 86_400_000_000),
        ("hours", 3_600_000_000),
        ("minutes", 60_000_000),
        ("seconds", 1_000_000),
    ):
        if microseconds % length == 0:
            return f"{microseconds // length} {unit}"
    return f"{microseconds} microseconds"


def _plain(node: Node) -> Any:
    if isinstance(node, MappingNode):
        return {key.value: _plain(value) for key, value in node.pairs()}
    if isinstance(node, ListNode):
        return [_plain(item) for item in node]
    return None if node.is_empty else node.value


_ODD = re.compile("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Characters that stand in a file only as escapes."""


def _dump(sections: dict[str, Any]) -> str:
    import yaml

    class Writer(yaml.SafeDumper):
        """Writes every scalar as it would be read again: plain where that is the same text."""

    def scalar(writer: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = None
        if "\n" in value:
            style = "|"
        elif not value:
            style = "'"  # an empty plain scalar would be no value
        if _ODD.search(value):
            style = '"'
        return writer.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    def nothing(writer: yaml.SafeDumper, value: None) -> yaml.ScalarNode:
        return writer.represent_scalar("tag:yaml.org,2002:str", "")  # a key without a value

    Writer.add_representer(str, scalar)
    Writer.add_representer(type(None), nothing)
    Writer.ignore_aliases = lambda self, data: True  # type: ignore[method-assign]
    # Scalars have no implicit types in a scenario, so none needs quotes to stay a text.
    Writer.yaml_implicit_resolvers = {}
    written: str = yaml.dump(sections, Dumper=Writer, sort_keys=False, allow_unicode=True, width=110)
    return written
