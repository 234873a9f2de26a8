"""Steps 7 and 8: scores become ranks, ranks become tiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.digits import significant
from scoring.numerics.errors import MethodError

if TYPE_CHECKING:
    from scoring.numerics.types import BoolArray, FloatArray, IntArray, Rank, Tiers

SLACK = 1e-9
CLOSE = 2e-11


def competition_ranks(scores: FloatArray) -> IntArray:
    """Rank along the last axis, the highest 1; ties share the smallest rank (1, 2, 2, 4); NaN has rank 0."""
    missing = np.isnan(scores)
    key = np.where(missing, np.inf, -scores)
    order = np.argsort(key, axis=-1)
    ordered = np.take_along_axis(key, order, axis=-1)
    first = np.ones(scores.shape, dtype=np.bool_)
    first[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    position = np.arange(1, scores.shape[-1] + 1)
    ranks = np.empty(scores.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, np.maximum.accumulate(np.where(first, position, 0), axis=-1), axis=-1)
    ranks[missing] = 0
    return ranks


def rank(scores: FloatArray, rule: Rank) -> IntArray:
    """Rank scores (..., U) descending, on 12 significant digits or on the decimals the rule gives; missing has rank 0."""
    if rule.decimals is not None:
        return competition_ranks(rounded_for_ranking(scores, rule))
    rows = scores.reshape(-1, scores.shape[-1])
    ranks, apart = _ranks_apart(rows)
    if not apart.all():
        ranks[~apart] = competition_ranks(significant(rows[~apart]))
    return ranks.reshape(scores.shape)


def rounded_for_ranking(scores: FloatArray, rule: Rank) -> FloatArray:
    """Return the scores as they are compared: on 12 significant digits or on the decimals the rule gives.

    A half is one of those 12 digits, so the number counts as its decimal text is read: 0.125 and 2.675 are halves, whatever
    double stands for them. It goes away from zero, or to the even digit where the rule says so.
    """
    exact = significant(scores)
    if rule.decimals is None:
        return exact
    if rule.rounding == "half_even":
        return np.round(exact, rule.decimals)
    unit = 10.0**rule.decimals
    steps = significant(np.abs(exact) * unit)
    return np.asarray(np.copysign(np.floor(steps + 0.5) / unit, exact))


def _ranks_apart(scores: FloatArray) -> tuple[IntArray, BoolArray]:
    """Rank rows of scores (R, U) as they are; returns the rows too in which no two neighbours might tie once rounded.

    Rounding to 12 digits moves a number by less than CLOSE times itself, so scores further apart keep their order.
    """
    rows, units = scores.shape
    order = np.argsort(-scores, axis=1)
    order += np.arange(0, rows * units, units)[:, None]
    ordered = scores.ravel()[order]
    ranks = np.empty(scores.shape, dtype=np.int64)
    ranks.ravel()[order] = np.arange(1, units + 1)
    gaps = ordered[:, :-1] - ordered[:, 1:]
    size = np.maximum(
        np.abs(ordered[:, :1]), np.abs(ordered[:, -1:])
    )  # missing ones are sorted last, and compare as close
    return ranks, (gaps > CLOSE * size).all(axis=1) & ~np.isnan(ordered[:, -1])


def tiers(scores: FloatArray, ranks: IntArray, rule: Tiers) -> IntArray:
    """Put each ranked unit in a tier, 1 the first; not ranked is 0.

    By position: the first tier whose share is at least rank / ranked units. By score: the first tier whose bound the score
    reaches, below the last bound one tier more.

    Raises
    ------
    MethodError
        Shares that do not rise to 1, bounds that do not fall.
    """
    if rule.by == "score":
        return _tiers_by_score(scores, ranks, rule.scores)
    shares = np.array(rule.shares)
    if not len(shares) or shares[0] <= 0 or (np.diff(shares) <= 0).any() or shares[-1] != 1.0:
        raise MethodError(f"tiers: the shares rise from above 0 to 1.0, here {list(rule.shares)}", shares=rule.shares)
    ranked = np.count_nonzero(ranks, axis=-1, keepdims=True)
    if (ranked == ranked.flat[:1]).all():  # one table from rank to tier serves all rows
        many = int(ranked.flat[0]) if ranked.size else 0
        places = np.arange(ranks.max(initial=0) + 1)
        table = np.where(places > 0, 1 + (places[:, None] > shares * many + SLACK).sum(axis=1), 0)
        return np.asarray(table[ranks])
    limits = shares * ranked[..., None] + SLACK
    return np.where(ranks > 0, 1 + (ranks[..., None] > limits).sum(axis=-1), 0)


def _tiers_by_score(scores: FloatArray, ranks: IntArray, bounds: tuple[float, ...]) -> IntArray:
    if not bounds or (np.diff(bounds) >= 0).any():
        raise MethodError(f"tiers by score: the bounds fall, here {list(bounds)}", scores=bounds)
    below = significant(scores)[..., None] < np.array(bounds)
    return np.where(ranks > 0, 1 + below.sum(axis=-1), 0)
