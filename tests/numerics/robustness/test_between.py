"""What stands between two releases that differ by several causes, and what cannot be compared."""

import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from scoring.numerics.errors import ConstantIndicatorError, MethodError
from scoring.numerics.pipeline import score
from scoring.numerics.robustness.between import Basis, recipe_between, shares
from scoring.numerics.robustness.change import split_change
from scoring.numerics.types import (
    Aggregate,
    CompositeRecipe,
    Denominate,
    Impute,
    Normalise,
    NormaliseRule,
    Outliers,
    Screen,
    Table,
    Tree,
    TreeCriterion,
)
from tests.numerics.robustness.changes import (
    DATA,
    NEW,
    NEW_RECIPE,
    NEW_TREE,
    NEW_WEIGHTS,
    NODES,
    OLD,
    OLD_RECIPE,
    OLD_TREE,
    OLD_UNITS,
    OLD_WEIGHTS,
    SAME,
    adds_up,
    leaf,
    moves,
    printed,
    table,
    with_rows,
)

# --- what stands between two releases ---------------------------------------------------------------------------------


def test_new_method_is_the_last_edition_s_data_under_it():
    before, after = replace(SAME, weights=NEW_WEIGHTS | {"p0": 0.1}, recipe=OLD_RECIPE), with_rows(SAME, 9, *"abc")
    change = split_change(before, after)
    scored = score(before.table, after.tree, after.weights, after.recipe)
    rows = [change.units.index(unit) for unit in scored.units]
    assert np.array_equal(change.rank_new_method[rows], scored.ranks)
    assert [printed(one) for one in change.score_new_method[rows]] == [printed(one) for one in scored.scores]
    assert (change.rank_new_method != change.rank_before).any()
    assert (change.rank_new_method != change.rank_after).any()


def test_new_method_takes_the_only_values_of_a_new_indicator_and_ranks_who_has_gone():
    change = split_change(OLD, NEW)
    values = np.column_stack([OLD.table.values, [*NEW.table.values[[1, 0, 3, 2, 4], 3], np.nan]])
    data = replace(OLD.table, columns=NEW_TREE.indicators, values=values)
    scored = score(data, NEW_TREE, NEW_WEIGHTS, NEW_RECIPE)
    rows = [change.units.index(unit) for unit in OLD_UNITS]
    assert np.array_equal(change.rank_new_method[rows], scored.ranks)
    assert change.rank_new_method[change.units.index("g")] == 0
    assert np.isnan(change.score_new_method[change.units.index("g")])


def test_indicators_that_leave_relative_weights_alone_are_no_change_of_weights():
    """A share of 0.3 enters and the others keep 1 : 2 : 3, as far as 12 digits can say."""
    wide = Tree((TreeCriterion("index", None), *(leaf(code, "index") for code in ("x", "y", "z", "n"))))
    narrow = Tree(wide.criteria[:-1])
    before = Basis(narrow, {"x": 0.166666666667, "y": 0.333333333333, "z": 0.5}, OLD_RECIPE, table(tree=narrow))
    after = Basis(wide, {"x": 0.116666666667, "y": 0.233333333333, "z": 0.35, "n": 0.3}, OLD_RECIPE, table(tree=wide))
    after = replace(
        after, table=after.table.with_values(np.column_stack([before.table.values, after.table.values[:, 3]]))
    )
    for one, other in ((before, after), (after, before)):
        change = split_change(one, other)
        assert change.causes == ("indicators",)
        assert set(adds_up(change)) == {True}
    assert split_change(before, replace(after, weights=after.weights | {"z": 0.5})).causes == ("indicators", "weights")


def test_indicator_keeps_the_rules_of_the_recipe_that_has_it():
    rule = NormaliseRule("goalposts", goalposts=(0.0, 3.0), scale=100.0)
    known = CompositeRecipe(
        screen=Screen(0, 0),
        normalise=Normalise(indicators={"q1": rule}),
        outliers=Outliers(indicators={"q1": "trim"}),
        denominate=Denominate(use=True, scales={"q1": 2.0}),
        aggregate=Aggregate(nodes={"place": "arithmetic"}),
    )
    unknown = replace(known, normalise=Normalise(), outliers=Outliers(), denominate=Denominate(use=True))
    before = replace(SAME, tree=OLD_TREE, recipe=unknown, weights=NEW_WEIGHTS | {"q0": 1.0})
    after = replace(SAME, recipe=known)
    for one, other in ((before, after), (after, before)):
        assert split_change(one, other).causes == ("indicators",)
    other_rule = replace(known, normalise=Normalise(indicators={"q1": rule, "p0": rule}))
    assert split_change(before, replace(after, recipe=other_rule)).causes == ("indicators", "recipe")


