"""Work on rows: claimed once, finished once, found again when it is lost; and each task through a real worker."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from scoring import tasks
from scoring.errors import LostClaimError, MissingPartError
from scoring.files.digits import fingerprint
from scoring.files.results import consensus_files
from scoring.models import Consensus
from scoring.numerics.ahp.disclosure import disclosed, recoded
from scoring.numerics.robustness.draws import weigh_with_spread
from scoring.usecases import jobs
from scoring.usecases.consensus import cancel_consensus, request_consensus
from scoring.usecases.edition_data import request_scoring, use_dataset
from scoring.usecases.releases import release_edition
from surveys import handover
from surveys.models import PublicationCode


@pytest.fixture
def waiting(series, closed, method, by):
    return request_consensus(series, round_uid=closed.uid, method=method, **by)


@pytest.fixture
def long_method(method):
    """Some seconds of draws."""
    return replace(method, draws=300_000)


def finish(claim):
    with transaction.atomic():
        claim.finish(result={"done": str(claim.attempt)})


@pytest.mark.django_db
def test_running_row_is_not_claimed_again(waiting, now):
    def work(claim):
        assert jobs.perform(Consensus, waiting.pk, finish, now=now) is False
        finish(claim)

    assert jobs.perform(Consensus, waiting.pk, work, now=now) is True
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempt, waiting.result) == ("done", 1, {"done": "1"})


@pytest.mark.django_db
def test_missing_row_is_nothing_to_do(now):
    assert jobs.perform(Consensus, 12345, finish, now=now) is False


@pytest.mark.django_db
def test_late_return_of_a_silent_worker_writes_nothing(waiting, now):
    def work(claim):
        Consensus.objects.update(beat_at=now() - timedelta(hours=1))
        assert jobs.perform(Consensus, waiting.pk, finish, now=now) is True
        finish(claim)

    assert jobs.perform(Consensus, waiting.pk, work, now=now) is False
    waiting.refresh_from_db()
    assert (waiting.attempt, waiting.result) == (2, {"done": "2"})


@pytest.mark.django_db
def test_cancelled_work_stops_at_its_next_progress(waiting, now, by):
    reached = []

    def work(claim):
        claim.progress("half", done=1, total=2)
        cancel_consensus(waiting, **by)
        with pytest.raises(LostClaimError):
            claim.progress("more", done=2, total=2)
        reached.append(claim.attempt)
        finish(claim)

    assert jobs.perform(Consensus, waiting.pk, work, now=now) is False
    waiting.refresh_from_db()
    assert (waiting.state, waiting.stage, waiting.done, waiting.total, reached) == ("cancelled", "half", 1, 2, [1])


@pytest.mark.django_db
def test_domain_error_is_recorded_with_code_and_facts(waiting, now):
    def work(claim):
        raise MissingPartError("there is no such round", part="round")

    assert jobs.perform(Consensus, waiting.pk, work, now=now) is False
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error_code) == ("failed", "missing_part")
    assert waiting.error_facts == {"message": "there is no such round", "part": "round"}


@pytest.mark.django_db
def test_transient_error_gives_the_row_back_and_goes_on(waiting, now):
    def work(claim):
        raise OperationalError("the database is gone")

    with pytest.raises(OperationalError):
        jobs.perform(Consensus, waiting.pk, work, now=now)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error_code) == ("queued", "")
    assert jobs.perform(Consensus, waiting.pk, finish, now=now) is True


@pytest.mark.django_db
def test_unexpected_error_fails_the_row_and_is_not_hidden(waiting, now):
    def work(claim):
        raise ZeroDivisionError("a mistake")

    with pytest.raises(ZeroDivisionError):
        jobs.perform(Consensus, waiting.pk, work, now=now)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error_code) == ("failed", "unexpected")


@pytest.mark.django_db
def test_work_goes_on_under_the_claim_that_another_call_made(waiting, now):
    assert jobs.go_on(Consensus, waiting.pk, finish, now=now) is False  # nobody has claimed it
    assert jobs.perform(Consensus, waiting.pk, lambda claim: None, now=now) is True
    assert jobs.go_on(Consensus, waiting.pk, lambda claim: False, now=now) is False
    assert jobs.go_on(Consensus, waiting.pk, finish, now=now) is True
    assert jobs.go_on(Consensus, waiting.pk, finish, now=now) is False
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempt, waiting.result) == ("done", 1, {"done": "1"})


@pytest.mark.django_db
def test_transient_error_of_a_piece_leaves_the_row_with_its_claim(waiting, now):
    def work(claim):
        raise OperationalError("the database is gone")

    jobs.perform(Consensus, waiting.pk, lambda claim: None, now=now)
    with pytest.raises(OperationalError):
        jobs.go_on(Consensus, waiting.pk, work, now=now)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempt) == ("running", 1)


@pytest.mark.django_db
def test_refusal_of_a_piece_fails_the_row_once(waiting, now):
    def work(claim):
        assert jobs.go_on(Consensus, waiting.pk, other, now=now) is False
        raise MissingPartError("the second", part="second")

    def other(claim):
        raise MissingPartError("the first", part="first")

    jobs.perform(Consensus, waiting.pk, lambda claim: None, now=now)
    assert jobs.go_on(Consensus, waiting.pk, work, now=now) is False
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error_facts["part"]) == ("failed", "first")


@pytest.mark.django_db(transaction=True)
def test_result_is_finished_only_in_the_transaction_that_writes_it(waiting, now):
    with pytest.raises(transaction.TransactionManagementError):
        jobs.perform(Consensus, waiting.pk, lambda claim: claim.finish(result={}), now=now)


@pytest.mark.django_db
def test_sweep_finds_waiting_work_once_in_a_span_of_silence(waiting, now, settings):
    later = now() + timedelta(seconds=settings.STALE_AFTER_SECONDS + 1)
    assert jobs.sweep(at=now()) == []
    assert jobs.sweep(at=later) == [(Consensus, waiting.pk)]
    assert jobs.sweep(at=later) == []


@pytest.mark.django_db
def test_sweep_leaves_finished_work_alone(consensus, now):
    assert jobs.sweep(at=now() + timedelta(days=1)) == []


@pytest.mark.django_db
def test_sweep_queues_silent_work_again(waiting, now):
    Consensus.objects.update(state="running", attempt=1, beat_at=now() - timedelta(hours=1))
    assert jobs.sweep(at=now()) == [(Consensus, waiting.pk)]
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempt) == ("queued", 1)


@pytest.mark.django_db(transaction=True)
def test_worker_beats_while_it_computes(waiting, short_silence, eventually):
    heard = []

    def work(claim):
        before = Consensus.objects.get(pk=waiting.pk).beat_at
        heard.append(eventually(lambda: Consensus.objects.get(pk=waiting.pk).beat_at > before))
        assert jobs.sweep(at=timezone.now()) == []
        finish(claim)

    assert jobs.perform(Consensus, waiting.pk, work, now=timezone.now) is True
    assert heard == [True]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_finish_a_row_once(waiting):
    gate, finished = threading.Barrier(2), []

    def work():
        try:
            gate.wait()
            finished.append(jobs.perform(Consensus, waiting.pk, finish, now=timezone.now))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waiting.refresh_from_db()
    assert (sorted(finished), waiting.attempt) == ([False, True], 1)


def done(row):
    row.refresh_from_db()
    return row.state == "done"


def test_every_task_runs_in_a_real_worker(celery_worker_process, waiting, edition, dataset, by, eventually, freeze):
    tasks.compute_consensus.delay(waiting.pk)
    eventually(lambda: done(waiting))
    freeze(edition, waiting)
    use_dataset(edition, dataset=dataset, **by)
    scoring = request_scoring(edition, **by)
    tasks.score_edition.delay(scoring.pk)
    eventually(lambda: done(scoring))
    bundle = release_edition(edition, **by).bundle
    tasks.build_bundle.delay(bundle.pk)
    eventually(lambda: done(bundle))
    assert (waiting.attempt, scoring.attempt, bundle.attempt) == (1, 1, 1)
    assert bundle.zip_sha256


def test_killed_worker_loses_nothing_and_doubles_nothing(
    short_silence, celery_worker_process, series, closed, long_method, by, eventually
):
    asked = request_consensus(series, round_uid=closed.uid, method=long_method, **by)

    def is_running():
        asked.refresh_from_db()
        return asked.state == "running" and asked.stage == "drawing"

    tasks.compute_consensus.delay(asked.pk)
    eventually(is_running)
    celery_worker_process.kill()
    asked.refresh_from_db()
    assert (asked.state, asked.weights.count()) == ("running", 0)

    eventually(lambda: jobs.sweep(at=timezone.now()))
    celery_worker_process.start()
    tasks.compute_consensus.delay(asked.pk)
    tasks.compute_consensus.delay(asked.pk)
    eventually(lambda: done(asked))

    pairs = PublicationCode.objects.filter(consensus_uid=asked.uid).values_list("panelist__uid", "code")
    panel = recoded(
        disclosed(handover.closed_round(closed.uid).judgements).panel, {(str(uid), ""): code for uid, code in pairs}
    )
    expected = consensus_files(weigh_with_spread(panel, long_method), panel.tree)
    assert asked.result_fingerprint == fingerprint(expected)
    assert (asked.attempt, asked.weights.count(), asked.nodes.count()) == (2, 9, 4)


def test_sweep_task_brings_back_what_the_broker_never_heard_of(
    short_silence, celery_worker_process, waiting, eventually, settings
):
    silent = timedelta(seconds=settings.STALE_AFTER_SECONDS)
    eventually(lambda: timezone.now() - waiting.requested_at > silent)
    tasks.sweep.delay()
    eventually(lambda: done(waiting))
    assert waiting.attempt == 1


@pytest.mark.postgresql  # SQLite locks the whole database, not a row
@pytest.mark.django_db(transaction=True)
def test_sweep_waits_for_no_worker_that_is_storing(waiting, now):
    """A worker that ends its work holds its row while it stores what belongs to it, and cannot beat meanwhile."""
    long_ago, held, ended = now() - timedelta(days=1), threading.Event(), threading.Event()

    def store():
        with transaction.atomic():
            Consensus.objects.filter(pk=waiting.pk).update(stage="storing")
            held.set()
            ended.wait(60)
        connection.close()

    Consensus.objects.filter(pk=waiting.pk).update(state="running", attempt=1, beat_at=long_ago)
    worker = threading.Thread(target=store)
    worker.start()
    assert held.wait(60)
    assert jobs.sweep(at=now()) == []
    assert worker.is_alive()
    ended.set()
    worker.join()
    assert jobs.sweep(at=now()) == [(Consensus, waiting.pk)]
