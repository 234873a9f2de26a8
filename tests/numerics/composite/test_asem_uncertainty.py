"""100 recipes of the ASEM index drawn by COINr 1.1.14: every rank of every draw, the percentiles, and Sobol' total effects.

The recipe declares COINr's factors as a recipe file would: at most one to five points treated, min-max 1-100 or z-scores with
mean 10 and sd 2, arithmetic or geometric mean, and the hundred drawn sets of weights.
"""

import numpy as np
import pytest

from scoring.numerics.pipeline import score
from scoring.numerics.robustness.choices import Choices
from scoring.numerics.robustness.intervals import percentiles
from scoring.numerics.robustness.runs import rank_runs
from scoring.numerics.robustness.sensitivity import sensitivity, sobol_runs
from scoring.numerics.types import (
    CompositeRecipe,
    Denominate,
    Impute,
    Normalise,
    NormaliseRule,
    Outliers,
    RobustnessChoices,
    WeightDraws,
)

RECIPE = CompositeRecipe(
    denominate=Denominate(use=True),
    impute=Impute("group_mean", group="EurAsia_group"),
    outliers=Outliers("winsorise_then_log", max_points=5),
    normalise=Normalise(NormaliseRule(lower=1)),
    robustness=RobustnessChoices(
        draws=100,
        seed=1,
        factors=("outliers", "normalise", "weights", "aggregate"),
        alternatives={
            "outliers": ({"max_points": 1}, {"max_points": 2}, {"max_points": 3}, {"max_points": 4}),
            "normalise": ({"method": "zscore", "mean": 10.0, "sd": 2.0},),
            "aggregate": ("geometric",),
        },
        sensitivity=1024,
    ),
)
COINR_NAMES = {"Winmax": "outliers", "Normalisation": "normalise", "Weights": "weights", "Aggregation": "aggregate"}


@pytest.fixture(scope="module")
def draws(golden, make):
    folder = golden / "asem_uncertainty"
    return (
        make.read(folder / "UA4_N100_seed42_parameters.csv"),
        make.read(folder / "weights_noisy_L23_100_seed42.csv"),
        {row["uCode"]: row for row in make.read(folder / "UA4_N100_seed42_ranks_all.csv")},
    )


@pytest.fixture(scope="module")
def weight_draws(asem, draws):
    tree, _ = asem
    codes = tuple(code for code in (*tree.nodes, *tree.indicators) if code != tree.root)
    local = np.array(
        [[float(row.get(code, 1)) for code in codes] for row in draws[1]]
    )  # the indicators' weights stay 1
    return WeightDraws(tree.indicators, local[:, -len(tree.indicators) :], codes, local, 42)


@pytest.fixture(scope="module")
def nominal(asem):
    tree, table = asem
    return score(table, tree, None, RECIPE)


def test_every_rank_of_every_draw_equals_coinr(asem, draws, weight_draws, nominal):
    tree, _ = asem
    parameters, _, ranks = draws
    assert len(parameters) == 100
    places = {"5": 0, "1": 1, "2": 2, "3": 3, "4": 4}

    choices = Choices(
        impute=np.zeros(100, dtype=np.int64),
        outliers=np.array([places[row["winmax"]] for row in parameters]),
        normalise=np.array([int(row["norm"] == "n_zscore") for row in parameters]),
        aggregate=np.array([int(row["agg"] == "a_gmean") for row in parameters]),
        left_out=np.full(100, -1),
        weights=np.array([int(row["weight_draw"]) - 1 for row in parameters]),
    )
    got = rank_runs(nominal, tree, None, choices, weight_draws).ranks

    expected = [[int(ranks[unit][f"r_{run}"]) for unit in nominal.units] for run in range(1, 101)]
    assert np.array_equal(got, expected)


def test_percentiles_of_the_draws_equal_coinr(draws, golden, make):
    _, _, ranks = draws
    stats = make.read(golden / "asem_uncertainty" / "UA4_N100_seed42_rankstats.csv")
    drawn = np.array([[int(ranks[row["uCode"]][f"r_{run}"]) for row in stats] for run in range(1, 101)])
    expected = [[float(row[name]) for row in stats] for name in ("Q5", "Median", "Q95")]
    assert np.allclose(percentiles(drawn), expected, rtol=1e-12)


def test_total_effects_lie_inside_coinr_s_intervals(asem, weight_draws, nominal, golden, make):
    tree, _ = asem
    printed = {
        COINR_NAMES[row["Variable"]]: row
        for row in make.read(golden / "asem_uncertainty" / "SA4_N100_seed11_sobol.csv")
    }

    runs = sobol_runs(nominal, tree, None, weight_draws)
    got = sensitivity(nominal, runs.ranks, len(weight_draws.local))

    totals = dict(zip(got.factors, got.total[0].tolist(), strict=True))
    assert set(totals) == set(printed)
    outside = {
        name: total
        for name, total in totals.items()
        if not float(printed[name]["STi_q5"]) <= total <= float(printed[name]["STi_q95"])
    }
    assert outside == {}
