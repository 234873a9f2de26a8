"""How far long work is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoring.models import Bundle, Consensus, Scoring
from scoring.queries.freezes import last_freeze
from scoring.states import JOB

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scoring.models import Edition, Job


@dataclass(frozen=True, slots=True)
class Progress:
    """One piece of work: what it is (consensus, scoring, bundle or upload), its state, how far, and why it failed."""

    kind: str
    pk: int
    state: str
    stage: str
    done: int
    total: int
    requested_at: datetime
    requested_by: str
    finished_at: datetime | None
    error_code: str
    error_facts: Mapping[str, Any]

    @property
    def is_running(self) -> bool:
        """Whether it waits or runs."""
        return JOB.allows("cancel", self.state)

    @property
    def has_failed(self) -> bool:
        """Whether it ended without a result."""
        return JOB.allows("requeue", self.state)


def progress_of(job: Job) -> Progress:
    """Return the progress of a row already read."""
    return Progress(
        kind=type(job).__name__.lower(),
        pk=job.pk,
        state=job.state,
        stage=job.stage,
        done=job.done,
        total=job.total,
        requested_at=job.requested_at,
        requested_by=job.requested_by,
        finished_at=job.finished_at,
        error_code=job.error_code,
        error_facts=job.error_facts,
    )


def edition_jobs(edition: Edition) -> tuple[Progress, ...]:
    """Return the work behind an edition as it stands: its consensus, the scoring of its data, its newest bundle.

    Four queries, without the results.
    """
    rows: tuple[Consensus | Scoring | Bundle | None, ...] = (
        Consensus.objects.defer("result", "counted", "clusters").filter(editions=edition).first(),
        Scoring.objects.defer("result").filter(freeze=last_freeze(edition), dataset=edition.dataset_id).first(),
        Bundle.objects.defer("zip", "workbook").filter(release__edition=edition).order_by("-release").first(),
    )
    return tuple(progress_of(row) for row in rows if row is not None)
