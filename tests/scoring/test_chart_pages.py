"""Charts at their addresses: right types, kept and asked for again, one drawing an address, refusals by name."""

import json
import re
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.test import Client

from scoring.wording import chart_texts
from tests.scoring import factories

pytestmark = pytest.mark.django_db
CHARTS = "/s/las/2024/v1.0/charts/"
DRAWN = ("ranks", "tiers", "weights", "sensitivity", "change")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def files():
    return factories.make_study() | factories.make_change()


@pytest.fixture
def bare():
    return factories.make_release(factories.make_edition(factories.make_series()))


@pytest.fixture
def release(bare, files):
    return factories.add_files(bare, files)


@pytest.fixture
def rendered(monkeypatch):
    """Count what is rendered; it is rendered all the same."""
    drawn = []
    render = chart_texts.render
    monkeypatch.setattr(chart_texts, "render", lambda spec: drawn.append(spec) or render(spec))
    return drawn


def get(name, **query):
    return Client().get(CHARTS + name, ({"unit": "doha"} if name.startswith("change") else {}) | query)


def texts(answer):
    return re.sub(
        "[\u2066-\u2069]",
        "",
        " ".join("".join(one.itertext()) for one in ET.fromstring(answer.content).iter(f"{SVG}text")),
    )


@pytest.mark.parametrize("name", DRAWN)
def test_picture_is_an_image_that_says_what_it_shows(release, name):
    answer = get(f"{name}.svg")

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    root = ET.fromstring(answer.content)
    assert root.get("role") == "img"
    assert len(root.get("aria-label")) > 40
    assert root.get("aria-label").split(".")[0][:20] in texts(answer)
    assert "LAS ranking 2024, release 1.0" in texts(answer)
    assert set(dict(answer.cookies)) == set()


@pytest.mark.parametrize("name", DRAWN)
def test_specification_is_a_file_to_keep(release, name):
    answer = get(f"{name}.json")

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert re.fullmatch(rf'attachment; filename="las-2024-v1.0-{name}(-doha)?.json"', answer["Content-Disposition"])
    assert json.loads(answer.content)["$schema"] == "https://vega.github.io/schema/vega-lite/v6.json"


def test_numbers_drawn_are_the_files(release, files):
    drawn = {row["name"]: row for row in json.loads(get("ranks.json").content)["data"]["values"]}

    for line in files["robustness/ranks.csv"].splitlines()[1:]:
        code, rank, _draws, median, low, high = line.split(",")[:6]
        row = drawn[release.units.get(code=code).names["en"]]
        assert [row["rank"], row["median"], row["low"], row["high"]] == [
            float(cell) for cell in (rank, median, low, high)
        ]


def test_move_is_drawn_by_cause_from_rank_to_rank(release):
    rows = json.loads(get("change.json").content)["data"]["values"]

    assert [(row["name"], row["value"]) for row in rows] == [
        ("Rank before", 1),
        ("the city’s own values", -0.5),
        ("the values of other cities", -0.5),
        ("Rank now", 2),
    ]
    assert "Doha moved from 1 to 2: 1 place lost" in texts(get("change.svg"))


def test_unit_asked_for_stands_out(release):
    rows = json.loads(get("ranks.json", unit="giza").content)["data"]["values"]

    assert [row["name"] for row in rows if row["is_focus"]] == ["Giza"]
    assert "Giza is ranked 4 and could be anywhere from 3 to 5" in texts(get("ranks.svg", unit="giza"))


def test_demonstration_says_so_in_the_picture(files):
    series = factories.make_series("demo", is_demonstration=True)
    factories.add_files(factories.make_release(factories.make_edition(series, is_simulated=True)), files)

    drawn = texts(Client().get("/s/demo/2024/v1.0/charts/ranks.svg"))

    assert "Demonstration data, not a published ranking. Simulated judgements." in drawn


# --- one address, one drawing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["svg", "json"])
def test_picture_is_kept_for_a_day_and_then_asked_for_by_its_etag(release, kind, rendered):
    first = get(f"ranks.{kind}")
    before = len(rendered)
    again = Client().get(CHARTS + f"ranks.{kind}", headers={"if-none-match": first["ETag"]})

    assert first["Cache-Control"] == "public, max-age=86400"
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert len(rendered) == before


def test_every_drawing_has_an_etag_of_its_own(release):
    asked = [{}, {"theme": "dark"}, {"width": "320"}, {"lang": "ar"}, {"unit": "giza"}]
    tags = {get("ranks.svg", **query)["ETag"] for query in asked} | {
        get("ranks.json")["ETag"],
        get("tiers.svg")["ETag"],
    }

    assert len(tags) == 7
    assert get("ranks.svg", theme="light", width="720", lang="en", unit="")["ETag"] == get("ranks.svg")["ETag"]


