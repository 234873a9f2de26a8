"""Every source has a licence: unknown ones refuse a release, forbidding ones keep their values out of it, by name."""

import csv
import io
import json
from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from openpyxl import load_workbook

from accounts.models import Role, Series, User
from accounts.usecases.roles import give_role
from accounts.usecases.series import name_licence
from exchange.problems import FileProblemsError
from scoring.errors import LicenceUnknownError
from scoring.files.bundle import manifest_text, own_fingerprint, pack, unpack
from scoring.files.digits import sha256
from scoring.files.licences import SourceLicence, merged_licences, read_licences, unknown_sources, write_licences
from scoring.files.sources import Source
from scoring.files.verification import verify
from scoring.files.withheld import kept_back_by, without_values
from scoring.models import Dataset, Release
from scoring.queries.releases import release_before
from scoring.usecases.datasets import load_dataset
from scoring.usecases.edition_data import load_edition_data, request_scoring, score_edition, use_dataset
from scoring.usecases.releases import build_bundle, correct_release, release_edition
from tests.scoring.uploading import by_api, by_page

HEADER = "source,licence,retrieved,redistribution\n"
API = "/api/v1/series/las/"
DATA = reverse("scoring:desk_data", args=["las", "2026"])
ALL = "".join(f"{source},CC BY 4.0,2026-02-01,1\n" for source in ("", "Atlas", '"Office, 2025"'))


def upload(text, name="licences.csv"):
    return SimpleUploadedFile(name, text.encode())


def told(release, name):
    return list(csv.DictReader(io.StringIO(bytes(release.files.get(name=name).content).decode())))


@pytest.fixture
def unlicensed(series, version, make_table, make_sources, make_units, by):
    """Data as they were loaded before anybody asked for licences."""
    sent = {"table": make_table(), "sources": make_sources(), "units": make_units()}
    return load_dataset(series, framework_uid=version.uid, **sent, **by)


@pytest.fixture
def score(frozen, now, by):
    """Score data for the frozen edition."""

    def score(dataset):
        use_dataset(frozen, dataset=dataset, **by)
        score_edition(request_scoring(frozen, **by).pk, now=now)
        frozen.refresh_from_db()
        return frozen

    return score


@pytest.fixture
def readers(series, by):
    """Owner and colleague moderate the series, the stranger another one, the observer reads."""
    other = Series.objects.create(slug="other", names={"en": "Other"}, created_at=by["at"])
    clients = {}
    for name, where, kind in (
        ("owner", series, Role.Kind.MODERATOR),
        ("colleague", series, Role.Kind.MODERATOR),
        ("observer", series, Role.Kind.OBSERVER),
        ("stranger", other, Role.Kind.MODERATOR),
    ):
        user = User.objects.create_user(name)
        give_role(user, series=where, kind=kind, **by)
        clients[name] = Client()
        clients[name].force_login(user)
    return clients


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "licence"),
    [
        ("Atlas,,,\n", SourceLicence("Atlas")),
        (",CC0,,yes\n", SourceLicence("", "CC0", None, redistribution=True)),
        ("Atlas,MIT,2026-02-01,0\n", SourceLicence("Atlas", "MIT", date(2026, 2, 1), redistribution=False)),
    ],
)
def test_empty_cells_of_licences_claim_nothing(row, licence):
    assert read_licences("licences.csv", (HEADER + row).encode()) == (licence,)
    assert read_licences("licences.csv", write_licences([licence]).encode()) == (licence,)


def test_file_of_licences_tells_all_that_is_wrong_with_it():
    text = "source,license,retrieved,redistribution\nAtlas,MIT,spring,1\nAtlas,MIT,,perhaps\n"
    with pytest.raises(FileProblemsError) as refused:
        read_licences("licences.csv", text.encode())
    assert [(one.row, one.column) for one in refused.value.problems] == [
        (1, "license"),
        (2, "retrieved"),
        (3, "redistribution"),
        (3, "source"),
    ]


def test_licence_sent_again_says_only_what_it_says():
    stood = [SourceLicence("Atlas", "MIT", date(2026, 2, 1), redistribution=True), SourceLicence("Office")]
    said = [SourceLicence("Atlas", redistribution=False), SourceLicence("Bank", "CC0")]
    assert merged_licences(stood, said) == (
        SourceLicence("Atlas", "MIT", date(2026, 2, 1), redistribution=False),
        SourceLicence("Bank", "CC0"),
        SourceLicence("Office"),
    )


