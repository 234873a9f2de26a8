"""An edition begins on a frozen framework with panels of its series: by page and by API, and only so."""

import re

import pytest
from django.test import Client

from accounts.models import Role, User
from accounts.usecases.roles import give_role
from accounts.usecases.series import create_series
from scoring.errors import BadEditionError, MissingPartError
from scoring.models import Edition
from scoring.queries.desk.beginning import begin_page
from scoring.usecases.editions import RESERVED, create_edition, repeat_edition, settle_recipe
from surveys.models import Framework, FrameworkVersion, Panel
from surveys.queries.frameworks import rows_of
from surveys.usecases.frameworks import create_framework, freeze_framework, revise_framework
from surveys.usecases.panels import create_panel
from tests.addresses import addresses
from tests.guards import unguarded

pytestmark = pytest.mark.django_db
PAGE = "/desk/las/editions/new/"
API = "/api/v1/series/las/editions/"


@pytest.fixture
def desk(series, client, by):
    """A moderator of the series."""
    user = User.objects.create_user("mo")
    give_role(user, series=series, kind=Role.Kind.MODERATOR, **by)
    client.force_login(user)
    return client


@pytest.fixture
def chosen(version, panel):
    """What is sent for an edition on the framework with the panel."""
    return {"framework_uid": str(version.uid), "panel_uids": [str(panel.uid)], "slug": "2031"}


def test_page_offers_what_the_series_has_and_begins_the_edition(desk, chosen, version, panel):
    page = desk.get(PAGE).content.decode()
    answer = desk.post(PAGE, chosen, follow=True)
    made = Edition.objects.get()

    assert f'href="{PAGE}"' in desk.get("/desk/las/").content.decode()
    assert page.count("checked") == 2  # there is one framework, and one panel
    assert answer.redirect_chain == [("/desk/las/2031/", 302)]
    assert "The edition is begun." in answer.content.decode()
    assert (made.framework_uid, made.panels.get().panel_uid, made.state) == (version.uid, panel.uid, "preparing")


def test_nothing_is_chosen_for_her_where_there_are_two(desk, series, panel, version, by):
    create_panel(series, slug="second", names={"en": "Second panel"}, **by)

    assert desk.get(PAGE).content.decode().count("checked") == 1  # the framework alone


def test_proposed_name_is_the_year_or_the_next_that_is_free(series, edition, by, panel, version):
    year = begin_page(series).proposed
    create_edition(series, slug=year, framework_uid=version.uid, panel_uids=[panel.uid], **by)

    assert re.fullmatch(r"20[0-9]{2}", year)
    assert begin_page(series).proposed == str(int(year) + 1)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"slug": ""}, "Letters from a to z"),
        ({"slug": "two words"}, "Letters from a to z"),
        ({"slug": "2026"}, "has an edition of this name"),
        ({"slug": "panels"}, "has another meaning in addresses"),
        ({"framework_uid": ""}, "Choose the framework"),
        ({"framework_uid": "00000000-0000-0000-0000-000000000000"}, "Select a valid choice"),
        ({"framework_uid": "no uid"}, "Select a valid choice"),
        ({"panel_uids": []}, "Choose a panel at least"),
        ({"panel_uids": ["00000000-0000-0000-0000-000000000000"]}, "Select a valid choice"),
    ],
)
def test_what_is_refused_stays_in_its_form(desk, edition, chosen, wrong, told):
    answer = desk.post(PAGE, chosen | wrong)
    page = answer.content.decode()

    assert (answer.status_code, told in page, Edition.objects.count()) == (422, True, 1)
    assert f'value="{(chosen | wrong)["slug"]}"' in page or not (chosen | wrong)["slug"]


