"""While the database is away, pages and API say so and when to come again, and the log stays readable."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import psycopg
import pytest
from django.conf import settings
from django.db import DataError, InterfaceError, OperationalError

from config.errors import MEDIA_TYPE
from config.outage import is_database_away

AWAY = {
    "postgresql": "postgres://nobody@127.0.0.1:1/none",
    "sqlite": "sqlite:////nowhere/at/all.sqlite3",
}
ASK = """
import json
import django
django.setup()
from django.test import Client
from tests.addresses import addresses

client = Client(raise_request_exception=False, headers={"cookie": "sessionid=abcdefghijklmnopqrstuvwxyz"})
answers = []
for language in LANGUAGES:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    for one in addresses():
        here = one.at({"number": "1.0", "release": "v1.0", "kind": "json", "name": "ranks"})
        answer = client.get(here)
        answers.append((language, here, answer.status_code, dict(answer.headers), answer.content.decode()))
print(json.dumps(answers))
"""


@pytest.mark.parametrize("url", AWAY.values(), ids=AWAY)
def test_every_address_says_that_the_database_is_away(url, root, tmp_path):
    languages = [code for code, _name in settings.LANGUAGES]
    own = {"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0", "VAR": str(tmp_path), "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", ASK.replace("LANGUAGES", repr(languages))],
        env=os.environ | own | {"DJANGO_SETTINGS_MODULE": "config.settings", "ALLOWED_HOSTS": "testserver"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    answers = json.loads(done.stdout)
    away = [one for one in answers if one[2] == 503 and one[1] != "/healthz"]

    assert [one[:3] for one in answers if one[2] >= 500 and one[2] != 503] == []
    assert {one[1] for one in away} >= {"/", "/s/x/x/v1.0/", "/desk/", "/p/x/", "/admin/", "/api/v1/series/"}
    assert {(one[3]["Retry-After"], one[3]["Cache-Control"]) for one in away} == {("60", "no-store")}
    pages = [one for one in away if not one[1].startswith("/api/")]
    titles = {language: content.partition("<h1>")[2].partition("</h1>")[0] for language, *_, content in pages}
    assert len(set(titles.values())) == len(languages)
    assert titles["en"] == "Steelyard is resting for a moment"
    for _language, here, _status, headers, content in away:
        if here.startswith("/api/"):
            told = json.loads(content)
            assert (headers["Content-Type"], told["code"], told["status"]) == (MEDIA_TYPE, "unavailable", 503)
    lines = [line for line in done.stderr.splitlines() if "WARNING config.errors the database is away, GET " in line]
    assert len(lines) == len(away)
    assert "Traceback" not in done.stderr
    assert [line for line in done.stderr.splitlines() if " ERROR " in line and "/healthz" not in line] == []


def of_sqlite(path, command):
    """Return what SQLite says to a command, as Django hands it on."""
    with pytest.raises(sqlite3.OperationalError) as found, closing(sqlite3.connect(path)) as connection:
        connection.execute(command)
    return caused(OperationalError, found.value)


def caused(kind, cause):
    error = kind("words")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "is_away"),
    [
        (psycopg.OperationalError("connection refused"), True),
        (psycopg.errors.AdminShutdown(), True),
        (psycopg.errors.TooManyConnections(), True),
        (psycopg.errors.ConnectionFailure(), True),
        (psycopg.errors.DeadlockDetected(), False),
    ],
    ids=lambda one: type(one).__name__,
)
def test_error_of_postgresql_tells_whether_it_is_away(cause, is_away):
    assert is_database_away(caused(OperationalError, cause)) is is_away


def test_error_of_sqlite_tells_whether_it_is_away(tmp_path):
    assert is_database_away(of_sqlite(tmp_path / "none" / "file", "SELECT 1"))
    assert not is_database_away(of_sqlite(tmp_path / "file", "SELECT * FROM nothing"))
    assert is_database_away(caused(InterfaceError, psycopg.InterfaceError("the connection is closed")))


@pytest.mark.parametrize("error", [None, ValueError("x"), DataError("x")])
def test_other_errors_are_ours(error):
    assert not is_database_away(error)
