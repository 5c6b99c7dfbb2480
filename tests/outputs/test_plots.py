"""Pictures of a run: which there are, what they count, and that they come out the same every time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from matplotlib.figure import Figure

from bustle.outputs.errors import OutputError
from bustle.outputs.log import LogReader, LogWriter
from bustle.outputs.plots import plot_run
from bustle.outputs.plots.amounts import measure
from bustle.outputs.plots.degrees import degrees_of
from bustle.outputs.plots.hours import hours_seen, weeks
from bustle.outputs.plots.over_time import bin_width, count_over_time
from bustle.outputs.plots.ranks import rank
from bustle.outputs.plots.read import read_run
from bustle.outputs.plots.style import brief_number, percent, plain_number
from bustle.outputs.plots.view import DAY, HOUR, RunView
from bustle.scenarios.model import Clock, Column, Const, Event, EventField, Model, Network, Population, SampleTable
from bustle.scenarios.types import (
    BOOL,
    DURATION,
    MONEY,
    NUMBER,
    WHOLE,
    Agent,
    Category,
    Type,
)

START = 1_767_225_600_000_000
"""2026-01-01 as microseconds since 1970-01-01; a Thursday."""

PURCHASE = (
    EventField("card", Agent("card")),
    EventField("merchant", Agent("merchant")),
    EventField("amount", MONEY),
    EventField("fraud", BOOL, label=True),
)


def model(
    events: Mapping[str, tuple[EventField, ...]],
    *,
    length: int = 30 * DAY,
    timezone: str | None = None,
    samples: dict[str, Type] | None = None,
    network: bool = False,
) -> Model:
    """A scenario with events, and perhaps a sample table and a network."""
    size = Const(type=WHOLE, value=0)
    columns = tuple(Column(name, Const(type=type_, value=0)) for name, type_ in (samples or {}).items())
    return Model(
        name="town",
        title="A town that shops",
        about="",
        seed=7,
        clock=Clock(START, length, timezone),
        parameters={},
        world={},
        populations={name: Population(name, size) for name in ("card", "merchant")},
        networks={"haunts": Network("haunts", "card", "merchant", "random", {})} if network else {},
        rhythms={},
        events={name: Event(name, fields) for name, fields in events.items()},
        behaviors={},
        interventions={},
        tables={"share": SampleTable("share", DAY, columns)} if columns else {},
        experiment=None,
        values={},
        scale=1.0,
        folder="",
    )


def rows(n: int, time: Any, **fields: Any) -> dict[str, Any]:
    """Columns of ``n`` rows of an event."""
    keys = {"behavior": np.full(n, -1), "agent": np.full(n, -1), "occurrence": np.arange(n), "index": np.zeros(n, int)}
    return {"time": np.asarray(time, dtype=np.int64), **keys, **fields}


def purchases(n: int, length: int, share: float = 0.02) -> dict[str, Any]:
    """``n`` purchases, a share of them fraud."""
    rng = np.random.default_rng(5)
    fraud = rng.random(n) < share
    amount = np.where(fraud, 900, 30) * rng.lognormal(0, 0.8, n) * 100
    return rows(
        n,
        np.sort(rng.integers(0, length, n)),
        card=rng.integers(0, 50, n),
        merchant=np.minimum(rng.pareto(1, n) * 3, 40).astype(int),
        amount=amount.round().astype(np.int64),
        fraud=fraud,
    )


def written(folder: Path, of: Model, fill: Callable[[LogWriter], None] = lambda log: None) -> Path:
    """A folder with the log of a run of ``of``."""
    with LogWriter(folder, of) as log:
        fill(log)
    return folder


def town(folder: Path, n: int = 3000, share: float = 0.02) -> Path:
    """A whole run: two events, samples and a network."""

    def fill(log: LogWriter) -> None:
        log.write("purchase", purchases(n, 30 * DAY, share))
        log.write("blocked", rows(40, np.arange(40) * 12 * HOUR, card=np.arange(40)))
        for day in range(30):
            log.write_sample("share", day * DAY, (0.1 * day, 2 * day))
        log.write_network("haunts", np.arange(0, 110, 10), np.arange(100) % 7)

    events = {"purchase": PURCHASE, "blocked": (EventField("card", Agent("card")),)}
    return written(folder, model(events, samples={"blocked": NUMBER, "open": WHOLE}, network=True), fill)


def names(paths: list[Path]) -> list[str]:
    """The names of pictures without their ending."""
    return [path.stem for path in paths]


def test_a_run_with_everything_gets_every_picture(tmp_path: Path) -> None:
    made = plot_run(town(tmp_path))
    assert names(made) == [
        "overview",
        "events_over_time",
        "hour_by_weekday",
        "amounts",
        "rank_frequency",
        "network_degrees",
        "samples",
    ]
    assert sorted(path.name for path in (tmp_path / "plots").iterdir()) == sorted(path.name for path in made)
    for path in made:
        assert path.read_bytes().startswith(b"\x89PNG")


def test_the_same_run_gives_the_same_bytes_whatever_the_user_s_settings(tmp_path: Path) -> None:
    import matplotlib

    folder = town(tmp_path, n=200)
    first = {path.name: path.read_bytes() for path in plot_run(folder)}
    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "black"}):
        again = {path.name: path.read_bytes() for path in plot_run(folder)}
        assert matplotlib.rcParams["font.size"] == 20
    assert first == again
    assert all(b"Software" not in data and b"tEXt" not in data for data in first.values())


@pytest.mark.parametrize("n", [0, 1, 4, 30])
def test_few_rows_are_drawn_without_complaint(tmp_path: Path, n: int) -> None:
    folder = written(tmp_path, model({"purchase": PURCHASE}), lambda log: log.write("purchase", purchases(n, DAY, 0.5)))
    made = names(plot_run(folder))
    assert made[0] == "overview"
    assert ("events_over_time" in made) == (n > 0)
    assert ("hour_by_weekday" in made) == (n >= 20)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_label_that_never_differs_is_drawn(tmp_path: Path, share: float) -> None:
    folder = written(
        tmp_path, model({"purchase": PURCHASE}), lambda log: log.write("purchase", purchases(99, DAY, share))
    )
    assert "amounts" in names(plot_run(folder))


def test_events_without_labels_money_or_agents_are_drawn(tmp_path: Path) -> None:
    folder = written(tmp_path, model({"tick": ()}), lambda log: log.write("tick", rows(50, np.arange(50) * HOUR)))
    assert names(plot_run(folder)) == ["overview", "events_over_time", "hour_by_weekday"]


def test_pictures_that_no_longer_apply_are_removed(tmp_path: Path) -> None:
    plots = tmp_path / "plots"
    plots.mkdir()
    (plots / "amounts.png").write_bytes(b"old")
    (plots / "mine.png").write_bytes(b"kept")
    plot_run(written(tmp_path, model({"tick": ()})))
    assert sorted(path.name for path in plots.iterdir()) == ["mine.png", "overview.png"]


def test_a_folder_without_a_log_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="holds no log"):
        plot_run(tmp_path)


@pytest.mark.parametrize("length", [90_000_000, 3 * HOUR, 40 * 365 * DAY])
def test_runs_of_seconds_and_of_decades_are_drawn(tmp_path: Path, length: int) -> None:
    of = model({"purchase": PURCHASE}, length=length)
    folder = written(tmp_path, of, lambda log: log.write("purchase", purchases(60, length)))
    assert "events_over_time" in names(plot_run(folder))


def test_no_figure_is_left_in_pyplot(tmp_path: Path) -> None:
    import sys

    plot_run(written(tmp_path, model({"tick": ()})))
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []


# --- what is counted -------------------------------------------------------------


def view_of(folder: Path, length: int) -> RunView:
    """The run as pictures see it, covering ``length`` from the start."""
    from dataclasses import replace

    return replace(read_run(folder), start=START, end=START + length)


def test_what_is_a_label_money_or_an_agent_stands_in_the_files(tmp_path: Path) -> None:
    run = read_run(town(tmp_path))
    purchase = run.events[0]
    assert [(f.name, f.kind, f.label) for f in purchase.fields] == [
        ("card", "agent", False),
        ("merchant", "agent", False),
        ("amount", "money", False),
        ("fraud", "bool", True),
    ]
    assert purchase.fields[1].population == "merchant"
    assert (run.networks[0].source, run.networks[0].target) == ("card", "merchant")
    assert [(f.name, f.kind) for f in run.series[0].fields] == [("blocked", "number"), ("open", "whole")]


def test_counts_over_time_add_up_to_the_log(tmp_path: Path) -> None:
    folder = town(tmp_path)
    run = view_of(folder, 30 * DAY)
    data = count_over_time(run.events[0], run)
    frame = LogReader(folder).scan("purchase").collect()
    assert data.counts.sum() == frame.height
    assert data.counts[1].sum() == frame["fraud"].sum()
    assert data.counts.shape[1] == 30 and data.words == "day"
    by_day = frame.group_by(pl.col("time").dt.date()).len().sort("time")["len"].to_list()
    assert data.counts.sum(axis=0).tolist() == by_day


def test_a_partial_bin_at_the_end_is_not_shown_as_a_fall(tmp_path: Path) -> None:
    length = 20 * DAY + HOUR
    of = model({"purchase": PURCHASE}, length=length)
    run = view_of(written(tmp_path, of, lambda log: log.write("purchase", purchases(500, length))), length)
    assert count_over_time(run.events[0], run).counts.shape[1] == 20


@pytest.mark.parametrize(
    ("length", "words"),
    [(100_000_000, "second"), (HOUR, "10 seconds"), (DAY, "10 minutes"), (7 * DAY, "hour"), (90 * DAY, "day"),
     (3 * 365 * DAY, "week"), (30 * 365 * DAY, "4 weeks"), (200 * 365 * DAY, "52 weeks")],
)  # fmt: skip
def test_bins_grow_with_the_run(length: int, words: str) -> None:
    assert bin_width(length)[1] == words


def test_hours_and_weekdays_are_local_with_daylight_saving(tmp_path: Path) -> None:
    # 2026-03-29 01:30 UTC is a Sunday, 03:30 in Berlin, an hour after clocks went forward.
    since_start = int((np.datetime64("2026-03-29T01:30", "us") - np.datetime64("2025-12-31T23:00", "us")).astype(int))
    of = model({"purchase": PURCHASE}, length=120 * DAY, timezone="Europe/Berlin")
    data = purchases(25, DAY)
    data["time"][:] = since_start
    run = view_of(written(tmp_path, of, lambda log: log.write("purchase", data)), 120 * DAY)
    week = weeks(run.events[0], run)[0].means
    assert np.argwhere(week > 0).tolist() == [[6, 3]]


def test_a_rhythm_is_told_from_chance(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    days = rng.integers(0, 28, 3000) * DAY
    for name, hours, rhythmic in (("flat", rng.integers(0, 24, 3000), False), ("day", rng.integers(8, 20, 3000), True)):
        times = np.sort(days + hours * HOUR)
        of = model({"tick": ()}, length=28 * DAY)
        run = view_of(written(tmp_path / name, of, lambda log, t=times: log.write("tick", rows(3000, t))), 28 * DAY)  # type: ignore[misc]
        assert weeks(run.events[0], run)[0].rhythmic == rhythmic


def test_hours_that_the_run_never_saw_are_gaps() -> None:
    seen = hours_seen(START + 6 * HOUR, START + 6 * HOUR + DAY)
    assert seen.sum() == 24
    assert seen[3, 5] == 0 and seen[3, 6] == 1 and seen[4, 5] == 1 and seen[4, 6] == 0


def test_medians_and_shares_of_amounts_are_those_of_the_log(tmp_path: Path) -> None:
    folder = town(tmp_path, n=20_000)
    run = read_run(folder)
    purchase = run.events[0]
    data = measure(purchase, purchase.fields[2], purchase.split())
    assert data is not None
    frame = LogReader(folder).scan("purchase").collect()
    for code, fraud in enumerate((False, True)):
        amounts = frame.filter(pl.col("fraud") == fraud)["amount"] / 100
        assert data.medians[code] == pytest.approx(amounts.median(), rel=0.003)
        assert data.counts[code].sum() == len(amounts)
        shown = np.histogram(amounts.to_numpy(), bins=data.edges)[0]
        assert np.abs(shown - data.counts[code]).sum() <= 0.001 * len(amounts)


def test_amounts_that_have_no_logarithm_are_counted_apart(tmp_path: Path) -> None:
    n = 100
    data = purchases(n, DAY)
    data["amount"][:10], data["amount"][10:15] = 0, -500
    run = read_run(written(tmp_path, model({"purchase": PURCHASE}), lambda log: log.write("purchase", data)))
    measured = measure(run.events[0], run.events[0].fields[2], run.events[0].split())
    assert measured is not None and measured.left_out == 15 and measured.counts.sum() == 85


def test_durations_are_shown_in_a_unit_that_fits(tmp_path: Path) -> None:
    events = {"served": (EventField("wait", DURATION),)}
    fill = rows(50, np.arange(50), wait=np.linspace(60e6, 600e6, 50))
    run = read_run(written(tmp_path, model(events), lambda log: log.write("served", fill)))
    measured = measure(run.events[0], run.events[0].fields[0], None)
    assert measured is not None and measured.unit == "minutes"
    assert measured.medians[0] == pytest.approx(5.4, abs=0.1)


def test_a_category_label_splits_by_its_levels(tmp_path: Path) -> None:
    kinds = Category(("normal", "theft", "mule"))
    events = {"payment": (EventField("amount", MONEY), EventField("kind", kinds, label=True))}
    fill = rows(40, np.arange(40) * HOUR, amount=np.arange(1, 41) * 100, kind=["theft", None, "mule", "normal"] * 10)
    folder = written(tmp_path, model(events), lambda log: log.write("payment", fill))
    run = view_of(folder, 30 * DAY)
    assert count_over_time(run.events[0], run).counts.sum(axis=1).tolist() == [10, 10, 10, 10]
    assert "amounts" in names(plot_run(folder))


def test_ranks_are_those_of_the_sorted_counts(tmp_path: Path) -> None:
    folder = town(tmp_path)
    ranks = rank(read_run(folder).events[0], "merchant")
    assert ranks is not None
    counts = LogReader(folder).scan("purchase").group_by("merchant").len().collect()["len"].sort(descending=True)
    expanded = np.repeat(ranks.counts, np.diff(ranks.ranks, prepend=0))
    assert expanded.tolist() == counts.to_list()
    assert ranks.top_share == pytest.approx(counts[0] / counts.sum())


def test_degrees_are_those_of_the_edge_list(tmp_path: Path) -> None:
    out, into = degrees_of(read_run(town(tmp_path)).networks[0])
    assert (out.degrees.tolist(), out.at_least.tolist()) == ([10], [10])
    assert into.degrees.tolist() == [14, 15] and into.at_least.tolist() == [7, 2]


def test_numbers_are_written_for_people() -> None:
    assert [plain_number(x) for x in (0, 0.05, 1, 2.5, 1000, 1234567.5, 1e16)] == [
        "0", "0.05", "1", "2.5", "1,000", "1,234,568", "1e+16"]  # fmt: skip
    assert [brief_number(x) for x in (0, 0.01234, 28.063, 1754155)] == ["0", "0.0123", "28.1", "1,754,155"]
    assert [percent(x) for x in (0.00837, 0.0996, 0.5, 0.99999, 0)] == ["0.84 %", "10 %", "50 %", "100 %", "0 %"]


def test_a_figure_fits_its_panels(tmp_path: Path) -> None:
    from bustle.outputs.plots.over_time import events_over_time
    from bustle.outputs.plots.panels import compose
    from bustle.outputs.plots.style import house_style

    picture = events_over_time(view_of(town(tmp_path), 30 * DAY))
    assert picture is not None
    with house_style():
        figure = compose(picture, "3,040 events")
    assert isinstance(figure, Figure)
    assert figure.get_figheight() == pytest.approx(0.62 + sum(panel.height for panel in picture.panels))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_events(tmp_path: Path) -> None:
    import subprocess
    import sys

    def fill(log: LogWriter, batches: int) -> None:
        for i in range(batches):
            data = purchases(100_000, HOUR)
            log.write("purchase", {**data, "time": data["time"] + i * HOUR})

    code = (
        "import resource, sys; from bustle.outputs.plots import plot_run; plot_run(sys.argv[1]); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    peaks = []
    for batches in (1, 30):
        folder = tmp_path / str(batches)
        written(folder, model({"purchase": PURCHASE}), lambda log, n=batches: fill(log, n))  # type: ignore[misc]
        ran = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
        peaks.append(int(ran.stdout) / 1024)
    few, many = peaks
    assert many < few + 60, f"{few:.0f} MB for 100,000 events, {many:.0f} MB for 3,000,000"
