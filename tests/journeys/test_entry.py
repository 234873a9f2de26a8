"""Giving answers, and never losing one: each step with what must be seen, and that it fails where that is taken away."""

import csv
import io
import re
import shutil
from contextlib import contextmanager

import pytest
from django.utils import timezone
from playwright.sync_api import TimeoutError as TookTooLong
from playwright.sync_api import expect

from surveys import tasks
from surveys.errors import BadJudgementError
from surveys.handover import closed_round
from surveys.models import Judgement, Panelist, Round
from surveys.queries.expert_sheet import expert_sheet
from surveys.queries.links import link_token, personal_token
from surveys.usecases.judgements import choose_for_node, record_judgement
from surveys.usecases.panels import add_link
from surveys.web import pairs
from tests.conftest import CHROMIUM
from tests.journeys.conftest import PHONE, blind

LABELS = ".answers"
LEFT_OUT = 66  # pairs of the long question, which count as settled


@pytest.fixture
def panelist(walk):
    """The first who reads English; the long question is left out, so that short ones follow each other."""
    found = Panelist.objects.get(code="P04")
    Panelist.objects.filter(pk=found.pk).update(started_at=timezone.now())
    found.refresh_from_db()
    choose_for_node(found, walk, node="D1", choice="skip", at=timezone.now())
    return found


@pytest.fixture
def link(panelist):
    return f"/p/{personal_token(panelist)}/"


@pytest.fixture
def quick():
    """A step that fails does so within a second."""

    @contextmanager
    def fails():
        expect.set_options(timeout=1000)
        try:
            with pytest.raises((AssertionError, TookTooLong)):
                yield
        finally:
            expect.set_options(timeout=5000)

    return fails


def begin(page, link):
    """Open the link, begin on this device, and go to the first open pair."""
    page.goto(link)
    page.locator("form[action$='start/'] button").first.click()
    page.goto(link + "pair/")
    page.wait_for_selector("[data-ready]", state="attached")


def key_of(page):
    return page.locator("input[name=key]").first.get_attribute("value")


def tap(page, at, wait=2000):
    """Tap one of the five answers; the next pair is there at once, whatever the network does."""
    before = key_of(page)
    page.locator(LABELS).first.locator("label").nth(at).click()
    page.wait_for_function(
        """before => {
          const form = document.querySelector("form[data-answer-at-once]");
          return !form || (!form.hidden && "ready" in form.dataset && form.elements.key.value !== before);
        }""",
        arg=before,
        timeout=wait,
    )
    if "/question/" in page.url:  # a question that has something to say at its end
        page.goto(page.url.partition("/question/")[0] + "/pair/")
        page.wait_for_selector("[data-ready]", state="attached")


def stored(panelist):
    """Her standing answers by pair."""
    answers = {}
    for row in Judgement.objects.filter(panelist=panelist).order_by("version").select_related("comparison"):
        answers[row.comparison_id] = row.value
    return {pair: value for pair, value in answers.items() if value is not None}


# --- A6: ten pairs by taps ------------------------------------------------------------------------------------------


def ten_pairs_by_taps(page, link, panelist, eventually):
    begin(page, link)
    held = []
    page.route("**/pair/", lambda route: held.append(route))  # noqa: PLW0108  # it looks into the function
    for number in range(10):
        expect(page.locator("fieldset.pair:visible")).to_have_count(1)
        expect(page.get_by_role("radio", checked=True)).to_have_count(0)
        shown = page.locator(".item b").all_inner_texts()
        for at in (0, 1):  # what an item means is one tap away
            page.locator(".item summary").nth(at).click(timeout=1500)
            expect(page.locator(".item details span").nth(at)).to_contain_text(shown[at])
        page.mouse.wheel(0, 500)
        page.mouse.wheel(0, -500)
        expect(page.get_by_role("radio", checked=True)).to_have_count(0)
        assert targets_too_small(page, 24) == []
        assert min(box["height"] for box in boxes(page, ".items + .answers > .answer")) >= 44
        tap(page, number % 5)
        assert page.locator(".item b").all_inner_texts() != shown
        if number == 1:  # the next pair did not wait for the server; at the end of a question the page may
            assert (len(held), len(stored(panelist))) == (1, 0)
            held[0].continue_()
            page.unroute("**/pair/")
    eventually(lambda: len(stored(panelist)) == 10)


