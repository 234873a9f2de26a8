"""The study as a whole: cut into parts it stays the same, and odd rankings have a stated answer."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from scoring.numerics.errors import MethodError
from scoring.numerics.robustness.draws import draw_weights
from scoring.numerics.robustness.study import compute_part, join_parts, more_runs, study, work_of
from scoring.numerics.types import ConsensusMethod, Normalise, NormaliseRule


def same(one, other):
    assert np.array_equal(one.intervals.low, other.intervals.low)
    assert np.array_equal(one.intervals.high, other.intervals.high)
    assert np.array_equal(one.intervals.pairs, other.intervals.pairs)
    assert np.array_equal(one.intervals.tier_shares, other.intervals.tier_shares)
    assert np.array_equal(one.intervals.shift, other.intervals.shift)
    assert np.array_equal(one.sensitivity.total, other.sensitivity.total)
    assert np.array_equal(one.sensitivity.first_low, other.sensitivity.first_low)
    assert np.array_equal(one.weight_draws.local, other.weight_draws.local)


@pytest.fixture(scope="module")
def uncut(make):
    """Give the question of so many draws and so large a base, its nominal ranking and its study, computed once."""

    @cache
    def of(draws, base=8):
        question = make.question(draws=draws, sensitivity=base)
        return question, question.nominal(), study(question).robust

    return of


@pytest.mark.parametrize(("size", "draws", "base"), [(1, 16, 4), (7, 150, 8), (50, 150, 8), (1000, 150, 8)])
def test_study_does_not_depend_on_how_it_is_cut(uncut, size, draws, base):
    question, nominal, whole = uncut(draws, base)

    parts = {
        work: [
            compute_part(question, nominal, work, first=first, count=min(size, total - first))
            for first in range(0, total, size)
        ]
        for work, total in work_of(question).items()
    }

    same(join_parts(question, nominal, parts).robust, whole)


def test_seed_decides_and_zero_is_a_seed(make):
    zero, again, other = (study(make.question(seed=seed)).robust for seed in (0, 0, 1))

    same(zero, again)
    assert not np.array_equal(zero.intervals.shift, other.intervals.shift)
    assert not np.array_equal(zero.sensitivity.total, other.sensitivity.total)


def test_draws_by_accuracy_are_those_of_a_stated_number(make):
    asked = study(make.question(draws="auto", budget=4_000, factors=("weights", "normalise"))).robust
    stated = study(make.question(draws=asked.intervals.draws, factors=("weights", "normalise"))).robust

    assert asked.intervals.draws in (1_000, 2_000, 4_000)
    assert asked.intervals.ended == ("converged" if asked.intervals.errors.open_ends() == 0 else "budget")
    assert np.array_equal(asked.intervals.shift, stated.intervals.shift)
    assert np.array_equal(asked.intervals.pairs, stated.intervals.pairs)
    assert np.array_equal(asked.intervals.errors.high, stated.intervals.errors.high)
    assert (stated.intervals.ended, asked.choices) == ("given", stated.choices)
    assert np.array_equal(asked.weight_draws.local, stated.weight_draws.local[:1_000])


def test_draws_by_accuracy_do_not_depend_on_how_they_are_cut(make):
    panel = make.panel(spread=1.2)
    question = make.question(
        draws="auto", budget=2_000, panel=panel, factors=("weights", "normalise", "aggregate"), sensitivity=0
    )
    nominal, whole = question.nominal(), study(question).robust
    cuts = (0, 300, 1_000, 1_700, whole.intervals.draws)
    assert whole.intervals.draws == 2_000

    parts = [
        compute_part(question, nominal, "draws", first=first, count=last - first) for first, last in pairwise(cuts)
    ]

    assert (more_runs(nominal, parts[:2]), more_runs(nominal, parts)) == (1_000, 0)
    joined = join_parts(question, nominal, {"draws": parts}).robust
    assert np.array_equal(joined.intervals.pairs, whole.intervals.pairs)
    assert np.array_equal(joined.intervals.errors.low, whole.intervals.errors.low)


def test_no_draws_are_no_study(make):
    assert work_of(make.question(draws=0)) == {}
    assert study(make.question(draws=0)).robust is None


def test_single_factor_has_intervals_and_no_sensitivity(make):
    found = study(make.question(factors=("weights",))).robust

    assert found.sensitivity is None
    assert (found.intervals.high >= found.intervals.low).all()


def test_one_unit_is_first_in_every_draw(make):
    question = make.question(table=make.table(1), factors=("weights", "outliers"))
    question = replace(question, recipe=replace(question.recipe, normalise=Normalise(NormaliseRule("rank"))))

    found = study(question).robust

    assert (found.intervals.low.tolist(), found.intervals.high.tolist()) == ([1.0], [1.0])
    assert (found.intervals.pairs.tolist(), found.intervals.alike) == ([[0.5]], ())
    assert np.isnan(found.sensitivity.total).all()
    assert (found.leave_one_out.change == 0).all()


def test_equal_draws_have_intervals_of_no_width_and_no_sensitivity(make):
    question = make.question(
        factors=("normalise", "aggregate"), alternatives={"normalise": ("minmax",), "aggregate": ("arithmetic",)}
    )

    found = study(question).robust

    assert found.choices == {"normalise": 1, "aggregate": 1}
    assert np.array_equal(found.intervals.low, found.intervals.nominal)
    assert np.array_equal(found.intervals.high, found.intervals.nominal)
    assert (found.intervals.mean_shift, found.intervals.gap) == (0.0, 0.0)
    assert np.isnan(found.sensitivity.total).all()


def test_factor_with_one_alternative_has_no_effect(make):
    found = study(make.question(factors=("weights", "normalise"), alternatives={"normalise": ("minmax",)})).robust

    assert found.choices == {"weights": 60, "normalise": 1}
    column = found.sensitivity.factors.index("normalise")
    assert (found.sensitivity.total[0, column], found.sensitivity.first[0, column]) == (0.0, 0.0)


def test_panel_of_one_says_that_its_spread_is_unknown(make):
    lone = study(make.question(panel=make.panel(1), factors=("weights",))).robust

    assert lone.weight_draws.panel_spread is False
    assert (lone.weight_draws.local.std(axis=0) > 0).any()  # the noise of her judgements is there
    assert [part for part in lone.leave_one_out.undefined if part[0] == "panelist"] == [("panelist", "P00")]
    assert study(make.question(factors=("weights",))).robust.weight_draws.panel_spread is True


def test_weights_as_a_factor_need_judgements(make):
    question = replace(make.question(), panel=None)

    with pytest.raises(MethodError, match="no draws of weights"):
        study(question)


def test_consensus_draw_d_is_draw_d_of_the_study(make):
    question = make.question(factors=("weights",), draws=20)

    of_consensus = draw_weights(question.panel, ConsensusMethod(seed=5, draws=1000)).local

    assert np.array_equal(study(question).robust.weight_draws.local, of_consensus[:20])


@pytest.mark.parametrize(
    ("weights", "groups", "stratified", "known"),
    [
        ((1, 1, 1, 1), "aabb", True, True),
        ((1, 1, 1, 1), "abcd", True, False),  # nobody can take another's place
        ((1, 1, 1, 1), "abcd", False, True),
        ((1, 0, 0, 0), "aaaa", False, False),  # one counts
        ((1, 1, 0, 0), "abbb", True, False),
        ((1, 1, 0, 0), "aabb", True, True),
    ],
)
def test_spread_over_experts_is_known_where_two_who_count_may_take_each_others_place(
    make, weights, groups, stratified, known
):
    panel = replace(make.panel(4, groups=tuple(groups)), expert_weights=np.array(weights, dtype=float))
    method = ConsensusMethod(seed=5, draws=40, stratified=stratified, noise=False)

    drawn = draw_weights(panel, method)

    assert drawn.panel_spread is known
    assert bool((drawn.local.std(axis=0) > 1e-9).any()) is known
