"""Celery's entry to long work: ids in, one use-case call, retries for what may pass; a second run changes nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from scoring.models import Bundle, Consensus, Scoring
from scoring.usecases import consensus, editions, jobs, releases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.models import Job

RETRY: Final[dict[str, Any]] = {
    "autoretry_for": (*jobs.TRANSIENT, BrokerError, ConnectionError),
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
    """Compute one scoring."""
    editions.score_edition(scoring_id, now=timezone.now)


@shared_task(name="scoring.build_bundle", **RETRY)
def build_bundle(bundle_id: int) -> None:
    """Build one release's files for download."""
    releases.build_bundle(bundle_id, now=timezone.now)


TASKS: Final[Mapping[type[Job], Any]] = {
    Consensus: compute_consensus,
    Scoring: score_edition,
    Bundle: build_bundle,
}


def enqueue(job: Job) -> None:
    """Tell the workers of a queued row once it is committed; where the broker does not listen, the sweep tells them."""
    transaction.on_commit(partial(TASKS[type(job)].delay, job.pk), robust=True)


@shared_task(name="scoring.sweep", **RETRY)
def sweep() -> None:
    """Queue lost work again."""
    for kind, pk in jobs.sweep(at=timezone.now()):
        TASKS[kind].delay(pk)
