"""Pairs, groups, tiers and convergence: what the draws' ranks say beyond each unit's own interval."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.numerics.robustness.intervals import (
    TOLD_APART,
    indistinguishable_groups,
    intervals,
    modal_tiers,
    percentiles,
    rank_shift,
    runs_told_apart,
)
from scoring.numerics.robustness.pairs import count_above, probabilities
from scoring.numerics.robustness.runs import Runs
from scoring.numerics.robustness.study import study
from scoring.numerics.types import Tiers

RANKS = np.array([[1, 2, 3], [2, 1, 3], [1, 1, 3], [1, 2, 0]])


def test_probability_counts_the_draws_above_and_half_the_ties():
    got = probabilities(RANKS)

    assert got[0, 1] == (2 + 0.5) / 4
    assert got[0, 2] == 1.0  # over the three draws that rank both
    assert np.allclose(got + got.T, 1.0)


def test_probability_without_a_common_draw_is_not_a_number():
    assert np.isnan(probabilities(np.array([[1, 0], [0, 1]]))[0, 1])


def test_counts_of_parts_add_up_to_the_whole():
    ranks = np.random.default_rng(2).integers(0, 6, (600, 5)).astype(np.uint16)  # ties, and 0 for no rank

    whole = count_above(ranks)

    assert np.array_equal(whole, count_above(ranks[:130]).astype(int) + count_above(ranks[130:]))
    assert whole[0, 1] == np.count_nonzero((ranks[:, 0] < ranks[:, 1]) & (ranks[:, 0] > 0))
    assert np.array_equal(probabilities(ranks), probabilities(ranks, whole), equal_nan=True)


@pytest.mark.parametrize("cells", [1, 40])
def test_blocks_of_units_change_no_probability_and_no_percentile(monkeypatch, cells):
    ranks = np.random.default_rng(1).permuted(np.tile(np.arange(1, 12), (30, 1)), axis=1)
    whole = probabilities(ranks), percentiles(ranks), rank_shift(ranks, ranks[0])

    for module in ("intervals", "pairs"):
        monkeypatch.setattr(f"scoring.numerics.robustness.{module}.CELLS", cells)
    monkeypatch.setattr("scoring.numerics.robustness.pairs.MOST_ADDED", 7)

    again = probabilities(ranks), percentiles(ranks), rank_shift(ranks, ranks[0])
    assert all(np.array_equal(one, other) for one, other in zip(whole, again, strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_percentiles_are_numpy_s_linear_ones(seed):
    ranks = np.random.default_rng(seed).integers(1, 40, (37, 5))

    assert np.allclose(percentiles(ranks), np.percentile(ranks, [5, 50, 95], axis=0), rtol=1e-12)


def test_percentiles_leave_out_draws_without_a_rank():
    ranks = np.array([[3], [0], [1], [2], [0]])

    assert np.allclose(percentiles(ranks), np.percentile([[3], [1], [2]], [5, 50, 95], axis=0))
    assert np.isnan(percentiles(np.zeros((4, 1), dtype=int))).all()


def test_groups_hold_neighbours_no_two_of_which_are_told_apart():
    pairs = np.full((5, 5), 0.5)
    for above, below in ((0, 2), (0, 3), (0, 4), (1, 4)):
        pairs[above, below], pairs[below, above] = 0.95, 0.05
    units, nominal = ("a", "b", "c", "d", "e"), np.array([1, 2, 3, 4, 5])

    got = indistinguishable_groups(units, nominal, pairs)

    assert [group.units for group in got] == [("a", "b"), ("b", "c", "d"), ("c", "d", "e")]
    assert [(group.first, group.last) for group in got] == [(1, 2), (2, 4), (3, 5)]


def test_unit_told_apart_from_all_is_in_no_group():
    pairs = np.array([[0.5, 0.97, 1.0], [0.03, 0.5, 0.9], [0.0, 0.1, 0.5]])

    assert [group.units for group in indistinguishable_groups(("a", "b", "c"), np.array([1, 2, 3]), pairs)] == [
        ("b", "c")
    ]


def test_where_nobody_has_a_rank_there_is_no_group():
    assert indistinguishable_groups(("a", "b"), np.array([0, 0]), np.full((2, 2), 0.5)) == ()


def test_unit_without_rank_is_in_no_group():
    assert indistinguishable_groups(("a", "b"), np.array([1, 0]), np.full((2, 2), 0.5)) == ()


def test_shares_of_tiers_are_those_of_the_draws(make):
    found = study(make.question(draws=200)).robust
    shares = found.intervals.tier_shares

    assert np.allclose(shares.sum(axis=1), 1.0)
    first = found.nominal.ranks.argmin()
    assert shares[first, 0] > shares[:, 0].mean()
    assert shares.shape == (15, 4)


def test_tiers_by_score_are_drawn_by_score(make):
    question = make.question(factors=("weights",))
    rule = Tiers(by="score", scores=(1e6, -1e6))

    found = study(replace(question, recipe=replace(question.recipe, tiers=rule))).robust

    assert found.intervals.tier_shares.tolist() == [[0.0, 1.0, 0.0]] * 15


def test_convergence_compares_half_the_draws_with_all(make):
    found = study(make.question(draws=400)).robust
    half = study(make.question(draws=200)).robust

    assert np.array_equal(found.intervals.low_half, half.intervals.low)
    assert np.array_equal(found.intervals.high_half, half.intervals.high)
    ends = [found.intervals.low - half.intervals.low, found.intervals.high - half.intervals.high]
    assert found.intervals.gap == np.abs(ends).max()


def test_shift_is_the_mean_over_units_of_how_far_ranks_move(make):
    found = study(make.question(draws=50)).robust
    nominal = replace(found.nominal, ranks=np.array([1, 2, 0]), tiers=np.array([1, 1, 0]), units=("a", "b", "c"))
    nominal = replace(nominal, recipe=replace(nominal.recipe, tiers=Tiers((1.0,))))

    got = intervals(nominal, Runs(np.array([[2, 1, 3], [1, 2, 3], [1, 4, 0]]), np.ones((3, 3), dtype=int)))

    assert got.shift.tolist() == [1.0, 0.0, 1.0]
    assert got.mean_shift == pytest.approx(2 / 3)
    assert np.isnan(got.low[2])


@pytest.mark.parametrize(
    ("blurred", "expected"),
    [
        ((), [0, 1, 2, 3]),
        (((0, 1),), [0, 0, 1, 2]),
        (
            ((0, 2),),
            [0, 0, 0, 1],
        ),  # who stands between them is alike to neither, and the order is still none of the run's
        (((0, 1), (1, 2)), [0, 0, 0, 1]),
        (((1, 3), (0, 1)), [0, 0, 0, 0]),
    ],
)
def test_runs_are_told_apart_from_each_other(blurred, expected):
    shares = np.triu(np.full((4, 4), 0.97), 1)
    for one, other in blurred:
        shares[one, other] = 0.94

    assert runs_told_apart(shares).tolist() == expected


def test_no_unit_and_unknown_pairs_make_no_runs():
    assert runs_told_apart(np.zeros((0, 0))).tolist() == []
    assert runs_told_apart(np.full((3, 3), np.nan)).tolist() == [0, 0, 0]


@pytest.mark.parametrize("seed", range(20))
def test_runs_are_as_short_as_can_be(seed):
    shares = np.random.default_rng(seed).uniform(0.9, 1.0, (7, 7))
    runs = runs_told_apart(shares)

    for cut in range(1, 7):
        assert (runs[cut] > runs[cut - 1]) == bool((shares[:cut, cut:] >= TOLD_APART).all())


def test_middle_half_is_between_the_quartiles_of_r_type_7():
    ranks = np.random.default_rng(5).integers(1, 9, (37, 3))

    assert np.allclose(percentiles(ranks, (25.0, 75.0)), np.percentile(ranks, [25, 75], axis=0), rtol=1e-12)


@pytest.mark.parametrize(
    ("shares", "released", "expected"),
    [
        ([0.04, 0.491, 0.457, 0.008], 3, 2),
        ([0.2, 0.4, 0.4, 0.0], 3, 3),  # of equally many the released one
        ([0.4, 0.4, 0.2, 0.0], 3, 1),  # else the best
        ([0.0, 0.0, 0.0, 1.0], 4, 4),
        ([0.5, 0.5, 0.0, 0.0], 0, 1),
        ([np.nan] * 4, 2, 0),
    ],
)
def test_tier_drawn_most_often(shares, released, expected):
    assert modal_tiers(np.array([shares]), np.array([released])).tolist() == [expected]
