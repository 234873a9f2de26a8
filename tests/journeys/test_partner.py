"""A partner reads the released edition, on a phone and at a desk, in English and Arabic."""

import hashlib

from django.core.management import call_command
from playwright.sync_api import expect

from scoring.models import ReleaseUnit
from tests.journeys.looking import fits, written_in

SAID = {"en": "Demonstration data", "ar": "بيانات للعرض التوضيحي"}
BASE = "/s/brics/2024/v1.0/"


def test_every_public_page_is_whole(new_page, released):
    first = ReleaseUnit.objects.get(rank=1).code
    pages = ("/", "/s/brics/", "/s/brics/2024/", *(BASE + at for at in ("", f"units/{first}/", "method/", "files/")))

    for locale, said in SAID.items():
        for width in (360, 1280):
            page = new_page(locale=locale, viewport={"width": width, "height": 800})
            for address in pages:
                assert page.goto(address).status == 200, address
                expect(page.get_by_text(said).first).to_be_visible()
                written_in(page, locale)
                fits(page)


def test_reader_finds_her_city_and_takes_the_numbers_home(new_page, released, tmp_path):
    page = new_page(java_script_enabled=False)
    page.goto("/s/brics/2024/")
    cities = page.locator("table a[href*='/units/']")
    assert cities.count() == 98

    for word in ("القاهرة", "Le Caire", "Cairo"):
        page.get_by_role("searchbox").fill(word)
        page.keyboard.press("Enter")
        expect(cities).to_have_count(1)
        expect(cities).to_have_text("Cairo")
    cities.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cairo")

    page.goto(f"{BASE}files/")
    printed = page.content()
    for name in ("scores.csv", "weights.csv", "judgements.csv"):
        answer = page.request.get(f"{BASE}files/{name}")
        assert hashlib.sha256(answer.body()).hexdigest() in printed, name
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(page.request.get(f"{BASE}files/release.zip").body())
    call_command("verify_release", str(bundle))
