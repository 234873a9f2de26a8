"""Panels and their people through the use-cases: begun, taken in, mended, exempted, replaced, taken out, withdrawn, invited."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from accounts.models import Series
from surveys.errors import BadPanelError, PanelistStateError, RoundStateError
from surveys.models import Judgement, Mail, Panel, Panelist
from surveys.queries.desk.panel_page import panel_page, person_page
from surveys.queries.desk.people import owed_an_invitation, to_remind
from surveys.queries.panelist.links import link_token
from surveys.usecases.arrivals import decline, start, take_part
from surveys.usecases.judgements import record_judgement
from surveys.usecases.mails import send_mail
from surveys.usecases.panel_mails import invite_owed_people
from surveys.usecases.panel_people import (
    change_panelist,
    exempt_panelist,
    readmit_panelist,
    replace_panelist,
    take_in_people,
    take_out_panelist,
    withdraw_on_request,
)
from surveys.usecases.panels import begin_panel, plan_balance
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round
from surveys.usecases.withdrawals import withdraw
from surveys.values.panel_people import NewPerson
from tests.guards import unguarded

pytestmark = pytest.mark.django_db
RITA = NewPerson("rita@example.org", name="Rita", group="academia", language="fr", time_zone="Africa/Tunis")


@pytest.fixture
def by(now):
    return {"by": "mo", "at": now}


@pytest.fixture
def late(opened, panel, by):
    """Rita, who came into the panel while its round was open: P04."""
    return take_in_people(panel, [RITA], **by)[0]


def mail_of(panelist, **found):
    return Mail.objects.get(panelist=panelist, kind="invitation", **found)


# --- panels ---------------------------------------------------------------------------------------------------------------


def test_panel_is_begun_under_a_slug_made_from_its_name(series, by):
    made = [
        begin_panel(series, names=names, **by)
        for names in ({"fr": " Été ", "en": ""}, {"ar": "لجنة"}, {"fr": "Été"}, {"en": "x" * 60})
    ]

    assert [one.slug for one in made] == ["ete", "panel", "ete-2", "x" * 40]
    assert (made[0].names, made[0].names_shown) == ({"fr": "Été"}, False)


@pytest.mark.parametrize("names", [{}, {"en": " "}, {"xx": "Panel"}])
def test_panel_without_a_name_is_not_begun(series, by, names):
    with pytest.raises(BadPanelError) as refused:
        begin_panel(series, names=names, **by)

    assert (refused.value.facts["field"], Panel.objects.count()) == ("names", 0)


def test_plan_is_kept_without_zeros(panel, by):
    plan_balance(panel, plan={"group": {" academia ": 6, "industry": 0}, "language": {"ar": 2}}, **by)

    assert Panel.objects.get().plan == {"group": {"academia": 6}, "language": {"ar": 2}}


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ({"age": {"old": 1}}, "plan"),
        ({"group": {" ": 1}}, "group"),
        ({"field": {"x" * 101: 1}}, "field"),
        ({"language": {"de": 1}}, "language"),
        ({"group": {"academia": -1}}, "group"),
        ({"group": {"academia": 10_001}}, "group"),
    ],
)
def test_plan_that_makes_no_sense_is_refused(panel, by, plan, field):
    with pytest.raises(BadPanelError) as refused:
        plan_balance(panel, plan=plan, **by)

    assert (refused.value.facts["field"], Panel.objects.get().plan) == (field, None)


# --- taken in -------------------------------------------------------------------------------------------------------------


def test_people_get_the_next_free_codes_and_no_mail(panel, by):
    Panel.objects.update(names_shown=True)
    people = [RITA, replace(RITA, email="omar@example.org")]

    made = take_in_people(panel, people, **by)

    assert [(one.code, one.email) for one in made] == [("P04", "rita@example.org"), ("P05", "omar@example.org")]
    kept = Panelist.objects.get(code="P04")
    assert (kept.name, kept.group, kept.language, kept.time_zone, kept.weight) == (
        "Rita",
        "academia",
        "fr",
        "Africa/Tunis",
        1.0,
    )
    assert (kept.links.count(), Mail.objects.count()) == (1, 0)


def test_codes_tell_no_order_where_names_are_not_shown(series, by):
    panel = begin_panel(series, names={"en": "Silent"}, **by)
    people = [replace(RITA, email=f"p{number:02d}@example.org") for number in range(40)]

    made = take_in_people(panel, people, **by)

    assert [one.code for one in made] == [f"P{number:02d}" for number in range(1, 41)]  # and so in the log
    assert [one.email for one in made] != [one.email for one in people]


@pytest.mark.parametrize(
    ("changed", "field", "why"),
    [
        ({"email": ""}, "email", "required"),
        ({"email": "rita@"}, "email", "invalid"),
        ({"email": "P1@example.ORG"}, "email", "taken"),
        ({"email": f"{'r' * 60}@{'e' * 63}.{'e' * 63}.{'e' * 63}.org"}, "email", "too_long"),
        ({"name": "R" * 201}, "name", "too_long"),
        ({"name": "Ri\nta"}, "name", "invalid"),
        ({"group": "g" * 101}, "group", "too_long"),
        ({"field": "\u202efield"}, "field", "invalid"),
        ({"language": ""}, "language", "required"),
        ({"language": "de"}, "language", "unknown"),
        ({"time_zone": "Europe/Nowhere"}, "time_zone", "unknown"),
        ({"weight": -1.0}, "weight", "invalid"),
        ({"weight": float("inf")}, "weight", "invalid"),
        ({"weight": float("nan")}, "weight", "invalid"),
    ],
)
def test_one_fault_refuses_all(panel, by, changed, field, why):
    with pytest.raises(BadPanelError) as refused:
        take_in_people(panel, [RITA, replace(RITA, **{"email": "omar@example.org"} | changed)], **by)

    assert {name: refused.value.facts[name] for name in ("row", "field", "why")} == {
        "row": 1,
        "field": field,
        "why": why,
    }
    assert "omar" not in str(refused.value)
    assert Panelist.objects.count() == 3


def test_same_address_twice_is_refused(panel, by):
    with pytest.raises(BadPanelError) as refused:
        take_in_people(panel, [RITA, replace(RITA, email="RITA@example.org")], **by)

    assert refused.value.facts["why"] == "taken"


def test_joiners_of_letters_are_text(panel, by):
    take_in_people(panel, [replace(RITA, name="می\u200cخواهم")], **by)

    assert Panelist.objects.get(code="P04").name == "می\u200cخواهم"


@pytest.mark.parametrize("number", [0, 501])
def test_too_few_or_too_many_at_once_are_refused(panel, by, number):
    with pytest.raises(BadPanelError, match="at once"):
        take_in_people(panel, [RITA] * number, **by)


def test_nobody_is_taken_into_a_panel_whose_addresses_are_destroyed(panel, by, now):
    Panel.objects.update(pairs_destroyed_at=now)

    with pytest.raises(PanelistStateError) as refused:
        take_in_people(panel, [RITA], **by)

    assert refused.value.facts == {"reason": "destroyed"}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_who_take_in_the_same_person_take_her_in_once(panel, by):
    done = []

    def take_in():
        try:
            take_in_people(Panel.objects.get(), [RITA], **by)
            done.append("in")
        except BadPanelError as refused:
            done.append(refused.facts["why"])
        finally:
            connection.close()

    both = [threading.Thread(target=take_in) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert sorted(done) == ["in", "taken"]
    assert Panelist.objects.filter(email=RITA.email).count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_who_invite_at_once_mail_once(opened, panel, by):
    take_in_people(panel, [RITA], **by)
    queued, both = [], threading.Barrier(2)

    def invite():
        both.wait()
        queued.append(len(invite_owed_people(opened, **by)))
        connection.close()

    threads = [threading.Thread(target=invite) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(queued) == [0, 1]


# --- changed --------------------------------------------------------------------------------------------------------------


def test_change_touches_no_answer(opened, panelists, by, now):
    record_judgement(panelists["P1"], opened, a="A", b="B", value=3, at=now)
    before = list(Judgement.objects.values())

    change_panelist(panelists["P1"], language="pt", time_zone="Africa/Luanda", field="energy", **by)
    change_panelist(panelists["P1"], group="industry", weight=0.5, **by)

    kept = Panelist.objects.get(code="P1")
    assert (kept.language, kept.time_zone, kept.field) == ("pt", "Africa/Luanda", "energy")
    assert (kept.group, kept.weight, kept.email) == ("industry", 0.5, "p1@example.org")
    assert list(Judgement.objects.values()) == before
    assert mail_of(kept).superseded_at is None


def test_change_to_what_stands_is_none(panelists, by, caplog):
    caplog.set_level("INFO", "steelyard.acts")

    change_panelist(panelists["P1"], group="academia", **by)

    assert caplog.messages == []


@pytest.mark.parametrize(
    ("said", "field", "why"),
    [
        ({"email": "p1"}, "email", "invalid"),
        ({"email": "P2@example.org"}, "email", "taken"),
        ({"language": "de"}, "language", "unknown"),
        ({"weight": -1.0}, "weight", "invalid"),
    ],
)
def test_bad_change_changes_nothing(panelists, by, said, field, why):
    with pytest.raises(BadPanelError) as refused:
        change_panelist(panelists["P1"], **said, **by)

    assert (refused.value.facts["field"], refused.value.facts["why"]) == (field, why)
    assert Panelist.objects.get(code="P1").email == "p1@example.org"


def test_who_came_without_an_address_may_change_all_the_same(panelists, by):
    Panelist.objects.filter(code="P1").update(email="")

    assert change_panelist(panelists["P1"], language="fr", **by).language == "fr"


def test_own_address_in_other_letters_is_hers(panelists, by):
    with unguarded(Panel):
        Panel.objects.update(names_shown=True)
    she = Panelist.objects.get(code="P1")

    assert change_panelist(she, email="P1@example.org", **by).email == "P1@example.org"


@pytest.mark.parametrize("email", ["p1@example.org", "P1@example.org", "p2@example.org"])
def test_refusals_do_not_tell_whose_a_code_is_where_names_are_hidden(panelists, by, email):
    """Her own address is refused as another's is: trying addresses on a code tells nothing."""
    with pytest.raises(BadPanelError) as refused:
        change_panelist(panelists["P1"], email=email, **by)

    assert refused.value.facts == {"field": "email", "why": "taken", "row": 0}


