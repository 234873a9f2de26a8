"""Personal links: reusable, kept as hashes; those that open nothing look alike, and a fresh one is mailed."""

import re
import secrets
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail as outbox
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from surveys.errors import BadPanelError, RoundStateError, UnknownLinkError
from surveys.models import Link, LinkRequest, Mail, Panelist, Round
from surveys.queries.panelist.links import link_for, link_language, panelist_for, personal_token
from surveys.tasks import sweep
from surveys.usecases import requests
from surveys.usecases.mails import send_mail
from surveys.usecases.panels import add_panelist, renew_link
from surveys.usecases.rounds import close_round, open_round, plan_round
from tests.guards import unguarded

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    """A network address of this test alone: knocks are counted by it."""
    return {"REMOTE_ADDR": f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}"}


def address(name, token):
    return reverse(f"surveys:{name}", kwargs={"token": token})


def plain(response, token):
    """The page without its own address and the token of its forms."""
    text = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]+', r"\1", response.content.decode())
    return text.replace(token, "")


def ended(panelist, now):
    token = personal_token(panelist)
    renew_link(panelist, by="mo", at=now)
    return token


def withdrawn(panelist, now):
    Panelist.objects.filter(pk=panelist.pk).update(withdrawn_at=now)


def expired(panelist, now):
    long_ago = timezone.now() - timedelta(days=settings.LINK_DAYS + 1)
    with unguarded(Round):
        Round.objects.update(opens_at=None, closes_at=None)
    close_round(Round.objects.get(), by="mo", at=long_ago)


def not_open_yet(panelist, now):
    with unguarded(Round):
        Round.objects.update(state="draft")


@pytest.mark.parametrize("dead", [ended, withdrawn, expired, not_open_yet])
def test_links_that_open_nothing_are_the_same_bytes_and_the_same_queries(client, opened, panelists, now, office, dead):
    token = personal_token(panelists["P1"])
    assert client.get(address("invitation", token)).status_code == 200
    dead(panelists["P1"], now)
    unknown = "en-" + "x" * 32

    told = {}
    for one in (token, unknown):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address("invitation", one), **office)
        told[one] = (response.status_code, plain(response, one), len(queries))

    assert told[token] == told[unknown]
    assert told[token][0] == 404
    assert told[token][2] == 1


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("fr", "ltr"), ("zh-hans", "ltr"), ("ru", "ltr")])
def test_unknown_link_speaks_its_own_language_whatever_the_browser_asks(client, opened, office, language, direction):
    page = client.get(address("pair", f"{language}-mistyped"), headers={"accept-language": "en"}, **office)

    assert f'<html lang="{language}" dir="{direction}">' in page.content.decode()
    assert page["Content-Language"] == language


def test_unknown_link_keeps_the_language_chosen_on_the_page(client, opened, office):
    client.post("/language/", {"language": "fr", "next": "/"})

    page = client.get(address("invitation", "ar-mistyped"), **office)

    assert '<html lang="fr"' in page.content.decode()


def test_known_link_speaks_its_language_where_the_browser_knows_it(client, opened, panelists):
    token = personal_token(panelists["P2"])

    spoken = [
        client.get(address("invitation", token), headers=headers)["Content-Language"]
        for headers in ({}, {"accept-language": "en-GB,en;q=0.9,ar;q=0.5"}, {"accept-language": "fr"})
    ]

    assert (link_language(token), spoken) == ("ar", ["ar", "ar", "fr"])


def test_link_is_kept_as_a_hash_and_opens_until_it_expires(opened, panelists, now, settings):
    token = personal_token(panelists["P1"])
    assert token not in str(list(Link.objects.values()))

    closed = close_round(opened, by="mo", at=now)

    days = settings.LINK_DAYS
    assert link_for(token, at=closed.closed_at + timedelta(days=days - 1)).panelist == panelists["P1"]
    with pytest.raises(UnknownLinkError):
        link_for(token, at=closed.closed_at + timedelta(days=days + 1))


def test_later_round_opens_an_expired_link_again(opened, panel, version, panelists, now):
    token = personal_token(panelists["P1"])
    close_round(opened, by="mo", at=now)
    later = now + timedelta(days=900)
    open_round(plan_round(panel, version=version, by="mo", at=later), by="mo", at=later)

    assert link_for(token, at=later).panelist == panelists["P1"]


