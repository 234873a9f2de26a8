"""The round closes while she is at it."""

import re
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from playwright.sync_api import expect

from surveys import tasks
from surveys.handover import closed_round
from surveys.models import Round
from tests.journeys.answering import LABELS, begin, stored, tap
from tests.journeys.conftest import blind

FULL = pytest.mark.full  # by `make full`

# --- A18: the round closes ------------------------------------------------------------------------------------------


def announce_at_the_desk(desk, walk):
    """A moderator signs in and gives those who have begun sixty minutes."""
    desk.goto("/sign-in/")
    desk.locator("[name=username]").fill("mo")
    desk.locator("[name=password]").fill("mo")
    desk.locator("main form button").click()
    desk.goto(f"/desk/las/rounds/{walk.uid}/")
    expect(desk.get_by_text("1 person is active now.")).to_be_visible()
    desk.locator("[name=when][value=grace]").check()
    desk.locator("[name=sure]").check()
    desk.locator("form[action$='/close/'] button").click()


def told_end(walk):
    """The end as her page may name it: the hour on her clock, with the day where that is not today."""
    end = Round.objects.get(pk=walk.pk).finish_until.astimezone(ZoneInfo("Africa/Casablanca"))
    either = "|".join(re.escape(date_format(end, form)) for form in ("H:i", "DATETIME_FORMAT"))
    return re.compile(rf"The round closes; you may finish until ({either}) \(Africa/Casablanca\)")


def round_closes_while_she_is_at_it(page, desk, link, panelist, walk, eventually):
    begin(page, link)
    tap(page, 0)
    eventually(lambda: len(stored(panelist)) == 1)
    announce_at_the_desk(desk, walk)
    tap(page, 1)
    expect(page.get_by_text(told_end(walk))).to_be_visible()
    page.reload()
    expect(page.get_by_text(told_end(walk))).to_be_visible()
    page.wait_for_selector("[data-ready]", state="attached")
    Round.objects.filter(pk=walk.pk).update(finish_until=timezone.now())  # the hour is over
    tasks.close_due_rounds.delay()
    eventually(lambda: Round.objects.get(pk=walk.pk).state == "closed")  # by the worker
    page.locator(LABELS).first.locator("label").first.click()
    page.wait_for_url(re.compile("/mine/$"))  # nothing is asked any more
    expect(page.locator("[data-device-list] li")).to_contain_text("The round is not open.")
    expect(page.get_by_text("A draft does not count.")).to_be_visible()
    expect(page.locator("[data-closing]")).to_have_count(0)
    assert len(stored(panelist)) == 2
    assert closed_round(walk.uid).summary.state == "closed"


def test_round_closes_while_she_is_at_it(new_page, link, panelist, walk, eventually, celery_worker_process):
    """Step A18."""
    round_closes_while_she_is_at_it(new_page(), new_page(), link, panelist, walk, eventually)


@FULL
@pytest.mark.parametrize(
    ("taken", "missed"), [("[data-closing]", "told_end(walk)"), ("[data-closed]", "A draft does not count.")]
)
def test_round_closes_is_seen_to_fail(
    new_page, link, panelist, walk, eventually, celery_worker_process, fails_at, taken, missed
):
    page = new_page()
    blind(page, taken)
    with fails_at(missed):
        round_closes_while_she_is_at_it(page, new_page(), link, panelist, walk, eventually)
