"""The demonstration data as plain frozen values, read from the tables in ``data/``.

What an edition holds is worked out here and stored nowhere: its members are those of its series on the last day of its
year, its cities the large enough cities and the capitals of these members, its observations the latest printed ones
that are not newer than the edition, or the oldest where all are newer.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from exchange.tables import csv_records, csv_text

FOLDER = Path(__file__).parent / "data"
RECIPE = FOLDER / "recipe.toml"
LANGUAGES = ("en", "ar", "fr", "zh", "ru", "pt")
SIZES = (  # OECD and European Commission, classes of functional urban areas by population
    (1_500_000, "large metropolitan"),
    (500_000, "metropolitan"),
    (200_000, "medium"),
    (0, "small"),
)
LICENCE = "MIT"  # of what is made here: the simulated panel, weights, scores and texts; sources keep their own
NOTICE = "Demonstration data, not a published ranking."


@dataclass(frozen=True)
class Names:
    """A name in the six languages; empty where the sources have none, and then English stands in."""

    en: str
    ar: str
    fr: str
    zh: str
    ru: str
    pt: str

    def in_language(self, language: str) -> str:
        """Return the name in a language, or the English one."""
        return getattr(self, language) or self.en


@dataclass(frozen=True)
class SourceRow:
    """Where values come from, and what its licence asks to be printed.

    ``retrieved`` is the day the tables were built from it, ``redistribution`` whether its licence lets values be published.
    """

    code: str
    title: str
    publisher: str
    version: str
    licence: str
    url: str
    attribution: str
    retrieved: date
    redistribution: bool

    @property
    def name(self) -> str:
        """The source as values name it."""
        return f"{self.title}, {self.version}"


@dataclass(frozen=True)
class EditionRow:
    """One edition of a series: who belongs to it, how large its cities are, and how far the demonstration takes it.

    ``stage`` is ``released`` or ``judging``; ``without`` holds the indicator codes the edition does not use; ``draws`` is
    ``auto`` where they are doubled until they are enough, and empty where the recipe's number stands; ``note`` says what
    sets it apart; ``membership`` is the series' rule in words.
    """

    series: str
    names: Names
    year: int
    stage: str
    without: frozenset[str]
    draws: str
    min_population: int
    membership: str
    note: str


@dataclass(frozen=True)
class CountryRow:
    """A country or area by its ISO 3166-1 code, with its United Nations M49 region."""

    iso3: str
    names: Names
    region: str
    region_names: Names


@dataclass(frozen=True)
class Member:
    """One country's membership of one series: ISO dates of at least a year; empty where it has no beginning or end.

    An area is counted beside the countries.
    """

    series: str
    iso3: str
    since: str
    until: str
    source: str
    note: str
    area: bool


@dataclass(frozen=True)
class City:
    """A city: stable code from its GeoNames id, names, country, coordinates in degrees and population."""

    code: str
    names: Names
    country: CountryRow
    latitude: float
    longitude: float
    population: int
    capital: bool
    aliases: tuple[str, ...]

    @property
    def size(self) -> str:
        """The city's class by population, see ``SIZES``."""
        return next(name for least, name in SIZES if self.population >= least)


@dataclass(frozen=True)
class ObservationRow:
    """One value of one city: ``resolution`` is ``city`` or ``country``; ``printed`` is the source's own text.

    ``given`` is false where the source only bounds the value.
    """

    city: str
    indicator: str
    value: float
    year: int
    resolution: str
    source: str
    given: bool
    printed: str


@dataclass(frozen=True)
class PanelistRow:
    """A simulated expert, known by code and label alone."""

    code: str
    label: str
    group: str
    language: str
    field: str


@cache
def texts() -> Mapping[str, Any]:
    """Return what the demonstration says in words, by language."""
    return tomllib.loads((FOLDER / "texts.toml").read_text(encoding="utf-8"))


def descriptions(edition: EditionRow) -> dict[str, str]:
    """Return who belongs to the edition's series, by language."""
    return {"en": edition.membership, **texts()["membership"][edition.series]}


def limits(edition: EditionRow) -> dict[str, str]:
    """Return what not to conclude from the edition, by language: its members, what sets it apart, then what holds for all."""
    members = descriptions(edition)
    notes = {"en": edition.note, **texts()["note"].get(f"{edition.series} {edition.year}", {})}
    own, shared = texts()["limits"], _one_city(edition)
    return {
        language: "\n".join(
            filter(None, (members[language], notes.get(language, ""), shared.get(language, ""), *own[language]))
        )
        for language in LANGUAGES
    }


