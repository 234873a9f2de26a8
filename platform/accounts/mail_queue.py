"""Mails that wait in rows: each is sent once, whoever sends; the row is the queue."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from django.db.models import F, Q

from accounts.states import MailState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.core.mail import EmailMessage
    from django.db.models import QuerySet

    from accounts.models import QueuedMail

    Queued = TypeVar("Queued", bound=QueuedMail)

MOST_ATTEMPTS: Final = 5
LOST_AFTER: Final = timedelta(minutes=10)
AT_ONCE: Final = 500


class NeedlessMailError(Exception):
    """A mail is not wanted or of no use any more: ``code`` says why."""

    def __init__(self, code: str) -> None:
        """Keep why."""
        super().__init__(code)
        self.code = code


def send_once(
    mails: QuerySet[Queued], mail_id: int, *, write: Callable[[Queued], EmailMessage], now: Callable[[], datetime]
) -> bool:
    """Send one queued mail of ``mails`` as ``write`` writes it; returns whether this call sent it.

    The row is claimed by a conditional update, so a second worker or a redelivery finds nothing to do. A mail that
    ``write`` refuses with `NeedlessMailError` is recorded as such, as is a refused recipient, and not tried again; any other
    failure of the mail server puts the mail back and is raised for a retry.

    Raises
    ------
    OSError
        The mail server did not take it; it is queued again, five times at most.
    """
    claimed = mails.filter(pk=mail_id, state=MailState.QUEUED).update(
        state=MailState.SENDING, claimed_at=now(), attempts=F("attempts") + 1
    )
    if claimed == 0:
        return False
    mail = mails.get(pk=mail_id)
    in_hand = mails.filter(pk=mail_id, state=MailState.SENDING)
    try:
        write(mail).send()
    except NeedlessMailError as needless:
        in_hand.update(state=MailState.FAILED, error_code=needless.code)
        return False
    except smtplib.SMTPRecipientsRefused:
        in_hand.update(state=MailState.FAILED, error_code="recipient_refused")
        return False
    except OSError:
        given_up = mail.attempts >= MOST_ATTEMPTS
        in_hand.update(state=MailState.FAILED if given_up else MailState.QUEUED, error_code="mail_server")
        raise
    in_hand.update(state=MailState.SENT, sent_at=now(), error_code="")
    return True


def waiting(mails: QuerySet[Queued], *, at: datetime) -> list[int]:
    """Return the mails to send, oldest first; those claimed by a worker that never came back are queued again."""
    lost = Q(state=MailState.SENDING, claimed_at__lt=at - LOST_AFTER)
    mails.filter(lost).update(state=MailState.QUEUED)
    queued = mails.filter(state=MailState.QUEUED).order_by("queued_at")
    return list(queued.values_list("pk", flat=True)[:AT_ONCE])
