"""What waits on somebody: the desk's first page, the API and the daily mail say the same of it, and name no panelist."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.lifecycle import MEMBERS, Actor
from accounts.models import AccountMail, Invitation, Role, Series, User
from accounts.rules import series_of
from accounts.usecases.invitations import invite
from accounts.usecases.roles import give_role
from scoring.models import Edition, Scoring, Upload
from scoring.queries.desk.edition import desk_edition_page, edition_for_desk
from scoring.queries.desk.home import desk_page
from scoring.queries.desk.waiting import KINDS, waiting_on
from scoring.usecases.carrying import carry_weights
from scoring.usecases.edition_data import request_scoring, use_dataset
from scoring.usecases.editions import choose_consensus, create_edition
from scoring.usecases.uploads import send_files
from surveys.models import Mail, Panelist, Round
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.requests import ask_as_someone_else, settle_request
from surveys.usecases.rounds import open_round, plan_round
from tests.guards import unguarded

pytestmark = pytest.mark.django_db
EVERY = frozenset(MEMBERS)


@pytest.fixture
def mo(series, by):
    user = User.objects.create_user("mo", "mo@example.org")
    for kind in (Role.Kind.OWNER, Role.Kind.MODERATOR):
        give_role(user, series=series, kind=kind, **by)
    return user


@pytest.fixture
def desk(mo):
    client = Client()
    client.force_login(mo)
    return client


@pytest.fixture
def found(series, now):
    """What waits on somebody with these roles at this time."""
    return lambda roles=EVERY, at=None: waiting_on({series: roles}, at=at or now())


def kinds(matters):
    return [matter.kind for matter in matters]


def returned(panelist, round_, at, error="recipient_refused", **more):
    kind = more.pop("kind", Mail.Kind.REMINDER)
    return Mail.objects.create(
        panelist=panelist, round=round_, kind=kind, state=Mail.State.FAILED, error_code=error, queued_at=at, **more
    )


def closing(round_, at):
    with unguarded(Round):
        Round.objects.filter(pk=round_.pk).update(closes_at=at)


# --- panels -------------------------------------------------------------------------------------------------------------


def test_requests_at_the_door_of_a_link_wait_until_they_are_settled(opened, panel, found, by, now):
    first, second = panel.panelists.all()[:2]
    asked = [ask_as_someone_else(first, email="else@example.org", at=now()), ask_as_someone_else(second, at=now())]

    (matter,) = found()
    assert (matter.kind, matter.count, matter.since, matter.round_uid) == ("link_request", 2, now(), opened.uid)
    assert found({Actor.MODERATOR}) == (matter,)
    assert found(EVERY - {Actor.MODERATOR}) == ()

    for one in asked:
        settle_request(one, **by)
    assert found() == ()


def test_request_before_any_round_leads_to_the_series(panel, found, desk, now):
    ask_as_someone_else(panel.panelists.first(), at=now())

    (matter,) = found()
    assert (matter.round_uid, matter.panel) == (None, {"en": "Panel"})
    assert 'href="/desk/las/"' in desk.get("/desk/").content.decode().partition("tasks")[2].partition("</ul>")[0]


def test_mails_that_were_not_delivered_wait_while_their_round_is_open(opened, panel, found, now):
    first, second, third = panel.panelists.all()[:3]
    later = now() + timedelta(hours=1)
    returned(first, opened, now())
    returned(first, opened, later)  # twice to one person
    returned(second, opened, later, error="mail_server")
    returned(third, opened, later, error="not_wanted")  # she asked for none

    (matter,) = found()
    assert (matter.kind, matter.count, matter.since, matter.round_uid) == ("mail_returned", 2, now(), opened.uid)
    assert found(EVERY - {Actor.MODERATOR}) == ()

    Mail.objects.create(
        panelist=first, round=opened, kind=Mail.Kind.FRESH_LINK, queued_at=later
    )  # another is on its way
    assert [one.count for one in found()] == [1]
    Panelist.objects.filter(pk=second.pk).update(withdrawn_at=later)
    assert found() == ()


def test_mail_of_a_round_that_is_closed_waits_no_more(closed, panel, found, now):
    returned(panel.panelists.first(), closed, now())
    assert found() == ()


@pytest.mark.parametrize(("days", "waits"), [(-1, True), (2.9, True), (3, True), (3.1, False)])
def test_round_that_ends_within_three_days_waits(opened, found, now, days, waits):
    closing(opened, now() + timedelta(days=10))
    ends = now() + timedelta(days=10)

    matters = found(at=ends - timedelta(days=days))
    assert kinds(matters) == (["round_ends"] if waits else [])
    for matter in matters:
        assert (matter.count, matter.invited, matter.until) == (1, 7, ends)
        assert matter.since == ends - timedelta(days=3)
    assert found(EVERY - {Actor.MODERATOR}, at=ends) == ()


def test_time_to_finish_is_when_a_round_ends_and_a_round_all_handed_in_waits_on_nobody(opened, panel, found, now):
    closing(opened, now() + timedelta(days=30))
    Round.objects.filter(pk=opened.pk).update(finish_until=now() + timedelta(days=1))
    assert [matter.until for matter in found()] == [now() + timedelta(days=1)]

    panel.panelists.filter(code="P7").update(withdrawn_at=now())
    assert found() == ()


def test_closed_round_does_not_end(closed, found, now):
    closing(closed, now() + timedelta(days=1))
    assert found() == ()


# --- invitations --------------------------------------------------------------------------------------------------------


def test_invitations_that_ended_untaken_or_were_not_delivered_wait_on_owners(series, found, mo, by, now):
    at = {"by": mo, "at": now()}
    one = invite(series, email="rita@example.org", kind=Role.Kind.REVIEWER, language="en", **at)
    assert found() == ()

    AccountMail.objects.update(state="failed", error_code="recipient_refused")
    (matter,) = found()
    assert (matter.kind, matter.count, matter.since) == ("invitation_returned", 1, now())
    assert found({Actor.OWNER}) == (matter,)
    assert found(EVERY - {Actor.OWNER}) == ()

    AccountMail.objects.update(error_code="not_wanted")
    assert found() == ()
    over = now() + timedelta(days=14)
    assert [(m.kind, m.since) for m in found(at=over)] == [("invitation_over", one.ends_at)]
    Invitation.objects.update(state="withdrawn")
    assert found(at=over) == ()


# --- work ---------------------------------------------------------------------------------------------------------------


def put(job, **fields):
    with unguarded(type(job)):
        type(job).objects.filter(pk=job.pk).update(**fields)


def test_work_that_failed_waits_on_who_may_ask_for_it_again(scored, found, consensus, now):
    scoring = Scoring.objects.get()
    later = now() + timedelta(hours=2)
    put(scoring, state="failed", finished_at=later, error_code="unexpected")
    (matter,) = found()
    told = (matter.kind, matter.work, matter.edition, matter.step, matter.since)
    assert told == ("work_failed", "scoring", "2026", "scoring", later)
    assert found({Actor.DATA_STEWARD}) == (matter,)
    assert found({Actor.OWNER, Actor.OBSERVER}) == ()

    put(scoring, state="cancelled")
    assert found() == ()
    put(scoring, state="failed")
    with unguarded(Edition):
        Edition.objects.update(state="preparing")  # its method is revised
    assert found() == ()

    put(consensus, state="failed", finished_at=later)
    (matter,) = found()
    assert (matter.work, matter.step) == ("consensus", "consensus")
    assert found({Actor.DATA_STEWARD}) == ()


def test_bundle_that_failed_leads_to_its_release(release, found, now):
    put(release.bundle, state="failed", finished_at=now())
    assert [(m.kind, m.work, m.step) for m in found()] == [("work_failed", "bundle", "release")]


def test_work_of_which_nothing_is_heard_for_a_quarter_of_an_hour_waits(scored, found, now):
    scoring = Scoring.objects.get()
    quarter = now() + timedelta(minutes=15, seconds=1)
    for state, heard in (("queued", "requested_at"), ("running", "beat_at")):
        put(scoring, state=state, started_at=None, **{"requested_at": now(), heard: now()})
        assert found(at=now() + timedelta(minutes=15)) == ()
        assert [(m.kind, m.work, m.since) for m in found(at=quarter)] == [("work_silent", "scoring", now())]
        put(scoring, **{heard: quarter})
        assert found(at=quarter) == ()
    # the sweep marks what it queues again: no sign of a worker's life
    put(scoring, state="queued", requested_at=now(), started_at=now(), beat_at=quarter)
    assert kinds(found(at=quarter)) == ["work_silent"]


@pytest.mark.parametrize("kind", ["data", "units"])
def test_upload_waits_until_it_is_answered(request, found, by, now, kind):
    edition = request.getfixturevalue({"data": "frozen", "units": "edition"}[kind])
    sending = {"files": {"table": ("data.csv", b"uCode,uName\n")}, "said": {}, "details": {}}
    sent = send_files(edition, kind=Upload.Kind(kind), **sending, is_confirmed=False, **by)
    assert found() == ()

    put(sent, state="done", finished_at=now(), problems_total=0)
    (matter,) = found()
    assert (matter.kind, matter.step, matter.edition) == ("upload_draft", kind, "2026")
    assert found({Actor.DATA_STEWARD}) == (matter,)
    assert found({Actor.OWNER}) == ()
    put(sent, problems_total=3)
    assert kinds(found()) == ["upload_refused"]
    put(sent, state="failed")
    assert kinds(found()) == ["work_failed"]
    put(sent, state="cancelled")
    assert found() == ()


# --- page and API -------------------------------------------------------------------------------------------------------


@pytest.fixture
def everything(release, panel, version, series, mo, now):
    """One matter of each kind, each since another hour, in a round that is open beside a released edition."""
    at = [timezone.now() - timedelta(hours=hours) for hours in range(20)]
    asked = create_panel(series, slug="second", names={"en": "Second panel"}, by="mo", at=at[9])
    for number in range(1, 4):
        add_panelist(
            asked, code=f"Q{number}", name=f"Zenobia {number}", email=f"z{number}@example.net", by="mo", at=at[9]
        )
    round_ = open_round(plan_round(asked, version=version, by="mo", at=at[9]), by="mo", at=at[9])
    ask_as_someone_else(asked.panelists.first(), email="else@example.net", at=at[1])
    returned(asked.panelists.last(), round_, at[2])
    closing(round_, timezone.now() + timedelta(days=1))
    for hours, error in ((3, "recipient_refused"), (4, "")):
        invitation = invite(
            series, email=f"rita{hours}@example.net", kind="reviewer", language="en", by=mo, at=at[hours]
        )
        AccountMail.objects.filter(invitation=invitation).update(state="failed", error_code=error)
        if not error:
            Invitation.objects.filter(pk=invitation.pk).update(ends_at=at[hours])
    sending = {"files": {"table": ("data.csv", b"uCode,uName\n")}, "said": {}, "details": {}, "is_confirmed": False}
    sent = send_files(release.edition, kind=Upload.Kind.DATA, **sending, by="mo", at=at[5])
    put(sent, state="done", finished_at=at[5])
    put(release.bundle, state="failed", finished_at=at[6])
    put(Scoring.objects.get(), state="queued", requested_at=at[7], started_at=None)
    return round_


def test_page_api_and_values_say_the_same_in_the_same_order(everything, desk, mo):
    matters = waiting_on(series_of(mo), at=timezone.now())
    page = desk.get("/desk/").content.decode()
    told = desk.get("/api/v1/waiting/").json()

    assert set(kinds(matters)) == set(KINDS) - {"upload_refused", "approval_asked"}
    assert [one.since for one in matters] == sorted(one.since for one in matters)
    assert "8 things wait on you" in page
    assert re.findall(r'<b class="state state-\w+">([^<]+)</b>', page) == [one["text"] for one in told]
    links = re.findall(
        r'<a class="button button-quiet"\s+href="([^"]+)"', page.partition('class="tasks"')[2].partition("</ul>")[0]
    )
    assert [one["page"] for one in told] == [f"http://testserver{link}" for link in links]
    assert [one["kind"] for one in told] == kinds(matters)
    for link in links:
        answer = desk.get(link)
        assert answer.status_code == 200, link
        if "#" in link:
            assert f'id="{link.partition("#")[2]}"' in answer.content.decode(), link


def test_texts_count_and_name_places(everything, desk):
    told = {one["kind"]: (one["text"], one["place"], one["count"]) for one in desk.get("/api/v1/waiting/").json()}
    assert told == {
        "link_request": ("1 request at the door of a personal link", "Second panel, round 1", 1),
        "mail_returned": ("Mail to 1 panelist was not delivered", "Second panel, round 1", 1),
        "round_ends": ("The round ends soon: 3 of 3 have not handed in", "Second panel, round 1", 3),
        "invitation_returned": ("The mail of 1 invitation to a role was not delivered", "", 1),
        "invitation_over": ("1 invitation to a role ended untaken", "", 1),
        "upload_draft": ("Data that were sent wait to be confirmed", "Edition 2026", 1),
        "work_failed": ("The files of a release were not built", "Edition 2026", 1),
        "work_silent": ("Nothing is heard of the scoring", "Edition 2026", 1),
    }
    in_french = desk.get("/api/v1/waiting/?language=fr").json()
    assert all(one["text"] != told[one["kind"]][0] for one in in_french)


def test_hours_are_those_of_the_series(everything, desk, series):
    Series.objects.filter(pk=series.pk).update(time_zone="Asia/Jakarta")
    page = desk.get("/desk/").content.decode()
    assert "Asia/Jakarta" in page.partition('class="tasks"')[2].partition("</ul>")[0]


def test_no_panelist_is_named_to_anybody(everything, desk, mo, series, by):
    give_role(mo, series=series, kind=Role.Kind.DATA_STEWARD, **by)
    for path in ("/desk/", "/api/v1/waiting/"):
        text = desk.get(path).content.decode()
        for one in Panelist.objects.all():
            assert not {word for word in (one.name, one.email, str(one.uid)) if word and word in text}
            assert not re.search(rf"\b{one.code}\b", text)
        assert "else@example.net" not in text


@pytest.mark.parametrize("role", [*MEMBERS])
def test_each_role_is_told_only_what_it_may_act_on(everything, series, by, role):
    user = User.objects.create_user("one")
    give_role(user, series=series, kind=Role.Kind(role), **by)
    client = Client()
    client.force_login(user)

    told = {one["kind"] for one in client.get("/api/v1/waiting/").json()}
    by_data = {"upload_draft", "work_silent"}
    by_panel = {"link_request", "mail_returned", "round_ends", "work_failed"}
    expected = {
        "owner": {"invitation_over", "invitation_returned"},
        "moderator": by_data | by_panel,
        "data_steward": by_data,
    }
    assert told == expected.get(role, set())
    page = client.get("/desk/").content.decode()
    assert ("Nothing waits on you" in page) == (not told)


def test_who_has_no_role_here_is_told_nothing(everything, client, by):
    client.force_login(User.objects.create_user("stranger"))
    assert client.get("/api/v1/waiting/").json() == []
    assert "LAS ranking" not in client.get("/desk/").content.decode()
    client.logout()
    assert (client.get("/api/v1/waiting/").status_code, client.get("/desk/").status_code) == (403, 302)
    assert client.post("/api/v1/waiting/").status_code in {403, 405}


def test_running_work_is_shown_and_does_not_wait(scored, desk):
    put(Scoring.objects.get(), state="running", beat_at=timezone.now(), done=3, total=8, stage="draws")
    page = desk.get("/desk/").content.decode()
    assert ("Nothing waits on you" in page, 'max="8"' in page, 'value="3"' in page) == (True, True, True)
    assert "The edition is being scored" in page


def test_desk_takes_no_more_queries_for_many_series(
    everything, desk, mo, version, by, django_assert_max_num_queries, django_assert_num_queries
):
    def count():
        with django_assert_max_num_queries(14) as made:
            assert desk.get("/desk/").status_code == 200
        return len(made)

    before = count()
    for number in range(6):
        series = Series.objects.create(slug=f"s{number}", names={"en": f"Series {number}"}, created_at=by["at"])
        for kind in (Role.Kind.OWNER, Role.Kind.MODERATOR):
            give_role(mo, series=series, kind=kind, **by)
        asked = create_panel(series, slug="p", names={"en": "P"}, **by)
        people = [add_panelist(asked, code=f"P{n}", email=f"p{n}@example.org", **by) for n in range(3)]
        round_ = open_round(plan_round(asked, version=version, **by), **by)
        closing(round_, timezone.now() + timedelta(days=1))
        for one in people:
            returned(one, round_, by["at"])
            ask_as_someone_else(one, at=by["at"])
        for slug in ("2024", "2025"):
            create_edition(series, slug=slug, framework_uid=version.uid, panel_uids=[asked.uid], **by)
    assert count() == before
    hers = series_of(mo)
    with django_assert_num_queries(7):
        assert len(waiting_on(hers, at=timezone.now())) == 8 + 6 * 3


# --- next steps ---------------------------------------------------------------------------------------------------------


def same_chain(series, roles=EVERY):
    """Compare the bulk reading of every edition with the edition's own page; returns the next steps by edition."""
    (mine,) = desk_page({series: roles}, at=timezone.now()).series
    for row in mine.editions:
        own = desk_edition_page(edition_for_desk(series, row.slug), roles)
        ours = [(step.key, step.state, step.at, step.by) for step in row.steps]
        assert ours == [(step.key, step.state, step.at, step.by) for step in own.steps]
        assert (row.next.key if row.next else "") == own.next_step
        assert (row.awaited, row.awaits_correction) == (own.awaited, own.awaits_correction)
    return {row.slug: row.next.key if row.next else "" for row in mine.editions}


