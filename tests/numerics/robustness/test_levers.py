"""What nobody can change is not proposed, and a value that is the country's moves all its units."""

from contextlib import suppress
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from scoring.numerics.errors import NonPositiveValueError, TreeError
from scoring.numerics.pipeline import score
from scoring.numerics.robustness.advice import reachable
from scoring.numerics.robustness.fewest_changes import _Search, fewest_changes
from scoring.numerics.robustness.release_model import ReleaseModel
from scoring.numerics.robustness.targets import ranked_peers, targets_of
from scoring.numerics.robustness.what_if import what_if
from scoring.numerics.types import Impute, Tiers, Tree
from tests.numerics.robustness.release_models import (
    EQUAL,
    FACTORS,
    RULES,
    TREE,
    everybody,
    field_of,
    last,
    of,
    recipe,
    table,
    weight_draws,
)

COUNTRIES = ("X", "Y", "X", "", "X", "Y", "", "X", "Y", "X", "X")
NATIONAL = np.tile([True, False, True, True, False], (11, 1))
NATIONAL[9] = False  # measured for the city itself


def levelled(rule=None, data=None, draws=None, *, national=NATIONAL, equal=True, tree=TREE):
    """A release in which most values of three indicators are the country's, the same for all its units (unless told)."""
    data = table() if data is None else data
    values = data.values.copy()
    for country in "XY" if equal else ():
        rows = [row for row, one in enumerate(COUNTRIES) if one == country]
        for column in range(values.shape[1]):
            same = [row for row in rows if national[row, column]]
            values[same, column] = values[same[:1], column].sum()
    model = field_of(rule, data.with_values(values), draws)
    return replace(model, tree=tree, countries=COUNTRIES, national=national)


def moved_together(field, unit, change):
    """Score the table in which the unit's companions have its new values too, on the yardstick as it is."""
    held = field.nominal.steps["imputed"]
    values = held.values.copy()
    own = held.units.index(unit)
    for code, value in change.items():
        column = held.columns.index(code)
        rows = [row for row, one in enumerate(COUNTRIES) if COUNTRIES[own] and one == COUNTRIES[own]]
        together = [row for row in rows if NATIONAL[row, column]] if NATIONAL[own, column] else []
        values[[own, *together], column] = value
    kept = field.recipe if field.recipe.impute.method == "row_mean" else replace(field.recipe, impute=Impute())
    return score(held.with_values(values), TREE, EQUAL, kept, field.nominal.yardstick)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("unit", ["u02", "u03", "u09"])
def test_a_step_moves_every_unit_whose_value_is_the_countrys(name, unit):
    field = levelled(recipe(**RULES[name]))

    answer = reachable(field, unit, everybody(field))

    for step in answer.steps:
        expected = of(moved_together(field, unit, {step.indicator: step.value}), unit)
        assert (step.score, step.rank) == (pytest.approx(expected[0]), expected[1])
        others = field.companions(unit, step.indicator)
        assert step.together == len(others)
        assert (len(others) == 4) == (unit == "u02" and step.indicator in {"p0", "p2", "q0"})


@pytest.mark.parametrize("name", RULES)
def test_what_if_moves_them_in_every_draw_too(name):
    field = levelled(recipe(*FACTORS, draws=12, **RULES[name]), draws=weight_draws(12))
    change = {"p0": float(field.given[:, 0].max()), "q1": float(field.given[:, 4].min())}

    found = what_if(field, "u02", change)

    expected = moved_together(field, "u02", change)
    assert found.together == {"p0": ("u00", "u04", "u07", "u10")}
    assert np.array_equal(found.ranks, expected.ranks)
    spread = field.spread("u02", change)
    assert list(spread) == ["u02", "u00", "u04", "u07", "u10"]
    assert spread["u04"] == {"p0": change["p0"]}
    for ground in field.drawn:
        with suppress(NonPositiveValueError):  # a geometric mean of ranks, where both have no answer
            whole = ground._among(2, ground.changed(spread))[1]
            assert np.array_equal(ground.own("u02", [spread])[1][:, 0], whole)


