"""Every refusal has its name, and every odd case a stated answer."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.numerics.ahp.consensus import s_star_unbounded, why_no_s_star
from scoring.numerics.ahp.consistency import consistency, random_index
from scoring.numerics.ahp.incomplete import lambda_optimal, priorities_incomplete
from scoring.numerics.ahp.pairwise import judgements_from_long
from scoring.numerics.ahp.priorities import eigenvector, priorities
from scoring.numerics.ahp.scales import scaled
from scoring.numerics.errors import (
    DisconnectedError,
    MethodError,
    NoJudgementsError,
    NoRandomIndexError,
    NotConvergedError,
    NotPositiveError,
    NotReciprocalError,
    OffScaleError,
)
from scoring.numerics.pipeline import weigh
from scoring.numerics.types import ConsensusMethod, NodeJudgements, PanelJudgements, Tree, TreeCriterion


@pytest.mark.parametrize(
    ("matrix", "error", "entry"),
    [
        ([[1, 2], [1, 1]], NotReciprocalError, ("i0", "i1", 2.0)),
        ([[2, 2], [0.5, 1]], NotReciprocalError, ("i0", "i0", 2.0)),
        ([[1, 3], [np.nan, 1]], NotReciprocalError, ("i1", "i0", np.nan)),
        ([[np.nan, 2], [0.5, 1]], NotReciprocalError, ("i0", "i0", np.nan)),
        ([[1, 0], [np.inf, 1]], NotPositiveError, ("i0", "i1", 0.0)),
        ([[1, 2], [np.inf, 1]], NotPositiveError, ("i1", "i0", np.inf)),
        ([[1, -2], [-0.5, 1]], NotPositiveError, ("i0", "i1", -2.0)),
    ],
)
def test_wrong_matrix_is_refused_with_expert_and_pair(make, matrix, error, entry):
    with pytest.raises(error) as caught:
        make.panel([np.ones((2, 2)), matrix])

    facts = caught.value.facts
    assert (facts["node"], facts["expert"], facts["a"], facts["b"]) == ("goal", "P001", *entry[:2])
    assert facts["got"] == pytest.approx(entry[2], nan_ok=True)


@pytest.mark.parametrize("weight", [-0.5, np.nan, np.inf])
def test_expert_weight_that_is_no_weight_is_refused(make, weight):
    with pytest.raises(NotPositiveError) as caught:
        make.panel(np.ones((2, 2, 2)), weights=[1, weight])

    assert caught.value.facts["expert"] == "P001"


@pytest.mark.parametrize(
    "change",
    [
        {"experts": ("P0", "P0")},
        {"groups": ("",)},
        {"expert_weights": np.ones(3)},
        {"nodes": ()},
        {"nodes": (NodeJudgements("goal", ("i1", "i0"), np.ones((2, 2, 2))),)},
        {"nodes": (NodeJudgements("goal", ("i0", "i1"), np.ones((2, 3, 3))),)},
    ],
)
def test_labels_that_do_not_fit_are_refused(make, change):
    with pytest.raises(MethodError):
        replace(make.panel(np.ones((2, 2, 2))), **change)


@pytest.mark.parametrize("row", [(0, 0, 1, 1), (0, 0, 0, 2), (1, 0, 0, 1), (0, 1, 0, 1), (0, 0, -1, 1)])
def test_row_that_is_no_comparison_is_refused(row):
    tree = Tree(
        (
            TreeCriterion("g", None),
            TreeCriterion("a", "g", is_indicator=True),
            TreeCriterion("b", "g", is_indicator=True),
        )
    )
    expert, node, a, b = np.array([[0, 0, 0, 1], row]).T

    with pytest.raises(MethodError) as caught:
        judgements_from_long(tree, experts=["P1"], expert=expert, node=node, a=a, b=b, value=np.array([2.0, 2.0]))

    assert caught.value.facts == {"row": 1, "got": row}


@pytest.mark.parametrize("value", [0.0, -3.0, np.inf])
def test_judgement_that_is_no_ratio_is_refused(value):
    tree = Tree(
        (
            TreeCriterion("g", None),
            TreeCriterion("a", "g", is_indicator=True),
            TreeCriterion("b", "g", is_indicator=True),
        )
    )
    zero = np.array([0])

    with pytest.raises(NotPositiveError):
        judgements_from_long(tree, experts=["P1"], expert=zero, node=zero, a=zero, b=zero + 1, value=np.array([value]))


def test_disconnected_group_names_the_parts(make):
    apart = make.matrix(4, {(0, 1): 2.0, (2, 3): 3.0})

    with pytest.raises(DisconnectedError) as caught:
        weigh(make.panel([apart, apart]), ConsensusMethod())

    assert caught.value.facts["parts"] == (("i0", "i1"), ("i2", "i3"))


def test_aij_joins_what_single_experts_leave_apart(make):
    one, two = make.matrix(3, {(0, 1): 2.0}), make.matrix(3, {(1, 2): 3.0})

    node = weigh(make.panel([one, two]), ConsensusMethod()).nodes[0]

    assert node.weights == pytest.approx(np.array([6, 3, 1]) / 10)
    assert np.isnan(node.individual).all()
    assert node.s_star is None


def test_aip_refuses_the_expert_whose_answers_leave_items_apart(make):
    one, two = make.noisy(1, 1, 3)[0], make.matrix(3, {(1, 2): 3.0})

    with pytest.raises(DisconnectedError) as caught:
        weigh(make.panel([one, two]), ConsensusMethod(group="aip-geometric"))

    assert caught.value.facts["expert"] == "P001"


def test_table_without_a_value_is_refused_or_extended():
    with pytest.raises(NoRandomIndexError):
        random_index(16, "alonso-lamata")
    with pytest.raises(NoRandomIndexError):
        random_index(22, "donegan-dodd")

    assert random_index(16, "alonso-lamata", beyond="linear") == pytest.approx((1.7699 * 16 - 4.3513) / 15)


@pytest.mark.parametrize(
    ("parameter", "got"),
    [
        ("scale", "cubic"),
        ("priorities", "mean"),
        ("incomplete", "guess"),
        ("group", "vote"),
        ("random_index", "mine"),
        ("beyond_table", "guess"),
        ("incomplete_index", "guess"),
        ("cr_max", -0.1),
        ("cr_max", np.nan),
        ("draws", -1),
        ("seed", -1),
        ("seed", 2**64),
    ],
)
def test_unknown_method_is_refused_with_the_allowed_ones(parameter, got):
    with pytest.raises(MethodError) as caught:
        ConsensusMethod(**{parameter: got})

    assert (caught.value.facts["parameter"], caught.value.facts["got"]) == (parameter, got)
    assert caught.value.facts["allowed"]


@pytest.mark.parametrize(
    "call",
    [
        lambda matrix: scaled(matrix, "cubic", 3),
        lambda matrix: priorities(matrix, "mean"),
        lambda matrix: priorities_incomplete(matrix, "guess"),
        lambda _: random_index(3, "mine"),
    ],
)
def test_unknown_name_is_refused_where_it_is_asked(call):
    with pytest.raises(MethodError):
        call(np.ones((3, 3)))


def test_off_scale_judgement_is_refused():
    with pytest.raises(OffScaleError):
        scaled(np.array([10.0]), "balanced", 3)


def test_imprimitive_matrix_does_not_converge():
    with pytest.raises(NotConvergedError):
        eigenvector(np.array([[0.0, 4.0], [1.0, 0.0]]))


def test_matrix_whose_powers_go_round_for_ever_is_named_among_those_that_arrive():
    """Its third power is 2·I and its squares never are, so that no squaring brings it to rest."""
    round_and_round = np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])

    with pytest.raises(NotConvergedError) as caught:
        eigenvector(np.array([np.ones((3, 3)), round_and_round, np.ones((3, 3))]))

    assert caught.value.facts == {"matrices": [1]}


def test_completion_that_still_moves_is_refused(make, monkeypatch):
    """Three steps are too few here; the two that have arrived, a complete matrix and a chain, are not named."""
    monkeypatch.setattr("scoring.numerics.ahp.incomplete.MOST_STEPS", 3)
    moving = make.matrix(4, {(0, 1): 9.0, (1, 2): 9.0, (2, 3): 9.0, (0, 2): 1 / 9, (1, 3): 9.0})
    chain = make.matrix(4, {(0, 1): 2.0, (1, 2): 3.0, (2, 3): 4.0})

    with pytest.raises(NotConvergedError) as caught:
        lambda_optimal(np.array([np.ones((4, 4)), moving, chain]))

    assert caught.value.facts == {"matrices": [1]}


def test_nobody_at_a_node_is_refused(make):
    with pytest.raises(NoJudgementsError) as caught:
        weigh(make.panel([make.matrix(3, {})] * 2), ConsensusMethod())

    assert caught.value.facts["node"] == "goal"


def test_excluding_everybody_is_refused(make):
    circle = make.matrix(3, {(0, 1): 9.0, (1, 2): 9.0, (0, 2): 1 / 9})

    with pytest.raises(NoJudgementsError):
        weigh(make.panel([circle]), ConsensusMethod(cr_max=0.1))


def test_exclusion_names_whom_and_shows_both_results(make):
    circle = make.matrix(3, {(0, 1): 9.0, (1, 2): 9.0, (0, 2): 1 / 9})
    fine = make.matrix(3, {(0, 1): 2.0, (1, 2): 2.0, (0, 2): 4.0})

    result = weigh(make.panel([circle, fine]), ConsensusMethod(cr_max=0.1))

    assert result.excluded == (("goal", "P000"),)
    assert result.nodes[0].weights == pytest.approx(np.array([4, 2, 1]) / 7)
    assert result.without_exclusion["i0"] != pytest.approx(4 / 7)


def test_panel_of_one_has_weights_and_no_agreement(make):
    fine = make.matrix(3, {(0, 1): 2.0, (1, 2): 2.0, (0, 2): 4.0})

    result = weigh(make.panel([fine]), ConsensusMethod())

    assert result.nodes[0].weights == pytest.approx(np.array([4, 2, 1]) / 7)
    assert (result.s_star, result.homogeneity, result.nodes[0].kendall_w) == (None, None, None)


def test_panel_further_apart_than_s_star_can_tell_has_none(make):
    far, near = ([make.matrix(2, {(0, 1): one}), make.matrix(2, {(0, 1): 1 / one})] for one in (50.0, 9.0))

    apart, at_the_ends = weigh(make.panel(far), ConsensusMethod()), weigh(make.panel(near), ConsensusMethod())

    assert s_star_unbounded(apart.nodes[0].individual, 9.0) == pytest.approx(-0.459, abs=5e-4)
    assert (apart.s_star, apart.nodes[0].s_star) == (None, None)
    assert why_no_s_star(apart.s_star, apart.homogeneity) == "too_far_apart"
    assert (at_the_ends.s_star, at_the_ends.nodes[0].s_star) == (0.0, 0.0)
    assert why_no_s_star(at_the_ends.s_star, at_the_ends.homogeneity) == ""


def test_strict_orders_of_many_items_may_be_further_apart_than_s_star_can_tell(make):
    order = {(i, j): 9.0 for i in range(9) for j in range(i + 1, 9)}
    turned = [make.matrix(9, {((i + k) % 9, (j + k) % 9): one for (i, j), one in order.items()}) for k in range(9)]

    node = weigh(make.panel(turned), ConsensusMethod(priorities="geometric")).nodes[0]

    assert s_star_unbounded(node.individual, 9.0) == pytest.approx(-0.0156, abs=2e-3)
    assert (node.s_star, why_no_s_star(node.s_star, node.homogeneity)) == (None, "too_far_apart")


def test_agreement_of_the_tree_is_not_the_mean_of_the_other_nodes(make):
    leaves = [TreeCriterion(code, parent, is_indicator=True) for code, parent in (("b", "g"), ("a1", "a"), ("a2", "a"))]
    tree = Tree((TreeCriterion("g", None), TreeCriterion("a", "g"), *leaves))
    fine, far = make.matrix(2, {(0, 1): 2.0}), [make.matrix(2, {(0, 1): 50.0}), make.matrix(2, {(0, 1): 1 / 50})]
    nodes = (
        NodeJudgements("g", ("a", "b"), np.array([fine, fine])),
        NodeJudgements("a", ("a1", "a2"), np.array(far)),
    )

    result = weigh(PanelJudgements(tree, ("P1", "P2"), np.ones(2), ("", ""), nodes), ConsensusMethod())

    assert [node.s_star for node in result.nodes] == [1.0, None]
    assert (result.s_star, why_no_s_star(result.s_star, result.homogeneity)) == (None, "too_far_apart")


def test_one_item_weighs_one(make):
    node = weigh(make.panel(np.ones((2, 1, 1))), ConsensusMethod()).nodes[0]

    assert node.weights.tolist() == [1.0]
    assert node.cr.tolist() == [0.0, 0.0]


def test_two_items_are_exact_and_consistent(make):
    node = weigh(make.panel([make.matrix(2, {(0, 1): 3.0})]), ConsensusMethod()).nodes[0]

    assert node.weights == pytest.approx([0.75, 0.25], abs=1e-15)
    assert (node.cr[0], node.gci[0]) == (0.0, 0.0)


def test_spanning_tree_has_no_consistency_ratio(make):
    chain = make.matrix(4, {(0, 1): 2.0, (1, 2): 3.0, (2, 3): 4.0})

    measured = consistency(chain[None], table="alonso-lamata")

    assert np.isnan(measured.cr[0])
    assert measured.lambda_max[0] == pytest.approx(4)


def test_undefined_ratio_excludes_nobody(make):
    chain = make.matrix(4, {(0, 1): 2.0, (1, 2): 3.0, (2, 3): 4.0})

    assert weigh(make.panel([chain]), ConsensusMethod(cr_max=0.0)).excluded == ()


def test_skipped_node_has_no_part_in_it(make):
    fine = make.matrix(3, {(0, 1): 2.0, (1, 2): 2.0, (0, 2): 4.0})
    skipped = make.matrix(3, {})

    both = weigh(make.panel([fine, skipped]), ConsensusMethod()).nodes[0]

    assert both.weights == pytest.approx(np.array([4, 2, 1]) / 7)
    assert (both.experts, both.included.tolist()) == (1, [True, False])


def test_weight_zero_has_no_say(make):
    stack = make.noisy(2, 2, 3, spread=1.0)

    alone = weigh(make.panel(stack[:1]), ConsensusMethod()).nodes[0].weights

    assert weigh(make.panel(stack, [5.0, 0.0]), ConsensusMethod()).nodes[0].weights == pytest.approx(alone, abs=1e-12)


def test_scale_applies_to_each_judgement_before_the_group(make):
    one, two = make.matrix(2, {(0, 1): 9.0}), make.matrix(2, {(0, 1): 1.0})

    node = weigh(make.panel([one, two]), ConsensusMethod(scale="balanced")).nodes[0]

    assert node.weights[0] / node.weights[1] == pytest.approx(3.0)  # √(9 · 1), not the balanced value of 3


def test_complete_matrices_take_the_priority_method_beside_incomplete_ones(make):
    whole = make.noisy(8, 1, 4, noise=0.8)[0]
    partial = whole.copy()
    partial[0, 3] = partial[3, 0] = np.nan

    node = weigh(make.panel([whole, partial]), ConsensusMethod(incomplete="harker")).nodes[0]

    assert node.individual[0] == pytest.approx(priorities(whole, "eigenvector"), abs=1e-12)
