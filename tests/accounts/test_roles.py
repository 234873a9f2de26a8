"""Roles end on a day and pass to a successor, reviewers have deputies, a lost owner is replaced; by page, API and console."""

import json
import threading
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.errors import RoleError
from accounts.lifecycle import Actor
from accounts.models import AccountMail, Invitation, Role, User
from accounts.rules import actors
from accounts.tasks import sweep
from accounts.usecases.roles import change_role, give_role, pass_on_roles, take_role
from accounts.usecases.series import begin_series, create_series

pytestmark = pytest.mark.django_db
PEOPLE = "/people/las/"
API = "/api/v1/series/las/"
BY = {"by": "root"}


def today():
    return timezone.now().date()


@pytest.fixture
def give(series):
    """Give a role to somebody, made for it if need be."""

    def given(name, kind):
        user = User.objects.filter(username=name).first() or User.objects.create_user(name, f"{name}@example.org")
        return give_role(user, series=series, kind=Role.Kind(kind), **BY, at=timezone.now())

    return given


def role_of(user, kind):
    return Role.objects.get(user=user, kind=kind)


def let_end(role, **more):
    return change_role(role, last_day=today(), **more, **BY, at=timezone.now())


def ended(role):
    """Let the last day be over, as time does."""
    Role.objects.filter(pk=role.pk).update(last_day=today() - timedelta(days=1))


# --- a last day, a successor ---------------------------------------------------------------------------------------------


def test_role_stands_through_its_last_day_and_ends_then(give, moderator, series):
    role = let_end(role_of(moderator, "moderator"))
    during = actors(moderator, series)
    ended(role)
    client = Client()
    client.force_login(moderator)

    assert (during, actors(moderator, series)) == ({Actor.MODERATOR}, set())  # no worker has swept yet
    assert (client.get("/desk/las/").status_code, "LAS ranking" in client.get("/desk/").content.decode()) == (
        404,
        False,
    )


def test_successor_has_the_role_once_it_ends(give, moderator, series, caplog):
    observer = give("ada", "observer").user
    role = let_end(role_of(moderator, "moderator"), successor=observer)
    before = actors(observer, series), pass_on_roles(timezone.now())
    ended(role)

    sweep()

    assert before == ({Actor.OBSERVER}, 0)
    assert actors(observer, series) == {Actor.OBSERVER, Actor.MODERATOR}
    assert not Role.objects.filter(user=moderator).exists()
    acts = [record.getMessage() for record in caplog.records if record.name == "steelyard.acts"]
    assert [line.split(" ", 1)[1] for line in acts[-2:]] == [
        f"worker gave moderator of las to user {observer.pk}",
        f"worker ended moderator of las, user {moderator.pk}",
    ]


def test_successor_who_has_the_role_keeps_hers(give, moderator, series):
    ada = give("ada", "moderator").user
    ended(let_end(role_of(moderator, "moderator"), successor=ada))

    assert pass_on_roles(timezone.now()) == 1
    assert actors(ada, series) == {Actor.MODERATOR}


def test_role_that_is_given_again_has_no_end(give, moderator):
    let_end(role_of(moderator, "moderator"))

    assert give("mo", "moderator").last_day is None


def test_role_without_a_day_has_no_successor_in_the_database_either(moderator):
    with pytest.raises(IntegrityError), transaction.atomic():
        Role.objects.filter(user=moderator).update(successor=moderator)


@pytest.mark.parametrize("with_successor", [False, True])
def test_last_owner_leaves_only_to_a_successor(desk, owner, moderator, series, with_successor):
    sent = {"last_day": today().isoformat(), "successor": str(moderator.pk) if with_successor else ""}
    answer = desk.post(f"{PEOPLE}{owner.pk}/owner/change/", sent)

    assert answer.status_code == (302 if with_successor else 422)
    assert ("A series keeps an owner" in answer.content.decode()) != with_successor
    ended(role_of(owner, "owner"))
    pass_on_roles(timezone.now())
    assert (Actor.OWNER in actors(moderator, series)) == with_successor


