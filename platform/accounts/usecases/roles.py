"""Give roles in a series, take them, let them end on a day, and name who acts in somebody's place."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from accounts.acts import note
from accounts.errors import LastOwnerError, RoleError
from accounts.models import Role, Series, User

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

OPERATOR = "operator"


@transaction.atomic
def give_role(user: User, *, series: Series, kind: Role.Kind, by: str, at: datetime) -> Role:
    """Give a user a role in a series, without a last day; giving it twice changes nothing."""
    _lock(series)
    role, created = Role.objects.get_or_create(user=user, series=series, kind=kind)
    if created:
        note("gave", f"{kind} of {series.slug} to user {user.pk}", by=by, at=at)
    elif role.last_day is not None:
        role.last_day = role.successor = None
        role.save(update_fields=["last_day", "successor"])
        note("gave", f"{kind} of {series.slug} to user {user.pk}, without a last day", by=by, at=at)
    return role


@transaction.atomic
def take_role(role: Role, *, by: str, at: datetime) -> bool:
    """Take a role from who has it; returns whether it was there to be taken.

    Raises
    ------
    LastOwnerError
        It is that of the last owner: nobody could give roles any more.
    """
    with _owner_stays(role.series):
        taken, _ = Role.objects.filter(pk=role.pk).delete()
        _forget_without_roles(role.user_id, role.series)
    if taken:
        note("took", f"{role.kind} of {role.series.slug} from user {role.user_id}", by=by, at=at)
    return bool(taken)


@transaction.atomic
def change_role(
    role: Role,
    *,
    last_day: date | None = None,
    successor: User | None = None,
    deputy: User | None = None,
    by: str,
    at: datetime,
) -> Role:
    """Say until which day (UTC) a role stands, who has it from then on, and who acts in a reviewer's place.

    Without a day it has no end, and no successor either.

    Raises
    ------
    RoleError
        The day is over, successor or deputy is nobody else of the series, or the role has no deputies: facts["field"].
    LastOwnerError
        It is that of the last owner, and nobody succeeds her.
    """
    held = Role.objects.select_for_update(of=("self",)).select_related("series").get(pk=role.pk)
    if last_day and last_day < at.astimezone(UTC).date():
        raise RoleError("the last day is over", field="last_day")
    if successor and not last_day:
        raise RoleError("without a last day nobody succeeds", field="last_day")
    if deputy and held.kind != Role.Kind.REVIEWER:
        raise RoleError("only reviewers have deputies", field="deputy")
    for field, user in (("successor", successor), ("deputy", deputy)):
        if user:
            _check_colleague(held, user, field=field, at=at)
    with _owner_stays(held.series):
        held.last_day, held.successor, held.deputy = last_day, successor, deputy
        held.save(update_fields=["last_day", "successor", "deputy"])
    told = [f"until {last_day or 'taken away'}"]
    told += [f"then user {successor.pk}"] if successor else []
    told += [f"in her place user {deputy.pk}"] if deputy else []
    note("changed", f"{held.kind} of {held.series.slug}, user {held.user_id}: {', '.join(told)}", by=by, at=at)
    return held


@transaction.atomic
def pass_on_roles(at: datetime) -> int:
    """Remove the roles whose last day is over, and give each to its successor; returns how many ended."""
    over = Role.objects.exclude(pk__in=Role.objects.standing(at).values("pk"))
    ended = list(over.select_for_update(of=("self",)).select_related("series", "successor").order_by("pk"))
    for role in ended:
        role.delete()
        note("ended", f"{role.kind} of {role.series.slug}, user {role.user_id}", by="worker", at=at)
        _forget_without_roles(role.user_id, role.series)
        if role.successor is not None:
            give_role(role.successor, series=role.series, kind=Role.Kind(role.kind), by="worker", at=at)
    return len(ended)


@transaction.atomic
def replace_owner(series: Series, *, user: User, lost: User | None = None, at: datetime) -> Role:
    """Make a user owner of a series whose owner cannot be reached any more; she loses the role.

    Raises
    ------
    RoleError
        Who is lost does not own the series: facts["field"].
    """
    hers = Role.objects.filter(series=series, user=lost, kind=Role.Kind.OWNER).first() if lost else None
    if lost is not None and hers is None:
        raise RoleError("she does not own the series", field="lost")
    role = give_role(user, series=series, kind=Role.Kind.OWNER, by=OPERATOR, at=at)
    if hers is not None:
        take_role(hers, by=OPERATOR, at=at)
    return role


@contextmanager
def _owner_stays(series: Series) -> Iterator[None]:
    """Refuse a change after which a series that has an owner would have none."""
    _lock(series)
    had = _has_owner(series)
    yield
    if had and not _has_owner(series):
        raise LastOwnerError("a series keeps an owner")


def _lock(series: Series) -> None:
    """Let two who take each other's role do so one after the other."""
    Series.objects.select_for_update().get(pk=series.pk)


def _has_owner(series: Series) -> bool:
    """Say whether somebody owns a series and stays, or is succeeded."""
    stays = Q(last_day__isnull=True) | Q(successor__is_active=True)
    return Role.objects.filter(stays, series=series, kind=Role.Kind.OWNER, user__is_active=True).exists()


def _forget_without_roles(user_id: int, series: Series) -> None:
    """Let who has no role of her own in a series be nobody's deputy or successor there."""
    if not Role.objects.filter(series=series, user=user_id).exists():
        Role.objects.filter(series=series, deputy=user_id).update(deputy=None)
        Role.objects.filter(series=series, successor=user_id).update(successor=None)


def _check_colleague(role: Role, user: User, *, field: str, at: datetime) -> None:
    """Refuse somebody who is herself, whose account is closed or who has no role in the series."""
    colleagues = Role.objects.standing(at).filter(series=role.series_id, user__is_active=True)
    if user.pk == role.user_id or not colleagues.filter(user=user).exists():
        raise RoleError("she is nobody else of the series", field=field)
