"""The moderator's series: their editions, panels with rounds, and lists of units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring.models import Edition, Release
from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
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
    """A series in the moderator's list, with its editions."""

    slug: str
    name: str
    is_demonstration: bool
    editions: tuple[DeskEdition, ...]


@dataclass(frozen=True, slots=True)
class DeskPage:
    """All series of a moderator."""

    series: tuple[DeskSeries, ...]


@dataclass(frozen=True, slots=True)
class StoredUnitList:
    """A list of units of the series, and the editions that follow it."""

    number: int
    at: datetime
    by: str
    editions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeskSeriesPage:
    """One series: editions, panels with their rounds, and lists of units."""

    series: DeskSeries
    panels: tuple[PanelSummary, ...]
    unit_lists: tuple[StoredUnitList, ...]
    licence: str

    @property
    def is_demonstration(self) -> bool:
        """Whether its data are."""
        return self.series.is_demonstration


def desk_page(series: Iterable[Series]) -> DeskPage:
    """Read the moderator's series; three queries, however many editions."""
    found = tuple(series)
    return DeskPage(tuple(_lines(found)))


def desk_series_page(series: Series) -> DeskSeriesPage:
    """Read one series with its panels and lists of units; six queries."""
    (line,) = _lines((series,))
    return DeskSeriesPage(line, handover.panels(series.uid), tuple(_unit_lists(series)), series.licence)


def _unit_lists(series: Series) -> Iterator[StoredUnitList]:
    for stored in series.unit_lists.defer("content").prefetch_related("editions"):
        followers = tuple(sorted(edition.slug for edition in stored.editions.all()))
        yield StoredUnitList(stored.number, stored.created_at, stored.created_by, followers)


def _lines(series: tuple[Series, ...]) -> Iterator[DeskSeries]:
    releases: dict[int, Release] = {}
    for release in Release.objects.filter(edition__series__in=series).defer("manifest").order_by("major", "minor"):
        releases[release.edition_id] = release
    editions: dict[int, list[DeskEdition]] = {}
    for edition in Edition.objects.filter(series__in=series).order_by("-slug"):
        latest = releases.get(edition.pk)
        line = DeskEdition(
            edition.slug,
            edition.state,
            latest.number if latest else "",
            latest.released_at if latest else edition.created_at,
        )
        editions.setdefault(edition.series_id, []).append(line)
    for one in series:
        yield DeskSeries(one.slug, one.name, one.is_demonstration, tuple(editions.get(one.pk, ())))
