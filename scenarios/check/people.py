"""Checking populations: their size, attributes, links and states."""

from __future__ import annotations

from dataclasses import dataclass, field

from bustle.scenarios.check.correlations import check_correlations
from bustle.scenarios.check.declared import parse, written_type
from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.links import link_targets, refuse_small_pools
from bustle.scenarios.check.names import Names, PopulationNames, Purposes, Scope
from bustle.scenarios.check.problems import Reject
from bustle.scenarios.check.wording import a_type
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.files import column_types
from bustle.scenarios.model import (
    Attribute,
    Const,
    Expr,
    FileColumn,
    Link,
    Members,
    Pick,
    Population,
)
from bustle.scenarios.structure import AttributeSection, PopulationSection
from bustle.scenarios.types import (
    BOOL,
    NUMBER,
    TEXT,
    WHOLE,
    Agent,
    AgentSet,
    Nothing,
    Quantity,
    State,
    Type,
)

AT_BIRTH = {
    "now": "attributes are sampled when the agent is made",
    "aggregate": "attributes are sampled one agent at a time; use a global or a rule",
}

MOST_AGENTS = 2**31
"""Largest size of a population."""

MOST_STEPS = 30
"""Attributes that may need each other in a row."""

_FILE_TYPES: dict[str, Type] = {"whole": WHOLE, "number": NUMBER, "bool": BOOL, "text": TEXT}


