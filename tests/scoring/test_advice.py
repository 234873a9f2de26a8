"""How a city could move up, what if, and against whom it is strong: pages, files and API."""

import csv
import io
import json
import re

import numpy as np
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.shortcuts import render
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from config.errors import MEDIA_TYPE
from exchange.problems import FileProblemsError
from scoring.files.frozen import FrozenMethod
from scoring.files.release_model import INPUTS, read_release_model, read_weight_draws
from scoring.numerics.errors import NoYardstickError
from scoring.numerics.robustness.advice import reachable
from scoring.numerics.robustness.what_if import what_if
from scoring.queries.explore import release_model
from scoring.queries.explore.advice import advice_page
from scoring.queries.explore.number_fields import read_number
from scoring.queries.explore.what_if import what_if_page
from scoring.queries.published.peers import PeerQuery, size_of
from scoring.queries.published.release_head import release_head
from scoring.queries.published.unit import profile_page
from tests.scoring import factories

pytestmark = pytest.mark.django_db
UNITS = "/s/las/2026/v1.0/units/"
API = "/api/v1/series/las/editions/2026/releases/v1.0/units/"


@pytest.fixture
def head(release):
    return release_head("las", "2026")


@pytest.fixture
def field(head):
    return release_model.release_model(head)


@pytest.fixture
def last(release):
    """The city with the last rank."""
    return release.units.filter(rank__isnull=False).order_by("-rank").first().code


def files_of(release, without=()):
    return {file.name: bytes(file.content) for file in release.files.all() if file.name not in without}


def page(path, language="en", **options):
    return Client().get(UNITS + path, headers={"accept-language": language}, **options)


def source(response):
    """Return the page with every run of white space, also between attributes, as one space."""
    return re.sub(r"[ \n]+", " ", response.content.decode())


def text(response):
    html = response.content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ").strip()


# --- the field of a release ---------------------------------------------------------------------------------------------


def test_field_is_the_release_as_published(release, field):
    published = {unit.code: unit for unit in release.units.filter(rank__isnull=False)}
    nominal = field.nominal

    assert set(nominal.units) == set(published)
    for position, unit in enumerate(nominal.units):
        assert (nominal.ranks[position], nominal.tiers[position]) == (published[unit].rank, published[unit].tier)
        assert nominal.scores[position] == pytest.approx(published[unit].score, rel=1e-10)


def test_field_draws_the_weights_of_the_release(release, field):
    drawn = FrozenMethod.from_content(release.edition.freezes.get().content).question(field.nominal.steps["screened"])
    own = drawn.weight_draws()

    assert field.covers == ("weights", "normalise", "leave_one_indicator")
    assert field.draws.codes == own.codes
    assert field.draws.local == pytest.approx(own.local, rel=1e-11)
    assert field.draws.weights == pytest.approx(own.weights, rel=1e-10)


def test_interval_of_an_unchanged_city_is_the_published_one(release, field):
    for unit in release.units.filter(rank__isnull=False):
        found = what_if(field, unit.code, {})
        assert (found.rank_low, found.rank_high) == (pytest.approx(unit.rank_low), pytest.approx(unit.rank_high))


def test_release_without_draws_of_weights_varies_the_rest(release):
    field = read_release_model(files_of(release, without=["robustness/weight_draws.csv"]))

    assert (field.draws, field.covers) == (None, ("normalise", "leave_one_indicator"))


@pytest.mark.parametrize("lost", INPUTS)
def test_release_without_what_is_needed_is_refused_by_name(release, lost):
    with pytest.raises(NoYardstickError) as refused:
        read_release_model(files_of(release, without=[lost]))
    assert refused.value.facts == {"files": [lost]}