def test_etag_changes_with_the_code(release, monkeypatch):
    before = get("ranks.svg")["ETag"]
    monkeypatch.setattr(chart_texts, "code_version", lambda: "steelyard 9.9.9")

    assert get("ranks.svg")["ETag"] != before


def test_language_is_the_address_and_not_the_readers(release):
    english, french = (Client(headers={"accept-language": tag}).get(CHARTS + "ranks.svg") for tag in ("en", "fr"))
    arabic = get("ranks.svg", lang="ar")

    assert (english.content, english["Content-Language"]) == (french.content, "en")
    assert arabic["Content-Language"] == "ar"
    assert "دبي" in texts(arabic)
    assert "Dubai" in texts(english)
    assert "الجيزة" in texts(arabic)


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
@pytest.mark.parametrize("name", DRAWN)
def test_every_chart_is_drawn_in_every_language(release, language, name):
    for width in ("320", "720"):
        answer = get(f"{name}.svg", lang=language, width=width, theme="dark")

        assert answer.status_code == 200
        assert ET.fromstring(answer.content).get("width") == width


def test_picture_is_rendered_once_for_all(release, rendered):
    first, second = get("ranks.svg"), get("ranks.svg")

    assert first.content == second.content
    assert len(rendered) == 1


def test_picture_is_drawn_while_the_cache_is_out_of_reach(release, rendered, settings):
    kept = get("ranks.svg").content
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}

    assert get("ranks.svg").content == kept
    assert len(rendered) == 2


# --- refusals -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "query", "status", "body"),
    [
        ("pie.svg", {}, 404, "chart: one of ranks, tiers, weights, sensitivity, change\n"),
        ("ranks.svg", {"theme": "pink"}, 400, "theme: one of light, dark\n"),
        ("ranks.svg", {"theme": "<script>"}, 400, "theme: one of light, dark\n"),
        ("ranks.svg", {"width": "100000"}, 400, "width: one of 320, 720\n"),
        ("ranks.json", {"width": "1e9"}, 400, "width: one of 320, 720\n"),
        ("ranks.svg", {"lang": "../../etc"}, 400, "lang: one of en, ar, zh-hans, fr, ru, pt\n"),
        ("ranks.svg", {"unit": "atlantis"}, 404, "unit: the release has no unit of this code\n"),
        ("ranks.svg", {"unit": "x" * 65}, 400, "unit: at most 64 characters\n"),
        ("change.svg", {"unit": ""}, 400, "unit: the code of a unit of the release\n"),
        ("change.json", {"unit": "atlantis"}, 404, "unit: the release has no unit of this code\n"),
        ("change.svg", {"unit": "sanaa"}, 404, "change: the release has nothing to draw in it\n"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(release, rendered, name, query, status, body):
    answer = get(name, **query)

    assert (answer.status_code, answer.content.decode()) == (status, body)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Cache-Control"] == "public, no-cache"
    assert rendered == []


@pytest.mark.parametrize("name", DRAWN)
def test_release_without_draws_has_no_charts(bare, name):
    assert get(f"{name}.svg").status_code == 404


def test_chart_of_what_is_not_released_is_not_there(release):
    assert Client().get("/s/las/2024/v9.9/charts/ranks.svg").status_code == 404


def test_chart_is_read_only_and_open_to_other_sites(release):
    assert Client().post(CHARTS + "ranks.svg").status_code == 405
    answer = Client().get(CHARTS + "ranks.json", headers={"origin": "https://example.org"})
    assert answer["Access-Control-Allow-Origin"] == "*"


# --- on the page --------------------------------------------------------------------------------------------------------


def test_page_offers_each_chart_light_and_dark_wide_and_narrow(release):
    html = Client().get("/s/las/2024/v1.0/robustness/").content.decode()
    figures = re.findall(r'<figure class="chart">.*?</figure>', html, re.DOTALL)

    assert [re.search(r"charts/(\w+)\.svg", figure)[1] for figure in figures] == [
        "ranks",
        "tiers",
        "sensitivity",
        "weights",
    ]
    for figure in figures:
        sources = re.findall(r"<source [^>]*>", figure)
        assert ["dark" in source for source in sources] == [True, False, True]
        assert 'loading="lazy"' in figure
        for address, width, height in re.findall(r'(?:src|srcset)="([^"]+)" width="(\d+)" height="(\d+)"', figure):
            root = ET.fromstring(Client().get(address.replace("&amp;", "&")).content)
            assert (root.get("width"), root.get("height")) == (width, height)
        alt = re.search(r' alt="([^"]+)"', figure)[1]
        assert len(alt) > 40
        assert re.findall(r'href="([^"]+\.json[^"]*)"', figure)
