"""How sure is a rank? The recipe drawn many times over its declared uncertain choices, and the ranks that come of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, TypeVar, cast, get_args

import numpy as np

from scoring.numerics.composite.aggregate import aggregate_root, local_weights, plan
from scoring.numerics.composite.impute import OVER_TIME, fill_row_mean, impute
from scoring.numerics.composite.normalise import normalise
from scoring.numerics.composite.outliers import treat
from scoring.numerics.composite.ranking import rank
from scoring.numerics.composite.times import latest
from scoring.numerics.errors import MethodError
from scoring.numerics.pipeline import score
from scoring.numerics.robustness.streams import RECIPE, uniforms
from scoring.numerics.types import Aggregate, Factor, NormaliseRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scoring.numerics.composite.aggregate import NodePlan
    from scoring.numerics.types import (
        AggregateMethod,
        FloatArray,
        Impute,
        ImputeMethod,
        IntArray,
        Normalise,
        NormaliseMethod,
        OutlierMethod,
        Outliers,
        Recipe,
        Scored,
        Table,
        Tree,
        WeightDraws,
    )

FACTORS: tuple[Factor, ...] = get_args(Factor)
DEFAULTS: dict[Factor, tuple[str, ...]] = {
    "normalise": ("minmax", "zscore"),
    "aggregate": ("arithmetic", "geometric"),
    "outliers": ("none", "winsorise_then_log"),
    "impute": ("none", "mean"),
}
"""What is drawn beside the recipe's own choice when the recipe declares no alternatives of a factor."""
SLOTS = 8  # numbers a draw owns: one a factor, the rest kept for factors to come, so that one more changes no draw
CELLS = 2_000_000  # numbers computed at once; bounds the memory, changes no result
POSITIVE = ("geometric", "harmonic", "power")


@dataclass(frozen=True)
class _Variants:
    """The choices of each method factor, the recipe's own first."""

    impute: tuple[Impute, ...]
    outliers: tuple[Outliers, ...]
    normalise: tuple[Normalise, ...]
    aggregate: tuple[Aggregate, ...]


def score_with_intervals(
    table: Table,
    tree: Tree,
    weights: Mapping[str, float] | None,
    recipe: Recipe,
    weight_draws: WeightDraws | None = None,
) -> Scored:
    """Score once as the recipe says and give every unit the 5th, 50th and 95th percentile of its drawn ranks.

    Percentiles are R's type 7. Without draws in the recipe the result is `score`'s.

    Raises
    ------
    MethodError
        As `rank_draws`.

    Source: Saisana, Saltelli & Tarantola 2005; OECD/JRC Handbook 2008, step 7.
    """
    nominal = score(table, tree, weights, recipe)
    if recipe.robustness.draws == 0:
        return nominal
    low, median, high = percentiles(rank_draws(nominal, tree, weights, weight_draws))
    ranked = nominal.ranks > 0
    return replace(
        nominal,
        rank_low=np.where(ranked, low, np.nan),
        rank_median=np.where(ranked, median, np.nan),
        rank_high=np.where(ranked, high, np.nan),
    )


def percentiles(ranks: IntArray) -> FloatArray:
    """Return the 5th, 50th and 95th percentile of each unit's ranks, (3, U), over the draws that rank it."""
    points = [5, 50, 95]
    out = np.percentile(ranks, points, axis=0)
    for unit in np.flatnonzero((ranks == 0).any(axis=0)):  # only units that a draw leaves without a score
        drawn = ranks[ranks[:, unit] > 0, unit]
        out[:, unit] = np.percentile(drawn, points) if drawn.size else np.nan
    return np.asarray(out)


