"""Problems of files as they are shown: by place, in the reader's language, two hundred of them and how many more there are."""

import csv
import json

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from exchange.problems import MOST_LISTED, FileProblem, FileProblemsError
from scoring.errors import DatasetError
from scoring.files.languages import read_languages
from scoring.files.tables import read_weights
from scoring.files.units import read_units
from scoring.numerics.types import Tree, TreeCriterion
from scoring.wording.refusals import known_sentence, sentence
from tests.scoring.test_commands import EXAMPLE, FRAMEWORK, RECIPE

LEAVES = (TreeCriterion(code, "index", is_indicator=True) for code in ("GDP", "CO2"))
TREE = Tree((TreeCriterion("index", None), *LEAVES))


def refused(reader, text, *more):
    with pytest.raises(FileProblemsError) as error:
        reader("sent.csv", text.encode(), *more)
    return [str(problem) for problem in error.value.problems]


def shown(problems, language="en"):
    with override(language):
        context = {"problems": problems, "total": len(problems), "step": "data", "fields": []}
        return " ".join(render_to_string("scoring/desk_problems.html", context).split())


def many(number):
    return [FileProblem("data", "unknown_unit", None, "uCode", f"U{one}") for one in range(number)]


# --- files --------------------------------------------------------------------------------------------------------------


def test_units_have_a_code_each():
    assert refused(read_units, "uCode,uName\nU1,One\n,Two\nU1,Again\n") == [
        "sent.csv:3:uCode: the row has no code, allowed a code",
        "sent.csv:4:uCode: U1 stands in row 2 and again here, allowed one row a code, got U1",
    ]


def test_weights_are_of_the_frameworks_codes_under_their_parents():
    text = "iCode,Parent,local_weight\nindex,GDP,1\nGDP,CO2,1\n,,1\nCO2,index,1\nCO2,index,1\n"
    assert refused(read_weights, text, TREE) == [
        "sent.csv:2:Parent: index has another parent in the framework, allowed an empty cell, got GDP",
        "sent.csv:3:Parent: GDP has another parent in the framework, allowed index, got CO2",
        "sent.csv:4:iCode: the row has no code, allowed a code",
        "sent.csv:6:iCode: CO2 stands in row 5 and again here, allowed one row a code",
    ]


def test_problem_is_said_in_the_language_of_who_reads_it():
    with override("fr"):
        told = refused(read_languages, "language,iCode,local_weight\nfr,GDP,much\nfr,CO2,1\n", TREE)

    assert [one.split(",")[0] for one in told] == ["sent.csv:2:local_weight: n’est pas un nombre"]


# --- the page -----------------------------------------------------------------------------------------------------------


def test_page_shows_place_and_sheet_in_the_readers_language():
    problem = FileProblem("data.xlsx", "not_year", 3, "year", "soon", sheet="Sources")
    page = shown([problem], "ar")

    assert "<bdi>data.xlsx</bdi> <bdi>[Sources]</bdi>" in page
    assert "<td>ليس سنة</td>" in page
    assert 'lang="en"' not in page
    assert "[" not in shown([FileProblem("data.csv", "not_year", 3, "year", "soon")], "ar").split("<tbody>")[1]


@pytest.mark.parametrize(
    ("over", "says"),
    [(0, None), (1, "1 more problem is not listed."), (1234, "1234 more problems are not listed.")],
)
def test_page_lists_the_first_problems_and_counts_the_rest(over, says):
    page = shown(many(MOST_LISTED + over))

    assert page.count("nobody knows this unit") == MOST_LISTED
    assert ("not listed" in page) is (says is not None)
    assert says is None or says in page


def test_refusal_of_data_says_the_first_problems_and_keeps_all():
    error = DatasetError(many(MOST_LISTED + 3))

    assert (len(error.problems), error.facts["problems"]) == (MOST_LISTED + 3, error.problems)
    assert str(error).splitlines() == [str(one) for one in many(MOST_LISTED)]


# --- commands -----------------------------------------------------------------------------------------------------------


def test_command_lists_the_first_problems_and_counts_the_rest(manage, tmp_path):
    codes = [f"Z{number}" for number in range(MOST_LISTED)]
    with (tmp_path / "weights.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("iCode", "local_weight"), *((code, 1) for code in codes)])
    weights = ("--weights", tmp_path / "weights.csv")
    done = manage("score", EXAMPLE / "data.csv", *FRAMEWORK, *RECIPE, *weights, "--out", tmp_path, "--json")

    told, lines = json.loads(done.stdout), done.stderr.splitlines()
    more = told["problems_total"] - MOST_LISTED
    assert (done.returncode, len(told["problems"]), len(lines)) == (2, MOST_LISTED, MOST_LISTED + 1)
    assert (more > 1, lines[-1]) == (True, f"… and {more} more problems")
    assert told["problems"][0] == {
        "file": "weights.csv",
        "code": "not_in_framework",
        "row": 2,
        "column": "iCode",
        "got": "",
        "facts": {"code": "Z0"},
        "sheet": "",
        "what": "Z0 is not in the framework",
        "allowed": "",
    }


def test_refusal_of_the_arithmetic_keeps_its_code_and_facts(manage, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("expert,node,a,b,value\nP1,City,Digital,Green,2\nP1,Digital,Internet,Broadband,1\n")
    done = manage("weigh", bad, *FRAMEWORK, "--out", tmp_path / "out", "--json")

    (problem,) = json.loads(done.stdout)["problems"]
    assert (problem["code"], problem["column"], problem["facts"]["refusal"]) == ("told", "City", "disconnected")
    assert problem["what"] == "Under City the answers leave items apart that no comparison joins."
    assert problem["facts"]["parts"] == [["Digital", "Green"], ["Reach"]]


# --- refusals -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "facts", "says"),
    [
        ("empty_group", {"group": "N", "indicator": "A1"}, "The group N has no value of A1 to fill gaps from."),
        ("empty_group", {"group": "", "indicator": "A1"}, "There is no value of A1 to fill gaps from."),
        ("no_judgements", {}, ""),
        ("off_scale", {}, ""),
    ],
)
def test_refusal_is_said_by_its_code_where_its_facts_are_known(code, facts, says):
    assert known_sentence(code, facts) == says
    assert sentence(code, facts, "as it was told") == (says or "It was refused: as it was told")
