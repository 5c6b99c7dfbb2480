"""A unit of generated code while it is written: its lines, what it reads of the run, and where it may fail."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.types import Bool, Quantity, Type

Kind = Literal["i", "f", "b"]
"""How a value is held: int64, float64 or a truth value."""

Key = tuple[Hashable, ...]
"""What a word of a unit's table stands for; the linker knows all of them (`bustle.sim.compiled.linking`)."""

Reals = tuple[float, float, float, float]
Wholes = tuple[int, int]
Message = Callable[[Reals, Wholes], RunError]
"""Makes the error of a site from the values that the code left there."""

CONTEXT, UNIT = 0, 1
"""The first words of every table: the context's address, and the unit's own number."""

FIRST_WORD = 2


@dataclass(frozen=True, slots=True)
class Value:
    """An expression of the generated code. ``text`` is a name or a literal, so that it may be repeated."""

    text: str
    kind: Kind

    def as_float(self) -> str:
        """The value as a float64."""
        return self.text if self.kind == "f" else f"float({self.text})"

    def as_whole(self) -> str:
        """The value as an int64; not for float64."""
        return f"int({self.text})" if self.kind == "b" else self.text


def kind_of(type_: Type) -> Kind:
    """How values of ``type_`` are held."""
    match type_:
        case Quantity():
            return "i" if type_.held_whole else "f"
        case Bool():
            return "b"
    return "i"


_SIMPLE = re.compile(r"[A-Za-z_]\w*|-?\d+(\.\d+)?(e[-+]?\d+)?")
"""A name or a literal."""

ZERO: dict[Kind, str] = {"i": "0", "f": "0.0", "b": "False"}
"""A first value by kind, so that a name has one type throughout."""


@dataclass(slots=True)
class Unit:
    """Generated code of one function.

    Attributes:
        name: what others call it by.
        keys: what the words of its table stand for, from `FIRST_WORD` on.
        sites: the errors it may end with; site ``n`` is the n-th, counted from 1.
    """

    name: str
    keys: list[Key] = field(default_factory=list)
    sites: list[Message] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _depth: int = 1
    _names: int = 0
    _places: dict[Key, int] = field(default_factory=dict)

    # --- writing

    def line(self, text: str) -> None:
        """Write a line."""
        self._lines.append("    " * self._depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Write ``head`` and indent what follows."""
        self.line(head)
        self._depth += 1
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self.line("pass")
        self._depth -= 1

    def fresh(self, letter: str = "v") -> str:
        """A name that nothing else has."""
        self._names += 1
        return f"{letter}{self._names}"

    def value(self, text: str, kind: Kind) -> Value:
        """``text`` as something that may be repeated: as it is where it is a name or a literal, else under a name."""
        return Value(text, kind) if _SIMPLE.fullmatch(text) else self.let(text, kind)

    def let(self, text: str, kind: Kind, letter: str = "v") -> Value:
        """Give ``text`` a name."""
        name = self.fresh(letter)
        self.line(f"{name} = {text}")
        return Value(name, kind)

    def variable(self, kind: Kind, letter: str = "v") -> Value:
        """A name that is assigned later, perhaps in branches."""
        return self.let(ZERO[kind], kind, letter)

    # --- reading the run

    def word(self, *key: Hashable) -> str:
        """The word of the run that ``key`` stands for: an address, a number or a key of draws."""
        if key not in self._places:
            self._places[key] = FIRST_WORD + len(self.keys)
            self.keys.append(key)
        return f"w{self._places[key]}"

    @property
    def context(self) -> str:
        """The address of the context."""
        return "context"

    # --- failing

    def fail(self, message: Message, reals: tuple[str, ...] = (), wholes: tuple[str, ...] = ()) -> None:
        """Write the end of the unit with an error; the values go into its message."""
        self.sites.append(message)
        given = [*reals, *["0.0"] * (4 - len(reals)), *wholes, *["0"] * (2 - len(wholes))]
        self.line(f"return fail(table, {len(self.sites)}, {', '.join(given)})")

    def fail_if(
        self, condition: str, message: Message, reals: tuple[str, ...] = (), wholes: tuple[str, ...] = ()
    ) -> None:
        """End with an error where ``condition`` holds."""
        with self.block(f"if {condition}:"):
            self.fail(message, reals, wholes)

    def check(self, status: str) -> None:
        """End where a call has ended with an error that it has noted itself."""
        with self.block(f"if {status} != 0:"):
            self.line("return 1")

    def source(self) -> str:
        """The whole text of the function."""
        head = "def run(table, agent, occurrence, now, payload):\n"
        words = [f"    context = fixed_i64(table, {CONTEXT})"]
        words += [f"    w{place} = fixed_i64(table, {place})" for place in self._places.values()]
        return head + "\n".join([*words, *self._lines]) + "\n    return 0\n"


def constant(error: RunError) -> Message:
    """The message of a site that needs no values."""
    return lambda reals, wholes: error
