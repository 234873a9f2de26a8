"""A moderator's way in a real browser, with a real worker: from a closed round to a released edition."""

import pytest
from django.urls import reverse

from accounts.models import Role, User
from accounts.usecases.roles import give_role
from scoring.files.licences import write_licences
from scoring.files.sources import write_sources
from scoring.files.tables import write_data
from scoring.files.units import write_units
from scoring.usecases.editions import choose_consensus
from tests.journeys.looking import fits
from tests.scoring.conftest import SCREENED

RECIPE = f"{SCREENED}[robustness]\ndraws = 200\n"


@pytest.fixture
def address(live_server, series, edition, by):
    alice = User.objects.create_user("alice", password="a long way round")
    give_role(alice, series=series, kind=Role.Kind.MODERATOR, **by)
    return reverse("scoring:desk_edition", args=["las", "2026"])


def sign_in(page, address):
    page.goto(address)
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill("a long way round")
    page.get_by_role("button", name="Sign in").click()


def test_moderator_weighs_freezes_scores_and_releases(
    page, celery_worker_process, address, closed, tmp_path, make_table, make_units, make_sources, make_licences
):
    files = {
        "Data": write_data(make_table()),
        "Sources": write_sources(make_sources()),
        "Licences": write_licences(make_licences()),
        "Units": write_units(make_units()),
    }
    sign_in(page, address)
    page.get_by_label("Draws").fill("100000")
    page.get_by_role("button", name="Weigh the judgements").click()
    page.locator("[data-job] progress").wait_for()
    page.get_by_text("Agreement S*").wait_for()  # the page looks again by itself

    page.get_by_label("Recipe").fill(RECIPE)
    page.get_by_role("button", name="Keep the recipe").click()
    page.get_by_label("I have read what becomes fixed").check()
    page.get_by_role("button", name="Freeze the method").click()
    for label, text in files.items():
        path = tmp_path / f"{label.lower()}.csv"
        path.write_text(text)
        page.get_by_label(label, exact=True).set_input_files(path)
    page.get_by_role("button", name="Check and take in").click()
    page.get_by_role("button", name="Score the data").click()
    page.get_by_role("table", name="The first ten, not yet public").wait_for()
    page.get_by_label("I have read what becomes fixed").check()
    page.get_by_role("button", name="Release the edition").click()
    page.get_by_role("link", name="Release 1.0").wait_for()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_desk_fits_the_screen_and_works_without_javascript(new_page, address, edition, consensus, by, width, language):
    choose_consensus(edition, consensus=consensus, **by)
    page = new_page(viewport={"width": width, "height": 740}, java_script_enabled=False, locale="en")
    sign_in(page, address)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": page.url}])
    page.goto(address)
    assert page.locator("li[aria-current=step] textarea").is_visible()
    fits(page)
