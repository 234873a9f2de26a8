"""Walk-through A, arriving: every step is a function that sees what must be seen, and fails when that is taken away."""

import csv
import io
import logging
import re
import time
import unicodedata
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, override
from playwright.sync_api import expect

from surveys.models import Device, Judgement, LinkRequest, Mail, Panelist, Round
from surveys.queries.links import personal_token
from surveys.usecases import arrivals, mails, requests
from surveys.web import door, wishes
from tests.journeys.conftest import blind

MOST_BYTES = 200_000
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
CHINESE, ARABIC = "王伟", "مُحَمَّد"


@pytest.fixture(autouse=True)
def _soon(request):
    """Where a step must fail, wait a second for what was taken away, not five."""
    expect.set_options(timeout=1000 if "_fails_" in request.node.name else 5000)
    yield
    expect.set_options(timeout=5000)


def panelist(code):
    return Panelist.objects.select_related("panel__series").get(code=code)


def link(code):
    return f"/p/{personal_token(panelist(code))}/"


def deliver(code, kind="invitation"):
    """Send what waits for a panelist; return the latest message of the kind."""
    for mail in Mail.objects.filter(panelist__code=code, kind=kind, state="queued"):
        mails.send_mail(mail.pk, now=timezone.now)
    return outbox.outbox[-1]


def html_of(message):
    return next(one.content for one in message.alternatives if one.mimetype == "text/html")


def addresses(message):
    """The links of a mail, start, decline and stop mails, as paths."""
    return [re.sub(r"^https?://[^/]+", "", one) for one in re.findall(r"^https?://\S+$", message.body, re.MULTILINE)]


