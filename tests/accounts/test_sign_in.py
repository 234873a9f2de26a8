"""Signing in: every place where a password is looked at is behind one throttle, which is asked before anything is hashed."""

import re
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as project
from django.contrib.auth import aauthenticate, authenticate
from django.test import RequestFactory
from django.urls import get_resolver
from django.utils import translation
from rest_framework.authentication import BasicAuthentication, SessionAuthentication
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from accounts.models import User
from accounts.password_attempts import TooManyAttemptsError, begin_attempt
from tests.accounts.hashing import HASHERS, CountingHasher
from tests.kept import forget_rows

RIGHT, WRONG = "a long way round", "a short way round"
LIMIT = 10
LOOKED_AT = re.compile(r"\b(?:a?check_password|verify_password)\b")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _hashing(settings):
    settings.PASSWORD_HASHERS = HASHERS


@pytest.fixture
def moderator():
    return User.objects.create_user("mo", password=RIGHT)


@pytest.fixture
def chief():
    return User.objects.create_superuser("chief", password=RIGHT)


@pytest.fixture
def redis_is_away(settings):
    away = {"LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = project.CACHES | {name: project.CACHES[name] | away for name in ("default", "attempts")}


def runs_of(act):
    """Return how many passwords are hashed by an act, and what it returns."""
    before = CountingHasher.runs
    answer = act()
    return CountingHasher.runs - before, answer


def sign_in(client, name="mo", password=WRONG, address="192.0.2.1", **more):
    return client.post("/sign-in/", {"username": name, "password": password}, REMOTE_ADDR=address, **more)


# --- every place ------------------------------------------------------------------------------------------------------


class Basic(APIView):
    """What the API has not, and what somebody may give it one day."""

    authentication_classes = (BasicAuthentication,)

    def get(self, request):
        return Response()


@dataclass(frozen=True)
class Place:
    """A place where a password is looked at: how it is tried there, and what is answered."""

    attempt: object
    address: str = ""


def at_sign_in(client, user, password):
    return sign_in(client, user.username, password).status_code


def at_own_password(client, user, password):
    client.force_login(user)
    words = {"old_password": password, "new_password1": "another long way", "new_password2": "another long way"}
    return client.post("/account/password/", words).status_code


def at_confirmation(client, user, password):
    client.force_login(user)
    return client.post("/account/confirm/", {"password": password}).status_code


def at_the_api(client, user, password):
    key = b64encode(f"{user.username}:{password}".encode()).decode()
    request = APIRequestFactory().get("/", headers={"authorization": f"Basic {key}"})
    return Basic.as_view()(request).status_code


def in_code(client, user, password):
    try:
        return authenticate(RequestFactory().get("/"), username=user.username, password=password)
    except TooManyAttemptsError:
        return 429


def in_waiting_code(client, user, password):
    try:
        return async_to_sync(aauthenticate)(RequestFactory().get("/"), username=user.username, password=password)
    except TooManyAttemptsError:
        return 429


PLACES = {
    "sign-in": Place(at_sign_in, "/sign-in/"),
    "own password": Place(at_own_password, "/account/password/"),
    "confirmation": Place(at_confirmation, "/account/confirm/"),
    "API": Place(at_the_api),
    "code": Place(in_code),
    "waiting code": Place(in_waiting_code),
}
SET_THERE = (
    "/admin/accounts/user/add/",
    "/admin/accounts/user/1/password/",
)  # a new one, by a superuser; none is looked at


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_ten_wrong_passwords_and_no_more_are_looked_at(client, chief, place):
    first = [runs_of(partial(place.attempt, client, chief, WRONG)) for _ in range(LIMIT)]
    after = [runs_of(partial(place.attempt, client, chief, word)) for word in (WRONG, RIGHT)]

    assert [runs for runs, _ in first] == [1] * LIMIT
    assert all(answer != 429 for _, answer in first)
    assert after == [(0, 429), (0, 429)]


def routes(patterns, prefix="/"):
    for one in patterns:
        route = prefix + str(one.pattern)
        yield from routes(one.url_patterns, route) if hasattr(one, "url_patterns") else [route]


def test_passwords_are_typed_at_known_places_alone(client, chief):
    User.objects.filter(pk=chief.pk).update(id=1)  # every address of a row names the first
    paths = {re.sub(r"<[^>]+>", "1", route) for route in routes(get_resolver().url_patterns) if "(?" not in route}
    found = {path for path in paths if asks_for_a_password(client.get(path))}
    client.force_login(User.objects.get(username="chief"))
    found |= {path for path in paths - {"/admin/logout/"} if asks_for_a_password(client.get(path))}

    assert found == {place.address for place in PLACES.values() if place.address} | {*SET_THERE}


def asks_for_a_password(answer):
    return not answer.streaming and b'type="password"' in answer.content


def test_no_code_of_ours_looks_at_a_password_by_itself(root):
    folders = (root / name for name in ("platform", "surveys", "scoring"))
    found = [path for folder in folders for path in folder.rglob("*.py") if LOOKED_AT.search(path.read_text())]

    assert found == []
    assert project.AUTHENTICATION_BACKENDS == ["accounts.backends.PasswordBackend"]


def test_api_knows_sessions_alone():
    views = [getattr(view, "cls", None) for view in callbacks(get_resolver().url_patterns)]
    known = {one for view in views if view for one in view.authentication_classes}

    assert known == {SessionAuthentication}


def callbacks(patterns):
    for one in patterns:
        yield from callbacks(one.url_patterns) if hasattr(one, "url_patterns") else [one.callback]


# --- one door ---------------------------------------------------------------------------------------------------------


def test_right_password_opens_the_desk_or_the_page_that_was_asked_for(client, moderator):
    assert sign_in(client, password=RIGHT).url == "/desk/"
    assert client.get("/sign-in/").url == "/desk/"
    assert (client.get("/sign-out/").status_code, client.post("/sign-out/").url) == (405, "/")

    wanted = client.post("/sign-in/?next=/desk/las/", {"username": " MO ", "password": RIGHT})
    client.post("/sign-out/")
    elsewhere = client.post("/sign-in/", {"username": "mo", "password": RIGHT, "next": "https://example.org/"})

    assert (wanted.url, elsewhere.url) == ("/desk/las/", "/desk/")


def test_session_lasts_as_long_as_it_is_said(client, moderator):
    sign_in(client, password=RIGHT)

    assert client.session.get_expiry_age() == project.SESSION_COOKIE_AGE


def test_page_that_was_asked_for_is_kept_over_a_wrong_password(client, moderator):
    shown = client.post("/sign-in/", {"username": "mo", "password": WRONG, "next": '/desk/"las"/'}).content.decode()

    assert '<input type="hidden" name="next" value="/desk/&quot;las&quot;/">' in shown


def test_admin_has_no_door_of_its_own(client, chief, moderator):
    asked = client.get("/admin/accounts/user/", follow=True)
    posted = client.post("/admin/login/", {"username": "chief", "password": RIGHT})
    inside = client.post(asked.redirect_chain[-1][0], {"username": "chief", "password": RIGHT})
    client.force_login(moderator)
    kept_out = client.get("/admin/", follow=True)

    assert asked.redirect_chain[-1] == ("/sign-in/?next=%2Fadmin%2Faccounts%2Fuser%2F", 302)
    assert (posted.status_code, posted.url.startswith("/sign-in/")) == (302, True)
    assert inside.url == "/admin/accounts/user/"
    assert kept_out.status_code == 403


def test_admin_leads_to_the_one_page_for_the_own_password(client, chief):
    client.force_login(chief)

    assert client.get("/admin/password_change/").url == "/account/password/"


def test_nobody_makes_an_account_by_herself(client):
    pages = ("/sign-up/", "/signup/", "/accounts/signup/", "/accounts/login/", "/accounts/", "/sign-in/signup/")
    pages += (
        "/account/signup/",
        "/account/email/",
        "/account/inactive/",
        "/account/login/code/",
        "/account/passkeys/signup/",
    )

    assert [client.get(page).status_code for page in pages] == [404] * len(pages)


def test_own_password_is_changed_with_the_old_one(client, chief):
    assert (at_own_password(client, chief, WRONG), at_own_password(client, chief, RIGHT)) == (200, 302)
    assert authenticate(None, username="chief", password="another long way") == chief


def test_refusal_costs_a_fraction_of_a_hash(client, moderator, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # as in production
    looked_at = cpu_seconds(lambda: [sign_in(client) for _ in range(LIMIT)])
    refused = cpu_seconds(lambda: [sign_in(client) for _ in range(LIMIT)])

    assert refused < looked_at / 5


def cpu_seconds(act):
    before = time.process_time()
    act()
    return time.process_time() - before


# --- what is told -----------------------------------------------------------------------------------------------------


def test_answer_and_cost_are_the_same_whether_an_account_is_known_or_not(client, moderator, settings):
    settings.PASSWORD_FAILURES = 100
    User.objects.create_user("closed", password=RIGHT, is_active=False)
    User.objects.create_user("without")
    asked = [("mo", WRONG), ("nobody", WRONG), ("closed", WRONG), ("closed", RIGHT), ("without", WRONG)]

    answers = [runs_of(partial(sign_in, client, name, word)) for name, word in asked]
    told = {re.sub(r'value="[^"]*"', "", answer.content.decode()) for _, answer in answers}

    assert [runs for runs, _ in answers] == [1] * len(asked)
    assert len(told) == 1
    assert "The username or the password is not right." in told.pop()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("name", ["mo", "nobody"])
def test_waiting_is_asked_for_in_words_and_in_seconds(client, moderator, name):
    for _ in range(LIMIT):
        sign_in(client, name)
    refused = sign_in(client, name)
    text = refused.content.decode()

    assert refused.status_code == 429
    assert LIMIT < int(refused["Retry-After"]) <= project.PASSWORD_WINDOW_SECONDS
    assert refused["Cache-Control"] == "no-store"
    assert ("Please wait a while" in text, "Please try again in 15 minutes." in text) == (True, True)
    assert client.get("/sign-in/").status_code == 200


@pytest.mark.parametrize("language", [code for code, _ in project.LANGUAGES if code != "en"])
def test_waiting_is_asked_for_in_every_language(client, language):
    for _ in range(LIMIT):
        sign_in(client)
    text = sign_in(client, headers={"accept-language": language}).content.decode()
    with translation.override(language):
        assert translation.gettext("Whoever is signed in stays so.") in text
        assert translation.gettext("Please wait a while") in text


# --- who is counted ---------------------------------------------------------------------------------------------------


def statuses(answers):
    return [answer.status_code for answer in answers]


def test_account_is_counted_over_all_addresses_and_spellings(client, moderator):
    spellings = ("mo", "MO", " mo ", "Mo", "mO")
    wrong = [sign_in(client, spellings[at % 5], address=f"192.0.2.{at}") for at in range(LIMIT)]

    assert statuses(wrong) == [200] * LIMIT
    assert sign_in(client, password=RIGHT, address="198.51.100.1").status_code == 429
    assert sign_in(client, "other", address="192.0.2.3").status_code == 200


@pytest.mark.parametrize("addresses", ["192.0.2.7", "2001:db8::%d", "::ffff:192.0.2.7"])
def test_address_is_counted_over_all_accounts(client, moderator, addresses):
    given = [addresses.replace("%d", str(at)) for at in range(LIMIT + 1)]
    wrong = [sign_in(client, f"name {at}", address=given[at]) for at in range(LIMIT)]

    assert statuses(wrong) == [200] * LIMIT
    assert sign_in(client, password=RIGHT, address=given[LIMIT]).status_code == 429
    assert sign_in(client, password=RIGHT, address="2001:db8:1::1").status_code == 302
    client.logout()
    assert sign_in(client, password=RIGHT, address="::ffff:192.0.2.8").status_code == 302


def test_right_passwords_are_never_too_many(client, moderator):
    for _ in range(LIMIT - 1):
        sign_in(client)
    opened = []
    for _ in range(LIMIT + 2):
        opened.append(sign_in(client, password=RIGHT))
        client.logout()

    assert statuses(opened) == [302] * (LIMIT + 2)
    assert statuses([sign_in(client), sign_in(client)]) == [200, 429]


def test_account_that_waits_costs_an_office_none_of_its_attempts(client, moderator):
    for at in range(LIMIT):
        sign_in(client, address=f"198.51.100.{at}")
    refused = [sign_in(client) for _ in range(LIMIT * 2)]

    assert statuses(refused) == [429] * LIMIT * 2
    assert sign_in(client, "other").status_code == 200


def test_wait_ends_whatever_is_tried_meanwhile(client, moderator, settings, eventually):
    settings.PASSWORD_WINDOW_SECONDS = 1
    for _ in range(LIMIT):
        sign_in(client)

    eventually(lambda: sign_in(client, password=RIGHT).status_code == 302, seconds=30)


def test_who_is_signed_in_is_never_asked_to_wait(client, moderator):
    sign_in(client, password=RIGHT)
    for _ in range(LIMIT + 1):
        sign_in(client, "other")

    assert client.get("/desk/").status_code == 200


def test_of_many_at_once_ten_are_let_in():
    request = RequestFactory().get("/")

    def is_let_in(at):
        try:
            begin_attempt(request, f"name {at}")
        except TooManyAttemptsError:
            return False
        return True

    with ThreadPoolExecutor(max_workers=50) as pool:
        assert sum(pool.map(is_let_in, range(200))) == LIMIT


# --- without Redis ----------------------------------------------------------------------------------------------------


def test_without_redis_people_sign_in_and_guesses_are_still_counted(client, moderator, redis_is_away):
    opened = sign_in(client, password=RIGHT)
    client.logout()
    wrong = [sign_in(client) for _ in range(LIMIT)]

    assert (opened.status_code, statuses(wrong)) == (302, [200] * LIMIT)
    assert runs_of(lambda: sign_in(client).status_code) == (0, 429)
    assert sign_in(client, "other", address="192.0.2.9").status_code == 200


@pytest.mark.parametrize("lost", ["emptied", "away"])
def test_redis_that_goes_while_a_password_is_hashed_harms_nobody(lost, settings):
    attempt = begin_attempt(RequestFactory().get("/"), "mo")
    if lost == "emptied":
        forget_rows()
    else:
        attempt.store._cache._pools.clear()
        attempt.store._cache._servers = ["redis://127.0.0.1:1/0"]
    attempt.give_back()

    settings.CACHES = project.CACHES  # connections anew
    begin_attempt(RequestFactory().get("/"), "mo")
