"""Correlations, reliability and collinearity against scipy and against their definitions."""

import numpy as np
import pytest
from scipy import stats

from scoring.numerics.composite.multivariate import (
    alpha_without,
    correlation,
    correlation_with_rest,
    covariance,
    cronbach_alpha,
    importance,
    principal_components,
    variance_inflation,
)
from scoring.numerics.errors import ConstantIndicatorError, MethodError
from scoring.numerics.pipeline import score
from scoring.numerics.types import CompositeRecipe, Screen


def columns(rows=40, wide=5, holes=12):
    rng = np.random.default_rng(2)
    values = np.round(rng.normal(size=(rows, wide)) + rng.normal(size=(rows, 1)), 1)  # one decimal: ties
    values[rng.integers(rows, size=holes), rng.integers(wide, size=holes)] = np.nan
    return values


PAIRWISE = {"pearson": stats.pearsonr, "kendall": stats.kendalltau}


@pytest.mark.parametrize("method", list(PAIRWISE))
def test_correlation_is_scipy_s_over_rows_that_have_both(method):
    values = columns()
    got = correlation(values, method)
    for a in range(5):
        for b in range(5):
            both = ~np.isnan(values[:, [a, b]]).any(axis=1)
            assert got[a, b] == pytest.approx(PAIRWISE[method](values[both, a], values[both, b])[0], abs=1e-12)


def test_spearman_is_scipy_s_on_complete_columns():
    values = columns(holes=0)
    assert np.allclose(correlation(values, "spearman"), stats.spearmanr(values)[0], rtol=1e-12)


def test_covariance_is_numpy_s_on_complete_columns():
    values = columns(holes=0)
    assert np.allclose(covariance(values), np.cov(values.T), rtol=1e-12)


@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall"])
def test_constant_column_has_no_correlation(method):
    values = columns(holes=0)
    values[:, 1] = 0.1
    got = correlation(values, method)
    assert np.isnan(got[1]).all()
    assert np.isfinite(np.delete(np.delete(got, 1, 0), 1, 1)).all()


def test_unknown_correlation_is_refused():
    with pytest.raises(MethodError, match="cosine is unknown"):
        correlation(columns(), "cosine")


def test_alpha_without_each_is_alpha_of_the_others():
    values = columns()
    expected = [cronbach_alpha(np.delete(values, column, axis=1)) for column in range(5)]
    assert np.allclose(alpha_without(values), expected, rtol=1e-12)


def test_alpha_of_one_column_is_not_defined():
    assert np.isnan(cronbach_alpha(columns(wide=1)))
    assert np.isnan(alpha_without(columns(wide=2))).all()


def test_correlation_with_rest_leaves_the_column_out_of_the_sum():
    values = columns(holes=0)
    expected = [np.corrcoef(values[:, column], np.delete(values, column, 1).sum(axis=1))[0, 1] for column in range(5)]
    assert np.allclose(correlation_with_rest(values), expected, rtol=1e-12)


def test_components_rebuild_the_correlations():
    values = columns(holes=0)
    got = principal_components(values)
    assert np.allclose(got.loadings @ got.loadings.T, correlation(values))
    assert got.shares.sum() == pytest.approx(1)
    assert (np.diff(got.eigenvalues) <= 0).all()


def test_component_of_a_constant_column_is_refused():
    with pytest.raises(ConstantIndicatorError, match="column 1"):
        principal_components(np.column_stack([np.ones(9), np.arange(9.0)]))


def test_variance_inflation_is_that_of_the_regression():
    values = columns(holes=0)
    design = np.column_stack([np.ones(len(values)), values[:, 1:]])
    rest = values[:, 0] - design @ np.linalg.lstsq(design, values[:, 0])[0]
    assert variance_inflation(values)[0] == pytest.approx(values[:, 0].var() / rest.var())


def test_sum_of_others_inflates_without_bound_and_the_stranger_does_not():
    values = columns(holes=0)[:, :4]
    got = variance_inflation(np.column_stack([values[:, :3], values[:, :2].sum(axis=1)]))
    assert np.isinf(got).tolist() == [True, True, False, True]


def test_importance_gives_weight_and_correlations(make):
    tree = make.tree("x1", "x2")
    scored = score(make.table(columns(holes=0)[:, :2]), tree, {"x1": 3, "x2": 1}, CompositeRecipe(screen=Screen(0, 0)))
    got = importance(scored, tree)
    expected = stats.pearsonr(scored.steps["normalised"].values[:, 0], scored.scores)[0]
    assert [(one.code, one.weight) for one in got] == [("x1", 0.75), ("x2", 0.25)]
    assert got[0].with_index == got[0].with_parent == pytest.approx(expected)
