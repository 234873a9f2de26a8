"""Which pair to ask next, how many make a short set, and when enough has been asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.ahp.consistency import log_errors
from scoring.numerics.ahp.incomplete import llsm, pseudoinverse
from scoring.numerics.ahp.pairwise import answered, connected, joined, pairs_answered

if TYPE_CHECKING:
    from scoring.numerics.types import BoolArray, FloatArray, IntArray

ONE_SIDED_95 = 1.645
LEVEL = 1e-9  # resistances this near each other are equal: they are fractions that an inverse gives to some 1e-15


def resistances(graph: BoolArray) -> FloatArray:
    """Return the effective resistance (n, n) of each pair in a connected graph of answered pairs.

    It is the variance of ln(w_i / w_j) under log least squares, in units of the judgements' variance.
    """
    inverse = pseudoinverse(graph)
    diagonal = np.diag(inverse)
    return np.asarray(diagonal[:, None] + diagonal[None, :] - 2 * inverse)


def next_pair(graph: BoolArray, seed: int) -> tuple[int, int] | None:
    """Return the next pair (i, j), i < j, given the answered ones (n, n); None when all are answered.

    While items are apart the pair joins two parts, between items with the fewest answers: from nothing this goes through
    all items in a chain, the sparest near-regular design. Then comes the pair with the largest effective resistance
    (greedy D-optimal design), which keeps the design near-regular. Ties go by the seed. It is a function of the answered
    pairs and the seed alone, so it goes on from any answers, given in whatever order.

    A star would start better only for a panelist who leaves at n - 1 to n + 1 pairs, before anyone is advised to stop. Of 12
    items its ln w have 24 per cent more variance in all at the 17 pairs where advice may begin, and 9 per cent more at the
    30 of the short set: the centre has more comparisons than it needs, and every other item fewer.

    Source: Bozóki, S. & Szádoczki, Z. (2022), Optimal sequences for pairwise comparisons: the graph of graphs approach,
    arXiv 2205.08673: among spanning trees the star is best, beyond them the graphs whose degrees are nearest each other.
    """
    return _choose(graph, _seeded_order(len(graph), seed))


def remaining_pairs(graph: BoolArray, seed: int) -> tuple[tuple[int, int], ...]:
    """Return all pairs not answered in ``graph`` (n, n), in the order in which `next_pair` asks them."""
    return _ahead(graph, seed, graph.size)


def planned_pairs(n: int, count: int, seed: int) -> tuple[tuple[int, int], ...]:
    """Return the first ``count`` pairs of n items in the order in which `next_pair` asks them."""
    return _ahead(np.zeros((n, n), dtype=bool), seed, count)


def _ahead(graph: BoolArray, seed: int, count: int) -> tuple[tuple[int, int], ...]:
    """Return up to ``count`` pairs that follow, each as if those before were answered."""
    graph, order = graph.copy(), _seeded_order(len(graph), seed)
    pairs: list[tuple[int, int]] = []
    while len(pairs) < count and (pair := _choose(graph, order)) is not None:
        pairs.append(pair)
        graph[pair] = graph[pair[::-1]] = True
    return tuple(pairs)


def _seeded_order(n: int, seed: int) -> IntArray:
    """Return the place (n, n) of each pair in the seed's order."""
    return np.random.default_rng(seed).permutation(n * n).reshape(n, n)


def _choose(graph: BoolArray, order: IntArray) -> tuple[int, int] | None:
    """Return the pair that `next_pair` describes, ties by ``order`` (n, n)."""
    wanted = np.triu(~graph, 1)
    if not wanted.any():
        return None
    reach = joined(graph)
    if reach.all():
        merit = resistances(graph)
    else:
        wanted &= ~reach
        degree = np.count_nonzero(graph, axis=0)
        merit = -(degree[:, None] + degree[None, :]).astype(float)
    wanted &= merit >= merit[wanted].max() - LEVEL
    place = int(np.where(wanted, order, order.size).argmin())
    return place // len(graph), place % len(graph)


def spare_needed(n: int) -> int:
    """Return how many comparisons beyond a spanning tree a planned set keeps for consistency: n/2 from 7 items on."""
    return -(-n // 2) if n >= 7 else 0


def short_set(n: int) -> int:
    """Return how many pairs a short set of n items has: 45 per cent of all, rounded up, from 7 items on; below, all pairs.

    That is 10 of 21 pairs for 7 items, 13 of 28 for 8, 30 of 66 for 12, 48 of 105 for 15; as `planned_pairs` asks them they
    join all items and have the spare comparisons of `spare_needed` (for 7 items exactly, for more than 7 with some left).

    Why 45: where experts agree and only err, a group's weights have √(1 / share) times the error of all pairs, and some per
    cent more since pairs get unequal numbers of answers. At 45 per cent that is 1.5 to 1.55 whatever n, at 40 over 1.6.
    Where experts also differ it is far less: ``docs/validation.md`` has the simulation.
    """
    pairs = n * (n - 1) // 2
    return -(-pairs * 9 // 20) if n >= 7 else pairs


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
