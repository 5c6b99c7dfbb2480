"""The words of generated code: memory, and kernels by name.

Kernels are compiled, or loaded from disk, when the first code that calls them is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bustle.agents.randomness import SAMPLERS
from bustle.agents.randomness import draws as uniform_draws
from bustle.agents.randomness.samplers import gives_float
from bustle.scenarios.distributions import FORMS
from bustle.sim.compiled import (
    agenda,
    arithmetic,
    failing,
    firing,
    instants,
    native,
    places,
    scratch,
    syncing,
    tallies,
    timing,
)

__all__ = ["KERNELS", "MEMORY", "WORDS", "draw_name"]

DRAW = "draw_"
"""What the name of a distribution's sampler begins with."""

KERNELS: dict[str, tuple[Callable[..., Any], str]] = {
    function.__name__: (function, signature)
    for function, signature in (
        (failing.fail, "int64(int64, int64, float64, float64, float64, float64, int64, int64)"),
        (uniform_draws.uniform01, "float64(int64, int64, int64, int64)"),
        (uniform_draws.episode_id, "int64(int64, int64, int64, int64)"),
        (uniform_draws.spawn_identity, "int64(int64, int64, int64, int64)"),
        (arithmetic.floor_divide, "float64(float64, float64)"),
        (arithmetic.remainder, "float64(float64, float64)"),
        (arithmetic.search_above, "int64(int64, int64, float64)"),
        (arithmetic.search_from, "int64(int64, int64, float64)"),
        (arithmetic.weighted_place, "int64(int64, int64, float64, float64)"),
        (arithmetic.guided_place, "int64(int64, int64, int64, int64, float64, float64)"),
        (arithmetic.local_time, "int64(int64, int64, int64, int64)"),
        (arithmetic.hour_of, "int64(int64)"),
        (arithmetic.weekday_of, "int64(int64)"),
        (arithmetic.day_of, "int64(int64)"),
        (arithmetic.month_of, "int64(int64)"),
        (arithmetic.time_of_day_of, "int64(int64)"),
        (timing.advance_time, "int64(int64, float64, int64)"),
        (timing.time_of_hazard, "int64(int64, float64, float64, int64)"),
        (timing.new_hazard, "float64(int64, int64, int64)"),
        (timing.hazard_left, "float64(float64, int64, int64, float64, int64)"),
        (agenda.schedule, "int64(int64, int64, int64, int64, int64, int64)"),
        (agenda.refresh, "void(int64, int64, int64)"),
        (places.agenda_of, "int64(int64, int64)"),
        (instants.begin_instants, "void(int64, int64, int64, int64, int64, int64)"),
        (agenda.prepare, "void(int64, int64, int64, int64)"),
        (agenda.join_chain, "void(int64, int64, int64, int64, int64)"),
        (firing.invoke, "int64(int64, int64, int64, int64, int64, int64)"),
        (firing.start_clock, "int64(int64, int64, int64, int64)"),
        (firing.become, "int64(int64, int64, int64, int64, int64)"),
        (firing.retire, "void(int64, int64, int64, int64)"),
        (firing.cancel, "void(int64, int64, int64)"),
        (tallies.count_state, "void(int64, int64, int64, int64)"),
        (tallies.in_state, "int64(int64, int64)"),
        (tallies.nth_in_state, "int64(int64, int64, int64)"),
        (scratch.reserve, "int64(int64, int64)"),
        (scratch.place_of, "int64(int64, int64, int64)"),
        (scratch.drop, "int64(int64, int64, int64)"),
        (scratch.set_has, "int64(int64, int64)"),
        (scratch.set_add, "void(int64, int64)"),
        (scratch.new_set, "int64(int64, int64)"),
        (syncing.sync, "int64(int64, int64, int64, int64, int64)"),
    )
}
"""The kernels that generated code may call, with the types they are called with."""

MEMORY = {
    name: getattr(native, name)
    for name in (
        "get_i64",
        "get_f64",
        "get_i32",
        "get_i8",
        "fixed_i64",
        "put_i64",
        "put_f64",
        "put_i32",
        "put_i8",
        "add_i64",
        "prefetch",
        "product_overflows",
        "pow_f64",
        "call_host",
    )
}
"""What becomes one instruction, or one call of the C library."""

_PLAIN = {"math": math, "rint": np.rint, "np_floor": np.floor, "np_ceil": np.ceil, "whole": np.int64}


def draw_name(form: str) -> str:
    """The name of the sampler of a distribution's form in generated code."""
    return DRAW + form


WORDS: dict[str, Any] = {name: native.exported(*kernel) for name, kernel in KERNELS.items()}
"""What generated code calls by name."""

for _form in FORMS.values():
    _given = ", ".join(["int64"] * 4 + ["float64"] * len(_form.parameters))
    _signature = f"{'float64' if gives_float(_form) else 'int64'}({_given})"
    WORDS[draw_name(_form.name)] = native.exported(SAMPLERS[_form.name], _signature)

WORDS |= MEMORY | _PLAIN
