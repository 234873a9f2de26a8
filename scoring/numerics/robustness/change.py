"""Why did a unit move? The move between two releases, split exactly over the causes that changed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

import numpy as np

from scoring.numerics.digits import DIGITS
from scoring.numerics.errors import MethodError, NumericsError
from scoring.numerics.robustness.between import (
    AFTER,
    BEFORE,
    CAUSES,
    METHOD,
    SIDES,
    recipe_between,
    shares,
    standing_of,
    state_of,
    weights_between,
)
from scoring.numerics.robustness.data_between import DataStates
from scoring.numerics.types import RobustnessChoices, Tiers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from scoring.numerics.robustness.between import Basis, Standing, UnitPlace
    from scoring.numerics.types import CompositeRecipe, FloatArray, IntArray, Table, Tree

DENOMINATOR: Final = math.factorial(len(CAUSES))  # of the rank parts: a value over n causes is a multiple of 1/n!
TOLERANCE: Final = 1e-10  # weights are kept at 12 digits: shares that agree so far are the same shares

Status: TypeAlias = Literal[
    "split", "new", "gone", "unranked_before", "unranked_after", "no_common_indicators", "undefined_between",
]  # fmt: skip


@dataclass(frozen=True)
class Change:
    """The move of each unit (U) between two releases, and what each cause has in it.

    ``status`` is "split", or why there is no split: "new" (not in the earlier table), "gone" (not in the later one),
    "unranked_before", "unranked_after", "no_common_indicators", "undefined_between" (a state between the releases is refused
    by the method or gives the unit no score). ``causes`` are those of `CAUSES` that changed at all, for whatever unit.

    ``rank_parts`` (U, 7) are counts of 1/`DENOMINATOR` places by `CAUSES`, positive = places gained: each row adds up to
    (rank_before − rank_after) · `DENOMINATOR`. ``score_parts`` (U, 7) are decimals that add up, digit for digit, to
    ``score_after`` − ``score_before`` as both are printed at 12 significant digits. Both are 0 where there is no split.

    ``rank_new_method`` and ``score_new_method`` are the unit's in the earlier edition's data and units under the later
    indicators, weights and recipe. A rank of 0 and a score of NaN mean that there is none.
    """

    units: tuple[str, ...]
    status: tuple[Status, ...]
    causes: tuple[str, ...]
    score_before: FloatArray
    score_after: FloatArray
    rank_before: IntArray
    rank_after: IntArray
    rank_parts: IntArray
    score_parts: tuple[tuple[Decimal, ...], ...]
    rank_new_method: IntArray
    score_new_method: FloatArray


def split_change(
    before: Basis,
    after: Basis,
    *,
    corrected_before: Table | None = None,
    first_after: Table | None = None,
    units: Sequence[str] | None = None,
) -> Change:
    """Split each unit's move in rank and score over the causes that changed: the Shapley value, exact.

    The releases are scored again with every subset of the changed causes switched to the later side; a cause's part is its
    marginal effect, averaged over all orders in which the causes could have come. Nobody's parts depend on which units are
    asked for. What exists on one side only keeps its only value: a unit its data, an indicator its data and its own rules,
    an item entering a node its share of the weight there, the others dividing the rest as the wanted side has them.
    Several times are aligned from the latest backwards; levels and floors by level stay with the tree when heights differ.

    Scores are taken at 12 significant digits. Their parts are rounded to one decimal grid by largest remainders (ties in the
    order of `CAUSES`), so that equal causes differ by at most one in the last digit and no digit is lost.

    Parameters
    ----------
    before, after : Basis
        The two releases.
    corrected_before : Table | None
        Data of the newest correction of the earlier edition, not later than ``after``. None: what ``first_after`` has as
        ``before`` has it, cell by cell, stands corrected as ``after`` has it, so that of such a cell nothing but the
        correction separates the two. For two releases of one edition that is ``after``'s own data.
    first_after : Table | None
        Data of the first release of the later edition, when ``after`` corrects it. For two releases of one edition it is
        ``before``'s own table, so that nothing but the correction separates them.
    units : Sequence[str] | None
        Whom to split for, in this order; None = everybody, the later table's order first.

    Raises
    ------
    MethodError
        A unit of neither table.
    NumericsError
        What `score` refuses of a release itself; a refusal between them is the status "undefined_between".

    Source: Shapley 1953, A value for n-person games.
    """
    bases = (before, after)
    members = tuple(tuple(dict.fromkeys(basis.table.units)) for basis in bases)
    asked = tuple(dict.fromkeys((*members[1], *members[0]))) if units is None else tuple(units)
    lost = [unit for unit in asked if unit not in {*members[0], *members[1]}]
    if lost:
        raise MethodError(f"{lost[0]} is a unit of neither release", units=lost)
    data = DataStates.of((before.table, after.table), (before.tree, after.tree), corrected_before, first_after)
    changed = _changed(bases, data, members)
    standing = standing_of(bases, data, members)
    common = set(before.tree.indicators) & set(after.tree.indicators)
    splits = [_split(unit, members, changed, standing, comparable=bool(common)) for unit in asked]
    new_method = state_of(METHOD.intersection(changed.causes), changed.causes)
    start, end, method = ([standing(state, unit) for unit in asked] for state in (BEFORE, AFTER, new_method))
    return Change(
        units=asked,
        status=tuple(one.status for one in splits),
        causes=changed.causes,
        score_before=_scores(start),
        score_after=_scores(end),
        rank_before=_ranks(start),
        rank_after=_ranks(end),
        rank_parts=np.array([one.rank for one in splits], dtype=np.int64).reshape(len(asked), len(CAUSES)),
        score_parts=tuple(one.score for one in splits),
        rank_new_method=_ranks(method),
        score_new_method=_scores(method),
    )


def join_changes(parts: Sequence[Change]) -> Change:
    """Return the changes of several stretches of units as one, in their order."""
    return replace(
        parts[0],
        units=tuple(unit for one in parts for unit in one.units),
        status=tuple(status for one in parts for status in one.status),
        score_before=np.concatenate([one.score_before for one in parts]),
        score_after=np.concatenate([one.score_after for one in parts]),
        rank_before=np.concatenate([one.rank_before for one in parts]),
        rank_after=np.concatenate([one.rank_after for one in parts]),
        rank_parts=np.concatenate([one.rank_parts for one in parts]),
        score_parts=tuple(row for one in parts for row in one.score_parts),
        rank_new_method=np.concatenate([one.rank_new_method for one in parts]),
        score_new_method=np.concatenate([one.score_new_method for one in parts]),
    )


def _ranks(places: Sequence[UnitPlace]) -> IntArray:
    return np.array([place.rank for place in places], dtype=np.int64)


def _scores(places: Sequence[UnitPlace]) -> FloatArray:
    return np.array([float(place.score) for place in places], dtype=np.float64)


# --- the value of each cause ------------------------------------------------------------------------------------------


class _Split(NamedTuple):
    """One unit's status and parts, in the order of `CAUSES`."""

    status: Status
    rank: tuple[int, ...] = (0,) * len(CAUSES)
    score: tuple[Decimal, ...] = (Decimal(0),) * len(CAUSES)


