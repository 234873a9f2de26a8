"""Published results come out of the commands, run as processes on files."""

import importlib.util
import sys
from pathlib import Path

import pytest

spec = importlib.util.spec_from_file_location("published", Path(__file__).with_name("published.py"))
published = importlib.util.module_from_spec(spec)
sys.modules["published"] = published
spec.loader.exec_module(published)


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        (published.city200, [(5, 5)]),
        (published.matrices, [(4, 4), (7, 7), (4, 4), (7, 7)]),
        (published.asem, [(51, 51), (51, 51)]),
        (published.hdi, [(193, 193), (193, 193)]),
        (published.tai, [(20, 23), (23, 23)]),
    ],
    ids=["city200", "matrices", "asem", "hdi", "tai"],
)
def test_published_result_is_reproduced(tmp_path, example, expected):
    assert [(check.agree, check.of) for check in example(tmp_path)] == expected


def test_published_consensus_of_141_people_is_reproduced(survey_of_141, tmp_path):
    assert survey_of_141 == published.SURVEY
    assert [(check.agree, check.of) for check in published.edible_cities(tmp_path)] == [(12, 12), (9, 9)]


def test_report_without_the_survey_says_what_it_leaves_out():
    one = published.Check("ASEM: 51 countries", "COINr", "manage.py score", "ranks equal", 51, 51)
    survey = published.Check("Edible cities: consensus of 141 people", "doi", "manage.py weigh", "weights", 12, 12)

    assert "Left out: the 141 people" in published.report([one])
    assert "Left out" not in published.report([survey, one])
