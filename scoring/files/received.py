"""Data as they are sent: a table, and beside it where its values come from and who is ranked, read together."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from exchange.problems import FileProblem, FileProblemsError
from exchange.sheets import SheetRow, read_sheet
from scoring.files.licences import licences_of
from scoring.files.patches import DATA, REMOVE, SOURCES, UNITS, DataPatch, Kind, Removal
from scoring.files.sources import sources_of
from scoring.files.tables import table_of
from scoring.files.units import units_of
from surveys.files.framework import other_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from django.core.files.base import File

    from exchange.sheets import TableSheet
    from surveys.values.rounds import FrameworkContent

SentFile = tuple[str, bytes]
T = TypeVar("T")
LARGEST_FILE = 20 * 1024 * 1024
KEYS = {"uCode", "iCode", "Time"}


def read_received(
    framework: FrameworkContent,
    *,
    table: SentFile | None,
    sources: SentFile | None = None,
    units: SentFile | None = None,
    licences: SentFile | None = None,
    groups: Collection[str] | None = None,
) -> DataPatch:
    """Read what was sent, in CSV or XLSX.

    Parameters
    ----------
    framework : FrameworkContent
        Names the columns of the table.
    table, sources, units, licences : SentFile
        The files, as far as they were sent.
    groups : Collection[str]
        The groups of the data that stand, where these are a patch of them; None where they are the whole: then there
        must be a table, with all indicators.

    Raises
    ------
    FileProblemsError
        Everything wrong with all of the files.
    """
    is_patch = groups is not None
    problems: list[FileProblem] = []
    removed: set[Removal] = set()
    if table is None and not (is_patch and (sources or units or licences)):
        problems.append(FileProblem(DATA, "there is no table of values" if not is_patch else "nothing was sent"))
    others = (*other_columns(framework.rows), *(groups or ()))
    as_table = partial(table_of, tree=framework.tree, others=others, is_patch=is_patch)
    as_units = partial(units_of, is_patch=is_patch)

    def read(sent: SentFile | None, kind: Kind | None, reader: Callable[[TableSheet], T]) -> T | None:
        """Read one file, if it was sent; what is wrong with it goes to ``problems``, what it takes away to ``removed``.

        A file of no kind takes nothing away.
        """
        if sent is None:
            return None
        name = sent[0]
        try:
            sheet, taken = _without_removals(sheet_of(sent))
            if is_patch and kind is not None:
                removed.update(_removals(kind, taken))
            else:
                problems.extend(_nothing_to_remove(name, taken, is_whole=not is_patch))
            return reader(sheet)
        except FileProblemsError as error:
            problems.extend(error.problems)
            return None

    values, origins, rows, told = (
        read(table, DATA, as_table),
        read(sources, SOURCES, sources_of),
        read(units, UNITS, as_units),
        read(licences, None, licences_of),
    )
    if problems:
        raise FileProblemsError(problems)
    return DataPatch(values, origins or (), rows or (), frozenset(removed), told or ())


def sheet_of(sent: SentFile) -> TableSheet:
    """Read a file that was sent.

    Raises
    ------
    FileProblemsError
        It is larger than is read, or no table.
    """
    name, content = sent
    if len(content) > LARGEST_FILE:
        raise FileProblemsError([FileProblem(name, "is too large", allowed="up to 20 MB")])
    return read_sheet(name, content)


def sent_file(sent: File[bytes] | None) -> SentFile | None:
    """Return the name and bytes of a file that came with a request, no more of them than show that it is too large."""
    return (sent.name or "file", sent.read(LARGEST_FILE + 1)) if sent else None


Taken = list[tuple[SheetRow, str]]


def _without_removals(sheet: TableSheet) -> tuple[TableSheet, Taken]:
    """Empty the cells that say `REMOVE`, and return them beside the sheet."""
    taken = [
        (row, column)
        for row in sheet.rows
        for column, text in row.cells.items()
        if column not in KEYS and text.strip().lower() == REMOVE
    ]
    if not taken:
        return sheet, taken
    emptied = {(row.number, column) for row, column in taken}
    rows = (
        SheetRow(row.number, {name: "" if (row.number, name) in emptied else text for name, text in row.cells.items()})
        for row in sheet.rows
    )
    return replace(sheet, rows=tuple(rows)), taken


def _removals(kind: Kind, taken: Taken) -> Iterator[Removal]:
    for row, column in taken:
        unit, time, indicator = (row.cells.get(name, "") for name in ("uCode", "Time", "iCode"))
        yield Removal(kind, unit, time, indicator, column)


def _nothing_to_remove(name: str, taken: Taken, *, is_whole: bool) -> Iterator[FileProblem]:
    why = "no data stand, or all of them are replaced" if is_whole else "write what is so instead"
    for row, column in taken:
        what = f"nothing can be taken away: {why}"
        yield FileProblem(name, what, row.number, column, "a value, or an empty cell", row.cells[column])
