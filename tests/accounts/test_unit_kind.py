"""What a series ranks is chosen when it is begun or in its settings, and kept from its first release on."""

import json
from threading import Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone, translation

from accounts import units
from accounts.errors import BadSeriesError, UnitKindFixedError
from accounts.models import Role, Series, User
from accounts.units import UnitKind
from accounts.usecases.people import let_begin_series
from accounts.usecases.roles import give_role
from accounts.usecases.series import begin_series, change_series, fix_unit_kind

PAGE = "/series/las/settings/"
API = "/api/v1/series/las/settings/"
WHOLE = {
    "names": {"en": "League ranking"},
    "descriptions": {},
    "languages": ["en"],
    "contact": "ask@example.org",
    "time_zone": "Africa/Cairo",
}
SENT = {"name-en": "League ranking", "languages": ["en"], "contact": "ask@example.org", "time_zone": "Africa/Cairo"}


def change(series, **others):
    return change_series(series, **WHOLE | others, by="root", at=timezone.now())


# --- chosen ---------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_series_ranks_cities_unless_it_says_otherwise(series, owner):
    begun = begin_series(
        owner,
        name="Ports",
        name_language="en",
        languages=["en"],
        contact="",
        unit_kind="institution",
        at=timezone.now(),
    )

    assert (series.unit_kind, begun.unit_kind) == ("city", "institution")


@pytest.mark.django_db
@pytest.mark.parametrize(("sent", "kept"), [("region", "region"), ("", "city"), (None, "city")])
def test_kind_is_chosen_where_a_series_is_begun(desk, owner, sent, kept):
    let_begin_series(owner)
    offered = desk.get("/series/begin/").content.decode()
    chosen = {} if sent is None else {"unit_kind": sent}
    answer = desk.post("/series/begin/", {"name": "New", "languages": ["en"], "contact": "a@example.org", **chosen})

    assert answer.status_code == 302, answer.content.decode()
    assert 'value="city"' in offered
    assert offered.count('name="unit_kind"') == len(UnitKind)
    assert Series.objects.get(slug="new").unit_kind == kept


@pytest.mark.django_db
def test_kind_that_is_none_is_refused_where_a_series_is_begun(desk, owner):
    let_begin_series(owner)
    answer = desk.post(
        "/series/begin/", {"name": "New", "languages": ["en"], "contact": "a@example.org", "unit_kind": "planet"}
    )

    assert (answer.status_code, "Select a valid choice" in answer.content.decode()) == (422, True)
    assert Series.objects.count() == 1


@pytest.mark.django_db
def test_kind_is_changed_on_the_page_and_by_api(desk, series):
    answer = desk.post(PAGE, SENT | {"unit_kind": "country"})
    series.refresh_from_db()
    assert (answer.status_code, series.unit_kind) == (302, "country")

    answer = desk.put(API, json.dumps(WHOLE | {"unit_kind": "region"}), content_type="application/json")
    assert (answer.status_code, answer.json()["unit_kind"]) == (200, "region")


@pytest.mark.django_db
def test_kind_that_is_not_sent_stays(desk, series):
    change(series, unit_kind="region")
    desk.post(PAGE, SENT | {"time_zone": "Asia/Tokyo"})
    desk.put(API, json.dumps(WHOLE), content_type="application/json")
    series.refresh_from_db()

    assert (series.unit_kind, series.time_zone) == ("region", "Africa/Cairo")


@pytest.mark.django_db
def test_kind_that_is_none_is_refused(desk, series):
    with pytest.raises(BadSeriesError) as refused:
        change(series, unit_kind="planet")
    page = desk.post(PAGE, SENT | {"unit_kind": "planet"})
    api = desk.put(API, json.dumps(WHOLE | {"unit_kind": "planet"}), content_type="application/json")
    with pytest.raises(IntegrityError), transaction.atomic():
        Series.objects.update(unit_kind="planet")
    series.refresh_from_db()

    assert refused.value.facts == {"field": "unit_kind", "allowed": UnitKind.values}
    assert (page.status_code, "Select a valid choice" in page.content.decode()) == (422, True)
    assert (api.status_code, api.json()["errors"][0]["field"]) == (400, "unit_kind")
    assert (series.unit_kind, series.time_zone) == ("city", "UTC")


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "status"), [("observer", 403), ("data_steward", 403), ("", 404)])
def test_only_those_who_may_change_a_series_choose_its_kind(series, role, status):
    user = User.objects.create_user("other")
    if role:
        give_role(user, series=series, kind=Role.Kind(role), by="root", at=timezone.now())
    client = Client()
    client.force_login(user)
    page = client.post(PAGE, SENT | {"unit_kind": "country"})
    api = client.put(API, json.dumps(WHOLE | {"unit_kind": "country"}), content_type="application/json")
    series.refresh_from_db()

    assert (page.status_code, api.status_code, series.unit_kind) == (status, status, "city")


