from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_DRAW = """
import sys
from bustle.agents.randomness import sample_many
print(float(sample_many("normal", 1, [2, 3], 4, 5, [0.0, 1.0])[1]), "numba.np.arraymath" in sys.modules)
"""


def test_kept_machine_code_is_loaded_without_a_compiler_and_gives_the_same(tmp_path: Path) -> None:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", _DRAW]
    compiled, kept = (
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout for _ in range(2)
    )
    assert compiled.split()[1] == "True"
    assert kept.split() == [compiled.split()[0], "False"]
