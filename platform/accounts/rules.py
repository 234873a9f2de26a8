"""Who may: asked at every door of pages and API, over users, series and their roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from accounts.lifecycle import Actor
from accounts.models import Role, Series

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from accounts.lifecycle import Capability
    from accounts.models import User


def series_for(user: AbstractBaseUser | AnonymousUser, slug: str, needed: Capability) -> Series:
    """Return a series for somebody who may do there what is needed; one query.

    Raises
    ------
    Http404
        There is none, or she has no role in it: she is not told which.
    PermissionDenied
        She has a role in it, and no role that may do this.
    """
    roles = list(_roles_of(user).filter(series__slug=slug).select_related("series"))
    if not roles:
        raise Http404
    if needed.by.isdisjoint(Actor(role.kind) for role in roles):
        raise PermissionDenied
    return roles[0].series


def actors(user: AbstractBaseUser | AnonymousUser, series: Series) -> frozenset[Actor]:
    """Return the roles that the user has in the series today."""
    return frozenset(Actor(kind) for kind in _roles_of(user).filter(series=series).values_list("kind", flat=True))


def series_of(user: AbstractBaseUser | AnonymousUser) -> dict[Series, frozenset[Actor]]:
    """Return the series in which the user has roles today, with these roles; two queries."""
    kinds: dict[int, set[Actor]] = {}
    for series_id, kind in _roles_of(user).values_list("series_id", "kind"):
        kinds.setdefault(series_id, set()).add(Actor(kind))
    return {one: frozenset(kinds[one.pk]) for one in Series.objects.filter(pk__in=kinds)}


def others_with(series: Series, needed: Capability, *, but: str, at: datetime) -> bool:
    """Say whether anybody but one user may do there what is needed on that day; one query."""
    standing = Role.objects.standing(at).filter(series=series, kind__in=[str(one) for one in needed.by])
    return standing.filter(user__is_active=True).exclude(user__username=but).exists()


def acts_only_for(series: Series, needed: Capability, *, deputy: str, holder: str, at: datetime) -> bool:
    """Say whether somebody may do what is needed only in the place of one other, whose deputy she is; one query."""
    capable = Role.objects.standing(at).filter(series=series, kind__in=[str(one) for one in needed.by])
    held = list(capable.filter(Q(user__username=deputy) | Q(deputy__username=deputy)).values_list("user__username"))
    return bool(held) and all(name == holder for (name,) in held)


def may_begin_series(user: User | AnonymousUser) -> bool:
    """Say whether the user may begin a series: the first owner may, and who has Django's permission to add one."""
    return user.is_active and user.has_perm("accounts.add_series")


def _roles_of(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Role]:
    """Return the user's roles, and those in which she is deputy of somebody, where she has one of her own too."""
    if not user.is_authenticated or not user.is_active:
        return Role.objects.none()
    standing = Role.objects.standing(timezone.now())
    at_work = standing.filter(user=user.pk).values("series")
    return standing.filter(Q(user=user.pk) | Q(deputy=user.pk, user__is_active=True, series__in=at_work))
