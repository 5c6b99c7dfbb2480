from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import pytest

from bustle.outputs.background import Background, ahead


def test_jobs_are_done_in_order_on_another_thread() -> None:
    done: list[tuple[int, bool]] = []
    background = Background("test")
    here = threading.get_ident()
    for i in range(100):
        background.hand_over(lambda i=i: done.append((i, threading.get_ident() == here)))  # type: ignore[misc]
    background.finish()
    assert done == [(i, False) for i in range(100)]


def test_handing_over_waits_while_enough_jobs_wait() -> None:
    gate, handed = threading.Event(), threading.Semaphore(0)
    background = Background("test", waiting=1)

    def hand_over() -> None:
        for _ in range(3):
            background.hand_over(gate.wait)  # type: ignore[arg-type]
            handed.release()

    other = threading.Thread(target=hand_over, daemon=True)
    other.start()
    assert handed.acquire(timeout=5), "one is being done"
    assert handed.acquire(timeout=5), "and one waits"
    assert not handed.acquire(timeout=0.1), "a third has no room"
    gate.set()
    assert handed.acquire(timeout=5)
    other.join()
    background.finish()


@pytest.mark.parametrize("how", ["hand_over", "check", "finish"])
def test_a_failed_job_is_the_last_one_and_its_error_is_raised_in_the_other_thread(how: str) -> None:
    done: list[str] = []
    failed = threading.Event()

    def fail() -> None:
        try:
            raise ZeroDivisionError("first")
        finally:
            failed.set()

    background = Background("test")
    background.hand_over(fail)
    background.hand_over(partial(done.append, "second")) if not failed.is_set() else None
    failed.wait(5)
    background.stop()
    assert done == []
    with pytest.raises(ZeroDivisionError, match="first"):
        {"hand_over": partial(background.hand_over, lambda: None)}.get(how, getattr(background, how))()


def test_stopping_drops_the_jobs_that_wait() -> None:
    gate, done = threading.Event(), []
    background = Background("test", waiting=5)
    background.hand_over(lambda: done.append(gate.wait(5)))
    for _ in range(3):
        background.hand_over(lambda: done.append(False))
    threading.Timer(0.05, gate.set).start()
    background.stop()
    assert done == [True]


def test_nothing_to_do_starts_no_thread() -> None:
    before = threading.active_count()
    background = Background("test")
    background.finish()
    background.stop()
    assert threading.active_count() == before


def test_items_come_ahead_in_order() -> None:
    assert list(ahead(iter(range(1000)))) == list(range(1000))


def test_no_more_items_are_made_ahead_than_wait() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for i in range(10):
            made.append(i)
            yield i

    waiting = ahead(items(), waiting=2)
    assert next(waiting) == 0
    for _ in range(100):
        threading.Event().wait(0.001)
    assert len(made) <= 4
    assert list(waiting) == list(range(1, 10))


def test_an_error_comes_at_its_turn() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    waiting = ahead(items())
    assert next(waiting) == 1
    with pytest.raises(ZeroDivisionError):
        next(waiting)


def test_leaving_early_ends_what_makes_the_items() -> None:
    ended: list[bool] = []

    def items() -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            ended.append(True)

    before = threading.active_count()
    waiting = ahead(items())
    next(waiting)
    waiting.close()  # type: ignore[attr-defined]
    assert ended == [True]
    assert threading.active_count() == before
