"""A proof that is skipped proves nothing: the rule of conftest.py, run on a folder of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest

def test_passes():
    assert True

@pytest.mark.skip(reason="marked")
def test_marked():
    assert True

def test_says_so_itself():
    pytest.skip("half way")

@pytest.fixture
def missing():
    pytest.skip("no file")

def test_of_a_fixture(missing):
    assert True

@pytest.mark.parametrize("case", [])
def test_of_no_case(case):
    assert True

@pytest.mark.xfail(reason="known")
def test_expected_to_fail():
    assert False
"""
MODULE = "import pytest\npytest.skip('whole file', allow_module_level=True)\n"
ALLOWED = "import pytest\ndef test_real_panel_of_141_agrees_with_published():\n    pytest.skip('not here')\n"


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    top = tmp_path_factory.mktemp("skips")
    folder = top / "tests" / "numerics"
    (folder / "ahp").mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("conftest.py"), folder)
    (folder / "test_some.py").write_text(TESTS, encoding="utf-8")
    (folder / "test_none.py").write_text(MODULE, encoding="utf-8")
    (folder / "ahp" / "test_golden.py").write_text(ALLOWED, encoding="utf-8")
    (top / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "--continue-on-collection-errors", "tests"],
        cwd=top,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    lines = (line.split(" - ")[0] for line in done.stdout.splitlines())
    found = {tuple(words) for line in lines if len(words := line.split(maxsplit=1)) == 2 and words[0].isupper()}
    return done.returncode, {(outcome, where.rsplit("/", 1)[-1]) for outcome, where in found}


def test_every_way_to_skip_fails(outcomes):
    code, found = outcomes
    assert code == 1
    assert {(outcome, where) for outcome, where in found if outcome in ("FAILED", "ERROR")} == {
        ("ERROR", "test_none.py"),
        ("ERROR", "test_some.py::test_marked"),
        ("ERROR", "test_some.py::test_of_a_fixture"),
        ("ERROR", "test_some.py::test_of_no_case[NOTSET]"),
        ("FAILED", "test_some.py::test_says_so_itself"),
        ("FAILED", "test_some.py::test_expected_to_fail"),
    }


def test_what_passes_and_the_one_allowed_skip_are_left_alone(outcomes):
    _, found = outcomes
    assert ("PASSED", "test_some.py::test_passes") in found
    assert [where for outcome, where in found if outcome == "SKIPPED"] == ["test_golden.py:3: not here"]