def test_licence_is_known_with_its_name_and_the_leave_to_publish():
    licences = [
        SourceLicence("named", "MIT"),
        SourceLicence("allowed", redistribution=True),
        SourceLicence("known", "MIT", redistribution=False),
    ]
    sources = [Source("U1", "A1", source=name) for name in ("named", "allowed", "known", "never said", "")]
    assert unknown_sources(sources, licences) == ("", "allowed", "named", "never said")


# --- unknown licences refuse a release ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_release_is_refused_until_every_source_has_a_licence(score, unlicensed, now, by):
    edition = score(unlicensed)
    with pytest.raises(LicenceUnknownError) as refused:
        release_edition(edition, **by)
    assert refused.value.facts == {"sources": ["", "Atlas", "Office, 2025"]}
    assert not Release.objects.exists()

    load_edition_data(edition, licences=read_licences("licences.csv", (HEADER + ALL).encode()), **by)
    score_edition(request_scoring(edition, **by).pk, now=now)
    assert release_edition(edition, **by).number == "1.0"


@pytest.mark.django_db
def test_page_and_api_say_which_sources_and_what_to_do(score, unlicensed, readers):
    score(unlicensed)
    address = reverse("scoring:desk_release", args=["las", "2026"])
    page = strip_tags(readers["owner"].post(address, {"sure": "on"}, follow=True).content.decode())
    assert "no licence is known of these sources" in page
    assert "(values that name no source), Atlas, Office, 2025" in page
    assert "Send a file of licences" in page

    answer = readers["owner"].post(f"{API}editions/2026/releases/")
    assert (answer.status_code, answer.json()["code"]) == (409, "licence_unknown")
    assert answer.json()["facts"] == {"sources": ["", "Atlas", "Office, 2025"]}
    assert "values that name no source, Atlas, Office, 2025; send licences.csv" in answer.json()["detail"]


@pytest.mark.django_db
def test_correction_of_a_release_from_before_takes_licences_with_its_patch(release, readers, now, by):
    """Releases from before stay; a correction must name licences, and does so alone or beside what it corrects."""
    edition = release.edition
    published = {file.name: bytes(file.content) for file in release.files.all()}
    old = Dataset.objects.get()
    load_edition_data(edition, table=None, sources=[Source("U1", "A1", "2025", source="Office of 2026")], **by)
    score_edition(request_scoring(edition, **by).pk, now=now)
    edition.refresh_from_db()
    with pytest.raises(LicenceUnknownError) as refused:
        correct_release(edition, dataset=edition.dataset, reason="A better source", **by)
    assert refused.value.facts == {"sources": ["Office of 2026"]}

    shown = by_page(readers["owner"], DATA, {"licences": upload(f"{HEADER}Office of 2026,CC0,,1\n")})
    assert "Sources of whose licence something else is said: Office of 2026." in shown.content.decode()
    edition.refresh_from_db()
    score_edition(request_scoring(edition, **by).pk, now=now)
    correction = correct_release(edition, dataset=edition.dataset, reason="A better source", **by)

    assert [row["licence"] for row in told(correction, "licences.csv") if row["source"] == "Office of 2026"] == ["CC0"]
    assert {file.name: bytes(file.content) for file in release.files.all()} == published
    assert Dataset.objects.get(pk=old.pk).licences == old.licences


@pytest.mark.django_db
def test_data_without_licences_keep_the_fingerprint_they_had(unlicensed, series, version, make_table, by):
    stored = Dataset.objects.get()
    again = load_dataset(series, framework_uid=version.uid, follows=stored, table=make_table(), **by)
    assert (again.pk, stored.licences) == (stored.pk, [])


@pytest.mark.django_db
def test_nothing_is_taken_away_by_the_word_remove(readers, frozen, dataset, by):
    use_dataset(frozen, dataset=dataset, **by)
    page = by_page(readers["owner"], DATA, {"licences": upload(f"{HEADER}Atlas,remove,,\n")})
    assert "write what is so instead" in page.content.decode()
    assert Dataset.objects.count() == 1


