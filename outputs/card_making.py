"""The parts of a dataset's card that say how the data were made, and how to make them again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bustle.outputs.epoch import Epoch, epoch_of
from bustle.outputs.expression_text import expression_text
from bustle.outputs.log import LogReader
from bustle.outputs.markdown import code, markdown_table
from bustle.outputs.quantity_text import value_text
from bustle.outputs.schema import has_rules
from bustle.scenarios.model import (
    AtTrigger,
    Behavior,
    CalendarMoment,
    EntersTrigger,
    EveryTrigger,
    Expr,
    Model,
    OnTrigger,
    Parameter,
    Population,
    RateTrigger,
    WhenTrigger,
)

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MINUTE = 60_000_000


def making(folder: Path, model: Model) -> Iterator[str]:
    """Populations, networks, behaviors and interventions."""
    yield from ("## How the data were made", "")
    reader = LogReader(folder)
    written = set(reader.names("agents"))
    if model.populations:
        yield from ("**Populations**", "")
        rows = [
            [
                code(p.name),
                f"{reader.file('agents', p.name).metadata.num_rows:,}" if p.name in written else "",
                ", ".join(f"{code(link.name)} ({link.population})" for link in p.links),
                ", ".join(p.states),
                p.about,
            ]
            for p in model.populations.values()
        ]
        yield from markdown_table(["population", "agents", "links", "states", "about"], rows, numeric=[1])
        yield ""
    attributes = [row for p in model.populations.values() for row in _attributes(p, model)]
    if attributes:
        yield from ("**Attributes**", "")
        yield from markdown_table(["attribute", "of", "type", "at the start", "changes", "about"], attributes)
        yield ""
    if model.networks:
        yield from ("**Networks**", "")
        networks = [
            [code(n.name), n.source, n.target, n.kind.replace("_", " "), n.about] for n in model.networks.values()
        ]
        yield from markdown_table(["network", "from", "to", "kind", "about"], networks)
        yield ""
    if model.behaviors:
        yield from ("**Behaviors**", "")
        behaviors = [[code(b.name), b.who or "world", _when(b, model), b.about] for b in model.behaviors.values()]
        yield from markdown_table(["behavior", "who", "when", "about"], behaviors)
        yield ""
    if model.interventions:
        yield from ("**Interventions** change parameters while the run goes on", "")
        yield from markdown_table(["intervention", "from", "until", "sets", "about"], _interventions(model))
        yield ""


def _attributes(population: Population, model: Model) -> Iterator[list[str]]:
    columns = {column.attribute: column.column for column in population.file_columns}
    for attribute in population.attributes:
        made = expression_text(attribute.value, model)
        if attribute.name in columns:
            made = f'"{columns[attribute.name]}" of {population.file}'
        by = "by its code" if population.python_class else "by rules"
        changes = by if attribute.mutable else ""
        yield [code(attribute.name), population.name, str(attribute.type), code(made), changes, attribute.about]


def _when(behavior: Behavior, model: Model) -> str:
    states = model.populations[behavior.who].states if behavior.who in model.populations else ()
    parts = [_trigger(behavior, model, states)]
    if behavior.while_states:
        parts.append(f"while {' or '.join(states[s] for s in behavior.while_states)}")
    if behavior.unless_states:
        parts.append(f"unless {' or '.join(states[s] for s in behavior.unless_states)}")
    if behavior.condition is not None:
        parts.append(f"if {code(expression_text(behavior.condition, model))}")
    return ", ".join(parts)


def _trigger(behavior: Behavior, model: Model, states: tuple[str, ...]) -> str:
    def text(expr: Expr) -> str:
        return code(expression_text(expr, model))

    match behavior.trigger:
        case RateTrigger(rate, rhythms):
            return f"at random, at the rate {text(rate)}{_rhythms(rhythms)}"
        case EveryTrigger(gap, rhythms):
            return f"every {text(gap)}{_rhythms(rhythms)}"
        case AtTrigger(instants, moments):
            return "at " + ", ".join([*(text(i) for i in instants), *(_moment(m) for m in moments)])
        case OnTrigger(event, role):
            return f"on {code(event)}" + (f" as its {code(role)}" if role else "")
        case WhenTrigger(condition):
            return f"when {text(condition)} becomes true"
        case EntersTrigger(entered):
            return f"on becoming {' or '.join(states[s] for s in entered)}"
        case None:
            return "when another behavior asks for it"


def _rhythms(rhythms: tuple[str, ...]) -> str:
    return f", in the rhythm {' and '.join(map(code, rhythms))}" if rhythms else ""


def _moment(moment: CalendarMoment) -> str:
    minutes = moment.time_of_day // _MINUTE
    days = [_WEEKDAYS[d] for d in moment.weekdays]
    days += ["the last day of the month" if d == -1 else f"day {d} of the month" for d in moment.month_days]
    return f"{minutes // 60:02}:{minutes % 60:02} {'on ' + ', '.join(days) if days else 'every day'}"


def _interventions(model: Model) -> Iterator[list[str]]:
    for intervention in model.interventions.values():
        sets = [f"{name} = {expression_text(value, model)}" for name, value in intervention.values]
        yield [
            code(intervention.name),
            expression_text(intervention.at, model),
            "the end" if intervention.until is None else expression_text(intervention.until, model),
            ", ".join(map(code, sets)),
            intervention.about,
        ]


def parameters(model: Model) -> Iterator[str]:
    """The parameters with their values, bounds, meaning, and where the numbers come from."""
    if not model.parameters:
        return
    epoch = epoch_of(model.clock)
    yield from ("## Parameters", "")
    rows = []
    for parameter in model.parameters.values():
        rows.append(
            [
                code(parameter.name),
                value_text(model.values[parameter.name], parameter.type, epoch),
                _bounds(parameter, epoch),
                parameter.about,
                parameter.because,
            ]
        )
    yield from markdown_table(["parameter", "value", "bounds", "about", "because"], rows)
    yield ""


def _bounds(parameter: Parameter, epoch: Epoch) -> str:
    if parameter.choices:
        return ", ".join(parameter.choices)
    low, high = (
        None if b is None else value_text(b, parameter.type, epoch) for b in (parameter.minimum, parameter.maximum)
    )
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"at least {low}" if low is not None else f"at most {high}" if high is not None else ""


def reproduction(model: Model) -> Iterator[str]:
    """The command that makes the same data again, from the scenario in the folder."""
    yield from ("## Making the same data again", "")
    if not has_rules(model):
        yield from ("The rules are not in `scenario.yaml`: run the model that the data were recorded from.", "")
        return
    yield "`scenario.yaml` holds the parameters, length and scale of this run. With the same version of bustle it gives"
    yield "the same data, byte for byte:"
    yield from ("", "```sh", f"bustle run scenario.yaml --seed {model.seed} --out again", "```", "")