def fits(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def press(button):
    """Press what must be there."""
    expect(button).to_be_visible()
    button.click()


def begin(page, address):
    """Press the button of the first page."""
    page.goto(address)
    press(page.locator("form[action$='start/'] button"))


# --- step 1: the invitation in Arabic -------------------------------------------------------------------------------------


def receive_the_invitation(page):
    message = deliver("P01")
    html = html_of(message)
    with override("ar"):
        subject = gettext("Your judgement for %(series)s") % {"series": "المدن الذكية العربية"}
        promise = gettext("The moderators see your name beside how far you are, never beside an answer.")
        closes = date_format(Round.objects.get().closes_at.astimezone(ZoneInfo("Africa/Casablanca")), "DATETIME_FORMAT")
    assert message.subject == subject
    assert '<html lang="ar" dir="rtl">' in html
    page.set_content(html)
    fits(page)
    text = page.locator("body").inner_text()
    for body in (message.body, text):
        assert "المدن الذكية العربية – لجنة الخبراء" in body  # who asks
        assert "93" in body  # pairs
        assert "24" in body  # minutes
        assert closes in body
        assert "Africa/Casablanca" in body
        assert promise in body
        assert "desk@example.org" in body
    assert addresses(message) == [link("P01"), f"{link('P01')}decline/", f"{link('P01')}stop-mails/"]
    assert {one.get_attribute("href").rstrip("/").rpartition("/")[2] for one in page.locator("a").all()} > {
        "decline",
        "stop-mails",
    }
    assert message.reply_to == ["desk@example.org"]
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_step_a1_invitation_in_arabic(phone, walk):
    receive_the_invitation(phone(locale="ar"))


@pytest.mark.parametrize(
    "taken", [{"language": "en"}, {"time_zone": "Asia/Shanghai"}, {"panel__names_shown": False}, {"contact": ""}]
)
def test_step_a1_fails_without_language_zone_promise_or_person(phone, walk, taken):
    one = panelist("P01")
    for name, value in taken.items():
        row = one.panel if name.startswith("panel__") else one.panel.series if name == "contact" else one
        type(row).objects.filter(pk=row.pk).update(**{name.removeprefix("panel__"): value})

    with pytest.raises(AssertionError):
        receive_the_invitation(phone(locale="ar"))


# --- step 2: a scanner before her -----------------------------------------------------------------------------------------


def let_a_scanner_look_then_start(page, scanner, caplog):
    message = deliver("P04")
    caplog.set_level(logging.INFO, logger="steelyard")
    caplog.clear()
    before = Panelist.objects.values().get(code="P04")
    for address in addresses(message):
        for _ in range(10):
            assert scanner.request.get(address).ok
            assert scanner.request.head(address).ok
        scanner.goto(address)  # its scripts run, and nothing is pressed
        scanner.wait_for_load_state("networkidle")
    told = {record.name for record in caplog.records if record.name.startswith("steelyard")}
    assert told == {"steelyard.visits"}
    assert Panelist.objects.values().get(code="P04") == before
    assert (Device.objects.count(), LinkRequest.objects.count()) == (0, 0)
    page.goto(addresses(message)[0])
    expect(page.get_by_role("button", name="Begin")).to_be_visible()
    page.get_by_role("button", name="Begin").click()
    expect(page).to_have_url(re.compile("/name/$"))


def test_step_a2_scanner_changes_nothing_and_she_gets_in(phone, new_page, walk, caplog):
    let_a_scanner_look_then_start(phone(), new_page(), caplog)


def test_step_a2_fails_when_looking_declines(phone, new_page, walk, caplog, monkeypatch):
    asking = wishes.asking

    def declining(one, round_):
        arrivals.decline(one, at=timezone.now())
        return asking(one, round_)

    monkeypatch.setattr(wishes, "asking", declining)

    with pytest.raises(AssertionError):
        let_a_scanner_look_then_start(phone(), new_page(), caplog)


def test_step_a2_fails_without_the_button(phone, new_page, walk, caplog):
    page = phone()
    blind(page, "form[action$='start/']")

    with pytest.raises(AssertionError):
        let_a_scanner_look_then_start(page, new_page(), caplog)


# --- step 3: the first page -----------------------------------------------------------------------------------------------


def weigh(page, address):
    """Open a page; return the bytes of everything it asked for."""
    asked = []
    page.on("response", lambda response: asked.append(response))  # noqa: PLW0108  # Playwright sets a mark on what it calls
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return sum(len(one.body()) for one in asked if not 300 <= one.status < 400)


def land_on_the_first_page(page, address):
    assert weigh(page, address) < MOST_BYTES
    expect(page.locator(".consent dt")).to_have_count(4)
    expect(page.locator(".consent dd")).to_have_count(4)
    expect(page.locator("input:visible:not([type=hidden]), iframe")).to_have_count(0)  # no account, no puzzle
    expect(page.get_by_text("93 pairs, about 24 minutes")).to_be_visible()
    expect(page.get_by_text("(Africa/Casablanca, UTC+01:00)")).to_be_visible()
    fits(page)
    for language, direction in (("fr", "ltr"), ("ar", "rtl")):
        expect(page.locator(".languages summary")).to_be_visible()
        page.locator(".languages summary").click()
        page.locator(f".languages button[value={language}]").click()
        expect(page).to_have_url(re.compile(re.escape(address) + "$"))
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("html")).to_have_attribute("dir", direction)
        fits(page)


def test_step_a3_first_page(phone, walk):
    land_on_the_first_page(phone(), link("P04"))


@pytest.mark.parametrize("taken", [".consent dt:last-of-type", ".languages", ".facts"])
def test_step_a3_fails_without_a_point_or_the_languages(phone, walk, taken):
    page = phone()
    blind(page, taken)

    with pytest.raises(AssertionError):
        land_on_the_first_page(page, link("P04"))


def test_step_a3_fails_when_the_page_is_heavy(phone, walk):
    page = phone()
    page.route("**/*.css", lambda route: route.fulfill(body=" " * MOST_BYTES, content_type="text/css"))

    with pytest.raises(AssertionError):
        land_on_the_first_page(page, link("P04"))


