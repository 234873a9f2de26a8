"""What cannot be answered is refused by name, and the small and odd cases each have a stated answer."""

import numpy as np
import pytest

from scoring.numerics.composite.aggregate import plan
from scoring.numerics.composite.impute import impute
from scoring.numerics.composite.ranking import competition_ranks, rank, tiers
from scoring.numerics.digits import significant
from scoring.numerics.errors import (
    ConstantIndicatorError,
    EmptyGroupError,
    MethodError,
    NonPositiveValueError,
    NothingToRankError,
    NotPositiveError,
)
from scoring.numerics.pipeline import score
from scoring.numerics.types import (
    Aggregate,
    CompositeRecipe,
    Denominate,
    Impute,
    Normalise,
    NormaliseRule,
    Outliers,
    Rank,
    Screen,
    Table,
    Tiers,
    Tree,
    TreeCriterion,
)

NAN = np.nan


def one_rule(method, **more):
    return Normalise(NormaliseRule(method, **more))


SCALED = one_rule("scaled", bounds=(0, 1))


@pytest.mark.parametrize("method", ["minmax", "zscore", "distance_to_max"])
def test_constant_indicator_is_refused_by_name(method, make):
    with pytest.raises(ConstantIndicatorError) as refused:
        score(
            make.table([[1, 2], [2, 2], [3, 2]]),
            make.tree("x1", "x2"),
            None,
            CompositeRecipe(normalise=one_rule(method)),
        )
    assert refused.value.facts["indicator"] == "x2"


def test_constant_up_to_rounding_is_constant(make):
    data = make.table([[0.1 + 0.2], [0.3], [0.3]])
    with pytest.raises(ConstantIndicatorError):
        score(data, make.tree("x1"), None, CompositeRecipe())


def test_stated_constant_stands_for_a_constant_indicator(make):
    got = score(
        make.table([[2], [2], [NAN]]),
        make.tree("x1"),
        None,
        CompositeRecipe(screen=Screen(0, 0), normalise=one_rule("minmax", constant=50)),
    )
    assert got.scores[:2].tolist() == [50, 50]
    assert got.ranks.tolist() == [1, 1, 0]


@pytest.mark.parametrize(("method", "plain"), [("rank", 1), ("borda", 0), ("percentile_rank", 0), ("goalposts", 0.5)])
def test_constant_indicator_has_its_plain_value_under_ranks_and_goalposts(method, plain, make):
    rule = one_rule(method, goalposts=(0, 4))
    assert score(make.table([[2], [2]]), make.tree("x1"), None, CompositeRecipe(normalise=rule)).scores.tolist() == [
        plain,
        plain,
    ]


@pytest.mark.parametrize("method", ["geometric", "harmonic"])
def test_value_not_positive_is_refused_with_unit_and_indicator(method, make):
    data = make.table([[1, 2], [3, 0], [2, 2]])
    with pytest.raises(NonPositiveValueError) as refused:
        score(data, make.tree("x1", "x2"), None, CompositeRecipe(normalise=SCALED, aggregate=Aggregate(method)))
    assert (refused.value.facts["unit"], refused.value.facts["indicator"]) == ("u2", "x2")


def test_indicator_without_weight_may_be_zero_under_a_geometric_mean(make):
    recipe = CompositeRecipe(normalise=SCALED, aggregate=Aggregate("geometric"))
    got = score(make.table([[1, 0], [2, 0]]), make.tree("x1", "x2"), {"x1": 1, "x2": 0}, recipe)
    assert got.ranks.tolist() == [2, 1]


def test_group_without_value_is_refused_by_name(make):
    data = Table(
        ("a", "b", "c"), ("",) * 3, ("",) * 3, ("x1",), np.array([[1.0], [2.0], [NAN]]), {"g": ("N", "N", "S")}
    )
    recipe = CompositeRecipe(screen=Screen(0, 0), impute=Impute("group_mean", group="g"))
    with pytest.raises(EmptyGroupError) as refused:
        score(data, make.tree("x1"), None, recipe)
    assert refused.value.facts == {"group": "S", "indicator": "x1"}