def test_other_mean_of_all_nodes_goes_along_where_the_height_of_the_tree_changes():
    """Without means or floors by level there is nothing of the tree's own: the new mean holds in either tree."""
    flat = Tree(
        (TreeCriterion("index", None), *(leaf(one.code, "index") for one in NEW_TREE.criteria if one.is_indicator))
    )
    rule = replace(OLD_RECIPE, normalise=Normalise(NormaliseRule(lower=1)))
    before = replace(SAME, recipe=rule)
    after = Basis(
        flat,
        {"p0": 0.1, "p1": 0.2, "q0": 0.3, "q1": 0.4},
        replace(rule, aggregate=Aggregate("geometric", floor=0.5)),
        SAME.table,
    )
    change = split_change(before, after)
    assert change.causes == ("indicators", "recipe")
    assert set(adds_up(change)) == {True}
    nested, level = (NEW_TREE, NEW_WEIGHTS), (flat, after.weights)
    states = [score(SAME.table, *frame, mean) for frame in (nested, level) for mean in (before.recipe, after.recipe)]
    for position, unit in enumerate(change.units):
        none, mean, tree, both = (printed(one.scores[one.units.index(unit)]) for one in states)
        assert abs(moves(change, position)[1]["recipe"] - (mean - none + both - tree) / 2) < Fraction(1, 10**10)
    assert recipe_between((before, after), 0, 1).aggregate == after.recipe.aggregate
    assert recipe_between((before, after), 1, 0).aggregate == before.recipe.aggregate


def test_means_by_level_stay_with_the_height_of_the_tree():
    flat = Tree(
        (TreeCriterion("index", None), *(leaf(one.code, "index") for one in NEW_TREE.criteria if one.is_indicator))
    )
    rule = replace(OLD_RECIPE, normalise=Normalise(NormaliseRule(lower=1)))
    levels = replace(rule, aggregate=Aggregate(levels=("geometric", "arithmetic"), floor=(0.5, 0.0)))
    level = replace(rule, aggregate=Aggregate(levels=("harmonic",), floor=(0.5,)))
    weights = {"p0": 0.1, "p1": 0.2, "q0": 0.3, "q1": 0.4}
    change = split_change(replace(SAME, recipe=levels), Basis(flat, weights, level, with_rows(SAME, 9, "d").table))
    assert change.causes == ("own_data", "other_data", "indicators")
    assert set(change.status) == {"split"}
    assert set(adds_up(change)) == {True}


def mixed(data, other, unit):
    """Give one unit the rows that it has in another table of the same shape."""
    own = np.array([one == unit for one in data.units])
    return replace(
        data,
        values=np.where(own[:, None], other.values, data.values),
        groups={
            name: tuple(np.where(own, other.groups[name], column).tolist()) for name, column in data.groups.items()
        },
        denominators={
            name: np.where(own, other.denominators[name], column) for name, column in data.denominators.items()
        },
    )


def check_data_parts(before, after, unit, own_only, others_only):
    """Compare the parts of own and other data with those of four tables made by hand, and see that both have one."""
    tables = before.table, own_only, others_only, after.table
    scored = [score(one, before.tree, before.weights, before.recipe) for one in tables]
    none, own, others, both = (printed(one.scores[one.units.index(unit)]) for one in scored)

    change = split_change(before, after, units=[unit])
    points = moves(change, 0)[1]

    assert (change.causes, change.status) == (DATA, ("split",))
    assert abs(points["own_data"] - (own - none + both - others) / 2) < Fraction(1, 10**10)
    assert abs(points["other_data"] - (others - none + both - own) / 2) < Fraction(1, 10**10)
    assert points["own_data"]
    assert points["other_data"]


LINEAR = replace(OLD_RECIPE, impute=Impute("linear"), normalise=Normalise(NormaliseRule("zscore"), pooled=True))


