"""What a stranger is told of a bundle: the verdict first, then what differs; what nobody can recompute is named."""

import csv
import io
import json
import zipfile

import pytest

from exchange.problems import FileProblemsError
from scoring.files.bundle import manifest_text, own_fingerprint, pack, unpack
from scoring.files.digits import sha256
from scoring.files.verification import verify, verify_files

pytestmark = pytest.mark.django_db
DECIMALS = ("score", "Root", "A", "B", "C")


def repacked(files, **changes):
    """The bundle of other files, its manifest made anew."""
    manifest = {**json.loads(files["manifest.json"]), **changes}
    manifest["files"] = {name: sha256(content) for name, content in files.items() if name != "manifest.json"}
    manifest["fingerprint"] = own_fingerprint(manifest)
    return pack(files | {"manifest.json": manifest_text(manifest).encode()})


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def table_of(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def changed(content, change):
    """A table with every row changed in place."""
    rows = rows_of(content)
    for row in rows:
        change(row)
    return table_of(rows)


@pytest.fixture
def files(release):
    return unpack(bytes(release.bundle.zip))


@pytest.fixture
def moved(files):
    """The bundle with every score of every criterion moved a little, under new fingerprints."""

    def move(row):
        for name in DECIMALS:
            row[name] = row[name] and f"{float(row[name]) + 0.5:.12g}"

    return repacked(files | {"scores.csv": changed(files["scores.csv"], move)})


def test_first_line_is_the_verdict_and_the_fingerprint_stands_below(release, manage, tmp_path):
    path = tmp_path / "whole.zip"
    path.write_bytes(bytes(release.bundle.zip))

    told, machine = manage("verify_release", path), manage("verify_release", path, "--json")

    assert (told.returncode, machine.returncode, told.stderr) == (0, 0, "")
    assert told.stdout.splitlines()[0].startswith("verified: las 2026, release 1.0: ")
    assert told.stdout.splitlines()[-1] == release.fingerprint
    answer = json.loads(machine.stdout)
    assert answer["verdict"] == told.stdout.splitlines()[0]
    assert (answer["fingerprint"], answer["differences"], answer["not_recomputable"]) == (release.fingerprint, 0, [])


def test_twenty_differences_are_shown_and_all_when_asked(files, moved, manage, tmp_path):
    path = tmp_path / "moved.zip"
    path.write_bytes(moved)
    first, *rest = rows_of(files["scores.csv"])
    many = sum(bool(row[name]) for row in (first, *rest) for name in DECIMALS)
    assert many > 20

    few, whole = manage("verify_release", path), manage("verify_release", path, "--all")
    machine = json.loads(manage("verify_release", path, "--json").stdout)

    verdict, *lines = few.stdout.splitlines()
    assert (few.returncode, whole.returncode, few.stderr) == (1, 1, "")
    assert verdict == f"NOT verified: las 2026, release 1.0: {many} differences in 1 file"
    assert (len(lines), lines[-1]) == (21, f"… and {many - 20} more (--all)")
    got = f"{float(first['A']) + 0.5:.12g}"
    assert lines[0] == f"scores.csv:2:A: does not come out again, expected {first['A']}, got {got}"
    assert whole.stdout.splitlines()[1:21] == lines[:20]
    assert len(whole.stdout.splitlines()) == 1 + many
    assert (machine["differences"], len(machine["shown"])) == (many, 20)
    assert machine["shown"][0] == {
        "file": "scores.csv",
        "row": 2,
        "column": "A",
        "what": "does not come out again",
        "expected": first["A"],
        "got": got,
    }


def test_differences_stand_by_file_row_and_column(moved):
    places = [(one.file, one.row, one.column) for one in verify("moved.zip", moved).differences]

    assert places == sorted(places)


def test_weight_that_differs_by_two_units_of_its_twelfth_digit_is_found(files):
    weights = rows_of(files["weights.csv"])
    smallest = min(
        (row for row in weights if row["local_weight"] not in {"", "1"}), key=lambda r: float(r["local_weight"])
    )

    def off_by(units):
        def change(row):
            if row["iCode"] == smallest["iCode"]:
                row["local_weight"] = f"{float(row['local_weight']) + units * 1e-12:.12f}"

        return repacked(files | {"weights.csv": changed(files["weights.csv"], change)}, format=3)

    def places(content):
        return {(one.file, one.column) for one in verify("weights.zip", content).differences}

    assert 0.1 <= float(smallest["local_weight"]) < 1
    assert ("weights.csv", "local_weight") not in places(off_by(1))
    assert ("weights.csv", "local_weight") in places(off_by(2))


def test_what_is_no_release_gets_a_verdict_too(manage, tmp_path):
    path = tmp_path / "hello.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("hello.txt", "hello")

    told = manage("verify_release", path)

    assert (told.returncode, told.stdout) == (2, "NOT verified: this cannot be read as a release\n")
    assert told.stderr == "manifest.json::: is missing; this is no release\n"


def test_folder_too_large_to_be_a_release_is_not_read(manage, tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    with (folder / "long.mp4").open("wb") as out:
        out.truncate((1 << 30) + 1)  # a hole: it takes no room on the disk

    told = manage("verify_release", folder, "--json")

    answer = json.loads(told.stdout)
    assert (told.returncode, answer["verdict"]) == (2, "NOT verified: this cannot be read as a release")
    assert [(one["file"], one["what"]) for one in answer["problems"]] == [("films", "the folder is too large")]


def test_folder_and_bundle_zipped_again_elsewhere_verify(files, release, manage, tmp_path):
    folder, again = tmp_path / "downloads" / "las-2026", tmp_path / "again.zip"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / ".DS_Store").write_bytes(b"?")
    (folder / "steps" / "Thumbs.db").write_bytes(b"?")
    with zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as out:
        out.mkdir("las 2026")
        for name, content in files.items():
            out.writestr(f"las 2026/{name}", content)
            out.writestr(f"__MACOSX/las 2026/{name}/._", b"?")
        out.writestr("las 2026/.DS_Store", b"?")

    for path in (folder, folder.parent, again):
        told = manage("verify_release", path)
        assert (told.returncode, told.stdout.splitlines()[-1]) == (0, release.fingerprint)
    (folder.parent / "notes.txt").write_bytes(b"mine")
    assert manage("verify_release", folder.parent).stdout.splitlines()[1:] == [
        "notes.txt::: the manifest names no such file"
    ]


def zipped_by_a_mac(path, files):
    """A zip as the Finder makes it of a folder that lay on a drive without forks, and was opened on the way."""
    double = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        "
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for folder in ("las-2026", "las-2026/steps", "las-2026/robustness", "__MACOSX", "__MACOSX/las-2026"):
            out.mkdir(folder)
        out.writestr("__MACOSX/._las-2026", double)
        for name, content in files.items():
            place, _, last = f"las-2026/{name}".rpartition("/")
            out.writestr(f"{place}/{last}", content)
            out.writestr(f"{place}/._{last}", double)
            out.writestr(f"__MACOSX/{place}/._{last}", double)
        for name in ("las-2026/.DS_Store", "las-2026/steps/.DS_Store", "__MACOSX/las-2026/._.DS_Store"):
            out.writestr(name, b"\x00\x00\x00\x01Bud1")
    return path


def test_bundle_zipped_again_on_a_mac_verifies_and_a_broken_one_does_not(files, release, manage, tmp_path):
    whole = manage("verify_release", zipped_by_a_mac(tmp_path / "whole.zip", files))
    altered = files | {"scores.csv": files["scores.csv"].replace(b"City U1", b"City U9")}
    broken = manage("verify_release", zipped_by_a_mac(tmp_path / "broken.zip", altered))

    assert (whole.returncode, whole.stdout.splitlines()[-1]) == (0, release.fingerprint)
    assert (broken.returncode, {line.split(":")[0] for line in broken.stdout.splitlines()[1:]}) == (1, {"scores.csv"})


def test_zip_with_a_password_is_told_as_such(release):
    content = bytearray(release.bundle.zip)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + flags] |= 1

    with pytest.raises(FileProblemsError, match="password"):
        verify("bundle.zip", bytes(content))