# --- kept -----------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_kind_is_kept_once_it_is_fixed(desk, series):
    fix_unit_kind(series)
    fix_unit_kind(series)  # with every release
    shown = desk.get(PAGE).content.decode()
    page = desk.post(PAGE, SENT | {"unit_kind": "country"})
    api = desk.put(API, json.dumps(WHOLE | {"unit_kind": "country"}), content_type="application/json")
    with pytest.raises(UnitKindFixedError) as refused:
        change(series, unit_kind="country")
    series.refresh_from_db()

    assert refused.value.facts == {"kind": "city"}
    assert (shown.count("disabled"), "Fixed with the first release." in shown) == (len(UnitKind), True)
    assert (page.status_code, "so the series keeps what it ranks" in page.content.decode()) == (422, True)
    assert "League ranking" in page.content.decode()
    assert (api.status_code, api.json()["code"], api.json()["facts"]) == (409, "unit_kind_fixed", {"kind": "city"})
    assert (series.unit_kind, series.time_zone) == ("city", "UTC")


@pytest.mark.django_db
def test_all_else_may_change_once_the_kind_is_fixed(desk, series):
    fix_unit_kind(series)
    change(series, unit_kind="city", time_zone="Asia/Tokyo")
    answer = desk.post(PAGE, SENT)
    series.refresh_from_db()

    assert (answer.status_code, series.time_zone, series.unit_kind) == (302, "Africa/Cairo", "city")


@pytest.mark.django_db
def test_administrators_keep_it_too(series):
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    address = f"/admin/accounts/series/{series.pk}/change/"
    before = client.get(address).content.decode()
    fix_unit_kind(series)
    after = client.get(address).content.decode()

    assert ('name="unit_kind"' in before, 'name="unit_kind"' in after) == (True, False)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_who_changes_it_while_a_release_fixes_it_waits_and_is_refused(series):
    """The release holds the row first: the change is decided on what stands when it is through."""
    refused = []

    def change_meanwhile():
        try:
            change(series, unit_kind="country")
        except UnitKindFixedError as error:
            refused.append(error)
        finally:
            connection.close()

    other = Thread(target=change_meanwhile)
    with transaction.atomic():
        fix_unit_kind(series)
        other.start()
        other.join(0.5)
        assert other.is_alive()
    other.join(30)
    series.refresh_from_db()

    assert (len(refused), series.unit_kind) == (1, "city")


# --- in words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "kind", "text"),
    [
        ("en", "city", "All ranked cities"),
        ("en", "institution", "All ranked institutions"),
        ("fr", "city", "Toutes les villes classées"),
        ("fr", "country", "Tous les pays classés"),
        ("ru", "region", "Все регионы рейтинга"),
        ("ar", "institution", "كل المؤسسات المرتبة"),
        ("pt", "country", "Todos os países classificados"),
        ("zh-hans", "institution", "全部有排名的机构"),
    ],
)
def test_message_reads_as_the_kind_has_it(language, kind, text):
    lazy = units.gettext_lazy("All ranked cities")
    with translation.override(language), units.override(kind):
        assert (units.gettext("All ranked cities"), str(lazy)) == (text, text)


def test_message_of_a_number_reads_as_the_kind_has_it():
    with translation.override("ru"), units.override("institution"):
        read = [
            units.ngettext("%(units)s city", "%(units)s cities", number) % {"units": number} for number in (1, 2, 5)
        ]
    with translation.override("en"), units.override("region"):
        read += [units.ngettext("%(units)s city", "%(units)s cities", number) % {"units": number} for number in (1, 2)]

    assert read == ["1 учреждение", "2 учреждения", "5 учреждений", "1 region", "2 regions"]


def test_message_that_names_no_unit_reads_the_same_for_all():
    with translation.override("fr"), units.override("country"):
        assert units.gettext("Settings") == translation.gettext("Settings") != "Settings"
        assert units.ngettext("no such message", "no such messages", 2) == "no such messages"


def test_kind_is_that_of_the_nearest_and_ends_with_it():
    with units.override("region"):
        with units.override("city"):
            units.activate("country")
            assert (units.current(), units.message_context()) == ("country", "country")
        assert units.current() == "region"
    assert (units.current(), units.message_context()) == ("city", "")
