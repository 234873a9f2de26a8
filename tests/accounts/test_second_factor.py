"""A second factor: what it keeps out, what it lets in, and what somebody changes of her own sign-in."""

import json
import logging
import re
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings as project
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import Role, Series, User
from accounts.second_factor import SecondFactorAdapter
from accounts.urls import urlpatterns
from accounts.usecases.people import remove_second_factor
from tests.accounts.devices import PRESENT, Device, asked_of, code_of

PASSWORD, WRONG_CODE = "a long way round", "000000"
LIMIT = 10
UNSIGNED = '{"id": "x"}'
CODE, PASSKEY = "/account/sign-in/code/", "/account/sign-in/passkey/"
OWN = sorted(
    f"/{one.pattern}".replace("<int:pk>", "1") for one in urlpatterns if str(one.pattern).startswith("account/")
)
BEHIND = sorted({*OWN} - {CODE, PASSKEY})

pytestmark = pytest.mark.django_db


@pytest.fixture
def mo():
    return User.objects.create_user("mo", email="mo@example.org", password=PASSWORD)


@pytest.fixture
def inside(client, mo):
    """A browser in which she is signed in and has just confirmed that it is she."""
    return confirmed(client, mo)


@pytest.fixture
def app(mo):
    """The secret of her app; the site knows it already."""
    return add_app(confirmed(Client(), mo))


@pytest.fixture
def device(mo):
    """Her device with a passkey; the site knows it already."""
    held = Device()
    add_passkey(confirmed(Client(), mo), held)
    return held


@pytest.fixture
def codes(app, mo):
    """Her recovery codes."""
    return Authenticator.objects.get(user=mo, type="recovery_codes").wrap().get_unused_codes()


@pytest.fixture
def another():
    """A browser that nobody has used."""
    return Client


def confirmed(client, user):
    client.force_login(user)
    assert client.post("/account/confirm/", {"password": PASSWORD}).status_code == 302
    return client


def add_app(client):
    client.get("/account/app/add/")
    secret = client.session["mfa.totp.secret"]
    assert client.post("/account/app/add/", {"code": code_of(secret, -1)}).url == "/account/recovery-codes/"
    return secret


def add_passkey(client, device, name="Phone"):
    asked = asked_of(client.get("/account/passkeys/add/"))
    sent = {"name": name, "passwordless": "on", "credential": device.made(asked)}
    answer = client.post("/account/passkeys/add/", sent)
    assert answer.status_code == 302, answer.content.decode()
    return answer


def enter_password(client, password=PASSWORD, **more):
    return client.post("/sign-in/", {"username": "mo", "password": password}, **more)


def enter_code(client, code, **more):
    return client.post(CODE, {"code": code}, **more)


def enter_passkey(client, device, **more):
    asked = client.get(PASSKEY).json()["request_options"]
    return client.post(PASSKEY, {"credential": device.signed(asked), **more})


def is_in(client):
    return client.get("/account/").status_code == 200


# --- signing in -------------------------------------------------------------------------------------------------------


def test_password_alone_opens_nothing(client, mo, app):
    User.objects.filter(pk=mo.pk).update(is_staff=True, is_superuser=True)
    series = Series.objects.create(slug="las", names={"en": "LAS"}, created_at="2026-01-01T00:00:00Z")
    Role.objects.create(user=mo, series=series, kind="moderator")

    assert enter_password(client).url == CODE
    pages = [client.get(page) for page in ("/desk/", "/desk/las/", "/account/", "/admin/", "/admin/mfa/authenticator/")]
    at_admin = client.post("/admin/login/", {"username": "mo", "password": PASSWORD, "next": "/admin/"})
    at_api = client.get("/api/v1/series/las/consent/")
    by_basic = client.get(
        "/api/v1/series/las/consent/", headers={"authorization": "Basic bW86YSBsb25nIHdheSByb3VuZA=="}
    )

    assert {page.status_code for page in pages} == {302}
    assert all("/sign-in/" in page.url or "/admin/login/" in page.url for page in pages)
    assert (at_admin.status_code, at_admin.url) == (302, "/sign-in/?next=%2Fadmin%2F")
    assert (at_api.status_code, by_basic.status_code) == (403, 403)
    assert "_auth_user_id" not in client.session

    assert enter_code(client, code_of(app)).url == "/desk/"
    assert client.get("/admin/").status_code == 200
    assert client.get("/api/v1/series/las/consent/").status_code == 200


