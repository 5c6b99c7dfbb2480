"""The reference engine: the definition of what a scenario means.

It is plain Python: every agent a Mesa agent in a Mesa model, SimPy's environment the scheduler, rules as closures.
"""

from bustle.sim.events import EventRecord, RunCounts
from bustle.sim.reference.engine import Progress, ReferenceEngine

__all__ = ["EventRecord", "Progress", "ReferenceEngine", "RunCounts"]
