"""What a child process costs: wall-clock time, CPU time and peak memory.

On Linux the peak memory of a process counts from the size its parent had at the fork, even
after an exec. So the measured process is started by a small one: this file, run as a script.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
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


def run_python(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run this interpreter with ``arguments`` (such as ``-m NAME``) and measure it. Linux and macOS.

    Args:
        arguments: of the interpreter.
        environment: variables to set beside those of this process.

    Raises:
        RuntimeError: the process ended with another exit code than 0.
    """
    launcher = [sys.executable, "-I", "-S", __file__, sys.executable, *arguments]
    variables = {**os.environ, **(environment or {})}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)  # or every process would compile this checkout's modules again
    launched = subprocess.run(launcher, stdout=subprocess.PIPE, text=True, check=True, env=variables)
    cost = Cost(**json.loads(launched.stdout))
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
    return Cost(
        seconds=time.perf_counter() - started,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_megabytes=peak_megabytes(usage),
        exit_code=child.returncode,
        output=output,
    )


def peak_megabytes(usage: resource.struct_rusage) -> float:
    """The peak memory that the system has noted of a process."""
    unit = 1 if sys.platform == "darwin" else 1_024  # getrusage(2): bytes on macOS, kibibytes on Linux
    return usage.ru_maxrss * unit / 1e6


if __name__ == "__main__":
    print(json.dumps(asdict(measure(sys.argv[1:]))))