def test_a_change_is_ranked_among_others_as_in_the_field_computed_whole(monkeypatch):
    monkeypatch.setattr("scoring.numerics.robustness.release_model.CELLS", 40)  # blocks of a few draws
    field = levelled(recipe(*FACTORS, draws=30), draws=weight_draws(30), equal=False)
    changes = [{}, {"p0": 1.0}, {"p1": 2.0}, {"p0": 3.0, "p2": 1.0, "q0": 1.0}]
    for ground in field.drawn:
        for unit in ("u00", "u05", "u03"):
            spread = [field.spread(unit, change) for change in changes]
            scores, ranks = ground.own(unit, spread)
            row = ground.placed.units.index(unit)
            for c, change in enumerate(spread):
                whole = ground._among(row, ground.changed(change))
                assert scores[:, c] == pytest.approx(whole[0], nan_ok=True)
                assert np.array_equal(ranks[:, c], whole[1])


def test_filled_values_and_unknown_countries_move_alone():
    data = table()
    values = data.values.copy()
    values[4, 0] = np.nan
    field = levelled(recipe(impute=Impute("mean")), data.with_values(values), equal=False)

    assert field.companions("u02", "p0") == ("u00", "u07", "u10")
    assert field.companions("u03", "p0") == field.companions("u09", "p0") == field.companions("u02", "p1") == ()
    assert field_of().companions("u02", "p0") == ()


def test_what_nobody_can_change_is_not_proposed_and_said():
    tree = Tree(tuple(replace(one, lever="nobody") if one.code in {"p0", "q1"} else one for one in TREE.criteria))
    field = field_of()
    field = ReleaseModel(field.nominal, tree, EQUAL)
    unit = last(field)

    answer, fewest = reachable(field, unit, everybody(field)), fewest_changes(field, unit, everybody(field))

    assert {"p0", "q1"} & {one.indicator for one in answer.steps} == set()
    assert {one.indicator for one in answer.would_not_help if one.reason == "nobody"} == {"p0", "q1"}
    assert {"p0", "q1"} & {code for code, _, _ in fewest.changes} == set()


@pytest.mark.parametrize("name", ["arithmetic", "geometric"])
@pytest.mark.parametrize("equal", [True, False])
def test_fewest_changes_are_the_smallest_set_with_everybody_moved_along(name, equal):
    field = levelled(recipe(**RULES[name]), equal=equal)
    for unit in field.nominal.units:
        found = fewest_changes(field, unit, everybody(field))
        if found.state == "first_tier":
            continue
        targets = [
            one for one in targets_of(field, *ranked_peers(field, unit, everybody(field)))[0] if one.goal == "best"
        ]
        reaching = [
            len(some)
            for many in range(1, len(targets) + 1)
            for some in combinations(targets, many)
            if of(moved_together(field, unit, {one.indicator: one.value for one in some}), unit)[2] <= found.target
        ]
        if reaching:
            assert (found.state, len(found.changes), found.is_proven) == ("found", min(reaching), True)
        else:
            assert found.state in {"out_of_reach", "not_found"}
            assert found.is_proven == (found.state == "out_of_reach")


@pytest.mark.parametrize(
    ("name", "equal", "expected"),
    [("arithmetic", True, True), ("arithmetic", False, False), ("geometric", True, False)],
)
def test_more_changes_are_held_to_be_no_worse_only_where_that_is_so(name, equal, expected):
    field = levelled(recipe(**RULES[name]), equal=equal)
    targets = targets_of(field, *ranked_peers(field, "u02", everybody(field)))[0]

    assert _Search(field, "u02", by_cost=False, price={}).never_worse(targets) == expected


@pytest.mark.parametrize(
    ("name", "size", "expected"), [("arithmetic", 1, True), ("arithmetic", 9, False), ("copeland", 1, False)]
)
def test_smaller_sets_are_all_tried_before_none_is_said_to_do(name, size, expected):
    """Sets smaller than one change are none; of a field that is compared pair by pair nothing is said."""
    field = levelled(recipe(tiers=Tiers((0.2, 0.4, 0.6, 0.8, 1.0)), **RULES[name]))
    unit = next(one for one in everybody(field) if fewest_changes(field, one, everybody(field)).state == "found")
    targets = targets_of(field, *ranked_peers(field, unit, everybody(field)))[0]
    now = int(field.nominal.tiers[field.nominal.units.index(unit)])

    assert _Search(field, unit, by_cost=False, price={}).no_smaller(targets, size, now - 1) == expected


def test_what_is_no_lever_is_refused_by_name():
    indicator, root = TREE.by_code["p0"], TREE.by_code["index"]

    for wrong in (replace(indicator, lever="mayor"), replace(root, lever="city")):
        with pytest.raises(TreeError, match=f"{wrong.code}: lever {wrong.lever} is unknown") as refused:
            Tree(tuple(wrong if one.code == wrong.code else one for one in TREE.criteria))
        assert refused.value.facts["criterion"] == wrong.code
