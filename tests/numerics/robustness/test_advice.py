"""How a unit could move up: every answer is what a direct score of the changed table gives, and what may not be asked."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from scoring.numerics.composite.aggregate import plan
from scoring.numerics.composite.chain import needs_positive, positive_scale
from scoring.numerics.errors import (
    ImpossibleValueError,
    MethodError,
    NonPositiveValueError,
    NothingToRankError,
    NotPositiveError,
    NotRankedError,
    NoYardstickError,
    TooFewPeersError,
)
from scoring.numerics.pipeline import score
from scoring.numerics.robustness.advice import reachable
from scoring.numerics.robustness.choices import drawn_choices, variants
from scoring.numerics.robustness.fewest_changes import fewest_changes
from scoring.numerics.robustness.intervals import rank_draws
from scoring.numerics.robustness.release_model import ReleaseModel
from scoring.numerics.robustness.strengths import StrengthRule, claims, strengths
from scoring.numerics.robustness.what_if import possible_ranges, what_if
from scoring.numerics.types import (
    Aggregate,
    CompositeRecipe,
    Impute,
    Normalise,
    NormaliseRule,
    Outliers,
    Rank,
    RobustnessChoices,
    Screen,
    Table,
    Tiers,
    Tree,
    TreeCriterion,
    WeightDraws,
    Yardstick,
)

TREE = Tree(
    (
        TreeCriterion("index", None),
        TreeCriterion("people", "index"),
        TreeCriterion("place", "index"),
        *(TreeCriterion(f"p{number}", "people", is_indicator=True) for number in range(3)),
        *(TreeCriterion(f"q{number}", "place", is_indicator=True, direction=-1) for number in range(2)),
    )
)
CODES = ("people", "place", *TREE.indicators)
EQUAL = {"index": 1.0, **dict.fromkeys(CODES, 1.0)}
UNITS, DRAWS = 11, 30
FACTORS = ("weights", "normalise", "aggregate", "outliers", "impute", "leave_one_indicator")


def table(missing=0, units=UNITS):
    values = np.random.default_rng(3).lognormal(size=(units, len(TREE.indicators)))
    for number in range(missing):
        values[1 + number * 2, (number * 3) % 5] = np.nan
    codes = tuple(f"u{number:02d}" for number in range(units))
    return Table(codes, codes, ("2024",) * units, TREE.indicators, values)


def weight_draws(draws=DRAWS):
    local = np.random.default_rng(5).uniform(0.1, 1, size=(draws, len(CODES)))
    return WeightDraws(TREE.indicators, np.zeros((draws, len(TREE.indicators))), CODES, local, 5)


def recipe(*factors, draws=DRAWS, alternatives=None, **parts):
    rule = RobustnessChoices(draws if factors else 0, 4, factors or ("weights",), alternatives or {})
    return CompositeRecipe(screen=Screen(0, 0), robustness=rule, **parts)


def field_of(rule=None, data=None, draws=None, weights=None):
    rule = rule or recipe()
    weights = weights or EQUAL
    return ReleaseModel(score(table() if data is None else data, TREE, weights, rule), TREE, weights, draws)


def changed_from(base, weights, rule, unit, change):
    """Score the changed table on the yardstick of the table as it is; what was filled in stays filled as it was."""
    held = base.steps["imputed"]
    values = held.values.copy()
    for code, value in change.items():
        values[held.units.index(unit), held.columns.index(code)] = value
    kept = rule if rule.impute.method == "row_mean" else replace(rule, impute=Impute())
    return score(held.with_values(values), TREE, weights, kept, base.yardstick)


def everybody(field, but=()):
    return tuple(unit for unit in field.nominal.units if unit not in but)


def last(field):
    return field.nominal.units[int(np.argmax(field.nominal.ranks))]


def of(scored, unit):
    position = scored.units.index(unit)
    return scored.scores[position], scored.ranks[position], scored.tiers[position]


RULES = {
    "arithmetic": {},
    "zscore": {"normalise": Normalise(NormaliseRule("zscore"))},
    "geometric": {"normalise": Normalise(NormaliseRule(lower=1)), "aggregate": Aggregate("geometric")},
    "geometric of z-scores": {
        "normalise": Normalise(NormaliseRule("zscore", mean=4)),
        "aggregate": Aggregate("geometric"),
    },
    "harmonic": {"normalise": Normalise(NormaliseRule(lower=1)), "aggregate": Aggregate("harmonic")},
    "minimum": {"aggregate": Aggregate(levels=("arithmetic", "minimum"))},
    "rank": {"normalise": Normalise(NormaliseRule("rank", ties="average"))},
    "one by percentile rank": {"normalise": Normalise(indicators={"p1": NormaliseRule("percentile_rank")})},
    "borda": {"normalise": Normalise(NormaliseRule("borda")), "aggregate": Aggregate("borda")},
    "copeland": {"aggregate": Aggregate("copeland")},
    "copeland above means": {"aggregate": Aggregate(levels=("arithmetic", "copeland"))},
    "kemeny": {"aggregate": Aggregate(levels=("arithmetic", "kemeny"))},
    "winsorised": {"outliers": Outliers("winsorise", skewness=0.5, kurtosis=-3)},
    "logarithm": {"outliers": Outliers(indicators={"p0": "log", "q1": "log_reflected"})},
    "goalposts": {"normalise": Normalise(NormaliseRule("goalposts", goalposts=(0.05, 9), log=True, scale=100))},
    "row mean": {"impute": Impute("row_mean")},
    "row mean of ranks": {"impute": Impute("row_mean"), "normalise": Normalise(NormaliseRule("rank"))},
    "mean": {"impute": Impute("mean")},
    "two decimals": {"rank": Rank(decimals=0)},
}


# --- one change -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("missing", [0, 4])
def test_a_step_is_what_the_changed_table_scores_on_the_same_yardstick(name, missing):
    rule, data = recipe(**RULES[name]), table(missing)
    field = field_of(rule, data)
    unit = last(field)
    advice = reachable(field, unit, everybody(field))

    assert {one.indicator for one in advice.steps} | {one.indicator for one in advice.would_not_help} == set(
        TREE.indicators
    )
    base = score(data, TREE, EQUAL, rule)
    for one in advice.steps:
        points, place, _ = of(changed_from(base, EQUAL, rule, unit, {one.indicator: one.value}), unit)
        assert one.score == pytest.approx(points, rel=1e-11)
        assert (one.rank, one.gained) == (place, of(base, unit)[1] - place)


@pytest.mark.parametrize("name", RULES)
def test_changing_nothing_gains_nothing(name):
    field = field_of(recipe("weights", "leave_one_indicator", **RULES[name]), table(4), weight_draws())
    unit = field.nominal.units[2]
    drawn = field.drawn_ranks(unit, [{}, {"p2": float(field.given[2, 2])}])
    answer = what_if(field, unit, {})

    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert (answer.score, answer.rank, answer.tier) == (
        pytest.approx(answer.official_score),
        answer.official_rank,
        answer.official_tier,
    )
    assert (answer.ranks == answer.official_ranks).all()


def brute(data, rule, unit, changes, draws):
    """Ranks (draws, 1 + changes) as it is and after each change, scored from scratch as each draw chose."""
    found, choices = variants(rule), drawn_choices(rule, len(TREE.indicators), first=0, count=DRAWS)
    ranks = []
    for d in range(DRAWS):
        mean, scale = found.aggregate[choices.aggregate[d]], found.normalise[choices.normalise[d]]
        moved = choices.normalise[d] or choices.aggregate[d]
        if moved and needs_positive(plan(TREE, TREE.indicators, mean)):
            scale = replace(scale, rule=positive_scale(scale.rule))
        chosen = replace(
            rule,
            impute=found.impute[choices.impute[d]],
            outliers=found.outliers[choices.outliers[d]],
            normalise=scale,
            aggregate=mean,
        )
        weights = dict(EQUAL) if draws is None else {"index": 1.0, **dict(zip(CODES, draws.local[d], strict=True))}
        if choices.left_out[d] >= 0:
            weights[TREE.indicators[choices.left_out[d]]] = 0.0
        base = score(data, TREE, weights, chosen)
        after = [changed_from(base, weights, chosen, unit, change) for change in changes]
        ranks.append([of(one, unit)[1] for one in (base, *after)])
    return np.array(ranks)


ALTERNATIVES = {
    "defaults": {},
    "ranks": {"normalise": ("rank", "percentile_rank", "zscore"), "aggregate": ("copeland", "borda", "harmonic")},
    "gaps": {"impute": ("median", "row_mean"), "outliers": ("trim", {"method": "winsorise", "skewness": 0.5, "kurtosis": -3})},
}  # fmt: skip


@pytest.mark.parametrize("name", ALTERNATIVES)
@pytest.mark.parametrize("weighed", [True, False])
def test_interval_is_that_of_every_draw_scored_from_scratch(name, weighed):
    rule, data = recipe(*FACTORS, alternatives=ALTERNATIVES[name]), table(3)
    draws = weight_draws() if weighed else None
    field = field_of(rule, data, draws)
    unit = last(field)
    advice = reachable(field, unit, everybody(field))

    assert advice.draws == DRAWS
    assert advice.covers == (FACTORS if weighed else FACTORS[1:])
    assert len(advice.steps) > 3
    steps = [{one.indicator: one.value} for one in advice.steps[:4]]
    together = {one.indicator: one.value for one in advice.steps if one.goal == "best"}
    ranks = brute(data, rule, unit, [*steps, together], draws)
    for number, one in enumerate(advice.steps[:4], start=1):
        expected = np.quantile(ranks[:, 0] - ranks[:, number], [0.05, 0.95])
        assert [one.low, one.high] == pytest.approx(list(expected))
    answer = what_if(field, unit, together)
    assert [answer.rank_low, answer.rank_high] == pytest.approx(list(np.quantile(ranks[:, -1], [0.05, 0.95])))


def test_without_draws_there_is_no_interval_and_it_is_said():
    field = field_of()
    advice = reachable(field, last(field), everybody(field))

    assert (advice.covers, advice.draws) == ((), 0)
    assert {(one.low, one.high) for one in advice.steps} == {(None, None)}


def test_draws_of_weights_alone_are_enough_for_an_interval():
    field = field_of(draws=weight_draws())
    advice = reachable(field, last(field), everybody(field))

    assert (advice.covers, advice.draws) == (("weights",), DRAWS)
    assert all(one.low <= one.high for one in advice.steps)


def test_pairs_of_units_are_compared_in_fewer_draws(monkeypatch):
    monkeypatch.setattr("scoring.numerics.robustness.release_model.PAIRS", 1)
    monkeypatch.setattr("scoring.numerics.robustness.release_model.LEAST_DRAWS", 7)
    field = field_of(recipe("weights", aggregate=Aggregate("copeland")), draws=weight_draws())

    assert reachable(field, last(field), everybody(field)).draws == 7


def test_a_better_value_never_loses_under_an_arithmetic_mean():
    field = field_of(recipe(*FACTORS[:2], "leave_one_indicator"), draws=weight_draws())
    for unit in field.nominal.units:
        for one in reachable(field, unit, everybody(field)).steps:
            assert one.gained >= 0
            assert 0 <= one.low <= one.high


def test_steps_are_ordered_by_places_gained_and_name_a_peer_that_has_the_value():
    field = field_of()
    advice = reachable(field, last(field), everybody(field))
    gained = [one.gained for one in advice.steps]

    assert gained == sorted(gained, reverse=True)
    assert gained[0] > 0
    for one in advice.steps:
        column = TREE.indicators.index(one.indicator)
        assert field.given[field.nominal.units.index(one.peer), column] == one.value


def test_next_value_is_the_nearest_peer_at_or_beyond_the_next_quartile():
    data = table()
    values = data.values.copy()
    values[:, 0] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0]  # of the ten peers the quartiles are 3.25, 5.5 and 7.75
    values[:, 3] = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 4.5]  # less is better: the next quartile below 4.5 is 3.25
    field = field_of(data=data.with_values(values), weights=EQUAL | {"p0": 20.0, "q0": 20.0})
    advice = reachable(field, "u10", everybody(field))
    found = {(one.indicator, one.goal): (one.value, one.peer) for one in advice.steps}

    assert found["p0", "next"] == (4, "u03")
    assert found["p0", "best"] == (10, "u09")
    assert found["q0", "next"] == (3, "u07")
    assert found["q0", "best"] == (1, "u09")


def test_places_gained_for_their_cost():
    field = field_of()
    unit = last(field)
    dear, free, *_ = (one.indicator for one in reachable(field, unit, everybody(field)).steps if one.goal == "best")
    steps = reachable(field, unit, everybody(field), {dear: 4.0}).steps

    assert {one.per_cost for one in steps if one.indicator == free} == {None}
    assert [one.per_cost for one in steps if one.indicator == dear] == [
        one.gained / 4 for one in steps if one.indicator == dear
    ]


def test_of_several_peers_with_a_value_the_best_ranked_is_named():
    data = table()
    values = data.values.copy()
    values[:, 0] = [1.0, *[5.0] * 10]
    field = field_of(data=data.with_values(values), weights=EQUAL | {"p0": 20.0})
    order = sorted(everybody(field, but=["u00"]), key=lambda unit: field.nominal.ranks[field.nominal.units.index(unit)])
    peers = {one.peer for one in reachable(field, "u00", everybody(field)).steps if one.indicator == "p0"}

    assert peers == {order[0]}
    assert order[0] != "u01"  # nor is it the first by code


# --- what would not help ------------------------------------------------------------------------------------------------


def test_what_would_not_help_is_named_with_its_reason():
    data = table()
    values = data.values.copy()
    values[0] = [np.nan, 99.0, 0.5, 0.5, 0.5]  # its own first value is missing, its second the best of all
    values[1:, 2] = np.nan
    values[1:4, 3] = 0.4999999  # a hair better, and no place
    values[4:, 3] = 0.6
    values[2, 2] = 0.6  # only a city that is no peer has one
    values[0, 4] = 99.0  # far behind in the last
    field = field_of(data=data.with_values(values), weights=EQUAL | {"p1": 0.01})
    peers = [unit for unit in everybody(field) if unit != "u02"]
    advice = reachable(field, "u00", peers)

    assert {one.indicator: one.reason for one in advice.would_not_help} == {
        "p0": "not_given",
        "p1": "is_best",
        "p2": "no_peer",
        "q0": "no_gain",
    }
    assert {one.indicator for one in advice.steps} == {"q1"}


def test_filled_values_are_nobodys_to_reach():
    data = table()
    values = data.values.copy()
    values[:, 0] = np.arange(UNITS)
    values[5, 0] = np.nan
    field = field_of(recipe(impute=Impute("mean")), data.with_values(values))
    advice = reachable(field, "u00", everybody(field))

    assert "u05" not in {one.peer for one in advice.steps if one.indicator == "p0"}
    assert {one.indicator: one.reason for one in reachable(field, "u05", everybody(field)).would_not_help}[
        "p0"
    ] == "not_given"


def test_units_that_are_all_equal_have_nothing_to_reach():
    values = np.tile([1.0, 2.0, 3.0, 4.0, 5.0], (5, 1))
    rule = recipe(normalise=Normalise(NormaliseRule(constant=50)))
    field = field_of(rule, table(units=5).with_values(values))
    advice = reachable(field, "u00", everybody(field))

    assert (advice.steps, {one.reason for one in advice.would_not_help}) == ((), {"is_best"})


# --- who may be asked ---------------------------------------------------------------------------------------------------


def test_fewer_than_three_peers_are_too_few():
    field = field_of()
    for ask in (reachable, fewest_changes):
        with pytest.raises(TooFewPeersError, match="u00 has 2 ranked peers, 3 are needed"):
            ask(field, "u00", ["u00", "u01", "u02", "u02"])


def test_a_field_of_one_has_no_peers_and_still_a_what_if():
    rule = recipe(normalise=Normalise(NormaliseRule("goalposts", goalposts=(0, 10))))
    field = field_of(rule, table(units=1))

    with pytest.raises(TooFewPeersError):
        reachable(field, "u00", [])
    assert what_if(field, "u00", {"p0": 5.0}).rank == 1
    assert strengths(field.nominal, "u00").against_all.enough is False


def test_a_unit_without_a_rank_is_refused():
    data = table()
    values = data.values.copy()
    values[0] = np.nan
    field = field_of(replace(recipe(), screen=Screen(0.5, 0)), data.with_values(values))
    for ask in (lambda: reachable(field, "u00", everybody(field)), lambda: what_if(field, "u00", {})):
        with pytest.raises(NotRankedError) as refused:
            ask()
        assert refused.value.facts == {"unit": "u00"}
    assert reachable(field, "u01", ["u00", *everybody(field)]).peers == UNITS - 2


def test_a_peer_that_is_no_unit_is_refused():
    with pytest.raises(MethodError, match="u99 is no unit of the release"):
        reachable(field_of(), "u00", ["u01", "u02", "u03", "u99"])


@pytest.mark.parametrize("costs", [{"p0": 0.0}, {"p0": -1.0}, {"p0": np.nan}, {"p0": np.inf}, {"people": 1.0}])
def test_costs_are_above_zero_and_of_indicators(costs):
    field = field_of()
    with pytest.raises(MethodError, match=r"cost of p0|people is no indicator"):
        reachable(field, "u00", everybody(field), costs)


def test_without_stored_parameters_nothing_can_be_placed():
    field = field_of()
    bare = replace(field.nominal, yardstick=Yardstick({}))
    with pytest.raises(NoYardstickError) as refused:
        ReleaseModel(bare, TREE, EQUAL)
    assert (refused.value.code, refused.value.facts) == ("no_yardstick", {"indicators": list(TREE.indicators)})


# --- the fewest changes -------------------------------------------------------------------------------------------------


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


# --- what if ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
def test_what_if_is_what_the_changed_table_scores_on_the_same_yardstick(name):
    rule, data = recipe(**RULES[name]), table(4)
    weights = EQUAL | {"people": 3.0, "q1": 0.5}
    change = {"p0": 2.0, "q0": 0.3}
    answer = what_if(field_of(rule, data), "u04", change, {"people": 3.0 / 2, "place": 1 / 2, "q1": 0.25})
    base = score(data, TREE, EQUAL, rule)
    held = base.steps["imputed"]
    values = held.values.copy()
    values[4, [0, 3]] = [2.0, 0.3]
    kept = rule if rule.impute.method == "row_mean" else replace(rule, impute=Impute())
    changed = score(held.with_values(values), TREE, weights, kept, base.yardstick)

    assert (answer.ranks == changed.ranks).all()
    assert (answer.score, answer.rank, answer.tier) == (pytest.approx(of(changed, "u04")[0]), *of(changed, "u04")[1:])
    assert {code: new for code, _, new in answer.pillars} == {
        code: pytest.approx(changed.aggregates[4, changed.nodes.index(code)]) for code in ("people", "place")
    }
    assert {code: old for code, old, _ in answer.pillars} == {
        code: pytest.approx(base.aggregates[4, base.nodes.index(code)]) for code in ("people", "place")
    }


def test_unit_left_without_a_score_by_the_weights_asked_for_is_refused_by_name():
    data = table()
    data.values[1, 0] = np.nan  # u01 has no p0
    field = field_of(data=data)
    weights = {"people": 1.0, "place": 0.0, "p0": 1.0, "p1": 0.0, "p2": 0.0}

    with pytest.raises(NothingToRankError, match="u01 has no score") as refused:
        what_if(field, "u01", {}, weights)
    assert refused.value.facts == {"unit": "u01"}
    assert what_if(field, "u00", {}, weights).ranks[1] == 0


def test_range_that_ends_at_nought_ends_there():
    """Ten times the width of -11 to -10 beyond them: -21 to 0."""
    data = table(units=2).with_values(np.array([[-11.0] * 5, [-10.0] * 5]))
    assert possible_ranges(field_of(data=data)) == dict.fromkeys(TREE.indicators, (-21.0, 0.0))


def test_unit_that_a_drawn_method_does_not_rank_has_no_rank_in_those_draws():
    """u03 has no row at the last time: filling over time gives it one, and the drawn mean over units does not."""
    last_year = table()
    both = replace(
        last_year,
        units=(*last_year.units, *last_year.units),
        names=(*last_year.names, *last_year.names),
        times=("2023",) * UNITS + last_year.times,
        values=np.concatenate([last_year.values * 1.1, last_year.values]),
    )
    data = both.take_rows(np.array([row for row in range(2 * UNITS) if row != UNITS + 3]))
    rule = recipe("impute", impute=Impute("linear"), alternatives={"impute": ("mean",)})
    field = field_of(rule, data)
    mean = drawn_choices(rule, len(TREE.indicators), first=0, count=DRAWS).impute == 1

    drawn = field.drawn_ranks("u03", [{}, {"p0": 1.0}])

    assert field.row_of("u03") >= 0
    assert (drawn == 0).all(axis=1).sum() == (drawn == 0).any(axis=1).sum() == mean.sum() > 0
    released = rank_draws(field.nominal, TREE, EQUAL).ranks[:, field.nominal.units.index("u03")]
    assert (released[mean] == 0).all()
    assert np.array_equal(np.sort(drawn[:, 0]), np.sort(released))


def test_weights_of_the_reader_are_not_drawn():
    rule = recipe("weights", "normalise")
    field = field_of(rule, draws=weight_draws())

    assert what_if(field, "u00", {"p0": 1.0}).covers == ("weights", "normalise")
    assert what_if(field, "u00", {}, {"people": 1.0, "place": 3.0}).covers == ("normalise",)
    assert what_if(field, "u00", {}, {"people": 0.5}).covers == ("weights", "normalise")  # the panel's own
    alone = what_if(field_of(recipe("weights"), draws=weight_draws()), "u00", {}, {"people": 0.9})
    assert (alone.covers, alone.rank_low, alone.draws) == ((), None, 0)


def test_weights_of_siblings_that_are_not_named_stay_in_proportion():
    answer = what_if(field_of(), "u00", {}, {"p0": 1.0})  # beside two thirds of the panel's

    assert [answer.local[code] for code in ("p0", "p1", "p2", "q0")] == pytest.approx([0.6, 0.2, 0.2, 0.5])


@pytest.mark.parametrize(
    ("weights", "error"),
    [
        ({"p0": -0.1}, MethodError),
        ({"p0": np.nan}, MethodError),
        ({"p0": np.inf}, MethodError),
        ({"p9": 1.0}, MethodError),
        ({"index": 1.0}, MethodError),
        ({"q0": 0.0, "q1": 0.0}, NotPositiveError),
    ],
)
def test_impossible_weights_are_refused(weights, error):
    with pytest.raises(error):
        what_if(field_of(), "u00", {}, weights)


@pytest.mark.parametrize("value", [1e12, -1.0, np.nan, np.inf, -np.inf, 1e308])
def test_impossible_values_are_refused_with_the_allowed_range(value):
    field = field_of()
    with pytest.raises(ImpossibleValueError) as refused:
        what_if(field, "u00", {"p0": 1.0, "q1": value})
    low, high = possible_ranges(field)["q1"]
    facts = refused.value.facts
    assert (facts["indicator"], facts["low"], facts["high"]) == ("q1", low, high)


def test_a_value_of_no_indicator_is_refused():
    with pytest.raises(MethodError, match="people is no indicator"):
        what_if(field_of(), "u00", {"people": 1.0})


def test_possible_values_follow_what_is_observed():
    criteria = [replace(one, unit="% of people") if one.code in ("p0", "p1") else one for one in TREE.criteria]
    tree = Tree(tuple(criteria))
    values = np.array([[10.0, -5.0, 3.0, 7.0, -2.0], [90.0, 120.0, 3.0, 9.0, 1.0]])
    rule = recipe(normalise=Normalise(NormaliseRule(constant=0), {"q0": NormaliseRule("goalposts", goalposts=(5, 20))}))
    data = Table(("a", "b"), ("a", "b"), ("",) * 2, TREE.indicators, values)
    found = possible_ranges(ReleaseModel(score(data, tree, EQUAL, rule), tree, EQUAL))

    assert found == {
        "p0": (0.0, 100.0),  # a share
        "p1": (-1260.0, 1370.0),  # said to be one, but its values are not; rounded outward
        "p2": (0.0, 33.0),  # constant: ten times the value itself
        "q0": (0.0, 170.0),  # goalposts count as observed
        "q1": (-32.0, 31.0),
    }


def test_a_value_the_mean_has_no_answer_for_is_refused_by_name():
    field = field_of(recipe(**RULES["geometric"]))
    with pytest.raises(NonPositiveValueError) as refused:
        what_if(field, "u00", {"q0": possible_ranges(field)["q0"][1]})
    assert (refused.value.facts["unit"], refused.value.facts["indicator"]) == ("u00", "q0")


def test_draws_whose_mean_has_no_answer_do_not_count():
    rule = recipe("aggregate", alternatives={"aggregate": ("geometric",)})
    field = field_of(rule)
    answer = what_if(field, "u00", {"q0": possible_ranges(field)["q0"][1]})

    assert answer.rank_low == answer.rank_high == answer.rank
    assert answer.draws == DRAWS


# --- strengths and weaknesses -------------------------------------------------------------------------------------------


def test_strengths_by_hand():
    # eleven units with 0, 10, ..., 100: the 90th percentile of all is 90, the 10th is 10
    values = np.tile(np.arange(0.0, 101.0, 10.0)[:, None], (1, 4))
    values[:, 1] = 100 - values[:, 1]
    values[:, 2] = 50  # does not vary
    values[:, 3] = [1] * 10 + [2]  # one above the rest
    ranked = np.arange(11)
    peers = np.array([6, 7, 8, 10])  # with unit 9 itself: 60, 70, 80, 90, 100, whose 90th percentile is 96

    ninth, tenth, first = (claims(values, row, ranked, peers) for row in (9, 10, 1))

    assert (ninth.against_all.strong, ninth.against_all.weak) == ((0,), (1,))
    assert (ninth.against_peers.strong, ninth.against_peers.weak) == ((), (3,))
    assert (tenth.against_all.strong, tenth.against_all.weak) == ((0, 3), (1,))
    assert (first.against_all.strong, first.against_all.weak) == ((1,), (0,))
    assert (first.against_peers.strong, first.against_peers.weak) == ((1,), (0, 3))
    assert (ninth.against_all.others, ninth.against_peers.others) == (10, 4)
    assert ninth.rule == StrengthRule(0.9, 0.1, 0.65, 3)


def test_percentiles_are_said_in_whole_hundredths():
    assert (StrengthRule().upper_percentile, StrengthRule().lower_percentile) == (90, 10)
    odd = StrengthRule(upper=0.58, lower=0.29)  # a hundred times either is just under a whole number
    assert (odd.upper_percentile, odd.lower_percentile) == (58, 29)


def test_nothing_is_claimed_under_the_floor_or_against_too_few():
    values = np.tile(np.arange(6.0)[:, None], (1, 4))
    values[5, :2] = np.nan
    values[4, 0] = np.nan
    everyone, few = np.arange(6), np.array([0, 1])

    thin, whole = claims(values, 5, everyone, few), claims(values, 4, everyone, few)

    assert (thin.given, thin.indicators, thin.is_covered, thin.against_all.strong) == (2, 4, False, ())
    assert (whole.given, whole.is_covered, whole.against_all.strong) == (3, True, (1,))
    assert (whole.against_peers.enough, whole.against_peers.strong) == (False, ())
    assert claims(values, 5, everyone, None).against_peers is None


def test_a_value_shared_by_nearly_all_is_neither_strong_nor_weak():
    values = np.full((20, 1), 5.0)
    values[0], values[1] = 9.0, 1.0

    found = [claims(values, row, np.arange(20), None).against_all for row in (0, 1, 2)]

    assert [(one.strong, one.weak) for one in found] == [((0,), ()), ((), (0,)), ((), ())]


def test_filled_values_make_no_claim_and_count_for_nobody():
    data = table()
    values = data.values.copy()
    values[:, 0] = [*range(10), np.nan]
    field = field_of(recipe(impute=Impute("mean")), data.with_values(values))

    assert 0 in strengths(field.nominal, "u09").against_all.strong
    assert strengths(field.nominal, "u10").given == 4
    assert strengths(field.nominal, "u09", ("u00", "u01", "u02", "u10")).against_peers.others == 4
