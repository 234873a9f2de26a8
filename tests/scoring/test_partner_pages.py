"""Public pages: what is released, as anybody reads it."""

import re
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime

import numpy as np
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.shortcuts import render
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from scoring.models import Country, Edition, EditionPanel, SeriesCountry
from scoring.queries.published.catalogue import home_page
from scoring.queries.published.files import files_page
from scoring.queries.published.method import dictionary_page, method_page
from scoring.queries.published.ranking import ranking_page
from scoring.queries.published.release_head import release_head
from scoring.queries.published.uncertainty import robustness_page
from scoring.queries.published.unit import profile_page
from tests.guards import unguarded
from tests.kept import forget_rows
from tests.scoring import factories

pytestmark = pytest.mark.django_db
PAGES = (
    "/",
    "/s/las/",
    "/s/las/2024/",
    "/s/las/2024/v1.0/",
    "/s/las/2024/v1.0/units/doha/",
    "/s/las/2024/v1.0/units/aden/",
    "/s/las/2024/v1.0/method/",
    "/s/las/2024/v1.0/robustness/",
    "/s/las/2024/v1.0/dictionary/",
    "/s/las/2024/v1.0/files/",
    "/s/las/2025/",
    "/sign-in/",
    "/nowhere/",
)


@pytest.fixture
def series():
    return factories.make_series()


@pytest.fixture
def release(series):
    return factories.make_release(factories.make_edition(series))


@pytest.fixture
def all_pages(release, series):
    factories.make_edition(series, "2025", frozen=False)
    return PAGES


def read(path, **options):
    return Client(**options).get(path).content.decode()


def text(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def cities(html):
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r"units/(\w+)/", body)


# --- every page ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_hold_no_inline_style_or_script(all_pages, language):
    for path in all_pages:
        html = read(path, headers={"accept-language": language})

        assert re.findall(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son\w+=", html) == [], path


def test_pages_state_language_and_direction(all_pages):
    for path in all_pages:
        assert '<html lang="ar" dir="rtl">' in read(path, headers={"accept-language": "ar"})
        assert '<html lang="en" dir="ltr">' in read(path)


def test_public_pages_set_no_cookie_and_open_no_session(all_pages):
    for path in all_pages[:-2]:
        response = Client().get(path)

        assert response.status_code == 200
        assert dict(response.cookies) == {}, path


def test_public_pages_are_kept_by_browsers_and_asked_for_again(all_pages):
    for path in all_pages[:-2]:
        first = Client().get(path)
        again = Client().get(path, headers={"if-none-match": first["ETag"]})

        assert first["Cache-Control"] == "public, no-cache"
        assert {word.strip() for word in first["Vary"].split(",")} == {"Accept-Language", "Cookie"}
        assert (again.status_code, again.content) == (304, b"")


def test_public_pages_refuse_anything_but_reading(all_pages):
    assert [Client().post(path).status_code for path in all_pages[:-2]] == [405] * (len(all_pages) - 2)


def test_language_switch_keeps_page_and_question(release):
    client = Client(enforce_csrf_checks=True)

    response = client.post("/language/", {"language": "ar", "next": "/s/las/2024/?q=doha"})

    assert response["Location"] == "/s/las/2024/?q=doha"
    assert '<html lang="ar" dir="rtl">' in client.get("/s/las/2024/").content.decode()


def test_pages_of_a_demonstration_say_so():
    series = factories.make_series(is_demonstration=True)
    factories.make_release(factories.make_edition(series, is_simulated=True))
    paths = [path for path in PAGES if "1.0" in path or path == "/s/las/2024/"]

    for path in paths:
        assert "Demonstration data, not a published ranking. Simulated judgements." in text(read(path)), path
    assert "Demonstration data, not a published ranking." in read("/s/las/")
    assert "Demonstration data, not a published ranking." in read("/")


# --- queries ------------------------------------------------------------------------------------------------------------


def queries_of(path):
    forget_rows()
    with CaptureQueriesContext(connection) as captured:
        assert Client().get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", 5),
        ("/s/las/", 8),
        ("/s/las/2024/", 5),
        ("/s/las/2024/v1.0/", 5),
        ("/s/las/2024/v1.0/units/doha/", 9),
        ("/s/las/2024/v1.0/method/", 11),
        ("/s/las/2024/v1.0/robustness/", 6),
        ("/s/las/2024/v1.0/dictionary/", 2),
        ("/s/las/2024/v1.0/files/", 3),
    ],
)
def test_pages_cost_the_same_queries_for_one_release_and_three(release, series, path, expected):
    factories.add_files(release, {})
    alone = queries_of(path)
    for slug in ("2022", "2023"):
        factories.add_files(factories.make_release(factories.make_edition(series, slug)), {})

    assert (alone, queries_of(path)) == (expected, expected)


