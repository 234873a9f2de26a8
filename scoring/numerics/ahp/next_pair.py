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
    """Weights so far with standard errors (n,), NaN where no variance is known, and whether every weight is known well enough."""

    weights: FloatArray
    errors: FloatArray
    enough: bool

    @property
    def margin(self) -> float | None:
        """Return x of "more answers would change no weight by more than x": the largest 1.645 s_i; None where not known."""
        largest = float(ONE_SIDED_95 * self.errors.max())
        return None if np.isnan(largest) else largest

    @property
    def low(self) -> FloatArray:
        """Return the lower bounds w_i - 1.645 s_i (n,), not below 0: in 95 of 100 cases the weight is above."""
        return np.clip(self.weights - ONE_SIDED_95 * self.errors, 0.0, 1.0)

    @property
    def high(self) -> FloatArray:
        """Return the upper bounds w_i + 1.645 s_i (n,), not above 1: in 95 of 100 cases the weight is below."""
        return np.clip(self.weights + ONE_SIDED_95 * self.errors, 0.0, 1.0)


def stop_advice(matrix: FloatArray, *, within: float = 0.02, panel_variance: float | None = None) -> StopAdvice | None:
    """Say whether more answers would still move a weight by more than ``within``; None while items are apart.

    s_i comes from the log-least-squares residual variance σ² and Cov(ln w) = σ² L⁺, carried to the weights by
    ∂w_i / ∂ln w_j = w_i (δ_ij - w_j). With no spare comparison σ² is the panel's (`pooled_variance`), and without that
    nothing is advised. Enough: 1.645 s_i < ``within`` for every weight, with the spare comparisons of `spare_needed`.
    """
    n = len(matrix)
    if n < 2 or not connected(matrix):
        return None
    weights = llsm(matrix)
    squares, spare = _residuals(matrix[None], weights[None])
    variance = float(squares[0] / spare[0]) if spare[0] > 0 else panel_variance
    if variance is None:
        return StopAdvice(weights, np.full(n, np.nan), enough=False)
    slope = np.diag(weights) - np.outer(weights, weights)
    covariance = slope @ pseudoinverse(answered(matrix)) @ slope * variance
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    enough = bool((ONE_SIDED_95 * errors < within).all()) and bool(spare[0] >= spare_needed(n))
    return StopAdvice(weights, errors, enough)


def pooled_variance(matrices: FloatArray) -> float | None:
    """Return a panel's residual variance of ln a_ij at a node from its experts' matrices (K, n, n); None with nothing to spare.

    σ² = Σ_k Σ_{i<j} ln² e_ij / Σ_k (m_k - (n - 1)) over the experts whose m_k answers join all items: an expert speaks by
    her spare comparisons, so one who has none changes nothing. (The pooled variance of several regressions.)
    """
    usable = matrices[connected(matrices)]
    squares, spare = _residuals(usable, llsm(usable))
    return float(squares.sum() / spare.sum()) if spare.sum() > 0 else None


def _residuals(matrices: FloatArray, weights: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return Σ_{i<j} ln² e_ij and the spare comparisons of connected matrices (K, n, n), (K,) each."""
    squares = np.nansum(log_errors(matrices, weights) ** 2, axis=(-1, -2)) / 2
    return np.asarray(squares), pairs_answered(matrices) - (matrices.shape[-1] - 1)
