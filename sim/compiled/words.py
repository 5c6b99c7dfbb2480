"""The words of generated code: memory, kernels by name, and the decorator that makes a unit.

Generated code imports from here what it uses. Kernels are compiled (or loaded from disk) when they are first asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba.core.ccallback import CFunc
from numba.core.sigutils import normalize_signature

from bustle.agents.randomness import SAMPLERS
from bustle.agents.randomness import draws as uniform_draws
from bustle.agents.randomness.samplers import gives_float
from bustle.machine_code import load_quickly
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
from bustle.sim.compiled.pipeline import UnitCompiler

__all__ = ["KERNELS", "MEMORY", "draw_name", "unit"]

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


def unit(function: Callable[..., int]) -> Any:
    """Compile a generated function; its machine code is kept beside its text."""
    signature = normalize_signature(native.UNIT)  # type: ignore[no-untyped-call]
    pipeline: Any = UnitCompiler
    options = {"error_model": "numpy"}
    compiled: Any = CFunc(function, signature, locals={}, options=options, pipeline_class=pipeline)
    compiled.enable_caching()
    load_quickly(compiled._cache)
    compiled.compile()
    return compiled


def __getattr__(name: str) -> Any:
    """Make a word when it is first asked for (PEP 562)."""
    if name in MEMORY:
        value = MEMORY[name]
    elif name in _PLAIN:
        value = _PLAIN[name]
    elif name in KERNELS:
        value = native.exported(*KERNELS[name])
    elif name.startswith(DRAW) and name.removeprefix(DRAW) in FORMS:
        form = FORMS[name.removeprefix(DRAW)]
        arguments = ["int64"] * 4 + ["float64"] * len(form.parameters)
        result = "float64" if gives_float(form) else "int64"
        value = native.exported(SAMPLERS[form.name], f"{result}({', '.join(arguments)})")
    else:
        raise AttributeError(f"generated code knows no word {name!r}")
    globals()[name] = value
    return value


def is_word(name: str) -> bool:
    """Whether generated code gets ``name`` from here."""
    return name in MEMORY or name in _PLAIN or name in KERNELS or name.startswith(DRAW)
