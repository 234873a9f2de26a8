"""What stands of a dataset and a correction of it, joined: what the correction does not say stays as it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np

from accounts.names import localised
from exchange.problems import FileProblem, listed
from scoring.files.licences import SourceLicence, merged_licences
from scoring.files.sources import Source
from scoring.files.units import ENGLISH, UnitRow
from scoring.numerics.types import Table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from scoring.numerics.types import BoolArray, FloatArray

Kind = Literal["data", "sources", "units"]
DATA: Final = "data"
SOURCES: Final = "sources"
UNITS: Final = "units"
REMOVE: Final = "remove"
"""The word that takes a value away, alone in its cell, in capitals or not."""
ORIGIN: Final = ("year", "resolution", "source", "given")

RowKey = tuple[str, str]
"""A unit and a time."""
Cell = tuple[str, str, str]
"""A unit, a time and an indicator."""


class Removal(NamedTuple):
    """A cell that says `REMOVE`: its file and column, and the row by unit, time and indicator as far as the file has them."""

    file: Kind
    unit: str
    time: str
    indicator: str
    column: str


@dataclass(frozen=True)
class DataPatch:
    """Data as they were sent. What stands where they are silent stays: rows, columns and cells left out, and empty cells."""

    table: Table | None = None
    sources: tuple[Source, ...] = ()
    units: tuple[UnitRow, ...] = ()
    removed: frozenset[Removal] = frozenset()
    licences: tuple[SourceLicence, ...] = ()


@dataclass(frozen=True)
class DatasetContent:
    """Everything of a dataset as plain values, in one order: rows by unit and time, of every value a source, units by code.

    ``licences`` are of sources by their texts, in order.
    """

    table: Table
    sources: tuple[Source, ...]
    units: tuple[UnitRow, ...]
    licences: tuple[SourceLicence, ...] = ()


def no_content(indicators: Sequence[str]) -> DatasetContent:
    """Return what stands before anything was loaded."""
    return DatasetContent(Table((), (), (), tuple(indicators), np.empty((0, len(indicators)))), (), ())


def merge(
    stands: DatasetContent,
    sent: DataPatch,
    *,
    known: Mapping[str, UnitRow] | None = None,
    countries: Mapping[str, Mapping[str, str]] | None = None,
) -> DatasetContent:
    """Return what stands with what was sent laid over it.

    A cell not sent or empty keeps its value, and the value its source, year, resolution and mark; one that says `REMOVE`
    becomes open. Another value is another claim: of it only the origin that was sent with it is known. Of units, what is
    left out stays too, and of licences what a row leaves open. The order of what was sent plays no part.

    Parameters
    ----------
    stands : DatasetContent
        What the data say now.
    sent : DataPatch
        Its columns are indicators of what stands, and its times are settled (`settle_times`).
    known : Mapping[str, UnitRow]
        What is known of units that do not stand yet.
    countries : Mapping[str, Mapping[str, str]]
        Names of countries, for a unit that is said to lie in another one.
    """
    rows = sorted({*_keys(stands.table), *_keys(sent.table)})
    table = _merged_table(rows, stands.table, sent)
    stood = _laid(rows, stands.table.columns, stands.table)
    units = tuple(_merged_units({unit for unit, _ in rows}, stands.units, sent, known or {}, countries or {}))
    names = {unit.code: localised(unit.names, ENGLISH) for unit in units}
    return DatasetContent(
        table=replace(table, names=tuple(names[unit] for unit in table.units)),
        sources=tuple(_merged_sources(table, table.values == stood, stands.sources, sent)),
        units=units,
        licences=merged_licences(stands.licences, sent.licences),
    )


def _keys(table: Table | None) -> list[RowKey]:
    return [] if table is None else list(zip(table.units, table.times, strict=True))


# --- values -------------------------------------------------------------------------------------------------------------


def _merged_table(rows: Sequence[RowKey], stands: Table, sent: DataPatch) -> Table:
    """Lay the values, groups and denominators sent over those that stand; the names come from the units."""
    tables = [table for table in (stands, sent.table) if table is not None]
    removed = {(one.unit, one.time, one.column) for one in sent.removed if one.file == DATA}
    values = _laid(rows, stands.columns, *tables)
    columns = {code: column for column, code in enumerate(stands.columns)}
    positions = {key: row for row, key in enumerate(rows)}
    for unit, time, code in removed:
        if code in columns and (unit, time) in positions:
            values[positions[unit, time], columns[code]] = np.nan
    groups = _labels(rows, [(table, table.groups) for table in tables], removed, "")
    below = _labels(rows, [(table, _known_numbers(table)) for table in tables], removed, np.nan)
    denominators = {name: np.array(column, dtype=np.float64) for name, column in below.items()}
    return Table(
        units=tuple(unit for unit, _ in rows),
        names=("",) * len(rows),
        times=tuple(time for _, time in rows),
        columns=stands.columns,
        values=values,
        groups={name: tuple(column) for name, column in groups.items()},
        denominators={name: column for name, column in denominators.items() if not np.isnan(column).all()},
    )


def _laid(rows: Sequence[RowKey], columns: Sequence[str], *tables: Table) -> FloatArray:
    """Return the values of the tables by row and column, the last one that has a value counting."""
    row_of = {key: row for row, key in enumerate(rows)}
    column_of = {code: column for column, code in enumerate(columns)}
    values = np.full((len(rows), len(columns)), np.nan)
    for table in tables:
        place = np.ix_([row_of[key] for key in _keys(table)], [column_of[code] for code in table.columns])
        values[place] = np.where(np.isnan(table.values), values[place], table.values)
    return values


def _known_numbers(table: Table) -> dict[str, list[float | None]]:
    return {
        name: [None if np.isnan(value) else value for value in column.tolist()]
        for name, column in table.denominators.items()
    }


def _labels(
    rows: Sequence[RowKey],
    tables: Sequence[tuple[Table, Mapping[str, Sequence[Any]]]],
    removed: Collection[Cell],
    empty: Any,
) -> dict[str, list[Any]]:
    """Return further columns by name, the last table that says anything in a cell counting."""
    found: dict[str, dict[RowKey, Any]] = {name: {} for name in sorted({name for _, own in tables for name in own})}
    for table, own in tables:
        for name, column in own.items():
            found[name] |= {key: cell for key, cell in zip(_keys(table), column, strict=True) if cell not in {None, ""}}
    return {
        name: [empty if (*key, name) in removed else cells.get(key, empty) for key in rows]
        for name, cells in found.items()
    }


# --- where values come from ---------------------------------------------------------------------------------------------


def _merged_sources(table: Table, is_same: BoolArray, stood: Iterable[Source], sent: DataPatch) -> Iterator[Source]:
    """Give every value's source, known as far as it was said of this value."""
    before, said = ({cell_of(one): one for one in sources} for sources in (stood, sent.sources))
    removed: dict[Cell, list[str]] = {}
    for one in sent.removed:
        if one.file == SOURCES:
            removed.setdefault((one.unit, one.time, one.indicator), []).append(one.column)
    for row, column in np.argwhere(~np.isnan(table.values)).tolist():
        cell = table.units[row], table.times[row], table.columns[column]
        unknown = Source(cell[0], cell[2], cell[1])
        kept = before.get(cell, unknown) if is_same[row, column] else unknown
        is_told = cell in said or cell in removed
        yield _patched(kept, said.get(cell, unknown), removed.get(cell, ()), unknown) if is_told else kept


