"""Say which countries belong to a series' region, since when and by what source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

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
    """Add a country, or an area, to the series' region from a date on; the same one and date again change nothing.

    Another date is another span, so that names and decisions have their dates: it ends those before that reach past its
    beginning, and is ended by the next one after it.
    """
    country, _ = Country.objects.get_or_create(code=code, defaults={"names": dict(names)})
    spans = SeriesCountry.objects.filter(series=series, country=country)
    later = spans.filter(since__gt=since).order_by("since").values_list("since", flat=True).first()
    ends = min((day for day in (until, later) if day is not None), default=None)
    member, created = SeriesCountry.objects.get_or_create(
        series=series,
        country=country,
        since=since,
        defaults={"until": ends, "source": source, "names": dict(names), "is_area": is_area},
    )
    if created:
        spans.filter(Q(until=None) | Q(until__gt=since), since__lt=since).update(until=since)
        note("added", f"{code} to {series.slug}", by=by, at=at)
    return member
