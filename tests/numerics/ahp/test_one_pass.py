"""What the one pass over a panel leaves out changes nothing: eigenvectors handed over, one triangle, nothing counted twice."""

import numpy as np
import pytest

from scoring.numerics.ahp.consensus import weighed_one_by_one
from scoring.numerics.ahp.consistency import consistency, squared_log_errors
from scoring.numerics.ahp.incomplete import individual_priorities
from scoring.numerics.ahp.pairwise import connected, pairs_answered
from scoring.numerics.types import ConsensusMethod

METHOD = ConsensusMethod(random_index="saaty")


def matrices_of(n, count=40, noise=0.4):
    logs = np.random.default_rng(n).normal(0, noise, (count, n, n))
    upper = np.triu(logs, 1)
    return np.exp(upper - upper.swapaxes(1, 2))


def with_gaps(matrices):
    """The same matrices, of which every second has lost its first pair."""
    out = matrices.copy()
    out[::2, 0, 1] = out[::2, 1, 0] = np.nan
    return out


@pytest.mark.parametrize("n", [3, 4, 7, 9])
def test_one_triangle_gives_the_squares_of_both(n):
    matrices = matrices_of(n)
    logs = np.log(matrices)
    means = logs.mean(axis=-1)
    errors = logs - means[:, :, None] + means[:, None, :]
    assert squared_log_errors(matrices) == pytest.approx((errors**2).sum(axis=(1, 2)) / 2, rel=1e-12)


@pytest.mark.parametrize("n", [3, 7])
def test_priorities_and_consistency_are_those_of_plain_eigenvalues(n):
    matrices = matrices_of(n)
    weights, measured = weighed_one_by_one(matrices, METHOD)
    values, vectors = np.linalg.eig(matrices)
    principal = values.real.argmax(axis=1)
    own = np.abs(vectors[np.arange(len(matrices)), :, principal].real)
    assert weights == pytest.approx(own / own.sum(axis=1, keepdims=True), rel=1e-12)
    assert measured.lambda_max == pytest.approx(values.real.max(axis=1), rel=1e-12)
    assert measured.gci == pytest.approx(2 * squared_log_errors(matrices) / ((n - 1) * (n - 2)), rel=1e-14)


def test_eigenvectors_handed_over_measure_as_those_computed_there():
    matrices = with_gaps(matrices_of(5))
    weights = individual_priorities(matrices, complete="eigenvector", incomplete="llsm")
    handed, own = (consistency(matrices, table="saaty", eigenvectors=known) for known in (weights, None))
    for name in ("lambda_max", "ci", "cr", "gci"):
        assert getattr(handed, name) == pytest.approx(getattr(own, name), rel=1e-11, abs=1e-13), name


def test_a_matrix_is_measured_alike_among_complete_and_incomplete_ones():
    complete = matrices_of(5)
    mixed = with_gaps(complete)
    assert pairs_answered(complete).tolist() == [10] * 40
    assert pairs_answered(mixed).tolist() == [9, 10] * 20
    assert connected(complete).tolist() == connected(mixed).tolist() == [True] * 40
    weights, measured = weighed_one_by_one(complete, METHOD)
    weights_mixed, measured_mixed = weighed_one_by_one(mixed, METHOD)
    assert weights_mixed[1::2] == pytest.approx(weights[1::2], rel=1e-12)
    assert (np.abs(weights_mixed[::2] - weights[::2]).max(axis=1) > 1e-6).all()
    assert measured_mixed.cr[1::2] == pytest.approx(measured.cr[1::2], rel=1e-11)
    assert measured_mixed.gci[1::2] == pytest.approx(measured.gci[1::2], rel=1e-12)


def test_nobody_has_no_priorities():
    nobody = np.ones((0, 4, 4))
    assert individual_priorities(nobody, complete="eigenvector", incomplete="llsm").shape == (0, 4)
    assert pairs_answered(nobody).shape == connected(nobody).shape == (0,)
