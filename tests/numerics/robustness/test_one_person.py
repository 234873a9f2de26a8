"""What one panelist could move: the ranks are those that the weights then give, and nobody is named."""

from dataclasses import fields, replace

import numpy as np
import pytest

from scoring.numerics.pipeline import score, weigh
from scoring.numerics.robustness.one_person import OnePerson, one_person
from scoring.numerics.robustness.study import study
from scoring.numerics.types import ConsensusMethod, Screen


@pytest.fixture
def asked(make):
    question = make.question(draws=0, table=make.table(40))
    return replace(question, weights=weigh(question.panel, question.method).local)


def test_ranks_are_those_under_the_weights_then(asked):
    nominal = asked.nominal()
    found = one_person(asked.panel, replace(asked.method, priorities="geometric"), nominal, asked.tree, asked.weights)

    assert [one.node for one in found] == list(asked.tree.nodes)
    top = found[0]  # two items: what one gains the other loses
    other = next(code for code in asked.tree.children["index"] if code != top.item)
    weights = {**asked.weights, top.item: top.weight_then, other: 1 - top.weight_then}
    then = score(asked.table, asked.tree, weights, asked.recipe)
    places = np.abs(then.ranks - nominal.ranks)
    row = nominal.units.index(top.moved.unit)
    assert top.reach == "exact"
    assert top.weight == asked.weights[top.item]
    assert top.moved.many == np.count_nonzero(places)
    assert (top.moved.rank, top.moved.rank_then) == (nominal.ranks[row], then.ranks[row])
    assert abs(top.moved.rank - top.moved.rank_then) == places.max()


def test_what_the_screen_dropped_stays_dropped(asked):
    values = asked.table.values.copy()
    values[1:, 0] = np.nan
    thin = replace(
        asked,
        table=asked.table.with_values(values),
        recipe=replace(asked.recipe, screen=Screen(indicator_availability=0.5)),
    )
    nominal = thin.nominal()
    dropped = set(asked.tree.indicators) - set(nominal.indicators)
    found = one_person(thin.panel, thin.method, nominal, thin.tree, thin.weights)

    assert dropped
    assert [one.node for one in found] == list(asked.tree.nodes)


def test_no_part_of_the_answer_says_who(asked):
    found = one_person(asked.panel, asked.method, asked.nominal(), asked.tree, asked.weights)

    assert {one.name for one in fields(OnePerson)} == {
        *("node", "experts", "item", "weight", "weight_then", "reach", "moved"),
    }
    assert not any(code in repr(found) for code in asked.panel.experts)


def test_limit_of_consistency_leaves_it_untold(asked):
    method = ConsensusMethod(cr_max=0.5)

    assert one_person(asked.panel, method, asked.nominal(), asked.tree, asked.weights) == ()


def test_study_tells_it_without_draws_and_not_without_a_panel(asked):
    assert study(asked).one_person
    assert study(replace(asked, panel=None)).one_person == ()
