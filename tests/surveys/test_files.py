"""Framework and judgement files: every form in, one form out, every problem by its place."""

import io
import json

import numpy as np
import pytest
from openpyxl import Workbook

from exchange.problems import FileProblemsError
from surveys.files.framework import other_columns, read_framework, write_framework
from surveys.files.judgements import read_judgements, write_judgements
from surveys.values.framework import tree_of

FRAMEWORK = (
    "Level,iCode,iName,iName_ar,Direction,Weight,Unit,Target,Denominator,Parent,Type,Definition,Colour\n"
    "2,Root,City,مدينة,1,1,,,,,Aggregate,,red\n"
    "1,A,Alpha,ألفا,1,2,%,,Pop,Root,Indicator,What A is,\n"
    "1,B,Beta,,-1,1,t,3.5,,Root,Indicator,,\n"
    "1,C,Gamma,,1,1,,,,Root,Indicator,,\n"
    ",Pop,Population,,1,1,,,,,Denominator,,\n"
    ",Region,Region,,1,1,,,,,Group,,\n"
)


@pytest.fixture
def file():
    def write(text, name="file.csv", encoding="utf-8"):
        return name, text.encode(encoding)

    return write


@pytest.fixture
def tree(file):
    return tree_of(read_framework(*file(FRAMEWORK, "framework.csv")))


def problems(read, *arguments):
    with pytest.raises(FileProblemsError) as caught:
        read(*arguments)
    return [str(problem) for problem in caught.value.problems]


def test_framework_is_read_whole_and_written_back(file):
    rows = read_framework(*file(FRAMEWORK))

    assert [row.code for row in rows] == ["Root", "A", "B", "C", "Pop", "Region"]
    assert rows[1].names == {"en": "Alpha", "ar": "ألفا"}
    assert (rows[1].weight, rows[1].denominator, rows[1].definitions) == (2.0, "Pop", {"en": "What A is"})
    assert (rows[2].direction, rows[2].target) == (-1, 3.5)
    assert rows[0].extra == {"Colour": "red"}
    assert other_columns(rows) == ("Pop", "Region")
    assert read_framework(*file(write_framework(rows), "again.csv")) == rows


def test_framework_in_a_workbook_is_the_same(file):
    book = Workbook()
    for line in FRAMEWORK.splitlines():
        book.active.append([cell or None for cell in line.split(",")])
    out = io.BytesIO()
    book.save(out)

    assert read_framework("framework.xlsx", out.getvalue()) == read_framework(*file(FRAMEWORK))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Root,Indicator,What", "Rot,Indicator,What", "file.csv:3:Parent: no row has this code; did you mean Root?"),
        ("1,B,", "1,A,", "file.csv:4:iCode: A stands in row 3 and again here"),
        (",-1,", ",-2,", "file.csv:4:Direction: the direction is a sign, allowed 1 or -1, got -2"),
        ("Aggregate,,red", "Agregate,,red", "file.csv:2:Type: unknown Type; did you mean Aggregate?"),
        ("1,2,%", "1,two,%", "file.csv:3:Weight: is not a number"),
        ("1,2,%", "1,-2,%", "file.csv:3:Weight: the weight is negative"),
        ("1,A,", "3,A,", "file.csv:3:Level: the level does not fit the tree, allowed 1, got 3"),
        ("iCode", "Code", "file.csv:1:iCode: the column is not there"),
        (",,,,,Aggregate", ",,,,B,Aggregate", "file.csv"),
    ],
)
def test_framework_faults_are_named_by_place(file, old, new, told):
    assert problems(read_framework, *file(FRAMEWORK.replace(old, new, 1)))[0].startswith(told)


LONG = (
    "expert,node,a,b,value,expert_weight,group,comment\n"
    "P2,Root,A,B,1/3,2,north,so\n"
    "P2,Root,A,C,0.5,2,north,\n"
    "P1,Root,B,A,3,1,south,\n"
    "P1,Root,A,C,,1,south,\n"
)


def test_long_table_is_read_and_written_back(file, tree):
    panel = read_judgements(*file(LONG), tree)

    assert (panel.experts, panel.groups, panel.expert_weights.tolist()) == (("P1", "P2"), ("south", "north"), [1, 2])
    first, second = panel.nodes[0].matrices
    assert first[0, 1] == pytest.approx(1 / 3)
    assert np.isnan(first[0, 2])
    assert (second[0, 1], second[0, 2]) == (pytest.approx(1 / 3), 0.5)
    again = read_judgements(*file(write_judgements(panel), "again.csv"), tree)
    assert np.array_equal(again.nodes[0].matrices, panel.nodes[0].matrices, equal_nan=True)