def test_summary_without_a_yardstick_is_refused_by_name(release):
    files = files_of(release)
    summary = json.loads(files["summary.json"])
    del summary["yardstick"]
    with pytest.raises(NoYardstickError):
        read_release_model(files | {"summary.json": json.dumps(summary).encode()})


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda rows: [rows[0][1:], *[row[1:] for row in rows[1:]]], "the column is not there"),
        (lambda rows: [[*rows[0], "Z9"], *[[*row, "1"] for row in rows[1:]]], "the framework names no such criterion"),
        (lambda rows: rows[:1], "there is no draw below the header"),
        (lambda rows: [rows[0], [rows[1][0], "-0.5", *rows[1][2:]], *rows[2:]], "is not a number of 0 or more"),
        (lambda rows: [rows[0], [rows[1][0], "", *rows[1][2:]], *rows[2:]], "is not a number of 0 or more"),
        (lambda rows: [rows[0], [rows[1][0], "x", *rows[1][2:]], *rows[2:]], "is not a number"),
        (lambda rows: [rows[0], rows[2], rows[1], *rows[3:]], "the draws are not numbered one by one"),
    ],
)
def test_broken_draws_are_refused_with_their_place(release, field, change, what):
    rows = list(csv.reader(io.StringIO(files_of(release)["robustness/weight_draws.csv"].decode())))
    text = "\n".join(",".join(row) for row in change(rows)) + "\n"

    with pytest.raises(FileProblemsError) as refused:
        read_weight_draws("weight_draws.csv", text.encode(), field.tree)
    assert what in {problem.what for problem in refused.value.problems}


def test_field_is_read_once_a_process(head):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            release_model.release_model(head)
        return len(captured)

    assert [queries(), queries()] == [1, 0]


# --- how could it move up -----------------------------------------------------------------------------------------------


def test_advice_lists_what_peers_have_by_places_gained(field, last):
    found = reachable(field, last, field.nominal.units)
    response = page(f"{last}/advice/?peers=all")
    html = text(response)

    assert response.status_code == 200
    assert f"How could City {last} move up?" in html
    assert "Change what the number stands for, not only the number." in html
    for step in found.steps[:2]:
        low, high = min(step.gained, int(np.floor(step.low))), max(step.gained, int(np.ceil(step.high)))
        assert re.search(
            rf"City {step.peer} (best|next quarter) of the peers {step.gained} {low} to {high} {step.rank}", html
        )
    assert "The interval holds nine of ten results of 40 recomputations, varying: the panel’s weights" in html


def test_advice_tells_the_fewest_changes_to_the_next_tier(head, last):
    found = advice_page(head, last, PeerQuery("all"), {})
    html = text(page(f"{last}/advice/?peers=all"))

    assert found.fewest.state == "found"
    many = len(found.fewest.changes)
    assert f"{many} change" in html
    assert f"to rank {found.fewest.rank} with a score of {found.fewest.score:.1f}" in html


def test_advice_says_what_would_not_help_and_why(head, release):
    best = release.units.get(rank=1)
    found = advice_page(head, best.code, PeerQuery("all"), {})

    assert found.would_not_help
    for line in found.would_not_help:
        assert line.criterion.name in text(page(f"{best.code}/advice/?peers=all")).partition("What would not help")[2]


@pytest.mark.parametrize(
    ("query", "asked", "codes"),
    [
        ("peers=all", "all", 6),
        ("peers=Region", "Region", None),
        ("peers=Size", "Size", None),
        ("peers=nonsense", "all", 6),
        ("peers=chosen&cities=U1, city u2 ،مدينة 3，U4、U5", "chosen", 5),
        ("cities=U1,Town 2,U3,U4", "chosen", 4),
    ],
)
def test_peers_are_chosen_by_group_or_by_name(head, query, asked, codes):
    fields_ = dict(part.split("=") for part in query.split("&"))
    found = advice_page(head, "U7", PeerQuery.of(fields_), {}).peers
    region = {"U1", "U3", "U5"}

    assert found.asked == asked
    assert "U7" not in found.codes
    assert len(found.codes) == codes if codes else set(found.codes) == (region if asked == "Region" else {"U5", "U6"})


def test_peers_by_default_are_those_of_its_size_where_they_are_enough(head):
    assert advice_page(head, "U7", PeerQuery(), {}).peers.asked == "all"  # two others of its size are too few
    assert [size_of(people) for people in (1_500_000, 1_499_999, 500_000, 200_000, 199_999)] == [
        "large metropolitan",
        "metropolitan",
        "metropolitan",
        "medium",
        "small",
    ]


def test_unknown_and_too_few_peers_are_told(release):
    html = text(page("U7/advice/?peers=chosen&cities=Atlantis, U1"))

    assert "No ranked city here has this name: Atlantis" in html
    assert "Too few peers: a comparison needs at least 3 other ranked cities." in html
    assert "Within reach of its peers" not in html


