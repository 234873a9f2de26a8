"""Arriving: consent, name and practice; declining and stopping mails from the mail; what moderators see of it."""

import csv
import io
import logging
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Series
from surveys.errors import BadPanelError, RoundStateError
from surveys.models import Device, Judgement, LinkRequest, Mail, Panel, Panelist
from surveys.queries.desk.people import people_of
from surveys.queries.panelist.invitation import masked, shortened
from surveys.queries.panelist.links import link_for, personal_token
from surveys.usecases import arrivals, requests
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.rounds import announce_close, close_round, open_round, plan_round
from surveys.wording.clock import in_zone
from tests.guards import unguarded

pytestmark = pytest.mark.django_db

ARABIC = "مُحَمَّد"  # with its vowel marks
NAMES = ["王伟", ARABIC, "Nguyễn Thị Hồng", "O’Brien-Ñandú", "Анна"]


@pytest.fixture
def token(opened, panelists):
    return personal_token(panelists["P1"])


def address(name, token, **more):
    return reverse(f"surveys:{name}", kwargs={"token": token, **more})


def read(panelist):
    return Panelist.objects.get(pk=panelist.pk)


# --- small words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Person 1", "P… 1"),
        ("王伟", "王…"),
        ("王", "…"),
        (ARABIC, "مُ…"),
        ("Anna Maria Rossi", "A… i"),
        ("Li", "L…"),
        ("A B", "A…"),
        ("", "…"),
    ],
)
def test_name_is_shortened_and_never_whole(name, short):
    assert shortened(name) == short
    assert not name or name not in short


@pytest.mark.parametrize(
    ("email", "told"), [("anna@example.org", "a…@e…org"), ("x@y.example.com", "x…@y…com"), ("", "")]
)
def test_address_is_masked(email, told):
    assert masked(email) == told


def test_moment_is_on_her_clock_with_the_zone_named(now):
    assert in_zone(now, "Asia/Shanghai") == "1 March 2026, 20:00 (Asia/Shanghai, UTC+08:00)"
    assert in_zone(now, "") == "1 March 2026, 12:00 (UTC)"
    assert in_zone(now, "Africa/Abidjan") == "1 March 2026, 12:00 (Africa/Abidjan, UTC)"


# --- beginning ----------------------------------------------------------------------------------------------------------


def test_first_page_has_consent_in_four_points_and_asks_for_no_account(client, token):
    page = client.get(address("invitation", token)).content.decode()

    for words in (
        "What for",
        "Who sees what",
        "How long it is kept",
        "How to withdraw",
        "No account is needed",
        "6 pairs",
    ):
        assert words in page
    assert page.count("<dt>") == 5  # four points, and how long it takes
    assert "password" not in page


@pytest.mark.parametrize(
    ("shown", "words"), [(True, "see your name beside how far"), (False, "nobody is shown your name")]
)
def test_first_page_says_who_sees_her_name(client, token, panel, shown, words):
    with unguarded(Panel):
        Panel.objects.update(names_shown=shown)

    assert words in client.get(address("invitation", token)).content.decode()


def test_begin_leads_over_name_and_practice_to_the_pairs_and_later_straight_there(client, token):
    assert client.post(address("start", token)).url == address("name", token)
    assert client.post(address("name", token), {"name": "Ann"}).url == address("practice", token)
    assert client.get(address("practice", token)).status_code == 200

    assert client.post(address("start", token)).url == address("pair", token)


@pytest.mark.parametrize("name", NAMES)
def test_name_of_any_script_is_kept_letter_by_letter(client, token, panelists, name):
    client.post(address("start", token))

    client.post(address("name", token), {"name": f"  {name} "})

    assert read(panelists["P1"]).name == name
    assert f'value="{name}"' in client.get(address("name", token)).content.decode()


@pytest.mark.parametrize("name", ["x" * 201, "two\nlines", "bell\a"])
def test_name_that_is_no_line_of_text_is_refused_and_nothing_stored(client, token, panelists, name):
    client.post(address("start", token))

    page = client.post(address("name", token), {"name": name})

    assert page.status_code == 422
    assert 'class="error"' in page.content.decode()
    assert (read(panelists["P1"]).name, read(panelists["P1"]).named_at) == ("Name 1", None)
    with pytest.raises(BadPanelError):
        arrivals.give_name(panelists["P1"], name=name, at=panelists["P1"].panel.created_at)


def test_practice_names_the_items_chooses_nothing_and_keeps_nothing(client, token):
    client.post(address("start", token))

    page = client.get(address("practice", token)).content.decode()
    tried = client.get(address("practice", token), {"value": "5"}).content.decode()
    odd = client.get(address("practice", token), {"value": "none"})

    assert "Mobility matters <b>much</b> more" in page
    assert " checked" not in page
    assert "Skip the practice" in page
    assert "Mobility matters 5 times as much as Energy." in tried
    assert odd.status_code == 200
    assert Judgement.objects.count() == 0


