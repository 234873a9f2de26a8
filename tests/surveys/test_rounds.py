"""A round that follows another: what it asks, what it shows of the one before, what of both counts."""

import re
import uuid
from datetime import timedelta

import numpy as np
import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from surveys import handover
from surveys.errors import BadDateError, NotAskedError, OverlapError, RoundStateError
from surveys.files.judgements import write_judgements
from surveys.models import Comment, Judgement, Mail, Panelist, Round
from surveys.queries.desk.people import people_of
from surveys.queries.desk.round_progress import round_page
from surveys.queries.panelist.links import personal_token
from surveys.queries.panelist.own_page import own_page
from surveys.queries.panelist.previous_round import divided_pairs, earlier_answers
from surveys.queries.panelist.sheet import panelist_sheet
from surveys.queries.rounds import asked_in, asks
from surveys.usecases.following import keep_earlier
from surveys.usecases.judgements import choose_for_node, record_judgement
from surveys.usecases.panels import add_panelist
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round
from surveys.usecases.withdrawals import Withdrawal, withdraw
from tests.surveys.by_code import by_code

pytestmark = pytest.mark.django_db
DIVIDED = {"A/B": (9, 5, 1, 1 / 5, 1 / 9)}  # all other pairs: 2


@pytest.fixture
def five(panel, panelists, now):
    """Five panelists, in order of their codes."""
    for number in (4, 5):
        add_panelist(panel, code=f"P{number}", email=f"p{number}@example.org", by="mo", at=now)
    return list(panel.panelists.order_by("code"))


@pytest.fixture
def first(five, opened, now):
    """The first round, closed: five people answered all, divided on A and B alone, each with a reason."""
    for panelist, value in zip(five, DIVIDED["A/B"], strict=True):
        for pair in opened.comparisons.select_related("a", "b"):
            given = value if (pair.a.code, pair.b.code) == ("A", "B") else 2
            comment = f"reason of {panelist.code[1]}" if given != 2 else ""
            pair_of = {"a": pair.a.code, "b": pair.b.code}
            record_judgement(panelist, opened, **pair_of, value=given, taken_from="finer", comment=comment, at=now)
        submit_round(panelist, opened, at=now)
    return close_round(opened, by="mo", at=now)


@pytest.fixture
def plan_again(panel, version, first, now):
    def plan(pairs=(("A", "B"),), **more):
        return plan_round(panel, version=version, follows=first, pairs=pairs, by="mo", at=now, **more)

    return plan


@pytest.fixture
def second(plan_again, now):
    return open_round(plan_again(), by="mo", at=now)


# --- planning -------------------------------------------------------------------------------------------------------


def test_pairs_that_divide_the_panel_come_first(first):
    pairs = divided_pairs(first)

    assert [pair.codes for pair in pairs if pair.is_divided] == [("A", "B")]
    assert pairs[0].spread.answered == 5
    assert (pairs[0].spread.median, pairs[0].spread.low, pairs[0].spread.high) == pytest.approx((1, 1 / 5, 5))
    assert len(pairs) == 6


def test_pair_with_four_answers_is_not_told(five, first, now):
    type(five[0]).objects.filter(code="P5").update(withdrawn_at=now)

    assert divided_pairs(first) == ()


def test_following_round_asks_the_chosen_pairs_and_invites_for_them(second, five):
    assert list(second.comparisons.values_list("a__code", "b__code")) == [("A", "B")]
    assert Mail.objects.filter(round=second, kind="invitation").count() == 5
    assert panelist_sheet(five[0], second).total == 1


def test_refused_plans_leave_no_round(panel, version, first, plan_again, now):
    for pairs, error in (
        ([("A", "A1")], NotAskedError),
        ([], NotAskedError),
        ([("A", "B"), ("X", "Y")], NotAskedError),
    ):
        with pytest.raises(error):
            plan_again(pairs)
    with pytest.raises(BadDateError):
        plan_again(closes_at=now - timedelta(days=1))
    assert Round.objects.count() == 1


