"""What an agent has before it: its clocks, and the firings that wait in a pairing heap of its own.

An agenda is a stretch of words: the root of the heap (an index among the context's nodes, 0 for an empty one), the
counters of the population's behaviors, and its clocks (see `bustle.sim.compiled.records`). Firings of one agent are
ordered by time, behavior and occurrence, so the heap's shape never shows.

Pairing heaps: Fredman, Sedgewick, Sleator and Tarjan, "The pairing heap: a new form of self-adjusting heap",
Algorithmica 1 (1986), with two-pass merging.

``who`` names an agent of the run in one word: the number of its population and its index.
"""

from __future__ import annotations

from bustle.sim.compiled.native import get_f64, get_i8, get_i32, get_i64, kernel, put_i64
from bustle.sim.compiled.queue import push
from bustle.sim.compiled.records import (
    ACTING,
    AGENDA,
    ALIVE,
    AT,
    BEHAVIOR_NUMBER,
    BEHAVIOR_WORDS,
    BEHAVIORS,
    BORN,
    CLOCK,
    CLOCKS,
    CONTEXTS,
    COUNTER,
    DUE,
    FREE,
    FULL,
    KEY_SHIFT,
    LAST_SHARD,
    LENGTH,
    MOMENTS,
    N_CLOCKS,
    N_MOMENTS,
    NEXT,
    NODE_BEHAVIOR,
    NODE_CHILD,
    NODE_KEY,
    NODE_KIND,
    NODE_SIBLING,
    NODE_SIZE,
    NODE_TIME,
    NODES,
    NODES_ROOM,
    NODES_USED,
    NONE,
    NUMBER,
    ORDER,
    PAYLOAD,
    POPULATION,
    POPULATION_WORDS,
    POPULATIONS,
    QUEUED,
    RETIRED,
    RUN,
    SHARD_SCALE,
    STATE,
    STATES,
    WIDTH,
)

WHO_SHIFT = 40
_INDEX = (1 << WHO_SHIFT) - 1


@kernel
def who_is(population: int, agent: int) -> int:
    """The word that names an agent; ``population`` is the address of its record."""
    return get_i64(population, NUMBER) << WHO_SHIFT | agent


@kernel
def population_of(run: int, who: int) -> int:
    """The address of the record of the population of ``who``."""
    return get_i64(run, POPULATIONS) + 8 * POPULATION_WORDS * (who >> WHO_SHIFT)


@kernel
def index_of(who: int) -> int:
    """The index of ``who`` in its population."""
    return who & _INDEX


@kernel
def behavior_of(run: int, number: int) -> int:
    """The address of the record of a behavior."""
    return get_i64(run, BEHAVIORS) + 8 * BEHAVIOR_WORDS * number


@kernel
def agenda_of(population: int, agent: int) -> int:
    """The address of the agent's agenda."""
    return get_i64(population, AGENDA) + 8 * get_i64(population, WIDTH) * agent


@kernel
def shard_of(population: int, agent: int) -> int:
    """The number of the shard that the agent belongs to."""
    last = get_i64(population, LAST_SHARD)
    return 0 if last == 0 else min(int(agent * get_f64(population, SHARD_SCALE)), last)


@kernel
def context_of(run: int, population: int, agent: int) -> int:
    """The context of the shard that the agent belongs to."""
    return get_i64(get_i64(run, CONTEXTS), shard_of(population, agent))


@kernel
def is_alive(population: int, agent: int) -> bool:
    """Whether the agent has not retired."""
    retired = get_i64(population, RETIRED)
    return retired == 0 or get_i64(retired, agent) == ALIVE


@kernel
def is_runnable(population: int, behavior: int, agent: int) -> bool:
    """Whether the agent's state lets the behavior run."""
    states = get_i64(behavior, STATES)
    return states == 0 or get_i8(states, get_i32(get_i64(population, STATE), agent)) != 0


# --- nodes ----------------------------------------------------------------------


@kernel
def new_node(context: int, words: int) -> int:
    """A node with room for ``words`` of payload, as an index into the context's nodes; 0 where there is no room."""
    size, room = 0, 8
    while room < PAYLOAD + words:
        size, room = size + 1, room * 2
    nodes = get_i64(context, NODES)
    node = get_i64(context, FREE + size)
    if node != 0:
        put_i64(context, FREE + size, get_i64(nodes, node + NODE_SIBLING))
    else:
        node = get_i64(context, NODES_USED)
        if node + room > get_i64(context, NODES_ROOM):
            put_i64(context, FULL, 1)
            return 0
        put_i64(context, NODES_USED, node + room)
    put_i64(nodes, node + NODE_SIZE, size)
    return node


