"""The suite leaves nothing to chance: no order that nobody asked for, nothing kept from another test."""

import ast
import os
import re
import subprocess
import sys
from functools import lru_cache

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache

from scoring import version
from tests import kept
from tests.shuffled import shuffle_unordered

NAMES = [f"{number:02}" for number in range(12)]


# --- order ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def groups(db):
    """Twelve rows of a model that has no order of its own."""
    Group.objects.bulk_create(Group(name=name) for name in NAMES)
    return Group.objects.all()


READ = {
    "rows": lambda groups: [one.name for one in groups.all()],
    "values": lambda groups: list(groups.values_list("name", flat=True)),
    "distinct": lambda groups: list(groups.values_list("name", flat=True).distinct()),
    "union": lambda groups: list(groups.values_list("name", flat=True).union(groups.values_list("name", flat=True))),
    "streamed": lambda groups: [one.name for one in groups.iterator()],
}


@pytest.mark.parametrize("read", READ.values(), ids=READ.keys())
def test_rows_without_an_order_come_in_any_order(groups, read):
    came = {tuple(read(groups)) for _ in range(5)}

    assert len(came) > 1
    assert {tuple(sorted(names)) for names in came} == {tuple(NAMES)}


def test_rows_of_a_slice_without_an_order_are_any_rows(groups):
    assert len({groups[0].name for _ in range(40)}) > 1
    assert len({frozenset(one.name for one in groups[2:5]) for _ in range(20)}) > 1
    assert {len(groups[2:5]) for _ in range(5)} == {3}


def test_rows_with_an_order_keep_it(groups):
    assert [one.name for one in groups.order_by("name")] == NAMES
    assert [one.name for one in groups.order_by("name")[3:5]] == NAMES[3:5]
    assert [one.name for one in groups.order_by("-name").iterator()] == NAMES[::-1]
    assert groups.get(name="03").name == groups.filter(name="03").first().name == "03"


def test_same_seed_brings_the_same_order(groups, monkeypatch):
    def came(seed):
        with monkeypatch.context() as patch:
            shuffle_unordered(patch, seed)
            return [[one.name for one in groups.all()] for _ in range(3)]

    monkeypatch.undo()

    assert came("7") == came("7") != came("8")


# --- what is kept ---------------------------------------------------------------------------------------------------


def _decorated(root):
    """Every function of the product that the source puts a cache on, outside other functions."""
    for package in kept.PACKAGES:
        folder = next(path for path in (root / package, root / "platform" / package) if path.is_dir())
        for path in sorted(folder.rglob("*.py")):
            module = ".".join(path.relative_to(folder.parent).with_suffix("").parts).removesuffix(".__init__")
            tree = ast.parse(path.read_text(encoding="utf-8"))
            classes = [one for one in tree.body if isinstance(one, ast.ClassDef)]
            for owner, prefix in ((tree, module), *((one, f"{module}.{one.name}") for one in classes)):
                for function in owner.body:
                    if isinstance(function, ast.FunctionDef):
                        words = {ast.unparse(one).partition("(")[0] for one in function.decorator_list}
                        if any(word.rpartition(".")[2] in {"cache", "lru_cache"} for word in words):
                            yield f"{prefix}.{function.name}"


def test_every_cache_of_the_product_is_found(root):
    kept.load_everything()

    assert set(kept.caches()) == set(_decorated(root))
    assert set(kept.caches()) > kept.PURE
    assert len(set(kept.caches()) - kept.PURE) >= 4


def test_cache_that_somebody_adds_is_emptied_and_what_is_counted_forgotten(monkeypatch):
    def read_row(number):
        return number

    read_row.__module__ = version.__name__
    added = lru_cache(read_row)
    monkeypatch.setattr(version, "read_row", added, raising=False)
    kept._found.cache_clear()
    added(1)
    cache.set("throttle_anon_127.0.0.1", [1.0])

    kept.forget_rows()

    kept._found.cache_clear()
    assert added.cache_info().currsize == 0
    assert cache.get("throttle_anon_127.0.0.1") is None


# --- the clock ------------------------------------------------------------------------------------------------------


def run_apart(root, folder, text, *words, **variables):
    """Run a test of its own beside this suite, under the same roof."""
    (folder / "test_apart.py").write_text(text)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:django",
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.conftest",
    ]
    places = [f"--rootdir={root}", f"--config-file={root / 'pyproject.toml'}", folder / "test_apart.py"]
    return subprocess.run(
        [*command, *words, *places], cwd=root, env=os.environ | variables, capture_output=True, text=True, check=False
    )


AT_ANOTHER_HOUR = """
import subprocess, sys
from datetime import datetime

def test_clock():
    told = subprocess.check_output([sys.executable, "-c", "import datetime; print(datetime.datetime.now())"], text=True)
    assert [f"{datetime.now():%Y-%m-%d %H:%M}"[:-1], told[:15]] == ["2028-02-29 23:5"] * 2
"""


@pytest.mark.parametrize("processes", ["0", "1"])
def test_suite_runs_at_another_hour_in_all_its_processes(root, tmp_path, processes):
    done = run_apart(
        root, tmp_path, AT_ANOTHER_HOUR, f"--numprocesses={processes}", STEELYARD_CLOCK="2028-02-29T23:50", TZ="UTC"
    )

    assert done.returncode == 0, done.stdout + done.stderr


# --- pages ----------------------------------------------------------------------------------------------------------


def test_root_of_a_page_is_waited_for(root):
    """A page that has only just come has no root element yet: asked of ``page.locator("html")``, it is waited for."""
    places = [*root.glob("tests/journeys/*.py"), *root.glob("tests/*/test_*journey*.py")]
    hasty = re.compile(r"""evaluate\(\s*["'][^"']*document\.(documentElement|body)\b""")

    assert [path.name for path in places if hasty.search(path.read_text(encoding="utf-8"))] == []


# --- skips ----------------------------------------------------------------------------------------------------------

SKIPPING = """
import pytest

def test_allowed():
    pytest.skip("the real panel is not on this machine")

def test_not_allowed():
    pytest.skip("no time today")

@pytest.mark.xfail
def test_known_to_fail():
    assert False
"""


@pytest.mark.parametrize(("ci", "counted"), [("true", "1 failed, 1 skipped, 1 xfailed"), ("", "2 skipped, 1 xfailed")])
def test_skip_that_nobody_allowed_fails_in_ci(root, tmp_path, ci, counted):
    done = run_apart(root, tmp_path, SKIPPING, CI=ci)

    assert done.stdout.splitlines()[-1].startswith(counted)
    assert ("not on the list of tests/conftest.py: Skipped: no time today" in done.stdout) is bool(ci)