def test_all_missing_has_nothing_to_rank(make):
    for screen in (Screen(), Screen(0, 0)):
        with pytest.raises(NothingToRankError):
            score(make.table([[NAN], [NAN]]), make.tree("x1"), None, CompositeRecipe(screen=screen))


def test_single_unit_has_no_range_and_ranks_first_on_goalposts(make):
    with pytest.raises(ConstantIndicatorError):
        score(make.table([[3]]), make.tree("x1"), None, CompositeRecipe())
    got = score(
        make.table([[3]]), make.tree("x1"), None, CompositeRecipe(normalise=one_rule("goalposts", goalposts=(0, 10)))
    )
    assert (got.ranks.tolist(), got.tiers.tolist(), got.scores.tolist()) == ([1], [4], [0.3])


def test_two_units_and_one_indicator_are_ranked(make):
    got = score(make.table([[3], [5]]), make.tree("x1", direction=-1), None, CompositeRecipe())
    assert (got.ranks.tolist(), got.scores.tolist()) == ([1, 2], [100, 0])


def test_tie_shares_the_smallest_rank():
    assert competition_ranks(np.array([5.0, 7.0, 7.0, NAN, 1.0])).tolist() == [3, 1, 1, 0, 4]


def test_scores_equal_to_twelve_digits_tie_and_decimals_tie_more():
    scores = np.array([0.1 + 0.2, 0.3, 0.2996])
    assert rank(scores, Rank()).tolist() == [1, 1, 3]
    assert rank(scores, Rank(decimals=3)).tolist() == [1, 1, 1]


def test_significant_digits_keep_size_sign_zero_and_missing():
    got = significant(np.array([1.23456789012345, -1.23456789012345e-20, 9.99999999999999e25, 0.0, NAN]))
    assert np.allclose(got, [1.23456789012, -1.23456789012e-20, 1e26, 0.0, NAN], rtol=1e-15, equal_nan=True)


def test_tier_is_the_first_whose_share_reaches_the_position():
    ranks = np.array([*range(1, 138), 0])
    got = tiers(np.zeros(138), ranks, Tiers())
    assert [int((got == tier).sum()) for tier in range(5)] == [1, 13, 28, 41, 55]


def test_tiers_of_rankings_of_different_length_each_follow_their_own():
    """Half of three are one and a half places, of four two: ranks of one draw say nothing of another's."""
    ranks = np.array([[1, 2, 3, 0], [1, 2, 3, 4], [0, 1, 0, 0], [0, 0, 0, 0]])
    got = tiers(np.zeros(ranks.shape), ranks, Tiers((0.5, 1.0)))
    assert got.tolist() == [[1, 2, 2, 0], [1, 1, 2, 2], [0, 2, 0, 0], [0, 0, 0, 0]]


def test_tier_by_score_is_the_first_bound_reached():
    scores = np.array([80.0, 79.9, 10.0, NAN])
    got = tiers(scores, rank(scores, Rank()), Tiers(by="score", scores=(80, 50)))
    assert got.tolist() == [1, 2, 3, 0]


def test_screened_out_is_listed_with_its_share_and_not_ranked(make):
    data = make.table([[1, 2, NAN], [2, 1, NAN], [3, NAN, NAN], [4, 5, 1]])
    got = score(data, make.tree("x1", "x2", "x3"), None, CompositeRecipe(screen=Screen(0.5, 0.5)))
    assert got.units == ("u1", "u2", "u4")
    assert [(one.kind, one.code, round(one.share, 3), one.needed) for one in got.dropped] == [
        ("unit", "u3", 0.333, 0.5),
        ("indicator", "x3", 0.25, 0.5),
    ]
    assert got.weights == {"index": 1.0, "x1": 0.5, "x2": 0.5, "x3": 0.0}


