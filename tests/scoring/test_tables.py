"""Files in and out: what is read is what was written, and every bad file says where it is wrong."""

import csv
import io
import json

import numpy as np
import pytest
from openpyxl import Workbook

from exchange.options import FileReading, ReadingOptions
from exchange.problems import FileProblem, FileProblemsError
from scoring.files.results import consensus_files, score_files, write_files
from scoring.files.tables import read_data, read_weights, write_data
from scoring.management.base import read_file
from scoring.numerics.pipeline import score, weigh
from scoring.numerics.types import CompositeRecipe, ConsensusMethod, Screen, Tree, TreeCriterion
from surveys.files.judgements import read_judgements

TREE = Tree(
    (
        TreeCriterion("index", None),
        TreeCriterion("GDP", "index", is_indicator=True, denominator="Pop"),
        TreeCriterion("CO2", "index", is_indicator=True, direction=-1),
    )
)
GOOD = "uCode,uName,Time,Region,Pop,GDP,CO2\nA,Älpha,2024,N,10,1.5,2\nB,Beta,2024,S,20,,3e1\n"


@pytest.fixture
def file():
    def write(content, name="data.csv"):
        return name, content if isinstance(content, bytes) else content.encode()

    return write


@pytest.fixture
def book():
    def write(rows):
        workbook = Workbook()
        for row in rows:
            workbook.active.append(row)
        out = io.BytesIO()
        workbook.save(out)
        return "data.xlsx", out.getvalue()

    return write


def read_sent(name, content, tree):
    """Read a file as one from outside is."""
    return read_data(name, content, tree, reading=FileReading(ReadingOptions()))


def problems(file, reader=read_sent):
    with pytest.raises(FileProblemsError) as refused:
        reader(*file, TREE)
    return refused.value.problems


def same(table, other):
    assert (table.units, table.names, table.times) == (other.units, other.names, other.times)
    assert (table.columns, table.groups) == (other.columns, other.groups)
    assert np.array_equal(table.values, other.values, equal_nan=True)
    assert np.array_equal(table.denominators["Pop"], other.denominators["Pop"])


def test_data_file_is_read_whole(file):
    table = read_data(*file(GOOD), TREE)
    assert (table.units, table.names, table.times) == (("A", "B"), ("Älpha", "Beta"), ("2024", "2024"))
    assert table.groups == {"Region": ("N", "S")}
    assert table.denominators["Pop"].tolist() == [10, 20]
    assert np.array_equal(table.values, [[1.5, 2], [np.nan, 30]], equal_nan=True)


@pytest.mark.parametrize(
    "other",
    [
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        GOOD + ",,,,,,\n\n",
        GOOD.replace("1.5", '" 1.50 "'),
    ],
)
def test_dialects_of_csv_say_the_same(file, other):
    same(read_sent(*file(other), TREE), read_data(*file(GOOD, "good.csv"), TREE))


def test_xlsx_says_the_same_as_csv(file, book):
    rows = [line.split(",") for line in GOOD.splitlines()]
    typed = [rows[0], ["A", "Älpha", 2024, "N", 10, 1.5, 2], ["B", "Beta", 2024, "S", 20, None, 30.0]]
    same(read_sent(*book(typed), TREE), read_data(*file(GOOD), TREE))


def test_labels_may_be_left_out(file):
    table = read_data(*file("uCode,GDP,CO2\nA,1,2\n"), TREE)
    assert (table.names, table.times, table.denominators) == (("A",), ("",), {})


@pytest.mark.parametrize(
    ("old", "new", "row", "column", "says"),
    [
        ("1.5", "n/a", 2, "GDP", "if it means that a value is missing, say so, got n/a"),
        ("3e1", '"1,5"', 3, "CO2", "is not a number as the rest of the file writes numbers (1.5)"),
        ("1.5", "1e400", 2, "GDP", "too large"),
        ("1.5", "inf", 2, "GDP", "not a number"),
        ("1.5", "nan", 2, "GDP", "if it means that a value is missing, say so, got nan"),
        ("1.5", "1_000", 2, "GDP", "not a number"),
        ("1.5", "٣x", 2, "GDP", "not a number"),
        ("20,", "many,", 3, "Pop", "not a number"),
        ("B,", "A,", 3, "uCode", "A at 2024 stands in row 2 and again here"),
        ("B,", ",", 3, "uCode", "has no code"),
        ("CO2", "CO2e", 1, "CO2", "the indicator has no column; did you mean CO2e?"),
        ("Region", "GDP", 1, "GDP", "stands twice"),
        ("Region", "", 1, "D", "has no name"),
        ("3e1", "3e1,9", 3, None, "another number of cells, allowed 7 as in the header, got 8"),
        (",3e1", "", 3, None, "another number of cells"),
    ],
)
def test_bad_cell_is_refused_with_row_and_column(file, old, new, row, column, says):
    found = problems(file(GOOD.replace(old, new, 1)))
    assert (found[0].row, found[0].column) == (row, column)
    assert says in str(found[0])


def test_column_nobody_knows_after_the_indicators_is_refused(file):
    (problem,) = problems(file("uCode,GDP,CO2,CO3\nA,1,2,3\n"))
    assert str(problem).startswith("data.csv:1:CO3: the framework names no such column; did you mean CO2?, allowed")


def test_column_the_framework_names_as_other_is_kept_anywhere(file):
    table = read_data(*file("uCode,GDP,CO2,Notes\nA,1,2,hi\n"), TREE, others=("Notes",))
    assert table.groups == {"Notes": ("hi",)}