def test_rendering_asks_the_database_nothing(release, django_assert_num_queries):
    head = release_head("las", "2024")
    pages = {
        "home": home_page(),
        "ranking": ranking_page(head),
        "unit": profile_page(head, "doha"),
        "method": method_page(head),
        "robustness": robustness_page(head),
        "dictionary": dictionary_page(head),
        "files": files_page(head),
    }
    request = RequestFactory().get("/")
    request.user = AnonymousUser()

    with django_assert_num_queries(0):
        for name, page in pages.items():
            assert render(request, f"scoring/{name}.html", {"page": page}).content


def test_page_objects_hold_no_rows(release):
    head = release_head("las", "2024")

    def walk(value):
        assert not hasattr(value, "_meta"), value
        if is_dataclass(value):
            for field in fields(value):
                walk(getattr(value, field.name))
        elif isinstance(value, list | tuple):
            for item in value:
                walk(item)

    for page in (home_page(), ranking_page(head), method_page(head), files_page(head)):
        walk(page)
    factories.add_files(release, factories.make_study() | factories.make_change())
    forget_rows()
    for page in (profile_page(head, "doha"), robustness_page(head)):
        walk(page)


# --- home, series, editions ---------------------------------------------------------------------------------------------


def test_home_lists_series_with_finding_and_latest_release(release):
    html = text(read("/"))

    assert "LAS ranking" in html
    assert "Dubai leads; places 2 to 5 cannot be told apart." in html
    assert "5 cities, 4 countries · release 1.0 of 1 Oct 2024" in html


def test_home_without_series_says_what_will_be_here():
    assert "No ranking yet" in read("/")


def test_series_page_tells_until_when_the_panel_is_asked(series):
    edition = factories.make_edition(series, "2025", frozen=False)
    asked = factories.make_round(series, state="open", closes_at=datetime(2025, 3, 1, tzinfo=UTC))
    EditionPanel.objects.create(edition=edition, panel_uid=asked.panel.uid)

    for path in ("/s/las/", "/s/las/2025/"):
        assert "The panel is being asked until 1 March 2025" in text(read(path))


def test_series_page_names_members_of_today_and_before(series):
    for code, since, until in (("ARE", "1971-12-06", None), ("QAT", "1971-09-11", "2020-01-01")):
        country = Country.objects.create(code=code, names=factories.COUNTRIES[code])
        SeriesCountry.objects.create(series=series, country=country, since=since, until=until, source="Charter")

    html = text(read("/s/las/"))

    assert "1 country belongs to it today" in html
    assert "1 country belonged to it before" in html
    assert "Qatar 11 Sep 1971 1 Jan 2020 Charter" in html


@pytest.mark.parametrize(
    "path",
    [
        "/s/none/",
        "/s/las/1999/",
        "/s/las/2024/v9.9/",
        "/s/las/2024/v1.0/units/none/",
        "/s/las/2024/v9.9/method/",
        "/s/las/2024/v9.9/robustness/",
        "/s/las/2024/v9.9/dictionary/",
        "/s/las/2024/v9.9/files/",
        "/s/las/2024/v1.0/files/none.csv",
        "/s/las/2024/v1.0/files/release.zip",
    ],
)
def test_unknown_address_is_told_kindly(release, path):
    response = Client().get(path)

    assert response.status_code == 404
    assert "There is no page here" in response.content.decode()


# --- ranking ------------------------------------------------------------------------------------------------------------


def test_ranking_title_is_the_finding(release):
    html = read("/s/las/2024/")

    title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
    assert title is not None
    assert re.sub(r"[ \n]+", " ", title[1]).strip() == (
        "Dubai leads; places 2 to 5 cannot be told apart · LAS ranking 2024"
    )
    assert cities(html) == ["dubai", "doha", "cairo", "giza", "sanaa"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("القاهرة", ["cairo"]),
        ("القاهره", ["cairo"]),
        ("le caire", ["cairo"]),
        ("KAIRO", ["cairo"]),
        ("sana", ["sanaa"]),
        ("Ṣan‘ā’", ["sanaa"]),
        ("الدوحه", ["doha"]),
        ("  ", ["dubai", "doha", "cairo", "giza", "sanaa"]),
        ("atlantis", []),
    ],
)
def test_ranking_finds_a_city_in_any_language(release, asked, found):
    html = Client().get("/s/las/2024/", {"q": asked}).content.decode()

    assert cities(html) == found


