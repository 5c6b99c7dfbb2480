"""Lists and sets that live while one rule runs, on a stack that the context owns.

The stack is emptied to where it stood when the firing ends, so what a rule leaves behind goes by itself.
"""

from __future__ import annotations

from bustle.sim.compiled import records as r
from bustle.sim.compiled.native import get_i64, kernel, put_i64

_SPREAD = 0x9E3779B97F4A7C15 - (1 << 64)  # the golden ratio in 64 bits, as a signed number
_FEWEST = 16


@kernel
def reserve(context: int, words: int) -> int:
    """The address of ``words`` words, whatever they hold."""
    top = get_i64(context, r.TOP)
    put_i64(context, r.TOP, top + words)
    return get_i64(context, r.SCRATCH) + 8 * top


@kernel
def place_of(values: int, count: int, value: int) -> int:
    """Where ``value`` stands in a list; -1 where it does not."""
    for place in range(count):
        if get_i64(values, place) == value:
            return place
    return -1


@kernel
def drop(values: int, count: int, value: int) -> int:
    """Take ``value`` out of a list, if it stands there; gives the new length."""
    place = place_of(values, count, value)
    if place < 0:
        return count
    for k in range(place, count - 1):
        put_i64(values, k, get_i64(values, k + 1))
    return count - 1


@kernel
def new_set(context: int, most: int) -> int:
    """An empty set with room for ``most`` members (an address)."""
    room = _FEWEST
    while room < 2 * most:
        room *= 2
    address = reserve(context, room + 1)
    put_i64(address, 0, room - 1)
    for place in range(room):
        put_i64(address, 1 + place, -1)
    return address


@kernel
def _slot(members: int, value: int) -> int:
    """Where ``value`` stands in a set, or would."""
    mask = get_i64(members, 0)
    place = (value * _SPREAD >> 20) & mask
    while get_i64(members, 1 + place) != -1 and get_i64(members, 1 + place) != value:
        place = (place + 1) & mask
    return 1 + place


@kernel
def set_has(members: int, value: int) -> int:
    """1 if ``value`` (0 or more) is in the set, else 0."""
    return 1 if get_i64(members, _slot(members, value)) == value else 0


@kernel
def set_add(members: int, value: int) -> None:
    """Add ``value`` (0 or more) to a set that has room for it."""
    put_i64(members, _slot(members, value), value)
