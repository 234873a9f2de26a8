"""How much of a ranking its countries share: by hand, at the edges, and whatever the order of rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.numerics.composite.country_shares import country_shares

WEIGHTS = np.array([0.5, 0.3, 0.2])


def shares(scores, countries, *, present=None, for_country=None, unknown=None):
    shape = (len(scores), len(WEIGHTS))
    kinds = {"present": (present, True), "for_country": (for_country, False), "unknown": (unknown, False)}
    told = {
        name: np.full(shape, default) if given is None else np.array(given, dtype=bool)
        for name, (given, default) in kinds.items()
    }
    return country_shares(np.array(scores, dtype=float), countries, WEIGHTS, **told)


def test_shares_by_hand():
    # two countries, means 2 and 7, mean of all 4.5: between 4 · 2.5² = 25, within 4 · 1² = 4, so 25 of 29
    found = shares(
        [1, 3, 6, 8],
        ["A", "A", "B", "B"],
        for_country=[[1, 0, 0], [1, 0, 0], [1, 0, 1], [1, 0, 1]],
        unknown=[[0, 1, 0]] * 2 + [[0, 0, 0]] * 2,
    )

    assert found.variance == pytest.approx(25 / 29, rel=1e-12)
    assert found.weight == pytest.approx((0.5 + 0.5 + 0.7 + 0.7) / 4)
    assert found.unknown == pytest.approx(0.15)
    assert found.is_most


def test_weight_is_shared_among_the_values_that_are_there():
    found = shares([1, 2], ["A", "B"], present=[[1, 1, 0], [0, 1, 1]], for_country=[[1, 0, 1], [1, 0, 1]])

    assert found.weight == pytest.approx((0.5 / 0.8 + 0.2 / 0.5) / 2)


@pytest.mark.parametrize(
    ("scores", "countries", "variance"),
    [
        ([5.0], ["A"], None),
        ([5.0, 5.0], ["A", "B"], None),
        ([1.0, 2.0], ["", ""], None),
        ([1.0, 2.0, 9.0], ["A", "B", ""], 1.0),
        ([1.0, 2.0], ["A", "A"], 0.0),
        ([1.0, np.nan, 3.0], ["A", "A", "B"], 1.0),
    ],
)
def test_where_the_variance_has_no_shares(scores, countries, variance):
    found = shares(scores, countries)

    assert found.variance == variance
    assert found.is_most is (variance == 1.0)


def test_a_release_without_a_value_has_no_share_of_weight():
    found = shares([np.nan, 1.0], ["A", "A"], present=[[1, 1, 1], [0, 0, 0]])

    assert (found.weight, found.unknown) == (None, None)


@given(st.lists(st.tuples(st.integers(0, 100), st.sampled_from("ABC")), min_size=2, max_size=12), st.randoms())
def test_order_of_rows_and_scale_of_scores_change_nothing(rows, random):
    shuffled = random.sample(rows, len(rows))
    one, other = (
        shares([score for score, _ in some], [name for _, name in some]).variance for some in (rows, shuffled)
    )
    scaled = shares([3 * score + 7 for score, _ in rows], [name for _, name in rows]).variance

    if one is None:
        assert other is scaled is None
    else:
        assert other == pytest.approx(one, abs=1e-11)
        assert scaled == pytest.approx(one, abs=1e-11)
        assert 0 <= one <= 1


def test_scores_that_tie_by_their_digits_have_no_variance():
    assert shares([50, 50 + 2e-14, 50 - 2e-14], ["A", "B", "B"]).variance is None