def test_same_answer_twice_is_one_in_either_direction(file, tree):
    panel = read_judgements(*file(LONG + "P1,Root,A,B,1/3,1,south,\n"), tree)

    assert panel.nodes[0].matrices[0, 0, 1] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("P1,Root,A,B,2,1,south,", "file.csv:6:value: P1 answered A and B otherwise in row 4"),
        ("P3,Root,A,B,0,1,south,", "file.csv:6:value: is not a ratio"),
        ("P3,Root,A,B,-2,1,south,", "file.csv:6:value: is not a ratio"),
        ("P3,Root,A,B,1/0,1,south,", "file.csv:6:value: is not a ratio"),
        ("P3,Root,A,B,1e400,1,south,", "file.csv:6:value: is too large for a number"),
        ('P3,Root,A,B,"1,5",1,south,', "file.csv:6:value: is not a ratio"),
        ("P3,Rot,A,B,2,1,south,", "file.csv:6:node: the framework has no such node; did you mean Root?"),
        ("P3,Root,A,Z,2,1,south,", "file.csv:6:b: Root has no such item"),
        ("P3,Root,A,A,2,1,south,", "file.csv:6:b: an item is compared with itself"),
        (",Root,A,B,2,1,south,", "file.csv:6:expert: the row has no expert"),
        ("P1,Root,B,C,2,5,south,", "file.csv:6:expert_weight: P1 has another expert_weight in row 4"),
        ("P3,Root,A,B,2,-1,south,", "file.csv:6:expert_weight: is not a weight"),
    ],
)
def test_judgement_faults_are_named_by_place(file, tree, line, told):
    assert problems(read_judgements, *file(f"{LONG}{line}\n"), tree)[0].startswith(told)


def test_value_off_a_scale_of_steps_is_refused(file, tree):
    text = LONG.replace("1/3", "12")

    assert read_judgements(*file(text), tree).nodes[0].matrices[1, 0, 1] == 12
    assert problems(read_judgements, *file(text), tree, "balanced")[0].startswith(
        "file.csv:2:value: off the balanced scale"
    )


def test_wide_form_reads_negative_as_the_first_preferred(file, tree):
    panel = read_judgements(*file("id,A_B,A_C,B_C\nR1,-3,1,5\nR2,2,NA,-9\n"), tree)

    assert panel.experts == ("R1", "R2")
    assert panel.nodes[0].matrices[0, 0].tolist() == [1, 3, 1]
    assert panel.nodes[0].matrices[0, 1, 2] == pytest.approx(1 / 5)
    assert np.isnan(panel.nodes[0].matrices[1, 0, 2])


def test_wide_form_refuses_what_is_no_step(file, tree):
    assert problems(read_judgements, *file("id,A_B,A_C,B_C\nR1,0.5,1,1\n"), tree) == [
        "file.csv:2:A_B: is not a step, allowed 1 to 9, or -1 to -9 when the first is preferred, got 0.5"
    ]


HIERARCHY = "City: Alpha=0.3, Beta=0.3, Gamma=0.4;"


def test_ahp_os_project_and_its_table_say_the_same(file, tree):
    pwc = [{"pwc_part": "Ana", "pwc_node": "City", "pwc_ab": "010", "pwc_intense": "351"}]
    project = json.dumps({"pj": [{"project_sc": "abc", "project_hText": HIERARCHY}], "pwc": pwc})
    table = f'pwc_part,pwc_node,pwc_ab,pwc_intense,project_hText\nAna,City,010,351,"{HIERARCHY}"\n'

    one, other = (read_judgements(*file(text, name), tree) for text, name in ((project, "p.json"), (table, "p.csv")))

    assert one.nodes[0].matrices[0, 0].tolist() == [1, 3, 1 / 5]
    assert np.array_equal(one.nodes[0].matrices, other.nodes[0].matrices)


@pytest.mark.parametrize(
    ("ab", "intense", "node"),
    [("01", "351", "City"), ("010", "350", "City"), ("012", "351", "City"), ("010", "351", "X")],
)
def test_ahp_os_rows_that_do_not_fit_are_refused(file, tree, ab, intense, node):
    pwc = [{"pwc_part": "Ana", "pwc_node": node, "pwc_ab": ab, "pwc_intense": intense}]
    project = {"pj": [{"project_hText": HIERARCHY}], "pwc": pwc}

    assert len(problems(read_judgements, *file(json.dumps(project), "p.json"), tree)) == 1


def test_other_json_is_refused(file, tree):
    assert "AHP-OS" in problems(read_judgements, *file('{"a": 1}', "p.json"), tree)[0]


def test_file_without_an_answer_is_refused(file, tree):
    assert problems(read_judgements, *file("expert,node,a,b,value\nP1,Root,A,B,\n"), tree) == [
        "file.csv::: nothing is answered"
    ]
    assert problems(read_judgements, *file("expert,node,a,b,value\n"), tree) == [
        "file.csv::: there is no judgement below the header"
    ]


def test_encodings_other_than_utf8_are_refused_with_what_to_do(file, tree):
    told = problems(read_judgements, *file(LONG.replace("south", "süd"), encoding="latin-1"), tree)[0]

    assert "UTF-8" in told