def test_owner_who_is_to_be_succeeded_by_the_other_counts_as_one_who_stays(give, owner, moderator, series):
    give("mo", "owner")
    let_end(role_of(owner, "owner"), successor=moderator)

    assert take_role(role_of(moderator, "owner"), **BY, at=timezone.now())
    ended(role_of(owner, "owner"))
    pass_on_roles(timezone.now())
    assert Actor.OWNER in actors(moderator, series)


def closed(user):
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize("how", ["closed", "deleted"])
def test_last_owner_whose_successor_is_gone_keeps_her_role(owner, moderator, series, how, caplog):
    ended(let_end(role_of(owner, "owner"), successor=moderator))
    closed(moderator) if how == "closed" else moderator.delete()

    assert pass_on_roles(timezone.now()) == 0
    assert (actors(owner, series), role_of(owner, "owner").last_day) == ({Actor.OWNER}, None)
    assert "without a last day" in caplog.records[-1].getMessage()


def test_successor_whose_own_role_ends_first_still_succeeds(give, owner, series):
    ada = give("ada", "observer")
    role = let_end(role_of(owner, "owner"), successor=ada.user)
    ended(let_end(ada))
    pass_on_roles(timezone.now())
    ended(role)
    pass_on_roles(timezone.now())

    assert (actors(ada.user, series), actors(owner, series)) == ({Actor.OWNER}, set())


def test_two_owners_who_end_on_one_day_leave_the_one_who_succeeds(give, owner, moderator, series):
    hers = let_end(role_of(owner, "owner"), successor=moderator)
    his = let_end(give("mo", "owner"), successor=give("ada", "observer").user)
    change_role(his, last_day=today(), **BY, at=timezone.now())
    ended(hers)
    ended(his)
    pass_on_roles(timezone.now())

    assert (Actor.OWNER in actors(moderator, series), role_of(moderator, "owner").last_day) == (True, None)


def test_only_owner_of_whom_a_successor_is_closed_cannot_be_taken_her_role(owner, moderator, desk):
    let_end(role_of(owner, "owner"), successor=moderator)
    closed(moderator)

    assert call(desk, "DELETE", f"people/{owner.pk}/roles/owner/").status_code == 409
    assert role_of(owner, "owner")


def test_role_that_passes_to_who_has_it_until_a_day_leaves_her_that_day(give, moderator, series):
    ada = let_end(give("ada", "moderator"), successor=give("eve", "observer").user)
    ended(let_end(role_of(moderator, "moderator"), successor=ada.user))

    pass_on_roles(timezone.now())
    ada.refresh_from_db()
    assert (ada.last_day, ada.successor.username) == (today(), "eve")


def test_closed_successor_gets_nothing(give, moderator, series):
    ada = give("ada", "observer").user
    ended(let_end(role_of(moderator, "moderator"), successor=ada))
    closed(ada)

    pass_on_roles(timezone.now())
    assert not Role.objects.filter(kind="moderator").exists()


def test_role_that_is_taken_meanwhile_is_not_changed(give, desk, moderator):
    role = give("ria", "reviewer")
    role_of(role.user, "reviewer").delete()

    with pytest.raises(Role.DoesNotExist):
        let_end(role)


def test_invitation_to_a_role_that_ended_is_possible(desk, moderator):
    ended(let_end(role_of(moderator, "moderator")))
    made = call(desk, "POST", "invitations/", email="mo@example.org", role="moderator", language="en")

    assert made.status_code == 201


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
@pytest.mark.parametrize("first", ["change", "sweep"])
def test_two_who_change_roles_at_once_wait_for_each_other(give, owner, moderator, series, first):
    """Both hold the series before any role: neither waits for what the other has."""
    ended(let_end(give("ada", "moderator"), successor=moderator))
    reviewer = give("ria", "reviewer")
    acts = {
        "change": lambda: change_role(reviewer, deputy=moderator, **BY, at=timezone.now()),
        "sweep": lambda: pass_on_roles(timezone.now()),
        "take": lambda: take_role(role_of(moderator, "moderator"), **BY, at=timezone.now()),
    }
    barrier, failed = threading.Barrier(2), []

    def run(act):
        try:
            barrier.wait()
            for _ in range(20):
                acts[act]()
        except (RoleError, Role.DoesNotExist):
            pass  # the other one was first
        except Exception as error:  # noqa: BLE001 - whatever it is, it is shown below
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in (first, "take")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []


