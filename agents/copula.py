"""Correlated attributes by a Gaussian copula.

Each correlated attribute gets a standard normal number; the numbers of one agent are correlated, turned into
probabilities by the normal distribution function, and inverted through the attribute's own distribution (Nelsen,
*An Introduction to Copulas*, 2nd ed. 2006, section 2.3). A scenario gives rank correlations (Spearman's rho): for
normal numbers of correlation r it is ``6 / pi * asin(r / 2)``, which inverting distributions does not change as
long as they are continuous (Kruskal, "Ordinal measures of association", JASA 53, 1958, section 6).
"""

from __future__ import annotations

import math

import numpy as np

from bustle.agents.evaluate import evaluate_one
from bustle.agents.expressions import draws_in
from bustle.agents.lanes import Surroundings
from bustle.agents.population import Array, Indices
from bustle.agents.randomness import purpose_key, sample_many
from bustle.scenarios.diagnostics import RunError, Span
from bustle.scenarios.model import Categorical, Draw, Empirical, Population

_SMALLEST = 2.0**-53


def correlated_probabilities(population: Population, identities: Indices, world: Surroundings) -> dict[str, Array]:
    """Probabilities (float64, in (0, 1)) for the draws of correlated attributes, by purpose.

    Args:
        population: Its ``correlations`` say which attributes.
        identities: int64 identities of the agents; one probability each.
        world: Seed and parameters.

    Raises:
        RunError: A correlated attribute is not one draw, or the correlations cannot hold together.
    """
    if not population.correlations:
        return {}
    from scipy.special import ndtr

    names = list(dict.fromkeys(name for left, right, _ in population.correlations for name in (left, right)))
    purposes = [_purpose(population, name) for name in names]
    factor = cholesky(_matrix(population, names, world), population.correlations[0][2].span)
    normals = [
        sample_many("normal", purpose_key(world.seed, purpose), identities, 0, 0, [0.0, 1.0]) for purpose in purposes
    ]
    probabilities = {}
    for row, purpose in enumerate(purposes):
        mixed = np.zeros(len(identities))
        for column in range(row + 1):
            mixed += factor[row, column] * normals[column]
        probabilities[purpose] = np.clip(ndtr(mixed), _SMALLEST, 1 - _SMALLEST)
    return probabilities


def cholesky(matrix: Array, span: Span | None = None) -> Array:
    """The lower factor of a correlation matrix (Golub and Van Loan, *Matrix Computations*, algorithm 4.2.1).

    Written out rather than taken from LAPACK, whose last bit depends on the processor.

    Raises:
        RunError: The matrix is not positive definite; the message gives its smallest eigenvalue.
    """
    size = len(matrix)
    factor = np.zeros((size, size))
    for column in range(size):
        for row in range(column, size):
            rest = matrix[row, column] - sum(float(factor[row, k] * factor[column, k]) for k in range(column))
            if row == column:
                if rest <= 1e-12:
                    smallest = float(np.linalg.eigvalsh(matrix)[0])
                    raise RunError(
                        "these correlations cannot hold together: their matrix is not positive definite "
                        f"(its smallest eigenvalue is {smallest:.3g}); bring some of them nearer to 0",
                        span,
                    )
                factor[row, row] = math.sqrt(rest)
            else:
                factor[row, column] = rest / factor[column, column]
    return factor


def _matrix(population: Population, names: list[str], world: Surroundings) -> Array:
    matrix = np.eye(len(names))
    for left, right, expr in population.correlations:
        rank = float(evaluate_one(expr, world))
        if not -1 < rank < 1:
            raise RunError(
                f"the correlation of `{left}` and `{right}` must lie between -1 and 1, but is {rank:g}", expr.span
            )
        i, j = names.index(left), names.index(right)
        if i == j:
            raise RunError(f"`{left}` is correlated with itself", expr.span)
        matrix[i, j] = matrix[j, i] = 2 * math.sin(math.pi * rank / 6)
    return matrix


def _purpose(population: Population, name: str) -> str:
    value = population.attribute(name).value
    draws = draws_in(value)
    if len(draws) != 1 or not isinstance(draws[0], (Draw, Categorical, Empirical)):
        raise RunError(
            f"`{population.name}.{name}` is correlated, so its value must contain exactly one draw from a "
            f"distribution; it has {len(draws)}",
            value.span,
        )
    return draws[0].purpose
