"""Take a panelist's answers, one at a time, and close them with a receipt. Nothing is ever overwritten."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction
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
# Django has no word for a shared lock; SQLite needs none, there one writer works at a time
PLAIN = "SELECT id, state, finish_until FROM surveys_round WHERE id = %s"
SHARED = f"{PLAIN} FOR KEY SHARE"
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
    panelist: Panelist,
    round_: Round,
    *,
    a: str,
    b: str,
    key: uuid.UUID | None = None,
    seen_version: int | None = None,
    at: datetime,
) -> Judgement:
    """Take an answer back: the pair is open again, its history stays.

    Raises
    ------
    NotAskedError, WrongStateError, AlreadySubmittedError, ConflictError
        As `record_judgement`.
    """
    return _append(panelist, round_, a=a, b=b, value=None, comment="", key=key, seen_version=seen_version, at=at)


@transaction.atomic
def settle_conflict(
    panelist: Panelist,
    round_: Round,
    *,
    a: str,
    b: str,
    value: float,
    comment: str = "",
    keep: bool,
    key: uuid.UUID,
    seen_version: int,
    at: datetime,
) -> Judgement:
    """Settle two windows' answers to one pair; the history holds both, whichever stands.

    The late answer becomes the pair's next version, under the ``key`` it was sent with first. With ``keep`` the answer that
    was before her eyes (``seen_version``) is written once more after it, and stands.

    Raises
    ------
    BadJudgementError, NotAskedError, WrongStateError, AlreadySubmittedError, ConflictError
        As `record_judgement`; a third window may have been first.
    """
    late = record_judgement(
        panelist, round_, a=a, b=b, value=value, comment=comment, key=key, seen_version=seen_version, at=at
    )
    if not keep:
        return late
    here = Judgement.objects.select_related("comparison__a", "comparison__b").filter(panelist=panelist)
    stood = here.get(comparison=late.comparison_id, version=late.version - 1)
    return _append(
        panelist,
        round_,
        a=stood.comparison.a.code,
        b=stood.comparison.b.code,
        value=stood.value,
        comment=stood.comment,
        key=uuid.uuid5(key, "the earlier one again"),
        seen_version=late.version,
        at=at,
    )


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
    """Write the pair's next version; a lost race is told as a conflict or tried once more.

    Whether the key was sent before is asked only where the answer cannot be written: an answer is sent again seldom.
    """
    comparison = (
        Comparison.objects.select_related("a")
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
                check_open(panelist, round_, at=at)
                version = 1 + _seen_is_last(panelist, comparison, seen_version, turned=turned)
                return Judgement.objects.create(
                    comparison=comparison,
                    panelist=panelist,
                    version=version,
                    value=value if value is None or not turned else 1 / value,
                    comment=comment,
                    key=key,
                    at=at,
                )
        except (IntegrityError, WrongStateError, AlreadySubmittedError, ConflictError) as error:
            earlier = Judgement.objects.filter(panelist=panelist, key=key).first()
            if earlier is not None and earlier.comparison_id == comparison.pk:
                return earlier
            if earlier is not None:
                raise BadJudgementError(
                    "the key is taken by another answer", field="key", allowed="a new key"
                ) from error
            if not isinstance(error, IntegrityError):
                raise
            # else another window wrote this version at the same moment
    raise ConflictError("other windows keep answering this pair", version=None, value=None, at=None)


def _seen_is_last(panelist: Panelist, comparison: Comparison, seen: int | None, *, turned: bool) -> int:
    """Return the pair's last version (0: none) once it is the one she saw, or she did not say which she saw."""
    last = Judgement.objects.filter(panelist=panelist, comparison=comparison).order_by("-version").first()
    if last is None:
        return 0
    if seen is not None and seen != last.version:
        value = last.value if last.value is None or not turned else 1 / last.value
        raise ConflictError("another window answered first", version=last.version, value=value, at=last.at)
    return last.version


def check_open(panelist: Panelist, round_: Round, *, at: datetime) -> None:
    """Check that she may answer, holding the round's row and her own until the end of the transaction.

    The round is shared with all who answer and waits for none of them; closing it waits for answers under way, so each is
    stored before or refused after. Her own row lets her answers and her handing in come one after the other.

    Raises
    ------
    WrongStateError
        The round is not open, or it is ending and she had not started, or the time to finish is over.
    AlreadySubmittedError
        She has handed in.
    """
    held = Panelist.objects.select_for_update(no_key=True).get(pk=panelist.pk)
    current = Round.objects.raw(SHARED if connection.features.has_select_for_update else PLAIN, [round_.pk])[0]
    over = current.finish_until is not None and (at >= current.finish_until or held.started_at is None)
    if current.state != Round.State.OPEN or over:
        raise WrongStateError(f"the round is {current.state}", state=current.state, allowed=["open"])
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
