"""What compiled code is made of: raw memory, calls by address, and kernels that other code calls by name.

Compiled rules see the run as memory: columns, agendas and queues at addresses that never change. The functions here
read and write it; each becomes one machine instruction (`bustle.sim.compiled.intrinsics`). Kernels that generated code
calls are known to the linker under a name (`exported`), so that generated code holds a call and not a copy, and
compiles in milliseconds.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from bustle.linker import provide, require
from bustle.machine_code import Kernel, kernel

__all__ = [
    "UNIT",
    "HostFunction",
    "Outside",
    "add_i64",
    "call_host",
    "call_unit",
    "exported",
    "fixed_i64",
    "fmod_f64",
    "get_f64",
    "get_i8",
    "get_i32",
    "get_i64",
    "host_number",
    "kernel",
    "pow_f64",
    "prefetch",
    "product_overflows",
    "put_f64",
    "put_i8",
    "put_i32",
    "put_i64",
]

UNIT = "int64(int64, int64, int64, int64, int64)"
"""The signature of every compiled unit: (table, agent, occurrence, now, payload) to a status, 0 if all went well."""


class Outside:
    """A function that machine code calls by a name; see `bustle.linker.provide`."""

    def __init__(self, name: str, signature: str) -> None:
        self.name, self.signature = name, signature

    @property
    def _numba_type_(self) -> Any:
        from bustle.sim.compiled.intrinsics import outside

        require(self.name)
        return outside(self.name, self.signature)


def exported(function: Callable[..., Any], signature: str) -> Outside:
    """``function``, a kernel, as something that generated code calls by name.

    Args:
        function: a kernel.
        signature: the only types it is called with, such as ``"int64(int64, float64)"``.
    """
    name = f"bustle.{function.__module__.rpartition('.')[2]}.{function.__name__}"
    kinds = tuple(signature.partition("(")[2].rstrip(")").split(", "))
    provide(name, lambda: cast(Kernel, function).code(kinds).c_address)
    return Outside(name, signature)


def _of_the_c_library(name: str, arguments: int) -> Any:
    """A function of float64 of the C library, under a name that the optimizer knows nothing of.

    It would otherwise replace ``pow(x, 2.0)`` by a product, which may differ in the last bit from what Python gives.
    """
    provide(f"bustle.{name}", lambda: cast(int, ctypes.cast(getattr(ctypes.CDLL(None), name), ctypes.c_void_p).value))
    return Outside(f"bustle.{name}", f"float64({', '.join(['float64'] * arguments)})")


pow_f64 = _of_the_c_library("pow", 2)
fmod_f64 = _of_the_c_library("fmod", 2)


# --- the host -------------------------------------------------------------------

HostFunction = Callable[[int, int], None]
"""Called with an address and a number of words, in the middle of a rule. It must not raise."""

_HOST_FUNCTIONS: list[HostFunction] = []


def host_number(function: HostFunction) -> int:
    """The number by which generated code calls back a Python function, with ``call_host``."""
    _HOST_FUNCTIONS.append(function)
    return len(_HOST_FUNCTIONS) - 1


def _call_back(number: int, address: int, words: int) -> None:
    _HOST_FUNCTIONS[number](address, words)


_CALL_BACK = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)(_call_back)
provide("bustle.call_host", lambda: cast(int, ctypes.cast(_CALL_BACK, ctypes.c_void_p).value))
call_host: Any = Outside("bustle.call_host", "void(int64, int64, int64)")


# --- memory ---------------------------------------------------------------------

if TYPE_CHECKING:

    def get_i64(address: int, index: int) -> int:
        """The int64 at ``address + 8 * index``."""

    def get_f64(address: int, index: int) -> float:
        """The float64 at ``address + 8 * index``."""

    def get_i32(address: int, index: int) -> int:
        """The int32 at ``address + 4 * index``."""

    def get_i8(address: int, index: int) -> int:
        """The byte at ``address + index``."""

    def fixed_i64(address: int, index: int) -> int:
        """Like `get_i64`, of a word that never changes: it need not be read again."""

    def put_i64(address: int, index: int, value: int) -> None:
        """Write an int64."""

    def put_f64(address: int, index: int, value: float) -> None:
        """Write a float64."""

    def put_i32(address: int, index: int, value: int) -> None:
        """Write an int32."""

    def put_i8(address: int, index: int, value: int) -> None:
        """Write a byte."""

    def call_unit(function: int, table: int, agent: int, occurrence: int, now: int, payload: int) -> int:
        """Call a compiled unit by its address."""

    def add_i64(address: int, index: int, value: int) -> int:
        """Add to an int64 in one step, whatever other threads do; gives what stood there."""

    def prefetch(address: int) -> None:
        """Have the processor fetch what lies there, which will be read soon; nothing happens if nothing does."""

    def product_overflows(a: int, b: int) -> bool:
        """Whether the product of two int64 does not fit int64."""


else:

    class _Instruction:
        """A word that Numba turns into an instruction."""

        def __init__(self, name):
            self.name = name

        @property
        def _numba_type_(self):
            from bustle.sim.compiled.intrinsics import type_of

            return type_of(self.name)

    get_i64, get_f64, get_i32, get_i8 = map(_Instruction, ("get_i64", "get_f64", "get_i32", "get_i8"))
    put_i64, put_f64, put_i32, put_i8 = map(_Instruction, ("put_i64", "put_f64", "put_i32", "put_i8"))
    fixed_i64, call_unit, add_i64 = map(_Instruction, ("fixed_i64", "call_unit", "add_i64"))
    prefetch, product_overflows = map(_Instruction, ("prefetch", "product_overflows"))
