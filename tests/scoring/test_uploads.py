"""Files that are sent: a draft until somebody confirms it, read by a worker in a process of its own, taken in once and kept."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, Series, User
from accounts.usecases.roles import give_role
from exchange.limits import BYTES
from exchange.problems import MOST_LISTED, FileProblem
from scoring.errors import DataChangedError, EditionStateError, MissingPartError, UploadUnderWayError
from scoring.files.tables import write_data
from scoring.models import Dataset, Upload, UploadFile
from scoring.queries.desk.uploads import last_uploads, upload_facts
from scoring.usecases import jobs, uploads
from scoring.usecases.edition_data import load_edition_data, use_dataset
from scoring.usecases.editions import choose_consensus, settle_recipe
from scoring.usecases.freezes import freeze_method
from scoring.usecases.uploads import answer_upload, confirm_upload, drop_upload, read_upload, send_files
from tests.scoring.conftest import approved
from tests.scoring.test_unit_lists import files as list_files
from tests.scoring.uploading import by_api, by_page, read_waiting, watching

pytestmark = pytest.mark.django_db
API = "/api/v1/series/las/editions/2026/"
DESK = reverse("scoring:desk_edition", args=["las", "2026"])
WHOLE = "uCode,Region,A1,A2,A3,B1,C1\n" + "".join(f"U{one},{'NS'[(one + 1) % 2]},1,2,3,4,5\n" for one in range(1, 9))
UNSURE = WHOLE.replace("U1,N,1", "U1,N,n/a")


@pytest.fixture
def send(frozen, by):
    """Send data to the frozen edition: ``send(text, is_confirmed=True)``."""

    def sent(text=WHOLE, *, is_confirmed=False, replace=False, said=None):
        return send_files(
            frozen,
            kind="data",
            files={"table": ("cities.csv", text if isinstance(text, bytes) else text.encode())},
            said=said or {},
            details={"replace": replace, "note": "from the office"},
            is_confirmed=is_confirmed,
            **by,
        )

    return sent


def facts(upload):
    read_waiting()
    return upload_facts(Upload.objects.get(pk=upload.pk))


@pytest.fixture
def owner(series, by):
    user = User.objects.create_user("owner")
    give_role(user, series=series, kind=Role.Kind.MODERATOR, **by)
    client = Client()
    client.force_login(user)
    return client


# --- a draft until it is confirmed --------------------------------------------------------------------------------------


def test_draft_changes_nothing_until_it_is_confirmed(send, frozen, dataset, by):
    use_dataset(frozen, dataset=dataset, **by)
    upload = send("uCode,A1\nU1,7\n")
    shown = facts(upload)
    assert (shown.state, shown.changes.counts["changed"], shown.number) == ("draft", 1, None)
    assert Dataset.objects.count() == 1

    confirm_upload(upload, by="colleague", at=by["at"])
    kept = facts(upload)
    assert (kept.state, kept.changes, kept.number) == ("kept", shown.changes, 2)
    frozen.refresh_from_db()
    assert (frozen.dataset.loaded_by, frozen.dataset.note) == ("colleague", "from the office")


def test_first_data_have_nothing_that_they_change(send, frozen):
    upload = send()
    assert (facts(upload).state, facts(upload).is_compared, facts(upload).changes) == ("draft", True, None)
    confirm_upload(upload, by="mo", at=timezone.now())
    assert (facts(upload).state, facts(upload).changes) == ("kept", None)


def test_confirmed_files_are_taken_in_once_they_are_read(send, frozen):
    upload = send(is_confirmed=True)
    assert (facts(upload).state, facts(upload).number) == ("kept", 1)
    assert not read_upload(upload.pk, now=timezone.now)
    assert Dataset.objects.count() == 1


def test_problems_are_answered_without_sending_again(send):
    upload = send(UNSURE.replace(",", ";"), is_confirmed=True)
    shown = facts(upload)
    assert (shown.state, [one.code for one in shown.problems]) == ("refused", ["missing_marker"])
    assert [note.code for note in shown.notes] == ["separator"]

    answer_upload(upload, said={"missing": "n/a"}, is_confirmed=False, by="mo", at=timezone.now())
    assert Upload.objects.get().problems_total == 0
    assert (facts(upload).state, facts(upload).said) == ("draft", {"missing": "n/a"})
    assert Dataset.objects.count() == 0


def test_refused_files_cannot_be_confirmed(send):
    upload = send("uCode,A1\n")
    assert facts(upload).state == "refused"
    with pytest.raises(EditionStateError) as refused:
        confirm_upload(upload, by="mo", at=timezone.now())
    assert refused.value.facts["state"] == "refused"


def test_draft_that_speaks_of_other_data_is_read_again(send, frozen, dataset, make_table, by):
    use_dataset(frozen, dataset=dataset, **by)
    upload = send("uCode,A1\nU1,7\n")
    assert facts(upload).state == "draft"
    load_edition_data(frozen, table=make_table(30.0), **by)

    with pytest.raises(DataChangedError) as refused:
        confirm_upload(upload, **by)
    assert refused.value.facts == {"upload": str(upload.uid)}
    answer_upload(upload, said={}, is_confirmed=False, **by)
    assert facts(upload).state == "draft"
    confirm_upload(upload, **by)
    assert (facts(upload).state, facts(upload).number) == ("kept", 3)


def test_data_that_change_while_the_worker_reads_are_not_written_over(send, frozen, dataset, make_table, by):
    use_dataset(frozen, dataset=dataset, **by)
    upload = send("uCode,A1\nU1,7\n")
    facts(upload)
    confirm_upload(upload, **by)
    assert (upload_facts(Upload.objects.get()).progress.finished_at, Upload.objects.get().stage) == (None, "")
    load_edition_data(frozen, table=make_table(30.0), **by)

    assert (facts(upload).state, Upload.objects.get().is_confirmed) == ("draft", False)
    frozen.refresh_from_db()
    assert frozen.dataset.number == 2
    confirm_upload(upload, **by)
    assert facts(upload).state == "kept"


def test_list_of_units_is_a_draft_too(edition, owner, make_list):
    draft = by_api(owner, f"{API}units/", list_files(make_list(), rule='{"en": "Large ones."}', preview="true")).json()
    assert (draft["state"], draft["units"], draft["number"], draft["changes"]) == ("draft", 8, None, None)
    edition.refresh_from_db()
    assert edition.unit_list.number == 1

    kept = by_api(owner, f"{API}uploads/{draft['uid']}/confirmation/").json()
    assert (kept["state"], kept["units"], kept["number"]) == ("kept", 8, 2)
    edition.refresh_from_db()
    assert edition.unit_list.number == 2


# --- one at a time ------------------------------------------------------------------------------------------------------


def test_draft_is_dropped_for_the_next_one(send):
    first, second = send(), send(is_confirmed=True)
    assert (facts(first).state, facts(second).state) == ("dropped", "kept")
    assert list(UploadFile.objects.values_list("upload", flat=True)) == [second.pk]


def test_files_wait_for_those_that_are_being_taken_in(send):
    first = send(is_confirmed=True)
    with pytest.raises(UploadUnderWayError) as refused:
        send()
    assert refused.value.facts == {"upload": str(first.uid)}
    drop_upload(first, by="mo", at=timezone.now())
    assert facts(send()).state == "draft"


def test_database_knows_one_open_upload_of_a_kind(send, frozen):
    upload = send()
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.create(edition=frozen, kind="data", requested_at=upload.requested_at)


def test_what_was_taken_in_never_changes(send):
    upload = send(is_confirmed=True)
    assert facts(upload).state == "kept"
    for change in (
        lambda: Upload.objects.update(problems_total=3),
        lambda: Upload.objects.update(dataset=None),
        lambda: Upload.objects.update(names={}),
        lambda: Upload.objects.all().delete(),
        lambda: UploadFile.objects.update(content=b"other"),
        lambda: UploadFile.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    for act in (
        lambda: answer_upload(upload, said={}, is_confirmed=False, by="mo", at=timezone.now()),
        lambda: confirm_upload(upload, by="mo", at=timezone.now()),
        lambda: drop_upload(upload, by="mo", at=timezone.now()),
    ):
        with pytest.raises(EditionStateError) as refused:
            act()
        assert refused.value.facts["state"] == "kept"


# --- in a worker --------------------------------------------------------------------------------------------------------


def test_dropped_while_it_is_read_it_changes_nothing(send):
    upload = send(is_confirmed=True)

    def read(claim):
        drop_upload(upload, by="mo", at=timezone.now())
        uploads._read(claim)

    assert not jobs.perform(Upload, upload.pk, read, now=timezone.now)
    upload.refresh_from_db()
    assert (upload.state, Dataset.objects.count(), UploadFile.objects.count()) == ("cancelled", 0, 0)


def test_upload_of_a_worker_that_fell_silent_is_read_by_the_next(send, now):
    upload = send(is_confirmed=True)
    long_ago = timezone.now() - timedelta(days=1)
    Upload.objects.update(state="running", attempt=1, beat_at=long_ago)

    assert (Upload, upload.pk) in jobs.sweep(at=timezone.now())
    assert facts(upload).state == "kept"
    assert Upload.objects.get().attempt == 2


def test_edition_that_moved_on_takes_nothing_in_and_says_so(edition, consensus, owner, make_list, by):
    """The method is frozen while a list of units waits for a worker."""
    answer = owner.post(f"{API}units/", list_files(make_list(), rule='{"en": "Large ones."}'))
    settle_recipe(edition, text="version = 1\n", **by)
    choose_consensus(edition, consensus=consensus, **by)
    freeze_method(approved(edition), **by)
    assert not read_upload(Upload.objects.get().pk, now=timezone.now)

    told = owner.get(answer["Location"]).json()
    assert (told["state"], told["error"]["code"]) == ("failed", "frozen")
    again = owner.patch(answer["Location"], {}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "frozen")
    page = owner.get(DESK).content.decode()
    assert "The method is frozen and refuses every change." in page
    assert "Read these files again" not in page
    by_page(owner, reverse("scoring:desk_drop", args=["las", "2026", told["uid"]]))
    assert Upload.objects.get().state == "cancelled"


def test_progress_is_told_while_it_is_read(send):
    seen = []
    upload = send(is_confirmed=True)

    assert read_upload(upload.pk, now=watching(seen))
    assert [stage for stage, _done, _total in dict.fromkeys(seen)] == ["", "files", "comparing"]


# --- what is refused at once --------------------------------------------------------------------------------------------


def test_file_that_is_too_large_is_refused_before_it_is_kept(frozen, owner):
    table = SimpleUploadedFile("big.csv", b"uCode,A1\n" + b"9" * BYTES)
    answer = owner.post(f"{API}data/", {"table": table})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "too_large")
    table.seek(0)
    page = owner.post(reverse("scoring:desk_data", args=["las", "2026"]), {"table": table})
    assert (page.status_code, "is too large" in page.content.decode()) == (422, True)
    assert Upload.objects.count() == 0


def test_edition_without_a_framework_takes_no_files(edition, by):
    type(edition).objects.update(framework_uid=None)
    with pytest.raises(MissingPartError):
        send_files(
            edition, kind="units", files={"units": ("u.csv", b"uCode\n")}, said={}, details={}, is_confirmed=True, **by
        )
    assert Upload.objects.count() == 0


def test_problems_are_listed_up_to_200_and_counted_beyond(send, owner):
    rows = "".join(f"X{one},N,wrong,2,3,4,5\n" for one in range(500))
    upload = send(WHOLE.splitlines()[0] + "\n" + rows)
    assert (len(facts(upload).problems), facts(upload).problems_total) == (MOST_LISTED, 500)
    assert "500 problems; row 1 is the first row of the file." in owner.get(DESK).content.decode()
    assert "300 more problems are not listed." in owner.get(DESK).content.decode()


def test_what_a_problem_names_can_be_kept():
    told = FileProblem("a\ud800.csv", "not_number", 2, "A\0", "x" * 5000, {"near": ("a", "b"), "most": 3}).to_plain()
    assert (told["file"], told["column"], len(told["got"]), told["facts"]) == (
        "a\N{REPLACEMENT CHARACTER}.csv",
        "A\N{REPLACEMENT CHARACTER}",
        201,
        {"near": "('a', 'b')", "most": 3},
    )
    plain = FileProblem("a.csv", "empty_file")
    assert FileProblem.from_plain(plain.to_plain()) == plain


# --- the desk and the API -----------------------------------------------------------------------------------------------


def test_desk_shows_where_files_are_and_what_may_be_done(send, owner, frozen, dataset, by):
    use_dataset(frozen, dataset=dataset, **by)
    upload = send("uCode;A1\nU1;7,5\n")
    waiting = owner.get(DESK).content.decode()
    assert f'data-job="upload-{upload.pk}"' in waiting
    assert "Drop these files" in waiting
    answer = owner.get(reverse("scoring:desk_progress", args=["las", "2026"])).json()
    assert [one["words"] for one in answer["jobs"]] == ["Waiting for a worker"]

    read_waiting()
    draft = owner.get(DESK).content.decode()
    assert "This is what would change:" in draft
    assert "How the files were read" in draft
    assert "Take in these files" in draft
    kept = by_page(owner, reverse("scoring:desk_confirm", args=["las", "2026", upload.uid])).content.decode()
    assert "Values changed: 1, added: 0, removed: 0." in kept
    assert "Drop these files" not in kept


def test_desk_asks_and_takes_the_answer(send, owner):
    upload = send(UNSURE)
    read_waiting()
    answer = reverse("scoring:desk_answer", args=["las", "2026", upload.uid])
    assert f'action="{answer}"' in owner.get(DESK).content.decode()
    wrong = owner.post(answer, {"decimal": ";"})
    assert (wrong.status_code, Upload.objects.get().state) == (422, "done")
    page = by_page(owner, answer, {"missing": "n/a", "preview": "on"}).content.decode()
    assert "Nothing was taken in. The data are in order." in page
    page = by_page(owner, reverse("scoring:desk_drop", args=["las", "2026", upload.uid])).content.decode()
    assert "The files are dropped. Nothing of them was taken in." in page
    assert last_uploads(upload.edition) == {}


@pytest.mark.parametrize(("act", "state"), [("confirm", "queued"), ("answer", "queued"), ("drop", "cancelled")])
def test_every_button_of_an_upload_carries_its_token(send, owner, act, state):
    """A browser sends what the page holds and nothing else."""
    upload = send()
    read_waiting()
    owner.handler.enforce_csrf_checks = True
    address = reverse(f"scoring:desk_{act}", args=["las", "2026", upload.uid])
    form = owner.get(DESK).content.decode().split(f'action="{address}"')[1].split("</form>")[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)[1]

    assert owner.post(address).status_code == 403
    assert owner.post(address, {"csrfmiddlewaretoken": token}).status_code == 302
    upload.refresh_from_db()
    assert upload.state == state


def test_upload_is_found_in_its_own_edition_alone(send, owner, series, by):
    upload = send()
    other = Series.objects.create(slug="other", names={"en": "Other"}, created_at=by["at"])
    stranger, client = User.objects.create_user("stranger"), Client()
    give_role(stranger, series=other, kind=Role.Kind.MODERATOR, **by)
    client.force_login(stranger)
    for path in (f"uploads/{upload.uid}/", "uploads/"):
        assert client.get(API + path).status_code == 404
        assert Client().get(API + path).status_code == 403
    nowhere = uuid.uuid4()
    assert owner.get(f"{API}uploads/{nowhere}/").status_code == 404
    assert owner.post(reverse("scoring:desk_drop", args=["las", "2026", nowhere])).status_code == 404
    assert owner.get(f"{API}uploads/{upload.uid}/").status_code == 200


def test_api_answers_and_drops(send, owner):
    upload = send(UNSURE)
    read_waiting()
    address = f"{API}uploads/{upload.uid}/"
    json = {"method": "patch", "content_type": "application/json"}
    wrong = by_api(owner, address, {"missing": "none of them", "decimal": "."}, **json).json()
    assert (wrong["state"], wrong["reading"]) == ("refused", {"missing": "none of them", "decimal": "."})
    said = by_api(owner, address, {"missing": "n/a", "decimal": ""}, **json).json()
    kept = by_api(owner, address, {}, **json).json()
    assert (kept["state"], kept["reading"]) == ("draft", said["reading"])
    assert (said["state"], said["reading"], said["notes"][0]["code"]) == ("draft", {"missing": "n/a"}, "missing")
    dropped = owner.delete(address)
    assert (dropped.status_code, dropped.json()["state"], dropped.json()["names"]) == (
        200,
        "dropped",
        {"table": "cities.csv"},
    )
    again = owner.delete(address)
    assert (again.status_code, again.json()["facts"]["state"]) == (409, "cancelled")


@pytest.mark.django_db(transaction=True)
def test_worker_reads_what_was_sent(celery_worker_process, frozen, owner, make_table, eventually):
    sent = {"table": SimpleUploadedFile("data.csv", write_data(make_table()).encode())}
    answer = owner.post(f"{API}data/", sent)
    assert (answer.status_code, answer.json()["state"]) == (202, "reading")
    eventually(lambda: owner.get(answer["Location"]).json()["state"] == "kept")


def test_queries_of_the_desk_are_as_many_for_any_uploads(send, owner, django_assert_max_num_queries, frozen):
    for _ in range(3):
        send(is_confirmed=True)
        read_waiting()
    with django_assert_max_num_queries(25):
        owner.get(DESK)


# --- one rule for codes -------------------------------------------------------------------------------------------------


def test_codes_are_known_by_any_spelling_in_every_file(frozen, by):
    upload = send_files(
        frozen,
        kind="data",
        files={
            "table": ("data.csv", WHOLE.replace("U3", "u3").replace("A2", "a2").encode()),
            "sources": ("sources.csv", b"uCode,iCode,year\nu1,a1,2024\nU3,A2,2024\n"),
            "units": ("units.csv", b"uCode,uName\nu3,City U3\n"),
        },
        said={},
        details={"replace": False, "note": ""},
        is_confirmed=True,
        **by,
    )
    assert facts(upload).state == "kept", facts(upload).problems
    rows = Dataset.objects.get().units
    assert [row.unit.code for row in rows.order_by("unit__code")] == [f"U{one}" for one in range(1, 9)]
    years = {(one.row.unit.code, one.indicator) for row in rows.all() for one in row.observations.filter(year=2024)}
    assert years == {("U1", "A1"), ("U3", "A2")}


def test_one_unit_in_two_spellings_stands_twice(send):
    upload = send(WHOLE + "u1,N,1,2,3,4,5\n")
    assert [(one.code, one.row) for one in facts(upload).problems] == [("unit_twice", 10)]


def test_codes_of_a_list_are_known_by_any_spelling(edition, owner, make_list):
    sent = list_files(make_list(), rule='{"en": "All."}')
    sent["sources"] = SimpleUploadedFile("sources.csv", sent["sources"].read().lower().replace(b"icode", b"iCode"))
    assert by_api(owner, f"{API}units/", sent).json()["state"] == "kept"


def test_desk_offers_empty_files_of_what_it_asks_for(frozen, owner):
    page = owner.get(DESK).content.decode()
    for name in ("data", "sources", "units", "licences"):
        address = f"{API}templates/{name}/"
        assert f'href="{address}"' in page
        assert owner.get(address).status_code == 200
