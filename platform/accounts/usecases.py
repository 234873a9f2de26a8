"""Create series and give roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.acts import note
from accounts.models import Role, Series, User

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


@transaction.atomic
def create_series(
    *,
    slug: str,
    names: Mapping[str, str],
    descriptions: Mapping[str, str],
    languages: Sequence[str],
    contact: str = "",
    licence: str = "",
    is_demonstration: bool = False,
    by: str,
    at: datetime,
) -> Series:
    """Create a series; a demonstration says so on every page. ``licence`` is that of its own work, empty where not said."""
    series = Series.objects.create(
        slug=slug,
        names=dict(names),
        descriptions=dict(descriptions),
        languages=list(languages),
        contact=contact,
        licence=licence.strip(),
        is_demonstration=is_demonstration,
        created_at=at,
    )
    note("created", f"series {slug}", by=by, at=at)
    return series


@transaction.atomic
def name_licence(series: Series, *, licence: str, by: str, at: datetime) -> Series:
    """Say under which licence the series' own work is published from its next release on; releases keep what they say."""
    held = Series.objects.select_for_update().get(pk=series.pk)
    before, held.licence = held.licence, licence.strip()
    held.save(update_fields=["licence"])
    note("named", f"the licence of {held.slug}: {before or 'not said'} to {held.licence or 'not said'}", by=by, at=at)
    return held


@transaction.atomic
def give_role(user: User, *, series: Series, kind: Role.Kind, by: str, at: datetime) -> Role:
    """Give a user a role in a series; giving it twice changes nothing."""
    role, created = Role.objects.get_or_create(user=user, series=series, kind=kind)
    if created:
        note("gave", f"{kind} of {series.slug} to user {user.pk}", by=by, at=at)
    return role
