"""Celery's entry to long work: ids in, one use-case call, retries for what may pass; a second run changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from celery import chord, shared_task
from django.utils import timezone

from accounts import workers
from accounts.mail_queue import MOST_ATTEMPTS
from scoring.models import Bundle, Consensus, Scoring, Upload
from scoring.usecases import consensus, daily_mails, destruction, jobs, readings, releases, scorings, uploads

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from scoring.models import Job
    from scoring.usecases.scorings import Begun

RETRY: Final[dict[str, Any]] = {
    "autoretry_for": jobs.TRANSIENT,
    "retry_backoff": 2,
    "retry_backoff_max": 300,
    "max_retries": 8,
}


@shared_task(name="scoring.compute_consensus", **RETRY)
def compute_consensus(consensus_id: int) -> None:
    """Compute one consensus."""
    consensus.compute_consensus(consensus_id, now=timezone.now)


@shared_task(name="scoring.score_edition", **RETRY)
def score_edition(scoring_id: int) -> None:
    """Begin one scoring, and spread its parts over the workers where there are some."""
    begun = scorings.begin(scoring_id, now=timezone.now)
    if begun is not None:
        _spread(scoring_id, begun)


def _spread(scoring_id: int, begun: Begun | None) -> None:
    """Hand out the parts that are missing; without any, look whether more draws are wanted, and finish where none are."""
    while begun is not None and not begun.missing:
        begun = scorings.extend(scoring_id, now=timezone.now)
    if begun is None:
        scorings.finish(scoring_id, now=timezone.now)
        return
    names = _part_tasks(begun.uid, begun.attempt, begun.total)[-len(begun.missing) :]
    parts = [compute_part.si(part).set(task_id=name) for part, name in zip(begun.missing, names, strict=True)]
    workers.queue(chord(parts, finish_scoring.si(scoring_id)))


def _part_tasks(uid: UUID, attempt: int, total: int) -> list[str]:
    """Name the tasks of an attempt's parts, so that whoever cancels it knows them; parts planned later have the last names."""
    return [f"{uid}-{attempt}-{number}" for number in range(total)]


@shared_task(name="scoring.compute_part", ignore_result=False, **RETRY)  # the chord counts its results
def compute_part(part_id: int) -> None:
    """Compute one part of a scoring."""
    scorings.compute_part(part_id, now=timezone.now)


@shared_task(name="scoring.finish_scoring", **RETRY)
def finish_scoring(scoring_id: int) -> None:
    """Join the parts of one scoring, or spread as many draws again where they are wanted."""
    _spread(scoring_id, scorings.extend(scoring_id, now=timezone.now))


@shared_task(name="scoring.build_bundle", **RETRY)
def build_bundle(bundle_id: int) -> None:
    """Build one release's files for download."""
    releases.build_bundle(bundle_id, now=timezone.now)


@shared_task(name="scoring.read_upload", **RETRY)
def read_upload(upload_id: int) -> None:
    """Read the files of one upload, and take them in where they are confirmed."""
    uploads.read_upload(upload_id, now=timezone.now)


@shared_task(name="scoring.send_daily_mail", autoretry_for=(OSError,), retry_backoff=True, max_retries=MOST_ATTEMPTS)
def send_daily_mail(mail_id: int) -> bool:
    """Send one mail of what waits."""
    return daily_mails.send_daily_mail(mail_id, now=timezone.now)


@shared_task(name="scoring.queue_daily_mails")
def queue_daily_mails() -> int:
    """Queue the daily mails that are due; the sweep sends them."""
    return len(daily_mails.queue_daily_mails(at=timezone.now()))


TASKS: Final[Mapping[type[Job], Any]] = {
    Consensus: compute_consensus,
    Scoring: score_edition,
    Bundle: build_bundle,
    Upload: read_upload,
}


def enqueue(job: Job) -> None:
    """Tell the workers of a queued row once it is committed; where the broker does not listen, the sweep tells them."""
    workers.queue(TASKS[type(job)].si(job.pk))


def withdraw(scoring: Scoring) -> None:
    """Let workers throw away what they have queued of a cancelled scoring; a worker not reached finds nothing to do."""
    workers.revoke(_part_tasks(scoring.uid, scoring.attempt, scoring.total))


@shared_task(name="scoring.sweep", **RETRY)
def sweep() -> None:
    """Queue lost work again, forget and destroy what was promised to be, derive what pages read of releases, send daily mails."""
    consensus.forget_withdrawn(at=timezone.now())
    destruction.destroy_pairs_that_are_due(at=timezone.now())
    workers.queue(*(TASKS[kind].si(pk) for kind, pk in jobs.sweep(at=timezone.now())))
    readings.keep_missing_readings()
    workers.queue(*(send_daily_mail.si(mail_id) for mail_id in daily_mails.waiting_daily_mails(at=timezone.now())))
