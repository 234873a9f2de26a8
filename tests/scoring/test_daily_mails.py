"""The daily mail of what waits: once a day, to whom something waits on, in her language, with no panelist in it."""

import re
import smtplib
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail as outbox
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import AccountMail, Role, Series, User
from accounts.tasks import send_mail
from accounts.tasks import sweep as sweep_accounts
from accounts.usecases.mails import queue_daily_mail
from accounts.usecases.people import choose_daily_mail
from accounts.usecases.roles import give_role
from scoring import tasks
from scoring.usecases.daily_mails import queue_daily_mails, send_daily_mail, waiting_daily_mails
from surveys.models import LinkRequest, Panelist
from surveys.usecases.requests import ask_as_someone_else

SEVEN = datetime(2026, 3, 2, 7, 5, tzinfo=UTC)


@pytest.fixture
def mo(series, by):
    user = User.objects.create_user("mo", "mo@example.org", language="fr")
    give_role(user, series=series, kind=Role.Kind.MODERATOR, **by)
    return user


@pytest.fixture
def asked(opened, panel, mo, now):
    """Somebody else holds the link of a panelist."""
    Panelist.objects.update(email="zenobia@example.net")
    return ask_as_someone_else(panel.panelists.first(), email="else@example.net", at=now())


def due(at=SEVEN):
    return [(one.user.username, one.day, one.email, one.language) for one in queue_daily_mails(at=at)]


pytestmark = pytest.mark.django_db


def test_who_has_something_waiting_is_mailed_once_a_day(asked, mo):
    assert due() == [("mo", date(2026, 3, 2), "mo@example.org", "fr")]
    assert due() == due(SEVEN + timedelta(hours=1)) == []
    (mail,) = AccountMail.objects.all()
    assert waiting_daily_mails(at=SEVEN) == [mail.pk]
    assert [send_daily_mail(mail.pk, now=lambda: SEVEN) for _ in range(2)] == [True, False]
    assert due() == []
    assert len(outbox.outbox) == 1
    assert due(SEVEN + timedelta(days=1)) == [("mo", date(2026, 3, 3), "mo@example.org", "fr")]


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("UTC", datetime(2026, 3, 2, 6, 59, 59, tzinfo=UTC), None),
        ("UTC", datetime(2026, 3, 2, 7, 0, tzinfo=UTC), date(2026, 3, 2)),
        ("UTC", datetime(2026, 3, 2, 9, 59, tzinfo=UTC), date(2026, 3, 2)),
        ("UTC", datetime(2026, 3, 2, 10, 0, tzinfo=UTC), None),
        ("Asia/Jakarta", datetime(2026, 3, 2, 0, 0, tzinfo=UTC), date(2026, 3, 2)),
        ("Pacific/Auckland", datetime(2026, 3, 1, 18, 0, tzinfo=UTC), date(2026, 3, 2)),
        ("Asia/Jakarta", datetime(2026, 3, 2, 7, 0, tzinfo=UTC), None),
    ],
)
def test_hour_is_that_of_her_series(asked, series, zone, at, day):
    Series.objects.update(time_zone=zone)
    assert [one[1] for one in due(at)] == ([day] if day else [])


def test_hour_is_a_setting(asked, settings):
    settings.DAILY_MAIL_HOUR = 15
    assert due() == []
    assert len(due(SEVEN.replace(hour=15))) == 1


def test_nobody_is_mailed_for_nothing(opened, mo):
    assert due() == []
    assert AccountMail.objects.count() == 0


def test_only_who_may_act_works_here_has_an_address_and_wants_it_is_mailed(asked, mo, series, by):
    observer = User.objects.create_user("observer", "observer@example.org")
    give_role(observer, series=series, kind=Role.Kind.OBSERVER, **by)
    User.objects.create_user("stranger", "stranger@example.org")
    for change in ({"email": ""}, {"daily_mail": False}, {"is_active": False}):
        User.objects.filter(pk=mo.pk).update(**change)
        assert due() == []
        User.objects.filter(pk=mo.pk).update(email="mo@example.org", daily_mail=True, is_active=True)
    Role.objects.filter(user=mo).update(last_day=date(2026, 3, 1))
    assert due() == []
    Role.objects.filter(user=mo).update(last_day=None)
    assert [one[0] for one in due()] == ["mo"]


