"""Each act of the scoring's tables in each state, on real rows; and each act that a page or the API offers, by whoever asks."""

import uuid
from contextlib import nullcontext, suppress
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse

from accounts.lifecycle import NOTHING_HAPPENS, Actor
from accounts.models import Role, Series, User
from accounts.rules import series_for
from accounts.usecases.roles import give_role
from scoring.errors import BadEditionError, MissingPartError, NotApprovedError, NothingChangedError, ScoringError
from scoring.models import Bundle, Consensus, Edition, Scoring, Upload
from scoring.queries.desk.edition import desk_edition_page, edition_for_desk
from scoring.states import EDITION, JOB, TABLES, UPLOAD, capability
from scoring.usecases import edition_data, editions, freezes, jobs, releases, uploads
from scoring.usecases.approvals import approve_method, ask_approval
from scoring.usecases.carrying import carry_weights
from scoring.usecases.consensus import request_consensus
from scoring.usecases.unit_lists import settle_units
from surveys.usecases.rounds import plan_round
from tests.guards import unguarded
from tests.scoring.conftest import SCREENED

pytestmark = pytest.mark.django_db
# refused for what the edition or its series lacks, so its state let it pass
LATER = (MissingPartError, NothingChangedError, BadEditionError, NotApprovedError)

# --- editions -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def hand(edition, consensus, dataset, method, make_table, make_list, by):
    """What acts on the edition need, ready to be called by name."""
    round_uid = consensus.round_uid
    return {
        "settle_recipe": lambda: editions.settle_recipe(edition, text="version = 1\n", **by),
        "describe_edition": lambda: editions.describe_edition(edition, limits={}, reference_date=None, **by),
        "carry_weights": lambda: carry_weights(edition, source="2020", **by),
        "ask_approval": lambda: ask_approval(edition, **by),
        "approve_method": lambda: approve_method(edition, fingerprint="", **by),
        "choose_consensus": lambda: editions.choose_consensus(edition, consensus=consensus, **by),
        "weigh_edition": lambda: editions.weigh_edition(edition, round_uid=round_uid, method=method, **by),
        "settle_units": lambda: settle_units(edition, listed=make_list(), **by),
        "revise_method": lambda: freezes.revise_method(edition, **by),
        "keep_method": lambda: freezes.keep_method(edition, **by),
        "freeze_method": lambda: freezes.freeze_method(edition, **by),
        "use_dataset": lambda: edition_data.use_dataset(edition, dataset=dataset, **by),
        "load_edition_data": lambda: edition_data.load_edition_data(edition, table=make_table(), **by),
        "request_scoring": lambda: edition_data.request_scoring(edition, **by),
        "release_edition": lambda: releases.release_edition(edition, **by),
        "correct_release": lambda: releases.correct_release(edition, dataset=dataset, reason="", **by),
    }


@pytest.mark.parametrize(
    ("name", "state"),
    [
        (act.name, state)
        for act in EDITION.acts
        for state in EDITION.states.values
        # what leads on; the next test goes that way
        if act.starts and not (act.name in {"freeze_method", "revise_method", "keep_method"} and state in act.starts)
    ],
)
def test_act_of_an_edition_passes_or_is_refused_as_the_table_says(frozen, hand, name, state):
    act = EDITION.by_name[name]
    with unguarded(Edition):
        Edition.objects.filter(pk=frozen.pk).update(state=state)
    if EDITION.allows(name, state):
        with suppress(*LATER):
            hand[name]()
    else:
        with pytest.raises(ScoringError) as refused:
            hand[name]()
        assert (refused.value.code, refused.value.facts) == (
            act.refusal,
            {"state": state, "allowed": EDITION.allowed(name)},
        )
    frozen.refresh_from_db()
    assert frozen.state == state


