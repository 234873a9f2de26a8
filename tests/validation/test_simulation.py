"""The short set against all pairs, on few simulated panels."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from scoring.numerics.ahp.pairwise import joined


def load(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


simulation = load("simulation")
three_answers = load("three_answers")


@pytest.mark.parametrize("panels", [simulation.REAL, simulation.AGREED], ids=["real", "agreed"])
@pytest.mark.parametrize("n", [7, 12])
def test_short_set_errs_at_most_the_limit_times_as_much_as_all_pairs(n, panels):
    found = simulation.simulate(n, panels, repetitions=200, seed=1)

    assert 1.0 < found.planned.group.value <= simulation.LIMIT
    assert found.planned.group.error < 0.05


@pytest.mark.parametrize("n", [7, 12])
def test_planned_half_tells_more_of_an_expert_than_a_random_half(n):
    found = simulation.simulate(n, simulation.REAL, repetitions=200, seed=2)

    apart = found.random.own.value - found.planned.own.value
    assert apart > 2 * (found.random.own.error + found.planned.own.error)


def test_error_that_only_judgements_make_is_the_square_root_of_their_share():
    # experts who agree: the variance is that of a mean of 20 answers a pair, against some 20 · half / pairs
    found = simulation.simulate(12, simulation.AGREED, repetitions=300, seed=3)

    assert found.planned.group.value == pytest.approx(np.sqrt(66 / 30), rel=0.08)


def test_simulation_is_repeatable():
    assert simulation.simulate(7, simulation.REAL, repetitions=20, seed=4) == simulation.simulate(
        7, simulation.REAL, repetitions=20, seed=4
    )


def test_answers_are_reciprocal_and_on_the_scale():
    given = simulation.answers(np.array([[2.0, 0.5, -1.0, -3.0]]), 0.0, np.random.default_rng(1))

    # e^1.5 = 4.48, nearer to 5 by ratio (√20 = 4.47); e^3 = 20.1 and e^2.5 = 12.2 are past the end; e^2 = 7.39
    assert given[0, 0].tolist() == pytest.approx([1, 5, 9, 9])
    assert given[0, :, 3].tolist() == pytest.approx([9, 9, 7, 1])
    assert given * np.swapaxes(given, 1, 2) == pytest.approx(np.ones((1, 4, 4)))


def test_random_half_joins_all_items_and_has_as_many_pairs():
    graphs = simulation.random_graphs(7, 200, np.random.default_rng(5))

    assert joined(graphs).all()
    assert (graphs == np.swapaxes(graphs, 1, 2)).all()
    assert set(np.count_nonzero(graphs, axis=(1, 2)).tolist()) == {2 * simulation.half(7)}


def test_ratio_has_its_standard_error():
    every = np.random.default_rng(6).chisquare(5, 10_000)
    some = 2 * np.random.default_rng(7).chisquare(5, 10_000)
    found = simulation.ratio(some, every)

    # relative variance of a mean square: 2/5 each over 10,000; half of their sum's root for the root of the quotient
    assert found.value == pytest.approx(np.sqrt(2), rel=0.02)
    assert found.error == pytest.approx(np.sqrt(2) / 2 * np.sqrt(2 * 0.4 / 10_000), rel=0.05)


def test_how_far_weights_spread_is_derived_from_published_weights():
    assert simulation.spread_of_weights() == pytest.approx(simulation.WIDE, abs=0.005)


def test_what_panels_are_like_is_derived_from_published_answers(survey_of_141):
    figures = (simulation.NARROW, simulation.APART, simulation.NOISE)

    assert simulation.derived(survey_of_141) == pytest.approx(figures, abs=0.005)


def test_report_stands_behind_the_mark_where_published_results_leave_it():
    found = simulation.simulate(7, simulation.REAL, repetitions=5, seed=1)
    text = simulation.report([found], [found])

    assert text.startswith(load("published").MARK)
    assert text.count("| 7 | 21 | 10 |") == 2


@pytest.mark.parametrize("taken_from", ["five", "finer"])
def test_nobody_without_noise_is_asked_about_three_answers(taken_from):
    quiet = three_answers.simulate(12, taken_from, 0.0, experts=60, seed=1)
    noisy = three_answers.simulate(6, taken_from, 0.7, experts=60, seed=1)

    assert quiet.share == 0
    assert quiet.without_ends > 0.1
    assert 0.5 < noisy.share <= noisy.without_ends
