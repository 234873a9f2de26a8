"""An institute begins in the admin: a superuser makes a series and its first moderator; nobody else gets in."""

import pytest

from accounts.models import Role, Series, User
from accounts.rules import moderates

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator():
    return User.objects.create_user("mo", password="a long pass phrase")


def test_superuser_makes_a_series_and_its_moderator(client, moderator):
    client.force_login(User.objects.create_superuser("root"))

    client.post(
        "/admin/accounts/series/add/",
        {
            "slug": "las",
            "names": '{"en": "LAS"}',
            "descriptions": '{"en": "Cities"}',
            "languages": '["en"]',
            "contact": "desk@example.org",
            "created_at_0": "2026-01-01",
            "created_at_1": "12:00",
        },
    )
    series = Series.objects.get()
    client.post("/admin/accounts/role/add/", {"user": moderator.pk, "series": series.pk, "kind": "moderator"})

    assert moderates(moderator, series)


@pytest.mark.parametrize("page", ["series/", "role/add/", "user/"])
def test_moderator_and_stranger_are_kept_out(client, moderator, page):
    stranger = client.get(f"/admin/accounts/{page}")
    client.force_login(moderator)
    inside = client.get(f"/admin/accounts/{page}")

    assert (stranger.status_code, inside.status_code) == (302, 302)
    assert Role.objects.count() == 0


def test_inactive_moderator_moderates_nothing(moderator, django_user_model):
    series = Series.objects.create(slug="las", names={"en": "LAS"}, created_at="2026-01-01T00:00:00Z")
    Role.objects.create(user=moderator, series=series, kind="moderator")
    django_user_model.objects.filter(pk=moderator.pk).update(is_active=False)
    moderator.refresh_from_db()

    assert not moderates(moderator, series)
