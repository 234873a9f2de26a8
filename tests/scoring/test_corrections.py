"""A correction through its doors: what it does not say stays on page, in file and API; the whole is replaced by name alone."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from accounts.usecases.roles import give_role
from scoring.errors import DatasetError, MissingPartError
from scoring.files.patches import Removal
from scoring.files.sources import Source
from scoring.files.tables import write_data
from scoring.files.units import UnitRow
from scoring.models import Dataset, Freeze, Unit
from scoring.queries.datasets import content_of
from scoring.usecases.datasets import load_dataset
from scoring.usecases.edition_data import load_edition_data, request_scoring, score_edition, use_dataset
from scoring.usecases.releases import correct_release
from tests.guards import unguarded
from tests.scoring.uploading import by_api, by_page

pytestmark = pytest.mark.django_db
API = "/api/v1/series/las/editions/2026/"
PAGE = reverse("scoring:desk_data", kwargs={"series": "las", "edition": "2026"})
INDICATORS = ("A1", "A2", "A3", "B1", "C1")


@pytest.fixture
def opened_data(frozen, dataset, by):
    """The edition with its first data open."""
    use_dataset(frozen, dataset=dataset, **by)
    frozen.refresh_from_db()
    return frozen


@pytest.fixture
def moderator(series, by):
    user = User.objects.create_user("alice")
    give_role(user, series=series, kind=Role.Kind.MODERATOR, **by)
    client = Client()
    client.force_login(user)
    return client


def content(edition):
    edition.refresh_from_db()
    return content_of(edition.dataset, INDICATORS)


def known(edition):
    """Return each value with all that is known of it."""
    found = content(edition)
    table = found.table
    values = {
        (unit, code): value
        for unit, row in zip(table.units, table.values.tolist(), strict=True)
        for code, value in zip(table.columns, row, strict=True)
    }
    return {(one.unit, one.indicator): (values[one.unit, one.indicator], one) for one in found.sources}


def upload(text, name="data.csv"):
    return SimpleUploadedFile(name, text.encode())


# --- what stays ---------------------------------------------------------------------------------------------------------


def test_table_alone_corrects_its_values_and_leaves_the_rest_as_published(release, scored, make_table, client, now, by):
    """U1's first value is another; U2's stays for the country, of 2023, by the Atlas, and estimated."""
    before = known(scored)
    loaded = load_edition_data(scored, table=make_table(30.0), **by)
    score_edition(request_scoring(scored, **by).pk, now=now)
    correction = correct_release(scored, dataset=loaded.dataset, reason="A1 was mistyped", **by)

    after = known(scored)
    assert {cell for cell in before if before[cell] != after[cell]} == {("U1", "A1")}
    assert after["U1", "A1"][1] == Source("U1", "A1", "2025")
    assert loaded.changes.counts == loaded.changes.counts | {"changed": 1, "added": 0, "removed": 0, "sources": 1}
    assert loaded.changes.forgotten == (("U1", "2025", "A1"),)

    answer = client.get(f"{API}releases/v1.1/units/U2/").json()["values"][0]
    told = {name: answer[name] for name in ("year", "resolution", "source", "state")}
    assert told == {"year": 2023, "resolution": "country", "source": "Atlas", "state": "estimated"}
    answer = client.get(f"{API}releases/v1.1/units/U1/").json()["values"][0]
    assert {answer[name] for name in ("year", "resolution", "source")} == {None}

    text = bytes(correction.files.get(name="sources.csv").content).decode()
    rows = {(row["uCode"], row["iCode"]): row for row in csv.DictReader(io.StringIO(text))}
    assert [rows["U2", "A1"][name] for name in ("year", "resolution", "source", "given")] == [
        "2023", "country", "Atlas", "0",
    ]  # fmt: skip
    assert {rows["U1", "A1"][name] for name in ("year", "resolution", "source", "given")} == {""}

    pages = {
        unit: " ".join(client.get(reverse("scoring:unit", args=["las", "2026", "1.1", unit])).content.decode().split())
        for unit in ("U1", "U2")
    }
    assert "<span> <bdi>2023</bdi> for the country </span>" in pages["U2"]
    assert "<small>estimated</small>" in pages["U2"]
    assert "for the city" not in pages["U1"]
    assert "unknown whether measured or estimated" in pages["U1"]


def test_rows_and_columns_left_out_stay(moderator, opened_data):
    before = known(opened_data)
    by_page(moderator, PAGE, {"table": upload("uCode,A2\nU1,12.5\nU2,\n")})
    after = known(opened_data)
    assert {cell for cell in before if before[cell] != after[cell]} == {("U1", "A2")}
    assert (after["U1", "A2"][0], after.keys()) == (12.5, before.keys())
    assert content(opened_data).table.groups == {"Region": ("N", "S") * 4}


def test_the_word_remove_takes_a_value_away(moderator, opened_data):
    before = known(opened_data)
    page = by_page(moderator, PAGE, {"table": upload("uCode,Time,A1\nU1,2025, Remove \nU2,2025,\n")})
    after = known(opened_data)
    assert after == {cell: one for cell, one in before.items() if cell != ("U1", "A1")}
    assert "Values changed: 0, added: 0, removed: 1. Sources changed: 0." in page.content.decode()
    assert "Values that are lost: U1 2025 A1." in page.content.decode()


def test_sources_alone_change_no_value(moderator, opened_data):
    before = known(opened_data)
    sources = (
        "uCode,iCode,Time,year,resolution,source\nU1,A1,2025,,,Office of 2026\nU3,A1,,2022,city,\nU2,A1,,remove,,\n"
    )
    by_page(moderator, PAGE, {"sources": upload(sources, "sources.csv")})
    after = known(opened_data)
    assert {cell for cell in before if before[cell] != after[cell]} == {("U1", "A1"), ("U2", "A1"), ("U3", "A1")}
    assert {cell: value for cell, (value, _) in after.items()} == {cell: value for cell, (value, _) in before.items()}
    assert [after[unit, "A1"][1] for unit in ("U1", "U2", "U3")] == [
        Source("U1", "A1", "2025", 2024, "city", "Office of 2026", given=True),
        Source("U2", "A1", "2025", None, "country", "Atlas", given=False),
        Source("U3", "A1", "2025", 2022, "city"),
    ]


def test_units_alone_change_the_units_of_this_version_alone(moderator, unlisted, opened_data, dataset, make_units):
    by_page(moderator, PAGE, {"units": upload("uCode,uName_fr,population\nU1,Ville,7\n", "units.csv")})
    first = make_units()[0]
    after = content(opened_data)
    assert after.units[0].names == {**first.names, "fr": "Ville"}
    assert after.units[0].population == 7
    assert (after.units[0].aliases, after.units[0].country, after.units[1]) == (first.aliases, "MAR", make_units()[1])
    assert content_of(dataset, INDICATORS).units[0] == first
    assert Unit.objects.get(code="U1").population == first.population
    assert opened_data.dataset.fingerprint != dataset.fingerprint


@pytest.fixture
def unlisted(opened_data):
    """The same, frozen before lists of units were kept."""
    with unguarded(Freeze):
        Freeze.objects.update(unit_list=None)
    return opened_data


def test_new_units_come_in_as_sent(moderator, opened_data, unlisted):
    units = "uCode,uName,country\nU9,City U9,MAR\n"
    by_page(moderator, PAGE, {"table": upload("uCode,Region,A1,C1\nU9,S,3,4\n"), "units": upload(units, "units.csv")})
    after = content(opened_data)
    assert after.table.units[-1] == "U9"
    assert (after.table.times[-1], after.table.groups["Region"][-1]) == ("2025", "S")
    assert known(opened_data)["U9", "A1"] == (3.0, Source("U9", "A1", "2025"))
    assert after.units[-1] == UnitRow("U9", {"en": "City U9"}, (), "MAR", {"en": "Morocco", "ar": "المغرب"})


def test_what_stands_sent_again_is_the_version_that_stands(opened_data, dataset, make_table, make_sources, by):
    loaded = load_edition_data(opened_data, table=make_table(), sources=make_sources(), **by)
    assert (loaded.dataset, bool(loaded.changes), Dataset.objects.count()) == (dataset, False, 1)


def test_corrected_back_is_the_first_version_again(opened_data, dataset, make_table, make_sources, by):
    load_edition_data(opened_data, table=make_table(30.0), **by)
    back = load_edition_data(opened_data, table=make_table(), sources=make_sources(), **by)
    assert back.dataset == dataset
    assert back.changes.changed == (("U1", "2025", "A1"),)


def test_units_known_from_elsewhere_are_as_they_are_sent_now(series, version, dataset, make_table, by):
    """Of a first load too: a row of a unit that somebody loaded before is used, and changes nothing of theirs."""
    sent = UnitRow("U1", {"en": "Another name"}, population=3)
    later = load_dataset(series, framework_uid=version.uid, table=make_table(1.0), units=[sent], **by)
    now, first = (content_of(one, INDICATORS) for one in (later, dataset))
    assert (now.units[0].names["en"], now.units[0].population, now.table.names[0]) == (
        "Another name",
        3,
        "Another name",
    )
    assert (first.units[0].names["en"], first.table.names[0]) == ("City U1", "City U1")


# --- the whole ----------------------------------------------------------------------------------------------------------


def whole():
    rows = "\n".join(
        f"U{number},2025,{number},{number % 3},{number},{9 - number},{number**2}" for number in range(1, 7)
    )
    return upload(f"uCode,Time,A1,A2,A3,B1,C1\n{rows}\n")


def test_whole_is_replaced_by_name_and_says_what_is_lost(moderator, opened_data, unlisted):
    before = content(opened_data)
    shown = by_page(moderator, PAGE, {"table": whole(), "replace": "on", "preview": "on"}).content.decode()
    assert Dataset.objects.count() == 1
    assert "Nothing was taken in. This is what would change:" in shown
    assert "Units that are lost: U7, U8." in shown
    page = by_page(moderator, PAGE, {"table": whole(), "replace": "on"}).content.decode()
    lost = "Values whose source, year or level was known and is unknown now: U1 2025 A1, U2 2025 A1."
    assert lost in shown
    assert lost in page
    assert "Values that are lost: U7 2025 A1, U7 2025 A2, U7 2025 A3, U7 2025 B1, U7 2025 C1 and 2 more." in page
    assert "Units changed: 6, added: 0, removed: 2." in page
    after = content(opened_data)
    assert (len(before.table.units), len(after.table.units), after.table.groups) == (8, 6, {})


def test_whole_needs_a_table_with_all_columns(moderator, opened_data):
    page = by_page(moderator, PAGE, {"table": upload("uCode,A1\nU1,3\n"), "replace": "on"})
    assert page.content.decode().count("the indicator has no column") == 4
    page = by_page(moderator, PAGE, {"sources": upload("uCode,iCode\nU1,A1\n"), "replace": "on"})
    assert "there is no table of values" in page.content.decode()
    assert Dataset.objects.count() == 1


def test_first_data_need_their_table_and_have_nothing_to_replace(moderator, frozen, dataset):
    page = by_page(moderator, PAGE, {"note": "nothing"})
    assert page.status_code == 422
    assert 'name="replace"' not in page.content.decode()
    assert "Only show what would change" not in page.content.decode()
    page = by_page(moderator, PAGE, {"table": upload("uCode,A1,A2,A3,B1,C1\nU1,remove,2,3,4,5\n")})
    assert "nothing can be taken away" in page.content.decode()
    frozen.refresh_from_db()
    assert frozen.dataset is None


# --- refusals -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("table", "uCode,A1\nU99,3\n", "nobody knows this unit"),
        ("table", "uCode,Time,A1\nU1,2024,remove\n", "nothing stands of U1 at 2024 that could be taken away"),
        ("table", "uCode,Time,A1\nU1,,3\nU1,2025,4\n", "U1 stands twice at 2025"),
        ("table", "uCode,A1,A11\nU1,3,4\n", "nobody knows this column"),
        ("table", "uCode,A1\nU1,removed\n", "is not a number"),
        ("sources", "uCode,iCode,year\nU3,A2,2020\n", "U3 has no value of A2"),
        ("units", "uCode,uName\nU99,Nowhere\n", "the data have no such unit"),
    ],
)
def test_bad_correction_is_told_and_changes_nothing(moderator, opened_data, name, text, says):
    before = known(opened_data)
    page = by_page(moderator, PAGE, {name: upload(text, f"{name}.csv")})
    assert page.content.decode().count(says) == 1
    assert (known(opened_data), Dataset.objects.count()) == (before, 1)


def test_correction_of_nothing_is_refused(moderator, opened_data):
    page = by_page(moderator, PAGE, {"note": "nothing"})
    assert (page.status_code, "nothing was sent" in page.content.decode()) == (422, True)


def test_taking_every_value_away_is_refused(opened_data, by):
    removed = {Removal("data", unit, "2025", "", code) for unit, code in known(opened_data)}
    with pytest.raises(DatasetError, match="there is no value"):
        load_edition_data(opened_data, removed=removed, **by)


def test_data_do_not_follow_those_of_another_framework(series, version, dataset, make_table, by):
    other = Dataset(series=series, framework_uid=dataset.uid, number=9)
    with pytest.raises(MissingPartError) as refused:
        load_dataset(series, framework_uid=version.uid, table=make_table(), follows=other, **by)
    assert refused.value.facts == {"part": "dataset"}


# --- the API ------------------------------------------------------------------------------------------------------------


def test_api_says_what_a_correction_did(moderator, opened_data, make_table):
    sent = {"table": upload(write_data(make_table(30.0)).replace(",S,", ",,", 1)), "preview": "true"}
    shown = by_api(moderator, f"{API}data/", sent)
    assert (shown.json()["state"], Dataset.objects.count()) == ("draft", 1)
    sent["table"].seek(0)
    done = by_api(moderator, f"{API}data/", sent | {"preview": "false"})
    assert (done.json()["state"], done.json()["changes"], done.json()["number"]) == ("kept", shown.json()["changes"], 2)
    assert shown.json()["changes"] == {
        "values_changed": 1,
        "values_added": 0,
        "values_removed": 0,
        "sources_changed": 1,
        "origins_lost": 1,
        "units_changed": 0,
        "units_added": 0,
        "units_removed": 0,
        "licences_changed": 0,
        "lost": {"values": [], "origins": ["U1 2025 A1"], "units": []},
    }


def test_api_replaces_the_whole_by_name_alone(moderator, opened_data, unlisted):
    kept = by_api(moderator, f"{API}data/", {"table": whole()}).json()
    assert (kept["changes"]["units_removed"], len(content(opened_data).table.units)) == (0, 8)
    lost = by_api(moderator, f"{API}data/", {"table": whole(), "replace": "true"}).json()
    assert (lost["changes"]["lost"]["units"], len(content(opened_data).table.units)) == (["U7", "U8"], 6)


def test_api_refuses_the_same_as_the_page(moderator, opened_data):
    answer = by_api(moderator, f"{API}data/", {"note": "nothing"})
    assert (answer.status_code, [one["detail"] for one in answer.json()["errors"]]) == (422, ["nothing was sent"])


def test_preview_of_first_data_finds_them_in_order(frozen, moderator, dataset, make_table, by):
    sent = {"table": upload(write_data(make_table())), "preview": "on"}
    page = by_page(moderator, PAGE, sent).content.decode()
    assert "Nothing was taken in. The data are in order." in page
    frozen.refresh_from_db()
    assert frozen.dataset is None


@pytest.mark.parametrize("reader", ["observer", "stranger", "anonymous"])
def test_preview_and_replacing_are_for_moderators_alone(opened_data, series, reader, by):
    client = Client()
    if reader != "anonymous":
        user = User.objects.create_user(reader)
        if reader == "observer":
            give_role(user, series=series, kind=Role.Kind.OBSERVER, **by)
        client.force_login(user)
    before = known(opened_data)
    for more in ({"preview": "on"}, {"replace": "on"}):
        page = client.post(PAGE, {"table": whole()} | more)
        answer = client.post(f"{API}data/", {"table": whole()} | more)
        refused = {"observer": (403, 403), "stranger": (404, 404), "anonymous": (302, 403)}
        assert (page.status_code, answer.status_code) == refused[reader]
        assert "U7" not in page.content.decode() + answer.content.decode()
    assert (known(opened_data), Dataset.objects.count()) == (before, 1)
