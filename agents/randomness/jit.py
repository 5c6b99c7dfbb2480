"""How a scalar function becomes machine code: compiled on first use, kept on disk between runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from bustle.machine_code import compile_kernel

_Function = TypeVar("_Function", bound=Callable[..., Any])


@cache
def kernel_stamp() -> str:
    """A hash of all sources in ``agents`` that hold kernels: any kernel may have been built from any of them."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        source = path.read_bytes()
        if b"\n@kernel" in source:
            digest.update(source)
    return digest.hexdigest()


def kernel(function: _Function) -> _Function:
    """Compile ``function`` with Numba when it is first called, or when another kernel first calls it.

    Machine code is kept beside the source (or where ``NUMBA_CACHE_DIR`` says), so that only the first run
    on a machine compiles. Numba looks at the function's own file to see whether kept code is stale; code
    that was inlined from other files would be missed, so the hash of all files with kernels is added.
    Where no folder can be written the function is compiled anew in every process.
    Division by zero gives inf or NaN as in NumPy.
    """
    return compile_kernel(function, kernel_stamp())


def kernel_for_threads(function: _Function) -> _Function:
    """A `kernel` that runs without the interpreter's lock, so that threads run it side by side."""
    return compile_kernel(function, kernel_stamp(), nogil=True)


def fix_signature(function: _Function, signature: object) -> _Function:
    """Compile ``function`` (or load it) for ``signature`` alone; other arguments are converted to it.

    ``signature`` is what Numba takes for one: text such as ``"float64(int64)"`` or its own type object.
    """
    dispatcher = cast(Any, function)
    if hasattr(dispatcher, "disable_compile"):  # a plain function where NUMBA_DISABLE_JIT is set
        dispatcher.compile(signature)
        dispatcher.disable_compile()
    return function
