"""Drawn weights: what widens them, what changes nothing."""

import numpy as np
import pytest

from scoring.numerics.ahp.group import (
    aggregate_judgements,
    aggregate_priorities_arithmetic,
    aggregate_priorities_geometric,
)
from scoring.numerics.ahp.incomplete import llsm
from scoring.numerics.errors import MethodError
from scoring.numerics.pipeline import weigh
from scoring.numerics.robustness.draws import draw_weights, residual_sigma, weigh_with_spread
from scoring.numerics.robustness.streams import uniforms
from scoring.numerics.types import ConsensusMethod, NodeJudgements, PanelJudgements, Tree, TreeCriterion


def width(panel, **method):
    result = weigh_with_spread(panel, ConsensusMethod(draws=1000, seed=3, **method))
    return np.mean([result.high[code] - result.low[code] for code in panel.tree.indicators])


def test_draw_depends_on_seed_and_number_alone(make):
    panel = make.panel(make.noisy(1, 12, 5, spread=0.3))
    many = draw_weights(panel, ConsensusMethod(draws=700, seed=0)).local

    assert (many[:61] == draw_weights(panel, ConsensusMethod(draws=61, seed=0)).local).all()
    assert (many[:61] != draw_weights(panel, ConsensusMethod(draws=61, seed=1)).local).any()


@pytest.mark.parametrize("method", [{}, {"stratified": True}, {"group": "aip-arithmetic"}, {"combine": True}])
def test_order_of_rows_changes_no_draw(make, method):
    panel = make.panel(make.noisy(5, 9, 4, spread=0.5), weights=range(1, 10), groups=tuple("abacabaab"))
    turned = make.shuffled(panel, np.random.default_rng(2).permutation(9))

    drawn = [draw_weights(one, ConsensusMethod(draws=200, **method)).weights for one in (panel, turned)]

    assert drawn[1] == pytest.approx(drawn[0], abs=1e-11)


def test_streams_are_cut_anywhere():
    whole = uniforms(5, 0, 0, 100, 7)

    assert (np.concatenate([uniforms(5, 0, 0, 33, 7), uniforms(5, 0, 33, 67, 7)]) == whole).all()
    assert (uniforms(5, 1, 0, 100, 7) != whole).any()


def test_doubling_the_panel_narrows_by_root_two(make):
    stack = make.noisy(2, 20, 5, spread=0.6)

    ratio = width(make.panel(stack)) / width(make.panel(np.concatenate([stack, stack])))

    assert ratio == pytest.approx(np.sqrt(2), rel=0.12)


def test_random_half_of_the_panel_is_wider_by_root_two(make):
    stack = make.noisy(2, 60, 5, spread=0.6)
    halves = [np.random.default_rng(seed).permutation(60)[:30] for seed in range(12)]

    ratios = [width(make.panel(stack[half])) / width(make.panel(stack)) for half in halves]

    assert np.mean(ratios) == pytest.approx(np.sqrt(2), rel=0.1)
    assert min(ratios) > 1


def test_split_panel_is_wider_than_one_in_agreement(make):
    assert width(make.panel(make.noisy(3, 20, 5, spread=1.0))) > 3 * width(make.panel(make.noisy(3, 20, 5, noise=0.05)))


def test_each_source_can_be_switched_off(make):
    panel = make.panel(make.noisy(4, 15, 4, spread=0.5))

    assert width(panel, bootstrap=False, noise=False) == 0
    assert 0 < width(panel, bootstrap=False) < width(panel)
    assert 0 < width(panel, noise=False) < width(panel)


@pytest.mark.parametrize("group", ["aij", "aip-geometric", "aip-arithmetic"])
def test_without_sources_the_draw_is_the_consensus(make, group):
    panel = make.panel(make.noisy(6, 6, 4, spread=0.5), weights=[1, 2, 3, 1, 1, 0])

    result = weigh_with_spread(panel, ConsensusMethod(draws=5, group=group, bootstrap=False, noise=False))

    assert result.draws.local[0] == pytest.approx([result.local[code] for code in result.draws.codes], abs=1e-11)


def test_groups_of_methods_agree_about_the_spread(make):
    panel = make.panel(make.noisy(7, 30, 5, spread=0.4))

    assert width(panel, group="aip-geometric", priorities="geometric") == pytest.approx(
        width(panel, priorities="geometric"), rel=0.1
    )


@pytest.mark.parametrize("group", ["aij", "aip-geometric", "aip-arithmetic"])
def test_noise_is_that_of_moving_every_judgement(make, group):
    stack = make.noisy(15, 4, 5, spread=0.4)
    stack[0, 0, 1] = stack[0, 1, 0] = stack[1, 2, 4] = stack[1, 4, 2] = np.nan
    panel = make.panel(stack, weights=[1, 2, 3, 4])
    method = ConsensusMethod(draws=4000, seed=2, group=group, priorities="geometric", bootstrap=False)

    drawn = draw_weights(panel, method).weights

    # the long way: every single judgement moved, every matrix and panel weighed anew
    sigma = residual_sigma(stack, np.ones(4, dtype=bool))
    upper = np.triu(np.random.default_rng(1).normal(size=(4000, *stack.shape)), 1) * sigma[:, None, None]
    moved = np.exp(np.log(stack) + upper - np.swapaxes(upper, 2, 3))
    shares = np.broadcast_to(panel.expert_weights, (4000, 4))
    if group == "aij":
        expected = llsm(np.array([aggregate_judgements(one, panel.expert_weights) for one in moved]))
    elif group == "aip-geometric":
        expected = aggregate_priorities_geometric(llsm(moved), shares)
    else:
        expected = aggregate_priorities_arithmetic(llsm(moved), shares)
    assert drawn.mean(axis=0) == pytest.approx(expected.mean(axis=0), rel=0.01)
    assert np.log(drawn).std(axis=0) == pytest.approx(np.log(expected).std(axis=0), rel=0.06)


