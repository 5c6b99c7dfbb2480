"""What a child process costs: wall-clock time, CPU time and peak memory.

On Linux the peak memory of a process counts from the size its parent had at the fork, even
after an exec. So the measured process is started by a small one: this file, run as a script.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of one process from start to end, imports included, and what it printed.

    CPU time is user plus system time of the process and of those it waited for; a megabyte is 10^6 bytes.
    """

    seconds: float
    cpu_seconds: float
    peak_megabytes: float
    exit_code: int
    output: str

    @property
    def result(self) -> dict[str, Any]:
        """The last line of the output, read as JSON."""
        loaded: dict[str, Any] = json.loads(self.output.strip().splitlines()[-1])
        return loaded


def run_python(arguments: Sequence[str]) -> Cost:
    """Run this interpreter with ``arguments`` (such as ``-m NAME``) and measure it. Linux and macOS.

    Raises:
        RuntimeError: the process ended with another exit code than 0.
    """
    launcher = [sys.executable, "-I", "-S", __file__, sys.executable, *arguments]
    cost = Cost(**json.loads(subprocess.run(launcher, stdout=subprocess.PIPE, text=True, check=True).stdout))
    if cost.exit_code:
        raise RuntimeError(f"{' '.join(arguments)} ended with exit code {cost.exit_code}")
    return cost


def measure(command: Sequence[str]) -> Cost:
    """Run ``command`` as a child of this process and measure it."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait for it again
    unit = 1 if sys.platform == "darwin" else 1_024  # getrusage(2): bytes on macOS, kibibytes on Linux
    return Cost(
        seconds=time.perf_counter() - started,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_megabytes=usage.ru_maxrss * unit / 1e6,
        exit_code=child.returncode,
        output=output,
    )


if __name__ == "__main__":
    print(json.dumps(asdict(measure(sys.argv[1:]))))
