"""``*_Patterns.txt`` of AMLworld: a block for each laundering attempt."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl


def _fan_out(rows: pl.DataFrame) -> str:
    return f":  Max {_degree(rows, 'From', 'To')}-degree Fan-Out"


def _fan_in(rows: pl.DataFrame) -> str:
    return f":  Max {_degree(rows, 'To', 'From')}-degree Fan-In"


def _hops(rows: pl.DataFrame) -> str:
    return f":  Max {rows.height} hops"


def _nothing(_: pl.DataFrame) -> str:
    return ""


def _degree(rows: pl.DataFrame, of: str, to: str) -> int:
    """Most accounts on the other side of one account."""
    return int(rows.group_by(f"{of} Account").agg(pl.col(f"{to} Account").n_unique())[f"{to} Account"].max())  # type: ignore[arg-type]


ATTEMPTS: dict[str, tuple[str, Callable[[pl.DataFrame], str]]] = {
    "fan_out": ("FAN-OUT", _fan_out),
    "fan_in": ("FAN-IN", _fan_in),
    "cycle": ("CYCLE", _hops),
    "gather_scatter": ("GATHER-SCATTER", _fan_in),
    "scatter_gather": ("SCATTER-GATHER", _nothing),
    "stack": ("STACK", _nothing),
    "bipartite": ("BIPARTITE", _nothing),
    "random": ("RANDOM", _hops),
}
"""AMLworld's name of each pattern, and what it adds about the size of an attempt."""


def attempts_text(rows: pl.DataFrame) -> tuple[str, int]:
    """The text of the file.

    Args:
        rows: payments of attempts in order of time, as the columns of ``*_Trans.csv``, with ``pattern``, ``stage`` and
            ``episode`` behind them.

    Returns:
        The text, blocks in the order in which the attempts began, and the number of blocks.
    """
    blocks = []
    for attempt in rows.partition_by("episode", maintain_order=True):
        name, size = ATTEMPTS[attempt["pattern"][0]]
        lines = attempt.drop("pattern", "stage", "episode").write_csv(include_header=False, quote_style="never")
        begin = f"BEGIN LAUNDERING ATTEMPT - {name}{size(attempt)}\n"
        blocks.append(f"{begin}{lines}END LAUNDERING ATTEMPT - {name}\n\n")
    return "".join(blocks), len(blocks)
