"""Every address that queues long work, pressed while Redis is away: it answers as usual, and the work is done afterwards."""

import json
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.usecases.roles import give_role
from scoring.files.tables import write_data
from scoring.models import Bundle, Consensus, Scoring, Upload
from scoring.queries.desk.uploads import last_uploads
from scoring.usecases import scorings
from scoring.usecases.edition_data import request_scoring, use_dataset
from tests.guards import unguarded
from tests.queueing import addresses_that_queue
from tests.scoring.test_unit_lists import files as list_files

METHOD = {
    "group": "aij",
    "priorities": "eigenvector",
    "incomplete": "llsm",
    "scale": "linear",
    "random_index": "saaty",
    "cr_max": "",
    "draws": "20",
}
PLACE = {"series": "las", "edition": "2026"}
"""What is pressed, in an order in which each makes the next one possible; the last parts of the addresses in between."""
PAGES = {
    "weigh": ("scoring:desk_weigh", 302, Consensus),
    "score": ("scoring:desk_score", 302, Scoring),
    "release": ("scoring:desk_release", 302, Bundle),
    "correct": ("scoring:desk_correct", 302, Bundle),
}
CALLS = {
    "weigh": ("api:consensus post", 202, Consensus),
    "score": ("api:scoring post", 202, Scoring),
    "release": ("api:releases post", 201, Bundle),
    "correct": ("api:corrections post", 201, Bundle),
}
UPLOADS = {
    "pages": ("scoring:desk_units", "scoring:desk_data", "scoring:desk_answer", "scoring:desk_confirm"),
    "calls": ("api:units post", "api:data post", "api:upload patch", "api:confirmation post"),
}
pytestmark = pytest.mark.django_db(transaction=True)
TAKING_BACK = {"scoring:desk_cancel"}


def of_this_app(names):
    return {name for name in names if name.startswith(("scoring:", "api:"))}


def test_every_address_that_queues_work_or_takes_it_back_is_pressed_here():
    pressed = {name for doors in (PAGES, CALLS) for name, _status, _kind in doors.values()}
    pressed |= {name for names in UPLOADS.values() for name in names}

    assert pressed | TAKING_BACK == of_this_app(addresses_that_queue())


class Desk:
    """A moderator at the desk while Redis is away, and what happens once it is back."""

    def __init__(self, client, broker, eventually, doors):
        self.client, self.broker, self.eventually, self.doors = client, broker, eventually, doors

    def press(self, act, data=None):
        """Press with Redis stopped; return the one row that is queued by it."""
        name, status, kind = self.doors[act]
        before = set(kind.objects.values_list("pk", flat=True))
        self.broker.stop()
        address = reverse(name.partition(" ")[0], kwargs=PLACE)
        if name.endswith(" post"):
            answer = self.client.post(address, json.dumps(data or {}), content_type="application/json")
        else:
            answer = self.client.post(address, data or {})
        assert answer.status_code == status, answer.content.decode()
        row = kind.objects.exclude(pk__in=before).get()
        assert (row.state, row.attempt) == ("queued", 0)
        return row

    def see(self, row):
        """Start Redis and see the row done, once, by whoever finds it."""
        self.broker.start()

        def is_done():
            row.refresh_from_db()
            return row.state == "done"

        self.eventually(is_done)
        assert row.attempt == 1
        return row


@pytest.fixture
def desk(own_broker, series, by, eventually):
    user = User.objects.create_user("alice")
    give_role(user, series=series, kind=Role.Kind.MODERATOR, **by)
    client = Client()
    client.force_login(user)
    return lambda doors: Desk(client, own_broker, eventually, doors)


SENT = {  # by the desk's pages, and by API
    "pages": (
        PAGES,
        lambda closed: METHOD | {"seed": "4", "round": str(closed.uid)},
        {"sure": "on"},
        {"sure": "on", "reason": "A better source."},
    ),
    "calls": (
        CALLS,
        lambda closed: {"round": str(closed.uid), "method": {"draws": 20, "seed": 4}},
        {},
        {"reason": "A better source."},
    ),
}


