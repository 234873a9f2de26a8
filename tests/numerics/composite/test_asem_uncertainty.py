"""100 recipes of the ASEM index drawn by COINr 1.1.14: every rank of every draw, and the percentiles."""

import numpy as np
import pytest

from scoring.numerics.pipeline import score
from scoring.numerics.robustness.intervals import percentiles
from scoring.numerics.types import Aggregate, Denominate, Impute, Normalise, NormaliseRule, Outliers, Recipe

RULES = {"n_minmax": NormaliseRule(lower=1), "n_zscore": NormaliseRule("zscore", mean=10, sd=2)}
MEANS = {"a_amean": "arithmetic", "a_gmean": "geometric"}


@pytest.fixture(scope="module")
def draws(golden, make):
    folder = golden / "asem_uncertainty"
    weights = make.read(folder / "weights_noisy_L23_100_seed42.csv")
    return (
        make.read(folder / "UA4_N100_seed42_parameters.csv"),
        {row[next(iter(row))]: row for row in weights},
        {row["uCode"]: row for row in make.read(folder / "UA4_N100_seed42_ranks_all.csv")},
    )


def test_every_rank_of_every_draw_equals_coinr(asem, draws):
    tree, table = asem
    parameters, weights, ranks = draws
    assert len(parameters) == 100
    for row in parameters:
        recipe = Recipe(
            denominate=Denominate(use=True),
            impute=Impute("group_mean", group="EurAsia_group"),
            outliers=Outliers("winsorise_then_log", max_points=int(row["winmax"])),
            normalise=Normalise(RULES[row["norm"]]),
            aggregate=Aggregate(MEANS[row["agg"]]),
        )
        local = {code: float(weights[row["weight_draw"]][code]) for code in (*tree.nodes, *tree.indicators)}
        got = score(table, tree, local, recipe)
        expected = [int(ranks[unit][f"r_{row['rep']}"]) for unit in got.units]
        assert np.array_equal(got.ranks, expected), row


def test_percentiles_of_the_draws_equal_coinr(draws, golden, make):
    _, _, ranks = draws
    stats = make.read(golden / "asem_uncertainty" / "UA4_N100_seed42_rankstats.csv")
    drawn = np.array([[int(ranks[row["uCode"]][f"r_{at}"]) for row in stats] for at in range(1, 101)])
    expected = [[float(row[name]) for row in stats] for name in ("Q5", "Median", "Q95")]
    assert np.allclose(percentiles(drawn), expected, rtol=1e-12)
