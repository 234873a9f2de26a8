"""Releases as their makers need them: the one that moves are counted from."""

from __future__ import annotations

from scoring.files.withheld import leaves_out_values
from scoring.models import Edition, Release
from scoring.queries.members import day_of


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
    others = (
        edition.series.editions.filter(releases__isnull=False)
        .exclude(state=Edition.State.WITHDRAWN)
        .exclude(pk=edition.pk)
        .distinct()
    )
    dated = [(day_of(other), other.pk) for other in others if day_of(other) < day_of(edition)]
    if not dated:
        return own
    return Release.objects.filter(edition=max(dated)[1]).order_by("-major", "-minor").first()
