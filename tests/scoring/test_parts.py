"""A scoring spread over workers: whoever computes its parts, how often, and whatever fails between, the bytes are the same."""

import json
import re
import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate

import numpy as np
import pytest
import redis
from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils import timezone
from kombu import Connection

from config.broker import start_redis
from config.celery import app
from scoring import tasks
from scoring.errors import EditionStateError
from scoring.files.country_shares import country_files
from scoring.files.digits import fingerprint
from scoring.files.frozen import FrozenMethod
from scoring.files.parts import pack_part, unpack_part
from scoring.files.sources import write_sources
from scoring.files.tables import write_data
from scoring.files.uncertainty_writer import scored_files
from scoring.files.units import UnitRow, write_units
from scoring.models import Consensus, Scoring, ScoringPart
from scoring.numerics.robustness.change import Change
from scoring.numerics.robustness.runs import Runs
from scoring.numerics.types import Table
from scoring.queries.datasets import content_of
from scoring.usecases import jobs, scorings
from scoring.usecases.consensus import request_consensus
from scoring.usecases.datasets import load_dataset
from scoring.usecases.edition_data import cancel_scoring, request_scoring, score_edition, use_dataset
from scoring.usecases.editions import choose_consensus, settle_recipe
from scoring.usecases.freezes import freeze_method
from scoring.usecases.unit_lists import settle_units
from tests.scoring.conftest import INDICATORS, SCREENED

RECIPE = f"""{SCREENED}
[robustness]
draws = {{draws}}
{{budget}}seed = 3
sensitivity = 64
factors = [{{factors}}]
"""
PATIENCE = 600  # seconds that processes started again and again may take on a busy machine; a ceiling
WITH_WEIGHTS = '"weights", "normalise", "leave_one_indicator"'
WITHOUT_WEIGHTS = '"normalise", "aggregate", "leave_one_indicator"'


@pytest.fixture
def field(series, version, by):
    """Forty units whose ranks move so much that a thousand draws do not know every end to one place."""
    codes = tuple(f"U{number:02d}" for number in range(40))
    values = np.random.default_rng(8).uniform(5, 6, (len(codes), len(INDICATORS)))
    table = Table(codes, codes, ("2026",) * len(codes), INDICATORS, values, {"Region": ("r1",) * len(codes)})
    units = [UnitRow(code=code, names={"en": code}) for code in codes]
    return load_dataset(series, framework_uid=version.uid, table=table, sources=(), units=units, note="", **by)


@pytest.fixture
def ask(edition, consensus, dataset, make_list, by):
    """Ask for the scores of an edition with so many draws."""

    def ask(draws=20_000, factors=WITH_WEIGHTS, budget="", data=dataset):
        settle_recipe(edition, text=RECIPE.format(draws=draws, factors=factors, budget=budget), **by)
        choose_consensus(edition, consensus=consensus, **by)
        content = content_of(data, INDICATORS)
        settle_units(edition, listed=make_list(units=content.units, groups=content.table.groups), **by)
        freeze_method(edition, **by)
        edition.refresh_from_db()
        use_dataset(edition, dataset=data, **by)
        return request_scoring(edition, **by)

    return ask


@pytest.fixture
def short_parts(monkeypatch, settings):
    """Parts of a fiftieth of a second of the processor, here and in workers."""
    monkeypatch.setenv("SCORING_PART_SECONDS", "0.02")
    settings.SCORING_PART_SECONDS = 0.02


@pytest.fixture
def longer_parts(monkeypatch, settings):
    """Parts of a third of a second at most: long enough to end a worker in the middle of one."""
    monkeypatch.setenv("SCORING_PART_SECONDS", "0.3")
    settings.SCORING_PART_SECONDS = 0.3


@pytest.fixture
def begun(ask, short_parts, now):
    """A scoring whose parts are planned and, most of them, not computed."""
    scoring = ask()
    plan = scorings.begin(scoring.pk, now=now)
    scoring.refresh_from_db()
    assert len(plan.missing) > 4
    return scoring, plan


def expected(scoring):
    """Compute the result in one piece, past every row of a part."""
    frozen = FrozenMethod.from_content(scoring.freeze.content)
    content = content_of(scoring.dataset, frozen.tree.indicators)
    question = frozen.question(content.table)
    return fingerprint(
        {
            "data.csv": write_data(content.table),
            "sources.csv": write_sources(content.sources),
            "units.csv": write_units(content.units),
            **country_files(question.nominal(), question.tree, content.sources, content.units),
            **scored_files(question),
        }
    )


