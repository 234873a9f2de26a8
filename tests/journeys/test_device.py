"""What waits on the panelist's device, where the network, the storage or another device gets in its way."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from surveys.models import Judgement
from surveys.usecases.judgements import record_judgement
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round
from tests.journeys.answering import LABELS, begin, key_of, only_when_told, settled, stored, tap

WAITING = "1 answer waiting on this device"


def codes(page):
    return [page.locator(f"form[data-answer-at-once] [name={name}]").input_value() for name in ("first", "second")]


# --- handing in -----------------------------------------------------------------------------------------------------


def test_handing_in_waits_for_what_waits(phone, link, panelist, eventually):
    page = phone()
    begin(page, link)
    page.route("**/pair/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    tap(page, 0)
    page.goto(link + "review/")
    expect(page.get_by_text(WAITING)).to_be_visible()
    hand_in = page.get_by_role("button", name="Hand in your answers")

    with page.expect_event("requestfailed"):
        hand_in.click()
    settled(page)
    expect(page).to_have_url(re.compile("/review/$"))
    expect(page.get_by_text(WAITING)).to_be_visible()
    assert not panelist.submissions.exists()

    page.unroute("**/pair/")
    hand_in.click()
    expect(page).to_have_url(re.compile("/receipt/"))
    assert len(stored(panelist)) == 1


def test_handing_in_waits_for_an_answer_that_was_refused(phone, link, panelist, eventually):
    page = phone()
    begin(page, link)
    tap(page, 1)
    eventually(lambda: len(stored(panelist)) == 1)  # before the server begins to refuse
    refused = {"state": "refused", "message": "Not this one.", "goto": None}
    page.route(
        "**/pair/",
        lambda route: route.fulfill(status=422, json=refused) if route.request.method == "POST" else route.continue_(),
    )
    tap(page, 0)
    expect(page.locator("[data-device-list] li")).to_contain_text("Not this one.")
    page.goto(link + "review/")
    page.get_by_role("button", name="Hand in your answers").click()
    settled(page)

    expect(page.locator("[data-device-list] li")).to_contain_text("Not this one.")
    expect(page).to_have_url(re.compile("/review/$"))
    assert not panelist.submissions.exists()


# --- undo against another device ------------------------------------------------------------------------------------


@pytest.mark.parametrize("again", [False, True])
def test_undo_never_takes_back_what_another_device_said(phone, link, panelist, walk, eventually, again):
    page = phone()
    begin(page, link)
    a, b = codes(page)
    page.context.set_offline(True)
    tap(page, 0)
    page.locator("[data-undo] button").click()
    expect(page.locator("form[data-undo]")).to_be_hidden()
    if again:
        tap(page, 4)
    record_judgement(panelist, walk, a=a, b=b, value=3, at=timezone.now())
    page.context.set_offline(False)

    if again:
        expect(page).to_have_url(re.compile(r"/conflict/\?.*value=five\+1%2F5"))  # the one she gave last
    else:
        page.locator(".item b").first.wait_for()
        expect(page.get_by_text("waiting on this device")).to_be_hidden()
        expect(page.locator("[data-device-list] li")).to_have_count(0)
        expect(page).to_have_url(re.compile("/pair/$"))
    settled(page)
    assert [row.value for row in Judgement.objects.filter(panelist=panelist)] in ([3], [pytest.approx(1 / 3)])


def test_undo_of_an_answer_in_conflict_takes_nothing_back(phone, link, panelist, walk):
    page = phone()
    only_when_told(page)
    begin(page, link)
    a, b = codes(page)
    page.route("**/pair/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    tap(page, 0)
    expect(page.get_by_text(WAITING)).to_be_visible()
    record_judgement(panelist, walk, a=a, b=b, value=3, at=timezone.now())
    page.unroute("**/pair/")
    conflict = {"state": "conflict", "message": "Another window was first.", "goto": None}
    page.route("**/pair/", lambda route: route.fulfill(status=409, json=conflict))
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("[data-device-list] li")).to_have_count(1)
    page.unroute("**/pair/")

    page.locator("[data-undo] button").click()
    expect(page.locator("[data-device-list] li")).to_have_count(0)
    settled(page)

    assert Judgement.objects.filter(panelist=panelist).count() == 1


# --- storage that fails ---------------------------------------------------------------------------------------------

BROKEN = """
  const transaction = IDBDatabase.prototype.transaction;
  window.failing = 0;
  IDBDatabase.prototype.transaction = function (...asked) {
    if (window.failing-- > 0) throw new DOMException("closing", "InvalidStateError");
    return transaction.apply(this, asked);
  };
