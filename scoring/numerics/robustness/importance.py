"""What moves a score: the importance of its parts beside the weights they were given.

Source: Lindeman, R. H., Merenda, P. F. & Gold, R. Z. (1980), Introduction to bivariate and multivariate analysis; Owen, A. B. &
Prieur, C. (2017), On Shapley value for measuring importance of dependent inputs; Becker, W., Saisana, M., Paruolo, P. &
Vandecasteele, I. (2017), Weights and importance in composite indicators.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.errors import NoImportanceError

if TYPE_CHECKING:
    from scoring.numerics.types import FloatArray, IntArray, Scored, Tree

MOST_EXACT = 15  # children whose every subset is regressed on
PERMUTATIONS = 2_000
BLOCK = 500
SPAN = 1e-6  # a child whose residual has this share of its length or less lies in the span of the others


@dataclass(frozen=True)
class ImportanceShares:
    """How much of a node's variance over ``units`` units each of its k children accounts for.

    ``importance`` (k,) adds up to ``explained`` = R² on all children; the rest is not explained linearly. ``first_order`` (k,)
    is the squared correlation of a child alone, ``correlation`` (k,) itself: importance is blind to its sign. ``errors`` (k,)
    are standard errors where permutations were drawn, None where every subset was regressed on.
    """

    units: int
    importance: FloatArray
    explained: float
    correlation: FloatArray
    errors: FloatArray | None

    @property
    def first_order(self) -> FloatArray:
        """The share that each child explains alone; does not add up."""
        return self.correlation**2

    @property
    def unexplained(self) -> float:
        """The share that no linear function of the children explains."""
        return 1.0 - self.explained


@dataclass(frozen=True)
class NodeImportance:
    """What moves a node's score: its k children with data, their weights (k,) among themselves, and the shares of each.

    ``shares`` is the refusal where importance is not defined.
    """

    node: str
    children: tuple[str, ...]
    weights: FloatArray
    shares: ImportanceShares | NoImportanceError


def importance_by_node(scored: Scored, tree: Tree) -> tuple[NodeImportance, ...]:
    """Share out the variance of every node's score over its children, as they stand after normalisation.

    Nodes come in the order of the tree; one without data under it is left out, and so are children without data.
    """
    normalised = scored.steps["normalised"]
    columns = dict(zip(normalised.columns, normalised.values.T, strict=True)) | dict(
        zip(scored.nodes, scored.aggregates.T, strict=True)
    )
    found = []
    for node in tree.nodes:
        children = tuple(code for code in tree.children[node] if code in columns)
        if children and node in columns:
            shares = _shares(np.column_stack([columns[code] for code in children]), columns[node])
            weights = np.array([scored.weights[code] for code in children])
            found.append(NodeImportance(node, children, weights, shares))
    return tuple(found)


def _shares(children: FloatArray, score: FloatArray) -> ImportanceShares | NoImportanceError:
    try:
        return importance(children, score)
    except NoImportanceError as error:
        return error


def importance(children: FloatArray, score: FloatArray, *, seed: int = 0) -> ImportanceShares:
    """Share out the variance of a score over its children, by the mean over all orders in which they may come.

    I_j = Σ_{S∌j} |S|! (k−1−|S|)! / k! · (R²(S∪j) − R²(S)), R²(S) the squared multiple correlation of the score on the children
    in S. Exact up to 15 children; beyond, 2,000 seeded orders, each with its reverse.

    Parameters
    ----------
    children : FloatArray
        (U, k), after normalisation; units lacking one of them, or the score, do not count.
    score : FloatArray
        (U,).
    seed : int
        Of the orders drawn for more than 15 children.

    Raises
    ------
    NoImportanceError
        Fewer than two units a child, or a score that does not vary.
    """
    whole = ~(np.isnan(children).any(axis=1) | np.isnan(score))
    columns, own = _standard(children[whole]), _standard(score[whole, None])[:, 0]
    units, size = columns.shape
    if units < 2 * size:
        raise NoImportanceError("fewer than two units a child", reason="few_units", units=units, children=size)
    if not own.any():
        raise NoImportanceError("the score does not vary", reason="constant_score", units=units)
    correlation = np.asarray(own @ columns)
    if size <= MOST_EXACT:
        explained = _explained_by_subset(columns, own)
        return ImportanceShares(units, _shapley(explained, size), float(explained[-1]), correlation, None)
    values, errors, all_of_it = _drawn(columns, own, seed)
    return ImportanceShares(units, values, all_of_it, correlation, errors)


def _standard(columns: FloatArray) -> FloatArray:
    """Return the columns centred and of length 1; what does not vary becomes 0."""
    centred = columns - columns.mean(axis=0) if len(columns) else columns
    length = np.linalg.norm(centred, axis=0)
    varies = length > 1e-12 * np.abs(columns).max(axis=0, initial=0.0) * max(math.sqrt(len(columns)), 1.0)
    return np.where(varies, centred / np.where(varies, length, 1.0), 0.0)


def _explained_by_subset(columns: FloatArray, own: FloatArray) -> FloatArray:
    """Return R² for every subset, (2^k,), a child being the bit of its number.

    Each subset adds its highest child to a smaller one: one projection of what the smaller one left over.
    """
    size = columns.shape[1]
    explained = np.zeros(1 << size)

    def add(subset: int, first: int, rest: FloatArray) -> None:
        for child in range(first, size):
            left = rest[:, child]
            length = np.linalg.norm(left)
            longer = subset | 1 << child
            following = rest
            explained[longer] = explained[subset]
            if length > SPAN:
                along = left / length
                shares = along @ rest
                explained[longer] += shares[size] ** 2
                following = rest - np.outer(along, shares)
            if child + 1 < size:
                add(longer, child + 1, following)

    add(0, 0, np.column_stack([columns, own]))
    return explained


def _shapley(explained: FloatArray, size: int) -> FloatArray:
    """Return each child's mean gain of R² over all orders, (k,)."""
    subsets = np.arange(1 << size)
    many = np.array([int(subset).bit_count() for subset in subsets])
    share = np.array(
        [math.factorial(s) * math.factorial(size - 1 - s) / math.factorial(size) for s in range(size)] or [1.0]
    )
    found = np.zeros(size)
    for child in range(size):
        without = subsets[(subsets >> child) & 1 == 0]
        gained = explained[without | 1 << child] - explained[without]
        found[child] = (share[many[without]] * gained).sum()
    return found