@pytest.mark.parametrize("method", ["arithmetic", "geometric", "harmonic", "minimum", "power"])
def test_missing_child_leaves_its_weight_to_its_siblings(method, make):
    recipe = CompositeRecipe(screen=Screen(0, 0), normalise=SCALED, aggregate=Aggregate(method, power=2.0))
    whole = score(make.table([[2, 8]], ("x1", "x3")), make.tree("x1", "x3"), {"x1": 1, "x3": 3}, recipe)
    part = score(make.table([[2, NAN, 8]]), make.tree("x1", "x2", "x3"), {"x1": 1, "x2": 5, "x3": 3}, recipe)
    assert np.allclose(part.scores, whole.scores, rtol=1e-14)


def test_node_under_the_floor_is_missing(make):
    data, tree = make.table([[1, 1, 1], [1, 1, NAN], [1, NAN, NAN]]), make.tree("x1", "x2", "x3")
    recipe = CompositeRecipe(screen=Screen(0, 0), normalise=SCALED, aggregate=Aggregate(floor=0.6))
    assert score(data, tree, None, recipe).ranks.tolist() == [1, 1, 0]


def test_imputed_cells_stay_flagged_and_given_ones_stay(make):
    data = make.table([[1, 4], [NAN, 6], [5, 8]])
    got = score(data, make.tree("x1", "x2"), None, CompositeRecipe(screen=Screen(0, 0), impute=Impute("median")))
    assert got.imputed.tolist() == [[False, False], [True, False], [False, False]]
    assert got.steps["imputed"].values.tolist() == [[1, 4], [3, 6], [5, 8]]


def test_row_mean_fills_from_siblings_on_normalised_data():
    tree = Tree(
        (
            TreeCriterion("i", None),
            TreeCriterion("a", "i"),
            *(TreeCriterion(c, "a", is_indicator=True) for c in "xy"),
            TreeCriterion("z", "i", is_indicator=True),
        )
    )
    data = Table(("u", "v", "w"), ("",) * 3, ("",) * 3, tuple("xyz"), np.array([[0, NAN, 9], [5, 3, 1], [10, 7, 0.0]]))
    got = score(data, tree, None, CompositeRecipe(screen=Screen(0, 0), impute=Impute("row_mean")))
    assert got.steps["normalised"].values[:, 1].tolist() == [0, 0, 100]
    assert got.imputed.sum() == got.imputed[0, 1] == 1


def test_latest_fills_from_the_past_and_the_last_year_is_scored(make):
    units, times = ("a", "a", "b", "b"), ("2020", "2021", "2020", "2021")
    data = Table(units, units, times, ("x1",), np.array([[2.0], [NAN], [1.0], [9.0]]))
    got = score(
        data, make.tree("x1"), None, CompositeRecipe(screen=Screen(0, 0), impute=Impute("latest"), normalise=SCALED)
    )
    assert (got.units, got.scores.tolist()) == (("a", "b"), [2, 9])
    assert got.imputed[:, 0].tolist() == [True, False]


def test_times_that_are_neither_numbers_nor_dates_are_refused(make):
    units, times = ("a", "b", "a", "b"), ("2020", "2020-01-01", "2021", "2021-01-01")
    data = Table(units, units, times, ("x1",), np.arange(4.0)[:, None])
    with pytest.raises(MethodError, match="neither numbers only nor ISO dates only") as refused:
        score(data, make.tree("x1"), None, CompositeRecipe())
    assert refused.value.facts == {"times": tuple(sorted(times))}


def test_pooled_parameters_are_taken_over_all_years(make):
    units, times = ("a", "b", "a", "b"), ("2020", "2020", "2021", "2021")
    data = Table(units, units, times, ("x1",), np.array([[0.0], [8.0], [2.0], [10.0]]))
    assert score(data, make.tree("x1"), None, CompositeRecipe(normalise=Normalise(pooled=True))).scores.tolist() == [
        20,
        100,
    ]
    assert score(data, make.tree("x1"), None, CompositeRecipe()).scores.tolist() == [0, 100]


