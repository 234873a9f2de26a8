"""A series, its owner, a moderator of it and a stranger."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from accounts.models import Role, User
from accounts.usecases.roles import give_role
from accounts.usecases.series import create_series

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def series(db):
    return create_series(
        slug="las",
        names={"en": "LAS ranking", "ar": "تصنيف"},
        descriptions={},
        languages=["en", "ar"],
        contact="desk@example.org",
        by="root",
        at=NOW,
    )


@pytest.fixture
def owner(series):
    user = User.objects.create_user("owner", "owner@example.org", "a long way round", first_name="Olga Owner")
    give_role(user, series=series, kind=Role.Kind.OWNER, by="root", at=NOW)
    return user


@pytest.fixture
def moderator(series):
    user = User.objects.create_user("mo", "mo@example.org", "a long way round")
    give_role(user, series=series, kind=Role.Kind.MODERATOR, by="root", at=NOW)
    return user


@pytest.fixture
def desk(owner):
    """The owner's browser."""
    client = Client()
    client.force_login(owner)
    return client
