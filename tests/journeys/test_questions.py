"""A panelist at a long question, with answers in a circle, outside her field, and in a second round: steps A12 to A15, A19.

Each step is a function that does what the walk-through says and checks what must be seen. One test runs it; another takes
away what must be seen, and the step has to fail.
"""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from surveys.models import Judgement, NodeChoice, TripleDecision
from surveys.queries.panelist.links import personal_token
from surveys.queries.panelist.previous_round import divided_pairs
from surveys.queries.panelist.sheet import panelist_sheet
from surveys.usecases.judgements import choose_for_node, record_judgement
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round
from tests.journeys.answering import tap
from tests.journeys.conftest import blind
from tests.journeys.looking import fits

FULL = pytest.mark.full  # by `make full`

EN, AR = "P04", "P01"


@pytest.fixture
def her(walk):
    return walk.panel.panelists.get(code=EN)


@pytest.fixture
def phone_of(phone, walk):
    """Open a phone on which a panelist has begun."""

    def begin(panelist, *hidden, **options):
        page = phone(**options)
        for selector in hidden:
            blind(page, selector)
        page.goto(f"/p/{personal_token(panelist)}/")
        page.locator("form[action$='start/'] button").click()
        return page

    return begin


def path_of(panelist, rest):
    return f"/p/{personal_token(panelist)}/{rest}"


def reach(page, panelist, node):
    """Go on to a question."""
    page.goto(path_of(panelist, f"question/{node}/"))


def answer_at_once(panelist, round_, node, value=None, most=999):
    """Give the answers of a question in the order they are asked: by weights that fall from item to item, or one value."""
    for pair in panelist_sheet(panelist, round_).node(node).coming[:most]:
        first, second = (int(item.code.rpartition("I")[2]) for item in (pair.first, pair.second))
        given = value or ((second + 3) / (first + 3))
        given = float(round(given)) if given >= 1 else 1 / round(1 / given)
        record_judgement(panelist, round_, a=pair.first.code, b=pair.second.code, value=given, at=timezone.now())


# --- A12: a long question -------------------------------------------------------------------------------------------


def a12_reach_the_long_question(page, her, walk):
    reach(page, her, "D1")
    said = "12 items = 66 comparisons, about 17 min. You may do them in parts, or a shorter set of 30."
    expect(page.locator(".how-long")).to_have_text(said)
    expect(page.locator("button[value=short]")).to_be_visible()
    expect(page.locator("button[value=all]")).to_be_visible()
    expect(page.locator(".where")).to_contain_text("Question 2 of 5 · 0 of 66 here · 0 of 93 in all")
    fits(page)
    page.locator("button[value=all]").click()
    expect(page.locator(".pair")).to_be_visible()
    answer_at_once(her, walk, "D1", most=14)
    tapped = panelist_sheet(her, walk).node("D1").coming[0]
    page.goto(path_of(her, f"pair/?first={tapped.first.code}&second={tapped.second.code}"))
    page.locator(".answers").first.locator("label").nth(2).click()
    expect(page).to_have_url(re.compile("/question/D1/"))
    expect(page.locator(".rest")).to_contain_text("everything is saved")
    expect(page.locator(".where")).to_contain_text("15 of 66 here")
    fits(page)


def test_a12(phone_of, her, walk):
    """Told before it begins; both choices; rest points and progress by question and in all."""
    a12_reach_the_long_question(phone_of(her), her, walk)


def test_a12_is_told_at_the_first_chance_to_who_began_it_without_network(phone_of, her, walk, eventually):
    answers = panelist_sheet(her, walk).nodes[0].coming
    for pair in answers[:-1]:
        record_judgement(her, walk, a=pair.first.code, b=pair.second.code, value=1, at=timezone.now())
    page = phone_of(her)
    page.goto(path_of(her, "pair/"))
    page.wait_for_selector("[data-ready]", state="attached")
    page.context.set_offline(True)
    for _ in range(3):  # the last of the first question, and two of the long one
        tap(page, 2)
    expect(page.get_by_text("3 answers waiting on this device")).to_be_visible()
    page.context.set_offline(False)

    expect(page).to_have_url(re.compile("/question/Goal/"))  # its own end comes first
    page.get_by_role("link", name="Go on").click()
    expect(page).to_have_url(re.compile("/question/D1/"))
    expect(page.locator(".how-long")).to_contain_text("12 items = 66 comparisons")
    page.locator("button[value=short]").click()
    expect(page.locator(".pair")).to_be_visible()
    assert panelist_sheet(her, walk).node("D1").answered == 2


