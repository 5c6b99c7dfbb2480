"""Behaviors with ``at``: an agent's instants, planned one after the other."""

from __future__ import annotations

from bustle.sim.compiled import records as r
from bustle.sim.compiled.agenda import take_number
from bustle.sim.compiled.native import get_i64, kernel, put_i64
from bustle.sim.compiled.places import agenda_of, behavior_of, context_of, who_is
from bustle.sim.compiled.queue import push
from bustle.sim.compiled.waiting import add_node, free_node, new_node


@kernel
def begin_instants(context: int, number: int, agent: int, own: int, n_own: int, first: int) -> None:
    """Plan the instants of a behavior with ``at``, those from ``first`` on.

    Args:
        context: any context.
        number: the behavior.
        agent: whose instants they are.
        own: the address of the agent's own instants, which are sorted here; the shared ones are added.
        n_own: how many; 0 where the behavior has shared ones only.
        first: the first instant that counts.
    """
    run = get_i64(context, r.RUN)
    behavior = behavior_of(run, number)
    shared, n_shared = get_i64(behavior, r.MOMENTS), get_i64(behavior, r.N_MOMENTS)
    population = get_i64(behavior, r.POPULATION)
    home = context_of(run, population, agent)
    if n_own == 0:
        node = new_node(home, 2)
        if node != 0:
            nodes = get_i64(home, r.NODES)
            put_i64(nodes, node + r.PAYLOAD, _place_from(shared, n_shared, first))
            put_i64(nodes, node + r.PAYLOAD + 1, -1)
            _plan_instant(context, home, behavior, agent, node)
        return
    for i in range(1, n_own):
        value, k = get_i64(own, i), i
        while k > 0 and get_i64(own, k - 1) > value:
            put_i64(own, k, get_i64(own, k - 1))
            k -= 1
        put_i64(own, k, value)
    node = new_node(home, 2 + n_own + n_shared)
    if node == 0:
        return
    nodes = get_i64(home, r.NODES)
    i, k, count = 0, 0, 0
    list_ = nodes + 8 * (node + r.PAYLOAD + 2)
    while i < n_own or k < n_shared:
        if k == n_shared or (i < n_own and get_i64(own, i) <= get_i64(shared, k)):
            value = get_i64(own, i)
            i += 1
        else:
            value = get_i64(shared, k)
            k += 1
        if count == 0 or get_i64(list_, count - 1) != value:
            put_i64(list_, count, value)
            count += 1
    put_i64(nodes, node + r.PAYLOAD, _place_from(list_, count, first))
    put_i64(nodes, node + r.PAYLOAD + 1, count)
    _plan_instant(context, home, behavior, agent, node)


@kernel
def _place_from(instants: int, count: int, first: int) -> int:
    place = 0
    while place < count and get_i64(instants, place) < first:
        place += 1
    return place


@kernel
def _plan_instant(context: int, home: int, behavior: int, agent: int, node: int) -> None:
    """Put a node with its place among instants into the agenda, if that instant is within the run."""
    run = get_i64(context, r.RUN)
    nodes = get_i64(home, r.NODES)
    place, count = get_i64(nodes, node + r.PAYLOAD), get_i64(nodes, node + r.PAYLOAD + 1)
    instants = nodes + 8 * (node + r.PAYLOAD + 2)
    if count < 0:
        instants, count = get_i64(behavior, r.MOMENTS), get_i64(behavior, r.N_MOMENTS)
    if place >= count or get_i64(instants, place) >= get_i64(run, r.LENGTH):
        free_node(home, node)
        return
    population = get_i64(behavior, r.POPULATION)
    agenda = agenda_of(population, agent)
    time = get_i64(instants, place)
    put_i64(nodes, node + r.NODE_TIME, time)
    put_i64(nodes, node + r.NODE_KEY, get_i64(behavior, r.ORDER) << r.KEY_SHIFT | take_number(behavior, agenda))
    put_i64(nodes, node + r.NODE_BEHAVIOR, get_i64(behavior, r.BEHAVIOR_NUMBER))
    put_i64(nodes, node + r.NODE_KIND, r.AT)
    add_node(nodes, agenda, node)
    times = get_i64(population, r.NEXT)
    if time < get_i64(times, agent):
        put_i64(times, agent, time)
        if get_i64(population, r.QUEUED) != 0:
            push(run, time, who_is(population, agent))


@kernel
def next_instant(context: int, home: int, behavior: int, agent: int, node: int) -> None:
    """Plan the instant after the one that has just fired, in the same node."""
    nodes = get_i64(home, r.NODES)
    put_i64(nodes, node + r.PAYLOAD, get_i64(nodes, node + r.PAYLOAD) + 1)
    _plan_instant(context, home, behavior, agent, node)
