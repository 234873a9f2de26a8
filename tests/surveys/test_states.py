"""Each act of the surveys' tables in each state, on real rows; and each act that a page or the API offers, by whoever asks."""

import uuid
from contextlib import nullcontext
from dataclasses import asdict
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.lifecycle import NOTHING_HAPPENS, Actor
from accounts.models import Role, User
from accounts.rules import series_for
from accounts.usecases.roles import give_role
from surveys import handover
from surveys.errors import SurveyError
from surveys.models import FrameworkVersion, Judgement, LinkRequest, Mail, Panelist, Round
from surveys.queries.frameworks import revision_of
from surveys.queries.panelist.links import link_token
from surveys.queries.rounds import count_round
from surveys.states import FRAMEWORK, LINK_REQUEST, MAIL, ROUND, TABLES, capability
from surveys.usecases import (
    arrivals,
    ends,
    following,
    framework_drafts,
    frameworks,
    judgements,
    mails,
    news,
    nodes,
    panel_mails,
    plans,
    requests,
    rounds,
    submissions,
)
from surveys.values.framework import FrameworkRow
from tests.guards import unguarded

pytestmark = pytest.mark.django_db
BY = {"by": "mo"}


@pytest.fixture
def she(panelists):
    """P1, who stopped no mails and declined nothing."""
    return panelists["P1"]


def in_state(row, state, **fields):
    """Put a row into a state as its constraints want it, whether or not a move leads there."""
    if fields.get("closed_at"):
        fields["at_closing"] = asdict(count_round(row))
    with unguarded(type(row)):
        type(row)._default_manager.filter(pk=row.pk).update(state=state, **fields)
    row.refresh_from_db()
    return row


# --- rounds -------------------------------------------------------------------------------------------------------------


def plan_after(round_, she, at):
    return rounds.plan_round(round_.panel, version=round_.version, follows=round_, at=at, **BY)


def due(round_, she, at):
    with unguarded(Round):
        Round.objects.filter(pk=round_.pk, closed_at=None).update(closes_at=at + timedelta(days=1))
    return rounds.close_due_rounds(at=at + timedelta(days=2))


def due_to_open(round_, she, at):
    with unguarded(Round):
        Round.objects.filter(pk=round_.pk, state="draft").update(opens_at=at)
    Mail.objects.filter(round=round_).delete()
    return rounds.open_due_rounds(at=at)


def cancelled(round_, she, at):
    with unguarded(Judgement):  # where it was never open there are none
        Judgement.objects.filter(comparison__round=round_, comparison__round__state="draft").delete()
    plans.cancel_plan(round_, at=at, **BY)


def reopened(round_, she, at):
    return ends.reopen_round(round_, ends_at=at + timedelta(days=9), at=at, **BY)


def moved(round_, she, at):
    with unguarded(Round):
        Round.objects.filter(pk=round_.pk).update(closes_at=at + timedelta(days=1))
    return ends.move_end(round_, ends_at=at + timedelta(days=9), at=at, **BY)


def divided(round_, she, at):
    """Asked by the API, which is where it may be refused."""
    user = User.objects.create_user("mo")
    give_role(user, series=round_.panel.series, kind=Role.Kind.MODERATOR, at=at, **BY)
    client = Client()
    client.force_login(user)
    answer = client.get(f"/api/v1/series/las/rounds/{round_.uid}/divided/")
    if answer.status_code != 200:
        raise RefusedByApiError(answer.json()["code"], answer.json()["facts"])


class RefusedByApiError(SurveyError):
    def __init__(self, code, facts):
        super().__init__(code, **facts)
        self.code = code


def open_anew(round_, she, at):
    Mail.objects.filter(round=round_).delete()  # it was open before: nobody is invited twice
    return rounds.open_round(round_, at=at, **BY)