def test_bundle_without_an_input_is_not_verified_though_its_manifest_lacks_it_too(files):
    for name in ("judgements.csv", "data.csv", "units.csv"):
        verdict = verify("bundle.zip", repacked({one: content for one, content in files.items() if one != name}))

        assert [(one.file, one.what) for one in verdict.differences] == [
            (name, "is missing; without it nothing is computed again")
        ]
        assert verdict.numbers == 0


def test_result_that_is_not_there_is_a_difference(files):
    verdict = verify("bundle.zip", repacked({one: content for one, content in files.items() if one != "scores.csv"}))

    assert [(one.file, one.what) for one in verdict.differences] == [
        ("scores.csv", "is missing; it comes of the inputs")
    ]


def test_file_that_nothing_computes_is_named_and_not_counted(files):
    whole = verify("bundle.zip", repacked(files))
    verdict = verify("bundle.zip", repacked(files | {"robustness/more.csv": b"uCode,x\nU1,0.5\n"}))

    assert (verdict.differences, verdict.numbers) == ((), whole.numbers)
    assert verdict.not_recomputable == ("robustness/more.csv – nothing here computes such a file",)
    assert verdict.sentence.startswith("verified as far as it can be recomputed: las 2026, release 1.0: ")


def without_judgements(files):
    return files["judgements.csv"].splitlines(keepends=True)[0]


def codes_by_node(content):
    def change(row):
        row["expert"] = f"{row['expert']}-{row['node']}"

    return changed(content, change)


def fewer_values(content):
    rows = rows_of(content)
    rows[1]["A1"] = ""
    return table_of(rows)


def of_four(files):
    return json.dumps(json.loads(files["consensus.json"]) | {"experts": 4}).encode()


def forbidding(files):
    rows = rows_of(files["licences.csv"])
    next(row for row in rows if row["source"] == "Atlas")["redistribution"] = "0"
    return table_of(rows)