def test_who_loses_her_last_role_succeeds_and_deputises_nobody(give, moderator, series):
    ada = give("ada", "observer")
    reviewer = give("ria", "reviewer")
    let_end(role_of(moderator, "moderator"), successor=ada.user)
    change_role(reviewer, deputy=ada.user, **BY, at=timezone.now())

    take_role(ada, **BY, at=timezone.now())

    assert (role_of(moderator, "moderator").successor, role_of(reviewer.user, "reviewer").deputy) == (None, None)
    assert actors(ada.user, series) == set()


# --- deputies -------------------------------------------------------------------------------------------------------------


def test_deputy_acts_in_a_reviewer_s_place(give, series):
    reviewer, ada = give("ria", "reviewer"), give("ada", "translator").user
    change_role(reviewer, deputy=ada, **BY, at=timezone.now())
    during = actors(ada, series)
    change_role(reviewer, deputy=None, **BY, at=timezone.now())

    assert (during, actors(ada, series)) == ({Actor.REVIEWER, Actor.TRANSLATOR}, {Actor.TRANSLATOR})


def test_deputy_of_a_role_that_ended_is_none(give, series):
    reviewer, ada = give("ria", "reviewer"), give("ada", "translator").user
    ended(change_role(reviewer, last_day=today(), deputy=ada, **BY, at=timezone.now()))

    assert actors(ada, series) == {Actor.TRANSLATOR}


def test_deputy_without_a_role_of_her_own_is_none(give, series):
    reviewer, ada = give("ria", "reviewer"), give("ada", "translator")
    change_role(reviewer, deputy=ada.user, **BY, at=timezone.now())
    ended(let_end(ada))

    assert actors(ada.user, series) == set()  # no worker has swept yet


def test_deputy_of_a_closed_reviewer_is_none(give, series):
    reviewer, ada = give("ria", "reviewer"), give("ada", "translator").user
    change_role(reviewer, deputy=ada, **BY, at=timezone.now())
    closed(reviewer.user)

    assert actors(ada, series) == {Actor.TRANSLATOR}


def test_reviewer_s_role_that_is_given_again_has_no_deputy(give):
    reviewer, ada = give("ria", "reviewer"), give("ada", "translator").user
    ended(change_role(reviewer, last_day=today(), deputy=ada, **BY, at=timezone.now()))

    assert give("ria", "reviewer").deputy is None


@pytest.mark.parametrize(
    ("kind", "field", "more"),
    [
        ("reviewer", "last_day", {"last_day": timedelta(days=-1)}),
        ("reviewer", "last_day", {"successor": "ada"}),
        ("reviewer", "successor", {"last_day": timedelta(0), "successor": "herself"}),
        ("reviewer", "successor", {"last_day": timedelta(0), "successor": "stranger"}),
        ("reviewer", "successor", {"last_day": timedelta(0), "successor": "closed"}),
        ("reviewer", "deputy", {"deputy": "herself"}),
        ("reviewer", "deputy", {"deputy": "stranger"}),
        ("observer", "deputy", {"deputy": "ada"}),
    ],
)
def test_change_that_makes_no_sense_is_refused_by_its_field(give, series, kind, field, more):
    role, closed = give("herself", kind), give("closed", "observer").user
    give("ada", "observer")
    User.objects.create_user("stranger")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    sent = {
        name: today() + value if isinstance(value, timedelta) else User.objects.get(username=value)
        for name, value in more.items()
    }

    with pytest.raises(RoleError) as refused:
        change_role(role, **sent, **BY, at=timezone.now())
    assert refused.value.facts == {"field": field}
    role.refresh_from_db()
    assert (role.last_day, role.successor, role.deputy) == (None, None, None)


# --- the page of one person -----------------------------------------------------------------------------------------------


