"""The state of a run as arrays: what a checkpoint keeps of its memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from bustle.sim.compiled import records as r
from bustle.sim.compiled.linking import Linker
from bustle.sim.compiled.memory import Array
from bustle.sim.compiled.program import WORLD
from bustle.sim.compiled.tallies import count_everybody

_OF_A_CONTEXT = (r.NODES_USED, r.FIRED, *range(r.FREE, r.FREE + r.SIZES))
"""The words of a context that change; all others are addresses or empty between firings."""


def state_arrays(linker: Linker) -> dict[str, Array]:
    """Everything that a run changes, by name; addresses are left out, since they differ from process to process."""
    arrays = {
        "counts": np.array([people.size for people in linker.populations.values()], np.int64),
        "queue": linker.queue.array[: 2 * int(linker.run.array[r.QUEUE_SIZE])],
    }
    for number, (context, nodes) in enumerate(zip(linker.contexts, linker.nodes, strict=True)):
        arrays[f"context {number}"] = context.array[list(_OF_A_CONTEXT)]
        arrays[f"nodes {number}"] = nodes.array[: int(context.array[r.NODES_USED])]
    for (kind, name), cell in linker.cells.items():
        arrays[f"{kind} {name}"] = cell.array
    for name, array, width in _of_agents(linker):
        people = linker.populations[name.split(" ")[1]] if name.split(" ")[1] else linker.populations[WORLD]
        arrays[name] = array[: people.size * width]
    return arrays


def restore_arrays(linker: Linker, arrays: Mapping[str, Array]) -> None:
    """Put the arrays of `state_arrays` back."""
    for people, count in zip(linker.populations.values(), arrays["counts"].tolist(), strict=True):
        people.record[r.COUNT] = count
    queue = arrays["queue"]
    linker.queue.array[: len(queue)] = queue
    linker.run.array[r.QUEUE_SIZE] = len(queue) // 2
    for number, (context, nodes) in enumerate(zip(linker.contexts, linker.nodes, strict=True)):
        context.array[list(_OF_A_CONTEXT)] = arrays[f"context {number}"]
        saved = arrays[f"nodes {number}"]
        nodes.array[: len(saved)] = saved
    for (kind, name), cell in linker.cells.items():
        cell.array[:] = arrays[f"{kind} {name}"]
    for name, array, _ in _of_agents(linker):
        array[: len(arrays[name])] = arrays[name]
    for people in linker.populations.values():
        if people.tally is not None:
            people.tally.array[:] = 0
            count_everybody(people.address)


def _of_agents(linker: Linker) -> Iterator[tuple[str, Array, int]]:
    """The arrays with a stretch for each agent of a population: name, array, entries an agent."""
    facts = linker.program.facts
    for name, people in linker.populations.items():
        yield f"agenda {name}", people.agenda.array, int(people.record[r.WIDTH])
        yield f"next {name}", people.next.array, 1
        for what, region in (("retired", people.retired), ("born", people.born), ("identity", people.identity)):
            if region is not None:
                yield f"{what} {name}", region.array, 1
        for column, region in people.columns.items():
            if name in facts.growing or facts.writes_attribute(name, column):
                yield f"column {name} {column}", region.array, 1
    for behavior, region in linker.known.items():
        yield f"known {linker.program.model.behaviors[behavior].who or WORLD} {behavior}", region.array, 1
    for (population, link), chain in linker.chains.items():
        if population not in facts.growing:
            continue
        target = linker.program.attribute_type(population, link)
        yield f"chain {population} {link} next", chain["next"].array, 1
        for part in ("first", "last"):
            yield f"chain {target.population} {population} {link} {part}", chain[part].array, 1  # type: ignore[union-attr]
