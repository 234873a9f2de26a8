"""The series somebody works on: their editions, panels with rounds, and lists of units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring.models import Edition, Release
from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
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
    """A series in the list of who works on it; its editions are for moderators, its people and roles for owners."""

    slug: str
    name: str
    is_demonstration: bool
    is_moderated: bool
    is_owned: bool
    editions: tuple[DeskEdition, ...]


@dataclass(frozen=True, slots=True)
class DeskPage:
    """All series on which somebody works, and whether she may begin another."""

    series: tuple[DeskSeries, ...]
    may_begin: bool


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


def desk_page(moderated: Iterable[Series], *, owned: Iterable[Series] = (), may_begin: bool = False) -> DeskPage:
    """Read the series that somebody moderates or owns; four queries, however many editions."""
    hers, owned_keys = tuple(moderated), {one.pk: one for one in owned}
    others = tuple(one for key, one in owned_keys.items() if key not in {mine.pk for mine in hers})
    lines = (*_lines(hers, owned_keys), *(_line(one, (), is_moderated=False, is_owned=True) for one in others))
    return DeskPage(lines, may_begin)


def desk_series_page(series: Series, *, is_owned: bool = False) -> DeskSeriesPage:
    """Read one series with its panels and lists of units; six queries."""
    (line,) = _lines((series,), (series.pk,) if is_owned else ())
    return DeskSeriesPage(line, handover.panels(series.uid), tuple(_unit_lists(series)), series.licence)


def _unit_lists(series: Series) -> Iterator[StoredUnitList]:
    for stored in series.unit_lists.defer("content").prefetch_related("editions"):
        followers = tuple(sorted(edition.slug for edition in stored.editions.all()))
        yield StoredUnitList(stored.number, stored.created_at, stored.created_by, followers)


def _lines(series: tuple[Series, ...], owned: Container[int]) -> Iterator[DeskSeries]:
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
        yield _line(one, editions.get(one.pk, ()), is_moderated=True, is_owned=one.pk in owned)


def _line(series: Series, editions: Iterable[DeskEdition], *, is_moderated: bool, is_owned: bool) -> DeskSeries:
    return DeskSeries(series.slug, series.name, series.is_demonstration, is_moderated, is_owned, tuple(editions))
