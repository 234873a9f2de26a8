"""What the reader of values does not tell of an ODS file: how large its tables are, what is merged, what holds an error."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, Final
from xml.parsers import expat

from exchange.limits import check_shape

OFFICE: Final = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TABLE: Final = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
CALC: Final = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
PIECE: Final = 1 << 20


@dataclass
class OpenMarks:
    """The marks of one table."""

    merged: tuple[tuple[int, int, int, int], ...] = ()
    errors: tuple[tuple[int, int, str], ...] = ()


@dataclass
class _Tables:
    """What has been read so far: the marks of each table, and the place in the last one."""

    file: str
    found: list[OpenMarks] = field(default_factory=list)
    row: int = 0
    column: int = 0
    rows_here: int = 1
    depth: int = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        if tag == f"{TABLE} table":
            self.depth += 1
            if self.depth == 1:
                self.found.append(OpenMarks())
                self.row = self.column = 0
        elif tag == f"{TABLE} table-row":
            self.rows_here = int(attributes.get(f"{TABLE} number-rows-repeated", "1"))
            self.column = 0
        elif tag in {f"{TABLE} table-cell", f"{TABLE} covered-table-cell"}:
            self._cell(attributes)

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if tag == f"{TABLE} table":
            self.depth -= 1
        elif tag == f"{TABLE} table-row":
            self.row += self.rows_here

    def _cell(self, attributes: dict[str, str]) -> None:
        first = self.column + 1
        self.column += int(attributes.get(f"{TABLE} number-columns-repeated", "1"))
        if f"{OFFICE} value-type" not in attributes:
            return
        check_shape(self.file, self.row + self.rows_here, self.column)
        marks, row = self.found[-1], self.row + 1
        if attributes.get(f"{CALC} value-type") == "error":
            marks.errors = (*marks.errors, (row, first, ""))
        down = int(attributes.get(f"{TABLE} number-rows-spanned", "1"))
        across = int(attributes.get(f"{TABLE} number-columns-spanned", "1"))
        if down * across > 1:
            marks.merged = (*marks.merged, (row, first, row + down - 1, first + across - 1))


def open_document_marks(name: str, content: IO[bytes]) -> list[OpenMarks]:
    """Return the marks of each table of ``content.xml``, in order.

    Source: OpenDocument 1.3, part 3, section 9 (tables); ``calcext`` is LibreOffice's own.

    Raises
    ------
    FileProblemsError
        A table has more rows, columns or cells than are read.
    ValueError
        The text is no XML, or tries to declare entities.
    """
    tables = _Tables(name)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = tables.start
    parser.EndElementHandler = tables.end
    parser.EntityDeclHandler = _refuse_entities
    try:
        while piece := content.read(PIECE):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error
    return tables.found


def _refuse_entities(*_: object) -> None:
    message = "the text declares entities"
    raise ValueError(message)
