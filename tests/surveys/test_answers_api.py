"""Answers sent by the page's script, and what is refused: the same as JSON and as a form, nothing stored, nothing lost."""

import itertools
import re
import threading
import uuid
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from surveys.errors import SurveyError
from surveys.models import Judgement, NodeChoice, Panelist, Round
from surveys.queries.panelist.links import personal_token
from surveys.queries.panelist.sheet import panelist_sheet
from surveys.queries.panelist.tally import tally
from surveys.usecases.arrivals import start
from surveys.usecases.frameworks import create_framework, freeze_framework
from surveys.usecases.judgements import check_open, choose_for_node, record_judgement
from surveys.usecases.rounds import announce_close, close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round
from surveys.values.framework import FrameworkRow
from tests.guards import unguarded

pytestmark = pytest.mark.django_db
ADDRESS = "write to me@example.org"


def address(name, token, **more):
    return reverse(f"surveys:{name}", kwargs={"token": token, **more})


@pytest.fixture
def token(client, opened, panelists):
    """Her link, begun with on this device."""
    token = personal_token(panelists["P1"])
    client.post(address("start", token))
    return token


@pytest.fixture
def send(client, token):
    """Send an answer as the page's script does, or as its form."""

    def post(form=False, to="pair", by=client, link=token, **fields):
        data = {
            "first": "A",
            "second": "B",
            "value": "3",
            "comment": "",
            "version": 0,
            "key": uuid.uuid4(),
            "node": "Root",
        }
        headers = {} if form else {"accept": "application/json"}
        return by.post(address(to, link), data | fields, headers=headers)

    return post


def test_stored_answer_is_told_with_how_far_she_is(send, opened):
    reply = send(value="1/3")

    stored = Judgement.objects.get()
    assert reply.status_code == 200
    assert reply.json() == {
        "state": "saved",
        "version": 1,
        "at": stored.at.isoformat().replace("+00:00", "Z")[:23] + "Z",
        "answered": 1,
        "total": 6,
        "goto": None,
        "closing": None,
        "time": f"{stored.at:%H:%M} (UTC)",
        "closing_time": None,
    }
    assert stored.value == pytest.approx(1 / 3)


@pytest.mark.parametrize("form", [False, True], ids=["script", "form"])
@pytest.mark.parametrize(
    ("sent", "value", "taken_from"),
    [
        ("five 3", 3, "five"),
        ("finer 3", 3, "finer"),
        ("finer 1/7", 1 / 7, "finer"),
        ("1/7", 1 / 7, ""),
        ("1", 1, ""),
        ("1/1", 1, ""),
    ],
)
def test_list_that_an_answer_was_taken_from_is_stored(send, form, sent, value, taken_from):
    send(form=form, value=sent)

    stored = Judgement.objects.get()
    assert (stored.value, stored.taken_from) == (pytest.approx(value), taken_from)


@pytest.mark.parametrize("stands", ["keep", "use"])
def test_settled_answer_keeps_its_list(send, client, token, stands):
    send(value="finer 5")
    late = send(value="five 3", form=True)
    fields = dict(parse_qsl(urlsplit(late["Location"]).query))
    page = client.get(late["Location"]).content.decode()
    assert 'name="value" value="five 3"' in page or 'name="value" value="five 1/3"' in page

    client.post(address("conflict", token), fields | {"stands": stands, "version": 1})

    last = Judgement.objects.order_by("version").last()
    assert (last.value, last.taken_from) == {"keep": (5, "finer"), "use": (3, "five")}[stands]


def test_page_shows_an_answer_in_its_own_list(send, client, token):
    send(value="finer 3")
    page = client.get(address("pair", token), {"first": "A", "second": "B"}).content.decode()

    checked = re.findall(r'value="((?:five|finer) [^"]+)"\s+checked', page)
    assert checked in (["finer 3"], ["finer 1/3"])  # as the pair stands on her screen


def test_answer_sent_again_is_stored_once_and_told_alike(send):
    key = uuid.uuid4()

    first, again = send(key=key), send(key=key)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert Judgement.objects.count() == 1


def test_answer_sent_again_after_closing_is_still_told_as_saved(send, opened, now):
    key = uuid.uuid4()
    send(key=key)
    close_round(opened, by="mo", at=now)

    assert send(key=key).json()["state"] == "saved"
    assert send().json()["state"] == "closed"
    assert Judgement.objects.count() == 1


def test_key_of_another_pair_is_refused(send):
    key = uuid.uuid4()
    send(key=key)

    assert send(key=key, second="C").status_code == 422
    assert Judgement.objects.count() == 1


