"""Handing in has versions: it may be taken back until the round closes, and every reader meets the last version alone."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from surveys import handover
from surveys.errors import AlreadySubmittedError, RoundStateError
from surveys.models import Mail, Submission
from surveys.queries.desk.people import people_of, to_remind
from surveys.queries.panelist.links import personal_token
from surveys.queries.panelist.sheet import panelist_sheet
from surveys.queries.standing import handed_in, last_submissions
from surveys.usecases.judgements import check_open, record_judgement
from surveys.usecases.letters import letter
from surveys.usecases.rounds import announce_close, close_round
from surveys.usecases.submissions import submit_round, take_back_submission
from surveys.usecases.withdrawals import withdraw

pytestmark = pytest.mark.django_db


@pytest.fixture
def her(panelists):
    return panelists["P1"]


@pytest.fixture
def given(her, opened, now):
    """Her first handing in, of one answer."""
    record_judgement(her, opened, a="A", b="B", value=3, at=now)
    return submit_round(her, opened, at=now)


def test_handing_in_is_taken_back_and_done_anew(given, her, opened, now):
    with pytest.raises(AlreadySubmittedError):
        record_judgement(her, opened, a="A", b="B", value=5, at=now)

    back = take_back_submission(her, opened, at=now)
    record_judgement(her, opened, a="A", b="B", value=5, at=now)
    again = submit_round(her, opened, at=now + timedelta(hours=1))

    assert [one.version for one in (given, back, again)] == [1, 2, 3]
    assert (back.receipt, back.answers) == ("", 0)
    assert again.receipt not in {"", given.receipt}
    history = Submission.objects.order_by("version").values_list("receipt", flat=True)
    assert list(history) == [given.receipt, "", again.receipt]
    assert handed_in(opened).get() == last_submissions(opened).get() == again


def test_same_answers_may_be_handed_in_again(given, her, opened, now):
    take_back_submission(her, opened, at=now)

    assert submit_round(her, opened, at=now).version == 3
    assert submit_round(her, opened, at=now).version == 3


def test_nothing_happens_where_nothing_is_handed_in(given, her, opened, panelists, now):
    assert take_back_submission(panelists["P2"], opened, at=now) is None
    take_back_submission(her, opened, at=now)
    assert take_back_submission(her, opened, at=now) is None
    assert Submission.objects.count() == 2


def test_closed_round_keeps_what_was_handed_in(given, her, opened, now):
    close_round(opened, by="mo", at=now)

    with pytest.raises(RoundStateError):
        take_back_submission(her, opened, at=now)
    assert handover.closed_round(opened.uid).receipts == (given.receipt,)


def test_time_to_finish_is_time_to_take_back_too_and_no_longer(given, her, opened, now):
    type(her).objects.filter(pk=her.pk).update(started_at=now)
    announce_close(opened, finish_until=now + timedelta(hours=1), by="mo", at=now)

    with pytest.raises(RoundStateError):
        take_back_submission(her, opened, at=now + timedelta(hours=2))
    assert take_back_submission(her, opened, at=now + timedelta(minutes=30)).version == 2


def test_taken_back_counts_nowhere(given, her, opened, now):
    take_back_submission(her, opened, at=now)

    check_open(her, opened, act="record_judgement", at=now)
    assert (panelist_sheet(her, opened).receipt, panelist_sheet(her, opened).submitted_at) == ("", None)
    assert people_of(opened, at=now).people[0].state == "started"
    assert her in to_remind(opened, at=now + timedelta(days=4))
    assert handover.round_summary(opened.uid).submitted == 0
    assert handover.own_page(personal_token(her)).rounds[0].receipt == ""
    close_round(opened, by="mo", at=now)
    closed = handover.closed_round(opened.uid)
    assert (closed.receipts, closed.judgements.experts) == ((), ())


def test_mail_with_a_receipt_that_is_taken_back_is_not_sent(given, her, opened, now):
    assert Mail.objects.filter(kind="receipt", state="queued").count() == 1

    take_back_submission(her, opened, at=now)

    assert not Mail.objects.filter(kind="receipt").exists()
    again = submit_round(her, opened, at=now)
    assert again.receipt in letter(Mail.objects.get(kind="receipt")).body


def test_versions_are_append_only(given, her, opened, now):
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Submission.objects.update(receipt="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.create(round=opened, panelist=her, version=1, receipt="f" * 64, answers=1, at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.create(round=opened, panelist=her, version=2, receipt="", answers=1, at=now)


def test_withdrawing_deletes_every_version(given, her, opened, now):
    take_back_submission(her, opened, at=now)
    submit_round(her, opened, at=now)

    withdraw(her, at=now)

    assert not Submission.objects.exists()
