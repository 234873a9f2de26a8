"""Contradictions that the list of answers did not make."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from scoring.numerics.ahp.contradictions import LEVELS, answer_list_of, contradictions, holds_a_ring, log_bounds
from scoring.numerics.errors import OffScaleError

CASES = Path(__file__).parents[1] / "cases" / "next"
LISTS = {"five": "triples_five", "finer": "triples_nine"}


def three(ij, jk, ik):
    return np.array([[1, ij, ik], [1 / ij, 1, jk], [1 / ik, 1 / jk, 1]])


@pytest.mark.parametrize("taken_from", LISTS)
def test_known_triples(taken_from):
    triples = json.loads((CASES / f"{LISTS[taken_from]}.json").read_text())["triples"]

    assert triples
    for expected in triples:
        matrix = three(expected["a_ij"], expected["a_jk"], expected["a_ik"])
        found = contradictions(matrix, taken_from)
        assert bool(found) == holds_a_ring(matrix, taken_from) == expected["contradiction"]
        if found:
            assert found[0].gap == pytest.approx(expected["gap"], abs=1e-9)
            assert found[0].size == pytest.approx(expected["size"], abs=1e-9)
            assert (found[0].circular, found[0].is_worth_showing) == (expected["circular"], expected["shown"])


@pytest.mark.parametrize(("taken_from", "name"), [("five", "five"), ("finer", "nine")])
def test_every_triple_that_can_be_given_is_counted(taken_from, name):
    expected = json.loads((CASES / "triples_counts.json").read_text())[name]
    found = [contradictions(three(*answers), taken_from) for answers in itertools.product(LEVELS[taken_from], repeat=3)]
    those = [one[0] for one in found if one]

    assert len(found) == expected["all"]
    assert len(those) == expected["contradiction"]
    assert sum(one.circular for one in those) == expected["circular"]
    assert sum(one.is_worth_showing for one in those) == expected["shown"]


@pytest.mark.parametrize("taken_from", LISTS)
@pytest.mark.parametrize("items", [3, 6, 12])
def test_who_takes_the_nearest_answer_never_contradicts_herself(taken_from, items):
    generator = np.random.default_rng(items)
    levels = np.log(LEVELS[taken_from])
    for spread in (0.3, 1.0, 2.0):
        own = generator.normal(0, spread, items)
        upper = np.triu_indices(items, 1)
        matrix = np.ones((items, items))
        nearest = levels[np.abs((own[:, None] - own)[upper][:, None] - levels).argmin(axis=1)]
        matrix[upper] = np.exp(nearest)
        matrix.T[upper] = np.exp(-nearest)
        assert contradictions(matrix, taken_from) == ()
        assert not holds_a_ring(matrix, taken_from)


def test_each_answer_stands_for_what_its_own_list_makes_it():
    """5 is the most that five answers can say, and one of many of the finer ones."""
    matrix, lists = three(5, 5, 5), np.full((3, 3), "finer")
    assert [one.is_worth_showing for one in contradictions(matrix, lists.tolist())] == [True]

    lists[0, 2] = lists[2, 0] = "five"  # more than 5 may have been meant
    assert contradictions(matrix, lists.tolist()) == contradictions(matrix, "five") == contradictions(matrix) == ()


def test_answer_that_no_list_offers_stands_for_itself():
    assert contradictions(three(2.5, 2, 5), "finer") == ()
    assert contradictions(three(2.5, 2.5, 1 / 2.5))[0].circular


def test_a_ring_of_four_is_found_where_no_three_contradict():
    matrix = np.full((4, 4), np.nan)
    np.fill_diagonal(matrix, 1.0)
    for a, b in ((0, 1), (1, 2), (2, 3), (3, 0)):
        matrix[a, b], matrix[b, a] = 3.0, 1 / 3

    assert contradictions(matrix, "five") == ()
    assert holds_a_ring(matrix, "five")


def test_the_largest_gap_comes_first():
    matrix = np.ones((4, 4))
    for a, b, answer in ((0, 1, 9), (1, 2, 9), (0, 2, 1 / 9), (0, 3, 9), (1, 3, 3), (2, 3, 1)):
        matrix[a, b], matrix[b, a] = answer, 1 / answer
    found = contradictions(matrix)
    gaps = [one.gap for one in found if one.is_worth_showing]

    assert (found[0].i, found[0].j, found[0].k, found[0].circular) == (0, 1, 2, True)
    assert gaps == sorted(gaps, reverse=True)


@pytest.mark.parametrize(("answers", "expected"), [((1, 3, 1 / 5), "five"), ((1, 2), "finer"), ((), "five")])
def test_list_is_told_from_the_answers_where_it_was_not_stored(answers, expected):
    assert answer_list_of(answers) == expected


def test_answers_at_the_ends_stand_for_all_beyond():
    assert log_bounds(5, "five") == (pytest.approx(np.log(15) / 2), np.inf)
    assert log_bounds(1 / 9, "finer") == (-np.inf, pytest.approx(-np.log(72) / 2))
    with pytest.raises(OffScaleError) as refusal:
        log_bounds(2, "five")
    assert refusal.value.facts["got"] == 2