def use_it_on_a_slow_network(page, address):
    """Both pages are there within five seconds, and light."""
    page.goto("about:blank")
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW_3G)
    began = time.monotonic()
    page.goto(address)
    expect(page.locator("form[action$='start/'] button")).to_be_enabled()
    first = time.monotonic() - began
    page.locator("form[action$='start/'] button").click()
    expect(page).to_have_url(re.compile("/name/$"))
    began = time.monotonic()
    page.goto(f"{address}question/D1/")
    page.goto(f"{address}practice/")
    practice = (time.monotonic() - began) / 2
    assert max(first, practice) < 5, (first, practice)


def test_first_pages_are_usable_within_five_seconds_on_slow_3g(phone, walk):
    use_it_on_a_slow_network(phone(), link("P04"))


def test_pair_page_is_light_too(phone, walk):
    page = phone()
    begin(page, link("P04"))
    page.goto(f"{link('P04')}review/")
    address = page.locator("a[href*='pair/?first=']").first.get_attribute("href")

    assert weigh(page, address) < MOST_BYTES
    expect(page.get_by_role("radio").first).to_be_attached()


# --- step 4: a name in any script -----------------------------------------------------------------------------------------


def enter_names(new_phone, desk, walk):
    for code, name, locale in (("P02", CHINESE, "zh-CN"), ("P01", ARABIC, "ar")):
        page = new_phone(locale=locale)
        begin(page, link(code))
        expect(page.locator("input[name=name]")).to_have_value(f"Person {int(code[1:])}")
        page.locator("input[name=name]").fill(name)
        page.locator("main form button").click()
        expect(page).to_have_url(re.compile("/practice/$"))
        page.goto(f"{link(code)}name/")
        expect(page.locator("input[name=name]")).to_have_value(name)
    desk.goto("/sign-in/")
    desk.locator("input[name=username]").fill("mo")
    desk.locator("input[name=password]").fill("mo")
    desk.locator("main form button").click()
    desk.goto(f"/desk/las/rounds/{walk.uid}/")
    for name in (CHINESE, ARABIC):
        expect(desk.locator("bdi.name", has_text=name).first).to_have_text(name)
    with desk.expect_download() as download:
        desk.locator("a[href$='people.csv']").click()
    rows = csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig")))
    names = {row["code"]: row["name"] for row in rows}
    assert (names["P02"], names["P01"]) == (CHINESE, ARABIC)


def test_step_a4_names_of_any_script(phone, new_page, walk):
    enter_names(phone, new_page(), walk)


def test_step_a4_fails_when_marks_are_lost(phone, new_page, walk, monkeypatch):
    give = arrivals.give_name

    def plain(one, *, name, at):
        return give(one, name="".join(sign for sign in name if not unicodedata.combining(sign)), at=at)

    monkeypatch.setattr(arrivals, "give_name", plain)

    with pytest.raises(AssertionError):
        enter_names(phone, new_page(), walk)


def test_step_a4_fails_when_the_list_does_not_show_them(phone, new_page, walk):
    desk = new_page()
    blind(desk, "bdi.name")

    with pytest.raises(AssertionError):
        enter_names(phone, desk, walk)


# --- step 5: the practice pair --------------------------------------------------------------------------------------------


def practise(page, address):
    begin(page, address)
    press(page.locator("main form button"))
    expect(page.get_by_role("group", name="Which matters more")).to_be_visible()
    expect(page.get_by_role("radio")).to_have_count(5)
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    expect(page.get_by_role("radio", name="Mobility matters much more")).to_be_attached()
    expect(page.get_by_role("radio", name="Energy matters more")).to_be_attached()
    expect(page.locator(".example")).to_contain_text("far more important")
    expect(page.get_by_role("link", name="Skip the practice")).to_be_visible()
    fits(page)
    page.locator(".answer").first.click()
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".said")).to_contain_text("Mobility matters 5 times as much as Energy.")
    assert Judgement.objects.count() == 0
    page.get_by_role("link", name="Go to the first pair").click()
    expect(page).to_have_url(re.compile("/(pair|question/.*)/$"))
    begin(page, address)  # coming again
    expect(page).to_have_url(re.compile("/(pair|question/.*)/$"))