def test_edition_goes_the_way_of_the_table(edition, consensus, dataset, corrected, by, now):
    seen = []

    def do(act, *args, **more):
        """Do an act, and note it with the states before and after."""
        before = edition.state
        act(edition, *args, **more, **by)
        edition.refresh_from_db()
        seen.append((act.__name__, before, edition.state))

    assert edition.state == next(act.makes for act in EDITION.acts if act.makes)
    do(editions.settle_recipe, text=SCREENED)
    do(editions.choose_consensus, consensus=consensus)
    do(freezes.freeze_method)
    do(edition_data.use_dataset, dataset=dataset)
    edition_data.score_edition(edition_data.request_scoring(edition, **by).pk, now=now)
    do(releases.release_edition)
    do(edition_data.use_dataset, dataset=corrected)
    edition_data.score_edition(edition_data.request_scoring(edition, **by).pk, now=now)
    do(releases.correct_release, dataset=corrected, reason="a typing error")
    do(freezes.revise_method)
    do(freezes.keep_method)
    for name, before, after in seen:
        assert after == (EDITION.by_name[name].ends or (before,))[0]
    moved = {(before, after) for _, before, after in seen if before != after}
    assert moved == {move for move in EDITION.moves if move[0] != move[1]}
    assert {
        Bundle.objects.first().state,
        Scoring.objects.create(
            edition=edition, freeze=edition.freezes.get(), dataset=_other(dataset), requested_at=now()
        ).state,
    } == {act.makes for act in JOB.acts if act.makes}


def _other(dataset):
    dataset.pk, dataset.uid, dataset.number = None, uuid.uuid4(), 99
    dataset.save(force_insert=True)
    return dataset


# --- work ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def work(series, closed, method, by):
    return request_consensus(series, round_uid=closed.uid, method=method, **by)


def finish(claim):
    with transaction.atomic():
        claim.finish()


@pytest.fixture
def job_acts(work, now, by):
    """Acts on work as their callers call them; a claim is that of the row as it stands."""

    def claim():
        work.refresh_from_db()
        return jobs.Claim(work, work.attempt, now)

    return {
        "perform": lambda: jobs.perform(Consensus, work.pk, lambda claim: None, now=now),
        "go_on": lambda: jobs.go_on(Consensus, work.pk, lambda claim: None, now=now),
        "progress": lambda: claim().progress("half", done=1, total=2),
        "beat": lambda: claim().beat(),
        "finish": lambda: finish(claim()),
        "fail": lambda: claim().fail(MissingPartError("nothing", part="round")),
        "hand_back": lambda: claim().hand_back(),
        "sweep": lambda: jobs.sweep(at=now()),
        "cancel": lambda: jobs.cancel(work, **by),
        "requeue": lambda: jobs.requeue(work, **by),
    }


@pytest.mark.parametrize("state", JOB.states.values)
@pytest.mark.parametrize("name", [act.name for act in JOB.acts if act.starts])
def test_act_on_work_leads_where_the_table_says_or_is_refused(work, job_acts, now, name, state):
    act, long_ago = JOB.by_name[name], now() - timedelta(days=1)
    with unguarded(Consensus):
        Consensus.objects.filter(pk=work.pk).update(state=state, beat_at=long_ago, requested_at=long_ago)
    if JOB.allows(name, state) or act.refusal == NOTHING_HAPPENS:
        job_acts[name]()
    else:
        with pytest.raises(ScoringError) as refused:
            job_acts[name]()
        assert refused.value.code == act.refusal
        if act.refusal == "wrong_state":
            assert refused.value.facts == {"state": state, "allowed": JOB.allowed(name)}
    work.refresh_from_db()
    assert work.state == (act.ends[0] if act.ends and JOB.allows(name, state) else state)
    assert (work.attempt, bool(work.stage)) == (
        int(name == "perform" and JOB.allows(name, state)),
        name == "progress" and JOB.allows(name, state),
    )


@pytest.mark.parametrize("is_heard", [True, False])
def test_running_work_is_claimed_again_once_its_worker_fell_silent(work, now, is_heard):
    Consensus.objects.filter(pk=work.pk).update(state="running", beat_at=now() - timedelta(days=not is_heard))
    assert jobs.perform(Consensus, work.pk, lambda claim: None, now=now) is not is_heard


# --- uploads ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def upload(edition, now):
    """Files of a list of units, as they are after they were read."""
    return Upload.objects.create(
        edition=edition,
        kind="units",
        state="done",
        details={"rule": {}, "two_cities": ""},
        preview={"standing": None, "units": 8, "groups": []},
        requested_at=now(),
    )


@pytest.mark.parametrize("state", UPLOAD.states.values)
@pytest.mark.parametrize("name", ["answer_upload", "confirm_upload", "drop_upload"])
def test_act_on_an_upload_leads_where_the_table_says_or_is_refused(upload, by, name, state):
    act, more = UPLOAD.by_name[name], {"said": {}, "is_confirmed": False} if name == "answer_upload" else {}
    with unguarded(Upload):
        Upload.objects.filter(pk=upload.pk).update(state=state)
    if UPLOAD.allows(name, state):
        getattr(uploads, name)(upload, **more, **by)
    else:
        with pytest.raises(ScoringError) as refused:
            getattr(uploads, name)(upload, **more, **by)
        told = {"state": state, "allowed": UPLOAD.allowed(name)}
        assert (refused.value.code, refused.value.facts) == (act.refusal, told)
    upload.refresh_from_db()
    assert upload.state == (act.ends[0] if UPLOAD.allows(name, state) else state)


