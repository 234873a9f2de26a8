"""Cells that somebody pastes are read as a framework, whatever their form; what is wrong is told by row and column."""

import pytest

from exchange.problems import FileProblemsError
from surveys.errors import CriterionError
from surveys.files.framework import read_framework, write_framework
from surveys.files.pasted_framework import read_pasted, write_hierarchy
from surveys.files.shipped_frameworks import BY_KEY, SHIPPED
from surveys.values.framework import FrameworkRow, tree_of
from surveys.values.framework_edits import settled
from tests.surveys.conftest import small_framework

NAMES = {"en": "Smart city"}


def read(text, **more):
    return [(row.code, row.parent) for row in read_pasted(text, names=NAMES, **more)]


TABLE = [
    ["iCode", "Parent", "Type", "iName", "iName_fr", "iname_zh_Hans", "Unit", "Direction"],
    ["R", "", "Aggregate", "City", "Ville", "城市", "", ""],
    ["GDP", "R", "Indicator", 'Gross "domestic", product', "PIB", "", "USD", "-1"],
]


@pytest.mark.parametrize("separator", ["\t", ";", ","])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_table_in_several_languages_is_read(separator, end):
    quoted = [['"{}"'.format(cell.replace('"', '""')) for cell in row] for row in TABLE]
    rows = read_pasted(end.join(separator.join(row) for row in quoted), names=NAMES)

    assert rows[0].names == {"en": "City", "fr": "Ville", "zh-hans": "城市"}
    assert (rows[1].names["en"], rows[1].unit, rows[1].direction) == ('Gross "domestic", product', "USD", -1)
    assert [row.level for row in rows] == [2, 1]


def test_cells_left_out_at_the_end_of_a_row_are_empty():
    assert read("iCode\tParent\tType\tiName\nA\tR\tIndicator\nR\t\tAggregate") == [("R", None), ("A", "R")]


def test_what_is_wrong_with_a_table_is_told_in_its_own_rows():
    text = "\niCode\tParent\tType\tiName\n\nR\t\tAggregate\tx\nA\tQ\tIndicator\tx\n\n\nA\tR\tIndicatr\tx\nB\tR\tAggregate\tx"
    with pytest.raises(FileProblemsError) as refused:
        read_pasted(text, names=NAMES)

    told = [(one.code, one.row, one.column) for one in refused.value.problems]
    assert told == [("no_parent", 5, "Parent"), ("unknown_type", 8, "Type"), ("code_twice", 8, "iCode")]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("R,,Aggregate\nA,R,Indicator\nX,Y,Aggregate\nY,X,Aggregate", ("tree_cycle", None)),
        ("R,,Aggregate\nA,R,Indicator\nS,,Indicator", ("tree_roots", None)),
        ("R,,Aggregate\nA,R,Aggregate", ("childless", 3)),
        ("R,,Aggregate\nA,R,Indicator\nB,A,Indicator", ("below_indicator", 3)),
        ("R,,Aggregate\nA,G,Indicator\nB,R,Indicator\nG,,Group", ("tree", 3)),
    ],
    ids=["cycle", "two tops", "empty group", "below an indicator", "below a group of units"],
)
def test_table_that_is_no_tree_is_refused(rows, told):
    with pytest.raises(FileProblemsError) as refused:
        read_pasted(f"iCode,Parent,Type\n{rows}", names=NAMES)

    (problem,) = refused.value.problems
    assert (problem.code, problem.row) == told
    assert problem.what != problem.code


DIGITAL = [("SmartCity", None), ("Digital", "SmartCity"), ("InternetUsers", "Digital"), ("Broadband", "Digital")]
DIGITAL += [("Economy", "SmartCity"), ("Gdp", "Economy")]


@pytest.mark.parametrize(
    "text",
    [
        "Smart city\n\tDigital\n\t\tInternet users\n\t\tBroadband\n\tEconomy\n\t\tGDP\n",
        "Smart city\n  Digital\n    Internet users\n    Broadband\n\n  Economy\n     GDP",
        "Smart city\tDigital\tInternet users\nSmart city\tDigital\tBroadband\nSmart city\tEconomy\tGDP\t",
        "Smart city\tDigital\tInternet users\n\t\tBroadband\n\tEconomy\tGDP\n",
        "Digital\tInternet users\n\tBroadband\nEconomy\tGDP\n",
        "Smart city: Digital=0.6, Economy=0.4;\nDigital: Internet users, Broadband;\nEconomy: GDP;",
    ],
    ids=["tabs", "spaces", "full paths", "paths left out", "several tops", "AHP-OS"],
)
def test_outline_is_read(text):
    assert read(text) == DIGITAL


