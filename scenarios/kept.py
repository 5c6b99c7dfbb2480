"""Checked scenarios, kept on disk: what was checked once is not checked again until the file, or bustle, changes.

Checking takes a fifth of a second, most of it for the libraries that it needs. Kept is what the checker made, under a
hash of everything that it depends on. Who can write to the folder can run code when it is read, as with the machine
code of rules that lies beside it; so it is used only if it is the user's own and nobody else may write to it.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from bustle.cache_folder import own_folder, read_kept, write_kept
from bustle.scenarios.files import LookedUp, find_file

if TYPE_CHECKING:
    from bustle.scenarios.model import Model
    from bustle.scenarios.yaml_nodes import MappingNode

MOST = 200
"""Scenarios that are kept; the oldest go."""

LARGEST = 1_000_000
"""Bytes of another file that a kept scenario may name: all of them are read again to see whether they have changed."""

_FOLDER = "scenarios"


def take(content: bytes, file: str, folder: str) -> tuple[Model, MappingNode, str] | None:
    """The model, the sections and the resolved text of a scenario that has been kept; None if it has not.

    Args:
        content: what stands in its file.
        file: the file's name in messages.
        folder: where the file stands.
    """
    place = own_folder(_FOLDER)
    if place is None:
        return None
    entry = read_kept(place / _name(content, file, folder))
    if entry is None:
        return None
    others, model, root, resolved = pickle.loads(entry)
    is_same = all(_is_still(where, path, former) for (where, path), former in others.items())
    return (model, root, resolved) if is_same else None


def keep(
    content: bytes,
    file: str,
    folder: str,
    others: LookedUp,
    model: Model,
    root: MappingNode,
    resolved: Callable[[], str],
) -> None:
    """Keep a scenario, if there is a folder to keep it in, and it names no large files.

    Args:
        content: what stands in its file.
        file: the file's name in messages.
        folder: where the file stands.
        others: the files that it names.
        model: what the checker made of it.
        root: its sections.
        resolved: gives its text with all values filled in.
    """
    place = own_folder(_FOLDER, make=True)
    if place is None:
        return
    try:
        if not all(path is not None and path.stat().st_size <= LARGEST for path in others.values()):
            return
        named = {where: _hash(path.read_bytes()).digest() for where, path in others.items() if path is not None}
        entry = pickle.dumps((named, model, root, resolved()), protocol=pickle.HIGHEST_PROTOCOL)
        write_kept(place / _name(content, file, folder), entry)
        entries = sorted(place.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        for old in entries[:-MOST]:
            old.unlink()
    except (OSError, RecursionError):  # a full disk, another process that tidies up too; a very long expression
        return


def _is_still(folder: str, path: str, former: bytes) -> bool:
    """Whether ``path`` in ``folder`` leads to the same content as before, by its hash."""
    try:
        found = find_file(folder, path, [PurePath(path).suffix])
        return found.stat().st_size <= LARGEST and _hash(found.read_bytes()).digest() == former
    except (OSError, ValueError):
        return False


def _name(content: bytes, file: str, folder: str) -> str:
    """A hash of all that the checked scenario depends on."""
    digest = _hash(content)
    digest.update(repr((file, folder, _stamp())).encode())
    return digest.hexdigest()


@cache
def _stamp() -> str:
    """What changes whenever the checker or the interpreter does: sizes and times of its sources."""
    sources = sorted(path for end in ("py", "lark") for path in Path(__file__).parent.rglob(f"*.{end}"))
    states = [(path.name, found.st_size, found.st_mtime_ns) for path in sources if (found := path.stat())]
    return _hash(repr((sys.version, states)).encode()).hexdigest()


def _hash(content: bytes) -> hashlib.blake2b:
    return hashlib.blake2b(content, digest_size=16)
