"""Walk-through A, arriving: every step is a function that sees what must be seen, and fails when that is taken away."""

import csv
import io
import logging
import re
import unicodedata
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, override
from playwright.sync_api import expect

from surveys.models import Device, Judgement, LinkRequest, Panelist, Round
from surveys.usecases import arrivals
from surveys.web.panelist import opt_out
from tests.guards import unguarded
from tests.journeys.arriving import addresses, begin, deliver, html_of, link, panelist, press
from tests.journeys.conftest import blind
from tests.journeys.looking import fits

FULL = pytest.mark.full  # by `make full`

MOST_BYTES = 200_000
LATENCY, BYTES_A_SECOND = 0.4, 400_000 / 8  # of a slow 3G network
CHINESE, ARABIC = "王伟", "مُحَمَّد"


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


@FULL
@pytest.mark.parametrize(
    ("taken", "missed"),
    [
        ({"language": "en"}, "message.subject == subject"),
        ({"time_zone": "Asia/Shanghai"}, "closes in body"),
        ({"panel__names_shown": False}, "promise in body"),
        ({"contact": ""}, '"desk@example.org" in body'),
    ],
)
def test_step_a1_fails_without_language_zone_promise_or_person(phone, walk, taken, fails_at, missed):
    one = panelist("P01")
    for name, value in taken.items():
        row = one.panel if name.startswith("panel__") else one.panel.series if name == "contact" else one
        with unguarded(type(row)):
            type(row).objects.filter(pk=row.pk).update(**{name.removeprefix("panel__"): value})

    with fails_at(missed):
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


@FULL
def test_step_a2_fails_when_looking_declines(phone, new_page, walk, caplog, monkeypatch, fails_at):
    summary = opt_out.invitation_summary

    def declining(one, round_):
        arrivals.decline(one, at=timezone.now())
        return summary(one, round_)

    monkeypatch.setattr(opt_out, "invitation_summary", declining)

    with fails_at('told == {"steelyard.visits"}'):
        let_a_scanner_look_then_start(phone(), new_page(), caplog)


@FULL
def test_step_a2_fails_without_the_button(phone, new_page, walk, caplog, fails_at):
    page = phone()
    blind(page, "form[action$='start/']")

    with fails_at('name="Begin")).to_be_visible()'):
        let_a_scanner_look_then_start(page, new_page(), caplog)


# --- step 3: the first page -----------------------------------------------------------------------------------------------


def weigh(page, address):
    """Open a page; return the bytes of everything it asked for."""
    asked = []
    page.wait_for_load_state("networkidle")  # of the page before nothing is counted
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


@FULL
@pytest.mark.parametrize(
    ("taken", "missed"),
    [
        (".consent dt:last-of-type", '".consent dt")).to_have_count(4)'),
        (".languages", '".languages summary")).to_be_visible()'),
        (".facts", "93 pairs, about 24 minutes"),
    ],
)
def test_step_a3_fails_without_a_point_or_the_languages(phone, walk, taken, fails_at, missed):
    page = phone()
    blind(page, taken)

    with fails_at(missed):
        land_on_the_first_page(page, link("P04"))


@FULL
def test_step_a3_fails_when_the_page_is_heavy(phone, walk, fails_at):
    page = phone()
    page.route("**/*.css", lambda route: route.fulfill(body=" " * MOST_BYTES, content_type="text/css"))

    with fails_at("weigh(page, address) < MOST_BYTES"):
        land_on_the_first_page(page, link("P04"))


def seconds_on_slow_3g(page, address):
    """How long a page takes on a slow network, whatever this machine does meanwhile: its bytes, and one wait for each
    request that only what came before it can name."""
    sizes, named_by = {}, {}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")

    def asked(event):
        named_by.setdefault(event["request"]["url"], event["initiator"].get("url"))

    def came(event):
        sizes[event["requestId"]] = event["encodedDataLength"]

    network.on("Network.requestWillBeSent", asked)
    network.on("Network.loadingFinished", came)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    network.detach()

    def waits(url):
        return 1 + (waits(named_by[url]) if named_by.get(url) in named_by and named_by[url] != url else 0)

    return sum(sizes.values()) / BYTES_A_SECOND + LATENCY * max(map(waits, named_by))


def test_first_pages_are_usable_within_five_seconds_on_slow_3g(phone, walk):
    page = phone()

    first = seconds_on_slow_3g(page, link("P04"))
    press(page.locator("form[action$='start/'] button"))
    expect(page).to_have_url(re.compile("/name/$"))
    later = [seconds_on_slow_3g(page, f"{link('P04')}{name}/") for name in ("question/D1", "practice")]

    assert 1 < first < 5
    assert 0.4 < sum(later) / 2 < 5


def test_page_that_loads_one_thing_after_the_other_is_slow(phone, walk):
    page = phone()
    styles = iter(f"@import url('/static/chain-{number}.css');" for number in range(12))
    page.route("**/*.css", lambda route: route.fulfill(body=next(styles, ""), content_type="text/css"))

    assert seconds_on_slow_3g(page, link("P04")) > 5


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


@FULL
def test_step_a4_fails_when_marks_are_lost(phone, new_page, walk, monkeypatch, fails_at):
    give = arrivals.give_name

    def plain(one, *, name, at):
        return give(one, name="".join(sign for sign in name if not unicodedata.combining(sign)), at=at)

    monkeypatch.setattr(arrivals, "give_name", plain)

    with fails_at('"input[name=name]")).to_have_value(name)'):
        enter_names(phone, new_page(), walk)


@FULL
def test_step_a4_fails_when_the_list_does_not_show_them(phone, new_page, walk, fails_at):
    desk = new_page()
    blind(desk, "bdi.name")

    with fails_at('"bdi.name", has_text=name'):
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


@FULL
@pytest.mark.parametrize(
    ("taken", "missed"),
    [
        (".example", '".example")).to_contain_text'),
        (".answer:first-child", 'get_by_role("radio")).to_have_count(5)'),
        (".practice .foot a", 'name="Skip the practice"'),
    ],
)
def test_step_a5_fails_without_example_or_words(phone, walk, taken, fails_at, missed):
    page = phone()
    blind(page, taken)

    with fails_at(missed):
        practise(page, link("P04"))


@FULL
def test_step_a5_fails_when_something_is_chosen_before(phone, walk, fails_at):
    page = phone()
    page.add_init_script(
        """new MutationObserver(() => document.querySelectorAll("[name=value]").forEach((one) => { one.checked = true; }))
        .observe(document, {childList: true, subtree: true})"""
    )

    with fails_at("checked=True)).to_have_count(0)"):
        practise(page, link("P04"))
