from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_FAULTS = """
import resource, sys, threading
import numpy as np
from bustle.allocator import keep_freed_memory

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def work():
    global found
    some = np.ones(1 << 17)
    for round in range(101):
        if round == 1:
            before = faults()
        made = [some + part for part in range(4)]
        del made
    found = faults() - before

if sys.argv[1] == "keep":
    keep_freed_memory()
thread = threading.Thread(target=work)
thread.start()
thread.join()
print(found)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="about glibc")
def test_the_memory_of_freed_arrays_is_used_again() -> None:
    def faults(how: str) -> int:
        done = subprocess.run([sys.executable, "-c", _FAULTS, how], capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert faults("leave") > 10_000, "the C library does by itself what is asked of it"
    assert faults("keep") < 1_000
