"""Take a panelist's answers, one at a time, and close them with a receipt. Nothing is ever overwritten."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q

from surveys.errors import (
    AlreadySubmittedError,
    BadJudgementError,
    ConflictError,
    NotAskedError,
    NothingAnsweredError,
    WrongStateError,
)
from surveys.models import Comparison, Criterion, Judgement, Mail, NodeChoice, Panelist, Round, Submission
from surveys.queries.answers import own_answers, receipt

if TYPE_CHECKING:
    from datetime import datetime

LAST_STEP = 9 * (1 + 1e-9)
LONGEST_COMMENT = 2000
ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def record_judgement(
    panelist: Panelist,
    round_: Round,
    *,
    a: str,
    b: str,
    value: float,
    comment: str = "",
    key: uuid.UUID | None = None,
    seen_version: int | None = None,
    at: datetime,
) -> Judgement:
    """Record that ``a`` matters ``value`` times as much as ``b`` (codes, in either order), as the pair's next version.

    The same ``key`` sent again returns the judgement it made. ``seen_version`` is the version the panelist had before her
    eyes (0 = none): when another window answered meanwhile, nothing is stored and she is told.

    Raises
    ------
    BadJudgementError
        The value is off the scale 1/9 to 9, the comment too long or with an e-mail address.
    NotAskedError
        The round does not ask her this pair.
    WrongStateError, AlreadySubmittedError
        The round is not open, or she has handed in.
    ConflictError
        Another window was first: facts["version"], facts["value"] (of a over b), facts["at"].
    """
    if not 1 / LAST_STEP <= value <= LAST_STEP:
        raise BadJudgementError(f"{value} is off the scale", field="value", allowed="1/9 to 9")
    if len(comment) > LONGEST_COMMENT:
        raise BadJudgementError("the comment is too long", field="comment", allowed=LONGEST_COMMENT)
    if ADDRESS.search(comment):
        raise BadJudgementError("the comment holds an e-mail address", field="comment", allowed="no e-mail address")
    return _append(panelist, round_, a=a, b=b, value=value, comment=comment, key=key, seen_version=seen_version, at=at)


def take_back_judgement(
    panelist: Panelist, round_: Round, *, a: str, b: str, key: uuid.UUID | None = None, at: datetime
) -> Judgement:
    """Take an answer back: the pair is open again, its history stays.

    Raises
    ------
    NotAskedError, WrongStateError, AlreadySubmittedError
        As `record_judgement`.
    """
    return _append(panelist, round_, a=a, b=b, value=None, comment="", key=key, seen_version=None, at=at)


def _append(
    panelist: Panelist,
    round_: Round,
    *,
    a: str,
    b: str,
    value: float | None,
    comment: str,
    key: uuid.UUID | None,
    seen_version: int | None,
    at: datetime,
) -> Judgement:
    """Write the pair's next version; a lost race is told as a conflict or tried once more."""
    comparison = (
        Comparison.objects.select_related("a", "b")
        .filter(round=round_)
        .filter(Q(a__code=a, b__code=b) | Q(a__code=b, b__code=a))
        .first()
    )
    if comparison is None or panelist.panel_id != round_.panel_id:
        raise NotAskedError(f"this round does not ask about {a} and {b}", a=a, b=b)
    turned = comparison.a.code != a
    key = key or uuid.uuid4()
    for _ in range(3):
        try:
            with transaction.atomic():
                earlier = Judgement.objects.filter(panelist=panelist, key=key).first()
                if earlier is not None:
                    return earlier
                check_open(panelist, round_, at=at)
                last = Judgement.objects.filter(panelist=panelist, comparison=comparison).order_by("-version").first()
                version = last.version if last else 0
                if last is not None and seen_version is not None and seen_version != version:
                    seen = last.value if last.value is None or not turned else 1 / last.value
                    raise ConflictError("another window answered first", version=version, value=seen, at=last.at)
                return Judgement.objects.create(
                    comparison=comparison,
                    panelist=panelist,
                    version=version + 1,
                    value=value if value is None or not turned else 1 / value,
                    comment=comment,
                    key=key,
                    at=at,
                )
        except IntegrityError:  # another window wrote this version, or this key, at the same moment
            continue
    raise ConflictError("other windows keep answering this pair", version=None, value=None, at=None)


def check_open(panelist: Panelist, round_: Round, *, at: datetime) -> None:
    """Check that she may answer, holding her own row, so that answers and handing in come one after the other.

    Raises
    ------
    WrongStateError
        The round is not open, or it is ending and she had not started, or the time to finish is over.
    AlreadySubmittedError
        She has handed in.
    """
    held = Panelist.objects.select_for_update(no_key=True).get(pk=panelist.pk)
    state, finish_until = Round.objects.values_list("state", "finish_until").get(pk=round_.pk)
    over = finish_until is not None and (at >= finish_until or held.started_at is None)
    if state != Round.State.OPEN or over:
        raise WrongStateError(f"the round is {state}", state=state, allowed=["open"])
    if Submission.objects.filter(round=round_, panelist=panelist).exists():
        raise AlreadySubmittedError("she has handed in this round")


@transaction.atomic
def choose_for_node(panelist: Panelist, round_: Round, *, node: str, choice: str, at: datetime) -> NodeChoice:
    """Choose how to answer a node: every pair, the short set, no more, or not at all; answers given there stay.

    Answers of a node that is not her field do not count until she takes it up again.

    Raises
    ------
    NotAskedError
        The round asks nothing under this node.
    WrongStateError, AlreadySubmittedError
        As `record_judgement`.
    """
    check_open(panelist, round_, at=at)
    criterion = Criterion.objects.filter(comparisons__round=round_, code=node).first()
    if criterion is None or panelist.panel_id != round_.panel_id:
        raise NotAskedError(f"this round asks nothing under {node}", node=node)
    last = NodeChoice.objects.filter(panelist=panelist, round=round_, node=criterion).order_by("-version").first()
    if last is not None and last.choice == choice:
        return last
    version = 1 + (last.version if last else 0)
    return NodeChoice.objects.create(
        panelist=panelist, round=round_, node=criterion, version=version, choice=NodeChoice.Choice(choice), at=at
    )


@transaction.atomic
def submit_round(panelist: Panelist, round_: Round, *, at: datetime) -> Submission:
    """Close her answers of the round, and queue the mail with the receipt, which is their fingerprint.

    Handing in twice returns the first submission.

    Raises
    ------
    NothingAnsweredError
        She has answered nothing.
    WrongStateError
        The round is not open.
    """
    Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)  # it closes before or after, never between
    try:
        check_open(panelist, round_, at=at)
    except AlreadySubmittedError:
        return Submission.objects.get(round=round_, panelist=panelist)
    answers = own_answers(panelist, round_)
    if not answers:
        raise NothingAnsweredError("nothing is answered yet")
    if panelist.email:
        Mail.objects.create(panelist=panelist, round=round_, kind=Mail.Kind.RECEIPT, queued_at=at)
    return Submission.objects.create(
        round=round_, panelist=panelist, receipt=receipt(round_, panelist, answers), answers=len(answers), at=at
    )