# --- a fresh link by mail ---------------------------------------------------------------------------------------------


def ask(client, email, office, token="en-mistyped"):
    return client.post(address("fresh_link", token), {"email": email}, **office)


def fresh(panelist):
    return Mail.objects.filter(panelist=panelist, kind="fresh_link")


def test_asking_by_address_answers_and_works_alike_for_everybody(client, opened, panelists, office):
    told = []
    for email in ("p1@example.org", "nobody@example.org"):
        with CaptureQueriesContext(connection) as queries:
            response = ask(client, email, office)
        page = client.get(response.url)
        told.append((response.status_code, response.url, plain(page, "en-mistyped"), len(queries)))

    assert told[0] == told[1]
    assert Mail.objects.filter(kind="fresh_link").count() == 0  # the worker looks who it is


def test_known_address_is_mailed_a_link_more_and_no_address_is_kept(opened, panelists, now):
    old = link_for(personal_token(panelists["P1"]))
    Link.objects.filter(pk=old.pk).update(taken_at=now)
    for email in ("P1@Example.org", "nobody@example.org"):
        requests.ask_by_address(email, at=now)

    assert requests.answer_requests(at=now) == 2

    assert LinkRequest.objects.count() == 0
    mail = fresh(panelists["P1"]).get()
    assert send_mail(mail.pk, now=lambda: now)
    new = link_for(personal_token(panelists["P1"]))
    assert (new.number, new.taken_at) == (2, None)
    assert personal_token(panelists["P1"]) in outbox.outbox[0].body
    assert Link.objects.get(pk=old.pk).ended_at is None


def test_unused_link_is_mailed_again_and_a_waiting_mail_is_enough(opened, panelists, now):
    for _ in range(3):
        requests.ask_by_address("p1@example.org", at=now)

    requests.answer_requests(at=now)

    assert fresh(panelists["P1"]).count() == 1
    assert panelists["P1"].links.count() == 1


@pytest.mark.parametrize("change", [{"withdrawn_at": timezone.now()}, {"email": ""}])
def test_who_has_withdrawn_or_has_no_address_is_mailed_nothing(opened, panelists, now, change):
    Panelist.objects.filter(pk=panelists["P1"].pk).update(**change)
    requests.ask_by_address("p1@example.org", at=now)

    requests.answer_requests(at=now)

    assert fresh(panelists["P1"]).count() == 0


def test_fresh_link_reaches_also_who_stopped_mails_or_declined(opened, panelists, now):
    Panelist.objects.filter(pk=panelists["P1"].pk).update(mails_stopped_at=now, declined_at=now)
    requests.ask_fresh_link(panelists["P1"], at=now)

    assert send_mail(fresh(panelists["P1"]).get().pk, now=lambda: now)


def test_address_that_is_none_is_refused_beside_the_field(client, opened, office):
    page = ask(client, "not an address", office)

    assert page.status_code == 422
    assert "name@example.org" in page.content.decode()
    assert LinkRequest.objects.count() == 0
    with pytest.raises(BadPanelError):
        requests.ask_by_address("not an address", at=timezone.now())


def test_fresh_links_are_limited_by_address_known_or_not(client, opened, panelists, office):
    known = f"{secrets.token_hex(4)}@example.org"  # new for every run: knocks are counted for an hour
    Panelist.objects.filter(pk=panelists["P1"].pk).update(email=known)
    for email in (known, f"{secrets.token_hex(4)}@example.org"):
        answers = [ask(client, email, office) for _ in range(4)]

        assert [one.status_code for one in answers] == [302, 302, 302, 429]
        assert 0 < int(answers[-1]["Retry-After"]) <= 3600
        assert "Please try again in" in answers[-1].content.decode()


def test_unknown_links_are_limited_by_network_address_and_valid_ones_never(client, opened, panelists, office, settings):
    settings.DOOR_RATES = settings.DOOR_RATES | {"unknown_link": "3/hour", "fresh_links": "2/hour"}
    unknown = [client.get(address("invitation", f"en-{n}"), **office).status_code for n in range(5)]
    asked = [ask(client, f"{secrets.token_hex(4)}@example.org", office).status_code for _ in range(3)]

    assert unknown == [404, 404, 404, 429, 429]
    assert asked == [302, 302, 429]
    assert client.get(address("invitation", personal_token(panelists["P1"])), **office).status_code == 200
    assert client.get(address("invitation", "en-x"), REMOTE_ADDR="10.255.255.1").status_code == 404


