"""Take a panelist's answers, one at a time. Nothing is ever overwritten."""

from __future__ import annotations

import math
import re
import unicodedata
import uuid
from typing import TYPE_CHECKING, NamedTuple

from django.db import IntegrityError, connection, transaction

from accounts.acts import note
from surveys.errors import (
    AlreadySubmittedError,
    BadJudgementError,
    ConflictError,
    NotAskedError,
    RoundStateError,
)
from surveys.models import (
    Comment,
    Comparison,
    Criterion,
    Judgement,
    NodeChoice,
    Panelist,
    Round,
)
from surveys.queries.standing import handed_in, last_choices, last_versions
from surveys.states import ROUND, check

if TYPE_CHECKING:
    from datetime import datetime

LAST_STEP = 9 * (1 + 1e-9)
LONGEST_COMMENT = 2000
# Every answer goes through these two, so they are written out: half the questions, and locks that Django has no word for.
# ``last`` is the version that `standing.last_versions` gives, ``handed_in`` whether `standing.handed_in` holds hers.
# SQLite needs none, there one writer works at a time.
HELD = """
    SELECT r.id, r.state, r.finish_until, p.started_at AS began, p.declined_at AS declined, p.withdrawn_at AS withdrawn
    FROM surveys_panelist p, surveys_round r WHERE p.id = %s AND r.id = %s
"""
LOCKS = " FOR NO KEY UPDATE OF p FOR KEY SHARE OF r"
ASKED = """
    SELECT c.id, a.code AS a_code,
        (SELECT MAX(j.version) FROM surveys_judgement j WHERE j.panelist_id = %s AND j.comparison_id = c.id) AS last,
        COALESCE((SELECT s.receipt FROM surveys_submission s WHERE s.panelist_id = %s AND s.round_id = c.round_id
                  ORDER BY s.version DESC LIMIT 1), '') <> '' AS handed_in
    FROM surveys_comparison c
    JOIN surveys_criterion a ON a.id = c.a_id JOIN surveys_criterion b ON b.id = c.b_id
    WHERE c.round_id = %s AND ((a.code = %s AND b.code = %s) OR (a.code = %s AND b.code = %s))
"""
ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def holds_address(text: str) -> bool:
    """Say whether a text holds an e-mail address, also in the full-width signs of East Asian keyboards."""
    return ADDRESS.search(unicodedata.normalize("NFKC", text)) is not None


def record_judgement(
    panelist: Panelist,
    round_: Round,
    *,
    a: str,
    b: str,
    value: float,
    taken_from: str = "",
    comment: str = "",
    key: uuid.UUID | None = None,
    seen_version: int | None = None,
    at: datetime,
) -> Judgement:
    """Record that ``a`` matters ``value`` times as much as ``b`` (codes, in either order), as the pair's next version.

    ``taken_from`` is the list she chose the answer from (`AnswerList`), empty where that is not known. The same ``key`` sent
    again returns the judgement it made. ``seen_version`` is the version the panelist had before her
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
        Another window was first: facts["version"], facts["value"] (of a over b), facts["at"]; or ``key`` was sent before
        with another answer: facts["key_taken"].
    """
    if not 1 / LAST_STEP <= value <= LAST_STEP:
        raise BadJudgementError(f"{value} is off the scale", field="value", allowed="1/9 to 9")
    if len(comment) > LONGEST_COMMENT:
        raise BadJudgementError("the comment is too long", field="comment", allowed=LONGEST_COMMENT)
    if holds_address(comment):
        raise BadJudgementError("the comment holds an e-mail address", field="comment", allowed="no e-mail address")
    given = _Given(value, comment, taken_from)
    return _append(panelist, round_, a=a, b=b, given=given, key=key, seen_version=seen_version, at=at)


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
    return _append(panelist, round_, a=a, b=b, given=_Given(None), key=key, seen_version=seen_version, at=at)


