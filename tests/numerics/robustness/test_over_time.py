"""Gaps filled from earlier times: score, draws and what-if on three places and two indicators, worked out by hand.

The latest values, those filled from earlier times with a star, and min-max from 0 to 100 of the latest time alone:

=====  ===  ====  ======  ======
place    a     b  a 0-100  b 0-100
=====  ===  ====  ======  ======
N       30    40      50   100/3
S      50*    20     100       0
W       10   80*       0     100
=====  ===  ====  ======  ======

Unfilled, S has b alone and W has a alone: N stands at 100 and 100, S at 0, W at 0.
"""

from dataclasses import replace

import numpy as np
import pytest

from scoring.numerics.pipeline import score
from scoring.numerics.robustness.choices import drawn_choices
from scoring.numerics.robustness.intervals import rank_draws
from scoring.numerics.robustness.leave_one_out import leave_one_out
from scoring.numerics.robustness.release_model import ReleaseModel
from scoring.numerics.robustness.sensitivity import sobol_runs
from scoring.numerics.robustness.what_if import what_if
from scoring.numerics.types import (
    CompositeRecipe,
    Impute,
    Normalise,
    NormaliseRule,
    RobustnessChoices,
    Screen,
    Table,
    Tree,
    TreeCriterion,
    WeightDraws,
)

NAN = np.nan
TREE = Tree(
    (TreeCriterion("index", None), *(TreeCriterion(code, "index", is_indicator=True) for code in ("a", "b"))),
)
PLACES = ("N", "S", "W")
TIMES = ("2020", "2022", "2024")
A = {"N": (10, 20, 30), "S": (50, NAN, NAN), "W": (0, 5, 10)}
B = {"N": (0, 20, 40), "S": (0, 10, 20), "W": (0, 80, NAN)}
MOSTLY_A = {"index": 1.0, "a": 3.0, "b": 1.0}
BY_WEIGHTS = ((0.75, 0.25), (0.25, 0.75), (0.0, 1.0), (1.0, 0.0))
OVER_TIME = ("latest", "linear")


def table(a=A, b=B):
    rows = [(place, time) for place in PLACES for time in range(len(TIMES))]
    units = tuple(place for place, _ in rows)
    values = np.array([[a[place][time], b[place][time]] for place, time in rows], dtype=float)
    return Table(units, units, tuple(TIMES[time] for _, time in rows), ("a", "b"), values)


def recipe(method, *factors, draws=0, normalise=None, **alternatives):
    rule = RobustnessChoices(draws, 3, factors or ("weights",), alternatives, sensitivity=8)
    return CompositeRecipe(
        screen=Screen(0.5, 0.5), impute=Impute(method), normalise=normalise or Normalise(), robustness=rule
    )


def weight_draws(local=BY_WEIGHTS):
    weights = np.array(local)
    return WeightDraws(("a", "b"), weights, ("a", "b"), weights, 0)


def model(rule, draws=None):
    return ReleaseModel(score(table(), TREE, MOSTLY_A, rule), TREE, MOSTLY_A, draws)


@pytest.mark.parametrize("method", OVER_TIME)
def test_score_takes_gaps_from_earlier_times(method):
    found = score(table(), TREE, MOSTLY_A, recipe(method))
    assert found.units == PLACES
    assert found.steps["imputed"].values.tolist() == [[30, 40], [50, 20], [10, 80]]
    assert found.imputed.tolist() == [[False, False], [True, False], [False, True]]
    assert found.scores == pytest.approx([0.75 * 50 + 0.25 * 100 / 3, 75, 25], rel=1e-14)
    assert found.ranks.tolist() == [2, 1, 3]


def test_score_without_earlier_times_is_another_one():
    found = score(table(), TREE, MOSTLY_A, recipe("none"))
    assert found.scores.tolist() == [100, 0, 0]
    assert found.ranks.tolist() == [1, 2, 2]


