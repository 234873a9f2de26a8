"""From a closed round to a stored consensus, once."""

import json
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from scoring import tasks
from scoring.errors import EditionStateError, MissingPartError, RoundNotClosedError
from scoring.files.methods import method_from_dict, method_to_dict
from scoring.models import Consensus, ExpertConsistency
from scoring.numerics.ahp.disclosure import disclosed, recoded
from scoring.numerics.errors import MethodError
from scoring.numerics.robustness.draws import weigh_with_spread
from scoring.numerics.types import ConsensusMethod
from scoring.usecases.consensus import cancel_consensus, compute_consensus, forget_withdrawn, request_consensus
from scoring.usecases.editions import choose_consensus, settle_recipe
from surveys import handover
from surveys.models import PublicationCode
from surveys.usecases.judgements import record_judgement
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round
from surveys.usecases.withdrawals import withdraw

pytestmark = pytest.mark.django_db


def test_consensus_is_what_the_arithmetic_gives(consensus, closed, method):
    pairs = PublicationCode.objects.filter(consensus_uid=consensus.uid).values_list("panelist__uid", "code")
    counted = disclosed(handover.closed_round(closed.uid).judgements).panel
    expected = weigh_with_spread(recoded(counted, {(str(uid), ""): code for uid, code in pairs}), method)
    stored = {row.code: row for row in consensus.weights.all()}
    assert consensus.state == "done"
    assert {code: row.local_weight for code, row in stored.items()} == dict(expected.local)
    assert {code: row.global_weight for code, row in stored.items()} == dict(expected.global_)
    assert {code: (row.low, row.high) for code, row in stored.items()} == {
        code: (expected.low[code], expected.high[code]) for code in expected.low
    }
    assert (consensus.experts, consensus.s_star) == (6, float(f"{expected.s_star:.12g}"))  # as the files have it
    assert [row.node for row in consensus.nodes.all()] == ["Root", "A", "B", "C"]
    code = PublicationCode.objects.get(consensus_uid=consensus.uid, panelist__code="P3").code
    answered = ExpertConsistency.objects.filter(consensus=consensus, expert=code).order_by("node")
    assert list(answered.values_list("node", "answered")) == [("A", 3), ("Root", 2)]


def test_same_round_and_method_give_the_same_row(series, closed, consensus, method, by):
    again = request_consensus(series, round_uid=closed.uid, method=method, **by)
    other = request_consensus(series, round_uid=closed.uid, method=replace(method, seed=6), **by)
    assert (again.pk, again.state) == (consensus.pk, "done")
    assert (other.pk != consensus.pk, other.state) == (True, "queued")


def test_second_run_changes_nothing(consensus, now):
    before = list(consensus.weights.values())
    assert compute_consensus(consensus.pk, now=now) is False
    assert list(consensus.weights.values()) == before


def test_open_round_has_no_consensus(series, opened, method, by):
    with pytest.raises(RoundNotClosedError) as refused:
        request_consensus(series, round_uid=opened.uid, method=method, **by)
    assert refused.value.facts["state"] == "open"


def test_unknown_round_and_other_series_round_are_refused(series, closed, method, now, by):
    other = type(series).objects.create(slug="other", names={"en": "Other"}, created_at=now())
    for asked, uid in ((series, uuid.uuid4()), (other, closed.uid)):
        with pytest.raises(MissingPartError):
            request_consensus(asked, round_uid=uid, method=method, **by)
    assert Consensus.objects.count() == 0


@pytest.mark.parametrize(
    "data", [{"group": "vote"}, {"gruop": "aij"}, {"draws": "5"}, {"seed": True}, {"cr_max": "0.1"}]
)
def test_method_with_an_unknown_choice_is_refused(data):
    with pytest.raises(MethodError, match=next(iter(data))):
        method_from_dict(data)


def test_method_comes_back_from_plain_data(method):
    assert method_from_dict(method_to_dict(method)) == method


def test_refusal_of_the_arithmetic_is_recorded_and_not_tried_again(series, closed, now, by):
    asked = request_consensus(series, round_uid=closed.uid, method=ConsensusMethod(cr_max=0.0), **by)
    assert compute_consensus(asked.pk, now=now) is False
    asked.refresh_from_db()
    assert (asked.state, asked.error_code, asked.error_facts["node"]) == ("failed", "no_judgements", "A")
    assert compute_consensus(asked.pk, now=now) is False
    again = request_consensus(series, round_uid=closed.uid, method=ConsensusMethod(cr_max=0.0), **by)
    assert (again.pk, again.state, again.error_code) == (asked.pk, "queued", "")


def test_cancelled_consensus_is_not_computed_until_asked_again(series, closed, method, now, by):
    asked = request_consensus(series, round_uid=closed.uid, method=method, **by)
    cancel_consensus(asked, **by)
    assert compute_consensus(asked.pk, now=now) is False
    assert request_consensus(series, round_uid=closed.uid, method=method, **by).state == "queued"
    assert compute_consensus(asked.pk, now=now) is True


def test_finished_consensus_is_not_cancelled(consensus, by):
    with pytest.raises(EditionStateError):
        cancel_consensus(consensus, **by)


