"""A release is whole, verifies offline, and never changes."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from openpyxl import load_workbook

from exchange.problems import FileProblemsError
from scoring.errors import EditionStateError, MissingPartError, NothingChangedError
from scoring.files.bundle import manifest_text, own_fingerprint, pack, unpack
from scoring.files.digits import json_text, sha256
from scoring.files.verification import verify
from scoring.files.workbook import workbook
from scoring.models import Freeze, Release, ReleaseFile, ReleaseUnit
from scoring.usecases.edition_data import request_scoring, score_edition, use_dataset
from scoring.usecases.releases import build_bundle, correct_release, release_edition
from surveys.models import PublicationCode
from tests.scoring.conftest import INDICATORS

pytestmark = pytest.mark.django_db

OLDER = Path(__file__).parent / "releases"
FILES = [
    "README.txt",
    "consensus.csv",
    "consensus.json",
    "consistency.csv",
    "country_shares.json",
    "data.csv",
    "departures.csv",
    "framework.csv",
    "frozen_sources.csv",
    "frozen_units.csv",
    "importance.csv",
    "judgements.csv",
    "manifest.json",
    "method.json",
    "one_person.csv",
    "receipts.csv",
    "recipe.toml",
    "scores.csv",
    "sources.csv",
    "licences.csv",
    "steps/1_denominated.csv",
    "steps/2_screened.csv",
    "steps/3_imputed.csv",
    "steps/4_treated.csv",
    "steps/5_normalised.csv",
    "summary.json",
    "units.csv",
    "weights.csv",
    "dictionary.csv",
    *(f"robustness/{name}.csv" for name in ("alike", "leave_one_out", "leave_one_out_ranks", "pairs", "ranks")),
    *(f"robustness/{name}.csv" for name in ("sensitivity", "weight_draws", "weights")),
    "robustness/summary.json",
    "robustness/pairs.json",
    "robustness/tables.json",
]


def found(content):
    """The differences of a bundle, which must have some."""
    differences = verify("bundle.zip", content).differences
    assert differences
    return differences


def refused(content):
    with pytest.raises(FileProblemsError) as error:
        verify("bundle.zip", content)
    return error.value.problems


def test_release_holds_every_file_and_its_fingerprint(release):
    assert [file.name for file in release.files.order_by("name")] == sorted(FILES)
    assert release.number == "1.0"
    manifest = release.manifest
    assert manifest["files"] == {
        file.name: sha256(bytes(file.content)) for file in release.files.exclude(name="manifest.json")
    }
    assert manifest["seed"] == {"consensus": 5, "recipe": 3}
    assert manifest["fingerprint"] == release.fingerprint
    stored = release.files.get(name="manifest.json")
    assert json.loads(bytes(stored.content)) == manifest
    assert release.edition.state == "released"


def test_no_panelist_name_is_in_any_file(release):
    everything = b"".join(bytes(file.content) for file in release.files.all()) + bytes(release.bundle.zip)
    code = PublicationCode.objects.get(panelist__code="P1").code
    assert f"{code},Root".encode() in everything
    assert b"Name 1" not in everything
    assert b"industry" not in everything


def test_units_are_written_as_pages_read_them(release):
    units = {unit.code: unit for unit in release.units.all()}
    first = next(unit for unit in units.values() if unit.rank == 1)
    assert first.rank_low <= first.rank_high
    assert set(first.aggregates) == {"Root", "A", "B", "C"}
    assert first.score == first.aggregates["Root"]
    assert [value["indicator"] for value in first.values] == ["A1", "A2", "A3", "B1", "C1"]
    given = units["U1"].values[0]
    assert {key: given[key] for key in ("year", "resolution", "source", "given", "imputed")} == {
        "year": 2024,
        "resolution": "city",
        "source": "Office, 2025",
        "given": True,
        "imputed": False,
    }
    assert units["U2"].values[0]["given"] is False
    nobody_said = {name: units["U3"].values[0][name] for name in ("year", "resolution", "source", "given")}
    assert nobody_said == {"year": None, "resolution": "", "source": "", "given": None}
    assert units["U3"].values[1] == {
        "indicator": "A2",
        "value": None,
        "normalised": None,
        "year": None,
        "resolution": "",
        "source": "",
        "given": None,
        "licence": "",
        "withheld": False,
        "imputed": False,
    }
    left_out = units["U8"]
    assert (left_out.rank, left_out.score, left_out.left_out) == (None, None, {"share": 0.4, "needed": 0.6})
    assert (units["U1"].names["ar"], units["U1"].country_names["en"]) == ("مدينة 1", "Morocco")


def test_frozen_edition_is_released_once(release, scored, by):
    with pytest.raises(EditionStateError):
        release_edition(scored, **by)


def test_edition_without_scores_is_not_released(frozen, dataset, by):
    use_dataset(frozen, dataset=dataset, **by)
    with pytest.raises(MissingPartError) as refused:
        release_edition(frozen, **by)
    assert refused.value.facts["part"] == "scoring"


def test_correction_supersedes_and_leaves_the_first_as_it_is(release, scored, corrected, now, by):
    before = list(release.files.values_list("name", "sha256"))
    use_dataset(scored, dataset=corrected, **by)
    score_edition(request_scoring(scored, **by).pk, now=now)
    second = correct_release(scored, dataset=corrected, reason="A1 of U1 was mistyped", **by)
    assert (second.number, second.supersedes_id, second.reason) == ("1.1", release.pk, "A1 of U1 was mistyped")
    assert list(release.files.values_list("name", "sha256")) == before
    assert b"It corrects release 1.0: A1 of U1 was mistyped" in bytes(second.files.get(name="README.txt").content)
    assert build_bundle(second.bundle.pk, now=now) is True
    second.bundle.refresh_from_db()
    verdict = verify("bundle.zip", bytes(second.bundle.zip))
    assert (verdict.manifest["supersedes"], verdict.differences) == ("1.0", ())


def test_correction_needs_scored_data_that_differ_and_a_reason(release, scored, dataset, corrected, by):
    for data, reason, error in (
        (corrected, "why", MissingPartError),
        (dataset, "why", NothingChangedError),
        (dataset, " ", MissingPartError),
    ):
        with pytest.raises(error):
            correct_release(scored, dataset=data, reason=reason, **by)
    assert Release.objects.count() == 1


def test_bundle_is_built_once_and_always_the_same(release, now):
    bundle = release.bundle
    assert build_bundle(bundle.pk, now=now) is False
    files = {file.name: bytes(file.content) for file in release.files.all()}
    assert bytes(bundle.zip) == pack(files)
    assert unpack(bytes(bundle.zip)) == files
    assert bundle.zip_sha256 == sha256(bytes(bundle.zip))


def test_workbook_has_its_sheets_and_the_same_bytes_every_time(release):
    files = {file.name: bytes(file.content) for file in release.files.all()}
    assert workbook(files, at=release.released_at) == bytes(release.bundle.workbook)
    book = load_workbook(io.BytesIO(bytes(release.bundle.workbook)))
    assert book.sheetnames == ["Ranking", "Weights", "Data", "Sources", "Licences", "Notes"]
    header, first, *_ = book["Ranking"].iter_rows(values_only=True)
    assert (header[:3], first[2]) == (("uCode", "uName", "rank"), 1)


def test_release_verifies_offline(release, django_assert_num_queries):
    content = bytes(release.bundle.zip)
    with django_assert_num_queries(0):
        verified = verify("bundle.zip", content)
    assert (verified.files, verified.manifest["fingerprint"]) == (len(FILES), release.fingerprint)
    assert verified.numbers > 500
    assert (verified.differences, verified.not_recomputable) == ((), ())


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_release_of_an_older_format_verifies_by_its_own_rule_alone(number):
    """Bundles that the code of their time made; weights were drawn 60 times for the consensus and 40 times for the ranks.

    In that of format 4 the experts lie further apart than S* can tell; in that of format 5 every text begins like a formula.
    """
    content = (OLDER / f"format_{number}.zip").read_bytes()

    verdict = verify("bundle.zip", content)
    assert (verdict.manifest["format"], verdict.differences, verdict.not_recomputable) == (number, (), ())

    for other in {1, 2, 3, 4, 5, 6} - {number}:
        assert found(repacked(unpack(content), format=other)), other


def test_intervals_of_a_format_3_release_are_its_recipes_draws():
    files = unpack((OLDER / "format_3.zip").read_bytes())
    lines = files["robustness/weights.csv"].decode().splitlines()
    cells = lines[2].split(",")
    ends = [row["low"] for row in csv.DictReader(io.StringIO(files["weights.csv"].decode()))]
    assert cells[6] != ends[1]

    lines[2] = ",".join([*cells[:6], ends[1], *cells[7:]])
    changed = repacked(files | {"robustness/weights.csv": "\n".join([*lines, ""]).encode()})

    assert [(one.file, one.row, one.column) for one in found(changed)] == [("robustness/weights.csv", 3, "global_low")]


@pytest.mark.parametrize(
    ("name", "column"), [("robustness/weights.csv", "global_weight"), ("robustness/ranks.csv", "rank_low")]
)
def test_copy_that_differs_in_the_last_digit_is_refused(release, name, column):
    files = unpack(bytes(release.bundle.zip))
    lines = files[name].decode().splitlines()
    position = lines[0].split(",").index(column)
    cells = lines[3].split(",")
    cells[position] = f"{float(cells[position]) + 2e-12:.13g}"
    lines[3] = ",".join(cells)

    changed = repacked(files | {name: "\n".join([*lines, ""]).encode()})

    assert [(one.file, one.row, one.column) for one in found(changed)] == [(name, 4, column)]


def repacked(files, **changes):
    """The bundle of other files, its manifest made anew."""
    manifest = {**json.loads(files["manifest.json"]), **changes}
    manifest["files"] = {name: sha256(content) for name, content in files.items() if name != "manifest.json"}
    manifest["fingerprint"] = own_fingerprint(manifest)
    return pack(files | {"manifest.json": json_text(manifest).encode()})


def test_dictionary_tells_of_every_column_of_every_table(release):
    files = {file.name: bytes(file.content).decode() for file in release.files.all() if file.name.endswith(".csv")}
    told = {}
    for row in csv.DictReader(io.StringIO(files["dictionary.csv"])):
        assert all(row[name] for name in ("file", "column", "type", "meaning"))
        told.setdefault(row["file"], set()).add(row["column"])
    criteria = {"Root", "A", "B", "C", *INDICATORS}
    units = set(ReleaseUnit.objects.values_list("code", flat=True))
    any_of = {"framework.csv": "<other>", "units.csv": "<other>", "frozen_units.csv": "<other>", "data.csv": "<group>"}

    assert set(told) == {"*.csv", *files} - {"dictionary.csv"}
    for name, text in files.items():
        known = told.get(name, {"file", "column", "type", "unit", "meaning"})
        for column in next(csv.reader(io.StringIO(text))):
            as_told = {column}
            as_told |= {"<iCode>"} if column in criteria else set()
            as_told |= {"<uCode>"} if column in units else set()
            as_told |= {re.sub(r"^tier_\d+$", "tier_<n>", column), any_of.get(name)}
            assert as_told & known, f"{name}: {column}"


def changed_digit(content):
    """Change the last digit that is a number's: 1 becomes 2, and so on."""
    position = max(index for index, byte in enumerate(content) if chr(byte).isdigit())
    digit = str((int(chr(content[position])) + 1) % 10).encode()
    return content[:position] + digit + content[position + 1 :]


