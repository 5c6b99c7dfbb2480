"""What the words of `bustle.sim.compiled.native` are to Numba: one instruction each, or a call by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.core.registry import cpu_target
from numba.core.sigutils import normalize_signature
from numba.extending import intrinsic

_BYTE, _INT32, _INT64, _FLOAT64 = ir.IntType(8), ir.IntType(32), ir.IntType(64), ir.DoubleType()


def outside(name: str, signature: str) -> Any:
    """A function that is known to the linker by its name alone, such as ``"int64(int64, float64)"``."""
    arguments, result = normalize_signature(signature)  # type: ignore[no-untyped-call]
    return types.ExternalFunction(name, result(*arguments))


@cache
def type_of(word: str) -> Any:
    """Numba's type of a word that becomes an instruction."""
    context = cpu_target.typing_context
    context.refresh()
    return context.resolve_value_type(globals()[word])


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
def call_unit(_typing: Any, function: Any, table: Any, agent: Any, occurrence: Any, now: Any, payload: Any) -> Any:
    """Call a compiled unit by its address."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(_INT64, [_INT64] * 5)
        return builder.call(builder.inttoptr(arguments[0], kind.as_pointer()), arguments[1:])

    return types.int64(*[types.int64] * 6), build


@intrinsic
def add_i64(_typing: Any, address: Any, index: Any, value: Any) -> Any:
    """Add in one step."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address, index, value = arguments
        return builder.atomic_rmw("add", _place(builder, _INT64, address, index), value, "monotonic")

    return types.int64(types.int64, types.int64, types.int64), build


@intrinsic
def prefetch(_typing: Any, address: Any) -> Any:
    """Have the processor fetch memory."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], ir.PointerType(_BYTE))
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, _INT32, _INT32, _INT32])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [pointer.type], kind)
        builder.call(fetch, [pointer, *(_INT32(value) for value in (0, 3, 1))])  # to read, keep near, data
        return context.get_dummy_value()

    return types.void(types.int64), build


@intrinsic
def product_overflows(_typing: Any, a: Any, b: Any) -> Any:
    """Multiply with overflow."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        both = builder.smul_with_overflow(*arguments)
        return builder.extract_value(both, 1)

    return types.boolean(types.int64, types.int64), build
