"""Every address that queues mails, pressed while Redis is away: it answers as usual, and each mail is sent once afterwards."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from surveys.models import LinkRequest, Mail, Panelist
from surveys.queries.panelist.links import personal_token
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.rounds import plan_round
from tests.guards import unguarded
from tests.queueing import addresses_that_queue

LATE = datetime(2099, 1, 1, tzinfo=UTC)
NEWS = ("end_moved", "closed", "reopened")  # they wait five minutes, Redis or not
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people_asked(panel, opened, answer_all, panelists, now):
    """An open round whose invitations were sent long ago: P1 answered everything, P4 came later."""
    with unguarded(Mail):
        Mail.objects.update(state="sent", sent_at=now)
    answer_all(panelists["P1"], opened)
    return panelists | {"P4": add_panelist(panel, code="P4", email="p4@example.org", by="mo", at=now)}


@pytest.fixture
def planned_elsewhere(series, version, now):
    """Two rounds of two other panels, of one person each, that may be opened."""
    rounds = []
    for slug in ("second", "third"):
        panel = create_panel(series, slug=slug, names={"en": slug}, by="mo", at=now)
        add_panelist(panel, code="P1", email=f"{slug}@example.org", by="mo", at=now)
        rounds.append(plan_round(panel, version=version, closes_at=LATE, seed=7, by="mo", at=now))
    return rounds


@pytest.fixture
def doors(people, people_asked, opened, planned_elsewhere):
    """What is pressed, in an order in which each makes the next one possible: who, where, with what, and what is queued."""
    desk, hers = Client(), Client()
    desk.force_login(people["alice"])

    def link(code):
        return {"token": personal_token(people_asked[code])}

    def of(round_, **more):
        return {"series": "las", "uid": round_.uid} | more

    hers.post(reverse("surveys:start", kwargs=link("P1")))
    here, there = planned_elsewhere
    return {
        "surveys:review": lambda: (hers, link("P1"), {}, [("receipt", "P1")]),
        "surveys:remind": lambda: (
            desk,
            of(opened),
            {"code": ["P2", "P3"]},
            [("reminder", "P2"), ("reminder", "P3")],
        ),
        "surveys:fresh_link": lambda: (Client(), {"token": "en-x"}, {"email": "p4@example.org"}, ["by_address"]),
        "surveys:it_is_me": lambda: (Client(), link("P3"), {}, [("fresh_link", "P3")]),
        "surveys:someone_else": lambda: (Client(), link("P2"), {"email": ""}, ["someone_else"]),
        "surveys:mail_link": lambda: (
            desk,
            of(opened, request_uid=LinkRequest.objects.get(kind="someone_else").uid),
            {},
            [("fresh_link", "P2")],
        ),
        "surveys:open_round": lambda: (desk, of(here), {"sure": "yes"}, [("invitation", "P1")]),
        "surveys_api:open post": lambda: (desk, of(there), {}, [("invitation", "P1")]),
        "surveys:invite_owed": lambda: (desk, of(opened), {"code": ["P4"]}, [("invitation", "P4")]),
        "surveys:move_end": lambda: (
            desk,
            of(here),
            {"ends_at": "2099-02-01T00:00", "tell": "yes"},
            [("end_moved", "P1")],
        ),
        "surveys_api:end post": lambda: (
            desk,
            of(there),
            {"ends_at": "2099-02-01T00:00:00Z", "tell": True},
            [("end_moved", "P1")],
        ),
        "surveys:close_round": lambda: (
            desk,
            of(here),
            {"when": "now", "sure": "yes", "tell": "yes"},
            [("closed", "P1")],
        ),
        "surveys_api:close post": lambda: (desk, of(there), {"tell": True}, [("closed", "P1")]),
        "surveys:reopen_round": lambda: (
            desk,
            of(here),
            {"ends_at": "2099-03-01T00:00", "sure": "yes", "tell": "yes"},
            [("reopened", "P1")],
        ),
        "surveys_api:reopen post": lambda: (
            desk,
            of(there),
            {"ends_at": "2099-03-01T00:00:00Z", "tell": True},
            [("reopened", "P1")],
        ),
    }


def queued():
    """What waits, by its key: mails by kind and person, and requests by their kind."""
    mails = {f"mail {mail.pk}": (mail.kind, mail.panelist.code) for mail in Mail.objects.select_related("panelist")}
    return mails | {f"request {one.pk}": one.kind for one in LinkRequest.objects.all()}


def test_every_address_that_queues_mails_is_pressed_here(doors):
    assert set(doors) == {name for name in addresses_that_queue() if name.startswith(("surveys:", "surveys_api:"))}


def test_mails_queued_while_redis_is_away_are_sent_once_it_is_back(
    own_broker, as_documented, doors, eventually, tmp_path
):
    worker, beat = as_documented("worker"), as_documented("beat", SWEEP_SECONDS="0.5")
    eventually(lambda: "surveys.sweep" in worker.log)
    own_broker.stop()

    statuses, rows, earlier = {}, {}, list(Mail.objects.values_list("pk", flat=True))
    for name, door in doors.items():
        client, where, data, expected = door()
        before = queued()
        form = {"content_type": "application/json"} if name.startswith("surveys_api:") else {}
        statuses[name] = client.post(reverse(name.partition(" ")[0], kwargs=where), data, **form).status_code
        added = [what for key, what in queued().items() if key not in before]
        rows[name] = sorted(map(str, added)) == sorted(map(str, expected)) or added
    assert statuses == {name: 200 if name.startswith("surveys_api:") else 302 for name in doors}
    assert rows == dict.fromkeys(doors, True)
    here = Mail.objects.exclude(pk__in=earlier)
    assert set(here.values_list("state", flat=True)) == {"queued"}

    own_broker.start()
    eventually(lambda: not here.exclude(kind__in=NEWS).exclude(state="sent").exists())
    eventually(lambda: Mail.objects.filter(panelist__code="P4", kind="fresh_link", state="sent").exists())

    sent = list((tmp_path / "var" / "mail").iterdir())
    assert len(sent) == here.filter(attempts=1).count() == here.exclude(kind__in=NEWS).count() == 9
    assert list(LinkRequest.objects.values_list("kind", "state")) == [("someone_else", "done")]
    assert Panelist.objects.get(code="P4").mails.count() == 2
    # it lives on; only the transport's own error, of a connection that goes as it comes, has its unit start it again
    assert worker.starts == 1 + worker.log.count("Unrecoverable error: AttributeError")
    assert beat.starts == 1
