"""How long it takes from the start of Python to a scenario's first event, and what that is made of.

Prints JSON: seconds since the process began at which each step was done, and CPU seconds.

    python -m benchmarks.first_event card_fraud
"""

from __future__ import annotations

import json
import sys
import time

from benchmarks.process_age import process_age

STEPS = ("Python started", "bustle imported", "scenario read", "world made", "first event")
"""What is done one after the other."""


def first_event(scenario: str) -> dict[str, dict[str, float]]:
    """Load a scenario and run it, compiled, to its first event; when each step was done."""
    done = {"Python started": process_age()}

    from bustle import Scenario
    from bustle.agents import build

    done["bustle imported"] = process_age()
    loaded = Scenario.load(scenario)
    done["scenario read"] = process_age()
    build_world = build.build_world

    def timed(*arguments: object) -> object:
        world = build_world(*arguments)  # type: ignore[arg-type]
        done["world made"] = process_age()
        return world

    build.build_world = timed  # type: ignore[assignment]
    next(iter(loaded.events(engine="compiled")))
    done["first event"] = process_age()
    return {"age": done, "total": {"seconds": done["first event"], "cpu_seconds": time.process_time()}}


if __name__ == "__main__":
    print(json.dumps(first_event(sys.argv[1])))
