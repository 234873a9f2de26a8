"""How a unit could move up: what its peers reach, what that would gain with all else held, and the fewest changes to a tier."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations, islice
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from scoring.numerics.composite.ranking import tiers
from scoring.numerics.errors import MethodError, TooFewPeersError
from scoring.numerics.robustness.release_model import PAIRWISE
from scoring.numerics.robustness.strengths import LEAST_PEERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scoring.numerics.robustness.release_model import Field
    from scoring.numerics.types import BoolArray, Factor, FloatArray, IntArray

Goal: TypeAlias = Literal["next", "best"]
Reason: TypeAlias = Literal["not_given", "no_peer", "is_best", "no_gain"]
QUARTILES = (0.25, 0.50, 0.75)
ENDS = (0.05, 0.95)
MOST_SEARCHED = 15  # indicators whose every set is tried
FEW, LARGEST_SET = 8, 4  # the same where each set is a whole field to compare
BLOCK = 512


@dataclass(frozen=True)
class Step:
    """One indicator brought to the value that a peer has, all else held.

    ``goal`` is the peers' ``next`` quartile or the ``best`` peer. ``gained`` are places at the release's own method;
    ``low`` and ``high`` the 5th and 95th percentile of the places gained in the draws, None without draws. ``per_cost`` are
    places gained for each unit of the indicator's cost, None where no cost is given.
    """

    indicator: str
    goal: Goal
    before: float
    value: float
    peer: str
    score: float
    rank: int
    gained: int
    low: float | None
    high: float | None
    per_cost: float | None


@dataclass(frozen=True)
class NoHelp:
    """An indicator that would not move the unit up, with the reason.

    ``not_given``: the unit's own value is missing or was filled in. ``no_peer``: no peer has a value. ``is_best``: no peer's
    value is better. ``no_gain``: the best peer's value gains no place.
    """

    indicator: str
    reason: Reason


@dataclass(frozen=True)
class Advice:
    """What is within reach of a unit, by places gained; ``covers`` and ``draws`` say what the intervals are taken over."""

    unit: str
    rank: int
    score: float
    peers: int
    steps: tuple[Step, ...]
    would_not_help: tuple[NoHelp, ...]
    covers: tuple[Factor, ...]
    draws: int


@dataclass(frozen=True)
class _Target:
    """A value that a peer has."""

    indicator: str
    goal: Goal
    before: float
    value: float
    peer: str


def reachable(field: Field, unit: str, peers: Sequence[str], costs: Mapping[str, float] | None = None) -> Advice:
    """Say for each indicator which peers' values are within reach and what each alone would gain.

    Within reach are the nearest peer's value at or beyond the peers' next quartile (R type 7) that is better than the
    unit's, and the best peer's. Only values that nobody filled in count. All else is held: other units' values, weights,
    methods, and the yardstick.

    Parameters
    ----------
    field : Field
        The release.
    unit : str
        A ranked unit.
    peers : Sequence[str]
        Codes of its peers; itself and those without a rank do not count.
    costs : Mapping[str, float] | None
        What reaching a better value costs, by indicator, above 0, in any one unit.

    Raises
    ------
    NotRankedError, TooFewPeersError
        The unit has no rank; fewer than three ranked peers.
    MethodError
        A code that is no unit or no indicator, or a cost that is not above 0.
    """
    at, near = _asked(field, unit, peers)
    price = _prices(field, costs)
    targets, without = _targets(field, at, near)
    changes = [{}, *({one.indicator: one.value} for one in targets)]
    scores, ranks = field.official.own(unit, changes)
    drawn = field.drawn_ranks(unit, changes)
    ends = None if drawn is None else gained_between(drawn)
    steps = [
        Step(
            indicator=one.indicator,
            goal=one.goal,
            before=one.before,
            value=one.value,
            peer=one.peer,
            score=float(scores[0, c]),
            rank=int(ranks[0, c]),
            gained=(gained := int(ranks[0, 0] - ranks[0, c])),
            low=None if ends is None or np.isnan(ends[0, c]) else float(ends[0, c]),
            high=None if ends is None or np.isnan(ends[1, c]) else float(ends[1, c]),
            per_cost=gained / price[one.indicator] if one.indicator in price else None,
        )
        for c, one in enumerate(targets, start=1)
    ]
    idle = {one.indicator for one in steps if one.goal == "best" and one.gained <= 0}
    order = {code: number for number, code in enumerate(field.nominal.indicators)}
    return Advice(
        unit=unit,
        rank=int(ranks[0, 0]),
        score=float(scores[0, 0]),
        peers=len(near),
        steps=tuple(
            sorted(
                (one for one in steps if one.indicator not in idle),
                key=lambda one: (-one.gained, order[one.indicator], one.goal),
            )
        ),
        would_not_help=tuple(
            sorted((*without, *(NoHelp(code, "no_gain") for code in idle)), key=lambda one: order[one.indicator])
        ),
        covers=field.covers,
        draws=0 if drawn is None else len(drawn),
    )


def gained_between(ranks: IntArray) -> FloatArray:
    """Return the 5th and 95th percentile of the places gained against the first column, (2, C); NaN without a draw."""
    known = (ranks > 0) & (ranks[:, :1] > 0)
    gained = np.where(known, ranks[:, :1] - ranks, 0).astype(np.float64)
    return _ends(gained, known)


def rank_between(ranks: IntArray) -> FloatArray:
    """Return the 5th and 95th percentile of ranks, (2, C); NaN without a draw that ranks."""
    return _ends(ranks.astype(np.float64), ranks > 0)


def _ends(values: FloatArray, known: BoolArray) -> FloatArray:
    if known.all():
        return np.quantile(values, ENDS, axis=0)
    columns = (values[known[:, c], c] for c in range(values.shape[1]))
    return np.stack([np.quantile(one, ENDS) if len(one) else np.full(2, np.nan) for one in columns], axis=1)


def _asked(field: Field, unit: str, peers: Sequence[str]) -> tuple[int, IntArray]:
    """Return the positions of the unit and of its ranked peers."""
    at = field.position(unit)
    position = {code: row for row, code in enumerate(field.nominal.units)}
    known = {*position, *(one.code for one in field.nominal.dropped if one.kind == "unit")}
    lost = [code for code in peers if code not in known]
    if lost:
        raise MethodError(f"{lost[0]} is no unit of the release", parameter="peers", got=lost[0])
    rows = {position[code] for code in peers if code in position} - {at}
    near = np.array(sorted(row for row in rows if field.nominal.ranks[row] > 0), dtype=np.int64)
    if len(near) < LEAST_PEERS:
        raise TooFewPeersError(
            f"{unit} has {len(near)} ranked peers, {LEAST_PEERS} are needed", needed=LEAST_PEERS, got=len(near)
        )
    return at, near


def _prices(field: Field, costs: Mapping[str, float] | None) -> Mapping[str, float]:
    for code, cost in (costs or {}).items():
        if code not in field.nominal.indicators:
            raise MethodError(f"{code} is no indicator of the release", parameter="costs", got=code)
        if not 0 < cost < np.inf:
            raise MethodError(
                f"the cost of {code} is {cost:g}, not above 0", parameter="costs", indicator=code, got=cost
            )
    return costs or {}


def _targets(field: Field, at: int, near: IntArray) -> tuple[list[_Target], list[NoHelp]]:
    """Find what the peers have that is better, and the indicators where there is nothing of it."""
    found: list[_Target] = []
    without: list[NoHelp] = []
    for column, code in enumerate(field.nominal.indicators):
        before, others = field.given[at, column], field.given[near, column]
        sign = field.tree.by_code[code].direction
        have = near[~np.isnan(others)]
        turned = sign * field.given[have, column]
        if np.isnan(before):
            without.append(NoHelp(code, "not_given"))
        elif not have.size:
            without.append(NoHelp(code, "no_peer"))
        elif turned.max() <= sign * before:
            without.append(NoHelp(code, "is_best"))
        else:
            for goal, value in _goals(sign * before, turned):
                who = have[turned == value]
                peer = min(who, key=lambda row: (field.nominal.ranks[row], field.nominal.units[row]))
                reached = float(field.given[peer, column])
                found.append(_Target(code, goal, float(before), reached, field.nominal.units[peer]))
    return found, without


def _goals(own: float, turned: FloatArray) -> Iterator[tuple[Goal, float]]:
    """Give the value at or beyond the next quartile, where another one than the best, and the best (more = better)."""
    best = turned.max()
    quartile = next((one for one in np.quantile(turned, QUARTILES) if one > own), None)
    if quartile is not None:
        value = turned[turned >= quartile].min()
        if value < best:
            yield "next", value
    yield "best", best


# --- the fewest changes -------------------------------------------------------------------------------------------------


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
    field: Field, unit: str, peers: Sequence[str], costs: Mapping[str, float] | None = None, *, goal: Goal = "best"
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
    at, near = _asked(field, unit, peers)
    price = _prices(field, costs)
    search = _Search(field, unit, costs is not None, price)
    now, best = int(field.nominal.tiers[at]), _best_tier(field)
    if now <= best:
        return Fewest("first_tier", now, None, (), None, None, None, None, is_proven=True, all_rank=None)
    targets = _of_goal(_targets(field, at, near)[0], goal)
    usable = [one for one in targets if costs is None or one.indicator in price]
    return search.run(usable, now, now - 1)


def _of_goal(targets: Iterable[_Target], goal: Goal) -> list[_Target]:
    """Return one target an indicator: the one asked for, or the best where there is no other."""
    found: dict[str, _Target] = {}
    for one in targets:
        if one.goal == goal or one.indicator not in found:
            found[one.indicator] = one
    return list(found.values())


def _best_tier(field: Field) -> int:
    """Return the best tier that a unit at the first rank is in."""
    if field.recipe.tiers.by == "score":
        return 1
    ranks = np.where(field.nominal.ranks > 0, 1, 0)
    return int(tiers(field.nominal.scores, ranks, field.recipe.tiers).max())


def tiers_of_own(field: Field, scores: FloatArray, ranks: IntArray) -> IntArray:
    """Return the tiers (C,) of a unit with these scores and ranks in the release's field."""
    ranked = int(np.count_nonzero(field.nominal.ranks))
    filled = np.ones((len(ranks), max(ranked, 1)), dtype=np.int64)
    filled[:, 0] = ranks
    own = np.broadcast_to(scores[:, None], filled.shape)
    return tiers(own, filled, field.recipe.tiers)[:, 0]


