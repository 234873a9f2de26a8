"""Why did a unit move? The move between two releases, split exactly over the causes that changed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import chain, combinations
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np

from scoring.numerics.composite.times import moments
from scoring.numerics.digits import DIGITS
from scoring.numerics.errors import MethodError, NotPositiveError, NumericsError
from scoring.numerics.pipeline import score
from scoring.numerics.types import Recipe, Robustness, Table, Tiers, Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from scoring.numerics.types import Aggregate, FloatArray, IntArray

CAUSES: Final = ("own_data", "other_data", "units", "indicators", "weights", "recipe", "corrections")
DATA: Final = frozenset({"own_data", "other_data"})
METHOD: Final = frozenset({"indicators", "weights", "recipe"})
IN_TABLE: Final = DATA | {"units", "indicators", "corrections"}
DENOMINATOR: Final = math.factorial(
    len(CAUSES)
)  # of the rank parts: a Shapley value over n causes is a multiple of 1/n!
TOLERANCE: Final = 1e-10  # weights are kept at 12 digits: shares that agree so far are the same shares
SIDES: Final = (0, 1)  # before, after

Status: TypeAlias = Literal[
    "split", "new", "gone", "unranked_before", "unranked_after", "no_common_indicators", "undefined_between",
]  # fmt: skip


@dataclass(frozen=True)
class Basis:
    """What one release was computed from: ``weights`` are local weights by code, siblings on any common scale."""

    tree: Tree
    weights: Mapping[str, float]
    recipe: Recipe
    table: Table


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


class _State(NamedTuple):
    """For every cause the side it is taken from, 0 = before, 1 = after; the fields are `CAUSES`."""

    own_data: int
    other_data: int
    units: int
    indicators: int
    weights: int
    recipe: int
    corrections: int


BEFORE, AFTER = _State(*[0] * len(CAUSES)), _State(*[1] * len(CAUSES))


class _Place(NamedTuple):
    """Where a unit stands: its rank and its score as printed."""

    rank: int
    score: str


NOWHERE = _Place(0, "nan")
_Standing: TypeAlias = "Callable[[_State, str], _Place]"


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
        Data of the newest correction of the earlier edition, not later than ``after``; None = no correction. For two
        releases of one edition it is ``after``'s own table.
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
    data = _Data.of(bases, corrected_before, first_after)
    changed = _changed(bases, data, members)
    standing = _standing(bases, data, members)
    common = set(before.tree.indicators) & set(after.tree.indicators)
    splits = [_split(unit, members, changed, standing, comparable=bool(common)) for unit in asked]
    new_method = _state(METHOD.intersection(changed.causes), changed.causes)
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


def _ranks(places: Sequence[_Place]) -> IntArray:
    return np.array([place.rank for place in places], dtype=np.int64)


def _scores(places: Sequence[_Place]) -> FloatArray:
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
    standing: _Standing,
    *,
    comparable: bool,
) -> _Split:
    """Split one unit's move, or say why there is none."""
    status = _status(unit, members, standing, comparable=comparable)
    if status != "split":
        return _Split(status)
    causes = changed.of(unit)
    subsets = [frozenset(some) for size in range(len(causes) + 1) for some in combinations(causes, size)]
    places = {some: standing(_state(some, causes), unit) for some in subsets}
    if any(place.rank == 0 for place in places.values()):
        return _Split("undefined_between")
    if not causes:
        return _Split("split")
    gained = shapley({some: -place.rank for some, place in places.items()}, causes)
    return _Split("split", gained, _score_parts({some: place.score for some, place in places.items()}, causes))


def _status(unit: str, members: tuple[tuple[str, ...], ...], standing: _Standing, *, comparable: bool) -> Status:
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
    order = sorted(range(len(parts)), key=lambda at: -(parts[at] % step))
    for at in order[: sum(parts) // step - sum(whole)]:
        whole[at] += 1
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


def _changed(bases: tuple[Basis, Basis], data: _Data, members: tuple[tuple[str, ...], ...]) -> _Changed:
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
        "recipe": any(_choices(_recipe(bases, side, 0)) != _choices(_recipe(bases, side, 1)) for side in SIDES),
        "corrections": any(data.spacing(side, 0) != data.spacing(side, 1) for side in SIDES)
        or any(_differ(data, unit, [((side, 0), (side, 1)) for side in SIDES]) for unit in everybody),
    }
    if not any(found.values()):  # an order of rows or a last digit of weights can still move the last digit of a score
        found |= {"units": members[0] != members[1], "weights": _weights(bases, 0, 0) != _weights(bases, 0, 1)}
    return _Changed(tuple(cause for cause in CAUSES if found[cause]), own, times)