def test_only_a_closed_round_of_the_same_panel_is_followed(panel, version, opened, now):
    with pytest.raises(RoundStateError):
        plan_round(panel, version=version, follows=opened, by="mo", at=now)


def test_second_round_may_not_open_beside_another(second, plan_again, now):
    with pytest.raises(OverlapError):
        open_round(plan_again(), by="mo", at=now)


# --- answering ------------------------------------------------------------------------------------------------------


def test_her_answer_the_groups_and_reasons_stand_beside_the_pair(second, five):
    seen = earlier_answers(five[1], second)[frozenset("AB")]

    assert (seen.own, seen.group.median, seen.group.answered) == pytest.approx((5, 1, 5))
    assert set(seen.reasons) == {"reason of 1", "reason of 3", "reason of 4", "reason of 5"}
    turned = seen.seen_from("B")
    assert (turned.own, turned.group.low, turned.group.high) == pytest.approx((1 / 5, 1 / 5, 5))


def test_reasons_come_in_no_order_of_people_or_time(second, five):
    assert list(earlier_answers(five[1], second)[frozenset("AB")].reasons) != sorted(
        earlier_answers(five[1], second)[frozenset("AB")].reasons
    )


def test_group_of_four_is_not_shown_and_its_reasons_neither(second, five, now):
    type(five[0]).objects.filter(code="P5").update(withdrawn_at=now)

    seen = earlier_answers(five[1], second)[frozenset("AB")]

    assert (seen.own, seen.group, seen.reasons) == (5, None, ())


def test_earlier_costs_the_same_for_any_pairs(plan_again, five, now, django_assert_num_queries):
    every = [("A", "B"), ("A", "C"), ("B", "C"), ("A1", "A2"), ("A1", "A3"), ("A2", "A3")]
    few, many = plan_again(), plan_again(every)
    with django_assert_num_queries(11):
        earlier_answers(five[0], few)
    for round_ in (few, many):  # what the panel said is read by now
        with django_assert_num_queries(6):
            earlier_answers(five[1], round_)


def test_who_withdraws_is_told_no_more_at_once(second, five, now):
    before = earlier_answers(five[1], second)[frozenset("AB")]
    withdraw(five[3], at=now)
    after = earlier_answers(five[1], second)[frozenset("AB")]

    assert before.group.answered == 5
    assert "reason of 4" in before.reasons
    assert (after.group, after.reasons) == (None, ())


def test_keeping_repeats_the_earlier_answer_and_leaves_it(second, first, five, now):
    kept = keep_earlier(five[1], second, a="B", b="A", key=uuid.UUID(int=1), at=now)
    again = keep_earlier(five[1], second, a="B", b="A", key=uuid.UUID(int=1), at=now)

    assert kept == again
    assert (kept.value, kept.taken_from) == (pytest.approx(5), "finer")
    before = Judgement.objects.get(panelist=five[1], comparison__round=first, comparison__b__code="B")
    assert (before.value, before.version) == (5, 1)


def test_nothing_is_kept_where_nothing_was_answered(second, panel, now):
    late = add_panelist(panel, code="P9", by="mo", at=now)

    with pytest.raises(NotAskedError):
        keep_earlier(late, second, a="A", b="B", at=now)
    with pytest.raises(NotAskedError):
        keep_earlier(late, second, a="A", b="C", at=now)


# --- what counts ----------------------------------------------------------------------------------------------------


def test_later_answers_supersede_pair_by_pair_and_the_rest_is_carried_over(second, first, five, now):
    record_judgement(five[0], second, a="A", b="B", value=3, at=now)
    submit_round(five[0], second, at=now)
    record_judgement(five[1], second, a="A", b="B", value=7, at=now)  # not handed in: a draft
    close_round(second, by="mo", at=now)

    closed = handover.closed_round(second.uid)

    root = next(node.matrices for node in by_code(closed.judgements).nodes if node.node == "Root")
    assert root[:, 0, 1].tolist() == pytest.approx([3, 5, 1, 1 / 5, 1 / 9])
    assert root[:, 0, 2].tolist() == [2] * 5
    assert len(closed.receipts) == 6
    assert set(handover.closed_round(first.uid).receipts) < set(closed.receipts)


