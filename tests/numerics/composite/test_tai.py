"""Technology Achievement Index: 23 countries × 8 indicators (OECD/JRC Handbook 2008, tables 6-38, © OECD)."""

import json

import numpy as np
import pytest

from scoring.numerics.composite.multivariate import (
    alpha_without,
    correlation,
    correlation_with_rest,
    principal_components,
)
from scoring.numerics.composite.normalise import normalise
from scoring.numerics.composite.outranking import kemeny_scores, margins, outranking
from scoring.numerics.composite.ranking import competition_ranks
from scoring.numerics.pipeline import score
from scoring.numerics.types import CompositeRecipe, Normalise, NormaliseRule, Screen

POSTS = {
    "patents": (0, 994),
    "royalties": (0, 272.6),
    "internet": (0, 232.4),
    "exports": (0, 80.8),
    "telephones_log10": (0, np.log10(901)),
    "electricity_log10": (np.log10(22), np.log10(6969)),
    "schooling": (0.8, 12.0),
    "university": (0.1, 27.4),
}
RECIPE = CompositeRecipe(
    screen=Screen(0, 0),
    normalise=Normalise(indicators={code: NormaliseRule("goalposts", goalposts=p) for code, p in POSTS.items()}),
)
CODES = tuple(POSTS)
SHORT = tuple(code.removesuffix("_log10") for code in CODES)


def table_of(rows, make):
    units = tuple(row["country"] for row in rows)
    return make.table([[float(row[code]) for code in CODES] for row in rows], CODES, units)


@pytest.fixture(scope="module")
def tai(golden, make):
    return table_of(make.read(golden / "tai" / "tai_raw_23x8.csv"), make)


@pytest.fixture(scope="module")
def five(golden, make):
    return table_of(make.read(golden / "tai" / "tai_impact_matrix_table35.csv"), make)


@pytest.fixture(scope="module")
def published(golden, make):
    rows = make.read(golden / "tai" / "tai_ranks_by_weighting_table23.csv")
    return lambda units, name: [int({row["country"]: row for row in rows}[unit][name]) for unit in units]


@pytest.mark.parametrize("name", ["FA", "BAP", "AHP"])
def test_fitted_weights_give_all_published_ranks(name, tai, published, golden, make):
    fitted = json.loads((golden / "tai" / "tai_weights_within_rounding.json").read_text())
    weights = dict(zip(CODES, fitted[name], strict=True))
    got = score(tai, make.tree(*CODES), weights, RECIPE)
    assert got.ranks.tolist() == published(tai.units, name)


@pytest.mark.parametrize(("name", "agree"), [("EW", 23), ("FA", 19), ("BAP", 23), ("AHP", 20)])
def test_printed_weights_give_as_many_ranks_as_known(name, agree, tai, published, golden, make):
    rows = {row["method"]: row for row in make.read(golden / "tai" / "tai_weights_table22.csv")}
    got = score(tai, make.tree(*CODES), {code: float(rows[name][code]) for code in CODES}, RECIPE)
    assert sum(a == b for a, b in zip(got.ranks.tolist(), published(tai.units, name), strict=True)) == agree


def test_equal_weights_give_the_known_scores(tai, golden, make):
    rows = {row["country"]: row for row in make.read(golden / "tai" / "tai_recomputed_numpy.csv")}
    got = score(tai, make.tree(*CODES), None, RECIPE)
    assert np.allclose(got.scores, [float(rows[unit]["TAI_recomputed_HDR_goalposts"]) for unit in tai.units], rtol=1e-9)
    assert got.ranks.tolist() == [int(rows[unit]["rank"]) for unit in tai.units]


def test_correlations_equal_table_6(tai, golden, make):
    rows = {row[""]: row for row in make.read(golden / "tai" / "tai_correlation_table6.csv")}
    expected = [[float(rows[a][b]) for b in SHORT] for a in SHORT]
    assert (
        np.abs(correlation(tai.values) - expected).max() < 0.02
    )  # printed from logarithms that stand here with two decimals


def test_components_equal_table_7(tai, golden, make):
    rows = make.read(golden / "tai" / "tai_eigenvalues_table7.csv")
    got = principal_components(tai.values)
    assert np.allclose(100 * got.shares, [float(row["pct_computed"]) for row in rows], rtol=1e-9)


def test_cronbach_without_each_equals_table_11(tai, golden, make):
    rows = {row["deleted"]: row for row in make.read(golden / "tai" / "tai_cronbach_table11.csv")}
    standard = (tai.values - tai.values.mean(axis=0)) / tai.values.std(axis=0, ddof=1)
    assert np.allclose(alpha_without(standard), [float(rows[code]["alpha_computed"]) for code in SHORT], rtol=1e-9)
    rest = [float(rows[code]["corr_total_computed"]) for code in SHORT]
    assert np.allclose(correlation_with_rest(standard), rest, rtol=1e-9)


def test_outranking_equals_table_36(five, golden, make):
    rows = {row[""]: row for row in make.read(golden / "tai" / "tai_outranking_table36.csv")}
    expected = [[float(rows[a][b]) for b in five.units] for a in five.units]
    assert np.allclose(outranking(five.values.T, np.full(8, 1 / 8)), expected, atol=1e-12)


def test_kemeny_gives_the_mean_of_the_three_best_orders(five, golden, make):
    rows = make.read(golden / "tai" / "tai_ckyl_all120_scores.csv")
    best = max(float(row["score"]) for row in rows)
    orders = [row["ranking"].split(" > ") for row in rows if float(row["score"]) == best]
    expected = [np.mean([len(order) - 1 - order.index(unit) for order in orders]) for unit in five.units]
    assert len(orders) == 3
    assert np.allclose(kemeny_scores(margins(five.values.T, np.full(8, 1.0))), expected)


@pytest.mark.parametrize(
    ("rule", "name", "digits"),
    [
        (NormaliseRule("rank"), "rank_high_is_top", 0),
        (NormaliseRule("zscore"), "z_pub", 2),
        (NormaliseRule("minmax", upper=1), "minmax_pub", 2),
        (NormaliseRule("fraction_of_max"), "ratio_best_pub", 2),
    ],
)
def test_schooling_normalisations_equal_table_15(rule, name, digits, tai, golden, make):
    rows = {row["country"]: row for row in make.read(golden / "tai" / "tai_schooling_normalisations_table15.csv")}
    got, _ = normalise(tai.take_columns(("schooling",)), make.tree("schooling"), Normalise(rule))
    expected = [float(rows[unit][name]) for unit in tai.units]
    assert np.abs(got.values[:, 0] - expected).max() <= 0.51 * 10.0**-digits + 1e-9 * (digits == 0)


def test_ranks_fall_with_scores(tai, make):
    got = score(tai, make.tree(*CODES), None, RECIPE)
    assert np.array_equal(competition_ranks(got.scores), got.ranks)