def rank_draws(
    nominal: Scored,
    tree: Tree,
    weights: Mapping[str, float] | None,
    weight_draws: WeightDraws | None = None,
    *,
    cells: int = CELLS,
) -> IntArray:
    """Draw the recipe ``nominal`` was scored by over its uncertain factors and rank every time.

    Draw d takes from stream (seed, d) one number a factor, whatever the other factors, and chooses: ``weights`` row
    d (modulo their number) of the weight draws; ``impute``, ``outliers``, ``normalise``, ``aggregate`` the recipe's own or one
    of the alternatives (declared, else `DEFAULTS`), equally likely; ``leave_one_indicator`` one indicator or none, equally
    likely. The screen's result stays. An indicator with a normalisation of its own keeps it. Where a drawn geometric or
    harmonic mean meets a scale not the recipe's pair with it, min-max starts one hundredth of its range above 0 and
    z-scores stand at 5 standard deviations, since those means have no answer at 0.

    Parameters
    ----------
    nominal : Scored
        The nominal result, with the recipe and the screened table.
    tree, weights
        As given to `score`.
    weight_draws : WeightDraws | None
        Local weights of all codes, when ``weights`` is a factor.
    cells : int
        How many numbers are computed at once.

    Returns
    -------
    (D, U)
        Ranks by draw and unit of ``nominal.units``; 0 where a draw leaves a unit without a score.

    Raises
    ------
    MethodError
        An unknown factor, no factor, or ``weights`` without draws of them.
    """
    recipe, size = nominal.recipe, nominal.recipe.robustness.draws
    _check(recipe, tree, nominal, weight_draws)
    variants = _variants(recipe)
    uniform = uniforms(recipe.robustness.seed, RECIPE, 0, size, SLOTS)
    choice = {name: _pick(uniform, recipe, name, len(getattr(variants, name))) for name in DEFAULTS}
    left_out = _pick(uniform, recipe, "leave_one_indicator", len(nominal.indicators) + 1) - 1
    base = local_weights(tree, nominal.indicators, weights)
    drawn = weight_draws if "weights" in recipe.robustness.factors else None
    normalised = _chain(nominal.steps["screened"], tree, variants)
    plans = [plan(tree, nominal.indicators, rule) for rule in variants.aggregate]
    position = {unit: at for at, unit in enumerate(nominal.units)}
    ranks = np.zeros((size, len(nominal.units)), dtype=np.int64)
    for (i, o, n, a), members in _combinations(choice):
        data = normalised(i, o, n, bool((n or a) and _needs_positive(plans[a])))
        at = np.array([position[unit] for unit in data.units])
        for rows in _blocks(members, plans[a], len(data.units), cells):
            local = _local(base, drawn, rows, nominal.indicators, left_out[rows])
            ranks[np.ix_(rows, at)] = rank(aggregate_root(data, plans[a], local), recipe.rank)
    return ranks


def _check(recipe: Recipe, tree: Tree, nominal: Scored, weight_draws: WeightDraws | None) -> None:
    factors = recipe.robustness.factors
    unknown = [name for name in factors if name not in FACTORS]
    if unknown or not factors:
        raise MethodError(f"robustness: {unknown or 'no factor'}; factors are {', '.join(FACTORS)}", allowed=FACTORS)
    strange = [name for name in recipe.robustness.alternatives if name not in DEFAULTS]
    if strange:
        raise MethodError(
            f"robustness: {strange[0]} has no alternatives; {', '.join(DEFAULTS)} have", allowed=(*DEFAULTS,)
        )
    if "weights" not in factors:
        return
    if weight_draws is None:
        raise MethodError("robustness: weights is a factor, but there are no draws of weights", factor="weights")
    lost = [code for code in (*tree.nodes, *nominal.indicators) if code not in {tree.root, *weight_draws.codes}]
    if lost:
        raise MethodError(f"the draws of weights have none for {lost[0]}", criteria=lost)


def _variants(recipe: Recipe) -> _Variants:
    """List the choices; a name that is no method is refused by the step that meets it."""
    names = {factor: recipe.robustness.alternatives.get(factor, DEFAULTS[factor]) for factor in DEFAULTS}
    rule, own = recipe.normalise.rule, recipe.aggregate
    return _Variants(
        impute=_distinct(
            recipe.impute, [replace(recipe.impute, method=cast("ImputeMethod", name)) for name in names["impute"]]
        ),
        outliers=_distinct(
            recipe.outliers,
            [replace(recipe.outliers, method=cast("OutlierMethod", name)) for name in names["outliers"]],
        ),
        normalise=_distinct(
            recipe.normalise,
            [
                replace(recipe.normalise, rule=replace(rule, method=cast("NormaliseMethod", name)))
                for name in names["normalise"]
            ],
        ),
        aggregate=_distinct(
            own,
            [
                Aggregate(method=cast("AggregateMethod", name), floor=own.floor, power=own.power)
                for name in names["aggregate"]
            ],
        ),
    )


