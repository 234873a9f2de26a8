"""Files as people send them, each with its right answer; every one stands in ``cases`` and is read by a command.

The properties come from public reports about tools of this field; the inputs were made anew.
"""

import contextlib
import csv
import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command

CASES = Path(__file__).parent / "cases"
USED = set()


@pytest.fixture
def case():
    def find(name):
        USED.add(name)
        return CASES / name

    return find


@pytest.fixture
def run(case, tmp_path):
    """Run a command on cases; return the columns asked for of its result, its summary, or the problems in full."""

    def command(verb, file, *options, framework, columns, **more):
        out, told, refused = tmp_path / "out", io.StringIO(), io.StringIO()
        arguments = [verb, str(case(file)), "--framework", str(framework), *options, "--out", str(out)]
        arguments += [part for name, value in more.items() for part in (f"--{name}", str(value))]
        with contextlib.suppress(SystemExit):
            call_command(*arguments, stdout=told, stderr=refused)
        if refused.getvalue():
            assert not out.exists()
            return refused.getvalue().splitlines(), None
        result = "weights.csv" if verb == "weigh" else "scores.csv"
        rows = csv.DictReader(io.StringIO((out / result).read_text()))
        code, value = columns
        summary = json.loads((out / "summary.json").read_text())
        return {row[code]: float(row[value]) if row[value] else None for row in rows}, summary

    return command


@pytest.fixture
def weigh(run, case):
    def command(file, framework, *options):
        path = framework if isinstance(framework, Path) else case(framework)
        return run("weigh", file, *options, framework=path, columns=("iCode", "local_weight"))

    return command


@pytest.fixture
def score(run, case):
    def command(file, framework, recipe, *options, result=("uCode", "rank")):
        return run("score", file, *options, framework=case(framework), columns=result, recipe=case(recipe))

    return command


@pytest.fixture
def five(tmp_path):
    """The framework of five items that three of the cases ask for, in another order than theirs."""
    path = tmp_path / "five.csv"
    items = ("ENTERTAIMENT", "ONTHEGO", "HOME", "EDUCATION", "WORK")
    rows = "".join(f"{item},PLACES,1,Indicator\n" for item in items)
    path.write_text(f"iCode,Parent,Level,Type\nPLACES,,2,Aggregate\n{rows}")
    return path


def said(summary):
    return {note["code"] for note in summary["notes"]}


LINEAR = ("--random-index", "alonso-lamata-linear")  # as AHP-OS has it
VENDOR = {"Price": 0.648329, "Quality": 0.229651, "Delivery": 0.122020}
THREE = {"A": 0.648329, "B": 0.229651, "C": 0.122020}


@pytest.mark.parametrize("framework", ["j4_fw_alpha.csv", "j4_fw_same.csv"])
def test_a_project_is_read_in_its_own_order_of_items(weigh, framework):
    weights, _ = weigh("j4_ahpos.json", framework)

    assert {code: weights[code] for code in VENDOR} == pytest.approx(VENDOR, abs=5e-7)


def test_a_calculation_is_read_by_the_names_in_it(weigh):
    weights, summary = weigh("ahpos_calculator.csv", "ahpos_calculator_fw.csv")

    told = {"HOME": 0.073814, "WORK": 0.192470, "SCHOOL": 0.294399, "PARK": 0.439317}
    assert {code: weights[code] for code in told} == pytest.approx(told, abs=1e-6)
    assert "one_expert" in said(summary)


def test_the_consistency_of_a_calculation_is_that_of_its_file(weigh, tmp_path):
    weigh("ahpos_calculator.csv", "ahpos_calculator_fw.csv", "--expert", "Ada", *LINEAR)

    (row,) = csv.DictReader(io.StringIO((tmp_path / "out" / "consistency.csv").read_text()))
    assert row["expert"] == "Ada"
    assert float(row["lambda_max"]) == pytest.approx(4.056585, abs=2e-6)
    assert float(row["cr"]) == pytest.approx(0.020740, abs=2e-6)


def test_a_groups_input_is_read_where_the_order_of_its_items_is_said(weigh):
    """The download of a group names no items: read in the framework's order it would be another answer."""
    (problem,), _ = weigh("j12_ahpos_input.csv", "j4_fw_alpha.csv")
    assert problem.startswith("j12_ahpos_input.csv:12:")
    assert "--hierarchy" in problem

    weights, _ = weigh("j12_ahpos_input.csv", "j4_fw_alpha.csv", "--hierarchy", "Vendor: Price, Quality, Delivery")
    assert {code: weights[code] for code in VENDOR} == pytest.approx(VENDOR, abs=1e-6)


@pytest.mark.parametrize("file", ["r1_full.csv", "r1_diag.csv", "r1_upper.csv"])
def test_both_triangles_and_the_diagonal_say_what_one_triangle_says(weigh, five, tmp_path, file):
    weights, _ = weigh(file, five, *LINEAR)

    told = {"HOME": 0.0619, "WORK": 0.1916, "EDUCATION": 0.2675, "ENTERTAIMENT": 0.3879, "ONTHEGO": 0.0911}
    assert {code: weights[code] for code in told} == pytest.approx(told, abs=5e-5)
    (row,) = csv.DictReader(io.StringIO((tmp_path / "out" / "consistency.csv").read_text()))
    assert float(row["cr"]) == pytest.approx(0.0231, abs=5e-5)


def test_who_answered_is_never_guessed(weigh):
    (problem,), _ = weigh("j2_wide_groupfirst.csv", "fw3.csv")
    assert problem.startswith("j2_wide_groupfirst.csv:1:")
    assert "--expert-column" in problem

    _, summary = weigh("j2_wide_groupfirst.csv", "fw3.csv", "--expert-column", "group")
    assert summary["experts"] == 3