def boxes(page, selector):
    return [one.bounding_box() for one in page.locator(selector).all() if one.is_visible()]


def targets_too_small(page, least):
    """Controls under the least size; a radio's target is its label."""
    controls = page.locator("main :is(a, button, summary, textarea, label.answer):visible").all()
    sizes = [(one.inner_text(), one.bounding_box()) for one in controls]
    return [text for text, box in sizes if min(box["width"], box["height"]) < least]


def test_ten_pairs_by_taps(phone, link, panelist, eventually):
    """Step A6."""
    ten_pairs_by_taps(phone(has_touch=True), link, panelist, eventually)


@pytest.mark.parametrize("taken", [".item summary", "size"])
def test_ten_pairs_by_taps_is_seen_to_fail(phone, link, panelist, eventually, quick, taken):
    page = phone()
    if taken == "size":
        small = ".answer { min-block-size: 0 !important; padding-block: 0 !important }"
        page.route("**/pair.css", lambda route: route.fulfill(body=small, content_type="text/css"))
    else:
        blind(page, taken)
    with quick():
        ten_pairs_by_taps(page, link, panelist, eventually)


# --- A7: another language half-way ----------------------------------------------------------------------------------


def same_pair_in_arabic_by_keys(page, link, panelist, walk, eventually):
    begin(page, link)
    tap(page, 1)
    eventually(lambda: len(stored(panelist)) == 1)
    first = Judgement.objects.select_related("comparison__a", "comparison__b").get(panelist=panelist)
    exported = page.request.get(link + "mine/answers.csv").text()
    page.context.add_cookies([{"name": "django_language", "value": "ar", "url": page.url}])
    codes = (first.comparison.a.code, first.comparison.b.code)
    page.goto(f"{link}pair/?first={codes[0]}&second={codes[1]}")
    page.wait_for_selector("[data-ready]", state="attached")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    radios = page.locator(LABELS).first.get_by_role("radio")
    expect(radios.nth(1)).to_be_checked()  # the answer given in English
    item, bar = page.locator(".item").nth(0).bounding_box(), page.locator(".item").nth(1).bounding_box()
    assert item["x"] > bar["x"]  # the first stands on the right
    radios.nth(1).focus()
    for key, at in (("ArrowDown", 2), ("ArrowLeft", 3), ("ArrowRight", 2), ("ArrowUp", 1)):
        page.keyboard.press(key)
        expect(radios.nth(at)).to_be_checked()
    page.keyboard.press("Enter")
    eventually(lambda: Judgement.objects.filter(panelist=panelist).count() == 2, seconds=5)
    values = Judgement.objects.filter(panelist=panelist).values_list("value", flat=True)
    assert len(set(values)) == 1
    own = [answered_in(text) for text in (exported, page.request.get(link + "mine/answers.csv").text())]
    assert len(own[0]) == 1
    assert set(own[0]) == set(own[1])  # the file says the same of it in both languages


def answered_in(text):
    """The answers in her file: node, a, b and the value of a over b."""
    rows = csv.DictReader(io.StringIO(text))
    return [(row["node"], row["a"], row["b"], row["value"]) for row in rows if row["status"] == "answered"]


def test_same_pair_in_arabic_by_keys(phone, link, panelist, walk, eventually):
    """Step A7."""
    same_pair_in_arabic_by_keys(phone(), link, panelist, walk, eventually)


@pytest.mark.parametrize("taken", ["mirror", "value"])
def test_same_pair_in_arabic_is_seen_to_fail(phone, link, panelist, walk, eventually, quick, monkeypatch, taken):
    page = phone()
    if taken == "mirror":
        page.add_init_script(
            "new MutationObserver(() => document.documentElement?.setAttribute('dir', 'ltr'))"
            ".observe(document, {childList: true})"
        )
    else:
        given = []

        def turned(*args, value, **more):
            given.append(value)
            return record_judgement(*args, value=1 / value if len(given) > 1 else value, **more)

        monkeypatch.setattr(pairs, "record_judgement", turned)
    with quick():
        same_pair_in_arabic_by_keys(page, link, panelist, walk, eventually)


# --- A8: keyboard and screen reader ---------------------------------------------------------------------------------


