"""The fewest indicators that, each brought to a value its peers have, bring a unit into a better tier."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations, islice
from math import comb
from typing import TYPE_CHECKING, Literal

import numpy as np

from scoring.numerics.composite.ranking import tiers
from scoring.numerics.robustness.release_model import PAIRWISE
from scoring.numerics.robustness.targets import Goal, prices_of, ranked_peers, targets_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scoring.numerics.robustness.release_model import ReleaseModel
    from scoring.numerics.robustness.targets import Target
    from scoring.numerics.types import FloatArray, IntArray


MOST_SEARCHED = 15  # indicators whose every set is tried
MOST_TOGETHER = 10  # the same where other units of the country move along
MOST_SMALLER = 2_000  # sets tried to show that no smaller one does
FEW, LARGEST_SET = 8, 4  # the same where each set is a whole field to compare


BLOCK = 512


@dataclass(frozen=True)
class Fewest:
    """The smallest (or, with costs, the cheapest) set of changes that reaches the next tier.

    ``state``: ``found``; ``out_of_reach``, even all changes together do not reach it; ``not_found``, of the sets tried none
    reaches it; ``first_tier``, there is no better tier. ``changes`` are (indicator, value, peer). ``is_proven`` says that no
    smaller (cheaper) set does; else it is the best found. ``all_rank`` is the rank with every change made.
    """

    state: Literal["found", "out_of_reach", "not_found", "first_tier"]
    tier: int
    target: int | None
    changes: tuple[tuple[str, float, str], ...]
    rank: int | None
    score: float | None
    reached: int | None
    cost: float | None
    is_proven: bool
    all_rank: int | None


def fewest_changes(
    field: ReleaseModel,
    unit: str,
    peers: Sequence[str],
    costs: Mapping[str, float] | None = None,
    *,
    goal: Goal = "best",
) -> Fewest:
    """Find the fewest indicators that, each brought to its peers' value, bring the unit into the next better tier.

    The sets are tried by size, every one of up to 15 indicators that help most; with a method that compares units pair by
    pair sets of up to four of eight. Under a weighted arithmetic mean that is a proof whatever the number of indicators,
    since gains add up. Of equally small sets the one with the highest score is taken. With costs all sets whose indicators
    have one are tried, and the cheapest is taken, of equally cheap ones the smallest.

    Raises
    ------
    NotRankedError, TooFewPeersError, MethodError
        As `reachable`.
    """
    own_row, near = ranked_peers(field, unit, peers)
    price = prices_of(field, costs)
    search = _Search(field, unit, costs is not None, price)
    now, best = int(field.nominal.tiers[own_row]), _best_tier(field)
    if now <= best:
        return Fewest("first_tier", now, None, (), None, None, None, None, is_proven=True, all_rank=None)
    targets = _of_goal(targets_of(field, own_row, near)[0], goal)
    usable = [one for one in targets if costs is None or one.indicator in price]
    return search.run(usable, now, now - 1)


def _of_goal(targets: Iterable[Target], goal: Goal) -> list[Target]:
    """Return one target an indicator: the one asked for, or the best where there is no other."""
    found: dict[str, Target] = {}
    for one in targets:
        if one.goal == goal or one.indicator not in found:
            found[one.indicator] = one
    return list(found.values())


def _best_tier(field: ReleaseModel) -> int:
    """Return the best tier that a unit at the first rank is in."""
    if field.recipe.tiers.by == "score":
        return 1
    ranks = np.where(field.nominal.ranks > 0, 1, 0)
    return int(tiers(field.nominal.scores, ranks, field.recipe.tiers).max())


@dataclass(frozen=True)
class _Search:
    """The search for a set of changes."""

    field: ReleaseModel
    unit: str
    by_cost: bool
    price: Mapping[str, float]

    def run(self, targets: list[Target], now: int, target: int) -> Fewest:
        every = self.tried([tuple(targets)])
        none = Fewest(
            "not_found", now, target, (), None, None, None, None, is_proven=False, all_rank=int(every.ranks[0])
        )
        reaches = bool(every.tiers[0] <= target)
        if not targets or (not reaches and self.never_worse(targets)):
            return replace(none, state="out_of_reach", is_proven=True)
        useful = self.by_use(targets)
        many = MOST_SEARCHED if self.moves_alone(targets) else MOST_TOGETHER
        most, size = (FEW, LARGEST_SET) if self.is_compared(targets) else (many, many)
        searched = useful[:most]
        found = self.first(searched, min(size, len(searched)), target)
        if found is None and not reaches:
            return none
        chosen = self.greedy(useful, target) if found is None else found
        all_tried = found is not None and len(useful) <= (size if self.by_cost else most)
        single = len(chosen) == 1 and not self.by_cost
        one = self.tried([chosen])
        return replace(
            none,
            state="found",
            changes=tuple((each.indicator, each.value, each.peer) for each in chosen),
            rank=int(one.ranks[0]),
            score=float(one.scores[0]),
            reached=int(one.tiers[0]),
            cost=self.key(chosen)[0] if self.by_cost else None,
            is_proven=all_tried
            or single
            or (not self.by_cost and (self.adds_up(useful) or self.no_smaller(useful, len(chosen), target))),
        )

    def tried(self, sets: Sequence[Sequence[Target]]) -> _Tried:
        """Return score, rank and tier under each set of changes."""
        changes = [self.field.spread(self.unit, {one.indicator: one.value for one in each}) for each in sets]
        scores, ranks = self.field.official.own(self.unit, changes)
        return _Tried(scores[0], ranks[0], tiers_of_own(self.field, scores[0], ranks[0]))

    def by_use(self, targets: list[Target]) -> list[Target]:
        """Order the changes by the score that each alone gives."""
        alone = self.tried([(one,) for one in targets]).scores
        return [targets[c] for c in np.argsort(-alone, kind="stable")]

    def is_compared(self, targets: list[Target]) -> bool:
        """Say whether the others' scores hang on the unit's, so that each set is a whole field to compute."""
        ground = self.field.official
        pairwise = any(one.method in PAIRWISE for one in ground.plans)
        return pairwise or bool(ground.scale.relative & {one.indicator for one in targets})

    def moves_alone(self, targets: list[Target]) -> bool:
        """Say whether the others' scores stay as they are."""
        along = any(self.field.companions(self.unit, one.indicator) for one in targets)
        return not along and not self.is_compared(targets)

    def never_worse(self, targets: list[Target]) -> bool:
        """Say whether more changes never make the unit worse.

        They do not where the others stay as they are. Nor do they where others of the country come along from the very value
        that the unit has, in means that add up over complete data: then a change gains them what it gains the unit.
        """
        if self.moves_alone(targets):
            return True
        ground, field = self.field.official, self.field
        if self.is_compared(targets) or any(one.method != "arithmetic" for one in ground.plans):
            return False
        units, codes = field.nominal.units, field.nominal.indicators
        for one in targets:
            rows = [units.index(other) for other in (self.unit, *field.companions(self.unit, one.indicator))]
            same = field.given[rows, codes.index(one.indicator)] == one.before
            if not same.all() or np.isnan(ground.placed.values[rows]).any():
                return False
        return True

    def no_smaller(self, targets: list[Target], size: int, target: int) -> bool:
        """Say whether no smaller set reaches the tier, where all of them can be tried."""
        many = sum(comb(len(targets), smaller) for smaller in range(1, size))
        if self.is_compared(targets) or many > MOST_SMALLER:
            return False
        return self.first(targets, size - 1, target) is None

    def adds_up(self, targets: list[Target]) -> bool:
        """Say whether each change adds to the score whatever the others, so that the largest ones make the smallest set."""
        ground = self.field.official
        arithmetic = all(one.method == "arithmetic" for one in ground.plans)
        return arithmetic and not ground.scale.fills_rows and self.moves_alone(targets)

    def first(self, targets: list[Target], size: int, target: int) -> tuple[Target, ...] | None:
        """Return the smallest set of at most ``size`` that reaches the tier, or the cheapest; of several the highest score."""
        best: tuple[tuple[float, int, float], tuple[Target, ...]] | None = None
        waiting = self.in_order(targets, size)
        while block := list(islice(waiting, BLOCK)):
            if best is not None and self.key(block[0]) > best[0][:2]:
                break
            tried = self.tried(block)
            for c in np.flatnonzero(tried.tiers <= target):
                key = (*self.key(block[c]), -float(tried.scores[c]))
                if best is None or key < best[0]:
                    best = key, block[c]
        return None if best is None else best[1]

    def in_order(self, targets: list[Target], size: int) -> Iterator[tuple[Target, ...]]:
        """Give the sets of at most ``size``, the smallest first, or the cheapest."""
        sets = (one for many in range(1, size + 1) for one in combinations(targets, many))
        return iter(sorted(sets, key=self.key)) if self.by_cost else sets

    def key(self, one: tuple[Target, ...]) -> tuple[float, int]:
        """Return what a set is preferred by: its cost, where there are costs, and its size."""
        return (round(sum(self.price[each.indicator] for each in one), 9) if self.by_cost else 0.0), len(one)

    def greedy(self, targets: list[Target], target: int) -> tuple[Target, ...]:
        """Add the most useful changes one by one until the tier is reached."""
        sets = [tuple(targets[:many]) for many in range(1, len(targets) + 1)]
        return sets[int(np.argmax(self.tried(sets).tiers <= target))]


@dataclass(frozen=True)
class _Tried:
    scores: FloatArray
    ranks: IntArray
    tiers: IntArray


def tiers_of_own(field: ReleaseModel, scores: FloatArray, ranks: IntArray) -> IntArray:
    """Return the tiers (C,) of a unit with these scores and ranks in the release's field."""
    ranked = int(np.count_nonzero(field.nominal.ranks))
    filled = np.ones((len(ranks), max(ranked, 1)), dtype=np.int64)
    filled[:, 0] = ranks
    own = np.broadcast_to(scores[:, None], filled.shape)
    return tiers(own, filled, field.recipe.tiers)[:, 0]