def test_address_stays_once_she_has_begun_with_it(panelists, by, now):
    Panelist.objects.filter(code="P1").update(started_at=now)

    with pytest.raises(PanelistStateError) as refused:
        change_panelist(panelists["P1"], email="elsewhere@example.org", **by)
    assert refused.value.facts == {"reason": "begun"}


def test_who_declines_herself_is_not_asked_again_by_others(panelists, by, now):
    she = exempt_panelist(panelists["P1"], **by)
    decline(she, at=now + timedelta(hours=1))

    with pytest.raises(PanelistStateError):
        readmit_panelist(she, **by)


@pytest.mark.parametrize("said", [{"weight": 2.0}, {"group": "industry"}])
def test_group_and_weight_stay_once_they_count(opened, panelists, by, said):
    close_round(opened, **by)

    with pytest.raises(PanelistStateError) as refused:
        change_panelist(panelists["P1"], **said, **by)

    assert refused.value.facts == {"reason": "weighed"}
    assert change_panelist(panelists["P1"], field="energy", **by).field == "energy"


def test_who_withdrew_is_not_changed(panelists, by, now):
    withdraw(panelists["P1"], at=now)

    for act in (change_panelist, exempt_panelist, readmit_panelist, take_out_panelist, withdraw_on_request):
        with pytest.raises(PanelistStateError) as refused:
            act(panelists["P1"], **by)
        assert refused.value.facts == {"reason": "withdrawn"}


