"""How sure is a rank? From the ranks of many draws to intervals, shares of tiers, pairs and groups that nobody can tell apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.digits import significant
from scoring.numerics.errors import NumericsError
from scoring.numerics.pipeline import score
from scoring.numerics.robustness.choices import check_factors, drawn_choices
from scoring.numerics.robustness.doubling import end_errors, ended, joint_sets
from scoring.numerics.robustness.pairs import MOST_PAIRED, probabilities
from scoring.numerics.robustness.runs import CELLS, check_weights, rank_runs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.numerics.robustness.doubling import Ended, EndErrors
    from scoring.numerics.robustness.joint import JointSets
    from scoring.numerics.robustness.runs import Runs
    from scoring.numerics.types import CompositeRecipe, FloatArray, IntArray, Places, Scored, Table, Tree, WeightDraws

POINTS = (5.0, 50.0, 95.0)
ALL_POINTS = (5.0, 25.0, 50.0, 75.0, 95.0)
SAME = 9  # decimals of a rank, beyond which two differ by rounding alone
TOLD_APART = 0.95  # the share of draws in which one of two units must stand above the other


@dataclass(frozen=True)
class IndistinguishableGroup:
    """Units that cannot be told apart: neighbours by rank, no pair of which is told apart by the draws."""

    units: tuple[str, ...]
    first: int
    last: int


@dataclass(frozen=True)
class Clear:
    """How clear a ranking is, as the least share of the draws in which a unit stands above one that the ranking puts below it.

    ``first`` looks at the first place alone, against everyone below it; ``order`` at every two units of different rank. Both
    are 1 where there are no two such units.
    """

    first: float
    order: float


@dataclass(frozen=True)
class Intervals:
    """What D draws say of U units; arrays follow ``units``, NaN where a unit has no rank.

    ``low``, ``median``, ``high`` (U,) are the 5th, 50th and 95th percentile of a unit's ranks (R type 7), ``q1`` and ``q3`` the
    25th and 75th; ``modal_tier`` (U,) is the tier drawn most often, 0 where no draw ranks the unit; ``low_half`` and
    ``high_half`` those of the first half of the draws, and ``gap`` the largest difference between the two: small where there
    are draws enough. ``tier_shares`` (U, T) are the shares of a unit's draws in each tier. ``pairs`` (U, U): [a, b] = share of
    the draws in which a stands above b, ties counted half; None beyond 2,000 units. ``alike`` lists the groups that cannot be
    told apart; ``clear`` says how clear the first place and the order are (None without pairs). ``ranked`` (U,) counts the
    draws that rank a unit. ``shift`` (D,) is the mean change of rank against the nominal ranking, draw by draw, NaN for a draw
    that ranks nobody. ``joint`` are the sets of ranks that hold for all units at once, or why there are none. ``errors`` say how
    exactly the draws know each end, and ``ended`` why there are so many of them.
    """

    units: tuple[str, ...]
    nominal: IntArray
    low: FloatArray
    q1: FloatArray
    median: FloatArray
    q3: FloatArray
    high: FloatArray
    low_half: FloatArray
    high_half: FloatArray
    tier_shares: FloatArray
    modal_tier: IntArray
    pairs: FloatArray | None
    alike: tuple[IndistinguishableGroup, ...]
    clear: Clear | None
    ranked: IntArray
    shift: FloatArray
    gap: float
    joint: JointSets | NumericsError
    errors: EndErrors
    ended: Ended

    @property
    def draws(self) -> int:
        """The number of draws."""
        return len(self.shift)

    @property
    def ranking_nobody(self) -> int:
        """How many draws rank nobody."""
        return int(np.isnan(self.shift).sum())

    @property
    def mean_shift(self) -> float:
        """The mean, over the draws that rank somebody and units, of how far a rank moves; NaN where no draw does."""
        known = self.shift[~np.isnan(self.shift)]
        return float(significant(np.array(known.mean()))) if len(known) else float("nan")


def score_with_intervals(
    table: Table,
    tree: Tree,
    weights: Mapping[str, float] | None,
    recipe: CompositeRecipe,
    weight_draws: WeightDraws | None = None,
) -> Scored:
    """Score once as the recipe says and give every unit the 5th, 50th and 95th percentile of its drawn ranks.

    Without draws in the recipe the result is `score`'s; of draws by accuracy it takes the first doubling.

    Raises
    ------
    MethodError
        As `rank_draws`.

    Source: Saisana, Saltelli & Tarantola 2005; OECD/JRC Handbook 2008, step 7.
    """
    nominal = score(table, tree, weights, recipe)
    if recipe.robustness.draws == 0:
        return nominal
    return with_intervals(nominal, intervals(nominal, rank_draws(nominal, tree, weights, weight_draws)))


def with_intervals(nominal: Scored, found: Intervals) -> Scored:
    """Return the nominal result with the intervals of its ranks, and the sets that hold for all units at once."""
    sets = None if isinstance(found.joint, NumericsError) else (found.joint.low, found.joint.high)
    return replace(nominal, rank_low=found.low, rank_median=found.median, rank_high=found.high, rank_joint=sets)


def rank_draws(
    nominal: Scored,
    tree: Tree,
    weights: Mapping[str, float] | None,
    weight_draws: WeightDraws | None = None,
    *,
    first: int = 0,
    count: int | None = None,
    cells: int = CELLS,
) -> Runs:
    """Draw the recipe ``nominal`` was scored by over its uncertain factors and rank every time.

    Draw d takes from stream (seed, d) one number a factor, whatever the other factors, and chooses: ``weights`` row d of the
    weight draws; ``impute``, ``outliers``, ``normalise``, ``aggregate`` the recipe's own or one of the alternatives (declared,
    else the defaults), equally likely; ``leave_one_indicator`` one indicator or none, equally likely.

    Parameters
    ----------
    nominal : Scored
        The nominal result, with the recipe and the screened table.
    tree, weights
        As given to `score`.
    weight_draws : WeightDraws | None
        Local weights of all codes, when ``weights`` is a factor; the rows of these draws at least.
    first, count : int
        Which draws; all of the recipe's by default. Cutting them changes no draw.
    cells : int
        How many numbers are computed at once.

    Returns
    -------
    Runs
        Ranks and tiers by draw and unit of ``nominal.units``; 0 where a draw leaves a unit without a score.

    Raises
    ------
    MethodError
        An unknown factor, no factor, or ``weights`` without draws of them.
    """
    recipe = nominal.recipe
    check_factors(recipe)
    drawn = check_weights(tree, nominal, weight_draws) if "weights" in recipe.robustness.factors else None
    size = recipe.robustness.first_draws - first if count is None else count
    choices = drawn_choices(recipe, len(nominal.indicators), first=first, count=size)
    return rank_runs(nominal, tree, weights, choices, drawn, cells=cells)


def intervals(nominal: Scored, runs: Runs) -> Intervals:
    """Say what the draws' ranks tell of every unit, and of every two.

    Source: Saisana, Saltelli & Tarantola 2005; quantiles by Hyndman & Fan 1996, type 7.
    """
    ranks = counted(nominal, runs)
    low, q1, median, q3, high = percentiles(ranks, ALL_POINTS)
    low_half, _, high_half = percentiles(ranks[: (len(ranks) + 1) // 2])
    ends = np.abs(np.concatenate([low - low_half, high - high_half]))
    pairs = probabilities(ranks, runs.above) if len(nominal.units) <= MOST_PAIRED else None
    shares = _tier_shares(runs.tiers, ranks, _tiers_of(nominal.recipe))
    errors, joint = end_errors(ranks), joint_sets(ranks, nominal.ranks)
    return Intervals(
        units=nominal.units,
        nominal=nominal.ranks,
        low=low,
        q1=q1,
        median=median,
        q3=q3,
        high=high,
        low_half=low_half,
        high_half=high_half,
        tier_shares=shares,
        modal_tier=modal_tiers(shares, nominal.tiers),
        pairs=pairs,
        alike=() if pairs is None else indistinguishable_groups(nominal.units, nominal.ranks, pairs),
        clear=None if pairs is None else clarity(nominal.ranks, pairs),
        ranked=np.count_nonzero(ranks, axis=0),
        shift=rank_shift(ranks, nominal.ranks),
        gap=float(np.fmax.reduce(ends, initial=0.0)),
        joint=joint,
        errors=errors,
        ended=ended(nominal.recipe.robustness, errors, joint),
    )


def counted(nominal: Scored, runs: Runs) -> Places:
    """Return the runs' ranks of the units that have one as released, 0 for the others: who has no rank has no interval."""
    if nominal.ranks.all():
        return runs.ranks
    return np.where(nominal.ranks > 0, runs.ranks, 0).astype(runs.ranks.dtype)


