"""Where a rank or a tier as released is another than its draws mostly give, headlines, pages, preview and API say so."""

import csv
import io
import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from accounts.usecases.roles import give_role
from exchange.tables import csv_text
from scoring.models import ReleaseUnit, Scoring
from scoring.queries.desk.edition import desk_edition_page, edition_for_desk
from tests.guards import unguarded
from tests.scoring import factories

pytestmark = pytest.mark.django_db
HERE = "/s/las/2024/v1.0/"
API = "/api/v1/series/las/editions/2024/releases/v1.0/"
GIZA = {"rank_q1": 1.75, "rank_q3": 3.0, "modal_tier": 3}
"""Ranked 4 in tier 4: half of its draws put it from 1 to 3, and most often into tier 3."""
OFF = "1 city has a rank outside the middle half of its recomputations."
OTHER = "1 city is in another tier than its recomputations put it into most often."


def make(**drawn):
    return factories.make_release(factories.make_edition(factories.make_series()), drawn=drawn)


def read(path):
    answer = Client().get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def text(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")


def test_page_of_the_city_says_where_its_draws_put_it():
    make(giza=GIZA)

    html = read(HERE + "units/giza/")

    said = "Giza is ranked 4 of 5, yet half of the recomputations put it from 1 to 3"
    assert said in text(html.partition("<h1")[2].partition("</h1>")[0])
    assert f'content="{said}"' in html
    shown = text(html)
    assert "In nine of ten recomputations it lies from 3 to 5." in shown
    assert "More recomputations put it into another tier than into this one: 30 % to 60 %" in shown


def test_headline_of_a_city_names_the_tier_it_is_drawn_into_most_often():
    make(giza={"rank_q1": 2.5, "rank_q3": 4.0, "modal_tier": 3})

    html = read(HERE + "units/giza/")

    said = "Giza is ranked 4 of 5, yet its recomputations put it most often into another tier, 30 % to 60 %"
    assert said in text(html.partition("<h1")[2].partition("</h1>")[0])
    assert "In nine of ten recomputations it lies from 3 to 5." in text(html)
    assert "More recomputations" not in text(html)


@pytest.mark.parametrize("drawn", [{}, {"rank_q1": 3.2, "rank_q3": 4.0, "modal_tier": 4}])
def test_nothing_is_said_of_a_place_that_is_usual_or_not_told(drawn):
    make(giza=drawn)

    for path in (HERE + "units/giza/", HERE):
        shown = text(read(path))
        assert "half of the recomputations" not in shown
        assert "into another tier" not in shown
        assert "†" not in shown


def test_ranking_counts_and_marks_them():
    make(giza=GIZA, sanaa={"rank_q1": 4.0, "rank_q3": 5.0, "modal_tier": 4})

    html = read(HERE)

    assert f"{OFF} {OTHER} A dagger (†) marks them." in text(html)
    rows = {found[1]: found[0] for found in re.findall(r"(<tr>.*?units/(\w+)/.*?</tr>)", html, re.DOTALL)}
    assert {code: row.count("†") for code, row in rows.items() if "†" in row} == {"giza": 1}


@pytest.mark.parametrize("path", ["/", "/s/las/", "/s/las/2024/", HERE])
def test_headline_does_not_call_first_without_saying_where_its_draws_put_it(path):
    make(dubai={"rank_q1": 2.0, "rank_q3": 2.5, "modal_tier": 1})

    assert "Dubai is ranked first, yet half of the recomputations put it from 2 to 3" in text(read(path))


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        (GIZA, "Giza is ranked 4 of 5, yet half of the recomputations put it from 1 to 3"),
        (
            GIZA | {"rank_q1": 2.5, "rank_q3": 4.0},
            "Giza is ranked 4 of 5, yet its recomputations put it most often into another tier, 30 % to 60 %",
        ),
    ],
)
def test_chart_of_the_city_has_its_headline_and_says_what_was_not_varied(drawn, said):
    factories.add_files(make(giza=drawn), factories.make_study())

    chart = text(read(HERE + "charts/ranks.svg?unit=giza"))

    assert said in chart
    described = re.search(r'aria-label="([^"]*Not varied:[^"]*)"', read(HERE + "charts/ranks.svg?unit=giza"))
    assert "errors in the data, who was asked." in described[1]


