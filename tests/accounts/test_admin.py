"""An institute begins in the admin: a superuser makes a series and its first moderator; nobody else gets in."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.lifecycle import Actor
from accounts.models import Role, Series, User
from accounts.rules import actors, series_of
from accounts.usecases.roles import give_role
from accounts.usecases.series import create_series

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

    assert actors(moderator, series) == {Actor.MODERATOR}


def test_superuser_takes_a_role_and_leaves_an_owner(client, moderator, caplog):
    client.force_login(User.objects.create_superuser("root"))
    series = Series.objects.create(slug="las", names={"en": "LAS"}, created_at="2026-01-01T00:00:00Z")
    for kind in ("moderator", "owner"):
        client.post("/admin/accounts/role/add/", {"user": moderator.pk, "series": series.pk, "kind": kind})
    roles = {role.kind: role for role in Role.objects.all()}
    for role in roles.values():
        client.post(f"/admin/accounts/role/{role.pk}/delete/", {"post": "yes"})
    several = {"action": "delete_selected", "_selected_action": roles["owner"].pk, "post": "yes"}
    told = client.post("/admin/accounts/role/", several, follow=True).content.decode()

    assert "A series keeps an owner" in told
    assert [role.kind for role in Role.objects.all()] == ["owner"]
    acts = [record.getMessage() for record in caplog.records if record.name == "steelyard.acts"]
    assert [f"root {verb}" in line for verb, line in zip(["gave", "gave", "took"], acts, strict=True)] == [True] * 3


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

    assert actors(moderator, series) == set()


def test_role_that_is_given_twice_is_one_role(moderator):
    now = timezone.now()
    series = create_series(slug="las", names={"en": "LAS"}, descriptions={}, languages=["en"], by="root", at=now)

    first, again = (give_role(moderator, series=series, kind=Role.Kind.MODERATOR, by="root", at=now) for _ in range(2))

    assert first == again
    assert series_of(moderator) == {series: {Actor.MODERATOR}}


def test_nobody_and_who_left_moderate_nothing(moderator):
    series = create_series(
        slug="las", names={"en": "LAS"}, descriptions={}, languages=["en"], by="root", at=timezone.now()
    )
    give_role(moderator, series=series, kind=Role.Kind.MODERATOR, by="root", at=timezone.now())
    moderator.is_active = False

    assert series_of(AnonymousUser()) == series_of(moderator) == {}
