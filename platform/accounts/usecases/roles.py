"""Give roles in a series, and take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.acts import note
from accounts.errors import LastOwnerError
from accounts.models import Role, Series

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User


@transaction.atomic
def give_role(user: User, *, series: Series, kind: Role.Kind, by: str, at: datetime) -> Role:
    """Give a user a role in a series; giving it twice changes nothing."""
    role, created = Role.objects.get_or_create(user=user, series=series, kind=kind)
    if created:
        note("gave", f"{kind} of {series.slug} to user {user.pk}", by=by, at=at)
    return role


@transaction.atomic
def take_role(role: Role, *, by: str, at: datetime) -> bool:
    """Take a role from who has it; returns whether it was there to be taken.

    Raises
    ------
    LastOwnerError
        It is that of the last owner: nobody could give roles any more.
    """
    Series.objects.select_for_update().get(pk=role.series_id)  # two owners who take each other's role wait here
    others = Role.objects.filter(series_id=role.series_id, kind=Role.Kind.OWNER, user__is_active=True).exclude(
        pk=role.pk
    )
    if role.kind == Role.Kind.OWNER and not others.exists():
        raise LastOwnerError("a series keeps an owner")
    taken, _ = Role.objects.filter(pk=role.pk).delete()
    if taken:
        note("took", f"{role.kind} of {role.series.slug} from user {role.user_id}", by=by, at=at)
    return bool(taken)