def test_bootstrap_has_the_variance_of_a_mean(make):
    panel = make.panel(make.noisy(16, 25, 4, spread=0.5))
    method = ConsensusMethod(draws=4000, seed=2, priorities="geometric", noise=False)

    logs = np.log(draw_weights(panel, method).weights)

    own = np.log(panel.nodes[0].matrices).mean(axis=2)
    centred = logs - logs.mean(axis=1, keepdims=True)
    assert centred.std(axis=0) == pytest.approx(own.std(axis=0) / 5, rel=0.05)


def test_percentiles_are_those_of_the_draws(make):
    panel = make.panel(make.noisy(17, 8, 3, spread=0.5))

    result = weigh_with_spread(panel, ConsensusMethod(draws=101, seed=1))

    ordered = np.sort(result.draws.weights[:, 0])  # type 7: with 101 draws exactly the 6th and the 96th
    assert (result.low["i0"], result.high["i0"]) == pytest.approx((ordered[5], ordered[95]), abs=1e-12)


def test_panel_of_one_has_judgement_noise_alone(make):
    panel = make.panel(make.noisy(8, 1, 4))

    assert 0 < width(panel) == width(panel, bootstrap=False)


def test_stratified_draws_keep_each_groups_size(make):
    calm, wild = make.noisy(9, 10, 4, noise=0.05), make.noisy(10, 10, 4, noise=0.05)
    panel = make.panel(np.concatenate([calm, wild]), groups=("a",) * 10 + ("b",) * 10)

    assert width(panel, stratified=True) < 0.5 * width(panel)


def test_combining_methods_draws_all_of_them(make):
    panel = make.panel(make.noisy(11, 4, 5, noise=0.9))

    drawn = draw_weights(panel, ConsensusMethod(draws=200, combine=True, bootstrap=False, noise=False)).local

    assert len(np.unique(drawn.round(9), axis=0)) == 3  # AIJ and AIP agree under geometric priorities


def test_incomplete_and_skipped_answers_are_drawn_too(make):
    stack = make.noisy(12, 6, 4, spread=0.3)
    stack[0, 0, 1] = stack[0, 1, 0] = np.nan
    stack[1] = make.matrix(4, {})
    stack[2] = make.matrix(4, {(0, 1): 2.0})

    drawn = draw_weights(make.panel(stack), ConsensusMethod(draws=300, seed=1)).weights

    assert drawn.sum(axis=1) == pytest.approx(np.ones(300))
    assert np.isfinite(drawn).all()


def test_reversing_one_experts_answers_changes_the_draws(make):
    stack = make.noisy(13, 8, 4, spread=0.3)
    turned = stack.copy()
    turned[3] = 1 / turned[3]
    method = ConsensusMethod(draws=50, seed=1)

    assert (draw_weights(make.panel(stack), method).local != draw_weights(make.panel(turned), method).local).any()


def test_sigma_is_at_least_half_the_finest_step(make):
    consistent = make.matrix(3, {(0, 1): 2.0, (1, 2): 2.0, (0, 2): 4.0})[None]

    assert residual_sigma(consistent, np.array([True])) == pytest.approx([0.5 * np.log(9 / 8)])


def test_sigma_without_spare_answers_is_the_panels(make):
    stack = np.concatenate([make.noisy(14, 2, 4, noise=0.5), make.matrix(4, {(0, 1): 2, (1, 2): 3, (2, 3): 1})[None]])

    sigma = residual_sigma(stack, np.array([True, True, True]))

    assert sigma[2] ** 2 == pytest.approx((sigma[:2] ** 2).mean())


def test_stretch_of_draws_is_that_stretch_of_all(make):
    panel, method = make.panel(make.noisy(1, 12, 5, spread=0.3)), ConsensusMethod(draws=700, seed=4, combine=True)

    part = draw_weights(panel, method, first=130, count=300)

    assert np.array_equal(part.local, draw_weights(panel, method).local[130:430])
    assert part.first == 130


def test_no_draws_are_refused(make):
    with pytest.raises(MethodError):
        draw_weights(make.panel(make.noisy(1, 2, 3)), ConsensusMethod(draws=0))


def test_no_draws_are_the_consensus_without_ends(make):
    panel = make.panel(make.noisy(1, 5, 4))

    found = weigh_with_spread(panel, ConsensusMethod(draws=0))

    assert (found.low, found.high) == ({}, {})
    assert found.global_ == weigh(panel, ConsensusMethod()).global_


@pytest.mark.parametrize("method", [{}, {"combine": True}])
def test_only_child_weighs_one_in_every_draw(make, method):
    tree = Tree(
        (
            TreeCriterion("goal", None),
            TreeCriterion("a", "goal"),
            TreeCriterion("b", "goal", is_indicator=True),
            TreeCriterion("a0", "a", is_indicator=True),
        )
    )
    nodes = (NodeJudgements("goal", ("a", "b"), make.noisy(1, 6, 2)), NodeJudgements("a", ("a0",), np.ones((6, 1, 1))))
    panel = PanelJudgements(tree, tuple("abcdef"), np.ones(6), ("",) * 6, nodes)

    drawn = draw_weights(panel, ConsensusMethod(draws=50, **method))

    local = dict(zip(drawn.codes, drawn.local.T, strict=True))
    assert (local["a0"] == 1).all()
    assert local["a"].std() > 0
    assert drawn.weights[:, drawn.indicators.index("a0")] == pytest.approx(local["a"])
