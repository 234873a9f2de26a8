"""How exactly an interval's end is known, and when there are draws enough."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from scoring.numerics.errors import TooFewDrawsError
from scoring.numerics.robustness.doubling import (
    budget_of,
    default_budget,
    doublings,
    end_errors,
    ended,
    joint_sets,
    more_draws,
    stages,
)
from scoring.numerics.robustness.joint import JointSets, order_bounds
from scoring.numerics.types import RobustnessChoices

CASES = Path(__file__).parents[1] / "cases" / "next"
POSITIONS = json.loads((CASES / "ends_positions.json").read_text())["expected"]


@pytest.fixture(scope="module")
def path():
    with gzip.open(CASES / "ends_doubling_draws.csv.gz", "rt") as file:
        ranks = np.loadtxt(file, delimiter=",", dtype=np.int64, skiprows=1)
    return json.loads((CASES / "ends_doubling.json").read_text()), ranks


@pytest.mark.parametrize("expected", POSITIONS, ids=lambda one: f"{one['draws']}-{one['p']}")
def test_places_that_bound_a_quantile(expected):
    assert order_bounds(expected["draws"], expected["p"]) == (expected["l"], expected["u"])


def test_path_of_doubling(path):
    expected, ranks = path
    for step, draws in zip(expected["path"], doublings(expected["budget"]), strict=True):
        found = end_errors(ranks[:draws])
        assert {"draws": draws, "widest": found.widest, "ends_over": found.open_ends()} == step


@pytest.mark.parametrize(("draws", "name"), [(1000, "at_1000"), (4000, "at_stop")])
def test_error_intervals_of_fifty_units(path, draws, name):
    expected, ranks = path
    found = end_errors(ranks[:draws])

    assert found.low.T.tolist() == expected[name]["low_error"]
    assert found.high.T.tolist() == expected[name]["high_error"]


def test_where_no_place_bounds_an_end_the_scale_does():
    ranks = np.tile([2, 1, 3], (10, 1))

    assert end_errors(ranks).low.tolist() == [[1, 2], [1, 1], [1, 3]]
    assert end_errors(ranks).high.tolist() == [[2, 3], [1, 3], [3, 3]]


def test_draws_that_leave_a_unit_out_do_not_count_for_it():
    ranks = np.tile([[1, 2], [0, 1]], (500, 1))
    alone = end_errors(np.ones((500, 1), dtype=np.int64))

    assert end_errors(ranks).low[0].tolist() == alone.low[0].tolist() == [1, 1]
    assert end_errors(np.zeros((20, 1), dtype=np.int64)).spans.tolist() == [[0, 0]]


def test_budget_is_the_largest_doubling_of_forty_million_ranks():
    assert default_budget(137) == 256_000
    assert default_budget(10_000) == 4_000
    assert default_budget(100_000) == 1_000
    assert default_budget(1) == 512_000


@pytest.mark.parametrize(
    ("choices", "budget", "at"),
    [
        (RobustnessChoices(draws=70), None, [70]),
        (RobustnessChoices(draws="auto", budget=4_500), 4_500, [1_000, 2_000, 4_000]),
        (RobustnessChoices(draws="auto"), 8_000, [1_000, 2_000, 4_000, 8_000]),
        (RobustnessChoices(), None, [0]),
    ],
)
def test_draws_that_a_study_may_stand_at(choices, budget, at):
    assert budget_of(choices, 5_000) == budget
    assert list(stages(choices, 5_000)) == at


def test_draws_are_doubled_until_all_is_known_or_the_budget_is_spent(path):
    expected, ranks = path
    nominal = ranks[0]
    for budget, at in ((expected["budget"], expected["path"]), (2_000, expected["path"][:2])):
        choices, draws, taken = RobustnessChoices(draws="auto", budget=budget), 0, [1_000]
        while more := more_draws(choices, nominal, ranks[: taken[-1]]):
            draws += more
            taken.append(taken[-1] + more)
        last = ranks[: taken[-1]]
        is_known = at[-1]["ends_over"] == 0
        assert taken == [step["draws"] for step in at]
        assert ended(choices, end_errors(last), joint_sets(last, nominal)) == ("converged" if is_known else "budget")


def test_stated_number_is_never_doubled(path):
    _, ranks = path
    choices = RobustnessChoices(draws=1_000)

    assert more_draws(choices, ranks[0], ranks[:1_000]) == 0
    assert ended(choices, end_errors(ranks[:1_000]), TooFewDrawsError("few", draws=1, gamma=0.9)) == "given"


def test_ends_that_are_known_are_not_enough_without_sets_for_all_units():
    ranks = np.tile([[1, 2, 3], [1, 2, 0]], (500, 1))  # half the draws leave a ranked unit without a rank
    choices = RobustnessChoices(draws="auto", budget=2_000)
    errors, joint = end_errors(ranks), joint_sets(ranks, np.array([1, 2, 3]))

    assert errors.open_ends() == 0
    assert not isinstance(joint, JointSets)
    assert more_draws(choices, np.array([1, 2, 3]), ranks) == 1_000
    assert ended(choices, errors, joint) == "budget"


def test_last_rank_is_one_that_a_draw_gives():
    ranks = np.tile([1, 2, 3, 0], (40, 1))  # a fourth unit that no draw ranks

    assert end_errors(ranks).high.tolist() == [[1, 3], [2, 3], [3, 3], [0, 0]]
