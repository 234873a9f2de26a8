"""Countries and areas: as each series decides and dates it; a release keeps what was so on its day."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from scoring.models import SeriesCountry
from scoring.queries.members import areas_of
from scoring.usecases.members import add_member
from scoring.usecases.releases import release_edition

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 1)  # the day the edition was made: it names none of its own


def place(series, code, since=date(2000, 1, 1), until=None, *, is_area=True, by):
    add_member(series, code=code, names={"en": code}, since=since, until=until, is_area=is_area, **by)


def shown(name, *args):
    return " ".join(strip_tags(Client().get(reverse(f"scoring:{name}", args=args)).content.decode()).split())


def test_areas_are_those_of_the_day_the_edition_speaks_of(edition, series, by):
    place(series, "HKG", until=DAY, by=by)
    place(series, "MAC", until=date(2026, 3, 2), by=by)
    place(series, "PSE", since=DAY, by=by)
    place(series, "TUN", since=date(2026, 3, 2), by=by)
    place(series, "MAR", is_area=False, by=by)

    assert areas_of(edition) == ["MAC", "PSE"]


def test_release_counts_its_areas_and_keeps_them(scored, series, by):
    place(series, "MAR", by=by)
    release = release_edition(scored, **by)

    assert release.manifest["areas"] == ["MAR"]
    SeriesCountry.objects.all().delete()  # what the series decides later changes no release
    assert "7 cities, 1 area" in shown("series", "las")
    assert "1 country" not in shown("series", "las")
    (line,) = Client().get("/api/v1/series/las/editions/").json()["results"]
    assert (line["units"], line["countries"], line["areas"]) == (7, 0, 1)


def test_series_tells_which_of_its_region_are_areas(release, series, by):
    place(series, "MAR", is_area=False, by=by)
    assert "1 country belongs to it today" in shown("series", "las")

    place(series, "MAC", by=by)

    page = shown("series", "las")
    assert "2 countries and areas belong to it today" in page
    assert "MAC area" in page
    assert "7 cities, 1 country" in page  # the release was there before
