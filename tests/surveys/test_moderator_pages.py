"""The round's page: owner, colleague of another series, stranger."""

import pytest
from django.urls import reverse

from accounts.models import Role, Series, User
from accounts.usecases import give_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(series, now):
    """Alice moderates the series, Bob another one, Charlie is a partner."""
    other = Series.objects.create(slug="other", names={"en": "Other"}, created_at=now)
    alice, bob, charlie = (User.objects.create_user(name) for name in ("alice", "bob", "charlie"))
    give_role(alice, series=series, kind=Role.Kind.MODERATOR, by="mo", at=now)
    give_role(bob, series=other, kind=Role.Kind.MODERATOR, by="mo", at=now)
    give_role(charlie, series=series, kind=Role.Kind.PARTNER, by="mo", at=now)
    return {"alice": alice, "bob": bob, "charlie": charlie}


def address(opened, name="desk_round"):
    return reverse(f"surveys:{name}", kwargs={"series": "las", "uid": opened.uid})


def test_stranger_is_asked_to_sign_in(client, opened):
    assert client.get(address(opened)).url.startswith("/sign-in/")
    assert client.post(address(opened, "close_round"), {"sure": "yes"}).url.startswith("/sign-in/")


@pytest.mark.parametrize("name", ["bob", "charlie"])
def test_others_find_nothing_and_close_nothing(client, opened, people, name):
    client.force_login(people[name])

    assert client.get(address(opened)).status_code == 404
    assert client.post(address(opened, "close_round"), {"sure": "yes"}).status_code == 404
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