def three_pairs_by_keyboard(page, link, panelist, eventually):
    begin(page, link)
    expect(page.locator("[data-announce]")).to_have_count(1)
    heard = "window.heard = []; new MutationObserver(() => heard.push(document.querySelector('[data-announce]').textContent))"
    page.evaluate(heard + ".observe(document.querySelector('[role=status][data-announce]'), {childList: true})")
    expect(page.locator("[role=status]")).to_have_count(1)
    for number in range(3):
        group = page.get_by_role("group", name=re.compile("Which matters more for .Smart city.."))
        expect(group).to_have_count(1)
        expect(group.get_by_role("radio")).to_have_count(5)
        before = key_of(page)
        page.keyboard.press(str(1 + number))
        focused = page.locator(":focus")
        expect(focused).to_have_attribute("value", ("5", "3", "1")[number])
        ring = focused.evaluate("one => getComputedStyle(one.closest('label')).outlineStyle")
        assert ring == "solid"
        assert page.evaluate(UNCOVERED)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        assert key_of(page) == before  # keys choose, they do not send
        page.keyboard.press("Enter")
        expect(page.locator("input[name=key]").first).not_to_have_value(before)
        expect(page.locator("#question")).to_be_focused()
        assert page.evaluate(UNCOVERED)
        expect(page.locator("[data-announce]")).to_have_text(re.compile(rf"Saved · {LEFT_OUT + number + 1} of \d+"))
    assert page.evaluate("heard.length") == 3
    eventually(lambda: len(stored(panelist)) == 3)


UNCOVERED = """() => {
  const one = document.activeElement.closest("label") ?? document.activeElement, box = one.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + Math.min(box.width / 2, 8), box.y + box.height / 2);
  return box.top >= 0 && box.bottom <= innerHeight && (one === top || one.contains(top));
}"""


def test_three_pairs_by_keyboard(new_page, link, panelist, eventually):
    """Step A8."""
    three_pairs_by_keyboard(new_page(), link, panelist, eventually)


@pytest.mark.parametrize("taken", ["legend", "[data-announce]", "outline"])
def test_three_pairs_by_keyboard_is_seen_to_fail(new_page, link, panelist, eventually, quick, taken):
    page = new_page()
    if taken == "outline":
        page.route("**/steelyard.css", lambda route: route.fulfill(body="", content_type="text/css"))
    elif taken == "legend":
        page.add_init_script(
            "addEventListener('DOMContentLoaded', () => document.querySelector('fieldset.pair')?.removeAttribute('aria-labelledby'))"
        )
        page.add_init_script(
            "addEventListener('DOMContentLoaded', () => document.querySelector('fieldset.pair')?.setAttribute('role', 'none'))"
        )
    else:
        blind(page, taken)
    with quick():
        three_pairs_by_keyboard(page, link, panelist, eventually)


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
        opened[-1].set_default_timeout(10_000)
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


def test_no_network_is_seen_to_fail_without_its_line(browser_of_hers, link, panelist, eventually, quick):
    with quick():
        no_network_and_a_closed_browser(browser_of_hers, link, panelist, eventually, taken="[data-device-state]")


def test_no_network_is_seen_to_fail_where_the_device_forgets(
    browser_of_hers, link, panelist, eventually, quick, tmp_path
):
    opened = []

    def forgetful():
        if opened:
            shutil.rmtree(next((tmp_path / "profile").rglob("IndexedDB")))
        opened.append(browser_of_hers())
        return opened[-1]

    with quick():
        no_network_and_a_closed_browser(forgetful, link, panelist, eventually)


def test_other_persons_answers_on_this_device_are_neither_shown_nor_sent(phone, link, panelist, eventually):
    page = phone()
    begin(page, link)
    page.context.set_offline(True)
    tap(page, 0)
    page.goto("about:blank")
    page.context.set_offline(False)

    with page.expect_response("**/state/"):  # it asks whose answers may be sent
        page.goto(f"/p/{personal_token(Panelist.objects.get(code='P10'))}/")
    page.wait_for_timeout(500)

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

    monkeypatch.setattr(pairs, "record_judgement", record)
    return reasons


def test_refused_answer_is_named(phone, link, panelist, eventually, refusing):
    """Step A9: where the server refuses one."""
    refused_answer_is_named(phone(), link, panelist, eventually, refusing)


def test_refused_answer_is_seen_to_fail(phone, link, panelist, eventually, refusing, quick):
    page = phone()
    blind(page, "[data-device-list] li")
    with quick():
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


