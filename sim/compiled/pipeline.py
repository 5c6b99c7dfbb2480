"""A short way through Numba for generated code.

Generated units are plain: names have one type throughout, and there are no closures, loops over literals or calls to be
inlined. The passes that look for such things take more time than all the others together, so they are left out. And
the same few functions are called again and again with the same types, so what a call gives is worked out once.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from numba.core.ccallback import CFunc
from numba.core.compiler import CompilerBase
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.sigutils import normalize_signature
from numba.core.typed_passes import IRLegalization, NativeLowering, NoPythonBackend, NopythonTypeInference
from numba.core.untyped_passes import FixupArgs, IRProcessing, TranslateByteCode

from bustle.compiling import machine_code
from bustle.kept_code import MachineCode
from bustle.linker import require
from bustle.sim.compiled.native import UNIT, Outside

_KNOWN: dict[Any, Any] = {}
"""What calls give, by function and types of arguments, for all units of this process."""


@register_pass(mutates_CFG=True, analysis_only=False)  # type: ignore[no-untyped-call]
class UnitTypeInference(NopythonTypeInference):
    """Numba's type inference with a memory."""

    _name = "unit_type_inference"

    def run_pass(self, state: Any) -> bool:
        """Infer the types of a unit."""
        with _remembered(state.typingctx):
            return bool(super().run_pass(state))  # type: ignore[no-untyped-call]


@contextmanager
def _remembered(typing: Any) -> Iterator[None]:
    """Have ``typing`` look up calls that it has seen."""
    resolve = typing.resolve_function_type

    def look_up(function: Any, arguments: Any, named: Any) -> Any:
        if named:
            return resolve(function, arguments, named)
        key = (function, tuple(arguments))
        if key not in _KNOWN:
            _KNOWN[key] = resolve(function, arguments, named)
        return _KNOWN[key]

    typing.resolve_function_type = look_up
    try:
        yield
    finally:
        del typing.resolve_function_type


class UnitCompiler(CompilerBase):
    """From bytecode to types to LLVM, and nothing between."""

    def define_pipelines(self) -> list[Any]:
        """The only pipeline."""
        passes = PassManager("unit")  # type: ignore[no-untyped-call]
        for step in (
            TranslateByteCode,
            FixupArgs,
            IRProcessing,
            UnitTypeInference,
            IRLegalization,
            NativeLowering,
            NoPythonBackend,
        ):
            passes.add_pass(step, step.__name__)  # type: ignore[no-untyped-call]
        passes.finalize()  # type: ignore[no-untyped-call]
        return [passes]


_NAME = re.compile(r"[A-Za-z_]\w*")


def compile_unit(name: str, text: str, words: Mapping[str, Any]) -> MachineCode:
    """The machine code of a generated function.

    Args:
        name: of the text.
        text: a function ``run`` with the signature `UNIT`.
        words: what it may call, by name.
    """
    module = ModuleType(f"bustle_{name.replace('-', '_')}")
    used = {word: words[word] for word in set(_NAME.findall(text)) & words.keys()}
    for word in used.values():
        if isinstance(word, Outside):
            require(word.name)
    vars(module).update(used)
    exec(compile(text, f"<{name}>", "exec"), vars(module))
    sys.modules[module.__name__] = module  # Numba looks functions up by the name of their module
    try:
        unit: Any = CFunc(
            vars(module)["run"],
            normalize_signature(UNIT),  # type: ignore[no-untyped-call]
            locals={},
            options={"error_model": "numpy"},
            pipeline_class=UnitCompiler,  # type: ignore[arg-type]
        )
        with global_compiler_lock:
            return machine_code(unit._compile_uncached())
    finally:
        del sys.modules[module.__name__]
