"""Mails: once each, in the panelist's language, with her link and nobody's name."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.utils import timezone

from surveys.models import Mail, Round
from surveys.queries.links import personal_token
from surveys.tasks import close_due_rounds, send_mail, sweep
from surveys.usecases import mails

pytestmark = pytest.mark.django_db


def test_invitation_carries_the_link_and_answers_to_a_person(opened, panelists, now):
    mail = Mail.objects.get(panelist=panelists["P1"])

    assert mails.send_mail(mail.pk, now=lambda: now)

    message = outbox.outbox[0]
    assert personal_token(panelists["P1"]) in message.body
    assert message.reply_to == ["desk@example.org"]
    assert "6 pairs" in message.body
    assert "Name 1" not in message.body + message.subject
    mail.refresh_from_db()
    assert (mail.state, mail.sent_at, mail.attempts) == ("sent", now, 1)


def test_second_run_sends_nothing(opened, now):
    mail = Mail.objects.first()
    mails.send_mail(mail.pk, now=lambda: now)

    assert not mails.send_mail(mail.pk, now=lambda: now)
    assert len(outbox.outbox) == 1


def test_missing_mail_is_no_error(db, now):
    assert not mails.send_mail(99, now=lambda: now)


def test_server_failure_queues_again_and_ends_after_five_tries(opened, now, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nothing listens there
    mail = Mail.objects.first()

    for _ in range(5):
        with pytest.raises((OSError, smtplib.SMTPException)):
            mails.send_mail(mail.pk, now=lambda: now)

    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.error_code) == ("failed", 5, "mail_server")


def test_mail_lost_by_a_dead_worker_waits_again(opened, now):
    Mail.objects.update(state="sending", claimed_at=now)

    assert mails.waiting_mails(at=now + timedelta(minutes=5)) == []
    assert len(mails.waiting_mails(at=now + timedelta(minutes=11))) == 3


@pytest.mark.django_db(transaction=True)
def test_worker_sweeps_and_sends_every_waiting_mail_once(opened, celery_worker_process, eventually):

    sweep.delay()
    eventually(lambda: Mail.objects.filter(state="sent").count() == 3)
    send_mail.delay(Mail.objects.first().pk)
    sweep.delay()

    eventually(lambda: set(Mail.objects.values_list("attempts", flat=True)) == {1})


@pytest.mark.django_db(transaction=True)
def test_worker_closes_due_rounds(opened, celery_worker_process, eventually):
    Round.objects.filter(pk=opened.pk).update(
        opens_at=timezone.now() - timedelta(hours=2), closes_at=timezone.now() - timedelta(hours=1)
    )

    close_due_rounds.delay()

    eventually(lambda: Round.objects.get(pk=opened.pk).state == "closed")
