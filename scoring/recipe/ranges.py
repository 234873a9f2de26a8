"""What has the right type and no meaning: ranges, orders, and parameters that a method needs."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, get_args

from scoring.numerics.composite.chain import POSITIVE
from scoring.numerics.robustness.choices import FACTORS, variants
from scoring.numerics.robustness.doubling import MOST_DRAWS
from scoring.numerics.types import FIRST_DRAWS, AggregateMethod, ImputeMethod, NormaliseMethod, OutlierMethod
from scoring.recipe.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring.numerics.types import Aggregate, CompositeRecipe, NormaliseRule

VERSION = 1
MOST_BASE = 2**16
ENDS_AT_0 = ("percentile_rank", "distance_to_max", "distance_to_reference", "distance_to_target")
ALTERNATIVES: dict[str, tuple[str, ...]] = {
    "impute": get_args(ImputeMethod),
    "outliers": get_args(OutlierMethod),
    "normalise": get_args(NormaliseMethod),
    "aggregate": get_args(AggregateMethod),
}


def out_of_range(recipe: CompositeRecipe) -> Iterator[tuple[str, str]]:
    """Give the key and the sentence of everything that has the right type and no meaning."""
    if recipe.version != VERSION:
        yield "version", f"{VERSION} is allowed, got {recipe.version}"
    yield from _screen_to_outliers(recipe)
    for key, rule in (
        ("normalise", recipe.normalise.rule),
        *((f"normalise.indicators.{code}", rule) for code, rule in recipe.normalise.indicators.items()),
    ):
        yield from _normalise(key, rule)
    yield from _aggregate_to_end(recipe)
    yield from _robustness(recipe)


def _screen_to_outliers(recipe: CompositeRecipe) -> Iterator[tuple[str, str]]:
    for code, scale in recipe.denominate.scales.items():
        yield from _over(f"denominate.scales.{code}", scale)
    yield from _share("screen.unit_availability", recipe.screen.unit_availability)
    yield from _share("screen.indicator_availability", recipe.screen.indicator_availability)
    for code, reason in (recipe.screen.circumstances or {}).items():
        if not reason or not all(text.strip() for text in reason.values()):
            yield f"screen.circumstances.{code}", 'a reason by language is needed, such as en = "…"'
    if recipe.impute.method.startswith("group_") and recipe.impute.group is None:
        yield "impute.group", f"{recipe.impute.method} needs the name of a grouping column"
    outliers = recipe.outliers
    if outliers.max_points != "all" and outliers.max_points < 0:
        yield "outliers.max_points", f'0 or more, or "all", is allowed, got {outliers.max_points}'
    yield from _over("outliers.skewness", outliers.skewness)
    yield from _over("outliers.kurtosis", outliers.kurtosis)
    if not 0 <= outliers.trim[0] < outliers.trim[1] <= 1:
        yield "outliers.trim", f"two rising shares from 0 to 1 are allowed, got {list(outliers.trim)}"


def _normalise(key: str, rule: NormaliseRule) -> Iterator[tuple[str, str]]:
    if rule.lower >= rule.upper:
        yield f"{key}.lower", f"less than upper ({rule.upper:g}) is allowed, got {rule.lower:g}"
    yield from _over(f"{key}.sd", rule.sd)
    yield from _over(f"{key}.scale", rule.scale)
    for name, pair in (("goalposts", rule.goalposts), ("bounds", rule.bounds)):
        if pair is not None and pair[0] >= pair[1]:
            yield f"{key}.{name}", f"two rising numbers are allowed, got {list(pair)}"
    if rule.log and rule.goalposts is not None and rule.goalposts[0] <= 0:
        yield f"{key}.goalposts", f"positive numbers are allowed with log, got {list(rule.goalposts)}"
    needed = {"goalposts": rule.goalposts, "scaled": rule.bounds, "distance_to_reference": rule.reference}
    if rule.method in needed and needed[rule.method] is None:
        name = {"scaled": "bounds", "distance_to_reference": "reference"}.get(rule.method, rule.method)
        yield f"{key}.{name}", f"{rule.method} needs {name}"


def _aggregate_to_end(recipe: CompositeRecipe) -> Iterator[tuple[str, str]]:
    aggregate = recipe.aggregate
    for floor in aggregate.floor if isinstance(aggregate.floor, tuple) else (aggregate.floor,):
        yield from _share("aggregate.floor", floor)
    if "power" in (aggregate.method, *aggregate.levels, *aggregate.nodes.values()) and aggregate.power is None:
        yield "aggregate.power", "the power mean needs its exponent"
    if recipe.rank.decimals is not None and not 0 <= recipe.rank.decimals <= 12:
        yield "rank.decimals", f"0 to 12 is allowed, got {recipe.rank.decimals}"
    shares = (0.0, *recipe.tiers.shares)
    if len(shares) < 2 or shares[-1] != 1 or any(a >= b for a, b in pairwise(shares)):
        yield "tiers.shares", f"shares rising from above 0 to 1.0 are allowed, got {list(recipe.tiers.shares)}"
    bounds = recipe.tiers.scores
    falling = all(a > b for a, b in pairwise(bounds))
    if not falling or (recipe.tiers.by == "score" and not bounds):
        yield "tiers.scores", f"falling lower bounds are allowed, got {list(bounds)}"


def _robustness(recipe: CompositeRecipe) -> Iterator[tuple[str, str]]:
    robustness = recipe.robustness
    yield from _draws(recipe)
    if not 0 <= robustness.seed < 2**64:
        yield "robustness.seed", f"0 to {2**64 - 1} is allowed, got {robustness.seed}"
    base = robustness.sensitivity
    if not 0 <= base <= MOST_BASE or base == 1 or base & (base - 1):
        yield "robustness.sensitivity", f"a power of two up to {MOST_BASE}, or 0 for none, is allowed, got {base}"
    if robustness.draws and not robustness.factors:
        yield "robustness.factors", f"draws need a factor; {', '.join(FACTORS)} are allowed"
    for twice in dict.fromkeys(one for one in robustness.factors if robustness.factors.count(one) > 1):
        yield "robustness.factors", f"each factor stands once, got {twice!r} twice"
    known = True
    for factor, others in recipe.robustness.alternatives.items():
        key, allowed = f"robustness.alternatives.{factor}", ALTERNATIVES.get(factor, ())
        if not allowed:
            yield key, f"unknown key; allowed are {', '.join(ALTERNATIVES)}{nearest(factor, tuple(ALTERNATIVES))}"
            known = False
        for name in (name for name in others if isinstance(name, str) and allowed and name not in allowed):
            yield key, f"{', '.join(allowed)} are allowed, got {name!r}{nearest(name, allowed)}"
            known = False
    if known:
        yield from _alternatives(recipe)
        yield from _without_answer(recipe)


def _draws(recipe: CompositeRecipe) -> Iterator[tuple[str, str]]:
    robustness = recipe.robustness
    if isinstance(robustness.draws, int) and not 0 <= robustness.draws <= MOST_DRAWS:
        yield "robustness.draws", f'0 to {MOST_DRAWS}, or "auto", is allowed, got {robustness.draws}'
    if robustness.budget is not None and robustness.draws != "auto":
        yield "robustness.budget", f'a budget goes with draws = "auto"; here they are {robustness.draws}'
    elif robustness.budget is not None and not FIRST_DRAWS <= robustness.budget <= MOST_DRAWS:
        yield "robustness.budget", f"{FIRST_DRAWS} to {MOST_DRAWS} is allowed, got {robustness.budget}"


def _alternatives(recipe: CompositeRecipe) -> Iterator[tuple[str, str]]:
    """Look at each alternative given as a table as if it were the recipe's own choice."""
    found = variants(recipe)
    looked = (
        *(("impute.", _screen_to_outliers(replace(recipe, impute=way))) for way in found.impute[1:]),
        *(("outliers.", _screen_to_outliers(replace(recipe, outliers=way))) for way in found.outliers[1:]),
        *(("aggregate.", _aggregate_to_end(replace(recipe, aggregate=way))) for way in found.aggregate[1:]),
    )
    for factor, problems in looked:
        yield from ((f"robustness.alternatives.{key}", what) for key, what in problems if key.startswith(factor))
    for one in recipe.robustness.alternatives.get("normalise", ()):
        if not isinstance(one, str):
            yield from _normalise("robustness.alternatives.normalise", replace(recipe.normalise.rule, **one))


