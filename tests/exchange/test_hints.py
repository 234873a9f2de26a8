"""What is said of several files decides only where one of them can be read in two ways, and is noted as said."""

import io

import pytest
from openpyxl import Workbook

from exchange.layouts import Layout
from exchange.numbers import NumberColumn, read_numbers
from exchange.options import SAID, FileReading, ReadingOptions, reading_options
from exchange.problems import FileProblemsError
from exchange.sheets import read_sheet, unknown_sheet

LAYOUT = Layout(("code", "value"))


@pytest.fixture
def book():
    """Return a workbook with a table in each sheet; one whose name ends in * is hidden, one in - has other columns."""

    def made(*names):
        workbook = Workbook()
        workbook.remove(workbook.active)
        for number, name in enumerate(names):
            sheet = workbook.create_sheet(name.strip("*-"))
            sheet.append(("code", "other" if name.endswith("-") else "value"))
            sheet.append(("A", number))
            sheet.sheet_state = "hidden" if name.endswith("*") else "visible"
        content = io.BytesIO()
        workbook.save(content)
        return content.getvalue()

    return made


def refused(reader):
    with pytest.raises(FileProblemsError) as caught:
        reader()
    return [(problem.code, problem.facts) for problem in caught.value.problems]


def read(content, reading, name="a.csv"):
    """Return the values of a file, its problems, and the notes on it."""
    problems = []
    sheet = read_sheet(name, content, LAYOUT, reading)
    found = list(read_numbers(sheet, {"value": NumberColumn(high=5000)}, reading, problems).values["value"])
    return found, [problem.code for problem in problems], [note.code for note in reading.notes]


# --- what is said -------------------------------------------------------------------------------------------------------


def test_nothing_said_is_nothing_known():
    nothing = ReadingOptions(is_hint=True)

    assert (
        reading_options({})
        == reading_options(dict.fromkeys(SAID, ""))
        == reading_options(dict.fromkeys(SAID))
        == nothing
    )


def test_everything_said_is_taken_up():
    told = {"sheet": "Data", "encoding": "gb18030", "decimal": ",", "thousands": ".", "missing": " 99 \r\n\r\nn/a\n"}

    assert reading_options(told) == ReadingOptions("Data", "gb18030", ",", ".", ("99", "n/a"), is_hint=True)
    assert reading_options({"thousands": "none"}).thousands == ""


# --- sheets -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheets", "name", "value"),
    [
        (("Old", "New"), "new", "1"),
        (("Old-", "New"), "Old", "1"),  # one sheet alone has the columns
        (("Old", "New*"), "New", "0"),
    ],
)
def test_sheet_that_is_said_is_taken_among_those_that_can_be_meant(book, sheets, name, value):
    reading = FileReading(reading_options({"sheet": name}))

    sheet = read_sheet("a.xlsx", book(*sheets), LAYOUT, reading)
    assert sheet.rows[0].cells["value"] == value


def test_sheet_that_is_said_is_the_one_that_is_refused_where_none_has_the_columns(book):
    reading = FileReading(reading_options({"sheet": "Two"}))

    assert read_sheet("a.xlsx", book("One-", "Two-"), LAYOUT, reading).sheet == "Two"


@pytest.mark.parametrize("name", ["", "Third"])
def test_several_sheets_are_asked_for_where_none_of_them_is_said(book, name):
    reading = FileReading(reading_options({"sheet": name}))

    told = refused(lambda: read_sheet("a.xlsx", book("Old", "New"), LAYOUT, reading))
    assert told == [("sheets", {"sheets": "Old, New"})]


@pytest.mark.parametrize(("name", "code"), [("Third", "no_such_sheet"), ("Hidden", "hidden_sheet")])
def test_sheet_said_of_one_file_must_be_there(book, name, code):
    reading = FileReading(ReadingOptions(sheet=name))

    told = refused(lambda: read_sheet("a.xlsx", book("Old", "Hidden*"), LAYOUT, reading))
    assert told == [(code, {"sheets": "Old"})]


