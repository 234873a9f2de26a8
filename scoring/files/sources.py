"""Where each value comes from: the provenance file that stands beside the data file; what it leaves empty is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast, get_args

from exchange.problems import FileProblem, FileProblemsError, nearest
from exchange.sheets import read_sheet
from scoring.files.digits import csv_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exchange.sheets import SheetRow, TableSheet

COLUMNS: Final = ("uCode", "iCode", "Time", "year", "resolution", "source", "given")
Resolution = Literal["city", "country", ""]
RESOLUTIONS: Final = tuple(name for name in get_args(Resolution) if name)
YES_OR_NO: Final = {"": None, "1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Source:
    """Where one value comes from: its year, what it was measured for, and whether its provider measured or estimated it.

    Every default is "unknown": what nobody said is never a claim.
    """

    unit: str
    indicator: str
    time: str = ""
    year: int | None = None
    resolution: Resolution = ""
    source: str = ""
    given: bool | None = None


def read_sources(name: str, content: bytes) -> tuple[Source, ...]:
    """Read ``uCode, iCode, Time, year, resolution, source, given``; only the first two must be there.

    An empty cell and a column that is not there are unknown.

    Raises
    ------
    FileProblemsError
        Everything wrong, each with row and column.
    """
    return sources_of(read_sheet(name, content))


def sources_of(sheet: TableSheet) -> tuple[Source, ...]:
    """Read a sheet as `read_sources` does its file."""
    problems = [
        FileProblem(sheet.file, f"the column is not there{nearest(name, sheet.columns)}", 1, name, ", ".join(COLUMNS))
        for name in COLUMNS[:2]
        if name not in sheet.columns
    ]
    problems += [
        FileProblem(sheet.file, f"unknown column{nearest(name, COLUMNS)}", 1, name, ", ".join(COLUMNS))
        for name in sheet.columns
        if name not in COLUMNS
    ]
    problems += [problem for row in sheet.rows for problem in _problems(sheet, row)]
    if problems:
        raise FileProblemsError(problems)
    return tuple(_source(row) for row in sheet.rows)


def _problems(sheet: TableSheet, row: SheetRow) -> Iterator[FileProblem]:
    """Find the cells of a row that mean nothing."""
    year, resolution, given = (row.cells.get(name, "") for name in ("year", "resolution", "given"))
    if year and not (year.isascii() and year.isdigit() and len(year) <= 4):
        yield FileProblem(sheet.file, "is not a year", row.number, "year", "a year such as 2023, or empty", year)
    if resolution and resolution not in RESOLUTIONS:
        yield FileProblem(
            sheet.file, "is no resolution", row.number, "resolution", " or ".join(RESOLUTIONS), resolution
        )
    if given.lower() not in YES_OR_NO:
        yield FileProblem(sheet.file, "is neither yes nor no", row.number, "given", "1 or 0", given)


def _source(row: SheetRow) -> Source:
    cells = {name: row.cells.get(name, "") for name in COLUMNS}
    return Source(
        unit=cells["uCode"],
        indicator=cells["iCode"],
        time=cells["Time"],
        year=int(cells["year"]) if cells["year"] else None,
        resolution=resolution_of(cells["resolution"]),
        source=cells["source"],
        given=YES_OR_NO[cells["given"].lower()],
    )


def resolution_of(text: str) -> Resolution:
    """Return what a value was measured for, unknown where the text names neither."""
    return cast("Resolution", text) if text in RESOLUTIONS else ""


def write_sources(sources: Iterable[Source]) -> str:
    """Write the provenance file; what is unknown is empty."""
    return csv_text(COLUMNS, map(_cells, sources))


def _cells(one: Source) -> list[object]:
    year, given = ("" if known is None else int(known) for known in (one.year, one.given))
    return [one.unit, one.indicator, one.time, year, one.resolution, one.source, given]
