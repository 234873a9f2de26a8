"""Send what is queued about accounts, and queue the daily mail of what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from accounts.letters import invitation_letter, password_letter
from accounts.mail_queue import NeedlessMailError, send_once
from accounts.models import AccountMail, User
from accounts.states import INVITATION

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from django.core.mail import EmailMessage


def send_account_mail(mail_id: int, *, now: Callable[[], datetime]) -> bool:
    """Send one queued mail about an account as `send_once` does; an address that is nobody's is forgotten.

    The daily mail is not sent here: what waits is known by those who look after the work alone.

    Raises
    ------
    OSError
        The mail server did not take it.
    """

    def write(mail: AccountMail) -> EmailMessage:
        return _invitation(mail, at=now()) if mail.kind == AccountMail.Kind.INVITATION else _password(mail)

    mails = AccountMail.objects.exclude(kind=AccountMail.Kind.WAITING).select_related(
        "invitation__series", "invitation__invited_by"
    )
    is_sent = send_once(mails, mail_id, write=write, now=now)
    AccountMail.objects.filter(pk=mail_id, error_code="nobody").update(email="")
    return is_sent


def queue_daily_mail(user: User, *, day: date, at: datetime) -> AccountMail | None:
    """Queue the mail of what waits on a user on this day; None where it is queued, or was sent, already."""
    mail, is_new = AccountMail.objects.get_or_create(
        kind=AccountMail.Kind.WAITING,
        user=user,
        day=day,
        defaults={"email": user.email, "language": user.language or settings.LANGUAGE_CODE, "queued_at": at},
    )
    return mail if is_new else None


def _invitation(mail: AccountMail, *, at: datetime) -> EmailMessage:
    invitation = mail.invitation
    if invitation is None or not INVITATION.allows("take_up", invitation.state) or invitation.ends_at <= at:
        raise NeedlessMailError("not_wanted")
    return invitation_letter(mail, invitation)


def _password(mail: AccountMail) -> EmailMessage:
    known = User.objects.filter(email__iexact=mail.email, is_active=True).order_by("username")
    users = [user for user in known if user.has_usable_password()]
    if not users:
        raise NeedlessMailError("nobody")
    return password_letter(mail, users)
