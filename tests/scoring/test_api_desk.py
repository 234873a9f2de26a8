"""What moderators do by API, and who may."""

import json
import uuid

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from accounts.models import Role, User
from accounts.usecases.roles import give_role
from accounts.usecases.series import create_series
from config.errors import MEDIA_TYPE
from scoring.files.licences import write_licences
from scoring.files.sources import write_sources
from scoring.files.tables import write_data
from scoring.files.templates import FORMS, template_of
from scoring.files.units import write_units
from scoring.files.verification import verify
from scoring.models import Consensus, Dataset, Freeze
from scoring.usecases.consensus import compute_consensus
from scoring.usecases.edition_data import score_edition
from surveys import handover
from surveys.models import Round
from surveys.usecases.rounds import plan_round
from tests.guards import unguarded
from tests.scoring.conftest import SCREENED
from tests.scoring.uploading import by_api, state_of

pytestmark = pytest.mark.django_db
SERIES = "/api/v1/series/las/"
EDITION = SERIES + "editions/2026/"
METHOD = {"draws": 40, "seed": 5}
RECIPE = f'{SCREENED}[robustness]\ndraws = 20\nseed = 3\nfactors = ["weights"]\n'


@pytest.fixture
def sign_in(series, by):
    """A client signed in as moderator of a series, or of none."""

    def signed(name, of=None, kind=Role.Kind.MODERATOR, **options):
        user = User.objects.create_user(name)
        if of is not None:
            give_role(user, series=of, kind=kind, **by)
        client = Client(**options)
        client.force_login(user)
        return client

    return signed


@pytest.fixture
def owner(sign_in, series):
    return sign_in("owner", series)


def post(client, path, body=None):
    return client.post(path, body, content_type="application/json")


def sent(table, sources=None, units=None, licences=None):
    files = {"table": SimpleUploadedFile("data.csv", table.encode())}
    if sources is not None:
        files["sources"] = SimpleUploadedFile("sources.csv", sources.encode())
    if units is not None:
        files["units"] = SimpleUploadedFile("units.csv", units.encode())
    if licences is not None:
        files["licences"] = SimpleUploadedFile("licences.csv", licences.encode())
    return files


@pytest.fixture
def data(make_table, make_sources, make_units, make_licences):
    """The four files of the data."""

    def make(shift=0.0):
        files = write_sources(make_sources()), write_units(make_units()), write_licences(make_licences())
        return sent(write_data(make_table(shift)), *files)

    return make


# --- who may ------------------------------------------------------------------------------------------------------------

DOORS = [
    ("get", "rounds/"),
    ("get", "rounds/{round}/"),
    ("post", "rounds/{round}/close/"),
    ("get", "editions/2026/jobs/"),
    ("get", "editions/2026/jobs/consensus/"),
    ("post", "editions/2026/consensus/"),
    ("post", "editions/2026/recipe/"),
    ("post", "editions/2026/units/"),
    ("post", "editions/2026/revision/"),
    ("delete", "editions/2026/revision/"),
    ("post", "editions/2026/freeze/"),
    ("post", "editions/2026/data/"),
    ("get", "editions/2026/uploads/"),
    ("get", "editions/2026/uploads/{nowhere}/"),
    ("patch", "editions/2026/uploads/{nowhere}/"),
    ("delete", "editions/2026/uploads/{nowhere}/"),
    ("post", "editions/2026/uploads/{nowhere}/confirmation/"),
    ("post", "editions/2026/scoring/"),
    ("post", "editions/2026/releases/"),
    ("post", "editions/2026/corrections/"),
]


@pytest.mark.parametrize(("verb", "path"), DOORS)
def test_doors_open_to_moderators_of_the_series_and_to_be_read_to_its_observer(
    edition, opened, series, sign_in, by, verb, path
):
    other = create_series(slug="brics", names={"en": "BRICS"}, descriptions={}, languages=["en"], **by)
    readers = {
        "owner": sign_in("owner", series),
        "colleague": sign_in("colleague", series),
        "observer": sign_in("observer", series, Role.Kind.OBSERVER),
        "stranger": sign_in("stranger", other),
        "nobody": sign_in("nobody"),
        "anonymous": Client(),
    }
    address = SERIES + path.format(round=opened.uid, nowhere=uuid.uuid4())
    answers = {name: getattr(client, verb)(address) for name, client in readers.items()}
    refused = {
        name: (answer.status_code, answer.json()["code"])
        for name, answer in answers.items()
        if name not in {"owner", "colleague", "observer"}
    }
    assert refused == {
        "stranger": (404, "not_found"),
        "nobody": (404, "not_found"),
        "anonymous": (403, "not_authenticated"),
    }
    expected = {404} if path.endswith("jobs/consensus/") or "{nowhere}" in path else {200, 400, 409, 415}
    assert {answers["owner"].status_code, answers["colleague"].status_code} <= expected
    read = answers["owner"].status_code
    is_read = verb == "get" and path != "rounds/{round}/"  # who of the panel is how far is the moderators' to read
    assert answers["observer"].status_code == (read if is_read else 403)
    assert answers["owner"]["Cache-Control"] == "private, no-store"


