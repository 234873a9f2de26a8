"""Text in cells: no spreadsheet takes it for a formula, and every text is read back as it was."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.cells import guarded, is_formula, unguarded
from exchange.sheets import read_sheet
from exchange.tables import TableError, csv_records, csv_rows, csv_table, csv_text, rewritten

TEXTS = st.text(
    st.one_of(st.sampled_from("=+-@\t\r\n'\",;1.eE A"), st.characters(codec="utf-8", exclude_characters="\0")),
    max_size=12,
)
NUMBERS = ("-3.5", "+1", "-1e5", "-.5", "+2.", "-1E-05", "0")


@pytest.mark.parametrize(
    "text", ["=1", "+1+1", "-1-1", "@x", "\t=1", "\r=1", "=", "-", "+", "-7/6", "-1,5", "-inf", "-١"]
)
def test_what_begins_like_a_formula_is_guarded(text):
    assert (guarded(text), unguarded(f"'{text}")) == (f"'{text}", text)


@pytest.mark.parametrize("text", ["'", "'s-Hertogenbosch", "'=1", "''"])
def test_what_begins_with_the_guard_is_guarded_too(text):
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Mobility", "a=1", " =1", *NUMBERS])
def test_plain_texts_and_numbers_stay(text):
    assert (guarded(text), unguarded(text)) == (text, text)


def test_apostrophe_that_guards_nothing_stays():
    assert [unguarded(cell) for cell in ("'", "'s-Hertogenbosch", "'1")] == ["'", "'s-Hertogenbosch", "'1"]


@given(TEXTS)
def test_every_text_comes_back_and_none_is_a_formula(text):
    assert unguarded(guarded(text)) == text
    assert not is_formula(guarded(text))


@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=4))
def test_every_table_comes_back_and_none_has_a_formula(rows):
    text = csv_text(rows[0], rows[1:])

    assert list(csv_rows(text)) == rows
    assert not [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row if is_formula(cell)]
    assert rewritten(text) == text


@given(st.lists(st.lists(TEXTS.map(str.strip), min_size=2, max_size=2), min_size=1, max_size=3))
def test_file_sent_back_is_read_as_it_was(rows):
    rows = [row for row in rows if any(row)]
    read = read_sheet("sent.csv", csv_text(("=a", "'b"), rows).encode())

    assert (read.columns, [list(row.cells.values()) for row in read.rows]) == (("=a", "'b"), rows)


def test_numbers_are_written_as_they_are():
    assert csv_text(("a", "b", "c"), [(-3.5, -1, None)]) == "a,b,c\n-3.5,-1,\n"


def test_rows_that_end_early_have_empty_cells_and_empty_ones_are_none():
    header, rows = csv_table("'=a,b\n1\n\n'-x,''y\n")

    assert (header, list(rows)) == (["=a", "b"], [{"=a": "1", "b": ""}, {"=a": "-x", "b": "'y"}])
    assert list(csv_records("")) == []


def test_table_of_older_code_is_taken_as_it_stands():
    assert list(csv_rows("'=a,=b\n", is_guarded=False)) == [["'=a", "=b"]]
    assert rewritten("'=a,=b,-1\n", is_guarded=False) == "''=a,'=b,-1\n"
    assert rewritten("'=a,=b,-1\n") == "'=a,'=b,-1\n"
    with pytest.raises(TableError):
        rewritten("a,b\rc\n")
