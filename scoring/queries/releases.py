"""Releases as their makers need them: the one that moves are counted from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from scoring.files.withheld import leaves_out_values
from scoring.models import Edition, Release

if TYPE_CHECKING:
    from datetime import date


def release_before(edition: Edition) -> Release | None:
    """Return what a release of this edition would be compared with, by three queries at most.

    It is the newest release of the edition before in the series, by reference date; a series' first edition is compared with
    its own first release, so that a correction of it is told as one. None where there is neither, and where that release, or
    the edition's own first one, leaves values out: a change cannot be counted from what is not there.
    """
    own = edition.releases.order_by("major", "minor").first()
    before = _before(edition, own)
    return None if any(one is not None and leaves_out_values(one.manifest) for one in (before, own)) else before


def _before(edition: Edition, own: Release | None) -> Release | None:
    others = edition.series.editions.filter(state=Edition.State.RELEASED).exclude(pk=edition.pk)
    dated = [(_date(other), other.pk) for other in others if _date(other) < _date(edition)]
    if not dated:
        return own
    return Release.objects.filter(edition=max(dated)[1]).order_by("-major", "-minor").first()


def areas_of(edition: Edition) -> list[str]:
    """Return the codes that the series counts as areas, not countries, on the day the edition speaks of; one query."""
    day = _date(edition)
    there = edition.series.countries.filter(Q(until=None) | Q(until__gt=day), is_area=True, since__lte=day)
    return sorted(there.values_list("country__code", flat=True).distinct())


def _date(edition: Edition) -> date:
    return edition.reference_date or edition.created_at.date()
