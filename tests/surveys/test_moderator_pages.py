"""The round's page: owner, colleague of another series, stranger."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from surveys.usecases.judgements import record_judgement
from surveys.usecases.rounds import close_due_rounds
from surveys.usecases.submissions import submit_round

pytestmark = pytest.mark.django_db


def address(opened, name="desk_round"):
    return reverse(f"surveys:{name}", kwargs={"series": "las", "uid": opened.uid})


def test_stranger_is_asked_to_sign_in(client, opened):
    assert client.get(address(opened)).url.startswith("/sign-in/")
    assert client.post(address(opened, "close_round"), {"sure": "yes"}).url.startswith("/sign-in/")


@pytest.mark.parametrize(("name", "status"), [("bob", 404), ("charlie", 403)])
def test_others_find_nothing_and_close_nothing(client, opened, people, name, status):
    client.force_login(people[name])

    assert client.get(address(opened)).status_code == status
    assert client.post(address(opened, "close_round"), {"sure": "yes"}).status_code == status
    opened.refresh_from_db()
    assert opened.state == "open"


def test_closing_asks_first_and_happens_once(client, opened, people):
    client.force_login(people["alice"])

    assert client.post(address(opened, "close_round"), {"when": "now"}).status_code == 422
    assert client.post(address(opened, "close_round"), {"sure": "yes"}).status_code == 422
    opened.refresh_from_db()
    assert opened.state == "open"
    client.post(address(opened, "close_round"), {"sure": "yes", "when": "now"})
    page = client.post(address(opened, "close_round"), {"sure": "yes", "when": "now"}, follow=False)

    opened.refresh_from_db()
    assert (page.status_code, opened.state) == (302, "closed")


def test_page_says_who_is_at_work_and_what_becomes_of_drafts(client, opened, people, panelists, answer_all):
    now = timezone.now()
    for code, minutes in (("P1", 5), ("P2", 15), ("P3", 5)):
        record_judgement(panelists[code], opened, a="A", b="B", value=3, at=now - timedelta(minutes=minutes))
    submit_round(panelists["P3"], opened, at=now)
    client.force_login(people["alice"])

    page = client.get(address(opened)).content.decode()

    assert "1 person is active now." in page  # who has handed in is not at work
    assert "2 people have answers that are not handed in." in page
    assert "They stay as drafts and do not count." in page


@pytest.mark.parametrize(
    ("order", "minutes"), [({"when": "grace"}, 60), ({"when": "until", "until": "{:%Y-%m-%dT%H:%M}"}, 180)]
)
def test_end_is_announced_instead(client, opened, people, panelists, order, minutes):
    client.force_login(people["alice"])
    until = timezone.now() + timedelta(minutes=minutes)
    order = {name: value.format(until) for name, value in order.items()}

    page = client.post(address(opened, "close_round"), order | {"sure": "yes"}, follow=True).content.decode()

    opened.refresh_from_db()
    assert opened.state == "open"
    assert abs(opened.finish_until - until) < timedelta(minutes=2)
    assert "The end is announced" in page
    assert [one.pk for one in close_due_rounds(at=until + timedelta(minutes=2))] == [opened.pk]


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"when": "soon"},
        {"when": "until"},
        {"when": "until", "until": "2020-01-01T10:00"},
        {"when": "until", "until": "x"},
    ],
)
def test_order_that_makes_no_sense_closes_nothing(client, opened, people, order):
    client.force_login(people["alice"])

    page = client.post(address(opened, "close_round"), order | {"sure": "yes"})

    opened.refresh_from_db()
    assert (page.status_code, opened.state, opened.finish_until) == (422, "open", None)
    assert 'class="error"' in page.content.decode()


def test_api_announces_the_end(client, opened, people):
    client.force_login(people["alice"])
    url = f"/api/v1/series/las/rounds/{opened.uid}/close/"

    refused = client.post(url, {"grace_minutes": -1}, content_type="application/json")
    told = client.post(url, {"grace_minutes": 30}, content_type="application/json")
    closed = client.post(url, content_type="application/json")

    assert (refused.status_code, told.status_code, closed.status_code) == (400, 200, 200)
    assert told.json()["round"]["finish_until"] is not None
    assert (told.json()["round"]["state"], closed.json()["round"]["state"]) == ("open", "closed")
    client.force_login(people["bob"])
    assert client.post(url, {"grace_minutes": 30}, content_type="application/json").status_code == 404