# --- the database -------------------------------------------------------------------------------------------------------


TABLE_OF = {Edition: EDITION, Consensus: JOB, Scoring: JOB, Bundle: JOB, Upload: UPLOAD}


@pytest.mark.parametrize(("model", "table"), TABLE_OF.items())
def test_database_knows_the_tables_states_alone(release, upload, model, table):
    column = model._meta.get_field("state")
    assert [value for value, _ in column.choices] == table.states.values
    known = next(one for one in model._meta.constraints if one.name.endswith("_state_known"))
    assert known.condition.children == [("state__in", table.states.values)]
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {model._meta.db_table} SET state = 'elsewhere'")


@pytest.mark.parametrize(
    ("model", "table", "start", "end"),
    [
        (model, table, start, end)
        for model, table in TABLE_OF.items()
        for start in table.states.values
        for end in table.states.values
        if start != end
    ],
)
def test_database_knows_the_tables_moves_alone(release, upload, model, table, start, end):
    row, known = model.objects.first(), (start, end) in table.moves
    with unguarded(model):
        model.objects.filter(pk=row.pk).update(state=start)
    with nullcontext() if known else pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
        model.objects.filter(pk=row.pk).update(state=end)
    row.refresh_from_db()
    assert row.state == (end if known else start)


def test_every_table_is_tried():
    assert {table.thing for table in TABLE_OF.values()} == {table.thing for table in TABLES}


# --- who may ------------------------------------------------------------------------------------------------------------

READERS = ["owner", "colleague", "observer", "stranger", "anonymous"]
PAGES = {  # act: page and what is sent
    "repeat_edition": ("repeat", {}),
    "describe_edition": ("texts", {}),
    "weigh_edition": ("weigh", {}),
    "carry_weights": ("carry", {}),
    "settle_recipe": ("recipe", {"text": "version = 1\n"}),
    "settle_units": ("units", {}),
    "revise_method": ("revise", {}),
    "keep_method": ("keep", {}),
    "ask_approval": ("ask_approval", {}),
    "approve_method": ("approve", {"sure": "on", "fingerprint": "0" * 64}),
    "freeze_method": ("freeze", {"sure": "on"}),
    "load_edition_data": ("data", {}),
    "request_scoring": ("score", {}),
    "release_edition": ("release", {"sure": "on"}),
    "correct_release": ("correct", {"sure": "on", "reason": "why"}),
    "cancel": ("cancel", {}),
    "answer_upload": ("answer", {}),
    "confirm_upload": ("confirm", {}),
    "drop_upload": ("drop", {}),
}
API = {
    "describe_edition": "texts/",
    "weigh_edition": "consensus/",
    "carry_weights": "carried/",
    "settle_recipe": "recipe/",
    "settle_units": "units/",
    "revise_method": "revision/",
    "keep_method": "revision/",
    "ask_approval": "approval/",
    "approve_method": "approval/",
    "freeze_method": "freeze/",
    "load_edition_data": "data/",
    "request_scoring": "scoring/",
    "release_edition": "releases/",
    "correct_release": "corrections/",
    "answer_upload": "uploads/{uid}/",
    "confirm_upload": "uploads/{uid}/confirmation/",
    "drop_upload": "uploads/{uid}/",
}
METHODS = {
    "approve_method": "put",
    "describe_edition": "put",
    "keep_method": "delete",
    "answer_upload": "patch",
    "drop_upload": "delete",
}
MOVED = {"answer_upload": "queued", "confirm_upload": "queued", "drop_upload": "cancelled"}
INSIDE = {"choose_consensus", "use_dataset", "request_consensus", "requeue", "send_files"}  # done by the acts above

BEGUN = {"create_edition"}  # of no edition yet: tried in test_begin_edition.py


@pytest.fixture
def readers(series, by):
    """Clients: two moderators of the series, an observer of it, a moderator of another series, nobody."""
    caches["default"].delete("throttle_anon_127.0.0.1")
    other = Series.objects.create(slug="other", names={"en": "Other"}, created_at=by["at"])
    clients = {name: Client() for name in READERS}
    for name, of, kind in (
        ("owner", series, Role.Kind.MODERATOR),
        ("colleague", series, Role.Kind.MODERATOR),
        ("observer", series, Role.Kind.OBSERVER),
        ("stranger", other, Role.Kind.MODERATOR),
    ):
        user = User.objects.create_user(name)
        give_role(user, series=of, kind=kind, **by)
        clients[name].force_login(user)
    return clients