def _split(
    unit: str,
    members: tuple[tuple[str, ...], ...],
    changed: _Changed,
    standing: Standing,
    *,
    comparable: bool,
) -> _Split:
    """Split one unit's move, or say why there is none."""
    status = _status(unit, members, standing, comparable=comparable)
    if status != "split":
        return _Split(status)
    causes = changed.of(unit)
    subsets = [frozenset(some) for size in range(len(causes) + 1) for some in combinations(causes, size)]
    places = {some: standing(state_of(some, causes), unit) for some in subsets}
    if any(place.rank == 0 for place in places.values()):
        return _Split("undefined_between")
    if not causes:
        return _Split("split")
    gained = shapley({some: -place.rank for some, place in places.items()}, causes)
    return _Split("split", gained, _score_parts({some: place.score for some, place in places.items()}, causes))


def _status(unit: str, members: tuple[tuple[str, ...], ...], standing: Standing, *, comparable: bool) -> Status:
    """Return what forbids a comparison of the two releases themselves, else "split"."""
    if unit not in members[0]:
        return "new"
    if unit not in members[1]:
        return "gone"
    if standing(BEFORE, unit).rank == 0:
        return "unranked_before"
    if standing(AFTER, unit).rank == 0:
        return "unranked_after"
    return "split" if comparable else "no_common_indicators"


