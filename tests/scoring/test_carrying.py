"""Weights carried over from another edition: nobody is asked, and every place that tells weights says how old they are."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Role, User
from accounts.usecases.roles import give_role
from accounts.usecases.series import create_series
from scoring.errors import BadEditionError, FrozenError, JudgementsChangedError, MissingPartError
from scoring.files.verification import verify
from scoring.models import Consensus, Edition, Freeze
from scoring.queries.freezes import weights_to_carry
from scoring.queries.pairs import end_of_pairs
from scoring.queries.published.method import method_page
from scoring.queries.published.release_head import release_head
from scoring.usecases.approvals import approve_method, ask_approval
from scoring.usecases.carrying import carry_weights
from scoring.usecases.editions import choose_consensus, create_edition, settle_recipe
from scoring.usecases.freezes import freeze_method, keep_method, revise_method
from scoring.usecases.unit_lists import settle_units
from surveys import handover
from surveys.models import Round
from surveys.queries.frameworks import rows_of
from surveys.usecases.frameworks import create_framework, freeze_framework
from surveys.usecases.panels import create_panel
from surveys.usecases.withdrawals import withdraw
from tests.scoring.test_compared import publish

pytestmark = pytest.mark.django_db
API = "/api/v1/series/las/editions/2027/carried/"
DAYS = 400


@pytest.fixture
def later(by):
    """The act of somebody long after the first edition was frozen; its round had closed on the same day."""
    return by | {"at": by["at"] + timedelta(days=DAYS)}


@pytest.fixture
def empty_panel(series, by):
    return create_panel(series, slug="later", names={"en": "Later panel"}, **by)


@pytest.fixture
def following(frozen, series, version, panel, empty_panel, make_list, later):
    """An edition on the same framework, with recipe and list of units, of the same panel and one that nobody is in."""
    asked = [panel.uid, empty_panel.uid]
    edition = create_edition(series, slug="2027", framework_uid=version.uid, panel_uids=asked, **later)
    settle_recipe(edition, text=frozen.recipe.text, **later)
    settle_units(edition, listed=make_list(), **later)
    edition.refresh_from_db()
    return edition


@pytest.fixture
def carried(following, later):
    return carry_weights(following, source="2026", **later)


@pytest.fixture
def desk(series, client, by):
    """A moderator of the series."""
    user = User.objects.create_user("mo")
    give_role(user, series=series, kind=Role.Kind.MODERATOR, **by)
    client.force_login(user)
    return client


# --- what becomes of them --------------------------------------------------------------------------------------------------


def test_frozen_are_the_weights_and_the_panel_of_the_other_edition(carried, frozen, consensus, later):
    rounds = Round.objects.count()
    freeze = freeze_method(carried, **later)
    first = frozen.freezes.get()

    assert freeze.consensus == consensus
    same = ("framework", "method", "weights", "receipts", "files", "languages", "by_person", "round", "consensus")
    assert {name: freeze.content[name] for name in same} == {name: first.content[name] for name in same}
    assert freeze.content["carried"] == {
        "edition": "2026",
        "asked_until": first.content["round"]["closed_at"],
        "fingerprint": first.fingerprint,
    }
    assert "carried" not in first.content
    assert (freeze.fingerprint != first.fingerprint, Consensus.objects.count(), Round.objects.count()) == (
        True,
        1,
        rounds,
    )


def test_release_says_whose_weights_they_are_and_how_old(carried, dataset, later, now):
    freeze_method(carried, **later)
    carried.refresh_from_db()
    release = publish(carried, dataset, later, now)
    files = {name: bytes(content).decode() for name, content in release.files.values_list("name", "content")}
    told = method_page(release_head("las", "2027"))
    client = Client()
    page = client.get("/s/las/2027/v1.0/method/").content.decode()
    answer = client.get("/api/v1/series/las/editions/2027/releases/v1.0/method/").json()

    assert "carried over from edition 2026: its panel was asked until 2026-03-01, 400 days before" in " ".join(
        files["README.txt"].split()
    )
    assert json.loads(files["manifest.json"])["carried"]["edition"] == "2026"
    assert (told.carried.edition, told.carried_days) == ("2026", DAYS)
    assert "carried over from edition 2026" in page
    assert "400 days old" in page
    assert answer["carried"]["edition"] == "2026"
    verdict = verify("bundle.zip", bytes(release.bundle.zip))
    assert (verdict.differences, verdict.not_recomputable) == ((), ())


def test_edition_that_asks_its_own_panel_says_nothing_of_it(release):
    client = Client()

    assert "carried" not in release.manifest
    assert "carried over" not in client.get("/s/las/2026/v1.0/method/").content.decode()
    assert client.get("/api/v1/series/las/editions/2026/releases/v1.0/method/").json()["carried"] is None


def test_own_weights_take_their_place(carried, consensus, later):
    choose_consensus(carried, consensus=consensus, **later)
    freeze = freeze_method(carried, **later)
    carried.refresh_from_db()

    assert (carried.carried, "carried" in freeze.content) == (None, False)


def test_kept_method_has_the_carried_weights_again(carried, consensus, dataset, later, now):
    freeze_method(carried, **later)
    carried.refresh_from_db()
    publish(carried, dataset, later, now)
    revise_method(carried, **later)
    choose_consensus(carried, consensus=consensus, **later)
    kept = keep_method(carried, **later)
    kept.refresh_from_db()

    assert (kept.state, kept.carried, kept.consensus) == (
        "released",
        Freeze.objects.get(edition__slug="2026"),
        consensus,
    )


def test_carried_weights_are_approved_before_anything_is_locked_for_them(carried, series, later):
    give_role(User.objects.create_user("rita"), series=series, kind=Role.Kind.REVIEWER, **later)
    asked = ask_approval(carried, **later)
    approve_method(carried, fingerprint=asked.fingerprint, by="rita", at=later["at"])

    assert freeze_method(carried, **later).fingerprint == asked.fingerprint


# --- what is refused -------------------------------------------------------------------------------------------------------


def test_who_withdrew_since_counts_in_no_later_edition(following, panel, later):
    withdraw(panel.panelists.get(code="P1"), at=later["at"])

    with pytest.raises(JudgementsChangedError):
        carry_weights(following, source="2026", **later)
    following.refresh_from_db()
    assert (following.carried, following.consensus) == (None, None)


def test_who_withdraws_before_the_freeze_stops_it(carried, panel, later):
    withdraw(panel.panelists.get(code="P1"), at=later["at"])

    with pytest.raises(JudgementsChangedError):
        freeze_method(carried, **later)
    assert carried.freezes.count() == 0


def test_who_withdrew_between_two_freezes_counts_in_no_later_edition(frozen, following, panel, dataset, later, now, by):
    publish(frozen, dataset, by, now)
    withdraw(panel.panelists.get(code="P1"), at=later["at"])
    revise_method(frozen, **later)
    settle_recipe(frozen, text="version = 1\n[screen]\nunit_availability = 0.5\n", **later)
    freeze_method(frozen, by="mo", at=later["at"] + timedelta(days=1))

    with pytest.raises(JudgementsChangedError):
        carry_weights(following, source="2026", **later)


def test_carrying_keeps_nobodys_pairs_longer(carried, frozen, consensus, later):
    kept = handover.pairs_of_round(consensus.round_uid)
    before = end_of_pairs(kept)
    freeze_method(carried, **later)

    assert before is not None
    assert end_of_pairs(kept) == before


def test_weights_of_another_framework_do_not_fit(following, version, later):
    rows = rows_of(version)
    other = create_framework(slug="fork", names={"en": "Fork"}, rows=rows[:-1], **later)
    freeze_framework(other, **later)
    Edition.objects.filter(pk=following.pk).update(framework_uid=other.uid)

    with pytest.raises(MissingPartError):
        carry_weights(following, source="2026", **later)


def test_copy_of_a_framework_is_the_same_one(following, version, later):
    copy = freeze_framework(
        create_framework(slug="copy", names={"en": "Copy"}, rows=rows_of(version), **later), **later
    )
    Edition.objects.filter(pk=following.pk).update(framework_uid=copy.uid)

    assert carry_weights(following, source="2026", **later).carried is not None
    assert freeze_method(following, **later).content["framework_version"]["slug"] == "copy"


@pytest.mark.parametrize("source", ["2027", "2026-x", "2028", "elsewhere"])
def test_only_frozen_editions_of_the_series_with_panels_of_their_own_are_offered(
    carried, series, version, source, later
):
    """Not the edition itself, one that is not there, one that carries, and one of another series."""
    freeze_method(carried, **later)
    other = create_series(slug="other", names={"en": "Other"}, descriptions={}, languages=["en"], **later)
    create_edition(other, slug="elsewhere", framework_uid=version.uid, panel_uids=[], **later)
    third = create_edition(series, slug="2028", framework_uid=version.uid, panel_uids=[], **later)

    assert [one.told.edition for one in weights_to_carry(third)] == ["2026"]
    with pytest.raises(BadEditionError):
        carry_weights(third, source=source, **later)


def test_frozen_method_takes_no_other_weights(carried, later):
    freeze_method(carried, **later)

    with pytest.raises(FrozenError):
        carry_weights(carried, source="2026", **later)


# --- at the desk -----------------------------------------------------------------------------------------------------------


def test_desk_offers_and_takes_them(desk, following):
    page = desk.get("/desk/las/2027/").content.decode()
    answer = desk.post("/desk/las/2027/carry/", {"source": "2026"}, follow=True)
    chain = answer.content.decode()
    following.refresh_from_db()

    assert "Edition 2026, asked until 1 March 2026" in page
    assert (answer.redirect_chain, following.carried is not None) == ([("/desk/las/2027/", 302)], True)
    assert "Carried over from edition 2026, whose panel was asked until 1 March 2026." in " ".join(chain.split())
    assert 'id="freeze" aria-current="step"' in " ".join(chain.split())


@pytest.mark.parametrize("sent", [{}, {"source": ""}, {"source": "2025"}])
def test_refused_choice_is_told_beside_its_field(desk, following, sent):
    answer = desk.post("/desk/las/2027/carry/", sent)
    following.refresh_from_db()

    assert (answer.status_code, following.carried) == (422, None)
    assert "error" in answer.content.decode()


def test_first_edition_of_a_series_is_offered_none(desk, edition):
    assert "weights of another edition" not in desk.get("/desk/las/2026/").content.decode()


def test_api_takes_them(desk, following):
    wrong = desk.post(API, {"edition": "2020"}, content_type="application/json")
    made = desk.post(API, {"edition": "2026"}, content_type="application/json")
    following.refresh_from_db()

    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_edition")
    assert (made.status_code, made.json()["edition"], following.carried is not None) == (200, "2026", True)
