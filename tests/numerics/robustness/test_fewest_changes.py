"""The fewest changes to a better tier: no smaller set reaches it, and what is not proven is not called so."""

from itertools import combinations

import numpy as np
import pytest

from scoring.numerics.robustness.advice import reachable
from scoring.numerics.robustness.fewest_changes import fewest_changes
from scoring.numerics.robustness.what_if import what_if
from scoring.numerics.types import (
    Tiers,
)
from tests.numerics.robustness.release_models import RULES, TREE, everybody, field_of, recipe, table


def peers_values(field, unit, peers, goal="best"):
    """The best value of the peers by indicator, where better than the unit's, or the one at or beyond their next quartile."""
    row, near = field.nominal.units.index(unit), [field.nominal.units.index(one) for one in peers if one != unit]
    values = {}
    for column, code in enumerate(TREE.indicators):
        direction = TREE.by_code[code].direction
        own, others = direction * field.given[row, column], direction * field.given[near, column]
        others = others[~np.isnan(others)]
        if not np.isnan(own) and others.max(initial=-np.inf) > own:
            beyond = [one for one in np.quantile(others, [0.25, 0.5, 0.75]) if one > own]
            reached = others[others >= beyond[0]].min() if beyond and goal == "next" else others.max()
            values[code] = direction * float(reached)
    return values


def smallest(field, unit, costs=None, peers=None, goal="best"):
    """The size (or cost) of the smallest set of peers' values that reaches the next tier, by trying every set."""
    values = peers_values(field, unit, peers or everybody(field), goal)
    target = int(field.nominal.tiers[field.nominal.units.index(unit)]) - 1
    sizes = (  # the fewest first, where every change costs the same
        many if costs is None else sum(costs[code] for code in one)
        for many in range(1, len(values) + 1)
        for one in combinations(sorted(values), many)
        if what_if(field, unit, {code: values[code] for code in one}).tier <= target
    )
    return next(sizes, None) if costs is None else min(sizes, default=None)


@pytest.mark.parametrize("name", ["arithmetic", "geometric", "minimum", "rank", "copeland", "winsorised", "row mean"])
def test_fewest_changes_are_the_smallest_set_of_all(name):
    field = field_of(recipe(tiers=Tiers((0.2, 0.4, 0.6, 0.8, 1.0)), **RULES[name]), table(3))
    states = []
    for unit in field.nominal.units:
        found = fewest_changes(field, unit, everybody(field))
        states.append(found.state)
        if found.state == "found":
            answer = what_if(field, unit, {code: value for code, value, _ in found.changes})
            assert len(found.changes) == smallest(field, unit)
            assert found.is_proven
            assert (answer.rank, answer.tier) == (found.rank, found.reached)
            assert found.reached <= found.target == found.tier - 1
        elif found.state == "out_of_reach":
            assert smallest(field, unit) is None
    assert {"found", "first_tier"} <= set(states)


def test_fewest_changes_to_the_next_quartile_take_its_values_and_more_of_them():
    field = field_of(recipe(tiers=Tiers((0.2, 0.4, 0.6, 0.8, 1.0))))
    more = 0
    for unit in field.nominal.units:
        best, near = (fewest_changes(field, unit, everybody(field), goal=goal) for goal in ("best", "next"))
        if near.state == "found":
            values = peers_values(field, unit, everybody(field), "next")
            assert {code: value for code, value, _ in near.changes}.items() <= values.items()
            assert len(near.changes) == smallest(field, unit, goal="next")
            more += len(near.changes) > len(best.changes)
        elif near.state == "out_of_reach":
            assert smallest(field, unit, goal="next") is None
            more += best.state == "found"
    assert more > 1


@pytest.mark.parametrize(("bounds", "first"), [((60.0, 40.0, 20.0), "first_tier"), ((99.0, 60.0, 40.0), "found")])
def test_tier_by_score_is_reached_by_score_and_the_first_is_that_of_the_first_bound(bounds, first):
    """A bound that nobody reaches yet is still the better tier of those below it, the leader among them."""
    field = field_of(recipe(tiers=Tiers(by="score", scores=bounds)))
    leader = field.nominal.units[int(np.argmin(field.nominal.ranks))]
    found = {unit: fewest_changes(field, unit, everybody(field)) for unit in field.nominal.units}
    reached = {unit: one for unit, one in found.items() if one.state == "found"}

    assert len(reached) > 3
    assert {unit: len(one.changes) for unit, one in reached.items()} == {
        unit: smallest(field, unit) for unit in reached
    }
    for unit, one in reached.items():
        answer = what_if(field, unit, {code: value for code, value, _ in one.changes})
        assert answer.score >= bounds[one.target - 1] > field.nominal.scores[field.nominal.units.index(unit)]
    assert fewest_changes(field, leader, everybody(field, but=(leader,))).state == first


