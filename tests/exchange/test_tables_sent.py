"""Tables from every kind of file: which encoding, separator, sheet and row of names; what is refused, by its place."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest

from exchange.layouts import ANY, Layout
from exchange.limits import COLUMNS, ROWS

GOOD = "uCode,GDP,CO2\nA,1.5,2\nB,3,4\n"
VALUES = {"GDP": [1.5, 3], "CO2": [2, 4]}


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_separators_are_those_that_give_the_columns(read, separator):
    outcome = read(GOOD.replace(",", separator))

    assert outcome.values == VALUES
    assert "separator" in outcome.notes


@pytest.mark.parametrize("said", ["sep=;\n", '"sep=;"\r\n'])
def test_a_first_line_may_say_the_separator(read, said):
    outcome = read(said + GOOD.replace(",", ";"))

    assert outcome.values == VALUES
    assert [row.number for row in outcome.sheet.rows] == [3, 4]


def test_a_quoted_separator_in_the_header_does_not_turn_the_file(read):
    outcome = read('uCode;GDP;CO2;"comment, if any"\nA;1;2;so\n')

    assert (outcome.values["GDP"], outcome.problems) == ([1], [])


def test_two_separators_that_both_give_the_columns_are_refused(read):
    assert read("uCode,GDP;uCode,GDP\n1,2;1,2\nuCode;GDP\n").problems[0][0] in {"separator", "headers", "column_twice"}
    table = "uCode,GDP,x\nuCode;GDP;y\n"
    assert read(table).problems == [("separator", None, None)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_tell_the_encoding(read, encoding):
    outcome = read("uCode,GDP,CO2\nÄ,1,2\n".encode(encoding))

    assert outcome.sheet.rows[0].cells["uCode"] == "Ä"
    assert ("encoding_fits" in outcome.notes) == (encoding != "utf-8-sig")


def test_an_old_encoding_is_asked_unless_words_tell_it(read):
    content = "uCode;GDP;CO2;uName\nA;1;2;Évry\n".encode("windows-1252")
    assert read(content).problems == [("encoding", 2, None)]
    outcome = read(content, encoding="windows-1252")
    assert (outcome.sheet.rows[0].cells["uName"], outcome.notes["encoding"]) == ("Évry", {"encoding": "windows-1252"})
    outcome = read(content, layout=Layout(("uCode",), words=("Évry",)))
    assert outcome.notes["encoding_fits"] == {"encoding": "windows-1252"}
    assert outcome.sheet.rows[0].cells["uName"] == "Évry"


def test_arabic_is_told_by_its_words(read):
    content = "uCode;GDP;CO2;uName\nA;1;2;مدينة\n".encode("windows-1256")

    outcome = read(content, layout=Layout(("uCode",), words=("مدينة",)))
    assert outcome.sheet.rows[0].cells["uName"] == "مدينة"


def test_an_encoding_said_must_hold(read):
    content = "uCode;GDP\nÉ;1\n".encode("windows-1252")

    assert read(content, encoding="utf-8").problems == [("not_this_encoding", 2, None)]
    assert read(content, encoding="klingon").problems == [("unknown_encoding", None, None)]
    assert read(content, encoding="utf-7", is_hint=True).problems == [("not_this_encoding", 2, None)]
    assert read(content, encoding="windows-1252", is_hint=True).sheet.rows[0].cells["uCode"] == "É"
    assert read(b"\xff\xfeu\0C\0o").problems == [("not_this_encoding", 1, None)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b" \n \n", "empty_file"),
        (b",,\n,,\n", "empty_file"),
        (b"%PDF-1.7", "wrong_kind"),
        (b"uCode,GDP\nA\0,1\n", "binary"),
        (b"\x81\x8d\x00\xff", "binary"),
        (b'uCode,GDP\n"A,1\n', "broken_quotes"),
        (b"PK\x03\x04 no zip", "damaged"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 1024, "damaged"),
    ],
)
def test_what_is_no_table_is_refused_by_name(read, content, code):
    assert [problem[0] for problem in read(content).problems] == [code]


# --- rows and columns ---------------------------------------------------------------------------------------------------


def test_rows_above_the_names_are_passed_over_and_said(read):
    outcome = read("Agency of statistics\n\nYear,2020\n" + GOOD)

    assert outcome.values == VALUES
    assert outcome.notes["skipped_rows"] == {"rows": "1, 3"}
    assert read(GOOD + "uCode,GDP,CO2\n").problems == [("headers", 4, None)]


def test_names_nearly_right_are_found_below_a_title(read):
    outcome = read("Report\nuCod,GDP,CO2\nA,1,2\n")

    assert outcome.problems == [("no_column", 2, "uCode")]
    assert "did you mean uCod?" in str(outcome.found[0])


def test_row_names_of_r_are_passed_over(read):
    outcome = read('"","uCode","GDP","CO2"\n"1","A",1.5,2\n"2","B",3,4\n')

    assert (outcome.values, outcome.problems) == (VALUES, [])
    assert "row_names" in outcome.notes


def test_rows_and_columns_that_do_not_fit_are_named(read):
    outcome = read("uCode,GDP,,GDP\nA,1,x,2\nB,1\n")

    assert outcome.problems == [("nameless_column", 1, "C"), ("column_twice", 1, "GDP"), ("row_length", 3, None)]


def test_empty_columns_at_the_end_are_nothing(read):
    assert read("uCode,GDP,CO2,,\nA,1.5,2,,\nB,3,4,,\n").values == VALUES


def test_a_sheet_nobody_looks_for_columns_in_has_its_first_row_as_names(read):
    assert read("a,b\n1,2\n", layout=ANY).sheet.columns == ("a", "b")


# --- workbooks ----------------------------------------------------------------------------------------------------------

ROWS_ = [["uCode", "GDP", "CO2"], ["A", 1.5, 2], ["B", 3, 4]]


def test_the_visible_sheet_with_the_columns_is_read(read, book):
    def hide(workbook):
        workbook["Old"].sheet_state = "hidden"

    content = book(hide, Old=ROWS_, Notes=[["Written by hand"]], Data=ROWS_)
    outcome = read(content)

    assert outcome.values == VALUES
    assert outcome.notes["sheet"]["sheet"] == "Data"
    assert read(content, sheet="Old").problems == [("hidden_sheet", None, None)]
    assert read(content, sheet="Older").problems == [("no_such_sheet", None, None)]
    assert read(content, sheet="Old", is_hint=True).values == VALUES
    assert read(content, sheet="notes").problems == [("no_column_here", 1, "uCode")]


def test_two_sheets_that_fit_are_a_choice(read, book):
    content = book(One=ROWS_, Two=[*ROWS_, ["C", 5, 6]])

    assert read(content).problems == [("sheets", None, None)]
    assert read(content, sheet="two").values["GDP"] == [1.5, 3, 5]


def test_a_workbook_without_anything_to_see_is_refused(read, book):
    def hide(workbook):
        workbook["Old"].sheet_state = "hidden"

    assert read(book(hide, Old=ROWS_, Empty=[])).problems == [("no_visible_sheet", None, None)]


def test_a_sheet_without_the_columns_names_the_sheets(read, book):
    (found,) = read(book(One=[["x", "y"], [1, 2]], Two=[["z"]])).found

    assert (found.code, found.sheet, found.facts["sheets"]) == ("no_column_here", "One", "One, Two")


def test_marks_of_a_workbook_are_told_by_cell(read, book):
    def mark(workbook):
        sheet = workbook["Data"]
        sheet["B2"].number_format = sheet["B3"].number_format = "0.0%"
        sheet["C2"] = "=1+1"
        sheet["C3"] = "#DIV/0!"
        sheet["C3"].data_type = "e"
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].hidden = True
        sheet.column_dimensions["Z"].hidden = True
        sheet["A5"] = "C"
        sheet.merge_cells("A5:A6")
        sheet["C7"] = "=2+2"

    outcome = read(book(mark, Data=ROWS_))

    assert outcome.values["GDP"][:2] == [150, 300]
    assert outcome.problems == [
        ("error_cell", 3, "CO2"),
        ("uncomputed", 2, "CO2"),
        ("uncomputed", 7, "CO2"),
        ("merged", 5, "uCode"),
    ]
    assert outcome.notes["hidden"] == {"places": "3, C"}
    assert "percent" in outcome.notes


def test_titles_merged_above_the_table_hide_nothing(read, book):
    def mark(workbook):
        workbook["Data"].merge_cells("A1:C1")

    outcome = read(book(mark, Data=[["Report", None, None], *ROWS_]))
    assert (outcome.values, outcome.problems) == (VALUES, [])


def test_cells_of_workbooks_are_written_as_csv_would_hold_them(read, book):
    content = book(
        Data=[["uCode", "GDP", "Time"], [True, 2**60, date(2025, 1, 3)], ["B", 0.1, datetime(2025, 1, 3, 4, 5)]]  # noqa: DTZ001 - as a spreadsheet has it
    )
    cells = [row.cells for row in read(content).sheet.rows]

    assert [one["uCode"] for one in cells] == ["True", "B"]
    assert [one["Time"] for one in cells] == ["2025-01-03", "2025-01-03T04:05:00"]
    assert cells[1]["GDP"] == "0.1"


OLD = Path(__file__).parent / "files"


def test_old_workbooks_are_read_and_their_errors_found(read):
    outcome = read((OLD / "old.xls").read_bytes(), name="old.xls")

    assert outcome.values["CO2"][:2] == [2, 4]
    assert outcome.problems == [("error_cell", 3, "GDP"), ("merged", 4, "uCode")]
    assert "hidden_unknown" in outcome.notes


def open_document(rows, name="Data"):
    """Write an ODS file of these rows of XML."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" office:version="1.3">'
        f'<office:body><office:spreadsheet><table:table table:name="{name}">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", text)
        packed.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return out.getvalue()


