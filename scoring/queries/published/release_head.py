"""Which release of an edition a reader asks for, and what stands at the top of every page of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from django.db.models import F

from scoring.models import Edition, Release

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class RoundCounts:
    """The round of judgements behind an edition, in the numbers of the freeze.

    They are those of the round's closing. A freeze from before rounds kept them counted on its own day, and says nothing of
    who ``started``.
    """

    invited: int
    submitted: int
    comparisons: int
    is_simulated: bool
    started: int | None = None


@dataclass(frozen=True, slots=True)
class ReleaseHead:
    """What every page of a release states: where it belongs, its number, and what has become of it.

    ``reason`` says why it supersedes ``supersedes``; ``latest`` is the number of the newest release of its edition;
    ``limits`` are what the reader must not conclude, one sentence or two each; ``asked`` is the panel's round in numbers,
    ``form`` the format of the release's files,
    ``unit_kind`` what the series ranks.
    """

    release_id: int
    freeze_id: int
    series: str
    series_name: str
    edition: str
    number: str
    latest: str
    supersedes: str
    reason: str
    latest_reason: str
    released_at: datetime
    fingerprint: str
    code_version: str
    contact: str
    limits: tuple[str, ...]
    asked: RoundCounts
    is_withdrawn: bool
    is_demonstration: bool
    unit_kind: str
    form: int | None

    @property
    def corrects(self) -> str:
        """Number of the release that it corrects; empty where the method was frozen anew, which corrects nothing."""
        return self.supersedes if self.supersedes.split(".")[0] == self.number.split(".")[0] else ""

    @property
    def is_simulated(self) -> bool:
        """Say whether no person gave the judgements behind it."""
        return self.asked.is_simulated

    @property
    def is_superseded(self) -> bool:
        """Say whether a correction has replaced this release."""
        return self.number != self.latest


def release_head(series: str, edition: str, number: str | None = None) -> ReleaseHead | None:
    """Return the head of a release (the newest by default), or None where there is none; one query."""
    found = list(
        Release.objects.filter(edition__series__slug=series, edition__slug=edition)
        .select_related("edition__series", "supersedes")
        .annotate(asked=F("freeze__content__round"), form=F("manifest__format"))
        .defer("manifest", "supersedes__manifest")
        .order_by("-major", "-minor")
    )
    chosen = next((release for release in found if number in (None, release.number)), None)
    return _head(chosen, found[0], chosen.asked, chosen.form) if chosen else None


def _head(release: Release, latest: Release, asked: Mapping[str, Any], form: int | None) -> ReleaseHead:
    edition = release.edition
    return ReleaseHead(
        release_id=release.pk,
        freeze_id=release.freeze_id,
        series=edition.series.slug,
        series_name=edition.series.name,
        edition=edition.slug,
        number=release.number,
        latest=latest.number,
        supersedes=release.supersedes.number if release.supersedes else "",
        reason=release.reason,
        latest_reason=latest.reason,
        released_at=release.released_at,
        fingerprint=release.fingerprint,
        code_version=release.code_version,
        contact=edition.series.contact,
        limits=tuple(filter(None, edition.limit.splitlines())),
        asked=RoundCounts(**{one.name: asked[one.name] for one in fields(RoundCounts) if one.name in asked}),
        is_withdrawn=edition.state == Edition.State.WITHDRAWN,
        is_demonstration=edition.series.is_demonstration,
        unit_kind=edition.series.unit_kind,
        form=form,
    )
