"""What journeys ask of a page as a whole. Each waits for its root element, which a page that has only just come may lack."""

from playwright.sync_api import expect


def fits(page):
    """Nothing is wider than the screen."""
    assert page.locator("html").evaluate("one => one.scrollWidth") <= page.viewport_size["width"]


def written_in(page, language):
    """The page says its language, and runs in its direction."""
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
