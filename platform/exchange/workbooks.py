"""Workbooks: the sheets of XLSX, XLS and ODS files, their marks (hidden, merged, percent, errors), and limits before both."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from exchange.grids import Grid, StoredNumber, clean
from exchange.limits import CELLS, COLUMNS, MARKED_CELLS, ROWS, UNPACKED, check_shape, refusal
from exchange.old_workbooks import OldWorkbookError, old_marks
from exchange.open_document import open_document_marks
from exchange.problems import FileProblem, FileProblemsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpyxl.worksheet.worksheet import Worksheet

PACKED: Final = b"PK\x03\x04"
OLD: Final = b"\xd0\xcf\x11\xe0"
PIECE: Final = 1 << 20
TAIL: Final = 4096
"""How much of a piece is looked at again with the next one, so that no tag is cut in two."""
CELL: Final = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')
ROW: Final = re.compile(rb"<(?:\w+:)?row\b")
MARKS: Final = re.compile(rb'\bhidden="(?:1|true)"|\bt="e"')
FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s/>]")
PERCENT: Final = re.compile(rb'numFmtId="(?:9|10)"|formatCode="[^"]*%')
BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    CalamineError,
    OldWorkbookError,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    EOFError,
    OSError,
    NotImplementedError,
    OverflowError,
)
"""What the libraries raise on a file that is not what it seems."""


def is_workbook(content: bytes) -> bool:
    """Say whether the bytes start as a workbook's do."""
    return content.startswith((PACKED, OLD))


def read_workbook(name: str, content: bytes) -> list[Grid]:
    """Return the sheets of a workbook in order, hidden ones too.

    Raises
    ------
    FileProblemsError
        Damaged, locked, or larger than is read.
    """
    try:
        if content.startswith(OLD):
            return _old(name, content)
        return _packed(name, content)
    except FileProblemsError:
        raise
    except PasswordError as error:
        raise FileProblemsError([FileProblem(name, "locked")]) from error
    except BROKEN as error:
        raise FileProblemsError([FileProblem(name, "damaged")]) from error


def _packed(name: str, content: bytes) -> list[Grid]:
    """Read an XLSX or ODS file."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        if sum(part.file_size for part in parts) > UNPACKED:
            raise FileProblemsError([FileProblem(name, "too_large", facts={"most": f"{UNPACKED // 2**20} MB"})])
        names = {part.filename for part in parts}
        if "content.xml" in names:
            with packed.open("content.xml") as inside:
                marks = open_document_marks(name, inside)
            return [
                replace(grid, errors=found.errors, merged=found.merged)
                for grid, found in zip(_grids(content, tells_hidden=False), marks, strict=True)
            ]
        shape = _shape(name, packed)
    grids = _grids(content, tells_hidden=True)
    if not shape.is_marked:
        return grids
    if shape.cells > MARKED_CELLS:
        raise refusal(name, "too_marked", MARKED_CELLS)
    return _marked(content, grids, computes=shape.computes)


def _old(name: str, content: bytes) -> list[Grid]:
    """Read an XLS file."""
    marks = old_marks(name, content)
    grids = _grids(content, tells_hidden=False)
    return [replace(grid, errors=marks.get(position, ())) for position, grid in enumerate(grids)]


def _grids(content: bytes, *, tells_hidden: bool) -> list[Grid]:
    """Return the sheets with their values."""
    grids = []
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        for sheet in book.sheets_metadata:
            if sheet.typ != SheetTypeEnum.WorkSheet:
                continue
            values = book.get_sheet_by_name(sheet.name)
            rows = [
                (number, list(map(_text, cells)))
                for number, cells in enumerate(values.to_python(skip_empty_area=False), start=1)
                if any(cell != "" for cell in cells)
            ]
            merged = tuple(
                (top + 1, left + 1, bottom + 1, right + 1)
                for (top, left), (bottom, right) in values.merged_cell_ranges or ()
            )
            is_visible = sheet.visible == SheetVisibleEnum.Visible
            grids.append(Grid(sheet.name, rows, is_visible, merged, tells_hidden=tells_hidden))
    return grids


def _text(value: Any) -> str:
    """Write a cell as CSV would hold it; numbers with all their digits."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        is_whole = isinstance(value, int) or (value.is_integer() and abs(value) < 2**53)
        return StoredNumber(int(value) if is_whole else repr(value))
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return clean(str(value))


# --- XLSX: limits, and whether there are marks ----------------------------------------------------------------------------


@dataclass
class _Shape:
    """How large the sheets of a workbook are, and whether cells are marked."""

    cells: int = 0
    is_marked: bool = False
    computes: bool = False