@pytest.mark.parametrize("name", FILES)
def test_one_digit_changed_in_any_file_is_found(release, name):
    files = unpack(bytes(release.bundle.zip))
    files[name] = changed_digit(files[name])
    problems = found(pack(files))
    assert name in {problem.file for problem in problems}


@pytest.mark.parametrize(
    ("name", "line", "column"),
    [
        ("scores.csv", 3, "score"),
        ("weights.csv", 3, "local_weight"),
        ("steps/5_normalised.csv", 2, "A1"),
        ("consistency.csv", 4, "lambda_max"),
        ("consensus.csv", 2, "s_star"),
        ("importance.csv", 2, "weight"),
        ("one_person.csv", 2, "weight_then"),
    ],
)
def test_changed_number_is_named_by_row_and_column_even_under_new_fingerprints(release, name, line, column):
    files = unpack(bytes(release.bundle.zip))
    lines = files[name].decode().splitlines()
    position = lines[0].split(",").index(column)
    cells = lines[line - 1].split(",")
    cells[position] = f"{float(cells[position]) * 1.001:.12g}"
    lines[line - 1] = ",".join(cells)
    files[name] = ("\n".join(lines) + "\n").encode()
    manifest = json.loads(files["manifest.json"])
    manifest["files"][name] = sha256(files[name])
    manifest["fingerprint"] = own_fingerprint(manifest)
    files["manifest.json"] = manifest_text(manifest).encode()
    assert [(problem.file, problem.row, problem.column) for problem in found(pack(files))] == [(name, line, column)]