@FULL
@pytest.mark.parametrize(
    ("hidden", "missed"),
    [
        (".how-long", '".how-long"'),
        ("button[value=short]", '"button[value=short]")).to_be_visible()'),
        (".where", '".where")).to_contain_text("Question 2'),
        (".rest", '".rest"'),
    ],
)
def test_a12_fails_without_it(phone_of, her, walk, hidden, fails_at, missed):
    page = phone_of(her, hidden)
    with fails_at(missed):
        a12_reach_the_long_question(page, her, walk)


# --- A13: stop after the short set ----------------------------------------------------------------------------------


def a13_stop_after_the_short_set(page, her, walk):
    reach(page, her, "D1")
    page.locator("button[value=short]").click()
    expect(page).to_have_url(re.compile("/pair/"))
    answer_at_once(her, walk, "D1")
    reach(page, her, "D1")
    rows = page.locator(".priorities tbody tr")
    expect(rows).to_have_count(12)
    expect(rows.first).to_contain_text("Indicator 1.1")
    expect(rows.first.locator("small")).to_contain_text("%")
    expect(page.locator(".moves")).to_contain_text("would probably change no weight by more than")
    assert re.search(r"more than \d+\.\d percentage points", page.locator(".moves").inner_text())
    expect(page.locator("button[value=all]")).to_be_visible()
    fits(page)
    page.locator("button[value=enough]").click()
    expect(page).to_have_url(re.compile("/(pair|question)/"))
    assert NodeChoice.objects.filter(panelist=her, node__code="D1").latest("version").choice == "enough"
    page.goto(path_of(her, "review/"))
    expect(page.locator("main")).to_contain_text("36 pairs are not needed.")
    node = panelist_sheet(her, walk).node("D1")
    assert (node.answered, len(node.not_needed)) == (30, 36)


def test_a13(phone_of, her, walk):
    """Priorities with their spread, what more answers would change, and the rest recorded as not needed."""
    a13_stop_after_the_short_set(phone_of(her), her, walk)


@FULL
@pytest.mark.parametrize(
    ("hidden", "missed"),
    [
        (".priorities", "to_have_count(12)"),
        (".moves", '".moves")).to_contain_text'),
        ("form:has([value=enough]) ~ form button[value=all]", '"button[value=all]")).to_be_visible()'),
    ],
)
def test_a13_fails_without_it(phone_of, her, walk, hidden, fails_at, missed):
    page = phone_of(her, hidden)
    with fails_at(missed):
        a13_stop_after_the_short_set(page, her, walk)


@FULL
def test_a13_fails_where_the_choice_is_not_kept(phone_of, her, walk, monkeypatch, fails_at):
    """The rest would be missing instead of not needed."""

    def forget(*given, choice, **more):
        return None if choice == "enough" else choose_for_node(*given, choice=choice, **more)

    monkeypatch.setattr("surveys.web.panelist.node.choose_for_node", forget)
    page = phone_of(her)
    with fails_at('choice == "enough"'):
        a13_stop_after_the_short_set(page, her, walk)


# --- A14: three answers in a circle ---------------------------------------------------------------------------------


