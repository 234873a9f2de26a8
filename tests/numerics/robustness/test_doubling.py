"""How exactly an interval's end is known, and when there are draws enough."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from scoring.numerics.robustness.doubling import default_budget, doublings, end_errors
from scoring.numerics.robustness.joint import order_bounds

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
