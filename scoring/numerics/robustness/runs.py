"""Rank every unit again and again, each time with another choice of method and other weights: only what varies is recomputed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.composite.aggregate import aggregate_root, local_weights, plan
from scoring.numerics.composite.impute import OVER_TIME, fill_row_mean, impute
from scoring.numerics.composite.normalise import normalise
from scoring.numerics.composite.outliers import treat
from scoring.numerics.composite.ranking import rank, tiers
from scoring.numerics.composite.times import latest
from scoring.numerics.errors import MethodError
from scoring.numerics.robustness.choices import Choices, Variants, variants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from scoring.numerics.composite.aggregate import NodePlan
    from scoring.numerics.types import (
        Counts,
        FloatArray,
        IntArray,
        NormaliseRule,
        Places,
        Scored,
        Table,
        Tree,
        WeightDraws,
    )

CELLS = 125_000  # numbers computed at once; bounds the memory, changes no result
POSITIVE = ("geometric", "harmonic", "power")
PLACES = np.uint16  # of a rank: up to 65,535 units
LARGEST_FIELD = 65_535


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
    found = variants(nominal.recipe)
    base = local_weights(tree, nominal.indicators, weights)
    normalised = chain(nominal.steps["screened"], tree, found)
    plans = [plan(tree, nominal.indicators, rule) for rule in found.aggregate]
    position = {unit: at for at, unit in enumerate(nominal.units)}
    shape = (len(choices.weights), len(nominal.units))
    ranks, placed = np.zeros(shape, dtype=PLACES), np.zeros(shape, dtype=np.uint8)
    for (i, o, n, a), members in combinations(choices):
        data = normalised(i, o, n, bool((n or a) and needs_positive(plans[a])))
        at = np.array([position[unit] for unit in data.units])
        for rows in blocks(members, plans[a], len(data.units), cells):
            local = run_weights(base, weight_draws, choices, rows, indicators=nominal.indicators, tree=tree)
            scores = aggregate_root(data, plans[a], local)
            here = rank(scores, nominal.recipe.rank)
            ranks[rows[:, None], at] = here
            placed[rows[:, None], at] = tiers(scores, here, nominal.recipe.tiers)
    return Runs(ranks, placed)


def combinations(choices: Choices) -> Iterator[tuple[tuple[int, ...], IntArray]]:
    """Give each distinct combination of methods with the runs that have it."""
    key = np.stack([choices.impute, choices.outliers, choices.normalise, choices.aggregate], axis=1)
    distinct, member = np.unique(key, axis=0, return_inverse=True)
    for at, one in enumerate(distinct):
        yield tuple(int(index) for index in one), np.flatnonzero(member.ravel() == at)


def chain(screened: Table, tree: Tree, found: Variants) -> Callable[[int, int, int, bool], Table]:
    """Return a function to the normalised table of a combination; each step is computed once for what it depends on."""

    @cache
    def imputed(i: int) -> Table:
        rule = found.impute[i]
        pooled = found.normalise[0].pooled
        whole = screened if pooled or rule.method in OVER_TIME else latest(screened)
        filled, _ = impute(whole, rule)
        return filled if pooled else latest(filled)

    @cache
    def treated(i: int, o: int) -> Table:
        return treat(imputed(i), found.outliers[o])[0]

    @cache
    def normalised(i: int, o: int, n: int, positive: bool) -> Table:
        rule = found.normalise[n]
        scaled, _ = normalise(treated(i, o), tree, replace(rule, rule=positive_scale(rule.rule)) if positive else rule)
        at_last = latest(scaled)
        return fill_row_mean(at_last, tree)[0] if found.impute[i].method == "row_mean" else at_last

    return normalised


def needs_positive(plans: tuple[NodePlan, ...]) -> bool:
    """Say whether a node's mean has no answer at 0."""
    return any(one.method in POSITIVE for one in plans)


def positive_scale(rule: NormaliseRule) -> NormaliseRule:
    """Move min-max and z-scores to where a geometric mean has an answer; ranks of arithmetic means do not change by it."""
    if rule.method == "minmax" and rule.lower <= 0:
        width = rule.upper - rule.lower
        return replace(rule, lower=width / 100, upper=width)
    if rule.method == "zscore" and rule.mean < 5 * rule.sd:
        return replace(rule, mean=5 * rule.sd)
    return rule


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
        for at, code in enumerate(indicators):
            local[code] = np.where(left_out == at, 0.0, local[code])
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
