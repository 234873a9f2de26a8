"""Importance beside weight: closed forms, published decompositions, and what it must do by its meaning."""

import json
from pathlib import Path

import numpy as np
import pytest

from scoring.numerics.errors import NoImportanceError
from scoring.numerics.pipeline import score as scored_by
from scoring.numerics.robustness.importance import importance, importance_by_node
from scoring.numerics.types import CompositeRecipe, Screen

CASES = Path(__file__).parents[1] / "cases" / "next"


def case(name):
    found = json.loads((CASES / f"{name}.json").read_text())
    return found, np.array(found["children"], dtype=float), np.array(found["score"], dtype=float)


def test_two_correlated_children_in_closed_form():
    expected, children, score = case("importance_two")
    found = importance(children, score)

    assert found.importance == pytest.approx(expected["importance"], abs=1e-12)
    assert found.first_order == pytest.approx(expected["first_order"], abs=1e-12)
    assert found.unexplained == pytest.approx(0, abs=1e-12)


def test_opposed_children_leave_little_to_the_lighter_one():
    expected, children, score = case("importance_two")
    first = children[:, 0]
    alone = (children[:, 1] - 0.6 * first) / 0.8
    second = -0.6 * first + 0.8 * alone
    found = importance(np.column_stack([first, second]), 0.75 * first + 0.25 * second)

    assert found.importance == pytest.approx(expected["same_data_correlation_minus"]["importance"], abs=1e-12)
    assert score == pytest.approx(0.75 * first + 0.25 * children[:, 1])


def test_three_children_a_constant_and_a_twin():
    expected, children, score = case("importance_three")

    assert importance(children, score).importance == pytest.approx(expected["importance"], abs=1e-10)
    for name, extra in (("constant_child", np.full(len(score), 3.0)), ("twin", children[:, 0])):
        found = importance(np.column_stack([children, extra]), score)
        assert found.importance == pytest.approx(expected[name]["importance"], abs=1e-10)


def test_swiss_fertility_as_relaimpo_prints_it():
    expected, children, score = case("importance_swiss")
    found = importance(children, score)

    assert found.importance == pytest.approx(expected["importance"], abs=1e-10)
    assert found.explained == pytest.approx(expected["r_squared"], abs=1e-10)


def test_drawn_orders_come_within_four_standard_errors_of_all_orders(monkeypatch):
    _, children, score = case("importance_swiss")
    exact = importance(children, score)
    monkeypatch.setattr("scoring.numerics.robustness.importance.MOST_EXACT", 0)
    drawn = importance(children, score, seed=3)

    assert (np.abs(drawn.importance - exact.importance) <= 4 * drawn.errors).all()
    assert drawn.explained == pytest.approx(exact.explained, abs=1e-10)
    assert importance(children, score, seed=3).importance.tolist() == drawn.importance.tolist()


def test_many_children_are_drawn_and_add_up():
    generator = np.random.default_rng(4)
    children = generator.normal(size=(80, 20))
    children[:, 19] = children[:, 0]
    found = importance(children, children @ np.linspace(0.5, 1.5, 20))

    assert found.errors is not None
    assert (found.importance >= 0).all()
    assert found.importance.sum() == pytest.approx(1, abs=1e-9)


def test_importance_sums_to_what_is_explained_and_never_falls_below_nought():
    generator = np.random.default_rng(9)
    for size in range(1, 7):
        children = generator.normal(size=(40, size)) @ generator.normal(size=(size, size))
        found = importance(children, children.sum(axis=1) + generator.normal(size=40))
        assert found.importance.sum() == pytest.approx(found.explained, abs=1e-12)
        assert found.importance.min() >= -1e-12


def test_units_that_lack_a_child_do_not_count_and_units_of_measure_do_not_matter():
    _, children, score = case("importance_swiss")
    gaps = np.vstack([children, children[:3]])
    gaps[-3:, 1] = np.nan
    found = importance(gaps * [1, 1000, 1, 0.001, 1], np.concatenate([score, score[:3]]) * 7 + 5)

    assert found.units == len(score)
    assert found.importance == pytest.approx(importance(children, score).importance, abs=1e-10)


@pytest.mark.parametrize(
    ("children", "score", "reason"),
    [
        (np.eye(3), np.arange(3.0), "few_units"),
        (np.zeros((0, 2)), np.zeros(0), "few_units"),
        (np.arange(10.0)[:, None], np.full(10, 4.2), "constant_score"),
    ],
)
def test_what_is_not_defined_is_refused_by_name(children, score, reason):
    with pytest.raises(NoImportanceError) as refusal:
        importance(children, score)
    assert refusal.value.facts["reason"] == reason


def test_every_node_is_told_with_the_weights_of_its_children(make):
    table = make.table(40)
    found = importance_by_node(scored_by(table, make.tree, None, CompositeRecipe()), make.tree)

    assert {one.node: one.children for one in found} == dict(make.tree.children)
    for one in found:
        assert one.weights.sum() == pytest.approx(1)
        assert one.shares.explained == pytest.approx(1)  # arithmetic means of complete data
        assert one.shares.importance.sum() == pytest.approx(one.shares.explained)


def test_node_with_few_units_or_one_score_is_not_defined_by_name(make):
    few = importance_by_node(scored_by(make.table(7), make.tree, None, CompositeRecipe()), make.tree)
    table = make.table(20)
    values = table.values.copy()
    values[:, 4:] = np.nan
    without = scored_by(table.with_values(values), make.tree, None, CompositeRecipe(screen=Screen(0.1, 0.5)))

    assert [getattr(one.shares, "facts", {}).get("reason") for one in few] == [None, "few_units", None]
    assert [one.node for one in importance_by_node(without, make.tree)] == ["index", "people"]
