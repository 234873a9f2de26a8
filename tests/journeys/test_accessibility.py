"""Every page of a panelist, found by following its links: WCAG 2.2 AA, 200 % text, reduced motion, focus in sight."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from surveys.models import Panelist
from surveys.queries.panelist.links import personal_token
from surveys.usecases.judgements import record_judgement
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round

FULL = pytest.mark.full  # by `make full`

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PAGES = (  # those that no link leads to, or not always
    "name/",
    "practice/",
    "practice/?value=5",
    "question/D1/",
    "question/D3/",
    "pair/",
    "conflict/?first=D3I1&second=D3I2&value=5&key=00000000-0000-4000-8000-000000000001",
    "decline/",
    "stop-mails/",
    "mine/",
    "withdraw/",
)
DOWNLOADS = re.compile(r"\.(json|csv|zip)$|/mine/(json|csv)")
IN_SIGHT = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const label = one.closest('label');
  const box = (label ?? one).getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height, 20) / 2];
  const top = document.elementFromPoint(x, y);
  const seen = top && ((label ?? one).contains(top) || top.contains(one));
  return seen ? '' : `${one.outerHTML.slice(0, 200)} at ${Math.round(x)}, ${Math.round(y)}`;
}"""


@pytest.fixture
def begun(walk):
    """Begin as the panelist of a code: every pair of the small nodes answered, with a circle in D3; returns her link."""

    def begin(page, code):
        panelist = Panelist.objects.get(code=code)
        link = f"/p/{personal_token(panelist)}/"
        page.goto(link)
        page.locator("form[action$='start/'] button").click()
        at = timezone.now()
        for a, b, value in (("D3I1", "D3I2", 3), ("D3I2", "D3I3", 3), ("D3I1", "D3I3", 1 / 3), ("D4I1", "D4I2", 2)):
            record_judgement(panelist, walk, a=a, b=b, value=value, at=at)
        return link

    return begin


def linked(page, start):
    """Open every page that the links of her pages lead to, each address once, and yield it open."""
    found, waiting = set(), [start, *(start + page for page in PAGES)]
    while waiting:
        address = waiting.pop(0)
        if address.partition("#")[0] in found:
            continue
        found.add(address)
        page.goto(address)
        here = page.evaluate("location.pathname + location.search")
        if here != address and here in found:
            continue
        found.add(here)
        yield here
        more = page.eval_on_selector_all("a[href]", "all => all.map((one) => one.pathname + one.search)")
        inside = [one for one in more if one.startswith(start) and not DOWNLOADS.search(one)]
        firsts = [one for one in inside if "first=" in one]  # one pair's page stands for all
        waiting += [one for one in inside if "first=" not in one] + firsts[:2]


def violations(page):
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary'][:200]}" for one in found for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=FULL)])
@pytest.mark.parametrize("code", ["P04", "P01"], ids=["ltr", "rtl"])
def test_every_page_keeps_the_guidelines(phone, begun, walk, code, scheme):
    page = phone(locale={"P04": "en", "P01": "ar"}[code], color_scheme=scheme, reduced_motion="reduce")
    link = begun(page, code)
    wrong = {here: found for here in linked(page, link) if (found := violations(page))}

    panelist = Panelist.objects.get(code=code)
    submit_round(panelist, walk, at=timezone.now())
    wrong |= {f"{here} after": found for here in linked(page, link) if (found := violations(page))}
    close_round(walk, by="mo", at=timezone.now())
    wrong |= {f"{here} closed": found for here in linked(page, link) if (found := violations(page))}
    open_round(
        plan_round(
            walk.panel, version=walk.version, follows=walk, pairs=[("D3I1", "D3I2")], by="mo", at=timezone.now()
        ),
        by="mo",
        at=timezone.now(),
    )
    wrong |= {f"{here} again": found for here in linked(page, link) if (found := violations(page))}

    assert wrong == {}


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=FULL)])
@pytest.mark.parametrize("code", ["P04", "P01"], ids=["ltr", "rtl"])
def test_pages_of_links_that_do_not_open_keep_the_guidelines(phone, begun, code, scheme):
    locale = {"P04": "en", "P01": "ar"}[code]
    link = begun(phone(locale=locale), code)
    page = phone(locale=locale, color_scheme=scheme)
    wrong = {}
    for address in (link, f"/p/{locale}-no-such-link/"):
        page.goto(address)
        wrong[address] = violations(page)
        page.locator("main form button").last.click()
        wrong[f"{address} asked"] = violations(page)

    assert [one for found in wrong.values() for one in found] == []


@FULL
def test_a_page_that_breaks_the_guidelines_is_found(phone, begun):
    page = phone()
    page.goto(begun(page, "P04") + "pair/")
    page.evaluate("document.querySelectorAll('.answer input').forEach((one) => one.parentElement.replaceWith(one))")

    assert any("label" in one for one in violations(page))


@pytest.mark.parametrize("viewport", [{"width": 360, "height": 640}, {"width": 1280, "height": 800}])
@pytest.mark.parametrize("code", ["P04", "P01", pytest.param("P05", marks=FULL)], ids=["en", "ar", "ru"])
def test_text_of_twice_the_size_fits(new_page, begun, code, viewport):
    page = new_page(viewport=viewport, bypass_csp=True, locale={"P04": "en", "P01": "ar", "P05": "ru"}[code])
    link = begun(page, code)
    wide = []
    for here in linked(page, link):
        page.add_style_tag(content="html { font-size: 200% }")
        if page.locator("html").evaluate("one => one.scrollWidth > innerWidth"):
            wide.append(here)

    assert wide == []


@pytest.mark.parametrize("code", ["P04", "P01"], ids=["ltr", "rtl"])
def test_focus_is_never_hidden(phone, begun, code):
    page = phone(locale={"P04": "en", "P01": "ar"}[code])
    link = begun(page, code)
    hidden, stops = [], 0
    for here in linked(page, link):
        for _ in range(60):
            page.keyboard.press("Tab")
            seen = page.evaluate(IN_SIGHT)
            if seen is None:
                break
            stops += 1
            if seen:
                hidden.append((here, seen))

    assert hidden == []
    assert stops > 50
