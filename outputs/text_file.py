"""Small text files that appear only when they are whole."""

from __future__ import annotations

from pathlib import Path

from bustle.outputs.errors import OutputError, one_clear_line
from bustle.outputs.unfinished import partial_of


def write_text_file(path: Path, text: str) -> None:
    r"""Write ``text`` as UTF-8 with ``\n`` line ends, under a partial name until it is complete.

    Raises:
        OutputError: the file cannot be written; nothing of it is left.
    """
    partial = partial_of(path)
    try:
        with one_clear_line("write", path):
            partial.write_bytes(text.encode())
            partial.replace(path)
    except OutputError:
        partial.unlink(missing_ok=True)
        raise
