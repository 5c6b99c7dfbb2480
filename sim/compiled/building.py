"""From text to machine code: each unit a small module, kept on disk under the hash of its text."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bustle.cache_folder import cache_folder
from bustle.sim.compiled.native import source_stamp
from bustle.sim.compiled.unit import Unit
from bustle.sim.compiled.words import is_word

Compiling = Callable[[int], None]
"""Called once, with the number of units that must be compiled, before that begins."""

_NAME = re.compile(r"[A-Za-z_]\w*")
_PLACEHOLDER = "from bustle.sim.compiled.words import *"


@cache
def rules_folder() -> Path:
    """Where compiled rules are kept.

    A folder of this process alone stands in where none can be written.
    """
    folder = cache_folder() / "rules" / source_stamp()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="bustle-rules-"))


def compile_units(units: Sequence[Unit], compiling: Compiling | None = None) -> list[int]:
    """The addresses of the units' machine code, compiled now unless it is on disk."""
    new = not_kept(units)
    if new and compiling is not None:
        compiling(new)
    texts = [_with_imports(unit.source()) for unit in units]
    return [_address(_name(text), text) for text in texts]


def not_kept(units: Sequence[Unit]) -> int:
    """How many different units are not on disk in their compiled form."""
    names = {_name(_with_imports(unit.source())) for unit in units}
    return sum(f"bustle_rule_{name}" not in sys.modules and not _is_kept(name) for name in names)


def _name(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _with_imports(text: str) -> str:
    words = sorted({word for word in _NAME.findall(text) if is_word(word)} | {"unit"})
    return text.replace(_PLACEHOLDER, f"from bustle.sim.compiled.words import {', '.join(words)}", 1)


def _is_kept(name: str) -> bool:
    folder = os.environ.get("NUMBA_CACHE_DIR")
    if folder:
        return any(Path(folder).rglob(f"u{name}.run-*.nbi"))
    return any((rules_folder() / "__pycache__").glob(f"u{name}.run-*.nbi"))


def _address(name: str, text: str) -> int:
    module = f"bustle_rule_{name}"
    if module not in sys.modules:
        path = rules_folder() / f"u{name}.py"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            partial = path.with_suffix(f".{os.getpid()}.partial")
            partial.write_text(text, encoding="utf-8")
            partial.replace(path)
        spec = importlib.util.spec_from_file_location(module, path)
        assert spec is not None and spec.loader is not None
        loaded = importlib.util.module_from_spec(spec)
        sys.modules[module] = loaded  # Numba looks functions up by the name of their module
        try:
            spec.loader.exec_module(loaded)
        except BaseException:
            del sys.modules[module]
            raise
    compiled: Any = sys.modules[module]
    address: int = compiled.run.address
    return address
