"""What a panelist has of her own: her file, and withdrawing before and after a freeze."""

import csv
import hashlib
import io
import json
import logging

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from surveys import handover
from surveys.errors import NotAskedError, UnknownLinkError
from surveys.files.judgements import write_judgements
from surveys.models import Comment, Judgement, Mail, NodeChoice, Panelist, ReceiptSecret, Submission, TripleDecision
from surveys.queries.desk.people import people_of
from surveys.queries.panelist.links import panelist_for, personal_token
from surveys.queries.panelist.own_page import own_page
from surveys.usecases.judgements import choose_for_node, record_judgement, take_back_judgement
from surveys.usecases.nodes import decide_on_triple
from surveys.usecases.rounds import close_round
from surveys.usecases.submissions import submit_round
from surveys.usecases.withdrawals import Withdrawal, withdraw

pytestmark = pytest.mark.django_db


@pytest.fixture
def her(panelists):
    return panelists["P1"]


@pytest.fixture
def answered(opened, her, panelists, now):
    """P1: two versions of one pair with a comment, one taken back, a question left out, handed in; P2: one answer."""
    record_judgement(her, opened, a="A", b="B", value=3, at=now)
    record_judgement(her, opened, a="B", b="A", value=5, comment="=HYPERLINK(1)", at=now)
    record_judgement(her, opened, a="A", b="C", value=2, at=now)
    take_back_judgement(her, opened, a="A", b="C", at=now)
    record_judgement(her, opened, a="B", b="C", value=1 / 3, at=now)
    choose_for_node(her, opened, node="Root", choice="enough", at=now)
    choose_for_node(her, opened, node="A", choice="skip", at=now)
    decide_on_triple(her, opened, items="ABC", choice="kept", at=now)
    submit_round(her, opened, at=now)
    record_judgement(panelists["P2"], opened, a="A", b="B", value=7, at=now)
    return opened


@pytest.fixture
def token(client, answered, her):
    token = personal_token(her)
    client.post(reverse("surveys:start", kwargs={"token": token}))
    return token


def address(page, token, **more):
    return reverse(page, kwargs={"token": token, **more})


def file_of(client, token, name):
    return client.get(address("surveys:download", token, name=name))


# --- her file -------------------------------------------------------------------------------------------------------