@pytest.mark.django_db
def test_licences_come_by_api_too(readers, frozen, dataset):
    use_dataset(frozen, dataset=dataset, by="mo", at=frozen.created_at)
    answers = {
        name: by_api(client, f"{API}editions/2026/data/", {"licences": upload(f"{HEADER}Atlas,ODbL,,\n")}).status_code
        for name, client in readers.items()
    }
    assert answers == {"owner": 200, "colleague": 200, "observer": 403, "stranger": 404}
    stored = {"source": "Atlas", "licence": "ODbL", "retrieved": "2026-02-01", "redistribution": True}
    assert stored in Dataset.objects.get(number=2).licences


# --- what a release says ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_release_names_its_licences_everywhere(scored, series, client, now, by):
    name_licence(series, licence=" CC BY-SA 4.0 ", **by)
    scored.series.refresh_from_db()
    release = release_edition(scored, **by)
    build_bundle(release.bundle.pk, now=now)
    release.bundle.refresh_from_db()

    assert release.manifest["licence"] == "CC BY-SA 4.0"
    assert [(one["source"], one["licence"]) for one in release.manifest["sources"]] == [
        (source, "CC BY 4.0") for source in ("", "Atlas", "Office, 2025")
    ]
    assert told(release, "licences.csv")[1] == {
        "source": "Atlas", "licence": "CC BY 4.0", "retrieved": "2026-02-01", "redistribution": "1",
    }  # fmt: skip
    readme = bytes(release.files.get(name="README.txt").content).decode()
    assert "This work (weights, scores, ranks, texts): CC BY-SA 4.0" in readme
    assert "Atlas: CC BY 4.0, fetched on 2026-02-01" in readme
    book = load_workbook(BytesIO(bytes(release.bundle.workbook)))
    assert [cell.value for cell in book["Licences"][3]] == ["Atlas", "CC BY 4.0", "2026-02-01", 1]
    assert verify("bundle.zip", bytes(release.bundle.zip)).sentence.startswith("verified: las 2026")
    dictionary = [row["column"] for row in told(release, "dictionary.csv") if row["file"] == "licences.csv"]
    assert dictionary == ["source", "licence", "retrieved", "redistribution"]

    page = " ".join(
        strip_tags(client.get(reverse("scoring:files", args=["las", "2026", "1.0"])).content.decode()).split()
    )
    assert "Weights, scores, ranks and texts of this ranking: CC BY-SA 4.0" in page
    assert "Atlas CC BY 4.0 1 February 2026 published" in page
    answer = client.get(f"{API}editions/2026/releases/v1.0/files/").json()
    assert answer["licence"] == "CC BY-SA 4.0"
    assert answer["sources"][1] == {
        "name": "Atlas", "licence": "CC BY 4.0", "retrieved": "2026-02-01", "redistribution": True,
    }  # fmt: skip
    city = client.get(reverse("scoring:unit", args=["las", "2026", "1.0", "U2"])).content.decode()
    assert "<bdi>CC BY 4.0</bdi>" in city
    values = client.get(f"{API}editions/2026/releases/v1.0/units/U2/").json()["values"]
    assert [values[0][name] for name in ("source", "licence")] == ["Atlas", "CC BY 4.0"]


@pytest.mark.django_db
def test_licence_nobody_said_is_said_to_be_unknown(release, client):
    assert release.manifest["licence"] is None
    assert (
        "This work (weights, scores, ranks, texts): not said"
        in bytes(release.files.get(name="README.txt").content).decode()
    )
    page = client.get(reverse("scoring:files", args=["las", "2026", "1.0"])).content.decode()
    assert "Nobody has said under which licence" in page


@pytest.mark.django_db
def test_owner_and_colleague_name_the_licence_of_a_series(readers, series, client):
    page = reverse("scoring:desk_licence", args=["las"])
    for place, refused in ((page, 302), (f"{API}licence/", 403)):
        kind = {} if place == page else {"content_type": "application/json"}
        answers = {name: one.post(place, {"licence": f"CC BY 4.0 by {name}"}, **kind) for name, one in readers.items()}
        done = 302 if place == page else 200
        assert {name: answer.status_code for name, answer in answers.items()} == {
            "owner": done, "colleague": done, "observer": 403, "stranger": 404,
        }  # fmt: skip
        assert Client().post(place, {"licence": "mine"}, **kind).status_code == refused
        series.refresh_from_db()
        assert series.licence == "CC BY 4.0 by colleague"
    assert readers["owner"].post(page, {"licence": ""}).status_code == 422
    assert (
        "CC BY 4.0 by colleague" in readers["owner"].get(reverse("scoring:desk_series", args=["las"])).content.decode()
    )
    assert "CC BY 4.0 by colleague" in client.get(reverse("scoring:series", args=["las"])).content.decode()
    assert client.get(API).json()["licence"] == "CC BY 4.0 by colleague"


