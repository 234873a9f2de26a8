"""The next edition begins from one: framework, recipe, texts and willing people; never answers, weights, data or freezes."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.usecases.roles import give_role
from accounts.usecases.series import create_series
from scoring.errors import BadEditionError, MissingPartError
from scoring.models import Edition
from scoring.queries.desk.edition import desk_edition_page, edition_for_desk
from scoring.queries.desk.repeating import next_slug, repeat_page
from scoring.usecases.editions import create_edition, repeat_edition
from surveys.errors import BadFrameworkError
from surveys.models import Framework, FrameworkVersion, Judgement, Link, Mail, Panel, Panelist, Round
from surveys.usecases.arrivals import decline, stop_mails
from surveys.usecases.panels import add_panelist, repeat_panel
from surveys.usecases.rounds import plan_round
from surveys.usecases.withdrawals import withdraw

pytestmark = pytest.mark.django_db
API = "/api/v1/series/las/"


@pytest.fixture
def desk(series, client, by):
    """A moderator of the series."""
    user = User.objects.create_user("mo")
    give_role(user, series=series, kind=Role.Kind.MODERATOR, **by)
    client.force_login(user)
    return client


def address(edition="2026"):
    return reverse("scoring:desk_repeat", args=["las", edition])


# --- what is taken over ----------------------------------------------------------------------------------------------------


def test_next_edition_has_framework_recipe_and_texts_and_nothing_that_was_found(release, series, by):
    first = Edition.objects.get(slug="2026")
    Edition.objects.filter(pk=first.pk).update(limits={"en": "Not of other years."})
    first.refresh_from_db()
    judgements = Judgement.objects.count()

    made = repeat_edition(first, slug="2027", **by)
    page = desk_edition_page(edition_for_desk(series, "2027"))

    assert (made.framework_uid, made.recipe, made.limits) == (
        first.framework_uid,
        first.recipe,
        {"en": "Not of other years."},
    )
    assert (made.state, made.unit_list, made.consensus, made.dataset, made.freezes.count()) == (
        "preparing", None, None, None, 0,
    )  # fmt: skip
    assert (page.closed_rounds, page.preview.top, page.releases, Judgement.objects.count()) == ((), (), (), judgements)
    done = ("framework", "panel", "recipe")
    assert {step.key: step.state for step in page.steps if step.state != "waiting"} == {
        **dict.fromkeys(done, "done"),
        "round": "next",
    }


@pytest.fixture
def willing(opened, panel, now):
    """P7 never came; P1 withdraws, P2 declines, P3 wants no mails: P4 to P6 are left."""
    people = {one.code: one for one in panel.panelists.all()}
    withdraw(people["P1"], at=now())
    decline(people["P2"], at=now())
    stop_mails(people["P3"], at=now())
    return panel


def test_willing_people_are_asked_anew_and_nobody_else(willing, edition, by):
    Panelist.objects.filter(code="P4").update(
        email="p4@example.org", language="ar", time_zone="Africa/Casablanca", field="water", weight=2
    )
    links, mails = Link.objects.count(), Mail.objects.count()
    made = repeat_edition(edition, slug="2027", **by)
    panel = Panel.objects.get(uid=made.panels.get().panel_uid)
    kept = ("code", "name", "email", "group", "language", "time_zone", "field", "weight")

    assert panel != willing
    named = {"en": "Panel 2027"}
    assert (panel.slug, panel.names, panel.is_simulated, panel.names_shown) == ("2027", named, True, False)
    for one in panel.panelists.all():
        before = willing.panelists.get(code=one.code)
        assert [getattr(one, name) for name in kept] == [getattr(before, name) for name in kept]
        assert (one.started_at, one.uid != before.uid) == (None, True)
    assert [one.code for one in panel.panelists.all()] == ["P4", "P5", "P6"]
    assert (Link.objects.count() - links, Mail.objects.count(), Round.objects.count()) == (3, mails, 1)


def test_of_a_panel_whose_pairs_are_destroyed_nobody_is_known(willing, edition, by, now):
    Panel.objects.filter(pk=willing.pk).update(pairs_destroyed_at=now())

    assert [one.willing for one in repeat_page(edition).panels] == [0]
    assert repeat_panel(willing, label="2027", **by).panelists.count() == 0


def test_panel_is_named_after_the_edition_and_numbered_where_that_name_is_taken(panel, by):
    assert [repeat_panel(panel, label="2027", **by).slug for _ in range(3)] == ["2027", "2027-2", "2027-3"]
    assert repeat_panel(Panel.objects.get(slug="2027"), label="2028", **by).names == {"en": "Panel 2028"}


def test_name_that_the_series_has_is_refused_and_nothing_is_made(edition, willing, by):
    with pytest.raises(BadEditionError) as refused:
        repeat_edition(edition, slug="2026", **by)

    assert refused.value.facts == {"field": "slug", "got": "2026"}
    assert (Edition.objects.count(), Panel.objects.count()) == (1, 1)


def test_edition_without_a_framework_is_not_repeated(edition, by):
    edition.framework_uid = None

    with pytest.raises(MissingPartError):
        repeat_edition(edition, slug="2027", **by)


@pytest.mark.parametrize(
    ("slug", "following"),
    [("2026", "2027"), ("asia-2022", "asia-2023"), ("v09", "v10"), ("099", "100"), ("spring", ""), ("2026-final", "")],
)
def test_next_name_counts_on(slug, following):
    assert next_slug(slug) == following


# --- at the desk -----------------------------------------------------------------------------------------------------------


def test_page_counts_who_comes_along_and_begins_the_edition(desk, edition, willing):
    assert f'href="{address()}"' in desk.get(reverse("scoring:desk_series", args=["las"])).content.decode()
    assert f'href="{address()}"' in desk.get(reverse("scoring:desk_edition", args=["las", "2026"])).content.decode()
    page = desk.get(address()).content.decode()
    answer = desk.post(address(), {"slug": "2027"}, follow=True)

    assert ("3 people of 6" in page, 'value="2027"' in page) == (True, True)  # who withdrew is no panelist any more
    assert answer.redirect_chain == [("/desk/las/2027/", 302)]
    assert "The edition is begun." in answer.content.decode()
    plan = reverse(
        "surveys:plan_first",
        args=["las", Edition.objects.get(slug="2027").panels.get().panel_uid, edition.framework_uid],
    )
    assert f'href="{plan}"' in answer.content.decode()


@pytest.mark.parametrize(
    ("slug", "told"),
    [("", "Letters from a to z"), ("2027 final", "Letters from a to z"), ("2026", "has an edition of this name")],
)
def test_refused_name_stays_in_its_form(desk, edition, slug, told):
    answer = desk.post(address(), {"slug": slug})

    assert (answer.status_code, told in answer.content.decode(), Edition.objects.count()) == (422, True, 1)
    assert f'value="{slug}"' in answer.content.decode() or not slug


def test_page_says_where_nothing_can_be_taken_over(desk, edition):
    Edition.objects.filter(pk=edition.pk).update(framework_uid=None)
    page = desk.get(address()).content.decode()

    assert ("The edition has no framework" in page, "Begin the edition" in page) == (True, False)
    assert f'href="{address()}"' not in desk.get(reverse("scoring:desk_edition", args=["las", "2026"])).content.decode()
    assert desk.post(address(), {"slug": "2027"}).status_code == 302  # refused in words, on the chain
    assert Edition.objects.count() == 1


def test_page_costs_the_same_for_each_number_of_people(desk, series, edition, willing, by, django_assert_num_queries):
    with django_assert_num_queries(7):
        repeat_page(edition_for_desk(series, "2026"))
    for number in range(20):
        add_panelist(willing, code=f"X{number}", **by)
    with django_assert_num_queries(7):
        repeat_page(edition_for_desk(series, "2026"))


def test_api_begins_the_next_edition(desk, edition, willing):
    made = desk.post(f"{API}editions/", {"slug": "2027", "like": "2026"}, content_type="application/json")
    again = desk.post(f"{API}editions/", {"slug": "2027", "like": "2026"}, content_type="application/json")
    wrong = desk.post(f"{API}editions/", {"slug": "2028", "like": "2020"}, content_type="application/json")

    assert (made.status_code, made.json()["slug"], made.json()["state"]) == (201, "2027", "preparing")
    assert desk.get(made["Location"]).status_code == 200
    assert (again.status_code, again.json()["code"], again.json()["facts"]["field"]) == (422, "bad_edition", "slug")
    assert (wrong.status_code, Edition.objects.count()) == (404, 2)


def test_other_series_are_not_touched(desk, edition, version, by):
    other = create_series(slug="other", names={"en": "Other"}, descriptions={}, languages=["en"], **by)
    create_edition(other, slug="2026", framework_uid=version.uid, panel_uids=[], **by)

    assert desk.post("/desk/other/2026/repeat/", {"slug": "2027"}).status_code == 404
    answer = desk.post(
        "/api/v1/series/other/editions/", {"slug": "2027", "like": "2026"}, content_type="application/json"
    )
    assert answer.status_code == 404
    assert not other.editions.filter(slug="2027").exists()


# --- the first round of the new panel ----------------------------------------------------------------------------------------


def plan_address(panel, version):
    return reverse("surveys:plan_first", args=["las", panel.uid, version.uid])


def test_first_round_is_planned_and_asks_every_pair(desk, panel, version):
    page = desk.get(plan_address(panel, version)).content.decode()
    answer = desk.post(
        plan_address(panel, version), {"closes_at": "2099-01-01T12:00", "drafts_count": "on"}, follow=True
    )
    planned = Round.objects.get()

    assert ("7 panelists have no mail address" in page, "7 panelists" in page) == (True, True)
    assert f"<dd>{planned.comparisons.count()}</dd>" in "".join(page.split())
    assert (planned.state, planned.drafts_count, planned.closes_at.isoformat()) == (
        "draft",
        True,
        "2099-01-01T12:00:00+00:00",
    )
    assert "The round is planned." in answer.content.decode()
    assert (Mail.objects.count(), answer.redirect_chain[0][0]) == (0, f"/desk/las/rounds/{planned.uid}/")


@pytest.mark.parametrize(
    ("closes_at", "told"),
    [
        ("", "Please give the day and hour"),
        ("soon", "Please give the day and hour"),
        ("2001-01-01T12:00", "That time is over already"),
    ],
)
def test_refused_first_round_stays_in_its_form(desk, panel, version, closes_at, told):
    answer = desk.post(plan_address(panel, version), {"closes_at": closes_at, "drafts_count": "on"})

    assert (answer.status_code, told in answer.content.decode(), Round.objects.count()) == (422, True, 0)
    assert "checked" in answer.content.decode()


def test_first_round_is_of_a_panel_of_the_series_on_a_frozen_framework(desk, panel, version, by):
    other = create_series(slug="other", names={"en": "Other"}, descriptions={}, languages=["en"], **by)
    Panel.objects.filter(pk=panel.pk).update(series=other)
    elsewhere = desk.get(plan_address(panel, version)).status_code
    Panel.objects.filter(pk=panel.pk).update(series=panel.series)
    with_draft = desk.get(plan_address(panel, _draft(version, by))).status_code
    Framework.objects.filter(pk=version.framework_id).update(series=other)
    of_others = desk.get(plan_address(panel, version)).status_code
    with pytest.raises(BadFrameworkError):
        plan_round(panel, version=FrameworkVersion.objects.get(pk=version.pk), **by)
    Framework.objects.filter(pk=version.framework_id).update(series=None)

    assert (elsewhere, with_draft, of_others) == (404, 404, 404)
    assert desk.post(plan_address(panel, version), {"closes_at": timezone.now().isoformat()}).status_code == 422


def _draft(version, by):
    from surveys.queries.frameworks import rows_of  # noqa: PLC0415
    from surveys.usecases.frameworks import revise_framework  # noqa: PLC0415

    return revise_framework(version.framework, rows=rows_of(version), **by)
