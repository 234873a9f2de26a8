"""What is published: the series with their editions, and the head that every page of a release carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F

from accounts.models import Series
from accounts.names import localised
from scoring.models import Edition, EditionPanel, Release, ReleaseUnit, SeriesCountry
from scoring.queries.published.headline import PLACED, Finding, RankedPlace, finding
from scoring.queries.published.release_study import ReleaseFacts, facts_by_release, facts_for
from scoring.states import EDITION
from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from scoring.numerics.composite.country_shares import CountryShares
    from surveys.values.rounds import RoundSummary


@dataclass(frozen=True, slots=True)
class EditionLine:
    """An edition in a list; without a release ``number`` is empty, and ``open_round`` is the one now asked, if any.

    ``areas`` are what the release's series counted beside the ``countries``; a release from before it was told has none.
    ``shares`` are what of the ranking its countries share.
    """

    slug: str
    state: str
    number: str
    released_at: datetime | None
    units: int
    countries: int
    areas: int
    finding: Finding | None
    shares: CountryShares | None
    open_round: RoundSummary | None


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """A series in the list of the first page."""

    slug: str
    name: str
    description: str
    is_demonstration: bool
    unit_kind: str
    latest: EditionLine | None
    preparing: tuple[EditionLine, ...]
    released: int


@dataclass(frozen=True, slots=True)
class HomePage:
    """The first page: every series that has an edition."""

    series: tuple[SeriesLine, ...]

    @property
    def is_demonstration(self) -> bool:
        """Say whether nothing but demonstrations is shown."""
        return bool(self.series) and all(line.is_demonstration for line in self.series)


@dataclass(frozen=True, slots=True)
class Membership:
    """A country of the region that a series ranks, or an area that it counts beside the countries."""

    code: str
    name: str
    since: date
    until: date | None
    source: str
    is_area: bool


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """A series with all its editions, newest first, and the countries of its region on a day.

    ``licence`` is that of its own work from the next release on, empty where nobody said.
    """

    slug: str
    name: str
    description: str
    contact: str
    licence: str
    is_demonstration: bool
    unit_kind: str
    editions: tuple[EditionLine, ...]
    members: tuple[Membership, ...]
    former: tuple[Membership, ...]

    @property
    def areas(self) -> int:
        """How many of today's members the series counts as areas."""
        return sum(member.is_area for member in self.members)


@dataclass(frozen=True, slots=True)
class EditionPage:
    """An edition without a release: what is known of it so far."""

    series: str
    series_name: str
    edition: str
    state: str
    reference_date: date | None
    contact: str
    is_demonstration: bool
    unit_kind: str
    open_round: RoundSummary | None


def home_page() -> HomePage:
    """Return every series that has an edition, by name; four queries."""
    lines = _edition_lines(Edition.objects.select_related("series"), {})
    found = Series.objects.filter(pk__in=lines).order_by("slug")
    return HomePage(tuple(sorted((_series_line(series, lines[series.pk]) for series in found), key=_by_name)))


def series_page(slug: str, *, today: date) -> SeriesPage | None:
    """Return a series with its editions and its region's countries on the day; eight queries at most."""
    series = Series.objects.filter(slug=slug).first()
    if series is None:
        return None
    rows = SeriesCountry.objects.filter(series=series, since__lte=today).select_related("country")
    past: list[Membership] = []
    present: list[Membership] = []
    for row in rows:
        ended = row.until is not None and row.until <= today
        name = localised(row.names) or row.country.name
        member = Membership(row.country.code, name, row.since, row.until, row.source, row.is_area)
        (past if ended else present).append(member)
    there = {one.code for one in present}  # a span that another follows is history: the country is still a member
    return SeriesPage(
        slug=series.slug,
        name=series.name,
        description=localised(series.descriptions),
        contact=series.contact,
        licence=series.licence,
        is_demonstration=series.is_demonstration,
        unit_kind=series.unit_kind,
        editions=_edition_lines(series.editions.all(), _open_rounds(series)).get(series.pk, ()),
        members=tuple(sorted(present, key=_by_name)),
        former=tuple(sorted((one for one in past if one.code not in there), key=_by_name)),
    )