def is_done(scoring):
    scoring.refresh_from_db()
    assert scoring.state != "failed", scoring.error_facts
    return scoring.state == "done"


def check(scoring, *, attempt=1):
    """See that it ended once, with the right bytes, every part counted and none left."""
    scoring.refresh_from_db()
    assert (scoring.state, scoring.attempt) == ("done", attempt)
    assert scoring.result_fingerprint == fingerprint(scoring.result) == expected(scoring)
    assert scoring.done == scoring.total > 0
    assert not ScoringPart.objects.exists()


def counted(scoring):
    """Read in one look what the row shows and what is there: done, total, parts with content, parts."""
    computed = Count("parts", filter=Q(parts__content__isnull=False))
    row = Scoring.objects.filter(pk=scoring.pk).annotate(computed=computed, planned=Count("parts"))
    return row.values_list("stage", "done", "total", "computed", "planned").get()


# --- in one process -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", [0.004, 0.02, 100])
def test_length_of_parts_changes_no_byte(ask, settings, now, seconds):
    settings.SCORING_PART_SECONDS = seconds
    scoring = ask()

    assert score_edition(scoring.pk, now=now) is True

    check(scoring)


@pytest.mark.django_db
def test_short_study_is_one_part_of_each_kind_and_spreads_nothing(ask, settings, now):
    settings.SCORING_PART_SECONDS = 100
    scoring = ask()

    plan = scorings.begin(scoring.pk, now=now)

    assert plan.missing == ()
    assert list(ScoringPart.objects.values_list("work", "first", "count")) == [("draws", 0, 20_000), ("sobol", 0, 320)]


@pytest.mark.django_db
def test_parts_cover_every_run_once(begun):
    for work, size in (("draws", 20_000), ("sobol", 320)):
        parts = ScoringPart.objects.filter(work=work).order_by("first")
        ends = [0]
        for first, count in parts.values_list("first", "count"):
            assert first == ends[-1]
            ends.append(first + count)
        assert ends[-1] == size


BY_ACCURACY = {"draws": '"auto"', "budget": "budget = 64_000\n"}


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", [0.02, 100])
def test_draws_are_doubled_part_by_part_until_they_are_enough(ask, field, settings, now, seconds):
    settings.SCORING_PART_SECONDS = seconds
    scoring = ask(**BY_ACCURACY, data=field)

    assert score_edition(scoring.pk, now=now) is True

    check(scoring)
    told = json.loads(scoring.result["robustness/summary.json"])
    assert told["draws"] > 1_000
    assert (told["accuracy"]["asked"], told["accuracy"]["ended"]) == ("auto", "converged")
    assert len(scoring.result["robustness/weight_draws.csv"].splitlines()) == 1_001


@pytest.mark.django_db
def test_scoring_whose_draws_are_not_enough_does_not_end(ask, field, now):
    scoring = ask(**BY_ACCURACY, data=field)
    scorings.begin(scoring.pk, now=now)
    part = ScoringPart.objects.get(work="draws")
    ScoringPart.objects.filter(pk=part.pk).update(content=None)
    assert scorings.extend(scoring.pk, now=now) is None  # one is still to be computed
    assert scorings.compute_part(part.pk, now=now) is True

    assert scorings.finish(scoring.pk, now=now) is False
    further = scorings.extend(scoring.pk, now=now)

    draws = ScoringPart.objects.filter(work="draws").order_by("first").values_list("first", "count")
    assert [first for first, _ in draws] == [0, *accumulate(count for _, count in draws)][:-1]
    assert sum(count for _, count in draws) == 2_000
    assert further.total == ScoringPart.objects.count()
    assert set(further.missing) == set(ScoringPart.objects.filter(content=None).values_list("pk", flat=True))


@pytest.mark.django_db
def test_two_workers_that_extend_at_once_plan_it_once(ask, field, now):
    scoring = ask(**BY_ACCURACY, data=field)
    scorings.begin(scoring.pk, now=now)
    for part in ScoringPart.objects.filter(content=None):
        scorings.compute_part(part.pk, now=now)

    def now_another_was_faster():
        first = {"scoring_id": scoring.pk, "work": "draws", "first": 1_000}
        ScoringPart.objects.get_or_create(**first, defaults={"count": 1_000})
        return now()

    assert scorings.extend(scoring.pk, now=now_another_was_faster) is None
    assert ScoringPart.objects.filter(work="draws", first__gte=1_000).count() == 1


