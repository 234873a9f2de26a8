"""Why a unit moved: parts are Shapley values of recomputed releases, and add up to the move digit for digit."""

import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scoring.numerics.errors import ConstantIndicatorError, MethodError
from scoring.numerics.pipeline import score
from scoring.numerics.robustness.between import CAUSES, Basis, recipe_between, shares
from scoring.numerics.robustness.change import DENOMINATOR, join_changes, shapley, split_change
from scoring.numerics.robustness.study import EarlierRelease, Question, compute_part, study, work_of
from scoring.numerics.types import (
    Aggregate,
    CompositeRecipe,
    Denominate,
    Impute,
    Normalise,
    NormaliseRule,
    Outliers,
    RobustnessChoices,
    Screen,
    Table,
    Tiers,
    Tree,
    TreeCriterion,
)

OLD_UNITS, NEW_UNITS = ("a", "b", "c", "d", "e", "f"), ("b", "a", "d", "c", "e", "g")
BOTH = "abcde"
NODES = (TreeCriterion("index", None), TreeCriterion("people", "index"), TreeCriterion("place", "index"))


def leaf(code, parent="people", **more):
    return TreeCriterion(code, parent, is_indicator=True, **more)


OLD_TREE = Tree((*NODES, leaf("p0"), leaf("p1", direction=-1), leaf("q0", "place")))
NEW_TREE = Tree((*OLD_TREE.criteria, leaf("q1", "place")))
OLD_WEIGHTS = {"people": 0.5, "place": 0.5, "p0": 0.4, "p1": 0.6, "q0": 1.0}
NEW_WEIGHTS = {"people": 0.7, "place": 0.3, "p0": 0.8, "p1": 0.2, "q0": 0.7, "q1": 0.3}
OLD_RECIPE = CompositeRecipe(screen=Screen(0, 0))
NEW_RECIPE = replace(OLD_RECIPE, normalise=Normalise(NormaliseRule("zscore")))


def table(units=OLD_UNITS, tree=OLD_TREE, seed=1, time="2023", **more):
    values = np.random.default_rng(seed).lognormal(size=(len(units), len(tree.indicators)))
    return Table(units, units, (time,) * len(units), tree.indicators, values, **more)


OLD = Basis(OLD_TREE, OLD_WEIGHTS, OLD_RECIPE, table())
NEW = Basis(NEW_TREE, NEW_WEIGHTS, NEW_RECIPE, table(NEW_UNITS, NEW_TREE, 2, "2024"))
EVERYTHING = {
    "corrected_before": table(seed=3),
    "first_after": table(NEW_UNITS, NEW_TREE, 4, "2024"),
}


def with_rows(basis, seed, *units):
    """Give these units other values."""
    other = np.random.default_rng(seed).lognormal(size=basis.table.values.shape)
    here = np.array([unit in units for unit in basis.table.units])[:, None]
    return replace(basis, table=basis.table.with_values(np.where(here, other, basis.table.values)))


@pytest.fixture(scope="module")
def whole():
    """The change with every cause at once, computed once."""
    return split_change(OLD, NEW, **EVERYTHING)


def moves(change, position):
    """Return the parts of rank and score by cause, exactly."""
    ranks = [Fraction(int(part), DENOMINATOR) for part in change.rank_parts[position]]
    return dict(zip(CAUSES, ranks, strict=True)), dict(
        zip(CAUSES, map(Fraction, change.score_parts[position]), strict=True)
    )


def printed(score_):
    return Fraction(f"{score_:.12g}")


def adds_up(change):
    """Say for every unit split whether all digits add up."""
    for position, status in enumerate(change.status):
        if status == "split":
            places, points = moves(change, position)
            yield sum(places.values()) == change.rank_before[position] - change.rank_after[position]
            yield sum(points.values()) == printed(change.score_after[position]) - printed(change.score_before[position])


