"""Create series, and say what holds for them."""

from __future__ import annotations

from itertools import chain, count
from typing import TYPE_CHECKING, Final
from zoneinfo import available_timezones

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from accounts.acts import note
from accounts.errors import BadSeriesError, SlugTakenError, UnitKindFixedError
from accounts.models import Role, Series
from accounts.units import UnitKind
from accounts.usecases.roles import give_role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from accounts.models import User

LONGEST_STEM: Final = 40  # of a slug's 50 characters, so that a number has room


@transaction.atomic
def create_series(
    *,
    slug: str,
    names: Mapping[str, str],
    descriptions: Mapping[str, str],
    languages: Sequence[str],
    contact: str = "",
    licence: str = "",
    unit_kind: str = UnitKind.CITY,
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
        unit_kind=unit_kind,
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
def change_series(
    series: Series,
    *,
    names: Mapping[str, str],
    descriptions: Mapping[str, str],
    languages: Sequence[str],
    contact: str,
    time_zone: str,
    unit_kind: str | None = None,
    by: str,
    at: datetime,
) -> Series:
    """Change what a series is called and how it speaks; texts that are empty in a language are none in it.

    What it ranks stays where no ``unit_kind`` is given.

    Raises
    ------
    BadSeriesError
        It would have no name or no language, or a language, time zone or kind of unit is not known: facts["field"].
    UnitKindFixedError
        It would rank another kind of unit than its releases say.
    """
    offered = dict(settings.LANGUAGES)
    said = {
        "names": {language: text.strip() for language, text in names.items() if text.strip()},
        "descriptions": {language: text.strip() for language, text in descriptions.items() if text.strip()},
        "languages": [language for language in offered if language in languages],
    }
    for field, strange in (
        ("names", {*names} - {*offered}),
        ("descriptions", {*descriptions} - {*offered}),
        ("languages", {*languages} - {*offered}),
    ):
        if strange:
            raise BadSeriesError(f"{min(strange)} is not offered", field=field, allowed=sorted(offered))
    for field in ("names", "languages"):
        if not said[field]:
            raise BadSeriesError(f"a series has {field}", field=field)
    if time_zone not in available_timezones():
        raise BadSeriesError(f"{time_zone} is no time zone", field="time_zone", allowed="such as Africa/Casablanca")
    if unit_kind is not None and unit_kind not in UnitKind.values:
        raise BadSeriesError(f"{unit_kind} is no kind of unit", field="unit_kind", allowed=UnitKind.values)
    held = Series.objects.select_for_update().get(pk=series.pk)
    said |= {"contact": contact, "time_zone": time_zone, "unit_kind": unit_kind or held.unit_kind}
    if held.is_unit_kind_fixed and said["unit_kind"] != held.unit_kind:
        raise UnitKindFixedError("a release speaks of the kind of unit", kind=held.unit_kind)
    changed = [name for name, value in said.items() if getattr(held, name) != value]
    for name in changed:
        setattr(held, name, said[name])
    if changed:
        held.save(update_fields=changed)
        note("changed", f"{', '.join(changed)} of {held.slug}", by=by, at=at)
    return held


@transaction.atomic
def fix_unit_kind(series: Series) -> str:
    """Keep the kind of unit from now on, and return it: a release speaks of it. Who changes it meanwhile waits, and is refused."""
    held = Series.objects.select_for_update().get(pk=series.pk)
    held.is_unit_kind_fixed = True
    held.save(update_fields=["is_unit_kind_fixed"])
    return held.unit_kind


@transaction.atomic
def begin_series(
    user: User,
    *,
    name: str,
    name_language: str,
    languages: Sequence[str],
    contact: str,
    slug: str = "",
    licence: str = "",
    unit_kind: str = UnitKind.CITY,
    at: datetime,
) -> Series:
    """Begin a series for somebody who then owns and moderates it; without a ``slug`` one is made from the name.

    Raises
    ------
    SlugTakenError
        Another series has this slug.
    """
    if slug and Series.objects.filter(slug=slug).exists():
        raise SlugTakenError("another series has this address", slug=slug)
    by = user.get_username()
    series = create_series(
        slug=slug or _free_slug(name),
        names={name_language: name},
        descriptions={},
        languages=languages,
        contact=contact,
        licence=licence,
        unit_kind=unit_kind,
        by=by,
        at=at,
    )
    for kind in (Role.Kind.OWNER, Role.Kind.MODERATOR):
        give_role(user, series=series, kind=kind, by=by, at=at)
    return series


def _free_slug(name: str) -> str:
    """Return the name as an address has it, with a number where another series has the same."""
    stem = slugify(name)[:LONGEST_STEM].strip("-") or "series"
    numbered = (f"{stem}-{number}" for number in count(2))
    return next(slug for slug in chain([stem], numbered) if not Series.objects.filter(slug=slug).exists())