# --- owed an invitation ---------------------------------------------------------------------------------------------------


def test_late_person_is_owed_an_invitation_and_never_reminded(opened, late, now, by, mailoutbox):
    assert list(owed_an_invitation(opened)) == [late]
    assert late not in to_remind(opened, at=now + timedelta(days=9))

    assert [one.panelist for one in invite_owed_people(opened, **by)] == [late]
    assert invite_owed_people(opened, **by) == []
    send_mail(mail_of(late).pk, now=lambda: now)

    assert [one.to for one in mailoutbox] == [["rita@example.org"]]
    assert "invit" in mailoutbox[0].body
    assert late in to_remind(opened, at=now + timedelta(days=9))


def test_nobody_is_invited_who_was_not_seen(opened, late, by):
    assert invite_owed_people(opened, only=["P1", "P99"], **by) == []
    assert [one.panelist for one in invite_owed_people(opened, only=["P04"], **by)] == [late]


def test_nobody_is_invited_to_a_round_that_is_not_open(planned, opened, late, by):
    close_round(opened, **by)

    with pytest.raises(RoundStateError):
        invite_owed_people(opened, **by)
    assert not Mail.objects.filter(panelist=late).exists()


def test_corrected_address_is_invited_once(opened, panelists, by, now, mailoutbox):
    she = panelists["P1"]
    send_mail(mail_of(she).pk, now=lambda: now)

    change_panelist(she, email="p1@example.com", **by)
    for _ in range(2):
        for one in invite_owed_people(opened, **by):
            send_mail(one.pk, now=lambda: now)

    assert [one.to for one in mailoutbox] == [["p1@example.org"], ["p1@example.com"]]
    assert mail_of(she, superseded_at=None).state == "sent"
    token = link_token(she.uid, 1, "en")
    assert all(token in one.body for one in mailoutbox)