def test_session_without_its_token_changes_nothing(edition, opened, series, sign_in):
    client = sign_in("owner", series, enforce_csrf_checks=True)
    answer = client.post(f"{SERIES}rounds/{opened.uid}/close/")
    opened.refresh_from_db()
    assert (answer.status_code, answer["Content-Type"], opened.state) == (403, MEDIA_TYPE, "open")


# --- rounds -------------------------------------------------------------------------------------------------------------


def test_round_tells_how_far_the_panel_is_by_code(opened, owner):
    answer = owner.get(f"{SERIES}rounds/{opened.uid}/").json()
    assert {
        name: answer["round"][name] for name in ("uid", "state", "invited", "started", "submitted", "comparisons")
    } == {
        "uid": str(opened.uid),
        "state": "open",
        "invited": 7,
        "started": 6,
        "submitted": 6,
        "comparisons": 6,
    }
    assert answer["panelists"][2] == {
        "code": "P3",
        "group": "academia",
        "language": "en",
        "state": "done",
        "invitation": "",
    }
    assert owner.get(f"{SERIES}rounds/").json() == {"results": [answer["round"]]}


def test_rounds_cost_the_same_queries_for_one_and_three(opened, panel, version, owner, by):
    def queries(path):
        with CaptureQueriesContext(connection) as captured:
            assert owner.get(SERIES + path).status_code == 200
        return len(captured)

    paths = ("rounds/", f"rounds/{opened.uid}/")
    one = [queries(path) for path in paths]
    for _ in range(2):
        plan_round(panel, version=version, **by)
    assert [queries(path) for path in paths] == one
    assert max(one) <= 13


def test_round_is_closed_once(opened, owner):
    first = owner.post(f"{SERIES}rounds/{opened.uid}/close/", content_type="application/json")
    second = owner.post(f"{SERIES}rounds/{opened.uid}/close/", content_type="application/json")
    assert (first.status_code, first.json()["round"]["state"]) == (200, "closed")
    assert (second.status_code, second.json()["code"], second.json()["facts"]) == (
        409,
        "wrong_state",
        {"state": "closed", "allowed": ["open"]},
    )


def test_round_of_another_series_is_not_found(opened, sign_in, by):
    other = create_series(slug="brics", names={"en": "BRICS"}, descriptions={}, languages=["en"], **by)
    stranger = sign_in("stranger", other)
    for verb, path in (("get", ""), ("post", "close/")):
        assert getattr(stranger, verb)(f"/api/v1/series/brics/rounds/{opened.uid}/{path}").status_code == 404
    assert Round.objects.get().state == "open"


# --- the chain, door by door --------------------------------------------------------------------------------------------


def test_consensus_is_queued_and_its_progress_told(edition, closed, owner, now):
    answer = post(owner, EDITION + "consensus/", {"round": str(closed.uid), "method": METHOD})
    again = post(owner, EDITION + "consensus/", {"round": str(closed.uid), "method": METHOD})
    progress = f"http://testserver{EDITION}jobs/consensus/"
    assert (answer.status_code, answer["Location"], answer.json()["url"]) == (202, progress, progress)
    assert (answer.json()["kind"], answer.json()["state"], answer.json()["requested_by"]) == (
        "consensus",
        "queued",
        "owner",
    )
    assert (again.status_code, Consensus.objects.count()) == (202, 1)
    compute_consensus(Consensus.objects.get().pk, now=now)
    assert owner.get(progress).json()["state"] == "done"
    assert owner.get(EDITION + "jobs/").json() == {"results": [owner.get(progress).json()]}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "invalid"),
        ({"round": "x"}, 400, "invalid"),
        ({"round": "00000000-0000-0000-0000-000000000000"}, 409, "missing_part"),
        ({"round": "00000000-0000-0000-0000-000000000000", "method": {"group": "vote"}}, 422, "method"),
    ],
)
def test_consensus_that_cannot_be_is_refused(edition, closed, owner, body, status, code):
    answer = post(owner, EDITION + "consensus/", body)
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (status, MEDIA_TYPE, code)
    assert Consensus.objects.count() == 0


