"""Rank every unit again and again, each time with another choice of method and other weights: only what varies is recomputed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from scoring.numerics.composite.aggregate import local_weights, plan
from scoring.numerics.composite.chain import chain, needs_positive, positive_scale
from scoring.numerics.composite.ranking import rank, tiers
from scoring.numerics.errors import MethodError
from scoring.numerics.robustness.choices import Choices, variants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from scoring.numerics.composite.aggregate import NodePlan
    from scoring.numerics.types import (
        CompositeRecipe,
        Counts,
        FloatArray,
        IntArray,
        Places,
        Scored,
        Tree,
        WeightDraws,
    )

CELLS = 125_000  # numbers computed at once; bounds the memory, changes no result
PLACES = np.uint16  # of a rank: up to 65,535 units
LARGEST_FIELD = 65_535

MethodChoice: TypeAlias = tuple[int, int, int, int]
"""Positions among the variants of imputation, outlier treatment, normalisation and aggregation."""


@dataclass(frozen=True)
class Runs:
    """What R runs make of U units: ``ranks`` and ``tiers`` (R, U), 0 where a run leaves a unit without a score.

    ``above`` (U, U), where it was counted: in how many of the runs [a, b] ranks a better than b.
    """

    ranks: Places
    tiers: Places
    above: Counts | None = None


def join_runs(parts: Sequence[Runs]) -> Runs:
    """Return the runs of several parts as one, in their order."""
    if not parts:
        return Runs(np.zeros((0, 0), dtype=PLACES), np.zeros((0, 0), dtype=np.uint8))
    counts = [one.above.astype(np.uint32) for one in parts if one.above is not None]
    return Runs(
        ranks=np.concatenate([one.ranks for one in parts]),
        tiers=np.concatenate([one.tiers for one in parts]),
        above=np.add.reduce(counts) if len(counts) == len(parts) else None,
    )


def check_weights(tree: Tree, nominal: Scored, weight_draws: WeightDraws | None) -> WeightDraws:
    """Return the draws of weights, where there are some for every code.

    Raises
    ------
    MethodError
        There are none, or none for a code.
    """
    if weight_draws is None:
        raise MethodError("robustness: weights is a factor, but there are no draws of weights", factor="weights")
    lost = [code for code in (*tree.nodes, *nominal.indicators) if code not in {tree.root, *weight_draws.codes}]
    if lost:
        raise MethodError(f"the draws of weights have none for {lost[0]}", criteria=lost)
    return weight_draws


def rank_runs(
    nominal: Scored,
    tree: Tree,
    weights: Mapping[str, float] | None,
    choices: Choices,
    weight_draws: WeightDraws | None = None,
    *,
    cells: int = CELLS,
) -> Runs:
    """Rank the units of ``nominal`` once for each run of ``choices``.

    The screen's result stays. An indicator with a normalisation of its own keeps it. Where a drawn geometric or harmonic
    mean meets a scale not the recipe's pair with it, min-max starts one hundredth of its range above 0 and z-scores stand at
    5 standard deviations, since those means have no answer at 0.

    Parameters
    ----------
    nominal : Scored
        The nominal result, with the recipe and the screened table.
    tree, weights
        As given to `score`.
    choices : Choices
        What each run chooses.
    weight_draws : WeightDraws | None
        Local weights of all codes by row, where a run takes one: row ``choices.weights`` less the draws' ``first``.
    cells : int
        How many numbers are computed at once.

    Raises
    ------
    MethodError
        More units than a rank can hold.
    NumericsError
        A step's refusal of a drawn method.
    """
    if len(nominal.units) > LARGEST_FIELD:
        raise MethodError(f"{len(nominal.units)} units are more than {LARGEST_FIELD}", allowed=LARGEST_FIELD)
    base = local_weights(tree, nominal.indicators, weights)
    recipe_of, prepare = drawn_recipes(nominal, tree), chain(nominal.steps["screened"], tree)
    position = {unit: index for index, unit in enumerate(nominal.units)}
    shape = (len(choices.weights), len(nominal.units))
    ranks, placed = np.zeros(shape, dtype=PLACES), np.zeros(shape, dtype=np.uint8)
    for choice, members in combinations(choices):
        prepared = prepare(recipe_of(choice), None)
        units = prepared.normalised.units
        everybody = units == nominal.units
        columns = np.array([position[unit] for unit in units])
        for rows in blocks(members, prepared.plans, len(units), cells):
            local = run_weights(base, weight_draws, choices, rows, indicators=nominal.indicators, tree=tree)
            scores = prepared.scores(local)
            block = rank(scores, nominal.recipe.rank)
            where = rows if everybody else (rows[:, None], columns)
            ranks[where] = block
            placed[where] = tiers(scores, block, nominal.recipe.tiers)
    return Runs(ranks, placed)


def combinations(choices: Choices) -> Iterator[tuple[MethodChoice, IntArray]]:
    """Give each distinct combination of methods with the runs that have it."""
    methods = choices.impute, choices.outliers, choices.normalise, choices.aggregate
    many = tuple(int(chosen.max(initial=0)) + 1 for chosen in methods)
    key = np.ravel_multi_index(methods, many)  # one number a combination: sorting rows costs more than ranking them
    for number in np.flatnonzero(np.bincount(key)):
        i, o, n, a = np.unravel_index(number, many)
        yield (int(i), int(o), int(n), int(a)), np.flatnonzero(key == number)


def drawn_recipes(nominal: Scored, tree: Tree) -> Callable[[MethodChoice], CompositeRecipe]:
    """Return a function to the recipe of a combination of methods.

    Where the combination has another scale or mean than the nominal one, and the mean has no answer at 0, the scale is moved.

    Raises
    ------
    MethodError
        A mean that is among the choices is refused, whether or not it is drawn.
    """
    found = variants(nominal.recipe)
    positive = [needs_positive(plan(tree, nominal.indicators, rule)) for rule in found.aggregate]

    def drawn(choice: MethodChoice) -> CompositeRecipe:
        i, o, n, a = choice
        rule = found.normalise[n]
        if (n or a) and positive[a]:
            rule = replace(rule, rule=positive_scale(rule.rule))
        return replace(
            nominal.recipe,
            impute=found.impute[i],
            outliers=found.outliers[o],
            normalise=rule,
            aggregate=found.aggregate[a],
        )

    return drawn


def blocks(members: IntArray, plans: tuple[NodePlan, ...], units: int, cells: int) -> Iterator[IntArray]:
    """Cut the runs into blocks of at most about ``cells`` numbers."""
    methods = {one.method for one in plans}
    pairs = units * max(units, *(len(one.children) for one in plans))
    each = units * 2**units if "kemeny" in methods else pairs if methods & {"copeland", "minimum"} else units
    step = max(1, cells // each)
    for start in range(0, len(members), step):
        yield members[start : start + step]


def run_weights(
    base: Mapping[str, float],
    drawn: WeightDraws | None,
    choices: Choices,
    rows: IntArray,
    *,
    indicators: tuple[str, ...],
    tree: Tree,
) -> dict[str, FloatArray]:
    """Return the local weights of a block of runs by code, (runs,); an indicator left out has none, nor what it leaves empty."""
    local: dict[str, FloatArray] = {}
    if drawn is not None and (choices.weights[rows] >= 0).any():
        block = np.ascontiguousarray(drawn.local[choices.weights[rows] - drawn.first].T)
        local = dict(zip(drawn.codes, block, strict=True))
    local = {code: local[code] if code in local else np.full(len(rows), weight) for code, weight in base.items()}
    left_out = choices.left_out[rows]
    if (left_out >= 0).any():
        for position, code in enumerate(indicators):
            local[code] = np.where(left_out == position, 0.0, local[code])
        local = without_empty(tree, local)
    return local


def without_empty(tree: Tree, local: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Return the local weights (runs,) with none for a criterion of whose children none has any."""
    left = dict(local)
    for node in reversed(tree.nodes):
        children = [left[child] for child in tree.children[node] if child in left]
        if node in left and node != tree.root:
            left[node] = np.where(np.any(children, axis=0), left[node], 0.0) if children else left[node]
    return left
