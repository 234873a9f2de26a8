"""A release says why its units moved since the edition before, and carries what that is computed from."""

import json
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from scoring.files.bundle import own_fingerprint, pack
from scoring.files.changes import AS_JSON, NAME, read_change
from scoring.files.digits import json_text, sha256
from scoring.files.verification import verify
from scoring.models import ReleaseUnit
from scoring.numerics.robustness.between import CAUSES
from scoring.usecases.datasets import load_dataset
from scoring.usecases.edition_data import request_scoring, score_edition, use_dataset
from scoring.usecases.editions import create_edition
from scoring.usecases.releases import build_bundle, correct_release, release_edition

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(by):
    return by | {"at": by["at"] + timedelta(days=400)}


@pytest.fixture
def second(release, series, panel, version, consensus, corrected, freeze, later, now):
    """The next edition, on the same method and corrected data, scored and released."""
    edition = create_edition(series, slug="2027", framework_uid=version.uid, panel_uids=[panel.uid], **later)
    freeze(edition, consensus)
    return publish(edition, corrected, later, now)


def publish(edition, dataset, by, now):
    use_dataset(edition, dataset=dataset, **by)
    edition.refresh_from_db()
    score_edition(request_scoring(edition, **by).pk, now=now)
    edition.refresh_from_db()
    released = release_edition(edition, **by) if edition.state == "frozen" else None
    if released:
        build_bundle(released.bundle.pk, now=now)
        released.bundle.refresh_from_db()
    return released


def change_of(release):
    return {row.unit: row for row in read_change(bytes(release.files.get(name=NAME).content).decode())}


def ranks(release):
    return dict(ReleaseUnit.objects.filter(release=release, rank__isnull=False).values_list("code", "rank"))


def test_first_edition_is_compared_with_nothing(release):
    assert release.manifest["compared"] is None
    assert not release.files.filter(name__startswith="previous/").exists()
    assert not release.files.filter(name=NAME).exists()


def test_next_edition_is_compared_with_the_newest_release_before_it(second, release):
    assert second.manifest["compared"] == {"edition": "2026", "number": "1.0", "fingerprint": release.fingerprint}
    rows = change_of(second)

    assert {unit: row.rank_before for unit, row in rows.items() if row.rank_before} == ranks(release)
    assert {unit: row.rank_after for unit, row in rows.items() if row.rank_after} == ranks(second)
    for row in (row for row in rows.values() if row.status == "split"):
        assert sum(row.rank_parts.values(), Fraction(0)) == row.rank_move == row.rank_before - row.rank_after
        assert sum(row.score_parts.values()) == row.score_move == row.score_after - row.score_before
        assert {cause for cause, part in row.score_parts.items() if part} <= {"own_data", "other_data"}
    assert rows["U1"].score_parts["own_data"] != 0  # hers is the value that changed
    assert rows["U2"].score_parts["own_data"] == 0


def test_change_is_the_same_as_json_and_loses_no_digit(second):
    told = {row["uCode"]: row for row in json.loads(bytes(second.files.get(name=AS_JSON).content))}
    rows = change_of(second)

    assert set(told) == set(rows)
    for unit, row in rows.items():
        assert (told[unit]["rank_before"], told[unit]["rank_after"]) == (row.rank_before, row.rank_after)
        if row.status == "split":
            assert sum(Fraction(told[unit][f"rank_{cause}"]) for cause in CAUSES) == told[unit]["rank_move"]
            assert sum(Decimal(told[unit][f"score_{cause}"]) for cause in CAUSES) == Decimal(told[unit]["score_move"])


def test_release_with_a_change_is_recomputed_offline(second, django_assert_num_queries):
    content = bytes(second.bundle.zip)

    with django_assert_num_queries(0):
        verified = verify("bundle.zip", content)

    assert (verified.manifest["compared"]["edition"], verified.differences) == ("2026", ())


def test_correction_of_a_first_edition_is_told_against_its_own_first_release(release, corrected, by, now, client):
    edition = release.edition
    use_dataset(edition, dataset=corrected, **by)
    edition.refresh_from_db()
    score_edition(request_scoring(edition, **by).pk, now=now)
    edition.refresh_from_db()
    again = correct_release(edition, dataset=corrected, reason="A value was wrong.", **by)
    build_bundle(again.bundle.pk, now=now)
    again.bundle.refresh_from_db()

    assert again.manifest["compared"] == {"edition": "2026", "number": "1.0", "fingerprint": release.fingerprint}
    rows = change_of(again)
    split = [row for row in rows.values() if row.status == "split"]
    assert any(row.score_move for row in split)
    for row in split:
        assert row.score_parts["corrections"] == row.score_move
        assert row.rank_parts["corrections"] == row.rank_move
        assert not any(part for cause, part in row.score_parts.items() if cause != "corrections")
    verdict = verify("bundle.zip", bytes(again.bundle.zip))
    assert (verdict.manifest["compared"]["number"], verdict.differences) == ("1.0", ())
    code = max(split, key=lambda row: abs(row.score_move)).unit
    page = client.get(f"/s/las/2026/v1.1/units/{code}/").content.decode()
    assert "edition 2026, release 1.0" in page
    assert "the data of the last edition would have put it" not in page


def test_bundle_that_has_lost_what_it_is_compared_with_is_refused(second):
    files = {file.name: bytes(file.content) for file in second.files.all()}
    kept = {name: content for name, content in files.items() if not name.startswith(("previous/", "robustness/change"))}
    manifest = json.loads(kept["manifest.json"])
    manifest["files"] = {name: sha256(content) for name, content in kept.items() if name != "manifest.json"}
    manifest["fingerprint"] = own_fingerprint(manifest)

    differences = verify("bundle.zip", pack(kept | {"manifest.json": json_text(manifest).encode()})).differences

    assert "compared with another" in " ".join(map(str, differences))


def test_correction_of_a_later_edition_is_told_cell_by_cell(
    second, series, version, later, now, make_table, make_sources, make_licences
):
    """U1's value differs between the editions; a value of another unit, alike in both, is corrected: that is all correction."""
    table = make_table(30.0)
    values = table.values.copy()
    position = table.units.index("U2")
    values[position, 1] += 7.0
    sent = {"table": table.with_values(values), "sources": make_sources(), "licences": make_licences()}
    fixed = load_dataset(series, framework_uid=version.uid, **sent, **later)
    publish(second.edition, fixed, later, now)
    again = correct_release(second.edition, dataset=fixed, reason="A value was wrong.", **later)

    row = change_of(again)["U2"]
    assert row.status == "split"
    assert row.score_parts["own_data"] == 0
    assert row.score_parts["corrections"] != 0


def test_correction_is_a_cause_of_its_own(second, series, version, later, now, make_table, make_sources, make_licences):
    sent = {"table": make_table(-20.0), "sources": make_sources(), "licences": make_licences()}
    newest = load_dataset(series, framework_uid=version.uid, **sent, **later)
    edition = second.edition
    publish(edition, newest, later, now)

    corrected = correct_release(edition, dataset=newest, reason="A value was wrong.", **later)

    rows = change_of(corrected)
    assert corrected.files.filter(name="previous/first_data.csv").exists()
    split = [row for row in rows.values() if row.status == "split"]
    assert any(row.score_parts["corrections"] for row in split)
    for row in split:
        assert set(row.score_parts) == set(CAUSES)
        assert sum(row.score_parts.values()) == row.score_move