# --- A10: the phone, then the desk ----------------------------------------------------------------------------------


def goes_on_at_the_desk(phone, desk, link, panelist, eventually):
    begin(phone, link)
    for number in range(4):
        tap(phone, number)
    eventually(lambda: len(stored(panelist)) == 4)
    open_pair = phone.locator(".item b").all_inner_texts()
    more = add_link(panelist, at=timezone.now())  # the mail that "It is me" sends
    begin(desk, f"/p/{link_token(panelist.uid, more.number, more.language)}/")
    assert desk.locator(".item b").all_inner_texts() == open_pair
    expect(desk.locator(".progress")).to_contain_text("4 of")
    desk.goto(desk.url.replace("/pair/", "/review/"))
    expect(desk.get_by_role("link", name="Change", exact=True)).to_have_count(4)


def test_goes_on_at_the_desk(phone, new_page, link, panelist, eventually):
    """Step A10."""
    goes_on_at_the_desk(phone(), new_page(), link, panelist, eventually)


def test_goes_on_at_the_desk_is_seen_to_fail(phone, new_page, link, panelist, eventually, quick, monkeypatch):
    monkeypatch.setattr(
        pairs, "expert_sheet", lambda _panelist, round_: expert_sheet(Panelist.objects.get(code="P10"), round_)
    )
    with quick():
        goes_on_at_the_desk(phone(), new_page(), link, panelist, eventually)


# --- A11: two windows -----------------------------------------------------------------------------------------------


def two_windows(page, link, panelist, eventually, stands="Use this"):
    begin(page, link)
    other = page.context.new_page()
    other.goto(link + "pair/")
    other.wait_for_selector("[data-ready]", state="attached")
    tap(page, 0)
    eventually(lambda: len(stored(panelist)) == 1)
    other.locator(LABELS).first.locator("label").nth(4).click()
    expect(other.get_by_role("heading", name=re.compile(r"in another window at \d\d:\d\d"))).to_be_visible()
    keep, use = other.get_by_role("button", name="Keep that"), other.get_by_role("button", name="Use this")
    assert keep.bounding_box()["width"] == pytest.approx(use.bounding_box()["width"], rel=0.3)
    assert keep.bounding_box()["height"] == use.bounding_box()["height"]
    expect(other.get_by_text("5 times as much")).to_have_count(2)  # both answers in words that name the items
    other.get_by_role("button", name=stands).click()
    other.wait_for_selector("[data-ready]", state="attached")
    history = [row.value for row in Judgement.objects.filter(panelist=panelist).order_by("version")]
    assert len(history) == {"Use this": 2, "Keep that": 3}[stands]
    assert history[0] == pytest.approx(1 / history[1])
    assert history[-1] == pytest.approx(history[{"Use this": 1, "Keep that": 0}[stands]])
    assert len(stored(panelist)) == 1  # no other pair touched
    expect(other.locator("[data-device-list] li")).to_have_count(0)


@pytest.mark.parametrize("stands", ["Use this", "Keep that"])
def test_two_windows(new_page, link, panelist, eventually, stands):
    """Step A11."""
    two_windows(new_page(), link, panelist, eventually, stands)


def test_two_windows_is_seen_to_fail_without_the_question(new_page, link, panelist, eventually, quick):
    page = new_page()
    page.context.add_init_script(
        "addEventListener('DOMContentLoaded', () => location.pathname.includes('/conflict/') && document.querySelector('h1').remove())"
    )
    with quick():
        two_windows(page, link, panelist, eventually)


def test_two_windows_is_seen_to_fail_where_the_last_one_wins(new_page, link, panelist, eventually, quick, monkeypatch):
    def overwrite(*args, seen_version, **more):
        return record_judgement(*args, seen_version=None, **more)

    monkeypatch.setattr(pairs, "record_judgement", overwrite)
    with quick():
        two_windows(new_page(), link, panelist, eventually)


def test_two_windows_without_script(new_page, link, panelist):
    page = new_page(java_script_enabled=False)
    page.goto(link)
    page.locator("form[action$='start/'] button").first.click()
    page.goto(link + "pair/")
    other = page.context.new_page()
    other.goto(link + "pair/")
    for one, at in ((page, 0), (other, 4)):
        one.locator(LABELS).first.locator("label").nth(at).click()
        one.get_by_role("button", name="Save and go on").click()

    expect(other).to_have_url(re.compile("/conflict/"))
    other.get_by_role("button", name="Keep that").click()

    expect(other).to_have_url(re.compile("/pair/$"))
    history = [row.value for row in Judgement.objects.filter(panelist=panelist).order_by("version")]
    assert history == pytest.approx([history[0], 1 / history[0], history[0]])