def test_everybody_is_let_in_while_the_counter_is_out_of_reach(client, opened, office, settings):
    settings.DOOR_RATES = settings.DOOR_RATES | {"unknown_link": "1/hour"}
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}

    assert [client.get(address("invitation", "en-x"), **office).status_code for _ in range(3)] == [404, 404, 404]


@pytest.mark.django_db(transaction=True)
def test_worker_mails_a_fresh_link_to_who_asked(opened, panelists, celery_worker_process, eventually):
    Mail.objects.all().delete()
    requests.ask_by_address("p1@example.org", at=timezone.now())

    sweep.delay()

    eventually(lambda: fresh(panelists["P1"]).filter(state="sent").count() == 1)


# --- a link that was passed on ------------------------------------------------------------------------------------------


@pytest.fixture
def token(client, opened, panelists):
    """Her link, begun with on her device."""
    token = personal_token(panelists["P1"])
    client.post(address("start", token))
    return token


@pytest.fixture
def colleague():
    """Another machine."""
    return Client()


def test_unknown_device_is_asked_who_it_is_and_sees_nothing(token, colleague, panelists):
    page = colleague.get(address("invitation", token)).content.decode()

    assert ">N… 1</bdi>" in page
    assert "p…@e…org" in page
    for secret in ("Name 1", "p1@example.org", "pairs answered"):
        assert secret not in page
    for name in ("pair", "review", "receipt", "name", "practice"):
        assert colleague.get(address(name, token)).url == address("invitation", token)
    assert colleague.post(address("start", token)).url == address("invitation", token)
    assert colleague.get(address("pair", token)).status_code == 302


def test_it_is_me_mails_a_fresh_link_that_goes_on_here_and_the_old_one_goes_on_there(
    client, token, colleague, panelists, now
):
    page = colleague.post(address("it_is_me", token), follow=True)
    new = personal_token(panelists["P1"])

    assert "p…@e…org" in page.content.decode()
    assert new not in page.content.decode()
    assert new != token
    assert fresh(panelists["P1"]).count() == 1
    assert colleague.post(address("start", new)).status_code == 302
    assert colleague.get(address("pair", new)).status_code == 200
    assert client.get(address("pair", token)).status_code == 200


def test_someone_else_is_told_to_the_moderators_once(token, colleague, panelists):
    for _ in range(2):
        page = colleague.post(address("someone_else", token), {"email": "colleague@example.org"}, follow=True)

    assert "The moderators are told" in page.content.decode()
    assert LinkRequest.objects.values_list("panelist__code", "kind", "email", "state").get() == (
        "P1",
        "someone_else",
        "colleague@example.org",
        "open",
    )
    assert fresh(panelists["P1"]).count() == 0


def test_someone_else_with_no_proper_address_is_told(token, colleague):
    assert colleague.post(address("someone_else", token), {"email": "me"}).status_code == 422
    assert LinkRequest.objects.count() == 0


def test_without_an_address_the_moderators_are_asked(client, opened, panel, now):
    silent = add_panelist(panel, code="P9", name="王伟", by="mo", at=now)
    token = personal_token(silent)
    client.post(address("start", token))

    page = Client().post(address("it_is_me", token), follow=True).content.decode()

    assert "moderators were asked" in page
    assert LinkRequest.objects.get().kind == "no_address"


def test_looking_at_a_forwarded_link_asks_nothing(token, colleague):
    for name in ("it_is_me", "someone_else"):
        assert colleague.get(address(name, token)).status_code == 302

    assert (LinkRequest.objects.count(), Mail.objects.filter(kind="fresh_link").count()) == (0, 0)


def test_request_is_settled_once(token, panelists, now):
    request = requests.ask_as_someone_else(panelists["P1"], email="colleague@example.org", at=now)
    assert requests.settle_request(request, by="mo", at=now).email == ""

    with pytest.raises(RoundStateError):
        requests.settle_request(request, by="mo", at=now)
    assert requests.ask_as_someone_else(panelists["P1"], at=now).pk != request.pk


def test_token_of_another_panelist_opens_her_pages_alone(panelists):
    assert panelist_for(personal_token(panelists["P2"])) == panelists["P2"]