@kernel
def free_node(context: int, node: int) -> None:
    """Give a node back."""
    nodes = get_i64(context, NODES)
    size = get_i64(nodes, node + NODE_SIZE)
    put_i64(nodes, node + NODE_SIBLING, get_i64(context, FREE + size))
    put_i64(context, FREE + size, node)


@kernel
def _merge(nodes: int, a: int, b: int) -> int:
    """The root of two heaps that become one."""
    if a == 0:
        return b
    if b == 0:
        return a
    time_a, time_b = get_i64(nodes, a + NODE_TIME), get_i64(nodes, b + NODE_TIME)
    if time_b < time_a or (time_b == time_a and get_i64(nodes, b + NODE_KEY) < get_i64(nodes, a + NODE_KEY)):
        a, b = b, a
    put_i64(nodes, b + NODE_SIBLING, get_i64(nodes, a + NODE_CHILD))
    put_i64(nodes, a + NODE_CHILD, b)
    return a


@kernel
def add_node(nodes: int, agenda: int, node: int) -> None:
    """Put a node into an agent's heap."""
    put_i64(nodes, node + NODE_CHILD, 0)
    put_i64(nodes, node + NODE_SIBLING, 0)
    put_i64(agenda, 0, _merge(nodes, get_i64(agenda, 0), node))


@kernel
def take_node(nodes: int, agenda: int) -> int:
    """Take the first node out of a heap that is not empty."""
    root = get_i64(agenda, 0)
    child = get_i64(nodes, root + NODE_CHILD)
    pairs = 0
    while child != 0:
        second = get_i64(nodes, child + NODE_SIBLING)
        following = 0 if second == 0 else get_i64(nodes, second + NODE_SIBLING)
        pair = _merge(nodes, child, second)
        put_i64(nodes, pair + NODE_SIBLING, pairs)
        pairs, child = pair, following
    rest = 0
    while pairs != 0:
        following = get_i64(nodes, pairs + NODE_SIBLING)
        rest = _merge(nodes, rest, pairs)
        pairs = following
    put_i64(agenda, 0, rest)
    return root


# --- when an agent is due -------------------------------------------------------


@kernel
def earliest(run: int, population: int, agent: int) -> int:
    """The time of the agent's next firing; `NONE` without any."""
    agenda = agenda_of(population, agent)
    first = NONE
    clocks = get_i64(population, CLOCKS)
    for k in range(get_i64(population, N_CLOCKS)):
        first = min(first, get_i64(agenda, get_i64(behavior_of(run, get_i64(clocks, k)), CLOCK) + DUE))
    root = get_i64(agenda, 0)
    if root != 0:
        nodes = get_i64(context_of(run, population, agent), NODES)
        first = min(first, get_i64(nodes, root + NODE_TIME))
    return first


@kernel
def refresh(context: int, population: int, agent: int) -> None:
    """Note when the agent is due, after its agenda has changed. The agent that fires is noted when it has fired."""
    run = get_i64(context, RUN)
    if get_i64(context, ACTING) == who_is(population, agent):
        return
    first = earliest(run, population, agent)
    times = get_i64(population, NEXT)
    if first != get_i64(times, agent):
        put_i64(times, agent, first)
        if get_i64(population, QUEUED) != 0 and first < get_i64(run, LENGTH):
            push(run, first, who_is(population, agent))


@kernel
def take_number(behavior: int, agenda: int) -> int:
    """The number of the agent's next firing; each is given once."""
    counter = get_i64(behavior, COUNTER)
    number = get_i64(agenda, counter)
    put_i64(agenda, counter, number + 1)
    return number


