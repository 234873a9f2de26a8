"""A forgotten password: a link by mail that works once, and tells nobody who has an account."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.core import mail as outbox
from django.test import Client
from django.utils import timezone, translation

from accounts.models import AccountMail, User
from accounts.tasks import send_mail
from config.logs import mask

pytestmark = pytest.mark.django_db
NEW = "quite another long way"
ASK = "/new-password/"


def ask(client, email="owner@example.org", **more):
    return client.post(ASK, {"email": email}, **more)


def link():
    (found,) = re.findall(r"https?://[^/\s]+(/\S+)", outbox.outbox[-1].body)
    return found


@pytest.fixture
def mailed(client, owner):
    """Ask for a link, send it, and return its path."""
    ask(client)
    send_mail(AccountMail.objects.get().pk)
    return link()


def choose(client, path, password=NEW, again=None):
    opened = client.get(path)
    return client.post(opened.url, {"new_password1": password, "new_password2": again or password})


def test_password_is_chosen_anew_by_the_link_in_the_mail(client, owner, mailed):
    answer = choose(client, mailed)
    page = client.get(answer.url).content.decode()

    assert answer.url == "/sign-in/"
    assert "The new password is kept." in page
    assert "_auth_user_id" not in client.session  # all her factors are still asked for
    assert client.post("/sign-in/", {"username": "owner", "password": NEW}).url == "/desk/"
    owner.refresh_from_db()
    assert not owner.check_password("a long way round")


def test_link_works_once_and_for_a_day(client, mailed):
    choose(client, mailed)
    again = Client().get(mailed, follow=True).content.decode()

    assert "This link opens nothing any more" in again


def test_link_ends_after_a_day(client, owner, mailed):
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert "This link opens nothing any more" in Client().get(mailed, follow=True).content.decode()


def test_link_ends_when_somebody_signs_in_meanwhile(client, owner, mailed):
    Client().post("/sign-in/", {"username": "owner", "password": "a long way round"})

    assert "This link opens nothing any more" in Client().get(mailed, follow=True).content.decode()


@pytest.mark.parametrize(
    ("password", "again", "told"),
    [
        ("short", None, "at least 12 characters"),
        ("owner@example.org", None, "too similar"),
        (NEW, "something else", "The two password fields"),
        ("password1234", None, "too common"),
    ],
)
def test_refused_password_is_told_beside_its_field(client, owner, mailed, password, again, told):
    answer = choose(client, mailed, password, again)

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert authenticate(None, username="owner", password="a long way round") == owner


def test_answer_and_work_are_the_same_whether_the_address_is_known_or_not(client, owner, django_assert_num_queries):
    answers = []
    for email in ("owner@example.org", "nobody@example.org"):
        with django_assert_num_queries(1):
            answers.append(ask(client, email))
        told = Client()
        told.cookies = client.cookies
        page = told.get("/sign-in/").content.decode()
        assert f"If somebody signs in with {email}" in page

    assert {(answer.status_code, answer.url) for answer in answers} == {(302, "/sign-in/")}
    assert AccountMail.objects.filter(kind="password", state="queued").count() == 2


@pytest.mark.parametrize("who", ["nobody", "closed", "without a password"])
def test_nobody_is_mailed_who_could_not_sign_in_and_the_address_is_forgotten(client, owner, who):
    if who == "closed":
        User.objects.filter(pk=owner.pk).update(is_active=False)
    elif who == "without a password":
        owner.set_unusable_password()
        owner.save()
    ask(client, "nobody@example.org" if who == "nobody" else "owner@example.org")
    mail = AccountMail.objects.get()

    assert send_mail(mail.pk) is False
    mail.refresh_from_db()
    assert (outbox.outbox, mail.state, mail.error_code, mail.email) == ([], "failed", "nobody", "")


def test_address_with_two_accounts_is_mailed_a_link_for_each(client, owner):
    User.objects.create_user("second", "Owner@Example.org", "a long way round")
    ask(client, " OWNER@example.org ")
    send_mail(AccountMail.objects.get().pk)
    (letter,) = outbox.outbox

    assert letter.to == ["owner@example.org"]
    assert ("Choose a new password for owner:" in letter.body, "for second:" in letter.body) == (True, True)
    assert len(set(re.findall(r"https?://\S+", letter.body))) == 2


def test_link_is_asked_for_so_often_and_no_more(client, owner):
    answers = [ask(client) for _ in range(4)]
    other = ask(client, "other@example.org")

    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert int(answers[3]["Retry-After"]) > 60
    assert "too often" in answers[3].content.decode()
    assert (other.status_code, AccountMail.objects.count()) == (302, 4)


@pytest.mark.parametrize("typed", ["", "nowhere", "a@b", "x" * 200 + "@example.org"])
def test_what_is_no_address_is_told(client, db, typed):
    answer = ask(client, typed)

    assert (answer.status_code, AccountMail.objects.count()) == (422, 0)
    assert "No mail is sent" in answer.content.decode()


@pytest.mark.parametrize("path", ["MQ/set-password", "MQ/abc-def", "!!/abc", "OTk5/abc-def"])
def test_link_that_nobody_made_opens_nothing(client, owner, path):
    page = client.get(f"/new-password/{path}/").content.decode()

    assert "This link opens nothing any more" in page
    assert 'type="password"' not in page


def test_sign_in_leads_to_it_and_public_pages_to_sign_in_and_desk(client, db):
    sign_in = client.get("/sign-in/").content.decode()
    home = client.get("/").content.decode()

    assert f'href="{ASK}"' in sign_in
    assert ('href="/sign-in/"' in home, 'href="/desk/"' in home) == (True, True)


@pytest.mark.parametrize("language", ["ar", "zh-hans", "fr", "ru", "pt"])
def test_mail_and_pages_speak_the_reader_s_language(client, owner, language):
    asking = client.get(ASK, headers={"accept-language": language}).content.decode()
    ask(client, headers={"accept-language": language})
    send_mail(AccountMail.objects.get().pk)
    (letter,) = outbox.outbox
    opened = client.get(link(), headers={"accept-language": language}, follow=True).content.decode()
    with translation.override(language):
        assert translation.gettext("Mail me a link") in asking
        assert (
            translation.gettext("If it was not you who asked, do nothing: the password stays as it is.") in letter.body
        )
        assert translation.gettext("Keep the new password") in opened
    assert "Keep the new password" not in opened


def test_mail_speaks_the_language_that_its_reader_chose_for_it(client, owner):
    owner.language = "fr"
    owner.save()
    ask(client)
    send_mail(AccountMail.objects.get().pk)

    assert outbox.outbox[0].extra_headers["Content-Language"] == "fr"
    assert "Choisissez un nouveau mot de passe" in outbox.outbox[0].body


def test_log_holds_no_link(client, owner, mailed):
    for path in (mailed, "/invitations/abc~def/"):
        assert mask(f'GET {path} "x"').count("…") == 1
        assert path.rstrip("/").rpartition("/")[2] not in mask(f"GET {path}")
