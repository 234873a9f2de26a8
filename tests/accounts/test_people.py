"""Owners invite people by mail, give roles and take them; nobody else does."""

import re
import smtplib
import threading
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.db import connection
from django.test import Client
from django.utils import timezone, translation

from accounts.errors import InvitationStateError, LastOwnerError
from accounts.lifecycle import Actor
from accounts.links import invitation_address
from accounts.models import AccountMail, Invitation, Role, User
from accounts.rules import actors
from accounts.tasks import send_mail, sweep
from accounts.usecases.invitations import OPEN_FOR, take_up
from accounts.usecases.mails import send_account_mail
from accounts.usecases.roles import give_role, take_role
from accounts.usecases.series import begin_series

pytestmark = pytest.mark.django_db
PEOPLE = "/people/las/"
OFFER = {"email": "rita@example.org", "kind": "moderator", "language": "en"}
ACCOUNT = {"name": "Rita Reviewer", "password": "another long way", "language": "en"}


def moderates(user, series):
    return Actor.MODERATOR in actors(user, series)


def owns(user, series):
    return Actor.OWNER in actors(user, series)


def path_of(invitation):
    return re.sub(r"^https?://[^/]+", "", invitation_address(invitation))


@pytest.fixture
def invite(desk):
    """Invite somebody, send the mail, and return the invitation."""

    def invited(**changed):
        assert desk.post(f"{PEOPLE}invite/", OFFER | changed).status_code == 302
        made = Invitation.objects.latest("pk")
        send_mail(made.mails.get().pk)
        return made

    return invited


# --- an invitation ------------------------------------------------------------------------------------------------------