PAIR = {"a": "A", "b": "B"}
ROUND_ACTS = {
    "plan_round": plan_after,
    "open_round": open_anew,
    "start": lambda round_, she, at: arrivals.start(she.links.get(), device="d", at=at),
    "record_judgement": lambda round_, she, at: judgements.record_judgement(she, round_, **PAIR, value=2, at=at),
    "take_back_judgement": lambda round_, she, at: judgements.take_back_judgement(she, round_, **PAIR, at=at),
    "settle_conflict": lambda round_, she, at: judgements.settle_conflict(
        she, round_, **PAIR, value=3, keep=False, key=uuid.uuid4(), seen_version=2, at=at
    ),
    "keep_earlier": lambda round_, she, at: following.keep_earlier(she, round_, **PAIR, at=at),
    "undo_change": lambda round_, she, at: nodes.undo_change(she, round_, **PAIR, seen_version=2, at=at),
    "decide_on_triple": lambda round_, she, at: nodes.decide_on_triple(
        she, round_, items=["A", "B", "C"], choice="kept", at=at
    ),
    "choose_for_node": lambda round_, she, at: judgements.choose_for_node(
        she, round_, node="Root", choice="short", at=at
    ),
    "submit_round": lambda round_, she, at: submissions.submit_round(she, round_, at=at),
    "take_back_submission": lambda round_, she, at: submissions.take_back_submission(she, round_, at=at),
    "invite_owed_people": lambda round_, she, at: panel_mails.invite_owed_people(round_, at=at, **BY),
    "remind_panelists": lambda round_, she, at: mails.remind_panelists(round_, at=at, **BY),
    "announce_close": lambda round_, she, at: rounds.announce_close(
        round_, finish_until=at + timedelta(hours=1), at=at, **BY
    ),
    "close_round": lambda round_, she, at: rounds.close_round(round_, at=at, **BY),
    "close_due_rounds": due,
    "open_due_rounds": due_to_open,
    "change_plan": lambda round_, she, at: plans.change_plan(
        round_, opens_at=None, closes_at=None, drafts_count=True, at=at, **BY
    ),
    "cancel_plan": cancelled,
    "move_end": moved,
    "reopen_round": reopened,
    "divided_pairs": divided,
    "closed_round": lambda round_, she, at: handover.closed_round(round_.uid),
    "lock": lambda round_, she, at: handover.lock(round_.uid, at=at),
}


@pytest.fixture
def second(opened, she, answer_all, now):
    """A round that follows one which she answered: what she said there may be kept; two versions of one answer here."""
    answer_all(she, opened)
    submissions.submit_round(she, opened, at=now)
    rounds.close_round(opened, by="mo", at=now)
    planned = rounds.plan_round(opened.panel, version=opened.version, follows=opened, by="mo", at=now)
    round_ = rounds.open_round(planned, by="mo", at=now)
    for value in (5.0, 7.0):
        judgements.record_judgement(she, round_, **PAIR, value=value, at=now)
    Panelist.objects.update(started_at=None)
    return round_


def test_every_act_of_a_round_is_tried():
    assert set(ROUND_ACTS) == set(ROUND.by_name)


@pytest.mark.parametrize("state", ROUND.states.values)
@pytest.mark.parametrize("name", ROUND_ACTS)
def test_act_of_a_round_is_taken_or_refused_as_the_table_says(second, she, now, name, state):
    act = ROUND.by_name[name]
    round_ = in_state(second, state, closed_at=now if state == "closed" else None)
    she.refresh_from_db()
    if ROUND.allows(name, state):
        ROUND_ACTS[name](round_, she, now)
    elif act.refusal == NOTHING_HAPPENS:
        ROUND_ACTS[name](round_, she, now)
        she.refresh_from_db()
        assert she.started_at is None
    else:
        with pytest.raises(SurveyError) as refused:
            ROUND_ACTS[name](round_, she, now)
        assert (refused.value.code, refused.value.facts) == (
            act.refusal,
            {"state": state, "allowed": ROUND.allowed(name)},
        )
    if name == "cancel_plan" and ROUND.allows(name, state):
        assert not Round.objects.filter(pk=round_.pk).exists()
        return
    round_.refresh_from_db()
    assert round_.state == (act.ends[0] if act.ends and ROUND.allows(name, state) else state)