def over_time(seed, *times):
    """Give every unit rows at these times; in between p0 is missing."""
    count = len(times)
    values = np.random.default_rng(seed).lognormal(size=(6 * count, 3))
    values[1::count, 0] = np.nan
    units = tuple(unit for unit in "abcdef" for _ in times)
    return Table(units, units, times * 6, OLD_TREE.indicators, values)


@pytest.mark.parametrize("times", [("2022", "2023", "2026"), ("2022-01-01", "2022-02-01", "2022-12-01")])
def test_rows_of_other_times_are_aligned_from_the_latest_backwards(times):
    before, after = over_time(0, "2020", "2022", "2023"), over_time(1, *times)
    check_data_parts(
        Basis(OLD_TREE, OLD_WEIGHTS, LINEAR, before),
        Basis(OLD_TREE, OLD_WEIGHTS, LINEAR, after),
        "c",
        mixed(before, after, "c"),
        mixed(after, before, "c"),
    )


def test_unit_with_more_times_keeps_them_as_far_apart_in_a_table_with_fewer():
    whole = over_time(1, "2020", "2025", "2026")
    fewer = over_time(0, "2018", "2020", "2023")
    old = fewer.take_rows(np.flatnonzero(np.array(fewer.times) != "2018"))
    own = mixed(fewer, whole, "c").take_rows(
        np.flatnonzero((np.array(fewer.times) != "2018") | (np.array(fewer.units) == "c"))
    )
    own = replace(own, times=tuple("2015" if time == "2018" else time for time in own.times))  # 2020 less 5 years
    others = whole.take_rows(np.flatnonzero((np.array(whole.times) != "2020") | (np.array(whole.units) != "c")))
    here = np.array(others.units) == "c"
    others.values[here] = old.values[np.array(old.units) == "c"]
    check_data_parts(
        Basis(OLD_TREE, OLD_WEIGHTS, LINEAR, old), Basis(OLD_TREE, OLD_WEIGHTS, LINEAR, whole), "c", own, others
    )


def test_spacing_of_the_times_belongs_to_the_other_data():
    before = Basis(OLD_TREE, OLD_WEIGHTS, LINEAR, over_time(0, "2020", "2021", "2024"))
    later, wider = (over_time(0, *times) for times in (("2021", "2022", "2025"), ("2021", "2024", "2025")))
    change = split_change(before, replace(before, table=wider))
    assert split_change(before, replace(before, table=later)).causes == ()
    assert change.causes == ("other_data",)
    assert all(row[1] for row in change.score_parts)
    assert set(adds_up(change)) == {True}


def test_group_and_denominator_travel_with_the_unit_s_data():
    rule = replace(OLD_RECIPE, denominate=Denominate(use=True), impute=Impute("group_mean", "Region"))
    tree = Tree((*NODES, leaf("p0", denominator="Pop"), leaf("p1"), leaf("q0", "place")))
    sizes = np.random.default_rng(5).uniform(1, 2, (2, 6))
    regions = tuple("nnnsss"), tuple("snsnns")
    before, after = (
        table(seed=position, groups={"Region": regions[position]}, denominators={"Pop": sizes[position]})
        for position in range(2)
    )
    before.values[0, 1] = after.values[0, 1] = np.nan
    check_data_parts(
        Basis(tree, OLD_WEIGHTS, rule, before),
        Basis(tree, OLD_WEIGHTS, rule, after),
        "a",
        mixed(before, after, "a"),
        mixed(after, before, "a"),
    )


# --- what cannot be compared ------------------------------------------------------------------------------------------


def test_units_that_came_or_went_are_named_and_not_split(whole):
    assert whole.units == ("b", "a", "d", "c", "e", "g", "f")
    assert whole.status == (*["split"] * 5, "new", "gone")
    assert (whole.rank_before[5], whole.rank_after[6], np.abs(whole.rank_parts[5:]).sum()) == (0, 0, 0)
    assert np.isnan([whole.score_before[5], whole.score_after[6]]).all()
    assert {part for row in whole.score_parts[5:] for part in row} == {0}


def test_unit_left_out_by_a_screen_is_named():
    asked = replace(OLD_RECIPE, screen=Screen(0.9, 0))
    before, after = (replace(OLD, recipe=asked, table=table(seed=seed)) for seed in (1, 2))
    before.table.values[0, 0] = after.table.values[1, 0] = np.nan
    change = split_change(before, after)
    assert change.status == ("unranked_before", "unranked_after", *["split"] * 4)
    assert (change.rank_before[0], change.rank_after[1]) == (0, 0)