def test_ranking_filters_by_country_and_counts_what_is_shown(release):
    html = read("/s/las/2024/?country=EGY")

    assert cities(html) == ["cairo", "giza"]
    assert "2 of 5 cities shown." in text(html)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", ["cairo", "doha", "dubai", "giza", "sanaa"]),
        ("country", ["cairo", "giza", "doha", "dubai", "sanaa"]),
        ("nonsense", ["dubai", "doha", "cairo", "giza", "sanaa"]),
    ],
)
def test_ranking_sorts_as_asked(release, sort, order):
    assert cities(read(f"/s/las/2024/?sort={sort}")) == order


def test_ranking_states_tiers_with_their_ranks(release):
    html = text(read("/s/las/2024/").partition('id="tiers"')[2])

    assert "top 10 % 1–1 1" in html.replace("\u00a0", " ")
    assert "60 % to 100 % 4–5 2" in html.replace("\u00a0", " ")


def test_ranking_marks_a_city_whose_interval_leaves_its_tier(release):
    page = ranking_page(release_head("las", "2024"))

    # of five cities the four tiers hold no place, the first, the next two and the last two
    assert [row.code for row in page.rows if row.crosses] == ["dubai", "doha", "cairo", "giza", "sanaa"]


def test_ranking_names_who_is_not_ranked_and_why(release):
    assert "Aden Yemen : 25 % given, 65 % needed" in text(read("/s/las/2024/")).replace("\u00a0", " ")


def test_superseded_release_keeps_its_address_and_names_its_successor(release):
    factories.make_release(release.edition, minor=1, supersedes=release, reason="One value was wrong.")

    old, new = text(read("/s/las/2024/v1.0/")), text(read("/s/las/2024/"))

    assert "Release 1.0 has been replaced by release 1.1. Reason: One value was wrong." in old
    assert "Release 1.1 corrects release 1.0. Reason: One value was wrong." in new


def test_withdrawn_edition_stays_readable_and_says_so(release):
    with unguarded(Edition):
        Edition.objects.filter(pk=release.edition_id).update(state="withdrawn")

    assert "This edition was withdrawn." in read("/s/las/2024/v1.0/")


def test_ranking_tells_how_to_cite_its_fixed_address(release):
    html = text(read("/s/las/2024/"))

    assert "LAS ranking , 2024 , release 1.0, 1 October 2024. Steelyard. http://testserver/s/las/2024/v1.0/" in html


# --- city ---------------------------------------------------------------------------------------------------------------


def test_city_page_says_the_result_with_its_uncertainty(release):
    html = text(read("/s/las/2024/v1.0/units/doha/"))

    assert "Doha is ranked 2 of 5 and could be anywhere from 2 to 4" in html
    assert "3 other cities cannot be told apart from it." in html


def test_city_page_of_an_unranked_city_gives_the_reason(release):
    html = text(read("/s/las/2024/v1.0/units/aden/")).replace("\u00a0", " ")

    assert "Aden is not ranked" in html
    assert "25 % of its indicators are given; the rule of this edition needs 65 %." in html


def test_city_page_places_pillars_and_indicators_on_the_field(release):
    page = profile_page(release_head("las", "2024"), "doha")

    assert [(pillar.criterion.name, pillar.score, pillar.median, pillar.place) for pillar in page.pillars] == [
        ("Network", 75.0, 65.0, 2),
        ("Air and water", 85.0, 75.0, 2),
    ]
    assert [(value.place, value.of, value.state) for group in page.groups for value in group.values] == [
        (2, 5, "given")
    ] * 4


def test_city_page_claims_strength_only_above_the_ninetieth_percentile(release):
    factories.add_cities(release, np.linspace(66, 69, 28).reshape(7, 4))
    head = release_head("las", "2024")

    best, third, last = (profile_page(head, code).against_all for code in ("dubai", "cairo", "sanaa"))

    assert ([len(best.strong), len(best.weak)], [len(third.strong), len(third.weak)]) == ([4, 0], [0, 0])
    assert [len(last.strong), len(last.weak)] == [0, 4]


