"""How a function becomes machine code: compiled when it is first called, kept on disk between runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast

import numba
from numba.core.runtime.nrt import rtsys

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compile_kernel(function: _Function, stamp: str = "", *, nogil: bool = False) -> _Function:
    """Compile ``function`` with Numba when it is first called.

    Machine code is kept beside the source (or where ``NUMBA_CACHE_DIR`` says), so that only the first run
    on a machine compiles. Where no folder can be written the function is compiled anew in every process.
    Division by zero gives inf or NaN as in NumPy.

    Args:
        function: what to compile.
        stamp: kept code is stale once this changes. Numba looks at the function's own file by itself; code that is
            inlined from other files needs a stamp of theirs.
        nogil: let threads run it side by side.
    """
    compile_lazily: Callable[..., Any] = cast(Any, numba).njit
    options = {"error_model": "numpy", "nogil": nogil}
    try:
        dispatcher = compile_lazily(cache=True, **options)(function)
    except RuntimeError:
        return cast(_Function, compile_lazily(**options)(function))
    kept: Any = getattr(dispatcher, "_cache", None)
    if stamp and hasattr(kept, "_cache_file"):
        kept._cache_file._source_stamp = f"{kept._cache_file._source_stamp}-{stamp}"
    load_quickly(kept)
    return cast(_Function, dispatcher)


def load_quickly(kept: Any) -> None:
    """Have ``kept``, the cache of a dispatcher or of a C callback, load its code without a compiler at hand."""
    if hasattr(kept, "_load_overload"):
        kept.load_overload = partial(_load_kept, kept)


def _load_kept(kept: Any, signature: object, context: Any) -> Any:
    """Machine code kept on disk, or None: in place of Numba's own method, which makes Numba ready to compile first.

    That takes 0.2 s of every process, mostly for scipy's BLAS. Numba makes itself ready again where it does compile.
    """
    rtsys.initialize(context)
    return kept._load_overload(signature, context)
