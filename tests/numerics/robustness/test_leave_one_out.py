"""The ranking without one part is the ranking computed without it."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.numerics.pipeline import score, weigh
from scoring.numerics.robustness.leave_one_out import leave_one_out
from scoring.numerics.types import Aggregate, CompositeRecipe, ConsensusMethod, Table, Tree, TreeCriterion

METHODS = [ConsensusMethod(), ConsensusMethod(group="aip-geometric", priorities="geometric")]
METHODS += [ConsensusMethod(group="aip-arithmetic")]


@pytest.fixture
def panel(make):
    return make.panel(12, groups=tuple("aabbbbccccbb"), languages=("ar", "fr", "en", "en") * 3)


def found(make, panel, method=METHODS[0]):
    question = make.question(panel=panel)
    weights = weigh(panel, method).local
    nominal = score(question.table, make.tree, weights, question.recipe)
    return nominal, weights, leave_one_out(nominal, make.tree, weights, panel, method)


@pytest.mark.parametrize("method", METHODS)
def test_without_people_the_others_are_weighed(make, panel, method):
    nominal, _, got = found(make, panel, method)
    who = {("panelist", "P03"): [3], ("group", "a"): [0, 1], ("language", "en"): [2, 3, 6, 7, 10, 11]}

    for part, left_out in who.items():
        others = make.only(panel, [k for k in range(12) if k not in left_out])
        expected = score(make.table(), make.tree, weigh(others, method).local, nominal.recipe).ranks
        assert got.ranks[got.parts.index(part)].tolist() == expected.tolist(), part


@pytest.mark.parametrize("part", [("indicator", "p2"), ("pillar", "place")])
def test_without_a_branch_its_siblings_have_its_weight(make, panel, part):
    nominal, weights, got = found(make, panel)

    expected = score(make.table(), make.tree, {**weights, part[1]: 0.0}, nominal.recipe).ranks

    assert got.ranks[got.parts.index(part)].tolist() == expected.tolist()


def test_every_part_is_left_out_once(make, panel):
    _, _, got = found(make, panel)
    kinds = [kind for kind, _ in got.parts]

    assert {kind: kinds.count(kind) for kind in kinds} == {
        "panelist": 12, "group": 3, "language": 3, "indicator": 7, "pillar": 2,
    }  # fmt: skip
    assert got.undefined == ()


def test_largest_change_and_who_moves(make, panel):
    nominal, _, got = found(make, panel)

    for row in range(len(got.parts)):
        gained = nominal.ranks - got.ranks[row].astype(int)
        assert abs(got.change[row]) == np.abs(gained).max()
        assert gained[got.mover[row]] == got.change[row]
        assert got.moved[row] == np.count_nonzero(gained)
        assert got.shift[row] == pytest.approx(np.abs(gained).mean())


def test_group_that_everybody_shares_is_no_part(make):
    _, _, got = found(make, make.panel(12, groups=("x",) * 12))

    assert {kind for kind, _ in got.parts} == {"panelist", "indicator", "pillar"}


def test_expert_without_whom_a_node_has_no_answer_is_named(make, panel):
    judged = panel.nodes[1]
    alone = judged.matrices.copy()
    alone[np.arange(12) != 4] = np.where(np.eye(4, dtype=bool), 1.0, np.nan)
    nodes = (panel.nodes[0], replace(judged, matrices=alone), *panel.nodes[2:])

    _, _, got = found(make, replace(panel, nodes=nodes))

    assert got.undefined == (("panelist", "P04"), ("group", "b"), ("language", "ar"))


def test_without_a_panel_only_branches_are_left_out(make):
    question = make.question()
    nominal = question.nominal()

    got = leave_one_out(nominal, make.tree, None)

    assert {kind for kind, _ in got.parts} == {"indicator", "pillar"}


def test_criterion_left_with_nothing_gives_its_weight_to_its_siblings_whatever_the_floor():
    criteria = (
        TreeCriterion("index", None), TreeCriterion("people", "index"), TreeCriterion("alone", "index"),
        *(TreeCriterion(f"p{number}", "people", is_indicator=True) for number in range(3)), TreeCriterion("a0", "alone", is_indicator=True),
    )  # fmt: skip
    tree = Tree(criteria)
    units = tuple(f"u{number}" for number in range(8))
    values = np.random.default_rng(8).lognormal(size=(8, 4))
    table = Table(units, units, ("2024",) * 8, tree.indicators, values)
    nominal = score(table, tree, None, CompositeRecipe(aggregate=Aggregate(floor=0.7)))

    got = leave_one_out(nominal, tree, None)

    ranks = dict(zip(got.parts, got.ranks.tolist(), strict=True))
    assert got.undefined == ()
    assert ranks["indicator", "a0"] == ranks["pillar", "alone"]
    assert min(ranks["indicator", "a0"]) == 1


def test_part_without_which_nobody_is_ranked_is_undefined(make, panel):
    question = make.question(panel=panel)
    nominal = replace(question.nominal(), steps={"normalised": question.nominal().steps["normalised"].with_values(
        np.where(np.array([code.startswith("q") for code in make.tree.indicators]), np.nan, question.nominal().steps["normalised"].values)
    )})  # fmt: skip

    got = leave_one_out(nominal, make.tree, None)

    assert got.undefined == (("pillar", "people"),)
    assert ("pillar", "place") in got.parts
    assert len(got.ranks) == len(got.parts) == len(got.shift)


def test_indicator_right_under_the_root_is_left_out_once_and_is_no_pillar():
    tree = Tree(
        (
            TreeCriterion("index", None),
            TreeCriterion("alone", "index", is_indicator=True),
            TreeCriterion("people", "index"),
            TreeCriterion("p0", "people", is_indicator=True),
            TreeCriterion("p1", "people", is_indicator=True),
        )
    )
    units, values = ("a", "b", "c"), np.array([[0.0, 8.0, 9.0], [5.0, 9.0, 0.0], [10.0, 0.0, 6.0]])
    nominal = score(Table(units, units, ("",) * 3, tree.indicators, values), tree, None, CompositeRecipe())

    got = leave_one_out(nominal, tree, None)

    assert got.parts == (("indicator", "alone"), ("indicator", "p0"), ("indicator", "p1"), ("pillar", "people"))
    # without the pillar the rest decides, c before b before a; without the rest the means of 0-100: a 94, b 50, c 33
    assert got.ranks[[0, 3]].tolist() == [[1, 2, 3], [3, 2, 1]]