def _without_answer(recipe: CompositeRecipe) -> Iterator[tuple[str, str]]:
    """Look for a drawn scale that puts the worst unit at 0 beside a drawn mean that has no answer there."""
    drawn, found = recipe.robustness.factors if recipe.robustness.draws else (), variants(recipe)
    scales = [one.rule.method for one in (found.normalise if "normalise" in drawn else found.normalise[:1])]
    means = [_positive(one) for one in (found.aggregate if "aggregate" in drawn else found.aggregate[:1])]
    for n, scale in enumerate(scales):
        for a, mean in enumerate(means):
            if (n or a) and mean and scale in ENDS_AT_0:
                key = "aggregate" if a else "normalise"
                what = f"{mean} has no answer at 0, where {scale} puts the worst unit; draw alternatives without one of them"
                yield f"robustness.alternatives.{key}", what
                return


def _positive(rule: Aggregate) -> str:
    """Return the first of the rule's means that has no answer at 0; empty where all have."""
    return next((name for name in (rule.method, *rule.levels, *rule.nodes.values()) if name in POSITIVE), "")


def _share(key: str, value: float) -> Iterator[tuple[str, str]]:
    if not 0 <= value <= 1:
        yield key, f"0 to 1 is allowed, got {value:g}"


def _over(key: str, value: float) -> Iterator[tuple[str, str]]:
    if value <= 0:
        yield key, f"more than 0 is allowed, got {value:g}"
