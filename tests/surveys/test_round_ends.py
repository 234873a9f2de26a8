"""The end of a round: moved outwards, announced, come early, taken back; who is counted, and who is told."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox
from django.urls import reverse
from django.utils import timezone

from accounts.doors import actor_and_time
from surveys import handover
from surveys.errors import BadDateError, LockedRoundError, OverlapError, RoundStateError
from surveys.models import Mail, NodeChoice, Panelist, Round, Submission
from surveys.queries.desk.closing import closing
from surveys.queries.panelist.links import personal_token
from surveys.queries.rounds import round_summary
from surveys.usecases import mails
from surveys.usecases.arrivals import decline, start, stop_mails
from surveys.usecases.ends import move_end, reopen_round
from surveys.usecases.judgements import record_judgement
from surveys.usecases.news import stop_news
from surveys.usecases.panels import add_panelist
from surveys.usecases.rounds import announce_close, close_due_rounds, close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round
from surveys.usecases.withdrawals import withdraw
from tests.surveys.test_round_plans import together

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BY = {"by": "mo"}
NEWS = ["end_moved", "ending", "closed", "reopened"]


@pytest.fixture
def dated(panel, version, now):
    """An open round that closes in two days."""
    return open_round(plan_round(panel, version=version, closes_at=now + 2 * DAY, **BY, at=now), **BY, at=now)


@pytest.fixture
def begun(dated, panelists, answer_all, now):
    """P1 handed in, P2 has a draft, P3 has not begun; P2 and P3 read mails of the panel."""
    for code in ("P1", "P2"):
        start(panelists[code].links.get(), device=code, at=now)
    answer_all(panelists["P1"], dated)
    submit_round(panelists["P1"], dated, at=now)
    record_judgement(panelists["P2"], dated, a="A", b="B", value=3, at=now)
    return dated


def told(round_, kind):
    return sorted(Mail.objects.filter(round=round_, kind=kind).values_list("panelist__code", flat=True))


# --- the end moves outwards -------------------------------------------------------------------------------------------


def test_end_moves_outwards_and_tells_nobody_unless_it_is_asked_for(begun, now):
    moved = move_end(begun, ends_at=now + 3 * DAY, **BY, at=now)

    assert (moved.closes_at, moved.finish_until, moved.ends_at) == (now + 3 * DAY, None, now + 3 * DAY)
    assert told(begun, "end_moved") == []
    assert close_due_rounds(at=now + 2 * DAY) == []
    assert len(close_due_rounds(at=now + 3 * DAY)) == 1


def test_who_has_not_handed_in_is_told_once(begun, now):
    move_end(begun, ends_at=now + 3 * DAY, tell=True, **BY, at=now)
    move_end(begun, ends_at=now + 4 * DAY, tell=True, **BY, at=now)  # the first mail has not gone out: it says this end

    assert told(begun, "end_moved") == ["P2", "P3"]
    letters(begun, "end_moved", now)
    move_end(begun, ends_at=now + 5 * DAY, tell=True, **BY, at=now)
    assert told(begun, "end_moved") == ["P2", "P2", "P3", "P3"]


@pytest.mark.parametrize(("days", "why"), [(2, "not_later"), (1, "not_later"), (-1, "passed")])
def test_end_never_moves_inwards(begun, now, days, why):
    with pytest.raises(BadDateError) as refused:
        move_end(begun, ends_at=now + days * DAY, tell=True, **BY, at=now)

    begun.refresh_from_db()
    assert (refused.value.facts["why"], begun.closes_at, told(begun, "end_moved")) == (why, now + 2 * DAY, [])


def test_end_that_has_come_moves_only_to_what_is_still_to_come(begun, now):
    """No worker has closed it yet."""
    with pytest.raises(BadDateError):
        move_end(begun, ends_at=now + 3 * DAY, **BY, at=now + 4 * DAY)
    assert move_end(begun, ends_at=now + 5 * DAY, **BY, at=now + 4 * DAY).ends_at == now + 5 * DAY


def test_round_without_an_end_has_none_to_move(opened, now):
    with pytest.raises(BadDateError) as refused:
        move_end(opened, ends_at=now + 3 * DAY, **BY, at=now)
    assert refused.value.facts["why"] == "endless"


def test_announced_end_moves_outwards_and_stays_announced(begun, now):
    announce_close(begun, finish_until=now + HOUR, **BY, at=now)

    moved = move_end(begun, ends_at=now + 2 * HOUR, tell=True, **BY, at=now)

    assert (moved.finish_until, moved.closes_at) == (now + 2 * HOUR, now + 2 * DAY)
    assert told(begun, "end_moved") == ["P2"]  # nobody new starts
    with pytest.raises(BadDateError):
        move_end(begun, ends_at=now + HOUR, **BY, at=now)


def test_end_does_not_move_over_a_round_that_is_planned(begun, panel, version, now):
    plan_round(panel, version=version, opens_at=now + 3 * DAY, **BY, at=now)

    with pytest.raises(OverlapError):
        move_end(begun, ends_at=now + 4 * DAY, **BY, at=now)
    assert move_end(begun, ends_at=now + 3 * DAY, **BY, at=now).ends_at == now + 3 * DAY


# --- one date ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["planned", "moved", "announced", "announced and moved"])
def test_page_mail_api_and_public_page_say_one_end(client, people, panel, panelists, version, series, how):
    from scoring.models import Edition, EditionPanel  # noqa: PLC0415

    now = timezone.now().replace(microsecond=0, second=0)
    type(series).objects.update(time_zone="Asia/Kolkata")
    dated = open_round(plan_round(panel, version=version, closes_at=now + 2 * DAY, **BY, at=now), **BY, at=now)
    edition = Edition.objects.create(series=series, slug="2026", framework_uid=version.uid, created_at=now)
    EditionPanel.objects.create(edition=edition, panel_uid=panel.uid)
    if "announced" in how:
        announce_close(dated, finish_until=now + HOUR, **BY, at=now)
    if "moved" in how:
        move_end(dated, ends_at=now + 3 * DAY, **BY, at=now)
    end = {"planned": now + 2 * DAY, "announced": now + HOUR}.get(how, now + 3 * DAY)
    said = end.astimezone(ZoneInfo("Asia/Kolkata"))
    said = f"{said.day} {said:%B %Y, %H:%M}"
    client.force_login(people["alice"])

    assert round_summary(dated.uid).ends_at == end
    assert f"<bdi>{said}</bdi> Asia/Kolkata" in client.get(address(dated)).content.decode()
    api = client.get(f"/api/v1/series/las/rounds/{dated.uid}/").json()["round"]
    assert datetime.fromisoformat(api["ends_at"]) == end
    public = " ".join(client.get("/s/las/").content.decode().split())
    assert f"The panel is being asked until {said}" in public
    assert "(Asia/Kolkata)" in public
    Panelist.objects.update(started_at=now)
    mails.send_mail(Mail.objects.get(panelist=panelists["P1"]).pk, now=timezone.now)
    assert f"The round closes: {said} (Asia/Kolkata, UTC+05:30)" in outbox.outbox[0].body
    page = client.get(reverse("surveys:invitation", kwargs={"token": personal_token(panelists["P1"])}))
    assert re.search(r"<dt>The round closes</dt>\s*<dd>\s*<bdi>[^<]*\(UTC\)", page.content.decode())


# --- closing ----------------------------------------------------------------------------------------------------------


def test_dialogue_counts_who_would_be_shut_out(begun, panel, panelists, now, django_assert_num_queries):
    for code in ("P4", "P5", "P6"):
        panelists[code] = add_panelist(panel, code=code, **BY, at=now)
    start(panelists["P4"].links.get(), device="d", at=now)  # has begun, and answered nothing
    decline(panelists["P5"], at=now)
    withdraw(panelists["P6"], at=now)

    with django_assert_num_queries(4):
        counted = closing(begun, at=now)

    assert (counted.active, counted.drafts, counted.not_begun, counted.shut_out) == (1, 1, 1, 1)
    assert (counted.told, counted.waiting, counted.goes_out) == (2, 0, None)


def test_in_a_later_round_who_started_before_has_not_begun_but_may_come(begun, panel, version, panelists, now):
    first = close_round(begun, **BY, at=now)
    planned = plan_round(panel, version=version, follows=first, closes_at=now + 2 * DAY, **BY, at=now)
    second = open_round(planned, **BY, at=now)

    counted = closing(second, at=now)

    assert (counted.not_begun, counted.shut_out, counted.may_come) == (3, 1, 2)  # P3 alone has never opened a link


@pytest.mark.parametrize(
    ("close", "kind"),
    [
        (lambda round_, at, **more: close_round(round_, **more, at=at), "closed"),
        (lambda round_, at, **more: announce_close(round_, finish_until=at + HOUR, **more, at=at), "ending"),
    ],
)
def test_closing_tells_drafts_and_those_not_begun_where_it_is_asked_for(begun, now, close, kind):
    close(begun, now, tell=True, **BY)

    assert told(begun, kind) == ["P2", "P3"]
    assert told(begun, "end_moved") == []


def test_closing_after_an_announcement_tells_only_who_was_still_in(begun, now):
    announce_close(begun, finish_until=now + HOUR, tell=True, **BY, at=now)
    letters(begun, "ending", now)

    close_round(begun, tell=True, **BY, at=now)

    assert told(begun, "closed") == ["P2"]


def test_nobody_is_mailed_who_does_not_want_to_be(begun, panelists, now):
    decline(panelists["P2"], at=now)
    stop_mails(panelists["P3"], at=now)

    close_round(begun, tell=True, **BY, at=now)

    assert told(begun, "closed") == []


def test_closing_by_its_end_tells_nobody(begun, now):
    close_due_rounds(at=now + 2 * DAY)

    assert not Mail.objects.filter(kind__in=NEWS).exists()


# --- what a person reads ----------------------------------------------------------------------------------------------


def letters(round_, kind, now):
    """Send the news of a round; returns by code what was read."""
    found = {}
    for mail in Mail.objects.filter(round=round_, kind=kind):
        outbox.outbox.clear()
        mails.send_mail(mail.pk, now=lambda: now)
        if outbox.outbox:
            found[mail.panelist.code] = outbox.outbox[0]
    return found


def test_mail_about_another_end_says_it_and_asks(begun, panelists, now):
    Panelist.objects.update(language="en")
    move_end(begun, ends_at=now + 3 * DAY, tell=True, **BY, at=now)

    read = letters(begun, "end_moved", now)["P2"]

    assert read.subject == "More time for LAS ranking"
    assert "There is more time for your pairs. The round is now open until 4 March 2026, 12:00 (UTC)." in read.body
    assert "5 pairs" in read.body
    assert personal_token(panelists["P2"]) in read.body


def test_mail_about_an_announced_end_tells_each_what_she_may(begun, now):
    Panelist.objects.update(language="en")
    announce_close(begun, finish_until=now + HOUR, tell=True, **BY, at=now)

    read = letters(begun, "ending", now)

    assert "You may finish until 1 March 2026, 13:00 (UTC)." in read["P2"].body
    assert "A draft does not count." in read["P2"].body
    assert "Nobody new can start any more." in read["P3"].body
    assert ("How long it takes" in read["P2"].body, "How long it takes" in read["P3"].body) == (True, False)


@pytest.mark.parametrize("drafts_count", [True, False])
def test_mail_about_a_closed_round_says_what_becomes_of_a_draft(panel, version, panelists, now, drafts_count):
    Panelist.objects.update(language="en")
    planned = plan_round(panel, version=version, drafts_count=drafts_count, **BY, at=now)
    opened = open_round(planned, **BY, at=now)
    start(panelists["P2"].links.get(), device="d", at=now)
    record_judgement(panelists["P2"], opened, a="A", b="B", value=3, at=now)
    close_round(opened, tell=True, **BY, at=now)

    read = letters(opened, "closed", now)

    assert read["P2"].subject == "The round of LAS ranking is closed"
    assert ("its complete questions count" in read["P2"].body) == drafts_count
    assert "draft" not in read["P3"].body
    assert "Your own page:" in read["P3"].body


def test_mail_about_a_round_that_is_open_again_says_until_when(begun, now):
    Panelist.objects.update(language="en")
    reopen_round(close_round(begun, **BY, at=now), ends_at=now + 9 * DAY, tell=True, **BY, at=now)

    read = letters(begun, "reopened", now)

    assert sorted(read) == ["P2", "P3"]
    assert "The round is open again. The round is now open until 10 March 2026" in read["P3"].body


def test_news_that_became_untrue_are_not_sent(begun, panelists, answer_all, now):
    def refusals(kind):
        letters(begun, kind, now)
        rows = Mail.objects.filter(round=begun, kind=kind).order_by("panelist__code")
        return list(rows.values_list("error_code", flat=True))

    move_end(begun, ends_at=now + 3 * DAY, tell=True, **BY, at=now)
    answer_all(panelists["P2"], begun, 2.0)
    submit_round(panelists["P2"], begun, at=now)
    announce_close(begun, finish_until=now + HOUR, tell=True, **BY, at=now)
    close_round(begun, tell=True, **BY, at=now)
    assert refusals("end_moved") == ["superseded"] * 2
    reopen_round(begun, ends_at=now + 4 * DAY, tell=True, **BY, at=now)
    assert refusals("closed") == []  # P3 had not started, and heard of the announcement
    assert refusals("ending") == ["round_open"]
    Mail.objects.filter(kind="reopened").update(panelist=panelists["P2"])
    assert refusals("reopened") == ["handed_in"]
    Mail.objects.create(panelist=panelists["P3"], round=begun, kind="closed", queued_at=now)
    assert refusals("closed") == ["round_open"]


# --- five minutes -----------------------------------------------------------------------------------------------------


def test_news_wait_five_minutes_and_can_be_stopped_till_then(begun, now):
    move_end(begun, ends_at=now + 3 * DAY, tell=True, **BY, at=now)
    news = set(Mail.objects.filter(kind="end_moved").values_list("pk", flat=True))

    assert not news & set(mails.waiting_mails(at=now + timedelta(minutes=4, seconds=59)))
    assert news <= set(mails.waiting_mails(at=now + timedelta(minutes=5)))
    counted = closing(begun, at=now)
    assert (counted.waiting, counted.goes_out) == (2, now + timedelta(minutes=5))
    assert (stop_news(begun, **BY, at=now), stop_news(begun, **BY, at=now)) == (2, 0)
    assert {*Mail.objects.filter(pk__in=news).values_list("state", "error_code")} == {("failed", "stopped")}
    assert Mail.objects.filter(kind="invitation", state="queued").count() == 3


# --- opened again -----------------------------------------------------------------------------------------------------


def test_closed_round_opens_again_as_it_was(begun, panelists, answer_all, now):
    announce_close(begun, finish_until=now + HOUR, **BY, at=now)
    closed = close_round(begun, **BY, at=now + HOUR)

    opened = reopen_round(closed, ends_at=now + 9 * DAY, **BY, at=now + 2 * HOUR)

    opened.refresh_from_db()
    assert (opened.state, opened.ends_at, opened.finish_until) == ("open", now + 9 * DAY, None)
    assert (opened.opens_at, opened.closed_at, opened.at_closing) == (now, None, None)
    assert opened.promise_fingerprint == begun.promise_fingerprint
    assert Submission.objects.count() == 1
    answer_all(panelists["P3"], opened)  # who had not begun may begin
    submit_round(panelists["P3"], opened, at=now)
    submitted = close_round(opened, **BY, at=now + 3 * DAY)
    assert submitted.at_closing["submitted"] == 2
    assert told(begun, "reopened") == []


def test_who_had_not_handed_in_is_told_of_the_opening_also_after_an_announced_end(begun, now):
    announce_close(begun, finish_until=now + HOUR, **BY, at=now)
    closed = close_round(begun, **BY, at=now + HOUR)
    assert closing(closed, at=now).told == 2

    reopen_round(closed, ends_at=now + 9 * DAY, tell=True, **BY, at=now + 2 * HOUR)

    assert told(begun, "reopened") == ["P2", "P3"]


def test_round_on_which_a_method_is_frozen_stays_closed(begun, now):
    close_round(begun, **BY, at=now)
    handover.lock(begun.uid, at=now)

    with pytest.raises(LockedRoundError):
        reopen_round(begun, ends_at=now + 9 * DAY, **BY, at=now)
    begun.refresh_from_db()
    assert begun.state == "closed"


def test_round_that_another_follows_stays_closed(begun, panel, version, now):
    closed = close_round(begun, **BY, at=now)
    plan_round(panel, version=version, follows=closed, **BY, at=now)

    with pytest.raises(OverlapError) as refused:
        reopen_round(closed, ends_at=now + 9 * DAY, **BY, at=now)
    assert refused.value.facts == {"why": "followed", "round": 2}


@pytest.mark.parametrize("other", ["open", "open and over", "planned"])
def test_round_does_not_open_again_beside_another(begun, panel, version, now, other):
    closed = close_round(begun, **BY, at=now)
    first = None if "open" in other else now + DAY
    beside = plan_round(panel, version=version, opens_at=first, closes_at=now + 2 * DAY, **BY, at=now)
    at = now
    if "open" in other:
        open_round(beside, **BY, at=now)
        at = now + 3 * DAY if other == "open and over" else now

    with pytest.raises(OverlapError):
        reopen_round(closed, ends_at=now + 9 * DAY, **BY, at=at)
    assert Round.objects.get(pk=closed.pk).state == "closed"


def test_new_end_is_still_to_come(begun, now):
    closed = close_round(begun, **BY, at=now)

    with pytest.raises(BadDateError):
        reopen_round(closed, ends_at=now, **BY, at=now)


def test_stamp_of_a_round_that_was_open_again_is_another(begun, now):
    close_round(begun, **BY, at=now)
    before = handover.round_stamp(begun.uid)
    reopen_round(begun, ends_at=now + 9 * DAY, **BY, at=now)
    while_open = handover.round_stamp(begun.uid)
    close_round(begun, **BY, at=now + HOUR)

    assert len({before, while_open, handover.round_stamp(begun.uid)}) == 3
    assert not NodeChoice.objects.exists()  # nothing but its closing was another


# --- two at once ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_freeze_and_new_opening_at_once_leave_one_of_them(begun, now):
    close_round(begun, **BY, at=now)

    given = together(
        lambda: handover.lock(begun.uid, at=now), lambda: reopen_round(begun, ends_at=now + DAY, **BY, at=now)
    )

    begun.refresh_from_db()
    assert (LockedRoundError in given) == (begun.state == "closed") == (begun.locked_at is not None)
    assert (RoundStateError in given) == (begun.state == "open")


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_two_moderators_open_a_round_again_once(begun, now):
    close_round(begun, **BY, at=now)

    given = together(*[lambda: reopen_round(begun, ends_at=now + DAY, tell=True, **BY, at=now)] * 2)

    assert given.count(RoundStateError) == 1
    assert told(begun, "reopened") == ["P2", "P3"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_two_moderators_who_move_an_end_leave_the_later_one(begun, now):
    ends = (now + 3 * DAY, now + 4 * DAY)

    together(*(lambda end=end: move_end(begun, ends_at=end, tell=True, **BY, at=now) for end in ends))

    begun.refresh_from_db()
    assert begun.ends_at == ends[1]
    assert told(begun, "end_moved") == ["P2", "P3"]


# --- pages and API ----------------------------------------------------------------------------------------------------


def address(round_, name="desk_round"):
    return reverse(f"surveys:{name}", kwargs={"series": "las", "uid": round_.uid})


@pytest.fixture
def desk(client, people):
    client.force_login(people["alice"])
    return client


def test_page_says_first_whom_closing_shuts_out_and_whom_a_mail_reaches(desk, begun):
    html = " ".join(desk.get(address(begun)).content.decode().split())

    assert "1 person has answers that are not handed in." in html
    assert "1 person has not begun, and is shut out once the round is closed." in html
    assert html.count("Mail 2 people who have not handed in, once each.") == 2  # another end, and closing
    assert not re.search(r'name="tell"[^>]*checked', html)


@pytest.mark.parametrize(
    ("sent", "mailed"), [({"when": "now", "tell": "yes"}, "closed"), ({"when": "grace", "tell": "yes"}, "ending")]
)
def test_page_closes_and_mails_where_it_is_asked_for(desk, begun, sent, mailed):
    page = desk.post(address(begun, "close_round"), sent | {"sure": "yes"}, follow=True)

    html = " ".join(page.content.decode().split())
    assert told(begun, mailed) == ["P2", "P3"]
    assert "2 mails go out in five minutes; until then you can stop them." in html
    assert "2 mails about this round wait until" in html
    assert "2 mails were stopped." in desk.post(address(begun, "stop_mails_of_round"), follow=True).content.decode()
    again = desk.post(address(begun, "stop_mails_of_round"), follow=True).content.decode()
    assert "No mail was stopped: none waits any more." in again


def test_refused_closing_says_beside_each_field_why(desk, begun):
    answer = desk.post(address(begun, "close_round"), {"when": "until", "until": "2001-01-01T10:00", "tell": "yes"})

    html = answer.content.decode()
    assert answer.status_code == 422
    assert '<a href="#id_sure">Close the round: Please confirm that the round may be closed.</a>' in html
    answer = desk.post(address(begun, "close_round"), {"when": "until", "until": "2001-01-01T10:00", "sure": "yes"})
    html = answer.content.decode()
    assert '<a href="#id_until">Until this time: That time is over already.</a>' in html
    assert '<p class="error" id="id_until_error">That time is over already.</p>' in html
    assert 'value="2001-01-01T10:00"' in html


def test_page_moves_the_end(desk, begun):
    page = desk.post(address(begun, "move_end"), {"ends_at": "2099-01-01T10:00", "tell": "yes"}, follow=True)

    assert "The round is open until 1 January 2099, 10:00 (UTC). 2 mails go out" in page.content.decode()
    assert Round.objects.get().ends_at == datetime(2099, 1, 1, 10, tzinfo=UTC)
    desk.post(address(begun, "move_end"), {"ends_at": "2099-01-01T11:00"})
    assert told(begun, "end_moved") == ["P2", "P3"]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "Please give the day and hour until which the round is open."),
        ({"ends_at": "x"}, "Please give the day and hour until which the round is open."),
        ({"ends_at": "2001-01-01T10:00"}, "That time is over already."),
        ({"ends_at": "2098-01-01T10:00"}, "please choose a time after 1 January 2099, 10:00 (UTC)"),
        ({"ends_at": "2099-06-01T10:00"}, "Round 2 of this panel is open or planned then, and has no end"),
    ],
)
def test_refused_end_stays_in_its_form(desk, begun, panel, version, now, sent, words):
    end = datetime(2099, 1, 1, 10, tzinfo=UTC)
    move_end(begun, ends_at=end, **BY, at=now)
    plan_round(panel, version=version, opens_at=datetime(2099, 2, 1, tzinfo=UTC), **BY, at=now)

    answer = desk.post(address(begun, "move_end"), sent | {"tell": "yes"})

    html = answer.content.decode()
    assert (answer.status_code, words in html) == (422, True)
    assert all(f'value="{value}"' in html for value in sent.values())
    assert re.search(r'name="tell"\s+value="yes"\s+checked', html)
    assert (Round.objects.get(pk=begun.pk).ends_at, told(begun, "end_moved")) == (end, [])


def test_page_opens_a_closed_round_again_once_it_is_confirmed(desk, begun, now):
    close_round(begun, **BY, at=now)
    far = {"ends_at": "2099-01-01T10:00", "tell": "yes"}
    assert "Mail 2 people who have not handed in, once each." in " ".join(
        desk.get(address(begun)).content.decode().split()
    )

    asked = desk.post(address(begun, "reopen_round"), far)
    assert (asked.status_code, Round.objects.get().state) == (422, "closed")
    assert "Please confirm that the round may be opened again." in asked.content.decode()
    past = desk.post(address(begun, "reopen_round"), {"ends_at": "2001-01-01T10:00", "sure": "yes"})
    assert (past.status_code, "That time is over already." in past.content.decode()) == (422, True)
    done = desk.post(address(begun, "reopen_round"), far | {"sure": "yes"}, follow=True).content.decode()
    assert "The round is open again until 1 January 2099, 10:00 (UTC). 2 mails go out" in done
    assert told(begun, "reopened") == ["P2", "P3"]
    again = desk.post(address(begun, "reopen_round"), far | {"sure": "yes"})
    assert (again.status_code, "not in a state that allows it" in again.content.decode()) == (409, True)


def test_page_says_why_a_round_stays_closed(desk, begun, panel, version, now):
    close_round(begun, **BY, at=now)
    far = {"ends_at": "2099-01-01T10:00", "sure": "yes"}
    planned = plan_round(panel, version=version, follows=begun, **BY, at=now)
    assert address(begun, "reopen_round") not in desk.get(address(begun)).content.decode()
    refused = desk.post(address(begun, "reopen_round"), far)
    assert (refused.status_code, "Round 2 follows this one" in refused.content.decode()) == (422, True)
    planned.delete()
    handover.lock(begun.uid, at=now)

    assert "The method of an edition is frozen on this round" in desk.get(address(begun)).content.decode()
    refused = desk.post(address(begun, "reopen_round"), far)
    assert (refused.status_code, Round.objects.get().state) == (409, "closed")


@pytest.mark.parametrize(("name", "act"), [("move_end", "close"), ("reopen_round", "reopen")])
def test_page_tells_what_another_moderator_did_meanwhile(desk, begun, now, monkeypatch, name, act):
    if act == "reopen":
        close_round(begun, **BY, at=now)

    def late(request):
        if act == "close":
            close_round(begun, **BY, at=now)
        else:
            reopen_round(begun, ends_at=now + 9 * DAY, **BY, at=now)
        return actor_and_time(request)

    monkeypatch.setattr("surveys.web.desk.ends.actor_and_time", late)

    answer = desk.post(address(begun, name), {"ends_at": "2099-01-01T10:00", "sure": "yes"})

    assert (answer.status_code, "not in a state that allows it" in answer.content.decode()) == (409, True)
    assert Round.objects.get().ends_at == now + (2 if act == "close" else 9) * DAY


@pytest.mark.parametrize("name", ["move_end", "reopen_round"])
def test_page_of_a_planned_round_moves_and_opens_nothing_again(desk, planned, name):
    answer = desk.post(address(planned, name), {"ends_at": "2099-01-01T10:00", "sure": "yes"})

    assert answer.status_code == 409
    assert Round.objects.get().state == "draft"


def test_next_round_is_planned_after_a_closed_one_alone(desk, opened):
    answer = desk.post(address(opened, "plan_again"), {"pair": "A\tB", "closes_at": "2099-01-01T12:00"})

    assert (answer.status_code, Round.objects.count()) == (409, 1)


def test_api_moves_closes_tells_and_opens_again(desk, begun):
    where = f"/api/v1/series/las/rounds/{begun.uid}/"
    json = {"content_type": "application/json"}

    for sent, status, code in (
        ({}, 400, "invalid"),
        ({"ends_at": "2099-01-01T10:00"}, 400, "invalid"),
        ({"ends_at": "2001-01-01T10:00Z"}, 422, "bad_date"),
    ):
        refused = desk.post(f"{where}end/", sent, **json)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    moved = desk.post(f"{where}end/", {"ends_at": "2099-01-01T10:00+01:00", "tell": True}, **json)
    assert moved.json()["round"]["ends_at"] == "2099-01-01T09:00:00Z"
    assert told(begun, "end_moved") == ["P2", "P3"]
    assert desk.post(f"{where}stop-mails/").json() == {"stopped": 2}
    assert desk.post(f"{where}close/", {"tell": True}, **json).json()["round"]["state"] == "closed"
    assert told(begun, "closed") == ["P2", "P3"]
    again = desk.post(f"{where}reopen/", {"ends_at": "2099-01-01T10:00Z"}, **json)
    assert again.json()["round"]["state"] == "open"
    assert (told(begun, "reopened"), desk.post(f"{where}reopen/", {}, **json).status_code) == ([], 400)
    desk.post(f"{where}close/", **json)
    handover.lock(begun.uid, at=timezone.now())
    refused = desk.post(f"{where}reopen/", {"ends_at": "2099-01-01T10:00Z"}, **json)
    assert (refused.status_code, refused.json()["code"]) == (409, "round_locked")


@pytest.mark.parametrize(("name", "status"), [("bob", 404), ("charlie", 403)])
def test_others_move_stop_and_open_nothing(client, people, begun, now, name, status):
    client.force_login(people[name])
    far = {"ends_at": "2099-01-01T10:00Z", "sure": "yes"}
    pages = [address(begun, one) for one in ("move_end", "reopen_round", "stop_mails_of_round")]
    api = [f"/api/v1/series/las/rounds/{begun.uid}/{one}/" for one in ("end", "reopen", "stop-mails")]
    move_end(begun, ends_at=now + 3 * DAY, tell=True, **BY, at=now)

    answers = [client.post(one, far) for one in pages]
    answers += [client.post(one, far, content_type="application/json") for one in api]

    assert {one.status_code for one in answers} == {status}
    assert Round.objects.get().ends_at == now + 3 * DAY
    assert Mail.objects.filter(kind="end_moved", state="queued").count() == 2


def test_round_page_costs_the_same_for_any_panel(desk, begun, panel, now, django_assert_max_num_queries):
    for number in range(4, 14):
        add_panelist(panel, code=f"P{number}", **BY, at=now)
    with django_assert_max_num_queries(19):
        desk.get(address(begun))


def test_page_plans_no_next_round_after_one_that_opened_again_meanwhile(desk, begun, now, monkeypatch):
    close_round(begun, **BY, at=now)

    def late(request):
        reopen_round(begun, ends_at=now + 9 * DAY, **BY, at=now)
        return actor_and_time(request)

    monkeypatch.setattr("surveys.web.desk.next_round.actor_and_time", late)

    answer = desk.post(address(begun, "plan_again"), {"pair": "A\tB", "closes_at": "2099-01-01T12:00"})

    assert (answer.status_code, Round.objects.count()) == (409, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_next_round_and_new_opening_at_once_leave_one_of_them(begun, panel, version, now):
    close_round(begun, **BY, at=now)

    given = together(
        lambda: plan_round(panel, version=version, follows=begun, **BY, at=now),
        lambda: reopen_round(begun, ends_at=now + DAY, **BY, at=now),
    )

    begun.refresh_from_db()
    assert (OverlapError in given) == (begun.state == "closed") == begun.followed_by.exists()
    assert (RoundStateError in given) == (begun.state == "open")
