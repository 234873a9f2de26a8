"""What leaves the surveys, and what never does."""

import uuid
from datetime import timedelta

import numpy as np
import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.models import Series
from surveys import handover
from surveys.errors import RoundStateError
from surveys.files.receipts import receipt_inputs, receipt_of
from surveys.models import Framework, Judgement, NodeChoice, Panelist, PublicationCode, ReceiptSecret, Round, Submission
from surveys.queries.answers import own_answers
from surveys.queries.panelist.links import personal_token
from surveys.usecases.frameworks import create_framework
from surveys.usecases.judgements import choose_for_node, record_judgement
from surveys.usecases.rounds import close_round
from surveys.usecases.submissions import submit_round
from surveys.usecases.withdrawals import withdraw
from tests.guards import unguarded
from tests.surveys.by_code import by_code
from tests.surveys.conftest import small_framework

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(opened, panelists, answer_all, now):
    """P1 handed in all, P2 answered one pair and all of A without handing in, P3 nothing."""
    answer_all(panelists["P1"], opened)
    submit_round(panelists["P1"], opened, at=now)
    record_judgement(panelists["P2"], opened, a="A", b="B", value=4, at=now)
    for a, b in (("A1", "A2"), ("A1", "A3"), ("A2", "A3")):
        record_judgement(panelists["P2"], opened, a=a, b=b, value=3, at=now)
    choose_for_node(panelists["P2"], opened, node="A", choice="all", at=now)
    return close_round(opened, by="mo", at=now)


def test_framework_leaves_as_plain_values(version, django_assert_num_queries):
    with django_assert_num_queries(2):
        content = handover.framework(version.uid)

    assert content.tree.indicators == ("A1", "A2", "A3", "B1", "C1")
    assert content.fingerprint == version.fingerprint


def test_frameworks_of_a_series_come_before_shared_ones_and_others_not_at_all(
    series, version, now, django_assert_num_queries
):
    other = Series.objects.create(slug="other", names={"en": "Other"}, created_at=now)
    for slug, owner in (("own", series), ("foreign", other)):
        made = create_framework(slug=slug, names={"en": slug}, rows=small_framework(), by="mo", at=now)
        Framework.objects.filter(pk=made.framework_id).update(series=owner)

    with django_assert_num_queries(1):
        found = handover.frameworks(series.uid)

    told = [(one.slug, one.number, one.is_frozen, one.indicators, one.is_shared) for one in found]
    assert told == [("own", 1, False, 5, False), ("city", 1, True, 5, True)]
    assert found[1].uid == version.uid


def test_only_what_was_handed_in_counts(closed):
    judged = by_code(handover.closed_round(closed.uid).judgements)

    assert judged.experts == ("P1",)
    assert judged.nodes[0].matrices[0, 0].tolist() == [1, 2, 2]


def test_complete_drafts_count_where_the_round_says_so(closed):
    with unguarded(Round):
        Round.objects.filter(pk=closed.pk).update(drafts_count=True)

    judged = by_code(handover.closed_round(closed.uid).judgements)
    by_node = {node.node: node.matrices for node in judged.nodes}

    assert judged.experts == ("P1", "P2")
    assert by_node["A"][1, 0].tolist() == [1, 3, 3]
    assert np.isnan(by_node["Root"][1, 0, 1])


def test_queries_do_not_grow_with_the_panel(closed, django_assert_num_queries):
    with django_assert_num_queries(4):
        handover.closed_round(closed.uid)


def test_skipped_node_has_no_answer(opened, panelists, answer_all, now):
    answer_all(panelists["P1"], opened)
    choose_for_node(panelists["P1"], opened, node="A", choice="skip", at=now)
    submit_round(panelists["P1"], opened, at=now)
    close_round(opened, by="mo", at=now)

    by_node = {node.node: node.matrices for node in handover.closed_round(opened.uid).judgements.nodes}

    assert np.isnan(by_node["A"][0, 0, 1])
    assert by_node["Root"][0, 0, 1] == 2


def test_withdrawn_panelist_has_no_part(closed, now):
    Panelist.objects.filter(code="P1").update(withdrawn_at=now)

    assert handover.closed_round(closed.uid).judgements.experts == ()


def test_open_round_is_not_handed_over(opened):
    with pytest.raises(RoundStateError):
        handover.closed_round(opened.uid)


def test_unknown_round_is_said(db):
    with pytest.raises(Round.DoesNotExist):
        handover.round_summary(uuid.uuid4())


