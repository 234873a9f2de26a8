"""Who is ranked: the file of units with names per language, other spellings, country, population and coordinates."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from exchange.problems import FileProblem, FileProblemsError, nearest
from exchange.sheets import number, read_sheet
from scoring.files.digits import csv_text, given_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from exchange.sheets import SheetRow, TableSheet

COLUMNS: Final = ("uCode", "uName", "aliases", "country", "cName", "population", "latitude", "longitude")
RANGES: Final = {"population": (0.0, 1e12), "latitude": (-90.0, 90.0), "longitude": (-180.0, 180.0)}
ENGLISH: Final = "en"


@dataclass(frozen=True)
class UnitRow:
    """One unit: code, names by language, other spellings, ISO 3166-1 alpha-3 country with its names, people, place."""

    code: str
    names: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    country: str = ""
    country_names: Mapping[str, str] = field(default_factory=dict)
    population: int | None = None
    latitude: float | None = None
    longitude: float | None = None


def read_units(name: str, content: bytes) -> tuple[UnitRow, ...]:
    """Read ``uCode, uName, uName_<language>, aliases (a|b), country, cName, cName_<language>, population, latitude, longitude``.

    Raises
    ------
    FileProblemsError
        Everything wrong, each with row and column.
    """
    return units_of(read_sheet(name, content))


def units_of(sheet: TableSheet, *, is_patch: bool = False) -> tuple[UnitRow, ...]:
    """Read a sheet as `read_units` does its file; of a patch the names may be left out."""
    problems = [
        FileProblem(sheet.file, f"unknown column{nearest(name, COLUMNS)}", 1, name, ", ".join(COLUMNS))
        for name in sheet.columns
        if name not in COLUMNS and not name.startswith(("uName_", "cName_"))
    ]
    problems += [
        FileProblem(sheet.file, "the column is not there", 1, name)
        for name in COLUMNS[: 1 if is_patch else 2]
        if name not in sheet.columns
    ]
    if problems:
        raise FileProblemsError(problems)
    units = tuple(_unit(sheet, row, problems) for row in sheet.rows)
    seen: set[str] = set()
    for row, unit in zip(sheet.rows, units, strict=True):
        if not unit.code or unit.code in seen:
            what = "the unit stands twice" if unit.code else "the unit has no code"
            problems.append(FileProblem(sheet.file, what, row.number, "uCode", "one row a code", unit.code))
        seen.add(unit.code)
    if problems:
        raise FileProblemsError(sorted(problems, key=lambda problem: problem.row or 0))
    return units


def _unit(sheet: TableSheet, row: SheetRow, problems: list[FileProblem]) -> UnitRow:
    """Read one row; what is wrong with it goes to ``problems``."""
    numbers = {name: _number(sheet, row, name, problems) for name in RANGES}
    country = row.cells.get("country", "")
    if country and not (len(country) == 3 and country.isascii() and country.isupper()):
        allowed = "an ISO 3166-1 alpha-3 code such as MAR"
        problems.append(FileProblem(sheet.file, "is no country code", row.number, "country", allowed, country))
    population = numbers["population"]
    return UnitRow(
        code=row.cells["uCode"],
        names=_languages(row, "uName"),
        aliases=tuple(text for text in row.cells.get("aliases", "").split("|") if text),
        country=country,
        country_names=_languages(row, "cName"),
        population=None if population is None else int(population),
        latitude=numbers["latitude"],
        longitude=numbers["longitude"],
    )


def _number(sheet: TableSheet, row: SheetRow, column: str, problems: list[FileProblem]) -> float | None:
    value = number(sheet, row, column) if column in row.cells else math.nan
    low, high = RANGES[column]
    if isinstance(value, FileProblem):
        problems.append(value)
        return None
    if value < low or value > high:
        allowed = f"{low:g} to {high:g}"
        problems.append(FileProblem(sheet.file, "is out of range", row.number, column, allowed, row.cells[column]))
        return None
    return None if math.isnan(value) else value


def _languages(row: SheetRow, column: str) -> dict[str, str]:
    named = {ENGLISH: row.cells.get(column, "")} | {
        name.removeprefix(f"{column}_"): text for name, text in row.cells.items() if name.startswith(f"{column}_")
    }
    return {language: text for language, text in named.items() if text}


def write_units(units: Iterable[UnitRow], groups: Mapping[str, Sequence[str]] | None = None) -> str:
    """Write the units as `read_units` reads them; behind them ``groups``, a value a unit by the group's name."""
    units, groups = tuple(units), groups or {}
    languages = sorted({language for unit in units for language in unit.names} - {ENGLISH})
    spoken = sorted({language for unit in units for language in unit.country_names} - {ENGLISH})
    header = [
        *("uCode", "uName", *(f"uName_{language}" for language in languages), "aliases", "country", "cName"),
        *(f"cName_{language}" for language in spoken),
        *("population", "latitude", "longitude", *groups),
    ]
    rows = (
        [
            unit.code,
            *(unit.names.get(language, "") for language in (ENGLISH, *languages)),
            "|".join(unit.aliases),
            unit.country,
            *(unit.country_names.get(language, "") for language in (ENGLISH, *spoken)),
            "" if unit.population is None else unit.population,
            given_text(unit.latitude),
            given_text(unit.longitude),
            *(values[position] for values in groups.values()),
        ]
        for position, unit in enumerate(units)
    )
    return csv_text(header, rows)
