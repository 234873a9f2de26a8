"""Every verb of the surveys: what it writes, what it refuses, what happens when it runs twice."""

import threading
import uuid

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from surveys.errors import (
    AlreadySubmittedError,
    BadDateError,
    BadFrameworkError,
    BadJudgementError,
    BadPanelError,
    ConflictError,
    NotAskedError,
    NothingAnsweredError,
    OverlapError,
    RoundStateError,
    UnknownLinkError,
)
from surveys.models import Criterion, FrameworkVersion, Judgement, Mail, Panelist, Round, Submission
from surveys.queries.panelist.links import panelist_for, personal_token
from surveys.usecases.frameworks import create_framework, freeze_framework, revise_framework
from surveys.usecases.judgements import choose_for_node, record_judgement, settle_conflict, take_back_judgement
from surveys.usecases.panels import add_panelist, create_panel, renew_link
from surveys.usecases.rounds import announce_close, close_due_rounds, close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round
from surveys.values.framework import FrameworkRow
from tests.guards import unguarded

pytestmark = pytest.mark.django_db


def test_frozen_framework_refuses_every_change(version):
    assert len(version.fingerprint) == 64
    for change in (
        lambda: FrameworkVersion.objects.filter(pk=version.pk).update(number=9),
        lambda: Criterion.objects.filter(version=version).update(weight=9),
        lambda: Criterion.objects.filter(version=version, code="C1").delete(),
        lambda: FrameworkVersion.objects.filter(pk=version.pk).delete(),
    ):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            change()


def test_freezing_twice_is_refused(version, now):
    with pytest.raises(RoundStateError):
        freeze_framework(version, by="mo", at=now)


def test_revision_leaves_the_earlier_version(version, now):
    rows = [FrameworkRow("Root", None, kind="Aggregate"), FrameworkRow("X", "Root")]

    second = revise_framework(version.framework, rows=rows, by="mo", at=now)

    assert (second.number, second.state) == (2, "draft")
    assert version.criteria.count() == 9


def test_framework_that_is_no_tree_is_refused_and_leaves_nothing(db, now):
    rows = [FrameworkRow("Root", None, kind="Aggregate"), FrameworkRow("X", "Nowhere")]

    with pytest.raises(BadFrameworkError):
        create_framework(slug="bad", names={}, rows=rows, by="mo", at=now)

    assert FrameworkVersion.objects.count() == 0


@pytest.mark.parametrize(
    "fault",
    [
        {"code": ""},
        {"code": "P1"},
        {"code": "P9", "email": "no"},
        {"code": "P9", "language": "xx"},
        {"code": "P9", "weight": -1},
        {"code": "P9", "time_zone": "Rabat"},
    ],
)
def test_bad_panelist_is_refused(panel, now, fault):
    with pytest.raises(BadPanelError):
        add_panelist(panel, by="mo", at=now, **fault)

    assert panel.panelists.count() == 3


def test_panel_slug_is_taken_once(panel, series, now):
    with pytest.raises(BadPanelError):
        create_panel(series, slug="panel", names={}, by="mo", at=now)


def test_link_opens_for_its_panelist_alone(panelists):
    token = personal_token(panelists["P1"])

    assert panelist_for(token) == panelists["P1"]
    assert token not in str(Panelist.objects.values_list())


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 5000, "ünïcode"])
def test_unknown_link_is_refused(panelists, token):
    with pytest.raises(UnknownLinkError):
        panelist_for(token)


def test_withdrawn_link_looks_unknown(panelists, now):
    token = personal_token(panelists["P1"])
    Panelist.objects.filter(code="P1").update(withdrawn_at=now)

    with pytest.raises(UnknownLinkError):
        panelist_for(token)


def test_fresh_link_ends_the_old_one(panelists, now):
    old = personal_token(panelists["P1"])

    renew_link(panelists["P1"], by="mo", at=now)

    assert panelist_for(personal_token(panelists["P1"])) == panelists["P1"]
    with pytest.raises(UnknownLinkError):
        panelist_for(old)


def test_planned_round_asks_every_pair_of_siblings(planned):
    pairs = {(c.a.code, c.b.code) for c in planned.comparisons.select_related("a", "b")}

    assert pairs == {("A", "B"), ("A", "C"), ("B", "C"), ("A1", "A2"), ("A1", "A3"), ("A2", "A3")}


def test_round_on_a_draft_framework_is_refused(panel, version, now):
    draft = revise_framework(
        version.framework,
        rows=[FrameworkRow("R", None, kind="Aggregate"), FrameworkRow("X", "R")],
        by="mo",
        at=now,
    )

    with pytest.raises(RoundStateError):
        plan_round(panel, version=draft, by="mo", at=now)


