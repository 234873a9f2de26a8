"""A panelist on a phone: from her link to her receipt."""

import re

import pytest
from playwright.sync_api import expect

from surveys.models import Judgement, Panelist, Submission
from surveys.queries.panelist.links import personal_token
from tests.journeys.answering import NEXT
from tests.journeys.looking import fits, written_in

FULL = pytest.mark.full  # by `make full`


@pytest.fixture
def panelist(judging):
    return Panelist.objects.filter(submissions__isnull=True).order_by("code").first()


@pytest.fixture
def link(panelist):
    return f"/p/{personal_token(panelist)}/"


def begin(page, link):
    """Open the link, begin on this device, and go past name and practice to the first pair."""
    page.goto(link)
    page.locator("form[action$='start/'] button").click()
    page.goto(link + "pair/")


def tap(page, at):
    """Tap one of the five answers, and return when the next pair, or another page, is there."""
    page.wait_for_selector("[data-ready]")
    before = page.locator("input[name=key]").first.get_attribute("value")
    page.locator(".answers").first.locator("label").nth(at).click()
    page.wait_for_function(NEXT, arg=before)


def test_whole_journey_by_taps(phone, link, panelist):
    page = phone()
    page.goto(link)
    expect(page.get_by_text("Simulated judgements.")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Confirm and go on").click()
    page.get_by_role("link", name="Skip the practice").click()

    answered = 0
    while "/pair/" in page.url:
        expect(page.get_by_role("radio", checked=True)).to_have_count(0)
        fits(page)
        tap(page, (0, 1, 2)[answered % 3])
        answered += 1
        while "/question/" in page.url:  # a rest point, or three answers that pull against each other
            fits(page)
            page.get_by_role("button", name="Keep all three").or_(page.get_by_role("link", name="Go on")).first.click()

    assert answered == 26
    expect(page.get_by_text("All pairs are answered.")).to_be_visible()
    page.get_by_role("button", name="Hand in your answers").click()

    expect(page.get_by_role("heading", name="Handed in. Thank you.")).to_be_visible()
    receipt = Submission.objects.get(panelist=panelist).receipt
    expect(page.get_by_text(receipt)).to_be_visible()
    assert Judgement.objects.filter(panelist=panelist).count() == 26


@pytest.mark.parametrize(
    "locale", ["en", "ar", *(pytest.param(one, marks=FULL) for one in ("zh-CN", "fr", "ru", "pt"))]
)
def test_every_pair_fits_a_phone_without_scrolling(phone, link, locale):
    page = phone(locale=locale)
    begin(page, link)
    tap(page, 0)  # from now on the page offers to undo it
    expect(page.locator("[data-saved]")).not_to_be_empty()
    page.goto(link + "review/")
    addresses = [one.get_attribute("href") for one in page.locator("a[href*='pair/?first=']").all()]
    assert len(addresses) == 26

    for address in addresses:
        page.goto(address)
        expect(page.get_by_role("radio").first).to_be_visible()
        assert page.locator("[data-undo]").is_visible()
        assert page.locator("html").evaluate("one => one.scrollHeight") <= 640, address
        fits(page)


def test_same_answer_in_arabic_from_right_to_left(phone, link, panelist, eventually):
    page = phone(locale="ar")
    begin(page, link)
    written_in(page, "ar")
    first = page.locator("input[name=first]").first.get_attribute("value")
    second = page.locator("input[name=second]").first.get_attribute("value")

    tap(page, 0)
    eventually(lambda: Judgement.objects.filter(panelist=panelist).exists())

    stored = Judgement.objects.select_related("comparison__a").get(panelist=panelist)
    assert {stored.comparison.a.code, stored.comparison.b.code} == {first, second}
    assert stored.value == pytest.approx(5 if stored.comparison.a.code == first else 1 / 5)


def test_keyboard_alone(new_page, link, panelist, eventually):
    page = new_page()
    begin(page, link)
    page.wait_for_selector("[data-ready]")

    page.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
    assert Judgement.objects.filter(panelist=panelist).count() == 0  # the arrows choose, they do not send
    page.keyboard.press("Enter")

    eventually(lambda: Judgement.objects.filter(panelist=panelist).count() == 1)
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)  # the next pair


def test_answering_works_without_script(phone, link, panelist):
    page = phone(java_script_enabled=False)
    begin(page, link)

    page.locator(".answers").first.locator("label").nth(2).click()
    page.get_by_role("button", name="Save and go on").click()

    assert Judgement.objects.get(panelist=panelist).value == 1
    expect(page).to_have_url(re.compile("/pair/$"))


def test_unknown_link_tells_what_to_do(phone, judging):
    page = phone()

    assert page.goto("/p/not-a-link/").status == 404
    expect(page.get_by_role("button", name="Mail me a fresh link")).to_be_visible()
