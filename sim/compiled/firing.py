"""Firing what an agent has next: clocks and waiting firings, as the reference engine does it."""

from __future__ import annotations

from bustle.sim.compiled import records as r
from bustle.sim.compiled.agenda import earliest, refresh, schedule, take_number
from bustle.sim.compiled.instants import next_instant
from bustle.sim.compiled.native import call_unit, get_i8, get_i32, get_i64, kernel, put_i32, put_i64
from bustle.sim.compiled.places import agenda_of, behavior_of, context_of, is_alive, is_runnable, who_is
from bustle.sim.compiled.queue import push
from bustle.sim.compiled.tallies import count_state
from bustle.sim.compiled.waiting import free_node, take_node

_OCCURRENCES = (1 << r.KEY_SHIFT) - 1

ALL = 1 << 62
"""More firings than there are."""


@kernel
def invoke(context: int, unit: int, agent: int, occurrence: int, now: int, payload: int) -> int:
    """Run a compiled unit in a context; gives its status."""
    run = get_i64(context, r.RUN)
    table = get_i64(get_i64(context, r.TABLES), unit)
    return call_unit(get_i64(get_i64(run, r.UNITS), unit), table, agent, occurrence, now, payload)


@kernel
def start_clock(context: int, number: int, agent: int, now: int) -> int:
    """Draw a gap from now on; gives a status."""
    run = get_i64(context, r.RUN)
    behavior = behavior_of(run, number)
    agenda = agenda_of(get_i64(behavior, r.POPULATION), agent)
    occurrence = take_number(behavior, agenda)
    put_i64(agenda, get_i64(behavior, r.CLOCK) + r.OCCURRENCE, occurrence)
    home = context_of(run, get_i64(behavior, r.POPULATION), agent)
    return invoke(home, get_i64(behavior, r.WIND), agent, occurrence, now, 0)


@kernel
def fire_next(context: int, population: int, agent: int) -> int:
    """Fire what the agent has next, and note when it is due again; gives a status."""
    run = get_i64(context, r.RUN)
    now = earliest(run, population, agent)
    status = advance_agent(context, population, agent, now + 1, 1)
    first = get_i64(get_i64(population, r.NEXT), agent)
    if get_i64(population, r.QUEUED) != 0 and first < get_i64(run, r.LENGTH):
        push(run, first, who_is(population, agent))
    return status


@kernel
def advance_agent(context: int, population: int, agent: int, limit: int, most: int) -> int:
    """Fire what the agent has before ``limit``, at most ``most`` times, and note when it is due again.

    Args:
        context: that of the agent's shard.
        population: the record of its population.
        agent: its index.
        limit: the instant at which to stop.
        most: firings after which to stop.

    Returns:
        A status; after an error the context knows its time.
    """
    run = get_i64(context, r.RUN)
    agenda = agenda_of(population, agent)
    nodes = get_i64(context, r.NODES)
    clocks, n_clocks = get_i64(population, r.CLOCKS), get_i64(population, r.N_CLOCKS)
    acting, top = get_i64(context, r.ACTING), get_i64(context, r.TOP)
    put_i64(context, r.ACTING, who_is(population, agent))
    status, fired, now = 0, 0, r.NONE
    while True:
        now, key, clock = r.NONE, 0, -1
        for k in range(n_clocks):
            number = get_i64(clocks, k)
            behavior = behavior_of(run, number)
            place = get_i64(behavior, r.CLOCK)
            due = get_i64(agenda, place + r.DUE)
            if due <= now and due < r.NONE:
                own = get_i64(behavior, r.ORDER) << r.KEY_SHIFT | get_i64(agenda, place + r.OCCURRENCE)
                if due < now or own < key:
                    now, key, clock = due, own, number
        root = get_i64(agenda, 0)
        if root != 0:
            time = get_i64(nodes, root + r.NODE_TIME)
            if time < now or (time == now and get_i64(nodes, root + r.NODE_KEY) < key):
                now, clock = time, -1
        if now >= limit or fired == most:
            break
        fired += 1
        if clock >= 0:
            status = _fire_clock(context, clock, agenda, population, agent, now, key & _OCCURRENCES)
        else:
            status = _fire_node(context, take_node(nodes, agenda), agenda, population, agent, now)
        put_i64(context, r.TOP, top)
        if get_i64(context, r.FULL) != 0:
            put_i64(context, r.ERROR_SITE, r.NO_ROOM)
            status = 1
        if status != 0:
            if get_i64(context, r.ERROR_TIME) == r.NONE:
                put_i64(context, r.ERROR_TIME, now)
                put_i64(context, r.ERROR_WHO, who_is(population, agent))
            break
    put_i64(context, r.ACTING, acting)
    put_i64(get_i64(population, r.NEXT), agent, now if status == 0 else earliest(run, population, agent))
    return status


