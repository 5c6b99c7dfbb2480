"""Train a fraud model every week on what is known by then, and see how well it ranks the payments of the week.

    bustle run card_payments --out runs/cards
    bustle record runs/cards --features examples/features.yaml
    python examples/weekly_model.py runs/cards --picture weeks.png

Needs LightGBM: ``pip install 'bustle[learn]'``.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import lightgbm
import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from sklearn.metrics import average_precision_score, precision_recall_curve

WEEK = timedelta(days=7)
NOT_INPUTS = ("time", "response")
"""A model does not see the bank's answer that it is to give. Of the time it sees hour and weekday."""


@dataclass(frozen=True)
class Payments:
    """A table of payments, and what a model may look at.

    Attributes:
        table: the payments in order of time, with the columns below, the truth `fraud`, and what the bank learns of it
            and when: `observed` and `known`.
        row: the inputs of the row alone, with its hour and weekday.
        features: the inputs that tell of its past.
    """

    table: pl.DataFrame
    row: list[str]
    features: list[str]


@dataclass(frozen=True)
class Week:
    """The payments of a week: truth and score of each, arrays of [payments]."""

    start: datetime
    fraud: np.ndarray
    score: np.ndarray

    @property
    def average_precision(self) -> float:
        """The area under the precision-recall curve."""
        return float(average_precision_score(self.fraud, self.score))


def read(folder: Path) -> Payments:
    """The transactions of a run. Its manifest says which columns are inputs, features and labels."""
    manifest = json.loads((folder / "manifest.json").read_text())
    columns = manifest["tables"]["transactions"]["columns"]
    inputs = [c["name"] for c in columns if c["role"] == "input" and "id of" not in c.get("unit", "")]
    row = [name for name in inputs if name not in NOT_INPUTS]
    features = [c["name"] for c in columns if c["role"] == "feature"]
    table = pl.read_parquet(folder / "tables" / "transactions.parquet").with_columns(
        hour=pl.col("time").dt.hour(), weekday=pl.col("time").dt.weekday()
    )
    return Payments(table, [*row, "hour", "weekday"], features)


def model() -> Any:
    """Small trees that need many payments in each leaf: there are few frauds to learn from."""
    return lightgbm.LGBMClassifier(
        n_estimators=100,
        learning_rate=0.05,
        num_leaves=15,
        min_child_samples=200,
        reg_lambda=10,
        n_jobs=1,
        deterministic=True,
        verbose=-1,
    )


def weekly(payments: Payments, inputs: list[str], first: int) -> list[Week]:
    """Each week from number ``first`` on, scored by a model of what was known when it began.

    What nobody complained about counts as good. Of the last week few frauds are known yet: it is left out.
    """
    table = payments.table
    start = table["time"].min()
    weeks = []
    for number in range(first, (table["time"].max() - start) // WEEK):
        now = start + number * WEEK
        past = table.filter(pl.col("time") < now - WEEK)
        told = past["observed"] & (past["known"] <= now)
        coming = table.filter(pl.col("time") >= now, pl.col("time") < now + WEEK)
        trained = model().fit(past.select(inputs).to_pandas(), told.to_numpy())
        score = trained.predict_proba(coming.select(inputs).to_pandas())[:, 1]
        weeks.append(Week(now, coming["fraud"].to_numpy(), score))
    return weeks


def draw(with_past: list[Week], row_alone: list[Week], path: Path) -> None:
    """Two panels: precision against recall in each week, and how well the weeks went one after the other."""
    figure, (curves, course) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    colors = plt.get_cmap("viridis")(np.linspace(0.05, 0.9, len(with_past)))
    for week, color in zip(with_past, colors, strict=True):
        precision, recall, _ = precision_recall_curve(week.fraud, week.score)
        curves.step(recall, precision, where="post", color=color, linewidth=1.2, label=f"{week.start:%d %b}")
    curves.set(xlabel="recall: share of frauds found", ylabel="precision: share of alerts that are fraud", ylim=(0, 1))
    curves.legend(title="week from", frameon=False, fontsize="small")
    starts = [week.start for week in with_past]
    course.plot(starts, [w.average_precision for w in with_past], "o-", color="#0072B2", label="row and its past")
    course.plot(starts, [w.average_precision for w in row_alone], "s--", color="#D55E00", label="row alone")
    course.plot(starts, [w.fraud.mean() for w in with_past], ":", color="#6B6B6B", label="share of fraud: no model")
    course.set(xlabel="week from", ylabel="average precision", ylim=(0, 1.35 * course.get_ylim()[1]))
    course.set_xticks(starts, [f"{start:%d %b}" for start in starts], fontsize="small")
    course.legend(frameon=False, loc="upper left", fontsize="small")
    for panel in (curves, course):
        panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of a run whose transactions have features")
    parser.add_argument("--first", type=int, default=5, help="weeks before the first model")
    parser.add_argument("--picture", type=Path, default=Path("weeks.png"))
    given = parser.parse_args(arguments)
    payments = read(given.folder)
    with_past = weekly(payments, payments.row + payments.features, given.first)
    row_alone = weekly(payments, payments.row, given.first)
    print("week from   frauds   share   average precision: row alone   row and its past")
    for one, other in zip(row_alone, with_past, strict=True):
        week = f"{other.start:%d %b}  {int(other.fraud.sum()):11,}  {other.fraud.mean():6.2%}"
        print(f"{week}  {one.average_precision:28.3f}  {other.average_precision:17.3f}")
    draw(with_past, row_alone, given.picture)


if __name__ == "__main__":
    main()
