"""The checks of an audit: what each measures, the band it must lie in, and where the band comes from.

The checker, ``bustle audit`` and the documentation read this table. A check without a band informs: it fails nobody,
unless a mapping gives it a band with ``expect``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """One check.

    Attributes:
        name: what reports, ``expect`` and ``skip`` call it.
        group: what it is about; ``skip`` takes groups too.
        measures: what the measured value is.
        source: where the band comes from; for a check that informs, what to compare the value with.
        low: smallest value that passes; None for none.
        high: largest value that passes; None for none.
        needs: entries of the mapping without which it cannot be measured.
        kind: how a value is shown: as a ``number``, a ``share``, a ``count`` or in ``days``.
    """

    name: str
    group: str
    measures: str
    source: str
    low: float | None = None
    high: float | None = None
    needs: tuple[str, ...] = ()
    kind: str = "number"


_GENERATORS = "public generators, measured on their own output"

_CHECKS = (
    # --- does anything give the fraud away?
    AuditCheck(
        "single column",
        "leakage",
        "AUC of the best single column",
        f"chosen: {_GENERATORS}, have .99 (PaySim), .84 (Sparkov), .66 (Fraud Detection Handbook)",
        high=0.75,
        needs=("label",),
    ),
    AuditCheck(
        "row alone",
        "leakage",
        "average precision of a depth-4 tree on the row's own columns, over the share of fraud",
        "chosen: in real card data history finds fraud, not the row (Fraud Detection Handbook, real-data chapters)",
        high=3.0,
        needs=("label",),
    ),
    AuditCheck(
        "perfect rules",
        "leakage",
        "simple rules whose rows are all fraud",
        "by definition; PaySim has one (782 of 782 rows where a transfer empties the account)",
        high=0.0,
        needs=("label",),
        kind="count",
    ),
    AuditCheck(
        "telling ids",
        "leakage",
        "share of the frauds on payers or payees that have nothing but fraud",
        "chosen: the share from which a rule counts as one",
        high=0.01,
        needs=("label",),
        kind="share",
    ),
    # --- when
    AuditCheck(
        "hour ratio",
        "rhythm",
        "rows of the busiest hour of the day over the quietest",
        "24.6 million mobile-money transactions: over 100 (PaySim's aggregates); chosen: at least 10",
        low=10.0,
    ),
    AuditCheck(
        "weekday ratio",
        "rhythm",
        "rows a day on the busiest weekday over the quietest",
        f"chosen; {_GENERATORS}, have 1.04 (Fraud Detection Handbook) to 2.3 (Sparkov)",
        low=1.2,
        high=1.6,
    ),
    AuditCheck(
        "burstiness",
        "rhythm",
        "median over payers of how unequal the gaps between their rows are; 0 is a Poisson process",
        "Goh and Barabasi, Europhys. Lett. 81, 48002 (2008), for human activity (range unverified)",
        low=0.2,
        high=0.6,
        needs=("payer",),
    ),
    # --- who pays whom
    AuditCheck(
        "payee slope",
        "network",
        "Zipf slope of the payees' numbers of rows",
        f"Zipf's law has 1; {_GENERATORS}, have .07 (PaySim) to 1.03 (AMLSim)",
        low=0.8,
        high=1.2,
        needs=("payee",),
    ),
    AuditCheck(
        "top payees",
        "network",
        "share of the rows that the busiest 1 % of the payees have",
        "chosen; Zipf's law of slope .8 gives 23 to 34 %, of slope 1 39 to 62 % (1,000 to 100,000 payees)",
        low=0.15,
        high=0.40,
        needs=("payee",),
        kind="share",
    ),
    AuditCheck(
        "payees a month",
        "network",
        "median number of different payees of a payer in a month",
        "studied were cards with 10 to 50 stores and 50 to 120 purchases (Krumme et al., Sci. Rep. 3, 1645, 2013)",
        needs=("payer", "payee"),
    ),
    AuditCheck(
        "own payee slope",
        "network",
        "Zipf slope of one payer's payees",
        ".8 in Europe to 1.13 in North America (Krumme et al., Sci. Rep. 3, 1645, 2013; unverified)",
        needs=("payer", "payee"),
    ),
    AuditCheck(
        "payees of a payer",
        "network",
        "mean number of different payees of a payer (out-degree)",
        "depends on the length of the data",
        needs=("payer", "payee"),
    ),
    AuditCheck(
        "payers of a payee",
        "network",
        "mean number of different payers of a payee (in-degree)",
        "depends on the length of the data",
        needs=("payer", "payee"),
    ),
    AuditCheck(
        "reciprocity",
        "network",
        "share of the pairs of payer and payee that also pay the other way round",
        "no reference",
        needs=("payer", "payee", "peers"),
        kind="share",
    ),
    AuditCheck(
        "own payments",
        "network",
        "share of the rows in which an account pays itself",
        "no reference; 25 % in AMLworld (measured)",
        needs=("payer", "payee", "peers"),
        kind="share",
    ),
    # --- how much
    AuditCheck(
        "amounts valid",
        "amounts",
        "rows whose amount is missing or below 0",
        "by definition; AMLworld has some (measured)",
        high=0.0,
        needs=("amount",),
        kind="count",
    ),
    AuditCheck(
        "benford",
        "amounts",
        "mean absolute deviation of the first digits of amounts from Benford's law",
        "Nigrini, Benford's Law (Wiley, 2012): close to .006, acceptable to .012, marginal to .015",
        high=0.012,
        needs=("amount",),
    ),
    AuditCheck(
        "amount tail",
        "amounts",
        "power-law exponent of the largest tenth of the amounts",
        "2.5 for baskets of a supermarket chain (arXiv 0802.0105)",
        needs=("amount",),
    ),
    # --- the ledger
    AuditCheck(
        "ledger rows",
        "ledger",
        "balances after a row that are not the balance before it with the amount added or taken, to the cent",
        "by definition",
        high=0.0,
        needs=("balances",),
        kind="count",
    ),
    AuditCheck(
        "ledger chain",
        "ledger",
        "balances before a row that are not the account's balance after its previous row",
        "by definition",
        high=0.0,
        needs=("balances",),
        kind="count",
    ),
    AuditCheck(
        "ledger sides",
        "ledger",
        "rows that make or lose money: what the accounts gain and lose does not sum up to 0",
        "by definition; PaySim never credits most payees (measured)",
        high=0.0,
        needs=("balances",),
        kind="count",
    ),
    # --- labels
    AuditCheck(
        "prevalence",
        "labels",
        "share of the rows that are fraud",
        ".015 % of card payments in the EU (ECB and EBA report, 2024); .25 % of e-commerce (Handbook, real data)",
        needs=("label",),
        kind="share",
    ),
    AuditCheck(
        "prevalence of money",
        "labels",
        "share of the money that is fraud",
        ".031 % of the value of card payments in the EU (ECB and EBA report, 2024)",
        needs=("label", "amount"),
        kind="share",
    ),
    AuditCheck(
        "dead periods",
        "labels",
        "weeks and months without any fraud where at least 10 were to be expected",
        "by definition: labels must mean the same all the time",
        high=0.0,
        needs=("label",),
        kind="count",
    ),
    AuditCheck(
        "fraud at the end",
        "labels",
        "share of fraud in the last tenth of the time",
        "AMLworld: 59 % of the rows of its last days are laundering (measured); chosen: not mostly fraud",
        high=0.5,
        needs=("label",),
        kind="share",
    ),
    AuditCheck(
        "volume at the end",
        "labels",
        "rows a day in the last tenth of the time over those before",
        "chosen: the volume does not collapse, as it does in the last days of AMLworld",
        low=0.5,
    ),
    AuditCheck(
        "known too soon",
        "labels",
        "rows whose label is known before they happen",
        "by definition",
        high=0.0,
        needs=("known",),
        kind="count",
    ),
    AuditCheck(
        "label delay",
        "labels",
        "median time until a label is known",
        "most feedback within a week, chargebacks 30 to 120 days (Fraud Detection Handbook; industry pages)",
        needs=("known",),
        kind="days",
    ),
)

CHECKS: dict[str, AuditCheck] = {check.name: check for check in _CHECKS}
"""Every check by its name, in the order in which reports list them."""

GROUPS = tuple(dict.fromkeys(check.group for check in _CHECKS))
"""What checks are about."""
