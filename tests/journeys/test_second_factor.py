"""One's own account in a real browser: a passkey, an app and recovery codes, from the first to the last button."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Role, User
from accounts.usecases.roles import give_role
from accounts.usecases.series import create_series
from tests.accounts.devices import code_of
from tests.journeys.looking import fits, written_in
from tests.journeys.test_accessibility import violations

FULL = pytest.mark.full  # by `make full`
PASSWORD = "a long way round"
OF_A_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def moderator(live_server, transactional_db, settings):
    settings.PUBLIC_URL = str(live_server)
    now = {"by": "mo", "at": timezone.now()}
    series = create_series(slug="las", names={"en": "LAS"}, descriptions={}, languages=["en"], **now)
    user = User.objects.create_user("mo", email="mo@example.org", password=PASSWORD, first_name="Mo")
    give_role(user, series=series, kind=Role.Kind.MODERATOR, **now)
    return user


class PasskeyDevice:
    """The browser's own device for passkeys, which needs no hand."""

    def __init__(self, page):
        self.browser = page.context.new_cdp_session(page)
        self.browser.send("WebAuthn.enable")
        self.id = self.browser.send("WebAuthn.addVirtualAuthenticator", {"options": OF_A_DEVICE})["authenticatorId"]

    def knows_her(self, *, known):
        self.browser.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": known})


def enter_password(page):
    page.goto("/sign-in/")
    page.locator("[name=username]").fill("mo")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").click()


def confirm(page):
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").click()


def leave(page):
    page.locator(".account button").click()
    page.wait_for_url(re.compile("://[^/]+/$"))


def link_to(page, path):
    page.locator(f"main a[href='{path}']").click()


def key_of(page):
    return page.locator("main .facts code").inner_text()


def add_passkey(page, name):
    page.goto("/account/")
    page.get_by_role("link", name="Add a passkey").click()
    expect(page).to_have_title("Confirm that it is you · Steelyard")
    confirm(page)
    page.get_by_label("Name of the passkey").fill(name)
    expect(page.get_by_label("Sign in with it alone")).to_be_checked()
    page.get_by_role("button", name="Add a passkey").click()
    return codes_on(page)


def codes_on(page):
    expect(page.locator(".codes li")).to_have_count(10)
    return page.locator(".codes li").all_inner_texts()


