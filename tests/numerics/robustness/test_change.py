"""Why a unit moved: parts are Shapley values of recomputed releases, and add up to the move digit for digit."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scoring.numerics.errors import MethodError
from scoring.numerics.pipeline import score
from scoring.numerics.robustness.between import CAUSES, Basis
from scoring.numerics.robustness.change import DENOMINATOR, join_changes, shapley, split_change
from scoring.numerics.robustness.study import EarlierRelease, Question, compute_part, study, work_of
from scoring.numerics.types import (
    Aggregate,
    Normalise,
    NormaliseRule,
    RobustnessChoices,
    Table,
    Tiers,
    Tree,
    TreeCriterion,
)
from tests.numerics.robustness.changes import (
    BOTH,
    DATA,
    EVERYTHING,
    NEW,
    NEW_RECIPE,
    NEW_TREE,
    NEW_UNITS,
    NEW_WEIGHTS,
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

COMERS = table(("f", *BOTH, "g"))
CORRECTED = with_rows(SAME, 9, *NEW_UNITS)
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
