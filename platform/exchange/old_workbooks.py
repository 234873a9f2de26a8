"""What the reader of values does not tell of an XLS file: how large its sheets are, and which cells hold an error."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Final

import olefile

from exchange.limits import check_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

STREAMS: Final = ("Workbook", "Book")
START, FORMULA, ERROR = 0x0809, 0x0006, 0x0205
CELLS: Final = {0x0006, 0x0204, 0x0203, 0x00FD, 0x027E, 0x00BD, 0x0205, 0x00D6}
"""Records that hold a value at a row and a column: FORMULA, LABEL, NUMBER, LABELSST, RK, MULRK, BOOLERR, RSTRING."""
WORKSHEET: Final = 0x0010
NAMES: Final = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}

Marked = tuple[tuple[int, int, str], ...]


class OldWorkbookError(ValueError):
    """The bytes are no XLS workbook."""


def old_marks(name: str, content: bytes) -> dict[int, Marked]:
    """Return the cells that hold an error by the position of their sheet, each with its row and column from 1.

    Source: the records of the Binary Interchange File Format as Microsoft describes it in [MS-XLS].

    Raises
    ------
    OldWorkbookError
        The file is none, or broken.
    FileProblemsError
        A sheet has more rows, columns or cells than are read.
    """
    sheet, rows, columns = -1, 0, 0
    marks: dict[int, Marked] = {}
    for kind, body in _records(_stream(content)):
        if kind == START:
            check_shape(name, rows, columns)
            rows = columns = 0
            sheet += len(body) >= 4 and struct.unpack_from("<H", body, 2)[0] == WORKSHEET
        elif kind in CELLS and len(body) >= 6:
            row, column = struct.unpack_from("<HH", body)
            last = struct.unpack_from("<H", body, len(body) - 2)[0] if kind == 0x00BD else column
            rows, columns = max(rows, row + 1), max(columns, last + 1)
            shown = _error(kind, body)
            if shown:
                marks[sheet] = (*marks.get(sheet, ()), (row + 1, column + 1, shown))
    check_shape(name, rows, columns)
    return marks


def _stream(content: bytes) -> bytes:
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as packed:
            for stream in STREAMS:
                if packed.exists(stream):
                    return bytes(packed.openstream(stream).read())
    except (OSError, struct.error, IndexError) as error:
        raise OldWorkbookError from error
    raise OldWorkbookError


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, position)
        yield kind, stream[position + 4 : position + 4 + size]
        position += 4 + size


def _error(kind: int, body: bytes) -> str:
    """Return the error that a cell shows, empty where it shows none."""
    if kind == ERROR and len(body) >= 8 and body[7] == 1:
        return NAMES.get(body[6], "#ERROR")
    if kind == FORMULA and len(body) >= 14 and body[6] == 2 and body[12:14] == b"\xff\xff":
        return NAMES.get(body[8], "#ERROR")
    return ""
