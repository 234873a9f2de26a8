"""Data beside the list of units that was fixed before them: what may not differ, and what differs and is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from exchange.problems import FileProblem, nearest
from exchange.tables import csv_text
from scoring.files.digits import given_text
from scoring.files.patches import DATA
from scoring.files.units import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scoring.files.patches import DatasetContent
    from scoring.files.sources import Source
    from scoring.files.unit_lists import ListedUnits, PlannedSource
    from scoring.files.units import UnitRow
    from scoring.numerics.types import Table

NAME: Final = "departures.csv"
HINTS: Final = 20
"""So many strange units are told with the one that may be meant."""
COLUMNS: Final = ("uCode", "Time", "iCode", "what", "frozen", "got")


def with_groups_of(listed: ListedUnits, table: Table) -> Table:
    """Return a table with the list's groups wherever it names none; units that the list does not have get an empty one."""
    position = {unit.code: number for number, unit in enumerate(listed.units)}
    groups = dict(table.groups)
    for name, values in listed.groups.items():
        own = groups.get(name, ("",) * len(table.units))
        groups[name] = tuple(
            text or (values[position[code]] if code in position else "")
            for code, text in zip(table.units, own, strict=True)
        )
    return replace(table, groups=groups)


def strangers(listed: ListedUnits, content: DatasetContent, *, may_mend: bool) -> Iterator[FileProblem]:
    """Find where data are not of the units that were fixed, as they were fixed.

    Units, countries and groups are what was frozen. So is what describes a unit (names, also the country's, people, place), as
    far as the list describes it; a correction of what is published may mend that, and not empty it.
    """
    known, there = listed.by_code, {unit.code: unit for unit in content.units}
    for number, code in enumerate(sorted({*there} - {*known})):
        meant = nearest(code, known) if number < HINTS else {}  # a list of other codes altogether is far from every one
        yield FileProblem(DATA, "unit_not_frozen", None, "uCode", code, meant)
    for code in sorted({*known} - {*there}):
        yield FileProblem(DATA, "frozen_unit_missing", None, "uCode", code)
    for code in sorted({*known} & {*there}):
        fixed, found = known[code], there[code]
        if fixed.country != found.country:
            yield _other(code, "country", fixed.country, found.country)
        described = dict(_described(found))
        for column, text in _described(fixed):
            got = described.get(column, "")
            if got != text and not (may_mend and got):
                yield _other(code, column, text, got)
    yield from _regrouped(listed, content.table)


def _described(unit: UnitRow) -> Iterator[tuple[str, str]]:
    """Give what is said of a unit, by its column; nothing for what is not said."""
    for column, names in (("uName", unit.names), ("cName", unit.country_names)):
        for language, name in sorted(names.items()):
            yield (column if language == ENGLISH else f"{column}_{language}"), name
    if unit.population is not None:
        yield "population", str(unit.population)
    for column, degrees in (("latitude", unit.latitude), ("longitude", unit.longitude)):
        if degrees is not None:
            yield column, given_text(degrees)


def _regrouped(listed: ListedUnits, table: Table) -> Iterator[FileProblem]:
    position = {unit.code: number for number, unit in enumerate(listed.units)}
    for name, values in listed.groups.items():
        if name not in table.groups:
            yield FileProblem(DATA, "frozen_group_missing", 1, name)
        for code, got in dict.fromkeys(zip(table.units, table.groups.get(name, ()), strict=False)):
            if code in position and got != values[position[code]]:
                yield _other(code, name, values[position[code]], got)
    for name in sorted({*table.groups} - {*listed.groups}):
        yield FileProblem(DATA, "group_not_frozen", 1, name, facts={"groups": ", ".join(listed.groups)})


def _other(code: str, column: str, fixed: str, got: str) -> FileProblem:
    facts = {"unit": code, "fixed": fixed}
    return FileProblem(DATA, "fixed_otherwise" if fixed else "fixed_as_empty", None, column, got, facts)


def departures(
    planned: Iterable[PlannedSource], sources: Iterable[Source]
) -> list[tuple[str, str, str, str, str, str]]:
    """Return where values came from elsewhere than was fixed: unit, time, indicator, ``source`` or ``year``, fixed, got.

    What is unknown of a value cannot be what was fixed.
    """
    fixed: dict[str, list[PlannedSource]] = {}
    for one in planned:
        fixed.setdefault(one.indicator, []).append(one)
    found = []
    for value in sources:
        of_indicator = fixed.get(value.indicator, [])
        of_source = [one for one in of_indicator if one.source == value.source]
        cell = value.unit, value.time, value.indicator
        if not of_source:
            found.append((*cell, "source", " | ".join(one.source for one in of_indicator), value.source))
        elif value.year is None or not any(one.first_year <= value.year <= one.last_year for one in of_source):
            found.append((*cell, "year", " | ".join(one.vintage for one in of_source), str(value.year or "")))
    return found


def write_departures(planned: Iterable[PlannedSource], sources: Iterable[Source]) -> str:
    """Write the departures as a table; empty = unknown."""
    return csv_text(COLUMNS, departures(planned, sources))
