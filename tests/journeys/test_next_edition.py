"""From an edition that is there to the first open round of the next one, in a real browser with a real worker."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from scoring.usecases.editions import create_edition
from surveys import tasks
from surveys.models import Mail, Panel, Panelist, Round
from surveys.usecases.rounds import close_round
from tests.journeys.looking import fits, written_in
from tests.journeys.test_accessibility import violations

SIZES = {"phone": {"width": 360, "height": 640}, "desk": {"width": 1280, "height": 800}}
MOST_PAGES = 5  # from the edition to an open round


def well(page, seen):
    """The page fits the screen and keeps the guidelines; it is counted once."""
    fits(page)
    assert violations(page) == []
    seen.append(page.url.partition("#")[0])


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.full)])
@pytest.mark.parametrize(("language", "size"), [("en", "desk"), ("ar", "phone")])
def test_next_edition_is_begun_and_its_round_opened(
    new_page, walk, celery_worker_process, eventually, language, size, scheme
):
    by = {"by": "mo", "at": timezone.now()}
    create_edition(walk.panel.series, slug="2026", framework_uid=walk.version.uid, panel_uids=[walk.panel.uid], **by)
    Panelist.objects.filter(code__in=["P01", "P02", "P03", "P04", "P05", "P06"]).update(started_at=timezone.now())
    close_round(walk, **by)
    page, seen = new_page(viewport=SIZES[size], color_scheme=scheme), []
    page.goto("/")
    page.context.add_cookies([{"name": "django_language", "value": language, "url": page.url}])
    page.goto("/sign-in/")
    page.locator("[name=username]").fill("mo")
    page.locator("[name=password]").fill("mo")
    page.locator("main form button").click()

    page.goto("/desk/las/")
    well(page, seen)
    page.locator("a[href='/desk/las/2026/repeat/']").click()
    written_in(page, language)
    well(page, seen)
    page.locator("[name=slug]").fill("")
    page.locator("main form button.button").click()
    expect(page.locator(".error-summary li")).to_have_count(1)
    well(page, seen)
    page.locator("[name=slug]").fill("2027")
    page.locator("main form button.button").click()
    page.wait_for_url("**/desk/las/2027/")
    well(page, seen)
    page.locator("#round a.button").click()
    well(page, seen)
    page.locator("[name=closes_at]").fill((timezone.now() + timedelta(days=10)).strftime("%Y-%m-%dT%H:%M"))
    page.locator("main form button.button").click()
    page.wait_for_url("**/rounds/**")
    well(page, seen)
    page.locator("form[action$='/open/'] [name=sure]").check()
    page.locator("form[action$='/open/'] button").click()
    expect(page.locator(".messages")).to_be_visible()

    opened = Round.objects.get(state="open")
    assert opened.panel == Panel.objects.get(slug="2027")
    tasks.sweep.delay()  # as beat does each minute
    eventually(lambda: Mail.objects.filter(round=opened, state="sent").count() == 6)
    assert not Mail.objects.filter(panelist__panel=walk.panel, round=opened).exists()
    assert len(dict.fromkeys(seen)) <= MOST_PAGES