@pytest.mark.parametrize("method", OVER_TIME)
def test_draws_of_weights_take_gaps_from_earlier_times(method):
    nominal = score(table(), TREE, MOSTLY_A, recipe(method, draws=4))
    runs = rank_draws(nominal, TREE, MOSTLY_A, weight_draws())
    # N, S, W: (45.8, 75, 25), (37.5, 25, 75), (33.3, 0, 100), (50, 100, 0)
    assert runs.ranks.tolist() == [[2, 1, 3], [2, 3, 1], [2, 3, 1], [2, 1, 3]]


@pytest.mark.parametrize("method", OVER_TIME)
@pytest.mark.parametrize("nominal_fills", [True, False])
def test_draws_of_the_filling_see_earlier_times_where_they_choose_them(method, nominal_fills):
    own, other = (method, "none") if nominal_fills else ("none", method)
    rule = recipe(own, "impute", draws=20, impute=(other,))
    nominal = score(table(), TREE, MOSTLY_A, rule)
    took_own = drawn_choices(rule, 2, first=0, count=20).impute == 0
    assert 0 < took_own.sum() < 20
    expected = [[2, 1, 3] if filled else [1, 2, 2] for filled in (took_own == nominal_fills).tolist()]
    assert rank_draws(nominal, TREE, MOSTLY_A).ranks.tolist() == expected


@pytest.mark.parametrize("method", OVER_TIME)
def test_sensitivity_and_leaving_out_take_gaps_from_earlier_times(method):
    rule = recipe(method, "weights", "leave_one_indicator", draws=4)
    nominal = score(table(), TREE, MOSTLY_A, rule)
    without = leave_one_out(nominal, TREE, MOSTLY_A)
    assert dict(zip(without.parts, without.ranks.tolist(), strict=True)) == {
        ("indicator", "a"): [2, 3, 1],
        ("indicator", "b"): [2, 1, 3],
    }
    runs = sobol_runs(nominal, TREE, MOSTLY_A, weight_draws(((0.75, 0.25), (0.25, 0.75))))
    # N is second whatever has the weight; unfilled it would be first in every run
    assert set(map(tuple, runs.ranks.tolist())) == {(2, 1, 3), (2, 3, 1)}


@pytest.mark.parametrize("method", OVER_TIME)
def test_what_if_holds_the_others_at_what_earlier_times_gave_them(method):
    answer = what_if(model(recipe(method)), "N", {"a": 40})
    # 40 is three quarters of the way from 10 to 50
    assert answer.score == pytest.approx(0.75 * 75 + 0.25 * 100 / 3, rel=1e-14)
    assert (answer.official_rank, answer.rank, answer.ranks.tolist()) == (2, 2, [2, 1, 3])
    assert what_if(model(recipe(method)), "N", {"a": 50}).ranks.tolist() == [1, 2, 3]


@pytest.mark.parametrize("method", OVER_TIME)
def test_what_if_keeps_the_units_own_filled_gap_until_it_is_changed(method):
    release = model(recipe(method))
    assert what_if(release, "W", {"a": 30}).score == pytest.approx(0.75 * 50 + 0.25 * 100, rel=1e-14)
    assert what_if(release, "W", {"b": 50}).score == pytest.approx(0.25 * 50, rel=1e-14)


@pytest.mark.parametrize("method", OVER_TIME)
def test_what_if_in_the_draws_holds_what_earlier_times_gave(method):
    release = model(recipe(method, draws=4), weight_draws())
    # N with a = 50: (83.3, 75, 25), (50, 25, 75), (33.3, 0, 100), (100, 100, 0)
    assert release.drawn_ranks("N", [{"a": 50}]).tolist() == [[1], [2], [2], [1]]
    assert (what_if(release, "N", {"a": 50}).rank_low, what_if(release, "N", {"a": 50}).rank_high) == (1, 2)


