"""The site really goes away for half a minute in the middle of answering, and nothing is lost."""

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from config.broker import free_port
from surveys.models import Judgement, Panelist
from surveys.queries.panelist.links import personal_token
from tests.journeys.conftest import PHONE

TRIES = 6  # a second, two, four, eight and fifteen between them: half a minute


@pytest.fixture
def site(surroundings, tmp_path):
    """The site as it runs in production, on a port of its own: ``start()``, ``stop()``, ``address``."""

    class Site:
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        process = None

        def start(self):
            command = [sys.executable, "-m", "gunicorn", "config.wsgi", f"--bind=127.0.0.1:{self.port}", "--workers=2"]
            with (tmp_path / "site.log").open("ab") as log:
                self.process = subprocess.Popen(
                    [*command, "--threads=2", "--no-control-socket"],
                    env=surroundings | {"PUBLIC_URL": self.address},
                    cwd=tmp_path,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            deadline = time.monotonic() + 300
            while True:
                try:
                    with urllib.request.urlopen(f"{self.address}/healthz", timeout=60):
                        return
                except (urllib.error.URLError, OSError):
                    assert time.monotonic() < deadline, (tmp_path / "site.log").read_text()[-2000:]
                    time.sleep(0.2)

        def stop(self):
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=120)

    site = Site()
    site.start()
    yield site
    if site.process.poll() is None:
        site.stop()


def test_site_that_is_away_for_half_a_minute_loses_nothing(browser, site, walk, eventually):
    her = Panelist.objects.get(code="P04")
    link = f"{site.address}/p/{personal_token(her)}/"
    context = browser.new_context(viewport=PHONE, locale="en")
    page = context.new_page()
    page.goto(link)
    page.locator("form[action$='start/'] button").click()
    page.goto(link + "pair/")

    def tap(at):
        expect(page.locator("[data-ready]")).to_be_attached()
        before = page.locator(".pair-form [name=key]").get_attribute("value")
        page.locator(".answers").first.locator("label").nth(at).click()
        expect(page.locator(".pair-form [name=key]")).not_to_have_value(before)

    tap(0)
    eventually(lambda: Judgement.objects.filter(panelist=her).count() == 1)
    site.stop()
    tried = []
    page.on("requestfailed", lambda request: tried.append(request))  # noqa: PLW0108  # it looks into the function
    for at in (1, 2, 3):
        tap(at)  # the next pair comes all the same
    expect(page.get_by_text("3 answers waiting on this device")).to_be_visible()
    while len(tried) < TRIES:
        page.wait_for_event("requestfailed", timeout=60_000)
    assert Judgement.objects.filter(panelist=her).count() == 1
    site.start()

    # it works again by itself: nothing is pressed
    eventually(lambda: Judgement.objects.filter(panelist=her).count() == 4)
    expect(page.get_by_text("waiting on this device")).to_be_hidden()
    assert {row.version for row in Judgement.objects.filter(panelist=her)} == {1}
    context.close()