def test_page_that_was_asked_for_is_opened_after_the_code(client, mo, app):
    client.post("/sign-in/?next=/account/", {"username": "mo", "password": PASSWORD})

    assert enter_code(client, code_of(app)).url == "/account/"


@pytest.mark.parametrize("code", [WRONG_CODE, "", "x" * 3000, "١٢٣٤٥٦", "12345"])
def test_wrong_code_is_refused_beside_its_field_and_in_the_summary(client, mo, app, code):
    enter_password(client)
    answer = enter_code(client, code)
    text = answer.content.decode()

    assert answer.status_code == 200
    assert ('href="#id_code"' in text, 'id="id_code_error"' in text, "error-summary" in text) == (True, True, True)
    assert not is_in(client)


def test_code_opens_once(mo, app, another):
    first, second = another(), another()
    code = code_of(app)
    enter_password(first)
    enter_password(second)

    assert enter_code(first, code).status_code == 302
    assert enter_code(second, code).status_code == 200
    assert enter_code(second, code_of(app, 1)).status_code == 302


def test_recovery_code_opens_once(mo, codes, another):
    first, second = another(), another()
    enter_password(first)
    enter_password(second)

    assert enter_code(first, codes[3]).status_code == 302
    assert enter_code(second, codes[3]).status_code == 200
    assert enter_code(second, codes[4]).status_code == 302
    assert "8 recovery codes are left." in first.get("/account/").content.decode()


def test_code_of_somebody_else_is_wrong(client, mo, app):
    other = User.objects.create_user("other", password=PASSWORD)
    theirs = add_app(confirmed(Client(), other))
    enter_password(client)

    assert enter_code(client, code_of(theirs)).status_code == 200


def test_second_step_without_the_first_leads_to_the_password(client, mo, app):
    assert client.get(CODE).url == "/sign-in/"
    assert enter_code(client, code_of(app)).url == "/sign-in/"


def test_somebody_else_may_begin_at_the_second_step(client, mo, app):
    enter_password(client)
    left = client.post("/sign-out/", {"next": "/sign-in/"})

    assert (left.url, client.get("/sign-in/").status_code) == ("/sign-in/", 200)


def test_account_that_is_closed_meanwhile_stays_shut(client, mo, app):
    enter_password(client)
    User.objects.filter(pk=mo.pk).update(is_active=False)
    enter_code(client, code_of(app))

    assert not is_in(client)


# --- passkeys ---------------------------------------------------------------------------------------------------------


def test_passkey_opens_by_itself(client, mo, device):
    answer = enter_passkey(client, device, next="/account/")

    assert (answer.url, is_in(client)) == ("/account/", True)


def test_passkey_that_looks_at_nobody_opens_after_the_password_alone(client, mo):
    held = Device(flags=PRESENT)
    owner = confirmed(Client(), mo)
    asked = asked_of(owner.get("/account/passkeys/add/"))
    owner.post("/account/passkeys/add/", {"name": "Key", "credential": held.made(asked)})

    assert enter_passkey(client, held).url == "/sign-in/"
    assert enter_password(client).url == CODE
    after = client.post(CODE, {"credential": held.signed(asked_of(client.get(CODE)))})
    assert after.url == "/desk/"