def _drawn(columns: FloatArray, own: FloatArray, seed: int) -> tuple[FloatArray, FloatArray, float]:
    """Return the mean gain over seeded orders and their reverses, its standard errors, and R² on all children."""
    size = columns.shape[1]
    generator = np.random.default_rng(seed)
    among, with_own = columns.T @ columns, columns.T @ own
    means = np.empty((PERMUTATIONS, size))
    for start in range(0, PERMUTATIONS, BLOCK):
        orders = generator.permuted(np.tile(np.arange(size), (min(BLOCK, PERMUTATIONS - start), 1)), axis=1)
        there, back = (_gains(among, with_own, some) for some in (orders, orders[:, ::-1]))
        means[start : start + len(orders)] = (there + back) / 2
    values = means.mean(axis=0)
    errors = means.std(axis=0, ddof=1) / math.sqrt(PERMUTATIONS)
    return values, errors, float(means[0].sum())


def _gains(among: FloatArray, with_own: FloatArray, orders: IntArray) -> FloatArray:
    """Return what each child adds to R² in each order, (orders, k), by elimination on the correlations."""
    rows = np.arange(len(orders))[:, None]
    size = orders.shape[1]
    table = np.empty((len(orders), size, size + 1))
    table[:, :, :size] = among[orders[:, :, None], orders[:, None, :]]
    table[:, :, size] = with_own[orders]
    found = np.zeros((len(orders), size))
    for step in range(size):
        pivot = table[:, step, step]
        counts = pivot > SPAN**2
        row = np.where(counts[:, None], table[:, step] / np.sqrt(np.where(counts, pivot, 1.0))[:, None], 0.0)
        found[rows[:, 0], orders[:, step]] = row[:, size] ** 2
        table[:, step + 1 :] -= row[:, None, :] * row[:, step + 1 : size, None]
    return found
