"""SimPy's environment with integer time and the documented order of events at one instant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Any

import simpy
from simpy.core import EmptySchedule
from simpy.events import NORMAL, EventPriority, Process, ProcessGenerator

NEVER = 1 << 62
"""A time that no run reaches, in microseconds."""

_CANCELLED: Any = ()
_FEW_STALE = 4096
_WINDOW_BITS = 12
"""A run has up to 2^12 windows: enough that one is small, few enough that empty ones cost nothing."""


class Firing(simpy.Event):
    """A behavior's firing on SimPy's queue: a triggered event that carries what the behavior needs.

    Attributes:
        agent: the agent it is for.
        occurrence: its number.
        rank: its place among the firings of one instant (see `bustle.sim.order`).
        time: when it is to happen, in microseconds; `NEVER` when it is not on the queue.
        payload: arguments of an ``after`` call, the row of an ``on`` behavior, or a clock's own state.
    """

    __slots__ = ("agent", "callbacks", "occurrence", "payload", "rank", "time")

    _ok = True
    _value = None

    def __init__(
        self, callbacks: Sequence[Callable[[Any], None]], agent: Any, occurrence: int, rank: int, payload: Any = None
    ) -> None:
        self.callbacks: Any = callbacks
        self.agent = agent
        self.occurrence = occurrence
        self.rank = rank
        self.time = NEVER
        self.payload = payload


class AgentProcess(Process):
    """A SimPy process of an agent written in Python; its timeouts run at the agent's place in the order."""

    def __init__(self, env: Scheduler, generator: ProcessGenerator, rank: int, agent: Any) -> None:
        self.rank = rank
        self.agent = agent
        super().__init__(env, generator)


class Scheduler(simpy.Environment):
    """SimPy's `Environment` in whole microseconds.

    Every firing stands on SimPy's own queue with its rank as the priority, so ties of time are broken by
    the documented order, never by the order of insertion. Delays of SimPy processes are rounded half to
    even; an event without delay (a granted request, say) is processed at once, before the next firing.

    The queue holds one window of time; what is further off waits unsorted, one list a window, until its window
    begins. The order is the same, but the queue stays small enough for the processor's cache.

    Attributes:
        length: the run's length in microseconds; nothing at or past it is ever processed.
        acting: the agent written in Python whose code is called from outside of a process.
        rank: that agent's place in the order.
        current: after an error, the event whose processing raised it.
    """

    _now: int
    _queue: list[Any]

    def __init__(self, length: int) -> None:
        super().__init__(0)
        self._eid = count(1)
        self.length = length
        self.acting: Any = None
        self.rank: int = NORMAL
        self.current: simpy.Event | None = None
        self._shift = max(0, length.bit_length() - _WINDOW_BITS)
        self._windows: list[list[Any]] = [[] for _ in range((length >> self._shift) + 1)]
        self._window = 0
        self._horizon = 1 << self._shift
        self._stale = 0
        self._most_stale = _FEW_STALE

    @property
    def now(self) -> int:
        """The simulated time in microseconds."""
        return self._now

    # --- putting on ---------------------------------------------------------------

    def schedule(self, event: simpy.Event, priority: EventPriority = NORMAL, delay: float = 0) -> None:
        """Schedule a SimPy event, ``delay`` microseconds from now (rounded half to even)."""
        whole = round(delay)
        if whole > 0 and priority == NORMAL:
            process = self._active_proc
            priority = EventPriority(process.rank if isinstance(process, AgentProcess) else self.rank)
        self._put((self._now + whole, priority, next(self._eid), event))

    def process(self, generator: ProcessGenerator) -> Process:
        """Start a SimPy process; one started by another process belongs to the same agent."""
        process = self._active_proc
        if isinstance(process, AgentProcess):
            return AgentProcess(self, generator, process.rank, process.agent)
        return AgentProcess(self, generator, self.rank, self.acting)

    def put(self, firing: Firing, time: int) -> None:
        """Put a firing on the queue; one at or past the end of the run stays off it.

        No two firings have the same rank, so SimPy's running number is not needed.
        """
        if time < self._horizon:
            firing.time = time
            heappush(self._queue, (time, firing.rank, 0, firing))
        elif time < self.length:
            firing.time = time
            self._windows[time >> self._shift].append((time, firing.rank, 0, firing))
        else:
            firing.time = NEVER

    def put_in_turn(self, firing: Firing, time: int) -> None:
        """`put` what may share its time and rank with others, such as a firing moved: it comes after those."""
        if time < self.length:
            firing.time = time
            self._put((time, firing.rank, next(self._eid), firing))

    def _put(self, entry: tuple[int, int, int, Any]) -> None:
        time = entry[0]
        if time < self._horizon:
            heappush(self._queue, entry)
        elif time < self.length:
            self._windows[time >> self._shift].append(entry)

    def cancel(self, firing: Firing) -> None:
        """Make a firing that has not run do nothing. Its place on the queue goes when it is reached, or before."""
        firing.callbacks = _CANCELLED
        if firing.time == NEVER:
            return
        firing.time = NEVER
        self._stale += 1
        if self._stale > self._most_stale:
            self._sweep()

    def _sweep(self) -> None:
        """Take everything cancelled off, so that it never makes up more than half of what waits."""
        live = 0
        for entries in (self._queue, *self._windows[self._window + 1 :]):
            entries[:] = [entry for entry in entries if entry[3].callbacks != _CANCELLED]
            live += len(entries)
        heapify(self._queue)
        self._stale = 0
        self._most_stale = max(_FEW_STALE, live)

    # --- taking off ---------------------------------------------------------------

    def _ready(self, until: int) -> bool:
        """Begin the next window that holds anything if the queue is empty; False if nothing comes before ``until``."""
        queue = self._queue
        while not queue:
            if self._horizon >= until or self._horizon >= self.length:
                return False
            self._window += 1
            self._horizon += 1 << self._shift
            queue[:] = self._windows[self._window]
            self._windows[self._window] = []
            heapify(queue)
        return bool(queue[0][0] < until)

    def advance(self, until: int, budget: int) -> int:
        """Process events before ``until``, in order, at most ``budget`` of them.

        Returns:
            How many were processed; fewer than ``budget`` means that nothing before ``until`` is left.

        Raises:
            Exception: What a behavior or an agent written in Python raised; `current` is then the event at fault.
        """
        queue = self._queue
        done = 0
        event: Any = None
        try:
            while done < budget and self._ready(until):
                end = min(until, self._horizon)
                while done < budget and queue and queue[0][0] < end:
                    self._now, _, _, event = heappop(queue)
                    callbacks = event.callbacks
                    event.callbacks = None
                    if callbacks:
                        done += 1
                        for callback in callbacks:
                            callback(event)
                    elif callbacks == _CANCELLED:
                        self._stale -= 1
                    if not event._ok and not hasattr(event, "_defused"):
                        raise event._value
        except BaseException:
            self.current = event
            raise
        return done

    def idle(self, until: int) -> bool:
        """True when nothing is left to do before ``until``."""
        return not self._ready(until)

    def peek(self) -> float:
        """The time of the next event; infinity if there is none before the run's end."""
        return self._queue[0][0] if self._ready(self.length) else float("inf")

    def step(self) -> None:
        """Process the next event.

        Raises:
            EmptySchedule: There is none before the run's end.
        """
        if not self.advance(self.length, 1):
            raise EmptySchedule
