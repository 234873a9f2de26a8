"""Who is ranked: the file of units with names per language, other spellings, country, population and coordinates."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from exchange.layouts import Layout
from exchange.numbers import NumberColumn, read_numbers
from exchange.options import FileReading
from exchange.problems import FileProblemsError
from exchange.sheets import read_sheet, unknown_columns
from exchange.tables import csv_text
from scoring.files.digits import given_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from exchange.problems import FileProblem
    from exchange.sheets import SheetRow, TableSheet

COLUMNS: Final = ("uCode", "uName", "aliases", "country", "cName", "population", "latitude", "longitude")
IN_LANGUAGES: Final = ("uName", "cName")
NUMBERS: Final = {
    "population": NumberColumn(low=0.0, high=1e12),
    "latitude": NumberColumn(low=-90.0, high=90.0),
    "longitude": NumberColumn(low=-180.0, high=180.0),
}
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


def read_units(name: str, content: bytes, reading: FileReading | None = None) -> tuple[UnitRow, ...]:
    """Read ``uCode, uName, uName_<language>, aliases (a|b), country, cName, cName_<language>, population, latitude, longitude``.

    Raises
    ------
    FileProblemsError
        Everything wrong, each with row and column.
    """
    reading = FileReading() if reading is None else reading
    return units_of(read_sheet(name, content, units_layout(), reading), reading=reading)


def units_layout(*, is_patch: bool = False) -> Layout:
    """Return which columns a file of units has; a patch may leave the names out."""
    return Layout(COLUMNS[: 1 if is_patch else 2], known=COLUMNS, in_languages=IN_LANGUAGES, codes=("uCode",))


def units_of(sheet: TableSheet, *, reading: FileReading, problems: Sequence[FileProblem] = ()) -> tuple[UnitRow, ...]:
    """Read a sheet as `read_units` does its file; ``problems`` are what is known to be wrong with it."""
    found = [*problems, *sheet.problems, *unknown_columns(sheet, COLUMNS, IN_LANGUAGES)]
    if any(problem.code.startswith(("no_column", "unknown_column")) for problem in found):
        raise FileProblemsError(found)
    kinds = {name: kind for name, kind in NUMBERS.items() if name in sheet.columns}
    numbers = read_numbers(sheet, kinds, reading, found).values
    units = tuple(
        _unit(sheet, row, {name: values[position] for name, values in numbers.items()}, found)
        for position, row in enumerate(sheet.rows)
    )
    seen: dict[str, int] = {}
    for row, unit in zip(sheet.rows, units, strict=True):
        if not unit.code:
            found.append(sheet.problem("no_code", row.number, "uCode"))
        elif unit.code in seen:
            found.append(
                sheet.problem("code_twice", row.number, "uCode", unit.code, code=unit.code, earlier=seen[unit.code])
            )
        seen.setdefault(unit.code, row.number)
    if found:
        raise FileProblemsError(sorted(found, key=lambda problem: problem.row or 0))
    return units


def _unit(sheet: TableSheet, row: SheetRow, numbers: Mapping[str, float], problems: list[FileProblem]) -> UnitRow:
    """Read one row; what is wrong with it goes to ``problems``."""
    known = {name: value for name, value in numbers.items() if not math.isnan(value)}
    country = row.cells.get("country", "")
    if country and not (len(country) == 3 and country.isascii() and country.isupper()):
        problems.append(sheet.problem("no_country_code", row.number, "country", country))
    return UnitRow(
        code=row.cells["uCode"],
        names=_languages(row, "uName"),
        aliases=tuple(text for text in row.cells.get("aliases", "").split("|") if text),
        country=country,
        country_names=_languages(row, "cName"),
        population=int(known["population"]) if "population" in known else None,
        latitude=known.get("latitude"),
        longitude=known.get("longitude"),
    )


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
