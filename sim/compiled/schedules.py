"""The loops that run a scenario: a queue in global order, and islands that advance each on its own."""

from __future__ import annotations

from bustle.sim.compiled import records as r
from bustle.sim.compiled.agenda import refresh
from bustle.sim.compiled.firing import ALL, advance_agent, fire_next, invoke, start_clock
from bustle.sim.compiled.native import get_f64, get_i64, kernel, put_i64
from bustle.sim.compiled.places import (
    agenda_of,
    behavior_of,
    context_of,
    index_of,
    is_runnable,
    population_of,
    shard_of,
    who_is,
)
from bustle.sim.compiled.queue import drop_first, push

DONE, MORE, FAILED, BARRIER_AHEAD = 0, 1, 2, 3
"""How a stretch of the queue ends: nothing is left before its end, its budget is used up, an error, or a barrier."""

_FEW_STALE = 65_536

_AHEAD = 4
"""Places by which what an island will read is fetched before its turn."""


@kernel
def advance_queue(run: int, until: int, budget: int, barriers: bool, passed: int) -> int:
    """Fire what stands in the queue before ``until``, in order.

    Args:
        run: the run's record.
        until: the instant at which to stop.
        budget: firings after which to pause.
        barriers: stop before behaviors that need all islands at their instant.
        passed: who may pass a barrier at the front of the queue; -1 for nobody.

    Returns:
        `DONE`, `MORE`, `FAILED` or `BARRIER_AHEAD`.
    """
    first = get_i64(get_i64(run, r.CONTEXTS), 0)
    last = get_i64(first, r.FIRED) + budget
    most = _most_entries(run)
    while get_i64(run, r.QUEUE_SIZE) > 0:
        queue = get_i64(run, r.QUEUE)
        time, who = get_i64(queue, 0), get_i64(queue, 1)
        if time >= until:
            return DONE
        population, agent = population_of(run, who), index_of(who)
        if get_i64(get_i64(population, r.NEXT), agent) != time:
            drop_first(run)
            continue
        if get_i64(first, r.FIRED) >= last:
            return MORE
        context = context_of(run, population, agent)
        if barriers and who != passed and _is_barrier(context, population, agent):
            return BARRIER_AHEAD
        passed = -1
        drop_first(run)
        if fire_next(context, population, agent) != 0:
            return FAILED
        if get_i64(run, r.QUEUE_SIZE) > most:
            sweep_queue(run)
            most = _most_entries(run)
    return DONE


@kernel
def _is_barrier(context: int, population: int, agent: int) -> bool:
    """Whether any of the agent's firings at its next instant is one of a barrier behavior."""
    run = get_i64(context, r.RUN)
    agenda = agenda_of(population, agent)
    now = get_i64(get_i64(population, r.NEXT), agent)
    clocks = get_i64(population, r.CLOCKS)
    for k in range(get_i64(population, r.N_CLOCKS)):
        behavior = behavior_of(run, get_i64(clocks, k))
        if get_i64(behavior, r.BARRIER) != 0 and get_i64(agenda, get_i64(behavior, r.CLOCK) + r.DUE) == now:
            return True
    root = get_i64(agenda, 0)
    if root != 0:
        # The first of the heap alone is looked at: when it has fired, the next one is looked at in turn.
        nodes = get_i64(context, r.NODES)
        if get_i64(nodes, root + r.NODE_TIME) == now:
            return get_i64(behavior_of(run, get_i64(nodes, root + r.NODE_BEHAVIOR)), r.BARRIER) != 0
    return False


@kernel
def _most_entries(run: int) -> int:
    """How long the queue may grow before what is stale is swept away."""
    agents = 0
    for number in range(get_i64(run, r.N_POPULATIONS)):
        population = get_i64(run, r.POPULATIONS) + 8 * r.POPULATION_WORDS * number
        if get_i64(population, r.QUEUED) != 0:
            agents += get_i64(population, r.COUNT)
    return 4 * agents + _FEW_STALE


@kernel
def sweep_queue(run: int) -> None:
    """Make the queue anew, with one entry for each agent that is due."""
    put_i64(run, r.QUEUE_SIZE, 0)
    for number in range(get_i64(run, r.N_POPULATIONS)):
        population = get_i64(run, r.POPULATIONS) + 8 * r.POPULATION_WORDS * number
        if get_i64(population, r.QUEUED) != 0:
            times = get_i64(population, r.NEXT)
            for agent in range(get_i64(population, r.COUNT)):
                if get_i64(times, agent) < get_i64(run, r.LENGTH):
                    push(run, get_i64(times, agent), who_is(population, agent))


@kernel
def advance_islands(context: int, until: int, before: int) -> int:
    """Let every island of a shard fire what it has before ``until``.

    Where rules fail, the context keeps the earliest error of the shard.

    Args:
        context: the shard's.
        until: the instant.
        before: islands of populations with a lower number also fire what they have at ``until``; 0 for none.

    Returns:
        1 after an error, else 0.
    """
    run, shard = get_i64(context, r.RUN), get_i64(context, r.SHARD)
    failed = r.NONE
    for number in range(get_i64(run, r.N_POPULATIONS)):
        population = get_i64(run, r.POPULATIONS) + 8 * r.POPULATION_WORDS * number
        if get_i64(population, r.QUEUED) != 0:
            continue
        limit = until + 1 if get_i64(population, r.NUMBER) < before else until
        times = get_i64(population, r.NEXT)
        fetch = get_i64(population, r.FETCH)
        last = _first_of(population, shard + 1)
        for agent in range(_first_of(population, shard), last):
            stop, ahead = min(limit, failed), agent + _AHEAD
            if fetch >= 0 and ahead < last and get_i64(times, ahead) < stop:
                invoke(context, fetch, ahead, 0, 0, 0)
            if get_i64(times, agent) < stop and advance_agent(context, population, agent, stop, ALL) != 0:
                failed = get_i64(context, r.ERROR_TIME)
                put_i64(context, r.ERROR_TIME, r.NONE)
    put_i64(context, r.ERROR_TIME, failed)
    return 0 if failed == r.NONE else 1


@kernel
def _first_of(population: int, shard: int) -> int:
    """The first agent of a shard; the number of agents after the last shard."""
    count, last = get_i64(population, r.COUNT), get_i64(population, r.LAST_SHARD)
    if shard == 0:
        return 0
    if shard > last:
        return count
    first = min(count, int(shard / get_f64(population, r.SHARD_SCALE)))
    while first < count and shard_of(population, first) < shard:
        first += 1
    while first > 0 and shard_of(population, first - 1) >= shard:
        first -= 1
    return first


@kernel
def start_clocks(run: int, number: int) -> int:
    """Start a behavior's clock for every agent that may run it; gives a status."""
    behavior = behavior_of(run, number)
    population = get_i64(behavior, r.POPULATION)
    for agent in range(get_i64(population, r.COUNT)):
        if is_runnable(population, behavior, agent):
            context = context_of(run, population, agent)
            if start_clock(context, number, agent, 0) != 0:
                return 1
            refresh(context, population, agent)
    return 0


@kernel
def begin_all(run: int, number: int, unit: int) -> int:
    """Run a unit that begins something for every agent of a behavior; gives a status."""
    population = get_i64(behavior_of(run, number), r.POPULATION)
    for agent in range(get_i64(population, r.COUNT)):
        context = context_of(run, population, agent)
        if invoke(context, unit, agent, 0, 0, 0) != 0:
            return 1
    return 0