def test_page_on_how_sure_counts_them_and_shows_every_half():
    factories.add_files(make(giza=GIZA), factories.make_study())

    shown = text(read(HERE + "robustness/"))

    assert f"{OFF} {OTHER}" in shown
    assert "25–75 %" in shown
    assert "1–3" in shown


def test_api_says_it_of_every_unit():
    make(giza=GIZA)

    ranking = {one["code"]: one for one in json.loads(read(API + "ranking/"))["results"]}
    unit, other = (json.loads(read(f"{API}units/{code}/")) for code in ("giza", "doha"))

    for found in (ranking["giza"], unit):
        assert (found["rank_half"], found["modal_tier"]) == ([1, 3], 3)
        assert (found["is_off_half"], found["is_other_tier"]) == (True, True)
    for found in (ranking["doha"], other):
        assert (found["rank_half"], found["is_off_half"], found["is_other_tier"]) == (None, False, False)
    left_out = json.loads(read(f"{API}units/aden/"))
    assert (left_out["is_off_half"], left_out["rank_half"]) == (None, None)


# --- the whole way ------------------------------------------------------------------------------------------------------


def test_release_keeps_what_its_files_say(release):
    files = {one.name: bytes(one.content).decode() for one in release.files.all()}
    drawn = {row["uCode"]: row for row in csv.DictReader(io.StringIO(files["robustness/ranks.csv"]))}
    ranked = ReleaseUnit.objects.filter(release=release, rank__isnull=False)

    assert ranked
    for unit in ranked:
        row = drawn[unit.code]
        assert (unit.rank_q1, unit.rank_q3) == (float(row["rank_q1"]), float(row["rank_q3"]))
        assert unit.modal_tier == int(row["modal_tier"])
        assert float(row["rank_low_exact"]) <= unit.rank_q1 <= float(row["rank_median"]) <= unit.rank_q3


def test_preview_before_the_release_says_it(scored, series, by, client):
    scoring = Scoring.objects.get()
    drawn = list(csv.DictReader(io.StringIO(scoring.result["robustness/ranks.csv"])))
    tiers = {row["uCode"]: row["tier"] for row in csv.DictReader(io.StringIO(scoring.result["scores.csv"]))}
    off = next(row for row in drawn if row["uCode"] == "U4")
    off.update(rank_q1=str(int(off["rank"]) + 1), rank_q3=str(int(off["rank"]) + 3), modal_tier="4")
    said = csv_text(list(drawn[0]), ([*row.values()] for row in drawn))
    with unguarded(Scoring):
        Scoring.objects.update(result={**scoring.result, "robustness/ranks.csv": said})
    moderator = User.objects.create_user("mo")
    give_role(moderator, series=series, kind=Role.Kind.MODERATOR, **by)
    client.force_login(moderator)

    preview = desk_edition_page(edition_for_desk(series, "2026")).preview
    html = client.get(reverse("scoring:desk_edition", kwargs={"series": "las", "edition": "2026"})).content.decode()

    rank, tier = int(off["rank"]), int(tiers["U4"])
    assert [place.rank for place in preview.top] == [int(row["rank"]) for row in drawn if row["rank"]]
    assert ("City U4", (rank + 1, rank + 3), tier, 4) in [
        (place.name, place.half, place.tier_number, place.modal_tier) for place in preview.elsewhere
    ]
    assert "Where rank or tier is another" in text(html)
    assert f"{rank} City U4 {rank + 1}–{rank + 3} {tier} 4" in text(html)