def test_other_answer_under_a_key_that_is_taken_is_asked_about(send, client):
    key = uuid.uuid4()
    send(key=key, value="3")

    reply = send(key=key, value="7")

    assert (reply.status_code, reply.json()["state"]) == (409, "conflict")
    assert Judgement.objects.get().value == 3
    late = client.get(reply.json()["goto"]).context["late"]
    assert late["key"] != str(key)


@pytest.mark.parametrize("name", ["it_is_me", "someone_else", "take_back"])
def test_address_that_is_posted_to_leads_on_by_get(client, token, name):
    assert client.get(address(name, token)).status_code == 302


def test_nul_is_refused_at_every_door(client, token):
    for name, more, data, status in (
        ("node", {"node": "\x00"}, {"choice": "skip"}, 404),
        ("clash", {"node": "Root"}, {"item": ["\x00", "A", "B"]}, 400),
        ("undo", {"node": "Root"}, {"first": "\x00", "second": "A", "version": 1}, 400),
        ("pair", {}, {"first": "\x00", "second": "A"}, 400),
    ):
        assert client.post(address(name, token, **more), data).status_code == status


MALFORMED = [
    {"value": "10"},
    {"value": "NaN"},
    {"value": "1e400"},
    {"value": "-3"},
    {"value": "0.5"},
    {"value": ""},
    {"comment": ADDRESS},
    {"comment": "x" * 100_000},
    {"key": "no"},
    {"version": "-1"},
    {"version": "x"},
    {"first": "", "second": ""},
    {"first": "A", "second": "A1"},
    {"first": "A", "second": "A"},
    {"first": "A" * 65},
]


@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
@pytest.mark.parametrize("wrong", MALFORMED, ids=lambda wrong: str(wrong)[:30])
def test_bad_answer_is_refused_with_words_and_nothing_stored(send, wrong, form):
    response = send(form=form, **wrong)

    assert response.status_code == 422
    assert Judgement.objects.count() == 0
    if form:
        page = response.content.decode()
        assert 'class="error"' in page or "This answer was not stored" in page
    else:
        assert response.json()["state"] == "refused"
        assert len(response.json()["message"]) > 10


@pytest.mark.parametrize("comment", [ADDRESS, "write to me＠example．org", "long " * 500])
def test_refused_reason_stays_in_its_field_with_the_answer(send, comment):
    page = send(form=True, comment=comment).content.decode()

    assert comment.strip() in page.partition("<textarea")[2].partition("</textarea>")[0]
    assert 'value="five 3" checked' in page


def test_what_is_not_a_form_is_refused(client, token):
    response = client.post(
        address("pair", token), b"\xff{", content_type="application/json", headers={"accept": "application/json"}
    )

    assert response.status_code == 422
    assert Judgement.objects.count() == 0


@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
def test_pair_of_another_framework_version_is_refused(send, panel, now, form):
    rows = [FrameworkRow("Z", None, kind="Aggregate"), FrameworkRow("Z1", "Z"), FrameworkRow("Z2", "Z")]
    newer = freeze_framework(create_framework(slug="z", names={}, rows=rows, by="mo", at=now), by="mo", at=now)
    plan_round(panel, version=newer, by="mo", at=now)

    response = send(form=form, first="Z1", second="Z2")

    assert response.status_code == 422
    assert "does not ask that pair" in response.content.decode()
    assert Judgement.objects.count() == 0


@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
def test_closed_round_takes_nothing_and_says_so(send, opened, now, form):
    close_round(opened, by="mo", at=now)

    response = send(form=form, comment="Trams matter")

    assert response.status_code == 409
    assert "not open" in response.content.decode()
    assert Judgement.objects.count() == 0
    if form:
        assert "Trams matter" in response.content.decode()  # what she wrote is given back
    else:
        assert response.json()["state"] == "closed"


def test_handed_in_answers_stand(send, opened, panelists, answer_all, now):
    answer_all(panelists["P1"], opened)
    submit_round(panelists["P1"], opened, at=now)

    assert send(version=1).json()["state"] == "handed_in"
    assert Judgement.objects.count() == 6


@pytest.mark.parametrize("to", ["pair", "take_back"])
def test_unknown_device_and_strangers_store_nothing(send, to, panelists, series, now):
    stranger = Client()

    assert send(by=stranger, to=to).json()["state"] == "elsewhere"
    assert send(by=stranger, to=to).status_code == 403
    assert send(by=stranger, to=to, form=True).status_code == 302
    assert send(by=stranger, to=to, link="x" * 32).status_code == 404
    assert Judgement.objects.count() == 0