def test_opening_invites_everyone_once(opened):
    assert sorted(Mail.objects.values_list("panelist__code", "kind", "state")) == [
        ("P1", "invitation", "queued"),
        ("P2", "invitation", "queued"),
        ("P3", "invitation", "queued"),
    ]


def test_second_open_round_is_refused(opened, panel, version, now):
    second = plan_round(panel, version=version, by="mo", at=now)

    with pytest.raises(OverlapError):
        open_round(second, by="mo", at=now)


def test_framework_slug_is_taken_once(version, now):
    with pytest.raises(BadFrameworkError):
        create_framework(slug=version.framework.slug, names={}, rows=small_rows(), by="mo", at=now)


def small_rows():
    return [FrameworkRow("R", None, kind="Aggregate"), FrameworkRow("X", "R"), FrameworkRow("Y", "R")]


def test_round_that_would_close_before_it_opens_is_refused(panel, version, now):
    with pytest.raises(BadDateError):
        plan_round(
            panel, version=version, opens_at=now.replace(hour=14), closes_at=now.replace(hour=13), by="m", at=now
        )

    assert Round.objects.count() == 0


def test_round_follows_none_of_another_framework(opened, panel, now):
    closed = close_round(opened, by="mo", at=now)
    other = freeze_framework(create_framework(slug="b", names={}, rows=small_rows(), by="m", at=now), by="m", at=now)

    with pytest.raises(OverlapError):
        plan_round(panel, version=other, follows=closed, by="mo", at=now)


def test_round_is_not_opened_after_its_end(panel, version, now):
    planned = plan_round(panel, version=version, closes_at=now.replace(hour=13), by="mo", at=now)

    with pytest.raises(BadDateError):
        open_round(planned, by="mo", at=now.replace(hour=13))

    assert Mail.objects.count() == 0


def test_end_of_a_closed_round_is_not_announced(opened, now):
    close_round(opened, by="mo", at=now)

    with pytest.raises(RoundStateError):
        announce_close(opened, finish_until=now.replace(hour=14), by="mo", at=now)


def test_due_round_that_a_moderator_closes_meanwhile_is_passed_over(opened, now):
    with unguarded(Round):
        Round.objects.filter(pk=opened.pk).update(closes_at=now.replace(hour=13))
    asked = []

    def moderator(execute, sql, params, many, context):  # between the question which rounds are due and closing one
        asked.append(sql)
        if len(asked) == 2:
            close_round(opened, by="mo", at=now)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(moderator):
        assert close_due_rounds(at=now.replace(hour=13)) == []

    opened.refresh_from_db()
    assert opened.closed_at == now


def test_closing_twice_is_refused(opened, now):
    close_round(opened, by="mo", at=now)

    with pytest.raises(RoundStateError):
        close_round(opened, by="mo", at=now)


def test_due_rounds_close_once(opened, now):
    with unguarded(Round):
        Round.objects.filter(pk=opened.pk).update(closes_at=now.replace(hour=13))

    assert close_due_rounds(at=now) == []
    assert [closed.pk for closed in close_due_rounds(at=now.replace(hour=13))] == [opened.pk]
    assert close_due_rounds(at=now.replace(hour=14)) == []


def test_answer_is_stored_as_a_over_b_in_either_order(opened, panelists, now):
    first = record_judgement(panelists["P1"], opened, a="A", b="B", value=3, at=now)
    second = record_judgement(panelists["P1"], opened, a="B", b="A", value=3, at=now)

    assert (first.value, first.version) == (3, 1)
    assert (second.value, second.version) == (pytest.approx(1 / 3), 2)
    assert Judgement.objects.count() == 2


def test_same_key_is_one_judgement(opened, panelists, now):
    key = uuid.uuid4()

    first = record_judgement(panelists["P1"], opened, a="A", b="B", value=3, key=key, at=now)
    again = record_judgement(panelists["P1"], opened, a="A", b="B", value=3, key=key, at=now)

    assert first == again
    assert Judgement.objects.count() == 1


def test_other_window_is_told_and_nothing_stored(opened, panelists, now):
    record_judgement(panelists["P1"], opened, a="A", b="B", value=3, seen_version=0, at=now)

    with pytest.raises(ConflictError) as caught:
        record_judgement(panelists["P1"], opened, a="B", b="A", value=5, seen_version=0, at=now)

    assert caught.value.facts["version"] == 1
    assert caught.value.facts["value"] == pytest.approx(1 / 3)
    assert Judgement.objects.count() == 1