@kernel
def _fire_clock(context: int, number: int, agenda: int, population: int, agent: int, now: int, occurrence: int) -> int:
    """Run the rule, and wind the clock again unless the rule has stopped or started it."""
    behavior = behavior_of(get_i64(context, r.RUN), number)
    due = get_i64(behavior, r.CLOCK) + r.DUE
    put_i64(agenda, due, r.NONE)
    put_i64(context, r.FIRED, get_i64(context, r.FIRED) + 1)
    status = invoke(context, get_i64(behavior, r.BODY), agent, occurrence, now, 0)
    if status == 0 and get_i64(agenda, due) == r.NONE:
        if is_alive(population, agent) and is_runnable(population, behavior, agent):
            status = start_clock(context, number, agent, now)
    return status


@kernel
def _fire_node(context: int, node: int, agenda: int, population: int, agent: int, now: int) -> int:
    """Run what waited, if it is still wanted, and give its node back."""
    nodes = get_i64(context, r.NODES)
    behavior = behavior_of(get_i64(context, r.RUN), get_i64(nodes, node + r.NODE_BEHAVIOR))
    kind = get_i64(nodes, node + r.NODE_KIND)
    occurrence = get_i64(nodes, node + r.NODE_KEY) & _OCCURRENCES
    cancelled = get_i64(behavior, r.CANCELLED)
    if kind == r.CALL and cancelled != 0 and occurrence < get_i64(agenda, cancelled):
        free_node(context, node)
        return 0
    put_i64(context, r.FIRED, get_i64(context, r.FIRED) + 1)
    status = 0
    if is_alive(population, agent) and is_runnable(population, behavior, agent):
        bare = kind == r.AT or (kind == r.CALL and get_i64(behavior, r.HEARS) != 0)
        payload = 0 if bare else nodes + 8 * (node + r.PAYLOAD)
        status = invoke(context, get_i64(behavior, r.BODY), agent, occurrence, now, payload)
    if kind == r.AT and status == 0 and is_alive(population, agent):
        next_instant(context, context, behavior, agent, node)
    else:
        free_node(context, node)
    return status


# --- what rules do to agents ----------------------------------------------------


@kernel
def become(context: int, population: int, agent: int, state: int, now: int) -> int:
    """Bring an agent into a state: clocks of the state left stop, those of the one entered start.

    Returns:
        0; 1 after an error, which is noted; 2 where the move is not declared.
    """
    states = get_i64(population, r.STATE)
    former = get_i32(states, agent)
    if get_i8(get_i64(population, r.MOVES), former * get_i64(population, r.N_STATES) + state) == 0:
        return 0 if former == state else 2
    put_i32(states, agent, state)
    run = get_i64(context, r.RUN)
    if is_alive(population, agent):
        count_state(population, agent, former, -1)
        count_state(population, agent, state, 1)
        agenda = agenda_of(population, agent)
        clocks, n_clocks = get_i64(population, r.CLOCKS), get_i64(population, r.N_CLOCKS)
        for k in range(n_clocks):
            behavior = behavior_of(run, get_i64(clocks, k))
            mask = get_i64(behavior, r.STATES)
            if mask != 0 and get_i8(mask, former) != 0 and get_i8(mask, state) == 0:
                put_i64(agenda, get_i64(behavior, r.CLOCK) + r.DUE, r.NONE)
        for k in range(n_clocks):
            number = get_i64(clocks, k)
            mask = get_i64(behavior_of(run, number), r.STATES)
            if mask != 0 and get_i8(mask, former) == 0 and get_i8(mask, state) != 0:
                status = start_clock(context, number, agent, now)
                if status != 0:
                    return status
        entering = get_i64(population, r.ENTERING)
        for k in range(get_i64(population, r.N_ENTERING)):
            number = get_i64(entering, k)
            if get_i8(get_i64(behavior_of(run, number), r.ENTERS), state) != 0:
                schedule(context, number, agent, now + 1, r.TRIGGERED, 0)
        refresh(context, population, agent)
    unit = get_i64(population, r.STATE_CHANGED)
    if former != state and unit >= 0:
        return invoke(context, unit, agent, 0, now, 0)
    return 0


@kernel
def retire(context: int, population: int, agent: int, now: int) -> None:
    """Take an agent out of the run: its clocks stop, and no pick finds it again."""
    if not is_alive(population, agent):
        return
    run = get_i64(context, r.RUN)
    if get_i64(population, r.TALLY) != 0:
        count_state(population, agent, get_i32(get_i64(population, r.STATE), agent), -1)
    put_i64(get_i64(population, r.RETIRED), agent, now)
    agenda = agenda_of(population, agent)
    clocks = get_i64(population, r.CLOCKS)
    for k in range(get_i64(population, r.N_CLOCKS)):
        put_i64(agenda, get_i64(behavior_of(run, get_i64(clocks, k)), r.CLOCK) + r.DUE, r.NONE)
    refresh(context, population, agent)


@kernel
def cancel(context: int, number: int, agent: int) -> None:
    """Drop the agent's pending calls of a behavior by ``after``."""
    behavior = behavior_of(get_i64(context, r.RUN), number)
    agenda = agenda_of(get_i64(behavior, r.POPULATION), agent)
    put_i64(agenda, get_i64(behavior, r.CANCELLED), get_i64(agenda, get_i64(behavior, r.COUNTER)))