@pytest.mark.django_db
def test_next_attempt_keeps_a_plan_that_was_extended(ask, field, short_parts, now):
    scoring = ask(**BY_ACCURACY, data=field)
    for part in scorings.begin(scoring.pk, now=now).missing:
        scorings.compute_part(part, now=now)
    further = scorings.extend(scoring.pk, now=now)
    planned = list(ScoringPart.objects.values_list("pk", flat=True))
    Scoring.objects.update(state="queued")

    again = scorings.begin(scoring.pk, now=now)

    assert (again.missing, again.total) == (further.missing, len(planned))
    assert list(ScoringPart.objects.values_list("pk", flat=True)) == planned
    while again is not None:
        for part in again.missing:
            scorings.compute_part(part, now=now)
        again = scorings.extend(scoring.pk, now=now)
    assert scorings.finish(scoring.pk, now=now) is True
    check(scoring, attempt=2)


@pytest.mark.django_db
def test_scoring_without_draws_has_no_parts(ask, now):
    scoring = ask(draws=0)

    assert scorings.begin(scoring.pk, now=now).missing == ()
    assert not ScoringPart.objects.exists()
    assert scorings.finish(scoring.pk, now=now) is True
    scoring.refresh_from_db()
    assert scoring.result_fingerprint == expected(scoring)


@pytest.mark.django_db
def test_row_shows_how_many_parts_are_there(begun, now):
    scoring, plan = begun
    for part in (plan.missing[3], plan.missing[0], plan.missing[3], *plan.missing):
        before = counted(scoring)
        kept = scorings.compute_part(part, now=now)
        stage, done, total, computed, planned = counted(scoring)
        assert (stage, done, total) == ("ranking", computed, planned)
        assert done == before[1] + kept <= total
    assert done == total


@pytest.mark.django_db
def test_second_run_of_each_step_changes_nothing(begun, now):
    scoring, plan = begun
    assert scorings.begin(scoring.pk, now=now) is None
    assert scorings.finish(scoring.pk, now=now) is False
    assert [scorings.compute_part(plan.missing[0], now=now) for _ in range(2)] == [True, False]
    for part in plan.missing[1:]:
        assert scorings.finish(scoring.pk, now=now) is False
        assert scorings.compute_part(part, now=now) is True
    assert [scorings.finish(scoring.pk, now=now) for _ in range(2)] == [True, False]
    assert scorings.begin(scoring.pk, now=now) is None
    check(scoring)


@pytest.mark.django_db
def test_finish_waits_for_a_plan(ask, now):
    scoring = ask()
    Scoring.objects.update(state="running", attempt=1)

    assert scorings.finish(scoring.pk, now=now) is False

    scoring.refresh_from_db()
    assert (scoring.state, scoring.result) == ("running", None)


@pytest.mark.django_db
def test_next_attempt_keeps_the_plan_and_what_is_computed(begun, now):
    scoring, plan = begun
    scorings.compute_part(plan.missing[0], now=now)
    rows = list(ScoringPart.objects.values_list("pk", "work", "first", "count"))
    Scoring.objects.update(beat_at=now() - timedelta(hours=1))

    assert jobs.sweep(at=now()) == [(Scoring, scoring.pk)]
    assert scorings.compute_part(plan.missing[1], now=now) is True  # one that was still queued
    again = scorings.begin(scoring.pk, now=now)

    assert (again.attempt, again.missing) == (2, plan.missing[2:])
    assert list(ScoringPart.objects.values_list("pk", "work", "first", "count")) == rows
    for part in again.missing:
        scorings.compute_part(part, now=now)
    assert scorings.finish(scoring.pk, now=now) is True
    check(scoring, attempt=2)


@pytest.mark.django_db
def test_parts_of_another_version_of_the_code_are_computed_anew(begun, now):
    scoring, plan = begun
    scorings.compute_part(plan.missing[0], now=now)
    Scoring.objects.update(code_version="steelyard 0.0.1")

    assert scorings.compute_part(plan.missing[1], now=now) is False
    assert scorings.finish(scoring.pk, now=now) is False
    Scoring.objects.update(state="queued")
    again = scorings.begin(scoring.pk, now=now)

    assert not set(again.missing) & set(plan.missing)
    assert not ScoringPart.objects.filter(pk__in=plan.missing).exists()


