"""bustle's features against the benchmark's own computation of the handbook's inputs, on the handbook's model."""

from __future__ import annotations

import numpy as np

import bustle
from benchmarks.handbook_features import FEATURES, feature_matrix, read_transactions

WINDOWS = ["1 day", "7 days", "30 days"]
ASKED = {
    "CUSTOMER_ID": {"windows": WINDOWS, "count": True, "mean": "TX_AMOUNT"},
    "TERMINAL_ID": {"windows": WINDOWS, "known": "TX_FRAUD", "risk": "TX_FRAUD", "delay": "7 days"},
}
OURS = {
    f"{who}_ID_{theirs}_{days}DAY_WINDOW": f"{who}_ID_{ours}_{days}d"
    for who, theirs, ours in (
        ("CUSTOMER", "NB_TX", "count"),
        ("CUSTOMER", "AVG_AMOUNT", "mean_TX_AMOUNT"),
        ("TERMINAL", "NB_TX", "known_TX_FRAUD"),
        ("TERMINAL", "RISK", "risk_TX_FRAUD"),
    )
    for days in (1, 7, 30)
}


def test_counts_means_and_delayed_risks_are_the_handbooks_to_the_last_bit() -> None:
    with bustle.run("handbook_fraud", seed=3, scale=0.03, length="80 days") as run:
        table = read_transactions(run.folder / "tables" / "transactions.parquet")
        frame = run.table("transactions")
    # The handbook counts what a customer pays later within the same second too; here nobody does.
    assert not frame.select("CUSTOMER_ID", "TX_DATETIME").is_duplicated().any()
    made = bustle.features(frame, ASKED, time="TX_DATETIME").fill_null(0)
    wanted = dict(zip(FEATURES, feature_matrix(table, np.arange(len(table))).T, strict=True))
    assert set(OURS) == set(FEATURES[3:])
    assert wanted["TERMINAL_ID_RISK_30DAY_WINDOW"].any()
    for theirs, ours in OURS.items():
        np.testing.assert_array_equal(made[ours].to_numpy(), wanted[theirs], err_msg=theirs)
