"""Who belongs to a series' region on the day an edition speaks of, and by which names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from scoring.models import Country, SeriesCountry

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from django.db.models import QuerySet

    from scoring.models import Edition


def day_of(edition: Edition) -> date:
    """Return the day an edition speaks of."""
    return edition.reference_date or edition.created_at.date()


def _present(edition: Edition) -> QuerySet[SeriesCountry]:
    day = day_of(edition)
    return SeriesCountry.objects.filter(Q(until=None) | Q(until__gt=day), series=edition.series_id, since__lte=day)


def members_on(edition: Edition) -> frozenset[str] | None:
    """Return the codes of the countries and areas that belong to the series on the edition's day; two queries.

    None where the series has no members at all: then it has no such rule.
    """
    if not SeriesCountry.objects.filter(series=edition.series_id).exists():
        return None
    return frozenset(_present(edition).values_list("country__code", flat=True))


def names_on(edition: Edition, codes: Collection[str]) -> dict[str, Mapping[str, str]]:
    """Return countries' names by code, as the series names them on the edition's day, else as they are known; two queries."""
    known: dict[str, Mapping[str, str]] = dict(Country.objects.filter(code__in=codes).values_list("code", "names"))
    own = _present(edition).filter(country__code__in=codes).exclude(names={}).values_list("country__code", "names")
    return known | dict(own)


def areas_of(edition: Edition) -> list[str]:
    """Return the codes that the series counts as areas, not countries, on the day the edition speaks of; one query."""
    return sorted(_present(edition).filter(is_area=True).values_list("country__code", flat=True).distinct())
