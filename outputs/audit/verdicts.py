"""From a measured value to a verdict: the value, the band, and whether it lies in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from bustle.scenarios.audit_checks import AuditCheck
from bustle.scenarios.model import AuditBand

Verdict = Literal["pass", "fail", "info", "skipped", "too few"]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a measure gives.

    Attributes:
        value: the value; None where there is nothing to measure.
        detail: what else a reader should see: which column, which rule, how many.
        too_few: on how few observations the value would rest, if those are too few to judge.
    """

    value: float | None
    detail: str = ""
    too_few: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of one table, measured and judged.

    Attributes:
        check: what was measured.
        verdict: ``pass`` or ``fail``; ``info`` for a check without a band; ``skipped``; ``too few`` observations.
        value: the value; None where nothing was measured.
        low: smallest value that passes; None for none.
        high: largest value that passes; None for none.
        source: where the band comes from.
        detail: what else was seen; why it was skipped; what there was too little of.
    """

    check: AuditCheck
    verdict: Verdict
    value: float | None
    low: float | None
    high: float | None
    source: str
    detail: str

    def to_dict(self) -> dict[str, Any]:
        """The finding as JSON-ready values."""
        return {
            "check": self.check.name,
            "group": self.check.group,
            "measures": self.check.measures,
            "value": self.value,
            "min": self.low,
            "max": self.high,
            "verdict": self.verdict,
            "detail": self.detail,
            "source": self.source,
        }


def judged(check: AuditCheck, band: AuditBand | None, measured: Measured) -> Finding:
    """The finding of ``check``, with ``band`` in place of its own if there is one."""
    low, high, source = check.low, check.high, check.source
    if band is not None:
        low, high, source = band.low, band.high, f"the mapping: {band.because}"
    value = measured.value if measured.value is not None and math.isfinite(measured.value) else None
    verdict: Verdict
    if measured.too_few or value is None:
        verdict = "too few"
    elif low is None and high is None:
        verdict = "info"
    else:
        is_in = (low is None or value >= low) and (high is None or value <= high)
        verdict = "pass" if is_in else "fail"
    detail = "; ".join(filter(None, (measured.too_few, measured.detail)))
    return Finding(check, verdict, value, low, high, source, detail)


def skipped(check: AuditCheck, reason: str) -> Finding:
    """The finding of a check that was left out."""
    return Finding(check, "skipped", None, check.low, check.high, check.source, reason)
