"""The order of the steps: each sees the times it should, is computed once for the rules it depends on, and can be repeated."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.numerics.composite.chain import chain, prepare
from scoring.numerics.errors import MethodError
from scoring.numerics.types import (
    Aggregate,
    CompositeRecipe,
    Impute,
    Normalise,
    NormaliseRule,
    Outliers,
    Table,
    Tree,
    TreeCriterion,
)

NAN = np.nan
TREE = Tree(
    (TreeCriterion("index", None), *(TreeCriterion(code, "index", is_indicator=True) for code in ("a", "b"))),
)
UNITS = ("N", "N", "S", "S")
TIMES = ("2023", "2024", "2023", "2024")
TABLE = Table(UNITS, UNITS, TIMES, ("a", "b"), np.array([[1.0, 8.0], [3.0, 6.0], [5.0, 0.0], [NAN, 2.0]]))
HALVES = {"index": np.ones(1), "a": np.array([0.5]), "b": np.array([0.5])}


def recipe(method="none", *, pooled=False, **parts):
    return CompositeRecipe(impute=Impute(method), normalise=Normalise(pooled=pooled), **parts)


@pytest.mark.parametrize(
    ("method", "pooled", "imputed", "normalised"),
    [
        # the latest time alone: 3 is the only a, and has no range
        ("mean", False, [[3, 6], [3, 2]], [[0, 100], [0, 0]]),
        ("latest", False, [[3, 6], [5, 2]], [[0, 100], [100, 0]]),
        # all times are kept: a from 1 to 5, b from 0 to 8
        ("latest", True, [[1, 8], [3, 6], [5, 0], [5, 2]], [[50, 75], [100, 25]]),
        ("mean", True, [[1, 8], [3, 6], [5, 0], [3, 2]], [[50, 75], [50, 25]]),
        ("none", True, [[1, 8], [3, 6], [5, 0], [NAN, 2]], [[50, 75], [NAN, 25]]),
        # the gap is filled in the normalised values, from b
        ("row_mean", True, [[1, 8], [3, 6], [5, 0], [NAN, 2]], [[50, 75], [25, 25]]),
    ],
)
def test_each_step_sees_the_times_it_should(method, pooled, imputed, normalised):
    flat_is_zero = Normalise(NormaliseRule(constant=0.0), pooled=pooled)
    found = prepare(TABLE, TREE, replace(recipe(method), normalise=flat_is_zero))
    assert np.array_equal(found.imputed.values, imputed, equal_nan=True)
    assert np.array_equal(found.normalised.values, normalised, equal_nan=True)
    assert found.filled.tolist() == [[False, False], [method != "none", False]]


def test_scores_are_the_weighted_normalised_values():
    found = prepare(TABLE, TREE, recipe("latest", pooled=True))
    assert found.scores(HALVES).tolist() == [[62.5, 62.5]]
    assert found.nodes(HALVES)["index"].tolist() == [[62.5, 62.5]]


def test_own_yardstick_gives_the_same_again_and_places_other_values_on_it():
    rule = recipe("latest", pooled=True)
    first = prepare(TABLE, TREE, rule)
    again = prepare(TABLE, TREE, rule, first.yardstick)
    assert again.yardstick == first.yardstick
    assert again.normalised.values.tolist() == first.normalised.values.tolist()
    other = replace(TABLE, values=np.array([[NAN, NAN], [7.0, 4.0], [NAN, NAN], [2.0, 12.0]]))
    assert prepare(other, TREE, rule, first.yardstick).normalised.values.tolist() == [[150, 50], [25, 150]]
    assert first.scale.place(other).values[[1, 3]].tolist() == [[150, 50], [25, 150]]


def test_recipes_of_one_table_share_the_steps_that_they_have_in_common():
    prepared = chain(TABLE, TREE)
    one = prepared(recipe("latest"), None)
    other_mean = prepared(recipe("latest", aggregate=Aggregate("minimum")), None)
    other_treatment = prepared(recipe("latest", outliers=Outliers("winsorise")), None)
    assert other_mean.placed is one.placed
    assert other_treatment.imputed is one.imputed
    assert other_treatment.treated is not one.treated
    assert other_mean.scores(HALVES).tolist() == [[0, 0]]
    assert one.scores(HALVES).tolist() == [[50, 50]]


@pytest.mark.parametrize(
    "other",
    [
        recipe("mean", pooled=True),
        recipe("latest", pooled=True),
        replace(recipe("latest"), normalise=Normalise(NormaliseRule(upper=10.0))),
        recipe("latest", aggregate=Aggregate("minimum")),
    ],
)
def test_what_was_prepared_before_changes_nothing(other):
    prepared = chain(TABLE, TREE)
    prepared(recipe("latest"), None)
    after, alone = prepared(other, None), prepare(TABLE, TREE, other)
    assert np.array_equal(after.normalised.values, alone.normalised.values, equal_nan=True)
    assert after.plans == alone.plans
    assert after.yardstick == alone.yardstick


def test_stored_numbers_are_not_taken_for_the_tables_own():
    prepared, rule = chain(TABLE, TREE), recipe("latest")
    stored = prepare(TABLE, TREE, recipe("latest", pooled=True)).yardstick
    assert prepared(rule, None).normalised.values.tolist() == [[0, 100], [100, 0]]
    assert prepared(rule, stored).normalised.values.tolist() == [[50, 75], [100, 25]]
    assert prepared(rule, None).normalised.values.tolist() == [[0, 100], [100, 0]]


def test_refusal_of_a_step_keeps_its_name():
    with pytest.raises(MethodError, match="impute: guess is unknown"):
        prepare(TABLE, TREE, recipe("guess"))
