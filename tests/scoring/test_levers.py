"""Advice that knows who could change a value and for what it was measured: page, API and files alike."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest
from django.test import Client

from exchange.problems import FileProblemsError
from scoring.files.sources import Source
from scoring.queries.explore.release_model import release_model
from scoring.queries.published.release_head import release_head
from scoring.usecases.datasets import load_dataset
from surveys.errors import BadFrameworkError
from surveys.files.framework import read_framework, write_framework
from surveys.usecases.frameworks import create_framework, freeze_framework
from tests.scoring.conftest import BY, framework_rows, table, unit_rows

LEVERS = {"A1": "country", "A2": "city", "B1": "nobody"}
UNITS = "/s/las/2026/v1.0/units/"
API = "/api/v1/series/las/editions/2026/releases/v1.0/"


def rows():
    return [
        replace(row, extra={**row.extra, "Lever": LEVERS[row.code]}) if row.code in LEVERS else row
        for row in framework_rows()
    ]


@pytest.fixture
def version(db):
    return freeze_framework(create_framework(slug="city", names={"en": "City"}, rows=rows(), **BY), **BY)


@pytest.fixture
def dataset(series, version, make_licences):
    """A1 was measured for the country, of which all are, but for the first city and a gap: one number, and another one."""
    data = table()
    values = data.values.copy()
    values[1:6, 0] = 40.0
    sources = [Source(f"U{number}", "A1", "2025", 2024, "country", "Atlas") for number in range(2, 8)]
    sources += [Source("U1", "A1", "2025", 2024, "city", "Office, 2025")]
    return load_dataset(
        series,
        framework_uid=version.uid,
        table=data.with_values(values),
        sources=sources,
        units=unit_rows(),
        licences=make_licences(),
        note="",
        **BY,
    )


@pytest.fixture
def field(release):
    return release_model(release_head("las", "2026"))


@pytest.fixture
def code(field):
    """The last city whose A1 is the country's."""
    return max(("U2", "U3", "U4", "U5", "U6"), key=lambda one: field.nominal.ranks[field.nominal.units.index(one)])


def text(address):
    html = Client().get(address).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")


@pytest.mark.django_db
def test_release_knows_levels_levers_and_countries(field):
    assert set(field.countries) == {"MAR"}
    assert field.companions("U2", "A1") == ("U3", "U4", "U5", "U6", "U7")
    assert field.companions("U1", "A1") == field.companions("U2", "A2") == ()
    assert {one.code: one.lever for one in field.tree.criteria if one.lever} == LEVERS


@pytest.mark.django_db
def test_page_and_api_say_what_moves_along_and_leave_out_what_nobody_can_change(code):
    html, answer = text(f"{UNITS}{code}/advice/?peers=all"), Client().get(f"{API}units/{code}/advice/?peers=all").json()

    steps = {one["indicator"]: one for one in answer["steps"]}
    assert (steps["A1"]["lever"], steps["A1"]["moves_with"]) == ("country", 5)
    assert [code for code, step in steps.items() if step["is_national"]] == ["A1"]
    assert "B1" not in steps
    assert {"indicator": "B1", "name": "B1", "reason": "nobody"} in answer["would_not_help"]
    assert "B1: nobody can change it" in html
    assert "how another value would change the calculated rank. It is no forecast." in html
    assert [one["moves_with"] for one in answer["fewest_changes"]["changes"] if one["indicator"] == "A1"] in ([], [5])
    if steps["A1"]["gained"] > 0:
        assert "The country’s value: 5 other cities of Morocco move with it." in html
    assert not any(one["moves_with"] for one in answer["steps"] if one["indicator"] != "A1")


@pytest.mark.django_db
def test_what_if_moves_the_country_on_page_in_api_and_in_files(field, code):
    asked = f"{UNITS}{code}/what-if"
    html = text(f"{asked}/?v.A1=60")
    answer = Client().get(f"{API}units/{code}/what-if/?v.A1=60").json()
    as_json = json.loads(Client().get(f"{asked}/unofficial.json?v.A1=60").content)
    as_csv = list(csv.DictReader(io.StringIO(Client().get(f"{asked}/unofficial.csv?v.A1=60").content.decode())))

    assert "The country’s value: 5 other cities of Morocco move with it." in html
    assert "Arithmetic, no forecast" in html
    assert answer["values"] == [{"code": "A1", "official": 40.0, "what_if": 60.0, "moves_with": 5}]
    assert as_json["changed_values"]["A1"]["moves_with"] == 5
    assert [row["what_if"] for row in as_csv if row["what"] == "other_units_with_it"] == ["5"]
    ranks = field.official.own(code, [field.spread(code, {"A1": 60.0})])[1]
    assert answer["what_if"]["rank"] == as_json["what_if"]["rank"] == ranks[0, 0]


@pytest.mark.django_db
def test_dictionary_tells_who_could_change_an_indicator(release):
    html = Client().get("/s/las/2026/v1.0/dictionary/").content.decode()
    told = {one["code"]: one["lever"] for one in Client().get(f"{API}indicators/").json()["results"]}

    assert {code: lever for code, lever in told.items() if lever} == LEVERS
    for code, word in {"A1": "the country", "A2": "the city", "B1": "no one", "C1": "not known"}.items():
        row = next(one for one in re.findall(r"<tr.*?</tr>", html, re.DOTALL) if f'class="code">{code}<' in one)
        assert re.search(rf"<small>Who could change it: {word}</small>", row)


@pytest.mark.django_db
def test_framework_with_an_unknown_lever_is_not_made():
    wrong = [replace(row, extra={"Lever": "mayor"}) if row.code == "A1" else row for row in framework_rows()]

    with pytest.raises(BadFrameworkError, match="A1: lever mayor is unknown"):
        create_framework(slug="wrong", names={"en": "Wrong"}, rows=wrong, **BY)


def test_framework_file_keeps_levers():
    again = read_framework("framework.csv", write_framework(rows()).encode())

    assert {row.code: row.lever for row in again if row.lever} == LEVERS


@pytest.mark.parametrize(
    ("code", "lever", "says"),
    [
        ("A1", "mayor", "unknown Lever, allowed city, country, nobody, got mayor"),
        ("A1", "contry", "unknown Lever; did you mean country?"),
        ("A", "city", "only an indicator has a lever"),
        ("Region", "city", "only an indicator has a lever"),
    ],
)
def test_lever_that_is_none_is_refused_with_its_place(code, lever, says):
    wrong = [replace(row, extra={"Lever": lever}) if row.code == code else row for row in framework_rows()]
    lines = write_framework(wrong).splitlines()
    number = 1 + next(place for place, line in enumerate(lines) if line.startswith(f"{code},"))

    with pytest.raises(FileProblemsError) as refused:
        read_framework("framework.csv", "\n".join(lines).encode())

    (problem,) = refused.value.problems
    assert (problem.row, problem.column) == (number, "Lever")
    assert says in str(problem)


@pytest.mark.parametrize("empty", ["", "NA"])
def test_lever_that_nobody_said_is_not_known(empty):
    text = f"iCode,Parent,Type,Lever\nRoot,,Aggregate,{empty}\nA1,Root,Indicator,{empty}\n"

    assert [row.lever for row in read_framework("framework.csv", text.encode())] == ["", ""]