def enter_code(page, code):
    page.get_by_label("One-time code", exact=True).fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_passkey_opens_is_renamed_and_removed(page, moderator):
    device = PasskeyDevice(page)
    enter_password(page)
    page.get_by_role("link", name="Your account: mo").click()
    expect(page.locator("main .facts")).to_contain_text("mo@example.org")
    add_passkey(page, "Laptop")
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("row", name=re.compile("Laptop"))).to_contain_text("the account, by itself")
    leave(page)

    page.goto("/sign-in/?next=/account/")
    device.knows_her(known=False)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used")
    device.knows_her(known=True)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/account/")

    page.get_by_role("link", name="Rename Laptop").click()
    page.get_by_role("link", name="Use a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_label("Name of the passkey").fill("Old laptop")
    page.get_by_role("button", name="Save the name").click()
    for answer in ("link", "button"):
        page.get_by_role("link", name="Remove Old laptop").click()
        page.get_by_role(answer, name="Keep it" if answer == "link" else "Remove the passkey").click()
    expect(page.get_by_text("No passkey yet.")).to_be_visible()
    leave(page)
    enter_password(page)
    page.wait_for_url("**/desk/")


def test_app_and_recovery_codes_open_after_the_password(page, moderator):
    enter_password(page)
    page.goto("/account/")
    page.get_by_role("link", name="Add an authenticator app").click()
    confirm(page)
    picture = page.get_by_role("img", name="Picture for the app")
    assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") > 0
    secret = key_of(page)
    page.get_by_label("One-time code", exact=True).fill("000000")
    page.get_by_role("button", name="Add the app").click()
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_label("One-time code", exact=True).fill(code_of(secret))
    page.get_by_role("button", name="Add the app").click()
    codes = codes_on(page)
    leave(page)

    enter_password(page)
    page.get_by_role("button", name="Sign in as somebody else").click()
    page.wait_for_url("**/sign-in/")
    enter_password(page)
    enter_code(page, "000000")
    expect(page.locator(".error-summary a")).to_contain_text("This code is not right")
    enter_code(page, code_of(secret, 1))
    page.wait_for_url("**/desk/")
    leave(page)
    enter_password(page)
    enter_code(page, codes[0])
    page.goto("/account/")
    expect(page.get_by_text("9 recovery codes are left.")).to_be_visible()

    page.get_by_role("link", name="Make new recovery codes").click()
    confirm(page)
    page.get_by_role("button", name="Make and show new codes").click()
    assert not {*codes} & {*codes_on(page)}
    page.reload()
    expect(page.locator(".codes li")).to_have_count(0)
    page.goto("/account/app/remove/")
    page.get_by_role("button", name="Remove the app").click()
    expect(page.get_by_text("They are made with the first passkey or app")).to_be_visible()


def test_passkey_may_follow_the_password(page, moderator):
    PasskeyDevice(page)
    enter_password(page)
    add_passkey(page, "Laptop")
    leave(page)
    enter_password(page)
    page.wait_for_url("**/account/sign-in/code/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/desk/")


def test_language_and_password_are_changed(page, moderator):
    enter_password(page)
    page.goto("/account/")
    page.get_by_label("Language", exact=True).select_option("fr")
    page.get_by_role("button", name="Save the language").click()
    expect(page.get_by_role("status")).to_have_text("The language is saved.")
    page.get_by_role("link", name="Change your password").click()
    page.get_by_label("Old password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("another long way")
    page.get_by_label("New password confirmation").fill("another long way")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("status")).to_contain_text("The password is changed.")


def test_sign_in_without_scripts_offers_the_password_alone(new_page, moderator):
    page = new_page(java_script_enabled=False)
    page.goto("/sign-in/")

    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
    enter_password(page)
    expect(page).to_have_url(re.compile("/desk/$"))


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=FULL)])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_keeps_the_guidelines_and_fits(phone, moderator, language, scheme):
    page = phone(locale=language, color_scheme=scheme, reduced_motion="reduce")
    PasskeyDevice(page)
    wrong = {}

    def look(where):
        written_in(page, language)
        fits(page)
        wrong[where] = violations(page)

    page.goto("/sign-in/")
    look("sign in")
    enter_password(page)
    page.goto("/account/")
    look("account without anything")
    link_to(page, "/account/passkeys/add/")
    look("confirm")
    page.locator("[name=password]").fill("wrong")
    page.locator("main form button").click()
    look("confirm refused")
    confirm(page)
    look("add a passkey")
    page.locator("#passkey-button").click()
    page.wait_for_url("**/recovery-codes/")
    look("recovery codes")
    page.reload()
    look("recovery codes again")
    page.goto("/account/app/add/")
    look("add an app")
    page.locator("[name=code]").fill(code_of(key_of(page)))
    page.locator("main form button").click()
    page.wait_for_url("**/account/")
    look("account with everything")
    for name in ("name", "remove"):
        page.goto("/account/")
        page.locator(f"main a[href$='/{name}/'][href*=passkeys]").click()
        look(f"passkey {name}")
    for path in ("app/remove/", "recovery-codes/new/", "password/", "confirm/code/", "confirm/passkey/"):
        page.goto(f"/account/{path}")
        look(path)
    leave(page)
    enter_password(page)
    look("second step")
    page.locator("[name=code]").fill("000000")
    page.locator("main form button").first.click()
    look("second step refused")

    assert {where: found for where, found in wrong.items() if found} == {}
