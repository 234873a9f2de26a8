"""Public pages hold on every device: phone, Arabic, keyboard, paper, no scripts."""

import pytest

from tests.scoring import factories

FULL = pytest.mark.full  # by `make full`

PHONE = {"viewport": {"width": 360, "height": 640}}
PATHS = (
    "/",
    "/s/las/",
    "/s/las/2024/",
    "/s/las/2024/?q=nowhere",
    "/s/las/2024/v1.0/units/doha/",
    "/s/las/2024/v1.0/method/",
    "/s/las/2024/v1.0/dictionary/",
    "/s/las/2024/v1.0/files/",
    "/s/las/2025/",
    "/sign-in/",
    "/no/such/page/",
)


@pytest.fixture
def published(transactional_db):
    series = factories.make_series(is_demonstration=True)
    edition = factories.make_edition(series, is_simulated=True, limits={"en": "One limit.\nAnother limit."})
    first = factories.make_release(edition)
    factories.make_edition(series, "2025", frozen=False)
    return first


@pytest.mark.parametrize(
    "language", ["en", "ar", *(pytest.param(one, marks=FULL) for one in ("zh-CN", "fr", "ru", "pt"))]
)
def test_no_page_scrolls_sideways_on_a_phone(published, new_page, language):
    page = new_page(locale=language, **PHONE)

    wide = []
    for path in PATHS:
        page.goto(path)
        if page.locator("html").evaluate("one => one.scrollWidth > one.clientWidth"):
            wide.append(path)

    assert wide == []


def test_first_page_weighs_less_than_two_hundred_kilobytes(published, new_page):
    page = new_page(**PHONE)
    sizes = []
    page.on("response", lambda response: sizes.append(len(response.body())))

    page.goto("/", wait_until="networkidle")

    assert 0 < sum(sizes) < 200_000


def test_partner_finds_her_city_in_arabic_without_scripts(published, new_page):
    page = new_page(locale="ar", java_script_enabled=False, **PHONE)

    page.goto("/s/las/2024/")
    page.locator("#q").fill("القاهره")
    page.locator("#q").press("Enter")
    page.locator("tbody a").first.click()

    assert page.locator("h1").inner_text().startswith("القاهرة")
    assert page.url.endswith("/s/las/2024/v1.0/units/cairo/")


def test_partner_changes_the_language_and_stays_where_she_is(published, new_page):
    page = new_page()

    page.goto("/s/las/2024/?country=EGY")
    page.locator(".languages summary").click()
    page.get_by_role("button", name="العربية").click()

    assert page.url.endswith("/s/las/2024/?country=EGY")
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.locator("tbody tr").count() == 2 + 4


def test_partner_sorts_and_goes_back_by_keyboard(published, new_page):
    page = new_page()

    page.goto("/s/las/2024/")
    page.get_by_role("link", name="City", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=name")
    sorted_by = page.locator("th[aria-sort=ascending]").inner_text()
    page.go_back()

    assert sorted_by.startswith("City")
    assert page.locator("th[aria-sort=ascending]").inner_text() == "Rank"


def test_skip_link_is_the_first_stop_and_leads_to_the_content(published, new_page):
    page = new_page()

    page.goto("/s/las/2024/")
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.className")
    page.keyboard.press("Enter")

    assert (first, page.evaluate("document.activeElement.id")) == ("skip", "main")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_city_page_prints_on_two_sheets(published, new_page, language):
    page = new_page(locale=language)

    page.goto("/s/las/2024/v1.0/units/doha/")

    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") in (1, 2)