@pytest.mark.django_db
def test_refusal_in_one_part_fails_the_scoring_by_name_and_once(begun, now):
    scoring, plan = begun
    ScoringPart.objects.filter(pk=plan.missing[2]).update(work="change")  # of an earlier release that there is not

    assert scorings.compute_part(plan.missing[2], now=now) is False

    scoring.refresh_from_db()
    assert (scoring.state, scoring.error_code, scoring.error_facts["parameter"]) == ("failed", "method", "earlier")
    assert not ScoringPart.objects.exists()
    ended = scoring.finished_at
    assert scorings.compute_part(plan.missing[3], now=lambda: now() + timedelta(hours=1)) is False
    assert scorings.finish(scoring.pk, now=now) is False
    scoring.refresh_from_db()
    assert (scoring.state, scoring.finished_at, scoring.result) == ("failed", ended, None)


@pytest.mark.django_db
def test_cancelled_scoring_drops_its_parts_and_is_computed_anew_when_asked_again(begun, edition, now, by):
    scoring, plan = begun
    scorings.compute_part(plan.missing[0], now=now)

    cancel_scoring(scoring, **by)

    assert not ScoringPart.objects.exists()
    assert scorings.compute_part(plan.missing[1], now=now) is False
    assert scorings.finish(scoring.pk, now=now) is False
    scoring.refresh_from_db()
    assert (scoring.state, scoring.result) == ("cancelled", None)
    assert score_edition(request_scoring(edition, **by).pk, now=now) is True
    check(scoring, attempt=2)


@pytest.mark.parametrize(
    "part",
    [
        Runs(np.array([[1, 2], [2, 0]], dtype=np.uint16), np.array([[1, 1], [1, 0]], dtype=np.uint8)),
        Runs(np.ones((2, 1), np.uint16), np.ones((2, 1), np.uint8), above=np.zeros((1, 1), np.uint32)),
        Change(
            units=("a", "β"),
            status=("split", "new"),
            causes=("data",),
            score_before=np.array([1.5, np.nan]),
            score_after=np.array([1 / 3, 2.0]),
            rank_before=np.array([1, 0]),
            rank_after=np.array([2, 1]),
            rank_parts=np.array([[-7, 0], [0, 0]]),
            score_parts=((Decimal("-1.16666666667"), Decimal("0E-11")), (Decimal(0), Decimal(0))),
            rank_new_method=np.array([1, 0]),
            score_new_method=np.array([1.5, np.nan]),
        ),
    ],
)
def test_part_comes_out_as_it_went_in(part):
    back = unpack_part(pack_part(part))

    assert type(back) is type(part)
    for name, value in vars(part).items():
        if isinstance(value, np.ndarray):
            assert getattr(back, name).dtype == value.dtype
            assert np.array_equal(getattr(back, name), value, equal_nan=value.dtype.kind == "f")
        else:
            assert repr(getattr(back, name)) == repr(value)


# --- at the same time -----------------------------------------------------------------------------------------------


def together(*calls):
    """Run the calls in threads of their own, as near together as can be; returns what they gave."""
    gate, given = threading.Barrier(len(calls)), [None] * len(calls)

    def run(position, call):
        try:
            gate.wait()
            given[position] = call()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


@pytest.mark.django_db(transaction=True)
def test_deliveries_at_the_same_time_count_once(begun, now):
    scoring, plan = begun
    thrice, at_once, after = plan.missing[:3], plan.missing[3:12], plan.missing[12:]
    for part in thrice:
        kept = together(*[lambda part=part: scorings.compute_part(part, now=now)] * 3)
        assert sorted(kept) == [False, False, True]
    assert all(together(*[lambda part=part: scorings.compute_part(part, now=now) for part in at_once]))
    assert all(scorings.compute_part(part, now=now) for part in after)
    assert counted(scoring)[1] == counted(scoring)[3] == counted(scoring)[4]
    assert sorted(together(*[lambda: scorings.finish(scoring.pk, now=now)] * 3)) == [False, False, True]
    check(scoring)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql  # SQLite locks the whole database, not a row
def test_part_that_ends_after_the_cancellation_is_not_kept(begun, by, now, eventually, somebody_waits_for_a_lock):
    scoring, plan = begun
    kept = []

    def compute():
        try:
            kept.append(scorings.compute_part(plan.missing[0], now=now))
        finally:
            connection.close()

    thread = threading.Thread(target=compute)
    with transaction.atomic():
        Scoring.objects.select_for_update().get(pk=scoring.pk)
        thread.start()
        eventually(somebody_waits_for_a_lock)
        cancel_scoring(scoring, **by)
    thread.join()

    assert kept == [False]
    assert not ScoringPart.objects.exists()


