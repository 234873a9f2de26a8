"""Who may: predicates over users and series, asked at the door by pages and API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.lifecycle import Actor
from accounts.models import Role, Series

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet


def moderates(user: AbstractBaseUser | AnonymousUser, series: Series) -> bool:
    """Say whether the user is a moderator of the series."""
    if not user.is_authenticated or not user.is_active:
        return False
    return Role.objects.filter(user_id=user.pk, series=series, kind=Role.Kind.MODERATOR).exists()


def may_act(user: AbstractBaseUser | AnonymousUser, series: Series, *, by: Collection[Actor]) -> bool:
    """Say whether the user is among those in the series who may do an act."""
    return Actor.MODERATOR in by and moderates(user, series)


def moderated_series(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Series]:
    """Return the series that the user moderates."""
    if not user.is_authenticated or not user.is_active:
        return Series.objects.none()
    return Series.objects.filter(roles__user_id=user.pk, roles__kind=Role.Kind.MODERATOR)