def text_cell(text, more=""):
    return f'<table:table-cell office:value-type="string"{more}><text:p>{text}</text:p></table:table-cell>'


def number_cell(value):
    return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'


def row(*cells, more=""):
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


HEADER = row(*map(text_cell, ("uCode", "GDP", "CO2")))


def test_open_documents_are_read_and_their_marks_found(read):
    error = text_cell("#DIV/0!", ' calcext:value-type="error"')
    merged = text_cell("C", ' table:number-rows-spanned="2" table:number-columns-spanned="1"')
    content = open_document(
        HEADER
        + row(text_cell("A"), number_cell(1.5), number_cell(2))
        + row(text_cell("B"), error, number_cell(4))
        + row(merged, number_cell(1), number_cell(1))
        + row("<table:covered-table-cell/>", number_cell(1), number_cell(1))
    )
    outcome = read(content, name="sent.ods")

    assert outcome.values["CO2"] == [2, 4, 1, 1]
    assert {problem[:3] for problem in outcome.problems} >= {("error_cell", 3, "GDP"), ("merged", 4, "uCode")}
    assert "hidden_unknown" in outcome.notes


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (row(text_cell("x", f' table:number-columns-repeated="{COLUMNS + 1}"')), "too_many_columns"),
        (row(text_cell("x"), more=f' table:number-rows-repeated="{ROWS + 1}"'), "too_many_rows"),
        (
            row(text_cell("x", ' table:number-columns-repeated="2000"'), more=' table:number-rows-repeated="100000"'),
            "too_many_cells",
        ),
        ("<table:table-row>", "damaged"),
    ],
)
def test_open_documents_too_large_or_broken_are_refused(read, rows, code):
    assert [problem[0] for problem in read(open_document(HEADER + rows), name="sent.ods").problems] == [code]


def test_entities_are_not_read(read):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("content.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')

    assert [problem[0] for problem in read(out.getvalue()).problems] == ["damaged"]
