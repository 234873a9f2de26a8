"""Planned rounds: their hours, what they ask, how they are changed, cancelled, and opened by a worker."""

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.doors import actor_and_time
from surveys import tasks
from surveys.errors import BadDateError, NotAskedError, OverlapError, RoundStateError
from surveys.models import Comparison, Mail, Round
from surveys.usecases import rounds as rounds_module
from surveys.usecases.judgements import choose_for_node, record_judgement
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.plans import cancel_plan, change_plan
from surveys.usecases.rounds import (
    announce_close,
    close_due_rounds,
    close_round,
    open_due_rounds,
    open_round,
    plan_round,
)
from surveys.usecases.submissions import submit_round

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
BY = {"by": "mo"}


@pytest.fixture
def plan(panel, version, now):
    """Plan a round from one day after now to another one."""

    def make(first=None, last=None, **more):
        hours = {"opens_at": first and now + first * DAY, "closes_at": last and now + last * DAY}
        return plan_round(panel, version=version, **hours, **BY, at=now, **more)

    return make


@pytest.fixture
def change(now):
    def make(round_, first=None, last=None, **more):
        hours = {"opens_at": first and now + first * DAY, "closes_at": last and now + last * DAY}
        return change_plan(round_, **hours, **{"drafts_count": round_.drafts_count} | more, **BY, at=now)

    return make


# --- hours --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "field", "why"),
    [(-1, 1, "opens_at", "passed"), (1, -1, "closes_at", "passed"), (2, 1, "closes_at", "before_opening")],
)
def test_hours_that_make_no_sense_are_refused_by_their_field(plan, change, first, last, field, why):
    planned = plan(3, 4)
    for act in (plan, lambda *hours: change(planned, *hours)):
        with pytest.raises(BadDateError) as refused:
            act(first, last)
        assert (refused.value.facts["field"], refused.value.facts["why"]) == (field, why)
    planned.refresh_from_db()
    assert (planned.closes_at - planned.opens_at, Round.objects.count()) == (DAY, 1)


@pytest.mark.parametrize(
    ("first", "last", "free"),
    [
        (1, 2, True),
        (1, 3, True),  # one ends as the other begins
        (5, 6, True),
        (5, None, True),
        (None, 4, True),  # opened by hand: seen then
        (1, 4, False),
        (3, 4, False),
        (4, 9, False),
        (1, 9, False),
        (1, None, False),
    ],
)
def test_rounds_of_a_panel_are_not_planned_in_the_same_hours(plan, now, first, last, free):
    earlier = plan(3, 5)
    if free:
        assert plan(first, last).number == 2
        return
    with pytest.raises(OverlapError) as refused:
        plan(first, last)
    assert refused.value.facts == {"why": "asked", "round": earlier.number, "until": now + 5 * DAY}
    assert Round.objects.count() == 1


def test_open_round_bars_plans_until_it_ends(plan, now):
    open_round(plan(None, 3), **BY, at=now)

    with pytest.raises(OverlapError):
        plan(2, 9)
    plan(3, 9)


def test_open_round_without_an_end_bars_every_plan_with_an_hour(plan, now):
    open_round(plan(), **BY, at=now)

    with pytest.raises(OverlapError) as refused:
        plan(900, 901)
    assert refused.value.facts["until"] is None


def test_round_is_not_opened_by_hand_over_one_that_is_planned(plan, now):
    plan(2, 4)

    with pytest.raises(OverlapError):
        open_round(plan(None, 3), **BY, at=now)
    assert Mail.objects.count() == 0


def test_end_is_not_announced_over_one_that_is_planned(plan, now):
    opened = open_round(plan(None, 2), **BY, at=now)
    plan(2, 4)

    with pytest.raises(OverlapError):
        announce_close(opened, finish_until=now + 3 * DAY, **BY, at=now)
    assert announce_close(opened, finish_until=now + 2 * DAY, **BY, at=now).finish_until == now + 2 * DAY


def test_other_panels_are_free(plan, panel, version, now):
    plan(1, 3)
    other = create_panel(panel.series, slug="other", names={"en": "Other"}, **BY, at=now)

    assert plan_round(other, version=version, opens_at=now + DAY, **BY, at=now).number == 1


# --- changed and cancelled ------------------------------------------------------------------------------------------


