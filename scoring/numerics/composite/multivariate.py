"""How the indicators hang together: correlations, Cronbach's α, principal components, VIF, and what weights really do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from scoring.numerics.composite.normalise import FLAT
from scoring.numerics.composite.ranking import competition_ranks
from scoring.numerics.errors import ConstantIndicatorError, MethodError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.numerics.types import FloatArray, Scored, Tree

Correlation = Literal["pearson", "spearman", "kendall"]
BLOCK = 2_000_000  # pairs of units × columns compared at once


@dataclass(frozen=True)
class Components:
    """Principal components of the correlation matrix: falling eigenvalues, their shares, loadings (I, I) by column."""

    eigenvalues: FloatArray
    shares: FloatArray
    loadings: FloatArray


@dataclass(frozen=True)
class Importance:
    """A code's weight in the index and its correlation with it: weight is not importance (Paruolo et al. 2013)."""

    code: str
    weight: float
    with_parent: float
    with_index: float


def covariance(values: FloatArray) -> FloatArray:
    """Return pairwise-complete covariances (n − 1) of the columns (rows, I); NaN where under two rows have both."""
    there = (~np.isnan(values)).astype(np.float64)
    middle = np.nansum(values, axis=0) / np.maximum(there.sum(axis=0), 1)
    centred = np.where(there > 0, values - middle, 0.0)
    count = there.T @ there
    sums = centred.T @ there
    cross = centred.T @ centred - sums * sums.T / np.maximum(count, 1)
    return np.where(count > 1, cross / np.maximum(count - 1, 1), np.nan)


def correlation(values: FloatArray, method: Correlation = "pearson") -> FloatArray:
    """Return the correlations of the columns (rows, I), each over the rows that have both; NaN where not defined.

    ``pearson``; ``spearman`` of each column's average ranks; ``kendall`` τ-b.
    """
    if method not in get_args(Correlation):
        raise MethodError(f"correlation: {method} is unknown", allowed=get_args(Correlation))
    if method == "kendall":
        return _kendall(values)
    return _pearson(_average_ranks(values) if method == "spearman" else values)


def _pearson(values: FloatArray) -> FloatArray:
    """Take means and deviations of each pair of columns over the rows that have both."""
    there = (~np.isnan(values)).astype(np.float64)
    middle = np.nansum(values, axis=0) / np.maximum(there.sum(axis=0), 1)
    centred = np.where(there > 0, values - middle, 0.0)
    count = np.maximum(there.T @ there, 1)
    sums = centred.T @ there
    cross = centred.T @ centred - sums * sums.T / count
    square = (centred**2).T @ there
    spread = square - sums**2 / count
    defined = spread > (FLAT**2) * np.maximum(square, np.finfo(float).tiny)
    usable = defined & defined.T
    scale = np.sqrt(np.where(usable, spread * spread.T, 1.0))
    return np.where(usable, np.clip(cross / scale, -1.0, 1.0), np.nan)


def _average_ranks(values: FloatArray) -> FloatArray:
    turned = values.T
    count = (~np.isnan(turned)).sum(axis=1, keepdims=True)
    ranks = (competition_ranks(-turned) + count + 1 - competition_ranks(turned)) / 2
    return np.asarray(np.where(np.isnan(turned), np.nan, ranks).T)


