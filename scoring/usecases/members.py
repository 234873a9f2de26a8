"""Say which countries belong to a series' region, since when and by what source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.acts import note
from scoring.models import Country, SeriesCountry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from accounts.models import Series


@transaction.atomic
def add_member(
    series: Series,
    *,
    code: str,
    names: Mapping[str, str],
    since: date,
    until: date | None = None,
    source: str = "",
    is_area: bool = False,
    by: str,
    at: datetime,
) -> SeriesCountry:
    """Add a country, or an area, to the series' region from a date on; the same one and date again change nothing."""
    country, _ = Country.objects.get_or_create(code=code, defaults={"names": dict(names)})
    member, created = SeriesCountry.objects.get_or_create(
        series=series, country=country, since=since, defaults={"until": until, "source": source, "is_area": is_area}
    )
    if created:
        note("added", f"{code} to {series.slug}", by=by, at=at)
    return member
