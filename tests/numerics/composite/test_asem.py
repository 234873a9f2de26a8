"""ASEM Sustainable Connectivity: 51 countries, 49 indicators, as COINr 1.1.14 computes every step (data JRC)."""

import numpy as np
import pytest

from scoring.numerics.composite.aggregate import local_weights
from scoring.numerics.composite.multivariate import correlation, cronbach_alpha
from scoring.numerics.composite.outliers import treat
from scoring.numerics.composite.ranking import competition_ranks
from scoring.numerics.pipeline import score
from scoring.numerics.types import Aggregate, CompositeRecipe, Denominate, Impute, Normalise, NormaliseRule, Outliers

ASEM = {
    "denominate": Denominate(use=True),
    "impute": Impute("group_mean", group="EurAsia_group"),
    "outliers": Outliers("winsorise_then_log"),
}
PILLARS = ("Physical", "ConEcFin", "Political", "Instit", "P2P", "Environ", "Social", "SusEcFin")


def close(got, expected):
    return np.allclose(got, expected, rtol=1e-9, atol=1e-9, equal_nan=True)


@pytest.fixture(scope="module")
def scored(asem):
    tree, table = asem
    return score(table, tree, None, CompositeRecipe(**ASEM))


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ("denominated", "02_denominated"),
        ("imputed", "03_imputed_mean_grp_EurAsia"),
        ("treated", "05_treated_default_winmax5_logCT"),
        ("normalised", "06_norm_minmax_0_100"),
    ],
)
def test_step_equals_coinr(step, name, scored, asem_expected):
    table = scored.steps[step]
    assert close(table.values, asem_expected(name, table.units, table.columns))


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (NormaliseRule("minmax", lower=1, upper=100), "06_norm_minmax_1_100"),
        (NormaliseRule("distance_to_max"), "06_norm_dist2max"),
        (NormaliseRule("percentile_rank"), "06_norm_prank"),
        (NormaliseRule("rank"), "06_norm_rank_tiesmin"),
        (NormaliseRule("zscore"), "06_norm_zscore_0_1"),
    ],
)
def test_normalisation_equals_coinr(rule, name, asem, asem_expected):
    tree, table = asem
    got = score(table, tree, None, CompositeRecipe(**ASEM, normalise=Normalise(rule))).steps["normalised"]
    assert close(got.values, asem_expected(name, got.units, got.columns))


def test_winsorising_one_point_then_log_equals_coinr(scored, asem_expected):
    imputed = scored.steps["imputed"]
    treated, _, _ = treat(imputed, Outliers("winsorise_then_log", max_points=1))
    assert close(treated.values, asem_expected("05_treated_winmax1_logCT", imputed.units, imputed.columns))


def test_treatment_details_equal_coinr(scored, golden, make):
    details = make.read(golden / "asem" / "05_treated_default_winmax5_logCT_details.csv")
    points = {row["iCode"]: int(row["winsorise.nwin"] or 0) for row in details}
    after = {row["iCode"]: make.number(row["check_SkewKurt1.Skew"] or row["check_SkewKurt0.Skew"]) for row in details}
    assert {one.indicator: one.points for one in scored.treatments} == points
    assert all(close(one.skewness, after[one.indicator]) for one in scored.treatments)


def test_ranks_of_every_node_equal_coinr(scored, golden, make):
    rows = {row["uCode"]: row for row in make.read(golden / "asem" / "09_results_ranks.csv")}
    got = np.array([competition_ranks(column) for column in scored.aggregates.T]).T
    assert got.tolist() == [[int(rows[unit][node]) for node in scored.nodes] for unit in scored.units]


def test_scores_and_ranks_equal_coinr(scored, golden, make):
    rows = {row["uCode"]: row for row in make.read(golden / "asem" / "09_results_scores.csv")}
    assert len(rows) == 51
    assert dict(zip(scored.units, scored.ranks, strict=True)) == {unit: int(row["Rank"]) for unit, row in rows.items()}
    assert close(scored.aggregates, [[float(rows[unit][node]) for node in scored.nodes] for unit in scored.units])


@pytest.mark.parametrize(
    ("method", "weights", "name"),
    [
        ("arithmetic", "07_weights_original_all1", "08_agg_amean_minmax0_orig_scores"),
        ("geometric", "07_weights_unequal_k", "08_agg_gmean_minmax1_uneqk_scores"),
        ("harmonic", "07_weights_original_all1", "08_agg_hmean_minmax1_orig_scores"),
        ("copeland", "07_weights_original_all1", "08_agg_copeland_minmax1_orig_scores"),
    ],
)
def test_aggregation_equals_coinr(method, weights, name, asem, asem_expected, golden, make):
    tree, table = asem
    rule = NormaliseRule(lower=0 if method == "arithmetic" else 1)
    given = {row["iCode"]: float(row["Weight"]) for row in make.read(golden / "asem" / f"{weights}.csv")}
    recipe = CompositeRecipe(**ASEM, normalise=Normalise(rule), aggregate=Aggregate(method))
    got = score(table, tree, given, recipe)
    assert close(got.aggregates, asem_expected(name, got.units, got.nodes))


def test_effective_weights_equal_coinr(asem, golden, make):
    tree, table = asem
    got = tree.global_weights(local_weights(tree, table.columns, None))
    rows = make.read(golden / "asem" / "10_effective_weights_orig.csv")
    assert close([got[row["iCode"]] for row in rows], [float(row["EffWeight"]) for row in rows])


def test_pillar_index_correlations_equal_coinr(scored, golden, make):
    index = scored.aggregates[:, scored.nodes.index("Index")]
    got = {
        pillar: correlation(np.stack([index, scored.aggregates[:, scored.nodes.index(pillar)]], 1))[0, 1]
        for pillar in PILLARS
    }
    rows = make.read(golden / "asem" / "11_corr_pillar_index.csv")
    assert close([got[row["Var2"]] for row in rows], [float(row["Correlation"]) for row in rows])


def test_cronbach_by_pillar_equals_coinr(asem, scored, golden, make):
    tree, table = asem
    normalised = scored.steps["normalised"]
    rows = {row["Group"]: row for row in make.read(golden / "asem" / "12_cronbach_by_pillar.csv")}
    for pillar in PILLARS:
        codes = tree.children[pillar]
        assert close(cronbach_alpha(normalised.take_columns(codes).values), float(rows[pillar]["alpha_norm"]))
        assert close(cronbach_alpha(table.take_columns(codes).values), float(rows[pillar]["alpha_raw_pairwise"]))
