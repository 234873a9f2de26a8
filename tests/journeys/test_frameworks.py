"""A moderator builds an indicator system in a real browser: begins it, changes a criterion, pastes, and freezes it."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Role, Series, User
from accounts.usecases.roles import give_role
from tests.journeys.looking import fits
from tests.journeys.test_accessibility import violations

SIZES = {"phone": {"width": 360, "height": 640}, "desk": {"width": 1280, "height": 800}}
NAMES = {"en": "LAS smart cities", "ar": "المدن الذكية العربية"}


@pytest.fixture
def series(live_server, transactional_db, settings, now):
    settings.PUBLIC_URL = str(live_server)
    found = Series.objects.create(slug="las", names=NAMES, languages=["en", "ar", "fr"], created_at=now)
    moderator = User.objects.create_user("mo", password="mo")
    give_role(moderator, series=found, kind=Role.Kind.MODERATOR, by="mo", at=now)
    return found


@pytest.fixture
def now():
    return timezone.now()


def well(page):
    """The page fits the screen and keeps the guidelines."""
    fits(page)
    assert violations(page) == []


def go(page, place):
    page.locator(f"main a[href$='{place}']").first.click()


def build(page):
    """Begin with the codes of a standard, word a criterion, put it up, add one, delete another, and undo that."""
    page.goto("/sign-in/")
    page.locator("[name=username]").fill("mo")
    page.locator("[name=password]").fill("mo")
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/desk/**")
    page.goto("/desk/las/frameworks/")
    go(page, "/frameworks/begin/")
    well(page)
    page.locator("[name=name]").fill("Cities of tomorrow")
    page.locator("[value='shipped:sdg11']").check()
    page.locator("main button.button").click()
    expect(page.locator(".tree tbody tr")).to_have_count(22)
    well(page)
    page.locator(".tree tbody th a").nth(3).click()
    page.locator("[name=name-fr]").fill("Transports de tous")
    well(page)
    page.locator("main button.button:not(.button-quiet)").click()
    expect(page.locator("[name=name-fr]")).to_have_value("Transports de tous")
    page.locator("button[value=up]").click()
    expect(page.locator("button[value=up]")).to_be_disabled()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("button[value=up]")).to_be_enabled()
    page.locator("[name=name-fr]").press("Alt+ArrowDown")  # there it has a meaning of its own
    expect(page.locator(".tree tbody tr.chosen")).to_have_count(1)
    assert page.locator(".tree tbody tr").nth(3).get_attribute("class").endswith("chosen")
    go(page, "/add/")
    page.locator("[name=name-en]").fill("Walking")
    page.locator("[name=kind][value=Indicator]").check()
    page.locator("main button.button:not(.button-quiet)").last.click()
    well(page)
    expect(page.locator(".error-summary li")).to_have_count(1)
    page.locator("[name=direction][value='1']").check()
    page.locator("main button.button:not(.button-quiet)").last.click()
    expect(page.locator(".tree tbody tr")).to_have_count(23)
    go(page, "/criteria/SDG11_1/")
    go(page, "/delete/")
    well(page)
    page.locator("main button.button-danger").click()
    page.locator("main form button.button-quiet").click()
    expect(page.locator(".tree tbody tr")).to_have_count(23)


def paste(page):
    """Paste another tree, look at it, keep it, and freeze the version."""
    go(page, "/paste/")
    page.locator("[name=text]").fill("City\n\tAir\n\t\tFine dust\n\t\tOzone\n\tWater\n\t\tLosses")
    page.locator("main button.button").last.click()
    expect(page.locator(".tree tbody tr")).to_have_count(6)
    well(page)
    page.locator("[name=keep]").click()
    expect(page.locator(".tree tbody tr")).to_have_count(6)
    go(page, "/freeze/")
    well(page)
    page.locator("main button.button").click()
    expect(page.locator("main form")).to_have_count(1)  # that begins the next version
    well(page)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("size", SIZES)
def test_moderator_builds_a_framework(series, new_page, size, language):
    page = new_page(viewport=SIZES[size], locale=language)

    build(page)
    paste(page)
