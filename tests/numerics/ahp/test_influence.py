"""The most one person can do: closed bounds, a panel worked out by other code, and nobody beyond them."""

import json
from pathlib import Path

import numpy as np
import pytest

from scoring.numerics.ahp.influence import (
    LONGEST,
    influence_arithmetic,
    influence_geometric,
    most_arithmetic,
    most_geometric,
)
from scoring.numerics.errors import MethodError, NotConvergedError

CASES = Path(__file__).parents[1] / "cases" / "next"
PANELS = json.loads((CASES / "influence_panel.json").read_text())["cases"]


def row_means(answers):
    matrices = [[[1, a, b], [1 / a, 1, c], [1 / b, 1 / c, 1]] for a, b, c in answers]
    return np.log(np.array(matrices)).mean(axis=2)


@pytest.mark.parametrize(
    "row",
    json.loads((CASES / "influence_bounds.json").read_text())["rows"],
    ids=lambda row: f"{row['items']}-{row['experts']}",
)
def test_bounds_in_closed_form(row):
    bound = most_geometric(row["share"], row["items"])

    assert bound == pytest.approx(row["geometric_bound"], abs=1e-12)
    assert most_arithmetic(row["share"], row["items"]) == pytest.approx(row["aip_arithmetic_max"], abs=1e-12)
    assert row["geometric_max"] <= bound + 2e-5


@pytest.mark.parametrize("panel", PANELS, ids=range(len(PANELS)))
def test_what_each_of_five_could_do(panel):
    logs, weights = row_means(panel["answers_12_13_23"]), np.array(panel["weights"])
    priorities = np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True)
    geometric, arithmetic = influence_geometric(logs, weights), influence_arithmetic(priorities, weights)

    for expected in panel["experts"]:
        who = expected["expert"] - 1
        assert geometric.raised[who] == pytest.approx(expected["up"], abs=1e-6)
        assert geometric.lowered[who] == pytest.approx(expected["down"], abs=1e-6)
        assert arithmetic.raised[who] == pytest.approx(expected["arithmetic_up"], abs=1e-6)
        assert arithmetic.lowered[who] == pytest.approx(expected["arithmetic_down"], abs=1e-6)
    assert geometric.most == pytest.approx(panel["most"], abs=1e-6)


@pytest.mark.parametrize("items", [2, 3, 4, 6])
def test_nobody_reaches_beyond_and_no_answers_do_better(items):
    generator = np.random.default_rng(items)
    pairs = np.triu_indices(items, 1)
    answers = np.zeros((4, items, items))
    answers[:, pairs[0], pairs[1]] = generator.uniform(-LONGEST, LONGEST, (4, len(pairs[0])))
    logs = (answers - answers.transpose(0, 2, 1)).mean(axis=2)
    weights = np.array([1.0, 2.0, 1.0, 0.5])
    shares = weights / weights.sum()
    found = influence_geometric(logs, weights)
    group = softmax(shares @ logs)
    for who, share in enumerate(shares):
        bound = most_geometric(share, items)
        assert (found.raised[who] <= bound + 1e-9).all()
        assert (found.lowered[who] <= bound + 1e-9).all()
        tried = np.zeros((500, items, items))
        tried[:, pairs[0], pairs[1]] = generator.choice([-LONGEST, 0, LONGEST], (500, len(pairs[0])))
        means = (tried - tried.transpose(0, 2, 1)).mean(axis=2)
        moved = np.array([softmax(shares @ logs - share * logs[who] + share * one) for one in means]) - group
        assert (moved.max(axis=0) <= found.raised[who] + 1e-9).all()
        assert (-moved.min(axis=0) <= found.lowered[who] + 1e-9).all()
    expert, item = found.by
    assert found.most == max(found.raised[expert, item], found.lowered[expert, item])


def softmax(logs):
    return np.exp(logs) / np.exp(logs).sum()


def test_a_weight_of_nought_is_refused():
    with pytest.raises(MethodError):
        influence_geometric(np.zeros((2, 2)), np.array([1.0, 0.0]))


def test_what_is_not_found_is_refused_and_not_guessed(monkeypatch):
    monkeypatch.setattr("scoring.numerics.ahp.influence.STEPS", 1)
    logs = np.array([[2.0, 0.5, -0.5, -2.0], [1.0, -0.2, 0.2, -1.0]])

    with pytest.raises(NotConvergedError):
        influence_geometric(logs, np.array([1.0, 1.0]))
