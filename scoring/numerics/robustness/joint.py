"""Sets of ranks that hold for all units at once, where each interval of its own only holds for its unit.

Notation as in Besag, J., Green, P., Higdon, D. & Mengersen, K. (1995), Bayesian computation and stochastic systems, Statistical
Science 10, section 6.3. Whether a draw lies inside is decided by counts of ranks alone, so nothing depends on the rows' order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from scipy.stats import binom

from scoring.numerics.errors import TooFewDrawsError, UnrankedDrawsError

if TYPE_CHECKING:
    from scoring.numerics.types import BoolArray, IntArray, Places

CutRule: TypeAlias = Literal["sure", "mean"]

GAMMA = 0.9  # the share of fresh draws that every unit is to be inside of
SURE = 0.95  # the share of releases in which at least that many are
MOST_SET_ASIDE = 0.1
LEVEL = 1e-9  # a share times a count that is this near an integer is meant to be one


@dataclass(frozen=True)
class JointSets:
    """A set of ranks for each of U units, all of which hold at once.

    ``low`` and ``high`` (U,) are ranks, ends included, 0 where the unit has no rank. ``cut`` is the place among the ``shape``
    draws at which the sets end, ``position`` (k) its place among the ``checked`` draws; ``set_aside`` draws left a unit
    without a rank. ``narrow`` and ``wide`` (2, U) are the ends at both ends of the cut's Monte Carlo error, 1 and U where
    that is not known; both None for plain sets.
    """

    gamma: float
    rule: Literal["besag", "sure", "mean"]
    low: IntArray
    high: IntArray
    cut: int
    position: int
    shape: int
    checked: int
    set_aside: int
    narrow: IntArray | None = None
    wide: IntArray | None = None

    def holds(self, ranks: Places) -> float:
        """Return the share of draws (D, U) in which every ranked unit lies inside its set."""
        counts = self.low > 0
        inside = (ranks[:, counts] >= self.low[counts]) & (ranks[:, counts] <= self.high[counts])
        return float(inside.all(axis=1).mean())


@dataclass(frozen=True)
class TierMembers:
    """Which units are in a tier in every joint set (``always``), and which may be (``may``); (U,) each."""

    always: BoolArray
    may: BoolArray


@dataclass(frozen=True)
class DirectTier:
    """The same from the draws of one tier alone, sharper; ``missed`` (q) draws may contradict what is said of a unit."""

    always: BoolArray
    may: BoolArray
    missed: int
    inside: int


def calibrated_sets(ranks: Places, nominal: IntArray, *, gamma: float = GAMMA, rule: CutRule = "sure") -> JointSets:
    """Give every unit a set of ranks such that all lie inside at once in a share ``gamma`` of fresh draws.

    The first half of the draws gives the sets their shape, the other half the place where they are cut. Given the first, the
    places that the others and a fresh draw would need are alike and independent, so a fresh draw lies inside with probability
    at least k / (B + 1): on average over releases with ``mean``, in 95 % of releases with ``sure``.

    Parameters
    ----------
    ranks : Places
        (D, U), ties sharing the smallest, 0 where a draw leaves a unit without a rank.
    nominal : IntArray
        (U,) ranks of the release, 0 = not ranked; those units have no set.
    gamma : float
        The share asked for.
    rule : CutRule
        How the place is chosen.

    Raises
    ------
    TooFewDrawsError
        Too few draws for a statement about all units.
    UnrankedDrawsError
        More than a tenth of the draws leave a ranked unit without a rank.
    """
    kept, set_aside = _ranking_all(ranks, nominal)
    half = len(kept) // 2
    shape, check = kept[:half], kept[half:]
    position = cut_position(len(check), gamma, rule)
    if position is None or half == 0:
        raise TooFewDrawsError("too few draws for a statement about all units", draws=len(kept), gamma=gamma)
    below = _counts_below(shape)
    places = np.sort(_places_needed(below, check))
    cut = int(places[position - 1])
    if cut > half:
        raise TooFewDrawsError("too few draws for a statement about all units", draws=len(kept), gamma=gamma)
    error = [_cut_at(below, places, end) for end in order_bounds(len(check), position / (len(check) + 1))]
    low, high = _ends(below, cut)
    return JointSets(
        gamma=gamma,
        rule=rule,
        low=_spread(low, nominal),
        high=_spread(high, nominal),
        cut=cut,
        position=position,
        shape=half,
        checked=len(check),
        set_aside=set_aside,
        narrow=np.stack([_spread(end, nominal) for end in error[0]]),
        wide=np.stack([_spread(end, nominal) for end in error[1]]),
    )


def plain_sets(ranks: Places, nominal: IntArray, *, gamma: float = GAMMA) -> JointSets:
    """Give every unit the narrowest such set that holds in a share ``gamma`` of these very draws.

    It is too narrow for fresh draws, the more so the fewer there are; published are `calibrated_sets`.

    Raises
    ------
    UnrankedDrawsError
        More than a tenth of the draws leave a ranked unit without a rank.
    """
    kept, set_aside = _ranking_all(ranks, nominal)
    below = _counts_below(kept)
    position = math.ceil(gamma * len(kept) - LEVEL)
    cut = int(np.sort(_places_needed(below, kept))[position - 1])
    low, high = _ends(below, cut)
    return JointSets(
        gamma=gamma,
        rule="besag",
        low=_spread(low, nominal),
        high=_spread(high, nominal),
        cut=cut,
        position=position,
        shape=len(kept),
        checked=len(kept),
        set_aside=set_aside,
    )


def cut_position(draws: int, gamma: float, rule: CutRule) -> int | None:
    """Return k, the place of the cut among so many sorted draws; None where there are too few.

    ``sure``: the least k with P(Bin(draws, γ) ≤ k − 1) ≥ .95; ``mean``: ⌈γ (draws + 1)⌉.
    """
    sure = int(binom.ppf(SURE, draws, gamma)) + 1
    position = sure if rule == "sure" else math.ceil(gamma * (draws + 1) - LEVEL)
    return position if position <= draws else None


def order_bounds(draws: int, share: float) -> tuple[int, int]:
    """Return the places (l, u) among sorted draws between which the true quantile lies with probability .95 or more.

    l is 0, or u is draws + 1, where no order statistic bounds it.

    Source: David, H. A. & Nagaraja, H. N. (2003), Order statistics, section 7.1.
    """
    return int(binom.ppf(0.025, draws, share)), int(binom.ppf(0.975, draws, share)) + 1


def tier_members(sets: JointSets, *, above: int, last: int) -> TierMembers:
    """Say who is in the tier of places ``above`` + 1 to ``last`` in every joint set, and who may be.

    Whenever all units lie inside their sets, who always is is a part of the tier, and the tier a part of who may be.
    """
    ranked = sets.low > 0
    return TierMembers(
        always=ranked & (sets.low > above) & (sets.high <= last), may=ranked & (sets.low <= last) & (sets.high > above)
    )


def direct_tier(ranks: Places, nominal: IntArray, *, above: int, last: int, gamma: float = GAMMA) -> DirectTier:
    """Say the same for one tier alone, from how often each unit is in it.

    The most draws are disregarded for which "always" ⊆ tier ⊆ "may" still holds in a share ``gamma`` of them.

    Raises
    ------
    UnrankedDrawsError
        More than a tenth of the draws leave a ranked unit without a rank.
    """
    kept, _ = _ranking_all(ranks, nominal)
    size = len(kept)
    inside = (kept > above) & (kept <= last)
    often = inside.sum(axis=0)
    needed = math.ceil(gamma * size - LEVEL)
    missed, found = 0, size
    for tried in np.unique([0, *often, *(size - often)]):
        if 2 * tried < size:
            always, may = often >= size - tried, often > tried
            holding = int(np.count_nonzero((inside | ~always).all(axis=1) & (~inside | may).all(axis=1)))
            if holding >= needed:
                missed, found = int(tried), holding
    ranked = nominal > 0
    always, may = np.zeros(len(nominal), dtype=bool), np.zeros(len(nominal), dtype=bool)
    always[ranked], may[ranked] = often >= size - missed, often > missed
    return DirectTier(always, may, missed, found)


def _ranking_all(ranks: Places, nominal: IntArray) -> tuple[Places, int]:
    """Return the draws that rank every unit that the release ranks, those units' columns alone, and how many others there are."""
    ranked = ranks[:, nominal > 0]
    whole = (ranked > 0).all(axis=1)
    set_aside = int(np.count_nonzero(~whole))
    if set_aside > MOST_SET_ASIDE * len(ranks):
        raise UnrankedDrawsError(
            f"{set_aside} of {len(ranks)} draws leave a ranked unit without a rank; a tenth may",
            draws=len(ranks), got=set_aside,
        )  # fmt: skip
    return (ranked if set_aside == 0 else ranked[whole]), set_aside


