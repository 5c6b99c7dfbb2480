"""Work done on a second thread, in order, while the first goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Generic, TypeVar

Job = Callable[[], None]
Item = TypeVar("Item")


class Background:
    """One thread that does jobs in the order in which they were handed over.

    It starts with the first job. At most ``waiting`` jobs wait; handing over another one waits for room, so memory
    stays bounded by what the jobs hold. After a job has failed no further job is done, and its error is raised in the
    thread of whoever hands over the next one, checks, or finishes. Gains time where jobs spend theirs without Python's
    lock, as Arrow, zlib, hashlib and NumPy do.

    Args:
        name: of the thread.
        waiting: jobs that may wait beside the one being done.
    """

    def __init__(self, name: str, waiting: int = 2) -> None:
        self._name = name
        self._room = Semaphore(waiting + 1)
        self._jobs: SimpleQueue[Job | None]
        self._thread: Thread | None = None
        self._error: BaseException | None = None
        self._stopped = False

    def hand_over(self, job: Job) -> None:
        """Have ``job`` done after those before it.

        Raises:
            BaseException: what an earlier job raised.
        """
        self.check()
        if self._thread is None:
            self._stopped, self._jobs = False, SimpleQueue()
            # A daemon: a process that forgets to finish can end nevertheless.
            self._thread = Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._room.acquire()
        self._jobs.put(job)

    def check(self) -> None:
        """Raise what a job raised, if one did."""
        if self._error is not None:
            raise self._error

    def finish(self) -> None:
        """Wait until everything is done.

        Raises:
            BaseException: what a job raised.
        """
        self._join()
        self.check()

    def stop(self) -> None:
        """Drop the jobs that wait, and wait for the one being done; its error is nobody's business any more."""
        self._stopped = True
        self._join()

    def _join(self) -> None:
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                if self._error is None and not self._stopped:
                    job()
            except BaseException as error:  # whatever it is, it belongs to the thread that waits for the work
                self._error = error
            finally:
                del job  # or its arrays would live until the next one comes
                self._room.release()


def ahead(items: Iterator[Item], waiting: int = 2) -> Iterator[Item]:
    """The same items, made on a second thread: up to ``waiting`` of them before they are asked for.

    Raises:
        BaseException: what making an item raised, when it is that item's turn.
    """
    room, made = Semaphore(waiting), SimpleQueue[_Made[Item]]()
    stopped = False

    def work() -> None:
        try:
            while room.acquire() and not stopped:
                made.put(_Made(next(items)))
        except BaseException as error:  # the end, or a reason that belongs to whoever asks for the item
            made.put(_Made(error=error))

    thread = Thread(target=work, name="bustle ahead", daemon=True)
    thread.start()
    try:
        while (item := made.get()).error is None:
            room.release()
            yield item.value  # type: ignore[misc]
        if not isinstance(item.error, StopIteration):
            raise item.error
    finally:
        stopped = True
        room.release()
        thread.join()
        close = getattr(items, "close", None)
        if close is not None:
            close()


@dataclass(frozen=True, slots=True)
class _Made(Generic[Item]):
    """An item, or why there is none."""

    value: Item | None = None
    error: BaseException | None = None