def a14_give_a_circle(page, her, walk):
    for a, b in (("D3I1", "D3I2"), ("D3I2", "D3I3")):
        record_judgement(her, walk, a=a, b=b, value=5, at=timezone.now())
    page.goto(path_of(her, "pair/?first=D3I1&second=D3I3"))
    first = page.locator(".pair-form input[name=first]").get_attribute("value")
    page.locator(".answers").first.locator("label").nth(4 if first == "D3I1" else 0).click()
    expect(page).to_have_url(re.compile("/question/D3/"))

    said = page.locator(".said-of-three")
    expect(said).to_have_count(1)
    assert page.locator("html").get_attribute("lang") == her.language
    for name in ("3.1", "3.2", "3.3"):
        expect(said).to_contain_text(name)
    buttons = page.locator(".decide button")
    expect(buttons).to_have_count(4)
    boxes = [button.bounding_box() for button in buttons.all()]
    assert len({(round(box["width"]), round(box["height"])) for box in boxes}) == 1
    colours = {
        button.evaluate("one => getComputedStyle(one).color + getComputedStyle(one).backgroundColor")
        for button in buttons.all()
    }
    assert len(colours) == 1
    error = page.locator("html").evaluate("one => getComputedStyle(one).getPropertyValue('--error').trim()")
    assert error not in page.locator("main").evaluate("one => one.outerHTML")
    assert "error" not in page.locator("main").inner_text().lower()
    fits(page)

    change = page.locator(".decide form").filter(has=page.locator("input[name=first]")).first
    change.locator("button").click()
    expect(page).to_have_url(re.compile("/pair/"))
    page.locator(".answers").first.locator("label").nth(2).click()
    expect(page).to_have_url(re.compile("/question/D3/"))
    expect(page.locator(".said-of-three")).to_have_count(0)
    undo = page.locator(".changed button")
    expect(undo).to_be_visible()
    undo.click()
    expect(page.locator(".messages")).to_be_visible()
    expect(page.locator(".said-of-three")).to_have_count(0)  # the circle is back, and is not asked about twice
    stored = Judgement.objects.filter(panelist=her).order_by("-pk")
    assert max(stored[0].value, 1 / stored[0].value) == pytest.approx(5)
    assert TripleDecision.objects.get(panelist=her).choice == "changed"


@pytest.mark.parametrize("code", [EN, AR])
def test_a14(phone_of, walk, code):
    """One sentence, four equally large ways on, no red, never twice, and an undo; in English and in Arabic."""
    her = walk.panel.panelists.get(code=code)
    a14_give_a_circle(phone_of(her, locale=her.language), her, walk)


@FULL
@pytest.mark.parametrize(
    ("hidden", "missed"),
    [
        (".said-of-three", "expect(said).to_have_count(1)"),
        (".decide li:last-child", "expect(buttons).to_have_count(4)"),
        (".changed", "expect(undo).to_be_visible()"),
    ],
)
def test_a14_fails_without_it(phone_of, her, walk, hidden, fails_at, missed):
    page = phone_of(her, hidden)
    with fails_at(missed):
        a14_give_a_circle(page, her, walk)


@FULL
def test_a14_fails_when_it_is_asked_twice(phone_of, her, walk, monkeypatch, fails_at):
    monkeypatch.setattr("surveys.web.panelist.node.decide_on_triple", lambda *_args, **_more: None)
    page = phone_of(her)
    with fails_at('".said-of-three")).to_have_count(0)'):
        a14_give_a_circle(page, her, walk)


def test_keeping_all_three_goes_on(phone_of, her, walk):
    for a, b in (("D3I1", "D3I2"), ("D3I2", "D3I3"), ("D3I3", "D3I1")):
        record_judgement(her, walk, a=a, b=b, value=5, at=timezone.now())
    page = phone_of(her, java_script_enabled=False)
    reach(page, her, "D3")

    page.get_by_role("button", name="Keep all three").click()

    expect(page.locator(".said-of-three")).to_have_count(0)
    assert TripleDecision.objects.get().choice == "kept"


# --- A15: not my field ----------------------------------------------------------------------------------------------


def share(page):
    return page.locator("progress").first.evaluate("one => one.value / one.max")


def a15_leave_a_question_out(page, her, walk):
    answer_at_once(her, walk, "D3", value=2)
    page.goto(path_of(her, "review/"))
    before = share(page)
    page.goto(path_of(her, "pair/?first=D3I1&second=D3I2"))
    page.get_by_role("button", name="Not my field").click()
    expect(page).to_have_url(re.compile("/(pair|question)/"))
    page.goto(path_of(her, "review/"))
    expect(page.locator(".left-out")).to_contain_text("3 pairs are left out as not your field; they count as settled.")
    assert share(page) >= before
    page.get_by_role("button", name="Take it up again").click()
    expect(page).to_have_url(re.compile("/(pair|question)/"))
    assert panelist_sheet(her, walk).node("D3").answered == 3


def test_a15(phone_of, her, walk):
    """Left out without lowering progress, said so, and taken up again with the answers that were there."""
    a15_leave_a_question_out(phone_of(her), her, walk)


@FULL
def test_a15_fails_without_it(phone_of, her, walk, fails_at):
    page = phone_of(her, ".left-out")
    with fails_at('".left-out"'):
        a15_leave_a_question_out(page, her, walk)


