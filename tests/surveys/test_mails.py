"""Mails: once each, in the panelist's language, with her link and nobody's name."""

import re
import smtplib
import socketserver
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as outbox
from django.test import Client
from django.utils import timezone, translation

from surveys.errors import RoundStateError
from surveys.models import Mail, Panel, Panelist, Round, Submission
from surveys.queries.desk.people import to_remind
from surveys.queries.panelist.links import link_for, personal_token
from surveys.tasks import close_due_rounds, send_mail, sweep
from surveys.usecases import mails
from surveys.usecases.arrivals import decline, start, stop_mails
from surveys.usecases.judgements import record_judgement
from surveys.usecases.letters import letter
from surveys.usecases.rounds import announce_close, close_round
from surveys.usecases.submissions import submit_round
from tests.guards import unguarded

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


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"withdrawn_at": datetime(2026, 3, 1, tzinfo=UTC)}, "withdrawn"), ({"email": ""}, "no_address")],
)
def test_mail_that_has_nobody_to_reach_any_more_is_told_so(opened, panelists, now, changed, code):
    Panelist.objects.filter(code="P1").update(**changed)
    mail = Mail.objects.get(panelist=panelists["P1"])

    assert not mails.send_mail(mail.pk, now=lambda: now)

    mail.refresh_from_db()
    assert (mail.state, mail.error_code, outbox.outbox) == ("failed", code, [])


def test_mail_whose_links_have_ended_is_not_sent(opened, panelists, now):
    panelists["P1"].links.update(ended_at=now)
    mail = Mail.objects.get(panelist=panelists["P1"])

    assert not mails.send_mail(mail.pk, now=lambda: now)

    mail.refresh_from_db()
    assert (mail.state, mail.error_code, outbox.outbox) == ("failed", "no_link", [])


class _Refusing(socketserver.StreamRequestHandler):
    """A mail server that knows none of the people written to."""

    def handle(self):
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            refused = line.upper().startswith(b"RCPT")
            self.wfile.write(b"550 nobody of that name\r\n" if refused else b"250 well\r\n")


def test_address_that_the_server_refuses_is_not_tried_again(opened, now, settings):
    mail = Mail.objects.first()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        try:
            assert not mails.send_mail(mail.pk, now=lambda: now)
        finally:
            server.shutdown()

    mail.refresh_from_db()
    assert (mail.state, mail.error_code) == ("failed", "recipient_refused")


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
    with unguarded(Round):
        Round.objects.filter(pk=opened.pk).update(
            opens_at=timezone.now() - timedelta(hours=2), closes_at=timezone.now() - timedelta(hours=1)
        )

    close_due_rounds.delay()

    eventually(lambda: Round.objects.get(pk=opened.pk).state == "closed")


# --- what a person reads ------------------------------------------------------------------------------------------------


def sent(mail, now):
    """Send one mail and return the message."""
    assert mails.send_mail(mail.pk, now=lambda: now)
    return outbox.outbox[-1]


def html(message):
    (part,) = [one for one in message.alternatives if one.mimetype == "text/html"]
    return part.content


@pytest.fixture
def invitation(opened, panelists):
    """The invitation of P2, an Arabic reader in Rabat; the round closes at 18:30 UTC in June."""
    with unguarded(Round):
        Round.objects.update(closes_at=datetime(2026, 6, 23, 18, 30, tzinfo=UTC))
    Panelist.objects.filter(code="P2").update(time_zone="Africa/Casablanca")
    return Mail.objects.get(panelist__code="P2")


def test_mail_says_who_asks_how_long_until_when_and_who_sees_her_name(invitation, now):
    Panelist.objects.filter(code="P2").update(language="en")

    message = sent(invitation, now)

    for body in (message.body, re.sub(r"[ \n]+", " ", re.sub("<[^>]+>", "", html(message)))):
        for words in (
            "LAS ranking – Panel",
            "6 pairs, about 2 minutes",
            "23 June 2026, 19:30 (Africa/Casablanca, UTC+01:00)",
            "Who sees your name: The moderators see how far you are under a code; nobody is shown your name.",
            "desk@example.org",
        ):
            assert words in body


def test_mail_without_a_zone_names_the_sites_own(invitation, now, settings):
    Panelist.objects.filter(code="P2").update(language="en", time_zone="")
    assert "23 June 2026, 18:30 (UTC)" in sent(invitation, now).body