def test_colleague_answers_for_herself_alone(send, token, panelists):
    colleague = Client()
    link = personal_token(panelists["P2"])
    colleague.post(address("start", link))

    assert send(by=colleague).json()["state"] == "elsewhere"  # her device, another one's link
    assert send(by=colleague, link=link).json()["state"] == "saved"
    assert list(Judgement.objects.values_list("panelist__code", flat=True)) == ["P2"]


def test_form_without_csrf_token_is_refused(token, client):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies

    response = strict.post(address("pair", token), {"first": "A", "second": "B", "value": "3"})

    assert response.status_code == 403
    assert Judgement.objects.count() == 0


def test_answer_costs_the_same_for_any_number_of_answers(
    send, opened, panelists, answer_all, django_assert_num_queries
):
    with django_assert_num_queries(9):  # with begin and end of the transaction
        send(node="")
    answer_all(panelists["P1"], opened)
    with django_assert_num_queries(9):
        send(version=2, node="")


@pytest.mark.parametrize("choice", ["all", "short", "enough", "skip"])
@pytest.mark.parametrize("given", [0, 2, 20])
def test_tally_counts_as_the_sheet_does(panel, panelists, now, choice, given):
    rows = [FrameworkRow("Root", None, kind="Aggregate"), FrameworkRow("N", "Root", kind="Aggregate")]
    rows += [FrameworkRow("M", "Root", kind="Aggregate"), FrameworkRow("M1", "M"), FrameworkRow("M2", "M")]
    rows += [FrameworkRow(f"N{n}", "N") for n in range(8)]
    version = freeze_framework(create_framework(slug="wide", names={}, rows=rows, by="mo", at=now), by="mo", at=now)
    opened = open_round(plan_round(panel, version=version, by="mo", at=now), by="mo", at=now)
    for pair in opened.comparisons.filter(parent__code="N").select_related("a", "b")[:given]:
        for value in (3, 5):
            record_judgement(panelists["P1"], opened, a=pair.a.code, b=pair.b.code, value=value, at=now)
    choose_for_node(panelists["P1"], opened, node="N", choice=choice, at=now)

    sheet, counted = panelist_sheet(panelists["P1"], opened), tally(panelists["P1"], opened)

    assert (counted.settled, counted.total) == (sheet.settled, sheet.asked)
    assert NodeChoice.objects.count() == 1


def test_end_of_a_question_leads_to_what_is_to_be_said(send, token):
    send(value="5")
    send(second="C", first="B", value="5")

    reply = send(first="C", second="A", value="5").json()

    assert reply["goto"] == address("node", token, node="Root")


# --- two windows ----------------------------------------------------------------------------------------------------


def test_late_window_is_led_to_both_answers_in_words(send, client, token):
    send(value="3")

    reply = send(value="1/5", first="B", second="A")  # A matters 5 times as much, in the other order

    assert (reply.status_code, reply.json()["state"]) == (409, "conflict")
    page = client.get(reply.json()["goto"]).content.decode()
    assert "A matters 3 times as much as B." in page
    assert "A matters 5 times as much as B." in page
    assert "in another window at" in page
    assert "(UTC)" in page
    assert Judgement.objects.count() == 1


@pytest.mark.parametrize(("stands", "values"), [("keep", [3, 5, 3]), ("use", [3, 5])])
def test_history_holds_both_whichever_stands(send, client, token, stands, values):
    send(value="3", comment="first")
    send(second="C", value="7")
    response = send(form=True, value="5", comment="late")
    assert response.status_code == 303
    fields = client.get(response.url).context["late"]
    fields = {name: fields[name] for name in ("first", "second", "value", "key", "comment")}

    for _ in range(2):  # pressed twice, it is settled once
        client.post(address("conflict", token), fields | {"version": 1, "stands": stands})

    history = Judgement.objects.filter(comparison__b__code="B").order_by("version")
    assert list(history.values_list("value", flat=True)) == values
    assert history.last().comment == {"keep": "first", "use": "late"}[stands]
    assert Judgement.objects.exclude(comparison__b__code="B").get().value == 7  # no other pair is touched
    # what waits on the device under that key is told as saved, and goes
    assert send(key=fields["key"], value="5", comment="late").json()["state"] == "saved"


