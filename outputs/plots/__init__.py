"""Pictures of a finished run: what a person wants to see first.

Each kind of picture has a module that counts lazily and in batches, so that memory does not grow with the number of
events, and gives a `bustle.outputs.plots.panels.Picture`, or None where the run holds nothing of its kind.
"""

from __future__ import annotations

from pathlib import Path

from bustle.outputs.errors import one_clear_line

__all__ = ["plot_run"]


def plot_run(folder: Path | str) -> list[Path]:
    """Draw the pictures of the run in ``folder`` into ``folder/plots``.

    There are, as far as the run has what they show: ``events_over_time``, ``hour_by_weekday``, ``amounts``,
    ``rank_frequency``, ``network_degrees``, ``samples``, and always ``overview``, which combines the best four.
    Times are local. The same run gives the same bytes.

    Args:
        folder: a finished run.

    Returns:
        The PNG files, the overview first. Pictures of an earlier call that no longer apply are removed.

    Raises:
        OutputError: the folder holds no readable log, or the pictures cannot be written.
    """
    from bustle.outputs.plots.amounts import amounts
    from bustle.outputs.plots.degrees import network_degrees
    from bustle.outputs.plots.hours import hour_by_weekday
    from bustle.outputs.plots.over_time import events_over_time
    from bustle.outputs.plots.overview import overview
    from bustle.outputs.plots.panels import compose
    from bustle.outputs.plots.ranks import rank_frequency
    from bustle.outputs.plots.read import read_run
    from bustle.outputs.plots.sampled import over_samples
    from bustle.outputs.plots.style import house_style, save

    kinds = (events_over_time, hour_by_weekday, amounts, rank_frequency, network_degrees, over_samples)
    run = read_run(Path(folder))
    pictures = [picture for kind in kinds if (picture := kind(run)) is not None]
    target = Path(folder) / "plots"
    with one_clear_line("write", target), house_style():
        target.mkdir(exist_ok=True)
        for name in ("overview", *_NAMES):
            (target / f"{name}.png").unlink(missing_ok=True)
        return [
            save(compose(picture, run.subtitle), target / f"{picture.name}.png")
            for picture in (overview(run, pictures), *pictures)
        ]


_NAMES = ("events_over_time", "hour_by_weekday", "amounts", "rank_frequency", "network_degrees", "samples")