def test_leaves_of_an_outline_are_indicators():
    rows = read_pasted("Top\n\tA\n\t\ta\n\tB", names=NAMES, language="ar")

    assert {row.code: (row.kind, row.level) for row in rows} == {
        "Top": ("Aggregate", 3),
        "A": ("Aggregate", 2),
        "A2": ("Indicator", 1),
        "B": ("Indicator", 1),
    }
    assert rows[0].names == {"ar": "Top"}


def test_criterion_of_the_same_name_keeps_its_code_and_all_that_is_known():
    stands = [
        *small_framework()[:-1],
        FrameworkRow("C1", "C", names={"en": "Clean air", "ar": "هواء"}, unit="µg", direction=-1),
        FrameworkRow("G", kind="Group", names={"en": "Clean air"}),
    ]
    rows = {row.code: row for row in read_pasted("Smart city\n\tهواء\n\tNew", names=NAMES, stands=stands)}

    assert list(rows) == ["Root", "C1", "New", "G"]
    assert (rows["C1"].unit, rows["C1"].direction, rows["C1"].parent) == ("µg", -1, "Root")
    assert rows["Root"].names["ar"] == "مدينة ذكية"


def test_equal_names_are_two_criteria():
    assert read("T\n\tA\n\t\tOther\n\tB\n\t\tOther") == [
        ("T", None), ("A", "T"), ("Other", "A"), ("B", "T"), ("Other2", "B"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        (" \n\t\n", "empty_file", None),
        ("Top\n\n\t\t\tfar", "indented_too_far", 3),
        ("A: B; B: A;", "no_top", None),
        ('Top\n\t"broken', "broken_quotes", 2),
    ],
)
def test_outline_that_cannot_be_read_is_refused(text, code, row):
    with pytest.raises(FileProblemsError) as refused:
        read_pasted(text, names=NAMES)

    assert [(one.code, one.row) for one in refused.value.problems] == [(code, row)]


def test_hierarchy_that_runs_in_a_circle_below_its_top_ends():
    assert read("G: A; A: B; B: A, c;")[:3] == [("G", None), ("A", "G"), ("B", "A")]


@pytest.mark.parametrize("cells", ["{long}\tR\tIndicator\t", "A\tR\tIndicator\t{long}"], ids=["code", "unit"])
def test_texts_that_no_row_can_keep_are_refused(cells):
    with pytest.raises(CriterionError) as refused:
        read("iCode\tParent\tType\tUnit\nR\t\tAggregate\t\n" + cells.format(long="x" * 201))

    assert refused.value.facts["why"] == "too_long"


def test_too_many_rows_are_refused():
    with pytest.raises(CriterionError) as refused:
        read("\n".join(["Top", *(f"\tC{number}" for number in range(600))]))

    assert refused.value.facts["why"] == "too_many"


def test_hierarchy_goes_out_and_comes_in():
    rows = settled(
        [
            FrameworkRow("R", kind="Aggregate", names={"en": "Cities: 1, 2; 3 = all"}),
            FrameworkRow("A", "R", kind="Aggregate", names={"fr": "Air"}),
            FrameworkRow("a1", "A", names={"en": "Same"}),
            FrameworkRow("a2", "A", names={"en": "Same", "fr": "Autre"}),
        ]
    )

    assert write_hierarchy(rows) == "Cities 1 2 3 all: A;\nA: a1, a2;\n"
    assert write_hierarchy(rows, "fr") == "Cities 1 2 3 all: Air;\nAir: Same, Autre;\n"
    assert read(write_hierarchy(rows, "fr"), stands=rows) == [
        ("Cities12", None),
        ("A", "Cities12"),
        ("a1", "A"),
        ("a2", "A"),
    ]


# --- what comes with the program ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda one: one.key)
def test_shipped_framework_is_one_tree_named_in_six_languages(shipped):
    tree = tree_of(shipped.rows)
    spoken = {frozenset(row.names) for row in shipped.rows}

    assert spoken == {frozenset({"ar", "en", "fr", "pt", "ru", "zh-hans"})}
    assert len(tree.indicators) == shipped.indicators > 10
    assert all(row.extra["StandardCode"] for row in shipped.rows)
    assert settled(shipped.rows) == settled(read_framework("again.csv", write_framework(shipped.rows).encode()))
    assert not any(row.definitions for row in shipped.rows)  # no text of a standard


def test_shipped_indicators_have_the_codes_of_their_standards():
    rows = {row.code: row for row in BY_KEY["sdg11"].rows}
    codes = {row.extra["StandardCode"] for row in rows.values() if row.kind == "Indicator"}

    assert "11.6.2" in {code.removeprefix("SDG ") for code in codes}
    assert set(BY_KEY) == {"sdg11", "u4ssc_core", "u4ssc"}
    assert BY_KEY["u4ssc"].indicators == 91
