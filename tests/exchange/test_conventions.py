"""How numbers and texts of a file are written: the one convention that every cell fits is applied and said, else it is asked."""

import math

import pytest

from exchange.names import KnownWords, language_of
from exchange.numbers import NumberColumn, note_sentinels, read_numbers
from exchange.options import FileReading, ReadingOptions
from exchange.sheets import SheetRow, TableSheet

ROWS = "uCode;GDP;CO2\n"


@pytest.mark.parametrize(
    ("cells", "values", "notes"),
    [
        (("1.5", "2"), [1.5, 2], set()),
        (("1,5", "2"), [1.5, 2], {"decimal_comma"}),
        (("1.000,92", "1 200,5"), [1000.92, 1200.5], {"decimal_comma", "thousands"}),
        (("1,234.5", "2"), [1234.5, 2], {"thousands"}),
        (("1'234.5", "2’000.5"), [1234.5, 2000.5], {"thousands"}),
        (("12,34,567.5", "1"), [1234567.5, 1], {"thousands"}),
        (("1.234.567", "2"), [1234567, 2], {"decimal_comma", "thousands"}),
        (("0,123", "2"), [0.123, 2], {"decimal_comma"}),
        (("0.123", "2"), [0.123, 2], set()),
        (("١٢٫٥", "١٬٢٣٤"), [12.5, 1234], {"digits", "thousands"}),
        (("１２．５", "－３"), [12.5, -3], {"digits"}),
        (("\N{MINUS SIGN}3.5", "1e-3"), [-3.5, 0.001], set()),
        (("1,5e3", "+2"), [1500, 2], {"decimal_comma"}),
        (("45 %", "45.5%"), [45, 45.5], {"percent"}),
        (("٤٥٪", "3%"), [45, 3], {"percent", "digits"}),
        (("1\N{NARROW NO-BREAK SPACE}000", "2"), [1000, 2], {"thousands"}),
        (("NA", ""), [math.nan, math.nan], set()),
    ],
)
def test_the_one_convention_that_fits_is_applied_and_said(read, cells, values, notes):
    outcome = read(f"{ROWS}A;{cells[0]};1\nB;{cells[1]};1\n")

    assert outcome.problems == []
    assert outcome.values["GDP"] == pytest.approx(values, nan_ok=True)
    assert set(outcome.notes) - {"separator"} == notes


@pytest.mark.parametrize("cells", [("1,234", "2"), ("1.234", "2"), ("12.345", "678.901")])
def test_what_can_be_read_in_two_ways_is_asked(read, cells):
    table = f"{ROWS}A;{cells[0]};1\nB;{cells[1]};1\n"
    assert read(table).problems == [("decimal", 2, "GDP")]

    point, comma = (read(table, decimal=sign).values["GDP"][0] for sign in ".,")
    assert {point, comma} == {float(cells[0].replace(",", "").replace(".", "")), float(cells[0].replace(",", "."))}


def test_the_sign_of_thousands_says_the_decimal_sign(read):
    table = f"{ROWS}A;1,234;1\n"

    assert read(table, thousands=",").values["GDP"] == [1234]
    assert read(table, thousands=".").values["GDP"] == [1.234]
    assert read(f"{ROWS}A;1 234;1\n", thousands="").problems == [("not_number", 2, "GDP")]


def test_what_is_said_must_hold_for_the_file_itself_and_helps_others(read):
    table = f"{ROWS}A;1.5;1\n"

    assert read(table, decimal=",").problems == [("not_number", 2, "GDP")]
    assert read(table, decimal=",", is_hint=True).values["GDP"] == [1.5]
    assert read(f"{ROWS}A;1.234;1\n", decimal=",", is_hint=True).values["GDP"] == [1234]


def test_cells_written_in_another_way_than_the_rest_are_wrong(read):
    outcome = read(f"{ROWS}A;1.5;1\nB;2.5;1\nC;3,5;1\nD;x1;1\n")

    assert outcome.problems == [("not_number_here", 4, "GDP"), ("not_number", 5, "GDP")]
    assert "1.5" in str(outcome.found[0])


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1e999", "number_large"),
        ("2024-01-03", "date_number"),
        ("3-Jan", "date_number"),
        ("janv.-03", "date_number"),
        ("01/02/2025", "date_number"),
        ("1.2.3", "not_number"),
        ("1,23,4", "not_number"),
        ("--5", "not_number"),
        ("0x10", "not_number"),
        ("..", "missing_marker"),
        ("n/a", "missing_marker"),
        ("\N{EM DASH}", "missing_marker"),
    ],
)
def test_what_is_no_number_is_refused_by_what_it_seems(read, cell, code):
    assert read(f"{ROWS}A;{cell};1\n").problems == [(code, 2, "GDP")]


def test_markers_are_asked_once_a_file_and_read_where_they_are_said(read):
    table = f"{ROWS}A;..;n/a\nB;..;1\nC;4;2\n"
    outcome = read(table)
    assert outcome.problems == [("missing_marker", 2, "GDP"), ("missing_marker", 2, "CO2")]
    assert "cells: 2" in str(outcome.found[0])

    outcome = read(table, missing=("..", "n/a"))
    assert outcome.problems == []
    assert outcome.values["GDP"] == pytest.approx([math.nan, math.nan, 4], nan_ok=True)
    assert outcome.notes["missing"] == {"marker": "n/a", "count": 1}


