"""Sobol' indices: SALib's own, for every output at once, and what they must be where the answer is known."""

import numpy as np
import pytest
from SALib.analyze import sobol

from scoring.numerics.errors import MethodError
from scoring.numerics.robustness.intervals import rank_shift
from scoring.numerics.robustness.sensitivity import resampled, saltelli_sample, sensitivity, sobol_runs, sobol_size
from scoring.numerics.robustness.study import study


def problem(factors):
    return {"num_vars": factors, "names": list(map(str, range(factors))), "bounds": [[0, 1]] * factors}


def test_indices_are_salib_s_for_every_output(make):
    question = make.question(sensitivity=64)
    nominal = question.nominal()
    ranks = sobol_runs(nominal, make.tree, None, question.weight_draws()).ranks

    got = sensitivity(nominal, ranks, 60)

    outputs = [rank_shift(ranks, nominal.ranks), *ranks.T.astype(float)]
    for position, output in enumerate(outputs):
        expected = sobol.analyze(problem(6), output, calc_second_order=False, seed=1)
        assert np.allclose(got.first[position], expected["S1"], atol=1e-12)
        assert np.allclose(got.total[position], expected["ST"], atol=1e-12)


def test_resampled_indices_are_salib_s_of_the_resampled_points():
    random = np.random.default_rng(3)
    cube = random.normal(size=(64, 5, 7))
    cube[:, :, 6] = 1.0  # an output that never varies
    picked = random.integers(64, size=(20, 64))

    first, total = resampled(cube, picked)

    for position, rows in enumerate(picked):
        a, b = cube[rows, 0], cube[rows, -1]
        for factor in range(3):
            other = cube[rows, factor + 1]
            assert np.allclose(first[position, factor], sobol.first_order(a, other, b), atol=1e-12)
            assert np.allclose(total[position, factor], sobol.total_order(a, other, b), atol=1e-12)


def test_bootstrap_intervals_hold_the_index_and_narrow_with_the_sample(make):
    small, large = (study(make.question(sensitivity=base)).robust.sensitivity for base in (16, 512))

    assert (large.total_low[0] <= large.total[0]).all()
    assert (large.total[0] <= large.total_high[0]).all()
    assert (large.total_high - large.total_low)[0].mean() < 0.5 * (small.total_high - small.total_low)[0].mean()


def test_factor_that_alone_moves_ranks_has_all_of_the_effect(make):
    found = study(
        make.question(factors=("weights", "normalise"), alternatives={"normalise": ("minmax",)}, sensitivity=4096)
    ).robust

    assert found.sensitivity.factors == ("weights", "normalise")
    assert found.sensitivity.total[0] == pytest.approx([1.0, 0.0], abs=0.05)
    assert found.sensitivity.first[0] == pytest.approx([1.0, 0.0], abs=0.1)


def test_runs_are_base_times_factors_and_two(make):
    question = make.question(sensitivity=16)

    assert study(question).robust.sensitivity.runs == 16 * 8

    assert sobol_size(question.recipe) == len(saltelli_sample(question.recipe)) == 16 * 8
    assert sobol_size(make.question(sensitivity=0).recipe) == 0
    assert sobol_size(make.question(factors=("weights",)).recipe) == 0


def test_base_that_is_no_power_of_two_is_refused(make):
    with pytest.raises(MethodError, match="power of two, here 12"):
        study(make.question(sensitivity=12))


def test_other_runs_than_the_sample_s_are_refused(make):
    with pytest.raises(MethodError, match="7 runs are not 8"):
        sensitivity(make.question().nominal(), np.ones((7, 15), dtype=int), 60)


def test_output_that_a_run_does_not_have_is_left_empty(make):
    question = make.question(sensitivity=64)
    nominal = question.nominal()
    ranks = sobol_runs(nominal, make.tree, None, question.weight_draws()).ranks.copy()
    whole = sensitivity(nominal, ranks, 60)

    ranks[5, 3] = 0
    one = sensitivity(nominal, ranks, 60)
    ranks[7] = 0
    nobody = sensitivity(nominal, ranks, 60)

    assert np.isnan(one.total[4]).all()
    assert np.isnan(one.first_high[4]).all()
    others = [column for column in range(1, 16) if column != 4]
    assert np.array_equal(one.total[others], whole.total[others], equal_nan=True)
    assert not np.isnan(one.total[0]).any()
    assert np.isnan(nobody.total).all()