def by_hand(some, unit):
    """Score the state in which ``some`` causes are switched, as method.md states it; returns rank and printed score."""
    tree = NEW_TREE if "indicators" in some else OLD_TREE
    members = NEW_UNITS if "units" in some else OLD_UNITS
    weights = NEW_WEIGHTS if "weights" in some else OLD_WEIGHTS
    place = {"q0": 0.7, "q1": 0.3} if "indicators" in some else {"q0": 1.0}

    def cell(who, code):
        late = ("own_data" if who == unit else "other_data") in some
        late = late if who in BOTH else who in NEW_UNITS
        late = late if code in OLD_TREE.indicators else True
        pair = (EVERYTHING["first_after"], NEW.table) if late else (OLD.table, EVERYTHING["corrected_before"])
        source = pair["corrections" in some]
        if who not in source.units:
            return np.nan
        return source.values[source.units.index(who), source.columns.index(code)]

    values = np.array([[cell(who, code) for code in tree.indicators] for who in members])
    data = Table(members, members, ("",) * len(members), tree.indicators, values)
    scored = score(data, tree, {**weights, **place}, NEW_RECIPE if "recipe" in some else OLD_RECIPE)
    position = scored.units.index(unit)
    return int(scored.ranks[position]), printed(scored.scores[position])


@pytest.mark.parametrize("unit", ["a", "d"])
def test_parts_are_the_mean_effect_over_all_orders_of_the_causes(unit):
    orders = Counter(
        (frozenset(order[:position]), order[position])
        for order in permutations(CAUSES)
        for position in range(len(CAUSES))
    )
    known = {some: by_hand(some, unit) for some in {one for first, cause in orders for one in (first, first | {cause})}}
    rank_parts, score_parts = dict.fromkeys(CAUSES, Fraction(0)), dict.fromkeys(CAUSES, Fraction(0))
    for (first, cause), times in orders.items():
        (rank, points), (then, later) = known[first], known[first | {cause}]
        rank_parts[cause] += Fraction(times * (rank - then), DENOMINATOR)
        score_parts[cause] += times * (later - points) / DENOMINATOR

    change = split_change(OLD, NEW, **EVERYTHING, units=[unit])
    places, points = moves(change, 0)

    assert change.causes == CAUSES
    assert places == rank_parts
    assert all(abs(points[cause] - score_parts[cause]) < Fraction(1, 10**10) for cause in CAUSES)
    assert all(points.values())


def test_parts_add_up_to_the_last_digit(whole):
    found = list(adds_up(whole))

    assert (len(found), set(found)) == (2 * len(BOTH), {True})
    assert len(set(whole.score_parts)) == len(whole.units) - 1  # the two without a split share theirs


def test_ends_are_the_releases_as_scored(whole):
    ends = (OLD, whole.rank_before, whole.score_before), (NEW, whole.rank_after, whole.score_after)
    for basis, ranks, scores in ends:
        scored = score(basis.table, basis.tree, basis.weights, basis.recipe)
        rows = [whole.units.index(unit) for unit in scored.units]
        assert np.array_equal(ranks[rows], scored.ranks)
        assert [printed(one) for one in scores[rows]] == [printed(one) for one in scored.scores]


def test_score_parts_add_up_when_the_scale_changes_a_hundredfold():
    small = replace(OLD_RECIPE, normalise=Normalise(NormaliseRule(upper=1)))
    change = split_change(replace(OLD, recipe=small), replace(NEW, recipe=OLD_RECIPE), **EVERYTHING)
    assert set(adds_up(change)) == {True}


# --- one cause alone --------------------------------------------------------------------------------------------------