@pytest.mark.parametrize("by_hand", SENT)
def test_what_is_pressed_while_redis_is_away_is_done_once_it_is_back(
    desk, as_documented, edition, closed, dataset, corrected, freeze, by, by_hand
):
    doors, weighing, confirmed, explained = SENT[by_hand]
    alice = desk(doors)
    as_documented("worker", STALE_AFTER_SECONDS="3")  # they live on, or are started again by their units
    as_documented("beat", SWEEP_SECONDS="0.5")
    consensus = alice.see(alice.press("weigh", weighing(closed)))
    freeze(edition, consensus)
    use_dataset(edition, dataset=dataset, **by)
    alice.see(alice.press("score"))
    first = alice.see(alice.press("release", confirmed))
    use_dataset(edition, dataset=corrected, **by)
    alice.see(alice.press("score"))
    second = alice.see(alice.press("correct", explained))

    assert [first.release.number, second.release.number] == ["1.0", "1.1"]


@pytest.fixture
def send(desk, own_broker, eventually):
    """Send something of an upload while Redis is away, and see it read once it is back: ``send(name, data, state)``."""
    client = desk(PAGES).client

    def sent(name, data, state):
        own_broker.stop()
        name, _, method = name.partition(" ")
        known = Upload.objects.last()
        more = {"uid": known.uid} if name.endswith(("answer", "confirm", "upload", "confirmation")) else {}
        address = reverse(name, kwargs=PLACE | more)
        if method == "patch":
            answer = client.patch(address, json.dumps(data), content_type="application/json")
        else:
            answer = client.post(address, data)
        assert answer.status_code == (202 if method else 302), answer.content.decode()
        upload = Upload.objects.last()
        assert (upload.state, upload == known) == ("queued", bool(more))
        own_broker.start()
        eventually(lambda: Upload.objects.get(pk=upload.pk).state == "done")
        (told,) = [one for one in last_uploads(upload.edition).values() if one.uid == upload.uid]
        assert told.state == state

    return sent


@pytest.mark.parametrize("by_hand", UPLOADS)
def test_files_sent_while_redis_is_away_are_read_once_it_is_back(
    send, as_documented, edition, consensus, freeze, make_list, make_table, by_hand
):
    as_documented("worker", STALE_AFTER_SECONDS="3")
    as_documented("beat", SWEEP_SECONDS="0.5")
    units, data, answer, confirm = UPLOADS[by_hand]
    rule = {"rule_en": "All of them."} if by_hand == "pages" else {"rule": json.dumps({"en": "All of them."})}
    send(units, list_files(make_list(), **rule), "kept")
    edition.refresh_from_db()
    freeze(edition, consensus)
    table = write_data(make_table()).replace(",", ";").replace(".", ",")
    send(data, {"table": SimpleUploadedFile("data.csv", table.encode()), "preview": "on"}, "draft")
    send(answer, {"missing": "?", "preview": "on"}, "draft")
    send(confirm, {}, "kept")

    edition.refresh_from_db()
    assert (edition.unit_list.number, edition.dataset.number, edition.dataset.units.count()) == (2, 1, 8)


def test_work_under_way_is_cancelled_while_redis_is_away(desk, own_broker, frozen, dataset, by, caplog):
    use_dataset(frozen, dataset=dataset, **by)
    scoring = request_scoring(frozen, **by)
    scorings.begin(scoring.pk, now=timezone.now)
    with unguarded(Scoring):
        Scoring.objects.update(total=3)
    own_broker.stop()

    answer = desk(PAGES).client.post(reverse("scoring:desk_cancel", kwargs=PLACE | {"kind": "scoring"}))

    own_broker.start()
    scoring.refresh_from_db()
    assert (answer.status_code, scoring.state) == (302, "cancelled")
    assert [record.name for record in caplog.records if record.levelname == "WARNING"] == ["accounts.workers"]


def test_redis_that_says_nothing_is_waited_for_about_a_second(desk, silent_redis, edition, closed):
    alice, anybody = desk(PAGES).client, Client()
    for client in (alice, anybody):  # the first request of a process reads the addresses
        client.get("/healthz")
    before = time.monotonic()
    answers = [
        alice.post(reverse("scoring:desk_weigh", kwargs=PLACE), METHOD | {"seed": "4", "round": str(closed.uid)}),
        anybody.get(reverse("api:root")),
    ]
    took = time.monotonic() - before

    assert [answer.status_code for answer in answers] == [302, 200]
    assert Consensus.objects.get().state == "queued"
    assert took < 4  # half a second each; a busy machine is late
