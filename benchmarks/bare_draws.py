"""A loop of draws that shares nothing, divided among threads: what more threads can gain on this machine now.

On a machine that is busy with other work that may be nothing. Prints JSON.

    python -m benchmarks.bare_draws --draws 20000000 --threads 2
"""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

from benchmarks.process_cost import run_python
from bustle.agents.randomness import SAMPLERS
from bustle.machine_code import kernel

_lognormal = SAMPLERS["lognormal_median"]


@dataclass(frozen=True, slots=True)
class BareDraws:
    """Draws made, and the time that all threads together took for them."""

    draws: int
    seconds: float
    cpu_seconds: float


@kernel
def _side_by_side(first: int, last: int) -> float:
    total = 0.0
    for i in range(first, last):
        total += _lognormal(12_345_678_901, i, 0, 0, 28.0, 0.7)
    return total


def bare_draws(draws: int, threads: int) -> BareDraws:
    """Make so many lognormal draws in so many threads."""
    edges = [draws * k // threads for k in range(threads + 1)]
    _side_by_side(0, 1)  # compiles, or loads what was compiled
    with ThreadPoolExecutor(threads) as pool:
        started, cpu_started = time.perf_counter(), time.process_time()
        list(pool.map(_side_by_side, edges[:-1], edges[1:]))
        return BareDraws(draws, time.perf_counter() - started, time.process_time() - cpu_started)


def draws_apart(draws: int, threads: int) -> BareDraws:
    """`bare_draws` in a process of its own."""
    options = ["--draws", str(draws), "--threads", str(threads)]
    return BareDraws(**run_python(["-m", "benchmarks.bare_draws", *options]).result)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=20_000_000)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    print(json.dumps(asdict(bare_draws(given.draws, given.threads))))


if __name__ == "__main__":
    main()
