"""The facts of a closed round: stored at its closing, told the same whatever becomes of the panel, and never of a few."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils.html import strip_tags
from hypothesis import given
from hypothesis import strategies as st

from surveys import handover
from surveys.models import Panelist, Round
from surveys.queries.desk.closing import closing
from surveys.queries.desk.people import people_of
from surveys.queries.desk.round_progress import round_page, round_standing
from surveys.usecases.judgements import record_judgement
from surveys.usecases.panels import add_panelist
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round
from surveys.usecases.withdrawals import withdraw
from surveys.values.rounds import RoundFacts


def told(summary):
    return summary.invited, summary.started, summary.submitted, summary.comparisons


@pytest.fixture
def closed(panelists, opened, answer_all, now):
    """A round in which two of three answered and one of them handed in."""
    answer_all(panelists["P1"], opened)
    submit_round(panelists["P1"], opened, at=now)
    record_judgement(panelists["P2"], opened, a="A", b="B", value=3.0, at=now)
    return close_round(opened, by="mo", at=now)


# --- nothing drifts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_facts_of_a_closed_round_stay_whatever_becomes_of_the_panel(seed, series, panel, version, now):
    """Random rounds, additions, withdrawals and later rounds: every reader tells the same of a closed round for good."""
    rng, added = random.Random(seed), 3
    kept = {}
    for wave in range(4):
        at = now + timedelta(days=10 * wave)
        round_ = open_round(plan_round(panel, version=version, by="mo", at=at), by="mo", at=at)
        here = list(panel.panelists.filter(withdrawn_at=None))
        started = [her for her in here if rng.random() < 0.7]
        for her in started:
            record_judgement(her, round_, a="A", b="B", value=3.0, at=at)
        done = [her for her in started if rng.random() < 0.7]
        for her in done:
            submit_round(her, round_, at=at)
        expected = len(here), len(started), len(done), 6
        close_round(round_, by="mo", at=at + timedelta(days=1))
        kept[round_.uid] = handover.round_summary(round_.uid)
        assert told(kept[round_.uid]) == expected
        groups = Counter(her.group for her in here)
        assert [(one.name, one.invited) for one in kept[round_.uid].groups] == sorted(groups.items())
        for _ in range(rng.randrange(3)):
            added += 1
            add_panelist(panel, code=f"P{added}", group="late", by="mo", at=at + timedelta(days=2))
        for her in rng.sample(here, rng.randrange(2)):
            withdraw(her, at=at + timedelta(days=3))
        now_told = {one.uid: one for one in handover.rounds(panel.uid)}
        assert now_told == kept
        assert {one.uid: one for one in handover.panels(series.uid)[0].rounds} == kept
        for uid, summary in kept.items():
            page = round_page(series, uid)
            assert page.summary == round_standing(series, uid, at=now).summary == summary
            if summary.is_closed:
                assert handover.closed_round(uid).summary == summary


def test_who_is_added_later_is_not_in_a_closed_round(series, panel, closed, now):
    add_panelist(panel, code="P9", by="mo", at=now + timedelta(days=1))

    assert [one.code for one in round_standing(series, closed.uid, at=now).people.people] == ["P1", "P2", "P3"]
    assert [one.code for one in people_of(closed, at=now).people] == ["P1", "P2", "P3"]
    assert told(handover.round_summary(closed.uid)) == (3, 2, 1, 6)


def test_withdrawal_before_a_freeze_takes_answers_and_not_the_count(panelists, closed, now):
    withdraw(panelists["P1"], at=now)

    assert handover.closed_round(closed.uid).receipts == ()
    assert told(handover.round_summary(closed.uid)) == (3, 2, 1, 6)
    assert handover.panels(closed.panel.series.uid)[0].panelists == 2  # the panel is no closed thing


def test_open_round_is_counted_as_it_is(panel, opened, now):
    assert handover.round_summary(opened.uid).invited == 3

    add_panelist(panel, code="P9", by="mo", at=now)

    assert handover.round_summary(opened.uid).invited == 4
    assert handover.round_summary(opened.uid).groups == ()


@pytest.mark.parametrize(
    "change",
    [
        {"at_closing": {}},
        {"at_closing": None, "closed_at": None},
        {"closed_at": None},
        {"finish_until": "2026-03-01T00:00Z"},
    ],
)
def test_facts_are_refused_every_change_by_the_database(closed, change):
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        Round.objects.filter(pk=closed.pk).update(**change)


def test_round_is_not_closed_without_its_facts(opened, now):
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=opened.pk).update(state="closed", closed_at=now)


def test_round_closed_before_facts_were_kept_gets_what_can_still_be_told(migrate, panel, panelists, closed, now):
    withdraw(panelists["P3"], at=now + timedelta(days=1))
    add_panelist(panel, code="P9", by="mo", at=now + timedelta(days=1))

    migrate.before("surveys", "0008_facts_of_closed_rounds")
    migrate.on()

    assert Panelist.objects.get(code="P9").added_at == now + timedelta(days=1)
    facts = RoundFacts.stored(Round.objects.get(pk=closed.pk).at_closing)
    assert facts == RoundFacts(3, 2, 1, 6, (("", 1, 0), ("academia", 2, 1)))
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        Round.objects.filter(pk=closed.pk).update(at_closing={})


# --- who is active ----------------------------------------------------------------------------------------------------------


def test_who_has_handed_in_is_not_active(panelists, opened, now):
    for code in ("P1", "P2"):
        record_judgement(panelists[code], opened, a="A", b="B", value=3.0, at=now)
    submit_round(panelists["P1"], opened, at=now)

    found = closing(opened, at=now)

    assert (found.active, found.drafts) == (1, 1)


# --- groups -----------------------------------------------------------------------------------------------------------------

groups = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=6).map(
    lambda found: tuple((f"g{number}", max(pair), min(pair)) for number, pair in enumerate(found))
)


@given(groups)
def test_of_fewer_than_five_no_number_is_told_and_none_can_be_computed(found):
    facts = RoundFacts(sum(i for _n, i, _s in found), 0, sum(s for _n, _i, s in found), 3, found)

    shown = facts.told_groups

    assert [(one.name, one.invited) for one in shown] == [(name, invited) for name, invited, _s in found]
    numbers = {one.name: one.submitted for one in shown if one.submitted is not None}
    assert all(numbers[name] == submitted >= 5 for name, _i, submitted in found if name in numbers)
    if numbers and len(numbers) < len(found):
        assert facts.submitted - sum(numbers.values()) >= 5
    if all(submitted >= 5 for _n, _i, submitted in found):
        assert len(numbers) == len(found)


def test_desk_and_interface_tell_a_closed_round_by_group(client, panel, opened, people, now):
    for number in range(4, 8):
        add_panelist(panel, code=f"P{number}", group="academia", by="mo", at=now)
    for her in panel.panelists.filter(group="academia"):
        record_judgement(her, opened, a="A", b="B", value=3.0, at=now)
        submit_round(her, opened, at=now)
    close_round(opened, by="mo", at=now)
    add_panelist(panel, code="P99", group="academia", by="mo", at=now + timedelta(days=1))
    at = {"series": "las", "uid": opened.uid}
    client.force_login(people["alice"])

    page = " ".join(strip_tags(client.get(reverse("surveys:desk_round", kwargs=at)).content.decode()).split())
    told_there = client.get(f"/api/v1/series/las/rounds/{opened.uid}/").json()["round"]

    assert "Invited7 Started6 Handed in6" in page
    assert "Counted when the round closed" in page
    assert "academia 6 not told industry 1 not told" in page  # one who did not hand in is the rest
    assert told_there["groups"] == [
        {"name": "academia", "invited": 6, "submitted": None},
        {"name": "industry", "invited": 1, "submitted": None},
    ]
    assert (told_there["invited"], told_there["submitted"]) == (7, 6)


@pytest.mark.parametrize(("name", "statuses"), [("bob", (404, 404)), ("charlie", (403, 403))])
def test_facts_are_for_the_moderators_of_the_series(client, closed, people, name, statuses):
    client.force_login(people[name])
    page = client.get(reverse("surveys:desk_round", kwargs={"series": "las", "uid": closed.uid}))

    assert (page.status_code, client.get(f"/api/v1/series/las/rounds/{closed.uid}/").status_code) == statuses
