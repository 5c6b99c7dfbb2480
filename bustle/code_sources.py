"""The sources that machine code is made of: kept code is stale once one of them changes."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path


@cache
def source_stamp() -> str:
    """A hash of all hand-written code that machine code may have been built from, whichever file a kernel is in."""
    digest = hashlib.blake2b(digest_size=16)
    for folder in ("agents", "outputs/features", "sim/compiled"):
        for path in sorted((Path(__file__).parent / folder).rglob("*.py")):
            content = file_content(str(path))
            if b"\n@kernel" in content or path.name in _WITHOUT_KERNELS:
                digest.update(content)
    return digest.hexdigest()


_WITHOUT_KERNELS = {"intrinsics.py", "native.py", "pipeline.py", "records.py", "words.py"}
"""Files of which machine code is made, too."""


@cache
def file_content(path: str) -> bytes:
    """What stands in a file; nothing if there is none, as where a function was typed in."""
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""
