"""Where each value comes from: the provenance file that stands beside the data file; what it leaves empty is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast, get_args

from exchange.layouts import Layout
from exchange.options import FileReading
from exchange.problems import FileProblemsError, listed
from exchange.sheets import SheetRow, read_sheet, unknown_columns
from exchange.tables import csv_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exchange.problems import FileProblem
    from exchange.sheets import TableSheet

COLUMNS: Final = ("uCode", "iCode", "Time", "year", "resolution", "source", "given")
LAYOUT: Final = Layout(COLUMNS[:2], known=COLUMNS, codes=COLUMNS[:2])
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


def read_sources(name: str, content: bytes, reading: FileReading | None = None) -> tuple[Source, ...]:
    """Read ``uCode, iCode, Time, year, resolution, source, given``; only the first two must be there.

    An empty cell, NA and a column that is not there are unknown.

    Raises
    ------
    FileProblemsError
        Everything wrong, each with row and column.
    """
    reading = FileReading() if reading is None else reading
    return sources_of(read_sheet(name, content, LAYOUT, reading))


def sources_of(sheet: TableSheet) -> tuple[Source, ...]:
    """Read a sheet as `read_sources` does its file."""
    problems = [*sheet.problems, *unknown_columns(sheet, COLUMNS)]
    problems += [problem for row in sheet.rows for problem in _problems(sheet, row)]
    if problems:
        raise FileProblemsError(problems)
    return tuple(map(_source, sheet.rows))


def _problems(sheet: TableSheet, row: SheetRow) -> Iterator[FileProblem]:
    """Find the cells of a row that mean nothing."""
    year, resolution, given = (row.cells.get(name, "") for name in ("year", "resolution", "given"))
    if year and not (year.isascii() and year.isdigit() and len(year) <= 4):
        yield sheet.problem("not_year", row.number, "year", year)
    if resolution and resolution not in RESOLUTIONS:
        yield sheet.problem("no_resolution", row.number, "resolution", resolution, resolutions=listed(RESOLUTIONS))
    if given.lower() not in YES_OR_NO:
        yield sheet.problem("yes_or_no", row.number, "given", given)


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