def test_city_page_claims_nothing_of_a_value_that_many_share_and_says_so(release):
    more = np.linspace(62, 69, 28).reshape(7, 4)
    more[:2, 2] = 58.0  # as Sanaa's own
    factories.add_cities(release, more)

    page = profile_page(release_head("las", "2024"), "sanaa")
    html = text(read("/s/las/2024/v1.0/units/sanaa/"))

    told = {value.criterion.code for value in page.against_all.weak}
    assert (told, [one.value.criterion.code for one in page.against_all.unclaimed]) == (
        {"Users", "Speed", "Water"},
        ["Dust"],
    )
    assert "Not claimed Fine dust: 3 cities of 12 have the same value" in html
    assert "more than 15 % of the group have the same value" in html


def test_city_page_claims_nothing_in_a_small_ranking_and_says_so(release):
    html = text(read("/s/las/2024/v1.0/units/dubai/"))

    assert "Nothing is claimed: the group has 4 other ranked cities, and a claim takes 10 or more." in html


# --- method, files ------------------------------------------------------------------------------------------------------


def test_method_page_gives_weights_with_interval_and_agreement_in_words(release):
    html = text(read("/s/las/2024/v1.0/method/")).replace("\u00a0", " ")

    assert "Invited 8 Handed in 6 Pairs asked 3 Experts counted 6" in html
    assert "Network 50.0 % 50.0 % 40.0 % to 60.0 %" in html
    assert "Agreement over the whole tree (S*) 71 % , moderate" in html
    assert "City 6 71 % moderate 0.50 0.03 – 1" in html


@pytest.mark.parametrize(
    ("homogeneity", "why"),
    [
        (0.1, "not defined: the experts lie further apart than S* can tell"),
        (None, "not defined: it takes two experts and two criteria"),
    ],
)
def test_method_page_says_why_there_is_no_s_star(series, homogeneity, why):
    agreement = {"s_star": None, "homogeneity": homogeneity}
    factories.make_release(factories.make_edition(series, agreement=agreement))

    html = text(read("/s/las/2024/v1.0/method/")).replace("\u00a0", " ")

    assert f"Agreement over the whole tree (S*) {why}" in html
    assert f"City 6 – {why} 0.50" in html


def test_method_page_names_no_expert(release):
    assert re.findall(r"\bE[0-5]\b", read("/s/las/2024/v1.0/method/")) == []


def test_method_page_says_when_judgements_are_simulated(series):
    factories.make_release(factories.make_edition(series, is_simulated=True))

    assert "no person gave them" in read("/s/las/2024/v1.0/method/")


def camp(size, **divides):
    return {
        "experts": [f"E{number}" for number in range(size)],
        "weights": [],
        "divides": [{"indicator": code, "log_ratio": ratio} for code, ratio in divides.items()],
    }


def test_method_page_tells_what_divides_experts_who_weigh_alike(series):
    clusters = [camp(7, Dust=0.9, Speed=-0.5), camp(5, Dust=-0.9, Speed=0.5)]
    factories.make_release(factories.make_edition(series, clusters=clusters))

    html = text(read("/s/las/2024/v1.0/method/"))

    assert "7 experts : more weight on Fine dust; less on Speed" in html


def test_method_page_is_silent_about_groups_under_five(series):
    clusters = [camp(7, Dust=0.9), camp(4, Dust=-0.9)]
    factories.make_release(factories.make_edition(series, clusters=clusters))

    assert "Experts who weigh alike" not in read("/s/las/2024/v1.0/method/")


def test_files_page_lists_size_and_digest(release):
    html = text(read("/s/las/2024/v1.0/files/"))
    file = release.files.get()

    assert f"scores.csv scores, ranks, tiers and rank intervals 31 bytes {file.sha256}" in html.replace("\u00a0", " ")
    assert "verify_release las-2024-v1.0-release.zip" in html


def test_file_is_sent_byte_for_byte_and_kept_for_good(release):
    file = release.files.get()

    response = Client().get("/s/las/2024/v1.0/files/scores.csv")
    again = Client().get("/s/las/2024/v1.0/files/scores.csv", headers={"if-none-match": response["ETag"]})

    assert response.content == bytes(file.content)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="las-2024-v1.0-scores.csv"'
    assert response["ETag"] == f'"{file.sha256}"'
    assert "immutable" in response["Cache-Control"]
    assert again.status_code == 304
