"""The queue of agents that must act in one global order: a heap of (time, who), four children a node.

An entry stands for an agent's next firing at the time it was put on. What changed since makes entries stale; they are
recognised when they are taken off, and swept away when they are too many.
"""

from __future__ import annotations

from bustle.sim.compiled import records as r
from bustle.sim.compiled.native import get_i64, kernel, put_i64


@kernel
def push(run: int, time: int, who: int) -> None:
    """Put an agent on the queue."""
    queue, place = get_i64(run, r.QUEUE), get_i64(run, r.QUEUE_SIZE)
    put_i64(run, r.QUEUE_SIZE, place + 1)
    while place > 0:
        parent = (place - 1) >> 2
        parent_time, parent_who = get_i64(queue, 2 * parent), get_i64(queue, 2 * parent + 1)
        if parent_time < time or (parent_time == time and parent_who <= who):
            break
        put_i64(queue, 2 * place, parent_time)
        put_i64(queue, 2 * place + 1, parent_who)
        place = parent
    put_i64(queue, 2 * place, time)
    put_i64(queue, 2 * place + 1, who)


@kernel
def drop_first(run: int) -> None:
    """Take the first entry off a queue that is not empty."""
    queue, last = get_i64(run, r.QUEUE), get_i64(run, r.QUEUE_SIZE) - 1
    put_i64(run, r.QUEUE_SIZE, last)
    if last > 0:
        sift(queue, last, 0, get_i64(queue, 2 * last), get_i64(queue, 2 * last + 1))


@kernel
def sift(queue: int, size: int, place: int, time: int, who: int) -> None:
    """Let an entry find its place at or below ``place``."""
    while True:
        first = 4 * place + 1
        if first >= size:
            break
        best, best_time, best_who = first, get_i64(queue, 2 * first), get_i64(queue, 2 * first + 1)
        for child in range(first + 1, min(first + 4, size)):
            child_time = get_i64(queue, 2 * child)
            if child_time < best_time or (child_time == best_time and get_i64(queue, 2 * child + 1) < best_who):
                best, best_time, best_who = child, child_time, get_i64(queue, 2 * child + 1)
        if time < best_time or (time == best_time and who <= best_who):
            break
        put_i64(queue, 2 * place, best_time)
        put_i64(queue, 2 * place + 1, best_who)
        place = best
    put_i64(queue, 2 * place, time)
    put_i64(queue, 2 * place + 1, who)


@kernel
def restore_order(run: int) -> None:
    """Make a heap of entries that stand in any order."""
    queue, size = get_i64(run, r.QUEUE), get_i64(run, r.QUEUE_SIZE)
    for place in range((size - 2) // 4, -1, -1):
        sift(queue, size, place, get_i64(queue, 2 * place), get_i64(queue, 2 * place + 1))
