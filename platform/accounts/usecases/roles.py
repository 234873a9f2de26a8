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

    from django.db.models import QuerySet

OPERATOR, WORKER = "operator", "worker"


@transaction.atomic
def give_role(user: User, *, series: Series, kind: Role.Kind, by: str, at: datetime) -> Role:
    """Give a user a role in a series, without a last day or a deputy; giving what she has so changes nothing."""
    _lock(series)
    role, created = Role.objects.get_or_create(user=user, series=series, kind=kind)
    if created:
        note("gave", f"{kind} of {series.slug} to user {user.pk}", by=by, at=at)
    elif role.last_day is not None:
        role.last_day = role.successor = role.deputy = None
        role.save(update_fields=["last_day", "successor", "deputy"])
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
        if not Role.objects.filter(series=role.series, user=role.user_id).exists():  # she is at work here no more
            Role.objects.filter(series=role.series, deputy=role.user_id).update(deputy=None)
            Role.objects.filter(series=role.series, successor=role.user_id).update(successor=None)
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
    Role.DoesNotExist
        It was taken meanwhile.
    """
    with _owner_stays(role.series):
        held = Role.objects.select_related("series").get(pk=role.pk)
        if last_day and last_day < _day(at):
            raise RoleError("the last day is over", field="last_day")
        if successor and not last_day:
            raise RoleError("without a last day nobody succeeds", field="last_day")
        if deputy and held.kind != Role.Kind.REVIEWER:
            raise RoleError("only reviewers have deputies", field="deputy")
        for field, user in (("successor", successor), ("deputy", deputy)):
            if user:
                _check_colleague(held, user, field=field, at=at)
        held.last_day, held.successor, held.deputy = last_day, successor, deputy
        held.save(update_fields=["last_day", "successor", "deputy"])
    told = [f"until {last_day or 'taken away'}"]
    told += [f"then user {successor.pk}"] if successor else []
    told += [f"in her place user {deputy.pk}"] if deputy else []
    note("changed", f"{held.kind} of {held.series.slug}, user {held.user_id}: {', '.join(told)}", by=by, at=at)
    return held


def pass_on_roles(at: datetime) -> int:
    """Remove the roles whose last day is over, and give each to its successor; returns how many ended.

    The last owner's stays where nobody can succeed her: a series keeps an owner.
    """
    over = Role.objects.filter(last_day__lt=_day(at))
    of_series = Series.objects.filter(pk__in=over.values("series")).order_by("pk")
    return sum(_pass_on(series, at=at) for series in of_series)


@transaction.atomic
def _pass_on(series: Series, *, at: datetime) -> int:
    _lock(series)
    over = Role.objects.filter(series=series, last_day__lt=_day(at))
    ended = 0
    for pk in list(over.order_by("pk").values_list("pk", flat=True)):
        role = over.select_related("successor").filter(pk=pk).first()
        if role is None:  # it passed to her in this very sweep, and has no last day any more
            continue
        _succeed(role, series, at=at)
        if role.kind == Role.Kind.OWNER and not _owners(series).exclude(pk=pk).filter(_stands(at)).exists():
            give_role(role.user, series=series, kind=Role.Kind.OWNER, by=WORKER, at=at)
            continue
        role.delete()
        note("ended", f"{role.kind} of {series.slug}, user {role.user_id}", by=WORKER, at=at)
        ended += 1
    return ended


def _succeed(role: Role, series: Series, *, at: datetime) -> None:
    """Give a role to its successor, unless her account is closed or she has it already."""
    heir = role.successor
    if heir is None or not heir.is_active:
        return
    if not Role.objects.standing(at).filter(series=series, user=heir, kind=role.kind).exists():
        give_role(heir, series=series, kind=Role.Kind(role.kind), by=WORKER, at=at)


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


def is_last_owner(role: Role) -> bool:
    """Say whether nobody else who can sign in owns the series."""
    return role.kind == Role.Kind.OWNER and not _owners(role.series).exclude(pk=role.pk).exists()


@contextmanager
def _owner_stays(series: Series) -> Iterator[None]:
    """Refuse a change after which a series that has an owner would have none, today or once her last day is over."""
    _lock(series)
    had = _owners(series).exists()
    yield
    stays = Q(last_day__isnull=True) | Q(successor__is_active=True)
    if had and not _owners(series).filter(stays).exists():
        raise LastOwnerError("a series keeps an owner")


def _lock(series: Series) -> None:
    """Let those who change roles of a series do so one after the other; held before any role is read."""
    Series.objects.select_for_update().get(pk=series.pk)


def _owners(series: Series) -> QuerySet[Role]:
    """Return the roles of owners who can sign in."""
    return Role.objects.filter(series=series, kind=Role.Kind.OWNER, user__is_active=True)


def _stands(at: datetime) -> Q:
    return Q(last_day__isnull=True) | Q(last_day__gte=_day(at))


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _check_colleague(role: Role, user: User, *, field: str, at: datetime) -> None:
    """Refuse somebody who is herself, whose account is closed or who has no role in the series."""
    colleagues = Role.objects.standing(at).filter(series=role.series_id, user__is_active=True)
    if user.pk == role.user_id or not colleagues.filter(user=user).exists():
        raise RoleError("she is nobody else of the series", field=field)