def test_drafts_of_the_open_items_count_where_the_round_says_so(plan_again, five, now):
    second = open_round(plan_again(drafts_count=True), by="mo", at=now)
    record_judgement(five[1], second, a="A", b="B", value=7, at=now)
    close_round(second, by="mo", at=now)

    root = by_code(handover.closed_round(second.uid).judgements).nodes[0].matrices

    assert root[1, 0, 1] == 7
    assert root[0, 0, 1] == 9


def test_round_before_keeps_its_judgements_and_its_stamp(first, plan_again, five, now):
    before, stamp = judged(first), handover.round_stamp(first.uid)
    second = open_round(plan_again(), by="mo", at=now)
    keep_earlier(five[0], second, a="A", b="B", at=now)
    submit_round(five[0], second, at=now)
    close_round(second, by="mo", at=now)

    assert (judged(first), handover.round_stamp(first.uid)) == (before, stamp)
    assert judged(second) == before  # kept as it was: the same judgements
    assert handover.round_stamp(second.uid) != stamp


def judged(round_):
    return write_judgements(by_code(handover.closed_round(round_.uid).judgements))


def test_who_left_between_two_freezes_leaves_both_rounds_whole(first, second, five, now):
    handover.lock(first.uid, at=now)
    withdraw(five[1], at=now + timedelta(minutes=1))
    close_round(second, by="mo", at=now + timedelta(minutes=2))

    assert "P2" in by_code(handover.closed_round(first.uid).judgements).experts  # frozen as it was
    assert by_code(handover.closed_round(second.uid).judgements).experts == ("P1", "P3", "P4", "P5")


def test_node_left_out_in_the_later_round_has_no_earlier_answers(plan_again, five, now):
    second = open_round(plan_again([("A", "B"), ("A1", "A2")]), by="mo", at=now)
    choose_for_node(five[0], second, node="Root", choice="skip", at=now)
    for one in five[:2]:
        record_judgement(one, second, a="A1", b="A2", value=3, at=now)
        submit_round(one, second, at=now)
    close_round(second, by="mo", at=now)

    root, below = by_code(handover.closed_round(second.uid).judgements).nodes[:2]

    assert np.isnan(root.matrices[0, 0, 1:]).all()
    assert not np.isnan(root.matrices[1:, 0, 1:]).any()
    assert below.matrices[0, 0, 1] == 3


def test_reasons_are_of_answers_that_count(first, panel, plan_again, five, now):
    drafting = add_panelist(panel, code="P6", by="mo", at=now)
    asked = first.comparisons.get(a__code="A", b__code="B")
    drafted = Judgement.objects.create(comparison=asked, panelist=drafting, version=1, value=9, at=now)
    Comment.objects.create(judgement=drafted, text="a draft of a reason")

    told = earlier_answers(five[0], plan_again())[frozenset("AB")].reasons

    assert "reason of 3" in told
    assert "a draft of a reason" not in told
    assert "a draft of a reason" not in divided_pairs(first)[0].reasons
    assert "reason of 3" in divided_pairs(first)[0].reasons  # moderators read them too


def test_reason_of_who_left_the_question_out_is_not_shown(five, panel, version, opened, now):
    sixth = add_panelist(panel, code="P6", by="mo", at=now)
    for panelist in (*five, sixth):
        told = f"reason of {panelist.code}"
        record_judgement(panelist, opened, a="A", b="B", value=3, comment=told, at=now)
        record_judgement(panelist, opened, a="A1", b="A2", value=3, at=now)
    choose_for_node(sixth, opened, node="Root", choice="skip", at=now)  # what she wrote there is not said any more
    for panelist in (*five, sixth):
        submit_round(panelist, opened, at=now)
    closed = close_round(opened, by="mo", at=now)
    again = plan_round(panel, version=version, follows=closed, pairs=[("A", "B")], by="mo", at=now)

    told = earlier_answers(five[0], again)[frozenset("AB")].reasons

    assert set(told) == {f"reason of P{number}" for number in range(2, 6)}