# --- framework versions, mails, requests --------------------------------------------------------------------------------


@pytest.fixture
def draft(version, now):
    rows = handover.framework(version.uid).rows
    return frameworks.revise_framework(version.framework, rows=rows, by="mo", at=now)


def at_its_revision(act, **sent):
    """Do an act with the draft as it stands."""
    return lambda version, panel, at: act(version, **sent, seen=revision_of(version), at=at, **BY)


FRAMEWORK_ACTS = {
    "freeze_framework": lambda version, panel, at: frameworks.freeze_framework(version, at=at, **BY),
    "redraft_framework": lambda version, panel, at: framework_drafts.redraft_framework(version, at=at, **BY),
    "add_criterion": at_its_revision(framework_drafts.add_criterion, parent="A", said={"names": {"en": "x"}}),
    "word_criterion": at_its_revision(framework_drafts.word_criterion, code="A", said={"unit": "km"}),
    "translate_criterion": at_its_revision(
        framework_drafts.translate_criterion, code="A", names={"en": "x"}, definitions={}
    ),
    "move_criterion": at_its_revision(framework_drafts.move_criterion, code="A1", parent="B"),
    "group_criteria": at_its_revision(framework_drafts.group_criteria, code="A", members=["A1"], names={"en": "Group"}),
    "shift_criterion": at_its_revision(framework_drafts.shift_criterion, code="A", step=1),
    "delete_criterion": at_its_revision(framework_drafts.delete_criterion, code="A1"),
    "replace_criteria": at_its_revision(framework_drafts.replace_criteria, rows=[FrameworkRow("R", kind="Aggregate")]),
    "undo_change_of_framework": at_its_revision(framework_drafts.undo_change_of_framework),
    "plan_round": lambda version, panel, at: rounds.plan_round(panel, version=version, at=at, **BY),
}


@pytest.mark.parametrize("state", FRAMEWORK.states.values)
@pytest.mark.parametrize("name", FRAMEWORK_ACTS)
def test_act_of_a_framework_is_taken_or_refused_as_the_table_says(draft, version, panel, now, name, state):
    assert set(FRAMEWORK_ACTS) == {act.name for act in FRAMEWORK.acts if act.starts}
    act, row = FRAMEWORK.by_name[name], {"draft": draft, "frozen": version}[state]
    if FRAMEWORK.allows(name, state):
        FRAMEWORK_ACTS[name](row, panel, now)
        row.refresh_from_db()
        assert row.state == (act.ends[0] if act.ends else state)
    else:
        with pytest.raises(SurveyError) as refused:
            FRAMEWORK_ACTS[name](row, panel, now)
        assert refused.value.code == act.refusal
        assert refused.value.facts == {"state": state, "allowed": FRAMEWORK.allowed(name)}


MAIL_ACTS = {
    "send_mail": lambda mail, at: mails.send_mail(mail.pk, now=lambda: at),
    "waiting_mails": lambda mail, at: mails.waiting_mails(at=at + timedelta(hours=1)),
    "stop_news": lambda mail, at: news.stop_news(mail.round, at=at, **BY),
    "drop_news": lambda mail, at: news.drop_news(mail.round, mail.kind),
    "drop_waiting_mails": lambda mail, at: mails.drop_waiting_mails(mail.round, at=at, **BY),
}


@pytest.mark.parametrize("state", MAIL.states.values)
@pytest.mark.parametrize("name", MAIL_ACTS)
def test_act_of_a_mail_leads_where_the_table_says_or_does_nothing(opened, she, now, mailoutbox, name, state):
    assert set(MAIL_ACTS) == {act.name for act in MAIL.acts if act.starts}
    assert {MAIL.by_name[one].refusal for one in MAIL_ACTS} == {NOTHING_HAPPENS}
    kind = "reopened" if name == "stop_news" else "invitation"
    mail = in_state(Mail.objects.get(panelist=she), state, claimed_at=now, kind=kind)
    MAIL_ACTS[name](mail, now)
    mail.refresh_from_db()
    assert mail.state == (MAIL.by_name[name].ends[0] if MAIL.allows(name, state) else state)
    assert len(mailoutbox) == (name == "send_mail" and state == "queued")