def test_summary_counts_people_not_rows(closed, panel, series):
    summary = handover.round_summary(closed.uid)

    assert (summary.invited, summary.started, summary.submitted, summary.comparisons) == (3, 2, 1, 6)
    assert handover.panels(series.uid)[0].rounds == (summary,)
    assert handover.rounds(panel.uid) == (summary,)


def test_no_name_or_address_leaves(closed):
    told = repr(handover.closed_round(closed.uid)) + repr(handover.round_summary(closed.uid))

    assert "Name 1" not in told
    assert "example.org" not in told


def test_locked_round_loses_nothing(closed, now):
    handover.lock(closed.uid, at=now)
    handover.lock(closed.uid, at=now.replace(year=2030))

    assert Round.objects.get(pk=closed.pk).locked_at == now
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        Judgement.objects.filter(panelist__code="P1").delete()


def test_answer_may_be_deleted_before_the_lock(closed):
    assert Judgement.objects.filter(panelist__code="P1").delete()[0] == 6


def test_panelist_sees_her_own_submission(closed, panelists):
    own = handover.own_page(personal_token(panelists["P1"])).rounds[0]

    assert own.receipt in handover.closed_round(closed.uid).receipts
    assert own.receipt == receipt_of(own.inputs)
    assert own.inputs[1] == own.secret != "P1"
    assert own.answers[0] == ("Root", "A", "B", 2.0)


def test_receipt_is_not_found_by_trying_codes(closed, panelists):
    """Whoever knows the answers and every code of the desk finds no receipt: each hashes a secret of hers."""
    listed = set(handover.closed_round(closed.uid).receipts)
    answers = own_answers(panelists["P1"], closed)
    tried = {receipt_of(receipt_inputs(closed.uid, code, answers)) for code in ("", *panelists, "P9", "0")}

    assert not tried & listed


def test_secrets_of_two_submissions_differ(closed, panelists, answer_all):
    secrets = set(ReceiptSecret.objects.values_list("secret", flat=True))

    assert len(secrets) == Submission.objects.count()
    assert {len(secret) for secret in secrets} == {32}


def test_publication_codes_order_nothing_but_what_is_given(closed, panelists):
    people = [str(one.uid) for one in panelists.values()]
    consensus = uuid.uuid4()
    first = handover.draw_publication_codes(consensus, people[:2], [(people[0], "A")])
    drawn = handover.draw_publication_codes(consensus, people, [(people[1], "A"), (people[0], "A")])

    assert sorted(drawn[one, ""] for one in people) == [drawn[one, ""] for one in people]
    assert drawn[people[1], "A"] < drawn[people[0], "A"]
    assert not {*drawn.values()} & {*first.values(), *panelists}
    assert PublicationCode.objects.filter(consensus_uid=consensus).count() == len(drawn) == len({*drawn.values()})
    handover.forget_publication_codes(consensus)
    assert not PublicationCode.objects.filter(consensus_uid=consensus).exists()


def test_stamp_stays_while_what_counts_stays(closed, panelists, now):
    first = handover.round_stamp(closed.uid)

    withdraw(panelists["P3"], at=now)  # who answered nothing
    Panelist.objects.filter(code="P1").update(language="fr", name="Another")
    assert handover.round_stamp(closed.uid) == first
    handover.lock(closed.uid, at=now)
    assert handover.round_stamp(closed.uid) == first
    withdraw(panelists["P1"], at=now + timedelta(days=1))  # frozen as it was
    assert handover.round_stamp(closed.uid) == first


@pytest.mark.parametrize(
    "change",
    [
        lambda people, now: withdraw(people["P1"], at=now),
        lambda people, now: Panelist.objects.filter(code="P1").update(withdrawn_at=now),
        lambda *_: Panelist.objects.filter(code="P1").update(weight=2),
        lambda *_: Panelist.objects.filter(code="P1").update(group="another"),
        lambda *_: Judgement.objects.filter(panelist__code="P1").latest("pk").delete(),
        lambda *_: Submission.objects.filter(panelist__code="P1").delete(),
        lambda *_: NodeChoice.objects.all().delete(),
    ],
)
def test_stamp_is_another_when_what_counts_may_be_another(closed, panelists, now, change):
    first = handover.round_stamp(closed.uid)
    change(panelists, now)
    assert handover.round_stamp(closed.uid) != first


def test_stamp_costs_the_same_however_many_rows(closed, django_assert_num_queries):
    with django_assert_num_queries(2):
        handover.round_stamp(closed.uid)
