"""Runs every check of one table: what applies is measured and judged, what does not is said to be left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bustle.outputs.audit.leakage import Leakage
from bustle.outputs.audit.payments import Payments
from bustle.outputs.audit.realism import Realism
from bustle.outputs.audit.truth import Truth
from bustle.outputs.audit.verdicts import Finding, Measured, judged, skipped
from bustle.scenarios.audit_checks import CHECKS, AuditCheck
from bustle.scenarios.model import Audit

_NEEDS = {
    "peers": "payers and payees are not accounts of one kind",
    "balances": "the mapping names no balances",
}


def findings_of(payments: Payments) -> Iterator[Finding]:
    """Every check of a table, in the order of `bustle.scenarios.audit_checks.CHECKS`."""
    leakage, realism, truth = Leakage(payments), Realism(payments), Truth(payments)
    measures: dict[str, Callable[[], Measured]] = {
        "single column": leakage.single_column,
        "row alone": leakage.row_alone,
        "perfect rules": leakage.perfect_rules,
        "telling ids": leakage.telling_ids,
        "hour ratio": realism.hour_ratio,
        "weekday ratio": realism.weekday_ratio,
        "burstiness": realism.burstiness,
        "payee slope": realism.payee_slope,
        "top payees": realism.top_payees,
        "payees a month": realism.payees_a_month,
        "own payee slope": realism.own_payee_slope,
        "payees of a payer": realism.payees_of_a_payer,
        "payers of a payee": realism.payers_of_a_payee,
        "reciprocity": realism.reciprocity,
        "own payments": realism.own_payments,
        "amounts valid": realism.amounts_valid,
        "benford": realism.benford,
        "amount tail": realism.amount_tail,
        "ledger rows": truth.ledger_rows,
        "ledger chain": truth.ledger_chain,
        "ledger sides": truth.ledger_sides,
        "prevalence": truth.prevalence,
        "prevalence of money": truth.prevalence_of_money,
        "dead periods": truth.dead_periods,
        "fraud at the end": truth.fraud_at_the_end,
        "volume at the end": truth.volume_at_the_end,
        "known too soon": truth.known_too_soon,
        "label delay": truth.label_delay,
    }
    bands = {band.check: band for band in payments.audit.expect}
    for check in CHECKS.values():
        reason = _why_left_out(check, payments.audit)
        if reason:
            yield skipped(check, reason)
        else:
            yield judged(check, bands.get(check.name), measures[check.name]())


def _why_left_out(check: AuditCheck, audit: Audit) -> str:
    """Why a check is not made; empty if it is."""
    left_out = dict(audit.skip)
    for name in (check.name, check.group):
        if name in left_out:
            return f"the mapping: {left_out[name]}"
    for need in check.needs:
        if not getattr(audit, need):
            return _NEEDS.get(need, f"the mapping names no {need}")
    return ""
