"""No network, a closed browser, a server that refuses: nothing is lost, and the step fails where that is not seen."""

import re
import shutil

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from surveys.errors import BadJudgementError
from surveys.models import Judgement, Panelist
from surveys.queries.panelist.links import link_token, personal_token
from surveys.usecases.judgements import record_judgement
from surveys.usecases.panels import add_link
from surveys.web.panelist import pair
from tests.conftest import CHROMIUM, PATIENCE
from tests.journeys.answering import LABELS, LEFT_OUT, begin, only_when_told, settled, stored, tap
from tests.journeys.conftest import PHONE, blind

FULL = pytest.mark.full  # by `make full`

# --- A9: no network, a closed browser -------------------------------------------------------------------------------


@pytest.fixture
def browser_of_hers(live_server, browser, tmp_path):
    """A browser with a profile on the disk: ``browser_of_hers()`` opens it, and again after it was closed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    opened = []

    def start():
        opened.append(
            browser.browser_type.launch_persistent_context(
                tmp_path / "profile",
                executable_path=program,
                args=CHROMIUM,
                base_url=str(live_server),
                viewport=PHONE,
                locale="en",
            )
        )
        opened[-1].set_default_timeout(PATIENCE)
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def no_network_and_a_closed_browser(start, link, panelist, eventually, taken=None):
    browser = start()
    page = browser.pages[0]
    if taken:
        blind(page, taken)
    begin(page, link)
    for number in range(10):
        tap(page, number % 5)
    eventually(lambda: len(stored(panelist)) == 10)
    browser.set_offline(True)
    for number in range(3):
        tap(page, number)
    expect(page.get_by_text("3 answers waiting on this device")).to_be_visible()
    assert len(stored(panelist)) == 10
    browser.close()

    page = start().pages[0]
    page.goto(link)
    expect(page.get_by_text(re.compile(rf"All saved · {LEFT_OUT + 13} of \d+"))).to_be_visible()
    assert len(stored(panelist)) == 13


def test_no_network_and_a_closed_browser(browser_of_hers, link, panelist, eventually):
    """Step A9."""
    no_network_and_a_closed_browser(browser_of_hers, link, panelist, eventually)


@FULL
def test_no_network_is_seen_to_fail_without_its_line(browser_of_hers, link, panelist, eventually, fails_at):
    with fails_at("3 answers waiting on this device"):
        no_network_and_a_closed_browser(browser_of_hers, link, panelist, eventually, taken="[data-device-state]")


@FULL
def test_no_network_is_seen_to_fail_where_the_device_forgets(
    browser_of_hers, link, panelist, eventually, fails_at, tmp_path
):
    opened = []

    def forgetful():
        if opened:
            shutil.rmtree(next((tmp_path / "profile").rglob("IndexedDB")))
        opened.append(browser_of_hers())
        return opened[-1]

    with fails_at("All saved"):
        no_network_and_a_closed_browser(forgetful, link, panelist, eventually)


def test_other_persons_answers_on_this_device_are_neither_shown_nor_sent(phone, link, panelist, eventually):
    page = phone()
    begin(page, link)
    page.context.set_offline(True)
    tap(page, 0)
    expect(page.get_by_text("1 answer waiting on this device")).to_be_visible()  # it was tried: nothing is on its way
    page.goto("about:blank")
    page.context.set_offline(False)

    with page.expect_response("**/state/"):  # it asks whose answers may be sent
        page.goto(f"/p/{personal_token(Panelist.objects.get(code='P10'))}/")
    settled(page)

    expect(page.locator("[data-device]")).to_be_hidden()
    page.goto(link)  # her own page sends it, if it had not before it was left
    eventually(lambda: len(stored(panelist)) == 1)
    assert set(Judgement.objects.values_list("panelist__code", flat=True)) == {panelist.code}


def test_fresh_link_takes_along_what_waits(phone, link, panelist, eventually):
    page = phone()
    begin(page, link)
    page.context.set_offline(True)
    tap(page, 0)
    fresh = add_link(panelist, at=timezone.now())
    page.context.set_offline(False)

    page.goto(f"/p/{link_token(panelist.uid, fresh.number, fresh.language)}/")

    eventually(lambda: len(stored(panelist)) == 1)


def test_server_that_stops_for_a_while_loses_nothing(phone, link, panelist, eventually):
    page = phone()
    only_when_told(page)
    begin(page, link)
    page.route("**/pair/", lambda route: route.fulfill(status=503, body="down"))
    for number in range(3):
        tap(page, number)
    expect(page.get_by_text("3 answers waiting on this device")).to_be_visible()
    page.unroute("**/pair/")

    page.get_by_role("button", name="Try again").click()

    eventually(lambda: len(stored(panelist)) == 3)
    expect(page.get_by_text("waiting on this device")).to_be_hidden()


def refused_answer_is_named(page, link, panelist, eventually, refusing):
    begin(page, link)
    shown = page.locator(".item b").all_inner_texts()
    said = page.locator(LABELS).first.locator("label").first.inner_text()
    tap(page, 0)
    told = page.locator("[data-device-list] li")
    expect(told).to_contain_text(f"Not saved: “{shown[0]}” or “{shown[1]}”.")
    expect(told).to_contain_text(said)  # the value stays on the device
    expect(page.locator("fieldset.pair")).to_be_visible()  # never a blank card
    assert len(stored(panelist)) == 0
    refusing.clear()
    told.get_by_role("button", name="Try again").click()
    expect(told).to_have_count(0)
    eventually(lambda: len(stored(panelist)) == 1)


@pytest.fixture
def refusing(monkeypatch):
    """Refuse answers until it is emptied."""
    reasons = ["not this one"]

    def record(*args, **more):
        if reasons:
            raise BadJudgementError(reasons[0], field="value", allowed="")
        return record_judgement(*args, **more)

    monkeypatch.setattr(pair, "record_judgement", record)
    return reasons


def test_refused_answer_is_named(phone, link, panelist, eventually, refusing):
    """Step A9: where the server refuses one."""
    refused_answer_is_named(phone(), link, panelist, eventually, refusing)


@FULL
def test_refused_answer_is_seen_to_fail(phone, link, panelist, eventually, refusing, fails_at):
    page = phone()
    blind(page, "[data-device-list] li")
    with fails_at("Not saved: "):
        refused_answer_is_named(page, link, panelist, eventually, refusing)


def test_refused_answer_may_be_changed(phone, link, panelist, eventually, refusing):
    page = phone()
    begin(page, link)
    tap(page, 0)
    page.get_by_role("link", name="Change this answer").click()
    page.wait_for_selector("[data-ready]", state="attached")
    expect(page.get_by_role("radio", checked=True)).to_have_count(1)  # what waits on the device
    refusing.clear()

    tap(page, 2)

    eventually(lambda: list(stored(panelist).values()) == [1])
    expect(page.locator("[data-device-list] li")).to_have_count(0)


# --- A12 without network: a long question simply goes on -----------------------------------------------------------


def test_long_question_is_announced_with_network_and_begun_without(phone, walk, eventually):
    other = Panelist.objects.get(code="P10")
    link = f"/p/{personal_token(other)}/"
    page = phone()
    begin(page, link)
    for _ in range(5):
        tap(page, 2)
    page.context.set_offline(True)
    tap(page, 2)
    expect(page.locator("#question")).to_contain_text("Dimension 1")
    tap(page, 2)
    page.context.set_offline(False)
    eventually(lambda: len(stored(other)) == 7)
    expect(page).to_have_url(re.compile("/question/Goal/"))  # what was to be said at its end is said now

    third = Panelist.objects.get(code="P16")
    link = f"/p/{personal_token(third)}/"
    begin(page, link)
    for _ in range(5):
        tap(page, 2)
    page.locator(LABELS).first.locator("label").nth(2).click()
    expect(page).to_have_url(re.compile("/question/Goal/"))  # a rest; then the long question tells how long it is
    page.get_by_role("link", name="Go on").click()
    expect(page).to_have_url(re.compile("/question/D1/"))
