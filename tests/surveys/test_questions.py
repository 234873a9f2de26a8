"""Fewer questions and help with answers that pull against each other: how long it is, stopping, three answers, leaving out."""

import math

import numpy as np
import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from scoring.numerics.ahp.next_pair import short_set, stop_advice
from surveys.errors import ConflictError, NotAskedError, RoundStateError
from surveys.models import Judgement, TripleDecision
from surveys.queries.answers import node_matrix
from surveys.queries.desk.people import people_of
from surveys.queries.desk.round_progress import round_page
from surveys.queries.panelist.links import personal_token
from surveys.queries.panelist.node_page import node_page, rests_within
from surveys.queries.panelist.sheet import panelist_sheet
from surveys.usecases.frameworks import create_framework, freeze_framework
from surveys.usecases.judgements import choose_for_node, record_judgement, take_back_judgement
from surveys.usecases.nodes import decide_on_triple, undo_change
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.values.framework import FrameworkRow

pytestmark = pytest.mark.django_db
WIDE = [f"I{n:02}" for n in range(1, 13)]


@pytest.fixture
def wide(panel, now):
    """An open round of one question of twelve items: 66 pairs."""
    rows = [FrameworkRow("Wide", None, kind="Aggregate", names={"en": "Wide"})]
    rows += [FrameworkRow(code, "Wide", names={"en": code}) for code in WIDE]
    draft = create_framework(slug="wide", names={"en": "Wide"}, rows=rows, by="mo", at=now)
    version = freeze_framework(draft, by="mo", at=now)
    return open_round(plan_round(panel, version=version, seed=7, by="mo", at=now), by="mo", at=now)


@pytest.fixture
def her(panelists):
    return panelists["P1"]


def weight(code):
    """Return the weight behind consistent answers."""
    return 6 if code == "I12" else 1 + WIDE.index(code) / 6


def step(a, b):
    """Return the answer of somebody with these weights, rounded to the scale's steps."""
    ratio = weight(a) / weight(b)
    return float(round(ratio)) if ratio >= 1 else 1 / round(1 / ratio)


def answer_coming(panelist, round_, now, *, most=999):
    """Answer what is asked, in the order it is asked; returns the sheet after it."""
    for pair in panelist_sheet(panelist, round_).coming[:most]:
        a, b = pair.first.code, pair.second.code
        record_judgement(panelist, round_, a=a, b=b, value=step(a, b), at=now)
    return panelist_sheet(panelist, round_)


def circle(panelist, round_, now, strength=5):
    for a, b in (("A", "B"), ("B", "C"), ("C", "A")):
        record_judgement(panelist, round_, a=a, b=b, value=strength, at=now)


# --- fewer pairs ----------------------------------------------------------------------------------------------------


def test_short_set_ends_with_weights_their_spread_and_what_more_would_move(wide, her, now):
    choose_for_node(her, wide, node="Wide", choice="short", at=now)

    sheet = answer_coming(her, wide, now)

    node = sheet.nodes[0]
    assert (node.answered, len(node.not_needed), node.total) == (short_set(12), 66 - short_set(12), short_set(12))
    page = node_page(node, her, wide)
    assert page.short_done
    assert math.fsum(one.weight for one in page.priorities) == pytest.approx(1)
    assert page.priorities[0].item.code == "I12"
    reach = max(one.high - one.weight for one in page.priorities)
    assert page.moves == pytest.approx(reach)


def test_no_answer_to_spare_is_said_and_no_spread_made_up(wide, her, now):
    node = answer_coming(her, wide, now, most=11).nodes[0]

    page = node_page(node, her, wide)

    assert (page.moves, page.enough) == (None, False)
    assert {one.low for one in page.priorities} == {None}


def test_stopping_leaves_the_rest_not_needed_everywhere(wide, her, series, now):
    answer_coming(her, wide, now, most=20)
    choose_for_node(her, wide, node="Wide", choice="enough", at=now)

    sheet = panelist_sheet(her, wide)

    assert (sheet.following, sheet.asked, sheet.settled) == (None, 20, 20)
    assert len(sheet.nodes[0].not_needed) == 46