def _kendall(values: FloatArray) -> FloatArray:
    """τ-b = Σ s_x s_y / √(Σ s_x² · Σ s_y²) over the pairs of rows that have both columns, in blocks of rows."""
    rows, columns = values.shape
    step = max(1, BLOCK // max(1, rows * columns))
    concord, untied = np.zeros((columns, columns)), np.zeros((columns, columns))
    for start in range(0, rows, step):  # blocks bound the memory
        difference = (values[start : start + step, None, :] - values[None, :, :]).reshape(-1, columns)
        both = (~np.isnan(difference)).astype(np.float64)
        sign = np.where(both > 0, np.sign(difference), 0.0)
        concord += sign.T @ sign
        untied += (sign * sign).T @ both
    usable = (untied > 0) & (untied.T > 0)
    return np.where(usable, concord / np.sqrt(np.where(usable, untied * untied.T, 1.0)), np.nan)


def cronbach_alpha(values: FloatArray) -> float:
    """Return Cronbach's α = k²·(mean off-diagonal covariance) / Σ covariances, pairwise complete.

    NaN for one column, or where the sum of all does not vary.
    """
    k = values.shape[1]
    if k < 2:
        return float("nan")
    shared = covariance(values)
    total = shared.sum()
    return float(k / (k - 1) * (total - np.trace(shared)) / total) if total > 0 else float("nan")


def alpha_without(values: FloatArray) -> FloatArray:
    """Return Cronbach's α when each column in turn is left out (Handbook 2008, table 11)."""
    k = values.shape[1] - 1
    shared = covariance(values)
    total = shared.sum() - 2 * shared.sum(axis=0) + np.diag(shared)
    own = np.trace(shared) - np.diag(shared)
    if k < 2:
        return np.full(k + 1, np.nan)
    return np.where(total > 0, k / (k - 1) * (total - own) / np.where(total > 0, total, 1.0), np.nan)


def correlation_with_rest(values: FloatArray) -> FloatArray:
    """Return each column's correlation with the sum of the others, over complete rows (Handbook 2008, table 11)."""
    whole = values[~np.isnan(values).any(axis=1)]
    shared = covariance(whole)
    with_rest = shared.sum(axis=0) - np.diag(shared)
    rest = shared.sum() - 2 * shared.sum(axis=0) + np.diag(shared)
    scale = np.sqrt(np.maximum(np.diag(shared) * rest, 0.0))
    return np.where(scale > 0, with_rest / np.where(scale > 0, scale, 1.0), np.nan)


def principal_components(values: FloatArray) -> Components:
    """Decompose the correlation matrix of the columns; loadings are eigenvectors × √eigenvalue, largest entry positive.

    Raises
    ------
    ConstantIndicatorError
        A column without spread: facts column.
    """
    eigenvalues, vectors = np.linalg.eigh(_defined(values))
    eigenvalues, vectors = eigenvalues[::-1], vectors[:, ::-1]
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=0)[None], axis=0)
    loadings = vectors * np.sign(largest) * np.sqrt(np.maximum(eigenvalues, 0.0))
    return Components(eigenvalues, eigenvalues / eigenvalues.sum(), loadings)


def variance_inflation(values: FloatArray) -> FloatArray:
    """Return VIF = 1/(1 − R²) of each column on the others: the diagonal of the inverse correlation matrix.

    Infinite where a column is a combination of the others.
    """
    matrix = _defined(values)
    if np.linalg.matrix_rank(matrix, hermitian=True) == len(matrix):
        return np.asarray(np.diag(np.linalg.inv(matrix)))
    eigenvalues, vectors = np.linalg.eigh(matrix)
    null = vectors[:, eigenvalues < eigenvalues.max() * len(matrix) * np.finfo(float).eps]
    tied = (np.abs(null) > 1e-8).any(axis=1)
    return np.where(tied, np.inf, np.diag(np.linalg.pinv(matrix, hermitian=True)))


def _defined(values: FloatArray) -> FloatArray:
    matrix = correlation(values)
    lost = np.isnan(np.diag(matrix))
    if lost.any():
        column = int(np.argmax(lost))
        raise ConstantIndicatorError(f"column {column + 1} has no spread, so no correlation", column=column)
    return matrix


def importance(scored: Scored, tree: Tree) -> tuple[Importance, ...]:
    """Return for every code its effective weight (the product down the tree) and its correlations with parent and index."""
    weights: Mapping[str, float] = tree.global_weights(scored.weights)
    codes = (*scored.nodes, *scored.indicators)
    matrix = correlation(np.hstack([scored.aggregates, scored.steps["normalised"].values]))
    place = {code: index for index, code in enumerate(codes)}
    parents = {code: tree.by_code[code].parent or tree.root for code in codes}
    return tuple(
        Importance(
            code,
            weights[code],
            float(matrix[place[code], place[parents[code]]]),
            float(matrix[place[code], place[tree.root]]),
        )
        for code in codes
        if code != tree.root
    )