REQUEST_ACTS = {
    "settle_request": lambda asked, at: requests.settle_request(asked, at=at, **BY),
    "mail_for_request": lambda asked, at: requests.mail_for_request(asked, at=at, **BY),
}


@pytest.mark.parametrize("state", LINK_REQUEST.states.values)
@pytest.mark.parametrize("name", REQUEST_ACTS)
def test_act_of_a_request_is_taken_or_refused_as_the_table_says(opened, she, now, name, state):
    assert set(REQUEST_ACTS) == {act.name for act in LINK_REQUEST.acts if act.starts}
    asked = requests.ask_as_someone_else(she, at=now)
    in_state(asked, state, done_at=now if state == "done" else None)
    if LINK_REQUEST.allows(name, state):
        REQUEST_ACTS[name](asked, now)
    else:
        with pytest.raises(SurveyError) as refused:
            REQUEST_ACTS[name](asked, now)
        assert refused.value.code == LINK_REQUEST.by_name[name].refusal
        assert refused.value.facts == {"state": state, "allowed": LINK_REQUEST.allowed(name)}
    asked.refresh_from_db()
    assert asked.state == "done"


def test_request_that_no_round_would_answer_is_refused_as_in_a_wrong_state(opened, she, now, settings):
    asked = requests.ask_as_someone_else(she, at=now)
    in_state(opened, "closed", closed_at=now - timedelta(days=settings.LINK_DAYS + 1))
    with pytest.raises(SurveyError) as refused:
        requests.mail_for_request(asked, at=now, **BY)
    assert (refused.value.code, refused.value.facts) == ("wrong_state", {"state": "closed", "allowed": ["open"]})


def test_what_acts_make_begins_where_the_table_says(series, now, draft, planned, she):
    made = {
        "framework version": draft.state,
        "round": planned.state,
        "request": requests.ask_by_address("a@example.org", at=now).state,
        "mail": rounds.open_round(planned, at=now, **BY).mails.first().state,
    }
    assert made == {table.thing: next(act.makes for act in table.acts if act.makes) for table in TABLES}


# --- the database -------------------------------------------------------------------------------------------------------


TABLE_OF = {Round: ROUND, Mail: MAIL, FrameworkVersion: FRAMEWORK, LinkRequest: LINK_REQUEST}


@pytest.mark.parametrize(("model", "table"), TABLE_OF.items())
def test_database_knows_the_tables_states_alone(opened, draft, she, now, model, table):
    requests.ask_as_someone_else(she, at=now)
    column = model._meta.get_field("state")
    assert [value for value, _ in column.choices] == table.states.values
    row = model.objects.order_by("pk").last()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {model._meta.db_table} SET state = 'elsewhere' WHERE id = %s", [row.pk])


def as_wanted(model, state, now):
    """What the constraints of a table want beside a state."""
    return {
        Round: {"closed_at": now, "at_closing": {"groups": []}}
        if state == "closed"
        else {"closed_at": None, "at_closing": None},
        LinkRequest: {"done_at": now if state == "done" else None},
        FrameworkVersion: {
            "frozen_at": now if state == "frozen" else None,
            "fingerprint": "f" * (64 if state == "frozen" else 0),
        },
    }.get(model, {})


@pytest.mark.parametrize(
    ("model", "table", "start", "end"),
    [
        (model, table, start, end)
        for model, table in TABLE_OF.items()
        for start in table.states.values
        for end in table.states.values
        if start != end
    ],
)
def test_database_knows_the_tables_moves_alone(opened, draft, she, now, model, table, start, end):
    requests.ask_as_someone_else(she, at=now)
    row = in_state(model.objects.order_by("pk").last(), start, **as_wanted(model, start, now))
    known = (start, end) in table.moves
    with nullcontext() if known else pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
        model.objects.filter(pk=row.pk).update(state=end, **as_wanted(model, end, now))
    row.refresh_from_db()
    assert row.state == (end if known else start)