def test_invited_person_makes_an_account_by_the_link_in_her_mail(invite, series):
    invite(language="ar")
    (letter,) = outbox.outbox
    (link,) = re.findall(r"https?://\S+", letter.body)
    client = Client()
    path = re.sub(r"^https?://[^/]+", "", link)
    page = client.get(path)

    answer = client.post(path, ACCOUNT)

    assert (letter.to, letter.reply_to, letter.extra_headers["Content-Language"]) == (
        ["rita@example.org"],
        ["desk@example.org"],
        "ar",
    )
    assert "تصنيف" in letter.subject
    assert link in letter.alternatives[0].content
    assert ("Olga Owner" in page.content.decode(), page["Cache-Control"]) == (
        True,
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    rita = User.objects.get(username="rita@example.org")
    assert (answer.url, moderates(rita, series), owns(rita, series)) == ("/desk/", True, False)
    assert "LAS ranking" in client.get("/desk/").content.decode()
    client.post("/sign-out/")
    assert client.post("/sign-in/", {"username": "RITA@example.org", "password": ACCOUNT["password"]}).url == "/desk/"


def test_link_works_once(invite):
    made = invite()
    Client().post(path_of(made), ACCOUNT)
    again = Client().post(path_of(made), ACCOUNT | {"name": "Somebody Else"})

    assert (again.status_code, "This invitation was taken up" in again.content.decode()) == (200, True)
    assert not User.objects.filter(first_name="Somebody Else").exists()


def test_who_has_an_account_takes_the_role_up_with_it(invite, moderator, series):
    made = invite(kind="owner", email="mo@example.org")
    client = Client()
    shown = client.get(path_of(made)).content.decode()
    posted = client.post(path_of(made), ACCOUNT)
    signing_in = client.post(
        "/sign-in/", {"username": "mo", "password": "a long way round", "next": path_of(made)}, follow=True
    )
    answer = client.post(path_of(made))

    assert "There is an account for this mail address." in shown
    assert (posted.status_code, User.objects.count()) == (409, 2)
    assert "The role will belong to this account." in signing_in.content.decode()
    assert (answer.url, owns(moderator, series)) == ("/desk/", True)
    made.refresh_from_db()
    assert (made.state, made.taken_up_by) == ("taken_up", moderator)


def test_who_is_signed_in_may_take_it_up_under_another_address(invite, series):
    made = invite()
    other = User.objects.create_user("other", "other@example.org")
    client = Client()
    client.force_login(other)

    client.post(path_of(made))

    assert moderates(other, series)


def test_invitation_ends_by_itself_and_is_sent_again(desk, invite, series):
    made = invite()
    Invitation.objects.filter(pk=made.pk).update(ends_at=timezone.now())
    late = Client().post(path_of(made), ACCOUNT)
    listed = desk.get(PEOPLE).content.decode()
    desk.post(f"{PEOPLE}invitations/{made.uid}/again/")
    made.refresh_from_db()

    assert "nobody took it up in time" in late.content.decode()
    assert "(over)" in listed
    assert not User.objects.filter(username="rita@example.org").exists()
    assert made.ends_at > timezone.now() + OPEN_FOR - timedelta(minutes=5)
    assert Client().post(path_of(made), ACCOUNT).url == "/desk/"


def test_withdrawn_invitation_opens_nothing_and_its_mail_is_not_sent(desk, series):
    desk.post(f"{PEOPLE}invite/", OFFER, follow=True)
    made = Invitation.objects.get()
    desk.post(f"{PEOPLE}invitations/{made.uid}/withdraw/", follow=True)
    send_mail(made.mails.get().pk)
    page = Client().post(path_of(made), ACCOUNT)

    assert "withdrawn by those who sent it" in page.content.decode()
    assert (outbox.outbox, made.mails.get().error_code) == ([], "not_wanted")
    assert "rita@example.org" not in desk.get(PEOPLE).content.decode()


@pytest.mark.parametrize("act", ["again", "withdraw"])
def test_what_is_done_to_an_invitation_that_was_taken_up_changes_nothing(desk, invite, act):
    made = invite()
    Client().post(path_of(made), ACCOUNT)
    answer = desk.post(f"{PEOPLE}invitations/{made.uid}/{act}/", follow=True)

    assert "taken up or withdrawn meanwhile" in answer.content.decode()
    made.refresh_from_db()
    assert (made.state, made.mails.count()) == ("taken_up", 1)


@pytest.mark.parametrize("token", ["x", "x~y", "0123456789abcdef0123456789abcdef~abc", "%00"])
def test_link_that_nobody_made_is_none(client, token):
    assert client.get(f"/invitations/{token}/").status_code in (400, 404)


def test_link_of_an_invitation_that_is_gone_is_none(invite):
    made = invite()
    path = path_of(made)
    made.delete()

    assert Client().get(path).status_code == 404


def test_two_take_up_one_invitation_one_after_the_other(invite, owner):
    made = invite()
    take_up(made, user=owner, at=timezone.now())

    with pytest.raises(InvitationStateError) as refused:
        take_up(made, user=owner, at=timezone.now())
    assert refused.value.facts["state"] == "taken_up"


def test_invitation_that_ends_while_it_is_read_is_refused(invite, owner):
    made = invite()

    with pytest.raises(InvitationStateError) as refused:
        take_up(made, user=owner, at=made.ends_at)
    assert refused.value.facts["state"] == "over"


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("name", "", "Please fill this in."),
        ("password", "short", "at least 12 characters"),
        ("password", "rita@example.org", "too similar"),
        ("language", "xx", "Select a valid choice"),
    ],
)
def test_refused_account_keeps_what_was_typed_and_the_link(invite, field, typed, told):
    made = invite()
    answer = Client().post(path_of(made), ACCOUNT | {field: typed})

    assert (answer.status_code, told in answer.content.decode()) == (422, True)
    assert Client().post(path_of(made), ACCOUNT).status_code == 302


# --- the owners' page -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "status", "told"),
    [
        ({"email": "nowhere"}, 422, "Please enter a mail address"),
        ({"kind": ""}, 422, "Please choose a role."),
        ({"kind": "chief"}, 422, "Select a valid choice"),
        ({"language": "xx"}, 422, "Select a valid choice"),
        ({"email": "OWNER@example.org", "kind": "owner"}, 409, "Whoever has this address has the role already."),
        ({"email": "Rita@Example.org"}, 409, "This address is invited to the role already."),
    ],
)
def test_refused_invitation_mails_nobody(desk, invite, changed, status, told):
    invite()
    answer = desk.post(f"{PEOPLE}invite/", OFFER | changed)

    assert (answer.status_code, told in answer.content.decode()) == (status, True)
    assert (Invitation.objects.count(), AccountMail.objects.count()) == (1, 1)


def test_every_refusal_links_to_its_control(desk, series):
    text = desk.post(f"{PEOPLE}invite/", {}).content.decode()
    targets = re.findall(r'<a href="#(\w*)">', text.partition("error-summary")[2].partition("</ul>")[0])

    assert targets == ["id_email", "id_kind", "id_language"]
    assert all(f'id="{one}"' in text for one in targets)