@pytest.mark.parametrize("roles", [EVERY, frozenset({Actor.OBSERVER})], ids=["every role", "observer"])
def test_next_step_is_that_of_the_editions_page(series, version, panel, edition, by, roles, request, now):
    Edition.objects.create(series=series, slug="2020", created_at=by["at"])
    empty = create_panel(series, slug="empty", names={"en": "Empty"}, **by)
    create_edition(series, slug="2021", framework_uid=version.uid, panel_uids=[empty.uid], **by)
    assert same_chain(series, roles) == {"2020": "framework", "2021": "panel", "2026": "round"}
    request.getfixturevalue("opened")
    assert same_chain(series, roles)["2026"] == "round"
    consensus = request.getfixturevalue("consensus")
    assert same_chain(series, roles)["2026"] == "consensus"
    frozen = request.getfixturevalue("freeze")(edition, consensus)
    assert same_chain(series, roles)["2026"] == "data"
    dataset = request.getfixturevalue("dataset")
    use_dataset(frozen, dataset=dataset, **by)
    assert same_chain(series, roles)["2026"] == "scoring"
    request_scoring(frozen, **by)
    assert same_chain(series, roles)["2026"] == "scoring"
    put(Scoring.objects.get(), state="failed", finished_at=now())
    assert same_chain(series, roles)["2026"] == "scoring"