def test_mail_tells_that_moderators_see_names_where_they_do(invitation, panel, now):
    with unguarded(Panel):
        Panel.objects.update(names_shown=True)
    Panelist.objects.filter(code="P2").update(language="en")

    assert "The moderators see your name beside how far you are" in sent(invitation, now).body


def test_arabic_mail_is_arabic_from_right_to_left_with_its_dates(invitation, now):
    message = sent(invitation, now)

    with translation.override("ar"):
        subject = translation.gettext("Your judgement for %(series)s") % {"series": "LAS ranking"}
    assert message.subject == subject
    assert message.subject != "Your judgement for LAS ranking"
    assert '<html lang="ar" dir="rtl">' in html(message)
    assert "23 يونيو 2026، 19:30" in message.body
    assert message.extra_headers["Content-Language"] == "ar"
    assert message.message()["Subject"].encode()  # it can be written to the wire


def test_every_link_of_the_mail_opens_and_stands_in_both_parts(client, invitation, now, settings):
    message = sent(invitation, now)
    token = personal_token(invitation.panelist)
    start_ = f"{settings.PUBLIC_URL}/p/{token}/"

    for address in (start_, f"{start_}decline/", f"{start_}stop-mails/"):
        assert f"\n{address}\n" in message.body  # on a line of its own, so that no program breaks it
        assert f'href="{address}"' in html(message)
        assert client.get(address.removeprefix(settings.PUBLIC_URL)).status_code == 200


def test_mail_answers_to_a_person_and_stops_by_one_click(invitation, now, settings):
    message = sent(invitation, now)
    header = message.extra_headers
    address, letter = re.findall("<([^>]+)>", header["List-Unsubscribe"])

    assert message.reply_to == ["desk@example.org"]
    assert letter == "mailto:desk@example.org?subject=stop"
    assert header["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    answer = Client(enforce_csrf_checks=True).post(
        address.removeprefix(settings.PUBLIC_URL), {"List-Unsubscribe": "One-Click"}
    )
    assert answer.status_code == 204
    assert Panelist.objects.get(code="P2").mails_stopped_at is not None


def test_html_part_asks_no_other_host_and_escapes(invitation, series, now):
    type(series).objects.update(names={"en": "A <b>bold</b> & brave ranking"})

    part = html(sent(invitation, now))

    assert "A &lt;b&gt;bold&lt;/b&gt; &amp; brave ranking" in part
    assert not re.search(r"<(img|link|script|style|iframe)|style=", part)
    assert "A <b>bold</b> & brave ranking" in outbox.outbox[-1].body


@pytest.mark.parametrize("language", ["en", "ar", "zh-hans", "fr", "ru", "pt"])
@pytest.mark.parametrize("kind", Mail.Kind.values)
def test_every_kind_of_mail_is_written_in_every_language(opened, panelists, answer_all, now, kind, language):
    Panelist.objects.filter(code="P1").update(language=language)
    panelist = Panelist.objects.get(code="P1")
    if kind == "receipt":
        answer_all(panelist, opened)
        submit_round(panelist, opened, at=now)
    if kind == "ending":
        announce_close(opened, finish_until=now + timedelta(hours=1), by="mo", at=now)
    if kind == "closed":
        close_round(opened, by="mo", at=now)
    mail = Mail.objects.get_or_create(panelist=panelist, round=opened, kind=kind, defaults={"queued_at": now})[0]

    message = sent(mail, now)

    assert f'<html lang="{language}"' in html(message)
    assert message.subject
    assert "Name 1" not in message.message().as_string() + message.body + html(message)
    assert personal_token(panelist) in message.body


def test_reminder_counts_what_is_still_open(opened, panelists, now):
    record_judgement(panelists["P1"], opened, a="A", b="B", value=3, at=now)
    mail = Mail.objects.create(panelist=panelists["P1"], round=opened, kind="reminder", queued_at=now)

    assert "5 pairs, about 2 minutes" in sent(mail, now).body


def test_receipt_is_mailed_on_handing_in_once(opened, panelists, answer_all, now):
    answer_all(panelists["P1"], opened)
    for _ in range(2):
        submit_round(panelists["P1"], opened, at=now)

    message = sent(Mail.objects.get(kind="receipt"), now)

    assert Submission.objects.get().receipt in message.body
    assert Submission.objects.get().receipt in html(message)