def test_nobody_new_begins_once_the_end_is_announced_and_who_began_goes_on(client, token, opened, panelists, now):
    begun = personal_token(panelists["P2"])
    client.post(address("start", begun))
    announce_close(opened, finish_until=timezone.now() + timedelta(hours=1), by="mo", at=now)

    page = client.get(address("invitation", token)).content.decode()
    client.post(address("start", token))

    assert "nobody new can start" in page
    assert "start/" not in page
    assert read(panelists["P1"]).started_at is None
    assert not Device.objects.filter(panelist=panelists["P1"]).exists()
    with pytest.raises(RoundStateError):
        arrivals.start(link_for(token), device="d", at=now)
    assert Client().post(address("start", begun)).status_code == 302


def test_closed_round_opens_to_her_device_and_starts_nothing(client, token, opened, panelists, now):
    close_round(opened, by="mo", at=now)

    client.post(address("start", token))

    assert client.get(address("review", token), follow=True).status_code == 200
    assert read(panelists["P1"]).started_at is None


def test_link_of_a_closed_round_asks_for_nothing(client, token, opened, now):
    close_round(opened, by="mo", at=now)

    page = client.get(address("invitation", token)).content.decode()

    assert "This round is closed." in page
    assert "You are asked" not in page
    assert "Before you begin" not in page
    assert "Open my page" in page


# --- looking is not acting ----------------------------------------------------------------------------------------------


def test_scanner_may_get_and_head_every_link_ten_times(client, token, panelists, caplog):
    caplog.set_level(logging.INFO, logger="steelyard")
    caplog.clear()
    before = Panelist.objects.values().get(pk=panelists["P1"].pk)

    for name in ("invitation", "decline", "stop_mails"):
        for _ in range(10):
            scanner = Client()
            assert scanner.get(address(name, token)).status_code == 200
            assert scanner.head(address(name, token)).status_code == 200

    told = {record.name for record in caplog.records if record.name.startswith("steelyard")}
    assert told == {"steelyard.visits"}
    assert sum(str(panelists["P1"].uid) in record.getMessage() for record in caplog.records) == 60
    assert Panelist.objects.values().get(pk=panelists["P1"].pk) == before
    assert client.post(address("start", token)).status_code == 302
    assert client.get(address("pair", token)).status_code == 200


def test_nobody_declines_for_her_with_a_link_that_is_in_use(client, token, panelists):
    client.post(address("start", token))
    stranger = Client()

    assert stranger.get(address("decline", token)).url == address("invitation", token)
    assert stranger.post(address("decline", token)).url == address("invitation", token)
    assert read(panelists["P1"]).declined_at is None
    assert stranger.post(address("stop_mails", token), {"List-Unsubscribe": "One-Click"}).status_code == 204


@pytest.mark.parametrize(("page", "field"), [("decline", "declined_at"), ("stop_mails", "mails_stopped_at")])
def test_wish_is_taken_by_post_on_any_device_and_taken_back(client, token, panelists, caplog, page, field):
    caplog.set_level(logging.INFO, logger="steelyard.acts")
    for _ in range(2):
        client.post(address(page, token))
    assert getattr(read(panelists["P1"]), field) is not None
    assert "undo" in client.get(address(page, token)).content.decode()

    client.post(address(page, token), {"undo": "1"})

    assert getattr(read(panelists["P1"]), field) is None
    acts = [
        one for one in caplog.records if one.name == "steelyard.acts" and str(panelists["P1"].uid) in one.getMessage()
    ]
    assert len([one for one in acts if " added " not in one.getMessage()]) == 2
    assert "Name 1" not in caplog.text


def test_mail_program_stops_mails_by_one_click_without_cookie_or_form(token, panelists):
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post(address("stop_mails", token), {"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, answer.content) == (204, b"")
    assert read(panelists["P1"]).mails_stopped_at is not None
    assert strict.post(address("decline", token)).status_code == 403


def test_beginning_takes_a_refusal_back(client, token, panelists):
    client.post(address("decline", token))
    assert "take part after all" in client.get(address("invitation", token)).content.decode()

    client.post(address("start", token))

    assert read(panelists["P1"]).declined_at is None


# --- what moderators see ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "device", "told"),
    [
        ("", "Asia/Tokyo", "(Asia/Tokyo, UTC+09:00)"),
        ("America/Bogota", "Asia/Tokyo", "(America/Bogota, UTC-05:00)"),
        ("", "", "(UTC)"),
        ("", "Nowhere/Land", "(UTC)"),
        ("", "Africa", "(UTC)"),
        ("", "../../etc/passwd", "(UTC)"),
        ("", "a" * 4000, "(UTC)"),
    ],
)
def test_pages_follow_her_time_zone_or_else_the_device_and_keep_nothing_of_it(
    client, opened, panelists, token, own, device, told
):
    Panelist.objects.filter(code="P1").update(time_zone=own)
    with unguarded(type(opened)):
        type(opened).objects.update(closes_at=timezone.now() + timedelta(days=20))
    client.cookies["zone"] = device

    assert told in client.get(reverse("surveys:invitation", kwargs={"token": token})).content.decode()
    client.post(reverse("surveys:start", kwargs={"token": token}))
    assert Panelist.objects.get(code="P1").time_zone == own


def desk(name, opened, **more):
    return reverse(f"surveys:{name}", kwargs={"series": "las", "uid": opened.uid, **more})


@pytest.mark.parametrize("name", NAMES)
def test_name_stands_unchanged_in_list_and_file_where_that_was_promised(client, opened, panel, panelists, people, name):
    with unguarded(Panel):
        Panel.objects.update(names_shown=True)
    arrivals.give_name(panelists["P1"], name=name, at=panel.created_at)
    client.force_login(people["alice"])

    page = client.get(desk("desk_round", opened)).content.decode()
    file = client.get(desk("people_file", opened)).content.decode("utf-8-sig")

    assert f'<bdi class="name">{name}</bdi>' in page
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(file))}
    assert rows["P1"]["name"] == name


