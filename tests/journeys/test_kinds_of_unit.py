"""An owner begins a series of institutions; its readers, on a phone and in Arabic too, read of institutions."""

import pytest
from django.conf import settings as configured
from django.test import Client
from playwright.sync_api import expect

from accounts.models import Series, User
from accounts.usecases.people import let_begin_series
from tests.journeys.looking import fits, written_in
from tests.scoring import factories

PHONE = {"viewport": {"width": 360, "height": 640}}


@pytest.fixture
def owner(transactional_db):
    """Somebody who may begin series, and the cookie of her visit."""
    user = User.objects.create_user("olga", "olga@example.org", "a long way round")
    let_begin_series(user)
    client = Client()
    client.force_login(user)
    return client.cookies[configured.SESSION_COOKIE_NAME].value


@pytest.mark.parametrize("device", [{}, PHONE])
def test_owner_says_what_her_series_ranks(owner, new_page, live_server, device):
    page = new_page(**device)
    page.context.add_cookies([{"name": configured.SESSION_COOKIE_NAME, "value": owner, "url": str(live_server)}])
    page.goto("/series/begin/")
    page.get_by_label("Name of the ranking").fill("Ports")
    page.get_by_label("Institutions").check()
    fits(page)
    page.get_by_role("button", name="Begin the series").click()
    expect(page.get_by_text("The series is begun")).to_be_visible()
    page.goto("/series/ports/settings/")

    expect(page.get_by_label("Institutions")).to_be_checked()
    fits(page)


@pytest.mark.parametrize(
    ("language", "cities", "institutions"), [("en", "cities", "institutions"), ("ar", "مدن", "مؤسسات")]
)
def test_readers_read_of_what_is_ranked(transactional_db, new_page, language, cities, institutions):
    factories.make_release(factories.make_edition(factories.make_series(is_demonstration=True)))
    page = new_page(locale=language, **PHONE)
    page.goto("/s/las/2024/")
    expect(page.locator("body")).to_contain_text(cities)

    Series.objects.update(unit_kind="institution")
    page.goto("/s/las/2024/")

    expect(page.locator("body")).to_contain_text(institutions)
    expect(page.locator("body")).not_to_contain_text(cities)
    fits(page)
    written_in(page, language)
