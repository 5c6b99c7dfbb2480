"""What a network is built from: its ends, its options as values, and the key of its draws."""

from __future__ import annotations

from dataclasses import dataclass

from bustle.agents.evaluate import evaluate_one
from bustle.agents.lanes import Surroundings
from bustle.agents.population import Array
from bustle.agents.randomness import purpose_key
from bustle.scenarios.diagnostics import RunError, Span
from bustle.scenarios.model import Expr, Network


@dataclass(frozen=True, slots=True)
class Settings:
    """A network to build.

    Attributes:
        network: As the scenario declares it.
        world: Sizes and attributes of the populations, parameters, the seed.
        folder: The scenario's folder, for edge files.
        scale: The model's scale.
    """

    network: Network
    world: Surroundings
    folder: str
    scale: float

    @property
    def sources(self) -> int:
        """Number of agents edges leave from."""
        return self.world.size(self.network.source)

    @property
    def targets(self) -> int:
        """Number of agents edges lead to."""
        return self.world.size(self.network.target)

    @property
    def within_one(self) -> bool:
        """True where the network connects a population to itself."""
        return self.network.source == self.network.target

    @property
    def key(self) -> int:
        """Key of the draws that choose edges."""
        return purpose_key(self.world.seed, f"{self.network.name}.edges")

    def expression(self, option: str) -> Expr | None:
        """An option that is an expression; None where it is left out."""
        value = self.network.options.get(option)
        return None if value is None or isinstance(value, (str, tuple)) else value

    def span(self, option: str) -> Span | None:
        """Where an option stands in the scenario."""
        expr = self.expression(option)
        return None if expr is None else expr.span

    def number(self, option: str) -> float:
        """The value of an option that belongs to no agent.

        Raises:
            RunError: The option is left out.
        """
        expr = self.expression(option)
        if expr is None:
            raise RunError(f"network `{self.network.name}` needs `{option}`")
        return float(evaluate_one(expr, self.world))

    def count(self, option: str, least: int) -> int:
        """A whole-number option of at least ``least``.

        Raises:
            RunError: The option is left out, not whole or too small.
        """
        value = self.number(option)
        if not (value >= least and value == int(value)):
            raise RunError(
                f"`{option}` of network `{self.network.name}` must be a whole number of at least {least}, "
                f"but is {value:g}",
                self.span(option),
            )
        return int(value)

    def share(self, option: str) -> float:
        """An option between 0 and 1.

        Raises:
            RunError: The option is left out or not between 0 and 1.
        """
        value = self.number(option)
        if not 0 <= value <= 1:
            raise RunError(
                f"`{option}` of network `{self.network.name}` must lie between 0 and 1, but is {value:g}",
                self.span(option),
            )
        return value

    def names(self, option: str) -> tuple[str, ...]:
        """An option that names attributes or columns; empty where it is left out."""
        value = self.network.options.get(option, ())
        if isinstance(value, str):
            return (value,)
        return value if isinstance(value, tuple) else ()

    def columns(self, population: str, names: tuple[str, ...]) -> list[Array]:
        """Attributes of a population by name."""
        return [self.world.column(population, name) for name in names]

    def require_one_population(self) -> None:
        """Refuse a network between two populations.

        Raises:
            RunError: Source and target differ.
        """
        if not self.within_one:
            raise RunError(
                f"network `{self.network.name}` is of kind {self.network.kind}, which connects a population to itself, "
                f"not {self.network.source} to {self.network.target}"
            )
