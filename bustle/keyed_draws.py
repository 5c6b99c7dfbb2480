"""The draws of table columns, keyed like those of a run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from bustle.agents.randomness import purpose_key, sample_many
from bustle.outputs.event_sink import Coded
from bustle.outputs.row_draws import DrawFunction


def keyed_draws(seed: int) -> DrawFunction:
    """The function that makes the draws of columns such as the delay until a label is known, for a run with ``seed``.

    A draw is keyed by the row's purpose, behavior, agent, occurrence and index, so recording a table again gives the
    same values. Rows of two behaviors may share agent, occurrence and index; the behavior's name keeps them apart.
    """

    def draw(
        purpose: str,
        behavior: Coded,
        form: str,
        args: Sequence[npt.NDArray[np.float64]],
        agent: npt.NDArray[np.int64],
        occurrence: npt.NDArray[np.int64],
        index: npt.NDArray[np.int64],
    ) -> npt.NDArray[Any]:
        keys = _keys(seed, purpose, tuple(behavior.texts))[behavior.codes]
        return sample_many(form, keys, agent, occurrence, index, args)

    return draw


@cache
def _keys(seed: int, purpose: str, behaviors: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """The key of each behavior, and at the end that of rows which no behavior caused: what -1 indexes."""
    named = [purpose_key(seed, f"{purpose} of {behavior}") for behavior in behaviors]
    return np.array([*named, purpose_key(seed, purpose)], np.int64)
