"""Long work: claim a row, show how far it is, finish it once, fail it with a reason, find what was lost.

Every move is one conditional update that counts its rows, so two workers, a redelivery or a late return change nothing.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from exchange.problems import FileProblemsError
from scoring.errors import LostClaimError, ScoringError
from scoring.files.digits import plain
from scoring.models import Bundle, Consensus, Job, Scoring, ScoringPart, Upload
from scoring.numerics.errors import NumericsError
from scoring.states import JOB, refused
from surveys.errors import SurveyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from django.db.models import QuerySet

J = TypeVar("J", bound=Job)

KINDS: tuple[type[Job], ...] = (Consensus, Scoring, Bundle, Upload)
DOMAIN = (ScoringError, SurveyError, NumericsError, FileProblemsError)
OPEN = tuple(JOB.allowed("go_on"))
TRANSIENT = (OperationalError, InterfaceError)
"""The database is gone or busy: the same work may succeed in a moment."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim(Generic[J]):
    """One worker's right to finish one row: it holds while the row still runs under this attempt."""

    job: J
    attempt: int
    now: Callable[[], datetime]

    def _held(self) -> QuerySet[J]:
        return _rows(type(self.job)).filter(pk=self.job.pk, attempt=self.attempt, state=Job.State.RUNNING)

    def progress(self, stage: str, *, done: int, total: int) -> None:
        """Show how far the work is; committed at once.

        Raises
        ------
        LostClaimError
            The row was cancelled or taken over.
        """
        self._change(stage=stage, done=done, total=total, beat_at=self.now())

    def beat(self) -> bool:
        """Say that the worker lives; False when the claim is gone."""
        return self._held().update(beat_at=self.now()) == 1

    def finish(self, **result: object) -> None:
        """Write the result on the row and close it; call it first in the transaction that writes what belongs to it.

        Its parts are dropped.

        Raises
        ------
        LostClaimError
            The row was cancelled or taken over; nothing is written.
        """
        if not connection.in_atomic_block:
            raise transaction.TransactionManagementError("a job is finished in the transaction that writes its result")
        self._change(state=Job.State.DONE, finished_at=self.now(), stage="", **result)
        _drop_parts(self.job)

    def fail(self, error: Exception) -> None:
        """Record the refusal by its code and facts and drop the parts; it is not tried again until somebody asks."""
        facts = getattr(error, "facts", {"problems": getattr(error, "problems", ())})
        with transaction.atomic():
            failed = self._held().update(
                state=Job.State.FAILED,
                finished_at=self.now(),
                error_code=getattr(error, "code", "unexpected"),
                error_facts={"message": str(error), **plain(facts)},
            )
            if failed:
                _drop_parts(self.job)

    def hand_back(self) -> None:
        """Give the row back to the queue, so that the retry finds it there; the sweep does it where this cannot."""
        try:
            self._held().update(state=Job.State.QUEUED)
        except DatabaseError:
            log.warning("%s %s waits for the sweep", type(self.job).__name__, self.job.pk)

    def _change(self, **fields: object) -> None:
        if self._held().update(**fields) != 1:
            raise LostClaimError(
                f"{type(self.job).__name__} {self.job.pk}: the claim of attempt {self.attempt} is gone"
            )


def _rows(kind: type[J]) -> QuerySet[J]:
    return kind._default_manager.all()  # noqa: SLF001 - Django's name for a model's manager where the model is not known


def _drop_parts(job: Job) -> None:
    """Drop the parts of work that ends: a part that is still there is still wanted, and arrays are large."""
    if isinstance(job, Scoring):
        ScoringPart.objects.filter(scoring=job).delete()


def perform(kind: type[J], pk: int, work: Callable[[Claim[J]], bool | None], *, now: Callable[[], datetime]) -> bool:
    """Claim the row, do the work, and see that it ends once: done by ``work``, or failed with a reason.

    Effects in order: the row runs under a new attempt; ``work`` computes and finishes it in one transaction, or leaves it to
    later calls of `go_on`; a refusal is recorded on the row; after a transient error the row is queued again and the error
    goes on to whoever retries.

    Returns
    -------
    bool
        True when the work was done; False when there was nothing to do, it was refused, or the claim was lost.
    """
    claim = _claim(kind, pk, now=now)
    if claim is None:
        return False
    try:
        return _see_through(claim, work)
    except TRANSIENT:
        claim.hand_back()
        raise


def go_on(kind: type[J], pk: int, work: Callable[[Claim[J]], bool | None], *, now: Callable[[], datetime]) -> bool:
    """Do a piece of the work on a row that another call claimed, under that claim.

    While the row waits to be claimed again the claim is not held, but a piece that does not need it goes on: what it keeps
    is there for the next attempt. A refusal is recorded on the row; after a transient error the row stays as it is, and
    the error goes on to whoever retries the piece.

    Returns
    -------
    bool
        True when the piece was done; False when the row has ended, it was refused, the claim was lost, or ``work`` says so.
    """
    job = _rows(kind).filter(pk=pk, state__in=OPEN).first()
    if job is None:
        log.info("%s %s: nothing to go on with", kind.__name__, pk)
        return False
    return _see_through(Claim(job, job.attempt, now), work)


