"""What the machine can do at best: reads of memory, and the draws that rules are made of.

Tiny loops, each compiled to machine code as the engine's are, in one thread. A firing cannot be quicker than the
memory that it has to wait for and the draws that it makes. Prints JSON: nanoseconds for each step.

    python -m benchmarks.machine_speed --megabytes 256
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from bustle.agents.randomness import SAMPLERS, uniform01
from bustle.machine_code import kernel

Words = NDArray[np.int64]

STEPS = 4_000_000
"""Steps of each loop."""

KEY = 12_345_678_901

_uniform, _lognormal, _exponential = uniform01, SAMPLERS["lognormal_median"], SAMPLERS["exponential"]
_gamma = SAMPLERS["gamma_mean"]


@kernel
def _fill(nearby: Words) -> None:
    """Make every word the place of another one: one circle through all of them, in leaps that no cache foresees."""
    mask = len(nearby) - 1
    for i in range(len(nearby)):
        nearby[i] = (i * 2_862_933_555_777_941_757 + 3_037_000_493) & mask  # full period: Hull and Dobell, 1962


@kernel
def _chase(places: Words, steps: int) -> int:
    """Reads that each need what the one before gave."""
    place = 0
    for _ in range(steps):
        place = places[place]
    return place


@kernel
def _scatter(places: Words, steps: int) -> int:
    """Reads all over memory that do not wait for each other."""
    mask = len(places) - 1
    total = 0
    for i in range(steps):
        total += places[((i * 2_862_933_555_777_941_757) >> 20) & mask]
    return total


@kernel
def _sum(values: Words, _: int) -> int:
    total = 0
    for i in range(len(values)):
        total += values[i]
    return total


@kernel
def _uniforms(_: Words, steps: int) -> float:
    total = 0.0
    for i in range(steps):
        total += _uniform(KEY, i, 0, 0)
    return total


@kernel
def _exponentials(_: Words, steps: int) -> float:
    total = 0.0
    for i in range(steps):
        total += _exponential(KEY, i, 0, 0, 1.0)
    return total


@kernel
def _lognormals(_: Words, steps: int) -> float:
    total = 0.0
    for i in range(steps):
        total += _lognormal(KEY, i, 0, 0, 28.0, 0.7)
    return total


@kernel
def _gammas(_: Words, steps: int) -> float:
    total = 0.0
    for i in range(steps):
        total += _gamma(KEY, i, 0, 0, 1.0, 0.6)
    return total


def nanoseconds(loop: Callable[[Words, int], float], words: Words, steps: int, repeat: int = 3) -> float:
    """CPU time of one of ``steps`` steps: the least of several rounds, after one that compiles and warms up."""
    loop(words, steps)
    rounds = []
    for _ in range(repeat):
        started = time.thread_time()
        loop(words, steps)
        rounds.append(time.thread_time() - started)
    return 1e9 * min(rounds) / steps


def speeds(megabytes: int) -> Iterator[tuple[str, float]]:
    """What is measured, in words, and the nanoseconds of a step."""
    words = np.empty(1 << (megabytes * 1_000_000 // 8).bit_length() - 1, np.int64)
    _fill(words)
    size = f"{words.nbytes / 1e6:,.0f} MB"
    yield f"a read anywhere in {size}, waiting for the one before", nanoseconds(_chase, words, STEPS)
    yield f"a read anywhere in {size}, not waiting", nanoseconds(_scatter, words, STEPS)
    yield f"a word of {size} read from first to last", nanoseconds(_sum, words, len(words))
    few = np.empty(1 << 16, np.int64)
    _fill(few)
    yield f"a read anywhere in {few.nbytes / 1e6:.1f} MB, waiting for the one before", nanoseconds(_chase, few, STEPS)
    yield "a uniform draw (one block of Philox)", nanoseconds(_uniforms, few, STEPS)
    yield "an exponential draw", nanoseconds(_exponentials, few, STEPS)
    yield "a lognormal draw", nanoseconds(_lognormals, few, STEPS)
    yield "a gamma draw, shape 0.6", nanoseconds(_gammas, few, STEPS)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=256, help="how much memory to read")
    print(json.dumps(dict(speeds(parser.parse_args().megabytes))))


if __name__ == "__main__":
    main()