LEFT_OUT = {
    "judgements": {"judgements.csv": without_judgements, "consensus.json": of_four},
    "codes": {"judgements.csv": lambda files: codes_by_node(files["judgements.csv"])},
    "values": {"data.csv": lambda files: fewer_values(files["data.csv"]), "licences.csv": forbidding},
}


def left_out(files, what):
    """The release's files with that left out; the consistency of another code is hers."""
    changes = {name: change(files) for name, change in LEFT_OUT[what].items()}
    if what == "codes":
        rows = rows_of(codes_by_node(files["consistency.csv"]))
        changes["consistency.csv"] = table_of(sorted(rows, key=lambda row: row["expert"]))
    return files | changes


@pytest.mark.parametrize(
    ("what", "why", "told", "gone", "kept"),
    [
        ("judgements", "fewer_than_five", "fewer than five experts", "weights.csv", "scores.csv"),
        ("judgements", "few_changed", "what one to four experts answered", "consensus.csv", "scores.csv"),
        ("codes", "", "another code at every node", "consensus.json", "weights.csv"),
        ("values", "licence", "their licence", "scores.csv", "weights.csv"),
    ],
)
def test_what_is_left_out_on_purpose_is_named_and_never_counted(files, what, why, told, gone, kept):
    entry = {"what": what, "why": why} | ({"sources": ["Atlas"]} if what == "values" else {})
    whole = verify("bundle.zip", repacked(files))

    verdict = verify("bundle.zip", repacked(left_out(files, what), withheld=[entry]))

    assert verdict.differences == ()
    assert 0 < verdict.numbers < whole.numbers
    (line,) = verdict.not_recomputable
    assert told in line
    assert gone in line.split(" – ")[0]
    assert verdict.sentence.startswith("verified as far as it can be recomputed: ")
    assert verdict.sentence.endswith(f"; not recomputable: {line}")
    broken = left_out(files, what)
    broken[kept] = moved_digit(broken[kept])
    assert {one.file for one in verify("bundle.zip", repacked(broken, withheld=[entry])).differences} == {kept}


def moved_digit(content):
    """A table whose second row has another share or score."""
    rows = rows_of(content)
    name = next(one for one in ("local_weight", "score") if one in rows[0])
    rows[1][name] = f"{float(rows[1][name]) * 1.01:.12g}"
    return table_of(rows)


@pytest.mark.parametrize("what", sorted(LEFT_OUT))
def test_what_is_said_to_be_left_out_and_is_there_is_a_difference(files, what):
    if what == "values":
        files = files | {
            "data.csv": changed(files["data.csv"], lambda row: row.update(A1="1", A2="1", A3="1", B1="1", C1="1"))
        }

    differences = verify("bundle.zip", repacked(files, withheld=[{"what": what}])).differences

    name = "manifest.json" if what == "values" else next(iter(LEFT_OUT[what]))
    assert [one.what for one in differences if one.file == name and "the manifest says" in one.what]


@pytest.mark.parametrize(
    "entry", [{"what": "ranks"}, {"why": "licence"}, "judgements and more", 3, {"what": ["codes"]}]
)
def test_unknown_word_for_what_is_left_out_is_a_difference(files, entry):
    (difference,) = verify("bundle.zip", repacked(files, withheld=[entry])).differences

    assert (difference.file, difference.column, difference.expected) == (
        "manifest.json",
        "withheld",
        "judgements or codes or values",
    )


@pytest.mark.parametrize(("experts", "told"), [(4, True), (5, False), (0, False)])
def test_judgements_of_fewer_than_five_are_recognised_without_a_word(files, experts, told):
    summary = json.loads(files["consensus.json"]) | {"experts": experts}
    kept = files | {"judgements.csv": without_judgements(files), "consensus.json": json.dumps(summary).encode()}

    verdict = verify("bundle.zip", repacked(kept))

    assert bool(verdict.not_recomputable) is told
    assert (verdict.differences == ()) is told


def test_files_are_read_by_name_wherever_they_come_from(files):
    assert verify_files("las", [(f"las\\{name}", content) for name, content in files.items()]).differences == ()
    with pytest.raises(FileProblemsError, match="stands twice"):
        verify_files("las", [*files.items(), ("./scores.csv", b"other")])


@pytest.mark.parametrize("column", ["rank_low_from", "rank_high_to", "rank_q1", "rank_q3", "modal_tier"])
def test_what_the_draws_say_of_an_end_a_half_or_a_tier_is_computed_again(files, column):
    name = "robustness/ranks.csv"

    def move(row):
        row[column] = row[column] and str(int(float(row[column])) + 1)

    altered = repacked(files | {name: changed(files[name], move)})
    places = {(one.file, one.column) for one in verify("moved.zip", altered).differences}

    assert (name, column) in places


@pytest.mark.parametrize("key", ["variance_between", "weight_for_country", "weight_unknown"])
def test_shares_of_countries_are_computed_again(files, key):
    told = json.loads(files["country_shares.json"]) | {key: 0.5}
    altered = repacked(files | {"country_shares.json": json.dumps(told).encode()})

    assert [(one.file, one.column) for one in verify("moved.zip", altered).differences] == [
        ("country_shares.json", key)
    ]
