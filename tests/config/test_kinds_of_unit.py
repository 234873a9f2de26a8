"""No page of a series that ranks countries, regions or institutions speaks of cities, in any language, at any address."""

import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import gettext, override, to_locale

from accounts import units
from accounts.models import Series
from scoring.usecases.releases import release_edition
from surveys.models import Framework
from tests.addresses import addresses
from tests.architecture.test_unit_words import CITY, KINDS

# what the series' own data say
DATA = re.compile(
    r"City U\d+|مدينة \d+|Smart city|مدينة ذكية|Cities above 100,000 people\.|مدن يزيد سكانها على 100000 نسمة\."
)
SEEN = ("alt", "aria-label", "content", "data-label", "placeholder", "title")
WORDS = {
    "en": {"country": "countries", "region": "regions", "institution": "institutions"},
    "fr": {"country": "pays classés", "region": "régions classées", "institution": "institutions classées"},
}
ASKED = {
    "s/<slug:series>/<slug:edition>/": ("?q=nowhere", "?sort=name", "?sort=country"),
    "s/<slug:series>/<slug:edition>/v<str:number>/units/<str:code>/": ("?peers=chosen&cities=nowhere", "?peers=Region"),
}


class Seen(HTMLParser):
    """What a reader meets on a page: text, and the attributes that are shown or read out."""

    def __init__(self):
        super().__init__()
        self.texts, self.silent = [], 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in ("script", "style")
        self.texts += [text for name, text in attrs if name in SEEN and text]

    def handle_endtag(self, tag):
        self.silent -= tag in ("script", "style")

    def handle_data(self, data):
        if not self.silent:
            self.texts.append(data)


def seen(answer):
    reader = Seen()
    reader.feed(answer.content.decode())
    return DATA.sub("", " ".join(reader.texts)).replace(gettext("Towns and cities"), "")  # one of the kinds to choose


def pages(site, client, language):
    """Yield every page there is, by its path."""
    for one in addresses():
        if one.is_of_admin:
            continue
        for path in site.paths(one):
            for query in ("", *ASKED.get(one.route, ())):
                answer = client.get(path + query, headers={"accept-language": language})
                kind = answer.headers.get("Content-Type", "")
                if not answer.streaming and kind.startswith(("text/html", "image/svg")):
                    yield path + query, answer


@pytest.fixture
def neutral(site):
    Framework.objects.update(names={"en": "System"})
    return site


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_no_page_of_another_kind_speaks_of_cities(neutral, kind):
    Series.objects.update(unit_kind=kind)
    wrong, read = {}, 0
    for language, _name in settings.LANGUAGES:
        words = re.compile(CITY[to_locale(language)], re.IGNORECASE)
        for path, answer in pages(neutral, neutral.client, language):
            read += 1
            with override(language):
                text = seen(answer)
            if found := words.search(text):
                wrong[language, path] = text[max(0, found.start() - 60) : found.end() + 60]
    assert wrong == {}
    assert read > 200


@pytest.mark.django_db
@pytest.mark.parametrize("language", WORDS)
def test_pages_use_the_word_of_what_is_ranked(neutral, language):
    for kind, word in WORDS[language].items():
        Series.objects.update(unit_kind=kind)
        answer = Client().get("/s/las/2026/v1.0/units/U1/", headers={"accept-language": language})
        assert word in seen(answer).casefold(), (kind, word)


@pytest.mark.django_db
def test_pages_of_cities_speak_of_cities(neutral):
    assert "cities" in seen(Client().get("/s/las/2026/"))


@pytest.mark.django_db
def test_first_page_gives_each_series_its_word_and_no_page_keeps_it(neutral):
    Series.objects.update(unit_kind="institution")
    client = Client()
    first = seen(client.get("/"))
    client.get("/s/las/2026/")

    assert re.search(r"\d institutions", first)
    assert units.current() == "city"


@pytest.mark.django_db
def test_countries_are_not_told_what_their_countries_share(neutral):
    client = Client()

    def told():
        pages = [seen(client.get(path)) for path in ("/s/las/2026/", "/s/las/", "/s/las/2026/v1.0/units/U1/")]
        api = client.get("/api/v1/series/las/editions/2026/releases/v1.0/ranking/").json()["countries"]
        return ["lies between countries" in page for page in pages], api is not None

    of_cities = told()
    Series.objects.update(unit_kind="country")

    assert (of_cities, told()) == (([True] * 3, True), ([False] * 3, False))


@pytest.mark.django_db
def test_api_tells_what_a_series_ranks_and_speaks_of_it(neutral):
    Series.objects.update(unit_kind="region")
    client = Client()

    assert client.get("/api/v1/series/").json()["results"][0]["unit_kind"] == "region"
    assert client.get("/api/v1/series/las/").json()["unit_kind"] == "region"


@pytest.mark.django_db
def test_release_fixes_the_kind(neutral):
    assert Series.objects.get(slug="las").is_unit_kind_fixed


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "code", "level", "readme"),
    [
        (
            "city",
            "code of the unit (city or country)",
            "city or country: what",
            "year, source, city or country, measured",
        ),
        (
            "institution",
            "code of the unit (institution)",
            "city (here: the institution itself) or country: what",
            "year, source, institution or country, measured",
        ),
        (
            "country",
            "code of the unit (country)",
            "city (a part of the country) or country: what",
            "year, source, country or a part of it, measured",
        ),
    ],
)
def test_files_of_a_release_say_what_is_ranked(series, scored, now, kind, code, level, readme):
    Series.objects.update(unit_kind=kind)
    released = release_edition(scored, by="mo", at=now())
    files = {one.name: bytes(one.content).decode() for one in released.files.all()}

    assert code in files["dictionary.csv"]
    assert level in files["dictionary.csv"]
    assert readme in files["README.txt"]
