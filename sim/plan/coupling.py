"""Which agents may advance on their own, and who couples them.

The agents of a population are *islands* if nothing they do reaches anybody else, and nothing that they read of others
changes while they advance. Sums of whole numbers are the exception: islands may add to others' attributes, since it
does not matter who comes first, as long as no island looks. All other behaviors are *couplers*: they run in one global
order. A coupler that needs an island brings that agent up to its instant first. A coupler that writes what islands read
of others, or looks at what they add to, is a *barrier*: all islands must have reached its instant.
"""

from __future__ import annotations

from dataclasses import dataclass

from bustle.scenarios.model import Model
from bustle.sim.facts import Facts
from bustle.sim.plan.touches import Touches, touches_of

WORLD = ""


@dataclass(frozen=True, slots=True)
class Coupling:
    """How the agents of a scenario depend on each other.

    Attributes:
        touches: what each behavior reads and changes, by name.
        islands: populations whose agents advance on their own.
        barriers: behaviors for which all islands must have reached the instant.
        reasons: why a population that acts is no island, one line each, by population.
    """

    touches: dict[str, Touches]
    islands: frozenset[str]
    barriers: frozenset[str]
    reasons: dict[str, str]

    def is_coupler(self, who: str) -> bool:
        """True if the behaviors of ``who`` (the world is "") run in the global order."""
        return who not in self.islands


def coupling_of(model: Model, facts: Facts) -> Coupling:
    """How the agents of ``model`` depend on each other."""
    touches = {name: touches_of(behavior, model, facts) for name, behavior in model.behaviors.items()}
    acting = {behavior.who for behavior in model.behaviors.values() if behavior.who is not None}
    reasons: dict[str, str] = {}
    islands = set()
    for population in sorted(acting):
        mine = [name for name, behavior in model.behaviors.items() if behavior.who == population]
        reaching = [name for name in mine if not touches[name].keeps_to_itself]
        if reaching:
            reasons[population] = f"`{reaching[0]}` {_what_it_does(touches[reaching[0]])}"
        else:
            islands.add(population)
    if facts.python_populations:  # nobody knows what they read and change
        python = ", ".join(facts.python_populations)
        reasons |= {name: f"agents written in Python ({python}) may do anything to it" for name in sorted(islands)}
        islands.clear()
    _settle(model, touches, islands, reasons)
    of_islands = [touches[name] for name, behavior in model.behaviors.items() if behavior.who in islands]
    seen = frozenset().union(*(touch.reads_others for touch in of_islands))
    added = frozenset().union(*(touch.adds_others for touch in of_islands))
    barriers = frozenset(
        name
        for name, behavior in model.behaviors.items()
        if (behavior.who or WORLD) not in islands
        and (touches[name].writes & (seen | added) or (touches[name].reads_own | touches[name].reads_others) & added)
    )
    return Coupling(touches, frozenset(islands), barriers, reasons)


def _settle(model: Model, touches: dict[str, Touches], islands: set[str], reasons: dict[str, str]) -> None:
    """Take away islands that read of others what an island writes, or anything that islands add to."""
    changed = True
    while changed:
        changed = False
        for name, behavior in model.behaviors.items():
            if behavior.who not in islands or behavior.who is None:
                continue
            touch = touches[name]
            for place in sorted(touch.reads_others | touch.reads_own | touch.writes_own | touch.writes_others):
                writer = _writer(place, model, touches, islands, added=place not in touch.reads_others)
                if writer is not None:
                    islands.discard(behavior.who)
                    reasons[behavior.who] = f"`{name}` uses {_place(place)}, which `{writer}` of others changes"
                    changed = True
                    break


def _writer(
    place: tuple[str, str], model: Model, touches: dict[str, Touches], islands: set[str], *, added: bool
) -> str | None:
    """A behavior of an island that writes ``place``; with ``added`` one that adds to it for others."""
    for name, behavior in model.behaviors.items():
        if behavior.who in islands and place in (touches[name].adds_others if added else touches[name].writes):
            return name
    return None


def _place(place: tuple[str, str]) -> str:
    population, name = place
    what = "the members" if name == "*" else f"`{name}`"
    return f"the global `{name}`" if not population else f"{what} of {population}"


def _what_it_does(touches: Touches) -> str:
    if touches.writes_others:
        return f"changes {_place(sorted(touches.writes_others)[0])}" + (
            "" if not sorted(touches.writes_others)[0][0] else " for others"
        )
    who = sorted(touches.affects)[0]
    return "calls the world" if who == WORLD else f"sets off what other agents ({who}) do"
