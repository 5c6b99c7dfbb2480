"""LLVM's linker: object files that come into the process, and the names that they call."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from llvmlite import binding

_PROVIDED: dict[str, Callable[[], int]] = {}


def provide(name: str, address: Callable[[], int]) -> None:
    """Let code call ``name``; ``address`` is asked when the first code that needs it is loaded."""
    _PROVIDED[name] = address


def link(content: bytes, needs: Sequence[str], symbols: Sequence[str]) -> tuple[int, ...] | None:
    """Bring an object file into the process.

    Args:
        content: the object file.
        needs: names that it calls.
        symbols: names that it has.

    Returns:
        The addresses of ``symbols``; None where something that it needs is missing.
    """
    owns_memory = any(name.startswith(("NRT_", "numba_")) and name not in _OF_ERRORS for name in needs)
    engine = _engine(owns_memory)  # which makes the names of this process known, too
    if owns_memory:
        _provide_all()
    if not all(map(require, needs)):
        return None
    engine.add_object_file(binding.ObjectFileRef.from_data(content))
    engine.finalize_object()
    return tuple(engine.get_function_address(symbol) for symbol in symbols)


def require(name: str) -> bool:
    """Make a name known; False if nobody has it."""
    if binding.address_of_symbol(name) is not None:
        return True
    if name in _PROVIDED:
        binding.add_symbol(name, _PROVIDED[name]())
    elif name in _OF_ERRORS:
        binding.add_symbol(name, ctypes.cast(_STOP, ctypes.c_void_p).value)
    else:
        _provide_all()
    return binding.address_of_symbol(name) is not None


_OF_ERRORS = {
    *("NRT_Free", "NRT_MemInfo_call_dtor"),
    *("numba_do_raise", "numba_gil_ensure", "numba_gil_release", "numba_runtime_build_excinfo_struct"),
    "numba_unpickle",
}
"""What Numba's code calls only to raise an exception, which kernels do not."""


def _stop() -> None:
    sys.stderr.write("bustle: a kernel has raised an exception\n")
    sys.stderr.flush()
    os.abort()


_STOP = ctypes.CFUNCTYPE(None)(_stop)


def _provide_all() -> None:
    from bustle.compiling import provide_all

    provide_all()


@cache
def _engine(owns_memory: bool) -> Any:
    """LLVM's linker, set up as Numba does.

    Code that makes arrays has one to itself: object files share functions of Numba's library, and those of the others
    may call what stands in for it.
    """
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_triple(binding.get_process_triple())
    machine = target.create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten(),
        reloc="static" if target.name.startswith("x86") else "default",
        codemodel="jitdefault",
        jit=True,
    )
    return binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