Choice = TypeVar("Choice")


def _distinct(own: Choice, others: list[Choice]) -> tuple[Choice, ...]:
    """Put the recipe's own choice first and leave out alternatives equal to it."""
    return (own, *(one for one in others if one != own))


def _pick(uniform: FloatArray, recipe: Recipe, factor: Factor, choices: int) -> IntArray:
    """Choose by the factor's own column; a factor not declared stays at the first choice."""
    if factor not in recipe.robustness.factors:
        return np.zeros(len(uniform), dtype=np.int64)
    return (uniform[:, FACTORS.index(factor)] * choices).astype(np.int64)


def _combinations(choice: Mapping[Factor, IntArray]) -> Iterator[tuple[tuple[int, ...], IntArray]]:
    """Give each distinct combination of methods with the draws that have it."""
    key = np.stack([choice["impute"], choice["outliers"], choice["normalise"], choice["aggregate"]], axis=1)
    distinct, member = np.unique(key, axis=0, return_inverse=True)
    for at, one in enumerate(distinct):
        yield tuple(int(index) for index in one), np.flatnonzero(member.ravel() == at)


def _chain(screened: Table, tree: Tree, variants: _Variants) -> Callable[[int, int, int, bool], Table]:
    """Return a function to the normalised table of a combination; each step is computed once for what it depends on."""

    @cache
    def imputed(i: int) -> Table:
        rule = variants.impute[i]
        pooled = variants.normalise[0].pooled
        whole = screened if pooled or rule.method in OVER_TIME else latest(screened)
        filled, _ = impute(whole, rule)
        return filled if pooled else latest(filled)

    @cache
    def treated(i: int, o: int) -> Table:
        return treat(imputed(i), variants.outliers[o])[0]

    @cache
    def normalised(i: int, o: int, n: int, positive: bool) -> Table:
        rule = variants.normalise[n]
        scaled, _ = normalise(treated(i, o), tree, replace(rule, rule=_positive(rule.rule)) if positive else rule)
        at_last = latest(scaled)
        return fill_row_mean(at_last, tree)[0] if variants.impute[i].method == "row_mean" else at_last

    return normalised


def _needs_positive(plans: tuple[NodePlan, ...]) -> bool:
    return any(one.method in POSITIVE for one in plans)


def _positive(rule: NormaliseRule) -> NormaliseRule:
    """Move min-max and z-scores to where a geometric mean has an answer; ranks of arithmetic means do not change by it."""
    if rule.method == "minmax" and rule.lower <= 0:
        width = rule.upper - rule.lower
        return replace(rule, lower=width / 100, upper=width)
    if rule.method == "zscore" and rule.mean < 5 * rule.sd:
        return replace(rule, mean=5 * rule.sd)
    return rule


def _blocks(members: IntArray, plans: tuple[NodePlan, ...], units: int, cells: int) -> Iterator[IntArray]:
    """Cut the draws into blocks of at most about ``cells`` numbers."""
    methods = {one.method for one in plans}
    pairs = units * max(units, *(len(one.children) for one in plans))
    each = units * 2**units if "kemeny" in methods else pairs if methods & {"copeland", "minimum"} else units
    step = max(1, cells // each)
    for start in range(0, len(members), step):
        yield members[start : start + step]


def _local(
    base: Mapping[str, float],
    drawn: WeightDraws | None,
    rows: IntArray,
    indicators: tuple[str, ...],
    left_out: IntArray,
) -> dict[str, FloatArray]:
    """Return the local weights of a block of draws by code, (draws,); an indicator left out has none."""
    local = {code: np.full(len(rows), weight) for code, weight in base.items()}
    if drawn is not None:
        block = drawn.local[rows % len(drawn.local)]
        local.update({code: block[:, at] for at, code in enumerate(drawn.codes)})
    if (left_out >= 0).any():
        for at, code in enumerate(indicators):
            local[code] = np.where(left_out == at, 0.0, local[code])
    return local
