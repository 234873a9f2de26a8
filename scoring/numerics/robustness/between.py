"""The states between two releases: some causes as the earlier one has them, the others as the later one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, TypeVar

import numpy as np

from scoring.numerics.digits import DIGITS
from scoring.numerics.errors import MethodError, NotPositiveError, NumericsError
from scoring.numerics.pipeline import score
from scoring.numerics.types import CompositeRecipe, Table, Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scoring.numerics.robustness.data_between import DataStates
    from scoring.numerics.types import Aggregate

CAUSES: Final = ("own_data", "other_data", "units", "indicators", "weights", "recipe", "corrections")
DATA: Final = frozenset({"own_data", "other_data"})
METHOD: Final = frozenset({"indicators", "weights", "recipe"})
IN_TABLE: Final = DATA | {"units", "indicators", "corrections"}
SIDES: Final = (0, 1)  # before, after


@dataclass(frozen=True)
class Basis:
    """What one release was computed from: ``weights`` are local weights by code, siblings on any common scale."""

    tree: Tree
    weights: Mapping[str, float]
    recipe: CompositeRecipe
    table: Table


class State(NamedTuple):
    """For every cause the side it is taken from, 0 = before, 1 = after; the fields are `CAUSES`."""

    own_data: int
    other_data: int
    units: int
    indicators: int
    weights: int
    recipe: int
    corrections: int


BEFORE, AFTER = State(*[0] * len(CAUSES)), State(*[1] * len(CAUSES))


class UnitPlace(NamedTuple):
    """Where a unit stands: its rank and its score as printed."""

    rank: int
    score: str


NOWHERE = UnitPlace(0, "nan")
Standing: TypeAlias = "Callable[[State, str], UnitPlace]"


def state_of(some: frozenset[str], causes: tuple[str, ...]) -> State:
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
    return State(*(int(side[cause]) for cause in CAUSES))


def standing_of(bases: tuple[Basis, Basis], data: DataStates, members: tuple[tuple[str, ...], ...]) -> Standing:
    """Return a function to a unit's place in a state; each different state is scored once."""
    weights = cache(lambda tree, side: weights_between(bases, tree, side))
    recipe = cache(lambda tree, side: recipe_between(bases, tree, side))

    @cache
    def places(state: State, whose: str | None) -> Mapping[str, UnitPlace]:
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
            unit: UnitPlace(rank, f"{value + 0.0:.{DIGITS}g}")
            for unit, rank, value in found
            if rank > 0 and whose in {None, unit}
        }

    def standing(state: State, unit: str) -> UnitPlace:
        return places(state, None if state.own_data == state.other_data else unit).get(unit, NOWHERE)

    return standing


def _table(
    bases: tuple[Basis, Basis], data: DataStates, members: tuple[str, ...], state: State, whose: str | None
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


def weights_between(bases: tuple[Basis, Basis], tree: int, side: int) -> Mapping[str, float]:
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
        own = shares(node, items, here.weights)
        out |= own
        rest = sum(own[item] for item in known)
        if rest > 0:
            out |= {item: rest * share for item, share in shares(node, known, wanted.weights).items()}
    return out


def _given(items: Sequence[str], weights: Mapping[str, float]) -> dict[str, float]:
    lost = [item for item in items if item not in weights]
    if lost:
        raise MethodError(f"there is no weight for {lost[0]}", criteria=lost)
    return {item: weights[item] for item in items}


def shares(node: str, items: Sequence[str], weights: Mapping[str, float]) -> dict[str, float]:
    """Return the items' weights as shares that sum to 1."""
    raw = _given(items, weights)
    total = sum(raw.values())
    if not math.isfinite(total) or min(raw.values()) < 0 or total <= 0:
        raise NotPositiveError(f"the weights under {node} are not ≥ 0 with one above 0: {raw}", node=node)
    return {item: weight / total for item, weight in raw.items()}


def recipe_between(bases: tuple[Basis, Basis], tree: int, side: int) -> CompositeRecipe:
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
