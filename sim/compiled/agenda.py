"""What an agent has before it: its clocks, and the firings that wait.

An agenda is a stretch of words: the root of the heap of what waits (an index among the context's nodes, 0 for an empty
one; see `bustle.sim.compiled.waiting`), the counters of the population's behaviors, and its clocks.
"""

from __future__ import annotations

from bustle.sim.compiled import records as r
from bustle.sim.compiled.native import get_i64, kernel, put_i64
from bustle.sim.compiled.places import agenda_of, behavior_of, context_of, is_alive, who_is
from bustle.sim.compiled.queue import push
from bustle.sim.compiled.waiting import add_node, new_node


@kernel
def earliest(run: int, population: int, agent: int) -> int:
    """The time of the agent's next firing; `NONE` without any."""
    agenda = agenda_of(population, agent)
    first = r.NONE
    clocks = get_i64(population, r.CLOCKS)
    for k in range(get_i64(population, r.N_CLOCKS)):
        first = min(first, get_i64(agenda, get_i64(behavior_of(run, get_i64(clocks, k)), r.CLOCK) + r.DUE))
    root = get_i64(agenda, 0)
    if root != 0:
        nodes = get_i64(context_of(run, population, agent), r.NODES)
        first = min(first, get_i64(nodes, root + r.NODE_TIME))
    return first


@kernel
def refresh(context: int, population: int, agent: int) -> None:
    """Note when the agent is due, after its agenda has changed. The agent that fires is noted when it has fired."""
    run = get_i64(context, r.RUN)
    if get_i64(context, r.ACTING) == who_is(population, agent):
        return
    first = earliest(run, population, agent)
    times = get_i64(population, r.NEXT)
    if first != get_i64(times, agent):
        put_i64(times, agent, first)
        if get_i64(population, r.QUEUED) != 0 and first < get_i64(run, r.LENGTH):
            push(run, first, who_is(population, agent))


@kernel
def take_number(behavior: int, agenda: int) -> int:
    """The number of the agent's next firing; each is given once."""
    counter = get_i64(behavior, r.COUNTER)
    number = get_i64(agenda, counter)
    put_i64(agenda, counter, number + 1)
    return number


@kernel
def schedule(context: int, number: int, agent: int, time: int, kind: int, words: int) -> int:
    """Let a behavior fire once for ``agent`` at ``time``; a retired agent's does not.

    Returns:
        The address of ``words`` words to be filled with the payload; 0 where nothing will fire.
    """
    run = get_i64(context, r.RUN)
    behavior = behavior_of(run, number)
    population = get_i64(behavior, r.POPULATION)
    if not is_alive(population, agent):
        return 0
    agenda = agenda_of(population, agent)
    occurrence = take_number(behavior, agenda)
    if time >= get_i64(run, r.LENGTH):
        return 0
    home = context_of(run, population, agent)
    node = new_node(home, words)
    if node == 0:
        put_i64(context, r.FULL, 1)
        return 0
    nodes = get_i64(home, r.NODES)
    put_i64(nodes, node + r.NODE_TIME, time)
    put_i64(nodes, node + r.NODE_KEY, get_i64(behavior, r.ORDER) << r.KEY_SHIFT | occurrence)
    put_i64(nodes, node + r.NODE_BEHAVIOR, number)
    put_i64(nodes, node + r.NODE_KIND, kind)
    add_node(nodes, agenda, node)
    times = get_i64(population, r.NEXT)
    if time < get_i64(times, agent):
        put_i64(times, agent, time)
        if get_i64(population, r.QUEUED) != 0:
            push(run, time, who_is(population, agent))
    return nodes + 8 * (node + r.PAYLOAD)


@kernel
def prepare(context: int, population: int, agent: int, now: int) -> None:
    """Make an empty agenda for an agent that is new, and note its birth."""
    run = get_i64(context, r.RUN)
    agenda = agenda_of(population, agent)
    for word in range(get_i64(population, r.WIDTH)):
        put_i64(agenda, word, 0)
    clocks = get_i64(population, r.CLOCKS)
    for k in range(get_i64(population, r.N_CLOCKS)):
        put_i64(agenda, get_i64(behavior_of(run, get_i64(clocks, k)), r.CLOCK) + r.DUE, r.NONE)
    put_i64(get_i64(population, r.NEXT), agent, r.NONE)
    retired, born = get_i64(population, r.RETIRED), get_i64(population, r.BORN)
    if retired != 0:
        put_i64(retired, agent, r.ALIVE)
    if born != 0:
        put_i64(born, agent, now)


@kernel
def join_chain(first: int, following: int, last: int, target: int, agent: int) -> None:
    """Add ``agent``, whose index is the highest, to the chain of those linked to ``target``.

    Chains hold indices plus 1, so that memory that was never written holds empty ones.
    """
    end = get_i64(last, target)
    if end == 0:
        put_i64(first, target, agent + 1)
    else:
        put_i64(following, end - 1, agent + 1)
    put_i64(last, target, agent + 1)
