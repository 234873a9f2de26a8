"""From an empty installation to a series with two people in it, in a real browser with a real worker."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.links import first_owner_key, invitation_address, password_address
from accounts.models import AccountMail, Invitation, User
from tests.journeys.looking import fits, written_in
from tests.journeys.test_accessibility import violations

PASSWORD, NEW = "a long way round", "quite another long way"
SIZES = {"phone": {"width": 360, "height": 640}, "desk": {"width": 1280, "height": 800}}


def speak(page, language):
    page.context.add_cookies([{"name": "django_language", "value": language, "url": page.url}])


def well(page):
    """The page fits the screen and keeps the guidelines."""
    fits(page)
    assert violations(page) == []


def press(page, selector="main form button.button"):
    page.locator(selector).last.click()


def begin(page, language):
    """Make the first account, and with it a series; the page shown is that of its people."""
    page.goto("/")
    speak(page, language)
    page.goto("/")
    page.locator("main a[href='/start/']").click()
    written_in(page, language)
    well(page)
    press(page)
    expect(page.locator(".error-summary li")).to_have_count(4)
    well(page)
    page.locator("[name=key]").fill(first_owner_key(timezone.now()))
    page.locator("[name=name]").fill("Olga Owner")
    page.locator("[name=email]").fill("olga@example.org")
    page.locator("[name=password]").fill(PASSWORD)
    press(page)
    page.locator("main a[href='/series/begin/']").click()
    well(page)
    page.locator("[name=name]").fill("Cities of ASEAN")
    page.locator("[name=languages][value=fr]").check()
    press(page)
    expect(page.locator("h1")).to_have_text("Cities of ASEAN")
    well(page)
    page.locator("main a[href='/people/cities-of-asean/']").click()


def take_up(page, invitation, language):
    """Open an invitation's link, make an account with it, and see the people of the series; the link is used up then."""
    page.goto(invitation_address(invitation))
    speak(page, language)
    page.reload()
    well(page)
    page.locator("[name=name]").fill("Rita Reviewer")
    page.locator("[name=password]").fill(PASSWORD)
    press(page)
    page.locator("main a[href='/people/cities-of-asean/']").click()
    expect(page.locator("main tbody tr")).to_have_count(2)
    well(page)
    page.goto(invitation_address(invitation))
    expect(page.locator(".note")).to_be_visible()
    well(page)


def change_settings(page):
    """Give the series a name in Arabic and a clock of its own."""
    page.goto("/desk/cities-of-asean/")
    page.locator("main a[href='/series/cities-of-asean/settings/']").click()
    well(page)
    page.locator("[name=contact]").fill("nowhere")
    press(page)
    expect(page.locator(".error-summary li")).to_have_count(1)
    well(page)
    page.locator("[name=contact]").fill("desk@example.org")
    page.locator("[name=name-ar]").fill("مدن آسيان")
    page.locator("[name=time_zone]").select_option("Asia/Jakarta")
    press(page)
    expect(page.locator(".messages")).to_be_visible()


def change_roles(page):
    """Give the other person a role, let it end with a successor, and take it away again."""
    page.locator("main tbody a").last.click()
    expect(page.locator("main section")).to_have_count(1)
    well(page)
    page.locator("[type=radio][value=reviewer]").check()
    page.locator("form[action$='/give/'] button").click()
    reviewing = page.locator("main section").last
    reviewing.locator("summary").click()
    well(page)
    reviewing.locator("[name=last_day]").fill("2001-01-01")
    reviewing.locator("details button").click()
    expect(reviewing.locator(".error")).to_have_count(1)
    well(page)
    reviewing.locator("[name=last_day]").fill("2099-12-31")
    for name in ("successor", "deputy"):
        reviewing.locator(f"[name={name}]").select_option(index=1)
    reviewing.locator("details button").click()
    expect(reviewing.locator("dd")).to_have_count(3)
    well(page)
    reviewing.locator("form[action$='/reviewer/take/'] button").click()
    expect(page.locator("main section")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.full)])
@pytest.mark.parametrize(("language", "size"), [("en", "desk"), ("ar", "phone")])
def test_first_owner_begins_a_series_and_invites_a_second_person(
    new_page, live_server, transactional_db, celery_worker_process, settings, eventually, language, size, scheme
):
    settings.PUBLIC_URL = str(live_server)
    page, hers = (new_page(viewport=SIZES[size], color_scheme=scheme) for _ in range(2))
    begin(page, language)
    well(page)
    page.locator("[name=email]").fill("rita@example.org")
    page.locator("[type=radio][value=owner]").check()
    press(page)
    expect(page.locator("main tbody")).to_have_count(2)
    well(page)
    invitation = Invitation.objects.get()
    eventually(lambda: invitation.mails.filter(state="sent").exists())
    take_up(hers, invitation, language)

    page.reload()
    change_roles(page)
    change_settings(page)


def test_forgotten_password_is_chosen_anew(
    new_page, live_server, transactional_db, celery_worker_process, settings, eventually
):
    settings.PUBLIC_URL = str(live_server)
    user = User.objects.create_user("olga@example.org", "olga@example.org", PASSWORD)
    page = new_page(viewport=SIZES["phone"])
    page.goto("/")
    page.locator("footer a[href='/sign-in/']").click()
    page.locator("main a[href='/new-password/']").click()
    well(page)
    page.locator("[name=email]").fill("Olga@example.org")
    press(page)
    expect(page.locator(".messages")).to_contain_text("olga@example.org")
    eventually(lambda: AccountMail.objects.filter(state="sent").exists())

    page.goto(password_address(user))
    well(page)
    page.locator("[name=new_password1]").fill(NEW)
    page.locator("[name=new_password2]").fill(NEW)
    press(page)
    page.locator("[name=username]").fill("olga@example.org")
    page.locator("[name=password]").fill(NEW)
    press(page)
    expect(page.locator(".account bdi")).to_have_text("olga@example.org")
