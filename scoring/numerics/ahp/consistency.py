"""How well judgements fit together: λmax, CI, CR with a named random index, GCI, and which judgement to look at."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, get_args

import numpy as np

from scoring.numerics.ahp.incomplete import lambda_optimal, llsm
from scoring.numerics.ahp.pairwise import answered, connected, pairs_answered
from scoring.numerics.ahp.priorities import eigenvector
from scoring.numerics.ahp.scales import steps
from scoring.numerics.errors import MethodError, NoRandomIndexError
from scoring.numerics.types import RandomIndex

if TYPE_CHECKING:
    from scoring.numerics.types import BeyondTable, BoolArray, FloatArray, IncompleteIndex, Scale

# fmt: off
TABLES: dict[str, dict[int, float]] = {
    # Alonso & Lamata 2006, Int. J. Uncertainty, Fuzziness and Knowledge-Based Systems 14(4), 445-459
    "alonso-lamata": dict(enumerate(
        [.5247, .8816, 1.1086, 1.2479, 1.3417, 1.4057, 1.4499, 1.4854, 1.514, 1.5365, 1.5551, 1.5713, 1.5838], 3)),
    # Saaty 1980, The Analytic Hierarchy Process
    "saaty": dict(enumerate([.58, .90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49], 3)),
    # Saaty 2005, Theory and Applications of the Analytic Network Process
    "saaty-2005": dict(enumerate([.52, .89, 1.11, 1.25, 1.35, 1.40, 1.45, 1.49, 1.52, 1.54, 1.56, 1.58, 1.59], 3)),
    # Donegan & Dodd 1991, Mathematical and Computer Modelling 15(3-4), 135-137; above 20 at the printed n only
    "donegan-dodd": dict(enumerate(
        [.4914, .8286, 1.0591, 1.1797, 1.2519, 1.3171, 1.3733, 1.4055, 1.4213, 1.4497, 1.4643, 1.4822, 1.4969, 1.5078,
         1.5153, 1.5262, 1.5313, 1.5371], 3))
        | {25: 1.5619, 30: 1.5772, 40: 1.5976, 50: 1.6102, 60: 1.6178, 70: 1.6237, 80: 1.6277, 90: 1.6213, 100: 1.6339},
    # Tummala & Ling 1998, Journal of Multi-Criteria Decision Analysis 7, 221-230
    "tummala-ling": dict(enumerate(
        [.5799, .8921, 1.1159, 1.2358, 1.3322, 1.3952, 1.4537, 1.4882, 1.5117, 1.5356, 1.5571, 1.5714, 1.5831], 3)),
}
# fmt: on


def random_index(n: int, table: RandomIndex, *, beyond: BeyondTable = "refuse") -> float:
    """Return RI(n) of the named table for n ≥ 3.

    ``alonso-lamata-linear`` is (2.7699 n - 4.3513 - n) / (n - 1), defined for every n; ``beyond="linear"`` takes it where
    a table has no value.

    Raises
    ------
    MethodError
        The table is unknown.
    NoRandomIndexError
        The table has no value for n and ``beyond`` is "refuse".
    """
    if table not in get_args(RandomIndex):
        raise MethodError(
            f"no table is named {table}", parameter="random_index", got=table, allowed=get_args(RandomIndex)
        )
    known = TABLES.get(table, {})
    if n in known:
        return known[n]
    if table == "alonso-lamata-linear" or beyond == "linear":
        return (1.7699 * n - 4.3513) / (n - 1)
    raise NoRandomIndexError(f"the {table} table has no random index for {n} items", n=n, table=table, last=max(known))


def random_index_incomplete(n: int, missing: FloatArray, table: RandomIndex, *, beyond: BeyondTable) -> FloatArray:
    """Return RI(n, m) ≈ RI(n) (1 - 2m / ((n-1)(n-2))) for m missing pairs; 0 for a spanning tree, where no CR is defined.

    Source: Ágoston, K. C. & Csató, L. (2022), Inconsistency thresholds for incomplete pairwise comparison matrices, Omega 108.
    """
    return np.asarray(random_index(n, table, beyond=beyond) * (1 - 2 * missing / ((n - 1) * (n - 2))))


@dataclass(frozen=True)
class Consistency:
    """λmax, CI, CR and GCI of each matrix (...), NaN where not answered, apart, or not defined (CR of a spanning tree)."""

    lambda_max: FloatArray
    ci: FloatArray
    cr: FloatArray
    gci: FloatArray


def consistency(
    matrices: FloatArray,
    *,
    table: RandomIndex,
    beyond: BeyondTable = "refuse",
    incomplete_index: IncompleteIndex = "adjusted",
    eigenvectors: FloatArray | None = None,
    with_gci: bool = True,
) -> Consistency:
    """Measure the matrices (K, n, n); an incomplete one by the λmax of its λ-optimal completion.

    ``eigenvectors`` (K, n) are the complete matrices' principal ones, where they are known already; without ``with_gci`` the
    GCI is left NaN.

    CI = (λmax - n) / (n - 1), CR = CI / RI; for n ≤ 2 all are 0 (λmax = n) where the pair is answered.

    Raises
    ------
    NoRandomIndexError
        The table ends before n.
    """
    n = matrices.shape[-1]
    count, usable = pairs_answered(matrices), connected(matrices)
    blank = np.full(len(matrices), np.nan)
    if n <= 2:
        zero = np.where(usable, 0.0, np.nan)
        return Consistency(np.where(usable, float(n), np.nan), zero, zero, zero)
    total = n * (n - 1) // 2
    complete, partial = usable & (count == total), usable & (count < total)
    largest = blank.copy()
    if complete.any():
        known = None if eigenvectors is None else _of(eigenvectors, complete)
        largest[complete] = _largest(_of(matrices, complete), known)
    if partial.any():
        largest[partial] = lambda_optimal(matrices[partial])[1]
    ci = np.maximum(largest - n, 0.0) / (n - 1)
    index = np.full(len(matrices), random_index(n, table, beyond=beyond))
    if incomplete_index == "adjusted":
        index = random_index_incomplete(n, total - count, table, beyond=beyond)
    spare = count - (n - 1)
    defined = usable & (spare > 0)
    cr = np.divide(ci, index, out=blank.copy(), where=defined)
    gci = blank.copy()
    for which, squares in ((complete, squared_log_errors), (partial, _squared_log_errors_incomplete)):
        if with_gci and which.any():
            gci[which] = _geometric_index(squares(_of(matrices, which)), spare[which])
    return Consistency(largest, ci, cr, gci)


def _of(values: FloatArray, which: BoolArray) -> FloatArray:
    """Return the rows that are marked; all of them as they are, without a copy."""
    return values if which.all() else values[which]


def _largest(matrices: FloatArray, eigenvectors: FloatArray | None) -> FloatArray:
    """Return λmax of complete matrices, from their eigenvectors where they are known: Σ w = 1, so Σ Aw = λ."""
    if eigenvectors is None:
        return eigenvector(matrices)[1]
    return np.asarray(np.einsum("kij,kj->k", matrices, eigenvectors))


def _geometric_index(squares: FloatArray, spare: FloatArray) -> FloatArray:
    """Return Σ_{i<j} ln² e_ij over the spare comparisons, m - (n - 1); on a complete matrix 2/((n-1)(n-2)) Σ ln² e_ij.

    Source: Aguarón, J. & Moreno-Jiménez, J. M. (2003), The geometric consistency index: approximated thresholds, EJOR 147.
    """
    return np.asarray(np.divide(squares, spare, out=np.full(len(squares), np.nan), where=spare > 0))


def squared_log_errors(matrices: FloatArray) -> FloatArray:
    """Return Σ_{i<j} ln² e_ij (K,) of complete reciprocal matrices about their row geometric means.

    Logarithms are taken of the upper triangle alone, ln a_ji = -ln a_ij, with all matrices side by side on the last axis.
    """
    n = matrices.shape[-1]
    i, j = np.triu_indices(n, 1)
    logs = np.log(matrices.reshape(len(matrices), n * n).T[i * n + j])
    means = np.zeros((n, len(matrices)))
    for pair, (one, other) in enumerate(zip(i.tolist(), j.tolist(), strict=True)):
        means[one] += logs[pair]
        means[other] -= logs[pair]
    means /= n
    logs -= means[i]
    logs += means[j]
    return np.asarray(np.einsum("pk,pk->k", logs, logs))


def _squared_log_errors_incomplete(matrices: FloatArray) -> FloatArray:
    """Return Σ_{i<j} ln² e_ij (K,) over the answered pairs, about the log-least-squares priorities."""
    return np.asarray(np.nansum(log_errors(matrices, llsm(matrices)) ** 2, axis=(-1, -2)) / 2)


def log_errors(matrices: FloatArray, weights: FloatArray) -> FloatArray:
    """Return ln e_ij = ln(a_ij w_j / w_i), NaN where not answered, 0 on the diagonal."""
    logs = np.log(weights)
    return np.asarray(np.log(matrices) - logs[..., :, None] + logs[..., None, :])


@dataclass(frozen=True, slots=True)
class PairError:
    """A judgement that pulls: items i, j (positions), the ratio given, how far off (≥ 1) and the scale step that would agree."""

    i: int
    j: int
    given: float
    off_by: float
    agrees: float


def pairs_to_look_at(matrix: FloatArray, weights: FloatArray, scale: Scale = "linear") -> tuple[PairError, ...]:
    """Rank one matrix's answered pairs by max(e, 1/e), e_ij = a_ij w_j / w_i, the farthest first.

    Source: Saaty 2003, Decision-making with the AHP: why is the principal eigenvector necessary, EJOR 145, 85-91.
    """
    n = len(weights)
    size = np.abs(log_errors(matrix, weights))
    values, given = steps(scale, n), answered(matrix)
    found = [
        PairError(
            i,
            j,
            float(matrix[i, j]),
            float(np.exp(size[i, j])),
            float(values[np.abs(np.log(values) - np.log(weights[i] / weights[j])).argmin()]),
        )
        for i, j in combinations(range(n), 2)
        if given[i, j]
    ]
    return tuple(sorted(found, key=lambda pair: (-round(pair.off_by, 12), pair.i, pair.j)))
