"""What stands beside a release's numbers: what its countries share of the ranking, what intervals vary and what they do not."""

import csv
import io
import json
import re

import pytest
from django.test import Client

from scoring.files.country_shares import NAME
from tests.kept import forget_rows
from tests.scoring import factories

pytestmark = pytest.mark.django_db
HERE = "/s/las/2024/v1.0/"
API = "/api/v1/series/las/editions/2024/releases/v1.0/"
VARIANCE = "98 % of the variance of scores lies between countries, not between cities of one country."
WEIGHT = "83 % of the weight is on values measured for countries."
UNKNOWN = "it is unknown whether values were measured for cities or for countries"
SCOPE = (
    "Varied: the panel’s weights, how indicators are brought to one scale, leaving out one indicator. "
    "Not varied: how indicators are joined, how extreme values are treated, how gaps are filled, "
    "indicators that might have been chosen instead, errors in the data, who was asked."
)


@pytest.fixture(scope="module")
def study():
    return factories.make_study()


@pytest.fixture
def bare():
    return factories.make_release(factories.make_edition(factories.make_series()))


def shares(variance=0.981, weight=0.832, unknown=0.0):
    told = {"variance_between": variance, "weight_for_country": weight, "weight_unknown": unknown}
    return {NAME: json.dumps(told)}


def read(path, **options):
    answer = Client(**options).get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def text(html):
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition("<main")[2])).replace("\u00a0", " ")
    return re.sub(r" ([.,])", r"\1", plain)


@pytest.mark.parametrize("path", ["/", "/s/las/", "/s/las/2024/", HERE, HERE + "method/", HERE + "units/doha/"])
def test_shares_of_countries_stand_on_every_page_that_ranks_or_explains(bare, path):
    assert "of the variance of scores" not in text(read(path))
    factories.add_files(bare, shares())

    shown = text(read(path))

    assert VARIANCE in shown
    assert WEIGHT in shown
    assert UNKNOWN not in shown


@pytest.mark.parametrize(
    ("told", "said", "unsaid"),
    [
        ({"variance": None}, [WEIGHT], ["of the variance"]),
        (
            {"weight": 0.0, "unknown": 0.25},
            [VARIANCE, f"For 25 % of the weight {UNKNOWN}"],
            ["values measured for countries"],
        ),
        ({"weight": None, "unknown": None}, [VARIANCE], ["of the weight"]),
    ],
)
def test_what_is_not_known_is_not_said(bare, told, said, unsaid):
    factories.add_files(bare, shares(**told))

    shown = text(read(HERE + "units/doha/"))

    assert [sentence for sentence in said if sentence not in shown] == []
    assert [words for words in unsaid if words in shown.partition("Where it stands")[0]] == []


@pytest.mark.parametrize("path", [HERE, HERE + "units/doha/", HERE + "robustness/"])
def test_what_intervals_vary_and_what_not_stands_beside_them(bare, study, path):
    assert "Not varied:" not in read(path)
    forget_rows()
    factories.add_files(bare, study)

    assert SCOPE in text(read(path))


def test_scope_follows_the_recipe_and_the_panel(bare):
    factories.add_files(bare, factories.make_study(factors=("weights",), experts=1))

    shown = text(read(HERE))

    assert "Varied: the panel’s weights. Not varied: how indicators are brought to one scale," in shown
    assert "which of the experts are taken, the choice of indicators, errors in the data, who was asked." in shown


def test_api_tells_the_same(bare, study):
    factories.add_files(bare, study | shares(unknown=0.05))
    expected = {"variance_between": 0.981, "weight_for_country": 0.832, "weight_unknown": 0.05, "is_most": True}
    told = json.loads(study["robustness/summary.json"])
    answers = {path: json.loads(read(API + path)) for path in ("ranking/", "units/doha/", "method/", "robustness/")}

    for path in ("ranking/", "units/doha/", "method/"):
        assert answers[path]["countries"] == expected
    for path in ("ranking/", "units/doha/"):
        assert answers[path]["scope"] == {
            "varied": ["weights", "normalise", "leave_one_indicator"],
            "not_varied": told["not_varied"],
        }
    assert answers["robustness/"]["study"]["not_varied"] == told["not_varied"]


def test_api_of_a_release_that_tells_nothing_is_null(bare):
    factories.add_files(bare, {})

    for path in ("ranking/", "units/doha/"):
        answer = json.loads(read(API + path))
        assert (answer["countries"], answer["scope"]) == (None, None)


# --- the order within a country -----------------------------------------------------------------------------------------


def told_apart(study, share):
    """The study with Cairo above Giza in such a share of the draws."""
    header, *rows = csv.reader(io.StringIO(study["robustness/pairs.csv"]))
    table = {row[0]: row for row in rows}
    for one, other, value in (("cairo", "giza", share), ("giza", "cairo", 1 - share)):
        table[one][header.index(other)] = f"{value:.2f}"
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *table.values()])
    return study | {"robustness/pairs.csv": out.getvalue()}


def egyptians(path=HERE + "?country=EGY"):
    html = read(path, headers={"accept-language": "ar"})
    return re.findall(r'units/(\w+)/"', html.partition("<tbody>")[2].partition("</tbody>")[0])


@pytest.mark.parametrize(
    ("variance", "above", "expected"),
    [
        (0.98, 0.9, ["giza", "cairo"]),  # by their Arabic names
        (0.98, 0.97, ["cairo", "giza"]),
        (0.5, 0.9, ["cairo", "giza"]),
        (None, 0.9, ["cairo", "giza"]),
    ],
)
def test_cities_of_a_country_stand_in_order_only_where_told_apart(bare, study, variance, above, expected):
    factories.add_files(bare, told_apart(study, above) | shares(variance))

    assert list(dict.fromkeys(egyptians())) == expected
    assert list(dict.fromkeys(egyptians(HERE)))[2:4] == ["cairo", "giza"]  # the ranking of all stands as it is
    listed = list(dict.fromkeys(egyptians(HERE + "?sort=country")))
    assert [code for code in listed if code in {"cairo", "giza"}] == expected
    said = "Most of the differences lie between countries." in text(read(HERE + "?country=EGY"))
    assert said is (variance == 0.98)


def test_without_pairs_nobody_of_a_country_is_told_apart(bare, study):
    files = {name: content for name, content in study.items() if name != "robustness/pairs.csv"}
    factories.add_files(bare, files | shares())

    assert list(dict.fromkeys(egyptians())) == ["giza", "cairo"]


def test_country_without_a_city_shows_none(bare, study):
    factories.add_files(bare, study | shares())

    assert egyptians(HERE + "?country=FRA") == []
