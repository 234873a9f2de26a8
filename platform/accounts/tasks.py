"""What workers do for accounts: ids in, one use-case each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery import shared_task
from django.utils import timezone

from accounts import workers
from accounts.mail_queue import MOST_ATTEMPTS, waiting
from accounts.models import AccountMail
from accounts.usecases import mails
from accounts.usecases.roles import pass_on_roles

if TYPE_CHECKING:
    from accounts.models import Invitation


@shared_task(name="accounts.send_mail", autoretry_for=(OSError,), retry_backoff=True, max_retries=MOST_ATTEMPTS)
def send_mail(mail_id: int) -> bool:
    """Send one queued mail about an account."""
    return mails.send_account_mail(mail_id, now=timezone.now)


@shared_task(name="accounts.sweep")
def sweep() -> int:
    """Send every mail that waits but the daily ones, also those whose task was lost; then pass on the roles that end."""
    mails = AccountMail.objects.exclude(kind=AccountMail.Kind.WAITING)
    found = waiting(mails, at=timezone.now())
    workers.queue(*(send_mail.si(mail_id) for mail_id in found))
    pass_on_roles(timezone.now())
    return len(found)


def enqueue_invitation(invitation: Invitation) -> None:
    """Hand the last mail of an invitation to the workers."""
    enqueue(invitation.mails.latest("queued_at"))


def enqueue(mail: AccountMail) -> None:
    """Hand a mail to the workers once its row is committed."""
    workers.queue(send_mail.si(mail.pk))