def test_sheet_said_of_several_files_must_be_in_one_of_them(book):
    reading = FileReading(reading_options({"sheet": "Third"}))
    read_sheet("a.csv", b"code,value\nA,1\n", LAYOUT, reading)
    assert unknown_sheet(reading) == []

    read_sheet("a.xlsx", book("Old"), LAYOUT, reading)
    (problem,) = unknown_sheet(reading)
    assert (problem.file, problem.code, problem.got, problem.facts) == (
        "a.xlsx", "no_such_sheet", "Third", {"sheets": "Old"},
    )  # fmt: skip

    read_sheet("b.xlsx", book("third"), LAYOUT, reading)
    assert unknown_sheet(reading) == []
    assert unknown_sheet(FileReading(reading_options({}), sheets={"a.xlsx": ("Old",)})) == []


# --- numbers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "sign", "values", "problems", "notes"),
    [
        (("1.234",), "", [1.234], ["decimal"], []),
        (("1.234",), ".", [1.234], [], ["decimal_said"]),
        (("1.234",), ",", [1234], [], ["decimal_said", "thousands"]),
        (("1.234", "1.5"), ",", [1.234, 1.5], [], []),  # with a point alone
        (("1,234", "1,5"), ".", [1.234, 1.5], [], ["decimal_comma"]),  # with a comma alone
        (("9.234",), ",", [9.234], [], []),  # within the range with a point alone
        (("7",), ",", [7], [], []),
    ],
)
def test_decimal_sign_that_is_said_decides_where_two_fit(numbers, sign, values, problems, notes):
    reading = FileReading(reading_options({"decimal": sign}))
    rows = "".join(f"A;{number}\n" for number in numbers)

    found, wrong, told = read(f"code;value\n{rows}".encode(), reading)
    assert (wrong, told) == (problems, ["separator", *notes])
    assert wrong or found == values


def test_sign_that_groups_thousands_tells_the_decimal_one():
    reading = FileReading(reading_options({"thousands": "."}))

    assert read(b"code,value\nA,1.234\n", reading) == ([1234], [], ["decimal_said", "thousands"])


def test_that_nothing_groups_thousands_tells_the_decimal_sign():
    reading = FileReading(reading_options({"thousands": "none"}))

    assert read(b"code,value\nA,1.234\n", reading) == ([1.234], [], [])


def test_texts_that_are_said_mean_missing():
    values, problems, notes = read(b"code,value\nA,x\nB,2\n", FileReading(reading_options({"missing": "x"})))

    assert (values[1], problems, notes) == (2, [], ["missing"])
    assert read(b"code,value\nA,x\nB,2\n", FileReading(reading_options({})))[1] == ["missing_marker"]


# --- encodings ----------------------------------------------------------------------------------------------------------


def test_encoding_that_is_said_decides_where_several_fit():
    content = "code,value\nÉtat,1\n".encode("windows-1252")
    ((code, facts),) = refused(lambda: read_sheet("a.csv", content, LAYOUT, FileReading(reading_options({}))))
    assert (code, "windows-1252" in facts["encodings"]) == ("encoding", True)

    reading = FileReading(reading_options({"encoding": "windows-1252"}))
    assert read_sheet("a.csv", content, LAYOUT, reading).rows[0].cells["code"] == "État"
    assert [(note.code, note.facts) for note in reading.notes] == [("encoding", {"encoding": "windows-1252"})]


def test_encoding_that_is_said_of_others_leaves_utf_8_alone():
    reading = FileReading(reading_options({"encoding": "windows-1252"}))

    assert read_sheet("a.csv", "code,value\nÉtat,1\n".encode(), LAYOUT, reading).rows[0].cells["code"] == "État"
    assert reading.notes == []


@pytest.mark.parametrize(
    ("encoding", "code"),
    [
        ("ascii", "not_this_encoding"),
        ("nonsense", "unknown_encoding"),
        ("hex", "unknown_encoding"),
        ("undefined", "unknown_encoding"),
        ("idna", "unknown_encoding"),
        ("unicode_escape", "unknown_encoding"),
        ("a\0b", "unknown_encoding"),
    ],
)
def test_encoding_that_does_not_fit_is_refused(encoding, code):
    content = "code,value\nÉtat,1\n".encode("windows-1252")
    for options in (reading_options({"encoding": encoding}), ReadingOptions(encoding=encoding)):
        ((told, _),) = refused(lambda: read_sheet("a.csv", content, LAYOUT, FileReading(options)))  # noqa: B023 - called at once
        assert told == code