def test_all_problems_come_at_once_in_the_order_of_the_file(file):
    found = problems(file("uCode,GDP,CO2\nA,x,1\nA,1,y\n"))
    assert [(one.row, one.column) for one in found] == [(2, "GDP"), (3, "uCode"), (3, "CO2")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"%PDF-1.7 ...", "allowed CSV, XLSX, XLS or ODS, got PDF"),
        (b"\xd0\xcf\x11\xe0....", "damaged"),
        (b"\xff\xfeu\0C\0x", "the text is not utf-16"),
        (b"PK\x03\x04 no zip", "the file is damaged, or is another packed file"),
        (b"uCode,GDP,CO2\n\0\0", "a character that no text has"),
        ("uCode,GDP,CO2\nM\xfcnchen,1,2\n".encode("latin-1"), "2:: the text is not UTF-8 and could be windows-1252"),
        (b'uCode,GDP,CO2\n"A"x,1,2\n', "2:: the quotes or line ends are broken"),
        (b"uCode,GDP,CO2\n", "there is no unit"),
    ],
)
def test_file_of_another_kind_is_refused(file, content, says):
    assert says in str(problems(file(content))[0])


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(FileProblemsError, match=r"none\.csv::: cannot be read"):
        read_file(tmp_path / "none.csv")


def test_formula_never_computed_is_refused_with_its_cell(book):
    (problem,) = problems(book([["uCode", "GDP", "CO2"], ["A", "=1+1", 2]]))
    assert (problem.row, problem.column) == (2, "GDP")
    assert "never computed" in problem.what


def test_error_in_a_cell_is_refused_with_its_cell(book):
    (problem,) = problems(book([["uCode", "GDP", "CO2"], ["A", 1, "#DIV/0!"]]))
    assert str(problem) == "data.xlsx:2:CO2: the cell holds an error, allowed a value, got #DIV/0!"


def test_data_written_read_back_the_same(file):
    table = read_data(*file(GOOD.replace("1.5", "0.1234567890123456")), TREE)
    same(table, read_data(*file(write_data(table), "again.csv"), TREE))


def test_weights_written_read_back_at_twelve_digits(file):
    panel = read_judgements(*file("expert,node,a,b,value\nE1,index,GDP,CO2,1/2\n", "judgements.csv"), TREE)
    text = consensus_files(weigh(panel, ConsensusMethod()), TREE)["weights.csv"]
    third, rest = 0.333333333333, 0.666666666667
    assert read_weights(*file(text, "weights.csv"), TREE) == {"index": 1.0, "GDP": third, "CO2": rest}
    assert text.splitlines() == [
        "iCode,Parent,local_weight,global_weight,low,high",
        "index,,1,1,,",
        f"GDP,index,{third},{third},,",
        f"CO2,index,{rest},{rest},,",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("iCode,local_weight\nGDP,1\n", "there is no weight for CO2"),
        ("iCode,local_weight\nGDP,1\nCO2,-1\n", "weights.csv:3:local_weight: the weight is missing or negative"),
        ("iCode,local_weight\nGDP,1\nCO2,\n", "missing or negative"),
        ("iCode,local_weight\nGDP,x\nCO2,1\n", "2:local_weight: is not a number"),
        ("iCode,local_weight\nGDP,1\nGDP,1\nCO2,1\n", "3:iCode: GDP stands in row 2 and again here"),
        ("iCode,local_weight\nGDP,1\nCO2,1\nCO3,1\n", "CO3 is not in the framework; did you mean CO2?"),
        ("iCode,Parent,local_weight\nGDP,index,1\nCO2,GDP,1\n", "3:Parent: CO2 has another parent"),
        ("iCode,weight\nGDP,1\nCO2,1\n", "1:weight: unknown column; did you mean local_weight?"),
    ],
)
def test_bad_weights_are_refused_with_their_place(file, content, says):
    assert any(says in str(one) for one in problems(file(content, "weights.csv"), read_weights))


def test_scores_are_written_by_rank_and_missing_ones_empty(tmp_path, file):
    data = file("uCode,uName,GDP,CO2\nA,a,1,5\nB,b,2,\nC,c,5,1\nD,d,,\n")
    scored = score(read_data(*data, TREE), TREE, None, CompositeRecipe(screen=Screen(0, 0)))
    write_files(tmp_path / "out", score_files(scored, TREE))
    with (tmp_path / "out" / "scores.csv").open(newline="") as written:
        rows = list(csv.reader(written))
    assert rows[0] == [
        *("uCode", "uName", "rank", "tier", "rank_low", "rank_high", "rank_joint_low", "rank_joint_high"),
        *("score", "index"),
    ]
    assert [row[:4] for row in rows[1:]] == [
        ["C", "c", "1", "3"],
        ["B", "b", "2", "4"],
        ["A", "a", "3", "4"],
        ["D", "d", "", ""],
    ]
    assert [row[8] for row in rows[1:]] == ["100", "25", "0", ""]
    steps = sorted(path.name for path in (tmp_path / "out" / "steps").iterdir())
    assert steps == ["1_denominated.csv", "2_screened.csv", "3_imputed.csv", "4_treated.csv", "5_normalised.csv"]
    again = read_data(*read_file(tmp_path / "out" / "steps" / "5_normalised.csv"), TREE)
    assert np.array_equal(again.values, scored.steps["normalised"].values, equal_nan=True)


def test_summary_lists_what_was_left_out(tmp_path, file):
    data = file("uCode,GDP,CO2\nA,1,5\nB,2,\nC,4,1\n")
    write_files(tmp_path, score_files(score(read_data(*data, TREE), TREE, None, CompositeRecipe()), TREE))
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["dropped"] == [{"kind": "unit", "code": "B", "share": 0.5, "needed": 0.65}]
    assert (summary["units"], summary["ranked"]) == (2, 2)


def test_problem_without_place_is_still_one_line():
    assert str(FileProblem("a.csv", "empty_file")) == "a.csv::: the file is empty"