@pytest.mark.parametrize("value", [0, -1, 9.5, 0.1, float("nan"), float("inf")])
def test_value_off_the_scale_is_refused(opened, panelists, now, value):
    with pytest.raises(BadJudgementError):
        record_judgement(panelists["P1"], opened, a="A", b="B", value=value, at=now)


@pytest.mark.parametrize("comment", ["x" * 100_000, "write to me@example.org"])
def test_bad_comment_is_refused(opened, panelists, now, comment):
    with pytest.raises(BadJudgementError):
        record_judgement(panelists["P1"], opened, a="A", b="B", value=1, comment=comment, at=now)

    assert Judgement.objects.count() == 0


@pytest.mark.parametrize(("a", "b"), [("A", "A1"), ("A", "A"), ("A", "Z")])
def test_pair_that_is_not_asked_is_refused(opened, panelists, now, a, b):
    with pytest.raises(NotAskedError):
        record_judgement(panelists["P1"], opened, a=a, b=b, value=1, at=now)


def test_nothing_is_kept_of_a_pair_that_had_no_answer(opened, panelists, now):
    settled = {"a": "A", "b": "B", "value": 3, "key": uuid.uuid4(), "seen_version": 0, "at": now}

    with pytest.raises(NotAskedError):
        settle_conflict(panelists["P1"], opened, keep=True, **settled)

    assert Judgement.objects.count() == 0


def test_panelist_of_another_panel_is_refused(opened, series, now):
    other = add_panelist(create_panel(series, slug="other", names={}, by="mo", at=now), code="Q1", by="mo", at=now)

    with pytest.raises(NotAskedError):
        record_judgement(other, opened, a="A", b="B", value=1, at=now)


def test_closed_round_takes_no_answer(opened, panelists, now):
    close_round(opened, by="mo", at=now)

    with pytest.raises(RoundStateError):
        record_judgement(panelists["P1"], opened, a="A", b="B", value=1, at=now)


def test_answers_are_never_changed_in_place(opened, panelists, now):
    record_judgement(panelists["P1"], opened, a="A", b="B", value=3, at=now)

    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        Judgement.objects.update(value=5)


def test_receipt_is_the_same_for_the_same_answers_and_second_hand_in_returns_it(opened, panelists, answer_all, now):
    answer_all(panelists["P1"], opened)

    first = submit_round(panelists["P1"], opened, at=now)
    again = submit_round(panelists["P1"], opened, at=now)

    assert first == again
    assert first.answers == 6
    assert len(first.receipt) == 64
    with pytest.raises(AlreadySubmittedError):
        record_judgement(panelists["P1"], opened, a="A", b="B", value=1, at=now)


def test_handing_in_nothing_is_refused(opened, panelists, now):
    record_judgement(panelists["P1"], opened, a="A", b="B", value=3, at=now)
    take_back_judgement(panelists["P1"], opened, a="A", b="B", at=now)

    with pytest.raises(NothingAnsweredError):
        submit_round(panelists["P1"], opened, at=now)

    assert Submission.objects.count() == 0


def test_skipped_node_is_left_out_and_taken_up_again(opened, panelists, answer_all, now):
    answer_all(panelists["P1"], opened)
    choose_for_node(panelists["P1"], opened, node="A", choice="skip", at=now)
    choose_for_node(panelists["P1"], opened, node="A", choice="skip", at=now)

    assert submit_round(panelists["P1"], opened, at=now).answers == 3
    with pytest.raises(NotAskedError):
        choose_for_node(panelists["P2"], opened, node="B", choice="skip", at=now)


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_once_keep_both_answers_in_order(opened, panelists, now):
    barrier = threading.Barrier(4)

    def answer(value):
        barrier.wait()
        try:
            record_judgement(panelists["P1"], opened, a="A", b="B", value=value, at=now)
        finally:
            connection.close()

    windows = [threading.Thread(target=answer, args=(value,)) for value in (2, 3, 4, 5)]
    for window in windows:
        window.start()
    for window in windows:
        window.join()

    stored = list(Judgement.objects.order_by("version").values_list("version", "value"))
    assert [version for version, _ in stored] == [1, 2, 3, 4]
    assert sorted(value for _, value in stored) == [2, 3, 4, 5]


def test_settling_what_both_windows_said_alike_changes_nothing(opened, panelists, now):
    pair = {"a": "A", "b": "B", "value": 3.0, "at": now}
    first = record_judgement(panelists["P1"], opened, key=uuid.uuid4(), seen_version=0, **pair)

    settled = settle_conflict(panelists["P1"], opened, keep=False, key=uuid.uuid4(), seen_version=0, **pair)

    assert settled == first
    assert Judgement.objects.count() == 1
