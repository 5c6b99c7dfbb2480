"""What needs Numba: from a Python function to machine code. Imported only where something must be compiled."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, cast

import numba
from numba import types
from numba.core.registry import cpu_target
from numba.core.runtime.nrt import rtsys

from bustle.code_sources import source_stamp
from bustle.kept_code import MachineCode

_OPTIONS = {"error_model": "numpy"}
_compile_lazily: Callable[..., Any] = cast(Any, numba).njit


@cache
def callee(function: Callable[..., Any]) -> Any:
    """A kernel that other kernels call, or that is called by its address."""
    return _compile_lazily(no_cpython_wrapper=True, **_OPTIONS)(function)


@cache
def dispatcher(function: Callable[..., Any], kinds: tuple[str, ...] | None) -> Any:
    """A kernel that Numba calls, and keeps beside the source, or where ``NUMBA_CACHE_DIR`` says.

    If ``kinds`` are given, it is compiled for them alone.
    """
    try:
        made = _compile_lazily(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # no folder for it
        made = _compile_lazily(**_OPTIONS)(function)
    kept: Any = made._cache
    if hasattr(kept, "_cache_file"):  # Numba looks at the function's own file alone
        kept._cache_file._source_stamp = f"{kept._cache_file._source_stamp}-{source_stamp()}"
    if hasattr(kept, "_load_overload"):
        kept.load_overload = partial(_load_kept, kept)
    if kinds is not None:
        made.compile(tuple(map(_type_of, kinds)))
        made.disable_compile()
    return made


def _load_kept(kept: Any, signature: object, context: Any) -> Any:
    """Machine code that Numba has kept, or None: in place of its own method, which makes Numba ready to compile first.

    That takes 0.2 s of every process, mostly for scipy's BLAS. Numba makes itself ready again where it does compile.
    """
    rtsys.initialize(context)
    return kept._load_overload(signature, context)


def compile_kernel(function: Callable[..., Any], kinds: tuple[str, ...]) -> MachineCode:
    """The machine code of a kernel for arguments of ``kinds``."""
    made = callee(function)
    arguments = tuple(map(_type_of, kinds))
    made.compile(arguments)
    return machine_code(made.overloads[arguments])


def machine_code(result: Any) -> MachineCode:
    """What is kept of something that Numba has compiled."""
    library, described = result.library, result.fndesc
    symbol, c_symbol = described.llvm_func_name, described.llvm_cfunc_wrapper_name
    addresses = library.get_pointer_to_function(symbol), library.get_pointer_to_function(c_symbol)
    module = library._final_module
    outside = [part.name for part in (*module.functions, *module.global_variables) if part.is_declaration]
    return MachineCode(
        library._get_compiled_object(),
        symbol,
        c_symbol,
        str(types.unliteral(result.signature.return_type)),  # type: ignore[no-untyped-call]
        tuple(name for name in outside if not name.startswith("llvm.")),
        *addresses,
    )


def _type_of(kind: str) -> Any:
    base, _, axes = kind.removeprefix("readonly ").partition("[")
    scalar = getattr(types, "boolean" if base == "bool" else base)
    if not axes:
        return scalar
    make_array: Any = types.Array
    layout = "C" if axes.endswith("::1]") else "A"
    return make_array(scalar, axes.count(",") + 1, layout, readonly=kind.startswith("readonly "))


def provide_all() -> None:
    """Make the names of Numba's own library known to the linker."""
    rtsys.initialize(cpu_target.target_context)