# --- values that may not be passed on -----------------------------------------------------------------------------------


@pytest.fixture
def forbidding(score, dataset, now, by):
    """A release of data of which the Atlas lets nothing be published: U2's first value."""
    score(dataset)
    edition = score(
        load_dataset(
            dataset.series,
            framework_uid=dataset.framework_uid,
            follows=dataset,
            licences=[SourceLicence("Atlas", "All rights reserved", redistribution=False)],
            **by,
        )
    )
    release = release_edition(edition, **by)
    build_bundle(release.bundle.pk, now=now)
    release.bundle.refresh_from_db()
    return release


@pytest.mark.django_db
def test_value_whose_licence_forbids_it_is_in_no_file_and_named(forbidding, make_table):
    value = make_table().values[1, 0]
    text = repr(float(value))
    everything = {file.name: bytes(file.content).decode() for file in forbidding.files.all()}
    assert [name for name, content in everything.items() if text in content] == []
    rows = {row["uCode"]: row for row in told(forbidding, "data.csv")}
    assert (rows["U2"]["A1"], rows["U2"]["A3"] != "", rows["U3"]["A1"] != "") == ("", True, True)
    for step in ("1_denominated", "2_screened", "3_imputed", "4_treated", "5_normalised"):
        rows = told(forbidding, f"steps/{step}.csv")  # steps fill and bound others by it
        assert ({row["A1"] for row in rows}, {row["A3"] for row in rows} != {""}) == ({""}, True)
    assert "yardstick" not in json.loads(everything["summary.json"])
    assert forbidding.manifest["withheld"] == [{"what": "values", "why": "licence", "sources": ["Atlas"]}]
    assert "Atlas: All rights reserved, fetched on 2026-02-01; its values are left out here" in everything["README.txt"]


@pytest.mark.django_db
def test_scores_count_what_is_kept_back(forbidding, scored_as_before):
    assert told(forbidding, "scores.csv") == scored_as_before


@pytest.fixture
def scored_as_before(forbidding):
    """The scores that the same values gave while every licence allowed them."""
    first = forbidding.edition.scorings.order_by("pk").first()
    return list(csv.DictReader(io.StringIO(first.result["scores.csv"])))


@pytest.mark.django_db
def test_verdict_names_what_cannot_be_computed_again(forbidding):
    verdict = verify("bundle.zip", bytes(forbidding.bundle.zip))
    assert verdict.differences == ()
    assert verdict.sentence.startswith("verified as far as it can be recomputed: las 2026, release 1.0")
    assert "values are left out: their licence (Atlas)" in verdict.sentence


@pytest.mark.django_db
def test_verdict_finds_a_value_that_should_be_kept_back(release):
    """A bundle that says a licence forbids it, and has the value all the same."""
    files = unpack(bytes(release.bundle.zip))
    files["licences.csv"] = files["licences.csv"].replace(b"Atlas,CC BY 4.0,2026-02-01,1", b"Atlas,None,,0")
    listed = json.loads(files["manifest.json"])
    listed["files"]["licences.csv"] = sha256(files["licences.csv"])
    files["manifest.json"] = manifest_text(listed | {"fingerprint": own_fingerprint(listed)}).encode()
    (difference,) = verify("bundle.zip", pack(files)).differences
    assert (difference.file, difference.row, difference.column) == ("data.csv", 3, "A1")


@pytest.mark.django_db
def test_page_and_api_tell_a_value_that_is_not_shown(forbidding, client):
    value = client.get(f"{API}editions/2026/releases/v1.0/units/U2/").json()["values"][0]
    assert [value[name] for name in ("value", "normalised", "state", "source", "licence")] == [
        None, None, "withheld", "Atlas", "All rights reserved",
    ]  # fmt: skip
    page = client.get(reverse("scoring:unit", args=["las", "2026", "1.0", "U2"])).content.decode()
    assert "counts, and is not shown: its licence" in page
    files = client.get(reverse("scoring:files", args=["las", "2026", "1.0"])).content.decode()
    assert "left out" in files
    for act in ("advice", "what_if"):  # both would compute from values that are not there
        answer = client.get(reverse(f"scoring:{act}", args=["las", "2026", "1.0", "U2"]))
        assert "does not keep the parameters" in answer.content.decode()


