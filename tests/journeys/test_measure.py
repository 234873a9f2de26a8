"""The whole measure: from an empty installation to release 1.0 with two people, a browser, a worker, and no shell."""

import csv
import io
import os
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.links import first_owner_key, invitation_address
from accounts.models import Invitation
from scoring.models import Release
from surveys.models import Comparison, Panelist, Round
from surveys.usecases.arrivals import start
from surveys.usecases.judgements import record_judgement
from surveys.usecases.submissions import submit_round
from tests.journeys.looking import fits
from tests.journeys.test_accessibility import violations
from tests.journeys.test_beginning import PASSWORD, press

DESK = {"width": 1280, "height": 800}
OUTLINE = "Liveable city\n\tMobility\n\t\tBus lines\n\t\tCycle paths\n\tAir\n\t\tDust\n\t\tNoise\n"
HEADER = "Mail address\tName\tRegion\tField\tLanguage"
PEOPLE = [
    f"p{number}@example.org\tPerson {number}\t{('North', 'South')[number % 2]}\tplanning\ten" for number in range(6)
]
GUIDE = (
    "framework-paste",
    "people-preview",
    "edition",
    "approval-asked",
    "scored",
)  # what docs/moderator-guide.md shows
MOST_PAGES = 12  # from the page of the series to an open round, that of the series counted once


class Steps:
    """Looks at every page that is opened: it fits, keeps the guidelines, and is counted once."""

    def __init__(self, page, shots):
        self.page, self.shots, self.seen = page, shots, []

    def look(self, name):
        fits(self.page)
        assert violations(self.page) == []
        self.seen.append(self.page.url.partition("#")[0])
        if name in GUIDE:
            self.page.evaluate("document.querySelector('[aria-current=step]')?.scrollIntoView({block: 'center'})")
            self.page.screenshot(path=self.shots / f"{name}.png", animations="disabled")

    def follow(self, link, name):
        self.page.locator(f"main a[href{link}]").first.click()
        self.page.wait_for_load_state()
        self.look(name)


@pytest.fixture
def shots(tmp_path, root):
    """Where the screenshots go: into the moderators' guide where `make guide` asks for them."""
    folder = root / "docs/images/guide" if os.environ.get("STEELYARD_GUIDE") else tmp_path / "guide"
    folder.mkdir(exist_ok=True)
    return folder


def begin(steps):
    """The first account, and a series."""
    page = steps.page
    page.goto("/start/")
    page.locator("[name=key]").fill(first_owner_key(timezone.now()))
    page.locator("[name=name]").fill("Olga Owner")
    page.locator("[name=email]").fill("olga@example.org")
    page.locator("[name=password]").fill(PASSWORD)
    press(page)
    page.locator("main a[href='/series/begin/']").first.click()
    page.locator("[name=name]").fill("Liveable cities")
    page.locator("[name=licence]").fill("CC BY 4.0")
    press(page)
    steps.look("series")


def make_framework(steps):
    """The indicator system, pasted from a spreadsheet and frozen."""
    page = steps.page
    steps.follow("$='/frameworks/begin/'", "framework-begin")
    page.locator("[name=name]").fill("Liveable city")
    page.locator("[name=start][value=paste]").check()
    press(page)
    page.wait_for_url("**/paste/")
    page.locator("[name=text]").fill(OUTLINE)
    press(page)
    expect(page.locator("[name=keep]")).to_be_visible()
    steps.look("framework-paste")
    page.locator("[name=keep]").click()
    expect(page.locator(".messages")).to_be_visible()
    steps.look("framework")
    steps.follow("$='/freeze/'", "framework-freeze")
    press(page)
    expect(page.locator(".state-done").first).to_be_visible()


