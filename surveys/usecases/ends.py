"""Move the end of an open round outwards, and open a closed one again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.acts import note
from surveys.errors import BadDateError, LockedRoundError, OverlapError
from surveys.models import Mail, Round
from surveys.usecases.news import queue_news
from surveys.usecases.rounds import check_free, check_none_open, held

if TYPE_CHECKING:
    from datetime import datetime


@transaction.atomic
def move_end(round_: Round, *, ends_at: datetime, tell: bool = False, by: str, at: datetime) -> Round:
    """Move the end of an open round to a later hour; an end that is announced stays announced.

    With ``tell`` those who have not handed in, and may still, are mailed once.

    Raises
    ------
    WrongStateError
        The round is not open.
    BadDateError
        That is no later than the end that stands, or over already; or the round has no end.
    OverlapError
        Another round of the panel is to open before that.
    """
    locked = held(round_, "move_end")
    before = locked.ends_at
    if before is None:
        raise BadDateError("the round has no end that could be moved", field="ends_at", why="endless")
    if ends_at <= at:
        raise BadDateError("that hour is over", field="ends_at", why="passed", got=ends_at)
    if ends_at <= before:
        raise BadDateError("an end is moved outwards only", field="ends_at", why="not_later", than=before)
    check_free(locked.panel, at, ends_at, but=locked)
    field = "closes_at" if locked.finish_until is None else "finish_until"
    setattr(locked, field, ends_at)
    locked.save(update_fields=[field])
    if tell:
        queue_news(locked, Mail.Kind.END_MOVED, at=at)
    note("moved", f"end of round {locked.uid} from {before.isoformat()} to {ends_at.isoformat()}", by=by, at=at)
    return locked


@transaction.atomic
def reopen_round(round_: Round, *, ends_at: datetime, tell: bool = False, by: str, at: datetime) -> Round:
    """Open a closed round again until a new end: answers, drafts and what was handed in stand as they were.

    Who had not handed in goes on, and who had not begun may begin. What was counted at its closing is forgotten, an end that
    was announced too; weights computed of it before are of before: no method is frozen on them. With ``tell`` those who
    had not handed in are mailed once.

    Raises
    ------
    WrongStateError
        The round is not closed.
    LockedRoundError
        A frozen method stands on it.
    BadDateError
        The new end is over already.
    OverlapError
        A later round follows it, or another round of the panel is asked before that end.
    """
    locked = held(round_, "reopen_round")
    if locked.locked_at is not None:
        raise LockedRoundError("a frozen method stands on the round", at=locked.locked_at)
    if ends_at <= at:
        raise BadDateError("that hour is over", field="ends_at", why="passed", got=ends_at)
    if later := locked.followed_by.order_by("number").first():
        raise OverlapError(f"round {later.number} follows this one", why="followed", round=later.number)
    check_none_open(locked.panel)
    check_free(locked.panel, at, ends_at, but=locked)
    locked.state = Round.State.OPEN
    locked.closes_at, locked.finish_until, locked.closed_at, locked.at_closing = ends_at, None, None, None
    locked.save(update_fields=["state", "closes_at", "finish_until", "closed_at", "at_closing"])
    if tell:
        queue_news(locked, Mail.Kind.REOPENED, at=at)
    note("opened again", f"round {locked.uid} until {ends_at.isoformat()}", by=by, at=at)
    return locked