def test_changed_datum_is_seen_where_it_enters(release):
    files = unpack(bytes(release.bundle.zip))
    lines = files["data.csv"].decode().splitlines()
    cells = lines[1].split(",")
    position = lines[0].split(",").index("C1")
    cells[position] = f"{float(cells[position]) + 1:.12g}"
    files["data.csv"] = "\n".join([lines[0], ",".join(cells), *lines[2:], ""]).encode()
    places = {(problem.file, problem.row, problem.column) for problem in found(pack(files))}
    assert ("data.csv", None, None) in places
    assert ("steps/1_denominated.csv", 2, "C1") in places


def test_missing_and_added_files_are_found(release):
    files = unpack(bytes(release.bundle.zip))
    del files["receipts.csv"]
    files["extra.txt"] = b"hello"
    assert [(problem.file, problem.what) for problem in found(pack(files))] == [
        ("extra.txt", "the manifest names no such file"),
        ("receipts.csv", "the manifest names this file, and the bundle has none"),
    ]


def test_bundle_without_an_input_is_still_told_clearly(release):
    files = unpack(bytes(release.bundle.zip))
    del files["judgements.csv"]
    assert [problem.file for problem in found(pack(files))] == ["judgements.csv"]


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 nearly"])
def test_what_is_no_zip_is_refused(content):
    (problem,) = refused(content)
    assert problem.file == "bundle.zip"


