"""Checking links: from each agent of a population to one agent of another."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.names import Names
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.model import Expr, Members, Pick
from bustle.scenarios.structure import PopulationSection
from bustle.scenarios.walk import expressions
from bustle.scenarios.yaml_nodes import Text

_OTHER_NAME = "give one of them another name"


def link_targets(
    checker: ExpressionChecker, names: Names, sections: Mapping[str, PopulationSection], name: str
) -> dict[str, str]:
    """The links of the population ``name``, with the populations they lead to; what is wrong is noted."""
    section = sections[name]
    targets: dict[str, str] = {}
    problems = checker.problems
    if section.one_per is not None:
        to = section.one_per.name
        role = section.one_per.role or to
        if to.value not in sections:
            problems.unknown(
                to.value,
                to.span,
                f"unknown population `{to.value}`",
                suggest(to.value, sections, "populations"),
            )
        elif to.value == name:
            problems.note(to.span, f"{name} cannot be one per itself")
        elif role.value in section.attributes:
            problems.note(role.span, f"`{role.value}` is already an attribute of {name}", _OTHER_NAME)
        else:
            targets[role.value] = to.value
            names.populations[name].one_per = role.value
        problems.unclear |= {role.value} - set(targets) - set(section.attributes)
    for link, entry in section.links.items():
        named = entry.to or entry.value
        population = _population_in(named, sections) if named else None
        if named is None or population is None:
            if named is not None and not named.is_cut:
                picked = re.match(r"(?:pick\s*\(\s*)?(\w+)", named.value)
                start, end = picked.span(1) if picked else (0, len(named.value))
                wanted = named.value[start:end]
                problems.unknown(
                    wanted,
                    named.span_at(start, end - start),
                    f"unknown population `{wanted}`",
                    suggest(wanted, sections, "populations") or "as in `home: shop` or `home: pick(shop)`",
                )
            problems.unclear.add(link)
        elif link in section.attributes or link in targets:
            problems.note(entry.key.span, f"`{link}` is already an attribute or link of {name}", _OTHER_NAME)
        else:
            targets[link] = population
    return targets


def _population_in(text: Text, populations: Mapping[str, object]) -> str | None:
    """The population that a link's text names: alone, or as the set of a pick."""
    written = text.value.strip()
    if written in populations:
        return written
    if written.startswith("pick("):
        for name in populations:
            if (
                written[5:].lstrip().startswith(name)
                and not written[5:].lstrip()[len(name) : len(name) + 1].isidentifier()
            ):
                return name
    return None


def refuse_small_pools(checker: ExpressionChecker, expr: Expr, text: Text) -> None:
    """Agents picked while populations are made come from whole populations: networks are not there yet."""
    for part in expressions(expr):
        if isinstance(part, Pick) and not (isinstance(part.pool, Members) and part.pool.state is None):
            raise checker.problems.reject(
                part.span or text.span,
                "here only a whole population can be picked from",
                "networks are made after the populations",
            )