def test_costs_give_places_for_their_cost_and_the_cheapest_way(head, last):
    steps = advice_page(head, last, PeerQuery("all"), {}).steps
    code = steps[0].criterion.code
    response = page(f"{last}/advice/?peers=all&cost.{code}=2")
    html = text(response)

    assert response.status_code == 200
    assert "Places for its cost" in html
    assert "The cheapest way to the next tier" in html
    assert f'name="cost.{code}" value="2"' in source(response)


@pytest.mark.parametrize("cost", ["0", "-1", "x", "1e400", "NaN", "1e12"])
def test_impossible_costs_are_refused_beside_the_field(last, cost):
    response = page(f"{last}/advice/?peers=all&cost.A1={cost}")
    html = source(response)

    assert response.status_code == 422
    assert 'id="cost.A1_error"' in html
    assert "0.01 to 1,000,000,000" in text(response)
    assert f'name="cost.A1" value="{cost}"' in html


def test_city_without_a_rank_has_no_advice_and_it_is_said(release):
    for path in ("U8/advice/", "U8/what-if/"):
        response = page(path)
        assert response.status_code == 200
        assert "The city has no rank in this release" in text(response)
    assert "/advice/" not in page("U8/").content.decode()


def test_release_that_keeps_no_yardstick_says_so():
    factories.make_release(factories.make_edition(factories.make_series()))
    for part in ("advice/", "what-if/"):
        response = Client().get(f"/s/las/2024/v1.0/units/doha/{part}")
        assert response.status_code == 200
        assert "does not keep the parameters that other values could be placed on" in text(response)


# --- what if ------------------------------------------------------------------------------------------------------------


def test_what_if_is_unofficial_everywhere_and_near_the_official(field, last):
    response = page(f"{last}/what-if/?v.A1=90&w.A=50")
    html, plain = source(response), text(response)
    found = what_if(field, last, {"A1": 90.0}, {"A": 0.5})

    assert re.search(r"<title> ?Unofficial: ", html)
    assert re.search(r'<meta property="og:title" content="Unofficial: ', html)
    assert re.search(r'<meta name="description" content="Unofficial: ', html)
    assert '<meta name="robots" content="noindex">' in html
    assert re.search(r'<h1 class="finding"> ?Unofficial: ', html)
    assert "Unofficial. A reader’s what-if" in plain
    assert f'href="{UNITS}{last}/">The official page of' in html
    assert 'href="/s/las/2026/v1.0/">The official ranking' in html
    assert f"City {last} would be {found.rank} of 7" in plain or f"would stay {found.rank} of 7" in plain
    assert f"{found.score:.1f}" in plain


def test_address_reproduces_the_question(last):
    html = source(page(f"{last}/what-if/?v.A1=90.5&w.A=50"))

    assert 'name="v.A1" value="90.5"' in html
    assert 'name="w.A" value="50"' in html
    assert html == source(page(f"{last}/what-if/?v.A1=90.5&w.A=50"))


def test_fields_left_empty_fall_out_of_the_address(last):
    response = page(f"{last}/what-if/?v.A1=90&v.A2=&w.A=&w.B=+")

    assert (response.status_code, response["Location"]) == (302, f"{UNITS}{last}/what-if/?v.A1=90")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("value", ["1e12", "text", "-5", "NaN", "inf", "1e400", "--", "1_0", "12,5", "9" * 70])
def test_impossible_values_are_refused_beside_the_field_and_nothing_is_lost(field, language, value):
    response = page(f"U2/what-if/?v.A1={value}&v.A2=40&w.B=30", language)
    html = source(response)

    assert response.status_code == 422
    assert 'id="v.A1_error"' in html
    assert 'href="#v.A1"' in html
    assert f'name="v.A1" value="{value[:64]}"' in html
    assert 'name="v.A2" value="40"' in html
    assert 'name="w.B" value="30"' in html
    assert ("allowed are" in html or "a number from" in html) is (language == "en")
    assert "unofficial.csv" not in html  # nothing was computed


@pytest.mark.parametrize("query", ["w.A=-1", "w.A=101", "w.A=x", "w.Z9=1", "v.A=1", "v.Z9=1", "w.Root=5"])
def test_impossible_weights_and_unknown_criteria_are_refused(release, query):
    response = page(f"U2/what-if/?{query}")

    assert response.status_code == 422
    assert "Not computed: please check these numbers" in text(response)


