"""The agents of a run in memory: their columns, and the agendas of what they have before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bustle.agents.population import STATE, held_dtype
from bustle.scenarios.model import Behavior, EntersTrigger, EveryTrigger, RateTrigger
from bustle.scenarios.types import Text
from bustle.sim.compiled import records as r
from bustle.sim.compiled.memory import Array, Memory, Region
from bustle.sim.compiled.program import WORLD, Program
from bustle.sim.compiled.tallies import STRETCH_SHIFT
from bustle.sim.compiled.texts import Texts
from bustle.sim.dependents import changing_reads

if TYPE_CHECKING:
    from bustle.sim.compiled.linking import Linker


class People:
    """The agents of one population in memory.

    Attributes:
        name: the population; `WORLD` for the world.
        number: its number; the world is 0.
        record: its record (see `bustle.sim.compiled.records`).
        columns: its columns by name; texts as numbers.
        agenda, next, retired, born, identity, tally: see the record; None where there is none.
        clocks: the agenda's first word of each clock, by behavior.
        room: how many agents there is room for.
    """

    def __init__(self, name: str, number: int, size: int, room: int, record: Array, record_address: int) -> None:
        self.name = name
        self.number = number
        self.room = room
        self.record = record
        self.address = record_address
        self.columns: dict[str, Region] = {}
        self.clocks: dict[str, int] = {}
        self.record[r.COUNT] = size
        self.agenda: Region
        self.next: Region
        self.retired: Region | None = None
        self.born: Region | None = None
        self.identity: Region | None = None
        self.tally: Region | None = None

    @property
    def size(self) -> int:
        """How many agents there are, retired ones included."""
        return int(self.record[r.COUNT])


def behaviors_of(people: People, program: Program) -> list[Behavior]:
    """What a population does, in the scenario's order."""
    return [b for b in program.model.behaviors.values() if (b.who or WORLD) == people.name]


def lay_out_columns(people: People, program: Program, memory: Memory, texts: Texts) -> None:
    """Put the agents of the start into memory."""
    name = people.name
    declared = program.model.populations[name]
    for column, values in program.world.populations[name].columns.items():
        type_ = program.attribute_type(name, column)
        held = texts.numbers(values.tolist()) if isinstance(type_, Text) else values
        fixed = name not in program.facts.growing and not program.facts.writes_attribute(name, column)
        people.columns[column] = memory.keep(held) if fixed else memory.copy(held, people.room)
    if declared.states:
        n = len(declared.states)
        moves = np.zeros(n * n, np.int8)
        for former, state in declared.moves:
            moves[former * n + state] = 1
        people.record[r.STATE] = people.columns[STATE].address
        people.record[r.MOVES] = memory.keep(moves).address
        people.record[r.N_STATES] = n
        if name in program.tallied:
            people.tally = memory.reserve(np.int64, n * ((people.room >> STRETCH_SHIFT) + 1))
            people.record[r.TALLY] = people.tally.address
    if program.facts.may_retire(name):
        people.retired = memory.reserve(np.int64, people.room)
        people.retired.array[: people.size] = r.ALIVE
        people.record[r.RETIRED] = people.retired.address
    if name in program.facts.growing:
        people.born = memory.reserve(np.int64, people.room)
        people.record[r.BORN] = people.born.address
        people.identity = memory.reserve(np.int64, people.room)
        people.identity.array[: people.size] = np.arange(people.size)


def lay_out_agenda(people: People, program: Program, memory: Memory, numbers: dict[str, int]) -> dict[str, int]:
    """Give every behavior its words in the agenda; gives those that cancelling needs."""
    mine = behaviors_of(people, program)
    width = 1 + len(mine)
    cancel_words = {}
    for behavior in mine:
        if behavior.name in program.cancelled:
            cancel_words[behavior.name] = width
            width += 1
    for behavior in mine:
        if isinstance(behavior.trigger, RateTrigger | EveryTrigger):
            people.clocks[behavior.name] = width
            width += 5 if changing_reads(behavior, program.facts) else 2
    people.agenda = memory.reserve(np.int64, width * people.room)
    rows = people.agenda.array.reshape(people.room, width) if people.room else None
    if rows is not None:
        for place in people.clocks.values():
            rows[: people.size, place + r.DUE] = r.NONE
    people.next = memory.reserve(np.int64, people.room)
    people.next.array[: people.size] = r.NONE
    clocks = memory.keep(np.array([numbers[name] for name in people.clocks], np.int64))
    entering = [numbers[b.name] for b in mine if isinstance(b.trigger, EntersTrigger)]
    record = people.record
    record[r.AGENDA], record[r.WIDTH], record[r.NEXT] = people.agenda.address, width, people.next.address
    record[r.CLOCKS], record[r.N_CLOCKS] = clocks.address, len(people.clocks)
    record[r.ENTERING] = memory.keep(np.array(entering, np.int64)).address
    record[r.N_ENTERING] = len(entering)
    return cancel_words


def agent_columns(linker: Linker, population: str) -> dict[str, Any]:
    """Everything known of the agents of a population now; see `bustle.sim.reference.columns.agent_columns`."""
    people = linker.populations[population]
    size = people.size
    columns: dict[str, Any] = {}
    for name, region in people.columns.items():
        type_ = linker.program.attribute_type(population, name)
        values = region.array[:size]
        of_text = isinstance(type_, Text)
        columns[name] = linker.texts.array()[values] if of_text else values.astype(held_dtype(type_))
    index = np.arange(size, dtype=np.int64)
    columns["born"] = np.zeros(size, np.int64) if people.born is None else people.born.array[:size].copy()
    retired = np.full(size, r.ALIVE, np.int64) if people.retired is None else people.retired.array[:size].copy()
    columns["retired"] = retired
    columns["identity"] = index if people.identity is None else people.identity.array[:size].copy()
    return columns
