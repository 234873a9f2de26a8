"""Giving answers by taps and by keys, taking them back, and giving reasons: each step fails without what must be seen."""

import csv
import io
import re

import pytest
from playwright.sync_api import expect

from surveys.models import Judgement
from surveys.usecases.judgements import record_judgement
from surveys.web.panelist import pair
from tests.journeys.answering import LABELS, LEFT_OUT, begin, key_of, stored, tap
from tests.journeys.conftest import blind
from tests.journeys.looking import written_in

FULL = pytest.mark.full  # by `make full`

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
            expect(page.locator(".item summary").nth(at)).to_be_visible()
            page.locator(".item summary").nth(at).click()
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


@FULL
@pytest.mark.parametrize(
    ("taken", "missed"), [(".item summary", ".item summary"), ("size", "targets_too_small(page, 24) == []")]
)
def test_ten_pairs_by_taps_is_seen_to_fail(phone, link, panelist, eventually, fails_at, taken, missed):
    page = phone()
    if taken == "size":
        small = ".answer { min-block-size: 0 !important; padding-block: 0 !important }"
        page.route("**/pair.css", lambda route: route.fulfill(body=small, content_type="text/css"))
    else:
        blind(page, taken)
    with fails_at(missed):
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
    written_in(page, "ar")
    radios = page.locator(LABELS).first.get_by_role("radio")
    expect(radios.nth(1)).to_be_checked()  # the answer given in English
    item, bar = page.locator(".item").nth(0).bounding_box(), page.locator(".item").nth(1).bounding_box()
    assert item["x"] > bar["x"]  # the first stands on the right
    radios.nth(1).focus()
    for key, at in (("ArrowDown", 2), ("ArrowLeft", 3), ("ArrowRight", 2), ("ArrowUp", 1)):
        page.keyboard.press(key)
        expect(radios.nth(at)).to_be_checked()
    page.keyboard.press("Enter")
    eventually(lambda: Judgement.objects.filter(panelist=panelist).count() == 2)
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


@FULL
@pytest.mark.parametrize(
    ("taken", "missed"), [("mirror", 'written_in(page, "ar")'), ("value", "len(set(values)) == 1")]
)
def test_same_pair_in_arabic_is_seen_to_fail(
    phone, link, panelist, walk, eventually, fails_at, monkeypatch, taken, missed
):
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

        monkeypatch.setattr(pair, "record_judgement", turned)
    with fails_at(missed):
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
        expect(focused).to_have_attribute("value", f"five {(5, 3, 1)[number]}")
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


@FULL
@pytest.mark.parametrize(
    ("taken", "missed"),
    [
        ("legend", "expect(group).to_have_count(1)"),
        ("[data-announce]", '"[data-announce]")).to_have_count(1)'),
        ("outline", 'ring == "solid"'),
    ],
)
def test_three_pairs_by_keyboard_is_seen_to_fail(new_page, link, panelist, eventually, fails_at, taken, missed):
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
    with fails_at(missed):
        three_pairs_by_keyboard(page, link, panelist, eventually)


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

    eventually(lambda: Judgement.objects.filter(reason__text="Trams matter").exists())