def _shape(name: str, packed: zipfile.ZipFile) -> _Shape:
    """Read every part through once, refusing what is too large where it is seen."""
    shape = _Shape()
    for part in packed.infolist():
        if part.is_dir():
            continue
        if "/worksheets/" in part.filename and part.filename.endswith(".xml"):
            _measure(name, packed, part, shape)
        elif part.filename.endswith("styles.xml"):
            shape.is_marked |= PERCENT.search(packed.read(part)) is not None
        else:
            for _ in _pieces(packed, part):
                pass  # its length and checksum are compared, which the reader of values does not do
    return shape


def _pieces(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with packed.open(part) as inside:
        while piece := inside.read(PIECE):
            yield piece


def _measure(name: str, packed: zipfile.ZipFile, part: zipfile.ZipInfo, shape: _Shape) -> None:
    """Count rows, columns and cells of one sheet, and see whether any is marked."""
    rows, lowest, rightmost, tail = 0, 0, 0, b""
    for piece in _pieces(packed, part):
        text = tail + piece
        cut = max(text.rfind(b"<"), len(text) - TAIL)
        text, tail = text[:cut], text[cut:]
        found = CELL.findall(text)
        rows += len(ROW.findall(text))
        shape.cells += len(found)
        if found:
            lowest = max(lowest, *(int(row) for _, row in found))
            widest = max({column for column, _ in found}, key=lambda column: (len(column), column))
            rightmost = max(rightmost, column_index_from_string(widest.decode()))
        if shape.cells > CELLS:
            raise refusal(name, "too_many_cells", CELLS)
        if max(rows, lowest) > ROWS:
            raise refusal(name, "too_many_rows", ROWS)
        if rightmost > COLUMNS:
            raise refusal(name, "too_many_columns", COLUMNS)
        shape.computes |= FORMULA.search(text) is not None
        shape.is_marked |= MARKS.search(text) is not None or shape.computes
    check_shape(name, lowest, rightmost)


# --- XLSX: the marks themselves -------------------------------------------------------------------------------------------


def _marked(content: bytes, grids: list[Grid], *, computes: bool) -> list[Grid]:
    """Return the sheets with what is hidden, in error or never computed, and percents as they are shown."""
    values = load_workbook(io.BytesIO(content), data_only=True)
    formulas = load_workbook(io.BytesIO(content)) if computes else None
    return [_with_marks(grid, values[grid.sheet], None if formulas is None else formulas[grid.sheet]) for grid in grids]


def _with_marks(grid: Grid, values: Worksheet, formulas: Worksheet | None) -> Grid:
    errors: list[tuple[int, int, str]] = []
    uncomputed: list[tuple[int, int, str]] = []
    percents: dict[tuple[int, int], str] = {}
    for row, cells in enumerate(values.iter_rows(), start=1):
        for column, cell in enumerate(cells, start=1):
            if cell.data_type == "e":
                errors.append((row, column, str(cell.value)))
            elif isinstance(cell.value, int | float) and "%" in (cell.number_format or ""):
                percents[row, column] = StoredNumber(f"{cell.value * 100:.15g}%")
    for row, cells in enumerate(() if formulas is None else formulas.iter_rows(), start=1):
        uncomputed += [
            (row, column, "")
            for column, cell in enumerate(cells, start=1)
            if cell.data_type == "f" and values.cell(row, column).value is None
        ]
    rows = [
        (number, [percents.get((number, column), text) for column, text in enumerate(cells, start=1)])
        for number, cells in _with_empty(grid, errors, uncomputed)
    ]
    return replace(
        grid,
        rows=rows,
        errors=tuple(errors),
        uncomputed=tuple(uncomputed),
        hidden_rows=tuple(sorted(number for number, row in values.row_dimensions.items() if row.hidden)),
        hidden_columns=tuple(_hidden_columns(values)),
    )


def _hidden_columns(values: Worksheet) -> Iterator[int]:
    """Return the numbers of hidden columns; a group of columns is stored as its first and last."""
    for letter, column in sorted(values.column_dimensions.items()):
        if column.hidden:
            first = column.min or column_index_from_string(letter)
            yield from range(first, min(column.max or first, COLUMNS) + 1)


def _with_empty(grid: Grid, *marked: list[tuple[int, int, str]]) -> list[tuple[int, list[str]]]:
    """Return the rows, and such as hold nothing but marked cells."""
    wide = max((len(cells) for _, cells in grid.rows), default=0)
    rows = dict(grid.rows)
    for cells in marked:
        for row, _, _ in cells:
            rows.setdefault(row, [""] * wide)
    return sorted(rows.items())