def test_weights_that_are_all_zero_are_refused_in_words(release):
    response = page("U2/what-if/?w.A=0&w.B=0&w.C=0")

    assert response.status_code == 422
    assert "The weights under Root are all zero" in text(response)


def test_numbers_are_read_in_the_digits_of_any_language():
    assert [read_number(text) for text in ("٣٫٥", "۱۲", "−2", "+.5", "1e3", " 7 ")] == [3.5, 12, -2, 0.5, 1000, 7]
    assert [read_number(text) for text in ("", "1,5", "0x1", "1_000", "1e999", "²", "NaN")] == [None] * 7


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_files_say_in_name_and_content_that_they_are_unofficial(field, last, kind):
    response = page(f"{last}/what-if/unofficial.{kind}?v.A1=90&w.A=50")
    found = what_if(field, last, {"A1": 90.0}, {"A": 0.5})
    content = response.content.decode()

    assert response["Content-Disposition"] == f'attachment; filename="unofficial-what-if-las-2026-v1.0-{last}.{kind}"'
    assert response["X-Robots-Tag"] == "noindex"
    if kind == "json":
        answer = json.loads(content)
        assert answer["unofficial"] is True
        assert answer["what_if"]["rank"] == found.rank
        assert [row["what_if"] for row in answer["ranks"]] == sorted(found.ranks.tolist())
    else:
        rows = list(csv.DictReader(io.StringIO(content)))
        assert {row["status"] for row in rows} == {"unofficial"}
        assert [row["what_if"] for row in rows if row["what"] == "rank" and row["code"] == last] == [str(found.rank)]


def test_file_of_an_impossible_question_leads_back_to_the_page(last):
    response = page(f"{last}/what-if/unofficial.csv?v.A1=x")

    assert (response.status_code, response["Location"]) == (302, f"{UNITS}{last}/what-if/?v.A1=x")


# --- strong and weak ----------------------------------------------------------------------------------------------------


def test_city_page_tells_strengths_against_all_and_against_peers_with_the_rule(release):
    html = text(page("U1/?peers=Region"))

    assert "Against all ranked cities" in html
    assert "Against its peers N (3)" in html
    assert "at or above the 90th percentile of the group, weak at or below the 10th" in html
    assert "less than 65 % of the values are given" in html
    assert "the group has 3 other ranked cities, and a claim takes 10 or more" in html
    assert "Against its peers" not in text(page("U1/?peers=all"))


def test_strengths_follow_the_percentiles_of_the_group(db):
    release = factories.make_release(factories.make_edition(factories.make_series()))
    near = factories.add_cities(release, np.random.default_rng(3).integers(0, 40, (15, 4)).astype(float))
    head = release_head("las", "2024")
    ranked = {
        unit.code: {one["indicator"]: one["normalised"] for one in unit.values}
        for unit in release.units.filter(rank__isnull=False)
    }
    for code, own in ranked.items():
        found = profile_page(head, code, PeerQuery("chosen", ",".join(near)))
        for points, group in (
            (found.against_all, [*ranked]),
            (found.against_peers, [*{code: 0, **dict.fromkeys(near)}]),
        ):
            strong, unclaimed = set(), set()
            for indicator, value in own.items():
                column = [ranked[one][indicator] for one in group]
                low, high = np.quantile(column, (0.1, 0.9))
                is_shared = column.count(value) > 0.15 * len(column)
                strong |= {indicator} if value >= high and not is_shared else set()
                unclaimed |= {indicator} if is_shared and (value >= high or value <= low) else set()
            assert {value.criterion.code for value in points.strong} == strong
            assert {one.value.criterion.code for one in points.unclaimed} == unclaimed


def test_a_hand_picked_group_that_is_too_small_claims_nothing(release):
    html = text(page("U1/?peers=chosen&cities=U2,U3"))

    assert "Too few peers" in html
    assert "Against its peers" not in html


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


def queries_of(path):
    with CaptureQueriesContext(connection) as captured:
        assert page(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize(("path", "expected"), [("U2/advice/", 5), ("U2/what-if/?v.A1=50", 4), ("U2/", 7)])
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
