"""A release as a workbook: ranking, weights, data, sources and notes, each on a sheet; the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from exchange.tables import csv_rows
from scoring.files.bundle import README, pack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from openpyxl.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

SHEETS: Final = {
    "Ranking": "scores.csv",
    "Weights": "weights.csv",
    "Data": "data.csv",
    "Sources": "sources.csv",
    "Licences": "licences.csv",
    "Notes": README,
}
TEXTS: Final = frozenset({"uCode", "uName", "Time", "iCode", "Parent", "source", "resolution", "licence", "retrieved"})
NUMBER: Final = re.compile(r"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def workbook(
    files: Mapping[str, bytes], *, at: datetime, progress: Callable[[int], None] = lambda _done: None
) -> bytes:
    """Return the workbook; ``at`` is the date it carries, ``progress`` hears of every sheet."""
    book = Workbook(write_only=True)
    sheets = {title: name for title, name in SHEETS.items() if name in files}
    for done, (title, name) in enumerate(sheets.items(), start=1):
        _fill(book.create_sheet(title), name, files[name].decode())
        progress(done)
    book.properties.creator = "Steelyard"
    book.properties.created = at.replace(tzinfo=None, microsecond=0)
    out = io.BytesIO()
    book.save(out)
    return _undated(out.getvalue(), at)


def _fill(sheet: WriteOnlyWorksheet, name: str, text: str) -> None:
    """Write a table with its header in bold, or lines of text."""
    if not name.endswith(".csv"):
        for line in text.splitlines():
            sheet.append([_text(sheet, line)])
        return
    sheet.freeze_panes = "B2"
    rows = csv_rows(text)
    header = next(rows)
    sheet.append([_text(sheet, column, bold=True) for column in header])
    for row in rows:
        sheet.append([_cell(sheet, column, cell) for column, cell in zip(header, row, strict=True)])


def _cell(sheet: WriteOnlyWorksheet, column: str, text: str) -> object:
    """Give numbers as numbers, with the file's own digits; all else as text, which no program takes for a formula."""
    if not text:
        return None
    cell = _text(sheet, text)
    if column not in TEXTS and NUMBER.fullmatch(text):
        cell.data_type = "n"
    return cell


def _text(sheet: WriteOnlyWorksheet, text: str, *, bold: bool = False) -> Cell:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _undated(content: bytes, at: datetime) -> bytes:
    """Pack the workbook anew without the moment of packing."""
    moment = at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    core = "docProps/core.xml"
    parts[core] = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + moment, parts[core])
    return pack(parts, compression=zipfile.ZIP_DEFLATED)