def test_who_has_a_role_only_at_that_time_is_passed_over(asked, mo):
    Role.objects.filter(user=mo).update(last_day=date(2026, 3, 2))  # it stood on that day, and ended since
    assert due() == []


def test_language_of_who_chose_none_is_the_sites(asked, mo):
    User.objects.filter(pk=mo.pk).update(language="")
    assert [one[3] for one in due()] == ["en"]


def test_letter_says_what_waits_where_and_since_when(asked, mo, series):
    Series.objects.update(time_zone="Asia/Jakarta")
    User.objects.filter(pk=mo.pk).update(language="en")
    send_daily_mail(queue_daily_mail(mo, day=SEVEN.date(), at=SEVEN).pk, now=lambda: SEVEN)

    (letter,) = outbox.outbox
    html = letter.alternatives[0][0]
    address = f"http://127.0.0.1:8000/desk/las/rounds/{asked.panelist.panel.rounds.get().uid}/#requests"
    assert (letter.subject, letter.to) == ("1 thing waits on you at 127.0.0.1", ["mo@example.org"])
    for text in (letter.body, html):
        for words in (
            "1 request at the door of a personal link",
            "LAS ranking",
            "Panel, round 1",
            "Asia/Jakarta",
            address,
        ):
            assert words in text
        assert "http://127.0.0.1:8000/account/#daily" in text
        assert not re.search(r"P1\b|Name 1|zenobia|else@", text)


@pytest.mark.parametrize("language", ["ar", "fr", "pt", "ru", "zh-hans"])
def test_letter_is_in_her_language(asked, mo, language):
    User.objects.filter(pk=mo.pk).update(language=language)
    mo.refresh_from_db()
    send_daily_mail(queue_daily_mail(mo, day=SEVEN.date(), at=SEVEN).pk, now=lambda: SEVEN)

    (letter,) = outbox.outbox
    html = letter.alternatives[0][0]
    assert letter.extra_headers["Content-Language"] == language
    assert ('dir="rtl"' in html) == (language == "ar")
    words = re.sub(r"http\S+", "", letter.subject + letter.body)
    assert not re.search(r"waits? on you|request|Decide|since|daily", words)


def test_mail_is_written_from_what_waits_when_it_is_sent(asked, mo):
    mail = queue_daily_mail(mo, day=SEVEN.date(), at=SEVEN)
    LinkRequest.objects.all().delete()

    assert send_daily_mail(mail.pk, now=lambda: SEVEN) is False
    mail.refresh_from_db()
    assert (mail.state, mail.error_code, outbox.outbox) == ("failed", "nothing_waits", [])


@pytest.mark.parametrize("change", [{"daily_mail": False}, {"is_active": False}])
def test_mail_that_is_not_wanted_any_more_is_not_sent(asked, mo, change):
    mail = queue_daily_mail(mo, day=SEVEN.date(), at=SEVEN)
    User.objects.update(**change)

    assert send_daily_mail(mail.pk, now=lambda: SEVEN) is False
    mail.refresh_from_db()
    assert (mail.state, mail.error_code, outbox.outbox) == ("failed", "not_wanted", [])


def test_role_that_ended_meanwhile_is_mailed_nothing(asked, mo):
    mail = queue_daily_mail(mo, day=SEVEN.date(), at=SEVEN)
    Role.objects.all().delete()
    assert send_daily_mail(mail.pk, now=lambda: SEVEN) is False
    mail.refresh_from_db()
    assert mail.error_code == "nothing_waits"