def test_plan_is_changed_and_its_pairs_stay(plan, change, now):
    planned = plan(1, 2)

    changed = change(planned, None, 4, drafts_count=True)

    planned.refresh_from_db()
    assert (planned.opens_at, planned.closes_at, planned.drafts_count) == (None, now + 4 * DAY, True)
    assert (changed.comparisons.count(), changed.state) == (6, "draft")


def test_plan_is_changed_within_its_own_hours_and_not_into_others(plan, change):
    planned = plan(1, 3)
    plan(5, 7)

    change(planned, 2, 4)
    with pytest.raises(OverlapError):
        change(planned, 2, 6)


@pytest.fixture
def following(opened, panel, version, panelists, answer_all, now):
    """A planned round that asks one pair of a closed one again."""
    answer_all(panelists["P1"], opened)
    submit_round(panelists["P1"], opened, at=now)
    first = close_round(opened, **BY, at=now)
    return plan_round(panel, version=version, follows=first, pairs=[("A", "B")], **BY, at=now)


def test_plan_of_a_round_that_follows_asks_other_pairs(following, change):
    change(following, pairs=[("C", "A"), ("A1", "A2")])

    assert sorted(following.comparisons.values_list("a__code", "b__code")) == [("A", "C"), ("A1", "A2")]


@pytest.mark.parametrize("pairs", [[], [("A", "Z")]])
def test_refused_pairs_change_nothing(following, change, pairs):
    with pytest.raises(NotAskedError):
        change(following, 1, 2, pairs=pairs)

    following.refresh_from_db()
    assert (list(following.comparisons.values_list("b__code", flat=True)), following.opens_at) == (["B"], None)


def test_first_round_asks_what_its_framework_has_whatever_is_sent(planned, change):
    change(planned, pairs=[("A", "B")])

    assert planned.comparisons.count() == 6


def test_cancelled_plan_is_gone_and_its_number_free(plan, now):
    cancel_plan(plan(1, 2), **BY, at=now)

    assert (Round.objects.count(), Comparison.objects.count()) == (0, 0)
    assert plan(1, 2).number == 1


def test_acts_with_a_plan_that_was_cancelled_meanwhile_are_refused(planned, change, now):
    kept = Round.objects.get(pk=planned.pk)
    cancel_plan(planned, **BY, at=now)

    for act in (
        lambda: change(kept),
        lambda: cancel_plan(kept, **BY, at=now),
        lambda: open_round(kept, **BY, at=now),
    ):
        with pytest.raises(RoundStateError) as refused:
            act()
        assert refused.value.facts["state"] == "cancelled"


# --- opened by a worker -----------------------------------------------------------------------------------------------


def test_round_opens_at_its_hour_once(plan, now):
    planned = plan(1, 2)

    assert open_due_rounds(at=now + DAY - timedelta(seconds=1)) == []
    assert [one.pk for one in open_due_rounds(at=now + DAY)] == [planned.pk]
    assert open_due_rounds(at=now + DAY) == []

    planned.refresh_from_db()
    assert (planned.state, planned.opens_at, planned.not_opened) == ("open", now + DAY, None)
    assert Mail.objects.filter(kind="invitation", round=planned).count() == 3


def test_round_without_an_hour_is_opened_by_nobody_but_a_hand(plan, now):
    plan(None, 9)

    assert open_due_rounds(at=now + DAY) == []


def test_round_that_may_not_open_at_its_hour_stays_planned_and_says_why(plan, change, now):
    opened = open_round(plan(None, 2), **BY, at=now)
    planned = plan(2, 4)
    with transaction.atomic():
        Round.objects.filter(pk=opened.pk).update(closes_at=now + 3 * DAY)

    assert open_due_rounds(at=now + 2 * DAY) == []
    close_round(opened, **BY, at=now + 2 * DAY)
    assert open_due_rounds(at=now + 2 * DAY) == []  # nobody is invited late by surprise

    planned.refresh_from_db()
    assert planned.state == "draft"
    assert planned.not_opened == {
        "code": "overlap",
        "at": (now + 2 * DAY).isoformat(),
        "round": 1,
        "until": str(now + 3 * DAY),
    }
    assert not Mail.objects.filter(round=planned).exists()
    assert change(planned, 3, 4).not_opened is None
    assert open_due_rounds(at=now + 3 * DAY)