def test_next_step_of_carried_weights_and_of_a_round_opened_again(series, frozen, version, consensus, edition, by):
    asked = edition.panels.get().panel_uid
    following = create_edition(series, slug="2027", framework_uid=version.uid, panel_uids=[asked], **by)
    choose_consensus(following, consensus=consensus, **by)
    assert same_chain(series)["2027"] == "recipe"
    carry_weights(following, source="2026", **by)
    assert same_chain(series)["2027"] == "recipe"
    empty = create_panel(series, slug="nobody", names={"en": "Nobody"}, **by)
    bare = create_edition(series, slug="2028", framework_uid=version.uid, panel_uids=[empty.uid], **by)
    assert same_chain(series)["2028"] == "panel"
    carry_weights(bare, source="2026", **by)
    assert same_chain(series)["2028"] == "recipe"
    with unguarded(Round):
        Round.objects.update(closed_at=by["at"] + timedelta(days=1))  # opened again, and closed later
    assert same_chain(series)["2027"] == "recipe"  # what is carried was fixed


def test_weights_of_a_round_opened_again_are_to_be_computed_anew(series, edition, consensus, by):
    choose_consensus(edition, consensus=consensus, **by)
    assert same_chain(series)["2026"] == "recipe"
    with unguarded(Round):
        Round.objects.update(closed_at=by["at"] + timedelta(days=1))
    assert same_chain(series)["2026"] == "consensus"


