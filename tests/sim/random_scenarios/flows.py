"""How much of what a scenario does sets off more, so that none goes on without end.

Rules note what one firing causes, roughly: calls, emissions, changes of state, writes of what is watched. Iterating
over these gives how often each behavior will fire.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.sim.random_scenarios.cast import Cast, Part

MOST_FIRINGS = 4_000.0
"""Firings above which a scenario is not taken."""

_ROUNDS = 60


def is_bounded(cast: Cast) -> bool:
    """Whether a run will fire a few thousand times at most, as far as one can tell."""
    causes = [*cast.flows, *_followers(cast)]
    base = {part.name: part.clock_load for part in cast.parts.values()}
    loads = dict(base)
    for _ in range(_ROUNDS):
        following = dict(base)
        for cause, effect, times in causes:
            following[effect] = following.get(effect, 0.0) + times * loads.get(cause, 0.0)
        loads = following
        if sum(loads[name] for name in cast.parts) > MOST_FIRINGS:
            return False
    return True


def event(name: str) -> str:
    """What stands for an event among causes and effects."""
    return f"event {name}"


def becoming(population: str) -> str:
    """What stands for changes of state."""
    return f"become {population}"


def writing(source: tuple[str, str]) -> str:
    """What stands for writes of an attribute or a global."""
    return f"write {source[0]}.{source[1]}"


def _followers(cast: Cast) -> Iterator[tuple[str, str, float]]:
    """What sets off behaviors that no rule calls."""
    for part in cast.parts.values():
        everybody = float(cast.populations[part.who].size) if part.who != "world" else 1.0
        match part.trigger:
            case "on":
                yield event(part.event), part.name, (1.0 if part.role else everybody) * part.passes
            case "enters":
                yield becoming(part.who), part.name, 1.0
            case "when":
                for source in part.watches:
                    yield writing(source), part.name, 0.3 * _concerned(cast, part, source)


def _concerned(cast: Cast, part: Part, source: tuple[str, str]) -> float:
    """How many agents a write concerns."""
    if source[0] == part.who:
        return 1.0
    everybody = cast.populations[part.who].size if part.who != "world" else 1
    return everybody if source[0] == "world" else everybody / max(1, cast.populations[source[0]].size)
