"""Who may: predicates over users and series, asked at the door by pages and API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from accounts.lifecycle import Actor
from accounts.models import Role, Series

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from accounts.models import User


OF_ROLE: Final = {Role.Kind.OWNER: Actor.OWNER, Role.Kind.MODERATOR: Actor.MODERATOR}


def moderates(user: AbstractBaseUser | AnonymousUser, series: Series) -> bool:
    """Say whether the user is a moderator of the series."""
    return may_act(user, series, by=(Actor.MODERATOR,))


def owns(user: AbstractBaseUser | AnonymousUser, series: Series) -> bool:
    """Say whether the user is an owner of the series."""
    return may_act(user, series, by=(Actor.OWNER,))


def may_act(user: AbstractBaseUser | AnonymousUser, series: Series, *, by: Collection[Actor]) -> bool:
    """Say whether the user is among those in the series who may do an act."""
    kinds = [kind for kind, actor in OF_ROLE.items() if actor in by]
    return _series_of(user, *kinds).filter(pk=series.pk).exists()


def moderated_series(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Series]:
    """Return the series that the user moderates."""
    return _series_of(user, Role.Kind.MODERATOR)


def owned_series(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Series]:
    """Return the series that the user owns."""
    return _series_of(user, Role.Kind.OWNER)


def may_begin_series(user: User | AnonymousUser) -> bool:
    """Say whether the user may begin a series: the first owner may, and who has Django's permission to add one."""
    return user.is_active and user.has_perm("accounts.add_series")


def _series_of(user: AbstractBaseUser | AnonymousUser, *kinds: Role.Kind) -> QuerySet[Series]:
    if not user.is_authenticated or not user.is_active:
        return Series.objects.none()
    return Series.objects.filter(pk__in=Role.objects.filter(user_id=user.pk, kind__in=kinds).values("series"))