def cell_of(source: Source) -> Cell:
    """Return the cell that a source is of."""
    return source.unit, source.time, source.indicator


def _patched(kept: Source, said: Source, removed: Collection[str], unknown: Source) -> Source:
    told = {name: getattr(said, name) for name in ORIGIN if getattr(said, name) != getattr(unknown, name)}
    return replace(kept, **told, **{name: getattr(unknown, name) for name in removed})


# --- who is ranked ------------------------------------------------------------------------------------------------------


def _merged_units(
    codes: Collection[str],
    stood: Iterable[UnitRow],
    sent: DataPatch,
    known: Mapping[str, UnitRow],
    countries: Mapping[str, Mapping[str, str]],
) -> Iterator[UnitRow]:
    """Give what is known of each unit, by code."""
    before = {**known, **{unit.code: unit for unit in stood}}
    said = {unit.code: unit for unit in sent.units}
    for code in sorted(codes):
        unit = before.get(code, UnitRow(code, {}))
        if code in said:
            unit = _patched_unit(unit, said[code], countries)
        for one in sent.removed:
            if (one.file, one.unit) == (UNITS, code):
                unit = _without(unit, one.column)
        yield replace(unit, names=dict(unit.names) or {ENGLISH: code})


def _patched_unit(unit: UnitRow, said: UnitRow, countries: Mapping[str, Mapping[str, str]]) -> UnitRow:
    """Lay what is said of a unit over what was known of it."""
    moved = bool(said.country) and said.country != unit.country
    country_names = countries.get(said.country, {}) if moved else unit.country_names
    told = {
        name: getattr(said, name)
        for name in ("aliases", "country", "population", "latitude", "longitude")
        if getattr(said, name) not in {None, "", ()}
    }
    return replace(
        unit, **told, names={**unit.names, **said.names}, country_names={**country_names, **said.country_names}
    )