@dataclass(frozen=True)
class _Search:
    """The search for a set of changes."""

    field: Field
    unit: str
    by_cost: bool
    price: Mapping[str, float]

    def run(self, targets: list[_Target], now: int, target: int) -> Fewest:
        every = self.tried([tuple(targets)])
        none = Fewest(
            "not_found", now, target, (), None, None, None, None, is_proven=False, all_rank=int(every.ranks[0])
        )
        reaches = bool(every.tiers[0] <= target)
        alone = self.moves_alone(targets)
        if not targets or (not reaches and alone):
            return replace(none, state="out_of_reach", is_proven=True)
        useful = self.by_use(targets)
        most, size = (MOST_SEARCHED, MOST_SEARCHED) if alone else (FEW, LARGEST_SET)
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
            is_proven=all_tried or single or (self.adds_up(useful) and not self.by_cost),
        )

    def tried(self, sets: Sequence[Sequence[_Target]]) -> _Tried:
        """Return score, rank and tier under each set of changes."""
        changes = [{one.indicator: one.value for one in each} for each in sets]
        scores, ranks = self.field.official.own(self.unit, changes)
        return _Tried(scores[0], ranks[0], tiers_of_own(self.field, scores[0], ranks[0]))

    def by_use(self, targets: list[_Target]) -> list[_Target]:
        """Order the changes by the score that each alone gives."""
        alone = self.tried([(one,) for one in targets]).scores
        return [targets[c] for c in np.argsort(-alone, kind="stable")]

    def moves_alone(self, targets: list[_Target]) -> bool:
        """Say whether the others' scores stay as they are, so that more changes never make the unit worse."""
        ground = self.field.official
        pairwise = any(one.method in PAIRWISE for one in ground.plans)
        return not pairwise and not ground.scale.relative & {one.indicator for one in targets}

    def adds_up(self, targets: list[_Target]) -> bool:
        """Say whether each change adds to the score whatever the others, so that the largest ones make the smallest set."""
        ground = self.field.official
        arithmetic = all(one.method == "arithmetic" for one in ground.plans)
        return arithmetic and not ground.scale.fills_rows and self.moves_alone(targets)

    def first(self, targets: list[_Target], size: int, target: int) -> tuple[_Target, ...] | None:
        """Return the smallest set of at most ``size`` that reaches the tier, or the cheapest; of several the highest score."""
        best: tuple[tuple[float, int, float], tuple[_Target, ...]] | None = None
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

    def in_order(self, targets: list[_Target], size: int) -> Iterator[tuple[_Target, ...]]:
        """Give the sets of at most ``size``, the smallest first, or the cheapest."""
        sets = (one for many in range(1, size + 1) for one in combinations(targets, many))
        return iter(sorted(sets, key=self.key)) if self.by_cost else sets

    def key(self, one: tuple[_Target, ...]) -> tuple[float, int]:
        """Return what a set is preferred by: its cost, where there are costs, and its size."""
        return (round(sum(self.price[each.indicator] for each in one), 9) if self.by_cost else 0.0), len(one)

    def greedy(self, targets: list[_Target], target: int) -> tuple[_Target, ...]:
        """Add the most useful changes one by one until the tier is reached."""
        sets = [tuple(targets[:many]) for many in range(1, len(targets) + 1)]
        return sets[int(np.argmax(self.tried(sets).tiers <= target))]


@dataclass(frozen=True)
class _Tried:
    scores: FloatArray
    ranks: IntArray
    tiers: IntArray