"""


def test_connection_that_closed_is_opened_again(phone, link, panelist, eventually):
    page = phone()
    page.add_init_script(BROKEN)
    begin(page, link)
    page.evaluate("window.failing = 1; window.same = true")

    tap(page, 0)
    tap(page, 1)

    eventually(lambda: len(stored(panelist)) == 2)
    assert page.evaluate("window.same")  # no page was loaded between


def test_storage_that_fails_for_good_leaves_the_forms(phone, link, panelist, eventually):
    page = phone()
    page.add_init_script(BROKEN)
    begin(page, link)
    shown = page.locator(".item b").all_inner_texts()
    page.evaluate("window.failing = 1e9")

    page.locator(LABELS).first.locator("label").first.click()
    eventually(lambda: len(stored(panelist)) == 1)
    expect(page.locator(".item b")).not_to_have_text(shown)
    page.wait_for_selector("[data-ready]", state="attached")
    page.evaluate("window.failing = 1e9")
    page.locator("[data-undo] button").click()
    eventually(lambda: stored(panelist) == {})
    expect(page.locator(".item b").first).to_have_text(shown[0])


# --- withdrawing ----------------------------------------------------------------------------------------------------

KEPT = """() => new Promise((resolve) => {
  const asked = indexedDB.open("steelyard", 1);
  asked.onsuccess = () => {
    const all = asked.result.transaction("answers").objectStore("answers").getAll();
    all.onsuccess = () => resolve(all.result.length);
  };
})"""


def test_who_withdraws_leaves_nothing_on_the_device(phone, link, panelist, walk):
    page = phone()
    begin(page, link)
    close_round(walk, by="mo", at=timezone.now())
    page.locator(LABELS).first.locator("label").nth(1).click()
    page.wait_for_url("**/mine/")  # nothing is asked any more
    expect(page.locator("[data-device-list] li")).to_be_visible()
    settled(page)
    assert page.evaluate(KEPT) == 1

    page.goto(f"{link}withdraw/")
    page.locator("[name=sure]").check()
    page.get_by_role("button", name="Withdraw").click()

    expect(page.locator("[data-withdraw]")).to_have_count(0)
    panelist.refresh_from_db()
    assert panelist.withdrawn_at is not None
    assert page.evaluate(KEPT) == 0


# --- her clock ------------------------------------------------------------------------------------------------------


def test_pages_follow_the_clock_of_the_device_where_no_time_zone_is_known(phone, link, panelist):
    type(panelist).objects.filter(pk=panelist.pk).update(time_zone="")
    page = phone(timezone_id="Asia/Tokyo")
    begin(page, link)
    tap(page, 1)

    expect(page.get_by_text(re.compile(r"Saved at .*\(Asia/Tokyo\)"))).to_be_visible()


# --- a round that follows -------------------------------------------------------------------------------------------


@pytest.fixture
def second(walk, panelist):
    """Two pairs that she answered are asked again."""
    by = {"by": "mo", "at": timezone.now()}
    pairs = [("D1", "D2"), ("D1", "D3")]
    for a, b in pairs:
        record_judgement(panelist, walk, a=a, b=b, value=3, at=timezone.now())
    submit_round(panelist, walk, at=timezone.now())
    close_round(walk, **by)
    closes = timezone.now() + timedelta(days=5)
    planned = plan_round(walk.panel, version=walk.version, follows=walk, pairs=pairs, closes_at=closes, **by)
    return open_round(planned, **by)


@pytest.mark.parametrize("way", ["tap", "save", "keep"])
def test_second_round_without_network(phone, link, panelist, second, eventually, way):
    page = phone()
    begin(page, link)
    shown, both = page.locator(".item b").all_inner_texts(), page.locator(".items").text_content()
    if way == "save":
        page.locator(".reason summary").click()
        page.get_by_role("textbox").fill("Trams matter")
    settled(page)
    page.context.set_offline(True)

    if way == "keep":
        page.get_by_role("button", name="Keep my answer").click()
    else:
        page.locator(LABELS).first.locator("label").nth(1).click()
    if way == "save":
        page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text(WAITING)).to_be_visible()
    assert page.locator(".item b").all_inner_texts() == shown
    expect(page.get_by_text("Your answer is kept. The next pair comes")).to_be_visible()
    expect(page.locator(LABELS).first.locator("input").nth(4)).to_be_disabled()  # it is answered: no second tap counts
    page.context.set_offline(False)

    eventually(lambda: Judgement.objects.filter(comparison__round=second).count() == 1)
    expect(page.locator(".items")).not_to_have_text(both)
    given = Judgement.objects.get(comparison__round=second)
    assert given.value in (pytest.approx(3), pytest.approx(1 / 3))
    assert given.comment == ("Trams matter" if way == "save" else "")


def test_undo_in_a_second_round_without_network(phone, link, panelist, second, eventually):
    page = phone()
    begin(page, link)
    shown = sorted(codes(page))
    both = page.locator(".items").text_content()
    tap(page, 1)
    expect(page.locator(".items")).not_to_have_text(both)
    page.context.set_offline(True)

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(WAITING)).to_be_visible()
    page.context.set_offline(False)

    eventually(lambda: not Judgement.objects.filter(comparison__round=second).latest("pk").value)
    expect(page.locator(".items")).to_have_text(both)
    assert sorted(codes(page)) == shown


# --- taps -----------------------------------------------------------------------------------------------------------

PASSED_ON = """([label, detail]) => {
  const radio = label.querySelector("input");
  label.addEventListener("click", (event) => event.target === radio || event.preventDefault(), { once: true });
  if (detail !== null) label.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, detail }));
  radio.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, detail: 0 }));
}"""


@pytest.mark.parametrize("detail", [1, 0, None])
def test_click_that_a_label_passes_on_answers_as_webkit_counts_it(phone, link, panelist, eventually, detail):
    page = phone()
    begin(page, link)
    before = key_of(page)
    label = page.locator(LABELS).first.locator("label").nth(1)

    page.evaluate(PASSED_ON, [label.element_handle(), detail])

    if detail:
        eventually(lambda: len(stored(panelist)) == 1)
        assert key_of(page) != before
    else:  # no pointer was there: it chooses, and sends nothing
        settled(page)
        expect(label.get_by_role("radio")).to_be_checked()
        assert (key_of(page), stored(panelist)) == (before, {})


# --- what comes late ------------------------------------------------------------------------------------------------


def reply(**more):
    facts = {"state": "saved", "version": 1, "at": None, "answered": 1, "total": 9, "goto": None, "time": "12:00"}
    return {**facts, "closing": None, "closing_time": None, **more}


def test_late_page_waits_for_the_reason(phone, link):
    page = phone()
    begin(page, link)
    held = []
    page.route("**/pair/", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    tap(page, 0)
    page.locator(".reason summary").click()
    page.get_by_role("textbox").fill("Trams matter")
    held[0].fulfill(json=reply(goto=link + "review/", closing="2030-01-01T10:00:00Z", closing_time="10:00 (UTC)"))
    expect(page.locator("[data-closing]")).to_contain_text("10:00 (UTC)")
    settled(page)
    expect(page.get_by_role("textbox")).to_have_value("Trams matter")

    page.locator(LABELS).first.locator("label").nth(1).click()
    with page.expect_request(lambda request: request.method == "POST" and request.url.endswith("/pair/")):
        page.get_by_role("button", name="Save and go on").click()
    page.wait_for_selector("body")  # the route above is asked by then
    held[1].fulfill(json=reply(closing="2030-01-01T11:00:00Z", closing_time="11:00 (UTC)"))
    expect(page).to_have_url(re.compile("/review/$"))


def test_end_that_moves_is_told_anew(phone, link):
    page = phone()
    begin(page, link)
    times = iter(("10:00 (UTC)", "11:00 (UTC)"))
    page.route("**/pair/", lambda route: route.fulfill(json=reply(closing="2030-01-01", closing_time=next(times))))
    for time in ("10:00 (UTC)", "11:00 (UTC)"):
        tap(page, 0)
        expect(page.locator("[data-closing]")).to_have_count(1)
        expect(page.locator("[data-closing]")).to_contain_text(time)
