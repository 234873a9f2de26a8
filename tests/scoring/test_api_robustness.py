"""How sure and why moved, for programs: the numbers of the files, exact where they are exact."""

import csv
import io
import json
from decimal import Decimal
from fractions import Fraction

import pytest

from scoring.files.changes import NAME as CHANGE
from scoring.files.changes import read_change
from tests.scoring import factories

pytestmark = pytest.mark.django_db
SITE = "http://testserver"
RELEASE = "/api/v1/series/las/editions/2024/releases/v1.0/"


@pytest.fixture(scope="module")
def files():
    return factories.make_study() | factories.make_change()


@pytest.fixture
def bare():
    return factories.make_release(factories.make_edition(factories.make_series()))


@pytest.fixture
def release(bare, files):
    return factories.add_files(bare, files)


@pytest.fixture
def read(client):
    def get(path):
        answer = client.get(RELEASE + path)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return get


def rows_of(files, name):
    return list(csv.DictReader(io.StringIO(files[f"robustness/{name}"])))


def test_study_is_the_summary_of_the_files(release, files, read):
    summary = json.loads(files["robustness/summary.json"])

    assert read("robustness/")["study"] == {
        **{
            name: summary[name]
            for name in ("draws", "seed", "weights_seed", "panel_spread", "factors", "mean_shift", "ranking_nobody")
        },
        "not_varied": ["aggregate", "outliers", "impute", "other_indicators", "data_error", "who_was_asked"],
        "accuracy": {"ended": "given", "budget": None, "ends": 10, "open_ends": 6, "widest": 4},
        "joint": None,
        "joint_undefined": "too_few_draws",
        "half": 20,
        "half_difference": summary["convergence"]["largest_difference"],
        "sensitivity_runs": 80,
        "sensitivity_defined": True,
    }


def test_ranks_are_the_files_and_lead_to_pairs_and_change(release, files, read):
    answer = read("robustness/")

    assert [
        (row["code"], row["rank"], row["median"], row["low"], row["high"], *row["tiers"]) for row in answer["ranks"]
    ] == [
        (
            row["uCode"],
            int(row["rank"]),
            *(float(row[f"rank_{end}"]) for end in ("median", "low", "high")),
            *(float(row[f"tier_{tier}"]) for tier in range(1, 5)),
        )
        for row in rows_of(files, "ranks.csv")
    ]
    assert answer["ranks"][3] | {"tiers": []} == {
        "code": "giza",
        "name": "Giza",
        "rank": 4,
        "median": 4.0,
        "low": 3.0,
        "high": 5.0,
        "low_error": [1, 4],
        "high_error": [4, 5],
        "half": None,  # this release's units do not tell it
        "is_off_half": False,
        "modal_tier": None,
        "is_other_tier": False,
        "joint_low": None,
        "joint_high": None,
        "tiers": [],
        "alike_first": 3,
        "alike_last": 5,
        "change": f"{SITE}{RELEASE}units/giza/change/",
        "pairs": f"{SITE}{RELEASE}units/giza/pairs/",
    }
    assert answer["alike"] == [
        {"first": 3, "last": 4, "units": ["cairo", "giza"]},
        {"first": 4, "last": 5, "units": ["giza", "sanaa"]},
    ]
    assert answer["page"] == f"{SITE}/s/las/2024/v1.0/robustness/"


def test_sensitivity_leave_one_out_and_weights_are_the_files(release, files, read):
    answer = read("robustness/")
    shares = {row["factor"]: float(row["total"]) for row in rows_of(files, "sensitivity.csv") if not row["uCode"]}
    cases = {one["kind"]: one["results"] for one in answer["leave_one_out"]}
    users = next(row for row in rows_of(files, "weights.csv") if row["iCode"] == "Users")

    assert {one["factor"]: one["total"]["value"] for one in answer["sensitivity"]} == shares
    assert list(cases) == ["panelist", "group", "language", "indicator", "pillar"]
    assert cases["pillar"][0] == {
        "left_out": "Network",
        "mean_shift": 0.8,
        "moved": 4,
        "unit": "doha",
        "rank": 2,
        "rank_without": 3,
        "change": -1,
    }
    assert next(one["whole"] for one in answer["weights"] if one["code"] == "Users") == {
        "value": float(users["global_weight"]),
        "low": float(users["global_low"]),
        "high": float(users["global_high"]),
    }


def test_release_without_draws_answers_that_it_has_no_study(bare, read):
    answer = read("robustness/")

    assert answer["study"] is None
    assert [answer[name] for name in ("ranks", "alike", "sensitivity", "leave_one_out", "weights")] == [[]] * 5
    assert read("units/doha/pairs/")["results"] == []
    assert read("units/doha/change/")["change"] is None


def test_pairs_are_the_units_row(release, files, read):
    row = next(row for row in rows_of(files, "pairs.csv") if row["uCode"] == "giza")

    answer = read("units/giza/pairs/")

    assert (answer["code"], answer["name"], answer["release"]["number"]) == ("giza", "Giza", "1.0")
    assert [(one["code"], one["rank"], one["above"], one["told_apart"]) for one in answer["results"]] == [
        (code, rank, float(row[code]), told)
        for code, rank, told in (("dubai", 1, True), ("doha", 2, True), ("cairo", 3, False), ("sanaa", 5, False))
    ]


def test_unit_that_is_not_ranked_has_no_pairs(release, read):
    assert read("units/aden/pairs/")["results"] == []


def test_change_is_exact_and_adds_up(release, files, read):
    row = next(row for row in read_change(files[CHANGE]) if row.unit == "cairo")

    answer = read("units/cairo/change/")["change"]

    assert (answer["status"], answer["rank_before"], answer["rank_after"]) == ("split", 3, 3)
    assert {one["cause"]: (one["places"], one["points"]) for one in answer["parts"]} == {
        cause: (str(places), str(row.score_parts[cause])) for cause, places in row.rank_parts.items() if places
    }
    assert sum(Fraction(one["places"]) for one in answer["parts"]) == answer["rank_move"] == 0
    assert sum(Decimal(one["points"]) for one in answer["parts"]) == Decimal(answer["score_move"])
    assert answer["rank_new_method"] == 4


def test_change_of_a_new_unit_says_so(release, read):
    answer = read("units/sanaa/change/")["change"]

    assert (answer["status"], answer["rank_before"], answer["rank_move"], answer["parts"]) == ("new", None, None, [])


def test_change_names_the_release_it_is_counted_from(files, read):
    manifest = {"compared": {"edition": "2023", "number": "1.1", "fingerprint": "f" * 64}}
    edition = factories.make_edition(factories.make_series())
    factories.add_files(factories.make_release(edition, manifest=manifest), files)

    assert read("units/doha/change/")["change"]["compared"] == {"edition": "2023", "number": "1.1"}


@pytest.mark.parametrize("part", ["pairs", "change"])
def test_unknown_unit_is_not_found(release, client, part):
    assert client.get(f"{RELEASE}units/atlantis/{part}/").status_code == 404
