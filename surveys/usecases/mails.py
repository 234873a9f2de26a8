"""Send what is queued, once: the row is the queue."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils.translation import override

from surveys.models import Comparison, Mail
from surveys.queries.links import personal_token

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

MOST_ATTEMPTS = 5
LOST_AFTER = timedelta(minutes=10)


def send_mail(mail_id: int, *, now: Callable[[], datetime]) -> bool:
    """Send one queued mail; returns whether this call sent it.

    The row is claimed by a conditional update, so a second worker or a redelivery finds nothing to do. A refused recipient
    is recorded and not tried again; any other failure of the mail server puts the mail back and is raised for a retry.

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
    mail = Mail.objects.select_related("panelist__panel__series", "round").get(pk=mail_id)
    try:
        _message(mail).send()
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


def _finish(mail: Mail, state: str, *, error_code: str) -> None:
    Mail.objects.filter(pk=mail.pk, state=Mail.State.SENDING).update(state=state, error_code=error_code)


def waiting_mails(*, at: datetime) -> list[int]:
    """Return the mails to send, oldest first; those claimed by a worker that never came back are queued again."""
    lost = Q(state=Mail.State.SENDING, claimed_at__lt=at - LOST_AFTER)
    Mail.objects.filter(lost).update(state=Mail.State.QUEUED)
    return list(Mail.objects.filter(state=Mail.State.QUEUED).order_by("queued_at").values_list("pk", flat=True)[:500])


def _message(mail: Mail) -> EmailMessage:
    """Write the mail in the panelist's language; it answers to a person."""
    panelist, series = mail.panelist, mail.panelist.panel.series
    with override(panelist.language):
        context = {
            "series": series.name,
            "panel": panelist.panel.name,
            "closes_at": mail.round.closes_at,
            "pairs": Comparison.objects.filter(round=mail.round).count(),
            "link": f"{settings.PUBLIC_URL}/p/{personal_token(panelist)}/",
            "is_simulated": panelist.panel.is_simulated,
        }
        subject = render_to_string(f"email/{mail.kind}_subject.txt", context).strip()
        body = render_to_string(f"email/{mail.kind}.txt", context)
    return EmailMessage(
        subject=subject,
        body=body,
        to=[panelist.email],
        reply_to=[series.contact] if series.contact else None,
        headers={
            "Auto-Submitted": "auto-generated",
            "Message-ID": f"<{mail.uid}@{settings.DEFAULT_FROM_EMAIL.split('@')[-1]}>",
        },
    )