def test_group_that_would_leave_one_person_is_left_out_before_anything_is_stored(consensus, closed):
    assert sorted(handover.closed_round(closed.uid).judgements.groups) == ["academia"] * 5 + ["industry"]
    assert "academia" not in consensus.counted["judgements"]


def test_finished_consensus_refuses_change_in_the_database(consensus):
    for change in (
        lambda: Consensus.objects.update(s_star=1.0),
        lambda: consensus.weights.update(local_weight=0.5),
        lambda: consensus.nodes.update(experts=1),
        lambda: consensus.consistencies.update(answered=0),
    ):
        with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
            change()


def test_consensus_needs_at_most_twenty_queries(series, closed, now, django_assert_max_num_queries, by):
    asked = request_consensus(series, round_uid=closed.uid, method=ConsensusMethod(), **by)
    with django_assert_max_num_queries(22):  # twenty, and the savepoint that stands for the transaction in a test
        compute_consensus(asked.pk, now=now)


def test_silent_attempt_is_taken_over_and_cannot_finish(series, closed, method, now, by):
    asked = request_consensus(series, round_uid=closed.uid, method=method, **by)
    Consensus.objects.update(state="running", attempt=1, beat_at=now() - timedelta(seconds=3600))
    assert compute_consensus(asked.pk, now=now) is True
    asked.refresh_from_db()
    assert (asked.state, asked.attempt) == ("done", 2)


def test_reversing_one_experts_stored_answers_changes_the_rounds_intervals(series, panel, version, method, now, by):
    def ends(number, *, turned):
        round_ = open_round(plan_round(panel, version=version, seed=number, **by), **by)
        pairs = list(round_.comparisons.select_related("a", "b").order_by("a__code", "b__code"))
        for position, panelist in enumerate(panel.panelists.order_by("code")[:6]):
            for place, pair in enumerate(pairs):
                a, b = sorted((pair.a.code, pair.b.code))
                value = (2, 3, 1 / 2, 4)[place % 4]
                value = 1 / value if turned and position == 0 else value
                record_judgement(panelist, round_, a=a, b=b, value=value, at=now())
            submit_round(panelist, round_, at=now())
        close_round(round_, **by)
        asked = request_consensus(series, round_uid=round_.uid, method=replace(method, draws=300), **by)
        compute_consensus(asked.pk, now=now)
        return {row.code: (row.low, row.high) for row in asked.weights.exclude(code="Root")}

    as_given, same, turned = ends(1, turned=False), ends(2, turned=False), ends(3, turned=True)

    assert as_given == same
    assert all(as_given[code] != turned[code] for code in ("A", "B", "C"))
    width = [sum(high - low for low, high in one.values()) for one in (as_given, turned)]
    assert width[1] > 1.2 * width[0]  # one who holds the opposite makes the panel less sure


def test_lone_experts_spread_is_stated(series, panel, version, method, now, by):
    round_ = open_round(plan_round(panel, version=version, seed=1, **by), **by)
    panelist = panel.panelists.first()
    for pair in round_.comparisons.select_related("a", "b"):
        record_judgement(panelist, round_, a=pair.a.code, b=pair.b.code, value=2, at=now())
    submit_round(panelist, round_, at=now())
    close_round(round_, **by)
    asked = request_consensus(series, round_uid=round_.uid, method=method, **by)

    compute_consensus(asked.pk, now=now)

    asked.refresh_from_db()
    assert asked.state == "done"
    assert json.loads(asked.result["summary.json"])["panel_spread"] is False
    assert all(row.low < row.high for row in asked.weights.filter(code__in="AB"))


def test_consensus_of_who_withdrew_goes_unless_a_freeze_took_it(
    edition, consensus, panel, by, celery_worker_process, eventually
):
    settle_recipe(edition, text="version = 1\n", **by)
    choose_consensus(edition, consensus=consensus, **by)
    assert PublicationCode.objects.filter(panelist__code="P1").exists()
    withdraw(panel.panelists.get(code="P1"), at=timezone.now())

    tasks.sweep.delay()

    eventually(lambda: not Consensus.objects.exists())
    edition.refresh_from_db()
    assert edition.consensus is None
    assert not ExpertConsistency.objects.exists()
    assert not PublicationCode.objects.exists()


def test_frozen_consensus_stays_when_somebody_withdraws(frozen, consensus, panel):
    withdraw(panel.panelists.get(code="P1"), at=timezone.now())

    assert forget_withdrawn(at=timezone.now()) == []
    assert Consensus.objects.get() == consensus
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Consensus.objects.filter(pk=consensus.pk)._raw_delete("default")
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        ExpertConsistency.objects.all()._raw_delete("default")


def test_nobody_withdrew_and_nothing_goes(consensus):
    assert forget_withdrawn(at=timezone.now()) == []
    assert Consensus.objects.exists()


def test_finished_consensus_of_who_withdrew_goes(consensus, panel):
    withdraw(panel.panelists.get(code="P1"), at=timezone.now())

    assert forget_withdrawn(at=timezone.now()) == [consensus.uid]
    assert not Consensus.objects.exists()
    assert not ExpertConsistency.objects.exists()
    assert not PublicationCode.objects.exists()