def test_every_act_of_moderators_has_a_door_that_is_tried():
    acts = {act.name for table in TABLES for act in table.acts if Actor.MODERATOR in act.by}
    assert set(PAGES) | INSIDE | BEGUN == acts
    assert set(API) == set(PAGES) - {"cancel", "repeat_edition"}  # these are tried elsewhere


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("act", PAGES)
def test_page_lets_in_those_who_may(edition, work, upload, readers, by, act, reader):
    Edition.objects.filter(pk=edition.pk).update(consensus=work)
    name, sent = PAGES[act]
    more = {"kind": "consensus"} if name == "cancel" else {"uid": upload.uid} if act in MOVED else {}
    address = reverse(f"scoring:desk_{name}", kwargs={"series": "las", "edition": "2026"} | more)
    answer = readers[reader].post(address, sent)
    edition.refresh_from_db()
    work.refresh_from_db()
    upload.refresh_from_db()
    if reader in {"owner", "colleague"}:
        assert upload.state == MOVED.get(act, "done")
        assert answer.status_code in {302, 422}
        assert "/sign-in/" not in answer.get("Location", "")
        assert (edition.recipe is not None, work.state == "cancelled") == (act == "settle_recipe", act == "cancel")
        return
    expected = {"anonymous": (302, True), "observer": (403, False), "stranger": (404, False)}[reader]
    assert (answer.status_code, answer.get("Location", "").startswith("/sign-in/")) == expected
    assert (edition.state, edition.recipe, work.state, upload.state) == ("preparing", None, "queued", "done")


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("act", API)
def test_api_lets_in_those_who_may(edition, upload, readers, act, reader):
    body = {"text": "version = 1\n"} if act == "settle_recipe" else {}
    send = getattr(readers[reader], METHODS.get(act, "post"))
    address = f"/api/v1/series/las/editions/2026/{API[act].format(uid=upload.uid)}"
    answer = send(address, body, content_type="application/json")
    edition.refresh_from_db()
    upload.refresh_from_db()
    assert upload.state == (MOVED.get(act, "done") if reader in {"owner", "colleague"} else "done")
    if reader in {"owner", "colleague"}:
        assert answer.status_code in {200, 201, 202, 400, 409, 415}
        assert (edition.recipe is not None) == (act == "settle_recipe")
    else:
        assert answer.status_code == (404 if reader == "stranger" else 403)
        assert edition.recipe is None


def test_moderators_may_not_what_the_table_gives_to_others(series, readers):
    owner, stranger = User.objects.get(username="owner"), User.objects.get(username="stranger")
    assert series_for(owner, "las", capability("freeze_method")) == series
    for user, act, refused in (
        (owner, "finish", PermissionDenied),
        (stranger, "freeze_method", Http404),
    ):
        with pytest.raises(refused):
            series_for(user, "las", capability(act))


# --- what the desk shows ------------------------------------------------------------------------------------------------

FORMS = {"settle_recipe": "recipe", "settle_units": "units", "weigh_edition": "weigh", "load_edition_data": "data"}


@pytest.mark.parametrize("state", EDITION.states.values)
def test_desk_offers_what_the_state_allows(frozen, readers, state):
    with unguarded(Edition):
        Edition.objects.filter(pk=frozen.pk).update(state=state)
    page = readers["owner"].get(reverse("scoring:desk_edition", args=["las", "2026"])).content.decode()
    offered = {
        act
        for act, name in FORMS.items()
        if f'action="{reverse(f"scoring:desk_{name}", args=["las", "2026"])}"' in page
    }
    assert offered == {act for act in FORMS if EDITION.allows(act, state)}
    # nothing is released here that a revision could be ended for
    page = desk_edition_page(edition_for_desk(frozen.series, "2026"), [Actor.MODERATOR])
    assert page.acts == EDITION.possible(state) - {"keep_method"}


def test_desk_does_not_call_a_planned_round_closed(edition, panel, version, readers, by):
    plan_round(panel, version=version, **by)
    page = readers["owner"].get(reverse("scoring:desk_edition", args=["las", "2026"])).content.decode()
    assert "Round 1 is planned." in page
    assert "Round 1 is closed" not in page
