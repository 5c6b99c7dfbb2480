"""How a function becomes machine code: compiled when it is first called, kept on disk, and loaded without a compiler.

Compiling needs Numba, whose import alone takes longer than many runs. Machine code that has been kept is loaded by LLVM
and called by its address, so a process in which nothing is new does without Numba.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Callable
from functools import update_wrapper
from threading import RLock
from typing import Any, TypeVar, cast

import numpy as np

from bustle import kept_code
from bustle.code_sources import file_content
from bustle.kept_code import MachineCode

_Function = TypeVar("_Function", bound=Callable[..., Any])

Kinds = tuple[str, ...]
"""The types of arguments: ``int64``, ``float64[::1]`` and so on, as Numba writes them; see `kind_of`."""

LOCK = RLock()
"""Held while code is looked up, compiled or loaded."""

_SCALARS: dict[str, Any] = {
    "int64": ctypes.c_int64,
    "int32": ctypes.c_int32,
    "uint64": ctypes.c_uint64,
    "float64": ctypes.c_double,
    "bool": ctypes.c_uint8,
}
"""How scalars are passed and given back."""

_RESULTS = {"none", *_SCALARS}
"""What compiled code may give for Python to call it by its address."""


def kernel(function: _Function) -> _Function:
    """Compile ``function`` with Numba when it is first called with new types of arguments, unless that is on disk.

    Arguments are numbers and NumPy arrays. It runs without the interpreter's lock, so that threads run it side by side.
    Division by zero gives inf or NaN as in NumPy. A kernel must not raise. Other kernels may call it.
    """
    return cast(_Function, Kernel(function))


class Kernel:
    """A function that is called as machine code. Its text is looked at by Numba alone."""

    def __init__(self, function: Callable[..., Any]) -> None:
        update_wrapper(self, function)
        self.function = function
        self._called: dict[tuple[Any, ...], Callable[..., Any]] = {}
        self._codes: dict[Kinds, MachineCode] = {}
        self.kinds: Kinds | None = None
        """The only types that it is called with, where they are fixed."""

    def __call__(self, *arguments: Any) -> Any:
        """What the function gives."""
        types = tuple(
            (a.dtype, a.ndim, a.flags.c_contiguous, a.flags.writeable) if isinstance(a, np.ndarray) else type(a)
            for a in arguments
        )
        called = self._called.get(types)
        if called is None:
            called = self._called[types] = self.typed(self.kinds or tuple(map(kind_of, arguments)))
        return called(*arguments)

    def typed(self, kinds: Kinds) -> Callable[..., Any]:
        """The function for arguments of ``kinds``, which are not looked at again when it is called."""
        code = self.code(kinds)
        return _caller(code, kinds) if code.result in _RESULTS else for_scalars(cast(Any, self))

    def code(self, kinds: Kinds) -> MachineCode:
        """The machine code for arguments of ``kinds``.

        Functions are told apart by module, qualified name and the text of their file: kernels that a function makes
        must be given names of their own.
        """
        with LOCK:
            if kinds not in self._codes:
                name = self._name(kinds)
                found = kept_code.load(name)
                if found is None:
                    from bustle import compiling

                    found = compiling.compile_kernel(self.function, kinds)
                    kept_code.keep(name, found)
                self._codes[kinds] = found
            return self._codes[kinds]

    def _name(self, kinds: Kinds) -> str:
        text = repr((self.__module__, self.function.__qualname__, kinds)).encode()
        digest = hashlib.blake2b(text + file_content(self.function.__code__.co_filename), digest_size=12)
        return f"{self.function.__name__}-{digest.hexdigest()}"

    @property
    def _numba_type_(self) -> Any:
        """What Numba takes a call of it for, where another kernel calls it."""
        from bustle import compiling

        return compiling.callee(self.function)._numba_type_


def kind_of(argument: Any) -> str:
    """The type that an argument is passed as.

    Raises:
        TypeError: nothing that a kernel takes.
    """
    if isinstance(argument, np.ndarray) and argument.ndim and argument.dtype.isnative:
        axes = [":"] * argument.ndim
        if argument.flags.c_contiguous:
            axes[-1] = "::1"
        fixed = "" if argument.flags.writeable else "readonly "
        return f"{fixed}{argument.dtype.name}[{', '.join(axes)}]"
    if isinstance(argument, np.generic) and argument.dtype.name in _SCALARS:
        return str(argument.dtype.name)
    if isinstance(argument, bool | float):
        return "bool" if isinstance(argument, bool) else "float64"
    if isinstance(argument, int) and -(2**63) <= argument < 2**63:
        return "int64"
    raise TypeError(f"a kernel takes numbers of 64 bits and arrays of the machine's own, not {argument!r:.100}")


def fix_kinds(function: _Function, *kinds: str) -> _Function:
    """Have ``function``, a kernel, compiled for arguments of ``kinds`` alone; numbers are converted to them."""
    cast(Kernel, function).kinds = kinds
    return function


def for_scalars(function: _Function) -> _Function:
    """``function``, a kernel, as Numba's own object: quicker to call with single numbers, and slow to load.

    It may also give several values.
    """
    from bustle import compiling

    made = cast(Kernel, function)
    return cast(_Function, compiling.dispatcher(made.function, made.kinds))


def _caller(code: MachineCode, kinds: Kinds) -> Callable[..., Any]:
    """Calls ``code`` as Numba's own code calls it: places for result and error, then arguments, arrays in parts."""
    types: list[Any] = [ctypes.c_void_p, ctypes.c_void_p]
    dimensions: list[int] = []
    for kind in kinds:
        base, _, axes = kind.removeprefix("readonly ").partition("[")
        dimensions.append(axes.count(":") - axes.count("::") if axes else 0)
        if axes:
            types += [ctypes.c_void_p] * 2 + [ctypes.c_int64] * 2 + [ctypes.c_void_p]
            types += [ctypes.c_int64] * 2 * dimensions[-1]
        else:
            types.append(_SCALARS[base])
    machine: Any = ctypes.CFUNCTYPE(ctypes.c_int32, *types)(code.address)
    result_type: Any = _SCALARS.get(code.result, ctypes.c_int64)
    converters: list[Any] = [
        None if n else float if k == "float64" else int for k, n in zip(kinds, dimensions, strict=True)
    ]

    def call(*arguments: Any) -> Any:
        parts: list[Any] = []
        for argument, convert in zip(arguments, converters, strict=True):
            if convert is None:
                parts += (None, None, argument.size, argument.itemsize, argument.__array_interface__["data"][0])
                parts += argument.shape
                parts += argument.strides
            else:
                parts.append(convert(argument))
        result, error = result_type(), ctypes.c_void_p()
        status = machine(ctypes.byref(result), ctypes.byref(error), *parts)
        if status != 0:
            raise RuntimeError(f"{code.symbol} has failed with status {status}")
        if code.result == "none":
            return None
        return bool(result.value) if code.result == "bool" else result.value

    return call