def test_round_that_missed_its_hour_is_opened_by_hand_and_bars_no_other(plan, now):
    opened = open_round(plan(None, 2), **BY, at=now)
    planned = plan(2, 4)
    Round.objects.filter(pk=opened.pk).update(closes_at=now + 3 * DAY)
    open_due_rounds(at=now + 2 * DAY)
    close_round(opened, **BY, at=now + 2 * DAY)

    beside = plan(3, 4)
    cancel_plan(beside, **BY, at=now)
    assert open_round(planned, **BY, at=now + 3 * DAY).not_opened is None


def test_round_whose_end_has_come_before_a_worker_did_stays_planned(plan, now):
    planned = plan(1, 2)

    assert open_due_rounds(at=now + 2 * DAY) == []

    planned.refresh_from_db()
    assert (planned.state, planned.not_opened["code"], planned.not_opened["until"]) == ("draft", "bad_date", None)


def test_of_two_rounds_one_opens_as_the_other_closes(plan, now, monkeypatch):
    first, second = plan(1, 2), plan(2, 3)
    open_due_rounds(at=now + DAY)
    monkeypatch.setattr(timezone, "now", lambda: now + 2 * DAY)

    assert tasks.open_due_rounds() == 1

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("closed", "open")


@pytest.mark.parametrize("meanwhile", ["cancelled", "opened", "moved", "without an hour", "missed"])
def test_round_that_changed_meanwhile_is_passed_over(plan, change, now, meanwhile):
    planned = plan(1, 9)
    seen = Round.objects.get(pk=planned.pk)
    {
        "cancelled": lambda: cancel_plan(planned, **BY, at=now),
        "opened": lambda: open_round(planned, **BY, at=now),
        "moved": lambda: change(planned, 3, 9),
        "without an hour": lambda: change(planned, None, 9),
        "missed": lambda: Round.objects.update(not_opened={"code": "overlap", "round": 1, "until": None}),
    }[meanwhile]()
    before = Mail.objects.count()

    assert rounds_module._open_due(seen, at=now + DAY) is None
    assert Mail.objects.count() == before


@pytest.mark.parametrize("meanwhile", ["closed", "moved"])
def test_end_that_changed_meanwhile_closes_nothing(plan, now, meanwhile):
    opened = open_round(plan(None, 2), **BY, at=now)
    seen = Round.objects.get(pk=opened.pk)
    if meanwhile == "closed":
        close_round(opened, **BY, at=now)
    else:
        Round.objects.update(closes_at=now + 3 * DAY)

    assert rounds_module._close_due(seen, at=now + 2 * DAY) is None
    assert len(close_due_rounds(at=now + 3 * DAY)) == (meanwhile == "moved")


# --- two at once ------------------------------------------------------------------------------------------------------