def gather(steps):
    """The panel, from a table with one bad row."""
    page = steps.page
    page.goto("/desk/liveable-cities/")
    steps.follow("$='/panels/new/'", "panel-begin")
    page.locator("[name=name-en]").fill("City planners")
    press(page)
    page.wait_for_url("**/people/table/")
    steps.look("people-table")
    page.locator("[name=text]").fill("\n".join([HEADER, *PEOPLE, "nobody\tNobody\tNorth\tplanning\ten"]))
    press(page)
    expect(page.locator("[name=add]")).to_be_visible()
    steps.look("people-preview")
    page.locator("[name=add]").click()
    expect(page.locator(".messages")).to_be_visible()
    steps.look("panel")


def ask(steps):
    """The edition, and its round open."""
    page = steps.page
    page.goto("/desk/liveable-cities/")
    steps.follow("$='/editions/new/'", "edition-begin")
    page.locator("[name=slug]").fill("2031")
    press(page)
    page.wait_for_url("**/desk/liveable-cities/2031/")
    steps.look("edition")
    page.locator("#round a.button").click()
    page.locator("[name=closes_at]").fill((timezone.now() + timedelta(days=10)).strftime("%Y-%m-%dT%H:%M"))
    steps.look("plan")
    press(page)
    page.wait_for_url("**/rounds/**")
    page.locator("form[action$='/open/'] [name=sure]").check()
    page.locator("form[action$='/open/'] button").click()
    expect(page.locator(".messages")).to_be_visible()
    steps.look("round")


def answer():
    """The panel answers: what its own pages are like, other journeys show."""
    asked = Round.objects.get()
    for number, person in enumerate(Panelist.objects.all()):
        start(person.links.get(), device=f"device {number}", at=timezone.now())
        for place, pair in enumerate(Comparison.objects.filter(round=asked).select_related("a", "b")):
            value = (1, 2, 3, 1 / 2)[(number + place) % 4]
            record_judgement(person, asked, a=pair.a.code, b=pair.b.code, value=value, at=timezone.now())
        submit_round(person, asked, at=timezone.now())


def close(steps):
    page = steps.page
    page.reload()
    page.locator("form[action$='/close/'] [name=when][value=now]").check()
    page.locator("form[action$='/close/'] [name=sure]").check()
    page.locator("form[action$='/close/'] button.button-danger").click()
    expect(page.locator(".messages")).to_be_visible()


def settle(steps, tmp_path, eventually):
    """Weights, recipe and list of units."""
    page = steps.page
    page.goto("/desk/liveable-cities/2031/")
    page.locator("form[action$='/weigh/'] button").click()
    expect(page.locator("#consensus .facts")).to_be_visible()
    page.locator("form[action$='/recipe/'] button").click()
    expect(page.locator("#units form [name=units]")).to_be_visible()
    template = page.request.get("/api/v1/series/liveable-cities/editions/2031/templates/planned/").text()
    codes = [row[0] for row in csv.reader(io.StringIO(template.lstrip("﻿"))) if row and row[0] not in {"", "iCode"}]
    (tmp_path / "units.csv").write_text(
        "uCode,uName,country,cName,population,latitude,longitude\n"
        + "".join(f"U{n},City {n},MAR,Morocco,{n}00000,3{n}.5,-6.2{n}\n" for n in range(1, 7))
    )
    (tmp_path / "planned.csv").write_text(
        "iCode,source,vintage\n" + "".join(f"{code},City office,2030\n" for code in codes[-4:])
    )
    page.locator("[name=rule_en]").fill("Every city above 100,000 people.")
    page.locator("#units [name=units]").set_input_files(tmp_path / "units.csv")
    page.locator("#units [name=sources]").set_input_files(tmp_path / "planned.csv")
    page.locator("form[action$='/units/'] button.button").first.click()
    expect(page.locator("#freeze[aria-current=step]")).to_be_visible()
    return codes[-4:]


