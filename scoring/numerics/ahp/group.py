"""From many experts to one set of priorities at a node: judgements aggregated (AIJ) or priorities aggregated (AIP)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.ahp.pairwise import answered

if TYPE_CHECKING:
    from scoring.numerics.types import FloatArray


def aggregate_judgements(matrices: FloatArray, expert_weights: FloatArray) -> FloatArray:
    """Return the weighted geometric mean per pair (n, n) over the experts who answered it; NaN where nobody did.

    Source: Aczél, J. & Saaty, T. L. (1983), Procedures for synthesizing ratio judgements, JMP 27, 93-102.
    """
    graph = answered(matrices) & (expert_weights > 0)[:, None, None]
    logs = np.where(graph, np.log(np.where(graph, matrices, 1.0)), 0.0)
    weight = np.tensordot(expert_weights, graph.astype(float), axes=1)
    total = np.tensordot(expert_weights, logs, axes=1)
    mean = np.divide(total, weight, out=np.full(weight.shape, np.nan), where=weight > 0)
    np.fill_diagonal(mean, 0.0)
    upper = np.triu(mean, 1)  # one half decides, so that the result is reciprocal to the last digit
    return np.asarray(np.exp(upper - upper.T))


def aggregate_priorities_geometric(individual: FloatArray, expert_weights: FloatArray) -> FloatArray:
    """Return the weighted geometric mean (..., n) of priorities (..., K, n), renormalised to sum 1."""
    logs = np.einsum("...k,...kn->...n", expert_weights, np.log(individual)) / expert_weights.sum(axis=-1)[..., None]
    means = np.exp(logs)
    return np.asarray(means / means.sum(axis=-1, keepdims=True))


def aggregate_priorities_arithmetic(individual: FloatArray, expert_weights: FloatArray) -> FloatArray:
    """Return the weighted mean (..., n) of priorities (..., K, n)."""
    return np.asarray(
        np.einsum("...k,...kn->...n", expert_weights, individual) / expert_weights.sum(axis=-1)[..., None]
    )