def test_page_says_until_when_and_who_comes_then(desk, give, moderator):
    reviewer = give("ria", "reviewer").user
    day = (today() + timedelta(days=30)).isoformat()
    sent = {"last_day": day, "successor": str(moderator.pk), "deputy": str(moderator.pk)}
    answer = desk.post(f"{PEOPLE}{reviewer.pk}/reviewer/change/", sent, follow=True)
    page = answer.content.decode()

    assert "The role is changed." in page
    assert (page.count("<bdi>mo</bdi>"), f'value="{day}"' in page) == (2, True)
    assert "until" in desk.get(PEOPLE).content.decode()
    role = role_of(reviewer, "reviewer")
    assert (role.successor, role.deputy, role.last_day.isoformat()) == (moderator, moderator, day)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"last_day": "soon"}, "Please enter a day, such as"),
        ({"last_day": "2001-01-01"}, "Please enter today or a later day"),
        ({"deputy": "0"}, "Select a valid choice"),
    ],
)
def test_refused_change_keeps_what_was_entered_beside_its_field(desk, give, sent, told):
    reviewer = give("ria", "reviewer").user
    answer = desk.post(f"{PEOPLE}{reviewer.pk}/reviewer/change/", sent)
    page = answer.content.decode()

    assert (answer.status_code, told in page) == (422, True)
    assert f'href="#id_reviewer_{next(iter(sent))}"' in page
    assert role_of(reviewer, "reviewer").last_day is None


def test_another_role_is_one_that_she_has_not(desk, moderator):
    page = desk.get(f"{PEOPLE}{moderator.pk}/").content.decode()

    assert ('value="reviewer"' in page, 'value="moderator"' in page) == (True, False)
    desk.post(f"{PEOPLE}{moderator.pk}/give/", {"kind": "reviewer"})
    assert Role.objects.filter(user=moderator).count() == 2


def test_who_has_every_role_is_offered_none(desk, give):
    for kind in Role.Kind.values:
        give("ada", kind)

    assert "Give another role" not in desk.get(f"{PEOPLE}{User.objects.get(username='ada').pk}/").content.decode()


def test_series_of_one_person_says_so(desk, give):
    alone = "One person alone"
    before = alone in desk.get(PEOPLE).content.decode()
    give("ada", "observer")
    observed = alone in desk.get(PEOPLE).content.decode()
    give("ada", "reviewer")

    assert (before, observed, alone in desk.get(PEOPLE).content.decode()) == (True, True, False)


# --- by API ---------------------------------------------------------------------------------------------------------------


def call(client, method, path, **sent):
    return client.generic(method, API + path, json.dumps(sent), content_type="application/json")


def test_api_lists_gives_changes_and_takes(desk, give, owner, moderator):
    observer = give("ada", "observer").user
    given = call(desk, "PUT", f"people/{moderator.pk}/roles/reviewer/", deputy=observer.pk)
    again = call(desk, "PUT", f"people/{moderator.pk}/roles/reviewer/", last_day=today().isoformat())
    taken = call(desk, "DELETE", f"people/{moderator.pk}/roles/moderator/")
    listed = desk.get(f"{API}people/").json()

    assert (given.status_code, again.status_code, taken.status_code) == (200, 200, 204)
    none = {"last_day": None, "successor": None, "deputy": None}
    assert given.json()["roles"] == [
        {"role": "moderator"} | none,
        {"role": "reviewer"} | none | {"deputy": observer.pk},
    ]
    assert [(one["account"], [role["role"] for role in one["roles"]]) for one in listed["people"]] == [
        (owner.pk, ["owner"]),
        (observer.pk, ["observer"]),
        (moderator.pk, ["reviewer"]),
    ]
    assert (listed["is_of_one"], listed["people"][2]["roles"][0]["last_day"]) == (False, today().isoformat())
    assert listed["people"][2]["roles"][0]["deputy"] is None  # what is left out is none


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "code"),
    [
        ("DELETE", "people/{owner}/roles/owner/", {}, 409, "last_owner"),
        ("DELETE", "people/{owner}/roles/reviewer/", {}, 404, "not_found"),
        ("PUT", "people/{owner}/roles/chief/", {}, 404, "not_found"),
        ("PUT", "people/{stranger}/roles/observer/", {}, 404, "not_found"),
        ("PUT", "people/{owner}/roles/observer/", {"last_day": "2001-01-01"}, 422, "role"),
        ("PUT", "people/{owner}/roles/owner/", {"last_day": "2999-01-01"}, 409, "last_owner"),
        ("PUT", "people/{owner}/roles/owner/", {"last_day": "2999-01-01", "successor": "{stranger}"}, 400, "invalid"),
        ("PUT", "people/{owner}/roles/owner/", {"last_day": "soon"}, 400, "invalid"),
        ("POST", "invitations/", {"email": "nowhere", "role": "chief", "language": "xx"}, 400, "invalid"),
        (
            "POST",
            "invitations/",
            {"email": "OWNER@example.org", "role": "owner", "language": "en"},
            409,
            "already_invited",
        ),
    ],
)
def test_api_refuses_in_words_and_stores_nothing(desk, owner, series, method, path, sent, status, code):
    places = {"owner": owner.pk, "stranger": User.objects.create_user("stranger").pk}
    sent = {name: int(value.format(**places)) if "{" in value else value for name, value in sent.items()}
    before = set(Role.objects.values_list())

    answer = call(desk, method, path.format(**places), **sent)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (set(Role.objects.values_list()), Invitation.objects.count()) == (before, 0)