def shapley(values: Mapping[frozenset[str], int], causes: Collection[str]) -> tuple[int, ...]:
    """Return the Shapley value of each of `CAUSES` in counts of 1/`DENOMINATOR`; those not among ``causes`` have 0.

    φ_c = Σ_{S ∌ c} |S|! (n − |S| − 1)! / n! · (v(S ∪ c) − v(S)) over the n ``causes``; ``values`` has v for every subset.

    Source: Shapley 1953.
    """
    n = len(causes)
    parts = dict.fromkeys(CAUSES, 0)
    for some, value in values.items():
        size = len(some)
        for cause in causes:
            if cause in some:
                parts[cause] += math.factorial(size - 1) * math.factorial(n - size) * value
            else:
                parts[cause] -= math.factorial(size) * math.factorial(n - size - 1) * value
    return tuple(part * (DENOMINATOR // math.factorial(n)) for part in parts.values())


def _score_parts(scores: Mapping[frozenset[str], str], causes: tuple[str, ...]) -> tuple[Decimal, ...]:
    """Return the parts of a move in printed scores as decimals that add up to it.

    The grid has as many decimals as the two ends show, and at least 12 significant digits of the larger one.
    """
    ends = scores[frozenset()], scores[frozenset(causes)]
    grid = max(*map(_decimals, ends), DIGITS - 1 - max(Decimal(end).adjusted() for end in ends))
    finest = max(grid, *map(_decimals, scores.values()))
    values = {some: int(Fraction(text) * 10**finest) for some, text in scores.items()}
    whole = _apportion(shapley(values, causes), DENOMINATOR * 10 ** (finest - grid))
    return tuple(_decimal(count, grid) for count in whole)


def _decimals(number: str) -> int:
    """Return how many decimals a printed number has."""
    exponent = Decimal(number).as_tuple().exponent
    return max(0, -int(exponent))


def _decimal(count: int, places: int) -> Decimal:
    """Return count · 10^−places with no zeros at its end, exactly whatever the decimal context."""
    while places > 0 and count % 10 == 0:
        count, places = count // 10, places - 1
    return Decimal(f"{count}e{-places}")


def _apportion(parts: tuple[int, ...], step: int) -> list[int]:
    """Round each part to whole steps so that their sum, itself whole steps, stays: the largest remainders go up."""
    whole = [part // step for part in parts]
    order = sorted(range(len(parts)), key=lambda position: -(parts[position] % step))
    for position in order[: sum(parts) // step - sum(whole)]:
        whole[position] += 1
    return whole


# --- what changed -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Changed:
    """The causes that changed for anybody, whose own data changed, and whether the spacing of the times did."""

    causes: tuple[str, ...]
    own: frozenset[str]
    times: bool

    def of(self, unit: str) -> tuple[str, ...]:
        """Return the causes that changed as the unit sees them."""
        here = {"own_data": unit in self.own, "other_data": self.times or bool(self.own - {unit})}
        return tuple(cause for cause in self.causes if here.get(cause, True))


def _changed(bases: tuple[Basis, Basis], data: DataStates, members: tuple[tuple[str, ...], ...]) -> _Changed:
    """Find the causes that can make a difference: a state's table, tree, weights or recipe differs by them."""
    earlier = set(members[0])
    common = [unit for unit in members[1] if unit in earlier]
    times = any(data.spacing(0, correction) != data.spacing(1, correction) for correction in SIDES)
    own = frozenset(unit for unit in common if _differ(data, unit, [((0, c), (1, c)) for c in SIDES]))
    everybody = tuple(dict.fromkeys((*members[1], *members[0])))
    found = {
        "own_data": bool(own),
        "other_data": any(times or own - {unit} for unit in common),
        "units": earlier != set(members[1]),
        "indicators": _shape(bases[0].tree) != _shape(bases[1].tree),
        "weights": any(_weights_differ(bases, side) for side in SIDES),
        "recipe": any(
            _choices(recipe_between(bases, side, 0)) != _choices(recipe_between(bases, side, 1)) for side in SIDES
        ),
        "corrections": any(data.spacing(side, 0) != data.spacing(side, 1) for side in SIDES)
        or any(_differ(data, unit, [((side, 0), (side, 1)) for side in SIDES]) for unit in everybody),
    }
    if not any(found.values()):  # an order of rows or a last digit of weights can still move the last digit of a score
        found |= {
            "units": members[0] != members[1],
            "weights": weights_between(bases, 0, 0) != weights_between(bases, 0, 1),
        }
    return _Changed(tuple(cause for cause in CAUSES if found[cause]), own, times)


def _differ(data: DataStates, unit: str, pairs: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> bool:
    """Return whether the unit's rows differ within one of the pairs of (side, correction)."""
    return any(
        one != other and not data.rows(unit, *one, tree).same(data.rows(unit, *other, tree))
        for one, other in pairs
        if data.laid[one[0]][one[1]] is not data.laid[other[0]][other[1]]
        for tree in SIDES
    )


def _shape(tree: Tree) -> tuple[object, ...]:
    """Return what the arithmetic reads of a tree: not its names, and not its own weights."""
    return tuple((c.code, c.parent, c.is_indicator, c.direction, c.target, c.denominator) for c in tree.criteria)


def _choices(recipe: CompositeRecipe) -> CompositeRecipe:
    """Return the recipe without what changes neither score nor rank."""
    return replace(recipe, version=1, tiers=Tiers(), robustness=RobustnessChoices())


def _weights_differ(bases: tuple[Basis, Basis], tree: int) -> bool:
    """Return whether the two sides' weights divide a node of one tree differently; what is refused differs."""
    children = bases[tree].tree.children
    try:
        one, other = (
            [shares(node, items, weights_between(bases, tree, side)) for node, items in children.items()]
            for side in SIDES
        )
    except NumericsError:
        return True
    return any(
        not math.isclose(share, b[code], rel_tol=TOLERANCE)
        for a, b in zip(one, other, strict=True)
        for code, share in a.items()
    )