def test_every_table_is_tried():
    assert {table.thing for table in TABLE_OF.values()} == {table.thing for table in TABLES}


# --- who may ------------------------------------------------------------------------------------------------------------

PAGES = {  # act: the page's name, what is sent, and the state of the round that it is sent to
    "open_round": ("open_round", {"sure": "yes"}, "draft"),
    "plan_round": ("plan_again", {}, "closed"),
    "close_round": ("close_round", {"sure": "yes", "when": "now"}, "open"),
    "announce_close": ("close_round", {"sure": "yes", "when": "grace"}, "open"),
    "change_plan": ("change_plan", {"closes_at": "2099-01-01T00:00"}, "draft"),
    "cancel_plan": ("cancel_plan", {"sure": "yes"}, "draft"),
    "move_end": ("move_end", {"ends_at": "2099-01-01T00:00"}, "open"),
    "reopen_round": ("reopen_round", {"ends_at": "2099-01-01T00:00", "sure": "yes"}, "closed"),
    "stop_news": ("stop_mails_of_round", {}, "open"),
    "remind_panelists": ("remind", {}, "open"),
    "invite_owed_people": ("invite_owed", {"code": "P1"}, "open"),
    "settle_request": ("settle_request", {}, "open"),
    "mail_for_request": ("mail_link", {}, "open"),
}
API = {  # act: method, path, what is sent, state of the round
    "open_round": ("post", "open/", {}, "draft"),
    "plan_round": ("post", "follow/", {"pairs": [["A", "B"]], "closes_at": "2099-01-01T00:00:00Z"}, "closed"),
    "close_round": ("post", "close/", {}, "open"),
    "announce_close": ("post", "close/", {"grace_minutes": 30}, "open"),
    "divided_pairs": ("get", "divided/", {}, "closed"),
    "change_plan": ("patch", "plan/", {"closes_at": "2099-01-01T00:00:00Z"}, "draft"),
    "cancel_plan": ("delete", "plan/", {}, "draft"),
    "move_end": ("post", "end/", {"ends_at": "2099-01-01T00:00:00Z"}, "open"),
    "reopen_round": ("post", "reopen/", {"ends_at": "2099-01-01T00:00:00Z"}, "closed"),
    "stop_news": ("post", "stop-mails/", {}, "open"),
}
OF_FRAMEWORKS = {act.name for act in FRAMEWORK.acts} - {"plan_round"}  # test_framework_pages.py tries their doors
ELSEWHERE = {"closed_round", "lock"}  # through scoring's acts, which are tried there
ELSEWHERE |= {"drop_news"}  # through the announcement of an end
READERS = ["owner", "colleague", "observer", "stranger", "anonymous"]


@pytest.fixture
def readers(people, series, now):
    """Clients: two moderators of the series, an observer of it, a moderator of another series, nobody."""
    colleague = User.objects.create_user("colleague")
    give_role(colleague, series=series, kind=Role.Kind.MODERATOR, by="mo", at=now)
    users = {"owner": people["alice"], "colleague": colleague, "observer": people["charlie"], "stranger": people["bob"]}
    clients = {name: Client() for name in READERS}
    for name, user in users.items():
        clients[name].force_login(user)
    return clients


@pytest.fixture
def round_in(planned, she):
    """The round in a state."""

    def put(state):
        now = timezone.now()
        return in_state(
            planned,
            state,
            opens_at=None if state == "draft" else now,
            closes_at=None if state == "draft" else now + timedelta(days=1),
            closed_at=now if state == "closed" else None,
        )

    return put


