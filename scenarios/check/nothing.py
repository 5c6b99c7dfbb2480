"""Attributes that start as ``none``: what the rules show them to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bustle.scenarios import syntax
from bustle.scenarios.structure import PopulationSection
from bustle.scenarios.types import EPISODE, Agent, Type


def types_of_none(
    sections: Mapping[str, PopulationSection], rules: Iterable[tuple[str, tuple[syntax.Line, ...]]]
) -> dict[tuple[str, str], Type]:
    """The kinds of attributes that start as ``none``, by population and name.

    A rule shows one by assigning ``episode()``, ``self``, or a pick from a population. Of several the first counts.

    Args:
        sections: The populations.
        rules: The lines of each rule, with the name of the population that acts.
    """
    empty: dict[str, list[str]] = {}
    for population, section in sections.items():
        for name, attribute in section.attributes.items():
            if attribute.value.value.strip() == "none":
                empty.setdefault(name, []).append(population)
    found: dict[tuple[str, str], Type] = {}
    for acting, lines in rules:
        for assignment in _assignments(lines):
            place = assignment.place
            kind = _kind(assignment.value, acting, sections)
            if kind is None or not isinstance(place, syntax.Name | syntax.Dot):
                continue
            for population in empty.get(place.name, ()):
                if isinstance(place, syntax.Dot) or population == acting:
                    found.setdefault((population, place.name), kind)
    return found


def _assignments(lines: tuple[syntax.Line, ...]) -> Iterable[syntax.Assign]:
    for line in lines:
        match line:
            case syntax.Assign():
                yield line
            case syntax.If(branches=branches, otherwise=otherwise):
                for _, body in branches:
                    yield from _assignments(body)
                yield from _assignments(otherwise)
            case syntax.For(body=body):
                yield from _assignments(body)


def _kind(value: syntax.Node, acting: str, sections: Mapping[str, PopulationSection]) -> Type | None:
    match value:
        case syntax.Call(function=syntax.Name(name="episode")):
            return EPISODE
        case syntax.Name(name="self") if acting in sections:
            return Agent(acting)
        case syntax.Call(function=syntax.Name(name="pick"), arguments=arguments) if arguments:
            pool = arguments[0].value
            pool = pool.target if isinstance(pool, syntax.Dot) else pool
            if isinstance(pool, syntax.Name) and pool.name in sections:
                return Agent(pool.name)
    return None


def has_broken_lines(lines: tuple[syntax.Line, ...]) -> bool:
    """Whether some lines of a rule could not be understood."""
    return any(isinstance(line, syntax.Broken) for line in lines)
