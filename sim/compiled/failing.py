"""How a rule's error leaves compiled code: its place is noted in the context, with the values its message names."""

from __future__ import annotations

from bustle.sim.compiled import records as r
from bustle.sim.compiled.native import get_i64, kernel, put_f64, put_i64


@kernel
def fail(table: int, site: int, a: float, b: float, c: float, d: float, i: int, k: int) -> int:
    """Note an error of the unit with ``table``; gives the status that the unit ends with."""
    context = get_i64(table, 0)
    put_i64(context, r.ERROR_UNIT, get_i64(table, 1))
    put_i64(context, r.ERROR_SITE, site)
    put_f64(context, r.ERROR_REALS, a)
    put_f64(context, r.ERROR_REALS + 1, b)
    put_f64(context, r.ERROR_REALS + 2, c)
    put_f64(context, r.ERROR_REALS + 3, d)
    put_i64(context, r.ERROR_WHOLES, i)
    put_i64(context, r.ERROR_WHOLES + 1, k)
    return 1
