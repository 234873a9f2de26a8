"""What if: every answer is what a direct score of the changed table gives, and what cannot be asked."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.numerics.errors import (
    ImpossibleValueError,
    MethodError,
    NonPositiveValueError,
    NothingToRankError,
    NotPositiveError,
)
from scoring.numerics.pipeline import score
from scoring.numerics.robustness.choices import drawn_choices
from scoring.numerics.robustness.intervals import rank_draws
from scoring.numerics.robustness.release_model import ReleaseModel
from scoring.numerics.robustness.what_if import possible_ranges, what_if
from scoring.numerics.types import (
    Impute,
    Normalise,
    NormaliseRule,
    Table,
    Tree,
)
from tests.numerics.robustness.release_models import (
    DRAWS,
    EQUAL,
    RULES,
    TREE,
    UNITS,
    field_of,
    of,
    recipe,
    table,
    weight_draws,
)


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
