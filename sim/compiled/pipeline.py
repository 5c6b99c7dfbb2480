"""A short way through Numba for generated code.

Generated units are plain: names have one type throughout, and there are no closures, loops over literals or calls to be
inlined. The passes that look for such things take more time than all the others together, so they are left out.
"""

from __future__ import annotations

from typing import Any

from numba.core.compiler import CompilerBase
from numba.core.compiler_machinery import PassManager
from numba.core.typed_passes import IRLegalization, NativeLowering, NoPythonBackend, NopythonTypeInference
from numba.core.untyped_passes import FixupArgs, IRProcessing, TranslateByteCode


class UnitCompiler(CompilerBase):
    """From bytecode to types to LLVM, and nothing between."""

    def define_pipelines(self) -> list[Any]:
        """The only pipeline."""
        passes = PassManager("unit")  # type: ignore[no-untyped-call]
        for step in (
            TranslateByteCode,
            FixupArgs,
            IRProcessing,
            NopythonTypeInference,
            IRLegalization,
            NativeLowering,
            NoPythonBackend,
        ):
            passes.add_pass(step, step.__name__)  # type: ignore[no-untyped-call]
        passes.finalize()  # type: ignore[no-untyped-call]
        return [passes]