def test_where_no_set_that_is_tried_reaches_the_tier_that_is_said_and_not_called_proven():
    """Under Copeland the others' scores move too, so that more changes might be worse than fewer: every set was tried."""
    field = field_of(recipe(tiers=Tiers((0.2, 0.4, 0.6, 0.8, 1.0)), **RULES["copeland"]), table(3))
    peers = ("u03", "u06", "u09")
    found = fewest_changes(field, "u04", peers)

    assert (found.state, found.target, found.changes, found.is_proven) == ("not_found", 1, (), False)
    assert smallest(field, "u04", peers=peers) is None
    assert found.all_rank == what_if(field, "u04", peers_values(field, "u04", peers)).rank


def test_sets_are_tried_in_blocks_of_any_size(monkeypatch):
    prices = None, {"p0": 5.0, "p1": 1.0, "p2": 1.0, "q0": 7.0, "q1": 2.0}, dict.fromkeys(TREE.indicators, 1.0)
    field = field_of(recipe(tiers=Tiers((0.2, 0.4, 0.6, 0.8, 1.0))))

    def asked():
        return [
            fewest_changes(field, unit, everybody(field), price, goal=goal)
            for unit in field.nominal.units
            for price in prices
            for goal in ("best", "next")
        ]

    whole = asked()
    for size in (1, 3):
        monkeypatch.setattr("scoring.numerics.robustness.fewest_changes.BLOCK", size)
        assert asked() == whole


def test_of_equally_few_changes_those_with_the_highest_score_are_taken():
    field = field_of(recipe(tiers=Tiers((0.2, 0.4, 0.6, 0.8, 1.0))))
    several = 0
    for unit in field.nominal.units:
        found = fewest_changes(field, unit, everybody(field))
        if found.state == "found" and len(found.changes) == 1:
            steps = [one for one in reachable(field, unit, everybody(field)).steps if one.goal == "best"]
            several += len({one.score for one in steps}) > 1
            assert found.score == pytest.approx(max(one.score for one in steps))
    assert several > 3


def test_with_costs_the_cheapest_set_is_found():
    costs = {"p0": 5.0, "p1": 1.0, "p2": 1.0, "q0": 7.0, "q1": 2.0}
    field = field_of(recipe(tiers=Tiers((0.2, 0.4, 0.6, 0.8, 1.0))))
    found = {unit: fewest_changes(field, unit, everybody(field), costs) for unit in field.nominal.units}
    reached = {unit: one for unit, one in found.items() if one.state == "found"}

    assert len(reached) > 3
    assert all(one.is_proven for one in reached.values())
    assert {unit: one.cost for unit, one in reached.items()} == {
        unit: pytest.approx(smallest(field, unit, costs)) for unit in reached
    }


def test_all_changes_that_do_not_reach_the_tier_are_told():
    values = np.tile(np.arange(6.0)[:, None], (1, 5)) + 1
    values[:, 3:] = -values[:, 3:]  # the direction turns them back
    field = field_of(recipe(tiers=Tiers((0.2, 0.5, 1.0))), table(units=6).with_values(values))
    found = fewest_changes(field, "u03", ["u01", "u02", "u04"])  # the best peer is second, and the first tier holds one

    assert (found.state, found.target, found.changes, found.all_rank) == ("out_of_reach", 1, (), 2)
    assert fewest_changes(field, "u00", ["u01", "u02", "u03"]).rank == 3  # a tie with the best peer shares its rank


def test_no_better_tier_than_that_of_the_first_rank():
    field = field_of(recipe(tiers=Tiers((0.01, 0.5, 1.0))))  # no unit can be in the first hundredth of eleven
    first = field.nominal.units[int(np.argmax(field.nominal.ranks == 1))]

    assert fewest_changes(field, first, everybody(field)).state == "first_tier"


def test_more_indicators_than_are_searched_are_still_proven_under_a_mean_that_adds_up(monkeypatch):
    field = field_of(recipe(tiers=Tiers((0.2, 1.0))))
    whole = {unit: fewest_changes(field, unit, everybody(field)) for unit in field.nominal.units}
    monkeypatch.setattr("scoring.numerics.robustness.fewest_changes.MOST_SEARCHED", 1)
    cut = {unit: fewest_changes(field, unit, everybody(field)) for unit in field.nominal.units}

    assert {unit: (one.state, len(one.changes), one.is_proven) for unit, one in cut.items()} == {
        unit: (one.state, len(one.changes), one.is_proven) for unit, one in whole.items()
    }
    assert max(len(one.changes) for one in whole.values()) > 1
