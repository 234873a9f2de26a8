"""A panel begun, filled from a table and mended, and a late person invited alone, in a real browser."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from surveys.models import Mail, Panel, Panelist
from surveys.usecases.panel_people import take_in_people
from surveys.values.panel_people import NewPerson
from tests.journeys.looking import fits, written_in
from tests.journeys.test_accessibility import violations

SIZES = {"phone": {"width": 360, "height": 640}, "desk": {"width": 1280, "height": 800}}
TABLE = """Language\tE-mail\tRegion\tName
العربية\tsalma@example.org\tMaghreb\tSalma
français\tomar@example.org\tMaghreb\tOmar
Chinesse\tlin@example.org\tAsia\tLin
English\tgrace@example\tEurope\tGrace"""


def well(page):
    """The page fits the screen and keeps the guidelines."""
    fits(page)
    assert violations(page) == []


@pytest.fixture
def signed_in(new_page, walk):
    """Open the desk as its moderator: ``signed_in(language, size, scheme)``."""

    def sign_in(language, size, scheme):
        page = new_page(viewport=SIZES[size], color_scheme=scheme)
        page.goto("/")
        page.context.add_cookies([{"name": "django_language", "value": language, "url": page.url}])
        page.goto("/sign-in/")
        page.locator("[name=username]").fill("mo")
        page.locator("[name=password]").fill("mo")
        page.locator("main form button").click()
        page.wait_for_url("**/desk/**")
        return page

    return sign_in


CASES = pytest.mark.parametrize(("language", "size"), [("en", "desk"), ("ar", "phone")])
SCHEMES = pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.full)])


@CASES
@SCHEMES
def test_panel_is_begun_and_filled_from_a_table(signed_in, language, size, scheme):
    page = signed_in(language, size, scheme)
    page.goto("/desk/las/panels/new/")
    written_in(page, language)
    well(page)
    page.locator(f"[name=name-{language}]").fill("2027")
    page.locator("main form button.button").click()
    page.wait_for_url("**/people/table/")
    well(page)
    page.locator("[name=text]").fill(TABLE)
    page.locator("main form button.button").click()
    expect(page.locator(".state-wrong")).to_have_count(2)
    well(page)
    page.locator("button[name=add]").click()
    expect(page.locator("tbody tr")).to_have_count(2)  # the others stay to be mended
    assert Panelist.objects.filter(panel__slug="2027").count() == 2
    mended = (
        page.locator("[name=text]")
        .input_value()
        .replace("Chinesse", "中文")
        .replace("grace@example", "grace@example.org")
    )
    page.locator("[name=text]").fill(mended)
    page.locator("main form button.button").last.click()
    expect(page.locator(".state-wrong")).to_have_count(0)
    page.locator("button[name=add]").click()
    page.wait_for_url("**/panels/*-*/")
    expect(page.locator("table.people tbody tr")).to_have_count(4)
    well(page)
    page.locator("a[href$='/balance/']").click()
    page.locator("[name=group]").fill("Maghreb 2\nAsia 3")
    well(page)
    page.locator("main form button.button").click()
    page.wait_for_url("**/panels/*-*/")
    expect(page.locator("#plan + .table-scroll .state-next")).to_have_count(1)
    assert Panel.objects.get(slug="2027").plan["group"] == {"Maghreb": 2, "Asia": 3}
    assert Mail.objects.filter(panelist__panel__slug="2027").count() == 0


@CASES
@SCHEMES
def test_late_person_is_invited_and_an_address_corrected(signed_in, walk, language, size, scheme):
    panel = walk.panel
    (late,) = take_in_people(panel, [NewPerson("late@example.org", "Late", language="fr")], by="mo", at=timezone.now())
    page = signed_in(language, size, scheme)
    page.goto(f"/desk/las/panels/{panel.uid}/")
    well(page)
    expect(page.locator("[name=code]:checked")).to_have_count(0)
    page.locator(f"[name=code][value={late.code}]").check()
    page.locator("form[action$='/invite/'] button").click()
    page.wait_for_url("**/rounds/**")
    well(page)
    assert Mail.objects.filter(panelist=late, kind="invitation").count() == 1

    page.goto(f"/desk/las/panels/{panel.uid}/")
    page.locator("table.people tbody a").first.click()
    well(page)
    page.locator("[name=email]").fill("mended@")
    page.locator("form:has([name=email]) button.button").click()
    expect(page.locator(".error-summary li")).to_have_count(1)
    well(page)
    page.locator("[name=email]").fill("mended@example.org")
    page.locator("form:has([name=email]) button.button").click()
    expect(page.locator(".messages")).to_be_visible()
    assert Panelist.objects.get(panel=panel, code="P01").email == "mended@example.org"
