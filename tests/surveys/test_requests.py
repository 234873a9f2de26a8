"""What moderators do about a request made at the door of a link: a fresh link is mailed, and they never read it."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail as outbox
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from surveys.errors import BadPanelError, RoundStateError
from surveys.models import LinkRequest, Mail, Panelist, Round
from surveys.queries.panelist.links import personal_token
from surveys.usecases import requests
from surveys.usecases.arrivals import take_part
from surveys.usecases.mails import send_mail
from surveys.usecases.panels import add_panelist
from surveys.usecases.rounds import close_round
from surveys.usecases.withdrawals import withdraw
from tests.guards import unguarded

pytestmark = pytest.mark.django_db


def link(token, name="pair"):
    return reverse(f"surveys:{name}", kwargs={"token": token})


def fresh():
    return Mail.objects.filter(kind="fresh_link")


@pytest.fixture
def silent(opened, panel, now):
    """A panelist whose mail address nobody knows."""
    return add_panelist(panel, code="P9", name="王伟", by="mo", at=now)


@pytest.fixture
def asked(silent, now):
    """Her request, made on a second device."""
    return requests.ask_fresh_link(silent, at=now)


@pytest.fixture
def desk(client, people, opened):
    """A moderator's calls about a request."""
    client.force_login(people["alice"])

    def call(request, **data):
        kwargs = {"series": "las", "uid": opened.uid, "request_uid": request.uid}
        return client.post(reverse("surveys:mail_link", kwargs=kwargs), data, follow=True)

    return call


def test_address_given_at_the_desk_becomes_hers_and_the_link_reaches_her_alone(desk, asked, silent):
    first = personal_token(silent)
    page = desk(asked, email="wang@example.org").content.decode()
    mail = fresh().get()
    assert send_mail(mail.pk, now=timezone.now)

    silent.refresh_from_db()
    token = personal_token(silent)
    assert silent.email == "wang@example.org"
    assert outbox.outbox[-1].to == ["wang@example.org"]
    assert token in outbox.outbox[-1].body
    assert "A fresh link is on its way" in page
    assert first not in page
    assert token not in page
    assert LinkRequest.objects.get().state == "done"


def test_links_of_who_had_no_address_go_on(client, desk, asked, silent):
    token = personal_token(silent)
    client.post(link(token, "start"))
    desk(asked, email="wang@example.org")

    assert personal_token(silent) != token
    assert client.get(link(token)).status_code == 200


@pytest.mark.parametrize("given", ["", "wang", "wang@", "a b@example.org"])
def test_what_is_no_address_is_refused_beside_its_field_and_nothing_is_stored(desk, asked, silent, given):
    page = desk(asked, email=given)

    assert page.status_code == 422
    html = page.content.decode()
    assert "Please enter a mail address" in html
    assert f'id="email-{asked.uid}_error"' in html
    assert re.search(r"<input[^>]* autofocus", html)
    silent.refresh_from_db()
    assert (silent.email, fresh().count(), LinkRequest.objects.get().state) == ("", 0, "open")


def test_use_case_refuses_what_is_no_address(asked, now):
    with pytest.raises(BadPanelError):
        requests.mail_for_request(asked, email="wang", by="mo", at=now)


def test_link_that_reached_somebody_else_ends_and_its_devices_with_it(client, desk, opened, panelists, now):
    token = personal_token(panelists["P1"])
    client.post(link(token, "start"))
    request = requests.ask_as_someone_else(panelists["P1"], email="colleague@example.org", at=now)
    page = desk(request, email="ignored@example.org").content.decode()

    new = personal_token(panelists["P1"])
    assert "A fresh link is on its way" in page
    assert client.get(link(token)).status_code == 404
    assert client.get(link(new)).url == link(new, "invitation")
    assert Panelist.objects.get(pk=panelists["P1"].pk).email == "p1@example.org"
    assert (fresh().get().panelist, LinkRequest.objects.get().email) == (panelists["P1"], "")


def test_second_press_mails_nothing_more(desk, asked):
    desk(asked, email="wang@example.org")
    page = desk(asked, email="wang@example.org").content.decode()

    assert "No link was mailed" in page
    assert fresh().count() == 1


def test_without_a_round_that_opens_links_nothing_is_stored(desk, asked, silent):
    with unguarded(Round):
        Round.objects.update(opens_at=None, closes_at=None)
    close_round(Round.objects.get(), by="mo", at=timezone.now() - timedelta(days=settings.LINK_DAYS + 1))
    page = desk(asked, email="wang@example.org").content.decode()

    silent.refresh_from_db()
    assert "No link was mailed" in page
    assert (silent.email, fresh().count(), LinkRequest.objects.get().state) == ("", 0, "open")


def test_who_has_withdrawn_is_mailed_nothing(opened, panelists, now):
    request = requests.ask_as_someone_else(panelists["P1"], at=now)
    withdraw(panelists["P1"], at=now)

    with pytest.raises(RoundStateError):
        requests.mail_for_request(request, by="mo", at=now)
    assert fresh().count() == 0


def test_request_that_another_worker_answers_meanwhile_is_mailed_once(opened, panelists, now):
    requests.ask_by_address(panelists["P1"].email, at=now)
    asked = []

    def faster(execute, sql, params, many, context):
        asked.append(sql)
        if len(asked) == 2:
            requests.answer_requests(at=now)
            fresh().update(state="sending")
            fresh().update(state="sent")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(faster):
        requests.answer_requests(at=now)

    assert (fresh().count(), LinkRequest.objects.count()) == (1, 0)


def test_taking_part_that_was_never_declined_changes_nothing(panelists, now):
    take_part(panelists["P1"], at=now)

    panelists["P1"].refresh_from_db()
    assert panelists["P1"].declined_at is None