def test_names_are_in_neither_list_nor_file_where_codes_were_promised(client, opened, people):
    client.force_login(people["alice"])

    page = client.get(desk("desk_round", opened)).content.decode()
    file = client.get(desk("people_file", opened)).content.decode()

    assert "promised that names are not shown" in page
    assert "Name 1" not in page + file
    assert "name" not in file.splitlines()[0].split(",")


def test_name_that_looks_like_a_formula_is_not_computed(client, opened, panel, panelists, people):
    with unguarded(Panel):
        Panel.objects.update(names_shown=True)
    Panelist.objects.filter(pk=panelists["P1"].pk).update(name="=cmd|x")
    client.force_login(people["alice"])

    assert "'=cmd|x" in client.get(desk("people_file", opened)).content.decode()


def test_list_tells_states_and_mails(opened, panelists, answer_all, now):
    arrivals.decline(panelists["P1"], at=now)
    arrivals.start(link_for(personal_token(panelists["P2"])), device="d", at=now)
    Mail.objects.filter(panelist=panelists["P3"]).update(state="failed", error_code="recipient_refused")

    told = people_of(opened, at=now + timedelta(days=4))

    assert [(one.code, one.state, one.invitation) for one in told.people] == [
        ("P1", "declined", "queued"),
        ("P2", "started", "queued"),
        ("P3", "invited", "failed"),
    ]
    assert told.to_remind == ("P2",)


OF_REQUESTS = ("settle_request", "mail_link")


@pytest.mark.parametrize("name", ["people_file", "remind", *OF_REQUESTS])
def test_people_are_for_the_moderators_of_the_series_alone(client, opened, panelists, people, now, name):
    asked = requests.ask_as_someone_else(panelists["P1"], at=now)
    where = desk(name, opened, **({"request_uid": asked.uid} if name in OF_REQUESTS else {}))
    call = client.get if name == "people_file" else client.post

    assert call(where).url.startswith("/sign-in/")
    client.force_login(people["bob"])
    assert call(where).status_code == 404
    client.force_login(people["alice"])
    assert call(where).status_code in {200, 302}
    assert LinkRequest.objects.get().state == ("done" if name in OF_REQUESTS else "open")


def test_request_of_another_panel_is_not_settled_here(client, opened, people, now, version):
    other = create_panel(Series.objects.get(slug="other"), slug="x", names={"en": "X"}, by="mo", at=now)
    stranger = add_panelist(other, code="Z1", by="mo", at=now)
    open_round(plan_round(other, version=version, by="mo", at=now), by="mo", at=now)
    asked = requests.ask_as_someone_else(stranger, at=now)
    client.force_login(people["alice"])

    assert client.post(desk("settle_request", opened, request_uid=asked.uid)).status_code == 404
    assert client.post(desk("settle_request", opened, request_uid=uuid.uuid4())).status_code == 404


def test_reminder_reaches_whom_the_moderator_saw_and_never_twice(client, opened, panelists, people):
    client.force_login(people["alice"])
    page = client.get(desk("desk_round", opened)).content.decode()  # invited long ago, by the clock of the tests
    assert "Remind 3 people" in page

    for _ in range(2):
        client.post(desk("remind", opened), {"code": ["P1", "P3", "P77"]})

    assert sorted(Mail.objects.filter(kind="reminder").values_list("panelist__code", flat=True)) == ["P1", "P3"]


def test_round_page_costs_the_same_for_any_number_of_people(
    client, opened, panel, people, now, django_assert_num_queries
):
    client.force_login(people["alice"])
    client.get(desk("desk_round", opened))
    with CaptureQueriesContext(connection) as few:
        client.get(desk("desk_round", opened))
    for number in range(20):
        one = add_panelist(panel, code=f"Q{number}", email=f"q{number}@example.org", by="mo", at=now)
        requests.ask_as_someone_else(one, at=now)

    with django_assert_num_queries(len(few)):
        client.get(desk("desk_round", opened))


@pytest.mark.parametrize("language", ["ar", "zh-hans", "en"])
def test_every_language_is_named_in_itself(client, token, language):
    page = client.get(address("invitation", token), headers={"accept-language": language}).content.decode()

    for name in ("English", "العربية", "简体中文", "Français", "Русский", "Português"):
        assert f">{name}</button>" in page
    assert page.count('aria-current="true"') == 1
