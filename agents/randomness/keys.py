"""The key of a purpose: what makes one line's draws independent of every other line's."""

from __future__ import annotations

import hashlib


def purpose_key(seed: int, purpose: str) -> int:
    """A non-negative 63-bit key for the draws that serve ``purpose`` in a run with ``seed``.

    A purpose is named, not numbered (``shop.amount``), so that an edited line leaves the draws of
    other lines as they were. The key is BLAKE2b of the decimal seed, a colon and the purpose in UTF-8
    (8 bytes, little-endian, without the top bit).

    >>> purpose_key(1, "shop.amount") == purpose_key(1, "shop.amount")
    True
    >>> purpose_key(1, "shop.amount") == purpose_key(2, "shop.amount")
    False
    """
    digest = hashlib.blake2b(f"{seed}:{purpose}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") & (2**63 - 1)