# --- with real workers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2])
def test_number_of_workers_changes_no_byte(short_parts, ask, new_worker, eventually, count):
    scoring = ask(draws=60_000)
    workers = [new_worker(f"worker{number}") for number in range(count)]
    for worker in workers:
        worker.start()
    shown = []

    def ended():
        shown.append(counted(scoring))
        return is_done(scoring)

    tasks.score_edition.delay(scoring.pk)
    eventually(ended)

    check(scoring)
    ranking = [look for look in shown if look[0] == "ranking"]
    assert ranking == sorted(ranking, key=lambda look: look[1])
    assert all((done, total) == (computed, planned) for _, done, total, computed, planned in ranking)
    measured = 2  # the first runs of each kind of work were computed to plan the rest
    eventually(lambda: sum(told(worker, "succeeded") for worker in workers) == scoring.total - measured)
    assert all(told(worker, "succeeded") for worker in workers)


def told(worker, what):
    """Count the lines about parts in a worker's log."""
    return len(re.findall(rf"scoring\.compute_part\[.*\] {what}", worker.log))


def test_killed_worker_loses_nothing_and_counts_nothing_twice(
    longer_parts, short_silence, ask, celery_worker_process, eventually
):
    scoring = ask(draws=1_000_000, factors=WITHOUT_WEIGHTS)
    tasks.score_edition.delay(scoring.pk)
    eventually(lambda: under_way(scoring, at_least=3))
    celery_worker_process.kill()

    stage, done, total, computed, planned = counted(scoring)
    assert (stage, done, total) == ("ranking", computed, planned)
    assert done < total
    kept = computed_parts()

    eventually(lambda: jobs.sweep(at=timezone.now()))  # a worker that is back at once goes on with what the queue holds
    celery_worker_process.start()
    assert kept.items() <= computed_parts().items()
    tasks.score_edition.delay(scoring.pk)
    eventually(lambda: is_done(scoring))
    check(scoring, attempt=2)


def under_way(scoring, *, at_least=0):
    scoring.refresh_from_db()
    return scoring.stage == "ranking" and at_least <= scoring.done < scoring.total


def computed_parts():
    rows = ScoringPart.objects.exclude(content=None).values_list("pk", "content")
    return {pk: bytes(content) for pk, content in rows}


def test_workers_double_the_draws_until_they_are_enough(short_parts, ask, field, new_worker, eventually):
    scoring = ask(**BY_ACCURACY, data=field)
    workers = [new_worker(f"worker{number}") for number in range(2)]
    for worker in workers:
        worker.start()

    for _ in range(2):
        tasks.score_edition.delay(scoring.pk)
    eventually(lambda: is_done(scoring))
    tasks.finish_scoring.delay(scoring.pk)
    eventually(lambda: all(idle(worker) for worker in workers))

    check(scoring)


def test_every_task_delivered_twice_changes_nothing(short_parts, ask, new_worker, eventually):
    scoring = ask(draws=60_000)
    workers = [new_worker(f"worker{number}") for number in range(2)]
    for worker in workers:
        worker.start()
    for _ in range(2):
        tasks.score_edition.delay(scoring.pk)
    planned = eventually(lambda: list(ScoringPart.objects.values_list("pk", flat=True)))
    for _ in range(2):
        tasks.finish_scoring.delay(scoring.pk)
        for part in planned:
            tasks.compute_part.apply_async([part], ignore_result=True)  # here nobody reads results
    eventually(lambda: is_done(scoring))
    for again in (tasks.score_edition, tasks.finish_scoring):
        again.delay(scoring.pk)
    eventually(lambda: all(idle(worker) for worker in workers))
    assert sum(len(re.findall(r"part \d+: nothing to do", worker.log)) for worker in workers) >= len(planned)
    check(scoring)


def test_emptied_broker_is_swept_up(short_parts, short_silence, ask, celery_worker_process, redis_url, eventually):
    scoring = ask(draws=400_000, factors=WITHOUT_WEIGHTS)

    tasks.score_edition.delay(scoring.pk)
    eventually(lambda: under_way(scoring, at_least=4))
    with redis.Redis.from_url(redis_url) as client:  # what a restart without a disk is to those connected
        client.flushall()
        client.client_kill_filter(_type="normal", skipme=True)
        client.client_kill_filter(_type="pubsub", skipme=True)
    done = counted(scoring)[1]
    assert done < scoring.total

    swept = eventually(lambda: jobs.sweep(at=timezone.now()))
    assert swept == [(Scoring, scoring.pk)]
    assert counted(scoring)[3] >= done
    tasks.score_edition.delay(scoring.pk)
    eventually(lambda: is_done(scoring))
    check(scoring, attempt=2)


