"""The load test itself, small: real database, site and clients; and that it would see a lost or doubled answer."""

import importlib.util
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def load(root):
    spec = importlib.util.spec_from_file_location("load", root / "tests" / "load" / "load.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_small_panel_loses_and_doubles_nothing(root):
    few = ["--people=20", "--seconds=5", "--every=0.5", "--broken=0.1", "--limit=60000"]
    done = subprocess.run(
        [sys.executable, root / "tests" / "load" / "load.py", *few],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "| Lost, doubled | 0, 0 |" in done.stdout
    assert "with fsync" in done.stdout


def test_lost_and_doubled_answers_are_seen(load):
    told = [load.client.Told("one", "A", 3, 1), load.client.Told("two", "B", 5, 1)]

    assert load.compare(told, [("one", "A", 3.0, 1), ("two", "A", 1 / 5, 1)]) == (0, 0)
    assert load.compare(told, [("one", "A", 3.0, 1)]) == (1, 0)
    assert load.compare(told, [("one", "A", 3.0, 1), ("two", "B", 7.0, 1)]) == (1, 0)
    assert load.compare(told, [("one", "A", 1 / 3, 1), ("two", "B", 5.0, 1)]) == (1, 0)  # the wrong way round
    assert load.compare(told, [("one", "A", 3.0, 1), ("two", "B", 5.0, 1), ("three", "A", 5.0, 2)]) == (0, 1)


def test_slow_site_is_seen(load):
    result = load.client.Result(waits=[*range(94), 200, 200, 200, 200, 200, 200])

    assert (result.percentile(0.5), result.percentile(0.95)) == (50, 200)


def test_report_is_put_between_its_markers(load, tmp_path):
    page = tmp_path / "performance.md"
    page.write_text("before\n<!-- load -->\nold\n<!-- /load -->\nafter\n")

    load.write("new", page)

    assert page.read_text() == "before\n<!-- load -->\nnew\n<!-- /load -->\nafter\n"
