"""The series somebody works on: their editions, panels with rounds, and lists of units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.lifecycle import Actor
from scoring.models import Edition, Release
from scoring.queries.desk.capabilities import acts_of
from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from accounts.models import Series
    from surveys.values.rounds import PanelSummary


@dataclass(frozen=True, slots=True)
class DeskEdition:
    """An edition in a list."""

    slug: str
    state: str
    release: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DeskSeries:
    """A series in the list of who works on it; ``is_owned`` where its people and roles are hers to settle."""

    slug: str
    name: str
    is_demonstration: bool
    is_owned: bool
    editions: tuple[DeskEdition, ...]


@dataclass(frozen=True, slots=True)
class StoredUnitList:
    """A list of units of the series, and the editions that follow it."""

    number: int
    at: datetime
    by: str
    editions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeskSeriesPage:
    """One series: editions, panels with their rounds, lists of units, and the acts that the reader may do."""

    series: DeskSeries
    panels: tuple[PanelSummary, ...]
    unit_lists: tuple[StoredUnitList, ...]
    licence: str
    may: frozenset[str]

    @property
    def is_demonstration(self) -> bool:
        """Whether its data are."""
        return self.series.is_demonstration


def desk_series_page(series: Series, roles: Collection[Actor]) -> DeskSeriesPage:
    """Read one series with its panels and lists of units for somebody with these roles; six queries."""
    (line,) = _lines({series: roles})
    return DeskSeriesPage(line, handover.panels(series.uid), tuple(_unit_lists(series)), series.licence, acts_of(roles))


def _unit_lists(series: Series) -> Iterator[StoredUnitList]:
    for stored in series.unit_lists.defer("content").prefetch_related("editions"):
        followers = tuple(sorted(edition.slug for edition in stored.editions.all()))
        yield StoredUnitList(stored.number, stored.created_at, stored.created_by, followers)


def _lines(hers: Mapping[Series, Collection[Actor]]) -> Iterator[DeskSeries]:
    releases: dict[int, Release] = {}
    for release in Release.objects.filter(edition__series__in=hers).defer("manifest").order_by("major", "minor"):
        releases[release.edition_id] = release
    editions: dict[int, list[DeskEdition]] = {}
    for edition in Edition.objects.filter(series__in=hers).order_by("-slug"):
        latest = releases.get(edition.pk)
        line = DeskEdition(
            edition.slug,
            edition.state,
            latest.number if latest else "",
            latest.released_at if latest else edition.created_at,
        )
        editions.setdefault(edition.series_id, []).append(line)
    for one, roles in hers.items():
        yield DeskSeries(
            one.slug, one.name, one.is_demonstration, Actor.OWNER in roles, tuple(editions.get(one.pk, ()))
        )