def test_key_without_verification_is_not_taken_for_a_passkey(mo):
    owner = confirmed(Client(), mo)
    asked = asked_of(owner.get("/account/passkeys/add/"))
    answer = owner.post(
        "/account/passkeys/add/", {"passwordless": "on", "credential": Device(flags=PRESENT).made(asked)}
    )

    assert "This passkey was not accepted." in answer.content.decode()
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("state", ["stranger's", "of another's name", "answered before", "of a closed account"])
def test_passkey_that_does_not_fit_opens_nothing(client, mo, device, state):
    asked = client.get(PASSKEY).json()["request_options"]
    stranger = Device()
    sent = stranger.signed(asked, user=device.user) if state == "stranger's" else device.signed(asked)
    if state == "of another's name":
        other = User.objects.create_user("other", password=PASSWORD)
        key = Device()
        add_passkey(confirmed(Client(), other), key)
        sent = device.signed(asked, user=key.user)
    if state == "answered before":
        client.get(PASSKEY)
    if state == "of a closed account":
        User.objects.filter(pk=mo.pk).update(is_active=False)

    answer = client.post(PASSKEY, {"credential": sent, "next": "/account/"})
    told = client.get(answer.url).content.decode()

    assert answer.url == "/sign-in/?next=%2Faccount%2F"
    assert "This passkey was not accepted." in told
    assert not is_in(client)


