"""The list of units of an edition, fixed with its method: who is ranked by which rule, in which groups, on which sources."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from exchange.layouts import Layout
from exchange.names import KnownWords
from exchange.options import FileReading, ReadingOptions
from exchange.problems import FileProblem, FileProblemsError, listed, nearest
from exchange.sheets import read_sheet, spelled, unknown_columns, unknown_sheet
from exchange.tables import csv_text
from scoring.files.units import COLUMNS as UNIT_COLUMNS
from scoring.files.units import IN_LANGUAGES, UnitRow, units_of, write_units

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from exchange.sheets import TableSheet

UNITS: Final = "frozen_units.csv"
SOURCES: Final = "frozen_sources.csv"
KEY: Final = "unit_list"
"""Under which a manifest holds the rule, and the pairs that are two cities."""
SOURCE_COLUMNS: Final = ("iCode", "source", "vintage")
VINTAGE: Final = re.compile(r"([12]\d{3})(?:\s*[-–]\s*([12]\d{3}))?", re.ASCII)
LISTED_LAYOUT: Final = Layout(UNIT_COLUMNS[:2], known=UNIT_COLUMNS, in_languages=IN_LANGUAGES, codes=("uCode",))
SOURCE_LAYOUT: Final = Layout(SOURCE_COLUMNS, codes=("iCode",))
PAIR: Final = re.compile(r"\s*(\S+)\s*\+\s*(\S+)\s*")


@dataclass(frozen=True, slots=True)
class PlannedSource:
    """Where the values of an indicator are to come from: the source as values name it, and the years it is used of."""

    indicator: str
    source: str
    first_year: int
    last_year: int

    @property
    def vintage(self) -> str:
        """The years as they are written: 2024, or 2019-2024."""
        years = dict.fromkeys((self.first_year, self.last_year))
        return "-".join(map(str, years))


@dataclass(frozen=True)
class ListedUnits:
    """Who is ranked: the rule of inclusion by language, units with their groups, and per indicator source and vintage.

    ``groups`` hold a value a unit, in the order of the units, by the name of the group. ``two_cities`` are pairs of units so
    near each other under two states that somebody had to say they are two.
    """

    rule: Mapping[str, str]
    units: tuple[UnitRow, ...]
    sources: tuple[PlannedSource, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    two_cities: tuple[tuple[str, str], ...] = ()

    @property
    def by_code(self) -> dict[str, UnitRow]:
        """The units by code."""
        return {unit.code: unit for unit in self.units}

    def in_order(self) -> ListedUnits:
        """Return the same list, whatever the order in which it was written."""
        order = sorted(range(len(self.units)), key=lambda position: self.units[position].code)
        return replace(
            self,
            units=tuple(self.units[position] for position in order),
            groups={name: tuple(self.groups[name][position] for position in order) for name in sorted(self.groups)},
            sources=tuple(sorted(self.sources, key=lambda one: (one.indicator, one.source))),
            two_cities=tuple(sorted({(min(pair), max(pair)) for pair in self.two_cities})),
        )

    def to_plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "rule": dict(self.rule),
            "units": [asdict(unit) for unit in self.units],
            "sources": [asdict(one) for one in self.sources],
            "groups": {name: list(values) for name, values in self.groups.items()},
            "two_cities": [list(pair) for pair in self.two_cities],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> ListedUnits:
        """Read it back from plain data."""
        return cls(
            rule=plain["rule"],
            units=tuple(UnitRow(**unit | {"aliases": tuple(unit["aliases"])}) for unit in plain["units"]),
            sources=tuple(PlannedSource(**one) for one in plain["sources"]),
            groups={name: tuple(values) for name, values in plain["groups"].items()},
            two_cities=tuple((a, b) for a, b in plain["two_cities"]),
        )

    def release_files(self) -> dict[str, str]:
        """Return what a release holds of it beside its manifest."""
        return {
            UNITS: write_units(self.units, self.groups),
            SOURCES: csv_text(SOURCE_COLUMNS, ([one.indicator, one.source, one.vintage] for one in self.sources)),
        }

    def in_manifest(self) -> dict[str, Any]:
        """Return what a manifest says of it."""
        return {"rule": dict(self.rule), "two_cities": [list(pair) for pair in self.two_cities]}


def read_listed(
    rule: Mapping[str, str], two_cities: Iterable[Iterable[str]], files: Mapping[str, bytes]
) -> ListedUnits:
    """Read a list back from a release: what its manifest says, and its files.

    Raises
    ------
    FileProblemsError
        Everything wrong with the files.
    """
    reading = FileReading()
    units, groups = _units_and_groups(read_sheet(UNITS, files[UNITS], LISTED_LAYOUT, reading), reading)
    planned = _planned(read_sheet(SOURCES, files[SOURCES], SOURCE_LAYOUT, reading))
    return ListedUnits(rule, units, planned, groups, tuple((a, b) for a, b in two_cities))


def read_unit_list(
    *,
    rule: Mapping[str, str],
    units: tuple[str, bytes],
    sources: tuple[str, bytes],
    two_cities: str = "",
    indicators: Collection[str] = (),
    reading: FileReading | None = None,
) -> ListedUnits:
    """Read a list as it is sent.

    Parameters
    ----------
    rule : Mapping[str, str]
        Who is listed and why, by language.
    units : tuple[str, bytes]
        Name and bytes of the file of units: the columns of `read_units`, and every other one a group.
    sources : tuple[str, bytes]
        Name and bytes of a file of ``iCode, source, vintage``: a year, or two with a hyphen; a row a source.
    two_cities : str
        Pairs of codes, ``A + B``, one a line.
    indicators : Collection[str]
        Codes of the framework; one of them is meant by any of its spellings.

    Raises
    ------
    FileProblemsError
        Everything wrong with both files and the pairs.
    """
    reading = FileReading(ReadingOptions()) if reading is None else reading
    problems: list[FileProblem] = []
    pairs = tuple(_pairs(two_cities, problems))
    found: tuple[UnitRow, ...] = ()
    groups: dict[str, tuple[str, ...]] = {}
    planned: tuple[PlannedSource, ...] = ()
    try:
        found, groups = _units_and_groups(read_sheet(*units, LISTED_LAYOUT, reading), reading)
    except FileProblemsError as error:
        problems += error.problems
    try:
        sheet = spelled(read_sheet(*sources, SOURCE_LAYOUT, reading), {"iCode": KnownWords(indicators)})
        planned = _planned(sheet)
    except FileProblemsError as error:
        problems += error.problems
    problems += unknown_sheet(reading)
    if problems:
        raise FileProblemsError(problems)
    codes = KnownWords(unit.code for unit in found)
    pairs = tuple((codes.find(one) or one, codes.find(other) or other) for one, other in pairs)
    return ListedUnits({language: text for language, text in rule.items() if text}, found, planned, groups, pairs)


def _pairs(text: str, problems: list[FileProblem]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        pair = PAIR.fullmatch(line)
        if pair:
            yield pair[1], pair[2]
        elif line.strip():
            problems.append(FileProblem("two_cities", "no_pair", number, None, line.strip()))


def _units_and_groups(
    sheet: TableSheet, reading: FileReading
) -> tuple[tuple[UnitRow, ...], dict[str, tuple[str, ...]]]:
    """Read units, and groups from all columns that no unit has."""
    own = [name for name in sheet.columns if name in UNIT_COLUMNS or name.startswith(("uName_", "cName_"))]
    groups = [name for name in sheet.columns if name and name not in own]
    problems = [
        sheet.problem("unknown_unit_column", sheet.header, name, columns=listed(UNIT_COLUMNS), **meant)
        for name in groups
        if (meant := nearest(name, set(UNIT_COLUMNS) - {*own}))
    ]
    units = units_of(replace(sheet, columns=tuple(own)), reading=reading, problems=problems)
    return units, {name: tuple(row.cells[name] for row in sheet.rows) for name in groups}


def _planned(sheet: TableSheet) -> tuple[PlannedSource, ...]:
    """Read where values are to come from."""
    problems = [*sheet.problems, *unknown_columns(sheet, SOURCE_COLUMNS)]
    if any(problem.code.startswith("no_column") for problem in problems):
        raise FileProblemsError(problems)
    planned = []
    for row in sheet.rows:
        code, source, text = (row.cells[name] for name in SOURCE_COLUMNS)
        years = VINTAGE.fullmatch(text)
        first, last = (int(years[1]), int(years[2] or years[1])) if years else (0, 0)
        problems += [
            sheet.problem("empty_cell", row.number, name)
            for name, cell in (("iCode", code), ("source", source))
            if not cell
        ]
        if not years or last < first:
            problems.append(sheet.problem("no_vintage", row.number, "vintage", text))
        planned.append(PlannedSource(code, source, first, last))
    if problems:
        raise FileProblemsError(problems)
    return tuple(planned)