def test_failed_work_tells_why(edition, closed, owner, now):
    post(owner, EDITION + "consensus/", {"round": str(closed.uid), "method": METHOD | {"cr_max": 0.0}})
    compute_consensus(Consensus.objects.get().pk, now=now)
    answer = owner.get(EDITION + "jobs/consensus/").json()
    assert (answer["state"], answer["error"]["code"]) == ("failed", "no_judgements")
    assert answer["error"]["facts"]["node"] in {"Root", "A"}


def test_recipe_is_kept_or_refused_with_every_problem(edition, owner):
    kept = post(owner, EDITION + "recipe/", {"text": RECIPE})
    refused = post(owner, EDITION + "recipe/", {"text": 'version = 1\n[rank]\nties = "coin"\n[colour]\n'})
    assert (kept.status_code, kept.json()["content"]["robustness"]["draws"]) == (201, 20)
    assert (refused.status_code, refused.json()["code"]) == (422, "recipe")
    assert [(error["key"], error["line"]) for error in refused.json()["errors"]] == [("colour", 4), ("rank.ties", 3)]


def test_method_is_frozen_once(edition, consensus, owner):
    early = owner.post(EDITION + "freeze/")
    post(owner, EDITION + "recipe/", {"text": RECIPE})
    post(owner, EDITION + "consensus/", {"round": str(consensus.round_uid), "method": consensus.method})
    answer, again = owner.post(EDITION + "freeze/"), owner.post(EDITION + "freeze/")
    assert (early.status_code, early.json()["facts"]) == (409, {"part": "recipe"})
    assert (answer.status_code, answer.json()["frozen_by"], len(answer.json()["fingerprint"])) == (201, "owner", 64)
    assert (again.status_code, again.json()["code"]) == (409, "frozen")


def test_data_are_loaded_from_files(frozen, owner, data, make_table):
    answer = by_api(owner, EDITION + "data/", data() | {"note": "first"}).json()
    dataset = Dataset.objects.get()
    assert (dataset.note, dataset.loaded_by) == ("first", "owner")
    told = {
        "kind": "data",
        "state": "kept",
        "stage": "",
        "names": {name: f"{name if name != 'table' else 'data'}.csv" for name in data()},
        "reading": {},
        "notes": [],
        "problems": [],
        "problems_total": 0,
        "changes": None,
        "units": None,
        "number": 1,
        "requested_by": "owner",
        "error": None,
    }
    assert answer == answer | told
    assert owner.get(EDITION + "uploads/").json() == {"results": [answer]}
    assert dataset.units.count() == 8
    assert sum(row.observations.count() for row in dataset.units.all()) == np.isfinite(make_table().values).sum()


def test_every_problem_of_every_file_is_told_and_nothing_kept(frozen, owner):
    files = sent(
        "uCode,Region,A1,A2,A3,B1,C1\nU1,N,1,2,3,4,high\nU1,N,1,2,3,4,5\n",
        "uCode,iCode,year\nU1,A1,soon\n",
        "",
    )
    answer = by_api(owner, EDITION + "data/", files)
    assert state_of(answer) == ("refused", 4)
    assert [(error["file"], error["row"], error["column"], error["got"]) for error in answer.json()["problems"]] == [
        ("data.csv", 2, "C1", "high"),
        ("data.csv", 3, "uCode", ""),
        ("sources.csv", 2, "year", "soon"),
        ("units.csv", None, None, ""),
    ]
    assert Dataset.objects.count() == 0


def test_units_that_nobody_knows_are_told(frozen, owner, make_table):
    with unguarded(Freeze):  # as it was frozen before lists of units were kept
        Freeze.objects.update(unit_list=None)
    answer = by_api(owner, EDITION + "data/", sent(write_data(make_table())))
    assert state_of(answer) == ("refused", 8)
    assert [error["got"] for error in answer.json()["problems"]] == [f"U{number}" for number in range(1, 9)]


def test_data_are_no_json(frozen, owner):
    answer = post(owner, EDITION + "data/", {"table": "1,2"})
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (
        415,
        MEDIA_TYPE,
        "unsupported_media_type",
    )


