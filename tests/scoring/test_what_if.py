"""What if: pages and files say everywhere that they are unofficial, and refuse what cannot be."""

import csv
import io
import json
import re

import pytest

from scoring.numerics.robustness.what_if import what_if
from scoring.queries.explore.number_fields import read_number
from tests.scoring.exploring import UNITS, page, source, text

pytestmark = pytest.mark.django_db


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
