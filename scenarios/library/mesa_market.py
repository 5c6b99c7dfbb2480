"""The stalls of `mesa_market.yaml`: Mesa agents with a SimPy queue."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import simpy

from bustle import PythonAgent

if TYPE_CHECKING:
    from bustle.sim.reference.society import Society


class Stall(PythonAgent):
    """A stall with clerks. Shoppers arrive one by one, queue, are served and pay.

    Attributes set by the scenario: ``clerks`` (number), ``gap`` and ``service`` (mean durations in
    microseconds), ``spend`` (median amount of a purchase), ``discount`` (factor on prices).
    """

    clerks: int
    gap: float
    service: float
    spend: float
    discount: float

    def __init__(self, model: Society) -> None:
        super().__init__(model)
        self.counter = simpy.Resource(self.env, capacity=self.clerks)

    def process(self) -> Generator[simpy.Event, Any, None]:
        """Shoppers arrive; each is served by a process of its own."""
        while True:
            yield self.after(self.draw("gap", "exponential", mean=self.gap))
            self.env.process(self.serve())

    def serve(self) -> Generator[simpy.Event, Any, None]:
        """One shopper: wait for a clerk, be served, pay."""
        shopper = self.pick(self.model.populations["shopper"], name="shopper")
        if shopper is None:
            return
        arrived = self.env.now
        with self.counter.request() as turn:
            yield turn
            called = self.env.now
            yield self.after(self.draw("service", "exponential", mean=self.service))
            price = self.draw("price", "lognormal", median=self.spend, sigma=0.5)
            self.emit(
                "sale",
                stall=self,
                shopper=shopper,
                amount=price * self.discount / shopper.thrift,
                waited=called - arrived,
                served=self.env.now - called,
            )