def outward(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the whole ranks that hold an interval, NaN where there is none; what is whole but for rounding is whole."""
    return np.floor(np.round(low, SAME)), np.ceil(np.round(high, SAME))


def percentiles(ranks: Places, points: tuple[float, ...] = POINTS) -> FloatArray:
    """Return percentiles of each unit's ranks, (P, U), over the draws that rank it; NaN without one."""
    out = np.empty((len(points), ranks.shape[1]))
    step = max(1, CELLS // max(len(ranks), 1))
    for start in range(0, ranks.shape[1], step):
        block = np.sort(ranks[:, start : start + step], axis=0)
        lost = np.count_nonzero(block == 0, axis=0)
        out[:, start : start + step] = _type_7(block, lost, points)
    return out


def _type_7(ordered: Places, lost: IntArray, points: tuple[float, ...]) -> FloatArray:
    """Interpolate between the order statistics of each column, whose first ``lost`` values do not count."""
    size = len(ordered) - lost
    position = (np.maximum(size, 1) - 1) * (np.array(points)[:, None] / 100) + lost
    below = np.minimum(position.astype(np.int64), len(ordered) - 1)
    above = np.minimum(below + 1, len(ordered) - 1)
    columns = np.arange(ordered.shape[1])
    lower, upper = (ordered[rows, columns].astype(np.float64) for rows in (below, above))
    return np.where(size > 0, lower + (position - below) * (upper - lower), np.nan)


def _tiers_of(recipe: CompositeRecipe) -> int:
    return len(recipe.tiers.scores) + 1 if recipe.tiers.by == "score" else len(recipe.tiers.shares)


def _tier_shares(tiers: Places, ranks: Places, many: int) -> FloatArray:
    """Return the share of each unit's draws in each tier, (U, T)."""
    ranked = np.count_nonzero(ranks, axis=0)
    counts = np.stack([np.count_nonzero((tiers == tier) & (ranks > 0), axis=0) for tier in range(1, many + 1)], axis=1)
    return np.where(ranked[:, None] > 0, counts / np.maximum(ranked, 1)[:, None], np.nan)


def modal_tiers(shares: FloatArray, released: IntArray) -> IntArray:
    """Return the tier drawn most often of each unit, (U,), from the shares (U, T); 0 without draws.

    Of tiers with equally many it is the ``released`` one (U,), where it is among them, else the best.
    """
    known = np.nan_to_num(shares, nan=0.0)
    most = known.max(axis=1, initial=0.0)
    own = np.take_along_axis(known, np.maximum(released - 1, 0)[:, None], axis=1)[:, 0]
    found = np.where((released > 0) & (own == most), released, known.argmax(axis=1) + 1)
    return np.where(most > 0, found, 0)


def indistinguishable_groups(
    units: tuple[str, ...], nominal: IntArray, pairs: FloatArray
) -> tuple[IndistinguishableGroup, ...]:
    """Return the largest runs of neighbours by rank in which no two units are told apart.

    Two units are told apart where one stands above the other in 95 % of the draws or more. Groups may overlap: being alike
    is not handed on from neighbour to neighbour.
    """
    order = np.array(
        sorted(np.flatnonzero(nominal > 0).tolist(), key=lambda row: (nominal[row], units[row])), dtype=np.int64
    )
    size = len(order)
    if size == 0:
        return ()
    between = pairs[np.ix_(order, order)]
    apart = np.triu(~((between < TOLD_APART) & (between > 1 - TOLD_APART)), 1)
    following = np.where(apart.any(axis=1), apart.argmax(axis=1), size)  # the first neighbour told apart from each
    ends = np.minimum.accumulate(following[::-1])[::-1]
    before = np.concatenate([[0], ends[:-1]])
    return tuple(
        IndistinguishableGroup(
            tuple(units[row] for row in order[start:end]), int(nominal[order[start]]), int(nominal[order[end - 1]])
        )
        for start, end in enumerate(ends.tolist())
        if end > before[start] and end - start > 1
    )


def runs_told_apart(pairs: FloatArray) -> IntArray:
    """Return the number of the run of each unit, (U,), where runs are as short as can be and told apart from each other.

    ``pairs`` (U, U) are those of units in their order. Everyone of a run stands above everyone of those after it in 95 % of the
    draws or more; within a run the order is no finding.
    """
    size = len(pairs)
    if size == 0:
        return np.zeros(0, dtype=np.int64)
    blurred = np.triu(~(pairs >= TOLD_APART), 1)
    furthest = np.where(blurred.any(axis=1), size - 1 - blurred[:, ::-1].argmax(axis=1), np.arange(size))
    begins = np.maximum.accumulate(furthest)[:-1] < np.arange(1, size)
    return np.concatenate([[0], np.cumsum(begins)]).astype(np.int64)


def clarity(nominal: IntArray, pairs: FloatArray) -> Clear:
    """Say how clear the ranking is; a pair that no draw ranks both of is not clear at all."""
    ranked = nominal > 0
    below = ranked[:, None] & ranked & (nominal[:, None] < nominal)
    shares = np.nan_to_num(pairs, nan=0.0)
    return Clear(
        first=float(shares[below & (nominal == 1)[:, None]].min(initial=1.0)),
        order=float(shares[below].min(initial=1.0)),
    )


def rank_shift(ranks: Places, nominal: IntArray) -> FloatArray:
    """Return the mean over the units that both rank of |rank − nominal rank| by run, (R,); NaN where there are none."""
    out = np.empty(len(ranks))
    step = max(1, CELLS // max(ranks.shape[1], 1))
    for start in range(0, len(ranks), step):
        block = ranks[start : start + step].astype(np.int64)
        both = (block > 0) & (nominal > 0)
        total = np.where(both, np.abs(block - nominal), 0).sum(axis=1)
        many = both.sum(axis=1)
        out[start : start + step] = np.where(many > 0, total / np.maximum(many, 1), np.nan)
    return out
