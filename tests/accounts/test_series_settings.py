"""What a series is called and how it speaks is changed at the desk and by API; its desk shows and reads hours in its zone."""

import json
import re
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.errors import BadSeriesError
from accounts.models import Role, Series, User
from accounts.usecases.roles import give_role
from accounts.usecases.series import change_series
from surveys.models import Round
from surveys.usecases.frameworks import create_framework, freeze_framework
from surveys.usecases.panels import create_panel
from surveys.values.framework import FrameworkRow

pytestmark = pytest.mark.django_db
PAGE = "/series/las/settings/"
API = "/api/v1/series/las/settings/"
SENT = {
    "name-en": "League ranking",
    "name-fr": "  Classement de la Ligue ",
    "description-en": "Cities of the League.",
    "languages": ["fr", "en"],
    "contact": "ask@example.org",
    "time_zone": "Africa/Cairo",
}
WHOLE = {
    "names": {"en": "League ranking"},
    "descriptions": {},
    "languages": ["en"],
    "contact": "ask@example.org",
    "time_zone": "Africa/Cairo",
}


def test_settings_are_changed_and_public_at_once(desk, series, client):
    before = desk.get(PAGE).content.decode()
    answer = desk.post(PAGE, SENT, follow=True)
    series.refresh_from_db()

    assert re.search(r'name="name-ar" value="تصنيف"', before)
    assert "The settings are kept." in answer.content.decode()
    assert (series.names, series.descriptions) == (
        {"en": "League ranking", "fr": "Classement de la Ligue"},
        {"en": "Cities of the League."},
    )
    assert (series.languages, series.contact, series.time_zone) == (["en", "fr"], "ask@example.org", "Africa/Cairo")
    assert "Classement de la Ligue" in client.get("/s/las/", headers={"accept-language": "fr"}).content.decode()


@pytest.mark.parametrize(
    ("changed", "field", "told"),
    [
        ({"name-en": "", "name-fr": " "}, "name-en", "a name in one language at least"),
        ({"languages": []}, "languages", "Please choose one language or more."),
        ({"languages": ["xx"]}, "languages", "Select a valid choice"),
        ({"contact": "nowhere"}, "contact", "Please enter a mail address"),
        ({"time_zone": "Moon/Sea"}, "time_zone", "Select a valid choice"),
    ],
)
def test_refused_settings_keep_what_was_entered_and_change_nothing(desk, series, changed, field, told):
    answer = desk.post(PAGE, SENT | changed)
    page = answer.content.decode()
    series.refresh_from_db()

    assert (answer.status_code, told in page, f'href="#id_{field}"' in page) == (422, True, True)
    assert "Cities of the League." in page
    assert (series.names, series.time_zone) == ({"en": "LAS ranking", "ar": "تصنيف"}, "UTC")


def test_what_stands_already_is_no_act(series, caplog):
    stands = {name: getattr(series, name) for name in WHOLE}
    caplog.clear()
    change_series(series, **stands, by="root", at=timezone.now())
    change_series(series, **stands | {"time_zone": "Asia/Tokyo"}, by="root", at=timezone.now())

    acts = [record.getMessage().split(" ", 1)[1] for record in caplog.records if record.name == "steelyard.acts"]
    assert acts == ["root changed time_zone of las"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"names": {"xx": "?"}}, "names"),
        ({"names": {"en": " "}}, "names"),
        ({"descriptions": {"xx": "?"}}, "descriptions"),
        ({"languages": ["xx"]}, "languages"),
        ({"languages": []}, "languages"),
        ({"time_zone": "Moon/Sea"}, "time_zone"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_their_field(desk, series, changed, field):
    with pytest.raises(BadSeriesError) as refused:
        change_series(series, **WHOLE | changed, by="root", at=timezone.now())
    answer = desk.put(API, json.dumps(WHOLE | changed), content_type="application/json")

    assert refused.value.facts["field"] == field
    assert (answer.status_code, answer.json()["code"], answer.json()["facts"]["field"]) == (422, "bad_series", field)
    series.refresh_from_db()
    assert series.contact == "desk@example.org"


def test_api_tells_and_changes_the_settings(desk, series):
    told = desk.get(API).json()
    changed = desk.put(API, json.dumps(WHOLE), content_type="application/json")
    partly = desk.put(API, json.dumps({"names": {"en": "?"}}), content_type="application/json")

    assert told == {
        "names": {"en": "LAS ranking", "ar": "تصنيف"}, "descriptions": {}, "languages": ["en", "ar"],
        "contact": "desk@example.org", "time_zone": "UTC", "unit_kind": "city",
    }  # fmt: skip
    assert (changed.status_code, changed.json()) == (200, WHOLE | {"unit_kind": "city"})
    assert (partly.status_code, sorted(one["field"] for one in partly.json()["errors"])) == (
        400,
        ["contact", "descriptions", "languages", "time_zone"],
    )


@pytest.mark.parametrize("language", ["ar", "zh-hans", "fr", "ru", "pt"])
def test_page_speaks_the_reader_s_language(desk, series, language):
    page = desk.get(PAGE, headers={"accept-language": language}).content.decode()

    assert "Keep the settings" not in page
    assert page.count("<fieldset") == len(settings.LANGUAGES) + 2


# --- the clock of the desk ---------------------------------------------------------------------------------------------------


@pytest.fixture
def planning(series, moderator):
    """The page that plans a round of a series in Tokyo, and its moderator."""
    Series.objects.filter(pk=series.pk).update(time_zone="Asia/Tokyo")
    by = {"by": "mo", "at": timezone.now()}
    rows = [FrameworkRow(code, parent, names={"en": code}, kind=kind) for code, parent, kind in (
        ("Goal", None, "Aggregate"), ("A", "Goal", "Indicator"), ("B", "Goal", "Indicator"),
    )]  # fmt: skip
    version = freeze_framework(create_framework(slug="small", names={"en": "Small"}, rows=rows, **by), **by)
    panel = create_panel(series, slug="panel", names={"en": "Panel"}, **by)
    client = Client()
    client.force_login(moderator)
    return client, f"/desk/las/panels/{panel.uid}/frameworks/{version.uid}/plan/"


def test_hours_are_typed_in_and_shown_on_the_clock_of_the_series(planning):
    client, address = planning
    page = client.get(address).content.decode()
    planned = client.post(address, {"closes_at": "2099-01-01T12:00"}, follow=True).content.decode()

    assert "(Asia/Tokyo)" in page
    assert Round.objects.get().closes_at == datetime(2099, 1, 1, 3, tzinfo=UTC)
    assert re.search(r"2099[^<]*</bdi>\s*Asia/Tokyo", planned)
    assert timezone.get_current_timezone_name() == "UTC"  # it is the page's alone


def test_zone_that_this_machine_does_not_know_is_utc(planning):
    client, address = planning
    Series.objects.update(time_zone="Moon/Sea")

    assert "(UTC)" in client.get(address).content.decode()


def test_stranger_and_observer_change_nothing(series, owner):
    other = User.objects.create_user("other")
    client = Client()
    client.force_login(other)
    stranger = [client.get(PAGE).status_code, client.post(PAGE, SENT).status_code]
    give_role(other, series=series, kind=Role.Kind.OBSERVER, by="root", at=timezone.now())
    observer = [client.get(PAGE).status_code, client.post(PAGE, SENT).status_code]
    series.refresh_from_db()

    assert (stranger, observer, series.contact) == ([404, 404], [403, 403], "desk@example.org")
    assert PAGE not in client.get("/desk/las/").content.decode()