def test_choice_is_changed_later(wide, her, now):
    choose_for_node(her, wide, node="Wide", choice="short", at=now)
    answer_coming(her, wide, now)
    choose_for_node(her, wide, node="Wide", choice="enough", at=now)

    choose_for_node(her, wide, node="Wide", choice="all", at=now)

    assert len(panelist_sheet(her, wide).coming) == 66 - short_set(12)


def test_rest_points_come_after_parts_at_the_end_and_once_when_it_is_enough(wide, her, now):
    rests = []
    for count, pair in enumerate(panelist_sheet(her, wide).coming, start=1):
        a, b = pair.first.code, pair.second.code
        record_judgement(her, wide, a=a, b=b, value=step(a, b), at=now)
        items, matrix = node_matrix(her, wide, "Wide")
        if rests_within(matrix, (items.index(a), items.index(b)), coming=66 - count, within=wide.stop_within):
            rests.append(count)

    assert {15, 30, 45, 60} <= set(rests)
    assert 66 not in rests  # the end is a rest of its own
    assert len(rests) <= 9  # said when it becomes enough, not after every answer


def test_answers_to_one_node_are_those_of_the_sheet(wide, her, now):
    for pair in panelist_sheet(her, wide).coming[:20]:
        for value in (3, step(pair.first.code, pair.second.code)):  # the last one counts
            record_judgement(her, wide, a=pair.first.code, b=pair.second.code, value=value, at=now)
    take_back_judgement(her, wide, a=pair.first.code, b=pair.second.code, at=now)

    items, matrix = node_matrix(her, wide, "Wide")

    node = panelist_sheet(her, wide).nodes[0]
    order = [items.index(item.code) for item in node.items]
    np.testing.assert_allclose(matrix[np.ix_(order, order)], node.matrix)
    assert np.isnan(matrix).sum() == 2 * (66 - 19)


def test_without_an_answer_to_spare_the_panel_says_how_sure_one_is(opened, panelists, now):
    her, other = panelists["P1"], panelists["P2"]
    for a, b in (("A1", "A2"), ("A2", "A3")):
        record_judgement(her, opened, a=a, b=b, value=3, at=now)
    alone = node_page(panelist_sheet(her, opened).node("A"), her, opened)
    for a, b, value in (("A1", "A2", 3), ("A2", "A3", 3), ("A1", "A3", 3)):
        record_judgement(other, opened, a=a, b=b, value=value, at=now)

    beside = node_page(panelist_sheet(her, opened).node("A"), her, opened)

    assert (alone.moves, alone.priorities[0].low) == (None, None)
    variance = (math.log(3) ** 2) / 3  # a circle of three leaves a third of its sum to each pair
    expected = stop_advice(panelist_sheet(her, opened).node("A").matrix, panel_variance=variance)
    assert beside.moves == pytest.approx(expected.margin)
    assert beside.priorities[0].high == pytest.approx(expected.high.max())


def test_skipping_never_lowers_progress(opened, her, now):
    for a, b in (("A1", "A2"), ("A1", "A3"), ("A2", "A3")):
        record_judgement(her, opened, a=a, b=b, value=2, at=now)
    before = panelist_sheet(her, opened)

    choose_for_node(her, opened, node="A", choice="skip", at=now)

    after = panelist_sheet(her, opened)
    assert after.settled / after.asked >= before.settled / before.asked
    assert (after.answered, after.left_out) == (0, 3)
    choose_for_node(her, opened, node="A", choice="all", at=now)
    assert panelist_sheet(her, opened).answered == 3


def test_taken_back_answer_is_no_beginning(opened, her, now):
    record_judgement(her, opened, a="A", b="B", value=2, at=now)
    assert people_of(opened, at=now).people[0].state == "started"
    Judgement.objects.create(comparison=Judgement.objects.get().comparison, panelist=her, version=2, value=None, at=now)

    assert people_of(opened, at=now).people[0].state == "invited"


# --- three answers --------------------------------------------------------------------------------------------------


def test_kept_triple_is_never_asked_about_again(opened, her, now):
    circle(her, opened, now)
    clash = panelist_sheet(her, opened).node("Root").clash
    assert (clash.circular, clash.codes) == (True, ("A", "B", "C"))

    decide_on_triple(her, opened, items=clash.codes, choice="kept", at=now)
    decide_on_triple(her, opened, items=["C", "B", "A"], choice="changed", at=now)  # the first decision stands

    assert panelist_sheet(her, opened).node("Root").clash is None
    assert TripleDecision.objects.get().choice == "kept"
    record_judgement(her, opened, a="A", b="B", value=9, at=now)
    assert panelist_sheet(her, opened).node("Root").clash is None


