"""Features in words."""

from __future__ import annotations

from bustle.outputs.quantity_text import duration_text
from bustle.scenarios.model import Feature


def feature_meaning(feature: Feature) -> str:
    """What a feature says about its row, for a dataset's card and a file's metadata.

    >>> from bustle.scenarios.types import WHOLE
    >>> feature_meaning(Feature("card_count_7d", "count", "card", WHOLE, None, 604_800_000_000))
    'rows of this card in the last 7 days, this one included'
    """
    entity, of = feature.entity, feature.of
    last = f"in the last {duration_text(float(feature.window or 0)).removeprefix('1 ')}"
    news = f"whose {of} became known {last}{_delay(feature)}"
    match feature.measure:
        case "count":
            return f"rows of this {entity} {last}, this one included"
        case "sum":
            return f"sum of {of} over the rows of this {entity} {last}, this one included"
        case "mean":
            return f"mean of {of} over the rows of this {entity} {last}, this one included"
        case "distinct":
            return f"different values of {of} in the rows of this {entity} {last}, this one included"
        case "since_last":
            return f"time since the row of this {entity} before this one"
        case "known":
            return f"earlier rows of this {entity} {news}"
        case "found":
            return f"earlier rows of this {entity} {news}, and is true"
        case "risk":
            return f"share of those where {of} is true among the earlier rows of this {entity} {news}"


def _delay(feature: Feature) -> str:
    return "" if feature.delay is None else f" ({duration_text(float(feature.delay))} after the row)"