def test_percent_signs_stand_in_all_cells_of_a_column_or_in_none(read):
    few = read(f"{ROWS}A;45 %;1\nB;0.5;1\nC;0.4;1\n")
    assert few.problems == [("percent", 2, "GDP")]
    many = read(f"{ROWS}A;45 %;1\nB;50 %;1\nC;0.4;1\n")
    assert many.problems == [("percent", 4, "GDP")]


@pytest.mark.parametrize(
    ("value", "others", "noted"),
    [("999", (1, 2, 3, 5), True), ("-99", (1, 2, 3, 5), True), ("99", (80, 90, 95, 70), False), ("999", (1, 2), False)],
)
def test_a_sentinel_far_outside_is_noted(value, others, noted):
    rows = tuple(SheetRow(row, {"GDP": str(one)}) for row, one in enumerate((*others, value, ""), start=2))
    values = [*map(float, others), float(value), math.nan]
    reading = FileReading(ReadingOptions())
    note_sentinels(TableSheet("sent.csv", ("GDP",), rows), {"GDP": values}, reading)

    assert [note.code for note in reading.notes] == ["sentinel"] * noted


RATIO = NumberColumn(is_ratio=True, low=1 / 9, high=9, not_number="not_ratio", date="date_ratio", outside="ratio_range")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/3", 1 / 3),
        ("0,111", 0.111),
        ("1/2,5", 0.4),
        ("9", 9),
        ("0.1", 0.1),
        ("2.570", 2.57),
        ("1\N{FRACTION SLASH}3", 1 / 3),
    ],
)
def test_ratios_are_within_the_range_as_printed(text, value):
    assert _ratio(text) == (pytest.approx(value), [])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("10", "ratio_range"),
        ("1/10", "ratio_range"),
        ("9.1", "ratio_range"),
        ("0.09", "ratio_range"),
        ("-3", "ratio_range"),
        ("1/0", "not_ratio"),
        ("1/x", "not_ratio"),
        ("3-Jan", "date_ratio"),
        ("45%", "not_ratio"),
    ],
)
def test_ratios_outside_are_refused(text, code):
    assert _ratio(text)[1] == [code]


def test_the_range_may_tell_how_a_ratio_is_written():
    assert _ratio("3,000") == (3, [])
    assert _ratio("3.000") == (3, [])


def _ratio(text):
    sheet = TableSheet("sent.csv", ("value",), (SheetRow(2, {"value": text}),))
    problems = []
    read = read_numbers(sheet, {"value": RATIO}, FileReading(ReadingOptions()), problems)
    return read.values["value"][0], [one.code for one in problems]


@pytest.mark.parametrize("alone", ["%", "%%", "\N{ARABIC PERCENT SIGN}"])
def test_a_percent_sign_alone_is_no_number(read, alone):
    outcome = read(f"uCode,GDP,CO2\nU1,5%,1\nU2,{alone},2\nU3,7%,3\n")

    assert outcome.problems == [("not_number", 3, "GDP")]


def test_an_open_range_leaves_its_end_out():
    column = NumberColumn(low=0, is_open=True)

    assert not column.holds(0.0, 0.1)
    assert column.holds(0.1, 0.0)


def test_a_file_of_ours_has_decimal_points_alone():
    rows = tuple(
        SheetRow(row, {"n": text}) for row, text in enumerate(("1.5", "1,5", "", "NA", "1/3", "99", "1e999"), start=2)
    )
    problems = []
    read = read_numbers(
        TableSheet("ours.csv", ("n",), rows), {"n": NumberColumn(is_ratio=True, high=50)}, FileReading(), problems
    )

    assert read.values["n"] == pytest.approx([1.5, math.nan, math.nan, math.nan, 1 / 3, 99, math.nan], nan_ok=True)
    assert [(one.code, one.row) for one in problems] == [("not_number", 3), ("number_range", 7), ("number_large", 8)]


# --- names --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("zh_Hans", "zh-hans"),
        ("zh-hans", "zh-hans"),
        ("zh", "zh-hans"),
        ("ZH-CN", "zh-hans"),
        ("pt-BR", "pt"),
        ("FR", "fr"),
        ("zh-TW", None),
        ("zh_Hant", None),
        ("es", None),
        ("english", None),
        ("العربية", None),
    ],
)
def test_languages_are_matched_by_one_rule(text, code):
    assert language_of(text) == code


def test_words_are_found_by_any_spelling_that_one_alone_has():
    known = KnownWords(["GDP", "São Paulo", "co2", "CO2"])

    assert known.find(" gdp ") == "GDP"
    assert known.find("SÃO\N{NO-BREAK SPACE}PAULO") == "São Paulo"
    assert known.find("CO2") == "CO2"
    assert known.find("Co2") is None
    assert known.find("x") is None


def test_columns_are_known_by_any_spelling(read):
    outcome = read("ucode,gdp,uname_ZH_hans\nA,1,甲\n")
    assert outcome.sheet.columns == ("uCode", "GDP", "uName_zh-hans")

    assert read("uCode,GDP,uName_es\nA,1,a\n").problems == [("unknown_language", 1, "uName_es")]
    assert read("uCode,GDP,gdp\nA,1,1\n").problems == [("same_column", 1, "gdp")]