def test_third_round_stands_on_both(second, panel, version, five, now):
    record_judgement(five[0], second, a="A", b="B", value=3, at=now)
    submit_round(five[0], second, at=now)
    close_round(second, by="mo", at=now)
    third = plan_round(panel, version=version, follows=second, pairs=[("A", "B"), ("B", "C")], by="mo", at=now)
    open_round(third, by="mo", at=now)

    seen = earlier_answers(five[0], third)

    assert seen[frozenset("AB")].own == 3
    assert seen[frozenset("BC")].own == 2
    close_round(third, by="mo", at=now)
    assert by_code(handover.closed_round(third.uid).judgements).nodes[0].matrices[0, 0, 1] == 3


def test_node_that_she_stopped_or_shortened_counts_as_complete_draft(panel, version, panelists, now):
    round_ = open_round(plan_round(panel, version=version, drafts_count=True, by="mo", at=now), by="mo", at=now)
    record_judgement(panelists["P1"], round_, a="A", b="B", value=3, at=now)
    record_judgement(panelists["P2"], round_, a="A", b="B", value=4, at=now)
    choose_for_node(panelists["P1"], round_, node="Root", choice="enough", at=now)
    choose_for_node(panelists["P3"], round_, node="Root", choice="enough", at=now)
    close_round(round_, by="mo", at=now)

    judged = by_code(handover.closed_round(round_.uid).judgements)

    assert judged.experts == ("P1",)
    assert judged.nodes[0].matrices[0, 0, 1] == 3
    assert np.isnan(judged.nodes[0].matrices[0, 0, 2])


def test_freeze_of_a_round_holds_those_it_follows(second, first, five, now):
    close_round(second, by="mo", at=now)

    handover.lock(second.uid, at=now)

    first.refresh_from_db()
    assert first.locked_at == now
    assert withdraw(five[0], at=now) == Withdrawal(deleted=0, kept=6)


# --- pages ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def token(client, second, five):
    client.cookies["django_language"] = "en"
    token = personal_token(five[1])
    client.post(reverse("surveys:start", kwargs={"token": token}))
    return token


def test_pair_page_shows_both_and_keeps_with_one_tap(client, token, second, five):
    page = client.get(reverse("surveys:pair", kwargs={"token": token}))
    html = page.content.decode()
    assert "A matters 5 times as much as B" in html
    assert "reason of 3" in html
    assert "P3" not in strip_tags(html)  # tokens in attributes are of any letters
    assert "data-whole-pages" in html

    pair = page.context["pair"]
    data = {"first": pair.first.code, "second": pair.second.code, "version": 0, "key": page.context["steps"].key}
    for _ in range(2):
        client.post(reverse("surveys:keep", kwargs={"token": token}), data)

    assert Judgement.objects.get(comparison__round=second).value == pytest.approx(5)


def test_stranger_keeps_nothing(client, token, second):
    client.cookies.clear()

    client.post(reverse("surveys:keep", kwargs={"token": token}), {"first": "A", "second": "B", "version": 0})

    assert not Judgement.objects.filter(comparison__round=second).exists()


def desk(name, round_):
    return reverse(f"surveys:{name}", kwargs={"series": "las", "uid": round_.uid})


def test_list_of_a_following_round_tells_who_answered_in_it(second, five, client, token, now):
    assert {one.state for one in people_of(second, at=now).people} == {"invited"}

    keep_earlier(five[1], second, a="A", b="B", at=now)

    assert [one.code for one in people_of(second, at=now).people if one.state == "started"] == [five[1].code]


