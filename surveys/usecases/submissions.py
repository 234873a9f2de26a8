"""Close a panelist's answers of a round with a receipt, and open them again. Nothing is ever overwritten."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import transaction

from surveys.errors import AlreadySubmittedError, NothingAnsweredError
from surveys.files.receipts import receipt_inputs, receipt_of
from surveys.models import Mail, ReceiptSecret, Submission
from surveys.queries.answers import own_answers
from surveys.queries.standing import handed_in, last_submissions
from surveys.usecases.judgements import check_open, hold

if TYPE_CHECKING:
    from datetime import datetime

    from surveys.models import Panelist, Round

SECRET_BYTES = 16


@transaction.atomic
def submit_round(panelist: Panelist, round_: Round, *, at: datetime) -> Submission:
    """Close her answers of the round, and queue the mail with the receipt: their fingerprint with a random secret of hers.

    Handing in twice returns the submission that stands; after `take_back_submission` it makes the next version.

    Raises
    ------
    NothingAnsweredError
        She has answered nothing.
    WrongStateError
        The round is not open.
    """
    try:
        check_open(panelist, round_, act="submit_round", at=at)
    except AlreadySubmittedError:
        return handed_in(round_).get(panelist=panelist)
    answers = own_answers(panelist, round_)
    if not answers:
        raise NothingAnsweredError("nothing is answered yet")
    if panelist.email:
        Mail.objects.create(panelist=panelist, round=round_, kind=Mail.Kind.RECEIPT, queued_at=at)
    last = last_submissions(round_).filter(panelist=panelist).first()
    secret = secrets.token_hex(SECRET_BYTES)
    submission = Submission.objects.create(
        round=round_,
        panelist=panelist,
        version=1 + (last.version if last else 0),
        receipt=receipt_of(receipt_inputs(round_.uid, secret, answers)),
        answers=len(answers),
        at=at,
    )
    ReceiptSecret.objects.create(submission=submission, secret=secret)
    return submission


@transaction.atomic
def take_back_submission(panelist: Panelist, round_: Round, *, at: datetime) -> Submission | None:
    """Take her handing in back: her answers are a draft again, which she may change and hand in anew.

    It is the next version of her submission, without a receipt; the receipts she had stay in her history, and a mail with
    one that still waits is not sent. Where nothing of hers is handed in, nothing happens, and None is returned.

    Raises
    ------
    WrongStateError
        The round is not open.
    """
    hold(panelist, round_, act="take_back_submission", at=at)
    stands = handed_in(round_).filter(panelist=panelist).first()
    if stands is None:
        return None
    Mail.objects.filter(panelist=panelist, round=round_, kind=Mail.Kind.RECEIPT, state=Mail.State.QUEUED).delete()
    return Submission.objects.create(round=round_, panelist=panelist, version=stands.version + 1, answers=0, at=at)