def test_released_edition_has_no_next_step_until_its_data_change(series, release, corrected, by):
    assert same_chain(series) == {"2026": ""}
    use_dataset(release.edition, dataset=corrected, **by)
    assert same_chain(series) == {"2026": "scoring"}
    scoring = request_scoring(release.edition, **by)
    put(scoring, state="done")
    assert same_chain(series) == {"2026": "release"}


def test_next_step_is_said_with_its_link(opened, edition, desk):
    page = desk.get("/desk/").content.decode()
    assert "Round 1: 6 of 7 have handed in" in page
    assert 'href="/desk/las/2026/#round"' in page


@pytest.mark.parametrize(
    ("state", "says"),
    [({"state": "failed"}, "The edition was not scored"), ({"state": "done"}, "Release the edition")],
)
def test_next_step_of_scored_edition(scored, desk, state, says):
    put(Scoring.objects.get(), **state)
    assert says in desk.get("/desk/").content.decode().partition('id="editions"')[2]


def test_released_edition_says_so(release, desk):
    assert re.search(r"Release 1.0 of [^<]*2026", desk.get("/desk/").content.decode())


def test_correction_and_planned_round_are_said(release, corrected, series, version, desk, by):
    use_dataset(release.edition, dataset=corrected, **by)
    put(request_scoring(release.edition, **by), state="done")
    other = create_panel(series, slug="other", names={"en": "Other"}, **by)
    add_panelist(other, code="R1", **by)
    plan_round(other, version=version, **by)
    create_edition(series, slug="2027", framework_uid=version.uid, panel_uids=[other.uid], **by)
    page = desk.get("/desk/").content.decode()
    assert ("Release the correction" in page, "Open round 1" in page) == (True, True)