def test_moderator_plans_and_opens_the_next_round(client, first, people):
    client.force_login(people["alice"])
    page = client.get(desk("desk_round", first)).content.decode()
    assert page.count('name="pair"') == 6
    assert page.count(" checked") == 1

    planned = client.post(desk("plan_again", first), {"pair": "A\tB", "closes_at": "2099-01-01T12:00"})
    second = Round.objects.get(follows=first)
    assert planned.url == desk("desk_round", second)
    assert not Mail.objects.filter(round=second).exists()
    client.post(desk("open_round", second))
    second.refresh_from_db()
    assert second.state == "draft"  # asks first

    client.post(desk("open_round", second), {"sure": "yes"})
    second.refresh_from_db()
    assert second.state == "open"
    assert "round 1" in client.get(desk("desk_round", second)).content.decode()


@pytest.mark.parametrize("wrong", [{}, {"pair": "A\tB"}, {"closes_at": "2099-01-01T12:00"}, {"pair": "A\tA1"}])
def test_incomplete_plan_is_told_and_stored_nowhere(client, first, people, wrong):
    client.force_login(people["alice"])

    page = client.post(desk("plan_again", first), wrong, follow=True)

    assert page.status_code == 422
    assert 'class="error-summary"' in page.content.decode()
    assert Round.objects.count() == 1


def test_date_in_the_past_is_refused(client, first, people):
    client.force_login(people["alice"])

    page = client.post(desk("plan_again", first), {"pair": "A\tB", "closes_at": "2001-01-01T12:00"}, follow=True)

    assert page.status_code == 422
    html = page.content.decode()
    assert 'value="2001-01-01T12:00"' in html  # what she wrote and ticked is still there
    assert re.findall(r'name="pair"[^>]*value="([^"]*)" checked', html) == ["A\tB"]

    assert "That time is over already." in page.content.decode()


@pytest.mark.parametrize("name", ["bob", "charlie", None])
def test_others_plan_and_open_nothing(client, first, plan_again, people, name):
    planned = plan_again()
    if name:
        client.force_login(people[name])

    for address, data in (
        (desk("plan_again", first), {"pair": "A\tB", "closes_at": "2099-01-01T12:00"}),
        (desk("open_round", planned), {"sure": "yes"}),
    ):
        assert client.post(address, data).status_code == {None: 302, "bob": 404, "charlie": 403}[name]
    assert Round.objects.filter(follows=first).count() == 1
    planned.refresh_from_db()
    assert planned.state == "draft"


def test_api_lists_plans_and_opens(client, first, people):
    client.force_login(people["alice"])
    base = f"/api/v1/series/las/rounds/{first.uid}"

    listed = client.get(f"{base}/divided/").json()
    assert [(one["a"], one["b"]) for one in listed["results"] if one["is_divided"]] == [("A", "B")]
    made = client.post(
        f"{base}/follow/", {"pairs": [["B", "A"]], "closes_at": "2099-01-01T12:00Z"}, content_type="application/json"
    )
    assert (made.status_code, made.json()["comparisons"]) == (201, 1)
    opened = client.post(f"/api/v1/series/las/rounds/{made.json()['uid']}/open/")
    assert opened.json()["state"] == "open"
    refused = client.get(f"/api/v1/series/las/rounds/{made.json()['uid']}/divided/")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")


@pytest.mark.parametrize("name", ["bob", "charlie", None])
def test_api_is_shut_to_others(client, first, people, name):
    if name:
        client.force_login(people[name])
    base = f"/api/v1/series/las/rounds/{first.uid}"

    answers = [client.get(f"{base}/divided/"), client.post(f"{base}/follow/", {}), client.post(f"{base}/open/")]

    assert {one.status_code for one in answers} <= {401, 403, 404}
    assert Round.objects.count() == 1


def test_round_page_costs_the_same_for_any_panel(first, panel, series, now, django_assert_num_queries):
    with django_assert_num_queries(13):
        round_page(series, first.uid)
    add_panelist(panel, code="P9", by="mo", at=now)
    with django_assert_num_queries(13):
        round_page(series, first.uid)