@pytest.mark.parametrize("method", OVER_TIME)
@pytest.mark.parametrize("nominal_fills", [True, False])
def test_what_if_in_draws_of_the_filling_sees_earlier_times_where_they_choose_them(method, nominal_fills):
    own, other = (method, "none") if nominal_fills else ("none", method)
    rule = recipe(own, "impute", draws=20, impute=(other,))
    took_own = drawn_choices(rule, 2, first=0, count=20).impute == 0
    filled = int((took_own == nominal_fills).sum())
    # N with a = 15: filled 17.7 beside 75 and 25; unfilled a is 25 of 100, so 43.75 beside 0 and 0
    ranks = model(rule).drawn_ranks("N", [{"a": 15}])[:, 0]
    assert sorted(ranks.tolist()) == [1] * (20 - filled) + [3] * filled


# --- a scale over all times, by plain numpy -------------------------------------------------------------------------------

GAPS = {"N": (10, NAN, 31), "S": (50, NAN, 70), "W": (NAN, 5, NAN)}
POOLED = Normalise(NormaliseRule("zscore"), pooled=True)


def lines():
    """The gaps on a straight line between the neighbouring times, level beyond the ends: (place, time, indicator)."""
    when = np.array([2020.0, 2022.0, 2024.0])
    cube = np.array([[GAPS[place], B[place]] for place in PLACES], dtype=float)
    for row in cube.reshape(-1, len(when)):
        given = ~np.isnan(row)
        row[:] = np.interp(when, when[given], row[given])
    return cube.swapaxes(1, 2)


def z_scores(latest, rows):
    """Scores by z-scores whose mean and standard deviation are those of all rows."""
    return ((latest - rows.mean(axis=0)) / rows.std(axis=0, ddof=1)) @ [0.75, 0.25]


@pytest.fixture
def pooled():
    rule = recipe("linear", draws=2, normalise=POOLED)
    nominal = score(table(GAPS), TREE, MOSTLY_A, rule)
    return nominal, ReleaseModel(nominal, TREE, MOSTLY_A, weight_draws(((0.75, 0.25), (0.75, 0.25))))


def test_pooled_scale_of_the_score_counts_the_filled_rows_of_all_times(pooled):
    cube = lines()
    assert cube[1, :, 0].tolist() == [50, 60, 70]
    assert pooled[0].scores == pytest.approx(z_scores(cube[:, -1], cube.reshape(-1, 2)), rel=1e-12)


def test_pooled_scale_of_the_draws_counts_the_filled_rows_of_all_times(pooled):
    nominal, release = pooled
    drawn = release.drawn[0].prepared.scores({"index": np.ones(1), "a": np.array([0.75]), "b": np.array([0.25])})
    cube = lines()
    expected = z_scores(cube[:, -1], cube.reshape(-1, 2))
    assert drawn[0] == pytest.approx(expected, rel=1e-12)
    places = (1 + (expected[:, None] < expected).sum(axis=1)).tolist()
    assert rank_draws(nominal, TREE, MOSTLY_A, release.draws).ranks.tolist() == [places] * 2


def test_pooled_scale_of_a_what_if_stays_that_of_all_filled_rows(pooled):
    cube = lines()
    changed = cube[:, -1].copy()
    changed[0, 0] = 99
    answer = what_if(pooled[1], "N", {"a": 99})
    assert answer.score == pytest.approx(z_scores(changed, cube.reshape(-1, 2))[0], rel=1e-12)


def test_draws_and_what_if_of_a_pooled_scale_agree_on_the_release_itself(pooled):
    nominal, release = pooled
    drawn = replace(nominal.recipe, robustness=replace(nominal.recipe.robustness, draws=1))
    again = score(table(GAPS), TREE, MOSTLY_A, drawn)
    ranks = rank_draws(again, TREE, MOSTLY_A, weight_draws(((0.75, 0.25),))).ranks[0]
    assert [release.drawn_ranks(place, [{}])[0, 0] for place in PLACES] == ranks.tolist() == nominal.ranks.tolist()
