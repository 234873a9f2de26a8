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
        (published.edible_cities, [(12, 12), (9, 9)]),
        (published.asem, [(51, 51), (51, 51)]),
        (published.hdi, [(193, 193), (193, 193)]),
        (published.tai, [(20, 23), (23, 23)]),
    ],
    ids=["edible_cities", "asem", "hdi", "tai"],
)
def test_published_result_is_reproduced(shared, tmp_path, example, expected):
    assert [(check.agree, check.of) for check in example(tmp_path)] == expected