def test_broken_json_is_refused(edition, owner):
    answer = owner.post(EDITION + "recipe/", "{", content_type="application/json")
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (400, MEDIA_TYPE, "parse_error")


def test_edition_is_scored_released_and_corrected(frozen, owner, data, now):
    by_api(owner, EDITION + "data/", data())
    early = owner.post(EDITION + "releases/")
    scoring = owner.post(EDITION + "scoring/")
    score_edition(frozen.scorings.get().pk, now=now)
    first = owner.post(EDITION + "releases/")
    by_api(owner, EDITION + "data/", data(30.0))
    owner.post(EDITION + "scoring/")
    score_edition(frozen.scorings.latest("pk").pk, now=now)
    second = post(owner, EDITION + "corrections/", {"reason": "A better source."})
    assert (early.status_code, early.json()["facts"]) == (409, {"part": "scoring"})
    assert (scoring.status_code, scoring["Location"]) == (202, f"http://testserver{EDITION}jobs/scoring/")
    assert (first.status_code, first["Location"]) == (201, f"http://testserver{EDITION}releases/v1.0/")
    assert (second.status_code, second.json()["corrects"], second.json()["reason"]) == (201, "1.0", "A better source.")
    assert second["Location"] == f"http://testserver{EDITION}releases/v1.1/"
    assert [job["kind"] for job in owner.get(EDITION + "jobs/").json()["results"]] == ["consensus", "scoring", "bundle"]


def test_no_answer_names_a_panelist(consensus, scored, owner, panel):
    addresses = ["rounds/", f"rounds/{consensus.round_uid}/", "editions/2026/jobs/", "editions/2026/jobs/consensus/"]
    for address in addresses:
        text = json.dumps(owner.get(SERIES + address).json())
        assert [panelist.name for panelist in panel.panelists.all() if panelist.name in text] == []
        assert "@" not in text


# --- with a worker ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_open_round_becomes_a_verified_release_by_api_alone(
    celery_worker_process, edition, opened, owner, data, eventually
):
    def done(kind):
        return eventually(lambda: owner.get(f"{EDITION}jobs/{kind}/").json()["state"] == "done")

    assert owner.post(f"{SERIES}rounds/{opened.uid}/close/", content_type="application/json").status_code == 200
    assert post(owner, EDITION + "consensus/", {"round": str(opened.uid), "method": METHOD}).status_code == 202
    assert post(owner, EDITION + "recipe/", {"text": RECIPE}).status_code == 201
    done("consensus")
    assert owner.post(EDITION + "freeze/").status_code == 201
    upload = owner.post(EDITION + "data/", data())
    eventually(lambda: owner.get(upload["Location"]).json()["state"] == "kept")
    assert owner.post(EDITION + "scoring/").status_code == 202
    done("scoring")
    assert owner.post(EDITION + "releases/").status_code == 201
    done("bundle")
    files = Client().get(EDITION + "releases/latest/files/").json()
    assert verify("bundle.zip", Client().get(files["bundle"]["url"]).content).differences == ()


# --- empty files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_template_is_that_of_the_command_in_the_language_of_the_request(owner, edition, form):
    answer = owner.get(EDITION + f"templates/{form}/?language=fr")

    with override("fr"):
        assert answer.content.decode() == template_of(form, handover.framework(edition.framework_uid).rows)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="las-2026-{form}-fr.csv"'
    assert answer["Cache-Control"] == "private, no-store"


def test_template_is_for_moderators_and_of_a_known_form(owner, edition, sign_in):
    assert sign_in("stranger").get(EDITION + "templates/long/").status_code == 404
    assert Client().get(EDITION + "templates/long/").status_code == 403
    assert owner.get(EDITION + "templates/short/").status_code == 404


def test_template_of_an_edition_without_framework_is_one_that_needs_none(owner, edition):
    type(edition).objects.update(framework_uid=None)

    assert owner.get(EDITION + "templates/units/").status_code == 200
    refused = owner.get(EDITION + "templates/long/")
    assert refused.json()["code"] == "missing_part"


def test_template_may_be_asked_for_as_csv_alone_and_is_refused_in_json(owner, edition):
    asked = {"accept": "text/csv"}

    assert owner.get(EDITION + "templates/long/", headers=asked).status_code == 200
    refused = owner.get(EDITION + "templates/short/", headers=asked)
    assert (refused.status_code, refused["Content-Type"], refused.json()["status"]) == (404, MEDIA_TYPE, 404)
