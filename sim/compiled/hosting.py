"""What generated code leaves to Python: copulas and quantiles of the few agents that are made during a run."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

import numpy as np

from bustle.agents.build import surroundings
from bustle.agents.copula import correlated_probabilities
from bustle.sim.compiled.memory import Array
from bustle.sim.compiled.program import Program


def copula(population: str, program: Program) -> Callable[[int, int], None]:
    """A function that puts the probabilities of correlated attributes in the place of an identity."""
    declared = program.model.populations[population]
    around = surroundings(program.model, program.world, program.seed)

    def probabilities(address: int, words: int) -> None:
        found = words_at(address, 1 + words)
        drawn = correlated_probabilities(declared, found[:1].copy(), around)
        found.view(np.float64)[:words] = [float(values[0]) for values in drawn.values()]

    return probabilities


def quantile_of(form: str) -> Callable[[int, int], None]:
    """A function that inverts a distribution at the probability that stands before its arguments."""
    from bustle.agents.quantiles import quantile

    def invert(address: int, arguments: int) -> None:
        found = words_at(address, 1 + arguments).view(np.float64)
        values = [np.array([value]) for value in found[1:].tolist()]
        found[0] = float(quantile(form, found[:1].copy(), values)[0])

    return invert


def words_at(address: int, count: int) -> Array:
    """The int64 words in memory from ``address`` on."""
    return np.ctypeslib.as_array((ctypes.c_int64 * count).from_address(address))
