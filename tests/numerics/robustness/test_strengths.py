"""What a unit is strong and weak at: the rule by hand, and where nothing is claimed."""

import numpy as np
import pytest

from scoring.numerics.robustness.strengths import NotClaimed, StrengthRule, claims, strengths
from scoring.numerics.types import Impute
from tests.numerics.robustness.release_models import field_of, recipe, table

PERCENTILES_ALONE = StrengthRule(least=3, most_shared=1.0)


def test_strengths_by_hand():
    # eleven units with 0, 10, ..., 100: the 90th percentile of all is 90, the 10th is 10
    values = np.tile(np.arange(0.0, 101.0, 10.0)[:, None], (1, 4))
    values[:, 1] = 100 - values[:, 1]
    values[:, 2] = 50  # does not vary
    values[:, 3] = [1] * 10 + [2]  # one above the rest
    ranked = np.arange(11)
    peers = np.array([6, 7, 8, 10])  # with unit 9 itself: 60, 70, 80, 90, 100, whose 90th percentile is 96

    ninth, tenth, first = (claims(values, row, ranked, peers, PERCENTILES_ALONE) for row in (9, 10, 1))

    assert (ninth.against_all.strong, ninth.against_all.weak) == ((0,), (1,))
    assert (ninth.against_peers.strong, ninth.against_peers.weak) == ((), (3,))
    assert (tenth.against_all.strong, tenth.against_all.weak) == ((0, 3), (1,))
    assert (first.against_all.strong, first.against_all.weak) == ((1,), (0,))
    assert (first.against_peers.strong, first.against_peers.weak) == ((1,), (0, 3))
    assert (ninth.against_all.others, ninth.against_peers.others) == (10, 4)
    assert claims(values, 9, ranked, peers).rule == StrengthRule(0.9, 0.1, 0.65, 10, 0.15)


def test_percentiles_are_said_in_whole_hundredths():
    assert (StrengthRule().upper_percentile, StrengthRule().lower_percentile) == (90, 10)
    odd = StrengthRule(upper=0.58, lower=0.29)  # a hundred times either is just under a whole number
    assert (odd.upper_percentile, odd.lower_percentile) == (58, 29)


def test_nothing_is_claimed_under_the_floor_or_against_too_few():
    values = np.tile(np.arange(6.0)[:, None], (1, 4))
    values[5, :2] = np.nan
    values[4, 0] = np.nan
    everyone, few = np.arange(6), np.array([0, 1])

    thin, whole = (claims(values, row, everyone, few, PERCENTILES_ALONE) for row in (5, 4))

    assert (thin.given, thin.indicators, thin.is_covered, thin.against_all.strong) == (2, 4, False, ())
    assert (whole.given, whole.is_covered, whole.against_all.strong) == (3, True, (1,))
    assert (whole.against_peers.enough, whole.against_peers.strong) == (False, ())
    assert claims(values, 5, everyone, None).against_peers is None


def test_a_value_shared_by_nearly_all_is_neither_strong_nor_weak():
    values = np.full((20, 1), 5.0)
    values[0], values[1] = 9.0, 1.0

    found = [claims(values, row, np.arange(20), None).against_all for row in (0, 1, 2)]

    assert [(one.strong, one.weak) for one in found] == [((0,), ()), ((), (0,)), ((), ())]


def test_filled_values_make_no_claim_and_count_for_nobody():
    data = table()
    values = data.values.copy()
    values[:, 0] = [*range(10), np.nan]
    field = field_of(recipe(impute=Impute("mean")), data.with_values(values))

    assert 0 in strengths(field.nominal, "u09", rule=PERCENTILES_ALONE).against_all.strong
    assert strengths(field.nominal, "u10").given == 4
    assert strengths(field.nominal, "u09", ("u00", "u01", "u02", "u10")).against_peers.others == 4


@pytest.mark.parametrize(("shared", "is_claimed"), [(3, True), (4, False)])
def test_nothing_is_claimed_of_a_value_that_more_than_fifteen_in_a_hundred_share(shared, is_claimed):
    values = np.arange(20.0)[:, None]
    values[:shared] = 0.0  # 3 of 20 are just 15 in a hundred

    found = claims(values, 0, np.arange(20), None).against_all

    assert found.weak == ((0,) if is_claimed else ())
    assert found.not_claimed == (() if is_claimed else (NotClaimed(0, "shared", 4),))


@pytest.mark.parametrize(("others", "is_claimed"), [(9, False), (10, True)])
def test_nothing_is_claimed_against_fewer_than_ten_others(others, is_claimed):
    values = np.arange(12.0)[:, None]

    found = claims(values, 11, np.arange(12), np.arange(others)).against_peers

    assert (found.enough, found.strong) == ((True, (0,)) if is_claimed else (False, ()))


def test_nothing_is_claimed_where_fewer_than_ten_others_have_a_value():
    values = np.tile(np.arange(12.0)[:, None], (1, 2))
    values[:2, 0] = np.nan

    found = claims(values, 11, np.arange(12), None).against_all

    assert found.strong == (1,)
    assert found.not_claimed == (NotClaimed(0, "few", 9),)


def test_value_that_is_given_and_not_known_covers_and_claims_nothing():
    """What a licence keeps back counts for the floor; of an indicator that has such a value nothing is claimed."""
    values = np.random.default_rng(2).normal(size=(20, 3))
    values[0] = 9.0
    hidden = np.zeros((20, 3), dtype=bool)
    hidden[0, 0] = hidden[5, 1] = True
    values[hidden] = np.nan

    found = claims(values, 0, np.arange(20), None, hidden=hidden)

    assert (found.given, found.is_covered, found.against_all.strong) == (3, True, (2,))
    assert claims(values, 0, np.arange(20), None).given == 2
