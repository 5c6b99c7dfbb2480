"""Who pays whom: degrees, payments back, payments to oneself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from bustle.outputs.audit.arrays import Integers


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of a payer and a payee that meet, each once, as codes."""

    payers: Integers
    payees: Integers

    def mean_degrees(self) -> tuple[float, float]:
        """The mean number of payees of a payer, and of payers of a payee."""
        count = self.payers.size
        return count / np.unique(self.payers).size, count / np.unique(self.payees).size

    def reciprocity(self) -> float:
        """The share of the pairs of two different accounts that also pay the other way round."""
        apart = self.payers != self.payees
        one, other = self.payers[apart], self.payees[apart]
        if not one.size:
            return 0.0
        size = int(max(one.max(), other.max())) + 1
        return float(np.isin(one * size + other, other * size + one).mean())


def pairs_of(payers: Integers, payees: Integers) -> Pairs:
    """The pairs of codes that occur."""
    frame = pl.DataFrame({"payer": payers, "payee": payees}).unique().sort("payer", "payee")
    return Pairs(frame["payer"].to_numpy(), frame["payee"].to_numpy())
