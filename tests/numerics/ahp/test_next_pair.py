"""Which pair comes next, from wherever a panelist stands, and when she may stop."""

import time
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.numerics.ahp.incomplete import pseudoinverse
from scoring.numerics.ahp.next_pair import (
    next_pair,
    planned_pairs,
    pooled_variance,
    remaining_pairs,
    resistances,
    short_set,
    spare_needed,
    stop_advice,
)
from scoring.numerics.ahp.pairwise import joined, parts


def graph_of(n, pairs):
    graph = np.zeros((n, n), dtype=bool)
    for i, j in pairs:
        graph[i, j] = graph[j, i] = True
    return graph


@st.composite
def graphs(draw, least=2):
    n = draw(st.integers(least, 9))
    pairs = list(combinations(range(n), 2))
    return graph_of(n, draw(st.sets(st.sampled_from(pairs), max_size=len(pairs))))


seeds = st.integers(0, 2**32)


def test_resistance_of_a_chain_is_its_length():
    chain = graph_of(4, [(0, 1), (1, 2), (2, 3)])

    assert resistances(chain)[0] == pytest.approx([0, 1, 2, 3])


@given(graphs(), seeds)
def test_every_open_pair_comes_once_and_no_answered_one(graph, seed):
    n = len(graph)
    open_pairs = [pair for pair in combinations(range(n), 2) if not graph[pair]]

    assert sorted(remaining_pairs(graph, seed)) == open_pairs


@given(graphs(), seeds)
def test_parts_are_joined_with_as_few_pairs_as_there_can_be(graph, seed):
    joining = remaining_pairs(graph, seed)[: len(parts(graph)) - 1]

    assert joined(graph | graph_of(len(graph), joining)).all()


@given(graphs(), seeds)
def test_next_pair_follows_from_the_answers_and_the_seed_alone(graph, seed):
    before = graph.copy()
    ahead = remaining_pairs(graph, seed)

    assert ahead == remaining_pairs(graph, seed)
    for position, pair in enumerate(ahead):
        assert next_pair(graph | graph_of(len(graph), ahead[:position]), seed) == pair
    assert (graph == before).all()


@given(graphs(), seeds)
def test_once_joined_the_least_known_ratio_is_asked(graph, seed):
    pair = next_pair(graph, seed)
    if pair is None or not joined(graph).all():
        return
    gaps = resistances(graph)

    assert gaps[pair] == pytest.approx(gaps[~graph & ~np.eye(len(graph), dtype=bool)].max())


@given(st.integers(2, 15), seeds)
def test_start_is_a_chain_through_all_items(n, seed):
    chain = graph_of(n, planned_pairs(n, n - 1, seed))

    assert joined(chain).all()
    assert sorted(np.count_nonzero(chain, axis=0)) == [1, 1] + [2] * (n - 2)


@given(st.integers(7, 15), seeds)
def test_short_set_compares_every_item_about_equally_often(n, seed):
    degree = np.count_nonzero(graph_of(n, planned_pairs(n, short_set(n), seed)), axis=0)

    assert degree.max() - degree.min() <= 2


@pytest.mark.parametrize(("count", "more"), [(17, 1.24), (30, 1.09)])
def test_a_star_start_would_leave_more_variance(count, more):
    def variance(start, seed):
        pairs = [*start, *remaining_pairs(graph_of(12, start), seed)][:count]
        return np.trace(pseudoinverse(graph_of(12, pairs)))

    star = [variance([(0, j) for j in range(1, 12)], seed) for seed in range(20)]
    ours = [variance([], seed) for seed in range(20)]

    assert np.mean(star) / np.mean(ours) == pytest.approx(more, abs=0.02)


def test_order_varies_over_the_panel():
    orders = [planned_pairs(7, 21, seed) for seed in range(40)]

    assert len(set(orders)) == 40
    assert len({order[0] for order in orders}) > 12


def test_seed_nought_is_a_seed():
    assert planned_pairs(9, 36, 0) == planned_pairs(9, 36, 0) != planned_pairs(9, 36, 1)


def test_all_answered_has_no_next_pair():
    assert next_pair(~np.eye(4, dtype=bool), 1) is None
    assert next_pair(np.zeros((1, 1), dtype=bool), 1) is None
    assert remaining_pairs(~np.eye(4, dtype=bool), 1) == ()


def test_whole_order_of_twelve_items_is_there_at_once():
    def seconds(seed):
        start = time.process_time()
        planned_pairs(12, 66, seed)
        return time.process_time() - start

    assert min(seconds(seed) for seed in range(5)) < 0.05  # of CPU


@pytest.mark.parametrize(("n", "pairs"), [(2, 1), (5, 10), (6, 15), (7, 10), (8, 13), (12, 30), (15, 48)])
def test_short_set_is_offered_from_seven_items_on(n, pairs):
    assert short_set(n) == pairs


