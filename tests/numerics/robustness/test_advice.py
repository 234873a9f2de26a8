"""How a unit could move up: every answer is what a direct score of the changed table gives, and what may not be asked."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.numerics.composite.aggregate import plan
from scoring.numerics.composite.chain import needs_positive, positive_scale
from scoring.numerics.errors import (
    MethodError,
    NotRankedError,
    NoYardstickError,
    TooFewPeersError,
)
from scoring.numerics.pipeline import score
from scoring.numerics.robustness.advice import reachable
from scoring.numerics.robustness.choices import drawn_choices, variants
from scoring.numerics.robustness.fewest_changes import fewest_changes
from scoring.numerics.robustness.release_model import ReleaseModel
from scoring.numerics.robustness.strengths import strengths
from scoring.numerics.robustness.what_if import what_if
from scoring.numerics.types import (
    Aggregate,
    Impute,
    Normalise,
    NormaliseRule,
    Screen,
    Yardstick,
)
from tests.numerics.robustness.release_models import (
    CODES,
    DRAWS,
    EQUAL,
    FACTORS,
    RULES,
    TREE,
    UNITS,
    changed_from,
    everybody,
    field_of,
    last,
    of,
    recipe,
    table,
    weight_draws,
)

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