def test_panel_and_draft_of_elsewhere_are_not_offered(desk, series, chosen, version, panel, by):
    other = create_series(slug="other", names={"en": "Other"}, descriptions={}, languages=["en"], **by)
    strange = create_panel(other, slug="theirs", names={"en": "Theirs"}, **by)
    draft = revise_framework(version.framework, rows=rows_of(version), **by)
    theirs = create_framework(slug="theirs", names={"en": "Theirs"}, rows=rows_of(version), **by)
    freeze_framework(theirs, **by)
    Framework.objects.filter(pk=theirs.framework_id).update(series=other)
    page = desk.get(PAGE).content.decode()

    assert (str(strange.uid) in page, str(draft.uid) in page) == (False, False)
    assert desk.post(PAGE, chosen | {"panel_uids": [str(strange.uid)]}).status_code == 422
    assert desk.post(PAGE, chosen | {"framework_uid": str(draft.uid)}).status_code == 422
    assert str(theirs.uid) not in page
    assert desk.post(PAGE, chosen | {"framework_uid": str(theirs.uid)}).status_code == 422
    with pytest.raises(MissingPartError, match="no such framework"):
        create_edition(series, slug="2031", framework_uid=theirs.uid, panel_uids=[panel.uid], **by)
    with pytest.raises(MissingPartError, match="draft"):
        create_edition(series, slug="2031", framework_uid=draft.uid, panel_uids=[panel.uid], **by)
    with pytest.raises(BadEditionError, match="no such panel"):
        create_edition(series, slug="2031", framework_uid=version.uid, panel_uids=[strange.uid], **by)
    assert not Edition.objects.exists()


def test_page_says_what_is_missing(desk, series):
    page = desk.get(PAGE).content.decode()

    assert ("a frozen framework" in page, "a panel: those who" in page, "<form class" in page) == (True, True, False)


def test_page_costs_the_same_for_each_number_of_panels(series, version, panel, by, django_assert_num_queries):
    for number in range(12):
        create_panel(series, slug=f"p{number}", names={"en": f"Panel {number}"}, **by)
    with django_assert_num_queries(5):
        begin_page(series)


def test_who_may_not_is_refused(series, chosen, by):
    other = create_series(slug="other", names={"en": "Other"}, descriptions={}, languages=["en"], **by)
    found = {}
    for name, of, kind in (
        ("observer", series, "observer"),
        ("steward", series, "data_steward"),
        ("stranger", other, "owner"),
    ):
        user = User.objects.create_user(name)
        give_role(user, series=of, kind=Role.Kind(kind), **by)
        client = Client()
        client.force_login(user)
        sent = {"slug": "2031", "framework": chosen["framework_uid"], "panels": chosen["panel_uids"]}
        called = client.post(API, sent, content_type="application/json")
        found[name] = (client.get(PAGE).status_code, client.post(PAGE, chosen).status_code, called.status_code)

    assert found == {"observer": (403,) * 3, "steward": (403,) * 3, "stranger": (404,) * 3}
    assert Client().get(PAGE).status_code == 302
    assert not Edition.objects.exists()


# --- recipe and texts of another -------------------------------------------------------------------------------------------


@pytest.fixture
def demonstration(series, version, by):
    """An edition that a demonstration released, with a recipe and texts; one of a real series, and one in preparation."""
    made = {}
    for slug, is_demonstration, state in (
        ("shown", True, "released"),
        ("real", False, "released"),
        ("draft", True, "preparing"),
    ):
        other = create_series(
            slug=slug,
            names={"en": slug.title()},
            descriptions={},
            languages=["en"],
            is_demonstration=is_demonstration,
            **by,
        )
        edition = create_edition(
            other, slug="2024", framework_uid=version.uid, panel_uids=[], limits={"en": "Not so."}, **by
        )
        settle_recipe(edition, text="version = 1\n[screen]\nunit_availability = 0.5\n", **by)
        with unguarded(Edition):
            Edition.objects.filter(pk=edition.pk).update(state=state)
        made[slug] = edition
    return made


def test_recipe_and_texts_come_from_a_demonstration_or_the_series_itself(desk, edition, chosen, demonstration, by):
    settle_recipe(edition, text="version = 1\n", **by)
    page = desk.get(PAGE).content.decode()
    shown = demonstration["shown"]
    desk.post(PAGE, chosen | {"like": str(shown.uid)})
    made = Edition.objects.get(series__slug="las", slug="2031")

    offered = {name: str(one.uid) in page for name, one in (demonstration | {"own": edition}).items()}
    assert offered == {"shown": True, "real": False, "draft": False, "own": True}
    assert (made.recipe.series.slug, made.recipe.content["screen"]["unit_availability"]) == ("las", 0.5)
    assert (made.limits, made.panels.count()) == ({"en": "Not so."}, 1)
    assert desk.post(PAGE, chosen | {"slug": "2032", "like": str(demonstration["real"].uid)}).status_code == 422