def test_unit_without_row_in_the_last_year_is_dropped_unless_filled_over_time(make):
    data = Table(("a", "b", "a"), ("",) * 3, ("2020", "2020", "2021"), ("x1",), np.array([[1.0], [5.0], [2.0]]))
    rule = one_rule("scaled", bounds=(0, 1))
    got = score(data, make.tree("x1"), None, CompositeRecipe(normalise=rule))
    assert (got.units, [one.code for one in got.dropped]) == (("a",), ["b"])
    filled = score(data, make.tree("x1"), None, CompositeRecipe(normalise=rule, impute=Impute("latest")))
    assert dict(zip(filled.units, filled.scores, strict=True)) == {"a": 2, "b": 5}


def test_linear_fills_between_and_beyond_the_ends(make):
    units, times = ("a",) * 5, tuple("12345")
    data = Table(units, units, times, ("x1",), np.array([[NAN], [2], [NAN], [6], [NAN]]))
    filled, flags = impute(data, Impute("linear"))
    assert filled.values[:, 0].tolist() == [2, 2, 4, 6, 6]
    assert flags[:, 0].tolist() == [True, False, True, False, True]


def test_yardstick_gives_the_same_numbers_again(make):
    rng = np.random.default_rng(1)
    data = make.table(rng.lognormal(0, 2, size=(30, 6)))
    columns = tuple(f"x{number}" for number in range(1, 7))
    rules = [
        NormaliseRule("fraction_of_max"),
        NormaliseRule("zscore"),
        NormaliseRule("distance_to_reference", reference="u3"),
        NormaliseRule("goalposts", goalposts=(0, 9)),
        NormaliseRule("distance_to_max"),
    ]
    recipe = CompositeRecipe(
        outliers=Outliers("winsorise_then_log", max_points=1, indicators={"x5": "log_reflected", "x6": "trim"}),
        normalise=Normalise(indicators=dict(zip(columns, rules, strict=False))),
    )
    tree = make.tree(*columns)
    first = score(data, tree, None, recipe)
    again = score(data, tree, None, recipe, first.yardstick)
    assert np.array_equal(first.scores, again.scores)
    assert first.yardstick == again.yardstick


def test_yardstick_places_other_units_on_the_old_scale(make):
    tree = make.tree("x1")
    first = score(make.table([[0], [10]]), tree, None, CompositeRecipe())
    assert score(make.table([[5], [12]]), tree, None, CompositeRecipe(), first.yardstick).scores.tolist() == [50, 120]


def test_yardstick_without_a_needed_parameter_is_refused_by_name(make):
    tree, screen = make.tree("x1", "x2"), Screen(0, 0)
    empty = score(make.table([[0, NAN], [10, NAN]]), tree, None, CompositeRecipe(screen=screen))
    again = score(make.table([[5, NAN]]), tree, None, CompositeRecipe(screen=screen), empty.yardstick)
    assert again.scores.tolist() == [50]
    with pytest.raises(MethodError, match="the yardstick has no min for x2"):
        score(make.table([[5, 1]]), tree, None, CompositeRecipe(screen=screen), empty.yardstick)


def test_yardstick_holds_new_values_at_the_old_treatment(make):
    tree, recipe = make.tree("x1"), CompositeRecipe(outliers=Outliers("winsorise"))
    first = score(make.table([[value] for value in [*range(1, 20), 100]]), tree, None, recipe)
    assert score(make.table([[1], [10], [500]]), tree, None, recipe, first.yardstick).scores.tolist() == [0, 50, 100]


def test_a_winsorising_step_never_leaves_one_value_only(make):
    data = make.table([[0.0]] * 19 + [[1.0]])
    got = score(data, make.tree("x1"), None, CompositeRecipe(outliers=Outliers("winsorise")))
    assert got.treatments[0].passes is False
    assert got.scores[-1] == 100


