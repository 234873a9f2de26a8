"""Another device and another window: she goes on where she was, and is asked which answer stands."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from surveys.models import Judgement, Panelist
from surveys.queries.panelist.links import link_token
from surveys.queries.panelist.sheet import panelist_sheet
from surveys.usecases.judgements import record_judgement
from surveys.usecases.panels import add_link
from surveys.web.panelist import pair
from tests.journeys.answering import LABELS, begin, stored, tap

FULL = pytest.mark.full  # by `make full`

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


@FULL
def test_goes_on_at_the_desk_is_seen_to_fail(phone, new_page, link, panelist, eventually, fails_at, monkeypatch):
    monkeypatch.setattr(
        pair, "panelist_sheet", lambda _panelist, round_: panelist_sheet(Panelist.objects.get(code="P10"), round_)
    )
    with fails_at("all_inner_texts() == open_pair"):
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
    expect(other.get_by_role("heading", name=re.compile(r"in another window at .*\d"))).to_be_visible()
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


@FULL
def test_two_windows_is_seen_to_fail_without_the_question(new_page, link, panelist, eventually, fails_at):
    page = new_page()
    page.context.add_init_script(
        "addEventListener('DOMContentLoaded', () => location.pathname.includes('/conflict/') && document.querySelector('h1').remove())"
    )
    with fails_at("in another window at"):
        two_windows(page, link, panelist, eventually)


@FULL
def test_two_windows_is_seen_to_fail_where_the_last_one_wins(
    new_page, link, panelist, eventually, fails_at, monkeypatch
):
    def overwrite(*args, seen_version, **more):
        return record_judgement(*args, seen_version=None, **more)

    monkeypatch.setattr(pair, "record_judgement", overwrite)
    with fails_at("in another window at"):
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
