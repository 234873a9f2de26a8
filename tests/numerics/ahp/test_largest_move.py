"""The most one person can do on a panel as it is: the closed forms where they hold, and no promise where they do not."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from scoring.numerics.ahp.consensus import node_consensuses
from scoring.numerics.ahp.influence import influence_arithmetic, influence_geometric
from scoring.numerics.ahp.largest_move import largest_move
from scoring.numerics.types import ConsensusMethod, NodeJudgements, PanelJudgements, Tree, TreeCriterion


def panel_of(items, experts, *, seed=0, weights=None):
    children = tuple(f"i{number}" for number in range(items))
    tree = Tree((TreeCriterion("r", None), *(TreeCriterion(code, "r", is_indicator=True) for code in children)))
    upper = np.triu(np.random.default_rng(seed).uniform(-1.5, 1.5, (experts, items, items)), 1)
    judged = NodeJudgements("r", children, np.exp(upper - upper.swapaxes(1, 2)))
    codes = tuple(f"P{number}" for number in range(experts))
    own = np.ones(experts) if weights is None else np.array(weights)
    return PanelJudgements(tree, codes, own, ("",) * experts, (judged,), ())


def moved(panel, method):
    return largest_move(panel.nodes[0], node_consensuses(panel, method)[0], panel.expert_weights, method)


@pytest.mark.parametrize("items", [2, 3, 4, 5])
@pytest.mark.parametrize("group", ["aij", "aip-geometric", "aip-arithmetic"])
def test_geometric_priorities_move_as_far_as_anybody_could(items, group):
    method = ConsensusMethod(group=group, priorities="geometric")
    panel = panel_of(items, 5, seed=items, weights=[1, 2, 1, 0.5, 1])
    logs = np.log(panel.nodes[0].matrices).mean(axis=2)
    own = np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True)
    everybody = (
        influence_arithmetic(own, panel.expert_weights)
        if group == "aip-arithmetic"
        else influence_geometric(logs, panel.expert_weights)
    )

    found = moved(panel, method)

    assert found.is_exact
    assert abs(found.change) == pytest.approx(everybody.most, abs=2e-6)
    assert found.item == everybody.by[1]
    assert found.weights.sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("group", ["aij", "aip-geometric", "aip-arithmetic"])
def test_eigenvector_of_three_items_is_no_other(group):
    panel = panel_of(3, 4)

    geometric, eigenvector = (
        moved(panel, ConsensusMethod(group=group, priorities=name)) for name in ("geometric", "eigenvector")
    )

    assert eigenvector.is_exact
    assert eigenvector.change == pytest.approx(geometric.change, abs=2e-6)


@pytest.mark.parametrize("group", ["aij", "aip-geometric", "aip-arithmetic"])
def test_eigenvector_of_four_items_is_the_furthest_found_and_can_be_reached(group):
    method = ConsensusMethod(group=group, priorities="eigenvector")
    panel = panel_of(4, 3, seed=3)
    now = node_consensuses(panel, method)[0].weights

    found = moved(panel, method)
    reached = [
        node_consensuses(replace(panel, nodes=(replace(panel.nodes[0], matrices=matrices),)), method)[0].weights
        for matrices in others(panel.nodes[0].matrices)
    ]

    assert not found.is_exact
    assert any(np.allclose(weights, found.weights, atol=1e-6) for weights in reached)
    assert abs(found.change) >= 0.9 * max(np.abs(weights - now).max() for weights in reached)


def others(matrices):
    """The panel's matrices with one expert's answers all the strongest, the weakest or equal, in every way."""
    first, second = np.triu_indices(4, 1)
    for expert in range(len(matrices)):
        for answers in product((1 / 9, 1.0, 9.0), repeat=6):
            changed = matrices.copy()
            changed[expert, first, second], changed[expert, second, first] = answers, 1 / np.array(answers)
            yield changed


def test_missing_answers_make_it_the_furthest_found():
    panel = panel_of(3, 4)
    matrices = panel.nodes[0].matrices.copy()
    matrices[1, 0, 2] = matrices[1, 2, 0] = np.nan
    panel = replace(panel, nodes=(replace(panel.nodes[0], matrices=matrices),))

    found = moved(panel, ConsensusMethod(priorities="geometric"))

    assert not found.is_exact
    assert 0 < abs(found.change) < 0.7


def test_who_has_no_weight_or_no_answer_moves_nothing():
    panel = panel_of(3, 3)
    matrices = panel.nodes[0].matrices.copy()
    matrices[2] = np.where(np.eye(3, dtype=bool), 1.0, np.nan)
    counted = replace(panel, nodes=(replace(panel.nodes[0], matrices=matrices),), expert_weights=np.array([1.0, 0, 1]))
    alone = panel_of(3, 1)
    alone = replace(alone, nodes=(replace(alone.nodes[0], matrices=matrices[:1]),))
    method = ConsensusMethod(priorities="geometric")

    assert moved(counted, method).change == pytest.approx(moved(alone, method).change, abs=1e-6)


def test_longer_scale_reaches_further():
    panel = panel_of(3, 5)
    linear, power = (moved(panel, ConsensusMethod(priorities="geometric", scale=name)) for name in ("linear", "power"))

    assert abs(power.change) > abs(linear.change)
