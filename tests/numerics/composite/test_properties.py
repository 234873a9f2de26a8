"""What must hold for every table: order of rows and columns, direction, monotonicity, and Kemeny against brute force."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scoring.numerics.composite.outranking import kemeny_scores
from scoring.numerics.pipeline import score
from scoring.numerics.types import (
    Aggregate,
    CompositeRecipe,
    Normalise,
    NormaliseRule,
    Outliers,
    Screen,
    Table,
    Tree,
    TreeCriterion,
)

TREE = Tree(
    (
        TreeCriterion("index", None),
        TreeCriterion("a", "index", weight=2),
        TreeCriterion("b", "index", weight=1),
        TreeCriterion("a1", "a", is_indicator=True, weight=1),
        TreeCriterion("a2", "a", is_indicator=True, weight=3, direction=-1),
        TreeCriterion("b1", "b", is_indicator=True, weight=1),
        TreeCriterion("b2", "b", is_indicator=True, weight=1),
    )
)
ALL = Screen(0, 0)
POSTS = Normalise(NormaliseRule("goalposts", goalposts=(-1, 101), scale=100))
values = arrays(np.float64, (7, 4), elements=st.integers(1, 100).map(float))
RECIPES = [
    CompositeRecipe(
        screen=ALL, normalise=Normalise(NormaliseRule(method, lower=1, constant=50.0)), aggregate=Aggregate(mean)
    )
    for method in ("minmax", "rank", "percentile_rank")
    for mean in ("arithmetic", "copeland", "borda", "minimum")
] + [
    CompositeRecipe(screen=ALL, normalise=POSTS, aggregate=Aggregate(mean))
    for mean in ("geometric", "harmonic", "kemeny")
]

ORDERS = np.array(list(permutations(range(5))))


def table(cells, columns=TREE.indicators):
    units = tuple(f"u{number}" for number in range(len(cells)))
    return Table(units, units, ("",) * len(units), columns, np.asarray(cells, dtype=float))


def by_unit(scored):
    return dict(zip(scored.units, scored.ranks.tolist(), strict=True))


@settings(deadline=None)
@given(recipe=st.sampled_from(RECIPES), cells=values, order=st.permutations(range(7)))
def test_ranks_do_not_depend_on_the_order_of_units(recipe, cells, order):
    data = table(cells)
    shuffled = data.take_rows(np.array(order))
    assert by_unit(score(data, TREE, None, recipe)) == by_unit(score(shuffled, TREE, None, recipe))


@settings(deadline=None)
@given(recipe=st.sampled_from(RECIPES), cells=values, order=st.permutations(range(len(TREE.criteria))))
def test_ranks_do_not_depend_on_the_order_of_criteria(recipe, cells, order):
    other = Tree(tuple(TREE.criteria[position] for position in order))
    assert by_unit(score(table(cells), TREE, None, recipe)) == by_unit(score(table(cells), other, None, recipe))


@settings(deadline=None)
@given(recipe=st.sampled_from(RECIPES), cells=values)
def test_turning_values_and_direction_changes_nothing(recipe, cells):
    turned = Tree(tuple(replace(one, direction=-one.direction) for one in TREE.criteria))
    rule = recipe.normalise.rule
    posts = None if rule.goalposts is None else (-rule.goalposts[1], -rule.goalposts[0])
    mirrored = replace(recipe, normalise=Normalise(replace(rule, goalposts=posts)))
    plain = score(table(cells), TREE, None, recipe)
    assert np.allclose(plain.scores, score(table(-cells), turned, None, mirrored).scores, rtol=1e-12)


@pytest.mark.parametrize("mean", ["arithmetic", "geometric"])
@settings(deadline=None)
@given(cells=values, unit=st.integers(0, 6), column=st.integers(0, 3), step=st.integers(1, 60))
def test_better_value_never_worsens_its_unit(mean, cells, unit, column, step):
    recipe = CompositeRecipe(screen=ALL, normalise=POSTS, aggregate=Aggregate(mean))
    better = cells.copy()
    direction = TREE.by_code[TREE.indicators[column]].direction
    better[unit, column] = np.clip(better[unit, column] + direction * step, 0, 100)
    before, after = score(table(cells), TREE, None, recipe), score(table(better), TREE, None, recipe)
    assert after.ranks[unit] <= before.ranks[unit]


@settings(deadline=None)
@given(cells=arrays(np.float64, (12, 4), elements=st.floats(-1e6, 1e6).map(lambda x: round(x, 3))))
def test_yardstick_repeats_every_score(cells):
    recipe = CompositeRecipe(
        screen=ALL,
        outliers=Outliers("winsorise_then_log", max_points=1),
        normalise=Normalise(NormaliseRule(constant=50.0)),
    )
    first = score(table(cells), TREE, None, recipe)
    assert np.array_equal(score(table(cells), TREE, None, recipe, first.yardstick).scores, first.scores)


@settings(deadline=None)
@given(upper=arrays(np.float64, (10,), elements=st.integers(-3, 3).map(float)))
def test_kemeny_equals_brute_force(upper):
    margin = np.zeros((5, 5))
    margin[np.triu_indices(5, 1)] = upper
    margin -= margin.T
    above, below = np.triu_indices(5, 1)
    worth = margin[ORDERS[:, above], ORDERS[:, below]].sum(axis=1)  # of whole numbers: sums are exact
    best = ORDERS[worth == worth.max()]
    expected = (4 - best.argsort(axis=1)).mean(axis=0)
    assert np.allclose(kemeny_scores(margin), expected)


@given(values, st.integers(0, 6), st.sampled_from(RECIPES))
def test_unit_left_out_for_its_circumstances_touches_no_other(cells, number, recipe):
    """It is as if it were not in the data, and what left it out says why."""
    reason = {"en": "what is measured does not speak of it"}
    named = replace(recipe, screen=Screen(0, 0, {f"u{number}": reason}))

    scored = score(table(cells), TREE, None, named)
    without = score(table(cells).take_rows(np.delete(np.arange(7), number)), TREE, None, recipe)

    assert by_unit(scored) == by_unit(without)
    assert [(one.code, one.reason) for one in scored.dropped] == [(f"u{number}", reason)]
