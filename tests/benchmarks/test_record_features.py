from __future__ import annotations

from pathlib import Path

from benchmarks.record_features import measure, render


def test_recording_with_features_is_measured_beside_recording_without(tmp_path: Path) -> None:
    costs = measure(0.02, "5 days", tmp_path / "run")
    assert costs.features == 19
    assert costs.rows > 0
    assert all(cost.cpu_seconds > 0 and cost.peak_megabytes > 10 for cost in (costs.plain, costs.asked))
    assert f"| with 19 features | {costs.rows:,} |" in render(costs)
