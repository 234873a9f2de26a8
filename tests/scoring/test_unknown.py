"""What nobody said of a value is unknown, never a claim: in the rows, on the page, in the file and in the API."""

import csv
import io

import pytest
from django.core.management import call_command
from django.urls import reverse

from scoring.files.sources import Source, read_sources, write_sources
from scoring.models import Observation

API = "/api/v1/series/las/editions/2026/releases/v1.0/units/"


def page_of(client, unit):
    """Return the page of a unit, white space made one."""
    html = client.get(reverse("scoring:unit", args=["las", "2026", "1.0", unit])).content.decode()
    return " ".join(html.split())


@pytest.mark.parametrize(
    ("row", "source"),
    [
        ("U1,A1,,,,,", Source("U1", "A1")),
        ("U1,A1,,2024,,,", Source("U1", "A1", year=2024)),
        ("U1,A1,,,country,,0", Source("U1", "A1", resolution="country", given=False)),
        ("U1,A1,2025,2024,city,Atlas,1", Source("U1", "A1", "2025", 2024, "city", "Atlas", given=True)),
    ],
)
def test_empty_cells_of_sources_claim_nothing(row, source):
    text = f"uCode,iCode,Time,year,resolution,source,given\n{row}\n"
    assert read_sources("sources.csv", text.encode()) == (source,)
    assert write_sources([source]) == text


def test_columns_of_sources_left_out_claim_nothing():
    (source,) = read_sources("sources.csv", b"uCode,iCode\nU1,A1\n")
    assert (source.year, source.resolution, source.source, source.given) == (None, "", "", None)


@pytest.mark.django_db
def test_value_without_source_is_stored_as_unknown(dataset):
    told = ("year", "resolution", "source", "given")
    found = Observation.objects.filter(row__unit__code="U3", indicator="A1").values_list(*told).get()
    assert found == (None, "", "", None)


@pytest.mark.django_db
def test_unknown_is_said_on_page_in_file_and_by_the_api(release, client):
    page = page_of(client, "U3")
    assert "unknown whether measured or estimated" in page
    assert '<td class="together" data-label="Measured"> <span> unknown </span> </td>' in page
    assert '<td data-label="Source">unknown</td>' in page
    assert "for the city" not in page

    values = {value["indicator"]: value for value in client.get(f"{API}U3/").json()["values"]}
    told = {name: values["A1"][name] for name in ("year", "resolution", "source", "state")}
    assert told == {"year": None, "resolution": None, "source": None, "state": "unknown"}
    assert values["A2"]["state"] == "missing"

    content = bytes(release.files.get(name="sources.csv").content).decode()
    rows = {(row["uCode"], row["iCode"]): row for row in csv.DictReader(io.StringIO(content))}
    assert {rows["U3", "A1"][name] for name in ("year", "resolution", "source", "given")} == {""}
    told = csv.DictReader(io.StringIO(bytes(release.files.get(name="dictionary.csv").content).decode()))
    meanings = [row["meaning"] for row in told if row["file"] == "sources.csv"]
    assert [meaning.endswith("empty = unknown") for meaning in meanings] == [False] * 3 + [True] * 4


@pytest.mark.django_db
def test_what_was_said_in_part_is_shown_in_part(release, client):
    release_unit = release.units.get(code="U1")
    assert release_unit.values[0]["resolution"] == "city"
    page = page_of(client, "U1")
    assert "<span> <bdi>2024</bdi> for the city </span>" in page
    assert '<a href="#source-1">1</a>' in page


@pytest.mark.django_db
def test_release_with_unknown_sources_verifies(release, tmp_path):
    bundle = tmp_path / "release.zip"
    bundle.write_bytes(bytes(release.bundle.zip))
    call_command("verify_release", str(bundle))