@transaction.atomic
def settle_conflict(
    panelist: Panelist,
    round_: Round,
    *,
    a: str,
    b: str,
    value: float,
    taken_from: str = "",
    comment: str = "",
    keep: bool,
    key: uuid.UUID,
    seen_version: int,
    at: datetime,
) -> Judgement:
    """Settle two windows' answers to one pair; the history holds both, whichever stands.

    The late answer becomes the pair's next version, under the ``key`` it was sent with first. With ``keep`` the answer that
    was before her eyes (``seen_version``) is written once more after it, and stands. Settling again, the same way or the
    other, leaves what she chose last.

    Raises
    ------
    BadJudgementError, NotAskedError, WrongStateError, AlreadySubmittedError, ConflictError
        As `record_judgement`; a third window may have been first, or nothing stands that could be kept.
    """
    stands = record_judgement(
        panelist,
        round_,
        a=a,
        b=b,
        value=value,
        taken_from=taken_from,
        comment=comment,
        key=key,
        seen_version=seen_version,
        at=at,
    )
    late = stands if stands.key == key else Judgement.objects.filter(panelist=panelist, key=key).first()
    if late is None:  # both windows said the same
        return stands
    if keep and late.version == 1:
        raise NotAskedError(f"no answer to {a} and {b} stood that could be kept", a=a, b=b)
    hers = {"panelist": panelist, "comparison": late.comparison_id}
    wanted = Judgement.objects.get(**hers, version=late.version - 1) if keep else late
    last = last_versions(round_).select_related("comparison__a", "comparison__b", "reason").get(**hers)
    if (last.value, last.comment) == (wanted.value, wanted.comment):
        return last
    seen = last.version if last.key in {late.key, _settling(key, last.version)} else late.version
    return _append(
        panelist,
        round_,
        a=last.comparison.a.code,
        b=last.comparison.b.code,
        given=_Given(wanted.value, wanted.comment, wanted.taken_from),
        key=_settling(key, seen + 1),
        seen_version=seen,
        at=at,
    )


def _settling(key: uuid.UUID, version: int) -> uuid.UUID:
    """Return the key under which settling a conflict writes a version."""
    return uuid.uuid5(key, f"settled in version {version}")


class _Given(NamedTuple):
    """What is said of a pair: the ratio in the order of its codes (None takes an answer back), a reason, the list."""

    value: float | None
    comment: str = ""
    taken_from: str = ""


def _append(
    panelist: Panelist,
    round_: Round,
    *,
    a: str,
    b: str,
    given: _Given,
    key: uuid.UUID | None,
    seen_version: int | None,
    at: datetime,
) -> Judgement:
    """Write the pair's next version; her answers come one after the other, since each holds her row until it is stored.

    Whether the key was sent before is asked only where the answer cannot be written: an answer is sent again seldom.
    """
    if panelist.panel_id != round_.panel_id:
        raise NotAskedError("this round does not ask her about anything", a=a, b=b)
    key = key or uuid.uuid4()
    try:
        with transaction.atomic():
            return _next_version(panelist, round_, a, b, given, key=key, seen=seen_version, at=at)
    except (IntegrityError, RoundStateError, AlreadySubmittedError, ConflictError) as error:
        earlier = Judgement.objects.filter(panelist=panelist, key=key).select_related("comparison", "reason").first()
        if earlier is None:
            raise
        if not _is_of(earlier, round_, a, b):
            raise BadJudgementError("the key is taken by another answer", field="key", allowed="a new key") from error
        return _same(earlier, a, given)


