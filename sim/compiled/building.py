"""From text to machine code: each unit a small function, kept on disk under the hash of its text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from bustle import kept_code
from bustle.machine_code import LOCK
from bustle.sim.compiled.unit import Unit
from bustle.sim.compiled.words import WORDS

Compiling = Callable[[int], None]
"""Called once, with the number of units that must be compiled, before that begins."""

_ADDRESSES: dict[str, int] = {}
"""Units of this process by the name of their text."""


def compile_units(units: Sequence[Unit], compiling: Compiling | None = None) -> list[int]:
    """The addresses of the units' machine code, compiled now unless it is on disk."""
    new = not_kept(units)
    if new and compiling is not None:
        compiling(new)
    return [_address(unit.source()) for unit in units]


def not_kept(units: Sequence[Unit]) -> int:
    """How many different units are not on disk in their compiled form."""
    names = {_name(unit.source()) for unit in units}
    return sum(name not in _ADDRESSES and not kept_code.is_kept(name) for name in names)


def _name(text: str) -> str:
    return f"rule-{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"


def _address(text: str) -> int:
    name = _name(text)
    with LOCK:
        if name not in _ADDRESSES:
            code = kept_code.load(name)
            if code is None:
                from bustle.sim.compiled.pipeline import compile_unit

                code = compile_unit(name, text, WORDS)
                kept_code.keep(name, code)
            _ADDRESSES[name] = code.c_address
        return _ADDRESSES[name]
