"""Comparing units pair by pair instead of adding up their values: Copeland, Borda and Kemeny."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.composite.ranking import competition_ranks
from scoring.numerics.errors import MethodError

if TYPE_CHECKING:
    from scoring.numerics.types import FloatArray

KEMENY_UNITS = 12  # the search visits 2^n sets of units
TIE = 1e-12


def margins(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return how much more weight stands for unit j than for unit k: Σ w·sign(x_j − x_k) / Σ w over children both have.

    Parameters
    ----------
    values : (..., n, U)
        Children by units, NaN = missing.
    weights : (..., n)
        Weight of each child.

    Returns
    -------
    (..., U, U)
        [j, k] = 2·e_jk − 1 of the outranking matrix e; 0 where nothing can be compared or the sides are even.
    """
    total: FloatArray = np.zeros(())
    shared: FloatArray = np.zeros(())
    for child in range(values.shape[-2]):  # one U × U comparison a child, never all at once
        column, weight = values[..., child, :], weights[..., child, None, None]
        sign = np.sign(column[..., :, None] - column[..., None, :])
        total = total + weight * np.where(np.isnan(sign), 0.0, sign)
        shared = shared + weight * ~np.isnan(sign)
    share = total / np.where(shared > 0, shared, 1.0)
    return np.where(np.abs(share) <= TIE, 0.0, share)


def outranking(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return e_jk = Σ w [1(x_j > x_k) + ½·1(x_j = x_k)] / Σ w, (..., U, U); the diagonal is 0 (Munda & Nardo 2005)."""
    shares = (1 + margins(values, weights)) / 2
    return shares * (1 - np.eye(shares.shape[-1]))


def copeland(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Score each unit by the pairs it wins minus those it loses, Σ_k sign(e_jk − ½); (..., U), NaN without any value."""
    scores = np.sign(margins(values, weights)).sum(axis=-1)
    return np.where(np.isnan(values).all(axis=-2), np.nan, scores)


def borda_points(values: FloatArray) -> FloatArray:
    """Return for each child (last axis the units) how many units a unit beats, half of a tie; NaN where missing."""
    count = (~np.isnan(values)).sum(axis=-1, keepdims=True)
    points = (count - competition_ranks(values) + competition_ranks(-values) - 1) / 2
    return np.where(np.isnan(values), np.nan, points)


def kemeny_scores(margin: FloatArray) -> FloatArray:
    """Score units by the order that agrees best with the pairwise margins (Kemeny 1959; Young & Levenglick 1978).

    The score is the number of units below, averaged over all best orders when several are equally good, so that it does
    not depend on the order of the rows.

    Parameters
    ----------
    margin : (..., U, U)
        As `margins` returns them, at most 12 units.

    Raises
    ------
    MethodError
        More than 12 units.
    """
    units = margin.shape[-1]
    if units > KEMENY_UNITS:
        raise MethodError(f"kemeny: {units} units, at most {KEMENY_UNITS}", allowed=KEMENY_UNITS, got=units)
    gain, sets = _gains(margin), np.arange(2**units)
    best, ways = _best_orders(gain)
    outside = (sets[:, None] >> np.arange(units) & 1) == 0
    across = (gain * outside).sum(axis=-1)  # what every order earns that puts the set before the rest
    top, all_ways = best[..., -1, None], ways[..., -1]
    scores = np.empty(margin.shape[:-1])
    for unit in range(units):  # 12 at most
        before = sets[outside[:, unit]]
        after = before | (1 << unit)
        rest = sets[-1] - after
        through = best[..., before] + gain[..., before, unit] + across[..., after] + best[..., rest]
        count = np.where(through >= top - TIE * units**2, ways[..., before] * ways[..., rest], 0.0)
        scores[..., unit] = (count * np.bitwise_count(rest)).sum(axis=-1) / all_ways
    return scores


def _gains(margin: FloatArray) -> FloatArray:
    """Return (..., 2^U, U): what placing unit u just after the set S adds, Σ_{i in S} margin[i, u]."""
    units = margin.shape[-1]
    gain = np.zeros((*margin.shape[:-2], 2**units, units))
    for unit in range(units):
        gain[..., 2**unit : 2 ** (unit + 1), :] = gain[..., : 2**unit, :] + margin[..., unit, None, :]
    return gain


def _best_orders(gain: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return for every set S the best agreement of an order of S and how many orders reach it, (..., 2^U) each."""
    units, sets = gain.shape[-1], np.arange(gain.shape[-2])
    size = np.bitwise_count(sets)
    best, ways = np.full(gain.shape[:-1], -np.inf), np.zeros(gain.shape[:-1])
    best[..., 0], ways[..., 0] = 0.0, 1.0
    for have in range(units):
        for unit in range(units):
            before = sets[(size == have) & ~(sets >> unit & 1).astype(bool)]
            after = before | (1 << unit)
            value = best[..., before] + gain[..., before, unit]
            better, equal = value > best[..., after] + TIE * units, np.abs(value - best[..., after]) <= TIE * units
            ways[..., after] = np.where(better, ways[..., before], ways[..., after] + equal * ways[..., before])
            best[..., after] = np.maximum(best[..., after], value)
    return best, ways
