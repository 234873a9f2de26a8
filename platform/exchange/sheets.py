"""CSV and XLSX as one plain thing: a header and rows of texts, each knowing its row in the file."""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from exchange.problems import FileProblem, FileProblemsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpyxl.cell import Cell, MergedCell

    Cells = tuple[Cell | MergedCell, ...]

UNPACKED = 256 * 2**20  # a workbook that unpacks to more is refused
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
KINDS = (
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls); save it as .xlsx"),
    (b"\xff\xfe", "UTF-16 text; save it as CSV UTF-8"),
    (b"\xfe\xff", "UTF-16 text; save it as CSV UTF-8"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


@dataclass(frozen=True)
class SheetRow:
    """One row: its number in the file (the header is 1) and its cells by column name."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class TableSheet:
    """A file's name, its columns in order, and its rows that hold anything."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]


Raw = tuple[int, list[str]]


def read_sheet(name: str, content: bytes) -> TableSheet:
    """Read a table from its bytes; what they hold decides, not the ending of the file's name.

    CSV is UTF-8, with or without byte order mark, parted by commas (or by semicolons or tabs, when the header has no comma).
    Of an XLSX the first sheet is read, formulas by the value last computed.

    Raises
    ------
    FileProblemsError
        Empty, neither CSV nor XLSX, not UTF-8, a column without name or twice, a row longer or shorter than the
        header, a formula that ends in an error or was never computed.
    """
    if not content.strip():
        raise _refuse(name, "the file is empty")
    for magic, kind in KINDS:
        if content.startswith(magic):
            raise FileProblemsError([FileProblem(name, "cannot be read", allowed="CSV or XLSX", got=kind)])
    raw = _xlsx(name, content) if content.startswith(b"PK\x03\x04") else _csv(name, content)
    return _sheet(name, [one for one in raw if any(one[1])])


def number(sheet: TableSheet, row: SheetRow, column: str) -> float | FileProblem:
    """Read a cell as a number, NaN when empty; anything else is a problem with a hint."""
    text = row.cells[column]
    if not text:
        return math.nan
    if NUMBER.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    what = "is too large for a number" if NUMBER.fullmatch(text) else "is not a number"
    allowed = "a number with a decimal point, or an empty cell when missing"
    if re.fullmatch(r"[+-]?\d+,\d+", text, re.ASCII):
        allowed = f"a decimal point ({text.replace(',', '.')}), no decimal comma and no thousands sign"
    return FileProblem(sheet.file, what, row.number, column, allowed, text)


def _refuse(name: str, what: str, row: int | None = None) -> FileProblemsError:
    return FileProblemsError([FileProblem(name, what, row)])


def _sheet(name: str, raw: list[Raw]) -> TableSheet:
    """Put names to the cells."""
    if not raw:
        raise _refuse(name, "the file is empty")
    number_of_header, header = raw[0]
    while header and not header[-1] and not any(any(cells[len(header) - 1 :]) for _, cells in raw):
        header = header[:-1]
    problems = [
        FileProblem(name, "the column has no name", number_of_header, str(position + 1))
        for position, column in enumerate(header)
        if not column
    ]
    twice = {column for column in header if column and header.count(column) > 1}
    problems += [
        FileProblem(name, "the column stands twice", number_of_header, column) for column in header if column in twice
    ]
    rows = []
    for number, cells in raw[1:]:
        if any(cells[len(header) :]) or len(cells) < len(header):
            got, allowed = str(len(cells)), f"{len(header)} as in the header"
            problems.append(FileProblem(name, "the row has another number of cells", number, None, allowed, got))
        else:
            rows.append(SheetRow(number, dict(zip(header, cells, strict=False))))
    if problems:
        raise FileProblemsError(problems)
    return TableSheet(name, tuple(header), tuple(rows))


def _csv(name: str, content: bytes) -> list[Raw]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise _refuse(name, "this is not UTF-8; save it as CSV UTF-8", row) from error
    if "\0" in text:
        raise FileProblemsError([FileProblem(name, "cannot be read", allowed="CSV or XLSX", got="binary data")])
    header = text.lstrip().split("\n", 1)[0]
    delimiter = "," if "," in header else ";" if ";" in header else "\t" if "\t" in header else ","
    reader, raw, start = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), [], 1
    try:
        for cells in reader:
            raw.append((start, [cell.strip() for cell in cells]))
            start = reader.line_num + 1
    except csv.Error as error:
        raise _refuse(name, f"the quotes or line ends are broken ({error})", start) from error
    return raw


def _xlsx(name: str, content: bytes) -> list[Raw]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(part.file_size for part in packed.infolist())
        rows = _cells(content) if size <= UNPACKED else []
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, EOFError, SyntaxError) as error:
        got = "a damaged or another packed file"
        raise FileProblemsError([FileProblem(name, "cannot be read", allowed="CSV or XLSX", got=got)]) from error
    if size > UNPACKED:
        raise _refuse(name, "the workbook unpacks to more than 256 MB")
    problems = [one for value, formula in rows for one in _broken_cells(name, value, formula)]
    if problems:
        raise FileProblemsError(problems)
    wide = max((len(value) for value, _ in rows), default=0)
    texts = ([_text(cell.value) for cell in value] for value, _ in rows)
    return [(number, [*row, *[""] * (wide - len(row))]) for number, row in enumerate(texts, start=1)]


def _cells(content: bytes) -> list[tuple[Cells, Cells]]:
    """Return the rows of the first sheet twice: as last computed, and with their formulas."""
    computed, written = (
        load_workbook(io.BytesIO(content), read_only=True, data_only=computed).worksheets[0].iter_rows()
        for computed in (True, False)
    )
    return list(zip(computed, written, strict=True))


def _broken_cells(name: str, values: Cells, formulas: Cells) -> Iterator[FileProblem]:
    """Find formulas that end in an error or have no stored value, by their cell."""
    for value, formula in zip(values, formulas, strict=True):
        if value.data_type == "e":
            yield FileProblem(name, "the cell holds an error", value.row, value.coordinate, "a value", str(value.value))
        elif formula.data_type == "f" and value.value is None:
            what = "the formula was never computed; open the file in a spreadsheet and save it"
            yield FileProblem(name, what, formula.row, formula.coordinate)


def _text(value: object) -> str:
    """Write a cell as CSV would hold it; numbers with all their digits."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value).strip()