def test_a_questionnaire_of_a_whole_tree_is_read(weigh):
    weights, summary = weigh("wide_two_nodes.csv", "wide_two_nodes_fw.csv")

    told = {
        "P": 0.592913,
        "Q": 0.407087,
        "p1": 0.438476,
        "p2": 0.310244,
        "p3": 0.251280,
        "q1": 0.372885,
        "q2": 0.627115,
    }
    assert {code: weights[code] for code in told} == pytest.approx(told, abs=1e-6)
    assert summary["experts"] == 3


@pytest.mark.parametrize(
    ("file", "ignored"),
    [
        ("j3_wide_underscore.csv", None),
        ("j3_wide_underscore_b.csv", "time_sec"),
        ("j11_lime.csv", None),
    ],
)
def test_columns_of_questionnaire_tools_do_not_turn_the_form(weigh, file, ignored):
    weights, summary = weigh(file, "fw3.csv")

    assert {code: weights[code] for code in THREE} == pytest.approx(THREE, abs=1e-6)
    told = [note["facts"]["columns"] for note in summary["notes"] if note["code"] == "ignored_columns"]
    assert told == ([ignored] if ignored else [])


def test_a_form_that_nobody_reads_gets_one_refusal(weigh):
    (problem,), _ = weigh("j11_forms.csv", "fw3.csv")

    assert problem.startswith("j11_forms.csv:1:")
    assert "template" in problem


@pytest.mark.parametrize(
    ("file", "places"),
    [("j1_wide_99.csv", {"3:A_C", "4:B_C"}), ("j1_long_99.csv", {"6:value"})],
)
def test_a_value_outside_the_range_is_refused_by_its_cell(weigh, file, places):
    problems, _ = weigh(file, "fw3.csv")

    assert {":".join(problem.split(":")[1:3]) for problem in problems} == places
    assert all("--range free" in problem and "--missing 99" in problem for problem in problems)
    weights, _ = weigh(file, "fw3.csv", "--range", "free")
    assert weights["A"] > 0


def test_a_marker_that_is_said_reads_as_blank_cells(weigh):
    blank, _ = weigh("j1_wide_blank.csv", "fw3.csv")
    marked, summary = weigh("j1_wide_99.csv", "fw3.csv", "--missing", "99")

    assert marked == blank
    assert {code: round(blank[code], 3) for code in THREE} == {"A": 0.603, "B": 0.269, "C": 0.128}
    assert "missing" in said(summary)


def test_na_is_missing_in_every_form(weigh):
    long, _ = weigh("j18_longNA.csv", "fw3.csv")
    wide, _ = weigh("j18_wideNA.csv", "fw3.csv")

    assert long == wide


@pytest.mark.parametrize(("file", "rows"), [("j9_date.csv", ["3", "4"]), ("j9_date.xlsx", ["3"])])
def test_a_date_that_was_a_fraction_is_refused_with_the_hint(weigh, file, rows):
    problems, _ = weigh(file, "fw3.csv")

    assert [problem.split(":")[1] for problem in problems] == rows
    assert all("1/3" in problem and "spreadsheet" in problem for problem in problems)


@pytest.mark.parametrize("file", ["j7_semicolon_commahead.csv", "j7_comma.csv"])
def test_separators_and_decimal_commas_are_those_that_fit(weigh, file):
    weights, summary = weigh(file, "fw3.csv")

    assert sum(weights[code] for code in "ABC") == pytest.approx(1)
    assert "separator" in said(summary)
    assert ("decimal_comma" in said(summary)) == (file == "j7_comma.csv")


def test_the_one_convention_that_all_cells_fit_is_applied_and_said(score):
    ranks, summary = score("s11.csv", "s_fw.csv", "base_recipe.toml")

    assert ranks == {"DE": 1, "ES": 1, "FR": 3}
    assert "decimal_comma" in said(summary)


def test_the_visible_sheet_is_read(score):
    ranks, summary = score("s14_hidden.xlsx", "s_fw.csv", "base_recipe.toml")

    assert ranks == {"DE": 1, "FR": 2}
    assert "sheet" in said(summary)


def test_a_refusal_of_the_arithmetic_has_its_row_and_column(score):
    (problem,), _ = score("s8_zero.csv", "s8_fw.csv", "s8_recipe.toml")

    assert problem.startswith("s8_zero.csv:3:Pop:")


def test_a_rule_that_does_nothing_says_why(score):
    _, summary = score("s1_data.csv", "s_fw.csv", "s1_recipe.toml")

    (told,) = [note for note in summary["notes"] if note["code"] == "rule_idle"]
    assert (told["facts"]["indicator"], told["facts"]["method"]) == ("GDP", "winsorise")
    (treated,) = [one for one in summary["treatments"] if one["indicator"] == "GDP"]
    assert (treated["points"], treated["passes"]) == (0, True)


def test_the_latest_year_of_each_unit_is_read_where_the_recipe_says_so(score):
    ranks, _ = score("s16_mixed.csv", "s_fw.csv", "s16_latest.toml")
    assert set(ranks) == {"a", "b", "c", "d"}

    ranks, summary = score("s16_mixed.csv", "s_fw.csv", "base_recipe.toml")
    assert set(ranks) == {"a", "c"}
    assert {(one["code"], one["time"]) for one in summary["dropped"]} == {("b", "2022"), ("d", "2022")}
    assert {note["facts"]["unit"] for note in summary["notes"] if note["code"] == "no_row_at"} == {"b", "d"}


def test_every_case_is_used():
    names = {path.name for path in CASES.iterdir()}

    text = Path(__file__).read_text()
    assert {name for name in names if f'"{name}"' not in text} == set()
