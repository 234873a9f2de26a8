"""Data as they are sent: a table, and beside it where its values come from and who is ranked, read together."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from exchange.limits import BYTES
from exchange.names import KnownWords
from exchange.options import FileReading, ReadingOptions
from exchange.problems import FileProblem, FileProblemsError
from exchange.sheets import SheetRow, read_sheet, spelled, unknown_sheet
from scoring.files.licences import LAYOUT as LICENCE_LAYOUT
from scoring.files.licences import licences_of
from scoring.files.patches import DATA, REMOVE, SOURCES, UNITS, DataPatch, Kind, Removal
from scoring.files.sources import LAYOUT as SOURCE_LAYOUT
from scoring.files.sources import sources_of
from scoring.files.tables import data_layout, table_of
from scoring.files.units import units_layout, units_of
from surveys.files.framework import other_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from django.core.files.base import File

    from exchange.layouts import Layout
    from exchange.sheets import TableSheet
    from surveys.values.rounds import FrameworkContent

SentFile = tuple[str, bytes]
T = TypeVar("T")
KEYS = {"uCode", "iCode", "Time"}


def read_received(
    framework: FrameworkContent,
    *,
    table: SentFile | None = None,
    sources: SentFile | None = None,
    units: SentFile | None = None,
    licences: SentFile | None = None,
    groups: Collection[str] | None = None,
    known: Collection[str] = (),
    reading: FileReading | None = None,
) -> DataPatch:
    """Read what was sent.

    Parameters
    ----------
    framework : FrameworkContent
        Names the columns of the table.
    table, sources, units, licences : SentFile
        The files, as far as they were sent.
    groups : Collection[str]
        The groups of the data that stand, where these are a patch of them; None where they are the whole: then there
        must be a table, with all indicators.
    known : Collection[str]
        Codes of units; one of them is meant by any of its spellings, and so is one of the table in the other files.
    reading : FileReading
        How the files are read; its notes say what was applied.

    Raises
    ------
    FileProblemsError
        Everything wrong with all of the files.
    """
    reading = FileReading(ReadingOptions()) if reading is None else reading
    is_patch = groups is not None
    problems: list[FileProblem] = []
    removed: set[Removal] = set()
    if table is None and not (is_patch and (sources or units or licences)):
        problems.append(FileProblem(DATA, "no_table" if not is_patch else "nothing_sent"))
    others = (*other_columns(framework.rows), *(groups or ()))

    def read(sent: SentFile | None, kind: Kind | None, layout: Layout, reader: Callable[[TableSheet], T]) -> T | None:
        """Read one file, if it was sent; what is wrong with it goes to ``problems``, what it takes away to ``removed``.

        A file of no kind takes nothing away.
        """
        if sent is None:
            return None
        try:
            sheet, taken = _without_removals(spelled(read_sheet(*sent, layout, reading), words))
            if is_patch and kind is not None:
                removed.update(_removals(kind, taken))
            else:
                problems.extend(_nothing_to_remove(sheet, taken, is_whole=not is_patch))
            return reader(sheet)
        except FileProblemsError as error:
            problems.extend(error.problems)
            return None

    as_table = partial(table_of, tree=framework.tree, others=others, is_patch=is_patch, reading=reading)
    words = {"uCode": KnownWords(known)}
    values = read(table, DATA, data_layout(framework.tree, others, is_patch=is_patch), as_table)
    words = {
        "uCode": KnownWords([*known, *(values.units if values else ())]),
        "iCode": KnownWords(framework.tree.indicators),
    }
    origins, rows, told = (
        read(sources, SOURCES, SOURCE_LAYOUT, sources_of),
        read(units, UNITS, units_layout(is_patch=is_patch), partial(units_of, reading=reading)),
        read(licences, None, LICENCE_LAYOUT, licences_of),
    )
    problems += unknown_sheet(reading)
    if problems:
        raise FileProblemsError(problems)
    return DataPatch(values, origins or (), rows or (), frozenset(removed), told or ())


def sent_file(sent: File[bytes] | None) -> SentFile | None:
    """Return the name and bytes of a file that came with a request, no more of them than show that it is too large."""
    return (sent.name or "file", sent.read(BYTES + 1)) if sent else None


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


def _nothing_to_remove(sheet: TableSheet, taken: Taken, *, is_whole: bool) -> Iterator[FileProblem]:
    wrong = "nothing_to_remove" if is_whole else "not_removed_here"
    for row, column in taken:
        yield sheet.problem(wrong, row.number, column, row.cells[column])
