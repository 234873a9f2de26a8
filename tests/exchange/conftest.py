"""Tables as they are sent, and what the reading of them says."""

import io

import pytest
from openpyxl import Workbook

from exchange.layouts import Layout
from exchange.numbers import NumberColumn, read_numbers
from exchange.options import FileReading, ReadingOptions
from exchange.problems import FileProblemsError
from exchange.sheets import read_sheet

LAYOUT = Layout(("uCode",), known=("uName", "Time"), in_languages=("uName",), one_of=("GDP", "CO2"))
NUMBER = NumberColumn(may_be_percent=True)


class Outcome:
    """What came of reading a file: values by column, problems as (code, row, column), codes of notes."""

    def __init__(self, sheet, values, problems, reading):
        self.sheet, self.found, self.reading = sheet, problems, reading
        self.values = {name: list(column) for name, column in values.items()}
        self.problems = [(one.code, one.row, one.column) for one in problems]
        self.notes = {note.code: dict(note.facts) for note in reading.notes}


@pytest.fixture
def read():
    """Read a table of GDP and CO2 as a file from outside is read."""

    def reader(content, *, name="sent.csv", layout=LAYOUT, **options):
        reading = FileReading(ReadingOptions(**options))
        content = content.encode() if isinstance(content, str) else content
        try:
            sheet = read_sheet(name, content, layout, reading)
        except FileProblemsError as error:
            return Outcome(None, {}, list(error.problems), reading)
        problems = list(sheet.problems)
        columns = {column: NUMBER for column in ("GDP", "CO2") if column in sheet.columns}
        values = read_numbers(sheet, columns, reading, problems).values
        assert all(str(one) for one in problems)
        assert all(str(one) for one in reading.notes)
        return Outcome(sheet, values, problems, reading)

    return reader


@pytest.fixture
def book():
    """Write a workbook: rows by the name of the sheet; ``change`` may mark it before it is saved."""

    def write(change=None, **sheets):
        workbook = Workbook()
        workbook.remove(workbook.active)
        for title, rows in sheets.items():
            sheet = workbook.create_sheet(title)
            for row in rows:
                sheet.append(row)
        if change:
            change(workbook)
        out = io.BytesIO()
        workbook.save(out)
        return out.getvalue()

    return write
