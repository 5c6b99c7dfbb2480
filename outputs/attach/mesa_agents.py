"""The agents of a Mesa model: ids by class, attributes at the end, and when they came and went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bustle.outputs.attach.convert import Convert, TimeReader, converter
from bustle.outputs.attach.roster import AgentColumns, Ids
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.model import Population

Attributes = Mapping[str, Sequence[str] | Mapping[str, str]]
"""For each class of agents, by name, the attributes to record; with their types where they cannot be seen."""

_GONE = -1


class MesaAgents:
    """Follows the agents of ``model``, from those it has now to those that come and go while it runs.

    Classes are populations, and ids count from 0 in each, in the order in which agents were made.
    The model's ``register_agent`` and ``deregister_agent`` are wrapped until `detach`.

    Args:
        model: a Mesa model (3.0 or newer).
        wanted: which classes and attributes to record.
        now: the simulated time in microseconds since the start.

    Raises:
        TypeError: ``model`` is no Mesa model.
        ValueError: a class has no such attribute, or its type cannot be seen.
    """

    def __init__(self, model: Any, wanted: Attributes, now: Callable[[], int]) -> None:
        for need in ("agents", "steps", "register_agent", "deregister_agent"):
            if not hasattr(model, need):
                raise TypeError(f"{type(model).__name__} is no Mesa model (3.0 or newer): it has no {need!r}")
        self._model = model
        self._now = now
        self._others = Ids()
        present = sorted(model.agents, key=lambda agent: agent.unique_id)
        self._types = {who: _types(who, attributes, present) for who, attributes in wanted.items()}
        self._rows: dict[str, list[dict[str, Any]]] = {who: [] for who in wanted}
        self._ids: dict[int, tuple[str, int]] = {}
        self._live: dict[int, Any] = {}
        for agent in present:
            self._enter(agent)
        self._wrapped = {name: getattr(model, name) for name in ("register_agent", "deregister_agent")}
        model.register_agent = self._register
        model.deregister_agent = self._deregister

    @property
    def populations(self) -> Mapping[str, Mapping[str, str]]:
        """The recorded attributes by class; the first is Mesa's ``unique_id``."""
        return self._types

    def agent_id(self, population: str, agent: Any) -> int:
        """The id of an agent of the model."""
        if population not in self._types:
            return self._others.agent_id(population, agent)
        known = self._ids.get(getattr(agent, "unique_id", _GONE))
        if known is None or known[0] != population:
            raise TypeError(f"{agent!r} is no {population} of the model")
        return known[1]

    def sizes(self) -> Mapping[str, int]:
        """How many agents each class has had."""
        return {**self._others.sizes(), **{who: len(rows) for who, rows in self._rows.items()}}

    def columns(self, population: Population, times: TimeReader) -> AgentColumns:
        """The agents of a class: attributes at the end, or when they were removed."""
        rows = self._rows[population.name]
        for unique_id, agent in self._live.items():
            who, index = self._ids[unique_id]
            if who == population.name:
                rows[index].update(self._look(who, agent))
        columns: dict[str, list[Any]] = {}
        for attribute in population.attributes:
            name, hold = attribute.name, converter(attribute.type, times, self.agent_id)
            columns[name] = [_held(hold, row[name], population.name, name) for row in rows]
        for name in ("born", "retired"):
            columns[name] = [row[name] for row in rows]
        return columns

    def detach(self) -> None:
        """Give the model its own methods back."""
        for name, method in self._wrapped.items():
            if getattr(method, "__func__", None) is getattr(type(self._model), name, None):
                vars(self._model).pop(name, None)
            else:
                setattr(self._model, name, method)

    def _register(self, agent: Any) -> None:
        self._wrapped["register_agent"](agent)
        self._enter(agent)

    def _deregister(self, agent: Any) -> None:
        known = self._ids.get(agent.unique_id)
        if known is not None and self._live.pop(agent.unique_id, None) is not None:
            self._rows[known[0]][known[1]].update(self._look(known[0], agent), retired=self._now())
        self._wrapped["deregister_agent"](agent)

    def _enter(self, agent: Any) -> None:
        who = next((c.__name__ for c in type(agent).__mro__ if c.__name__ in self._types), None)
        if who is None:
            return
        self._ids[agent.unique_id] = (who, len(self._rows[who]))
        self._live[agent.unique_id] = agent
        self._rows[who].append({"born": self._now(), "retired": _GONE})

    def _look(self, who: str, agent: Any) -> dict[str, Any]:
        """The attributes of ``agent`` as they are now."""
        return {name: _attribute(who, agent, name) for name in self._types[who]}


def _types(who: str, attributes: Sequence[str] | Mapping[str, str], present: Sequence[Any]) -> dict[str, str]:
    """The attributes of a class with their types, which are seen on its agents where they are not given."""
    if isinstance(attributes, str):
        raise ValueError(f"agents: give the attributes of {who} as a list, such as [{attributes!r}]")
    types = {"unique_id": "whole"}
    members = [agent for agent in present if who in (c.__name__ for c in type(agent).__mro__)]
    for name in attributes:
        if isinstance(attributes, Mapping):
            types[name] = attributes[name]
        elif name != "unique_id":
            types[name] = _seen_type(who, name, [_attribute(who, agent, name) for agent in members])
    return types


def _seen_type(who: str, name: str, values: Sequence[Any]) -> str:
    """``bool``, ``text`` or ``number`` (also for whole numbers, which may not stay whole)."""
    for type_, fits in (("bool", _is_bool), ("text", lambda v: isinstance(v, str)), ("number", _is_number)):
        if values and all(map(fits, values)):
            return type_
    why = f"{values[0]!r} is none the log has" if values else f"there is no {who} yet"
    raise ValueError(f"the type of {who}.{name} cannot be seen, {why}: say agents={{{who!r}: {{{name!r}: 'number'}}}}")


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")


def _is_number(value: Any) -> bool:
    return hasattr(value, "__float__") and not _is_bool(value)


def _attribute(who: str, agent: Any, name: str) -> Any:
    try:
        return getattr(agent, name)
    except AttributeError:
        hint = suggest(name, [known for known in vars(agent) if not known.startswith("_")], "attributes")
        raise ValueError(f"a {who} has no attribute {name!r}; {hint}") from None


def _held(hold: Convert, value: Any, who: str, name: str) -> Any:
    try:
        return hold(value)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{who}.{name}: {error}") from None
