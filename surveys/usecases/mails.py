"""Queue mails and send what is queued, once: the row is the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.acts import note
from accounts.mail_queue import NeedlessMailError, send_once, waiting
from surveys.errors import UnknownLinkError
from surveys.models import Mail, Round
from surveys.queries.desk.news import NEWS, STOPPABLE
from surveys.queries.desk.people import to_remind
from surveys.queries.standing import handed_in
from surveys.states import ROUND, check
from surveys.usecases.letters import letter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from django.core.mail import EmailMessage

# these are about answering; the other kinds are sent also when a round is over
WHILE_OPEN = (
    Mail.Kind.INVITATION,
    Mail.Kind.REMINDER,
    Mail.Kind.END_MOVED,
    Mail.Kind.ENDING,
    Mail.Kind.REOPENED,
)


@transaction.atomic
def remind_panelists(round_: Round, *, only: Collection[str] | None = None, by: str, at: datetime) -> list[Mail]:
    """Queue a reminder for those of the round who have not finished, and who may be reminded now.

    Left out are those who declined, stopped mails or were mailed in the last three days, so reminding twice mails once.
    ``only`` are the codes that the moderator saw; nobody else is mailed.

    Raises
    ------
    WrongStateError
        The round is not open.
    """
    locked = Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
    check(ROUND, "remind_panelists", locked.state)
    people = to_remind(locked, at=at)
    if only is not None:
        people = people.filter(code__in=only)
    queued = Mail.objects.bulk_create(
        Mail(panelist=panelist, round=locked, kind=Mail.Kind.REMINDER, queued_at=at) for panelist in people
    )
    note("reminded", f"{len(queued)} people of round {locked.uid}", by=by, at=at)
    return queued


def send_mail(mail_id: int, *, now: Callable[[], datetime]) -> bool:
    """Send one queued mail as `send_once` does; one that is no longer wanted or of use is recorded as such.

    Raises
    ------
    OSError
        The mail server did not take it.
    """
    mails = Mail.objects.select_related("panelist__panel__series", "round__panel")
    return send_once(mails, mail_id, write=_written, now=now)


def _written(mail: Mail) -> EmailMessage:
    if needless := _needless(mail) or ("superseded" if mail.superseded_at else ""):
        raise NeedlessMailError(needless)
    try:
        return letter(mail)
    except UnknownLinkError:  # her links ended meanwhile
        raise NeedlessMailError("no_link") from None


def _needless(mail: Mail) -> str:
    """Return why a mail is not sent, if it is not; a fresh link that she asked for herself always is."""
    panelist = mail.panelist
    if panelist.withdrawn_at is not None:
        return "withdrawn"
    if not panelist.email:
        return "no_address"
    if mail.kind == Mail.Kind.FRESH_LINK:
        return ""
    if panelist.declined_at is not None or panelist.mails_stopped_at is not None:
        return "not_wanted"
    if mail.kind in WHILE_OPEN and mail.round.state != Round.State.OPEN:
        return "round_closed"
    return _stale(mail) if mail.kind in NEWS else ""


def _stale(mail: Mail) -> str:
    """Return why news of a round concern her no more, if they do not: mails wait, and rounds go on."""
    if mail.kind == Mail.Kind.CLOSED and mail.round.state == Round.State.OPEN:
        return "round_open"
    if mail.kind == Mail.Kind.ENDING and mail.round.finish_until is None:
        return "round_open"
    return "handed_in" if handed_in(mail.round).filter(panelist=mail.panelist).exists() else ""


def drop_waiting_mails(round_: Round, *, by: str, at: datetime) -> int:
    """Send nothing of what still waits for a round that is over; returns how many mails that were."""
    dropped = Mail.objects.filter(round=round_, state=Mail.State.QUEUED).update(
        state=Mail.State.FAILED, error_code="round_closed"
    )
    note("dropped", f"{dropped} waiting mails of round {round_.uid}", by=by, at=at)
    return dropped


def waiting_mails(*, at: datetime) -> list[int]:
    """Return the mails to send, oldest first, as `waiting` does; news of a round wait until they cannot be stopped any more."""
    return waiting(Mail.objects.exclude(kind__in=NEWS, queued_at__gt=at - STOPPABLE), at=at)