def _without(unit: UnitRow, column: str) -> UnitRow:
    """Take away what a column of the file of units says."""
    empty: dict[str, Any] = {"aliases": (), "population": None, "latitude": None, "longitude": None}
    if column == "country":
        return replace(unit, country="", country_names={})
    if column in empty:
        return replace(unit, **{column: empty[column]})
    kind, _, language = column.partition("_")
    field = {"uName": "names", "cName": "country_names"}[kind]
    names: Any = {key: text for key, text in getattr(unit, field).items() if key != (language or ENGLISH)}
    return replace(unit, **{field: names})


# --- what cannot be joined ----------------------------------------------------------------------------------------------


def settle_times(stands: DatasetContent, sent: DataPatch) -> tuple[DataPatch, list[FileProblem]]:
    """Read a time left out as the one that it can only be, and tell where it could be several.

    That is the unit's only time, or for a new unit the only time of all that stands.
    """
    times: dict[str, set[str]] = {}
    for unit, time in _keys(stands.table):
        times.setdefault(unit, set()).add(time)
    everywhere = {time for known in times.values() for time in known} or {""}
    problems: list[FileProblem] = []

    def settled(file: str, unit: str, time: str) -> str:
        possible = times.get(unit, everywhere)
        if time or "" in possible:
            return time
        if len(possible) == 1:
            return next(iter(possible))
        facts = {"unit": unit, "times": listed(sorted(possible))}
        problem = FileProblem(file, "several_times", None, "Time", facts=facts)
        problems.extend([problem] * (problem not in problems))
        return time

    table = sent.table
    rows = [(unit, settled(DATA, unit, time)) for unit, time in _keys(table)]
    problems += [
        FileProblem(DATA, "settled_twice", None, "uCode", facts={"unit": unit, "time": time})
        for (unit, time), count in Counter(rows).items()
        if count > 1
    ]
    if problems:
        return sent, problems
    if table is not None:
        table = replace(table, times=tuple(time for _, time in rows))
    for unit, time in rows:
        times.setdefault(unit, set()).add(time)
    sources = tuple(replace(one, time=settled(SOURCES, one.unit, one.time)) for one in sent.sources)
    removed = frozenset(
        one if one.file == UNITS else one._replace(time=settled(one.file, one.unit, one.time)) for one in sent.removed
    )
    return replace(sent, table=table, sources=sources, removed=removed), problems


def removal_problems(stands: DatasetContent, sent: DataPatch) -> Iterator[FileProblem]:
    """Find what was to be taken away where nothing stands."""
    rows = {*_keys(stands.table)}
    columns = {*stands.table.columns, *stands.table.groups, *stands.table.denominators}
    for one in sorted(sent.removed):
        if one.file == DATA and ((one.unit, one.time) not in rows or one.column not in columns):
            facts = {"unit": one.unit, "time": one.time}
            wrong = "nothing_stands_at" if one.time else "nothing_stands"
            yield FileProblem(one.file, wrong, None, one.column, REMOVE, facts)