def together(*calls):
    """Run the calls in threads of their own, as near together as can be; returns what each gave, or the refusal's class."""
    gate, given = threading.Barrier(len(calls)), [None] * len(calls)

    def run(position, call):
        try:
            gate.wait()
            given[position] = call()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is compared below
            given[position] = type(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_two_planned_rounds_opened_at_once_are_not_both_open(plan, now):
    one, other = plan(None, 5), plan(None, 5)

    given = together(*(lambda round_=round_: open_round(round_, **BY, at=now) for round_ in (one, other)))

    assert [error for error in given if error is OverlapError] == [OverlapError]
    assert sorted(Round.objects.values_list("state", flat=True)) == ["draft", "open"]
    assert Mail.objects.count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_two_workers_open_a_round_once(plan, now):
    plan(1, 5)

    given = together(*[lambda: open_due_rounds(at=now + DAY)] * 3)

    assert sorted(map(len, given)) == [0, 0, 1]
    assert Mail.objects.count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_plan_is_cancelled_or_opened_never_both(plan, now):
    planned = plan(None, 5)

    given = together(lambda: cancel_plan(planned, **BY, at=now), lambda: open_round(planned, **BY, at=now))

    assert RoundStateError in given
    assert Round.objects.filter(state="open").count() * 3 == Mail.objects.count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_two_plans_at_once_do_not_share_hours(plan):
    given = together(*[lambda: plan(1, 3)] * 2)

    assert OverlapError in given
    assert Round.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_worker_opens_due_rounds(plan, celery_worker_process, eventually):
    planned = plan(None, 9)
    Round.objects.filter(pk=planned.pk).update(opens_at=timezone.now() - DAY, closes_at=timezone.now() + DAY)

    tasks.open_due_rounds.delay()

    eventually(lambda: Round.objects.get(pk=planned.pk).state == "open")


# --- pages and API ----------------------------------------------------------------------------------------------------


def address(round_, name="desk_round"):
    return reverse(f"surveys:{name}", kwargs={"series": "las", "uid": round_.uid})


@pytest.fixture
def desk(client, people):
    client.force_login(people["alice"])
    return client


def test_page_plans_first_round_with_an_hour(desk, panel, version):
    where = reverse("surveys:plan_first", args=["las", panel.uid, version.uid])

    page = desk.post(where, {"opens_at": "2099-01-01T09:00", "closes_at": "2099-01-02T09:00"}, follow=True)

    html = page.content.decode()
    assert Round.objects.get().opens_at == datetime(2099, 1, 1, 9, tzinfo=UTC)
    assert "It opens by itself, and the invitations go out then." in html
    assert "Opens by itself" in html
    again = desk.post(where, {"opens_at": "2099-01-01T12:00", "closes_at": "2099-01-02T12:00"})
    assert again.status_code == 422
    assert "Round 1 of this panel is open or planned until 2 January 2099, 09:00 (UTC)" in again.content.decode()
    assert 'value="2099-01-01T12:00"' in again.content.decode()
    assert Round.objects.count() == 1


def test_page_changes_a_plan(desk, plan):
    planned = plan(None, 9)
    far = {"opens_at": "2099-01-01T09:00", "closes_at": "2099-01-02T09:00", "drafts_count": "on"}
    shown = desk.get(address(planned, "change_plan")).content.decode()
    assert "It asks 6 pairs" in shown
    assert 'name="pair"' not in shown
    assert address(planned, "change_plan") in desk.get(address(planned)).content.decode()

    answer = desk.post(address(planned, "change_plan"), far, follow=True)

    planned.refresh_from_db()
    assert "The plan is changed." in answer.content.decode()
    assert (planned.opens_at, planned.drafts_count) == (datetime(2099, 1, 1, 9, tzinfo=UTC), True)
    assert 'value="2099-01-01T09:00"' in desk.get(address(planned, "change_plan")).content.decode()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "Please give the day and hour"),
        ({"closes_at": "soon"}, "Please give the day and hour"),
        ({"opens_at": "x", "closes_at": "2099-01-02T09:00"}, "Please give a day and an hour, or nothing."),
        ({"closes_at": "2001-01-02T09:00"}, "That time is over already."),
        ({"opens_at": "2099-01-02T10:00", "closes_at": "2099-01-02T09:00"}, "It would close before it opens"),
    ],
)
def test_refused_change_stays_in_its_form(desk, plan, now, sent, told):
    planned = plan(None, 9)

    answer = desk.post(address(planned, "change_plan"), sent)

    html = answer.content.decode()
    assert (answer.status_code, told in html) == (422, True)
    assert all(f'value="{value}"' in html for value in sent.values())
    planned.refresh_from_db()
    assert (planned.opens_at, planned.closes_at) == (None, now + 9 * DAY)


def test_page_changes_what_a_following_round_asks_again(desk, panel, version, opened, panelists, answer_all, now):
    for number in (4, 5):
        panelists[f"P{number}"] = add_panelist(panel, code=f"P{number}", **BY, at=now)
    for one in panelists.values():
        if one.code == "P1":
            answer_all(one, opened)
        else:
            choose_for_node(one, opened, node="A", choice="skip", at=now)
            for a, b in (("A", "B"), ("A", "C"), ("B", "C")):
                record_judgement(one, opened, a=a, b=b, value=3, at=now)
        submit_round(one, opened, at=now)
    first = close_round(opened, **BY, at=now)
    pairs = [("A", "B"), ("A1", "A2")]
    planned = plan_round(panel, version=version, follows=first, pairs=pairs, **BY, at=now)

    shown = desk.get(address(planned, "change_plan")).content.decode()
    assert 'type="hidden" name="pair" value="A1\tA2"' in shown  # too few answers to tell anything of
    sent = {"closes_at": "2099-01-02T09:00", "pair": ["A\tC", "A1\tA2"]}
    assert desk.post(address(planned, "change_plan"), sent).status_code == 302
    assert sorted(planned.comparisons.values_list("b__code", flat=True)) == ["A2", "C"]
    refused = desk.post(address(planned, "change_plan"), {"closes_at": "2099-01-02T09:00"})
    assert (refused.status_code, "Please choose at least one pair" in refused.content.decode()) == (422, True)
    assert planned.comparisons.count() == 2


