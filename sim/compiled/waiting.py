"""Firings that wait: nodes of pairing heaps, one heap an agent.

Firings of one agent are ordered by time, behavior and occurrence, so the heap's shape never shows.

Fredman, Sedgewick, Sleator and Tarjan, "The pairing heap: a new form of self-adjusting heap", Algorithmica 1 (1986),
with two-pass merging.
"""

from __future__ import annotations

from bustle.sim.compiled import records as r
from bustle.sim.compiled.native import get_i64, kernel, put_i64


@kernel
def new_node(context: int, words: int) -> int:
    """A node with room for ``words`` of payload, as an index into the context's nodes; 0 where there is no room."""
    size, room = 0, 8
    while room < r.PAYLOAD + words:
        size, room = size + 1, room * 2
    nodes = get_i64(context, r.NODES)
    node = get_i64(context, r.FREE + size)
    if node != 0:
        put_i64(context, r.FREE + size, get_i64(nodes, node + r.NODE_SIBLING))
    else:
        node = get_i64(context, r.NODES_USED)
        if node + room > get_i64(context, r.NODES_ROOM):
            put_i64(context, r.FULL, 1)
            return 0
        put_i64(context, r.NODES_USED, node + room)
    put_i64(nodes, node + r.NODE_SIZE, size)
    return node


@kernel
def free_node(context: int, node: int) -> None:
    """Give a node back."""
    nodes = get_i64(context, r.NODES)
    size = get_i64(nodes, node + r.NODE_SIZE)
    put_i64(nodes, node + r.NODE_SIBLING, get_i64(context, r.FREE + size))
    put_i64(context, r.FREE + size, node)


@kernel
def _merge(nodes: int, a: int, b: int) -> int:
    """The root of two heaps that become one."""
    if a == 0:
        return b
    if b == 0:
        return a
    time_a, time_b = get_i64(nodes, a + r.NODE_TIME), get_i64(nodes, b + r.NODE_TIME)
    if time_b < time_a or (time_b == time_a and get_i64(nodes, b + r.NODE_KEY) < get_i64(nodes, a + r.NODE_KEY)):
        a, b = b, a
    put_i64(nodes, b + r.NODE_SIBLING, get_i64(nodes, a + r.NODE_CHILD))
    put_i64(nodes, a + r.NODE_CHILD, b)
    return a


@kernel
def add_node(nodes: int, agenda: int, node: int) -> None:
    """Put a node into an agent's heap."""
    put_i64(nodes, node + r.NODE_CHILD, 0)
    put_i64(nodes, node + r.NODE_SIBLING, 0)
    put_i64(agenda, 0, _merge(nodes, get_i64(agenda, 0), node))


@kernel
def take_node(nodes: int, agenda: int) -> int:
    """Take the first node out of a heap that is not empty."""
    root = get_i64(agenda, 0)
    child = get_i64(nodes, root + r.NODE_CHILD)
    pairs = 0
    while child != 0:
        second = get_i64(nodes, child + r.NODE_SIBLING)
        following = 0 if second == 0 else get_i64(nodes, second + r.NODE_SIBLING)
        pair = _merge(nodes, child, second)
        put_i64(nodes, pair + r.NODE_SIBLING, pairs)
        pairs, child = pair, following
    rest = 0
    while pairs != 0:
        following = get_i64(nodes, pairs + r.NODE_SIBLING)
        rest = _merge(nodes, rest, pairs)
        pairs = following
    put_i64(agenda, 0, rest)
    return root