def _see_through(claim: Claim[J], work: Callable[[Claim[J]], bool | None]) -> bool:
    """Let the row live while the work is done, and record a refusal on it; a transient error goes on."""
    try:
        with _beating(claim):
            return work(claim) is not False
    except LostClaimError as error:
        log.info("%s", error)
        return False
    except DOMAIN as error:
        claim.fail(error)
        return False
    except TRANSIENT:
        raise
    except Exception as error:
        claim.fail(error)
        raise


def _claim(kind: type[J], pk: int, *, now: Callable[[], datetime]) -> Claim[J] | None:
    """Take a waiting row, or one whose worker fell silent; None when there is none to take. Two queries, no lock held."""
    at = now()
    job = _rows(kind).filter(pk=pk).first()
    if job is None or not (job.state == Job.State.QUEUED or _is_silent(job, at)):
        log.info("%s %s: nothing to do", kind.__name__, pk)
        return None
    taken = (
        _rows(kind)
        .filter(pk=pk, attempt=job.attempt, state=job.state)
        .update(
            state=Job.State.RUNNING,
            attempt=job.attempt + 1,
            started_at=at,
            beat_at=at,
            finished_at=None,
            done=0,
            total=0,
            stage="",
            error_code="",
            error_facts={},
        )
    )
    return Claim(job, job.attempt + 1, now) if taken == 1 else None


def _silence(at: datetime) -> datetime:
    """Return the moment before which a worker that has not been heard of counts as gone."""
    return at - timedelta(seconds=settings.STALE_AFTER_SECONDS)


def _is_silent(job: Job, at: datetime) -> bool:
    return job.state == Job.State.RUNNING and (job.beat_at is None or job.beat_at < _silence(at))


@contextmanager
def _beating(claim: Claim[J]) -> Iterator[None]:
    """Let a second thread say that the worker lives while the first one computes."""
    ended = threading.Event()

    def beat() -> None:
        try:
            while not ended.wait(settings.STALE_AFTER_SECONDS / 3) and _heard(claim):
                pass
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _heard(claim: Claim[J]) -> bool:
    try:
        return claim.beat()
    except DatabaseError:  # gone or busy: the next beat may be heard, and if none is, the sweep acts
        log.warning("%s %s: a beat was not heard", type(claim.job).__name__, claim.job.pk)
        return True


def requeue(job: Job, *, by: str, at: datetime) -> None:
    """Queue a failed or cancelled row again; any other stays as it is."""
    _rows(type(job)).filter(pk=job.pk, state__in=JOB.allowed("requeue")).update(
        state=Job.State.QUEUED, requested_at=at, requested_by=by, beat_at=None, error_code="", error_facts={}
    )
    job.refresh_from_db()


@transaction.atomic
def cancel(job: Job, *, by: str, at: datetime) -> None:
    """Cancel waiting or running work and drop its parts; a worker that is at it writes nothing more.

    Raises
    ------
    WrongStateError
        It has ended.
    """
    changed = (
        _rows(type(job))
        .filter(pk=job.pk, state__in=JOB.allowed("cancel"))
        .update(state=Job.State.CANCELLED, finished_at=at, error_facts={"by": by})
    )
    job.refresh_from_db()
    if not changed:
        raise refused(JOB, "cancel", job.state)
    _drop_parts(job)


def sweep(*, at: datetime) -> list[tuple[type[Job], int]]:
    """Find lost work: rows whose worker fell silent, and rows that wait although nobody may know of them.

    Silent ones are queued again. Every row found is marked, so that it is found once in each span of silence.
    """
    found: list[tuple[type[Job], int]] = []
    lost = Q(state=Job.State.RUNNING, beat_at__lt=_silence(at)) | Q(state=Job.State.QUEUED, heard_at__lt=_silence(at))
    for kind in KINDS:
        rows = _rows(kind).alias(heard_at=Coalesce("beat_at", "requested_at")).filter(lost)
        for pk, attempt, state in rows.values_list("pk", "attempt", "state").order_by("pk"):
            if _is_marked(_rows(kind).filter(pk=pk, attempt=attempt, state=state), at):
                found.append((kind, pk))
    return found


@transaction.atomic
def _is_marked(unchanged: QuerySet[J], at: datetime) -> bool:
    """Queue a row that was found; one that is locked belongs to a worker that stores what it is about."""
    skips = connection.features.has_select_for_update_skip_locked
    held = unchanged.select_for_update(skip_locked=skips).values_list("pk", flat=True).first()
    return held is not None and unchanged.filter(pk=held).update(state=Job.State.QUEUED, beat_at=at) == 1
