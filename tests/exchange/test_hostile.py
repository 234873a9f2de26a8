"""Files made to harm are refused by name, before much time or memory is spent on them."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from exchange import limits

FILES = Path(__file__).parent / "files"
SECONDS, MEGABYTES = 2 * 2.0, 2 * 300  # twofold room: a shared machine is slower on some days
READ = """
import json, os, resource, sys, time
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import django
django.setup()
from exchange.options import FileReading, ReadingOptions
from exchange.problems import FileProblemsError
from exchange.layouts import Layout
from exchange.sheets import read_sheet
content = open(sys.argv[1], "rb").read()
memory = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, start = memory(), time.process_time()
try:
    sheet = read_sheet("sent", content, Layout(("uCode",)), FileReading(ReadingOptions()))
    codes = [one.code for one in sheet.problems]
except FileProblemsError as error:
    codes = [one.code for one in error.problems]
print(json.dumps([codes, time.process_time() - start, memory() - before]))
"""


def workbook(change):
    book = Workbook()
    book.active.append(["uCode", "GDP"])
    change(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_sheet(text):
    """Return a workbook whose one sheet is this XML."""
    source, out = io.BytesIO(workbook(lambda _sheet: None)), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, text if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return out.getvalue()


def sheet_of(rows):
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return with_sheet(head + rows + b"</sheetData></worksheet>")


def far_cell(sheet):
    sheet["XFD1048576"] = 5


def wide_cell(sheet):
    sheet.cell(1, limits.COLUMNS + 1, "x")


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (limits.UNPACKED + 1))
    return out.getvalue()


def lying_bomb():
    """Return a workbook whose directory says that its sheet is small."""
    content = bytearray(bomb())
    size = (limits.UNPACKED + 1).to_bytes(4, "little")
    return bytes(content.replace(size, (1000).to_bytes(4, "little")))


def broken_deflate():
    content = bytearray(workbook(lambda sheet: [sheet.append([f"u{row}", row]) for row in range(500)]))
    start = content.index(b"xl/worksheets/sheet1.xml") + 200
    content[start : start + 50] = b"\xff" * 50
    return bytes(content)


HOSTILE = {
    "far cell": (lambda: workbook(far_cell), "too_many_rows"),
    "far cell of an old workbook": ((FILES / "far.xls").read_bytes, "too_many_cells"),
    "many rows": (
        lambda: sheet_of(
            b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (row, row) for row in range(1, 3_500_001))
        ),
        "too_many_rows",
    ),
    "rows without numbers": (lambda: sheet_of(b"<row><c><v>1</v></c></row>" * (limits.ROWS + 1)), "too_many_rows"),
    "many rows of text": (lambda: b"uCode,GDP\n" + b"A,1\n" * 3_500_000, "too_many_rows"),
    "many columns": (lambda: workbook(wide_cell), "too_many_columns"),
    "many columns of text": (lambda: b"uCode" + b",x" * 60_000 + b"\n", "too_many_columns"),
    "many columns in one line": (lambda: b"uCode," + b"," * (40 * 2**20), "too_many_columns"),
    "many cells": (lambda: sheet_of(b'<row r="200000"><c r="ZZ200000"><v>1</v></c></row>'), "too_many_cells"),
    "bomb": (bomb, "too_large"),
    "lying bomb": (lying_bomb, "damaged"),
    "broken deflate": (broken_deflate, "damaged"),
    "NUL bytes": (lambda: b"uCode,GDP\n" + b"\0" * 2**20, "binary"),
    "large": (lambda: b"x" * (limits.BYTES + 1), "too_large"),
    "a cell without end": (lambda: b'uCode,GDP\n"' + b"x" * 2**20, "broken_quotes"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_file_is_refused_by_name_and_costs_little(kind, tmp_path):
    make, code = HOSTILE[kind]
    path = tmp_path / "sent"
    path.write_bytes(make())
    done = subprocess.run([sys.executable, "-c", READ, path], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    codes, seconds, megabytes = json.loads(done.stdout)
    assert codes == [code]
    assert seconds < SECONDS
    assert megabytes < MEGABYTES
