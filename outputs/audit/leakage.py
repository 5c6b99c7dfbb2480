"""The checks of leakage: does a column, the row alone, a rule or an id give the fraud away?"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from bustle.outputs.audit.arrays import Integers
from bustle.outputs.audit.payments import Payments
from bustle.outputs.audit.perfect_rules import (
    FEWEST_FRAUDS,
    Rule,
    rules_of_equal_columns,
    rules_of_leaves,
    rules_of_values,
)
from bustle.outputs.audit.row_tree import RowTree, average_precision, train
from bustle.outputs.audit.tallies import auc_of_category, auc_of_number
from bustle.outputs.audit.telling_ids import rows_of_telling_ids
from bustle.outputs.audit.verdicts import Measured

FEWEST = 50
"""Frauds in each half from which AUC and average precision are judged: fifty give an AUC a standard error of .04."""


class Leakage:
    """What the checks of leakage share: the tree and its leaves."""

    def __init__(self, payments: Payments) -> None:
        self.payments = payments

    @cached_property
    def tree(self) -> RowTree:
        """The tree, trained on the first half in time."""
        data, half = self.payments, self.payments.half
        first = {name: column[:half] for name, column in data.inputs.items()}
        return train(first, data.categories, data.fraud[:half])

    @cached_property
    def leaves(self) -> Integers:
        """The leaf of every row."""
        return self.tree.leaves(self.payments.inputs)

    def too_few(self) -> str:
        """Why there is too little fraud to learn from one half and test on the other; empty if there is enough."""
        half = self.payments.half
        frauds = [int(part.sum()) for part in (self.payments.fraud[:half], self.payments.fraud[half:])]
        if min(frauds) >= FEWEST:
            return ""
        return f"{frauds[0]:,} and {frauds[1]:,} frauds in the two halves, {FEWEST} needed in each"

    def single_column(self) -> Measured:
        """The AUC of the best column."""
        data = self.payments
        if not 0 < data.fraud[data.half :].sum() < data.rows - data.half or not data.fraud[: data.half].any():
            return Measured(None, too_few=self.too_few())
        areas = {
            name: auc_of_category(column, data.fraud, data.half)
            if name in data.categories
            else auc_of_number(column, data.fraud)
            for name, column in data.inputs.items()
        }
        best = sorted(areas, key=lambda name: -areas[name])
        detail = ", ".join(f"{name} {areas[name]:.3f}" for name in best[:3])
        return Measured(areas[best[0]], detail, self.too_few())

    def row_alone(self) -> Measured:
        """The average precision of the tree on the second half in time, over the share of fraud there."""
        data, half = self.payments, self.payments.half
        frauds = data.fraud[half:]
        if not frauds.any() or not data.fraud[:half].any() or data.fraud[:half].all():
            return Measured(None, too_few=self.too_few())
        precision = average_precision(self.tree.scores(self.leaves[half:]), frauds)
        share = float(frauds.mean())
        detail = f"average precision {precision:.4f}, share of fraud {share:.4f}"
        if self.tree.every > 1:
            detail += f"; trained on {self.tree.trained_on:,} rows, one in {self.tree.every} of the first half"
        return Measured(precision / share, detail, self.too_few())

    def perfect_rules(self) -> Measured:
        """The number of perfect rules."""
        data = self.payments
        frauds = int(data.fraud.sum())
        too_few = f"{frauds} frauds, {FEWEST_FRAUDS} needed" if frauds < FEWEST_FRAUDS else ""
        if too_few:
            return Measured(None, too_few=too_few)
        rules: list[Rule] = []
        for name, column in data.inputs.items():
            rules += rules_of_values(name, column, data.fraud)
        roles = [role.column for role in (data.audit.payer, data.audit.payee) if role and data.audit.peers]
        rules += rules_of_equal_columns(
            {name: data.inputs[name] for name in data.audit.features} | {name: data.frame[name] for name in roles},
            data.fraud,
        )
        if 0 < data.fraud[: data.half].sum() < data.half:
            rules += rules_of_leaves(self.tree, self.leaves, data.fraud)
        rules.sort(key=lambda rule: -rule.frauds)
        return Measured(float(len(rules)), "; ".join(map(str, rules[:5])))

    def telling_ids(self) -> Measured:
        """The share of the frauds on payers and payees that have nothing but fraud."""
        data = self.payments
        frauds = int(data.fraud.sum())
        if frauds < FEWEST:
            return Measured(None, too_few=f"{frauds} frauds, {FEWEST} needed")
        telling = np.zeros(data.rows, bool)
        for role, codes in ((data.audit.payer, "payers"), (data.audit.payee, "payees")):
            if role is not None:
                telling |= rows_of_telling_ids(getattr(data, codes), data.fraud)
        found = int(telling.sum())
        return Measured(found / frauds, f"{found:,} of {frauds:,} frauds")