def test_page_cancels_a_plan_once_it_is_confirmed(desk, plan):
    planned = plan(None, 9)

    asked = desk.post(address(planned, "cancel_plan"))
    assert (asked.status_code, Round.objects.count()) == (422, 1)
    assert "Please confirm that the plan may be cancelled." in asked.content.decode()
    done = desk.post(address(planned, "cancel_plan"), {"sure": "yes"}, follow=True)
    assert "The plan is cancelled." in done.content.decode()
    assert Round.objects.count() == 0
    assert desk.post(address(planned, "cancel_plan"), {"sure": "yes"}).status_code == 404


@pytest.mark.parametrize("name", ["change_plan", "cancel_plan"])
def test_round_that_is_open_has_no_plan_to_change(desk, opened, name):
    sent = {"closes_at": "2099-01-02T09:00", "sure": "yes"}

    answer = desk.post(address(opened, name), sent)

    assert (answer.status_code, "not in a state that allows it" in answer.content.decode()) == (409, True)
    opened.refresh_from_db()
    assert (opened.state, opened.closes_at) == ("open", None)


@pytest.mark.parametrize("meanwhile", ["opened", "cancelled"])
@pytest.mark.parametrize("name", ["change_plan", "cancel_plan", "open_round"])
def test_page_tells_what_happened_meanwhile(desk, plan, now, monkeypatch, name, meanwhile):
    """The other moderator comes between the look at the round and the act."""
    planned = plan(None, 9)

    def late(request):
        if meanwhile == "opened":
            open_round(planned, **BY, at=now)
        else:
            cancel_plan(planned, **BY, at=now)
        return actor_and_time(request)

    for module in ("plans", "next_round"):
        monkeypatch.setattr(f"surveys.web.desk.{module}.actor_and_time", late)
    sent = {"closes_at": "2099-01-02T09:00", "sure": "yes"}

    answer = desk.post(address(planned, name), sent)

    if meanwhile == "opened":
        assert answer.status_code == 409
        assert "not in a state that allows it" in answer.content.decode()
        assert Round.objects.get().state == "open"
    else:
        assert answer.url == "/desk/las/"
        assert "cancelled meanwhile" in desk.get(answer.url).content.decode()


def test_page_says_why_a_round_did_not_open(desk, plan, now):
    opened = open_round(plan(None, 2), **BY, at=now)
    planned = plan(2, 400)
    Round.objects.filter(pk=opened.pk).update(closes_at=now + 3 * DAY)
    open_due_rounds(at=now + 2 * DAY)

    page = desk.get(address(planned)).content.decode()
    told = desk.get(f"/api/v1/series/las/rounds/{planned.uid}/").json()["round"]["not_opened"]

    assert "Its time came, and the round did not open." in page
    assert "Round 1 of this panel is open or planned until 4 March 2026, 12:00 (UTC)" in page
    assert (told["code"], told["round"]) == ("overlap", 1)
    refused = desk.post(address(planned, "open_round"), {"sure": "yes"})
    assert (refused.status_code, "Round 1 of this panel" in refused.content.decode()) == (409, True)
    Round.objects.filter(pk=planned.pk).update(not_opened={"code": "bad_date", "at": "", "round": None, "until": None})
    assert "That time is over already." in desk.get(address(planned)).content.decode()


def test_api_changes_and_cancels_a_plan(desk, plan):
    planned = plan(None, 9)
    where = f"/api/v1/series/las/rounds/{planned.uid}/plan/"
    json = {"content_type": "application/json"}

    for sent, status, code in (
        ({"opens_at": "2001-01-01T00:00Z"}, 422, "bad_date"),
        ({"opens_at": "2099-01-01T00:00"}, 400, "invalid"),  # on which clock?
        ({"closes_at": None}, 400, "invalid"),
        ({"pairs": [["A"]]}, 400, "invalid"),
    ):
        refused = desk.patch(where, sent, **json)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    sent = {"opens_at": "2099-01-01T01:00+01:00", "closes_at": "2099-02-01T00:00Z", "drafts_count": True}
    changed = desk.patch(where, sent, **json).json()
    assert (changed["opens_at"], changed["drafts_count"]) == ("2099-01-01T00:00:00Z", True)
    assert desk.patch(where, {"opens_at": None}, **json).json()["closes_at"] == "2099-02-01T00:00:00Z"
    assert (desk.delete(where).status_code, Round.objects.count()) == (204, 0)
    assert desk.delete(where).status_code == 404