@pytest.mark.parametrize(
    ("chosen", "values"),
    [
        (("keep", "use"), [3, 5, 3, 5]),
        (("use", "keep"), [3, 5, 3]),
        (("keep", "use", "use"), [3, 5, 3, 5]),
        (("keep", "use", "keep"), [3, 5, 3, 5, 3]),
    ],
)
def test_settled_the_other_way_after_going_back_is_what_she_chose_last(send, client, token, chosen, values):
    send(value="3", comment="first")
    fields = {"first": "A", "second": "B", "value": "5", "comment": "late", "key": uuid.uuid4(), "version": 1}

    for stands in chosen:
        assert client.post(address("conflict", token), fields | {"stands": stands}).status_code == 302

    assert list(Judgement.objects.order_by("version").values_list("value", flat=True)) == values


@pytest.mark.parametrize("seen", [0, 1, 7])
def test_nothing_is_kept_where_nothing_stood(client, token, seen):
    fields = {"first": "A", "second": "B", "value": "5", "key": uuid.uuid4(), "version": seen, "stands": "keep"}

    assert client.post(address("conflict", token), fields).status_code == 422
    assert Judgement.objects.count() == 0


def test_settling_after_a_third_window_answered_is_asked_about_again(send, client, token):
    send(value="3")
    fields = {"first": "A", "second": "B", "value": "5", "key": uuid.uuid4(), "version": 1}
    client.post(address("conflict", token), fields | {"stands": "keep"})
    send(value="7", version=3)

    assert client.post(address("conflict", token), fields | {"stands": "use"}).status_code == 303
    assert Judgement.objects.latest("version").value == 7


@pytest.mark.parametrize(("first", "second", "value"), [("A", "B", "3"), ("B", "A", "1/3")])
def test_same_answer_in_two_windows_is_no_conflict(send, first, second, value):
    send(value="3", comment="Trams matter")

    reply = send(first=first, second=second, value=value)

    assert (reply.status_code, reply.json()["state"], reply.json()["version"]) == (200, "saved", 1)
    assert Judgement.objects.get().comment == "Trams matter"


def test_who_answers_takes_part_again(send, client, token, panelists):
    client.post(address("decline", token))
    send(value="3")

    assert Panelist.objects.get(pk=panelists["P1"].pk).declined_at is None


def test_reason_too_long_for_an_address_is_asked_about_at_once(send):
    send(value="3")

    response = send(form=True, value="5", comment="سبب " * 400)

    assert response.status_code == 409
    assert "سبب سبب" in response.content.decode()


def test_third_window_is_asked_about_again(send, client, token):
    send(value="3")
    fields = {"first": "A", "second": "B", "value": "5", "key": uuid.uuid4(), "version": 1, "stands": "use"}
    send(value="7", version=1)

    response = client.post(address("conflict", token), fields)

    assert response.status_code == 303
    assert Judgement.objects.count() == 2


@pytest.mark.parametrize(
    "query", ["", "?first=A&second=B", "?first=A&second=B&value=99&key=x", "?first=A&second=Z&value=3"]
)
def test_conflict_page_without_a_conflict_goes_on(client, token, query):
    assert client.get(address("conflict", token) + query).url == address("pair", token)


def test_conflict_page_is_hers_alone(client, token, send):
    send()
    query = f"?first=A&second=B&value=5&key={uuid.uuid4()}"

    assert Client().get(address("conflict", token) + query).status_code == 302
    assert client.get(address("conflict", token) + query).status_code == 200


# --- undo -----------------------------------------------------------------------------------------------------------


def test_undo_brings_the_pair_back_and_keeps_the_history(send, client, token):
    send()

    response = send(form=True, to="take_back", version=1)

    assert response.url == address("pair", token) + "?first=A&second=B"
    assert "checked" not in client.get(response.url).content.decode().partition('id="ahead"')[0]
    assert list(Judgement.objects.order_by("version").values_list("value", flat=True)) == [3, None]


def test_undo_of_what_another_window_changed_is_told(send):
    send()
    send(value="5", version=1)

    reply = send(to="take_back", version=1)

    assert (reply.status_code, reply.json()["state"]) == (409, "conflict")
    assert Judgement.objects.count() == 2


def test_undo_sent_again_is_done_once(send):
    send()
    key = uuid.uuid4()

    assert send(to="take_back", version=1, key=key).json() == send(to="take_back", version=1, key=key).json()
    assert Judgement.objects.count() == 2


# --- the round closes -----------------------------------------------------------------------------------------------


