"""The moderators' desk: who gets in, what comes next, and what every door does."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.lifecycle import Actor
from accounts.models import Role, Series, User
from accounts.usecases.roles import give_role
from scoring.files.licences import write_licences
from scoring.files.sources import write_sources
from scoring.files.tables import write_data
from scoring.files.units import write_units
from scoring.models import Bundle, Consensus, Dataset, Freeze, Scoring
from scoring.queries.desk.edition import desk_edition_page, edition_for_desk
from scoring.queries.desk.home import desk_page
from scoring.usecases.consensus import compute_consensus
from scoring.usecases.edition_data import request_scoring, score_edition, use_dataset
from scoring.usecases.editions import create_edition
from scoring.usecases.releases import build_bundle
from tests.guards import unguarded
from tests.scoring.uploading import by_page

pytestmark = pytest.mark.django_db
DOORS = ["weigh", "recipe", "freeze", "data", "score", "release", "correct", "units", "revise", "keep"]
METHOD = {
    "group": "aij",
    "priorities": "eigenvector",
    "incomplete": "llsm",
    "scale": "linear",
    "random_index": "saaty",
    "cr_max": "",
    "draws": "20",
    "seed": "4",
}


@pytest.fixture
def people(series, by):
    """Alice moderates the series, Bob another one, Charlie observes the series."""
    other = Series.objects.create(slug="other", names={"en": "Other"}, created_at=by["at"])
    alice, bob, charlie = (User.objects.create_user(name) for name in ("alice", "bob", "charlie"))
    give_role(alice, series=series, kind=Role.Kind.MODERATOR, **by)
    give_role(bob, series=other, kind=Role.Kind.MODERATOR, **by)
    give_role(charlie, series=series, kind=Role.Kind.OBSERVER, **by)
    return {"alice": alice, "bob": bob, "charlie": charlie}


@pytest.fixture
def alice(client, people):
    client.force_login(people["alice"])
    return client


def address(name="edition", **more):
    return reverse(f"scoring:desk_{name}", kwargs={"series": "las", "edition": "2026"} | more)


def upload(name, text):
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


def steps(series):
    return {step.key: step.state for step in desk_edition_page(edition_for_desk(series, "2026")).steps}


def test_stranger_is_asked_to_sign_in_at_every_door(client, edition):
    pages = [reverse("scoring:desk"), reverse("scoring:desk_series", args=["las"]), address(), address("progress")]
    assert all(client.get(page).url.startswith("/sign-in/") for page in pages)
    assert all(client.post(address(door)).url.startswith("/sign-in/") for door in DOORS)
    assert client.post(address("cancel", kind="consensus")).url.startswith("/sign-in/")


def test_observer_reads_the_chain_and_is_offered_no_step(client, edition, closed, people):
    client.force_login(people["charlie"])
    page = client.get(address()).content.decode()
    series_page = client.get(reverse("scoring:desk_series", args=["las"])).content.decode()
    assert (client.get(address("progress")).status_code, "<form" in page.partition("<main")[2]) == (200, False)
    assert "This step is taken by:" in page
    assert "Round 1 is closed" in page
    assert str(closed.uid) not in page + series_page  # who of the panel is how far is the moderators' to read
    assert "Keep the licence" not in series_page
    assert {client.post(address(door), {"sure": "on"}).status_code for door in DOORS} == {403}
    assert (Consensus.objects.count(), Scoring.objects.count()) == (0, 0)


def test_moderator_of_another_series_finds_nothing_at_any_door(client, edition, people):
    client.force_login(people["bob"])
    assert [client.get(page).status_code for page in (address(), address("progress"))] == [404, 404]
    assert client.get(reverse("scoring:desk_series", args=["las"])).status_code == 404
    assert {client.post(address(door), {"sure": "on"}).status_code for door in DOORS} == {404}
    assert client.post(address("cancel", kind="scoring")).status_code == 404
    assert "LAS ranking" not in client.get(reverse("scoring:desk")).content.decode()
    edition.refresh_from_db()
    assert (edition.state, Consensus.objects.count(), Scoring.objects.count()) == ("preparing", 0, 0)


def test_doors_take_no_get(alice, edition):
    assert {alice.get(address(door)).status_code for door in DOORS} == {405}


def test_desk_lists_her_series_alone(alice, edition):
    page = alice.get(reverse("scoring:desk")).content.decode()
    assert "LAS ranking" in page
    assert "Other" not in page
    assert alice.get(reverse("scoring:desk_series", args=["las"])).status_code == 200


def test_unknown_edition_is_not_found(alice, series):
    assert alice.get(address()).status_code == 404


def test_open_round_is_the_next_step(alice, edition, opened, series):
    page = alice.get(address()).content.decode()
    assert steps(series)["round"] == "next"
    assert reverse("surveys:desk_round", kwargs={"series": "las", "uid": opened.uid}) in page
    assert "Demonstration data" in page
    assert "Simulated judgements" in page


def test_the_whole_chain_through_the_doors(
    alice, edition, closed, series, make_table, make_units, make_sources, make_licences
):
    assert steps(series)["consensus"] == "next"
    assert alice.post(address("weigh"), METHOD | {"round": str(closed.uid)}).status_code == 302
    consensus = Consensus.objects.get()
    assert (steps(series)["consensus"], consensus.requested_by) == ("running", "alice")
    assert "data-progress" in alice.get(address()).content.decode()
    assert alice.get(address("progress")).json() == {
        "jobs": [{"id": f"consensus-{consensus.pk}", "done": 0, "total": 0, "words": "Waiting for a worker"}]
    }
    compute_consensus(consensus.pk, now=timezone.now)
    assert steps(series)["recipe"] == "next"
    alice.post(address("recipe"), {"text": 'version = 1\n[aggregate]\nmethod = "arithmetic"\n'})
    assert steps(series)["freeze"] == "next"
    assert "the weights of 6 experts" in alice.get(address()).content.decode()
    alice.post(address("freeze"), {"sure": "on"})
    assert steps(series)["data"] == "next"
    by_page(
        alice,
        address("data"),
        {
            "table": upload("data.csv", write_data(make_table())),
            "sources": upload("sources.csv", write_sources(make_sources())),
            "licences": upload("licences.csv", write_licences(make_licences())),
            "units": upload("units.csv", write_units(make_units())),
            "note": "the first",
        },
    )
    assert steps(series)["scoring"] == "next"
    alice.post(address("score"))
    score_edition(Scoring.objects.get().pk, now=timezone.now)
    page = alice.get(address()).content.decode()
    assert (steps(series)["release"], page.count("<tr>") > 5) == ("next", True)
    alice.post(address("release"), {"sure": "on"})
    build_bundle(Bundle.objects.get().pk, now=timezone.now)
    edition.refresh_from_db()
    assert (edition.state, set(steps(series).values())) == ("released", {"done"})
    assert alice.get(address()).status_code == 200


def test_correction_through_the_doors(alice, release, scored, corrected, series, now, by):
    assert alice.post(address("correct"), {"sure": "on", "reason": "none"}, follow=True).status_code == 200
    use_dataset(scored, dataset=corrected, **by)
    score_edition(request_scoring(scored, **by).pk, now=now)
    assert steps(series)["release"] == "next"
    assert alice.post(address("correct"), {"sure": "on", "reason": ""}).status_code == 422
    alice.post(address("correct"), {"sure": "on", "reason": "A1 was mistyped"})
    assert [one.number for one in scored.releases.all()] == ["1.1", "1.0"]
    assert steps(series)["release"] == "done"


def test_freeze_and_release_ask_first(alice, edition, consensus):
    for door in ("freeze", "release"):
        page = alice.post(address(door))
        assert (page.status_code, "error-summary" in page.content.decode()) == (422, True)
    edition.refresh_from_db()
    assert edition.state == "preparing"


def test_step_out_of_turn_is_refused_in_words(alice, edition):
    page = alice.post(address("freeze"), {"sure": "on"}, follow=True)
    assert "The edition has no recipe yet." in page.content.decode()
    page = alice.post(address("score"), follow=True)
    assert "This step is not open now" in page.content.decode()


def test_refused_method_keeps_what_was_entered(alice, edition, closed):
    page = alice.post(address("weigh"), METHOD | {"round": str(closed.uid), "draws": "-3", "seed": "77"})
    assert page.status_code == 422
    assert 'value="77"' in page.content.decode()
    assert Consensus.objects.count() == 0


def test_refused_recipe_is_told_by_line_and_key(alice, edition):
    page = alice.post(address("recipe"), {"text": 'version = 1\n[normalise]\nmethod = "minimax"\n'})
    assert page.status_code == 422
    assert "3: normalise.method" in page.content.decode()


def test_bad_data_are_shown_as_a_table_and_nothing_is_stored(alice, frozen, make_table):
    text = write_data(make_table()).replace("City U2,2025,S,", "City U2,2025,S,n/a")
    content = by_page(alice, address("data"), {"table": upload("cities.csv", text)}).content.decode()
    assert content.count("cities.csv") == 2  # what was sent, and where it is wrong
    assert "is not a number" in content
    with unguarded(Freeze):  # as it was frozen before lists of units were kept
        Freeze.objects.update(unit_list=None)
    page = by_page(alice, address("data"), {"table": upload("cities.csv", write_data(make_table()))})
    assert page.content.decode().count("nobody knows this unit") == 8
    assert Dataset.objects.count() == 0


@pytest.mark.parametrize("content", [b"%PDF-1.7 not a table", b"", b"\xff\xfeu\x00"])
def test_file_that_is_no_table_is_refused(alice, frozen, content):
    page = by_page(alice, address("data"), {"table": upload("data.csv", content)}).content.decode()
    assert ("These places need a correction" if content else "The submitted file is empty.") in page
    assert Dataset.objects.count() == 0


def test_running_work_is_cancelled_and_asked_again(alice, edition, closed, series):
    sent = METHOD | {"round": str(closed.uid)}
    alice.post(address("weigh"), sent)
    alice.post(address("cancel", kind="consensus"))
    assert "It was cancelled." in alice.get(address()).content.decode()
    alice.post(address("weigh"), sent)
    assert (Consensus.objects.count(), steps(series)["consensus"]) == (1, "running")


def test_failed_work_says_why(alice, edition, closed, now):
    alice.post(address("weigh"), METHOD | {"round": str(closed.uid), "cr_max": "0"})
    compute_consensus(Consensus.objects.get().pk, now=now)
    assert "Nobody’s answers count under" in alice.get(address()).content.decode()


def test_started_work_is_told_to_the_workers_once_committed(alice, edition, closed, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        alice.post(address("weigh"), METHOD | {"round": str(closed.uid)})
    assert len(callbacks) == 1


def test_pages_cost_the_same_for_one_edition_and_three(
    release, series, version, panel, by, django_assert_max_num_queries, django_assert_num_queries
):
    with django_assert_max_num_queries(13):
        desk_edition_page(edition_for_desk(series, "2026"))
    for slug in ("2027", "2028"):
        create_edition(series, slug=slug, framework_uid=version.uid, panel_uids=[panel.uid], **by)
    with django_assert_num_queries(8):
        desk_page({series: [Actor.MODERATOR]}, at=timezone.now())


def test_page_renders_in_arabic(alice, edition, closed):
    alice.cookies["django_language"] = "ar"
    page = alice.get(address()).content.decode()
    assert 'dir="rtl"' in page