def rule(edition: EditionRow) -> dict[str, str]:
    """Return who is listed in an edition and why, by language."""
    members, shared, own = descriptions(edition), _one_city(edition), texts()["rule"]
    people = f"{edition.min_population:,}"
    return {
        language: " ".join(
            filter(
                None,
                (
                    own[language].format(
                        members=members[language], people=people if language == "en" else people.replace(",", "\u202f")
                    ),
                    shared.get(language, ""),
                ),
            )
        )
        for language in LANGUAGES
    }


def _one_city(edition: EditionRow) -> dict[str, str]:
    """Return what is said of a city that two members of the edition have in the source, by language; nothing without one."""
    there = {city.code: city for city in _belonging(edition)}
    shared = [pair for pair in neighbours(cities=1) if {*pair} <= {*there}]
    return {
        language: " ".join(text.format(city=there[first].names.in_language(language)) for first, _ in shared)
        for language, text in texts()["one_city"].items()
        if shared
    }


def neighbours(*, cities: int) -> tuple[tuple[str, str], ...]:
    """Return pairs of codes that lie near each other under two states: one city listed twice, or two cities."""
    return tuple((row["uCode_a"], row["uCode_b"]) for row in _table("neighbours") if row["cities"] == str(cities))


def editions() -> tuple[EditionRow, ...]:
    """Return the editions of all series, by series and year."""
    series = {row["series"]: row for row in _table("series")}
    return tuple(
        EditionRow(
            series=row["series"],
            names=_names(series[row["series"]]),
            year=int(row["year"]),
            stage=row["stage"],
            without=frozenset(row["without"].split()),
            draws=row["draws"],
            min_population=int(series[row["series"]]["min_population"]),
            membership=series[row["series"]]["membership"],
            note=row["note"],
        )
        for row in _table("editions")
    )


def recipe(edition: EditionRow) -> str:
    """Return the edition's recipe as the text of a recipe file: the demonstration's own, with what is the edition's.

    That is how many draws it asks for, and which of its cities are not ranked for their circumstances.
    """
    text = RECIPE.read_text(encoding="utf-8")
    lines = [re.sub(r"(?m)^draws = .*$", f'draws = "{edition.draws}"', text) if edition.draws else text]
    codes = {city.code for city in cities(edition)}
    for row in _table("circumstances"):
        if row["uCode"] in codes:
            lines.append(f"\n[screen.circumstances.{row['uCode']}]\n")
            lines += [f"{name} = {json.dumps(row[name], ensure_ascii=False)}\n" for name in LANGUAGES]
    return "".join(lines)


def framework(edition: EditionRow) -> list[dict[str, str]]:
    """Return the rows of the edition's framework, in the columns of the exchange file."""
    return [row for row in _table("framework") if row["iCode"] not in edition.without]


def framework_table(edition: EditionRow) -> str:
    """Return the edition's framework as the text of a framework file."""
    return _csv(framework(edition))


def indicators(edition: EditionRow) -> tuple[str, ...]:
    """Return the codes of the edition's indicators, in the order of the framework."""
    return tuple(row["iCode"] for row in framework(edition) if row["Type"] == "Indicator")


def members(edition: EditionRow) -> tuple[CountryRow, ...]:
    """Return the countries that belong to the edition's series on the last day of the edition's year, by code."""
    year = f"{edition.year}-12-31"
    return tuple(
        countries()[row.iso3]
        for row in memberships()
        if row.series == edition.series and row.since <= year and (not row.until or row.until > year)
    )


def memberships() -> tuple[Member, ...]:
    """Return every dated membership, by series and country."""
    return tuple(
        Member(**{name: row[name] for name in row if name != "area"}, area=row["area"] == "1")
        for row in _table("members")
    )


def cities(edition: EditionRow) -> tuple[City, ...]:
    """Return the edition's cities by code: the large enough ones of its members and their capitals, none under two states."""
    belonging = _belonging(edition)
    there = {city.code for city in belonging}
    twice = {code for pair in neighbours(cities=1) if {*pair} <= there for code in pair}
    return tuple(city for city in belonging if city.code not in twice)


def _belonging(edition: EditionRow) -> tuple[City, ...]:
    """Return the members' cities that are large enough, and their capitals, by code."""
    belonging = {country.iso3 for country in members(edition)}
    return tuple(
        city
        for city in _cities()
        if city.country.iso3 in belonging and (city.capital or city.population >= edition.min_population)
    )


