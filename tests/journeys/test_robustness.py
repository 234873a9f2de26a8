"""A partner asks how sure the ranking is and why her city moved, on a phone and at a desk, in English and Arabic."""

import pytest
from playwright.sync_api import expect

from scoring.models import Release, ReleaseUnit
from tests.scoring import factories

BASE = "/s/brics/2024/v1.0/"
ASKED = {
    "en": ("How sure is this ranking?", "Why did it move?"),
    "ar": ("ما مدى اليقين في هذا الترتيب؟", "لماذا تغيّرت مرتبتها؟"),
}


@pytest.fixture
def city(released, monkeypatch):
    """The code of a city that moved; BRICS has no earlier edition, so another ranking's moves stand in.

    They come after the release, so pages must read its files, as they do of a release of an older form.
    """
    monkeypatch.setattr("scoring.queries.published.reading.FORM", "not stored yet")
    code = ReleaseUnit.objects.get(rank=7).code
    moves = {name: text.replace("doha", code) for name, text in factories.make_change().items()}
    factories.add_files(Release.objects.get(), moves)
    return code


def load_pictures(page):
    """Open and scroll to every picture as a reader would, and return the addresses of those shown."""
    for drawn in page.locator("details.drawn").all():
        if drawn.get_attribute("open") is None:
            drawn.locator("summary").click()
    pictures = page.locator(".chart img")
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 0
    return pictures.evaluate_all("pictures => pictures.map(picture => new URL(picture.currentSrc).search)")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_partner_sees_how_sure_it_is_and_why_her_city_moved(new_page, city, locale, width):
    page = new_page(locale=locale, viewport={"width": width, "height": 800}, color_scheme="dark")
    sure, why = ASKED[locale]

    page.goto(BASE)
    page.get_by_role("link", name=sure).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(sure)
    shown = load_pictures(page)
    page.goto(f"{BASE}units/{city}/")
    expect(page.get_by_role("heading", name=why)).to_be_visible()
    fits_city = page.locator("html").evaluate("one => one.scrollWidth")
    shown += load_pictures(page)
    page.goto(f"{BASE}robustness/?unit={city}")
    fits = page.locator("html").evaluate("one => one.scrollWidth")

    assert len(shown) == 5
    assert all(f"lang={locale}" in query and "theme=dark" in query for query in shown)
    assert all(("width=320" in query) == (width == 360) for query in shown)
    assert (fits, fits_city) == (width, width)
    expect(page.locator("tr.chosen")).to_have_count(1)
