"""How the parts of a run lie in memory: the words of every record that kernels and generated code share.

All words are 8 bytes. Records hold addresses of each other; what they hold besides never moves.
"""

from __future__ import annotations

NEVER = 1 << 62
"""The time of a firing that is due, but not within the run."""

NONE = (1 << 63) - 1
"""The time of a clock that does not run."""

ALIVE = -1
"""What stands in ``retired`` while an agent has not retired."""

# --- a context: what one shard of a run works with ------------------------------

RUN = 0
"""Address of the run's own record."""
TABLES = 1
"""Address of the addresses of the units' tables, one a unit."""
SCRATCH = 2
"""Address of room for lists that live within one firing."""
TOP = 3
"""Words of it in use."""
NODES = 4
"""Address of the firings that wait, see `NODE_TIME` and below."""
NODES_USED = 5
NODES_ROOM = 6
FIRED = 7
"""Firings so far."""
ACTING = 8
"""The agent that fires now (see `who` in `bustle.sim.compiled.agenda`); -1 for none."""
ERROR_UNIT = 9
ERROR_SITE = 10
ERROR_TIME = 11
ERROR_WHO = 12
ERROR_REALS = 13
"""Four float64 that the message of an error may name."""
ERROR_WHOLES = 17
"""Two int64 likewise."""
FULL = 19
"""1 once there is no room for more waiting firings or rows."""
SHARD = 20
FREE = 24
"""Heads of lists of nodes that can be used again, one for each of `SIZES` sizes."""
SIZES = 24
CONTEXT_WORDS = FREE + SIZES

# --- the run --------------------------------------------------------------------

LENGTH = 0
POPULATIONS = 1
"""Address of the populations' records; the world is the first."""
BEHAVIORS = 2
UNITS = 3
"""Address of the units' functions."""
CONTEXTS = 4
"""Address of the addresses of the contexts."""
QUEUE = 5
"""Address of the queue of agents, pairs of (time, who)."""
QUEUE_SIZE = 6
QUEUE_ROOM = 7
N_POPULATIONS = 8
N_CONTEXTS = 9
RUN_WORDS = 16

# --- a population ---------------------------------------------------------------

COUNT = 0
AGENDA = 1
"""Address of the agents' agendas, `WIDTH` words each; see `bustle.sim.compiled.agenda`."""
WIDTH = 2
CLOCKS = 3
"""Address of the numbers of the behaviors that have a clock."""
N_CLOCKS = 4
NEXT = 5
"""Address of the time of each agent's next firing."""
QUEUED = 6
"""1 where the agents stand in the run's queue; 0 where each advances on its own."""
SHARD_SCALE = 7
"""Shards for each agent, a float64: agent ``i`` belongs to shard ``int(i * scale)``, at most the last one."""
LAST_SHARD = 8
STATE = 9
"""Address of the int32 states; 0 without."""
RETIRED = 10
"""Address of the int64 times of retiring; 0 where nobody retires."""
NUMBER = 11
MOVES = 12
"""Address of one byte for each pair of states: may an agent go from the first to the second?"""
N_STATES = 13
ENTERING = 14
"""Address of the numbers of the behaviors with ``enters``."""
N_ENTERING = 15
STATE_CHANGED = 16
"""The unit that tells who depends on an agent's state; -1 without."""
BORN = 17
"""Address of the int64 times of birth; 0 where nobody is born."""
ROOM = 18
"""How many agents there is room for."""
TALLY = 19
"""Address of the counts of states (see `bustle.sim.compiled.tallies`); 0 where nobody asks."""
FETCH = 20
"""The unit that fetches what an agent will pick from; -1 without."""
POPULATION_WORDS = 24

# --- a behavior -----------------------------------------------------------------

POPULATION = 0
"""Address of the record of the population that does it."""
ORDER = 1
COUNTER = 2
"""The agenda's word that counts the firings."""
CLOCK = 3
"""The agenda's first word of the clock; 0 without."""
BODY = 4
"""The unit that checks ``if`` and runs the rule."""
WIND = 5
"""The unit that winds the clock."""
STATES = 6
"""Address of one byte a state: does the behavior run in it? 0 where it runs in all."""
CANCELLED = 7
"""The agenda's word with the number below which calls by ``after`` are cancelled; 0 where nothing cancels."""
MOMENTS = 8
"""Address of the instants that all agents share."""
N_MOMENTS = 9
ENTERS = 10
"""Address of one byte a state: does entering it set the behavior off?"""
BARRIER = 11
"""1 if agents that advance on their own must all have reached the instant before the behavior runs."""
BEHAVIOR_NUMBER = 12
HEARS = 13
"""1 if the behavior is set off by an event: a firing that was called has no payload then."""
BEHAVIOR_WORDS = 16

# --- a clock in an agenda -------------------------------------------------------

DUE = 0
OCCURRENCE = 1
HAZARD = 2
SINCE = 3
RATE = 4

# --- a node: a firing that waits ------------------------------------------------

NODE_TIME = 0
NODE_KEY = 1
"""The behavior's order and the occurrence: the place among the agent's firings of one instant."""
NODE_CHILD = 2
NODE_SIBLING = 3
NODE_BEHAVIOR = 4
NODE_KIND = 5
NODE_SIZE = 6
"""Which of the `SIZES` sizes."""
PAYLOAD = 7
"""Arguments or fields, as many words as the behavior takes."""

KEY_SHIFT = 40

CALL = 0
"""A call by ``after``, which can be cancelled."""
TRIGGERED = 1
AT = 2
"""One of the agent's instants. Payload: the place among them, their number, and the instants if they are its own."""

# --- errors that no line of a rule is at fault for --------------------------------

NO_ROOM = -2
"""The site of the error that too many firings wait."""