def _counts_below(ranks: Places) -> IntArray:
    """Return how many draws give each unit a rank up to r, (U, R + 1) for r = 0 … R, R the largest rank that can be."""
    units = ranks.shape[1]
    last = max(units, int(ranks.max(initial=0)))  # a draw may rank units that the release leaves unranked
    counts = np.zeros((units, last + 1), dtype=np.int64)
    for unit in range(units):
        counts[unit] = np.bincount(ranks[:, unit], minlength=last + 1)
    return np.cumsum(counts, axis=1)


def _places_needed(below: IntArray, ranks: Places) -> IntArray:
    """Return for each draw the place t of the sorted shape at which the sets would just hold it, (D,); beyond it: draws + 1."""
    size = int(below[0, -1]) if len(below) else 0
    needed = np.zeros(len(ranks), dtype=np.int64)
    for unit, counts in enumerate(below):
        under = np.concatenate([[0], counts[:-1]])
        np.maximum(needed, np.maximum(under + 1, size + 1 - counts)[ranks[:, unit]], out=needed)
    return needed


def _ends(below: IntArray, cut: int) -> tuple[IntArray, IntArray]:
    """Return the ranks at place D + 1 − cut and at place cut of each unit's sorted draws."""
    size = int(below[0, -1]) if len(below) else 0
    low, high = ((below < place).sum(axis=1) for place in (size + 1 - cut, cut))
    return low, high


def _cut_at(below: IntArray, places: IntArray, position: int) -> tuple[IntArray, IntArray]:
    """Return the ends for a cut at a place among the sorted draws; every rank where there is no such place."""
    size = int(below[0, -1]) if len(below) else 0
    if 1 <= position <= len(places) and places[position - 1] <= size:
        return _ends(below, int(places[position - 1]))
    return np.ones(len(below), dtype=np.int64), np.full(len(below), below.shape[1] - 1, dtype=np.int64)


def _spread(ends: IntArray, nominal: IntArray) -> IntArray:
    """Put the ranked units' ends at their places among all, 0 elsewhere."""
    out = np.zeros(len(nominal), dtype=np.int64)
    out[nominal > 0] = ends
    return out
