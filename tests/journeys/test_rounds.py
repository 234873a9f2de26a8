"""A moderator moves the end of a round, closes it, opens it again, and plans the next one with an hour."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from surveys.models import Mail, Round
from surveys.usecases.rounds import close_round, plan_round
from tests.journeys.looking import fits, written_in

BY = {"by": "mo"}


@pytest.fixture
def desk(new_page, walk):
    """Open a signed-in page: ``desk(locale="ar")``."""

    def opened(**options):
        page = new_page(**options)
        page.goto("/sign-in/")
        page.locator("[name=username]").fill("mo")
        page.locator("[name=password]").fill("mo")
        page.locator("main form button").click()
        page.wait_for_url("**/desk/**")
        return page

    return opened


def in_days(days):
    return (timezone.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


def test_end_moves_the_round_closes_and_opens_again(desk, walk):
    page = desk()
    where = f"/desk/las/rounds/{walk.uid}/"
    page.goto(where)
    form = page.locator("form[action$='/end/']")
    form.locator("[name=ends_at]").fill(in_days(5))
    form.get_by_role("button").click()
    expect(page.locator(".error-summary")).to_contain_text("An end moves outwards only")
    form.locator("[name=ends_at]").fill(in_days(20))
    form.locator("[name=tell]").check()
    form.get_by_role("button").click()
    expect(page.get_by_text("24 mails go out in five minutes")).to_be_visible()
    page.get_by_role("button", name="Stop them").click()
    expect(page.get_by_text("24 mails were stopped.")).to_be_visible()

    form = page.locator("form[action$='/close/']")
    expect(form).to_contain_text("24 people have not begun, and are shut out once the round is closed.")
    form.locator("[name=when][value=now]").check()
    form.locator("[name=sure]").check()
    form.get_by_role("button").click()
    expect(page.get_by_text("The round is closed. Answers given are kept.")).to_be_visible()

    form = page.locator("form[action$='/reopen/']")
    form.locator("[name=ends_at]").fill(in_days(30))
    form.locator("[name=sure]").check()
    form.get_by_role("button").click()
    expect(page.get_by_text("The round is open again until")).to_be_visible()
    assert Round.objects.get().state == "open"
    assert not Mail.objects.exclude(kind="invitation").exclude(error_code="stopped").exists()


@pytest.fixture
def states(walk):
    """Put the panel's rounds where a page of each kind shows them; returns their addresses."""
    now = timezone.now()

    def put(state):
        if state == "open":
            return f"/desk/las/rounds/{walk.uid}/"
        close_round(walk, **BY, at=now)
        if state == "closed":
            return f"/desk/las/rounds/{walk.uid}/"
        hours = {"opens_at": now + timedelta(days=1), "closes_at": now + timedelta(days=9)}
        planned = plan_round(walk.panel, version=walk.version, **hours, **BY, at=now)
        return f"/desk/las/rounds/{planned.uid}/{'plan/' if state == 'plan' else ''}"

    return put


@pytest.mark.parametrize("state", ["open", "closed", "planned", "plan"])
@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ar", 360)])
def test_pages_of_a_round_fit(desk, states, tmp_path, language, width, state):
    page = desk(locale=language, viewport={"width": width, "height": 740})
    page.goto(states(state))

    fits(page)
    written_in(page, language)
    expect(page.locator("h1")).to_have_count(1)
    assert page.locator("main .button:not(.button-quiet)").count() <= 1
