"""Firing what an agent has next: clocks and waiting firings, as the reference engine does it."""

from __future__ import annotations

from bustle.sim.compiled.agenda import (
    agenda_of,
    behavior_of,
    context_of,
    earliest,
    free_node,
    is_alive,
    is_runnable,
    next_instant,
    refresh,
    schedule,
    take_node,
    take_number,
    who_is,
)
from bustle.sim.compiled.native import call_unit, get_i8, get_i32, get_i64, kernel, put_i32, put_i64
from bustle.sim.compiled.queue import push
from bustle.sim.compiled.records import (
    ACTING,
    AT,
    BODY,
    CALL,
    CANCELLED,
    CLOCK,
    CLOCKS,
    COUNTER,
    DUE,
    ENTERING,
    ENTERS,
    ERROR_SITE,
    ERROR_TIME,
    ERROR_WHO,
    FIRED,
    FULL,
    HEARS,
    KEY_SHIFT,
    LENGTH,
    MOVES,
    N_CLOCKS,
    N_ENTERING,
    N_STATES,
    NEXT,
    NO_ROOM,
    NODE_BEHAVIOR,
    NODE_KEY,
    NODE_KIND,
    NODE_TIME,
    NODES,
    NONE,
    OCCURRENCE,
    ORDER,
    PAYLOAD,
    POPULATION,
    QUEUED,
    RETIRED,
    RUN,
    STATE,
    STATE_CHANGED,
    STATES,
    TABLES,
    TALLY,
    TOP,
    TRIGGERED,
    UNITS,
    WIND,
)
from bustle.sim.compiled.tallies import count_state

_OCCURRENCES = (1 << KEY_SHIFT) - 1

ALL = 1 << 62
"""More firings than there are."""


@kernel
def invoke(context: int, unit: int, agent: int, occurrence: int, now: int, payload: int) -> int:
    """Run a compiled unit in a context; gives its status."""
    run = get_i64(context, RUN)
    table = get_i64(get_i64(context, TABLES), unit)
    return call_unit(get_i64(get_i64(run, UNITS), unit), table, agent, occurrence, now, payload)


@kernel
def start_clock(context: int, number: int, agent: int, now: int) -> int:
    """Draw a gap from now on; gives a status."""
    run = get_i64(context, RUN)
    behavior = behavior_of(run, number)
    agenda = agenda_of(get_i64(behavior, POPULATION), agent)
    occurrence = take_number(behavior, agenda)
    put_i64(agenda, get_i64(behavior, CLOCK) + OCCURRENCE, occurrence)
    home = context_of(run, get_i64(behavior, POPULATION), agent)
    return invoke(home, get_i64(behavior, WIND), agent, occurrence, now, 0)


@kernel
def fire_next(context: int, population: int, agent: int) -> int:
    """Fire what the agent has next, and note when it is due again; gives a status."""
    run = get_i64(context, RUN)
    now = earliest(run, population, agent)
    status = advance_agent(context, population, agent, now + 1, 1)
    first = get_i64(get_i64(population, NEXT), agent)
    if get_i64(population, QUEUED) != 0 and first < get_i64(run, LENGTH):
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
    run = get_i64(context, RUN)
    agenda = agenda_of(population, agent)
    nodes = get_i64(context, NODES)
    clocks, n_clocks = get_i64(population, CLOCKS), get_i64(population, N_CLOCKS)
    acting, top = get_i64(context, ACTING), get_i64(context, TOP)
    put_i64(context, ACTING, who_is(population, agent))
    status, fired, now = 0, 0, NONE
    while True:
        now, key, clock = NONE, 0, -1
        for k in range(n_clocks):
            number = get_i64(clocks, k)
            behavior = behavior_of(run, number)
            place = get_i64(behavior, CLOCK)
            due = get_i64(agenda, place + DUE)
            if due <= now and due < NONE:
                own = get_i64(behavior, ORDER) << KEY_SHIFT | get_i64(agenda, place + OCCURRENCE)
                if due < now or own < key:
                    now, key, clock = due, own, number
        root = get_i64(agenda, 0)
        if root != 0:
            time = get_i64(nodes, root + NODE_TIME)
            if time < now or (time == now and get_i64(nodes, root + NODE_KEY) < key):
                now, clock = time, -1
        if now >= limit or fired == most:
            break
        fired += 1
        if clock >= 0:
            status = _fire_clock(context, clock, agenda, population, agent, now, key & _OCCURRENCES)
        else:
            status = _fire_node(context, take_node(nodes, agenda), agenda, population, agent, now)
        put_i64(context, TOP, top)
        if get_i64(context, FULL) != 0:
            put_i64(context, ERROR_SITE, NO_ROOM)
            status = 1
        if status != 0:
            if get_i64(context, ERROR_TIME) == NONE:
                put_i64(context, ERROR_TIME, now)
                put_i64(context, ERROR_WHO, who_is(population, agent))
            break
    put_i64(context, ACTING, acting)
    put_i64(get_i64(population, NEXT), agent, now if status == 0 else earliest(run, population, agent))
    return status


