"""What a correction moved, told from the reader's side: in sentences on the page, as facts in the API."""

import html
import re

import pytest
from django.test import Client

from tests.scoring import factories

pytestmark = pytest.mark.django_db
API = "/api/v1/series/las/editions/2024/releases/"


def told(code, release="v1.1"):
    """The section of a city's page on why it moved, as text."""
    page = Client().get(f"/s/las/2024/{release}/units/{code}/").content.decode()
    section = page.partition('aria-labelledby="moved"')[2].partition("</section>")[0]
    plain = html.unescape(re.sub(r"<[^>]+>", " ", section)).replace("\u00a0", " ")
    return re.sub(r" (?=[.,])", "", re.sub(r"\s+", " ", plain))


def answer(code, release="v1.1"):
    return Client().get(f"{API}{release}/units/{code}/change/").json()["correction"]


@pytest.fixture
def correct(db):
    """Correct the release of the five cities: another rank and other values by city."""
    first = factories.make_release(factories.make_edition(factories.make_series()))

    def correct(**changed):
        return factories.make_release(
            first.edition, minor=1, supersedes=first, reason="A typing error.", changed=changed
        )

    return correct


def test_one_corrected_value_is_the_reason_in_one_sentence(correct):
    correct(cairo=(2, {"Users": 91.5}), doha=(3, {}))

    assert (
        "Cairo moved from 3 to 2, because its value of Internet users was corrected from 80 to 91.5 % of people."
        in told("cairo")
    )
    assert answer("cairo") == {
        "corrects": "1.0",
        "rank_before": 3,
        "rank_after": 2,
        "values": [{"indicator": "Users", "name": "Internet users", "before": 80.0, "after": 91.5}],
        "others": 0,
        "joined": 0,
        "left": 0,
        "is_hidden": False,
    }


def test_city_that_others_moved_is_told_so(correct):
    correct(cairo=(2, {"Users": 91.5}), doha=(3, {}))

    section = told("doha")

    assert "Doha moved from 2 to 3 with this correction." in section
    assert "None of its own values was corrected. Values of 1 other city were corrected." in section


def test_several_causes_are_listed_and_none_is_called_the_reason(correct):
    correct(cairo=(2, {"Users": 91.5, "Dust": None}), doha=(3, {"Water": 60.0}), sanaa=None)

    section = told("cairo")

    assert "Cairo moved from 3 to 2 with this correction." in section
    assert "because" not in section
    assert "Its value of Internet users was corrected from 80 to 91.5 % of people." in section
    assert "Its value of Fine dust, 78 µg/m³, was taken out." in section
    assert "Values of 1 other city were corrected. 1 other city went out." in section
    assert (answer("cairo")["others"], answer("cairo")["left"]) == (1, 1)


def test_city_that_stays_is_told_so_with_what_was_corrected(correct):
    release = correct(dubai=(1, {"Speed": 98.0}))
    factories.add_cities(release, factories.VALUES[:1] / 10)

    section = told("dubai")

    assert "Dubai stayed 1 with this correction." in section
    assert "Its value of Speed was corrected from 99 to 98 Mbit/s." in section
    assert "1 other city came in." in section


def test_city_that_has_a_rank_before_or_after_alone_is_told_so(correct):
    correct(cairo=(None, {"Users": None}), doha=(2, {}))

    assert "Cairo has no rank after this correction." in told("cairo")
    assert answer("cairo")["rank_after"] is None


def test_release_that_corrects_none_tells_no_correction(correct):
    correct(cairo=(2, {"Users": 91.5}))

    assert "correction" not in told("cairo", "v1.0")
    assert answer("cairo", "v1.0") is None


def test_fractions_stand_in_the_file_and_not_on_the_page(correct):
    release = correct()
    factories.add_files(release, factories.make_change())

    section = told("doha")

    assert "the file robustness/change.csv, which has the fractions" in section
    assert not re.search(r"[−+]\d+/\d+", section)
