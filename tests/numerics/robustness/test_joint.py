"""Sets of ranks for all units at once: by hand, by another's code, and as they are meant: in fresh draws."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from scoring.numerics.errors import TooFewDrawsError, UnrankedDrawsError
from scoring.numerics.robustness.joint import (
    calibrated_sets,
    cut_position,
    direct_tier,
    plain_sets,
    tier_members,
)

CASES = Path(__file__).parents[1] / "cases" / "next"
RULES = {"conformal": "mean", "pac": "sure"}


def case(name):
    return json.loads((CASES / f"{name}.json").read_text())


def draws(name):
    with gzip.open(CASES / f"{name}.csv.gz", "rt") as file:
        return np.loadtxt(file, delimiter=",", dtype=np.int64, skiprows=1)


def numbers(members):
    return (np.flatnonzero(members) + 1).tolist()


@pytest.fixture(scope="module")
def medium():
    return draws("joint_medium_draws"), draws("joint_medium_second"), np.arange(1, 21)


HAND = [(name, expected) for name in ("joint_hand_plain", "joint_hand_ties") for expected in case(name)["expected"]]


@pytest.mark.parametrize(("name", "expected"), HAND, ids=lambda one: one if isinstance(one, str) else one["gamma"])
def test_sets_by_hand(name, expected):
    ranks, nominal = np.array(case(name)["draws"]), np.arange(1, 4)
    found = plain_sets(ranks, nominal, gamma=expected["gamma"])
    tier = tier_members(found, above=0, last=expected["tier_cut"])
    direct = direct_tier(ranks, nominal, above=0, last=expected["tier_cut"], gamma=expected["gamma"])

    assert (found.position, found.cut) == (expected["k"], expected["t"])
    assert (found.low.tolist(), found.high.tolist()) == (expected["low"], expected["high"])
    assert found.holds(ranks) == pytest.approx(expected["joint_coverage_same_draws"], abs=1e-12)
    assert (numbers(tier.always), numbers(tier.may)) == (expected["surely"], expected["may"])
    assert {
        "q": direct.missed,
        "surely": numbers(direct.always),
        "may": numbers(direct.may),
        "draws_inside": direct.inside,
    } == expected["direct"]


@pytest.mark.parametrize("expected", case("joint_medium")["joint"], ids=lambda one: one["gamma"])
def test_plain_sets_of_twenty_units(medium, expected):
    ranks, fresh, nominal = medium
    found = plain_sets(ranks, nominal, gamma=expected["gamma"])

    assert (found.position, found.cut) == (expected["k"], expected["t"])
    assert (found.low.tolist(), found.high.tolist()) == (expected["low"], expected["high"])
    assert found.holds(fresh) == pytest.approx(expected["joint_coverage_second_set"], abs=1e-12)


SPLIT = [(one["gamma"], expected) for one in case("joint_medium")["split"] for expected in one["of"]]


@pytest.mark.parametrize(("gamma", "expected"), SPLIT, ids=lambda one: one if isinstance(one, float) else one["rule"])
def test_calibrated_sets_of_twenty_units(medium, gamma, expected):
    ranks, fresh, nominal = medium
    found = calibrated_sets(ranks, nominal, gamma=gamma, rule=RULES[expected["rule"]])

    assert (found.position, found.cut) == (expected["k"], expected["t"])
    assert (found.low.tolist(), found.high.tolist()) == (expected["low"], expected["high"])
    assert found.holds(fresh) == pytest.approx(expected["joint_coverage_second_set"], abs=1e-12)
    if "ends_at_cut_error" in expected:
        narrow, wide = expected["ends_at_cut_error"]
        assert found.narrow.tolist() == [narrow["low"], narrow["high"]]
        assert found.wide.tolist() == [wide["low"], wide["high"]]


def test_neither_rows_nor_columns_order_matters(medium):
    ranks, _, nominal = medium
    mixed = np.random.default_rng(5)
    rows, columns = mixed.permutation(1000), mixed.permutation(20)
    halves = [ranks[:1000][rows], ranks[1000:][mixed.permutation(1000)]]
    found = calibrated_sets(np.concatenate(halves)[:, columns], nominal[columns])
    expected = calibrated_sets(ranks, nominal)

    assert found.low.tolist() == expected.low[columns].tolist()
    assert found.high.tolist() == expected.high[columns].tolist()


@pytest.mark.parametrize("expected", case("joint_k")["expected"], ids=lambda one: f"{one['B']}-{one['gamma']}")
def test_place_of_the_cut(expected):
    assert cut_position(expected["B"], expected["gamma"], "mean") == expected["conformal"]
    assert cut_position(expected["B"], expected["gamma"], "sure") == expected["pac"]


def test_too_few_draws_make_no_statement(medium):
    ranks, _, nominal = medium
    for few in (ranks[:200], ranks[:56], ranks[:1], ranks[:0]):
        with pytest.raises(TooFewDrawsError):
            calibrated_sets(few, nominal)


def test_marginal_intervals_hold_for_each_and_not_for_all(medium):
    ranks, fresh, nominal = medium
    low, high = np.percentile(ranks, [5, 95], axis=0)
    for_each = ((fresh >= np.floor(low)) & (fresh <= np.ceil(high))).mean(axis=0)
    for_all = ((fresh >= np.floor(low)) & (fresh <= np.ceil(high))).all(axis=1).mean()

    assert for_each.min() >= 0.88
    assert for_all < 0.7
    assert calibrated_sets(ranks, nominal).holds(fresh) >= 0.9


def test_a_unit_without_a_rank_has_no_set_and_binds_nothing(medium):
    ranks, _, nominal = medium
    without = np.insert(ranks, 3, 0, axis=1)
    found = calibrated_sets(without, np.insert(nominal, 3, 0))
    expected = calibrated_sets(ranks, nominal)

    assert (found.low[3], found.high[3]) == (0, 0)
    assert np.delete(found.low, 3).tolist() == expected.low.tolist()
    assert found.holds(without) == expected.holds(ranks)


def test_draws_that_leave_a_ranked_unit_out_are_set_aside_up_to_a_tenth(medium):
    ranks, _, nominal = medium
    some = ranks.copy()
    some[::10, 0] = 0
    found = calibrated_sets(some, nominal)

    assert (found.set_aside, found.shape, found.checked) == (200, 900, 900)
    some[1, 0] = 0
    with pytest.raises(UnrankedDrawsError) as refusal:
        calibrated_sets(some, nominal)
    assert refusal.value.facts == {"draws": 2000, "got": 201}


def test_always_is_a_part_of_the_tier_whenever_all_lie_inside(medium):
    ranks, fresh, nominal = medium
    found = calibrated_sets(ranks, nominal)
    inside = fresh[((fresh >= found.low) & (fresh <= found.high)).all(axis=1)]
    for above, last in ((0, 5), (5, 12), (12, 20)):
        members = tier_members(found, above=above, last=last)
        tier = (inside > above) & (inside <= last)
        assert tier[:, members.always].all()
        assert not tier[:, ~members.may].any()


def test_a_later_tier_is_told_directly(medium):
    ranks, _, nominal = medium
    found = direct_tier(ranks, nominal, above=5, last=12)
    tier = (ranks > 5) & (ranks <= 12)
    right = (tier | ~found.always).all(axis=1) & (~tier | found.may).all(axis=1)

    assert found.inside == np.count_nonzero(right) >= 1800
    assert not (found.always & ~found.may).any()


def test_sets_around_published_means_are_ours_and_not_a_confidence_set():
    pisa = case("pisa_csranks")
    score = np.array([row["score"] for row in pisa["rows"]])
    error = np.array([row["se"] for row in pisa["rows"]])
    drawn = score + error * np.random.default_rng(42).standard_normal((40_000, len(score)))
    ranks = _ranked(drawn)
    nominal = _ranked(score[None])[0]
    expected = pisa["draws_of_same_data"]
    found = plain_sets(ranks[:20_000], nominal, gamma=0.95)

    assert np.abs(found.low - expected["low"]).max() <= 1
    assert np.abs(found.high - expected["high"]).max() <= 1
    assert found.holds(ranks[20_000:]) == pytest.approx(expected["joint_coverage_fresh"], abs=0.005)
    assert np.mean(found.high - found.low) < expected["mean_width_csranks"]


def _ranked(scores):
    order = np.argsort(-scores, axis=1)
    ranks = np.empty(scores.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, np.arange(1, scores.shape[1] + 1)[None], axis=1)
    return ranks


def test_an_end_that_no_draw_bounds_is_the_scale_s():
    ranks = np.tile([1, 2, 3], (60, 1))
    found = calibrated_sets(ranks, np.arange(1, 4))

    assert (found.low.tolist(), found.high.tolist()) == ([1, 2, 3], [1, 2, 3])
    assert found.narrow.tolist() == [[1, 2, 3], [1, 2, 3]]
    assert found.wide.tolist() == [[1, 1, 1], [3, 3, 3]]


def test_draw_that_ranks_more_units_than_the_release_is_counted():
    """A unit that the release leaves unranked may be first in a draw: the ranks of the others go further than their number."""
    random = np.random.default_rng(3)
    ranks = np.array([random.permutation(6) + 1 for _ in range(400)])
    nominal = np.array([1, 2, 3, 4, 5, 0])

    found = calibrated_sets(ranks, nominal)

    assert (found.low[5], found.high[5]) == (0, 0)
    assert (found.high[:5].max(), bool((found.low[:5] >= 1).all())) == (6, True)