def test_json_holds_answers_versions_status_and_receipt(client, token, answered, her):
    content = json.loads(file_of(client, token, "answers.json").content)

    one = content["rounds"][0]
    questions = {node["question"]: node for node in one["questions"]}
    pairs = {f"{pair['a']}/{pair['b']}": pair for node in one["questions"] for pair in node["pairs"]}
    assert (questions["Root"]["choice"], questions["A"]["choice"]) == ("enough", "skip")
    assert {name: pair["status"] for name, pair in pairs.items()} == {
        "A/B": "answered",
        "A/C": "not_needed",
        "B/C": "answered",
        "A1/A2": "skipped",
        "A1/A3": "skipped",
        "A2/A3": "skipped",
    }
    assert [version["value"] for version in pairs["A/B"]["versions"]] == pytest.approx([3, 1 / 5])
    assert [version["value"] for version in pairs["A/C"]["versions"]] == [2, None]
    assert one["receipt"] == Submission.objects.get().receipt
    text = json.dumps(one["receipt_inputs"], ensure_ascii=False, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == one["receipt"]


def test_csv_has_a_row_a_version_and_no_formula(client, token):
    plain = file_of(client, token, "answers.csv")
    excel = file_of(client, token, "answers-excel.csv")

    assert not plain.content.startswith(b"\xef\xbb\xbf")
    assert excel.content == b"\xef\xbb\xbf" + plain.content
    assert plain["Content-Disposition"] != excel["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(plain.content.decode())))
    assert len(rows) == 5 + 3
    last = [row for row in rows if (row["a"], row["b"]) == ("A", "B")][-1]
    assert (last["version"], last["value"], last["comment"]) == ("2", "0.2", "'=HYPERLINK(1)")
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


def test_files_hold_nothing_of_others_and_no_name(client, token):
    for name in ("answers.json", "answers.csv"):
        content = file_of(client, token, name).content.decode()
        assert "Name 1" not in content
        assert "example.org" not in content
        assert "P2" not in content


def test_stranger_gets_no_file_and_unknown_files_are_none(client, token, panelists):
    assert file_of(client, token, "other.csv").status_code == 404
    client.cookies.clear()

    for name in ("answers.json", "answers.csv"):
        assert file_of(client, token, name).url == address("surveys:invitation", token)
    assert client.get(address("surveys:withdraw", token)).url == address("surveys:invitation", token)
    assert client.post(address("surveys:withdraw", token), {"sure": "yes"}).url == address("surveys:invitation", token)
    assert not Panelist.objects.filter(withdrawn_at__isnull=False).exists()


def test_own_page_costs_the_same_for_any_answers(opened, her, now, answer_all, django_assert_num_queries):
    with django_assert_num_queries(13):
        own_page(her)
    answer_all(her, opened)
    with django_assert_num_queries(13):
        own_page(her)


# --- the link after the end -----------------------------------------------------------------------------------------


def test_link_opens_her_page_once_the_round_is_closed(client, token, answered, now):
    assert client.get(address("surveys:invitation", token)).status_code == 200
    close_round(answered, by="mo", at=now)

    for name in ("surveys:invitation", "surveys:review"):
        assert client.get(address(name, token)).url == address("mine", token)
    assert client.get(address("surveys:pair", token), follow=True).redirect_chain[-1][0] == address("mine", token)


# --- withdrawing ----------------------------------------------------------------------------------------------------


def test_withdrawing_before_the_freeze_deletes_everything(client, token, answered, her, series, now):
    Mail.objects.create(panelist=her, round=answered, kind="reminder", queued_at=now)
    page = client.get(address("surveys:withdraw", token)).content.decode()
    assert "before-freeze" in page
    assert client.post(address("surveys:withdraw", token)).status_code == 302  # asks first
    assert Judgement.objects.filter(panelist=her).exists()

    done = client.post(address("surveys:withdraw", token), {"sure": "yes"}).content.decode()

    assert "5 stored answers were deleted" in done
    for model in (Judgement, NodeChoice, TripleDecision, Submission):
        assert not model.objects.filter(panelist=her).exists()
    assert Judgement.objects.count() == 1
    her.refresh_from_db()
    assert (her.name, her.email, her.group, her.field, her.time_zone) == ("",) * 5
    assert not her.mails.exclude(state="sent").exists()
    assert not her.devices.exists()
    assert [one.code for one in people_of(answered, at=now).people] == ["P2", "P3"]
    with pytest.raises(UnknownLinkError):
        panelist_for(token)
    assert client.get(address("surveys:invitation", token)).status_code == 404
    assert client.post(address("surveys:withdraw", token), {"sure": "yes"}).status_code == 404


def test_withdrawing_leaves_who_else_uses_this_browser_at_home(client, token, answered, panelists):
    other = personal_token(panelists["P2"])
    client.post(address("surveys:start", other))

    client.post(address("surveys:withdraw", token), {"sure": "yes"})

    assert client.get(address("surveys:review", other)).status_code in {200, 302}
    assert client.get(address("surveys:review", other)).headers.get("Location", "") != address(
        "surveys:invitation", other
    )


def test_withdrawing_after_the_freeze_cuts_the_name_and_leaves_the_aggregate(client, token, answered, her, series, now):
    close_round(answered, by="mo", at=now)
    handover.lock(answered.uid, at=now)
    frozen, stamp = handover.closed_round(answered.uid), handover.round_stamp(answered.uid)
    assert "after-freeze" in client.get(address("surveys:withdraw", token)).content.decode()

    done = client.post(address("surveys:withdraw", token), {"sure": "yes"}).content.decode()

    assert "the weights do not change" in done
    assert Judgement.objects.filter(panelist=her).count() == 5
    assert Submission.objects.filter(panelist=her).count() == 1
    her.refresh_from_db()
    assert (her.name, her.email, her.code) == ("", "", "P1")
    assert write_judgements(handover.closed_round(answered.uid).judgements) == write_judgements(frozen.judgements)
    assert handover.round_stamp(answered.uid) == stamp
    assert str(her.uid) in frozen.judgements.experts
    assert not ReceiptSecret.objects.filter(submission__panelist=her).exists()
    assert [one.code for one in people_of(answered, at=now).people] == ["P2", "P3"]
    assert client.get(address("surveys:invitation", token)).status_code == 404


def test_reasons_go_with_her_whatever_is_frozen(client, token, answered, her, panelists, now):
    record_judgement(panelists["P2"], answered, a="A", b="C", value=3, comment="of somebody else", at=now)
    close_round(answered, by="mo", at=now)
    handover.lock(answered.uid, at=now)
    frozen = write_judgements(handover.closed_round(answered.uid).judgements)
    assert "HYPERLINK" in client.get(address("mine", token)).content.decode()
    told = client.get(address("surveys:withdraw", token)).content.decode()
    assert "deletes every reason you gave, beside frozen answers too" in told

    done = client.post(address("surveys:withdraw", token), {"sure": "yes"}).content.decode()

    assert "Of the reasons you gave none is kept." in done
    assert Judgement.objects.filter(panelist=her).count() == 5
    assert [one.text for one in Comment.objects.all()] == ["of somebody else"]
    assert write_judgements(handover.closed_round(answered.uid).judgements) == frozen


def test_reason_is_never_rewritten(answered):
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Comment.objects.update(text="something else")


def test_answer_under_way_while_she_withdraws_leaves_nothing(her, opened, now):
    withdraw(her, at=now)  # the request with ``her`` had passed the door before

    with pytest.raises(NotAskedError):
        record_judgement(her, opened, a="A", b="B", value=3, comment="late", at=now)

    assert (Judgement.objects.count(), Comment.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("surveys:invitation", "Withdrawing always deletes the reasons you gave."),
        ("mine", "Withdrawing always deletes the reasons you gave."),
        ("surveys:pair", "It is deleted when you withdraw."),
    ],
)
def test_pages_say_what_becomes_of_reasons(client, opened, her, page, said):
    token = personal_token(her)
    client.cookies["django_language"] = "en"
    if page != "surveys:invitation":
        client.post(address("surveys:start", token))

    assert said in client.get(address(page, token)).content.decode()


def test_locked_round_keeps_its_decisions(answered, her, now):
    close_round(answered, by="mo", at=now)
    handover.lock(answered.uid, at=now)

    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        TripleDecision.objects.all().delete()


def test_withdrawing_twice_changes_nothing_more(answered, her, now):
    assert withdraw(her, at=now) == Withdrawal(deleted=5, kept=0)
    assert withdraw(her, at=now.replace(year=2030)) == Withdrawal(deleted=0, kept=0)

    her.refresh_from_db()
    assert her.withdrawn_at == now


def test_log_tells_the_uid_alone(answered, her, now, caplog):
    with caplog.at_level(logging.INFO, logger="steelyard"):
        withdraw(her, at=now)

    assert str(her.uid) in caplog.text
    for secret in ("Name 1", "p1@example.org", "P1"):
        assert secret not in caplog.text
