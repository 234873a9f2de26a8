"""CSV as this project writes it, and reads back what it wrote: the one writer, whose texts are never formulas."""

from __future__ import annotations

import csv
import io
from itertools import chain, repeat
from typing import TYPE_CHECKING

from exchange.cells import guarded, unguarded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TableError = csv.Error
"""It is no table in CSV."""
ROW_END = "\r\n"  # to the writer, so that it puts a cell with either sign into quotes


class _Lines:
    """Gathers the rows of a table, each with one plain line end."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, row: str) -> None:
        self.lines.append(f"{row.removesuffix(ROW_END)}\n")


def csv_text(header: Iterable[str], rows: Iterable[Iterable[object]], *, separator: str = ",") -> str:
    """Return a CSV file's text; every text in it, those of the header too, is `guarded`, and numbers stand as they are."""
    return _written(chain([header], rows), separator)


def rewritten(text: str, *, is_guarded: bool = True) -> str:
    """Return a CSV file's text as `csv_text` writes it; of a file that is not ``is_guarded`` texts are taken as they stand.

    Raises
    ------
    TableError
        It is no table.
    """
    return _written(csv_rows(text, is_guarded=is_guarded))


def _written(rows: Iterable[Iterable[object]], separator: str = ",") -> str:
    out = _Lines()
    writer = csv.writer(out, delimiter=separator, lineterminator=ROW_END)
    for row in rows:
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return "".join(out.lines)


def csv_rows(text: str, *, is_guarded: bool = True) -> Iterator[list[str]]:
    """Give the rows of a CSV file's text, the header first, with texts as they were before `csv_text` wrote them.

    Those of a file that is not ``is_guarded``, as older code wrote it, are given as they stand.

    Raises
    ------
    TableError
        It is no table.
    """
    rows = csv.reader(io.StringIO(text))
    return ([unguarded(cell) for cell in row] for row in rows) if is_guarded else rows


def csv_table(text: str) -> tuple[list[str], Iterator[dict[str, str]]]:
    """Return the header of a CSV file's text and its rows by column; where a row ends early its last cells are empty.

    Raises
    ------
    TableError
        It is no table.
    """
    rows = csv_rows(text)
    header = next(rows, [])
    return header, (dict(zip(header, chain(row, repeat("")), strict=False)) for row in rows if row)


def csv_records(text: str) -> Iterator[dict[str, str]]:
    """Give the rows of a CSV file's text by column, as `csv_table` does."""
    return csv_table(text)[1]
