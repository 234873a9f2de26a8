"""The list of units: read from files, settled, frozen with the method, held against the data, told with the release."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from time import process_time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Role, User
from accounts.usecases.roles import give_role
from exchange.limits import BYTES
from exchange.problems import FileProblemsError
from scoring.errors import DatasetError, EditionStateError, FrozenError, MissingPartError, SameMethodError
from scoring.files.bundle import MANIFEST, manifest_text, own_fingerprint, pack, read_manifest, unpack
from scoring.files.departures import departures, strangers, with_groups_of
from scoring.files.digits import sha256
from scoring.files.patches import DataPatch, DatasetContent
from scoring.files.sources import Source
from scoring.files.unit_list_problems import distance, list_problems, near_pairs
from scoring.files.unit_lists import ListedUnits, PlannedSource, read_listed, read_unit_list
from scoring.files.units import UnitRow, write_units
from scoring.files.verification import verify
from scoring.models import Edition, Freeze, SeriesCountry
from scoring.models import UnitList as StoredList
from scoring.queries.members import members_on, names_on
from scoring.usecases.edition_data import (
    load_edition_data,
    preview_edition_data,
    request_scoring,
    score_edition,
    use_dataset,
)
from scoring.usecases.editions import choose_consensus, create_edition, settle_recipe
from scoring.usecases.freezes import freeze_method, keep_method, revise_method
from scoring.usecases.members import add_member
from scoring.usecases.releases import correct_release, release_edition
from scoring.usecases.unit_lists import settle_units
from surveys.values.framework import tree_of
from tests.guards import unguarded
from tests.scoring.conftest import INDICATORS, approved, framework_rows
from tests.scoring.uploading import by_api, by_page, state_of

RULE = {"en": "All cities above 100,000 people."}
PLANNED = "iCode,source,vintage\n" + "".join(f"{code},Office,2024\n" for code in INDICATORS)
API = "/api/v1/series/las/editions/2026/"
JERUSALEM = UnitRow("GN281184", {"en": "Jerusalem"}, (), "ISR", {"en": "Israel"}, 971_800, 31.76904, 35.21633)
EAST_JERUSALEM = UnitRow(
    "GN7303419", {"en": "East Jerusalem"}, (), "PSE", {"en": "Palestine"}, 428_304, 31.78336, 35.23388
)


def read(units="uCode,uName,Region\nU1,One,N\n", sources=PLANNED, rule=RULE, two_cities=""):
    return read_unit_list(
        rule=rule,
        units=("units.csv", units.encode()),
        sources=("sources.csv", sources.encode()),
        two_cities=two_cities,
    )


def told(listed, members=None):
    return [(one.file, one.row, one.column, one.got) for one in problems(listed, members)]


def problems(listed, members=None):
    return list(list_problems(listed, tree_of(framework_rows()), members=members))


# --- files --------------------------------------------------------------------------------------------------------------


def test_list_is_read_with_its_groups_and_years():
    listed = read("uCode,uName,uName_ar,country,Region,Size\nU1,One,واحد,MAR,N,big\nU2,Two,,MAR,S,small\n")
    assert listed.rule == RULE
    assert listed.groups == {"Region": ("N", "S"), "Size": ("big", "small")}
    assert listed.units[0] == UnitRow("U1", {"en": "One", "ar": "واحد"}, (), "MAR")
    assert listed.sources[0] == PlannedSource("A1", "Office", 2024, 2024)
    assert read(sources="iCode,source,vintage\nA1,Office,2019 – 2024\n").sources[0].vintage == "2019-2024"
    assert read(two_cities=" U1 + U2 \n\n").two_cities == (("U1", "U2"),)


def test_everything_wrong_with_both_files_is_told_at_once():
    with pytest.raises(FileProblemsError) as refused:
        read(
            "uCode,uName,populatin\nU1,One,3\n",
            "iCode,source,vintage\nA1,,2024\n,Office,2024-2019\nA2,Office,soon\n",
            two_cities="U1 and U2",
        )
    assert [(one.file, one.row, one.column, one.got) for one in refused.value.problems] == [
        ("two_cities", 1, None, "U1 and U2"),
        ("units.csv", 1, "populatin", ""),
        ("sources.csv", 2, "source", ""),
        ("sources.csv", 3, "iCode", ""),
        ("sources.csv", 3, "vintage", "2024-2019"),
        ("sources.csv", 4, "vintage", "soon"),
    ]
    assert "population" in refused.value.problems[1].what


@pytest.mark.parametrize(
    ("sources", "column"), [("iCode,source\nA1,x\n", "vintage"), ("iCode,source,vintage,note\nA1,x,2024,y\n", "note")]
)
def test_planned_sources_have_their_columns_and_no_others(sources, column):
    with pytest.raises(FileProblemsError) as refused:
        read(sources=sources)
    assert [one.column for one in refused.value.problems] == [column]


def test_file_too_large_is_not_read():
    with pytest.raises(FileProblemsError) as refused:
        read(units="u" * (BYTES + 1))
    assert [one.allowed for one in refused.value.problems] == ["up to 50 MB"]


def test_list_comes_back_from_a_freeze_and_from_a_release(make_list):
    listed = make_list(two_cities=(("U1", "U2"),))
    assert ListedUnits.from_plain(json.loads(json.dumps(listed.to_plain()))) == listed
    files = {name: text.encode() for name, text in listed.release_files().items()}
    manifest = listed.in_manifest()
    assert read_listed(manifest["rule"], manifest["two_cities"], files) == listed


# --- what keeps it from being an edition's ------------------------------------------------------------------------------


def test_list_without_a_rule_units_or_sources_is_none(make_list):
    assert told(make_list(rule={}, units=(), groups={}, sources=())) == [
        ("rule", None, None, ""),
        ("units", None, None, ""),
        *(("sources", None, "iCode", code) for code in INDICATORS),
    ]


def test_sources_are_of_the_frameworks_indicators_and_stand_once(make_list):
    more = (PlannedSource("A11", "Office", 2024, 2024), PlannedSource("A1", "Atlas", 2020, 2021))
    listed = make_list(sources=(*make_list().sources, *more))
    assert told(listed) == [("sources", None, "iCode", "A11"), ("sources", None, "source", "Atlas")]


def test_unit_of_a_country_that_does_not_belong_is_told(make_list):
    assert told(make_list(), members={"MAR"}) == []
    (first, *_others) = problems(make_list(), {"EGY"})
    assert (first.column, first.got, "of U1 does not belong" in first.what) == ("country", "MAR", True)


def test_city_listed_under_two_states_is_told_unless_somebody_says_they_are_two(make_list):
    listed = make_list(units=(JERUSALEM, EAST_JERUSALEM), groups={})
    (problem,) = problems(listed)
    assert problem.what.startswith(
        "East Jerusalem (GN7303419) and Jerusalem (GN281184) lie 2 km apart under two states"
    ) or (
        problem.what.startswith("Jerusalem (GN281184) and East Jerusalem (GN7303419) lie 2 km apart under two states")
    )
    assert problem.got in {"ISR, PSE", "PSE, ISR"}
    for pair in (("GN281184", "GN7303419"), ("GN7303419", "GN281184")):
        assert told(replace(listed, two_cities=(pair,))) == []
    assert told(replace(listed, two_cities=(("GN281184", "GN0"),)))[0] == ("two_cities", None, None, "GN0")
    same = replace(EAST_JERUSALEM, country="ISR", country_names={"en": "Israel"})
    assert told(replace(listed, units=(JERUSALEM, same))) == []


def test_units_without_a_place_are_told_by_a_name_they_share(make_list):
    lost = replace(EAST_JERUSALEM, names={"en": "Jerusalem"}, latitude=None, longitude=None)
    for units in ((JERUSALEM, lost), (replace(JERUSALEM, latitude=None, longitude=None), lost)):
        (problem,) = problems(make_list(units=units, groups={}))
        assert "have one name under two states" in problem.what
    assert told(make_list(units=(JERUSALEM, replace(lost, names={"en": "Ramallah"})), groups={})) == []
    half = replace(lost, latitude=31.7)  # a latitude alone is no place
    spelt = replace(lost, names={"fr": "Ville"}, aliases=("JERUSALEM",))
    for other in (half, spelt, replace(lost, names={"ar": "jerusalem "})):
        assert len(told(make_list(units=(JERUSALEM, other), groups={}))) == 1


def test_countries_are_known_or_named_and_have_one_name(make_list):
    rows = make_list().units
    unknown = replace(rows[0], country="QQQ", country_names={}, latitude=10.0)
    other = replace(rows[1], country_names={"en": "Kingdom of Morocco"})
    assert told(make_list(units=(unknown, other, *rows[2:]))) == [
        ("units", None, "country", "QQQ"),
        *(("units", None, "cName", "Morocco"),) * 6,
    ]


@pytest.mark.parametrize("name", ["Time", "A1"])
def test_column_of_the_data_is_no_group(make_list, name):
    assert told(make_list(groups={name: ("x",) * 8})) == [("units", 1, name, "")]


PLACES = st.tuples(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.sampled_from(["AAA", "BBB"]),
    st.floats(-0.2, 0.2),
    st.floats(-0.2, 0.2),
)


@given(st.lists(PLACES, max_size=6))
def test_every_near_pair_of_two_states_is_found_and_no_other(places):
    units = []
    for number, (latitude, longitude, country, up, along) in enumerate(places):
        shifted = max(-90.0, min(90.0, latitude + up)), max(-180.0, min(180.0, longitude + along))
        units += [
            UnitRow(f"a{number}", {}, (), country, {}, None, latitude, longitude),
            UnitRow(f"b{number}", {}, (), "BBB", {}, None, *shifted),
        ]
    slow = {
        frozenset({a.code, b.code}) for a in units for b in units if a.country != b.country and distance(a, b) <= 10
    }
    assert {frozenset({a.code, b.code}) for a, b, _ in near_pairs(units)} == slow


# --- settling -----------------------------------------------------------------------------------------------------------


def test_same_list_is_the_series_list_it_already_is(edition, make_list, by):
    first, same = edition.unit_list, make_list()
    assert settle_units(edition, listed=same, **by) == first
    turned = replace(same, units=same.units[::-1], sources=same.sources[::-1], groups={"Region": ("S", "N") * 4})
    assert settle_units(edition, listed=turned, **by) == first
    other = settle_units(edition, listed=make_list(rule=RULE), **by)
    assert (first.number, other.number, other.created_by) == (1, 2, "mo")
    for change in (lambda: StoredList.objects.update(content={}), StoredList.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_refused_list_stores_nothing(edition, make_list, by):
    with pytest.raises(DatasetError) as refused:
        settle_units(edition, listed=make_list(rule={}, units=(JERUSALEM, EAST_JERUSALEM), groups={}), **by)
    assert len(refused.value.facts["problems"]) == 2
    edition.refresh_from_db()
    assert (edition.unit_list.number, StoredList.objects.count()) == (1, 1)


def test_members_are_those_of_the_editions_day_by_the_names_of_that_day(series, edition, make_list, by):
    spans = [
        ("MAR", {"en": "Morocco (old list)"}, date(1945, 1, 1)),
        ("MAR", {"en": "Morocco", "fr": "Maroc"}, date(2020, 1, 1)),
        ("EGY", {"en": "Egypt"}, date(2030, 1, 1)),
    ]
    for code, names, since in spans:
        add_member(series, code=code, names=names, since=since, source=f"list of {since.year}", **by)
    old = SeriesCountry.objects.get(country__code="MAR", since=date(1945, 1, 1))
    assert (old.until, old.source) == (date(2020, 1, 1), "list of 1945")
    assert members_on(edition) == {"MAR"}
    assert names_on(edition, {"MAR", "EGY"}) == {"MAR": {"en": "Morocco", "fr": "Maroc"}, "EGY": {"en": "Egypt"}}
    Edition.objects.filter(pk=edition.pk).update(reference_date=date(2019, 12, 31))
    edition.refresh_from_db()
    assert names_on(edition, {"MAR"})["MAR"] == {"en": "Morocco (old list)"}
    unnamed = tuple(replace(unit, country_names={}) for unit in make_list().units)
    stored = settle_units(edition, listed=make_list(units=unnamed), **by)
    assert stored.content["units"][0]["country_names"] == {"en": "Morocco (old list)"}
    stranger = tuple(replace(unit, country="EGY") for unit in make_list().units)
    with pytest.raises(DatasetError, match="does not belong to the series"):
        settle_units(edition, listed=make_list(units=stranger), **by)
    page = Client().get(reverse("scoring:series", args=["las"])).content.decode()
    assert "Morocco (old list)" not in page  # a span that another follows is no former member
    answer = Client().get("/api/v1/series/las/").json()
    assert [(one["code"], one["name"], one["list"]) for one in answer["members"]] == [
        ("MAR", "Morocco", "list of 2020"),
    ]
    assert answer["former"] == []


def test_edition_without_a_list_is_not_frozen(series, panel, version, by):
    bare = create_edition(series, slug="bare", framework_uid=version.uid, panel_uids=[panel.uid], **by)
    settle_recipe(bare, text="version = 1\n", **by)
    with pytest.raises(MissingPartError) as refused:
        freeze_method(bare, **by)
    assert refused.value.facts["part"] == "units"


# --- frozen, and the data -----------------------------------------------------------------------------------------------


def test_list_is_part_of_the_freeze_and_refuses_every_change(frozen, make_list, by):
    freeze = Freeze.objects.get()
    assert ListedUnits.from_plain(freeze.content["unit_list"]) == make_list().in_order()
    assert freeze.unit_list == frozen.unit_list
    with pytest.raises(FrozenError):
        settle_units(frozen, listed=make_list(rule=RULE), **by)
    other = StoredList.objects.create(
        series=frozen.series, number=9, content={}, fingerprint="o" * 64, created_at=by["at"], created_by="mo"
    )
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Edition.objects.filter(pk=frozen.pk).update(unit_list=other)


def units(change):
    """The eight cities, with a change of the first."""

    def changed(rows):
        return [replace(rows[0], **change), *rows[1:]]

    return changed


@pytest.mark.parametrize(
    ("change", "column", "got"),
    [
        ({"country": "EGY", "country_names": {"en": "Egypt"}}, "country", "EGY"),
        ({"names": {"en": "Another"}}, "uName", "Another"),
        ({"country_names": {"en": "Another"}}, "cName", "Another"),
        ({"population": 1}, "population", "1"),
        ({"latitude": 30.6}, "latitude", "30.6"),
    ],
)
def test_data_of_other_facts_than_the_frozen_ones_are_refused(frozen, make_table, make_units, by, change, column, got):
    sent = {"table": make_table(), "units": units(change)(make_units())}
    with pytest.raises(DatasetError) as refused:
        load_edition_data(frozen, **sent, **by)
    assert (column, got) in {(one.column, one.got) for one in refused.value.facts["problems"]}
    frozen.refresh_from_db()
    assert (frozen.dataset, frozen.series.datasets.count()) == (None, 0)


@pytest.mark.parametrize(
    ("rows", "column", "got"), [(slice(0, 7), "uCode", "U8"), (slice(0, 8), "Region", "S")], ids=["unit", "group"]
)
def test_data_without_a_frozen_unit_or_in_another_group_are_refused(
    frozen, series, version, make_table, by, rows, column, got
):
    whole = make_table()
    table = replace(
        whole,
        units=whole.units[rows],
        names=whole.names[rows],
        times=whole.times[rows],
        values=whole.values[rows],
        groups={"Region": ("S", *whole.groups["Region"][1:])} if column == "Region" else {},
    )
    with pytest.raises(DatasetError) as refused:
        load_edition_data(frozen, table=table, **by)
    assert [(one.column, one.got) for one in refused.value.facts["problems"]] == [(column, got)]


def test_unit_that_nobody_froze_is_refused_by_preview_too(frozen, series, version, make_table, dataset, by):
    use_dataset(frozen, dataset=dataset, **by)
    whole = make_table()
    new = replace(whole, units=("U9", *whole.units[1:]), names=("Nine", *whole.names[1:]))
    rows = [UnitRow("U9", {"en": "Nine"}, (), "MAR")]
    with pytest.raises(DatasetError) as refused:
        preview_edition_data(frozen, sent=DataPatch(new, (), tuple(rows)))
    assert ("uCode", "U9") in {(one.column, one.got) for one in refused.value.facts["problems"]}


def test_units_and_groups_need_not_be_sent_again(frozen, make_table, by):
    table = replace(make_table(), groups={}, names=make_table().units)
    loaded = load_edition_data(frozen, table=table, **by)
    row = loaded.dataset.units.select_related("unit").get(unit__code="U2")
    assert (row.groups, row.described["names"]["ar"]) == ({"Region": "S"}, "مدينة 2")


def test_group_that_was_not_frozen_is_refused(frozen, make_table, by):
    table = replace(make_table(), groups={**make_table().groups, "Size": ("big",) * 8})
    with pytest.raises(DatasetError, match="no such group"):
        load_edition_data(frozen, table=table, **by)


def test_correction_mends_a_name_and_nothing_else_of_the_list(make_list, make_table, make_units):
    rows = units({"names": {"en": "Mended", "ar": "مدينة 1"}})(make_units())
    content = DatasetContent(make_table(), (), tuple(rows))
    assert list(strangers(make_list(), content, may_mend=True)) == []
    assert [one.column for one in strangers(make_list(), content, may_mend=False)] == ["uName"]
    empty = replace(content, units=tuple(units({"names": {"ar": "مدينة 1"}})(make_units())))
    assert [one.column for one in strangers(make_list(), empty, may_mend=True)] == ["uName"]
    moved = replace(content, units=tuple(units({"country": "EGY"})(make_units())))
    assert [one.column for one in strangers(make_list(), moved, may_mend=True)] == ["country"]


def test_table_takes_the_groups_it_lacks(make_list, make_table):
    bare = replace(make_table(), groups={}, units=("U9", *make_table().units[1:]))
    assert with_groups_of(make_list(), bare).groups == {"Region": ("", *("S", "N") * 3, "S")}
    own = with_groups_of(make_list(), replace(bare, groups={"Region": ("x",) * 7 + ("",)}))
    assert own.groups == {"Region": ("x",) * 7 + ("S",)}


def test_group_that_the_data_lack_altogether_is_refused(make_list, make_table, make_units):
    content = DatasetContent(replace(make_table(), groups={}), (), tuple(make_units()))
    assert [one.column for one in strangers(make_list(), content, may_mend=True)] == ["Region"]


def test_values_from_elsewhere_and_of_other_years_depart(make_list):
    values = [
        Source("U1", "A1", "2025", 2024, "city", "Office, 2025"),
        Source("U1", "A1", "2025", 2022, "city", "Office, 2025"),
        Source("U2", "A1", "2025", 2023, "city", "Atlas"),
        Source("U2", "A2", "2025", 2024, "city", "Atlas"),
        Source("U3", "A2", "2025", None, "", ""),
        Source("U4", "A2", "2025", None, "", "Office, 2025"),
    ]
    assert departures(make_list().sources, values) == [
        ("U1", "2025", "A1", "year", "2023-2024", "2022"),
        ("U2", "2025", "A1", "year", "2024", "2023"),
        ("U2", "2025", "A2", "source", "Office, 2025", "Atlas"),
        ("U3", "2025", "A2", "source", "Office, 2025", ""),
        ("U4", "2025", "A2", "year", "2024", ""),
    ]


# --- told with the release ----------------------------------------------------------------------------------------------


def test_release_tells_the_list_and_what_departs_from_it(release, client):
    files = unpack(bytes(release.bundle.zip))
    rows = list(csv.DictReader(io.StringIO(files["departures.csv"].decode())))
    assert len(rows) == 35  # every value but the one whose source and year were fixed
    assert rows[0] == {
        "uCode": "U1", "Time": "2025", "iCode": "A2", "what": "source", "frozen": "Office, 2025", "got": "",
    }  # fmt: skip
    assert release.manifest["unit_list"]["departures"] == 35
    assert release.manifest["unit_list"]["rule"]["en"] == "Cities above 100,000 people."
    page = client.get(reverse("scoring:method", args=["las", "2026", "1.0"])).content.decode()
    assert "Cities above 100,000 people." in page
    assert "35 values are from another source, or of another year" in " ".join(page.split())
    assert "the list of who is ranked were frozen on" in " ".join(page.split())
    answer = client.get(f"{API}releases/v1.0/method/?language=ar").json()["unit_list"]
    assert (answer["rule"], answer["departures"]) == ("مدن يزيد سكانها على 100000 نسمة.", 35)
    assert answer["sources"][0] == {"code": "A1", "source": "Atlas", "vintage": "2024"}


def altered(release, name, old, new):
    """The bundle with one file altered, its fingerprints made anew: only what is computed can tell."""
    files = unpack(bytes(release.bundle.zip))
    assert old in files[name]
    files[name] = files[name].replace(old, new, 1)
    manifest = read_manifest(files[MANIFEST])
    if name != MANIFEST:
        manifest["files"][name] = sha256(files[name])
    manifest["fingerprint"] = own_fingerprint(manifest)
    files[MANIFEST] = manifest_text(manifest).encode()
    return pack(files)


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("departures.csv", b"A2,source", b"A2,year", "departures.csv:2:what: does not come out again"),
        ("frozen_units.csv", b"U1,City U1", b"U0,City U1", "frozen_units.csv::uCode: the frozen list has no such unit"),
        ("frozen_units.csv", b"MAR", b"EGY", "frozen_units.csv::country: U1 is fixed otherwise"),
        ("frozen_sources.csv", b"Atlas", b"Other", ""),
        (
            "manifest.json",
            b'"departures": 35',
            b'"departures": 0',
            "manifest.json::unit_list: the number of departures",
        ),
    ],
)
def test_bundle_whose_list_was_altered_is_not_verified(release, name, old, new, says):
    assert verify("bundle.zip", bytes(release.bundle.zip)).differences == ()
    verdict = verify("bundle.zip", altered(release, name, old, new))
    assert verdict.sentence.startswith("NOT verified")
    assert any(says in str(one) for one in verdict.differences)


# --- the desk -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def moderator(series, client, by):
    user = User.objects.create_user("mona")
    give_role(user, series=series, kind=Role.Kind.MODERATOR, **by)
    series.languages = ["en", "ar"]
    series.save()
    client.force_login(user)
    return client


def files(listed, **more):
    return {
        "units": SimpleUploadedFile("units.csv", write_units(listed.units, listed.groups).encode()),
        "sources": SimpleUploadedFile("sources.csv", PLANNED.encode()),
    } | more


@pytest.mark.django_db
def test_moderator_settles_the_list_on_the_page(moderator, edition, make_list):
    address = reverse("scoring:desk_units", args=["las", "2026"])
    refused = by_page(moderator, address, files(make_list(), rule_en="", rule_ar=""))
    assert "nobody says who is listed" in refused.content.decode()
    broken = files(make_list(), rule_en="Kept in the form", two_cities="U1 + U9")
    broken["units"] = SimpleUploadedFile("units.csv", b"uCode\nU1\n")
    page = by_page(moderator, address, broken).content.decode()
    assert ("Kept in the form" in page, "U1 + U9" in page) == (True, True)
    assert StoredList.objects.count() == 1
    assert moderator.post(address, {}).status_code == 422
    done = by_page(moderator, address, files(make_list(), rule_en="Large ones.")).content.decode()
    assert "Taken in as list 2." in done
    assert "Large ones." in done
    series = moderator.get(reverse("scoring:desk_series", args=["las"])).content.decode()
    assert "Every list that was settled" in series
    edition.refresh_from_db()
    assert edition.unit_list.content["rule"] == {"en": "Large ones."}


@pytest.mark.django_db
def test_moderator_settles_the_list_by_api(moderator, edition, make_list):
    answer = by_api(moderator, f"{API}units/", files(make_list(), rule=json.dumps({"en": "Large ones.", "fr": ""})))
    assert state_of(answer) == ("kept", 0)
    assert (answer.json()["number"], answer.json()["units"]) == (2, 8)
    edition.refresh_from_db()
    assert edition.unit_list.content["rule"] == {"en": "Large ones."}
    bad = moderator.post(f"{API}units/", files(make_list(), rule="{"))
    assert (bad.status_code, "rule" in bad.content.decode()) == (400, True)
    missing = by_api(moderator, f"{API}units/", files(make_list(rule={}), rule="{}"))
    assert (state_of(missing), missing.json()["problems"][0]["file"]) == (("refused", 1), "rule")


@pytest.mark.django_db
def test_desk_counts_what_departs(moderator, frozen, dataset, by):
    use_dataset(frozen, dataset=dataset, **by)
    page = " ".join(moderator.get(reverse("scoring:desk_edition", args=["las", "2026"])).content.decode().split())
    assert "35 values are not from a source or a year that was fixed." in page


# --- a second freeze ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_released_edition_is_revised_and_released_again(moderator, release, by, now, make_list):
    edition = release.edition
    address = reverse("scoring:desk_edition", args=["las", "2026"])
    released = moderator.get(address).content.decode()
    assert "Open the method again" in released
    assert "The first ten, as they are public" in released
    page = moderator.post(reverse("scoring:desk_revise", args=["las", "2026"]), follow=True).content.decode()
    assert "The method may be changed. What is released stays as it is." in page
    assert "Keep the method as it was frozen" in page
    assert "a release will say that the data were known" in page
    assert "before any data are opened" not in page
    assert "not yet public" not in page  # what was scored by the method of before is
    assert Client().get(reverse("scoring:release", args=["las", "2026", "1.0"])).status_code == 200
    home = Client().get(reverse("scoring:home")).content.decode()
    assert reverse("scoring:edition", args=["las", "2026"]) in home
    settle_units(edition, listed=make_list(rule={"en": "Another rule."}), **by)
    freeze_method(approved(edition), **by)
    score_edition(request_scoring(edition, **by).pk, now=now)
    with pytest.raises(MissingPartError):
        release_edition(edition, **by)
    sent = {"sure": "on", "reason": "Another rule of inclusion."}
    refused = moderator.post(reverse("scoring:desk_release", args=["las", "2026"]), {"sure": "on"})
    assert refused.status_code == 422
    moderator.post(reverse("scoring:desk_release", args=["las", "2026"]), sent)
    second = edition.releases.get(major=2)
    assert (second.number, second.supersedes, second.reason) == ("2.0", release, "Another rule of inclusion.")
    method = " ".join(moderator.get(reverse("scoring:method", args=["las", "2026", "2.0"])).content.decode().split())
    assert "The method was frozen again on" in method
    assert "before the data were opened" not in method
    assert "Release 2.0 replaces release 1.0: the method was frozen again." in method
    earlier = moderator.get(reverse("scoring:release", args=["las", "2026", "1.0"])).content.decode()
    assert "Release 1.0 has been replaced by release 2.0." in " ".join(earlier.split())
    unit = " ".join(moderator.get(reverse("scoring:unit", args=["las", "2026", "2.0", "U1"])).content.decode().split())
    assert "this correction" not in unit
    told = unpack(pack({one.name: bytes(one.content) for one in second.files.all()}))["README.txt"].decode()
    assert "Its method was frozen again; it replaces release 1.0: Another rule of inclusion." in told
    jobs = moderator.get(f"{API}jobs/scoring/").json()
    assert jobs["requested_at"] == edition.scorings.latest("pk").requested_at.isoformat().replace("+00:00", "Z")


@pytest.mark.django_db
def test_revision_that_comes_to_nothing_is_ended(moderator, release, make_list, by):
    edition = release.edition
    assert moderator.post(f"{API}revision/", content_type="application/json").json() == {"state": "preparing"}
    settle_units(edition, listed=make_list(rule={"en": "Another rule."}), **by)
    assert moderator.delete(f"{API}revision/").json() == {"state": "released"}
    edition.refresh_from_db()
    assert edition.unit_list == Freeze.objects.get().unit_list
    page = moderator.post(reverse("scoring:desk_keep", args=["las", "2026"]), follow=True).content.decode()
    assert "This step is not open now" in page
    revise_method(edition, **by)
    page = moderator.post(reverse("scoring:desk_keep", args=["las", "2026"]), follow=True).content.decode()
    assert "The method is as it was frozen." in page


@pytest.mark.django_db
def test_method_that_is_no_other_is_not_frozen_again(release, by):
    revise_method(release.edition, **by)
    with pytest.raises(SameMethodError):
        freeze_method(release.edition, **by)
    assert keep_method(release.edition, **by).state == "released"


@pytest.mark.django_db
def test_name_mended_by_a_correction_does_not_hold_a_revision_up(release, make_list, by, now):
    edition = release.edition
    load_edition_data(edition, units=[UnitRow("U1", {"en": "Mended"})], **by)
    score_edition(request_scoring(edition, **by).pk, now=now)
    edition.refresh_from_db()
    correct_release(edition, dataset=edition.dataset, reason="a name", **by)
    revise_method(edition, **by)
    settle_units(edition, listed=make_list(rule={"en": "Another rule."}), **by)
    freeze_method(edition, **by)
    score_edition(request_scoring(edition, **by).pk, now=now)
    second = release_edition(edition, reason="Another rule.", **by)
    assert second.units.get(code="U1").names["en"] == "Mended"
    assert edition.scorings.latest("pk").corrects is None


@pytest.mark.django_db
def test_country_that_left_since_the_list_was_settled_is_not_frozen(edition, consensus, series, by):
    settle_recipe(edition, text="version = 1\n", **by)
    choose_consensus(edition, consensus=consensus, **by)
    add_member(series, code="EGY", names={"en": "Egypt"}, since=date(2000, 1, 1), **by)
    with pytest.raises(DatasetError, match="does not belong to the series"):
        freeze_method(edition, **by)


@pytest.mark.django_db
def test_spans_of_a_membership_do_not_overlap(series, by):
    for since, until in ((2020, None), (2010, None), (2021, 2023), (2022, None)):
        add_member(
            series,
            code="MAR",
            names={"en": "Morocco"},
            since=date(since, 1, 1),
            until=until and date(until, 1, 1),
            **by,
        )
    spans = SeriesCountry.objects.order_by("since").values_list("since__year", "until__year")
    assert list(spans) == [(2010, 2020), (2020, 2021), (2021, 2022), (2022, None)]


@pytest.mark.django_db
def test_edition_frozen_before_lists_were_kept_is_released_and_corrected(moderator, scored, corrected, by, now):
    content = {name: part for name, part in Freeze.objects.get().content.items() if name != "unit_list"}
    with unguarded(Freeze, Edition):
        Freeze.objects.update(unit_list=None, content=content)
        Edition.objects.update(unit_list=None)
    address = reverse("scoring:desk_edition", args=["las", "2026"])
    assert "Release the edition" in moderator.get(address).content.decode()
    scored.refresh_from_db()
    release = release_edition(scored, **by)
    assert "unit_list" not in release.manifest
    assert not release.files.filter(name="departures.csv").exists()
    use_dataset(scored, dataset=corrected, **by)
    score_edition(request_scoring(scored, **by).pk, now=now)
    assert "Release the correction" in moderator.get(address).content.decode()


@pytest.mark.django_db
def test_database_keeps_what_is_public_while_the_method_is_revised(release, panel, by):
    edition = revise_method(release.edition, **by)
    row = Edition.objects.filter(pk=edition.pk)
    other = settle_recipe(edition, text="version = 1\n", **by)
    for change in (
        lambda: row.update(slug="other"),
        lambda: row.update(reference_date=date(2000, 1, 1)),
        lambda: edition.panels.all().delete(),
        lambda: row.update(state="released"),  # with another recipe than was frozen
    ):
        with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
            change()
    row.update(state="released", recipe=release.freeze.recipe)
    assert other != release.freeze.recipe


@pytest.mark.django_db
def test_data_that_are_no_longer_of_the_list_are_shown_where_they_are_mended(moderator, release, make_list, by):
    edition = revise_method(release.edition, **by)
    fewer = make_list()
    groups = {"Region": fewer.groups["Region"][:7]}
    settle_units(edition, listed=replace(fewer, units=fewer.units[:7], groups=groups), **by)
    freeze_method(approved(edition), **by)
    page = moderator.post(reverse("scoring:desk_score", args=["las", "2026"]))
    assert (page.status_code, "the frozen list has no such unit" in page.content.decode()) == (422, True)


def test_many_strange_units_are_told_at_once(make_list, make_table):
    codes = tuple(f"X{number}" for number in range(5000))
    listed = make_list(units=tuple(UnitRow(f"U{number:05}", {"en": "one"}) for number in range(5000)), groups={})
    content = DatasetContent(replace(make_table(), groups={}), (), tuple(UnitRow(code, {"en": "x"}) for code in codes))
    began = process_time()
    assert len(list(strangers(listed, content, may_mend=False))) == 10_000
    assert process_time() - began < 20  # a hint for every one takes minutes


@pytest.mark.django_db
def test_edition_that_was_never_frozen_has_nothing_to_keep(edition, by):
    with pytest.raises(EditionStateError):
        keep_method(edition, **by)


@pytest.mark.django_db
def test_second_list_wants_data_of_its_own_units(release, make_list, by):
    edition = release.edition
    revise_method(edition, **by)
    fewer = make_list()
    settle_units(
        edition,
        listed=replace(fewer, units=fewer.units[:7], groups={"Region": fewer.groups["Region"][:7]}),
        **by,
    )
    freeze_method(edition, **by)
    with pytest.raises(DatasetError, match="the frozen list has no such unit"):
        request_scoring(edition, **by)