@pytest.mark.django_db
def test_change_is_not_counted_from_a_release_that_leaves_values_out(forbidding):
    assert release_before(forbidding.edition) is None


def test_nothing_is_emptied_where_every_licence_allows_it():
    files = {"data.csv": "uCode,uName,Time,A1\nU1,One,,1\n", "summary.json": "{}"}
    kept = kept_back_by([Source("U1", "A1", source="Atlas")], [SourceLicence("Atlas", "MIT", redistribution=True)])
    assert without_values(files, kept) == files


@pytest.fixture
def forbidden_since(release, dataset, now, by):
    """The release, and a correction that says what it may not publish: U2's first value."""
    edition = release.edition
    load_edition_data(edition, licences=[SourceLicence("Atlas", "All rights reserved", redistribution=False)], **by)
    score_edition(request_scoring(edition, **by).pk, now=now)
    edition.refresh_from_db()
    correction = correct_release(edition, dataset=edition.dataset, reason="a licence", **by)
    build_bundle(correction.bundle.pk, now=now)
    correction.bundle.refresh_from_db()
    return correction


@pytest.mark.django_db
def test_correction_carries_no_earlier_value_that_may_not_be_published(forbidden_since, make_table):
    text = repr(float(make_table().values[1, 0]))
    everything = {file.name: bytes(file.content).decode() for file in forbidden_since.files.all()}
    assert "previous/data.csv" in everything
    assert [name for name, content in everything.items() if text in content] == []
    assert verify("bundle.zip", bytes(forbidden_since.bundle.zip)).differences == ()


@pytest.mark.django_db
def test_value_that_is_no_longer_shown_was_not_taken_out(forbidden_since, client):
    answers = {
        code: client.get(f"{API}editions/2026/releases/v1.1/units/{code}/change/").json()["correction"]
        for code in ("U2", "U3")
    }
    assert {code: (one["values"], one["others"], one["is_hidden"]) for code, one in answers.items()} == {
        "U2": ([], 0, True),
        "U3": ([], 0, True),
    }
    page = client.get(reverse("scoring:unit", args=["las", "2026", "1.1", "U2"])).content.decode()
    assert "was taken out" not in page
    assert "None of its values that are shown was corrected." in page
    assert "Values that are left out for their licence may have been corrected too." in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("declared", "says"),
    [
        (
            {"what": "values", "why": "licence", "sources": ["Atlas"]},
            "the licences keep back the values of other sources",
        ),
        ({"what": "judgements", "why": "fewer_than_five"}, "more did at every one"),
    ],
)
def test_verdict_finds_what_is_left_out_for_a_reason_the_bundle_does_not_have(release, declared, says):
    files = unpack(bytes(release.bundle.zip))
    if declared["what"] == "judgements":
        files["judgements.csv"] = files["judgements.csv"].partition(b"\n")[0] + b"\n"
    listed = json.loads(files["manifest.json"])
    listed["withheld"] = [declared]
    listed["files"] = {name: sha256(files[name]) for name in listed["files"]}
    files["manifest.json"] = manifest_text(listed | {"fingerprint": own_fingerprint(listed)}).encode()
    assert [says in one.what for one in verify("bundle.zip", pack(files)).differences] == [True]


@pytest.mark.django_db
def test_value_that_is_not_shown_is_given(release, dataset, now, by, client):
    """All values of no named source are kept back: they cover the unit, and nothing is claimed of them."""
    edition = release.edition
    load_edition_data(edition, licences=[SourceLicence("", "All rights reserved", redistribution=False)], **by)
    score_edition(request_scoring(edition, **by).pk, now=now)
    edition.refresh_from_db()
    correct_release(edition, dataset=edition.dataset, reason="a licence", **by)
    page = client.get(reverse("scoring:unit", args=["las", "2026", "1.1", "U1"])).content.decode()
    assert "too few to claim" not in page