def test_waiting_invitation_goes_to_the_corrected_address(opened, panelists, by, now, mailoutbox):
    change_panelist(panelists["P1"], email="p1@example.com", **by)
    assert list(owed_an_invitation(opened)) == []

    send_mail(mail_of(panelists["P1"]).pk, now=lambda: now)

    assert [one.to for one in mailoutbox] == [["p1@example.com"]]


def test_links_end_where_somebody_else_has_them(opened, panelists, by, now, mailoutbox):
    she = panelists["P1"]
    send_mail(mail_of(she).pk, now=lambda: now)

    change_panelist(she, email="p1@example.com", ends_links=True, **by)

    assert [(one.number, one.ended_at is None) for one in she.links.all()] == [(1, False), (2, True)]
    change_panelist(she, language="fr", ends_links=True, **by)  # no other address: nothing was sent to somebody else
    assert she.links.count() == 2


@pytest.mark.parametrize(
    ("state", "why", "owed"),
    [
        ("sent", "", False),
        ("sending", "", False),
        ("queued", "", False),
        ("failed", "recipient_refused", False),
        ("failed", "mail_server", True),
    ],
)
def test_refused_address_is_corrected_first_and_a_silent_server_is_tried_again(opened, panelists, by, state, why, owed):
    with unguarded(Mail):
        Mail.objects.filter(panelist=panelists["P1"]).update(state=state, error_code=why)

    assert [one.code for one in owed_an_invitation(opened)] == (["P1"] if owed else [])
    assert len(invite_owed_people(opened, **by)) == owed
    assert invite_owed_people(opened, **by) == []


def test_who_answers_declines_or_hands_in_is_owed_nothing(opened, late, panel, by, now, answer_all):
    record_judgement(late, opened, a="A", b="B", value=3, at=now)
    assert list(owed_an_invitation(opened)) == []
    (other,) = take_in_people(panel, [replace(RITA, email="omar@example.org")], **by)
    assert list(owed_an_invitation(opened)) == [other]
    decline(other, at=now)
    assert list(owed_an_invitation(opened)) == []


# --- exempted, replaced, taken out, withdrawn -----------------------------------------------------------------------------


def state_of(panelist):
    page = panel_page(Panel.objects.select_related("series").get())
    return next(one.state for one in page.people if one.uid == panelist.uid)


def test_exempted_person_is_mailed_nothing_until_she_is_asked_again(opened, panelists, by, now):
    she = panelists["P1"]
    exempt_panelist(she, **by)
    assert state_of(she) == "exempted"
    assert send_mail(mail_of(she).pk, now=lambda: now) is False
    with pytest.raises(PanelistStateError) as refused:
        exempt_panelist(she, **by)
    assert refused.value.facts == {"reason": "declined"}

    readmit_panelist(she, **by)

    assert state_of(she) == "invited"
    assert list(owed_an_invitation(opened)) == [she]  # the mail that was not sent is owed


def test_own_declining_is_hers_alone(opened, panelists, by, now):
    she = panelists["P1"]
    exempt_panelist(she, **by)
    take_part(she, at=now + timedelta(hours=1))
    assert state_of(she) == "invited"
    decline(she, at=now + timedelta(hours=2))
    assert state_of(she) == "declined"

    with pytest.raises(PanelistStateError) as refused:
        readmit_panelist(she, **by)

    assert refused.value.facts == {"reason": "not_exempted"}


def test_replaced_person_is_exempted_and_the_other_is_owed_an_invitation(opened, panelists, by):
    made = replace_panelist(panelists["P1"], person=RITA, **by)

    assert (made.code, made.replaces.code, state_of(panelists["P1"])) == ("P04", "P1", "exempted")
    assert list(owed_an_invitation(opened)) == [made]
    with pytest.raises(PanelistStateError) as refused:
        replace_panelist(panelists["P1"], person=replace(RITA, email="omar@example.org"), **by)
    assert refused.value.facts == {"reason": "replaced"}


def test_bad_person_replaces_nobody(opened, panelists, by):
    with pytest.raises(BadPanelError):
        replace_panelist(panelists["P1"], person=replace(RITA, email="p2@example.org"), **by)

    assert (state_of(panelists["P1"]), Panelist.objects.count()) == ("invited", 3)


@pytest.mark.parametrize("ended", [decline, withdraw])
def test_who_declined_or_withdrew_is_replaced_too(opened, panelists, by, now, ended):
    ended(panelists["P1"], at=now)

    replace_panelist(panelists["P1"], person=RITA, **by)

    assert state_of(panelists["P1"]) == {"decline": "declined", "withdraw": "withdrawn"}[ended.__name__]