def test_api_invites_mails_again_and_takes_the_offer_back(desk, series):
    made = call(desk, "POST", "invitations/", email="rita@example.org", role="data_steward", language="fr")
    uid = made.json()["uid"]
    AccountMail.objects.update(state="sent")
    again = call(desk, "POST", f"invitations/{uid}/mails/")
    listed = desk.get(f"{API}people/").json()["invited"]
    gone = call(desk, "DELETE", f"invitations/{uid}/")
    late = call(desk, "DELETE", f"invitations/{uid}/")

    assert (made.status_code, made.json()["role"], again.status_code) == (201, "data_steward", 202)
    assert ([one["uid"] for one in listed], AccountMail.objects.count()) == ([uid], 2)
    assert (gone.status_code, Invitation.objects.get().state) == (204, "withdrawn")
    assert (late.status_code, late.json()["code"], late.json()["facts"]["state"]) == (409, "wrong_state", "withdrawn")


def test_api_meets_no_invitation_of_another_series(desk, owner, series):
    other = begin_series(
        owner, name="Other", name_language="en", languages=["en"], contact="a@example.org", at=timezone.now()
    )
    uid = call(desk, "POST", "invitations/", email="rita@example.org", role="observer", language="en").json()["uid"]
    Invitation.objects.update(series=other)

    assert call(desk, "DELETE", f"invitations/{uid}/").status_code == 404
    assert call(desk, "POST", f"invitations/{uid}/mails/").status_code == 404


# --- at the console --------------------------------------------------------------------------------------------------------


def test_lost_owner_is_replaced_at_the_console(owner, moderator, series, capsys, caplog):
    User.objects.filter(pk=owner.pk).update(is_active=False)

    call_command("replace_owner", "las", "MO@example.org", "--lost", "owner")

    assert actors(moderator, series) == {Actor.OWNER, Actor.MODERATOR}
    assert not Role.objects.filter(user=owner).exists()
    assert "mo owns las from now on" in capsys.readouterr().out
    acts = [record.getMessage() for record in caplog.records if record.name == "steelyard.acts"]
    assert ["operator gave owner" in acts[-2], "operator took owner" in acts[-1]] == [True, True]


def test_series_without_an_owner_gets_one(moderator):
    create_series(slug="old", names={"en": "Old"}, descriptions={}, languages=["en"], **BY, at=timezone.now())

    call_command("replace_owner", "old", "mo")

    assert Role.objects.get(series__slug="old", kind="owner").user == moderator


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["nothing", "mo"], r"There is no series nothing. Series here: las\."),
        (["las", "nobody@example.org"], "Nobody signs in as nobody@example.org; nothing is changed"),
        (["las", "mo", "--lost", "nobody"], "Nobody signs in as nobody"),
        (["las", "owner", "--lost", "mo"], "mo does not own las; nothing is changed"),
        (["las", "owner", "--lost", "owner"], "Both are the same account"),
        (["las", "closed"], "The account of closed is closed"),
    ],
)
def test_console_refuses_in_words(owner, moderator, asked, told):
    User.objects.create_user("closed", is_active=False)
    before = set(Role.objects.values_list())

    with pytest.raises(CommandError, match=told):
        call_command("replace_owner", *asked)
    assert set(Role.objects.values_list()) == before