def test_damaged_zip_names_the_file(release):
    content = bytearray(release.bundle.zip)
    position = bytes(content).index(b"uCode,uName,rank") + 40
    content[position] ^= 1
    (problem,) = refused(bytes(content))
    assert (problem.file, problem.what) == ("scores.csv", "is damaged")


def test_zip_that_is_no_release_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("hello.txt", "hello")
    (problem,) = refused(out.getvalue())
    assert problem.file == "manifest.json"


@pytest.mark.parametrize("model", [Release, ReleaseFile, ReleaseUnit, Freeze])
def test_published_rows_refuse_every_way_of_change(release, model):
    row = model.objects.first()
    table, quoted = model._meta.db_table, connection.ops.quote_name
    field = {"Release": "reason", "ReleaseFile": "name", "ReleaseUnit": "code", "Freeze": "frozen_by"}[model.__name__]

    def raw(statement):
        with connection.cursor() as cursor:
            cursor.execute(statement)

    setattr(row, field, "other")
    for change in (
        row.save,
        lambda: model.objects.filter(pk=row.pk).update(**{field: "other"}),
        lambda: model.objects.bulk_update([row], [field]),
        lambda: raw(f"UPDATE {quoted(table)} SET {quoted(field)} = 'other'"),
        lambda: raw(f"DELETE FROM {quoted(table)}"),
        lambda: model.objects.filter(pk=row.pk)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
            change()
    with pytest.raises((DatabaseError, ProtectedError)), transaction.atomic():
        row.delete()
    assert model.objects.filter(pk=row.pk).exists()