def observations(edition: EditionRow) -> tuple[ObservationRow, ...]:
    """Return one observation for each of the edition's cities and indicators that has one, by city and framework."""
    used = indicators(edition)
    return tuple(
        ObservationRow(
            city=city.code,
            indicator=row["iCode"],
            value=float(row["value"]),
            year=int(row["year"]),
            resolution=row["resolution"],
            source=row["source"],
            given=row["given"] == "1",
            printed=row["printed"],
        )
        for city in cities(edition)
        for indicator in used
        for rows in (_observed().get((city.code, indicator)) or _observed().get((city.country.iso3, indicator)),)
        if rows is not None
        for row in (_as_of(rows, edition.year),)
    )


def wide_table(edition: EditionRow) -> str:
    """Return the edition's data as the text of a data file: one row a city, one column an indicator, empty if missing."""
    values = {(row.city, row.indicator): f"{row.value:.12g}" for row in observations(edition)}
    used = indicators(edition)
    return _csv(
        {
            "uCode": city.code,
            "uName": city.names.en,
            "Time": str(edition.year),
            **groups(city),
            **{indicator: values.get((city.code, indicator), "") for indicator in used},
        }
        for city in cities(edition)
    )


def planned_sources(edition: EditionRow) -> tuple[tuple[str, str, int, int], ...]:
    """Return where an edition's values come from: indicator, source, first and last year, by the order of the framework."""
    names = {source.code: source.name for source in sources()}
    years: dict[tuple[str, str], list[int]] = {}
    for one in observations(edition):
        years.setdefault((one.indicator, names[one.source]), []).append(one.year)
    order = {code: position for position, code in enumerate(indicators(edition))}
    return tuple(
        (indicator, source, min(years[indicator, source]), max(years[indicator, source]))
        for indicator, source in sorted(years, key=lambda one: (order[one[0]], one[1]))
    )


def groups(city: City) -> dict[str, str]:
    """Return the groups that a city is compared in."""
    return {"Country": city.country.iso3, "Region": city.country.region_names.en, "Size": city.size}


def panelists() -> tuple[PanelistRow, ...]:
    """Return the simulated panel, by code."""
    return tuple(PanelistRow(**row) for row in _table("panels"))


def sources() -> tuple[SourceRow, ...]:
    """Return the sources with their licences and attributions, by code."""
    return tuple(
        SourceRow(
            **{name: row[name] for name in row if name not in {"retrieved", "redistribution"}},
            retrieved=date.fromisoformat(row["retrieved"]),
            redistribution=row["redistribution"] == "1",
        )
        for row in _table("sources")
    )


def group_means() -> dict[str, dict[str, dict[str, float]]]:
    """Return what each group of the simulated panel holds important: points by group, node and item."""
    means: dict[str, dict[str, dict[str, float]]] = {}
    for row in _table("group_means"):
        means.setdefault(row["group"], {}).setdefault(row["node"], {})[row["iCode"]] = float(row["points"])
    return means


def _as_of(rows: list[dict[str, str]], year: int) -> dict[str, str]:
    known = [row for row in rows if int(row["year"]) <= year]
    return known[-1] if known else rows[0]


def _names(row: Mapping[str, str], prefix: str = "name") -> Names:
    return Names(row[prefix], *(row[f"{prefix}_{language}"] for language in LANGUAGES[1:]))


def _table(name: str) -> list[dict[str, str]]:
    return list(csv_records((FOLDER / f"{name}.csv").read_bytes().decode()))


def _csv(rows: Iterable[Mapping[str, str]]) -> str:
    table = list(rows)
    return csv_text(table[0], ([row[column] for column in table[0]] for row in table))


@cache
def countries() -> dict[str, CountryRow]:
    """Return every country by its ISO 3166-1 alpha-3 code."""
    regions = {row["region"]: _names(row) for row in _table("regions")}
    return {
        row["iso3"]: CountryRow(row["iso3"], _names(row), row["region"], regions[row["region"]])
        for row in _table("countries")
    }


@cache
def _cities() -> tuple[City, ...]:
    return tuple(
        City(
            code=row["uCode"],
            names=_names(row),
            country=countries()[row["iso3"]],
            latitude=float(row["lat"]),
            longitude=float(row["lon"]),
            population=int(row["population"]),
            capital=row["capital"] == "1",
            aliases=tuple(filter(None, row["aliases"].split("|"))),
        )
        for row in _table("cities")
    )


@cache
def _observed() -> dict[tuple[str, str], list[dict[str, str]]]:
    """Return the observations by place and indicator, in order of year."""
    return {key: list(rows) for key, rows in groupby(_table("observations"), lambda row: (row["uCode"], row["iCode"]))}
