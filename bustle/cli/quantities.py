"""Numbers as a person reads them: bytes and shares."""

from __future__ import annotations


def size_text(count: float) -> str:
    """A number of bytes, such as ``12.3 MB``.

    >>> size_text(999), size_text(12_345_678)
    ('999 B', '12.3 MB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 999.5:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def share_text(share: float) -> str:
    """A share as a percentage with three significant digits.

    >>> share_text(0.00837), share_text(0.5)
    ('0.837 %', '50 %')
    """
    return f"{100 * share:.3g} %"
