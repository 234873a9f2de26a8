"""The desk's first page in a real browser: what waits, what runs, every edition with its next step; and the empty desk."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import AccountMail, Role, User
from accounts.usecases.invitations import invite
from accounts.usecases.roles import give_role
from accounts.usecases.series import create_series
from scoring.models import Consensus
from scoring.usecases.editions import create_edition
from surveys.models import Mail, Round
from surveys.usecases.frameworks import create_framework, freeze_framework
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.requests import ask_as_someone_else
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.values.framework import FrameworkRow
from tests.guards import unguarded
from tests.journeys.looking import fits, written_in
from tests.journeys.test_accessibility import violations

SIZES = {"phone": {"width": 360, "height": 640}, "desk": {"width": 1280, "height": 800}}


def asked(series, version, slug, **by):
    """An open round of three people."""
    panel = create_panel(series, slug=slug, names={"en": f"Panel {slug}", "ar": f"لجنة {slug}"}, **by)
    for number in range(1, 4):
        add_panelist(panel, code=f"P{number}", email=f"p{number}@example.net", **by)
    return open_round(plan_round(panel, version=version, **by), **by)


@pytest.fixture
def olga(live_server, transactional_db):
    """Somebody on whom four things wait in one series, while the weights of an edition are computed."""
    now = timezone.now()
    by = {"by": "olga", "at": now - timedelta(days=5)}
    names = {"en": "Smart cities of South-East Asia and of the neighbouring islands", "ar": "مدن جنوب شرق آسيا الذكية"}
    series = create_series(slug="asean", names=names, descriptions={}, languages=["en", "ar"], **by)
    user = User.objects.create_user("olga", "olga@example.org")
    for kind in (Role.Kind.OWNER, Role.Kind.MODERATOR):
        give_role(user, series=series, kind=kind, **by)
    rows = [FrameworkRow("Root", None, kind="Aggregate"), *(FrameworkRow(code, "Root") for code in "AB")]
    version = freeze_framework(create_framework(slug="city", names={"en": "City"}, rows=rows, **by), **by)
    round_, closed = (asked(series, version, slug, **by) for slug in ("first", "second"))
    people = list(round_.panel.panelists.all())
    ask_as_someone_else(people[0], at=now - timedelta(days=2))
    for one in people[1:]:
        Mail.objects.filter(panelist=one).update(state="failed", error_code="recipient_refused")
    with unguarded(Round):
        Round.objects.filter(pk=round_.pk).update(closes_at=now + timedelta(days=2))
    invite(series, email="rita@example.org", kind=Role.Kind.REVIEWER, language="en", by=user, at=now)
    AccountMail.objects.update(state="failed", error_code="mail_server")
    close_round(closed, **by)
    create_edition(series, slug="2026", framework_uid=version.uid, panel_uids=[round_.panel.uid], **by)
    edition = create_edition(series, slug="2025", framework_uid=version.uid, panel_uids=[closed.panel.uid], **by)
    edition.consensus = Consensus.objects.create(
        series=series, round_uid=closed.uid, method={}, state="running", requested_at=now, beat_at=now, done=3, total=8
    )
    edition.save()
    return user


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.full)])
@pytest.mark.parametrize(("language", "size"), [("en", "desk"), ("ar", "phone"), ("en", "phone")])
def test_home_says_what_waits_and_each_line_leads_there(new_page, live_server, olga, client, language, size, scheme):
    client.force_login(olga)
    page = new_page(viewport=SIZES[size], color_scheme=scheme)
    for name, value in (("sessionid", client.cookies["sessionid"].value), ("django_language", language)):
        page.context.add_cookies([{"name": name, "value": value, "url": str(live_server)}])
    page.goto("/desk/")
    written_in(page, language)
    expect(page.locator("ul.tasks").first.locator("li")).to_have_count(4)
    expect(page.locator("progress")).to_have_count(1)
    expect(page.locator(".dots")).to_have_count(2)
    fits(page)
    assert violations(page) == []

    for number in range(4):
        page.locator("ul.tasks").first.locator("a.button").nth(number).click()
        expect(page.locator("h1")).to_have_count(1)
        assert page.url != f"{live_server}/desk/"
        page.goto("/desk/")
    page.goto("/account/")
    page.locator("[name=is_wanted]").uncheck()
    page.locator("#daily button").click()
    expect(page.locator(".messages")).to_be_visible()
    expect(page.locator("[name=is_wanted]")).not_to_be_checked()
    fits(page)
    assert violations(page) == []


@pytest.mark.parametrize(("language", "size"), [("en", "desk"), ("ar", "phone")])
def test_empty_desk_says_how_to_begin(new_page, live_server, transactional_db, client, language, size):
    client.force_login(User.objects.create_user("new", is_superuser=True))
    page = new_page(viewport=SIZES[size])
    for name, value in (("sessionid", client.cookies["sessionid"].value), ("django_language", language)):
        page.context.add_cookies([{"name": name, "value": value, "url": str(live_server)}])
    page.goto("/desk/")
    written_in(page, language)
    expect(page.locator("main a.button:not(.button-quiet)")).to_have_count(1)
    fits(page)
    assert violations(page) == []
