"""Features: what a detection model may know of a row's past when the row comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bustle.scenarios.types import Type

Measure = Literal["count", "sum", "mean", "distinct", "since_last", "known", "found", "risk"]
"""What is measured of an entity's rows.

========== =============================================================================================
count      the rows in the window, this one included
sum        of a column over them
mean       of a column over them
distinct   the different values of a column in them
since_last the time since the entity's row before this one; without a window
known      the labels of the entity's earlier rows that became known in the window
found      those of them that are true
risk       the share of them that is true
========== =============================================================================================
"""


@dataclass(frozen=True, slots=True)
class Feature:
    """A column that is computed from the rows of a table up to its own.

    Attributes:
        name: of the column.
        measure: what is measured.
        entity: the column whose value says which rows belong together.
        type: of the column.
        of: the column that is measured; None for ``count`` and ``since_last``.
        window: length of the window in microseconds: it ends with the row and does not include its first instant.
        delay: of labels, the time after its row at which one becomes known, in microseconds; None if the column
            ``known`` says it.
    """

    name: str
    measure: Measure
    entity: str
    type: Type
    of: str | None = None
    window: int | None = None
    delay: int | None = None

    @property
    def reads_labels(self) -> bool:
        """True if labels that became known are counted."""
        return self.measure in ("known", "found", "risk")