@kernel
def _fire_clock(context: int, number: int, agenda: int, population: int, agent: int, now: int, occurrence: int) -> int:
    """Run the rule, and wind the clock again unless the rule has stopped or started it."""
    behavior = behavior_of(get_i64(context, RUN), number)
    due = get_i64(behavior, CLOCK) + DUE
    put_i64(agenda, due, NONE)
    put_i64(context, FIRED, get_i64(context, FIRED) + 1)
    status = invoke(context, get_i64(behavior, BODY), agent, occurrence, now, 0)
    if status == 0 and get_i64(agenda, due) == NONE:
        if is_alive(population, agent) and is_runnable(population, behavior, agent):
            status = start_clock(context, number, agent, now)
    return status


@kernel
def _fire_node(context: int, node: int, agenda: int, population: int, agent: int, now: int) -> int:
    """Run what waited, if it is still wanted, and give its node back."""
    nodes = get_i64(context, NODES)
    behavior = behavior_of(get_i64(context, RUN), get_i64(nodes, node + NODE_BEHAVIOR))
    kind = get_i64(nodes, node + NODE_KIND)
    occurrence = get_i64(nodes, node + NODE_KEY) & _OCCURRENCES
    cancelled = get_i64(behavior, CANCELLED)
    if kind == CALL and cancelled != 0 and occurrence < get_i64(agenda, cancelled):
        free_node(context, node)
        return 0
    put_i64(context, FIRED, get_i64(context, FIRED) + 1)
    status = 0
    if is_alive(population, agent) and is_runnable(population, behavior, agent):
        bare = kind == AT or (kind == CALL and get_i64(behavior, HEARS) != 0)
        payload = 0 if bare else nodes + 8 * (node + PAYLOAD)
        status = invoke(context, get_i64(behavior, BODY), agent, occurrence, now, payload)
    if kind == AT and status == 0 and is_alive(population, agent):
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
    states = get_i64(population, STATE)
    former = get_i32(states, agent)
    if get_i8(get_i64(population, MOVES), former * get_i64(population, N_STATES) + state) == 0:
        return 0 if former == state else 2
    put_i32(states, agent, state)
    run = get_i64(context, RUN)
    if is_alive(population, agent):
        count_state(population, agent, former, -1)
        count_state(population, agent, state, 1)
        agenda = agenda_of(population, agent)
        clocks, n_clocks = get_i64(population, CLOCKS), get_i64(population, N_CLOCKS)
        for k in range(n_clocks):
            behavior = behavior_of(run, get_i64(clocks, k))
            mask = get_i64(behavior, STATES)
            if mask != 0 and get_i8(mask, former) != 0 and get_i8(mask, state) == 0:
                put_i64(agenda, get_i64(behavior, CLOCK) + DUE, NONE)
        for k in range(n_clocks):
            number = get_i64(clocks, k)
            mask = get_i64(behavior_of(run, number), STATES)
            if mask != 0 and get_i8(mask, former) == 0 and get_i8(mask, state) != 0:
                status = start_clock(context, number, agent, now)
                if status != 0:
                    return status
        entering = get_i64(population, ENTERING)
        for k in range(get_i64(population, N_ENTERING)):
            number = get_i64(entering, k)
            if get_i8(get_i64(behavior_of(run, number), ENTERS), state) != 0:
                schedule(context, number, agent, now + 1, TRIGGERED, 0)
        refresh(context, population, agent)
    unit = get_i64(population, STATE_CHANGED)
    if former != state and unit >= 0:
        return invoke(context, unit, agent, 0, now, 0)
    return 0


@kernel
def retire(context: int, population: int, agent: int, now: int) -> None:
    """Take an agent out of the run: its clocks stop, and no pick finds it again."""
    if not is_alive(population, agent):
        return
    run = get_i64(context, RUN)
    if get_i64(population, TALLY) != 0:
        count_state(population, agent, get_i32(get_i64(population, STATE), agent), -1)
    put_i64(get_i64(population, RETIRED), agent, now)
    agenda = agenda_of(population, agent)
    clocks = get_i64(population, CLOCKS)
    for k in range(get_i64(population, N_CLOCKS)):
        put_i64(agenda, get_i64(behavior_of(run, get_i64(clocks, k)), CLOCK) + DUE, NONE)
    refresh(context, population, agent)


@kernel
def cancel(context: int, number: int, agent: int) -> None:
    """Drop the agent's pending calls of a behavior by ``after``."""
    behavior = behavior_of(get_i64(context, RUN), number)
    agenda = agenda_of(get_i64(behavior, POPULATION), agent)
    put_i64(agenda, get_i64(behavior, CANCELLED), get_i64(agenda, get_i64(behavior, COUNTER)))
