"""Machine code on disk: object files of kernels and rules.

Files lie in bustle's cache folder, in a folder for each state of its sources, version of Numba and kind of processor. A
file begins with a checksum, and comes into its place whole; one that is not whole is as good as none.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from llvmlite import __version__ as llvm_version
from llvmlite import binding

from bustle.cache_folder import cache_folder, own_folder, read_kept, write_kept
from bustle.code_sources import source_stamp
from bustle.linker import link

MOST = 8
"""Folders that are kept, one for each state of sources and machine; the oldest go."""


@dataclass(frozen=True, slots=True)
class MachineCode:
    """A compiled function.

    Attributes:
        content: its object file.
        symbol: the function's name in it, as Numba's code calls it.
        c_symbol: the name of the same for callers that know nothing of Numba.
        result: the type of what it gives.
        needs: names that it calls.
        address: of ``symbol`` in this process.
        c_address: of ``c_symbol``.
    """

    content: bytes
    symbol: str
    c_symbol: str
    result: str
    needs: tuple[str, ...]
    address: int = 0
    c_address: int = 0


def is_kept(name: str) -> bool:
    """Whether code of this name is on disk."""
    folder = _folder()
    return folder is not None and (folder / f"{name}.code").is_file()


def load(name: str) -> MachineCode | None:
    """Code that is on disk, brought into the process; None if it is not there, or damaged."""
    folder = _folder()
    if folder is None:
        return None
    entry = read_kept(folder / f"{name}.code")
    if entry is None:
        return None
    described, _, content = entry.partition(b"\n")
    symbol, c_symbol, result, needs = json.loads(described)
    addresses = link(content, needs, (symbol, c_symbol))
    return None if addresses is None else MachineCode(content, symbol, c_symbol, result, tuple(needs), *addresses)


def keep(name: str, code: MachineCode) -> None:
    """Write code to disk, if there is a folder for it."""
    folder = _folder(make=True)
    if folder is None:
        return
    described = json.dumps([code.symbol, code.c_symbol, code.result, code.needs]).encode()
    try:
        write_kept(folder / f"{name}.code", described + b"\n" + code.content)
    except OSError:  # a full disk
        return


def _folder(*, make: bool = False) -> Path | None:
    """Where code is kept; None where there is no such folder, or others may write to it."""
    name = f"machine_code/{_stamp()}"
    is_new = make and not (cache_folder() / name).is_dir()
    folder = own_folder(name, make=make)
    if is_new and folder is not None:
        import shutil

        try:
            for old in sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime_ns)[:-MOST]:
                shutil.rmtree(old, ignore_errors=True)
        except OSError:  # another process tidies up too
            return None
    return folder


@cache
def _stamp() -> str:
    """All that machine code depends on but the text of its function."""
    numba = importlib.util.find_spec("numba")
    version = Path(numba.origin).with_name("_version.py").read_bytes() if numba and numba.origin else b""
    settings = sorted((name, value) for name, value in os.environ.items() if name.startswith("NUMBA_"))
    machine = (
        binding.get_process_triple(),
        binding.get_host_cpu_name(),
        sorted(binding.get_host_cpu_features().items()),
    )
    versions = (sys.version, np.__version__, llvm_version, version)
    text = repr((source_stamp(), versions, machine, settings))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
