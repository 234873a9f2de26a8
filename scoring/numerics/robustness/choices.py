"""What is uncertain in a recipe, and which choice each run makes: the declared factors with their alternatives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import numpy as np

from scoring.numerics.errors import MethodError
from scoring.numerics.robustness.streams import RECIPE, uniforms
from scoring.numerics.types import Aggregate, Factor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scoring.numerics.types import CompositeRecipe, FloatArray, Impute, IntArray, Normalise, Outliers

FACTORS: tuple[Factor, ...] = get_args(Factor)
DEFAULTS: dict[Factor, tuple[str, ...]] = {
    "normalise": ("minmax", "zscore"),
    "aggregate": ("arithmetic", "geometric"),
    "outliers": ("none", "winsorise_then_log"),
    "impute": ("none", "mean"),
}
"""What is drawn beside the recipe's own choice when the recipe declares no alternatives of a factor."""
SLOTS = 8  # numbers a draw owns: one a factor, the rest kept for factors to come, so that one more changes no draw


@dataclass(frozen=True)
class Variants:
    """The choices of each method factor, the recipe's own first."""

    impute: tuple[Impute, ...]
    outliers: tuple[Outliers, ...]
    normalise: tuple[Normalise, ...]
    aggregate: tuple[Aggregate, ...]


@dataclass(frozen=True)
class Choices:
    """Which choice each of R runs makes: arrays (R,) of positions among the variants.

    ``left_out`` is the position of the indicator left out, −1 for none; ``weights`` the row of the weight draws, −1 for the
    weights as they are.
    """

    impute: IntArray
    outliers: IntArray
    normalise: IntArray
    aggregate: IntArray
    left_out: IntArray
    weights: IntArray


def variants(recipe: CompositeRecipe) -> Variants:
    """List the choices; a name that is no method is refused by the step that meets it.

    A factor whose alternatives are all the recipe's own choice has one choice: it is drawn and changes nothing.
    """
    own = Aggregate(
        floor=recipe.aggregate.floor, power=recipe.aggregate.power
    )  # one mean for all nodes, unless it says more
    return Variants(
        impute=_distinct(recipe.impute, (replace(recipe.impute, **one) for one in alternatives(recipe, "impute"))),
        outliers=_distinct(
            recipe.outliers, (replace(recipe.outliers, **one) for one in alternatives(recipe, "outliers"))
        ),
        normalise=_distinct(
            recipe.normalise,
            (
                replace(recipe.normalise, rule=replace(recipe.normalise.rule, **one))
                for one in alternatives(recipe, "normalise")
            ),
        ),
        aggregate=_distinct(recipe.aggregate, (replace(own, **one) for one in alternatives(recipe, "aggregate"))),
    )


def alternatives(recipe: CompositeRecipe, factor: Factor) -> Iterable[Mapping[str, Any]]:
    """Give each declared (or default) alternative of a factor as the parameters that it changes."""
    for one in recipe.robustness.alternatives.get(factor, DEFAULTS[factor]):
        yield {"method": one} if isinstance(one, str) else one


Choice = TypeVar("Choice")


def _distinct(own: Choice, others: Iterable[Choice]) -> tuple[Choice, ...]:
    """Put the recipe's own choice first and leave out alternatives that stand already."""
    found = [own]
    for one in others:
        if one not in found:
            found.append(one)
    return tuple(found)


def sizes(recipe: CompositeRecipe, indicators: int, weight_draws: int) -> dict[Factor, int]:
    """Return how many choices each declared factor has, in the order of `FACTORS`; 1 = it cannot vary."""
    found = variants(recipe)
    every: dict[Factor, int] = {name: len(getattr(found, name)) for name in DEFAULTS}
    every |= {"leave_one_indicator": indicators + 1, "weights": weight_draws}
    return {factor: every[factor] for factor in FACTORS if factor in recipe.robustness.factors}


def check_factors(recipe: CompositeRecipe) -> None:
    """Refuse a recipe that cannot be drawn.

    Raises
    ------
    MethodError
        An unknown factor, no factor, or alternatives of a factor that has none.
    """
    factors = recipe.robustness.factors
    unknown = [name for name in factors if name not in FACTORS]
    if unknown or not factors:
        raise MethodError(f"robustness: {unknown or 'no factor'}; factors are {', '.join(FACTORS)}", allowed=FACTORS)
    strange = [name for name in recipe.robustness.alternatives if name not in DEFAULTS]
    if strange:
        raise MethodError(
            f"robustness: {strange[0]} has no alternatives; {', '.join(DEFAULTS)} have", allowed=(*DEFAULTS,)
        )


def drawn_choices(recipe: CompositeRecipe, indicators: int, *, first: int, count: int) -> Choices:
    """Choose for the draws ``first`` … ``first + count - 1``: draw d takes one number a factor from stream (seed, d).

    Every choice of a factor is equally likely, and its number is its own whatever other factors are declared. Draw d takes
    row d of the weight draws.
    """
    uniform = uniforms(recipe.robustness.seed, RECIPE, first, count, SLOTS)
    columns = {factor: uniform[:, FACTORS.index(factor)] for factor in recipe.robustness.factors}
    found = _chosen(columns, sizes(recipe, indicators, 1), count)
    rows = np.arange(first, first + count) if "weights" in columns else np.full(count, -1)
    return replace(found, weights=rows)


def sampled_choices(recipe: CompositeRecipe, indicators: int, sample: FloatArray, weight_draws: int) -> Choices:
    """Choose for the rows of a sample (R, F) of uniform numbers, one column a factor in the order of `sizes`."""
    many = sizes(recipe, indicators, weight_draws)
    columns = {factor: sample[:, column] for column, factor in enumerate(many)}
    return _chosen(columns, many, len(sample))


def _chosen(columns: dict[Factor, FloatArray], many: dict[Factor, int], count: int) -> Choices:
    """Turn uniform numbers into positions; what is not declared stays at the recipe's own choice."""
    own = np.zeros(count, dtype=np.int64)
    picked = {
        factor: np.minimum((column * many[factor]).astype(np.int64), many[factor] - 1)
        for factor, column in columns.items()
    }
    return Choices(
        impute=picked.get("impute", own),
        outliers=picked.get("outliers", own),
        normalise=picked.get("normalise", own),
        aggregate=picked.get("aggregate", own),
        left_out=picked.get("leave_one_indicator", own) - 1,
        weights=picked.get("weights", own - 1),
    )