def test_restarted_broker_is_swept_up(short_parts, short_silence, ask, new_worker, tmp_path, eventually):
    scoring = ask(draws=400_000, factors=WITHOUT_WEIGHTS)
    broker, url = start_redis(tmp_path)
    worker = new_worker("restarted", REDIS_URL=url)
    worker.start()
    try:
        with Connection(url) as sent:
            tasks.score_edition.apply_async([scoring.pk], connection=sent)
        eventually(lambda: under_way(scoring, at_least=4))

        broker.kill()
        broker.wait()
        broker, _ = start_redis(tmp_path, int(url.rpartition(":")[2].partition("/")[0]))  # it kept nothing
        done = counted(scoring)[1]
        assert done < scoring.total

        eventually(lambda: jobs.sweep(at=timezone.now()) == [(Scoring, scoring.pk)])
        with Connection(url) as sent:
            tasks.score_edition.apply_async([scoring.pk], connection=sent)
        eventually(lambda: is_done(scoring))
        assert " ready." in worker.log
        check(scoring, attempt=2)
    finally:
        broker.terminate()
        broker.wait()


def test_cancelling_ends_queued_and_running_parts(short_parts, ask, edition, celery_worker_process, by, eventually):
    scoring = ask(draws=400_000, factors=WITHOUT_WEIGHTS)

    tasks.score_edition.delay(scoring.pk)
    eventually(lambda: under_way(scoring, at_least=4))
    tasks.withdraw(cancel_scoring(scoring, **by))

    eventually(lambda: idle(celery_worker_process))
    scoring.refresh_from_db()
    assert (scoring.state, scoring.result) == ("cancelled", None)
    assert not ScoringPart.objects.exists()
    assert "Discarding revoked task" in celery_worker_process.log
    with pytest.raises(EditionStateError):
        cancel_scoring(scoring, **by)

    tasks.score_edition.delay(request_scoring(edition, **by).pk)
    eventually(lambda: is_done(scoring))
    check(scoring, attempt=2)


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.full)])
def test_whatever_is_killed_all_is_done_once_and_nobody_is_needed(
    longer_parts, ask, series, closed, method, own_broker, as_documented, by, eventually, kills
):
    def restart_broker():
        own_broker.stop()
        ask_for(100 + number)
        own_broker.start()

    def ask_for(seed):
        asked.append(request_consensus(series, round_uid=closed.uid, method=replace(method, seed=seed), **by))
        tasks.enqueue(asked[-1])

    asked, scoring = [], ask(draws=1_000_000, factors=WITHOUT_WEIGHTS)
    tasks.enqueue(scoring)
    worker = as_documented("worker", STALE_AFTER_SECONDS="3", SCORING_PART_SECONDS="0.3")
    beat = as_documented("beat", SWEEP_SECONDS="0.5")
    for number in range(kills):
        ask_for(number)
        seen = worker.log.count(" received")
        eventually(lambda seen=seen: worker.log.count(" received") > seen, seconds=PATIENCE)
        (worker.kill, restart_broker, beat.kill)[number % 3]()

    eventually(lambda: is_done(scoring), seconds=PATIENCE)
    eventually(lambda: set(Consensus.objects.values_list("state", flat=True)) == {"done"}, seconds=PATIENCE)
    scoring.refresh_from_db()
    check(scoring, attempt=scoring.attempt)
    assert {(one.weights.count(), one.nodes.count()) for one in asked} == {(9, 4)}
    assert len(asked) == kills + kills // 3 + (kills % 3 > 1)
    assert worker.starts >= 1 + -(-kills // 3)
    assert beat.starts >= 1 + kills // 3


def idle(worker):
    """Say whether the worker has ended all it received, and nothing waits."""
    with redis.Redis.from_url(app.conf.broker_url) as client:  # its own: the pool's may lie broken since another test
        waiting = client.llen("celery")
    ended = sum(worker.log.count(word) for word in (" succeeded in ", "Discarding revoked task", " raised "))
    return waiting == 0 and worker.log.count(" received") <= ended