MALFORMED = [
    "",
    "1",
    "[]",
    "{}",
    "null",
    "x",
    '"x"',
    '{"id": 1}',
    '{"response": []}',
    '{"response": {"userHandle": "Mg"}}',
]
MALFORMED += ['{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"clientDataJSON": "eA"}}', "9" * 400]
WHOLE = {"id": "eA", "rawId": "eA", "type": "public-key", "clientExtensionResults": {}}
MALFORMED += [
    json.dumps(WHOLE | {"response": {"clientDataJSON": data, "attestationObject": more, "userHandle": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ"}
                        | {"authenticatorData": more, "signature": "eA"}})
    for data in ("eA", "e30", "W10", "!") for more in ("eA", "oA", "")
]  # fmt: skip


@pytest.mark.parametrize("sent", MALFORMED)
def test_what_no_device_sends_is_refused(mo, device, another, settings, sent):
    settings.PASSWORD_FAILURES = 1000
    stranger, halfway, inside = another(), another(), confirmed(another(), mo)
    stranger.get(PASSKEY)
    enter_password(halfway)
    halfway.get(CODE)
    inside.get("/account/confirm/passkey/")
    answers = [
        stranger.post(PASSKEY, {"credential": sent}),
        halfway.post(CODE, {"credential": sent}),
        inside.post("/account/confirm/passkey/", {"credential": sent}),
    ]
    inside.get("/account/passkeys/add/")
    answers.append(inside.post("/account/passkeys/add/", {"credential": sent}))

    assert [answer.status_code for answer in answers] == [302, 200, 302, 200]
    assert (is_in(stranger), is_in(halfway), Authenticator.objects.filter(type="webauthn").count()) == (False, False, 1)


def test_passkeys_are_for_the_public_host_wherever_it_is_asked(client, settings):
    settings.PUBLIC_URL = "https://rankings.example.org"
    public = client.get(PASSKEY).json()["request_options"]["publicKey"]["rpId"]
    settings.PUBLIC_URL = "http://127.0.0.1:8000"

    assert public == "rankings.example.org"
    assert (
        client.get(PASSKEY, headers={"host": "localhost:8000"}).json()["request_options"]["publicKey"]["rpId"]
        == "localhost"
    )


def test_questions_for_a_passkey_are_counted(client, settings):
    settings.DOOR_RATES = settings.DOOR_RATES | {"passkey": "2/hour"}
    answers = [client.get(PASSKEY) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) > 0


# --- guessing ---------------------------------------------------------------------------------------------------------


def code_at_sign_in(client, mo, code):
    enter_password(client)
    return enter_code(client, code)


def code_at_confirmation(client, mo, code):
    client.force_login(mo)
    return client.post("/account/confirm/code/", {"code": code})


def passkey_after_the_password(client, mo, _code):
    enter_password(client)
    return client.post(CODE, {"credential": UNSIGNED})


def passkey_at_confirmation(client, mo, _code):
    client.force_login(mo)
    return client.post("/account/confirm/passkey/", {"credential": UNSIGNED})


def passkey_at_sign_in(client, mo, _code):
    return client.post(PASSKEY, {"credential": UNSIGNED})


OF_CODES = {CODE: code_at_sign_in, "/account/confirm/code/": code_at_confirmation}
OF_PASSKEYS = {CODE: passkey_after_the_password, "/account/confirm/passkey/": passkey_at_confirmation}
OF_PASSKEYS |= {"/sign-in/": passkey_at_sign_in}
SET_THERE = {'autocomplete="one-time-code"': "/account/app/add/", 'name="credential"': "/account/passkeys/add/"}
PLACES = [*OF_CODES.values(), *OF_PASSKEYS.values()]


@pytest.mark.parametrize("attempt", PLACES, ids=[place.__name__ for place in PLACES])
def test_ten_wrong_ones_and_no_more_are_looked_at(client, mo, app, device, attempt):
    first = [attempt(client, mo, WRONG_CODE).status_code for _ in range(LIMIT)]
    after = attempt(client, mo, code_of(app, 1))

    assert 429 not in first
    assert (after.status_code, int(after["Retry-After"]) > LIMIT) == (429, True)


@pytest.mark.parametrize(
    ("mark", "places"), [('autocomplete="one-time-code"', OF_CODES), ('name="credential"', OF_PASSKEYS)]
)
def test_codes_and_passkeys_are_given_at_known_places_alone(mo, app, device, another, mark, places, site_paths):
    stranger, halfway, inside = another(), another(), confirmed(another(), mo)
    enter_password(halfway)
    User.objects.filter(pk=mo.pk).update(is_staff=True, is_superuser=True)
    found = {path for path in site_paths for one in (stranger, halfway) if asks_for(one.get(path), mark)}
    found |= {path for path in site_paths if asks_for(inside.get(path), mark)}
    Authenticator.objects.all().delete()  # only now an app can be added
    confirmed(inside, mo)
    found |= {path for path in site_paths if asks_for(inside.get(path), mark)}

    assert found == {*places, SET_THERE[mark]}


@pytest.fixture
def site_paths():
    """Every address of the site without an address of its own for leaving it."""
    from tests.accounts.test_sign_in import get_resolver, routes  # noqa: PLC0415

    found = {re.sub(r"<[^>]+>", "1", route) for route in routes(get_resolver().url_patterns) if "(?" not in route}
    return sorted(found - {"/admin/logout/"})


def asks_for(answer, mark):
    return not answer.streaming and mark in answer.content.decode(errors="replace")


def test_codes_and_passwords_are_counted_together_and_right_ones_are_not(client, mo, app, codes, another):
    for at in range(LIMIT - 1):
        enter_password(client)  # a right one is given back each time
        enter_code(client, WRONG_CODE, REMOTE_ADDR=f"192.0.2.{at}")
    assert enter_code(client, codes[0], REMOTE_ADDR="192.0.2.100").status_code == 302
    fresh = another()
    assert enter_password(fresh, "wrong", REMOTE_ADDR="192.0.2.101").status_code == 200
    assert enter_password(fresh, REMOTE_ADDR="192.0.2.102").status_code == 429
    halfway = another()
    assert (
        halfway.post("/sign-in/", {"username": "other", "password": "x"}, REMOTE_ADDR="192.0.2.103").status_code == 200
    )


def test_wrong_passkeys_shut_no_account(client, mo, device, another):
    for _ in range(LIMIT + 1):
        asked = client.get(PASSKEY).json()["request_options"]
        client.post(PASSKEY, {"credential": Device().signed(asked, user=device.user)}, REMOTE_ADDR="192.0.2.1")

    assert enter_password(another(), REMOTE_ADDR="192.0.2.2").url == CODE


def test_wait_at_the_second_step_is_asked_for_in_words(client, mo, app):
    enter_password(client)
    for _ in range(LIMIT + 1):
        refused = enter_code(client, WRONG_CODE)

    assert (refused.status_code, refused["Cache-Control"]) == (429, "no-store")
    assert "Please wait a while" in refused.content.decode()


# --- one's own account ------------------------------------------------------------------------------------------------


def test_stranger_is_led_to_sign_in_from_every_page_of_an_account(client, mo):
    posted = {*BEHIND} - {"/account/recovery-codes/"}  # it answers to GET alone
    read = {*BEHIND} - {"/account/daily-mail/"}  # it answers to POST alone
    answers = [client.get(page) for page in sorted(read)] + [client.post(page, {}) for page in sorted(posted)]

    assert {(answer.status_code, answer.url.partition("?")[0]) for answer in answers} == {(302, "/sign-in/")}


def test_no_page_of_an_account_is_kept_by_a_cache(mo, app, device, another):
    halfway, inside = another(), confirmed(another(), mo)
    enter_password(halfway)
    answers = {page: [halfway.get(page), inside.get(page), inside.post(page, {})] for page in OWN}

    shown = {page: [one for one in given if one.status_code == 200] for page, given in answers.items()}

    assert sum(map(len, shown.values())) > 10
    assert [page for page, given in shown.items() if any("no-store" not in one["Cache-Control"] for one in given)] == []


def test_public_pages_set_no_cookie(client, mo, app):
    assert [page for page in ("/", "/api/v1/series/", "/healthz") if client.get(page).cookies] == []


def test_account_page_says_who_she_is_and_how_she_signs_in(inside, mo):
    User.objects.filter(pk=mo.pk).update(first_name="<b>Name</b>", last_name="")
    before = inside.get("/account/").content.decode()
    add_app(inside)
    add_passkey(inside, Device(), name="<i>Phone</i>")
    after = inside.get("/account/").content.decode()

    assert ("mo@example.org" in before, "&lt;b&gt;Name&lt;/b&gt;" in before, "<b>Name" in before) == (True, True, False)
    assert ("No passkey yet." in before, "/account/app/add/" in before, "/account/recovery-codes/new/" in before) == (
        True,
        True,
        False,
    )
    assert ("&lt;i&gt;Phone&lt;/i&gt;" in after, "<i>Phone" in after, "10 recovery codes are left." in after) == (
        True,
        False,
        True,
    )
    assert ("/account/app/remove/" in after, "/account/app/add/" in after) == (True, False)


def test_account_page_costs_the_same_for_three_passkeys_as_for_none(inside, mo, django_assert_num_queries):
    def queries():
        with django_assert_num_queries(3):  # session, user, second factors
            inside.get("/account/")

    inside.get("/account/")  # messages of the confirmation
    queries()
    for at in range(3):
        add_passkey(inside, Device(host="testserver"), name=f"Phone {at}")
    inside.get("/account/")
    queries()


def test_language_is_kept_and_another_is_refused(inside, mo):
    assert inside.post("/account/", {"language": "fr"}).url == "/account/"
    refused = inside.post("/account/", {"language": "xx"})
    mo.refresh_from_db()

    assert (mo.language, refused.status_code, 'href="#id_language"' in refused.content.decode()) == ("fr", 200, True)
    assert '<option value="fr" selected>' in inside.get("/account/").content.decode()


def test_desk_leads_to_the_account(inside):
    assert 'href="/account/"' in inside.get("/desk/").content.decode()


def test_password_is_changed_with_the_old_one_and_other_browsers_are_signed_out(inside, mo, another):
    elsewhere = confirmed(another(), mo)
    new = {"new_password1": "another long way", "new_password2": "another long way"}
    wrong = inside.post("/account/password/", {"old_password": "wrong", **new})
    weak = inside.post("/account/password/", {"old_password": PASSWORD, "new_password1": "mo", "new_password2": "mo"})
    done = inside.post("/account/password/", {"old_password": PASSWORD, **new}, follow=True)

    assert (
        'href="#id_old_password"' in wrong.content.decode(),
        'href="#id_new_password2"' in weak.content.decode(),
    ) == (True, True)
    assert (done.redirect_chain, "The password is changed." in done.content.decode()) == ([("/account/", 302)], True)
    assert (is_in(inside), is_in(elsewhere)) == (True, False)
    assert enter_password(another(), "another long way").url == "/desk/"


def test_account_without_a_password_says_so(client, mo, device):
    mo.set_unusable_password()
    mo.save()
    enter_passkey(client, device)

    assert client.get("/account/password/").url == "/account/"
    assert "This account has no password." in client.get("/account/").content.decode()


CHANGES = ["/account/app/add/", "/account/app/remove/", "/account/recovery-codes/new/", "/account/passkeys/add/"]
CHANGES += ["/account/recovery-codes/", "/account/passkeys/%d/name/", "/account/passkeys/%d/remove/"]


@pytest.mark.parametrize("page", CHANGES)
def test_every_change_asks_for_confirmation_first(client, mo, app, device, page):
    if page == "/account/app/add/":
        Authenticator.objects.filter(type="totp").delete()
    page = page.replace("%d", str(Authenticator.objects.get(type="webauthn").pk))
    client.force_login(mo)
    before = [client.get(page)]
    before += [] if page == "/account/recovery-codes/" else [client.post(page, {"name": "x"})]
    kept = Authenticator.objects.count()
    client.post("/account/confirm/", {"password": PASSWORD})

    assert {(one.status_code, one.url) for one in before} == {(302, f"/account/confirm/?next={quote(page, safe='')}")}
    assert (kept, client.get(page).status_code) == (Authenticator.objects.count(), 200)


@pytest.mark.parametrize("way", ["password", "code", "passkey"])
def test_she_confirms_by_each_of_her_ways(client, mo, app, device, way):
    client.force_login(mo)
    page = f"/account/confirm/{'' if way == 'password' else way + '/'}?next=/account/app/remove/"
    shown = client.get(page)
    sent = {"password": {"password": PASSWORD}, "code": {"code": code_of(app, 1)}}.get(way)
    sent = sent or {"credential": device.signed(asked_of(shown))}

    assert shown.content.decode().count("/account/confirm/") >= 2  # the other ways
    assert client.post(page, sent).url == "/account/app/remove/"
    assert client.get("/account/app/remove/").status_code == 200


def test_she_confirms_by_no_mail(client, mo, app, device):
    EmailAddress.objects.create(user=mo, email=mo.email, verified=True, primary=True)
    client.force_login(mo)
    ways = re.findall(r"/account/confirm/(\w*)", client.get("/account/confirm/").content.decode())

    assert {*ways} == {"", "code", "passkey"}  # the form itself, and two other ways


def test_confirmation_is_refused_in_words_beside_the_field(client, mo, app, device):
    client.force_login(mo)
    password = client.post("/account/confirm/", {"password": "wrong"}).content.decode()
    code = client.post("/account/confirm/code/", {"code": WRONG_CODE}).content.decode()
    passkey = client.post("/account/confirm/passkey/?next=/account/", {"credential": UNSIGNED}, follow=True)

    assert ('href="#id_password"' in password, "The password is not right." in password) == (True, True)
    assert ('href="#id_code"' in code, "This code is not right" in code) == (True, True)
    assert passkey.redirect_chain == [("/account/confirm/passkey/?next=%2Faccount%2F", 302)]
    assert "This passkey was not accepted." in passkey.content.decode()


def test_app_is_added_with_a_code_of_it_alone(inside, mo):
    page = inside.get("/account/app/add/").content.decode()
    secret = inside.session["mfa.totp.secret"]
    wrong = inside.post("/account/app/add/", {"code": WRONG_CODE}).content.decode()

    assert (secret in page, 'src="data:image/svg+xml;base64,' in page, 'href="#id_code"' in wrong) == (True, True, True)
    assert secret in wrong  # the same key: the app need not be set up anew
    assert not Authenticator.objects.exists()
    inside.post("/account/app/add/", {"code": code_of(secret)})
    assert {one.type for one in Authenticator.objects.filter(user=mo)} == {"totp", "recovery_codes"}


def test_recovery_codes_are_shown_once(inside, mo):
    add_app(inside)
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    first, again = (inside.get("/account/recovery-codes/").content.decode() for _ in range(2))
    inside.post("/account/recovery-codes/new/", follow=True)
    fresh = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()

    assert (all(code in first for code in codes), any(code in again for code in codes)) == (True, False)
    assert not {*codes} & {*fresh}


def test_passkey_is_renamed_and_removed_by_its_owner_alone(inside, mo, another):
    add_passkey(inside, Device())
    key = Authenticator.objects.get(type="webauthn")
    stranger = confirmed(another(), User.objects.create_superuser("other", password=PASSWORD))
    theirs = [
        stranger.post(f"/account/passkeys/{key.pk}/{act}/", {"name": "mine"}).status_code for act in ("name", "remove")
    ]
    inside.post(f"/account/passkeys/{key.pk}/name/", {"name": "Laptop"})
    renamed = inside.get("/account/").content.decode()
    removed = inside.post(f"/account/passkeys/{key.pk}/remove/")

    assert (theirs, "Laptop" in renamed, removed.url) == ([404, 404], True, "/account/")
    assert not Authenticator.objects.exists()  # recovery codes go with the last factor
    assert enter_password(another()).url == "/desk/"


def test_acts_are_noted_without_secrets(inside, mo, caplog, django_capture_on_commit_callbacks):
    caplog.set_level(logging.INFO, logger="steelyard.acts")
    with django_capture_on_commit_callbacks(execute=True):
        secret = add_app(inside)
    add_passkey(inside, Device())
    with django_capture_on_commit_callbacks(execute=True):
        inside.post("/account/recovery-codes/new/")
    inside.post(f"/account/passkeys/{Authenticator.objects.get(type='webauthn').pk}/remove/")
    inside.post("/account/app/remove/")
    new = "another long way"
    inside.post("/account/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    inside.post("/account/", {"language": "ar"})
    told = [record.getMessage().partition(" ")[2] for record in caplog.records if record.name == "steelyard.acts"]

    assert told == [
        "mo added own authenticator app",
        "mo added own passkey",
        "mo renewed own recovery codes",
        "mo removed own passkey",
        "mo removed own authenticator app",
        "mo changed own password",
        f"mo chose language ar for user {mo.pk}",
    ]
    assert secret not in caplog.text


# --- secrets at rest --------------------------------------------------------------------------------------------------


def test_secrets_are_not_stored_as_they_are(mo, app):
    stored = json.dumps([*Authenticator.objects.values_list("data", flat=True)])

    assert (app in stored, len(stored) > 200) == (False, True)
    assert SecondFactorAdapter().decrypt(Authenticator.objects.get(type="totp").data["secret"]) == app


def test_codes_of_another_secret_key_are_wrong_until_the_factor_is_removed(client, mo, app, codes, another, settings):
    settings.SECRET_KEY = "another one, of which nobody knows anything yet"
    enter_password(client)
    answers = [enter_code(client, code) for code in (code_of(app, 1), codes[0], code_of(""))]
    chief = another()
    chief.force_login(User.objects.create_superuser("chief"))
    for factor in Authenticator.objects.filter(type="totp"):
        chief.post(reverse("admin:mfa_authenticator_delete", args=[factor.pk]), {"post": "yes"})

    assert [answer.status_code for answer in answers] == [200] * 3
    assert not Authenticator.objects.exists()
    assert client.get(CODE, follow=True).redirect_chain == [("/sign-in/", 302)]  # and not in a circle
    assert enter_password(client).url == "/desk/"


# --- the admin --------------------------------------------------------------------------------------------------------


def test_admin_shows_no_secret_and_changes_none(client, mo, app):
    client.force_login(User.objects.create_superuser("chief"))
    factor = Authenticator.objects.get(type="totp")
    listed = client.get("/admin/mfa/authenticator/").content.decode()
    shown = client.get(f"/admin/mfa/authenticator/{factor.pk}/change/").content.decode()
    changed = client.post(f"/admin/mfa/authenticator/{factor.pk}/change/", {"data": "{}"})

    assert (factor.data["secret"] in listed + shown, "TOTP" in listed) == (False, True)
    assert changed.status_code == 403
    assert client.get("/admin/mfa/authenticator/add/").status_code == 403


def test_only_who_has_the_right_removes_a_factor(mo, app, another, caplog):
    caplog.set_level(logging.INFO, logger="steelyard.acts")
    factor = Authenticator.objects.get(type="totp")
    clerk = User.objects.create_user("clerk", is_staff=True)
    page = reverse("admin:mfa_authenticator_delete", args=[factor.pk])
    browser = another()
    browser.force_login(clerk)
    without = browser.post(page, {"post": "yes"}).status_code
    clerk.user_permissions.add(*Permission.objects.filter(content_type__app_label="mfa"))
    chosen = {"action": "delete_selected", "_selected_action": [factor.pk], "post": "yes"}
    browser.post("/admin/mfa/authenticator/", chosen)

    assert (without, Authenticator.objects.count()) == (403, 0)
    assert f"clerk removed totp of user {mo.pk}" in caplog.text


def test_recovery_codes_stay_while_another_factor_does(mo, app, device):
    remove_second_factor(Authenticator.objects.get(type="totp"), by="chief", at=mo.date_joined)

    assert {one.type for one in Authenticator.objects.all()} == {"webauthn", "recovery_codes"}


# --- every language ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", [code for code, _ in project.LANGUAGES if code != "en"])
def test_pages_and_refusals_are_in_every_language(mo, app, device, another, language):
    """Sentences of allauth are in some languages alone: none of them, and none of ours, is left in English."""
    headers = {"accept-language": language}
    halfway, inside = another(headers=headers), confirmed(another(headers=headers), mo)
    enter_password(halfway)
    shown = [halfway.get(CODE), enter_code(halfway, WRONG_CODE), inside.post("/account/confirm/code/", {"code": "1"})]
    shown += [inside.get(page) for page in BEHIND]
    key = Authenticator.objects.get(type="webauthn").pk
    shown += [inside.get(f"/account/passkeys/{key}/{act}/") for act in ("name", "remove")]
    shown.append(inside.post("/account/app/remove/", follow=True))
    shown.append(inside.get("/account/app/add/"))
    text = " ".join(page.content.decode() for page in shown if page.status_code == 200)
    text = re.sub(
        r"<script.*?</script>|<code>.*?</code>|<option.*?</option>|<button[^>]*lang=.*?</button>|<[^>]+>",
        " ",
        text,
        flags=re.DOTALL,
    )
    words = {*re.findall(r"\b[a-z]{2,}\b", text, flags=re.IGNORECASE)}

    assert words & ENGLISH == set()
    assert len(text) > 3000


ENGLISH = {
    "the",
    "this",
    "with",
    "your",
    "Your",
    "and",
    "password",
    "Password",
    "app",
    "recovery",
    "used",
    "key",
    "Key",
}
ENGLISH |= {"Incorrect", "Use", "Confirm", "security", "Passwordless", "Authenticator", "Sign", "Remove", "removed"}