@FULL
def test_a15_fails_where_leaving_out_lowers_progress(phone_of, her, walk, monkeypatch, fails_at):
    monkeypatch.setattr(
        "surveys.values.sheet.Node.settled", property(lambda node: 0 if node.skipped else node.answered)
    )
    page = phone_of(her)
    with fails_at("share(page) >= before"):
        a15_leave_a_question_out(page, her, walk)


# --- A19: the second round ------------------------------------------------------------------------------------------


@pytest.fixture
def second(walk, her):
    """Six people handed in the first round, divided on dimension 1 against 2; that pair is asked again."""
    now = timezone.now()
    six = list(walk.panel.panelists.order_by("code")[:6])
    for panelist, value in zip(six, (9, 7, 5, 1 / 3, 1 / 5, 1 / 7), strict=True):
        comment = f"Reason number {value:.2f}"
        record_judgement(panelist, walk, a="D1", b="D2", value=value, comment=comment, at=now)
        for b in ("D3", "D4"):
            record_judgement(panelist, walk, a="D1", b=b, value=2, at=now)
        submit_round(panelist, walk, at=now)
    close_round(walk, by="mo", at=now)
    pairs = [one.codes for one in divided_pairs(walk) if one.is_divided]
    planned = plan_round(
        walk.panel,
        version=walk.version,
        follows=walk,
        pairs=pairs,
        closes_at=now + timedelta(days=5),
        by="mo",
        at=now,
    )
    return open_round(planned, by="mo", at=now)


def a19_answer_the_open_items(page, her, second):
    assert list(second.comparisons.values_list("a__code", "b__code")) == [("D1", "D2")]
    assert second.mails.filter(panelist=her, kind="invitation").exists()
    page.goto(path_of(her, "pair/"))
    before = page.locator(".earlier")
    expect(before.locator(".own")).to_contain_text("Dimension 2 matters 3 times as much as Dimension 1.")
    expect(before.locator(".group summary")).to_contain_text("The 6 answers")
    before.locator(".group summary").click()
    expect(before.locator(".group")).to_contain_text("Half of all answers lie between:")
    reasons = before.locator(".group li")
    expect(reasons).to_have_count(5)
    assert not re.search(r"P\d\d|Person", before.inner_text())
    fits(page)
    page.get_by_role("button", name="Keep my answer").click()
    expect(page).to_have_url(re.compile("/review/"))
    stored = Judgement.objects.get(panelist=her, comparison__round=second)
    assert stored.value == pytest.approx(1 / 3)
    untouched = Judgement.objects.filter(panelist=her, comparison__round=second.follows)
    assert {(one.version, round(one.value, 4)) for one in untouched} == {(1, 0.3333), (1, 2.0)}


def test_a19(phone_of, her, second):
    """The open item alone; her answer, the group's median and spread, reasons without names; kept with one tap."""
    a19_answer_the_open_items(phone_of(her), her, second)


@FULL
@pytest.mark.parametrize(
    ("hidden", "missed"),
    [
        (".earlier .own", '".own")).to_contain_text'),
        (".earlier .group summary", '".group summary")).to_contain_text'),
        (".earlier .group li", "expect(reasons).to_have_count(5)"),
    ],
)
def test_a19_fails_without_it(phone_of, her, second, hidden, fails_at, missed):
    page = phone_of(her, hidden)
    with fails_at(missed):
        a19_answer_the_open_items(page, her, second)


@FULL
def test_a19_fails_where_four_answered(phone_of, her, second, fails_at):
    """The group's answer is then not shown, and the step must miss it."""
    walk = second.follows
    others = walk.panel.panelists.exclude(pk=her.pk).order_by("code")[:2]
    type(her).objects.filter(pk__in=[one.pk for one in others]).update(withdrawn_at=timezone.now())
    page = phone_of(her)
    with fails_at('".group summary")).to_contain_text'):
        a19_answer_the_open_items(page, her, second)


@FULL
def test_a19_fails_where_keeping_stores_another_answer(phone_of, her, second, monkeypatch, fails_at):
    def turned(*args, value, **more):
        return record_judgement(*args, value=1 / value, **more)

    monkeypatch.setattr("surveys.web.panelist.pair.record_judgement", turned)
    page = phone_of(her)
    with fails_at("stored.value == pytest.approx(1 / 3)"):
        a19_answer_the_open_items(page, her, second)