@pytest.mark.parametrize(
    ("lists", "is_asked"),
    [
        (("five", "five", "five"), False),  # "much more" is the most these can say: none of the three needs be wrong
        (("", "", ""), False),  # not stored: all of them stand in the five
        (("finer", "finer", "finer"), True),
        (("finer", "finer", "five"), False),
    ],
)
def test_what_the_list_could_not_say_is_no_contradiction(opened, her, now, lists, is_asked):
    for (a, b), taken_from in zip((("A", "B"), ("B", "C"), ("A", "C")), lists, strict=True):
        record_judgement(her, opened, a=a, b=b, value=5, taken_from=taken_from, at=now)

    assert (panelist_sheet(her, opened).node("Root").clash is not None) is is_asked


@pytest.mark.parametrize("seed", range(3))
def test_who_takes_the_nearest_answer_is_never_asked_about_three(wide, her, now, seed):
    """Even with twelve items of very different weight, where most answers end at "much more"."""
    own = np.random.default_rng(seed).normal(0, 1.5, len(WIDE))
    five = np.log([1 / 5, 1 / 3, 1, 3, 5])
    for pair in panelist_sheet(her, wide).coming:
        meant = own[WIDE.index(pair.first.code)] - own[WIDE.index(pair.second.code)]
        value = float(np.exp(five[np.abs(five - meant).argmin()]))
        record_judgement(her, wide, a=pair.first.code, b=pair.second.code, value=value, taken_from="five", at=now)

    assert panelist_sheet(her, wide).nodes[0].clash is None


def test_change_is_shown_with_its_undo_and_undone(opened, her, now):
    circle(her, opened, now)
    record_judgement(her, opened, a="C", b="A", value=5, taken_from="finer", at=now)
    decide_on_triple(her, opened, items="ABC", choice="changed", at=now)
    record_judgement(her, opened, a="C", b="A", value=1 / 5, taken_from="five", at=now)

    changed = node_page(panelist_sheet(her, opened).node("Root"), her, opened).changed[0]
    assert {changed.now.first.code, changed.now.second.code} == {"A", "C"}
    assert changed.before.value == pytest.approx(1 / changed.now.value)

    undo_change(her, opened, a="A", b="C", seen_version=3, at=now)

    last = Judgement.objects.filter(comparison__a__code="A", comparison__b__code="C").order_by("version")
    assert [one.value for one in last] == pytest.approx([1 / 5, 1 / 5, 5, 1 / 5])
    assert [one.taken_from for one in last] == ["", "finer", "five", "finer"]


def test_undo_meets_another_window(opened, her, now):
    circle(her, opened, now)
    record_judgement(her, opened, a="C", b="A", value=3, at=now)
    record_judgement(her, opened, a="C", b="A", value=4, at=now)

    with pytest.raises(ConflictError):
        undo_change(her, opened, a="A", b="C", seen_version=2, at=now)
    with pytest.raises(NotAskedError):
        undo_change(her, opened, a="A", b="B", seen_version=1, at=now)


def test_undo_brings_back_no_answer_that_was_taken_back(opened, her, now):
    record_judgement(her, opened, a="A", b="B", value=3, at=now)
    take_back_judgement(her, opened, a="A", b="B", at=now)
    record_judgement(her, opened, a="A", b="B", value=5, at=now)

    with pytest.raises(NotAskedError):
        undo_change(her, opened, a="A", b="B", seen_version=3, at=now)

    assert Judgement.objects.count() == 3


@pytest.mark.parametrize("items", [["A", "B"], ["A", "B", "A1"], ["A", "B", "B"], ["X", "Y", "Z"], []])
def test_only_three_items_of_a_question_are_decided_about(opened, her, now, items):
    with pytest.raises(NotAskedError):
        decide_on_triple(her, opened, items=items, choice="kept", at=now)