@dataclass(slots=True)
class PeopleChecker:
    """Types attributes on demand, so that each may use any that does not need it in turn."""

    checker: ExpressionChecker
    names: Names
    sections: dict[str, PopulationSection]
    none_types: dict[tuple[str, str], Type] = field(default_factory=dict)
    rules_are_broken: bool = False
    done: dict[tuple[str, str], Attribute | None] = field(default_factory=dict)
    order: dict[str, list[str]] = field(default_factory=dict)
    open: list[tuple[str, str]] = field(default_factory=list)
    is_too_long: bool = False

    # --- names

    def declare(self) -> None:
        """Enter the names of all populations, with their links and states."""
        for name, section in self.sections.items():
            self.names.populations[name] = PopulationNames(name, states=tuple(section.states))
            self.order[name] = []
        for name, section in self.sections.items():
            known = self.names.populations[name]
            known.attributes.update(dict.fromkeys(section.attributes))
            known.attributes.update({c.attribute: None for c in self._file_columns(name, section)})
            for link, population in link_targets(self.checker, self.names, self.sections, name).items():
                known.links[link] = population
        self.names.attribute_type = self.attribute_type

    def _file_columns(self, name: str, section: PopulationSection) -> list[FileColumn]:
        if section.from_file is None:
            return []
        path = section.from_file.path
        try:
            types = column_types(self.checker.folder, path.value)
        except ValueError as error:
            self.checker.problems.note(path.span, str(error))
            self.names.populations[name].is_open = True
            return []
        chosen = section.from_file.columns
        columns = []
        if chosen is None:
            columns = [FileColumn(c, c) for c in types if c.isidentifier() and c not in section.attributes]
        else:
            for attribute, entry in chosen.items():
                if entry.column.value not in types:
                    self.checker.problems.note(
                        entry.column.span,
                        f"{path.value} has no column `{entry.column.value}`",
                        suggest(entry.column.value, types, "columns"),
                    )
                    self.checker.problems.unclear.add(attribute)
                    continue
                if attribute in section.attributes:
                    self.checker.problems.note(
                        entry.key.span, f"`{attribute}` is also listed under `attributes`", "remove one of them"
                    )
                    continue
                columns.append(FileColumn(attribute, entry.column.value))
        for column in columns:
            type_ = _FILE_TYPES.get(types[column.column], TEXT)
            at = Const(None, type=type_, span=path.span)
            self.done[name, column.attribute] = Attribute(
                column.attribute, type_, at, about=f"column {column.column} of {path.value}"
            )
            self.order[name].append(column.attribute)
        return columns

    # --- attributes

    def scope(self, population: str, label: str) -> Scope:
        """What an attribute's expression may see; draws are keyed by population and attribute."""
        purposes = Purposes(population, label)
        return Scope(self.names, purposes, acting=population, forbidden=dict(AT_BIRTH))

    def attribute_type(self, population: str, name: str) -> Type | None:
        """The type of an attribute, checked now if it was not yet."""
        key = (population, name)
        if key not in self.done:
            section = self.sections[population].attributes.get(name)
            if section is None:
                return None
            if key in self.open:
                circle = " -> ".join(f"{p}.{a}" for p, a in [*self.open[self.open.index(key) :], key])
                raise self.checker.problems.reject(
                    section.value.span,
                    f"attributes need each other in a circle: {circle}",
                    "let one of them start from something else",
                )
            if self.is_too_long:
                raise self.checker.problems.follow_up(name, section.value.span)
            if len(self.open) >= MOST_STEPS:
                self.is_too_long = True
                raise self.checker.problems.reject(
                    section.value.span, f"more than {MOST_STEPS} attributes need each other in a row"
                )
            self.open.append(key)
            try:
                self.done[key] = self._attribute(population, name, section)
            except Reject:
                self.done[key] = None
            finally:
                self.open.pop()
            self.order[population].append(name)
        attribute = self.done[key]
        return None if attribute is None else attribute.type

    def _attribute(self, population: str, name: str, section: AttributeSection) -> Attribute:
        scope = self.scope(population, name)
        expected: Type | None = None
        if section.type is not None:
            expected, _ = written_type(self.checker, section.type, scope)
        expr = self.checker.check(parse(self.checker, section.value), scope, expected)
        if isinstance(expr.type, AgentSet):
            raise self.checker.problems.reject(
                section.value.span, "an attribute holds one agent, not a set", "use a network for many"
            )
        refuse_small_pools(self.checker, expr, section.value)
        if isinstance(expr.type, Nothing):
            expected = expected or self.none_types.get((population, name))
            if expected is None and self.rules_are_broken:
                raise self.checker.problems.follow_up(name, section.value.span)
            if expected is None:
                raise self.checker.problems.reject(
                    section.value.span,
                    f"`{name}` starts as `none`, and no rule tells of what kind",
                    f"say it: `{name}: {{value: none, type: episode}}`, or a population",
                )
        if expected is not None:
            expr = self.checker.convert(expr, expected, f"`{name}`", section.value.span)
        return Attribute(name, expr.type, expr, about=section.about.value if section.about else "")

    # --- whole populations

    def population(self, name: str) -> Population:
        """The typed population; broken parts are noted and left out."""
        section = self.sections[name]
        known = self.names.populations[name]
        for attribute in section.attributes:
            try:
                self.attribute_type(name, attribute)
            except Reject:
                continue
        attributes = tuple(
            found for attribute in self.order[name] if (found := self.done.get((name, attribute))) is not None
        )
        states = tuple(section.states)
        one_per = section.one_per.role or section.one_per.name if section.one_per else None
        links = []
        for link, target in known.links.items():
            own = one_per is not None and link == one_per.value
            links.append(Link(link, target, own, None if own else self._link_value(name, link, target)))
        file = section.from_file
        return Population(
            name,
            self._size(name, section),
            attributes,
            tuple(links),
            states,
            self._moves(section, states),
            self._initial(name, section, states),
            check_correlations(self.checker, self.names, name, section, self.done),
            file.path.value if file else None,
            tuple(FileColumn(c, self._column_of(section, c)) for c in self.order[name] if self._is_file(name, c)),
            section.python_class.value if section.python_class else None,
            section.about.value if section.about else "",
            section.scaled is None or section.scaled.value == "true",
        )

    def _is_file(self, population: str, attribute: str) -> bool:
        return self.sections[population].from_file is not None and attribute not in self.sections[population].attributes

    def _column_of(self, section: PopulationSection, attribute: str) -> str:
        chosen = section.from_file.columns if section.from_file else None
        return chosen[attribute].column.value if chosen else attribute

    def _size(self, name: str, section: PopulationSection) -> Expr | None:
        if section.size is None:
            return None
        scope = Scope(
            self.names,
            Purposes(name, "size"),
            forbidden=dict.fromkeys(("draw", "pick", "now", "aggregate", "episode"), "a size is fixed before the run"),
        )
        try:
            expr = self.checker.check(parse(self.checker, section.size), scope)
        except Reject:
            return None
        if not isinstance(expr.type, Quantity) or not expr.type.is_plain:
            self.checker.problems.note(section.size.span, f"a size must be a number, not {a_type(expr.type)}")
        elif isinstance(expr, Const) and isinstance(expr.value, int | float) and not 0 <= expr.value <= MOST_AGENTS:
            self.checker.problems.note(section.size.span, f"a size must be from 0 to {MOST_AGENTS:_}")
        elif isinstance(expr, Const) and not expr.type.whole:
            self.checker.problems.note(section.size.span, "a size must be a whole number")
        return expr

    def _moves(self, section: PopulationSection, states: tuple[str, ...]) -> frozenset[tuple[int, int]]:
        moves: set[tuple[int, int]] = set()
        for state, entry in section.states.items():
            code = states.index(state)
            if entry.moves is None:
                moves |= {(code, other) for other in range(len(states)) if other != code}
                continue
            for move in entry.moves:
                if move.value not in states:
                    self.checker.problems.note(
                        move.span,
                        f"{section.key.value} has no state `{move.value}`",
                        suggest(move.value, states, "states"),
                    )
                else:
                    moves.add((code, states.index(move.value)))
        return frozenset(moves)

    def _initial(self, name: str, section: PopulationSection, states: tuple[str, ...]) -> Expr | None:
        if section.initial is None:
            return None
        if not states:
            self.checker.problems.note(section.initial.span, f"{name} has no states to start in")
            return None
        try:
            node = parse(self.checker, section.initial)
            return self.checker.value(node, self.scope(name, "state"), State(name, states), "the initial state")
        except Reject:
            return None

    def _link_value(self, name: str, link: str, target: str) -> Expr | None:
        entry = self.sections[name].links[link]
        text = entry.value
        scope = self.scope(name, link)
        if text is None or text.value.strip() == target:
            at = (entry.to or text or entry.key).span
            pool = Members(target, None, type=AgentSet(target), span=at)
            return Pick(pool, None, None, None, False, scope.purposes.next("pick"), type=Agent(target), span=at)
        try:
            expr = self.checker.value(parse(self.checker, text), scope, Agent(target), f"the link `{link}`")
            refuse_small_pools(self.checker, expr, text)
        except Reject:
            return None
        return expr
