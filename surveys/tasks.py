"""What workers do for the surveys: ids in, one use-case each."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts import workers
from accounts.mail_queue import MOST_ATTEMPTS
from surveys.usecases import mails, requests, rounds


@shared_task(name="surveys.send_mail", autoretry_for=(OSError,), retry_backoff=True, max_retries=MOST_ATTEMPTS)
def send_mail(mail_id: int) -> bool:
    """Send one queued mail."""
    return mails.send_mail(mail_id, now=timezone.now)


@shared_task(name="surveys.close_due_rounds")
def close_due_rounds() -> int:
    """Close the rounds whose closing date has come."""
    return len(rounds.close_due_rounds(at=timezone.now()))


@shared_task(name="surveys.open_due_rounds")
def open_due_rounds() -> int:
    """Open the rounds whose hour has come, once those are closed whose end has come: one may follow the other at once."""
    at = timezone.now()
    rounds.close_due_rounds(at=at)
    return len(rounds.open_due_rounds(at=at))


@shared_task(name="surveys.sweep")
def sweep() -> int:
    """Answer who asked for a fresh link, then send every mail that waits, also those whose task was lost."""
    requests.answer_requests(at=timezone.now())
    waiting = mails.waiting_mails(at=timezone.now())
    workers.queue(*(send_mail.si(mail_id) for mail_id in waiting))
    return len(waiting)
