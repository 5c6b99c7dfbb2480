"""What compiled code is made of: raw memory, calls by address, and kernels that other code calls by name.

Compiled rules see the run as memory: columns, agendas and queues at addresses that never change. The functions here
read and write it; each becomes one machine instruction. Kernels that generated code calls are registered with the
linker under a name (`exported`), so that generated code holds a call and not a copy: it compiles in milliseconds, and
draws are the very same machine code that the reference engine calls.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba
from llvmlite import binding, ir
from numba.core import types
from numba.core.sigutils import normalize_signature
from numba.extending import intrinsic

from bustle.agents.randomness.jit import kernel_stamp
from bustle.machine_code import compile_kernel

_Function = TypeVar("_Function", bound=Callable[..., Any])

UNIT = "int64(int64, int64, int64, int64, int64)"
"""The signature of every compiled unit: (table, agent, occurrence, now, payload) to a status, 0 if all went well."""


@cache
def source_stamp() -> str:
    """A hash of all hand-written code that machine code may have been built from."""
    digest = hashlib.blake2b(kernel_stamp().encode(), digest_size=16)
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        source = path.read_bytes()
        if b"\n@kernel" in source or path.name == "native.py":
            digest.update(source)
    digest.update(f"{numba.__version__} {binding.llvm_version_info}".encode())
    return digest.hexdigest()


def kernel(function: _Function) -> _Function:
    """Compile ``function`` on first use and keep it on disk, until any source of this package changes.

    It runs without the interpreter's lock, so that threads run it side by side.
    """
    return compile_kernel(function, source_stamp(), nogil=True)


def exported(function: _Function, signature: str) -> _Function:
    """``function``, a kernel, as something that generated code calls by name.

    Args:
        function: a kernel.
        signature: the only types it is called with, such as ``"int64(int64, float64)"``.
    """
    dispatcher: Any = function
    arguments, _ = normalize_signature(signature)  # type: ignore[no-untyped-call]
    if arguments not in dispatcher.overloads:
        dispatcher.compile(signature)
    result = dispatcher.overloads[arguments]
    name = f"bustle.{function.__module__.rpartition('.')[2]}.{function.__name__}"
    binding.add_symbol(name, result.library.get_pointer_to_function(result.fndesc.llvm_cfunc_wrapper_name))
    return cast(_Function, types.ExternalFunction(name, result.signature))


def _of_the_c_library(name: str, arguments: int) -> Any:
    """A function of float64 of the C library, under a name that the optimizer knows nothing of.

    It would otherwise replace ``pow(x, 2.0)`` by a product, which may differ in the last bit from what Python gives.
    """
    library = ctypes.CDLL(ctypes.util.find_library("m") or None)
    address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    binding.add_symbol(f"bustle.{name}", address)
    return types.ExternalFunction(f"bustle.{name}", types.float64(*[types.float64] * arguments))


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
binding.add_symbol("bustle.call_host", ctypes.cast(_CALL_BACK, ctypes.c_void_p).value)
call_host = types.ExternalFunction("bustle.call_host", types.void(*[types.int64] * 3))


# --- memory ---------------------------------------------------------------------

_BYTE, _INT32, _INT64, _FLOAT64 = ir.IntType(8), ir.IntType(32), ir.IntType(64), ir.DoubleType()


def _place(builder: Any, kind: Any, address: Any, index: Any) -> Any:
    pointer = builder.inttoptr(address, ir.PointerType(kind))
    return builder.gep(pointer, [index])


def _reader(kind: Any, result: Any, widen: Callable[[Any, Any], Any] | None = None, *, fixed: bool = False) -> Any:
    def typed(_typing: Any, address: Any, index: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            value = builder.load(_place(builder, kind, *arguments))
            if fixed:
                value.set_metadata("invariant.load", builder.module.add_metadata([]))
            return value if widen is None else widen(builder, value)

        return result(types.int64, types.int64), build

    return intrinsic(typed)


def _writer(kind: Any, given: Any, narrow: Callable[[Any, Any], Any] | None = None) -> Any:
    def typed(_typing: Any, address: Any, index: Any, value: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            address, index, value = arguments
            builder.store(value if narrow is None else narrow(builder, value), _place(builder, kind, address, index))
            return context.get_dummy_value()

        return types.void(types.int64, types.int64, given), build

    return intrinsic(typed)


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
    get_i64 = _reader(_INT64, types.int64)
    get_f64 = _reader(_FLOAT64, types.float64)
    get_i32 = _reader(_INT32, types.int64, lambda builder, value: builder.sext(value, _INT64))
    get_i8 = _reader(_BYTE, types.int64, lambda builder, value: builder.zext(value, _INT64))
    fixed_i64 = _reader(_INT64, types.int64, fixed=True)
    put_i64 = _writer(_INT64, types.int64)
    put_f64 = _writer(_FLOAT64, types.float64)
    put_i32 = _writer(_INT32, types.int64, lambda builder, value: builder.trunc(value, _INT32))
    put_i8 = _writer(_BYTE, types.int64, lambda builder, value: builder.trunc(value, _BYTE))

    @intrinsic
    def call_unit(_typing, function, table, agent, occurrence, now, payload):
        """See above."""

        def build(context, builder, signature, arguments):
            kind = ir.FunctionType(_INT64, [_INT64] * 5)
            return builder.call(builder.inttoptr(arguments[0], kind.as_pointer()), arguments[1:])

        return types.int64(*[types.int64] * 6), build

    @intrinsic
    def add_i64(_typing, address, index, value):
        """See above."""

        def build(context, builder, signature, arguments):
            address, index, value = arguments
            return builder.atomic_rmw("add", _place(builder, _INT64, address, index), value, "monotonic")

        return types.int64(types.int64, types.int64, types.int64), build

    @intrinsic
    def prefetch(_typing, address):
        """See above."""

        def build(context, builder, signature, arguments):
            pointer = builder.inttoptr(arguments[0], ir.PointerType(_BYTE))
            kind = ir.FunctionType(ir.VoidType(), [pointer.type, _INT32, _INT32, _INT32])
            fetch = builder.module.declare_intrinsic("llvm.prefetch", [pointer.type], kind)
            builder.call(fetch, [pointer, *(_INT32(value) for value in (0, 3, 1))])  # to read, keep near, data
            return context.get_dummy_value()

        return types.void(types.int64), build

    @intrinsic
    def product_overflows(_typing, a, b):
        """See above."""

        def build(context, builder, signature, arguments):
            both = builder.smul_with_overflow(*arguments)
            return builder.extract_value(both, 1)

        return types.boolean(types.int64, types.int64), build
