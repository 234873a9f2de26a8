"""Releases as their makers need them: the one that moves are counted from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring.models import Edition, Release

if TYPE_CHECKING:
    from datetime import date


def release_before(edition: Edition) -> Release | None:
    """Return what a release of this edition would be compared with, by three queries at most.

    It is the newest release of the edition before in the series, by reference date; a series' first edition is compared with
    its own first release, so that a correction of it is told as one. None where there is neither.
    """
    others = edition.series.editions.filter(state=Edition.State.RELEASED).exclude(pk=edition.pk)
    dated = [(_date(other), other.pk) for other in others if _date(other) < _date(edition)]
    if not dated:
        return edition.releases.order_by("major", "minor").first()
    return Release.objects.filter(edition=max(dated)[1]).order_by("-major", "-minor").first()


def _date(edition: Edition) -> date:
    return edition.reference_date or edition.created_at.date()