def test_decisions_are_append_only_and_end_with_the_round(opened, her, now):
    circle(her, opened, now)
    decide_on_triple(her, opened, items="ABC", choice="kept", at=now)
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        TripleDecision.objects.update(choice="changed")

    close_round(opened, by="mo", at=now)
    with pytest.raises(RoundStateError):
        decide_on_triple(her, opened, items="ABC", choice="kept", at=now)


def test_at_most_three_clashes_are_told_at_a_question(wide, her, now):
    rng = np.random.default_rng(1)
    for pair in panelist_sheet(her, wide).coming:
        value = float(rng.choice([9, 1 / 9]))
        record_judgement(her, wide, a=pair.first.code, b=pair.second.code, value=value, at=now)
    told = set()
    while (clash := panelist_sheet(her, wide).nodes[0].clash) is not None:
        told.add(clash.codes)
        decide_on_triple(her, wide, items=clash.codes, choice="kept", at=now)

    assert len(told) == 3


def test_consistency_ratio_is_that_of_the_named_table(opened, her, now):
    circle(her, opened, now)

    # λmax of a circle of fives is 1 + 5 + 1/5; CR = ((6.2 - 3) / 2) / 0.5247
    assert node_page(panelist_sheet(her, opened).node("Root"), her, opened).ratio == pytest.approx(1.6 / 0.5247)


# --- pages ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def token(client, wide, her):
    token = personal_token(her)
    client.post(reverse("surveys:start", kwargs={"token": token}))
    return token


def question(token, name="node", node="Wide"):
    return reverse(f"surveys:{name}", kwargs={"token": token, "node": node})


def test_question_tells_pairs_and_minutes_before_it_begins(client, token):
    response = client.get(reverse("surveys:pair", kwargs={"token": token}))
    assert response.url == question(token)

    page = client.get(response.url).content.decode()

    assert "12 items = 66 comparisons, about 17 min. You may do them in parts, or a shorter set of 30." in page


def test_page_of_a_question_costs_the_same_for_any_number_of_answers(
    client, token, wide, her, now, django_assert_max_num_queries
):
    for most in (12, 30):
        answer_coming(her, wide, now, most=most)
        with django_assert_max_num_queries(11):
            client.get(question(token))


def test_ended_round_leads_on_and_stores_nothing(client, token, wide, her, now):
    answer_coming(her, wide, now, most=12)
    close_round(wide, by="mo", at=now)

    assert client.get(question(token)).status_code == 302
    client.post(question(token), {"choice": "enough"})
    client.post(question(token, "clash"), {"item": ["I01", "I02", "I03"]})
    client.post(question(token, "undo"), {"first": "I01", "second": "I02", "version": "x"})

    assert not her.choices.exists()
    assert not her.decisions.exists()


def test_stranger_decides_nothing(client, token, wide, her):
    client.cookies.clear()

    for name, data in (("node", {"choice": "enough"}), ("clash", {"item": ["I01", "I02", "I03"]}), ("undo", {})):
        assert client.post(question(token, name), data).url == reverse("surveys:invitation", kwargs={"token": token})
    assert not her.choices.exists()
    assert not her.decisions.exists()


# --- languages ------------------------------------------------------------------------------------------------------


def test_missing_name_is_told_in_another_language_that_is_named(client, opened, her):
    token = personal_token(her)
    client.post(reverse("surveys:start", kwargs={"token": token}))
    address = reverse("surveys:pair", kwargs={"token": token}) + "?first=A&second=B"

    page = client.get(address, headers={"accept-language": "ar"}).content.decode()

    assert '<bdi lang="en">A</bdi>' in page
    assert "مدينة ذكية" in page
    assert '<bdi lang="ar">' not in page
    assert "untold" in page
    assert "untold" not in client.get(address, headers={"accept-language": "en"}).content.decode()


def test_moderators_see_what_is_missing_by_language(opened, series):
    status = {one.code: one for one in round_page(series, opened.uid).languages}

    assert (status["en"].names, status["en"].is_complete, status["en"].panelists) == (9, True, 2)
    assert (status["ar"].names, status["ar"].panelists) == (1, 1)
    assert status["ar"].names_missing == ("A", "B", "C", "A1", "A2", "A3", "B1", "C1")
    assert status["ar"].definitions_missing == ("A1", "A2", "A3")
