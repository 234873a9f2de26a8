"""A language counts when a whole journey runs in it: from the mail in her box to the receipt, with no English on the way."""

import email
import email.policy
import os
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import expect

from surveys.models import Judgement, Panelist, Submission
from surveys.tasks import sweep
from tests.journeys.answering import NEXT, key_of
from tests.journeys.conftest import LANGUAGES
from tests.journeys.looking import fits, written_in

FULL = pytest.mark.full  # by `make full`

CODES = {language: f"P{number:02}" for number, language in enumerate(LANGUAGES, start=1)}
LOCALES = {"zh-hans": "zh-CN"}
SHOTS = os.environ.get("SHOTS")  # a folder: every page of the journey is kept there, to be looked at


@pytest.fixture
def post(new_worker, live_server, tmp_path, eventually):
    """A worker that really sends; ``post(address)`` waits for the latest mail to an address and takes it out of the box."""
    new_worker("post", PUBLIC_URL=str(live_server)).start()

    def taken(address):
        for path in sorted((tmp_path / "var" / "mail").glob("*.log")):
            for text in path.read_bytes().split(b"-" * 79):
                letter = email.message_from_bytes(text.strip(), policy=email.policy.default)
                if letter["To"] == address and letter["Message-ID"] not in seen:
                    seen.add(letter["Message-ID"])
                    return letter
        return None

    def wait(address):
        sweep.delay()
        return eventually(lambda: taken(address))

    seen = set()
    return wait


@pytest.fixture
def english(root):
    """Every English sentence of the interface of three words or more."""
    with (root / "locale" / "ar" / "LC_MESSAGES" / "django.po").open("rb") as file:
        ids = [message.id for message in read_po(file) if message.id]
    texts = [text for one in ids for text in ([one] if isinstance(one, str) else one)]
    return [text for text in texts if re.fullmatch(r"[A-Z][A-Za-z ,;’'.?-]+", text) and text.count(" ") >= 2]


def speaks(page, language, english, name):
    """The page says its language and direction, fits the phone, and shows no English sentence but in English."""
    written_in(page, language)
    fits(page)
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{language}-{name}.png", full_page=True)
    if language != "en":
        shown = page.locator("body").inner_text()
        assert [text for text in english if text in shown] == []


@pytest.mark.parametrize(
    "language", ["en", "ar", *(pytest.param(one, marks=FULL) for one in LANGUAGES if one not in {"en", "ar"})]
)
def test_whole_journey_from_mail_to_receipt(phone, walk, post, english, eventually, language):
    her = Panelist.objects.get(code=CODES[language])
    letter = post(her.email)
    plain, styled = letter.get_body(("plain",)).get_content(), letter.get_body(("html",)).get_content()
    assert f'lang="{language}"' in styled
    assert language == "en" or [text for text in english if text in plain + styled] == []

    page = phone(locale=LOCALES.get(language, language))
    page.goto(re.search(r"https?://\S+/p/[^/\s]+/", plain)[0])
    speaks(page, language, english, "1-first")
    page.locator("form[action$='start/'] button").click()
    speaks(page, language, english, "2-name")
    page.locator(".actions .button").click()
    speaks(page, language, english, "3-practice")
    page.locator(".answer").first.click()
    page.locator(".foot .button").click()
    speaks(page, language, english, "4-practised")
    page.locator(".foot a.button").click()

    rests = 0
    while "/review/" not in page.url:
        if "/question/" in page.url:
            rests += 1
            speaks(page, language, english, f"5-question-{rests}")
            page.wait_for_load_state()
            skip = page.locator("button[value=skip]")
            keep = page.locator(".decide form:not(:has([name=first])) button")
            (skip if skip.count() else keep if keep.count() else page.locator("a.button").first).first.click()
            page.wait_for_load_state()
            continue
        page.wait_for_function(NEXT, arg="")  # it may be about to leave for a rest point
        if "/pair/" not in page.url:
            continue
        given = Judgement.objects.filter(panelist=her).count()
        if given % 9 == 0:
            speaks(page, language, english, f"6-pair-{given}")
        before = key_of(page)
        page.locator(".answers").first.locator("label").nth((0, 2, 1, 4)[given % 4]).click()
        page.wait_for_function(NEXT, arg=before)
        eventually(lambda given=given: Judgement.objects.filter(panelist=her).count() > given)
    speaks(page, language, english, "7-review")
    page.locator("form .actions button").last.click()
    page.wait_for_url("**/receipt/")  # what waits on the device goes first
    speaks(page, language, english, "8-receipt")

    receipt = Submission.objects.get(panelist=her).receipt
    expect(page.get_by_text(receipt)).to_be_visible()
    assert Judgement.objects.filter(panelist=her).count() == 27  # all but the long question
    told = post(her.email)
    assert receipt in told.get_body(("plain",)).get_content()
    assert language == "en" or [text for text in english if text in told.get_body(("plain",)).get_content()] == []


@FULL
def test_english_in_another_language_is_found(phone, english, fails_at):
    page = phone()
    page.goto("/p/fr-no-such-link/")
    page.evaluate("document.querySelector('h1').textContent = 'This link does not open anything'")

    with fails_at("if text in shown] == []"):
        speaks(page, "fr", english, "none")