@pytest.mark.parametrize("scripts", [True, False])
def test_step_a5_practice_pair(phone, walk, scripts):
    practise(phone(java_script_enabled=scripts), link("P04"))


@pytest.mark.parametrize("taken", [".example", ".answer:first-child", ".practice .foot a"])
def test_step_a5_fails_without_example_or_words(phone, walk, taken):
    page = phone()
    blind(page, taken)

    with pytest.raises(AssertionError):
        practise(page, link("P04"))


def test_step_a5_fails_when_something_is_chosen_before(phone, walk):
    page = phone()
    page.add_init_script(
        """new MutationObserver(() => document.querySelectorAll("[name=value]").forEach((one) => { one.checked = true; }))
        .observe(document, {childList: true, subtree: true})"""
    )

    with pytest.raises(AssertionError):
        practise(page, link("P04"))


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


@pytest.mark.parametrize("taken", [".whose bdi", "form[action$='someone-else/']", "form[action$='it-is-me/']"])
def test_step_a16_fails_without_the_question_or_an_answer(phone, new_page, walk, taken):
    colleagues = new_page()
    blind(colleagues, taken)

    with pytest.raises(AssertionError):
        pass_the_mail_on(phone(), colleagues, new_page(), walk)


def test_step_a16_fails_when_every_device_counts_as_hers(phone, new_page, walk, monkeypatch):
    monkeypatch.setattr(door, "is_hers", lambda *_args: True)

    with pytest.raises(AssertionError):
        pass_the_mail_on(phone(), new_page(), new_page(), walk)


def test_step_a16_fails_when_the_moderators_are_not_told(phone, new_page, walk):
    desk = new_page()
    blind(desk, ".wishes")

    with pytest.raises(AssertionError):
        pass_the_mail_on(phone(), new_page(), desk, walk)


def test_step_a16_fails_when_no_link_is_mailed(phone, new_page, walk, monkeypatch):
    monkeypatch.setattr(requests, "add_link", lambda *_args, **_more: None)  # the same link again

    with pytest.raises(AssertionError):
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
    closed = timezone.now() - timedelta(days=500)
    Round.objects.update(state="closed", opens_at=None, closes_at=None, closed_at=closed)
    seen.append(_told(page, address))
    assert seen[0] == seen[1] == seen[2]
    Round.objects.update(state="open", closed_at=None)
    page.locator("input[name=email]").fill("p01@example.org")
    page.locator("main form button").click()
    expect(page.locator("main form")).to_have_count(0)
    requests.answer_requests(at=timezone.now())
    assert addresses(deliver("P01", "fresh_link"))[0] == address


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


@pytest.mark.parametrize("taken", ["main form", "main a[href^='mailto:']"])
def test_step_a17_fails_without_a_way_on(phone, walk, taken):
    page = phone()
    blind(page, taken)

    with pytest.raises(AssertionError):
        open_dead_links(page)


def test_step_a17_fails_when_expired_links_open(phone, walk, settings):
    settings.LINK_DAYS = 600

    with pytest.raises(AssertionError):
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


def test_step_a20_fails_when_mails_go_on(phone, walk, monkeypatch):
    monkeypatch.setattr(arrivals, "stop_mails", lambda *_args, **_more: None)

    with pytest.raises(AssertionError):
        stop_mails_from_the_mail(phone())


def test_decline_and_take_it_back_on_a_phone(phone, walk):
    page = phone()
    page.goto(addresses(deliver("P04"))[1])
    page.get_by_role("button", name="Decline the invitation").click()
    expect(page.get_by_role("heading", name="You have declined")).to_be_visible()
    page.get_by_role("button", name="I take part after all").click()
    expect(page.get_by_role("button", name="Decline the invitation")).to_be_visible()
    assert panelist("P04").declined_at is None