def test_frameworks_without_a_common_indicator_are_not_compared():
    codes = {"p0": "x0", "p1": "x1", "q0": "y0"}
    tree = Tree(tuple(replace(one, code=codes.get(one.code, one.code)) for one in OLD_TREE.criteria))
    weights = {codes.get(code, code): weight for code, weight in OLD_WEIGHTS.items()}
    change = split_change(OLD, Basis(tree, weights, OLD_RECIPE, table(tree=tree)))
    assert set(change.status) == {"no_common_indicators"}
    assert change.rank_before.min() == change.rank_after.min() == 1


def test_state_that_the_method_refuses_is_named():
    """The recipe refuses a value of 0, which only the old data have."""
    before, after = replace(OLD, table=table(seed=1)), replace(OLD, table=table(seed=2))
    fixed = NormaliseRule("goalposts", goalposts=(0.0, 10.0))
    before.table.values[2, 0] = 0.0
    before = replace(before, recipe=replace(OLD_RECIPE, normalise=Normalise(fixed)))
    after = replace(after, recipe=replace(before.recipe, aggregate=Aggregate("geometric")))
    after.table.values[:, 1] = 1.0
    before.table.values[:, 1] = 1.0
    change = split_change(before, after)
    assert set(change.status) == {"undefined_between"}
    assert (set(change.rank_new_method), np.isnan(change.score_new_method).all()) == ({0}, True)
    assert change.causes == ("own_data", "other_data", "recipe")


def test_state_that_leaves_one_unit_without_score_is_that_unit_s():
    """The new screen asks for a value that d has in the new data only."""
    before, after = table(seed=1), table(seed=2)
    before.values[3, 0] = np.nan
    asked = replace(OLD_RECIPE, screen=Screen(0.9, 0))
    change = split_change(replace(OLD, table=before), replace(OLD, table=after, recipe=asked))
    assert change.status == (*["split"] * 3, "undefined_between", *["split"] * 2)


@pytest.mark.parametrize(
    ("q0", "q1", "status"), [(0.0, 1.0, "split"), (1.0, 0.0, "undefined_between"), (0.4, 0.6, "undefined_between")]
)
def test_weights_of_zero_have_an_answer_or_a_name(q0, q1, status):
    """Under the old weights q0 has nothing: between the releases it cannot divide what q1 leaves to it."""
    tree = Tree((*OLD_TREE.criteria, leaf("q2", "place")))
    before = Basis(tree, OLD_WEIGHTS | {"q0": 0.0, "q2": 1.0}, OLD_RECIPE, table(tree=tree))
    after = Basis(NEW_TREE, NEW_WEIGHTS | {"q0": q0, "q1": q1}, OLD_RECIPE, table(OLD_UNITS, NEW_TREE, 2))
    change = split_change(before, after)
    assert set(change.status) == {status}
    assert set(adds_up(change)) == ({True} if status == "split" else set())


def test_new_weights_that_divide_nothing_between_the_releases_are_a_change_of_weights():
    """In the old framework q0 keeps a share of the node that the new weights give it nothing of: that state has no answer."""
    tree = Tree((*OLD_TREE.criteria, leaf("q2", "place")))
    before = Basis(tree, OLD_WEIGHTS | {"q0": 0.5, "q2": 0.5}, OLD_RECIPE, table(tree=tree))
    after = Basis(NEW_TREE, OLD_WEIGHTS | {"q0": 0.0, "q1": 1.0}, OLD_RECIPE, table(OLD_UNITS, NEW_TREE, 2))
    change = split_change(before, after)
    assert "weights" in change.causes
    assert set(change.status) == {"undefined_between"}


def test_missing_weight_of_a_release_is_refused_by_name():
    with pytest.raises(MethodError, match="no weight for p1") as refused:
        shares("people", ("p0", "p1"), {"p0": 1.0})
    assert refused.value.facts == {"criteria": ["p1"]}


def test_release_that_cannot_be_scored_is_refused_by_name():
    flat = OLD.table.with_values(np.ones((6, 3)))
    with pytest.raises(ConstantIndicatorError):
        split_change(OLD, replace(OLD, table=flat))


def test_strange_unit_is_refused_by_name():
    with pytest.raises(MethodError, match=re.escape("zz is a unit of neither release")):
        split_change(OLD, NEW, units=["a", "zz"])