def _next_version(
    panelist: Panelist,
    round_: Round,
    a: str,
    b: str,
    given: _Given,
    *,
    key: uuid.UUID,
    seen: int | None,
    at: datetime,
) -> Judgement:
    """Write what comes after the pair's last version, once it is the one she saw, or she did not say which she saw."""
    hold(panelist, round_, at=at)
    # asked once her row is held: a hand-in that came first is seen here
    rows = Comparison.objects.raw(ASKED, [panelist.pk, panelist.pk, round_.pk, a, b, b, a])
    asked = next(iter(rows), None)
    if asked is None:
        raise NotAskedError(f"this round does not ask about {a} and {b}", a=a, b=b)
    value, comment, taken_from = given
    facts = vars(asked)
    if facts["handed_in"]:
        raise AlreadySubmittedError("she has handed in this round")
    turned, last = facts["a_code"] != a, facts["last"] or 0
    if last and seen is not None and seen != last:
        there = Judgement.objects.get(panelist=panelist, comparison=asked, version=last)
        stands = there.value if there.value is None or not turned else 1 / there.value
        is_same = value is not None and stands is not None and math.isclose(value, stands)
        if is_same and comment in {"", there.comment}:
            return there  # both windows say the same
        raise ConflictError("another window answered first", version=last, value=stands, at=there.at)
    written = Judgement.objects.create(
        comparison=asked,
        panelist=panelist,
        version=last + 1,
        value=value if value is None or not turned else 1 / value,
        taken_from=taken_from,
        key=key,
        at=at,
    )
    if comment:
        Comment.objects.create(judgement=written, text=comment)
    return written


def _same(earlier: Judgement, a: str, given: _Given) -> Judgement:
    """Return the judgement that a key made, if it is what was sent again; another answer under that key is a conflict."""
    value, comment, _taken_from = given
    stands = earlier.value
    if stands is not None and earlier.comparison.a.code != a:
        stands = 1 / stands
    is_same = value == stands if value is None or stands is None else math.isclose(value, stands, rel_tol=1e-9)
    if not is_same or comment != earlier.comment:
        raise ConflictError(
            "the key was sent with another answer", version=earlier.version, value=stands, at=earlier.at, key_taken=True
        )
    return earlier


def _is_of(judgement: Judgement, round_: Round, a: str, b: str) -> bool:
    """Say whether a judgement answers this pair of this round."""
    comparison = judgement.comparison
    return comparison.round_id == round_.pk and {comparison.a.code, comparison.b.code} == {a, b}


def hold(panelist: Panelist, round_: Round, *, act: str = "record_judgement", at: datetime) -> None:
    """Hold the round's row and her own until the end of the transaction, and check that the round takes her answers.

    The round is shared with all who answer and waits for none of them; closing it waits for answers under way, so each is
    stored before or refused after. Her own row lets her answers and her handing in come one after the other.
    """
    query = HELD + LOCKS if connection.features.has_select_for_update else HELD
    current = Round.objects.raw(query, [panelist.pk, round_.pk])[0]
    if vars(current)["withdrawn"]:
        raise NotAskedError("who has withdrawn is asked nothing any more")
    until = current.finish_until
    over = until is not None and (at >= until or not vars(current)["began"])
    check(ROUND, act, current.state)
    if over:
        raise RoundStateError(f"the round is {current.state}", state=current.state, allowed=ROUND.allowed(act))
    if vars(current)["declined"]:  # who answers takes part
        Panelist.objects.filter(pk=panelist.pk).update(declined_at=None)
        note("takes part again:", f"panelist {panelist.uid}", by=f"panelist {panelist.uid}", at=at)


def check_open(panelist: Panelist, round_: Round, *, act: str, at: datetime) -> None:
    """Check that she may do this act of answering, and hold the round's row and her own until the end of the transaction.

    Raises
    ------
    WrongStateError
        The round is not open, or it is ending and she had not started, or the time to finish is over.
    AlreadySubmittedError
        She has handed in.
    """
    hold(panelist, round_, act=act, at=at)
    if handed_in(round_).filter(panelist=panelist).exists():
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
    check_open(panelist, round_, act="choose_for_node", at=at)
    criterion = Criterion.objects.filter(comparisons__round=round_, code=node).first()
    if criterion is None or panelist.panel_id != round_.panel_id:
        raise NotAskedError(f"this round asks nothing under {node}", node=node)
    last = last_choices(round_).filter(panelist=panelist, node=criterion).first()
    if last is not None and last.choice == choice:
        return last
    version = 1 + (last.version if last else 0)
    return NodeChoice.objects.create(
        panelist=panelist, round=round_, node=criterion, version=version, choice=NodeChoice.Choice(choice), at=at
    )