def test_mail_that_the_server_did_not_take_waits_for_the_sweep(asked, mo, monkeypatch):
    mail = queue_daily_mail(mo, day=SEVEN.date(), at=SEVEN)

    def refuse(*_args):
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as away:
        away.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            send_daily_mail(mail.pk, now=lambda: SEVEN)
    assert waiting_daily_mails(at=SEVEN) == [mail.pk]
    assert send_daily_mail(mail.pk, now=lambda: SEVEN) is True


def test_mail_of_yesterday_is_not_sent_beside_that_of_today(asked, mo):
    mail = queue_daily_mail(mo, day=SEVEN.date(), at=SEVEN)
    assert send_daily_mail(mail.pk, now=lambda: SEVEN + timedelta(days=1)) is False
    mail.refresh_from_db()
    assert (mail.state, mail.error_code, outbox.outbox) == ("failed", "not_today", [])


def test_accounts_own_queue_leaves_it_alone(asked, mo, django_capture_on_commit_callbacks):
    mail = queue_daily_mail(mo, day=timezone.now().date(), at=SEVEN)
    with django_capture_on_commit_callbacks() as callbacks:
        assert sweep_accounts() == 0
    assert (send_mail(mail.pk), callbacks, outbox.outbox) == (False, [], [])
    assert tasks.send_daily_mail(mail.pk) is True


def test_beat_queues_and_the_sweep_hands_over(asked, mo, settings, time_machine, django_capture_on_commit_callbacks):
    time_machine.move_to(SEVEN)
    assert [tasks.queue_daily_mails() for _ in range(2)] == [1, 0]
    with django_capture_on_commit_callbacks() as callbacks:
        tasks.sweep()
    assert len(callbacks) == 1
    scheduled = {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    assert tasks.queue_daily_mails.name in scheduled


# --- never twice --------------------------------------------------------------------------------------------------------


def test_database_refuses_a_second_mail_of_a_day_and_one_of_nobody(mo):
    fields = {"kind": "waiting", "email": "mo@example.org", "language": "en", "queued_at": SEVEN}
    AccountMail.objects.create(**fields, user=mo, day=SEVEN.date())
    for wrong in (
        {"user": mo, "day": SEVEN.date()},
        {"user": mo},
        {"day": SEVEN.date()},
        {"kind": "password", "user": mo},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountMail.objects.create(**fields | wrong)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_of_two_workers_at_once_one_queues_it(db, by):
    user = User.objects.create_user("mo", "mo@example.org")
    barrier, queued = threading.Barrier(2), []

    def queue():
        try:
            barrier.wait()
            queued.append(queue_daily_mail(user, day=SEVEN.date(), at=SEVEN))
        finally:
            connection.close()

    threads = [threading.Thread(target=queue) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert (len(queued), queued.count(None), AccountMail.objects.count()) == (2, 1, 1)


# --- the switch ---------------------------------------------------------------------------------------------------------


def test_she_stops_it_and_has_it_again(client, mo):
    client.force_login(mo)
    page = client.get("/account/").content.decode()
    assert re.search(r'<input type="checkbox" name="is_wanted"[^>]* checked', page)

    stopped = client.post("/account/daily-mail/", {}, follow=True)
    mo.refresh_from_db()
    assert (mo.daily_mail, stopped.redirect_chain[0][0]) == (False, "/account/")
    assert not re.search(r'name="is_wanted"[^>]* checked', stopped.content.decode())
    client.post("/account/daily-mail/", {"is_wanted": "on"})
    mo.refresh_from_db()
    assert mo.daily_mail is True


def test_switch_is_her_own_alone(client, mo):
    assert client.post("/account/daily-mail/", {}).url.startswith("/sign-in/")
    client.force_login(mo)
    assert client.get("/account/daily-mail/").status_code == 405
    User.objects.get(pk=mo.pk)
    other = User.objects.create_user("other")
    choose_daily_mail(other, is_wanted=False, by="other", at=SEVEN)
    mo.refresh_from_db()
    assert mo.daily_mail is True
