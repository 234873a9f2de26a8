"""An edition with its releases, and what a release says of its making: seeds, fingerprints, groups of its panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoring.models import Edition, Release
from scoring.numerics.ahp.disclosure import SMALLEST_GROUP
from scoring.queries.published import reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from scoring.queries.published.release_head import ReleaseHead

MADE_FROM = ("code_version", "computed_by", "seed", "framework", "freeze", "dataset", "fingerprint")


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """A release in a list; ``reason`` says why it corrects the one before."""

    number: str
    released_at: datetime
    reason: str
    fingerprint: str
    is_superseded: bool

    @property
    def version(self) -> str:
        """The number as addresses have it."""
        return f"v{self.number}"


@dataclass(frozen=True, slots=True)
class EditionRecord:
    """An edition with its releases, newest first; the day it speaks of is told with the first of them."""

    series: str
    slug: str
    state: str
    reference_date: date | None
    releases: tuple[ReleaseLine, ...]


@dataclass(frozen=True, slots=True)
class PanelGroup:
    """How many experts of a group gave judgements."""

    name: str
    experts: int


def edition_record(series: str, slug: str) -> EditionRecord | None:
    """Return an edition with its releases, or None where there is none; two queries."""
    edition = Edition.objects.filter(series__slug=series, slug=slug).first()
    if edition is None:
        return None
    rows = list(Release.objects.filter(edition=edition).defer("manifest").order_by("-major", "-minor"))
    lines = tuple(_line(row, rows[0]) for row in rows)
    return EditionRecord(series, edition.slug, edition.state, edition.reference_date if lines else None, lines)


def _line(release: Release, latest: Release) -> ReleaseLine:
    return ReleaseLine(
        release.number, release.released_at, release.reason, release.fingerprint, release.number != latest.number
    )


def made_from(head: ReleaseHead) -> Mapping[str, Any]:
    """Return what the release's manifest says of its making: code versions, seeds, fingerprints; one query."""
    manifest = Release.objects.values_list("manifest", flat=True).get(pk=head.release_id)
    return {name: manifest[name] for name in MADE_FROM if name in manifest}


def panel_groups(head: ReleaseHead) -> tuple[PanelGroup, ...]:
    """Return the groups of experts behind a release; one query.

    A group of fewer than five, which might point at a person, is not shown.
    """
    counts = reading.panel_groups(head.release_id)
    return tuple(PanelGroup(name, count) for name, count in sorted(counts.items()) if count >= SMALLEST_GROUP)
