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
            "time_zone": "UTC",
            "unit_kind": "city",
            "created_at_0": "2026-01-01",
            "created_at_1": "12:00",
        },
    )
    series = Series.objects.get()
    client.post("/admin/accounts/role/add/", {"user": moderator.pk, "series": series.pk, "kind": "moderator"})

    assert actors(moderator, series) == {Actor.MODERATOR}


@pytest.fixture
def owned(moderator):
    """A series whose owner and moderator is one person."""
    series = Series.objects.create(slug="las", names={"en": "LAS"}, created_at="2026-01-01T00:00:00Z")
    for kind in (Role.Kind.OWNER, Role.Kind.MODERATOR):
        give_role(moderator, series=series, kind=kind, by="root", at=timezone.now())
    return series


@pytest.fixture
def root(client):
    client.force_login(User.objects.create_superuser("root"))
    return client


def test_superuser_gives_and_takes_roles_as_owners_do(root, moderator, owned, caplog):
    caplog.clear()
    root.post("/admin/accounts/role/add/", {"user": moderator.pk, "series": owned.pk, "kind": "observer"})
    role = Role.objects.get(kind="observer")
    root.post(f"/admin/accounts/role/{role.pk}/delete/", {"post": "yes"})

    acts = [record.getMessage().split(" ", 1)[1] for record in caplog.records if record.name == "steelyard.acts"]
    assert acts == [
        f"root gave observer of las to user {moderator.pk}",
        f"root took observer of las from user {moderator.pk}",
    ]


def test_superuser_leaves_a_series_its_last_owner(root, moderator, owned):
    role = Role.objects.get(kind="owner")
    several = {"action": "delete_selected", "post": "yes"}
    answers = [
        root.post(f"/admin/accounts/role/{role.pk}/delete/", {"post": "yes"}),
        root.post(f"/admin/accounts/user/{moderator.pk}/delete/", {"post": "yes"}),
        root.post("/admin/accounts/role/", several | {"_selected_action": role.pk}),
        root.post("/admin/accounts/user/", several | {"_selected_action": moderator.pk}),
    ]
    closing = root.post(
        f"/admin/accounts/user/{moderator.pk}/change/",
        {"username": "mo", "date_joined_0": "2026-01-01", "date_joined_1": "12:00"},
    )

    assert [answer.status_code for answer in answers] == [403, 403, 200, 200]  # the lists offer no deletion of several
    assert (closing.status_code, "A series keeps an owner" in closing.content.decode()) == (200, True)
    moderator.refresh_from_db()
    assert (moderator.is_active, Role.objects.filter(kind="owner").count()) == (True, 1)


def test_superuser_closes_an_account_beside_another_owner(root, moderator, owned):
    other = User.objects.create_user("other")
    give_role(other, series=owned, kind=Role.Kind.OWNER, by="root", at=timezone.now())
    root.post(
        f"/admin/accounts/user/{moderator.pk}/change/",
        {"username": "mo", "date_joined_0": "2026-01-01", "date_joined_1": "12:00"},
    )

    moderator.refresh_from_db()
    assert not moderator.is_active


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
