"""Writing a scenario with the values of a run filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from bustle.scenarios.model import Model, Parameter
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
    return dump({**head, **sections})


def written_values(model: Model) -> dict[str, str]:
    """The value of every parameter as a scenario file would write it, in the file's words where it is unchanged."""
    return {
        name: parameter.written if value == parameter.default else _shown(parameter, value, model)
        for name, value in model.values.items()
        if (parameter := model.parameters[name])
    }


def _shown(parameter: Parameter, value: Any, model: Model) -> str:
    """A value that does not stand in the file, as it would stand there."""
    from bustle.scenarios.check.knobs import calendar_of
    from bustle.scenarios.check.showing import show

    return show(parameter, value, calendar_of(model.clock))


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


def dump(sections: Mapping[Any, Any]) -> str:
    """Mappings, lists and plain values as YAML that the reader of scenario files reads as the same texts.

    Raises:
        yaml.YAMLError: A value is of another kind.
        RecursionError: A mapping or list holds itself.
    """
    import yaml

    def scalar(writer: yaml.SafeDumper, value: Any) -> yaml.ScalarNode:
        text = written_value(value)
        style = None
        if "\n" in text:
            style = "|"
        elif not text and value is not None:
            style = "'"  # an empty plain scalar would be no value
        if _ODD.search(text):
            style = '"'
        return writer.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    class Writer(yaml.SafeDumper):
        """Writes every scalar as it would be read again: plain where that is the same text."""

        # Scalars have no implicit types in a scenario, so none needs quotes to stay a text.
        yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]

        def ignore_aliases(self, data: Any) -> bool:
            return True

    for kind in (str, bool, int, float, date, datetime, type(None)):
        Writer.add_representer(kind, scalar)
    text: str = yaml.dump(dict(sections), Dumper=Writer, sort_keys=False, allow_unicode=True, width=110)
    return text


def written_value(value: Any) -> str:
    """A value as a scenario file writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
