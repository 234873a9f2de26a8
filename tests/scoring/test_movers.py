"""What moves scores and weights: the same numbers in the files, on the method page and in the API, and nobody in them."""

import csv
import html
import io
import json
import re

import numpy as np
import pytest

from scoring.files.movers import importance_csv, one_person_csv, read_importance, read_one_person
from scoring.files.verification import verify
from scoring.files.withheld import Withheld, is_withheld
from scoring.numerics.errors import NoImportanceError
from scoring.numerics.robustness.importance import ImportanceShares, NodeImportance
from scoring.numerics.robustness.one_person import MovedRanks, OnePerson
from scoring.wording.numbers import percent, signed
from tests.scoring import factories

PAGE = "/s/las/2024/v1.0/method/"
API = "/api/v1/series/las/editions/2024/releases/v1.0/method/"
SHARES = ImportanceShares(137, np.array([0.75, 0.2]), 0.95, np.array([0.9, -0.37]), None)
UNDEFINED = NoImportanceError("too few", reason="few_units", units=3)
IMPORTANCE = importance_csv(
    [
        NodeImportance("City", ("Net", "Air"), np.array([0.835, 0.165]), SHARES),
        NodeImportance("Net", ("Users", "Speed"), np.array([0.4, 0.6]), UNDEFINED),
    ]
)
ONE_PERSON = one_person_csv(
    [
        OnePerson("City", 6, "Air", 0.165, 0.25, "exact", MovedRanks(2, "doha", 2, 3)),
        OnePerson("Net", 6, "Users", 0.4, 0.38, "at_least", None),
    ]
)


@pytest.fixture
def head(db):
    release = factories.make_release(factories.make_edition(factories.make_series()))
    return factories.add_files(release, {"importance.csv": IMPORTANCE, "one_person.csv": ONE_PERSON})


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def words(markup):
    plain = html.unescape(re.sub(r"<[^>]+>", " ", markup)).replace("\u00a0", " ")
    return re.sub(r"\s+", " ", plain)


def test_tables_are_read_back_as_they_were_written():
    importance = read_importance({"importance.csv": IMPORTANCE.encode()})
    one_person = read_one_person({"one_person.csv": ONE_PERSON.encode()})

    air, users = importance[1], importance[2]
    assert (air.weight, air.importance, air.correlation, air.not_explained) == (0.165, 0.2, -0.37, 0.05)
    assert (users.weight, users.importance, users.undefined) == (0.4, None, "few_units")
    assert [(one.moved, one.unit, one.rank_then) for one in one_person] == [(2, "doha", 3), (0, "", None)]
    assert read_importance({}) == read_one_person({}) == ()


@pytest.mark.django_db
def test_page_and_api_tell_what_the_file_tells(head, client):
    page = words(client.get(PAGE).content.decode())
    answer = client.get(API).json()

    told = {one["code"]: one for group in answer["importance"] for one in group["children"]}
    for row in rows(IMPORTANCE):
        own = told[row["iCode"]]
        for name in ("weight", "importance", "correlation"):
            assert own[name] == (float(row[name]) if row[name] else None)
    assert [group["undefined"] for group in answer["importance"]] == ["", "few_units"]
    assert answer["importance"][0]["not_explained"] == 0.05
    air = f"{percent(0.165, 1)} {percent(0.2, 1)} {signed(-0.37, 2)}".replace("\u00a0", " ")
    assert f"Air and water {air}" in page
    assert "not explained linearly: 5.0 %" in page
    assert "fewer than two cities for each criterion" in page
    assert "matters" not in page[page.index("What moves the ranking") : page.index("The most that one expert")]


@pytest.mark.django_db
def test_most_that_one_expert_could_do_is_told_of_nobody(head, client):
    page = words(client.get(PAGE).content.decode())
    answer = client.get(API).json()["one_person"]

    assert "the weight of Air and water there could have become 25.0 % instead of 16.5 %" in page
    assert "Doha: 3 instead of 2" in page
    assert "at most 38.0 %" in page
    assert [one["is_exact"] for one in answer] == [True, False]
    assert (answer[0]["unit"], answer[0]["moved"], answer[0]["rank_then"]) == ("doha", 2, 3)
    assert not re.search(r"\bE[0-5]\b", page + json.dumps(answer))


@pytest.mark.django_db
def test_release_of_an_older_format_has_neither(client, db):
    factories.make_release(factories.make_edition(factories.make_series()))

    page = words(client.get(PAGE).content.decode())
    answer = client.get(API).json()

    assert "What moves the ranking" not in page
    assert answer["importance"] == answer["one_person"] == []


@pytest.mark.django_db
def test_release_holds_both_for_every_node(release):
    files = {file.name: bytes(file.content).decode() for file in release.files.all()}

    importance, one_person = rows(files["importance.csv"]), rows(files["one_person.csv"])

    assert {row["iCode"] for row in importance} == {"A", "B", "C", "A1", "A2", "A3", "B1", "C1"}
    assert {row["node"] for row in one_person} == {"Root", "A"}
    assert verify("bundle.zip", bytes(release.bundle.zip)).differences == ()


def test_who_leaves_judgements_out_leaves_one_person_out():
    left_out = [Withheld("judgements", "")]

    assert is_withheld(left_out, "one_person.csv")
    assert not is_withheld(left_out, "importance.csv")
    assert is_withheld([Withheld("values", "")], "importance.csv")
