"""A panelist's own page after the end, her file, and withdrawing: step A20, and the mail stop's neighbour, the ended link."""

import csv
import io
import json
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from scoring.models import Freeze
from scoring.queries.panelist.own_weights import OwnReceipts
from surveys.files.receipts import receipt_of
from surveys.models import Judgement, Panelist, Submission
from surveys.queries.panelist.links import personal_token
from surveys.usecases.judgements import record_judgement
from surveys.usecases.rounds import close_round
from surveys.usecases.submissions import submit_round
from surveys.usecases.withdrawals import Withdrawal
from tests.journeys.conftest import blind
from tests.journeys.looking import fits

FULL = pytest.mark.full  # by `make full`


@pytest.fixture
def her(released, settings):
    """A panelist of the released edition; given a name, so that it can be cut. Her link has not run out yet."""
    settings.LINK_DAYS = 10_000
    found = Panelist.objects.filter(submissions__isnull=False).order_by("code").first()
    Panelist.objects.filter(pk=found.pk).update(name="Amina Person", email="amina@example.org")
    found.refresh_from_db()
    return found


def begin(page, panelist):
    page.goto(f"/p/{personal_token(panelist)}/")
    page.locator("form[action$='start/'] button").click()


def content_of(page, name):
    """Download one of her files as the browser does."""
    with page.expect_download() as waiting:
        page.locator(f".downloads a[href$='{name}']").click()
    return waiting.value.path().read_bytes()


def a20_my_page(page, her):
    page.goto(f"/p/{personal_token(her)}/")
    expect(page).to_have_url(re.compile("/mine/$"))
    answers = page.locator(".own-answers details")
    expect(answers).not_to_have_count(0)
    answers.first.locator("summary").click()
    expect(answers.first.locator("li").first).to_contain_text("times as much as")
    expect(page.locator(".own-weights tbody tr")).not_to_have_count(0)
    expect(page.locator(".own-weights td.group").last).to_contain_text("%")

    receipt = Submission.objects.get(panelist=her).receipt
    expect(page.locator(".fingerprint")).to_have_text(receipt)
    expect(page.locator(".found")).to_be_visible()
    with page.expect_download() as waiting:
        page.locator(".found a[href$='receipts.csv']").click()
    assert receipt in waiting.value.path().read_text().split()
    fits(page)

    expect(page.locator(".downloads a")).to_have_count(3)
    own = json.loads(content_of(page, "answers.json"))["rounds"][-1]
    assert receipt_of(own["receipt_inputs"]) == own["receipt"] == receipt
    rows = list(csv.DictReader(io.StringIO(content_of(page, "answers.csv").decode())))
    assert len([row for row in rows if row["status"] == "answered"]) == len(own["receipt_inputs"][2])


def a20_withdraw(page, her, *, explained):
    page.goto(f"/p/{personal_token(her)}/mine/")
    page.locator("a[href$='/withdraw/']").click()
    expect(page.locator(explained)).to_be_visible()
    fits(page)
    page.locator("input[name=sure]").check()
    link = f"/p/{personal_token(her)}/"
    page.locator("form:has([name=sure]) button").click()
    expect(page.get_by_role("heading", name="You have withdrawn")).to_be_visible()
    her.refresh_from_db()
    assert (her.name, her.email) == ("", "")
    assert page.goto(link).status == 404


def a20_withdraw_after_the_freeze(page, her):
    before = Judgement.objects.filter(panelist=her).count()
    frozen = Freeze.objects.get().fingerprint
    a20_withdraw(page, her, explained=".after-freeze")
    assert Judgement.objects.filter(panelist=her).count() == before > 0
    assert Freeze.objects.get().fingerprint == frozen


def a20_withdraw_before_the_freeze(page, her):
    assert Judgement.objects.filter(panelist=her).exists()
    a20_withdraw(page, her, explained=".before-freeze")
    assert not Judgement.objects.filter(panelist=her).exists()
    assert not Submission.objects.filter(panelist=her).exists()


@pytest.fixture
def known(her, phone):
    """Open phones that know her: the first begins with her link, the others have its cookie."""
    cookies = []

    def open_page(*hidden):
        page = phone()
        if cookies:
            page.context.add_cookies(cookies)
        else:
            begin(page, her)
            cookies.extend(page.context.cookies())
        for selector in hidden:
            blind(page, selector)
        return page

    return open_page


SEEN = {  # what is taken away, and where the step misses it
    ".own-answers details": "expect(answers).not_to_have_count(0)",
    ".own-weights td.group": ".own-weights td.group",
    ".fingerprint": ".fingerprint",
    ".found": '".found")).to_be_visible()',
    ".downloads li:nth-child(2)": "to_have_count(3)",
}


def test_a20(known, her):
    """Her answers, her weights beside the group's, her receipt in the published list, her file; then she withdraws."""
    a20_my_page(known(), her)
    a20_withdraw_after_the_freeze(known(), her)


@FULL
def test_a20_fails_without_it(known, her, fails_at):
    known()
    for hidden, missed in SEEN.items():
        with fails_at(missed):
            a20_my_page(known(hidden), her)
    with fails_at("expect(page.locator(explained)).to_be_visible()"):
        a20_withdraw_after_the_freeze(known(".after-freeze"), her)


@FULL
def test_a20_fails_where_the_receipt_is_in_no_list(known, her, monkeypatch, fails_at):
    monkeypatch.setattr("scoring.web.panelist.own_page.own_receipts", lambda _page: OwnReceipts((), frozenset(), ()))
    with fails_at('".found")).to_be_visible()'):
        a20_my_page(known(), her)


@pytest.fixture
def amina(walk, phone):
    """One who handed in a round that is closed and not frozen, on her phone."""
    found = walk.panel.panelists.get(code="P04")
    record_judgement(found, walk, a="D1", b="D2", value=3, at=timezone.now())
    submit_round(found, walk, at=timezone.now())
    close_round(walk, by="mo", at=timezone.now())
    return found


def test_a20_before_the_freeze(phone, amina):
    """The page says that everything is deleted, and it is."""
    page = phone()
    begin(page, amina)
    a20_withdraw_before_the_freeze(page, amina)


@FULL
def test_a20_before_the_freeze_fails_without_it(phone, amina, fails_at, monkeypatch):
    page = phone()
    begin(page, amina)
    blind(page, ".before-freeze")
    with fails_at("expect(page.locator(explained)).to_be_visible()"):
        a20_withdraw_before_the_freeze(page, amina)

    def keep_all(_panelist, *, at):
        return Withdrawal(1, 0)

    monkeypatch.setattr("surveys.web.panelist.review.withdraw_panelist", keep_all)
    other = phone()
    other.context.add_cookies(page.context.cookies())
    with fails_at('(her.name, her.email) == ("", "")'):
        a20_withdraw_before_the_freeze(other, amina)