def test_mailing_again_while_a_mail_waits_mails_once(desk, series):
    desk.post(f"{PEOPLE}invite/", OFFER)
    made = Invitation.objects.get()
    desk.post(f"{PEOPLE}invitations/{made.uid}/again/")

    assert made.mails.count() == 1


def test_roles_are_given_and_taken(desk, owner, moderator, series):
    desk.post(f"{PEOPLE}{moderator.pk}/give/", {"kind": "owner"})
    given = owns(moderator, series)
    taken = desk.post(f"{PEOPLE}{moderator.pk}/moderator/take/")
    left = desk.post(f"{PEOPLE}{owner.pk}/owner/take/")

    assert (given, moderates(moderator, series)) == (True, False)
    assert (taken.url, left.url) == (f"{PEOPLE}{moderator.pk}/", "/desk/")
    assert (owns(owner, series), desk.get(PEOPLE).status_code) == (False, 404)


def test_who_loses_her_last_role_is_on_the_page_no_more(desk, moderator, series):
    assert desk.post(f"{PEOPLE}{moderator.pk}/moderator/take/").url == PEOPLE
    assert "mo@example.org" not in desk.get(PEOPLE).content.decode()
    assert desk.get(f"{PEOPLE}{moderator.pk}/").status_code == 404


def test_last_owner_cannot_leave(desk, owner, series, moderator):
    answer = desk.post(f"{PEOPLE}{owner.pk}/owner/take/", follow=True)
    gone = User.objects.create_user("gone", is_active=False)
    give_role(gone, series=series, kind=Role.Kind.OWNER, by="root", at=timezone.now())
    again = desk.post(f"{PEOPLE}{owner.pk}/owner/take/", follow=True)

    assert "A series keeps an owner" in answer.content.decode()
    assert "A series keeps an owner" in again.content.decode()  # who cannot sign in owns nothing
    assert owns(owner, series)


def test_role_that_is_taken_twice_is_taken_once(series, moderator):
    role = Role.objects.get(user=moderator)
    at = timezone.now()

    assert [take_role(role, by="root", at=at), take_role(role, by="root", at=at)] == [True, False]


@pytest.mark.parametrize("kind", ["", "chief", "moderator"])
def test_role_that_makes_no_sense_is_not_given(desk, moderator, kind):
    answer = desk.post(f"{PEOPLE}{moderator.pk}/give/", {"kind": kind})

    assert (answer.status_code, Role.objects.filter(user=moderator).count()) == (422, 1)
    assert 'href="#id_kind"' in answer.content.decode()


@pytest.mark.parametrize("act", ["chief/take", "chief/change", "owner/take", "owner/change"])
def test_role_that_nobody_has_is_neither_changed_nor_taken(desk, moderator, act):
    assert desk.post(f"{PEOPLE}{moderator.pk}/{act}/").status_code == 404


def test_role_is_given_to_nobody_without_one_here(desk, series):
    stranger = User.objects.create_user("stranger")

    assert desk.post(f"{PEOPLE}{stranger.pk}/give/", {"kind": "owner"}).status_code == 404
    assert not owns(stranger, series)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_two_owners_who_take_each_other_s_role_leave_one(owner, moderator, series):
    give_role(moderator, series=series, kind=Role.Kind.OWNER, by="root", at=timezone.now())
    roles = list(Role.objects.filter(series=series, kind=Role.Kind.OWNER))
    barrier, refused = threading.Barrier(2), []

    def take(role):
        try:
            barrier.wait()
            take_role(role, by="root", at=timezone.now())
        except LastOwnerError:
            refused.append(role)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[role]) for role in roles]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert (len(refused), Role.objects.filter(series=series, kind=Role.Kind.OWNER).count()) == (1, 1)


