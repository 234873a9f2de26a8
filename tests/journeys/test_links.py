"""A link that is passed on, one that opens nothing, and mails that stop: steps that fail when what must be seen is taken away."""

import re
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.utils import timezone
from playwright.sync_api import expect

from surveys.models import Mail, Panelist, Round
from surveys.queries.panelist.links import personal_token
from surveys.usecases import arrivals, mails, requests
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.web.panelist import access
from tests.journeys.arriving import addresses, begin, deliver, link, panelist, press
from tests.journeys.conftest import blind
from tests.journeys.looking import fits

FULL = pytest.mark.full  # by `make full`


# --- step 16: the mail is passed on ---------------------------------------------------------------------------------------


def pass_the_mail_on(hers, colleagues, desk, walk):
    address = link("P04")
    begin(hers, address)
    colleagues.goto(address)
    expect(colleagues.locator(".whose bdi")).to_have_text("P… 4")
    assert "Person 4" not in colleagues.content()
    assert "p04@example.org" not in colleagues.content()
    for page in ("pair/", "review/", "name/"):
        colleagues.goto(address + page)
        expect(colleagues.locator(".whose")).to_be_visible()

    press(colleagues.get_by_role("button", name="I am someone else"))
    expect(colleagues.get_by_role("heading")).to_contain_text("The moderators are told")
    desk.goto("/sign-in/")
    desk.locator("input[name=username]").fill("mo")
    desk.locator("input[name=password]").fill("mo")
    desk.locator("main form button").click()
    desk.goto(f"/desk/las/rounds/{walk.uid}/")
    expect(desk.locator(".wishes tbody tr")).to_contain_text("P04")
    desk.get_by_role("button", name="Mark as done").click()
    expect(desk.locator(".wishes tbody tr")).to_contain_text("done")

    colleagues.goto(address)
    press(colleagues.get_by_role("button", name="It is me"))
    expect(colleagues.locator(".address")).to_have_text("p…@e…org")
    message = deliver("P04", "fresh_link")
    assert message.to == ["p04@example.org"]
    fresh = addresses(message)[0]
    assert fresh != address
    begin(colleagues, fresh)
    expect(colleagues).to_have_url(re.compile("/name/$"))
    hers.goto(f"{address}review/")
    expect(hers).to_have_url(re.compile("/review/$"))  # her first device goes on


def test_step_a16_mail_is_passed_on(phone, new_page, walk):
    pass_the_mail_on(phone(), new_page(), new_page(), walk)


@FULL
@pytest.mark.parametrize(
    ("taken", "missed"),
    [
        (".whose bdi", '".whose bdi")).to_have_text'),
        ("form[action$='someone-else/']", 'name="I am someone else"'),
        ("form[action$='it-is-me/']", 'name="It is me"'),
    ],
)
def test_step_a16_fails_without_the_question_or_an_answer(phone, new_page, walk, taken, fails_at, missed):
    colleagues = new_page()
    blind(colleagues, taken)

    with fails_at(missed):
        pass_the_mail_on(phone(), colleagues, new_page(), walk)


@FULL
def test_step_a16_fails_when_every_device_counts_as_hers(phone, new_page, walk, monkeypatch, fails_at):
    monkeypatch.setattr(access, "is_hers", lambda *_args: True)

    with fails_at('".whose bdi")).to_have_text'):
        pass_the_mail_on(phone(), new_page(), new_page(), walk)


@FULL
def test_step_a16_fails_when_the_moderators_are_not_told(phone, new_page, walk, fails_at):
    desk = new_page()
    blind(desk, ".wishes")

    with fails_at('".wishes tbody tr")).to_contain_text("P04")'):
        pass_the_mail_on(phone(), new_page(), desk, walk)


@FULL
def test_step_a16_fails_when_no_link_is_mailed(phone, new_page, walk, monkeypatch, fails_at):
    monkeypatch.setattr(requests, "add_link", lambda *_args, **_more: None)  # the same link again

    with fails_at("fresh != address"):
        pass_the_mail_on(phone(), new_page(), new_page(), walk)


# --- step 17: a link that opens nothing -----------------------------------------------------------------------------------


