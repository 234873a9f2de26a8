"""Small release models, and what a direct score of a changed table gives: the yardstick of advice and what-if."""

from dataclasses import replace

import numpy as np

from scoring.numerics.pipeline import score
from scoring.numerics.robustness.release_model import ReleaseModel
from scoring.numerics.types import (
    Aggregate,
    CompositeRecipe,
    Impute,
    Normalise,
    NormaliseRule,
    Outliers,
    Rank,
    RobustnessChoices,
    Screen,
    Table,
    Tree,
    TreeCriterion,
    WeightDraws,
)

TREE = Tree(
    (
        TreeCriterion("index", None),
        TreeCriterion("people", "index"),
        TreeCriterion("place", "index"),
        *(TreeCriterion(f"p{number}", "people", is_indicator=True) for number in range(3)),
        *(TreeCriterion(f"q{number}", "place", is_indicator=True, direction=-1) for number in range(2)),
    )
)
CODES = ("people", "place", *TREE.indicators)
EQUAL = {"index": 1.0, **dict.fromkeys(CODES, 1.0)}
UNITS, DRAWS = 11, 30
FACTORS = ("weights", "normalise", "aggregate", "outliers", "impute", "leave_one_indicator")


def table(missing=0, units=UNITS):
    values = np.random.default_rng(3).lognormal(size=(units, len(TREE.indicators)))
    for number in range(missing):
        values[1 + number * 2, (number * 3) % 5] = np.nan
    codes = tuple(f"u{number:02d}" for number in range(units))
    return Table(codes, codes, ("2024",) * units, TREE.indicators, values)


def weight_draws(draws=DRAWS):
    local = np.random.default_rng(5).uniform(0.1, 1, size=(draws, len(CODES)))
    return WeightDraws(TREE.indicators, np.zeros((draws, len(TREE.indicators))), CODES, local, 5)


def recipe(*factors, draws=DRAWS, alternatives=None, **parts):
    rule = RobustnessChoices(draws if factors else 0, 4, factors or ("weights",), alternatives or {})
    return CompositeRecipe(screen=Screen(0, 0), robustness=rule, **parts)


def field_of(rule=None, data=None, draws=None, weights=None):
    rule = rule or recipe()
    weights = weights or EQUAL
    return ReleaseModel(score(table() if data is None else data, TREE, weights, rule), TREE, weights, draws)


def changed_from(base, weights, rule, unit, change):
    """Score the changed table on the yardstick of the table as it is; what was filled in stays filled as it was."""
    held = base.steps["imputed"]
    values = held.values.copy()
    for code, value in change.items():
        values[held.units.index(unit), held.columns.index(code)] = value
    kept = rule if rule.impute.method == "row_mean" else replace(rule, impute=Impute())
    return score(held.with_values(values), TREE, weights, kept, base.yardstick)


def everybody(field, but=()):
    return tuple(unit for unit in field.nominal.units if unit not in but)


def last(field):
    return field.nominal.units[int(np.argmax(field.nominal.ranks))]


def of(scored, unit):
    position = scored.units.index(unit)
    return scored.scores[position], scored.ranks[position], scored.tiers[position]


RULES = {
    "arithmetic": {},
    "zscore": {"normalise": Normalise(NormaliseRule("zscore"))},
    "geometric": {"normalise": Normalise(NormaliseRule(lower=1)), "aggregate": Aggregate("geometric")},
    "geometric of z-scores": {
        "normalise": Normalise(NormaliseRule("zscore", mean=4)),
        "aggregate": Aggregate("geometric"),
    },
    "harmonic": {"normalise": Normalise(NormaliseRule(lower=1)), "aggregate": Aggregate("harmonic")},
    "minimum": {"aggregate": Aggregate(levels=("arithmetic", "minimum"))},
    "rank": {"normalise": Normalise(NormaliseRule("rank", ties="average"))},
    "one by percentile rank": {"normalise": Normalise(indicators={"p1": NormaliseRule("percentile_rank")})},
    "borda": {"normalise": Normalise(NormaliseRule("borda")), "aggregate": Aggregate("borda")},
    "copeland": {"aggregate": Aggregate("copeland")},
    "copeland above means": {"aggregate": Aggregate(levels=("arithmetic", "copeland"))},
    "kemeny": {"aggregate": Aggregate(levels=("arithmetic", "kemeny"))},
    "winsorised": {"outliers": Outliers("winsorise", skewness=0.5, kurtosis=-3)},
    "logarithm": {"outliers": Outliers(indicators={"p0": "log", "q1": "log_reflected"})},
    "goalposts": {"normalise": Normalise(NormaliseRule("goalposts", goalposts=(0.05, 9), log=True, scale=100))},
    "row mean": {"impute": Impute("row_mean")},
    "row mean of ranks": {"impute": Impute("row_mean"), "normalise": Normalise(NormaliseRule("rank"))},
    "mean": {"impute": Impute("mean")},
    "two decimals": {"rank": Rank(decimals=0)},
}