@pytest.mark.parametrize("n", range(7, 41))
def test_short_set_has_comparisons_to_spare_for_consistency(n):
    assert spare_needed(n) >= n / 2
    assert short_set(n) >= n - 1 + spare_needed(n)
    assert 0.44 < short_set(n) / (n * (n - 1) / 2) < 0.48


# ln a12 = ln a23 = ln 2 and ln a13 = ln 8 leave ln 2 around the triangle, a third at each pair: Σ ln² e = (ln 2)²/3 over one
# spare comparison. w ∝ 2^(4/3), 1, 2^(-4/3), L⁺ = (I - J/3)/3, and so s_i² = σ²/3 · w_i² (1 - 2 w_i + Σ w²).
TRIANGLE = {(0, 1): 2.0, (1, 2): 2.0, (0, 2): 8.0}


def test_stop_advice_is_what_paper_gives_for_three_items(make):
    advice = stop_advice(make.matrix(3, TRIANGLE))

    assert advice.weights == pytest.approx([0.643360, 0.255317, 0.101323], abs=1e-6)
    assert advice.errors == pytest.approx([0.066915, 0.058360, 0.026555], abs=2e-6)
    assert advice.margin == pytest.approx(0.110075, abs=3e-6)
    assert advice.low == pytest.approx([0.533285, 0.159315, 0.057640], abs=5e-6)
    assert advice.high == pytest.approx([0.753435, 0.351319, 0.145006], abs=5e-6)


@pytest.mark.parametrize(("within", "enough"), [(0.1100, False), (0.1102, True)])
def test_stop_is_advised_where_no_weight_can_move_farther_than_the_moderator_allows(make, within, enough):
    assert stop_advice(make.matrix(3, TRIANGLE), within=within).enough is enough


def test_stop_advice_without_a_spare_answer_has_the_panels_variance(make):
    # two items at 3 : 1: s = w1 w2 σ = 3/16 · 0.2
    matrix = make.matrix(2, {(0, 1): 3.0})
    advice = stop_advice(matrix, panel_variance=0.04)

    assert advice.errors == pytest.approx([0.0375, 0.0375])
    assert advice.margin == pytest.approx(0.0616875)
    assert not advice.enough
    assert stop_advice(matrix, panel_variance=0.004).enough


def test_bounds_stay_within_nought_and_one(make):
    advice = stop_advice(make.matrix(2, {(0, 1): 3.0}), panel_variance=9.0)

    assert advice.low.tolist() == [0.0, 0.0]
    assert advice.high.tolist() == [1.0, 1.0]


def test_nothing_is_advised_where_no_variance_is_known(make):
    advice = stop_advice(make.matrix(3, {(0, 1): 2.0, (1, 2): 2.0}))

    assert advice.margin is None
    assert np.isnan(advice.low).all()
    assert not advice.enough
    assert stop_advice(make.matrix(4, {(0, 1): 2.0})) is None


def test_stop_wants_comparisons_to_spare_from_seven_items_on(make):
    weights = np.array([3.0, 2.0, 1.5, 1.0, 0.8, 0.6, 0.5])
    ratios = {pair: weights[pair[0]] / weights[pair[1]] for pair in planned_pairs(7, 6 + spare_needed(7), seed=1)}
    consistent = make.matrix(7, ratios)
    one_less = make.matrix(7, dict(list(ratios.items())[:-1]))
    chain = make.matrix(7, dict(list(ratios.items())[:6]))

    assert stop_advice(consistent).enough
    assert not stop_advice(one_less).enough
    assert not stop_advice(chain, panel_variance=0.0001).enough


def test_panels_variance_is_pooled_over_spare_comparisons(make):
    triangle = make.matrix(3, TRIANGLE)
    consistent = make.matrix(3, {(0, 1): 2.0, (1, 2): 2.0, (0, 2): 4.0})
    tree = make.matrix(3, {(0, 1): 9.0, (1, 2): 9.0})
    apart = make.matrix(3, {(0, 1): 9.0})

    assert pooled_variance(np.array([triangle])) == pytest.approx(np.log(2) ** 2 / 3)
    assert pooled_variance(np.array([triangle, consistent, tree, apart])) == pytest.approx(np.log(2) ** 2 / 6)
    assert pooled_variance(np.array([tree, apart])) is None
    assert pooled_variance(np.empty((0, 3, 3))) is None


def test_panels_variance_weighs_experts_by_their_spare_comparisons(make):
    # four items: the triangle's one spare comparison beside three of a complete consistent matrix
    one = make.matrix(4, {**TRIANGLE, (2, 3): 1.0})
    three = make.matrix(4, dict.fromkeys(combinations(range(4), 2), 1.0))

    assert pooled_variance(np.array([one, three])) == pytest.approx(np.log(2) ** 2 / 3 / 4)


def test_panels_variance_finds_the_noise_that_was_put_in(make):
    assert pooled_variance(make.noisy(3, 400, 6, noise=0.3, spread=0.5)) == pytest.approx(0.09, rel=0.05)