def test_api_changes_what_a_following_round_asks(desk, following):
    where = f"/api/v1/series/las/rounds/{following.uid}/plan/"

    assert desk.patch(where, {"pairs": [["A", "Z"]]}, content_type="application/json").status_code == 404
    changed = desk.patch(where, {"pairs": [["A", "B"], ["B", "C"]]}, content_type="application/json")

    assert changed.json()["comparisons"] == 2


@pytest.mark.parametrize(("name", "status"), [("bob", 404), ("charlie", 403)])
def test_others_change_and_cancel_nothing(client, people, plan, name, status):
    planned = plan(None, 9)
    client.force_login(people[name])

    answers = [
        client.get(address(planned, "change_plan")),
        client.post(address(planned, "change_plan"), {"closes_at": "2099-01-02T09:00"}),
        client.post(address(planned, "cancel_plan"), {"sure": "yes"}),
        client.patch(f"/api/v1/series/las/rounds/{planned.uid}/plan/", {}, content_type="application/json"),
        client.delete(f"/api/v1/series/las/rounds/{planned.uid}/plan/"),
    ]

    assert {one.status_code for one in answers} == {status}
    assert Round.objects.get().closes_at == planned.closes_at


# --- clocks that are changed ------------------------------------------------------------------------------------------


def test_round_in_casablanca_lasts_over_a_change_of_its_clock(client, people, plan, series, monkeypatch):
    """On 14 March 2027, after Ramadan, the clock there goes from 02:00 to 03:00."""
    type(series).objects.update(time_zone="Africa/Casablanca")
    planned = plan(None, 9)
    monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 3, 1, tzinfo=UTC))
    client.force_login(people["alice"])
    hours = {"opens_at": "2027-03-10T09:00", "closes_at": "2027-03-20T09:00"}

    client.post(address(planned, "change_plan"), hours)

    planned.refresh_from_db()
    zone = ZoneInfo("Africa/Casablanca")
    assert planned.opens_at == datetime(2027, 3, 10, 9, tzinfo=UTC) == datetime(2027, 3, 10, 9, tzinfo=zone)
    assert planned.closes_at == datetime(2027, 3, 20, 8, tzinfo=UTC)
    assert open_due_rounds(at=datetime(2027, 3, 10, 8, 59, tzinfo=UTC)) == []
    assert len(open_due_rounds(at=datetime(2027, 3, 10, 9, tzinfo=UTC))) == 1
    assert close_due_rounds(at=datetime(2027, 3, 20, 7, 59, tzinfo=UTC)) == []
    page = client.get(address(planned)).content.decode()
    assert "20 March 2027, 09:00" in page
    assert "Africa/Casablanca" in page
    assert len(close_due_rounds(at=datetime(2027, 3, 20, 8, tzinfo=UTC))) == 1


def test_round_in_kolkata_keeps_its_half_hour(desk, plan, series):
    type(series).objects.update(time_zone="Asia/Kolkata")
    planned = plan(None, 9)

    desk.post(address(planned, "change_plan"), {"opens_at": "2099-03-10T09:00", "closes_at": "2099-11-20T09:15"})

    planned.refresh_from_db()
    assert planned.opens_at == datetime(2099, 3, 10, 3, 30, tzinfo=UTC)
    assert planned.closes_at == datetime(2099, 11, 20, 3, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "time", "told"),
    [
        ("Africa/Casablanca", "2027-03-14T02:30", "is set forward and never shows this time"),
        ("Africa/Casablanca", "2027-02-07T02:30", "is set back and shows this time twice"),
        ("Europe/Paris", "2030-03-31T02:30", "is set forward and never shows this time"),
        ("Europe/Paris", "2030-10-27T02:30", "is set back and shows this time twice"),
    ],
)
def test_time_that_the_clock_shows_twice_or_never_is_refused_with_words(desk, plan, series, zone, time, told):
    type(series).objects.update(time_zone=zone)
    planned = plan(None, 9)

    answer = desk.post(address(planned, "change_plan"), {"closes_at": time})

    html = answer.content.decode()
    assert (answer.status_code, f"On that day the clock of {zone} {told}" in html) == (422, True)
    assert f'value="{time}"' in html
    assert Round.objects.get().closes_at == planned.closes_at
