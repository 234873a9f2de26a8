"""Groups in sequences of releases: nothing that is told, alone or beside what was told before, is of one to four people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.files.disclosing import rows_told
from scoring.numerics.ahp.disclosure import SMALLEST_GROUP, disclosed, nodes_answered, recoded
from scoring.numerics.types import NodeJudgements, PanelJudgements, Tree, TreeCriterion
from scoring.rules import CodeRow, fewest_between, figures_to_tell, languages_to_leave_out, rows_tell_few
from surveys.files.judgements import write_judgements

CRITERIA = (("root", None), ("a", "root"), ("b", "root"), ("a1", "a"), ("a2", "a"))
TREE = Tree(tuple(TreeCriterion(code, parent, is_indicator=code in {"a1", "a2", "b"}) for code, parent in CRITERIA))
NODES = TREE.nodes
FEW = range(1, SMALLEST_GROUP)


@dataclass(frozen=True)
class Person:
    """Somebody with her language and her answer at each node; a node that is not there is not her field."""

    who: int
    language: str
    said: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Told:
    """What was told of a language, and the people whom it was computed of."""

    language: str
    people: tuple[Person, ...]

    def sides(self, node):
        """Who answered a node in the language, and all others: with the whole, either is told by the other."""
        here = {one.who: (one.language, dict(one.said)[node]) for one in self.people if node in dict(one.said)}
        yield {who: said for who, (language, said) in here.items() if language == self.language}
        yield {who: said for who, (language, said) in here.items() if language != self.language}


def panel_of(people):
    nodes = []
    for node in NODES:
        matrices = np.full((len(people), 2, 2), np.nan)
        matrices[:, [0, 1], [0, 1]] = 1.0
        for k, one in enumerate(people):
            if node in (said := dict(one.said)):
                matrices[k, 0, 1], matrices[k, 1, 0] = said[node], 1 / said[node]
        nodes.append(NodeJudgements(node, TREE.children[node], matrices))
    return PanelJudgements(
        tree=TREE,
        experts=tuple(str(one.who) for one in people),
        expert_weights=np.ones(len(people)),
        groups=("",) * len(people),
        nodes=tuple(nodes),
        languages=tuple(one.language for one in people),
    )


def answers_of(people, gone=frozenset()):
    """Return by node, language and person what was said; of those who are gone nobody knows who they are."""
    found = {}
    for one in people:
        for node, value in one.said:
            who = -1 - one.who if one.who in gone else one.who
            found.setdefault(node, {}).setdefault(one.language, {})[who] = value
    return found


ALL = frozenset(NODES)
LANGUAGE = st.sampled_from(["ar", "ar", "fr", "fr", "pt", ""])
FIELDS = st.sampled_from([ALL, ALL, ALL, ALL - {"a"}])
VALUE = st.sampled_from([1 / 3, 1.0, 3.0])


@st.composite
def sequences(draw):
    """Panels one after the other: people join, withdraw, leave a question out, answer anew."""
    seen = 0

    def newcomers(many):
        nonlocal seen
        made = []
        for _ in range(many):
            seen += 1
            said = tuple((node, draw(VALUE)) for node in sorted(draw(FIELDS)))
            made.append(Person(seen, draw(LANGUAGE), said))
        return made

    people = newcomers(draw(st.integers(5, 26)))
    steps, gone = [(tuple(people), frozenset())], set()
    for _ in range(draw(st.integers(1, 4))):
        for kind in draw(st.lists(st.sampled_from(["join", "join", "withdraw", "field", "anew"]), max_size=4)):
            many = draw(st.integers(1, 6))
            if kind == "join":
                people = people + newcomers(many)
                continue
            chosen = set(draw(st.permutations([one.who for one in people]))[:many])
            if kind == "withdraw":
                people, gone = [one for one in people if one.who not in chosen], gone | chosen
            elif kind == "field":
                people = [
                    Person(one.who, one.language, tuple(pair for pair in one.said if pair[0] != "a"))
                    if one.who in chosen
                    else one
                    for one in people
                ]
            else:
                people = [
                    Person(one.who, one.language, tuple((node, 5.0) for node, _value in one.said))
                    if one.who in chosen
                    else one
                    for one in people
                ]
        steps.append((tuple(people), frozenset(gone)))
    return [step for step in steps if step[0]]


def released(steps):
    """Return step by step what the rules let be told; the figures of a group stand for the group itself."""
    found, history = [], []
    for number, (people, gone) in enumerate(steps):
        names = languages_to_leave_out(panel_of(people))
        computed = {name: {"root": float(number), "a": float(number)} for name in names}
        earlier = [(answers_of(before, gone), told) for before, told in history]
        told = figures_to_tell(computed, answers_of(people), earlier)
        history.append((people, told))
        found.append((names, told))
    return found


@settings(deadline=None, max_examples=300)
@given(sequences())
def test_no_group_remainder_or_difference_is_of_one_to_four_people(steps):
    told = set()
    for (people, _gone), (names, figures) in zip(steps, released(steps), strict=True):
        rows = nodes_answered(panel_of(people))
        spoken = np.array([one.language for one in people])
        for node, answered in zip(NODES, rows.T, strict=True):
            sizes = [int(answered[spoken == name].sum()) for name in names]
            assert not {*sizes, int(answered.sum()) - sum(sizes)} & {*FEW} or not names, node
        assert {*figures} <= {*names}
        for language, figure in figures.items():
            told.add(Told(language, steps[int(figure["root"])][0]))  # what is repeated is of the people of then
    for one, other in combinations(sorted(told, key=repr), 2):
        for node in NODES:
            for here, there in product(one.sides(node), other.sides(node)):
                assert people_between(here, there) not in FEW, (node, one.language, other.language)


def people_between(here, there):
    """Count the people who are on one side alone, or said something else there."""
    return sum(here.get(who) != there.get(who) for who in here.keys() | there.keys())


def people(language, many, start=0):
    return tuple(Person(start + k, language, (("a", 3.0), ("root", 3.0))) for k in range(many))


def test_remainder_of_all_languages_told_is_no_group_of_two():
    panel = panel_of((*people("fr", 10), *people("ar", 11, 20), *people("pt", 2, 40)))

    assert languages_to_leave_out(panel) == ("ar",)  # without both the rest would be what two people say


def test_figures_that_are_repeated_count_with_the_people_they_were_computed_of():
    """Two more at each release: the third differs from the first by six, and from what was told by as many."""
    steps = [((*people("fr", 6 + 2 * k), *people("ar", 9, 40)), frozenset()) for k in range(4)]

    assert [told["fr"]["root"] for _names, told in released(steps)] == [0, 0, 0, 3]


def test_one_who_leaves_a_question_out_or_answers_anew_is_a_difference():
    first = (*people("fr", 8), *people("ar", 9, 40))
    out, anew = (("root", 3.0),), (("a", 1.0), ("root", 3.0))
    for said in (out, anew):
        second = (Person(0, "fr", said), *first[1:])
        assert [told["fr"]["root"] for _names, told in released([(first, frozenset()), (second, frozenset())])] == [
            0,
            0,
        ]


def test_nothing_is_told_of_another_language_where_the_difference_is_two_people():
    """First all but French speakers are told, then Arabic speakers: who speaks neither would be the difference."""
    first = (*people("fr", 11), *people("ar", 10, 20), *people("pt", 2, 40))
    second = (*people("fr", 9), *people("ar", 10, 20), *people("pt", 2, 40))

    names = [names for names, _told in released([(first, frozenset()), (second, frozenset())])]
    assert names == [("fr",), ("ar",)]
    assert [sorted(told) for _names, told in released([(first, frozenset()), (second, frozenset())])] == [["fr"], []]


@pytest.mark.parametrize(
    ("one", "other", "fewest"),
    [
        ({1: "x", 2: "y"}, {1: "x", 2: "z", 3: "x"}, 2),
        ({-1: "x", 2: "y"}, {-7: "x", 2: "y"}, 0),  # the same answers: no difference tells anything
        ({-1: "x", 2: "y"}, {2: "y"}, 1),
        ({-1: "x"}, {4: "y"}, 1),  # she may be the same, who answered anew
        ({-1: "x"}, {4: "x"}, 1),
        ({3: "x"}, {4: "x"}, 2),
        ({-1: "x", -2: "x", 3: "y"}, {4: "x", 5: "z", 6: "z"}, 3),
    ],
)
def test_people_between_two_groups_are_counted_at_least(one, other, fewest):
    assert fewest_between(one, other) == fewest_between(other, one) == fewest


def test_random_sequences_hold_what_they_are_for():
    seen = Counter()

    @settings(deadline=None, max_examples=150, derandomize=True)
    @given(sequences())
    def count(steps):
        results = released(steps)
        for number, (names, told) in enumerate(results):
            seen["told"] += bool(told)
            seen["two languages"] += len(told) > 1
            seen["renewed"] += number > 0 and any(figure["root"] == number for figure in told.values())
            seen["kept"] += any(figure["root"] < number for figure in told.values())
            seen["left out"] += len(told) < len(names)

    count()
    assert all(seen[case] for case in ("told", "two languages", "renewed", "kept", "left out")), seen


def rows_of(people):
    """Return what is published of them under codes drawn anew; None where nothing is told person by person."""
    told = disclosed(panel_of(people))
    keys = [*((expert, "") for expert in told.panel.experts), *told.apart]
    panel = recoded(told.panel, {key: f"C{number:03}" for number, key in enumerate(keys)})
    people = {f"C{number:03}": int(expert) for number, (expert, _node) in enumerate(keys)}
    return rows_told(write_judgements(panel), people) if told.by_person else None


def rows_released(steps):
    """Return step by step the rows that are published after those published before."""
    found = []
    for people, _gone in steps:
        rows = rows_of(people)
        is_told = rows is not None and not rows_tell_few(rows, [before for before in found if before])
        found.append(rows if is_told else None)
    return found


@settings(deadline=None, max_examples=200)
@given(sequences())
def test_no_rows_saved_of_releases_tell_one_to_four_people(steps):
    """Whoever lays all files beside each other finds five rows in the same of them or none, and so in every two of them."""
    saved = [rows for rows in rows_released(steps) if rows]
    counts = [Counter(row.answers for row in rows if len(row.nodes) > 1) for rows in saved]
    places = Counter()
    for answers in {answers for count in counts for answers in count}:
        many = [count[answers] for count in counts]
        places.update(tuple(one > number for one in many) for number in range(max(many)))
    assert not {*places.values()} & {*FEW}
    for one, other in combinations(counts, 2):
        assert not {(one - other).total(), (other - one).total(), (one & other).total()} & {*FEW}
    for one, other in combinations(saved, 2):
        for node in NODES:
            here, there = ({row.who: row.answers for row in rows if row.nodes == {node}} for rows in (one, other))
            assert people_between(here, there) not in FEW
            here, there = (Counter(said for row in rows if (said := row.at_node(node))) for rows in (one, other))
            came, went = (here - there).total(), (there - here).total()
            assert 0 not in {came, went} or not {came, went} & {*FEW}, node


def test_random_sequences_publish_rows_and_keep_them_back():
    seen = Counter()

    @settings(deadline=None, max_examples=100, derandomize=True)
    @given(sequences())
    def count(steps):
        first, *later = rows_released(steps)
        seen["told"] += first is not None
        if first is not None:
            seen["told again"] += any(rows is not None for rows in later)
            seen["kept back"] += any(
                rows is None and rows_of(people) for rows, (people, _gone) in zip(later, steps[1:], strict=True)
            )

    count()
    assert all(seen[case] for case in ("told", "told again", "kept back")), seen


def code_row(who, version=0, *, nodes=NODES, group="", weight="1"):
    """The row of somebody who answers like nobody else."""
    return CodeRow(
        frozenset((node, *TREE.children[node], f"{who}.{int(version)}") for node in nodes), group, weight, who
    )


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.randoms())
def test_rows_tell_few_where_one_to_four_stand_in_one_file_or_in_both(stayed, changed, came, went, rng):
    earlier = [code_row(who) for who in range(stayed + changed + went)]
    now = [*earlier[:stayed], *(code_row(who, 1) for who in range(stayed, stayed + changed + came))]
    rng.shuffle(now)
    differ = changed + came + went

    is_few = rows_tell_few(now, [earlier])
    assert is_few == rows_tell_few(earlier, [now]) == bool(differ and {stayed, changed + came, changed + went} & {*FEW})
    assert is_few or differ not in FEW


def test_rows_of_three_files_tell_nobody_who_alone_answered_anew_twice():
    """Five answer anew, then five others but for one of them: every two files differ by five, and hers is in the second alone."""
    first = [code_row(who) for who in range(20)]
    second = [code_row(who, who < 5) for who in range(20)]
    third = [code_row(who, 2 if 4 <= who < 9 else who < 5) for who in range(20)]

    assert [rows_tell_few(now, [before]) for now, before in ((second, first), (third, second), (third, first))] == [
        False,
        False,
        False,
    ]
    assert rows_tell_few(third, [first, second])
    assert not rows_tell_few(second, [first, second])


@pytest.mark.parametrize(
    ("now", "is_few"),
    [
        # six answer anew: of one group and weight, or one of them of another
        ([code_row(who, who < 6) for who in range(20)], False),
        ([code_row(who, who < 6, group="north" * (who in range(5, 15))) for who in range(20)], True),
        ([code_row(who, who < 6, weight="12"[who in range(5, 15)]) for who in range(20)], True),
        # nobody answers anew: the label of one or of five is another, or one node of somebody is gone
        ([code_row(who, group="north" * (who < 5)) for who in range(20)], False),
        ([code_row(who, group="north" * (who < 4)) for who in range(20)], True),
        ([code_row(who, weight="12"[who < 5]) for who in range(20)], False),
        ([code_row(who, weight="12"[who < 3]) for who in range(20)], True),
        ([code_row(who, nodes=NODES[who < 1 :]) for who in range(20)], True),
        ([code_row(who, nodes=NODES[who < 5 :]) for who in range(20)], False),
        # everybody answers one node anew, and somebody more answers all of them, or is gone
        ([code_row(who, who == 20) for who in range(21)], True),
        (
            [
                row._replace(answers=row.answers - row.at_node("a") | code_row(who, 1, nodes=["a"]).answers)
                for who, row in enumerate(map(code_row, range(20)))
            ],
            False,
        ),
        (
            [
                row._replace(answers=row.answers - row.at_node("a") | code_row(who, 1, nodes=["a"]).answers)
                for who, row in enumerate(map(code_row, range(21)))
            ],
            True,
        ),
        # a code for each node in place of one: the answers join them, and one of six is gone
        ([*map(code_row, range(14)), *(code_row(who, nodes=[node]) for who in range(14, 20) for node in NODES)], False),
        ([*map(code_row, range(14)), *(code_row(who, nodes=[node]) for who in range(14, 19) for node in NODES)], True),
        # a node that nobody was asked before makes all rows others, and one of them answered the rest anew
        ([row._replace(answers=row.answers | {("c", "c1", "c2", "3")}) for row in map(code_row, range(20))], False),
        (
            [
                row._replace(answers=row.answers | {("c", "c1", "c2", "3")})
                for row in (code_row(who, who < 1) for who in range(20))
            ],
            True,
        ),
    ],
)
def test_rows_tell_few_also_by_what_stands_beside_the_answers(now, is_few):
    earlier = [code_row(who) for who in range(20)]
    assert rows_tell_few(now, [earlier]) == rows_tell_few(earlier, [now]) == is_few