@pytest.mark.parametrize(
    ("recipe", "says"),
    [
        (CompositeRecipe(normalise=one_rule("minmaxx")), "minmaxx is unknown"),
        (CompositeRecipe(normalise=Normalise(indicators={"zz": NormaliseRule()})), "zz is no indicator"),
        (CompositeRecipe(normalise=one_rule("distance_to_reference", reference="zz")), "zz is no unit"),
        (CompositeRecipe(normalise=one_rule("distance_to_target")), "gives x1 no Target"),
        (CompositeRecipe(normalise=one_rule("goalposts")), "needs goalposts"),
        (CompositeRecipe(aggregate=Aggregate("mean")), "mean is unknown"),
        (CompositeRecipe(aggregate=Aggregate(levels=("arithmetic", "geometric"))), "levels has 2 entries"),
        (CompositeRecipe(aggregate=Aggregate(floor=(0.5, 0.5))), "floor has 2 entries"),
        (CompositeRecipe(aggregate=Aggregate(nodes={"zz": "arithmetic"})), "zz is no node"),
        (CompositeRecipe(aggregate=Aggregate("power")), "needs power"),
        (CompositeRecipe(aggregate=Aggregate("power", power=-1000.0)), "power is from −.*, here -1000"),
        (CompositeRecipe(aggregate=Aggregate("kemeny")), "at most 12"),
        (CompositeRecipe(impute=Impute("group_mean", group="zz")), "no grouping column zz"),
        (CompositeRecipe(impute=Impute("mode")), "mode is unknown"),
        (CompositeRecipe(outliers=Outliers("cut")), "cut is unknown"),
        (CompositeRecipe(outliers=Outliers(indicators={"zz": "none"})), "zz is no indicator"),
        (CompositeRecipe(denominate=Denominate(use=True, scales={"zz": 1})), "zz, which is no indicator"),
        (CompositeRecipe(tiers=Tiers((0.5, 0.2, 1.0))), "the shares rise"),
        (CompositeRecipe(tiers=Tiers(by="score", scores=(1, 2))), "the bounds fall"),
    ],
)
def test_method_without_meaning_is_refused_by_name(recipe, says, make):
    with pytest.raises(MethodError, match=says):
        score(make.table(np.arange(26.0).reshape(13, 2) ** 2), make.tree("x1", "x2"), None, recipe)


@pytest.mark.parametrize(("low", "direction"), [(-1.0, -1), (-1.0, 1)])
def test_fraction_of_max_refuses_what_has_no_meaning(low, direction, make):
    with pytest.raises(MethodError, match="fraction_of_max has no meaning for x1"):
        score(
            make.table([[low], [-2]]),
            make.tree("x1", direction=direction),
            None,
            CompositeRecipe(normalise=one_rule("fraction_of_max")),
        )


def test_reference_without_a_value_is_refused_and_an_empty_indicator_is_not(make):
    recipe = CompositeRecipe(screen=Screen(0, 0), normalise=one_rule("distance_to_reference", reference="u2"))
    tree = make.tree("x1", "x2")
    with pytest.raises(MethodError, match="u2 has no value of x2"):
        score(make.table([[0, 1], [4, NAN], [8, 3]]), tree, None, recipe)
    got = score(make.table([[0, NAN], [4, NAN], [8, NAN]]), tree, None, recipe)  # 1 − (4 − x)/(4 − 0)
    assert got.scores.tolist() == [0, 1, 2]


def test_logarithm_of_a_value_not_positive_is_refused_unless_clipped(make):
    data, posts = make.table([[1], [100], [0]]), {"goalposts": (1, 100), "log": True, "scale": 100}
    with pytest.raises(NonPositiveValueError, match=r"u3: no logarithm of x1 \(0\)") as refused:
        score(data, make.tree("x1"), None, CompositeRecipe(normalise=one_rule("goalposts", clip=False, **posts)))
    assert refused.value.facts == {"unit": "u3", "indicator": "x1"}
    got = score(data, make.tree("x1"), None, CompositeRecipe(normalise=one_rule("goalposts", **posts)))
    assert got.scores.tolist() == [0, 100, 0]


def test_target_behind_the_worst_value_is_refused(make):
    with pytest.raises(MethodError, match="Target of x1 lies behind"):
        score(
            make.table([[1], [2]]),
            make.tree("x1", target=0.5),
            None,
            CompositeRecipe(normalise=one_rule("distance_to_target")),
        )


