"""Nobody stands alone: what is told of a panel person by person."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.numerics.ahp.disclosure import SMALLEST_GROUP, disclosed, nodes_answered, recoded
from scoring.numerics.types import NodeJudgements, PanelJudgements, Tree, TreeCriterion

CRITERIA = (("root", None), ("a", "root"), ("b", "root"), *((f"{n}{i}", n) for n in "ab" for i in (1, 2)))
TREE = Tree(tuple(TreeCriterion(code, parent, is_indicator=code[-1].isdigit()) for code, parent in CRITERIA))


def panel_of(people):
    """Return a panel of people as (group, weight, nodes answered); each answers by her place."""
    nodes = []
    for node in TREE.nodes:
        matrices = np.full((len(people), 2, 2), np.nan)
        matrices[:, [0, 1], [0, 1]] = 1.0
        for k, (_group, _weight, answered) in enumerate(people):
            if node in answered:
                matrices[k, 0, 1], matrices[k, 1, 0] = 1 + k / 10, 1 / (1 + k / 10)
        nodes.append(NodeJudgements(node, TREE.children[node], matrices))
    return PanelJudgements(
        tree=TREE,
        experts=tuple(f"P{k}" for k in range(len(people))),
        expert_weights=np.array([weight for _group, weight, _answered in people], dtype=float),
        groups=tuple(group for group, _weight, _answered in people),
        nodes=tuple(nodes),
        languages=("ar", "fr")[:1] * len(people),
    )


def told_of(panel):
    """Return the panel as its published rows tell it: those who stand apart under a code per node."""
    told = disclosed(panel)
    whole = {(expert, ""): expert for expert in told.panel.experts}
    return told, recoded(told.panel, whole | {(expert, node): f"{expert} {node}" for expert, node in told.apart})


def shares(panel):
    """Count who shares group, weight and nodes answered."""
    rows = nodes_answered(panel)
    return Counter(
        (group, weight, row.tobytes())
        for group, weight, row in zip(panel.groups, panel.expert_weights.tolist(), rows, strict=True)
    )


ALL = frozenset(TREE.nodes)
PERSON = st.tuples(
    st.sampled_from(["", "N", "S", "W"]),
    st.sampled_from([0.5, 1.0, 1.0, 2.0]),
    st.sampled_from([ALL, ALL, ALL, ALL - {"a"}, ALL - {"b"}, frozenset({"root"})]),
)
PEOPLE = st.lists(PERSON, min_size=1, max_size=40)
CROWDS = st.lists(st.tuples(PERSON, st.integers(1, 9)), min_size=1, max_size=7).map(
    lambda crowds: [person for person, many in crowds for _ in range(many)]
)


@settings(deadline=None, max_examples=300)
@given(PEOPLE)
def test_nobody_stands_alone_in_any_panel(people):
    panel = panel_of(people)
    told, rows = told_of(panel)
    at_node = nodes_answered(panel).sum(axis=0)
    assert told.by_person == (len(people) >= SMALLEST_GROUP and not ((at_node > 0) & (at_node < 5)).any())
    if told.by_person:
        assert min(shares(rows).values()) >= SMALLEST_GROUP
    sizes = Counter(told.panel.groups)
    assert len(people) < SMALLEST_GROUP or min(sizes.values()) >= SMALLEST_GROUP
    assert set(sizes) <= {*panel.groups, ""}
    assert not any(told.panel.languages)
    assert np.isclose(told.panel.expert_weights.sum(), panel.expert_weights.sum())
    assert [float(f"{weight:.12g}") for weight in told.panel.expert_weights] == told.panel.expert_weights.tolist()
    for judged, before in zip(rows.nodes, panel.nodes, strict=True):  # no answer is lost, and none is told twice
        assert sorted(judged.matrices[:, 0, 1][~np.isnan(judged.matrices[:, 0, 1])]) == sorted(
            before.matrices[:, 0, 1][~np.isnan(before.matrices[:, 0, 1])]
        )


@settings(deadline=None, max_examples=500)
@given(CROWDS)
def test_groups_and_those_without_one_are_five_at_every_node(people):
    """The ranking without a group is what the others say, and with the whole what the group says, node by node."""
    told, rows = told_of(panel_of(people))
    if told.by_person:  # else no group is told of
        assert min(shares(rows).values()) >= SMALLEST_GROUP
        for answered in nodes_answered(told.panel).T:
            sizes = Counter(group for group, here in zip(told.panel.groups, answered.tolist(), strict=True) if here)
            assert not sizes or min(sizes.values()) >= SMALLEST_GROUP


@settings(deadline=None, max_examples=100)
@given(PEOPLE, st.randoms())
def test_order_and_codes_tell_nothing_of_the_rows_they_came_in(people, random):
    panel = panel_of(people)
    shuffled = list(range(len(people)))
    random.shuffle(shuffled)
    other = replace(
        panel,
        experts=tuple(f"Q{k}" for k in range(len(people))),
        expert_weights=panel.expert_weights[shuffled],
        groups=tuple(panel.groups[k] for k in shuffled),
        nodes=tuple(replace(judged, matrices=judged.matrices[shuffled]) for judged in panel.nodes),
    )
    one, two = disclosed(panel), disclosed(other)
    assert one.panel.groups == two.panel.groups
    assert one.panel.expert_weights.tolist() == pytest.approx(two.panel.expert_weights.tolist())
    for a, b in zip(one.panel.nodes, two.panel.nodes, strict=True):
        np.testing.assert_array_equal(a.matrices, b.matrices)


def test_panel_that_is_alike_is_told_as_it_is():
    panel = panel_of([(group, 1.0, ALL) for group in "NS" for _ in range(5)])
    told, rows = told_of(panel)
    assert (told.apart, told.by_person) == ((), True)
    assert Counter(rows.groups) == {"N": 5, "S": 5}


def test_remainder_of_small_groups_is_no_group_of_one():
    sizes = {"A": 12, "B": 10, "C": 5, "D": 1}
    told = disclosed(panel_of([(group, 1.0, ALL) for group, size in sizes.items() for _ in range(size)]))
    assert Counter(told.panel.groups) == {"A": 12, "B": 10, "": 6}


def test_group_is_left_out_before_weights_are_changed():
    told = disclosed(panel_of([("N", 1.0, ALL)] * 6 + [("N", 2.0, ALL)] * 3 + [("S", 2.0, ALL)] * 7))
    assert Counter(told.panel.groups) == {"": 9, "S": 7}  # three without a group would be too few
    assert sorted(told.panel.expert_weights.tolist()) == pytest.approx([4 / 3] * 9 + [2.0] * 7)


def test_weights_that_few_share_are_put_in_classes_with_their_mean():
    told = disclosed(panel_of([("", weight, ALL) for weight in (1, 1, 1, 1, 1, 2, 2, 3, 4, 4)]))
    assert sorted(told.panel.expert_weights) == [1.0] * 5 + [3.0] * 5


def test_who_is_told_by_her_nodes_stands_apart_with_five_others_at_each():
    told, rows = told_of(panel_of([("N", 1.0, ALL)] * 12 + [("S", 3.0, ALL - {"b"})]))
    assert len({expert for expert, _node in told.apart}) == 6
    assert min(shares(rows).values()) >= SMALLEST_GROUP
    assert len(rows.experts) == 7 + 5 * 3 + 2


def test_node_that_four_people_answered_is_told_of_nobody():
    told = disclosed(panel_of([("N", 1.0, ALL)] * 4 + [("N", 1.0, ALL - {"b"})] * 9))
    assert (told.by_person, told.apart) == (False, ())


def test_codes_replace_labels_in_their_place():
    panel = panel_of([("N", 1.0, ALL)] * 5)
    codes = {(expert, ""): expert[::-1] for expert in panel.experts}
    assert recoded(panel, codes).experts == ("0P", "1P", "2P", "3P", "4P")