def test_who_may_not_take_the_step_reads_who_does(frozen, client, series, by):
    client.force_login(user := User.objects.create_user("reader"))
    give_role(user, series=series, kind=Role.Kind.OBSERVER, **by)
    table = client.get("/desk/").content.decode().partition('id="editions"')[2]
    assert ("Bring the data" in table, "#data" in table, "This step is taken by:" in table) == (True, False, True)


# --- the empty desk -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("may_begin", [True, False])
def test_empty_desk_says_how_to_begin(client, release, may_begin):
    user = User.objects.create_user("new", is_superuser=may_begin)
    client.force_login(user)
    page = client.get("/desk/").content.decode()
    assert ("/series/begin/" in page) == may_begin
    assert ("Wait for a role" in page) != may_begin
    assert ('href="/s/las/"' in page, "The way of an edition" in page) == (True, True)
    assert page.count('class="button"') == (1 if may_begin else 0)


def test_empty_desk_without_a_demonstration_shows_none(client, db):
    client.force_login(User.objects.create_user("new"))
    assert "Look at the demonstration" not in client.get("/desk/").content.decode()


def test_series_without_an_edition_is_listed(series, desk):
    page = desk.get("/desk/").content.decode()
    assert ("No edition yet." in page, "/people/las/" in page) == (True, True)