# --- doors ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["moderator", "stranger", "owner of another", "closed owner", "nobody"])
def test_roles_are_the_owners_alone(invite, series, owner, moderator, who):
    made = invite()
    client = Client()
    if who == "moderator":
        client.force_login(moderator)
    elif who == "closed owner":
        client.force_login(owner)
        User.objects.filter(pk=owner.pk).update(is_active=False)
    elif who != "nobody":
        client.force_login(User.objects.create_superuser("somebody"))
    before = set(Role.objects.values_list()), Invitation.objects.count()

    answers = [client.get(PEOPLE)] + [
        client.post(f"{PEOPLE}{act}", OFFER | {"kind": "owner"})
        for act in (
            "invite/",
            f"{moderator.pk}/give/",
            f"{moderator.pk}/moderator/change/",
            f"{moderator.pk}/moderator/take/",
            f"invitations/{made.uid}/again/",
            f"invitations/{made.uid}/withdraw/",
        )
    ]

    expected = {"nobody": 302, "closed owner": 302, "moderator": 403}.get(who, 404)
    assert {answer.status_code for answer in answers} == {expected}
    assert all("/sign-in/" in answer.url for answer in answers if answer.status_code == 302)
    assert (set(Role.objects.values_list()), Invitation.objects.count()) == before
    made.refresh_from_db()
    assert (made.state, made.mails.count()) == ("open", 1)


def test_owner_meets_no_invitation_of_another_series(desk, owner, series, invite):
    made = invite()
    Invitation.objects.filter(pk=made.pk).update(series=_other(owner))

    assert desk.post(f"{PEOPLE}invitations/{made.uid}/withdraw/").status_code == 404


def _other(owner):
    return begin_series(
        owner, name="Other", name_language="en", languages=["en"], contact="a@example.org", at=timezone.now()
    )


def test_owner_finds_people_and_work_of_her_series_on_the_desk(desk, series):
    home = desk.get("/desk/").content.decode()

    assert ('href="/people/las/"' in home, 'href="/desk/las/"' in home) == (True, True)
    assert 'href="/people/las/"' in desk.get("/desk/las/").content.decode()
    assert 'href="/desk/las/"' in desk.get(PEOPLE).content.decode()


def test_page_costs_the_same_for_one_person_and_many(desk, series, invite, django_assert_num_queries):
    def queries():
        with connection.execute_wrapper(counting := Counting()):
            assert desk.get(PEOPLE).status_code == 200
        return counting.total

    invite()
    before = queries()
    for number in range(20):
        user = User.objects.create_user(f"user {number}")
        give_role(user, series=series, kind=Role.Kind.MODERATOR, by="root", at=timezone.now())
        invite(email=f"{number}@example.org")

    assert queries() == before < 15


class Counting:
    total = 0

    def __call__(self, execute, *arguments):
        self.total += 1
        return execute(*arguments)


@pytest.mark.parametrize("language", ["ar", "zh-hans", "fr", "ru", "pt"])
def test_pages_and_letter_speak_the_reader_s_language(desk, invite, language):
    made = invite(language=language)
    (letter,) = outbox.outbox
    page = Client().get(path_of(made), headers={"accept-language": language}).content.decode()
    people = desk.get(PEOPLE, headers={"accept-language": language}).content.decode()
    with translation.override(language):
        assert translation.gettext("Take up the role:") in letter.body
        assert translation.gettext("Take up the role") in page
        assert translation.gettext("Mail the invitation") in people
    assert "Take up the role" not in letter.body + page


# --- mails ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "attempts", "state", "code", "told"),
    [
        (smtplib.SMTPRecipientsRefused({}), 1, "failed", "recipient_refused", "refused by the mail server"),
        (ConnectionRefusedError(), 1, "queued", "mail_server", "on its way"),
        (ConnectionRefusedError(), 5, "failed", "mail_server", "the mail server did not answer"),
    ],
)
def test_mail_that_does_not_arrive_is_told_to_the_owner(desk, series, monkeypatch, error, attempts, state, code, told):
    desk.post(f"{PEOPLE}invite/", OFFER)
    mail = AccountMail.objects.get()

    def refuse(_backend, _messages):
        raise error

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    for _ in range(attempts):
        with nullcontext() if code == "recipient_refused" else pytest.raises(ConnectionRefusedError):
            send_account_mail(mail.pk, now=timezone.now)

    mail.refresh_from_db()
    assert (mail.state, mail.error_code) == (state, code)
    assert told in desk.get(PEOPLE).content.decode()


def test_sweep_finds_mails_that_wait_and_those_of_a_worker_that_fell_silent(desk, series):
    desk.post(f"{PEOPLE}invite/", OFFER)
    desk.post(f"{PEOPLE}invite/", OFFER | {"kind": "owner"})
    AccountMail.objects.filter(invitation__kind="owner").update(
        state="sending", claimed_at=timezone.now() - timedelta(minutes=11)
    )

    assert sweep() == 2
    assert set(AccountMail.objects.values_list("state", flat=True)) == {"queued"}
