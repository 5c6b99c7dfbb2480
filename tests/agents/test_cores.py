from __future__ import annotations

import threading

import pytest

from bustle.agents.cores import cores, share_out


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 100, 101])
@pytest.mark.parametrize("threads", [1, 2, 7, None])
def test_everything_is_done_once(size: int, threads: int | None) -> None:
    done: list[int] = []
    share_out(lambda first, end: done.extend(range(first, end)), size, 10, threads=threads)
    assert sorted(done) == list(range(size))


def test_shares_run_side_by_side_where_there_is_enough_to_do() -> None:
    meet = threading.Barrier(3, timeout=10)
    share_out(lambda first, end: (meet.wait(), None)[1], 30, 10, threads=5)
    alone: list[tuple[int, int]] = []
    share_out(lambda first, end: alone.append((first, end)), 19, 10, threads=5)
    assert alone == [(0, 19)]


def test_what_goes_wrong_in_a_share_is_raised() -> None:
    def fail(first: int, end: int) -> None:
        if end == 20:
            raise ValueError("the last share")

    with pytest.raises(ValueError, match="the last share"):
        share_out(fail, 20, 10, threads=2)


def test_there_is_a_core() -> None:
    assert cores() >= 1