SAME = replace(NEW, table=replace(NEW.table, times=("2023",) * len(NEW_UNITS)))
COMERS = table(("f", *BOTH, "g"))
CORRECTED = with_rows(SAME, 9, *NEW_UNITS)
DATA = ("own_data", "other_data")  # one unit's own data are the others' other data
ALONE = {
    "own_data": (SAME, with_rows(SAME, 9, "d"), {}, DATA),
    "other_data": (SAME, with_rows(SAME, 9, "a", "b", "g"), {}, DATA),
    "units": (
        replace(OLD, table=COMERS.take_rows(np.arange(6))),
        replace(OLD, table=COMERS.take_rows(np.arange(1, 7))),
        {},
        ("units",),
    ),
    "indicators": (replace(SAME, tree=OLD_TREE, weights=NEW_WEIGHTS | {"q0": 1.0}), SAME, {}, ("indicators",)),
    "weights": (SAME, replace(SAME, weights=NEW_WEIGHTS | {"people": 0.2, "place": 0.8, "q0": 0.9}), {}, ("weights",)),
    "recipe": (SAME, replace(SAME, recipe=replace(NEW_RECIPE, aggregate=Aggregate("minimum"))), {}, ("recipe",)),
    "corrections": (
        SAME,
        CORRECTED,
        {"corrected_before": CORRECTED.table, "first_after": SAME.table},
        ("corrections",),
    ),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_cause_changed_alone_takes_the_entire_move(cause):
    before, after, corrections, causes = ALONE[cause]

    change = split_change(before, after, **corrections, units=["d"])
    places, points = moves(change, 0)
    move = printed(change.score_after[0]) - printed(change.score_before[0])

    assert (change.status, change.causes) == (("split",), causes)
    assert move != 0
    assert places == dict.fromkeys(CAUSES, 0) | {cause: change.rank_before[0] - change.rank_after[0]}
    assert points == dict.fromkeys(CAUSES, 0) | {cause: move}


def test_one_release_of_an_edition_after_another_moves_by_its_corrections_only():
    after = with_rows(SAME, 9, "a", "d")
    change = split_change(SAME, after, corrected_before=after.table, first_after=SAME.table)
    assert change.causes == ("corrections",)
    assert set(adds_up(change)) == {True}


def test_nothing_changed_has_no_causes():
    later = replace(
        SAME,
        table=replace(SAME.table, names=("x",) * 6, times=("2024",) * 6),
        recipe=replace(SAME.recipe, tiers=Tiers((0.5, 1.0)), robustness=RobustnessChoices(7, 7), version=2),
        tree=Tree(tuple(replace(one, name="x", weight=3.0, unit="kg") for one in SAME.tree.criteria)),
    )
    change = split_change(SAME, later)
    assert (change.causes, set(change.status), np.abs(change.rank_parts).sum()) == ((), {"split"}, 0)


def test_order_of_rows_is_a_cause_only_when_nothing_else_is():
    turned = replace(SAME, table=SAME.table.take_rows(np.arange(6)[::-1]))
    weighed = replace(turned, weights=NEW_WEIGHTS | {"people": 0.2})
    assert split_change(SAME, turned).causes == ("units",)
    assert split_change(SAME, weighed).causes == ("weights",)
    assert set(adds_up(split_change(SAME, turned))) == {True}


# --- properties of the value ------------------------------------------------------------------------------------------


def test_dummy_has_exactly_nothing():
    """Population changed, but nothing is divided by it; the weights changed too."""
    before, after = (
        replace(SAME, table=replace(SAME.table, denominators={"Pop": np.full(6, size)})) for size in (1.0, 2.0)
    )
    after = replace(after, weights=NEW_WEIGHTS | {"people": 0.1, "p0": 0.4})
    change = split_change(before, after)
    assert change.causes == ("own_data", "other_data", "weights")
    assert np.abs(change.rank_parts[:, :2]).sum() == 0
    assert {part for row in change.score_parts for part in row[:2]} == {0}
    assert all(row[CAUSES.index("weights")] for row in change.score_parts)


def test_symmetric_causes_have_equal_parts():
    """Either the new data or the correction brings the value: whichever comes first has it all."""
    after = with_rows(SAME, 9, "d")
    change = split_change(SAME, after, corrected_before=after.table, units=["d"])
    places, points = moves(change, 0)
    assert change.rank_before[0] != change.rank_after[0]
    assert places["own_data"] == places["corrections"] == Fraction(int(change.rank_before[0] - change.rank_after[0]), 2)
    assert 0 <= points["own_data"] - points["corrections"] <= Fraction(1, 10**11)
    assert points["own_data"]


def test_round_scores_are_split_beyond_their_own_digits():
    """Scores are ranks, so that the two ends have no decimals; two equal causes share one place."""
    tree = Tree((TreeCriterion("index", None), leaf("x", "index")))
    rule = replace(OLD_RECIPE, normalise=Normalise(NormaliseRule("rank")))
    before = Basis(tree, {"x": 1.0}, rule, Table(("a", "b"), ("a", "b"), ("", ""), ("x",), np.array([[1.0], [2.0]])))
    after = replace(before, table=before.table.with_values(np.array([[3.0], [2.0]])))
    change = split_change(before, after, corrected_before=after.table, units=["a"])
    assert (change.score_before[0], change.score_after[0]) == (1, 2)
    assert moves(change, 0)[1] == dict.fromkeys(CAUSES, 0) | dict.fromkeys(("own_data", "corrections"), Fraction(1, 2))


def test_causes_that_add_up_have_their_own_effect_each():
    values = {frozenset(some): len(some) for some in ((), "u", "w", "r", "uw", "ur", "wr", "uwr")}
    names = {"u": "units", "w": "weights", "r": "recipe"}
    named = {frozenset(names[one] for one in some): value for some, value in values.items()}
    assert shapley(named, ("units", "weights", "recipe")) == (0, 0, DENOMINATOR, 0, DENOMINATOR, DENOMINATOR, 0)


def test_glove_game_has_its_published_value():
    """Shapley's market with one left and two right gloves: 2/3, 1/6, 1/6."""
    left, *right = causes = ("own_data", "units", "recipe")
    subsets = [frozenset(some) for size in range(4) for some in permutations(causes, size)]
    game = {some: int(left in some and not some.isdisjoint(right)) for some in subsets}
    parts = dict(zip(CAUSES, shapley(game, causes), strict=True))
    assert [Fraction(parts[one], DENOMINATOR) for one in causes] == [Fraction(2, 3), Fraction(1, 6), Fraction(1, 6)]


@settings(deadline=None, max_examples=20, derandomize=True)
@given(arrays(float, (2, 5, 3), elements=st.integers(1, 30).map(float)), st.floats(0, 1), st.integers(0, 4))
def test_parts_always_add_up_and_do_not_depend_on_who_asks(values, weight, position):
    rule = replace(OLD_RECIPE, normalise=Normalise(NormaliseRule(lower=1, constant=50.0)))
    units = tuple(BOTH)
    before, after = (Table(units, units, ("",) * 5, OLD_TREE.indicators, block) for block in values)
    one = Basis(OLD_TREE, OLD_WEIGHTS, rule, before)
    other = Basis(OLD_TREE, {**OLD_WEIGHTS, "people": weight}, replace(rule, aggregate=Aggregate("geometric")), after)
    change, alone = split_change(one, other), split_change(one, other, units=[units[position]])
    assert set(adds_up(change)) == {True}
    assert (change.rank_parts[position].tolist(), change.score_parts[position]) == (
        alone.rank_parts[0].tolist(),
        alone.score_parts[0],
    )


def test_cutting_and_ordering_the_units_changes_nothing(whole):
    turned = whole.units[::-1]
    stretches = [turned[:1], turned[1:4], turned[4:]]  # one alone, a few, the rest
    assert all(stretches)
    parts = [split_change(OLD, NEW, **EVERYTHING, units=units) for units in stretches]
    joined = join_changes(parts)
    assert joined.units == turned
    for part in (*parts, joined):
        rows = [whole.units.index(unit) for unit in part.units]
        assert part.causes == whole.causes
        assert part.status == tuple(whole.status[one] for one in rows)
        assert part.score_parts == tuple(whole.score_parts[one] for one in rows)
        for name in (
            "rank_parts",
            *(f"{what}_{when}" for what in ("rank", "score") for when in ("before", "after", "new_method")),
        ):
            assert np.array_equal(getattr(part, name), getattr(whole, name)[rows], equal_nan=True)


@pytest.mark.parametrize("weights", [NEW_WEIGHTS, None])
def test_study_with_an_earlier_release_says_why_units_moved(weights):
    own = dict.fromkeys(NEW_TREE.by_code, 1.0) if weights is None else weights  # the framework's own
    before = replace(SAME, weights=OLD_WEIGHTS | {"q0": 0.6, "q1": 0.4})
    after = replace(CORRECTED, weights=own)
    expected = split_change(before, after, first_after=SAME.table)
    question = Question(after.table, NEW_TREE, weights, NEW_RECIPE, earlier=EarlierRelease(before, SAME.table))

    found = study(question)

    assert work_of(question) == {"change": 6}
    assert found.robust is None
    assert found.change.causes == expected.causes == ("weights", "corrections")
    assert found.change.units == question.everybody() == expected.units
    assert found.change.score_parts == expected.score_parts
    assert np.array_equal(found.change.rank_parts, expected.rank_parts)


def test_units_of_a_study_are_those_of_both_releases_each_once():
    question = Question(NEW.table, NEW_TREE, NEW_WEIGHTS, NEW_RECIPE, earlier=EarlierRelease(OLD))
    assert question.everybody() == ("b", "a", "d", "c", "e", "g", "f")


def test_without_an_earlier_release_there_is_nothing_to_split():
    alone = Question(NEW.table, NEW_TREE, NEW_WEIGHTS, NEW_RECIPE)
    assert (work_of(alone), study(alone).change, alone.everybody()) == ({}, None, NEW_UNITS)
    with pytest.raises(MethodError, match="no earlier release to compare with"):
        compute_part(alone, alone.nominal(), "change", first=0, count=1)


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
