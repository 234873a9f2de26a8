"""Queue mails and send what is queued, once: the row is the queue."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q

from accounts.acts import note
from surveys.errors import UnknownLinkError
from surveys.models import Mail, Round
from surveys.queries.desk.people import to_remind
from surveys.states import ROUND, check
from surveys.usecases.letters import letter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

MOST_ATTEMPTS = 5
LOST_AFTER = timedelta(minutes=10)
# these are about answering; the other kinds are sent also when a round is over
WHILE_OPEN = (Mail.Kind.INVITATION, Mail.Kind.REMINDER)


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
    """Send one queued mail; returns whether this call sent it.

    The row is claimed by a conditional update, so a second worker or a redelivery finds nothing to do. A mail that is no
    longer wanted or of use is recorded as such, as is a refused recipient, and not tried again; any other failure of the
    mail server puts the mail back and is raised for a retry.

    Raises
    ------
    OSError
        The mail server did not take it; it is queued again, five times at most.
    """
    claimed = Mail.objects.filter(pk=mail_id, state=Mail.State.QUEUED).update(
        state=Mail.State.SENDING, claimed_at=now(), attempts=F("attempts") + 1
    )
    if claimed == 0:
        return False
    mail = Mail.objects.select_related("panelist__panel__series", "round__panel").get(pk=mail_id)
    needless = _needless(mail)
    if needless:
        _finish(mail, Mail.State.FAILED, error_code=needless)
        return False
    try:
        letter(mail).send()
    except UnknownLinkError:  # her links ended meanwhile
        _finish(mail, Mail.State.FAILED, error_code="no_link")
        return False
    except smtplib.SMTPRecipientsRefused:
        _finish(mail, Mail.State.FAILED, error_code="recipient_refused")
        return False
    except OSError:
        given_up = mail.attempts >= MOST_ATTEMPTS
        _finish(mail, Mail.State.FAILED if given_up else Mail.State.QUEUED, error_code="mail_server")
        raise
    Mail.objects.filter(pk=mail.pk, state=Mail.State.SENDING).update(
        state=Mail.State.SENT, sent_at=now(), error_code=""
    )
    return True


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
    return ""


def _finish(mail: Mail, state: str, *, error_code: str) -> None:
    Mail.objects.filter(pk=mail.pk, state=Mail.State.SENDING).update(state=state, error_code=error_code)


def drop_waiting_mails(round_: Round, *, by: str, at: datetime) -> int:
    """Send nothing of what still waits for a round that is over; returns how many mails that were."""
    dropped = Mail.objects.filter(round=round_, state=Mail.State.QUEUED).update(
        state=Mail.State.FAILED, error_code="round_closed"
    )
    note("dropped", f"{dropped} waiting mails of round {round_.uid}", by=by, at=at)
    return dropped


def waiting_mails(*, at: datetime) -> list[int]:
    """Return the mails to send, oldest first; those claimed by a worker that never came back are queued again."""
    lost = Q(state=Mail.State.SENDING, claimed_at__lt=at - LOST_AFTER)
    Mail.objects.filter(lost).update(state=Mail.State.QUEUED)
    return list(Mail.objects.filter(state=Mail.State.QUEUED).order_by("queued_at").values_list("pk", flat=True)[:500])
