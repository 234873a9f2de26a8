"""The most that one person can do: how far an answerer could move a group's local weights by other answers within 1/9 … 9.

Bounds are for geometric priorities on complete answers. Their proofs: a person's row means move ln w_1 − ln w_j by
at most 4 s L (n−1)/n between two sets of answers, log-sum-exp is monotone and passes on a common shift, and a change of the
logit by d changes a share by at most tanh(d / 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import minimize

from scoring.numerics.errors import MethodError, NotConvergedError

if TYPE_CHECKING:
    from scoring.numerics.types import FloatArray, IntArray

LONGEST: Final = float(np.log(9.0))  # L, the logarithm of the strongest answer
TOLERANCE: Final = 1e-12
STEPS: Final = 2_000
FLAT: Final = 1e-5  # of the least itself, which then is found to 1e-9 of a weight


@dataclass(frozen=True)
class Influence:
    """How far each of K experts could raise and lower each of n local weights, the others' answers as they are; (K, n) each."""

    raised: FloatArray
    lowered: FloatArray

    @property
    def most(self) -> float:
        """The largest change anybody could make of any weight, either way."""
        return float(max(self.raised.max(), self.lowered.max()))

    @property
    def by(self) -> tuple[int, int]:
        """Who could make it, and of which item: positions of expert and item."""
        both = np.maximum(self.raised, self.lowered)
        expert, item = np.unravel_index(int(both.argmax()), both.shape)
        return int(expert), int(item)


def most_geometric(share: float, items: int) -> float:
    """Return the bound tanh(s L (n−1)/n) for ``aij`` and ``aip-geometric``, over all others' answers; sharp for two items."""
    return float(np.tanh(share * LONGEST * (items - 1) / items))


def most_arithmetic(share: float, items: int) -> float:
    """Return the largest change s (9/(n+8) − (9^(2/n) − 1)/80) for ``aip-arithmetic``, over all others' answers; exact."""
    return float(share * (9 / (items + 8) - (9 ** (2 / items) - 1) / 80))


def influence_geometric(logs: FloatArray, weights: FloatArray) -> Influence:
    """Return how far each expert could move each local weight of the group under ``aij`` or ``aip-geometric``.

    A rise of w_i is the least of the convex Σ_j exp(z_j − z_i) over her answers; a fall has a closed form, since the largest
    of a convex function lies in a corner, and corners are strict orders: she puts i last and the others as they stand.

    Parameters
    ----------
    logs : FloatArray
        (K, n) row means of each expert's ln a, which sum to 0 in each row.
    weights : FloatArray
        (K,) of the experts, above 0.

    Raises
    ------
    NotConvergedError
        The least was not found.
    """
    shares = shares_of(weights)
    everybody = shares @ logs
    now = softmax(everybody)
    raised, lowered = np.zeros(logs.shape), np.zeros(logs.shape)
    for expert, (share, own) in enumerate(zip(shares, logs, strict=True)):
        others = everybody - share * own
        for item in range(logs.shape[1]):
            raised[expert, item] = highest(others, share, item)[0] - now[item]
            lowered[expert, item] = now[item] - softmax(others + share * strict_order(by_opinion(others, item)))[item]
    return Influence(raised, lowered)


def influence_arithmetic(priorities: FloatArray, weights: FloatArray) -> Influence:
    """Return the same under ``aip-arithmetic``, from each expert's own priorities (K, n), in closed form.

    Her own weight of an item is largest with 9 over all others, these equal, and least where it comes last in a strict order.
    """
    shares = shares_of(weights)
    items = priorities.shape[1]
    most = 9 / (items + 8)
    lowest = float(softmax(strict_order(np.arange(items)))[-1])
    return Influence(shares[:, None] * (most - priorities), shares[:, None] * (priorities - lowest))


def shares_of(weights: FloatArray) -> FloatArray:
    """Return weights (K,) above 0 as shares.

    Raises
    ------
    MethodError
        A weight is not above 0.
    """
    if not (weights > 0).all():
        raise MethodError("a weight is not above 0", parameter="weights", got=float(weights.min()))
    return np.asarray(weights / weights.sum())


def softmax(logs: FloatArray) -> FloatArray:
    """Return the shares (n,) that these logarithms give."""
    powers = np.exp(logs - logs.max())
    return np.asarray(powers / powers.sum())


def by_opinion(others: FloatArray, item: int) -> IntArray:
    """Return the items by the others' opinion, the largest first, ``item`` last."""
    rest = [one for one in np.argsort(-others, kind="stable") if one != item]
    return np.array([*rest, item], dtype=np.int64)


def strict_order(order: IntArray, longest: float = LONGEST) -> FloatArray:
    """Return the row means of the strict order in which each item stands 9 over each that follows."""
    size = len(order)
    means = np.empty(size)
    means[order] = longest * (size - 1 - 2 * np.arange(size)) / size
    return means


def highest(others: FloatArray, share: float, item: int, longest: float = LONGEST) -> tuple[float, FloatArray]:
    """Return the largest weight of an item that one person's answers can reach, the others' as they are, and her row means.

    She gives it the strongest answer over every other item; what remains are her answers between those.
    """
    size = len(others)
    rest = np.array([one for one in range(size) if one != item], dtype=np.int64)
    first, second = np.triu_indices(size - 1, 1)
    base = (others - others[item] - share * longest)[rest]

    def rows(answers: FloatArray) -> FloatArray:
        found = np.zeros(size - 1)
        np.add.at(found, first, answers)
        np.subtract.at(found, second, answers)
        return found / size

    def value(answers: FloatArray) -> tuple[float, FloatArray]:
        logs = base + share * rows(answers)
        powers = np.exp(logs - logs.max())
        shares = powers / powers.sum()
        return float(logs.max() + np.log(powers.sum())), share / size * (shares[first] - shares[second])

    answers = np.zeros(len(first))
    if len(first):
        answers = minimize(
            value,
            answers,
            jac=True,
            method="L-BFGS-B",
            bounds=[(-longest, longest)] * len(first),
            options={"ftol": TOLERANCE, "gtol": TOLERANCE, "maxiter": STEPS},
        ).x
    least, slope = value(answers)
    if len(first):
        # where her answers could still go
        downhill = np.where(slope > 0, answers > -longest, answers < longest) * np.abs(slope)
        if downhill.max() > FLAT:
            raise NotConvergedError("the most one person can do was not found", item=item)
    means = np.empty(size)
    means[item], means[rest] = longest * (size - 1) / size, rows(answers) - longest / size
    return float(1 / (1 + np.exp(least))), means