def edition_page(series: str, slug: str) -> EditionPage | None:
    """Return what is known of an edition before its first release; four queries."""
    edition = Edition.objects.filter(series__slug=series, slug=slug).select_related("series").first()
    if edition is None:
        return None
    return EditionPage(
        series=edition.series.slug,
        series_name=edition.series.name,
        edition=edition.slug,
        state=edition.state,
        reference_date=edition.reference_date,
        contact=edition.series.contact,
        is_demonstration=edition.series.is_demonstration,
        unit_kind=edition.series.unit_kind,
        open_round=_open_rounds(edition.series).get(edition.pk),
    )


def _by_name(line: SeriesLine | Membership) -> str:
    return line.name.casefold()


def _series_line(series: Series, editions: tuple[EditionLine, ...]) -> SeriesLine:
    released = [line for line in editions if line.number]
    return SeriesLine(
        slug=series.slug,
        name=series.name,
        description=localised(series.descriptions),
        is_demonstration=series.is_demonstration,
        unit_kind=series.unit_kind,
        latest=released[0] if released else None,
        preparing=tuple(
            line for line in editions if not line.number and line.state in EDITION.before("release_edition")
        ),
        released=len(released),
    )


def _open_rounds(series: Series) -> dict[int, RoundSummary]:
    """Return the round now asked, by edition; three queries."""
    asked = {panel.uid: row for panel in handover.panels(series.uid) for row in panel.rounds if row.is_open}
    panels = EditionPanel.objects.filter(edition__series=series, panel_uid__in=asked).order_by("-pk")  # its first panel
    return {edition: asked[panel] for edition, panel in panels.values_list("edition", "panel_uid")}


def _edition_lines(
    editions: Iterable[Edition], asked: Mapping[int, RoundSummary]
) -> dict[int, tuple[EditionLine, ...]]:
    """Return the lines of editions by series, newest first; four queries whatever their number."""
    found = list(editions)
    latest: dict[int, Release] = {}
    areas: dict[int, list[str]] = {}
    rows = Release.objects.filter(edition__in=found).annotate(areas=F("manifest__areas")).defer("manifest")
    for release in rows.order_by("major", "minor"):
        latest[release.edition_id] = release
        areas[release.edition_id] = release.areas or []
    newest_of = [release.pk for release in latest.values()]
    ranked, facts = _ranked(newest_of), facts_by_release(newest_of)
    lines: dict[int, list[EditionLine]] = {}
    for edition in sorted(found, key=lambda edition: edition.slug, reverse=True):
        newest = latest.get(edition.pk)
        units = ranked.get(newest.pk, []) if newest else []
        beside = facts_for(facts[newest.pk] if newest else ReleaseFacts(), unit_kind=edition.series.unit_kind)
        lines.setdefault(edition.series_id, []).append(
            _edition_line(edition, newest, units, beside, asked, areas=areas.get(edition.pk, ()))
        )
    return {series: tuple(rows) for series, rows in lines.items()}


def _edition_line(
    edition: Edition,
    release: Release | None,
    units: Sequence[ReleaseUnit],
    beside: ReleaseFacts,
    asked: Mapping[int, RoundSummary],
    *,
    areas: Collection[str],
) -> EditionLine:
    there = {unit.country_code for unit in units if unit.country_code}
    return EditionLine(
        slug=edition.slug,
        state=edition.state,
        number=release.number if release else "",
        released_at=release.released_at if release else None,
        units=len(units),
        countries=len(there.difference(areas)),
        areas=len(there.intersection(areas)),
        finding=finding([RankedPlace.of(unit) for unit in units], beside.apart),
        shares=beside.countries,
        open_round=asked.get(edition.pk),
    )


def _ranked(releases: Iterable[int]) -> dict[int, list[ReleaseUnit]]:
    """Return the ranked units of releases in order of rank; one query."""
    found: dict[int, list[ReleaseUnit]] = {}
    units = ReleaseUnit.objects.filter(release__in=list(releases), rank__isnull=False).order_by("rank", "code")
    for unit in units.only(*PLACED):
        found.setdefault(unit.release_id, []).append(unit)
    return found
