"""Shares by question while people hand in, take it back and withdraw: no two of them tell what one to four people did."""

from collections import Counter
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.numerics.ahp.disclosure import SMALLEST_GROUP
from surveys import handover
from surveys.queries.desk.round_progress import shares, whole_fives
from surveys.usecases.judgements import choose_for_node, record_judgement
from surveys.usecases.panels import add_panelist
from surveys.usecases.rounds import close_round
from surveys.usecases.submissions import submit_round, take_back_submission
from surveys.usecases.withdrawals import withdraw

PEOPLE = 16
ACTS = st.lists(
    st.tuples(st.sampled_from(["in", "in", "in", "in", "in", "back", "gone"]), st.integers(1, PEOPLE)), max_size=45
)


def lived(acts):
    """Give after each act that is possible the rows that are left, and with which version of her answers each handed in."""
    rows, standing, versions, gone = [], {}, Counter(), set()
    for kind, who in acts:
        if who in gone or ((who in standing) != (kind == "back") and kind != "gone"):
            continue
        if kind == "in":
            versions[who] += 1
            standing[who] = versions[who]  # other answers than before
        else:
            standing.pop(who, None)
        if kind == "gone":
            gone.add(who)
            rows = [row for row in rows if row[0] != who]  # her submissions are deleted
        rows.append((who, kind == "in"))
        yield list(rows), dict(standing)


def told_in(acts):
    """Return every figure that was ever told: the people whom it counts, with the version of their answers."""
    told = []
    for rows, standing in lived(acts):
        counted = whole_fives(rows)
        assert {*counted} <= {*standing}
        told.append({who: standing[who] for who in counted})
    return told


@settings(deadline=None, max_examples=500)
@given(ACTS)
def test_shares_differ_by_nobody_or_by_five_people(acts):
    told = {tuple(sorted(one.items())) for one in told_in(acts)}
    for one, other in combinations([*told, ()], 2):
        between = {who for who, _version in {*one} ^ {*other}}
        assert len(between) not in range(1, SMALLEST_GROUP), (one, other)


def test_shares_renew_with_every_five_who_come():
    assert [len(one) for one in told_in([("in", who) for who in range(1, 13)])] == [0] * 4 + [5] * 5 + [10] * 3


@pytest.mark.parametrize("kind", ["back", "gone"])
def test_after_one_has_gone_nothing_is_told_until_five_more_have_come(kind):
    acts = [*(("in", who) for who in range(1, 8)), (kind, 3), *(("in", who) for who in range(8, 13))]

    assert [len(one) for one in told_in(acts)][4:] == [5, 5, 5, 0, 0, 0, 0, 0, 11]


def test_who_hands_in_again_is_none_of_the_five():
    acts = [*(("in", who) for who in range(1, 6)), ("back", 1), ("in", 1), *(("in", who) for who in range(6, 10))]

    assert told_in(acts)[-1] == {}


@pytest.fixture
def handed_in(panel, opened, now):
    """Seven people handed in one after the other; the first says of a question that it is not her field."""
    for number in range(4, 8):
        add_panelist(panel, code=f"P{number}", by="mo", at=now)
    everybody = list(panel.panelists.order_by("code"))
    for number, her in enumerate(everybody):
        if number == 0:
            choose_for_node(her, opened, node="A", choice="skip", at=now)
        for pair in opened.comparisons.select_related("a", "b", "parent"):
            if number or pair.parent.code != "A":
                record_judgement(her, opened, a=pair.a.code, b=pair.b.code, value=2.0, at=now)
        submit_round(her, opened, at=now + timedelta(minutes=number))
    return everybody


def told_of(round_):
    found = shares(round_)
    return found.people, {node.code: node.share for node in found.nodes}


def test_desk_tells_no_share_after_a_withdrawal_or_a_take_back(handed_in, opened, now):
    assert told_of(opened) == (5, {"Root": 1.0, "A": 0.8})

    take_back_submission(handed_in[1], opened, at=now + timedelta(hours=1))
    assert told_of(opened) == (0, {})


def test_withdrawal_leaves_no_share_that_would_tell_what_she_left_out(handed_in, opened, panel, now):
    withdraw(handed_in[0], at=now + timedelta(hours=1))
    assert told_of(opened) == (0, {})

    for number in range(5):
        her = add_panelist(panel, code=f"Q{number}", by="mo", at=now)
        record_judgement(her, opened, a="A", b="B", value=3.0, at=now)
        submit_round(her, opened, at=now + timedelta(hours=2, minutes=number))
    people, told = told_of(opened)
    assert people == 11
    assert told["A"] == pytest.approx(6 / 11)


def test_withdrawal_after_a_freeze_changes_no_share(handed_in, opened, now):
    closed = close_round(opened, by="mo", at=now + timedelta(hours=1))
    handover.lock(closed.uid, at=now + timedelta(hours=2))
    closed.refresh_from_db()
    before = told_of(closed)

    withdraw(handed_in[0], at=now + timedelta(hours=3))

    assert before[0] == 5
    assert told_of(closed) == before
