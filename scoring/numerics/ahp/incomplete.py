"""Priorities from all or some of the pairs, as long as the answered pairs join all items; batched over matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np

from scoring.numerics.ahp.pairwise import all_complete, answered, connected, pairs_answered
from scoring.numerics.ahp.priorities import eigenvector, priorities
from scoring.numerics.errors import MethodError, NotConvergedError
from scoring.numerics.types import Incomplete

if TYPE_CHECKING:
    from scoring.numerics.types import BoolArray, FloatArray, Priorities

TOLERANCE = 1e-13
MOST_STEPS = 20_000


def individual_priorities(matrices: FloatArray, *, complete: Priorities, incomplete: Incomplete) -> FloatArray:
    """Return each matrix's priorities (K, n): complete ones by one method, incomplete ones by the other, NaN where apart."""
    if all_complete(matrices) and matrices.size:
        return priorities(matrices, complete)
    n = matrices.shape[-1]
    out = np.full(matrices.shape[:-1], np.nan)
    count = pairs_answered(matrices)
    whole = count == n * (n - 1) // 2
    partial = ~whole & connected(matrices)
    if whole.any():
        out[whole] = priorities(matrices[whole], complete)
    if partial.any():
        out[partial] = priorities_incomplete(matrices[partial], incomplete)
    return out


def priorities_incomplete(matrices: FloatArray, method: Incomplete) -> FloatArray:
    """Return the priorities (..., n) of connected matrices (..., n, n) with NaN where not answered, by the named method."""
    if method == "llsm":
        return llsm(matrices)
    if method == "lambda-optimal":
        return lambda_optimal(matrices)[0]
    if method == "harker":
        return harker(matrices)[0]
    raise MethodError(
        f"no incomplete method is named {method}", parameter="incomplete", got=method, allowed=get_args(Incomplete)
    )


def laplacian(graph: BoolArray) -> FloatArray:
    """Return the Laplacian (..., n, n) of graphs of answered pairs: degree on the diagonal, -1 for an answered pair."""
    weights = graph.astype(float)
    return np.asarray(np.eye(graph.shape[-1]) * weights.sum(axis=-1)[..., None] - weights)


def pseudoinverse(graph: BoolArray) -> FloatArray:
    """Return L⁺ (..., n, n) of connected graphs: the covariance of ln w in units of the judgements' variance."""
    n = graph.shape[-1]
    return np.asarray(np.linalg.inv(laplacian(graph) + 1 / n) - 1 / n)


def llsm(matrices: FloatArray) -> FloatArray:
    """Return log-least-squares priorities: L x = b with b_i = Σ_j ln a_ij over the answered pairs, w ∝ exp x.

    Source: Bozóki, S., Fülöp, J. & Rónyai, L. (2010), On optimal completions of incomplete pairwise comparison matrices,
    Mathematical and Computer Modelling 52, 318-333.
    """
    graph = answered(matrices)
    logs = np.where(graph, np.log(np.where(graph, matrices, 1.0)), 0.0)
    # adding 1/n to every entry of L fixes Σx = 0 and leaves the equations as they are, for b sums to 0
    n = matrices.shape[-1]
    x = np.linalg.solve(laplacian(graph) + 1 / n, logs.sum(axis=-1)[..., None])[..., 0]
    weights = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def harker(matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return Harker's priorities and λ: missing entries 0, diagonal 1 + the number of missing entries in the row.

    Source: Harker, P. T. (1987), Incomplete pairwise comparisons in the analytic hierarchy process, Math. Modelling 9, 837-848.
    """
    missing = np.isnan(matrices)
    filled = np.where(missing, 0.0, matrices) + np.eye(matrices.shape[-1]) * missing.sum(axis=-1)[..., None]
    return eigenvector(filled)


def lambda_optimal(matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the priorities and λmax of the completion with the least λmax.

    At the optimum v_i a_ij w_j = v_j a_ji w_i for every missing pair, with left and right eigenvectors v and w; λmax is
    convex in the logarithms of the missing entries, so the point is the minimum. Both eigenvectors and the entries are
    improved in turn until all stand still.

    Raises
    ------
    NotConvergedError
        The entries still move after 20,000 steps.

    Source: Bozóki, Fülöp & Rónyai (2010), as above.
    """
    n = matrices.shape[-1]
    flat = matrices.reshape(-1, n, n)
    missing = np.isnan(flat)
    right = llsm(flat)
    left = 1 / right
    filled = np.where(missing, right[:, :, None] / right[:, None, :], flat)
    waiting = np.arange(len(flat))
    for _ in range(MOST_STEPS):
        a, w, v, gap = filled[waiting], right[waiting], left[waiting], missing[waiting]
        w_new, v_new = (a @ w[..., None])[..., 0], (v[:, None, :] @ a)[:, 0]
        w_new /= w_new.sum(axis=-1, keepdims=True)
        v_new /= v_new.sum(axis=-1, keepdims=True)
        ratio = w_new / v_new
        best = np.sqrt(ratio[:, :, None] / ratio[:, None, :])
        moved = np.abs(np.where(gap, np.log(best / a), 0.0)).max(axis=(-1, -2))
        moved = np.maximum(moved, np.abs(w_new / w - 1).max(axis=-1))
        filled[waiting], right[waiting], left[waiting] = np.where(gap, best, a), w_new, v_new
        waiting = waiting[moved > TOLERANCE * n * 10]
        if not waiting.size:
            break
    else:
        raise NotConvergedError(
            f"{waiting.size} completions still move after {MOST_STEPS} steps", matrices=waiting.tolist()
        )
    weights, largest = eigenvector(filled)
    return weights.reshape(matrices.shape[:-1]), largest.reshape(matrices.shape[:-2])
