"""Linking: from what generated code asks for by name to addresses, numbers and keys in the memory of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bustle.agents.file_columns import codes, held_from_file
from bustle.agents.network import from_pairs
from bustle.agents.population import STATE, held_dtype
from bustle.agents.randomness import purpose_key
from bustle.agents.rhythms import operational_time
from bustle.scenarios.calendar import Calendar
from bustle.scenarios.files import read_columns
from bustle.scenarios.model import AtTrigger, Behavior, Const, EntersTrigger, OnTrigger
from bustle.scenarios.types import Agent, Category, Text, Type
from bustle.scenarios.walk import expressions
from bustle.sim.compiled import records as r
from bustle.sim.compiled.emission import KEYS
from bustle.sim.compiled.fetching import fetch_unit
from bustle.sim.compiled.hosting import copula, quantile_of
from bustle.sim.compiled.memory import Array, Memory, Region
from bustle.sim.compiled.native import host_number
from bustle.sim.compiled.people import People, behaviors_of, lay_out_agenda, lay_out_columns
from bustle.sim.compiled.program import WORLD, Program
from bustle.sim.compiled.tallies import count_everybody
from bustle.sim.compiled.telling import changed_unit
from bustle.sim.compiled.texts import Texts
from bustle.sim.compiled.times import lay_out_time
from bustle.sim.compiled.unit import FIRST_WORD, Key, Unit, kind_of

SPAWNED_ROOM = 1 << 26
"""Agents that a growing population has room for beside those of the start."""

ROWS_ROOM = 1 << 25
"""Rows of one event that a context holds before they must be handed on."""

NODE_WORDS = 1 << 31
"""Words for the firings that wait, of one context; only what is used takes memory."""

SCRATCH_WORDS = 1 << 30

QUEUE_ENTRIES = 1 << 28


class Linker:
    """Lays out a run in memory and resolves the keys of units.

    Args:
        program: what is run.
        units: all units; their numbers are their places.
        contexts: how many contexts there are, one a shard.
        length: the run's length in microseconds.
    """

    def __init__(self, program: Program, units: list[Unit], contexts: int, length: int) -> None:
        self.program = program
        self.memory = Memory()
        self.texts = Texts()
        self.numbers = {unit.name: number for number, unit in enumerate(units)}
        self.calendar = Calendar(program.model.clock)
        self.behaviors = {name: number for number, name in enumerate(program.model.behaviors)}
        self.cells: dict[tuple[str, str], Region] = {}
        self.known: dict[str, Region] = {}
        self.rows: list[dict[str, Region]] = []
        self.counts: list[dict[str, Region]] = []
        self.nodes: list[Region] = []
        self.chains: dict[tuple[str, str], dict[str, Region]] = {}
        self._regions: dict[Key, Region] = {}
        self._csrs: dict[Key, tuple[Region, Region, int]] = {}
        self._times: dict[tuple[str, ...], Region] = {}
        self._number_texts_to_come()
        self.run = self.memory.reserve(np.int64, r.RUN_WORDS)
        self.populations: dict[str, People] = {}
        self._cancel_words: dict[str, int] = {}
        self._lay_out_people()
        self._behavior_records = self.memory.reserve(np.int64, r.BEHAVIOR_WORDS * max(1, len(self.behaviors)))
        self._lay_out_behaviors()
        self._lay_out_run(len(units), contexts, length)
        self.contexts = [self._context(number) for number in range(contexts)]
        addresses = self.memory.keep(np.array([region.address for region in self.contexts], np.int64))
        self.run.array[r.CONTEXTS] = addresses.address
        self.tables = [[self._table(unit, shard) for unit in units] for shard in range(contexts)]
        for region, tables in zip(self.contexts, self.tables, strict=True):
            table = self.memory.keep(np.array([table.address for table in tables], np.int64))
            region.array[r.TABLES] = table.address

    def _number_texts_to_come(self) -> None:
        """Number the texts that interventions bring, so that numbers do not depend on how far a run has come."""
        for intervention in self.program.model.interventions.values():
            for _, value in intervention.values:
                for node in expressions(value):
                    if isinstance(node, Const) and isinstance(node.value, str):
                        self.texts.number(node.value)

    # --- people

    def _lay_out_people(self) -> None:
        model, facts = self.program.model, self.program.facts
        names = [WORLD, *model.populations]
        records = self.memory.reserve(np.int64, r.POPULATION_WORDS * len(names))
        self.run.array[r.POPULATIONS] = records.address
        self.run.array[r.N_POPULATIONS] = len(names)
        for number, name in enumerate(names):
            size = 1 if name == WORLD else self.program.world.populations[name].size
            room = size + SPAWNED_ROOM if name in facts.growing else size
            first = number * r.POPULATION_WORDS
            record = records.array[first : first + r.POPULATION_WORDS]
            people = People(name, number, size, room, record, records.address + 8 * first)
            self.populations[name] = people
            record[r.NUMBER] = number
            record[r.ROOM] = room
            record[r.LAST_SHARD] = 0
            record[r.QUEUED] = 1
            record[r.STATE_CHANGED] = self.numbers.get(changed_unit("attribute", name, STATE), -1)
            record[r.FETCH] = self.numbers.get(fetch_unit(name), -1)
            if name != WORLD:
                lay_out_columns(people, self.program, self.memory, self.texts)
            self._cancel_words |= lay_out_agenda(people, self.program, self.memory, self.behaviors)
            if people.tally is not None:
                count_everybody(people.address)

    # --- behaviors

    def _lay_out_behaviors(self) -> None:
        from bustle.sim.compiled.bodies import body_unit
        from bustle.sim.compiled.clocks import wind_unit

        self.run.array[r.BEHAVIORS] = self._behavior_records.address
        for name, number in self.behaviors.items():
            behavior = self.program.model.behaviors[name]
            people = self.populations[behavior.who or WORLD]
            first = number * r.BEHAVIOR_WORDS
            record = self._behavior_records.array[first : first + r.BEHAVIOR_WORDS]
            record[r.POPULATION] = people.address
            record[r.ORDER] = behavior.order
            record[r.COUNTER] = 1 + [b.name for b in behaviors_of(people, self.program)].index(name)
            record[r.CLOCK] = people.clocks.get(name, 0)
            record[r.BODY] = self.numbers[body_unit(name)]
            record[r.WIND] = self.numbers.get(wind_unit(name), -1)
            record[r.CANCELLED] = self._cancel_words.get(name, 0)
            record[r.BEHAVIOR_NUMBER] = number
            record[r.HEARS] = isinstance(behavior.trigger, OnTrigger)
            record[r.BARRIER] = name in self.program.coupling.barriers
            states = self.program.facts.allowed_states(behavior)
            if states is not None:
                record[r.STATES] = self._mask(behavior, states)
            match behavior.trigger:
                case EntersTrigger(states=entered):
                    record[r.ENTERS] = self._mask(behavior, frozenset(entered))
                case AtTrigger(moments=moments):
                    instants = sorted({t for moment in moments for t in self.calendar.moments(moment)})
                    record[r.MOMENTS] = self.memory.keep(np.array(instants, np.int64)).address
                    record[r.N_MOMENTS] = len(instants)

    def _mask(self, behavior: Behavior, states: frozenset[int]) -> int:
        count = len(self.program.model.populations[behavior.who or ""].states)
        return self.memory.keep(np.array([state in states for state in range(count)], np.int8)).address

    # --- the run and its contexts

    def _lay_out_run(self, units: int, contexts: int, length: int) -> None:
        self.functions = self.memory.reserve(np.int64, units)
        self.queue = self.memory.reserve(np.int64, 2 * QUEUE_ENTRIES)
        words = self.run.array
        words[r.LENGTH] = length
        words[r.UNITS] = self.functions.address
        words[r.QUEUE], words[r.QUEUE_ROOM] = self.queue.address, QUEUE_ENTRIES
        words[r.N_CONTEXTS] = contexts

    def _context(self, number: int) -> Region:
        context = self.memory.reserve(np.int64, r.CONTEXT_WORDS)
        words = context.array
        words[r.RUN] = self.run.address
        words[r.SCRATCH] = self.memory.reserve(np.int64, SCRATCH_WORDS).address
        nodes = self.memory.reserve(np.int64, NODE_WORDS)
        self.nodes.append(nodes)
        words[r.NODES], words[r.NODES_USED], words[r.NODES_ROOM] = nodes.address, 8, NODE_WORDS
        words[r.ACTING] = -1
        words[r.ERROR_TIME] = r.NONE
        words[r.SHARD] = number
        events = self.program.model.events.values()
        self.rows.append(
            {e.name: self.memory.reserve(np.int64, ROWS_ROOM * (len(KEYS) + len(e.fields))) for e in events}
        )
        self.counts.append({e.name: self.memory.reserve(np.int64, 1) for e in events})
        return context

    def _table(self, unit: Unit, shard: int) -> Region:
        words = [self.contexts[shard].address, self.numbers[unit.name]]
        assert len(words) == FIRST_WORD
        words += [self.word(key, shard) for key in unit.keys]
        return self.memory.keep(np.array(words, np.int64))

    # --- keys

    def word(self, key: Key, shard: int) -> int:
        """What stands for ``key`` in the tables of a shard."""
        kind, *rest = key
        resolve: Callable[..., int] | None = getattr(self, f"_{str(kind).replace(' ', '_')}_word", None)
        if resolve is None:
            raise KeyError(f"nothing is known of {key}")
        if kind in ("rows", "row count"):
            return resolve(shard, *rest)
        return resolve(*rest)

    def _rows_word(self, shard: int, event: str) -> int:
        return self.rows[shard][event].address

    def _row_count_word(self, shard: int, event: str) -> int:
        return self.counts[shard][event].address

    def _row_room_word(self) -> int:
        return ROWS_ROOM

    def _population_word(self, name: str) -> int:
        return self.populations[name].address

    def _column_word(self, population: str, name: str) -> int:
        return self.populations[population].columns[name].address

    def _retired_word(self, population: str) -> int:
        region = self.populations[population].retired
        assert region is not None
        return region.address

    def _identity_word(self, population: str) -> int:
        region = self.populations[population].identity
        assert region is not None
        return region.address

    def _room_word(self, population: str) -> int:
        return self.populations[population].room

    def _behavior_word(self, name: str) -> int:
        return self.behaviors[name]

    def _behavior_code_word(self, name: str) -> int:
        return self.behaviors[name]

    def _behavior_text_word(self, name: str) -> int:
        return self.texts.number(name)

    def _clock_word(self, behavior: str) -> int:
        return self.populations[self.program.model.behaviors[behavior].who or WORLD].clocks[behavior]

    def _unit_word(self, name: str) -> int:
        return self.numbers[name]

    def _key_word(self, purpose: str) -> int:
        return purpose_key(self.program.seed, purpose)

    def _text_word(self, text: str) -> int:
        return self.texts.number(text)

    def _known_word(self, behavior: str) -> int:
        if behavior not in self.known:
            people = self.populations[self.program.model.behaviors[behavior].who or WORLD]
            self.known[behavior] = self.memory.reserve(np.int8, people.room)
            self.known[behavior].array[: people.size] = 2
        return self.known[behavior].address

    # --- parameters and globals

    def _parameter_word(self, name: str) -> int:
        return self.cell("parameter", name).address

    def _global_word(self, name: str) -> int:
        return self.cell("global", name).address

    def cell(self, kind: str, name: str) -> Region:
        """The word of a parameter or a global."""
        if (kind, name) not in self.cells:
            self.cells[kind, name] = self.memory.reserve(np.int64, 1)
            source: Any = self.program.model.values if kind == "parameter" else self.program.world.globals
            self.set_cell(kind, name, source[name])
        return self.cells[kind, name]

    def cell_type(self, kind: str, name: str) -> Type:
        """The type of a parameter or a global."""
        model = self.program.model
        return model.parameters[name].type if kind == "parameter" else model.world[name].type

    def set_cell(self, kind: str, name: str, value: Any) -> None:
        """Give a parameter or global a value in held form."""
        array = self.cell(kind, name).array
        if kind_of(self.cell_type(kind, name)) == "f":
            array.view(np.float64)[0] = float(value)
        else:
            array[0] = self.texts.number(value) if isinstance(value, str) else -1 if value is None else int(value)

    # --- networks and groups

    def _csr(self, kind: str, names: tuple[str, ...]) -> tuple[Region, Region, int]:
        key = (kind, *names)
        if key not in self._csrs:
            if kind == "network":
                csr = self.program.world.networks[names[0]]
            else:
                population, link = names
                column = self.program.world.populations[population].columns[link]
                target = self.program.attribute_type(population, link)
                assert isinstance(target, Agent)
                linked = np.flatnonzero(column >= 0)
                size = self.program.world.populations[target.population].size
                csr = from_pairs(column[linked], linked, size)
            keep = self.memory.keep
            self._csrs[key] = (keep(csr.offsets), keep(csr.targets), csr.sources)
        return self._csrs[key]

    def _network_word(self, network: str, part: str) -> int:
        return self._csr_word(self._csr("network", (network,)), part)

    def _group_word(self, population: str, link: str, part: str) -> int:
        return self._csr_word(self._csr("group", (population, link)), part)

    def _csr_word(self, csr: tuple[Region, Region, int], part: str) -> int:
        offsets, targets, sources = csr
        return {"offsets": offsets.address, "targets": targets.address, "sources": sources}[part]

    def _chain_word(self, population: str, link: str, part: str) -> int:
        return self.chain(population, link)[part].address

    def chain(self, population: str, link: str) -> dict[str, Region]:
        """Agents by the agent their link points at, as chains that new agents join; see `join_chain`."""
        if (population, link) not in self.chains:
            people = self.populations[population]
            target_type = self.program.attribute_type(population, link)
            assert isinstance(target_type, Agent)
            targets = self.populations[target_type.population]
            sizes = {"first": targets.room, "last": targets.room, "next": people.room}
            chain = {part: self.memory.reserve(np.int64, size) for part, size in sizes.items()}
            column = people.columns[link].array[: people.size]
            members = np.flatnonzero(column >= 0)
            members = members[np.argsort(column[members], kind="stable")]
            owners = column[members]
            first = np.flatnonzero(np.diff(owners, prepend=-1) != 0)
            last = np.append(first[1:] - 1, len(members) - 1) if len(members) else first
            chain["first"].array[owners[first]] = members[first] + 1
            chain["last"].array[owners[last]] = members[last] + 1
            following = np.ones(len(members), bool)
            following[last] = False
            places = np.flatnonzero(following)
            chain["next"].array[members[places]] = members[places + 1] + 1
            self.chains[population, link] = chain
        return self.chains[population, link]

    def _weights_word(self, pool: tuple[str, ...], name: str) -> int:
        key = ("weights", pool, name)
        if key not in self._regions:
            weights = self._weights_of(pool, name)
            if pool[0] == "population":
                self._regions[key] = self.memory.keep(np.cumsum(weights))
            else:
                from bustle.sim.compiled.sums import running_sums

                offsets, targets, _ = self._csr(pool[0], pool[1:])
                sums = self.memory.reserve(np.float64, len(targets.array))
                running_sums(offsets.array, targets.array, weights, sums.array)
                self._regions[key] = sums
        return self._regions[key].address

    def _guide_word(self, population: str, name: str) -> int:
        """See `bustle.sim.compiled.arithmetic.guided_place`."""
        key = ("guide", population, name)
        if key not in self._regions:
            sums = np.cumsum(self._weights_of(("population", population), name))
            parts = self._guide_parts_word(population)
            marks = np.arange(parts + 1) / parts * (sums[-1] if len(sums) else 0.0)
            self._regions[key] = self.memory.keep(np.searchsorted(sums, marks, side="right").astype(np.int64))
        return self._regions[key].address

    def _guide_parts_word(self, population: str) -> int:
        return max(1, 2 * self.populations[population].size)

    def _weights_of(self, pool: tuple[str, ...], name: str) -> Array:
        population = pool[1] if pool[0] != "network" else self.program.model.networks[pool[1]].target
        weights = self.program.weights[population, name]
        assert weights is not None
        floats = weights.astype(np.float64)
        return np.where(floats > 0, floats, 0.0)

    # --- time

    def _calendar_word(self, part: str) -> int:
        key = ("calendar", part)
        if part == "count":
            return len(self.calendar.transitions)
        if key not in self._regions:
            values = self.calendar.transitions if part == "starts" else self.calendar.shifts
            self._regions[key] = self.memory.keep(values)
        return self._regions[key].address

    def _time_word(self, rhythms: tuple[str, ...]) -> int:
        if rhythms not in self._times:
            chosen = [self.program.model.rhythms[name] for name in rhythms]
            time = operational_time(chosen, self.calendar, self.program.model.clock.length)
            self._times[rhythms] = lay_out_time(time, self.memory)
        return self._times[rhythms].address

    # --- files

    def _file_word(self, path: str, column: str, how: str, type_: Type) -> int:
        key = ("file", path, column, how)
        if key not in self._regions:
            values = self.program.world.columns[path, column]
            if isinstance(type_, Category) and values.dtype == np.dtype(object):
                values = codes(values, type_.levels)
            elif values.dtype == np.dtype(object):
                values = self.texts.numbers(sorted(values.tolist()) if how == "sorted" else values.tolist())
            else:
                values = values.astype(held_dtype(type_))
            self._regions[key] = self.memory.keep(np.sort(values) if how == "sorted" else values)
        return self._regions[key].address

    def _file_size_word(self, path: str, column: str) -> int:
        return len(self.program.world.columns[path, column])

    def _population_file(self, population: str, column: str) -> Array:
        file = self.program.model.populations[population].file
        assert file is not None
        raw = self.program.world.columns.get((file, column))
        return read_columns(self.program.model.folder, file, [column])[column] if raw is None else raw

    def _rows_of_file_word(self, population: str) -> int:
        column = self.program.model.populations[population].file_columns[0].column
        return len(self._population_file(population, column))

    def _column_of_file_word(self, population: str, attribute: str, column: str) -> int:
        key = ("column of file", population, attribute)
        if key not in self._regions:
            type_ = self.program.attribute_type(population, attribute)
            values = held_from_file(self._population_file(population, column), type_)
            self._regions[key] = self.memory.keep(
                self.texts.numbers(values.tolist()) if isinstance(type_, Text) else values
            )
        return self._regions[key].address

    # --- the host

    def _host_word(self, what: str, name: str) -> int:
        key = ("host", what, name)
        if key not in self._regions:
            function = copula(name, self.program) if what == "copula" else quantile_of(name)
            self._regions[key] = Region(host_number(function), np.empty(0))
        return self._regions[key].address