def test_recipe_that_names_what_the_framework_lacks_is_refused_beside_its_field(
    desk, series, chosen, demonstration, version, by
):
    shown = demonstration["shown"]
    fork = create_framework(
        slug="fork", names={"en": "Fork"}, rows=[row for row in rows_of(version) if row.code != "A2"], **by
    )
    freeze_framework(fork, **by)
    text = 'version = 1\n[normalise.indicators.A2]\nmethod = "minmax"\n'
    with unguarded(Edition):
        Edition.objects.filter(pk=shown.pk).update(state="preparing")
        settle_recipe(shown, text=text, **by)
        Edition.objects.filter(pk=shown.pk).update(state="released")
    answer = desk.post(PAGE, chosen | {"framework_uid": str(fork.uid), "like": str(shown.uid)})

    assert (answer.status_code, "normalise.indicators.A2" in answer.content.decode()) == (422, True)
    assert not series.editions.exists()


def test_own_recipe_is_taken_as_it_is_or_refused(desk, series, edition, chosen, version, by):
    stored = settle_recipe(edition, text='version = 1\n[normalise.indicators.A2]\nmethod = "minmax"\n', **by)
    desk.post(PAGE, chosen | {"like": str(edition.uid)})
    fork = create_framework(
        slug="fork", names={"en": "Fork"}, rows=[row for row in rows_of(version) if row.code != "A2"], **by
    )
    freeze_framework(fork, **by)
    refused = desk.post(PAGE, chosen | {"slug": "2032", "framework_uid": str(fork.uid), "like": str(edition.uid)})

    assert Edition.objects.get(slug="2031").recipe == stored
    assert (refused.status_code, "normalise.indicators.A2" in refused.content.decode()) == (422, True)
    assert not series.editions.filter(slug="2032").exists()


# --- by API ----------------------------------------------------------------------------------------------------------------


def test_api_begins_an_edition_on_a_framework_with_panels(desk, version, panel):
    sent = {"slug": "2031", "framework": str(version.uid), "panels": [str(panel.uid)]}
    made = desk.post(API, sent, content_type="application/json")
    again = desk.post(API, sent, content_type="application/json")

    assert (made.status_code, made.json()["slug"], desk.get(made["Location"]).status_code) == (201, "2031", 200)
    assert (again.status_code, again.json()["code"], Edition.objects.count()) == (422, "bad_edition", 1)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "like"),
        ({"like": "2026", "framework": "FRAMEWORK", "panels": ["PANEL"]}, "like"),
        ({"framework": "FRAMEWORK"}, "panels"),
        ({"framework": "FRAMEWORK", "panels": []}, "panels"),
        ({"like": "2026", "panels": ["PANEL"]}, "panels"),
        ({"framework": "no uid", "panels": ["PANEL"]}, "framework"),
    ],
)
def test_api_asks_for_one_of_the_two_ways_whole(desk, edition, version, panel, sent, field):
    known = {"FRAMEWORK": str(version.uid), "PANEL": str(panel.uid)}
    body = {
        name: [known[one] for one in value] if isinstance(value, list) else known.get(value, value)
        for name, value in sent.items()
    }
    answer = desk.post(API, {"slug": "2031"} | body, content_type="application/json")

    assert (answer.status_code, field in str(answer.json()["errors"]), Edition.objects.count()) == (400, True, 1)


# --- names that addresses need ---------------------------------------------------------------------------------------------


def test_no_edition_is_called_as_an_address_of_its_series():
    places = [one.route for one in addresses() if one.route.startswith("desk/<slug:series>/")]
    literal = {found[1] for route in places if (found := re.match(r"desk/<slug:series>/([a-z-]+)/", route))}

    assert literal == RESERVED


@pytest.mark.parametrize("slug", sorted(RESERVED))
def test_reserved_name_is_refused_however_an_edition_begins(edition, series, version, panel, by, slug):
    with pytest.raises(BadEditionError):
        create_edition(series, slug=slug, framework_uid=version.uid, panel_uids=[panel.uid], **by)
    with pytest.raises(BadEditionError):
        repeat_edition(edition, slug=slug, **by)
    assert Edition.objects.count() == Panel.objects.count() == FrameworkVersion.objects.count() == 1
