"""Which pair to ask next, and when enough has been asked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.ahp.consistency import log_errors
from scoring.numerics.ahp.incomplete import llsm, pseudoinverse
from scoring.numerics.ahp.pairwise import answered, connected, joined, pairs_answered

if TYPE_CHECKING:
    from scoring.numerics.types import BoolArray, FloatArray

ONE_SIDED_95 = 1.645


def resistances(graph: BoolArray) -> FloatArray:
    """Return the effective resistance (n, n) of each pair in a connected graph of answered pairs.

    It is the variance of ln(w_i / w_j) under log least squares, in units of the judgements' variance.
    """
    inverse = pseudoinverse(graph)
    diagonal = np.diag(inverse)
    return np.asarray(diagonal[:, None] + diagonal[None, :] - 2 * inverse)


def next_pair(graph: BoolArray, seed: int) -> tuple[int, int] | None:
    """Return the next pair (i, j), i < j, given the answered ones (n, n); None when all are answered.

    Until all items are joined the pairs of a star around a seeded item come in seeded order; then the pair with the largest
    effective resistance (greedy D-optimal design), ties by the seed. The same seed and answers give the same pair.

    Source: Bozóki, S. & Szádoczki, Z. (2022), Optimal sequences for pairwise comparisons: the graph of graphs approach.
    """
    n = len(graph)
    rng = np.random.default_rng(seed)
    centre = int(rng.integers(n))
    order = rng.permutation(n * n).reshape(n, n)
    open_pairs = [(i, j) for i, j in combinations(range(n), 2) if not graph[i, j]]
    if not open_pairs:
        return None
    reach = joined(graph)
    if not reach.all():
        joining = [pair for pair in open_pairs if not reach[pair]]
        return min(joining, key=lambda pair: (centre not in pair, order[pair]))
    values = resistances(graph)
    return min(open_pairs, key=lambda pair: (-round(float(values[pair]), 9), order[pair]))


def planned_pairs(n: int, count: int, seed: int) -> tuple[tuple[int, int], ...]:
    """Return the first ``count`` pairs of n items in the order `next_pair` asks them."""
    graph = np.zeros((n, n), dtype=bool)
    pairs: list[tuple[int, int]] = []
    while len(pairs) < count and (pair := next_pair(graph, seed)) is not None:
        pairs.append(pair)
        graph[pair] = graph[pair[::-1]] = True
    return tuple(pairs)


def coming_pairs(graph: BoolArray, seed: int, *, most: int) -> tuple[tuple[int, int], ...]:
    """Return the open pairs in the order `next_pair` asks them, until ``most`` pairs are answered in all."""
    graph = graph.copy()
    pairs: list[tuple[int, int]] = []
    while graph.sum() // 2 < most and (pair := next_pair(graph, seed)) is not None:
        pairs.append(pair)
        graph[pair] = graph[pair[::-1]] = True
    return tuple(pairs)


def short_set(n: int) -> int:
    """Return how many pairs the short set of n items has; 0 where none is offered."""
    return {7: 12}.get(n, n * 5 // 2) if n >= 7 else 0


def spare_needed(n: int) -> int:
    """Return how many comparisons beyond a spanning tree a planned set keeps for consistency: n/2 from 7 items on."""
    return -(-n // 2) if n >= 7 else 0


@dataclass(frozen=True)
class StopAdvice:
    """Weights so far with standard errors (n,), and whether every weight is known well enough."""

    weights: FloatArray
    errors: FloatArray
    enough: bool


def stop_advice(matrix: FloatArray, *, within: float = 0.02, panel_variance: float | None = None) -> StopAdvice | None:
    """Say whether more answers would still move a weight by more than ``within``; None while items are apart.

    s_i comes from the log-least-squares residual variance σ² and Cov(ln w) = σ² L⁺; with no spare comparison σ² is the
    panel's, and without that nothing is advised. Enough: 1.645 s_i < ``within`` for every weight, with the spare
    comparisons of `spare_needed`.
    """
    n = len(matrix)
    if n < 2 or not connected(matrix):
        return None
    weights = llsm(matrix)
    spare = int(pairs_answered(matrix)) - (n - 1)
    residual = float(np.nansum(log_errors(matrix, weights) ** 2) / 2)
    variance = residual / spare if spare > 0 else panel_variance
    if variance is None:
        return StopAdvice(weights, np.full(n, np.nan), enough=False)
    slope = np.diag(weights) - np.outer(weights, weights)
    covariance = slope @ pseudoinverse(answered(matrix)) @ slope * variance
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    enough = bool((ONE_SIDED_95 * errors < within).all()) and spare >= spare_needed(n)
    return StopAdvice(weights, errors, enough)