@kernel
def schedule(context: int, number: int, agent: int, time: int, kind: int, words: int) -> int:
    """Let a behavior fire once for ``agent`` at ``time``; a retired agent's does not.

    Returns:
        The address of ``words`` words to be filled with the payload; 0 where nothing will fire.
    """
    run = get_i64(context, RUN)
    behavior = behavior_of(run, number)
    population = get_i64(behavior, POPULATION)
    if not is_alive(population, agent):
        return 0
    agenda = agenda_of(population, agent)
    occurrence = take_number(behavior, agenda)
    if time >= get_i64(run, LENGTH):
        return 0
    home = context_of(run, population, agent)
    node = new_node(home, words)
    if node == 0:
        put_i64(context, FULL, 1)
        return 0
    nodes = get_i64(home, NODES)
    put_i64(nodes, node + NODE_TIME, time)
    put_i64(nodes, node + NODE_KEY, get_i64(behavior, ORDER) << KEY_SHIFT | occurrence)
    put_i64(nodes, node + NODE_BEHAVIOR, number)
    put_i64(nodes, node + NODE_KIND, kind)
    add_node(nodes, agenda, node)
    times = get_i64(population, NEXT)
    if time < get_i64(times, agent):
        put_i64(times, agent, time)
        if get_i64(population, QUEUED) != 0:
            push(run, time, who_is(population, agent))
    return nodes + 8 * (node + PAYLOAD)


# --- instants -------------------------------------------------------------------


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
    run = get_i64(context, RUN)
    behavior = behavior_of(run, number)
    shared, n_shared = get_i64(behavior, MOMENTS), get_i64(behavior, N_MOMENTS)
    population = get_i64(behavior, POPULATION)
    home = context_of(run, population, agent)
    if n_own == 0:
        node = new_node(home, 2)
        if node != 0:
            nodes = get_i64(home, NODES)
            put_i64(nodes, node + PAYLOAD, _place_from(shared, n_shared, first))
            put_i64(nodes, node + PAYLOAD + 1, -1)
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
    nodes = get_i64(home, NODES)
    i, k, count = 0, 0, 0
    list_ = nodes + 8 * (node + PAYLOAD + 2)
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
    put_i64(nodes, node + PAYLOAD, _place_from(list_, count, first))
    put_i64(nodes, node + PAYLOAD + 1, count)
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
    run = get_i64(context, RUN)
    nodes = get_i64(home, NODES)
    place, count = get_i64(nodes, node + PAYLOAD), get_i64(nodes, node + PAYLOAD + 1)
    instants = nodes + 8 * (node + PAYLOAD + 2)
    if count < 0:
        instants, count = get_i64(behavior, MOMENTS), get_i64(behavior, N_MOMENTS)
    if place >= count or get_i64(instants, place) >= get_i64(run, LENGTH):
        free_node(home, node)
        return
    population = get_i64(behavior, POPULATION)
    agenda = agenda_of(population, agent)
    time = get_i64(instants, place)
    put_i64(nodes, node + NODE_TIME, time)
    put_i64(nodes, node + NODE_KEY, get_i64(behavior, ORDER) << KEY_SHIFT | take_number(behavior, agenda))
    put_i64(nodes, node + NODE_BEHAVIOR, get_i64(behavior, BEHAVIOR_NUMBER))
    put_i64(nodes, node + NODE_KIND, AT)
    add_node(nodes, agenda, node)
    times = get_i64(population, NEXT)
    if time < get_i64(times, agent):
        put_i64(times, agent, time)
        if get_i64(population, QUEUED) != 0:
            push(run, time, who_is(population, agent))


@kernel
def next_instant(context: int, home: int, behavior: int, agent: int, node: int) -> None:
    """Plan the instant after the one that has just fired, in the same node."""
    nodes = get_i64(home, NODES)
    put_i64(nodes, node + PAYLOAD, get_i64(nodes, node + PAYLOAD) + 1)
    _plan_instant(context, home, behavior, agent, node)


# --- new agents -----------------------------------------------------------------


@kernel
def prepare(context: int, population: int, agent: int, now: int) -> None:
    """Make an empty agenda for an agent that is new, and note its birth."""
    run = get_i64(context, RUN)
    agenda = agenda_of(population, agent)
    for word in range(get_i64(population, WIDTH)):
        put_i64(agenda, word, 0)
    clocks = get_i64(population, CLOCKS)
    for k in range(get_i64(population, N_CLOCKS)):
        put_i64(agenda, get_i64(behavior_of(run, get_i64(clocks, k)), CLOCK) + DUE, NONE)
    put_i64(get_i64(population, NEXT), agent, NONE)
    retired, born = get_i64(population, RETIRED), get_i64(population, BORN)
    if retired != 0:
        put_i64(retired, agent, ALIVE)
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