# --- who comes later ------------------------------------------------------------------------------------------------


@pytest.fixture
def late(panel, first, now):
    """Somebody who came into the panel when its first round was closed."""
    return add_panelist(panel, code="P9", by="mo", at=first.closed_at + timedelta(seconds=1))


def begun(client, panelist):
    token = personal_token(panelist)
    client.post(reverse("surveys:start", kwargs={"token": token}))
    return token


def test_who_comes_later_is_told_nothing_of_rounds_before_as_if_she_had_been_asked(client, late, plan_again, now):
    open_round(plan_again(), by="mo", at=now)
    token = begun(client, late)

    mine = client.get(reverse("mine", kwargs={"token": token})).content.decode()
    pair = client.get(reverse("surveys:pair", kwargs={"token": token})).content.decode()

    assert [one.number for one in own_page(late).rounds] == [2]
    assert "Round 2" in mine
    assert "Round 1" not in mine
    assert "You did not hand in" not in mine
    assert "You did not answer this pair before" not in pair
    assert "The 5 answers" in pair  # what the group said is told to her as to all


def test_who_was_asked_is_told_that_she_did_not_answer(client, panel, late, five, plan_again, now):
    Panelist.objects.filter(pk=late.pk).update(added_at=now)  # at the last moment of the round
    open_round(plan_again(), by="mo", at=now)
    token = begun(client, late)

    late.refresh_from_db()
    assert [one.number for one in own_page(late).rounds] == [1, 2]
    assert "You did not hand in" in client.get(reverse("mine", kwargs={"token": token})).content.decode()
    assert (
        "You did not answer this pair before"
        in client.get(reverse("surveys:pair", kwargs={"token": token})).content.decode()
    )


def test_round_after_the_next_knows_which_pairs_a_later_one_was_asked(late, panel, version, plan_again, five, now):
    second = close_round(open_round(plan_again(), by="mo", at=now), by="mo", at=now + timedelta(days=1))
    pairs = [("A", "B"), ("A", "C")]
    planned = plan_round(panel, version=version, follows=second, pairs=pairs, by="mo", at=now + timedelta(days=2))
    third = open_round(planned, by="mo", at=now + timedelta(days=2))

    told = {pair: one.was_asked for pair, one in earlier_answers(late, third).items()}
    assert told == {frozenset("AB"): True, frozenset("AC"): False}
    assert all(one.was_asked for one in earlier_answers(five[0], third).values())


def test_first_page_before_any_round_asks_her_says_so(client, late, panelists):
    page = client.get(reverse("surveys:invitation", kwargs={"token": personal_token(late)})).content.decode()
    others = client.get(reverse("surveys:invitation", kwargs={"token": personal_token(panelists["P1"])}))

    assert "No round of this panel has asked you yet." in page
    for words in ("round 1", "This round is closed.", "What holds for your answers"):
        assert words not in page
        assert words in others.content.decode()


def test_own_page_before_any_round_asks_her_says_so(client, late):
    token = begun(client, late)

    page = client.get(reverse("mine", kwargs={"token": token})).content.decode()

    assert "No round of this panel has asked you yet." in page
    assert 'id="receipts"' not in page
    assert client.get(reverse("surveys:withdraw", kwargs={"token": token})).status_code == 200
    assert client.get(reverse("surveys:download", kwargs={"token": token, "name": "answers.json"})).status_code == 200


@pytest.mark.parametrize("hours", [None, -1, 0, 1])
def test_round_asks_her_as_it_counts_her(panel, first, late, hours):
    added = None if hours is None else first.closed_at + timedelta(hours=hours)
    Panelist.objects.filter(pk=late.pk).update(added_at=added)
    late.refresh_from_db()

    assert asks(first, late) == asked_in(first).filter(pk=late.pk).exists() == (hours != 1)
