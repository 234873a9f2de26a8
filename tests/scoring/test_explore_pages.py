"""What pages of advice and of what-if have in common, and both in the interface."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.shortcuts import render
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from config.errors import MEDIA_TYPE
from scoring.numerics.robustness.advice import reachable
from scoring.numerics.robustness.what_if import what_if
from scoring.queries.explore import release_model
from scoring.queries.explore.advice import advice_page
from scoring.queries.explore.what_if import what_if_page
from scoring.queries.published.peers import PeerQuery
from scoring.queries.published.unit import profile_page
from tests.scoring import factories
from tests.scoring.exploring import API, UNITS, page

pytestmark = pytest.mark.django_db


# --- both pages ---------------------------------------------------------------------------------------------------------

PATHS = ("U2/advice/", "U2/what-if/", "U2/what-if/?v.A1=50&w.A=60", "U2/what-if/?v.A1=x", "U2/?peers=Region")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("path", PATHS)
def test_pages_state_direction_and_hold_nothing_inline(release, path, language):
    response = page(path, language)
    html = response.content.decode()

    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in html
    assert re.findall(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son\w+=", html) == []
    assert dict(response.cookies) == {}


@pytest.mark.parametrize("part", ["advice/", "what-if/", "what-if/unofficial.csv?v.A1=5"])
def test_unknown_city_and_release_are_not_found(release, part):
    assert page(f"U99/{part}").status_code == 404
    assert Client().get(f"/s/las/2026/v9.9/units/U2/{part}").status_code == 404
    assert Client().post(UNITS + "U2/advice/").status_code == 405


def test_hostile_texts_are_shown_as_texts(release):
    evil = '"><script>alert(1)</script>'
    for path, data in (
        ("U2/what-if/", {"v.A1": evil, f"v.{evil}": "1"}),
        ("U2/advice/", {"cities": evil, "peers": "chosen"}),
    ):
        assert "<script>alert" not in Client().get(UNITS + path, data).content.decode()


@pytest.mark.parametrize("path", ["U2/advice/", "U2/what-if/?v.A1=50"])
def test_pages_say_what_their_intervals_do_not_hold(release, path):
    shown = " ".join(page(path).content.decode().split())
    assert "Not varied: how indicators are joined" in shown
    assert "errors in the data, who was asked." in " ".join(re.sub("<[^>]+>", "", shown).split())


def queries_of(path):
    with CaptureQueriesContext(connection) as captured:
        assert page(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize(("path", "expected"), [("U2/advice/", 5), ("U2/what-if/?v.A1=50", 5), ("U2/", 7)])
def test_pages_cost_the_same_queries_for_one_release_and_three(release, series, head, path, expected):
    release_model.release_model(head)
    queries_of("U2/")  # reads what a process keeps of the release
    alone = queries_of(path)
    for slug in ("2022", "2023"):
        factories.make_release(factories.make_edition(series, slug))

    assert (alone, queries_of(path)) == (expected, expected)


def test_rendering_asks_the_database_nothing(head, django_assert_num_queries):
    pages = {
        "advice": advice_page(head, "U2", PeerQuery("all"), {"cost.A1": "2"}),
        "what_if": what_if_page(head, "U2", {"v.A1": "50", "w.A": "40"}),
        "unit": profile_page(head, "U2", PeerQuery("Region")),
    }
    request = RequestFactory().get("/")
    request.user = AnonymousUser()

    with django_assert_num_queries(0):
        for name, content in pages.items():
            assert render(request, f"scoring/{name}.html", {"page": content}).content


# --- API ----------------------------------------------------------------------------------------------------------------


def test_api_tells_how_a_unit_could_move_up(client, field, last):
    found = reachable(field, last, field.nominal.units)
    answer = client.get(f"{API}{last}/advice/?peers=all").json()

    assert (answer["release"]["number"], answer["code"], answer["of"]) == ("1.0", last, 7)
    assert [(one["indicator"], one["goal"], one["value"], one["peer"], one["gained"]) for one in answer["steps"]] == [
        (one.indicator, one.goal, one.value, one.peer, one.gained) for one in found.steps
    ]
    assert (answer["interval_over"], answer["draws"]) == (["weights", "normalise", "leave_one_indicator"], 40)
    assert answer["not_varied"] == [
        "aggregate",
        "outliers",
        "impute",
        "other_indicators",
        "data_error",
        "who_was_asked",
    ]
    assert answer["fewest_changes"]["state"] == "found"
    assert set(answer["peers"]["codes"]) == set(field.nominal.units) - {last}


def test_api_says_that_a_what_if_is_unofficial(client, field, last):
    found = what_if(field, last, {"A1": 90.0}, {"A": 0.5})
    response = client.get(f"{API}{last}/what-if/?v.A1=90&w.A=50")
    answer = response.json()

    assert (answer["unofficial"], answer["release"]["number"]) == (True, "1.0")
    assert response["X-Robots-Tag"] == "noindex"
    assert (answer["what_if"]["rank"], answer["official"]["rank"]) == (found.rank, found.official_rank)
    assert answer["what_if"]["score"] == pytest.approx(found.score)
    assert answer["what_if"]["interval_over"] == ["normalise", "leave_one_indicator"]
    assert answer["what_if"]["not_varied"][0] == "weights"  # the reader's own are as they are
    assert {one["code"] for one in answer["values"]} == {"A1"}
    assert [one["what_if"] for one in answer["weights"]] == [pytest.approx(found.local["A"])]


def test_api_answers_nothing_asked_with_the_official_result(client, last):
    answer = client.get(f"{API}{last}/what-if/").json()

    assert answer["what_if"]["rank"] == answer["official"]["rank"]
    assert (answer["moved"], answer["values"]) == ([], [])
    assert {one["indicator"] for one in answer["possible"]} == {"A1", "A2", "A3", "B1", "C1"}


@pytest.mark.parametrize(
    ("path", "fields_"),
    [
        ("what-if/?v.A1=1e12&w.A=-3", {"v.A1", "w.A"}),
        ("what-if/?v.A1=NaN", {"v.A1"}),
        ("what-if/?v.A1=1e400&v.A2=5", {"v.A1"}),
        ("what-if/?v.Z9=1", {"v.Z9"}),
        ("advice/?cost.A1=0", {"cost.A1"}),
    ],
)
def test_api_refuses_impossible_numbers_by_field_with_what_is_allowed(client, release, path, fields_):
    answer = client.get(f"{API}U2/{path}")
    body = answer.json()

    assert (answer.status_code, answer["Content-Type"], body["code"]) == (400, MEDIA_TYPE, "invalid")
    assert {one["field"] for one in body["errors"]} == fields_
    assert all(one["detail"].startswith(("Allowed are numbers from", "There is no such")) for one in body["errors"])


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("U8/advice/?peers=all", 422, "not_ranked"),
        ("U8/what-if/", 422, "not_ranked"),
        ("U2/advice/?peers=chosen&cities=U1", 422, "too_few_peers"),
        ("U2/what-if/?w.A=0&w.B=0&w.C=0", 422, "not_positive"),
        ("U99/advice/", 404, "not_found"),
        ("U99/what-if/", 404, "not_found"),
    ],
)
def test_api_refuses_what_has_no_answer_by_name(client, release, path, status, code):
    answer = client.get(API + path)

    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (status, MEDIA_TYPE, code)


@pytest.mark.parametrize("part", ["advice/", "what-if/?v.A1=50"])
def test_api_answers_are_kept_like_the_rest_of_a_release(client, release, part):
    first = client.get(f"{API}U2/{part}")
    again = client.get(f"{API}U2/{part}", headers={"If-None-Match": first["ETag"]})

    assert first["Cache-Control"] == "public, max-age=300"
    assert again.status_code == 304