def open_dead_links(page):
    """A mistyped, a withdrawn and an expired link of the Arabic panelist: one page, which offers a way on."""
    address = link("P01")
    mistyped = f"{address[:-3]}/"
    seen = [_told(page, mistyped)]
    Panelist.objects.filter(code="P01").update(withdrawn_at=timezone.now())
    seen.append(_told(page, address))
    Panelist.objects.filter(code="P01").update(withdrawn_at=None)
    seen.append(_told(page, _expired()))
    assert seen[0] == seen[1] == seen[2]
    page.locator("input[name=email]").fill("p01@example.org")
    page.locator("main form button").click()
    expect(page.locator("main form")).to_have_count(0)
    requests.answer_requests(at=timezone.now())
    assert addresses(deliver("P01", "fresh_link"))[0] == address


def _expired():
    """The link of an Arabic panelist whose only round closed long ago."""
    walk, then = Round.objects.select_related("panel__series", "version").get(), timezone.now() - timedelta(days=500)
    panel = create_panel(walk.panel.series, slug="long-ago", names=walk.panel.names, by="mo", at=then)
    her = add_panelist(panel, code="L01", language="ar", by="mo", at=then)
    close_round(
        open_round(plan_round(panel, version=walk.version, by="mo", at=then), by="mo", at=then), by="mo", at=then
    )
    return f"/p/{personal_token(her)}/"


def _told(page, address):
    answer = page.goto(address)
    assert answer.status == 404
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("main form input[name=email]")).to_be_visible()
    expect(page.locator("main a[href^='mailto:']")).to_be_visible()
    fits(page)
    return page.locator("main").inner_text()


def test_step_a17_links_that_open_nothing_look_alike(phone, walk):
    open_dead_links(phone())


@FULL
@pytest.mark.parametrize(
    ("taken", "missed"),
    [
        ("main form", "main form input[name=email]"),
        ("main a[href^='mailto:']", "main a[href^='mailto:']"),
    ],
)
def test_step_a17_fails_without_a_way_on(phone, walk, taken, fails_at, missed):
    page = phone()
    blind(page, taken)

    with fails_at(missed):
        open_dead_links(page)


@FULL
def test_step_a17_fails_when_expired_links_open(phone, walk, settings, fails_at):
    settings.LINK_DAYS = 600

    with fails_at("answer.status == 404"):
        open_dead_links(phone())


# --- step 20, in part: mails stop without signing in ------------------------------------------------------------------------


def stop_mails_from_the_mail(page):
    stop = addresses(deliver("P04"))[2]
    page.goto(stop)
    press(page.get_by_role("button", name="Stop mails"))
    expect(page.get_by_role("heading", name="Mails are stopped")).to_be_visible()
    expect(page.get_by_role("button", name="Mail me again")).to_be_visible()
    Mail.objects.filter(panelist__code="P04").update(queued_at=timezone.now() - timedelta(days=9))
    sent = len(outbox.outbox)
    reminded = mails.remind_panelists(Round.objects.get(), by="mo", at=timezone.now() + timedelta(days=9))
    assert "P04" not in {mail.panelist.code for mail in reminded}
    Mail.objects.create(panelist=panelist("P04"), round=Round.objects.get(), kind="reminder", queued_at=timezone.now())
    deliver("P04", "reminder")
    assert len(outbox.outbox) == sent


def test_step_a20_mails_stop_without_signing_in(phone, walk):
    stop_mails_from_the_mail(phone())


@FULL
def test_step_a20_fails_when_mails_go_on(phone, walk, monkeypatch, fails_at):
    monkeypatch.setattr(arrivals, "stop_mails", lambda *_args, **_more: None)

    with fails_at('name="Mails are stopped"'):
        stop_mails_from_the_mail(phone())


def test_decline_and_take_it_back_on_a_phone(phone, walk):
    page = phone()
    page.goto(addresses(deliver("P04"))[1])
    page.get_by_role("button", name="Decline the invitation").click()
    expect(page.get_by_role("heading", name="You have declined")).to_be_visible()
    page.get_by_role("button", name="I take part after all").click()
    expect(page.get_by_role("button", name="Decline the invitation")).to_be_visible()
    assert panelist("P04").declined_at is None