def test_every_act_of_moderators_has_a_door_that_is_tried():
    acts = {act.name for table in TABLES for act in table.acts if Actor.MODERATOR in act.by}
    assert set(PAGES) | set(API) | ELSEWHERE == acts - OF_FRAMEWORKS


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("act", PAGES)
def test_page_lets_in_those_who_may(readers, round_in, series, she, act, reader):
    name, sent, state = PAGES[act]
    round_ = round_in(state)
    more = {}
    if act in LINK_REQUEST.by_name:
        more["request_uid"] = requests.ask_as_someone_else(she, at=timezone.now()).uid
    before = Round.objects.values_list("state", "finish_until").get(pk=round_.pk), LinkRequest.objects.count()
    answer = readers[reader].post(reverse(f"surveys:{name}", kwargs={"series": "las", "uid": round_.uid} | more), sent)
    if reader in {"owner", "colleague"}:
        assert answer.status_code in {302, 422}
        assert "/sign-in/" not in answer.get("Location", "")
        return
    expected = {"anonymous": (302, True), "observer": (403, False), "stranger": (404, False)}[reader]
    assert (answer.status_code, answer.get("Location", "").startswith("/sign-in/")) == expected
    assert before == (Round.objects.values_list("state", "finish_until").get(pk=round_.pk), LinkRequest.objects.count())
    assert not LinkRequest.objects.filter(state="done").exists()


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("act", API)
def test_api_lets_in_those_who_may(readers, round_in, act, reader):
    verb, path, sent, state = API[act]
    round_ = round_in(state)
    answer = getattr(readers[reader], verb)(
        f"/api/v1/series/las/rounds/{round_.uid}/{path}",
        **({} if verb == "get" else {"data": sent, "content_type": "application/json"}),
    )
    expected = {"observer": 403, "stranger": 404, "anonymous": 403}
    assert answer.status_code == expected.get(reader, answer.status_code)
    if reader in {"owner", "colleague"}:
        assert answer.status_code in {200, 201, 204}
    else:
        round_.refresh_from_db()
        assert (round_.state, Round.objects.count()) == (state, 1)


def test_moderators_may_not_what_the_table_gives_to_others(people, series):
    owner, stranger = people["alice"], people["bob"]
    assert series_for(owner, "las", capability("open_round", "close_round")) == series
    for user, acts, refused in (
        (owner, ["open_round", "submit_round"], PermissionDenied),
        (owner, ["close_due_rounds"], PermissionDenied),
        (stranger, ["open_round"], Http404),
    ):
        with pytest.raises(refused):
            series_for(user, "las", capability(*acts))
    assert capability("plan_round").by == {Actor.MODERATOR}


PANELISTS = {  # act: page below her link, and what is sent
    "start": ("start", {}),
    "record_judgement": ("pair", {"first": "A", "second": "B", "answer": "2"}),
    "take_back_judgement": ("take_back", {"first": "A", "second": "B"}),
    "settle_conflict": ("conflict", {}),
    "keep_earlier": ("keep", {}),
    "undo_change": ("undo", {}),
    "decide_on_triple": ("clash", {}),
    "choose_for_node": ("node", {}),
    "submit_round": ("review", {}),
    "ask_fresh_link": ("fresh_link", {}),
}


WITHOUT_A_DOOR = {"take_back_submission"}  # no page offers it yet


def test_every_act_of_panelists_has_a_door_that_is_tried():
    assert set(PANELISTS) | WITHOUT_A_DOOR == {
        act.name for table in TABLES for act in table.acts if Actor.PANELIST in act.by
    }


@pytest.mark.parametrize("act", PANELISTS)
def test_made_up_link_opens_no_door_of_a_panelist_and_hers_does(client, opened, she, now, act):
    name, sent = PANELISTS[act]
    node = {"node": "Root"} if name in {"node", "clash", "undo"} else {}

    def post(token):
        return client.post(reverse(f"surveys:{name}", kwargs={"token": token} | node), sent)

    real = link_token(she.uid, 1, she.language)
    # there anybody may ask by address, and is told that none was given
    assert post("en-" + "x" * 40).status_code == (422 if act == "ask_fresh_link" else 404)
    client.post(reverse("surveys:start", kwargs={"token": real}))
    assert post(real).status_code != 404
