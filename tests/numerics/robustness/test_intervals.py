"""Ranks drawn over the declared choices: every draw is what `score` gives for it, in blocks of any size."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.numerics.errors import MethodError
from scoring.numerics.pipeline import score
from scoring.numerics.robustness.choices import DEFAULTS, FACTORS, drawn_choices
from scoring.numerics.robustness.intervals import clarity, intervals, rank_draws, score_with_intervals
from scoring.numerics.robustness.runs import Runs, join_runs
from scoring.numerics.types import (
    Aggregate,
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
from tests.numerics.robustness.release_models import CODES, TREE

UNITS, DRAWS = 9, 40


def table(missing=0):
    values = np.random.default_rng(3).lognormal(size=(UNITS, len(TREE.indicators)))
    for number in range(missing):
        values[number * 2, (number * 3) % 5] = np.nan
    units = tuple(f"u{number}" for number in range(UNITS))
    return Table(units, units, ("2024",) * UNITS, TREE.indicators, values)


def weight_draws(draws=DRAWS):
    local = np.random.default_rng(5).uniform(0.1, 1, size=(draws, len(CODES)))
    return WeightDraws(TREE.indicators, np.zeros((draws, len(TREE.indicators))), CODES, local, 5)


def recipe(*factors, draws=DRAWS, seed=0, **parts):
    return CompositeRecipe(
        screen=Screen(0, 0), robustness=RobustnessChoices(draws, seed, factors, parts.pop("alternatives", {})), **parts
    )


def drawn(rule, data=None, **more):
    data = table() if data is None else data
    return rank_draws(score(data, TREE, None, rule), TREE, None, weight_draws(rule.robustness.draws), **more).ranks


@pytest.mark.parametrize("missing", [0, 4])
@pytest.mark.parametrize("method", ["arithmetic", "geometric", "harmonic", "copeland", "borda", "minimum", "kemeny"])
def test_each_draw_of_weights_is_scored_like_a_recipe_of_its_own(method, missing):
    rule = recipe("weights", aggregate=Aggregate(method), normalise=Normalise(NormaliseRule(lower=1)))
    weights, data = weight_draws(), table(missing)
    expected = [score(data, TREE, dict(zip(CODES, row, strict=True)), rule).ranks for row in weights.local]
    assert np.array_equal(drawn(rule, data), expected)


@pytest.mark.parametrize("cells", [1, 50, 10_000])
def test_block_size_changes_nothing(cells):
    rule = recipe(*FACTORS)
    assert np.array_equal(drawn(rule, cells=cells), drawn(rule))


def test_draw_does_not_depend_on_how_many_follow():
    assert np.array_equal(drawn(recipe(*FACTORS, draws=15)), drawn(recipe(*FACTORS))[:15])


def test_seed_zero_is_a_seed_of_its_own():
    assert np.array_equal(drawn(recipe(*FACTORS, seed=0)), drawn(recipe(*FACTORS, seed=0)))
    assert not np.array_equal(drawn(recipe(*FACTORS, seed=0)), drawn(recipe(*FACTORS, seed=1)))


def test_leaving_out_draws_every_indicator_and_none():
    rule = recipe("leave_one_indicator", draws=400)
    ones = dict.fromkeys(CODES, 1.0)
    expected = {tuple(score(table(), TREE, {**ones, code: 0.0}, rule).ranks) for code in TREE.indicators}
    expected.add(tuple(score(table(), TREE, None, rule).ranks))
    assert {tuple(row) for row in drawn(rule)} == expected


@pytest.mark.parametrize("factor", list(DEFAULTS))
def test_methods_draw_the_recipe_s_own_and_its_alternatives(factor):
    alternatives = {"normalise": ("rank",), "aggregate": ("harmonic",), "outliers": ("log",), "impute": ("median",)}
    rule = recipe(factor, alternatives=alternatives, normalise=Normalise(NormaliseRule(lower=1)))
    other = {
        "normalise": {"normalise": Normalise(NormaliseRule("rank", lower=1))},
        "aggregate": {"aggregate": Aggregate("harmonic")},
        "outliers": {"outliers": replace(rule.outliers, method="log")},
        "impute": {"impute": Impute("median")},
    }[factor]
    expected = {tuple(score(table(4), TREE, None, one).ranks) for one in (rule, replace(rule, **other))}
    assert {tuple(row) for row in drawn(rule, table(4))} == expected


def test_default_alternatives_have_an_answer_from_the_default_recipe():
    assert drawn(recipe(*FACTORS, draws=200)).min() == 1


def test_percentiles_are_r_type_7():
    rule = recipe("weights")
    got, ranks = score_with_intervals(table(), TREE, None, rule, weight_draws()), np.sort(drawn(rule), axis=0)
    position = (DRAWS - 1) * 0.05  # type 7: linear between the neighbouring order statistics
    low = ranks[int(position)] + (position - int(position)) * (ranks[int(position) + 1] - ranks[int(position)])
    assert np.allclose(got.rank_low, low, rtol=1e-12)
    assert np.allclose(got.rank_median, (ranks[DRAWS // 2 - 1] + ranks[DRAWS // 2]) / 2, rtol=1e-12)
    assert (got.rank_low <= got.rank_high).all()


def test_unit_without_score_has_no_interval():
    data = table()
    data.values[2] = np.nan
    got = score_with_intervals(data, TREE, None, recipe("weights"), weight_draws())
    assert got.ranks[2] == 0
    assert np.isnan([got.rank_low[2], got.rank_high[2]]).all()
    assert np.isfinite(np.delete(got.rank_low, 2)).all()


def test_no_draws_leave_no_interval():
    assert score_with_intervals(table(), TREE, None, recipe("weights", draws=0)).rank_low is None


@pytest.mark.parametrize(
    ("rule", "draws", "says"),
    [
        (recipe("weights"), None, "no draws of weights"),
        (recipe("wether"), weight_draws(), "wether"),
        (recipe(), weight_draws(), "no factor"),
        (recipe("impute", alternatives={"weights": ("x",)}), None, "weights has no alternatives"),
        (recipe("impute", alternatives={"impute": ("x",)}), None, "x is unknown"),
        (recipe("weights"), replace(weight_draws(), codes=("a", *CODES[1:])), "none for people"),
    ],
)
def test_undrawable_recipe_is_refused_by_name(rule, draws, says):
    with pytest.raises(MethodError, match=says):
        score_with_intervals(table(), TREE, None, rule, draws)


def test_more_units_than_a_rank_can_hold_are_refused(monkeypatch):
    monkeypatch.setattr("scoring.numerics.robustness.runs.LARGEST_FIELD", UNITS - 1)
    with pytest.raises(MethodError, match="9 units are more than 8") as refused:
        drawn(recipe("weights"))
    assert refused.value.facts == {"allowed": 8}


def test_no_parts_are_no_runs():
    joined = join_runs([])
    assert (joined.ranks.shape, joined.tiers.shape, joined.above) == ((0, 0), (0, 0), None)


# --- how clear it is, and draws that rank nobody --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nominal", "shares", "expected"),
    [
        ([1, 2, 3], {(0, 1): 0.96, (0, 2): 0.92, (1, 2): 0.97}, (0.92, 0.92)),  # not apart from one further down
        ([1, 2, 3], {(0, 1): 0.04, (0, 2): 1.0, (1, 2): 1.0}, (0.04, 0.04)),  # the draws put another one first
        ([1, 2, 3], {(0, 1): 1.0, (0, 2): 1.0, (1, 2): 0.6}, (1.0, 0.6)),
        ([1, 2, 2], {(0, 1): 1.0, (0, 2): 0.99, (1, 2): 0.5}, (0.99, 0.99)),  # a tie is no order
        ([1, 2, 0], {(0, 1): 0.9, (0, 2): 0.1, (1, 2): 0.1}, (0.9, 0.9)),  # who has no rank is below nobody
        ([1, 2, 3], {(0, 1): np.nan, (0, 2): 1.0, (1, 2): 1.0}, (0.0, 0.0)),
        ([1], {}, (1.0, 1.0)),
    ],
)
def test_ranking_is_as_clear_as_its_least_clear_pair(nominal, shares, expected):
    pairs = np.full((len(nominal), len(nominal)), 0.5)
    for (a, b), share in shares.items():
        pairs[a, b], pairs[b, a] = share, 1 - share

    found = clarity(np.array(nominal), pairs)

    assert (found.first, found.order) == expected


def test_draw_that_ranks_nobody_counts_for_nothing():
    nominal = score(table(), TREE, None, CompositeRecipe(screen=Screen(0, 0)))
    ranks = np.tile(nominal.ranks, (4, 1)).astype(np.uint16)
    ranks[1] = nominal.ranks[::-1]  # one draw turns the ranking around
    ranks[2] = 0
    ranks[3, 5] = 0

    found = intervals(nominal, Runs(ranks, np.ones_like(ranks, dtype=np.uint8)))

    turned = np.abs(nominal.ranks - nominal.ranks[::-1]).mean()
    assert (found.draws, found.ranking_nobody) == (4, 1)
    assert np.isnan(found.shift).tolist() == [False, False, True, False]
    assert found.mean_shift == pytest.approx(turned / 3)
    assert found.ranked.tolist() == [3, 3, 3, 3, 3, 2, 3, 3, 3]


def test_indicator_left_out_takes_what_it_leaves_empty_with_it():
    tree = Tree((*TREE.criteria, TreeCriterion("alone", "index"), TreeCriterion("a0", "alone", is_indicator=True)))
    values = np.random.default_rng(8).lognormal(size=(UNITS, 6))
    units = tuple(f"u{number}" for number in range(UNITS))
    full = Table(units, units, ("2024",) * UNITS, tree.indicators, values)
    recipe = CompositeRecipe(
        aggregate=Aggregate(floor=0.9), robustness=RobustnessChoices(60, 1, ("leave_one_indicator",))
    )
    nominal = score(full, tree, None, recipe)

    runs = rank_draws(nominal, tree, None)

    without = score(full, tree, {code: float(code != "alone") for code in tree.by_code}, recipe).ranks
    choices = drawn_choices(recipe, 6, first=0, count=60).left_out
    here = np.flatnonzero(choices == nominal.indicators.index("a0"))
    assert len(here) > 0
    assert (without > 0).all()
    assert (runs.ranks[here] == without).all()