def test_who_has_no_address_gets_no_receipt(opened, panelists, answer_all, now):
    Panelist.objects.filter(code="P1").update(email="")
    answer_all(panelists["P1"], opened)
    submit_round(Panelist.objects.get(code="P1"), opened, at=now)

    assert Mail.objects.filter(kind="receipt").count() == 0


# --- who is mailed ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wish", [decline, stop_mails])
@pytest.mark.parametrize("kind", ["invitation", "reminder", "receipt"])
def test_who_declined_or_stopped_mails_is_mailed_no_more(opened, panelists, now, wish, kind):
    defaults = {"queued_at": now}
    mail = Mail.objects.get_or_create(panelist=panelists["P1"], round=opened, kind=kind, defaults=defaults)[0]
    wish(panelists["P1"], at=now)

    assert not mails.send_mail(mail.pk, now=lambda: now)

    mail.refresh_from_db()
    assert (mail.state, mail.error_code, outbox.outbox) == ("failed", "not_wanted", [])


@pytest.mark.parametrize("kind", ["invitation", "reminder"])
def test_nobody_is_asked_to_a_round_that_is_closed(opened, panelists, now, kind):
    mail = Mail.objects.get_or_create(panelist=panelists["P1"], round=opened, kind=kind, defaults={"queued_at": now})[0]
    close_round(opened, by="mo", at=now)

    assert not mails.send_mail(mail.pk, now=lambda: now)
    mail.refresh_from_db()
    assert mail.error_code == "round_closed"


def test_waiting_mails_of_a_round_are_dropped(opened, now):
    assert mails.drop_waiting_mails(opened, by="mo", at=now) == 3
    assert mails.waiting_mails(at=now) == []


def test_reminder_leaves_out_who_finished_declined_stopped_or_was_mailed_lately(opened, panel, answer_all, now):
    later = now + timedelta(days=4)
    from_panel = {one.code: one for one in panel.panelists.all()}
    assert [one.code for one in to_remind(opened, at=later)] == ["P1", "P2", "P3"]
    assert list(to_remind(opened, at=now + timedelta(days=2))) == []  # invited two days ago

    answer_all(from_panel["P1"], opened)
    submit_round(from_panel["P1"], opened, at=now)
    Mail.objects.filter(kind="receipt").update(queued_at=now)
    decline(from_panel["P2"], at=now)

    assert [one.code for one in to_remind(opened, at=later)] == ["P3"]
    stop_mails(from_panel["P3"], at=now)
    assert list(to_remind(opened, at=later)) == []


def test_address_that_was_refused_is_not_reminded(opened, now):
    Mail.objects.filter(panelist__code="P1").update(state="failed", error_code="recipient_refused")

    assert "P1" not in {one.code for one in to_remind(opened, at=now + timedelta(days=4))}


def test_after_the_end_is_announced_only_who_started_is_reminded(opened, panelists, now):
    start(link_for(personal_token(panelists["P1"])), device="d", at=now)
    announce_close(opened, finish_until=now + timedelta(days=9), by="mo", at=now)
    opened.refresh_from_db()

    assert [one.code for one in to_remind(opened, at=now + timedelta(days=4))] == ["P1"]


def test_reminding_twice_mails_once_and_keeps_the_invitation(opened, now):
    later = now + timedelta(days=4)

    assert [len(mails.remind_panelists(opened, by="mo", at=later)) for _ in range(2)] == [3, 0]
    assert Mail.objects.filter(kind="invitation").count() == 3


def test_nobody_is_reminded_of_a_closed_round(opened, now):
    close_round(opened, by="mo", at=now)

    with pytest.raises(RoundStateError):
        mails.remind_panelists(opened, by="mo", at=now + timedelta(days=4))


@pytest.mark.parametrize("kind", Mail.Kind.values)
def test_no_mail_holds_her_code(opened, panelists, now, answer_all, caplog, kind):
    """Neither text nor header, nor what is logged of sending it: beside an address a code would join it with the desk."""
    her = panelists["P2"]
    Panelist.objects.filter(pk=her.pk).update(code="CODE-OF-HERS")
    her.refresh_from_db()
    answer_all(her, opened)
    submit_round(her, opened, at=now)
    mail = Mail.objects.filter(panelist=her, round=opened, kind=kind).first() or Mail.objects.create(
        panelist=her, round=opened, kind=kind, queued_at=now
    )

    told = letter(mail).message().as_string()

    assert "CODE-OF-HERS" not in told
    assert "CODE-OF-HERS" not in caplog.text
    assert her.email in told