def test_announced_end_is_told_with_the_answer_and_on_the_page(send, client, token, opened):
    until = timezone.now() + timedelta(minutes=60)
    announce_close(opened, finish_until=until, by="mo", at=timezone.now())

    assert send().json()["closing"][:19] == until.isoformat()[:19]
    assert client.get(address("state", token)).json()["closing"][:19] == until.isoformat()[:19]
    page = client.get(address("pair", token)).content.decode()
    ends = [date_format(until, form) for form in ("H:i", "DATETIME_FORMAT")]  # the day too, where it is not today
    assert any(f"you may finish until {end} (UTC)" in page for end in ends)
    assert "A draft does not count." in page


def test_nobody_new_starts_in_the_time_to_finish(client, opened, panelists):
    announce_close(opened, finish_until=timezone.now() + timedelta(minutes=60), by="mo", at=timezone.now())
    link = personal_token(panelists["P2"])
    client.cookies["django_language"] = "en"

    page = client.post(address("start", link), follow=True)

    assert "nobody new can start" in page.content.decode()
    panelists["P2"].refresh_from_db()
    assert panelists["P2"].started_at is None
    assert not panelists["P2"].devices.exists()


def test_nobody_new_answers_in_the_time_to_finish(opened, panelists, now):
    announce_close(opened, finish_until=now + timedelta(minutes=60), by="mo", at=now)

    with pytest.raises(SurveyError):
        record_judgement(panelists["P2"], opened, a="A", b="B", value=3, at=now)
    assert Judgement.objects.count() == 0


@pytest.mark.parametrize("counts", [True, False])
def test_draft_after_closing_is_kept_and_said_to_count_or_not(send, client, token, opened, counts):
    with unguarded(Round):
        Round.objects.filter(pk=opened.pk).update(drafts_count=counts)
    send()
    close_round(opened, by="mo", at=timezone.now())

    page = client.get(address("review", token), follow=True).content.decode()

    assert ("its complete questions count" in page, "A draft does not count." in page) == (counts, not counts)
    assert Judgement.objects.get().value == 3


def test_state_is_hers_alone_and_changes_nothing(client, token, opened, now):
    told = client.get(address("state", token)).json()

    assert (told["state"], told["answered"], told["total"]) == ("open", 0, 6)
    assert Client().get(address("state", token), headers={"accept": "application/json"}).status_code == 403
    assert Client().get(address("state", "x" * 32)).status_code == 404
    assert client.post(address("state", token)).status_code == 405
    close_round(opened, by="mo", at=now)
    assert client.get(address("state", token)).json()["state"] == "closed"


@pytest.mark.postgresql  # SQLite has one writer at a time
@pytest.mark.django_db(transaction=True)
def test_answer_while_the_round_closes_is_stored_or_refused(opened, panelists, now, eventually):
    """However the two fall together: what was told as stored is there, and nothing is stored after the end."""
    start(panelists["P1"].links.get(), device="d", at=now)
    told, seen, barrier = {}, [], threading.Barrier(3)

    def answer(a, b):
        barrier.wait()
        try:
            for step in itertools.count(1):
                key = uuid.uuid4()
                try:
                    record_judgement(panelists["P1"], opened, a=a, b=b, value=1 + step % 9, key=key, at=timezone.now())
                    told[key] = True
                except SurveyError:
                    told[key] = False
                    return
        finally:
            connection.close()

    def close():
        barrier.wait()
        try:
            eventually(lambda: sum(told.values()) >= 10)
            close_round(opened, by="mo", at=timezone.now())
            seen.append(Judgement.objects.count())  # nothing is added after this
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=pair) for pair in (("A", "B"), ("A", "C"))]
    threads.append(threading.Thread(target=close))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    stored = set(Judgement.objects.values_list("key", flat=True))
    assert stored == {key for key, is_stored in told.items() if is_stored}
    assert 10 <= len(stored) < len(told)
    assert seen == [len(stored)]


@pytest.mark.postgresql  # SQLite has one writer at a time
@pytest.mark.django_db(transaction=True)
def test_closing_waits_for_an_answer_under_way(opened, panelists, now, eventually, somebody_waits_for_a_lock):
    closed = threading.Event()

    def close():
        close_round(opened, by="mo", at=now)
        connection.close()
        closed.set()

    with transaction.atomic():
        check_open(panelists["P1"], opened, act="record_judgement", at=now)
        thread = threading.Thread(target=close)
        thread.start()
        eventually(somebody_waits_for_a_lock)
        assert not closed.is_set()  # she was told that she may answer, so her answer comes first
        record_judgement(panelists["P1"], opened, a="A", b="B", value=3, at=now)
    thread.join()

    opened.refresh_from_db()
    assert (opened.state, Judgement.objects.count()) == ("closed", 1)