def _differ(data: _Data, unit: str, pairs: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> bool:
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


def _choices(recipe: Recipe) -> Recipe:
    """Return the recipe without what changes neither score nor rank."""
    return replace(recipe, version=1, tiers=Tiers(), robustness=Robustness())


def _weights_differ(bases: tuple[Basis, Basis], tree: int) -> bool:
    """Return whether the two sides' weights divide a node of one tree differently; what is refused differs."""
    children = bases[tree].tree.children
    try:
        one, other = (
            [_shares(node, items, _weights(bases, tree, side)) for node, items in children.items()] for side in SIDES
        )
    except NumericsError:
        return True
    return any(
        not math.isclose(share, b[code], rel_tol=TOLERANCE)
        for a, b in zip(one, other, strict=True)
        for code, share in a.items()
    )


# --- one state between the releases -----------------------------------------------------------------------------------


def _state(some: frozenset[str], causes: tuple[str, ...]) -> _State:
    """Return the state in which ``some`` of the changed causes are switched to the later side.

    What did not change is taken from where the rest comes from, so that a state that is one release's table, or its
    framework with weights and recipe, is that very object, to the last bit.
    """
    tables = IN_TABLE.intersection(causes)
    rest = some == set(causes) or (bool(tables) and tables <= some)
    side = {cause: cause in some if cause in causes else rest for cause in CAUSES}
    data = DATA.intersection(causes)
    if len(data) == 1:  # with one of the two unchanged the unit's rows and the others' come from the same side
        side |= dict.fromkeys(DATA, bool(data & some))
    side |= {cause: side["indicators"] for cause in ("weights", "recipe") if cause not in causes}
    return _State(*(int(side[cause]) for cause in CAUSES))


def _standing(bases: tuple[Basis, Basis], data: _Data, members: tuple[tuple[str, ...], ...]) -> _Standing:
    """Return a function to a unit's place in a state; each different state is scored once."""
    weights = cache(lambda tree, side: _weights(bases, tree, side))
    recipe = cache(lambda tree, side: _recipe(bases, tree, side))

    @cache
    def places(state: _State, whose: str | None) -> Mapping[str, _Place]:
        tree = state.indicators
        try:
            table = _table(bases, data, members[state.units], state, whose)
            scored = score(table, bases[tree].tree, weights(tree, state.weights), recipe(tree, state.recipe))
        except NumericsError:
            if state in {BEFORE, AFTER}:
                raise
            return {}
        found = zip(scored.units, scored.ranks.tolist(), scored.scores.tolist(), strict=True)
        return {
            unit: _Place(rank, f"{value + 0.0:.{DIGITS}g}")
            for unit, rank, value in found
            if rank > 0 and whose in {None, unit}
        }

    def standing(state: _State, unit: str) -> _Place:
        return places(state, None if state.own_data == state.other_data else unit).get(unit, NOWHERE)

    return standing


def _table(
    bases: tuple[Basis, Basis], data: _Data, members: tuple[str, ...], state: _State, whose: str | None
) -> Table:
    """Return the state's table: ``members`` in their order; ``whose`` names the unit whose own data are told apart."""
    sides = {getattr(state, cause) for cause in IN_TABLE}
    if len(sides) == 1:
        return bases[sides.pop()].table
    labels = [repr(moment) for moment in data.axis(state.other_data, state.corrections)]
    side = dict.fromkeys(members, state.other_data) | ({} if whose is None else {whose: state.own_data})
    blocks = [data.rows(unit, side[unit], state.corrections, state.indicators) for unit in members]
    return Table(
        units=tuple(block.unit for block in blocks for _ in block.positions),
        names=tuple(block.unit for block in blocks for _ in block.positions),
        times=tuple(labels[position] for block in blocks for position in block.positions),
        columns=data.trees[state.indicators].indicators,
        values=np.concatenate([block.values for block in blocks]),
        groups={name: tuple(chain.from_iterable(b.groups[name] for b in blocks)) for name in blocks[0].groups},
        denominators={name: np.concatenate([b.denominators[name] for b in blocks]) for name in blocks[0].denominators},
    )


def _weights(bases: tuple[Basis, Basis], tree: int, side: int) -> Mapping[str, float]:
    """Return one side's local weights for the tree of one side.

    An item that the wanted side does not have under the node takes the share it has where it is known; the others divide
    the rest as the wanted side does. A node that the wanted side does not know takes its only weights.

    Raises
    ------
    MethodError
        No weight for a code.
    NotPositiveError
        A weight below zero; siblings to be divided among whose weights are all zero.
    """
    here, wanted = bases[tree], bases[side]
    out = {here.tree.root: 1.0}
    for node, items in here.tree.children.items():
        known = [item for item in items if item in wanted.tree.by_code and wanted.tree.by_code[item].parent == node]
        if len(known) == len(items):
            out |= _given(items, wanted.weights)
            continue
        own = _shares(node, items, here.weights)
        out |= own
        rest = sum(own[item] for item in known)
        if rest > 0:
            out |= {item: rest * share for item, share in _shares(node, known, wanted.weights).items()}
    return out


def _given(items: Sequence[str], weights: Mapping[str, float]) -> dict[str, float]:
    lost = [item for item in items if item not in weights]
    if lost:
        raise MethodError(f"there is no weight for {lost[0]}", criteria=lost)
    return {item: weights[item] for item in items}


def _shares(node: str, items: Sequence[str], weights: Mapping[str, float]) -> dict[str, float]:
    """Return the items' weights as shares that sum to 1."""
    raw = _given(items, weights)
    total = sum(raw.values())
    if not math.isfinite(total) or min(raw.values()) < 0 or total <= 0:
        raise NotPositiveError(f"the weights under {node} are not ≥ 0 with one above 0: {raw}", node=node)
    return {item: weight / total for item, weight in raw.items()}


def _recipe(bases: tuple[Basis, Basis], tree: int, side: int) -> Recipe:
    """Return one side's recipe for the tree of one side; a code that only one side knows keeps its only rules."""
    wanted = bases[side].recipe
    here, there = bases[tree].recipe, bases[side].tree
    leaves, known = bases[tree].tree.indicators, there.indicators
    return replace(
        wanted,
        denominate=replace(
            wanted.denominate, scales=_rules(leaves, known, wanted.denominate.scales, here.denominate.scales)
        ),
        outliers=replace(
            wanted.outliers, indicators=_rules(leaves, known, wanted.outliers.indicators, here.outliers.indicators)
        ),
        normalise=replace(
            wanted.normalise, indicators=_rules(leaves, known, wanted.normalise.indicators, here.normalise.indicators)
        ),
        aggregate=_aggregate(bases, tree, side),
    )


Rule = TypeVar("Rule")


def _rules(
    codes: Sequence[str], known: Sequence[str], wanted: Mapping[str, Rule], only: Mapping[str, Rule]
) -> dict[str, Rule]:
    """Return the wanted rules of the codes known there, and the only rules of the others."""
    rules = {code: wanted if code in known else only for code in codes}
    return {code: rule[code] for code, rule in rules.items() if code in rule}


def _aggregate(bases: tuple[Basis, Basis], tree: int, side: int) -> Aggregate:
    """Return one side's means for the tree of one side; where heights differ, what is said by level is the tree's."""
    one, other = bases[tree], bases[side]
    here, wanted = one.recipe.aggregate, other.recipe.aggregate
    rule = replace(wanted, nodes=_rules(one.tree.nodes, other.tree.nodes, wanted.nodes, here.nodes))
    if one.tree.height[one.tree.root] == other.tree.height[other.tree.root]:
        return rule
    if here.levels or wanted.levels:
        power = here.power if wanted.power is None else wanted.power
        rule = replace(rule, method=here.method, levels=here.levels, power=power)
    if isinstance(here.floor, tuple) or isinstance(wanted.floor, tuple):
        rule = replace(rule, floor=here.floor)
    return rule


# --- data of two editions and their corrections -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Laid:
    """One table by unit and position (0 = its latest time, 1 the time before, …), and the columns its edition asks for."""

    table: Table
    columns: Mapping[str, int]
    rows: Mapping[str, Mapping[int, int]]
    axis: tuple[float, ...]

    @classmethod
    def out(cls, table: Table, tree: Tree) -> _Laid:
        """Lay out a table."""
        when = moments(table).tolist()
        axis = tuple(sorted(set(when), reverse=True))
        position = {moment: at for at, moment in enumerate(axis)}
        rows: dict[str, dict[int, int]] = {}
        for row, (unit, moment) in enumerate(zip(table.units, when, strict=True)):
            rows.setdefault(unit, {})[position[moment]] = row
        columns = {code: at for at, code in enumerate(table.columns) if code in set(tree.indicators)}
        return cls(table, columns, rows, axis)


@dataclass(frozen=True)
class _Rows:
    """One unit's rows in a state: ``values`` (positions, indicators), oldest first."""

    unit: str
    positions: tuple[int, ...]
    values: FloatArray
    groups: Mapping[str, tuple[str, ...]]
    denominators: Mapping[str, FloatArray]

    def same(self, other: _Rows) -> bool:
        """Return whether all cells are the same."""
        return (
            (self.positions, self.groups) == (other.positions, other.groups)
            and np.array_equal(self.values, other.values, equal_nan=True)
            and all(
                np.array_equal(column, other.denominators[name], equal_nan=True)
                for name, column in self.denominators.items()
            )
        )


@dataclass(frozen=True)
class _Data:
    """The four tables by [side][correction], the trees of both sides, and a unit's rows by side, correction and tree."""

    laid: tuple[tuple[_Laid, _Laid], tuple[_Laid, _Laid]]
    trees: tuple[Tree, Tree]
    rows: Callable[[str, int, int, int], _Rows]

    @classmethod
    def of(cls, bases: tuple[Basis, Basis], corrected_before: Table | None, first_after: Table | None) -> _Data:
        """Lay out the tables; a table that is not there is its neighbour, of the same edition."""
        old, new = (_Laid.out(basis.table, basis.tree) for basis in bases)
        laid = (
            (old, old if corrected_before is None else _Laid.out(corrected_before, bases[0].tree)),
            (new if first_after is None else _Laid.out(first_after, bases[1].tree), new),
        )
        trees = (bases[0].tree, bases[1].tree)

        @cache
        def rows(unit: str, side: int, correction: int, tree: int) -> _Rows:
            return _rows(unit, _preferred(laid, side, correction), trees[tree].indicators)

        return cls(laid, trees, rows)

    def axis(self, side: int, correction: int) -> tuple[float, ...]:
        """Return the moments of all positions, latest first: the table's own, then as far apart as other tables have them."""
        axis: list[float] = []
        for laid in _preferred(self.laid, side, correction):
            for at in range(len(axis), len(laid.axis)):
                axis.append(axis[-1] + laid.axis[at] - laid.axis[at - 1] if axis else laid.axis[at])
        return tuple(axis)

    def spacing(self, side: int, correction: int) -> tuple[float, ...]:
        """Return how long before the latest time each position is."""
        axis = self.axis(side, correction)
        return tuple(axis[0] - moment for moment in axis)


def _preferred(
    laid: tuple[tuple[_Laid, _Laid], tuple[_Laid, _Laid]], side: int, correction: int
) -> tuple[_Laid, _Laid, _Laid, _Laid]:
    """Return the tables in the order in which a cell is looked for: the wanted one, its edition's other, the others."""
    wanted, other = laid[side], laid[1 - side]
    return wanted[correction], wanted[1 - correction], other[correction], other[1 - correction]


def _rows(unit: str, tables: Sequence[_Laid], indicators: tuple[str, ...]) -> _Rows:
    """Gather a unit's rows, each column from the first table that has unit and column; without any it is missing."""
    having = [laid for laid in tables if unit in laid.rows]
    columns: dict[int, list[int]] = {}
    for at, code in enumerate(indicators):
        source = next((which for which, laid in enumerate(having) if code in laid.columns), None)
        if source is not None:
            columns.setdefault(source, []).append(at)
    times = {position for which in columns or (0,) for position in having[which].rows[unit]}
    positions = tuple(sorted(times, reverse=True))
    values = np.full((len(positions), len(indicators)), np.nan)
    for which, owned in columns.items():
        laid, rows = having[which], having[which].rows[unit]
        here = [index for index, position in enumerate(positions) if position in rows]
        taken = [rows[positions[index]] for index in here]
        cells = laid.table.values[taken][:, [laid.columns[indicators[at]] for at in owned]]
        values[np.array(here)[:, None], owned] = cells
    return _Rows(
        unit=unit,
        positions=positions,
        values=values,
        groups={name: _group(unit, name, having, positions) for name in _names(tables, "groups")},
        denominators={name: _denominator(unit, name, having, positions) for name in _names(tables, "denominators")},
    )


def _names(tables: Sequence[_Laid], kind: Literal["groups", "denominators"]) -> list[str]:
    return sorted({name for laid in tables for name in getattr(laid.table, kind)})


def _group(unit: str, name: str, having: Sequence[_Laid], positions: tuple[int, ...]) -> tuple[str, ...]:
    """Return the unit's group at each position, at its latest where the table has no such row; "" where none has it."""
    for laid in having:
        if name in laid.table.groups:
            rows, column = laid.rows[unit], laid.table.groups[name]
            return tuple(column[rows.get(position, rows[min(rows)])] for position in positions)
    return ("",) * len(positions)


def _denominator(unit: str, name: str, having: Sequence[_Laid], positions: tuple[int, ...]) -> FloatArray:
    """Return the unit's denominator at each position, NaN where there is none."""
    for laid in having:
        if name in laid.table.denominators:
            rows, column = laid.rows[unit], laid.table.denominators[name]
            return np.array([column[rows[at]] if at in rows else np.nan for at in positions], dtype=np.float64)
    return np.full(len(positions), np.nan)