def test_who_was_never_invited_leaves_nothing(panel, panelists, by):
    take_out_panelist(panelists["P1"], **by)

    assert [one.code for one in panel.panelists.all()] == ["P2", "P3"]


def test_who_was_invited_began_or_answered_is_not_taken_out(planned, panelists, by, now):
    record = Judgement.objects.create
    pair = planned.comparisons.first()
    record(panelist=panelists["P1"], comparison=pair, value=2.0, version=1, at=now)
    Panelist.objects.filter(code="P2").update(started_at=now)
    Mail.objects.create(panelist=panelists["P3"], round=planned, kind="invitation", queued_at=now)

    for code, reason in (("P1", "answered"), ("P2", "invited"), ("P3", "invited")):
        with pytest.raises(PanelistStateError) as refused:
            take_out_panelist(panelists[code], **by)
        assert refused.value.facts == {"reason": reason}


def test_withdrawal_on_request_does_what_her_own_does(opened, panelists, by, now):
    record_judgement(panelists["P1"], opened, a="A", b="B", value=3, at=now)

    done = withdraw_on_request(panelists["P1"], **by)

    assert (done.deleted, done.kept, state_of(panelists["P1"])) == (1, 0, "withdrawn")
    assert Panelist.objects.get(code="P1").email == ""


# --- what is read ---------------------------------------------------------------------------------------------------------


def test_page_of_a_panel_asks_few_questions(panel, opened, late, django_assert_max_num_queries, by, now):
    people = [replace(RITA, email=f"q{number}@example.org") for number in range(30)]
    take_in_people(panel, people, **by)

    with django_assert_max_num_queries(8):
        page = panel_page(panel)
    with django_assert_max_num_queries(14):
        person_page(panel, late.uid)

    assert (len(page.people), len(page.owed), page.asked, page.handed) == (34, 31, 34, 0)


def test_states_are_of_the_round_that_opened_last(panel, panelists, planned, by, now, answer_all):
    assert {one.state for one in panel_page(panel).people} == {""}
    opened = open_round(planned, **by)
    link = panelists["P2"].links.get()
    start(link, device="d", at=now)
    record_judgement(panelists["P1"], opened, a="A", b="B", value=3, at=now)
    assert [one.state for one in panel_page(panel).people] == ["started", "started", "invited"]
    close_round(opened, **by)
    (other,) = take_in_people(panel, [RITA], by="mo", at=now + timedelta(days=1))
    assert state_of(other) == ""
    assert person_page(panel, other.uid).open_round is None


def test_balance_tells_no_small_group(series, version, by, now, answer_all):
    panel = begin_panel(series, names={"en": "Many"}, names_shown=True, **by)
    groups = ["academia"] * 6 + ["industry"] * 5 + ["city"] * 3
    people = [replace(RITA, email=f"p{n}@example.org", group=group) for n, group in enumerate(groups)]
    made = take_in_people(panel, people, **by)
    opened = open_round(plan_round(panel, version=version, seed=1, **by), **by)
    for one in made[:13]:  # six, five and two
        answer_all(one, opened)
        submit_round(one, opened, at=now)
    plan_balance(panel, plan={"group": {"academia": 6, "city": 5, "none yet": 2}}, **by)

    part = next(one for one in panel_page(Panel.objects.select_related("series").get(pk=panel.pk)).balance)

    told = {
        row.name: (row.planned, row.people, row.invited, row.begun, row.handed_in, row.missing) for row in part.rows
    }
    assert told == {
        "academia": (6, 6, 6, 6, 6, 0),
        "city": (5, 3, 3, None, None, 2),  # with industry told too, two of the city would stand alone
        "industry": (None, 5, 5, None, None, -5),
        "none yet": (2, 0, 0, None, None, 2),
    }


def test_name_and_address_are_told_only_where_that_was_promised(panel, panelists):
    she = panelists["P1"]
    page = person_page(panel, she.uid)
    assert (page.email, page.person.name, page.has_address) == ("", "", True)
    Panel.objects.update(names_shown=True)

    page = person_page(Panel.objects.select_related("series").get(), she.uid)

    assert (page.email, page.person.name) == ("p1@example.org", "Name 1")


def test_panel_of_another_series_is_not_touched(series, panel, by):
    other = Series.objects.create(slug="other", names={"en": "Other"}, created_at=by["at"])

    assert begin_panel(other, names={"en": "Panel"}, **by).slug == "panel"
