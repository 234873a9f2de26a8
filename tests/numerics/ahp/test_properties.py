"""What must hold for every panel."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.numerics.ahp.clusters import clusters, silhouette
from scoring.numerics.ahp.consensus import agreement, kendall_w, s_star_unbounded, why_no_s_star
from scoring.numerics.ahp.consistency import consistency
from scoring.numerics.ahp.group import aggregate_judgements
from scoring.numerics.ahp.incomplete import harker, lambda_optimal, llsm
from scoring.numerics.ahp.pairwise import judgements_from_long
from scoring.numerics.ahp.priorities import eigenvector, geometric
from scoring.numerics.ahp.scales import largest
from scoring.numerics.pipeline import weigh
from scoring.numerics.types import ConsensusMethod, Scale, Tree, TreeCriterion

STEPS = [1 / 9, 1 / 7, 1 / 5, 1 / 3, 1 / 2, 1.0, 2.0, 3.0, 5.0, 7.0, 9.0]


@st.composite
def matrices(draw):
    count, n = draw(st.integers(1, 4)), draw(st.integers(2, 6))
    out = np.ones((count, n, n))
    upper = np.triu_indices(n, 1)
    for k in range(count):
        values = draw(st.lists(st.sampled_from(STEPS), min_size=len(upper[0]), max_size=len(upper[0])))
        out[k][upper] = values
        out[k].T[upper] = 1 / np.array(values)
    return out


@given(matrices())
def test_weights_sum_to_one_and_stay_positive(stack):
    for weights in (eigenvector(stack)[0], geometric(stack), llsm(stack)):
        assert weights.sum(axis=-1) == pytest.approx(1)
        assert (weights > 0).all()


@given(matrices(), st.randoms(use_true_random=False))
def test_reordering_items_only_reorders_weights(stack, random):
    order = list(range(stack.shape[-1]))
    random.shuffle(order)
    turned = stack[:, order][:, :, order]

    assert eigenvector(turned)[0] == pytest.approx(eigenvector(stack)[0][:, order], abs=1e-11)
    assert geometric(turned) == pytest.approx(geometric(stack)[:, order], abs=1e-11)


@given(st.lists(st.sampled_from(STEPS), min_size=3, max_size=3))
def test_three_items_have_their_closed_form(make, ratios):
    # λ = 1 + t^⅓ + t^-⅓ and GCI = ln² t / 3 with t = a12 a23 / a13 (Saaty 1980; e_ij = t^±⅓ for every pair)
    matrix = make.matrix(3, dict(zip([(0, 1), (1, 2), (0, 2)], ratios, strict=True)))
    root = (ratios[0] * ratios[1] / ratios[2]) ** (1 / 3)

    measured = consistency(matrix[None], table="saaty")

    assert measured.lambda_max[0] == pytest.approx(1 + root + 1 / root, abs=1e-11)
    assert measured.gci[0] == pytest.approx(3 * np.log(root) ** 2, abs=1e-11)
    assert eigenvector(matrix)[0] == pytest.approx(geometric(matrix), abs=1e-12)


@given(matrices())
def test_group_of_reciprocal_matrices_is_reciprocal(stack):
    group = aggregate_judgements(stack, np.arange(1.0, len(stack) + 1))

    assert group * group.T == pytest.approx(np.ones(group.shape), abs=1e-12)


@given(matrices())
def test_reversing_every_answer_reverses_geometric_weights(stack):
    turned = geometric(1 / stack)

    assert turned * geometric(stack) / (turned * geometric(stack)).sum(axis=1, keepdims=True) == pytest.approx(
        np.full(turned.shape, 1 / turned.shape[1]), abs=1e-9
    )


@given(stack=matrices())
@settings(max_examples=40)
def test_aij_equals_geometric_aip_under_geometric_priorities(make, stack):
    panel = make.panel(stack)
    aij = weigh(panel, ConsensusMethod(priorities="geometric", group="aij")).nodes[0].weights
    aip = weigh(panel, ConsensusMethod(priorities="geometric", group="aip-geometric")).nodes[0].weights

    assert aij == pytest.approx(aip, abs=1e-11)


@given(stack=matrices(), random=st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_order_of_experts_changes_nothing(make, stack, random):
    panel = make.panel(stack, weights=np.arange(1.0, len(stack) + 1))
    order = list(range(len(stack)))
    random.shuffle(order)

    straight, turned = weigh(panel, ConsensusMethod()), weigh(make.shuffled(panel, order), ConsensusMethod())

    assert turned.nodes[0].weights == pytest.approx(straight.nodes[0].weights, abs=1e-12)
    assert turned.nodes[0].individual == pytest.approx(straight.nodes[0].individual[order], abs=1e-12)
    assert turned.s_star == pytest.approx(straight.s_star, abs=1e-12)
    assert [one.experts for one in turned.clusters] == [one.experts for one in straight.clusters]


@given(matrices())
def test_incomplete_methods_on_complete_matrices_are_the_complete_ones(stack):
    assert llsm(stack) == pytest.approx(geometric(stack), abs=1e-11)
    assert harker(stack)[0] == pytest.approx(eigenvector(stack)[0], abs=1e-11)
    assert lambda_optimal(stack)[0] == pytest.approx(eigenvector(stack)[0], abs=1e-11)


def test_lambda_optimal_is_a_minimum(make):
    matrix = make.noisy(3, 1, 5)[0]
    matrix[0, 3] = matrix[3, 0] = matrix[1, 4] = matrix[4, 1] = np.nan
    weights, best = lambda_optimal(matrix)

    for step in (-0.01, 0.01):
        filled = np.where(np.isnan(matrix), weights[:, None] / weights[None, :], matrix)
        filled[0, 3] *= np.exp(step)
        filled[3, 0] = 1 / filled[0, 3]
        assert eigenvector(filled)[1] > best


@st.composite
def far_matrices(draw):
    """Answers far beyond the scale too, as files may hold them."""
    stack = draw(matrices())
    return stack ** draw(st.sampled_from([1.0, 1.5, 3.0]))


@given(stack=far_matrices())
@settings(max_examples=100)
def test_s_star_lies_between_0_and_1_or_says_why_it_does_not(make, stack):
    result = weigh(make.panel(stack), ConsensusMethod())

    for one in (result, result.nodes[0]):
        assert one.s_star is None or 0 <= one.s_star <= 1
        assert (one.s_star is None) == (why_no_s_star(one.s_star, one.homogeneity) != "")
    assert (why_no_s_star(result.s_star, result.homogeneity) == "too_few") == (len(stack) == 1)


@given(
    st.lists(st.lists(st.floats(1e-9, 1), min_size=4, max_size=4), min_size=2, max_size=5),
    st.sampled_from(get_args(Scale)),
)
def test_s_star_of_any_weights_on_any_scale_lies_between_0_and_1_or_is_not_defined(weights, scale):
    individual = np.array(weights) / np.sum(weights, axis=1, keepdims=True)

    s_star, homogeneity = agreement(individual, largest(scale, 4))

    raw = s_star_unbounded(individual, largest(scale, 4))
    assert s_star is None if raw < -1e-12 else s_star == pytest.approx(raw, abs=1e-11)
    assert s_star is None or 0 <= s_star <= 1
    assert homogeneity is not None


@given(st.lists(st.integers(0, 8), min_size=2, max_size=9), st.integers(2, 9))
def test_s_star_is_defined_for_weights_as_uneven_as_the_scale_allows(picks, n):
    rows = np.full((n, n), 1 / (n + 8)) + np.eye(n) * (8 / (n + 8))
    individual = rows[[pick % n for pick in picks]]

    assert 0 <= agreement(individual, 9.0)[0] <= 1


def test_slow_matrices_still_arrive():
    cycle = np.array([[1, 256, 1 / 255], [1 / 256, 1, 254], [255, 1 / 254, 1]])

    weights, lambda_max = eigenvector(cycle)

    assert cycle @ weights == pytest.approx(lambda_max * weights, abs=1e-9)


@pytest.mark.parametrize("n", [5, 9, 15])
def test_harkers_weights_of_a_chain_are_its_products(make, n):
    ratios = [9.0, 1 / 7, 3.0, 1 / 2, 5.0, 1 / 9, 7.0, 2.0, 1 / 3, 4.0, 1 / 5, 6.0, 1 / 8, 3.0][: n - 1]
    products = np.cumprod([1.0, *(1 / ratio for ratio in ratios)])

    weights, lambda_max = harker(make.matrix(n, {(i, i + 1): ratio for i, ratio in enumerate(ratios)}))

    # the slowest matrices there are: neighbouring eigenvalues lie close together
    assert weights == pytest.approx(products / products.sum(), abs=1e-12)
    assert lambda_max == pytest.approx(n, abs=1e-12)


def test_batches_equal_single_matrices(make):
    stack = make.noisy(1, 50, 6)

    together, lambdas = eigenvector(stack)

    for matrix, weights, lambda_max in zip(stack, together, lambdas, strict=True):
        alone, one = eigenvector(matrix)
        assert weights == pytest.approx(alone, abs=1e-12)
        assert lambda_max == pytest.approx(one, abs=1e-11)


def test_last_of_several_rows_counts():
    tree = Tree(
        (
            TreeCriterion("g", None),
            TreeCriterion("a", "g", is_indicator=True),
            TreeCriterion("b", "g", is_indicator=True),
        )
    )

    panel = judgements_from_long(
        tree,
        experts=["P1"],
        expert=np.array([0, 0]),
        node=np.array([0, 0]),
        a=np.array([0, 1]),
        b=np.array([1, 0]),
        value=np.array([3.0, 5.0]),
    )

    assert panel.nodes[0].matrices[0].tolist() == [[1.0, 0.2], [5.0, 1.0]]


def test_kendall_w_is_one_for_equal_rankings_and_corrects_for_ties():
    same = np.array([[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]])
    tied = np.array([[0.4, 0.4, 0.2], [0.45, 0.45, 0.1]])

    assert kendall_w(same) == pytest.approx(1)
    assert kendall_w(tied) == pytest.approx(1)
    # rank sums 3, 3, 6: S = 6, W = 12 · 6 / (4 · 24)
    assert kendall_w(np.array([[0.5, 0.3, 0.2], [0.3, 0.5, 0.2]])) == pytest.approx(0.75)
    assert kendall_w(np.full((3, 4), 0.25)) is None


def test_clusters_find_two_camps_and_what_divides_them():
    camp_a = np.array([[0.6, 0.2, 0.2], [0.58, 0.22, 0.2], [0.61, 0.2, 0.19]])
    camp_b = np.array([[0.1, 0.2, 0.7], [0.12, 0.2, 0.68]])

    found = clusters(np.concatenate([camp_a, camp_b]), ["A1", "A2", "A3", "B1", "B2"], ["x", "y", "z"])

    assert [cluster.experts for cluster in found] == [("A1", "A2", "A3"), ("B1", "B2")]
    assert found[0].divides[0][0] == "x"
    assert found[0].divides[0][1] > 0


def test_clusters_of_one_mind_are_one():
    assert len(clusters(np.full((6, 3), 1 / 3), list("abcdef"), ["x", "y", "z"])) == 1


def test_experts_equally_far_from_each_other_are_one_group():
    """Every merge is at the same height, so that no cut parts them: one group, whose silhouette is 0 by its definition."""
    corners = np.array([[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.25, 0.25, 0.5]])

    found = clusters(corners, ["P1", "P2", "P3"], ["x", "y", "z"])

    assert [cluster.experts for cluster in found] == [("P1", "P2", "P3")]
    assert silhouette(np.ones((3, 3)) - np.eye(3), np.zeros(3, dtype=int)) == 0.0
