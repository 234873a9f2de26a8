"""Work reaches the workers through one place, and so does whatever else asks Redis: both are there for a Redis that is not."""

import ast

import pytest

from tests.queueing import UNSAFE, addresses_that_lead, leads, sources

QUEUEING = {
    "delay",
    "delay_on_commit",
    "apply_async",
    "apply_async_on_commit",
    "send_task",
    "broadcast",
    "revoke",
}
ONE_PLACE = "accounts.workers"
OF_REDIS = {  # who may name them, and nobody else
    "redis": {ONE_PLACE, "accounts.password_attempts", "config.broker", "config.caches", "config.health"},
    "kombu": {ONE_PLACE},
    "celery": {ONE_PLACE, "config.celery", "config.settings", "accounts.tasks", "scoring.tasks", "surveys.tasks"},
    "django_redis": set(),
}


@pytest.fixture(scope="module")
def modules():
    return dict(sources())


def test_one_place_speaks_to_the_broker(modules):
    found = {
        f"{name}: {ast.unparse(node)}"
        for name, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in QUEUEING and ast.unparse(node) != "workers.revoke"
    }

    assert found == {f"{ONE_PLACE}: {one}" for one in ("one.apply_async", "current_app.control.revoke")}


def test_redis_is_asked_where_its_absence_is_known(modules):
    found = {package: set() for package in OF_REDIS}
    for name, tree in modules.items():
        for node in ast.walk(tree):
            named = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            named += [node.module] if isinstance(node, ast.ImportFrom) else []
            for package in {one.partition(".")[0] for one in named} & set(OF_REDIS):
                found[package].add(name)

    assert found == OF_REDIS


def test_no_web_process_reads_a_file_from_outside():
    """Who reads one says how it may be read; a worker does, and the commands, but no page and no call of the API."""
    of_files_from_outside = ("exchange.options.reading_options", "exchange.options.ReadingOptions")

    assert addresses_that_lead(*of_files_from_outside, verbs=("get", *UNSAFE)) == set()
    assert leads("scoring.tasks.read_upload", *of_files_from_outside)
