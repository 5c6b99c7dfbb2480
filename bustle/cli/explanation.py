"""What ``bustle explain`` tells people: the plan of a run, and what it takes and gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bustle.cli.consoles import results
from bustle.cli.quantities import size_text
from bustle.outputs.quantity_text import duration_text

if TYPE_CHECKING:
    from bustle.scenarios.model import Model
    from bustle.sim.engines import Choice
    from bustle.sim.plan import Plan
    from bustle.sim.plan.amounts import Amount
    from bustle.sim.plan.touches import Place

WIDTH = 100
"""Columns of a terminal that everything fits into."""


def print_explanation(model: Model, choice: Choice, workers: int, notes: Iterable[str]) -> None:
    """Print the plan of a run, and what it takes and gives."""
    console = results()
    console.width = min(console.width, WIDTH)
    plan, found = choice.plan, choice.plan.estimate
    console.print(Text(model.title or model.name, style="bold"))
    console.print(Text(f"{duration_text(model.clock.length)} of simulated time, seed {model.seed}\n"))
    _print_pairs(console, _how(model, choice, workers))
    sections: list[tuple[str, str, dict[str, str]]] = [
        ("population", "agents", {name: f"{size:,}" for name, size in found.populations.items()}),
        ("network", "edges", _texts(found.networks)),
        ("event", "rows of the log", _texts({**found.events, "all": found.all_events})),
        ("table", "rows", _texts(found.tables)),
    ]
    for what, of_what, numbers in sections[:2]:
        _print_numbers(console, what, of_what, numbers)
    _print_behaviors(console, plan)
    for what, of_what, numbers in sections[2:]:
        _print_numbers(console, what, of_what, numbers)
    for note in notes:
        console.print(Text(f"note: {note}"))


def _how(model: Model, choice: Choice, workers: int) -> list[tuple[str, str]]:
    """The plan in a line or a few for each of its parts."""
    from bustle.sim.plan.coupling import WORLD

    plan, found = choice.plan, choice.plan.estimate
    coupling = plan.coupling
    islands = [f"{name} ({found.populations[name]:,})" for name in sorted(coupling.islands)]
    disk = "unknown" if found.disk.kind == "unknown" else f"{in_words(found.disk)}{size_text(found.disk.number)}"
    pairs = [("engine", f"{choice.engine}: {choice.why}")]
    if choice.prepared is not None:
        rules, new = len(choice.prepared.units), choice.prepared.rules_to_compile
        pairs.append(("rules", f"{rules} functions, " + (f"{new} to be compiled (once)" if new else "all compiled")))
    if choice.engine == "compiled":
        others = [schedule for schedule in plan.schedules if schedule != plan.schedule]
        also = f" (possible too: {', '.join(others)})" if others else ""
        pairs.append(("schedule", f"{plan.schedule}: {plan.why_schedule}{also}"))
    pairs.append(("islands", ", ".join(islands) or "none"))
    pairs += [("coupled", f"{name}: {reason}") for name, reason in coupling.reasons.items()]
    if islands:
        couplers = [name for name, behavior in model.behaviors.items() if coupling.is_coupler(behavior.who or WORLD)]
        pairs.append(("couplers", f"{', '.join(couplers)}: fire in one order" if couplers else "none"))
        waits = f"{', '.join(sorted(coupling.barriers))}: all islands come to their instant first"
        pairs.append(("barriers", waits if coupling.barriers else "none"))
    pairs += [("lookahead", text) for text in _lookahead(plan, model.clock.length)]
    pairs += [("constant", f"{name}: {', '.join(names)}") for name, names in plan.constant.items() if names]
    pairs.append(("workers", _shards(choice, workers)))
    pairs.append(("memory", f"about {size_text(choice.memory)} in the {choice.engine} engine"))
    pairs.append(("disk", disk))
    return pairs


def _lookahead(plan: Plan, length: int) -> Iterable[str]:
    """Populations by how far they may run ahead of the others, the longest first."""
    by_time: dict[int, list[str]] = {}
    for name, time in plan.lookahead.items():
        by_time.setdefault(time, []).append(name)
    for time, names in sorted(by_time.items(), reverse=True):
        yield f"{'the whole run' if time >= length else duration_text(time)}: {', '.join(names)}"


def _shards(choice: Choice, workers: int) -> str:
    shards = choice.plan.shards(workers) if choice.engine == "compiled" else 1
    if shards > 1:
        return f"{workers}, for as many shards of the islands"
    if choice.engine != "compiled":
        return "1: the reference engine has one"
    return "1 of 1 shard" if choice.plan.schedule == "windows" else "1 shard: more workers do not help"


def _print_pairs(console: Console, pairs: list[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(min_width=10, no_wrap=True)
    grid.add_column()
    before = ""
    for name, text in pairs:
        grid.add_row(Text("" if name == before else name, style="bold"), Text(text))
        before = name
    console.print(grid)
    console.print()


def _print_numbers(console: Console, what: str, of_what: str, numbers: Mapping[str, str]) -> None:
    if not numbers:
        return
    table = Table()
    table.add_column(what, min_width=24)
    table.add_column(of_what, justify="right", min_width=24)
    for name, text in numbers.items():
        table.add_row(name, text)
    console.print(table)


def _print_behaviors(console: Console, plan: Plan) -> None:
    """How often each behavior fires, and what it touches of what may change during the run."""
    if not plan.coupling.touches:
        return
    firings = _texts(plan.estimate.firings)
    table = Table()
    table.add_column("behavior")
    table.add_column("firings", justify="right", no_wrap=True)
    for heading in ("reads", "changes", "sets off"):
        table.add_column(heading)
    for name, touches in plan.coupling.touches.items():
        table.add_row(
            name,
            firings[name],
            _places(touches.reads_own, touches.reads_others),
            _places(touches.writes_own, touches.writes_others, touches.adds_others),
            ", ".join(sorted(who or "the world" for who in touches.affects)),
        )
    console.print(table)


def _places(own: frozenset[Place], others: frozenset[Place], sums: frozenset[Place] = frozenset()) -> str:
    """Attributes: the agent's own by their name, those of others behind their population."""
    mine = ", ".join("presence" if name == "*" else name for _, name in sorted(own))
    theirs = ", ".join(map(_place, sorted(others)))
    added = ", ".join(map(_place, sorted(sums)))
    parts = [f"own {mine}" if mine else "", theirs, f"sums: {added}" if added else ""]
    return "; ".join(part for part in parts if part)


def _place(place: Place) -> str:
    population, name = place
    if not population:
        return f"global {name}"
    return f"{population} members" if name == "*" else f"{population}.{name}"


def _texts(amounts: Mapping[str, Amount]) -> dict[str, str]:
    return {
        name: "unknown" if (number := amount.rounded()) is None else f"{in_words(amount)}{number:,}"
        for name, amount in amounts.items()
    }


def in_words(amount: Amount) -> str:
    """What is to be said before a number: nothing, or that it is a bound."""
    return "" if amount.kind == "expected" else f"{amount.kind} "