def invite_reviewer(steps, other, eventually):
    page = steps.page
    page.goto("/people/liveable-cities/")
    page.locator("[name=email]").fill("rita@example.org")
    page.locator("[type=radio][value=reviewer]").check()
    press(page)
    invitation = Invitation.objects.get()
    eventually(lambda: invitation.mails.filter(state="sent").exists())
    other.goto(invitation_address(invitation))
    other.locator("[name=name]").fill("Rita Reviewer")
    other.locator("[name=password]").fill(PASSWORD)
    press(other)


def freeze(steps, reviewing):
    """The method, approved by a second person."""
    page, other = steps.page, reviewing.page
    page.goto("/desk/liveable-cities/2031/")
    page.locator("form[action$='/approval/ask/'] button").click()
    expect(page.locator(".messages")).to_be_visible()
    steps.look("approval-asked")
    other.goto("/desk/")
    reviewing.look("waiting")
    other.locator(".tasks a.button").first.click()
    other.locator("form[action$='/approval/'] [name=sure]").check()
    other.locator("form[action$='/approval/'] button").click()
    expect(other.locator(".messages")).to_be_visible()
    page.reload()
    page.locator("form[action$='/freeze/'] [name=sure]").check()
    page.locator("form[action$='/freeze/'] button").click()
    expect(page.locator("#data[aria-current=step]")).to_be_visible()


def release(steps, tmp_path, codes):
    """Data, scores, and release 1.0."""
    page = steps.page
    rows = [f"U{n},City {n},2030,{n * 3},{20 - n},{n * n},{7 + n % 3}" for n in range(1, 7)]
    (tmp_path / "data.csv").write_text("\n".join([f"uCode,uName,Time,{','.join(codes)}", *rows]) + "\n")
    sources = [f"U{n},{code},2030,2030,city,City office,1" for n in range(1, 7) for code in codes]
    (tmp_path / "sources.csv").write_text("\n".join(["uCode,iCode,Time,year,resolution,source,given", *sources]) + "\n")
    (tmp_path / "licences.csv").write_text(
        "source,licence,retrieved,redistribution\nCity office,CC BY 4.0,2031-01-02,1\n"
    )
    for name, file in (("table", "data"), ("sources", "sources"), ("licences", "licences")):
        page.locator(f"#data [name={name}]").set_input_files(tmp_path / f"{file}.csv")
    page.locator("form[action$='/data/'] button.button").first.click()
    expect(page.locator("#scoring[aria-current=step]")).to_be_visible()
    page.locator("form[action$='/score/'] button").click()
    expect(page.locator("#release[aria-current=step] form [name=sure]")).to_be_visible()
    steps.look("scored")
    page.locator("form[action$='/release/'] [name=sure]").check()
    page.locator("form[action$='/release/'] button").click()
    expect(page.locator("#release.done")).to_be_visible()
    page.goto("/s/liveable-cities/2031/v1.0/")
    expect(page.locator("main")).to_contain_text("City 6")
    steps.look("released")


def test_guide_shows_what_the_journey_saw(root):
    guide = (root / "docs/moderator-guide.md").read_text()

    assert set(re.findall(r"\(images/guide/([a-z-]+)\.png\)", guide)) == set(GUIDE)
    assert {one.stem for one in (root / "docs/images/guide").iterdir()} == set(GUIDE)


def test_two_people_release_from_nothing_without_a_shell(
    new_page, live_server, transactional_db, celery_worker_process, settings, eventually, shots, tmp_path
):
    settings.PUBLIC_URL = str(live_server)
    owner = Steps(new_page(viewport=DESK), shots)
    reviewer = Steps(new_page(viewport=DESK), shots)
    begin(owner)
    make_framework(owner)
    gather(owner)
    ask(owner)
    opened = len(dict.fromkeys(owner.seen))
    answer()
    close(owner)
    codes = settle(owner, tmp_path, eventually)
    invite_reviewer(owner, reviewer.page, eventually)
    freeze(owner, reviewer)
    release(owner, tmp_path, codes)

    assert Release.objects.get().number == "1.0"
    assert opened <= MOST_PAGES