# --- undo -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False])
def test_undo_brings_the_pair_back(phone, link, panelist, eventually, script):
    page = phone(java_script_enabled=script)
    page.goto(link)
    page.locator("form[action$='start/'] button").first.click()
    page.goto(link + "pair/")
    shown = page.locator(".item b").all_inner_texts()
    if script:
        page.wait_for_selector("[data-ready]", state="attached")
        tap(page, 0)
    else:
        page.locator(LABELS).first.locator("label").first.click()
        page.get_by_role("button", name="Save and go on").click()
    page.locator("[data-undo] button").click()

    expect(page.locator(".item b").first).to_have_text(shown[0])
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    eventually(lambda: [row.value for row in Judgement.objects.order_by("version")][1:] == [None])
    assert stored(panelist) == {}


def test_undone_without_network_is_undone_when_it_is_back(phone, link, panelist, eventually):
    page = phone()
    begin(page, link)
    page.context.set_offline(True)
    tap(page, 0)
    page.locator("[data-undo] button").click()
    tap(page, 2)
    page.context.set_offline(False)

    eventually(lambda: list(stored(panelist).values()) == [1])
    assert [row.version for row in Judgement.objects.order_by("version")] == [1, 2, 3]


# --- a reason -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False])
def test_reason_with_an_address_is_refused_and_stays(phone, link, panelist, eventually, script):
    page = phone(java_script_enabled=script)
    page.goto(link)
    page.locator("form[action$='start/'] button").first.click()
    page.goto(link + "pair/")
    if script:
        page.wait_for_selector("[data-ready]", state="attached")
    page.locator(".reason summary").click()
    expect(page.get_by_text("without your name, the panel in a second round")).to_be_visible()
    page.get_by_role("textbox").fill("Ask me@example.org")
    page.locator(LABELS).first.locator("label").nth(1).click()
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("holds an e-mail address")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_value("Ask me@example.org")
    expect(page.get_by_role("radio", checked=True)).to_have_count(1)
    assert Judgement.objects.count() == 0

    page.get_by_role("textbox").fill("Trams matter")
    page.get_by_role("button", name="Save and go on").click()

    eventually(lambda: Judgement.objects.filter(comment="Trams matter").exists())


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


def round_closes_while_she_is_at_it(page, desk, link, panelist, walk, eventually):
    begin(page, link)
    tap(page, 0)
    eventually(lambda: len(stored(panelist)) == 1)
    announce_at_the_desk(desk, walk)
    tap(page, 1)
    expect(page.get_by_text(re.compile(r"The round closes; you may finish until \d\d:\d\d"))).to_be_visible()
    page.reload()
    expect(page.get_by_text(re.compile(r"you may finish until .*\(Africa/Casablanca\)"))).to_be_visible()
    page.wait_for_selector("[data-ready]", state="attached")
    Round.objects.filter(pk=walk.pk).update(finish_until=timezone.now())  # the hour is over
    tasks.close_due_rounds.delay()
    eventually(lambda: Round.objects.get(pk=walk.pk).state == "closed")  # by the worker
    page.locator(LABELS).first.locator("label").first.click()
    expect(page.locator("[data-device-list] li")).to_contain_text("The round is not open.")
    page.goto(link + "review/")
    expect(page.get_by_text("A draft does not count.")).to_be_visible()
    assert len(stored(panelist)) == 2
    assert closed_round(walk.uid).summary.state == "closed"


def test_round_closes_while_she_is_at_it(new_page, link, panelist, walk, eventually, celery_worker_process):
    """Step A18."""
    round_closes_while_she_is_at_it(new_page(), new_page(), link, panelist, walk, eventually)


@pytest.mark.parametrize("taken", ["[data-closing]", "[data-closed]"])
def test_round_closes_is_seen_to_fail(new_page, link, panelist, walk, eventually, celery_worker_process, quick, taken):
    page = new_page()
    blind(page, taken)
    with quick():
        round_closes_while_she_is_at_it(page, new_page(), link, panelist, walk, eventually)