def test_denominator_not_positive_is_refused_with_unit(make):
    tree = make.tree("x1", denominator="pop")
    data = Table(("a", "b"), ("", ""), ("", ""), ("x1",), np.array([[4.0], [9.0]]), {}, {"pop": np.array([2.0, 0.0])})
    with pytest.raises(NotPositiveError, match="b: denominator pop"):
        score(data, tree, None, CompositeRecipe(denominate=Denominate(use=True)))


def test_denominator_that_the_table_has_not_is_refused_by_name(make):
    with pytest.raises(MethodError, match="x1 is divided by pop, a column the table has not") as refused:
        score(
            make.table([[1], [2]]),
            make.tree("x1", denominator="pop"),
            None,
            CompositeRecipe(denominate=Denominate(use=True)),
        )
    assert refused.value.facts == {"indicator": "x1", "denominator": "pop", "allowed": ()}


@pytest.mark.parametrize("scale", [0, -1000])
def test_scale_factor_not_positive_is_refused_by_name(scale, make):
    data = Table(("a", "b"), ("", ""), ("", ""), ("x1",), np.array([[4.0], [9.0]]), {}, {"pop": np.array([2.0, 3.0])})
    recipe = CompositeRecipe(denominate=Denominate(use=True, scales={"x1": scale}))
    with pytest.raises(NotPositiveError, match=f"x1: the scale factor is {scale}, not positive"):
        score(data, make.tree("x1", denominator="pop"), None, recipe)


def test_denominator_is_scaled(make):
    tree = make.tree("x1", denominator="pop")
    data = Table(
        ("a", "b"), ("", ""), ("", ""), ("x1",), np.array([[4.0], [9.0]]), {}, {"pop": np.array([2000.0, 3000.0])}
    )
    got = score(data, tree, None, CompositeRecipe(denominate=Denominate(use=True, scales={"x1": 1000})))
    assert got.steps["denominated"].values[:, 0].tolist() == [2, 3]


@pytest.mark.parametrize("weights", [{"x1": 0, "x2": 0}, {"x1": -1, "x2": 2}, {"x1": NAN, "x2": 1}])
def test_weights_not_positive_are_refused(weights, make):
    with pytest.raises(NotPositiveError):
        score(make.table([[1, 2], [2, 1]]), make.tree("x1", "x2"), weights, CompositeRecipe())


def test_missing_weight_is_refused_by_name(make):
    with pytest.raises(MethodError, match="no weight for x2"):
        score(make.table([[1, 2], [2, 1]]), make.tree("x1", "x2"), {"x1": 1}, CompositeRecipe())


def test_table_checks_its_labels_once():
    for units, values, says in (
        (("a", "a"), [[1.0], [2.0]], "stands twice"),
        (("a", "b"), [[1.0], [np.inf]], "b: x is beyond"),
        (("a",), [[1.0], [2.0]], "do not label"),
    ):
        with pytest.raises(MethodError, match=says):
            Table(units, ("",) * len(units), ("",) * len(units), ("x",), np.array(values))
    with pytest.raises(MethodError, match="a column stands twice"):
        Table(("a",), ("",), ("",), ("x", "x"), np.array([[1.0, 2.0]]))


def test_table_without_an_indicator_of_the_tree_is_refused(make):
    with pytest.raises(MethodError, match="no column for x2"):
        score(make.table([[1], [2]]), make.tree("x1", "x2"), None, CompositeRecipe())


def test_node_of_whose_indicators_none_is_there_has_no_part_in_it():
    tree = Tree(
        (
            TreeCriterion("index", None),
            TreeCriterion("a", "index"),
            TreeCriterion("b", "index"),
            TreeCriterion("a1", "a", is_indicator=True),
            TreeCriterion("b1", "b", is_indicator=True),
        )
    )
    plans = plan(tree, ("b1",), Aggregate())
    assert [(one.node, one.children) for one in plans] == [("b", ("b1",)), ("index", ("b",))]
