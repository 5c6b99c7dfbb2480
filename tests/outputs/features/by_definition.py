"""Features by their definition: every row looks at every other one. Slow, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from bustle.scenarios.model import Feature

Row = Mapping[str, Any]


def feature_of(feature: Feature, rows: Sequence[Row], number: int) -> Any:
    """The feature of row ``number``; None where it is missing. ``amount`` is in cents, and its mean in whole units.

    A row is a mapping with ``time``, the columns that features name, and ``known`` if labels are read.
    """
    now = rows[number]["time"]
    if rows[number][feature.entity] is None:
        return None
    same = [i for i in range(number + 1) if rows[i][feature.entity] == rows[number][feature.entity]]
    if feature.measure == "since_last":
        return now - rows[same[-2]]["time"] if len(same) > 1 else None
    assert feature.window is not None
    if feature.reads_labels:
        assert feature.of is not None
        labels = []
        for i in same[:-1]:
            known = rows[i]["known"] if feature.delay is None else rows[i]["time"] + feature.delay
            if known is None or rows[i][feature.of] is None:
                continue
            if now - feature.window < max(known, rows[i]["time"]) <= now:
                labels.append(rows[i][feature.of])
        counted = {"known": len(labels), "found": sum(labels)}
        if feature.measure == "risk":
            return sum(labels) / len(labels) if labels else None
        return counted[feature.measure]
    window = [rows[i] for i in same if now - feature.window < rows[i]["time"] <= now]
    if feature.measure == "count":
        return len(window)
    assert feature.of is not None
    values = [row[feature.of] for row in window if row[feature.of] is not None]
    if feature.measure == "distinct":
        return len(set(values))
    total = sum(values) if all(isinstance(value, int) for value in values) else math.fsum(values)
    if feature.measure == "sum":
        return total
    if not values:
        return None
    return (total / 100 if feature.of == "amount" else total) / len(values)
