"""Ranks on given decimals: a half goes away from zero, as the number is written; older releases keep the even digit."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.numerics.composite.ranking import rank, rounded_for_ranking
from scoring.numerics.types import Rank


def test_halves_go_away_from_zero_as_they_are_written():
    scores = np.array([0.125, 0.135, 2.675, 1.005, -0.125, 0.1249999999, np.nan])

    found = rounded_for_ranking(scores, Rank(decimals=2))

    assert found[:-1].tolist() == [0.13, 0.14, 2.68, 1.01, -0.13, 0.12]
    assert np.isnan(found[-1])


def test_a_half_ties_with_what_it_is_rounded_to():
    scores = np.array([0.125, 0.13, 0.12])

    assert rank(scores, Rank(decimals=2)).tolist() == [1, 1, 3]
    assert rank(scores, Rank(decimals=2, rounding="half_even")).tolist() == [2, 1, 2]


@given(st.integers(-(10**9), 10**9), st.integers(0, 6), st.integers(0, 6))
def test_rounding_is_that_of_the_decimal_text(digits, shift, places):
    written = Decimal(digits).scaleb(-shift)
    step = Decimal(1).scaleb(-places)

    away = rounded_for_ranking(np.array([float(written)]), Rank(decimals=places))[0]

    assert away == float(written.quantize(step, ROUND_HALF_UP))


@pytest.mark.parametrize("value", ["0.5", "1.5", "2.5", "-0.5", "0.25"])
def test_half_even_is_the_older_rule(value):
    places = 0 if value.endswith(".5") and "25" not in value else 1
    found = rounded_for_ranking(np.array([float(value)]), Rank(decimals=places, rounding="half_even"))[0]

    assert found == float(Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN))
