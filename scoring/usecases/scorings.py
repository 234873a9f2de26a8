"""Score an edition in steps that any number of workers may take: begin, compute each part of the study, finish.

The row of the scoring and the rows of its parts say what is left to do. Which process takes a step, how often, and in which
order the parts come changes no byte of the result.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from functools import lru_cache, partial
from time import thread_time
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum

from scoring.files.digits import fingerprint
from scoring.files.earlier import INPUTS as EARLIER
from scoring.files.earlier import earlier_files, read_earlier
from scoring.files.parts import pack_part, unpack_part
from scoring.files.sources import write_sources
from scoring.files.tables import write_data
from scoring.files.uncertainty_writer import study_files
from scoring.files.units import write_units
from scoring.models import ReleaseFile, Scoring, ScoringPart
from scoring.numerics.robustness import study
from scoring.queries.datasets import content_of
from scoring.queries.frozen import frozen_of
from scoring.usecases import jobs
from scoring.version import code_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from scoring.files.patches import DatasetContent
    from scoring.numerics.types import Scored
    from scoring.usecases.jobs import Claim

PARTS_OF_A_LONG_STUDY = 16  # at least, so that every worker has some and none waits long for the last one
SHORTEST = 1 / 4  # of the length aimed at: below it, handing out parts costs more than they save
MEASURED = 1 / 8  # of the length aimed at is computed to learn what a run costs
GROWTH = 4  # of the stretches that are measured, at most
MOST_PARTS = 400  # of one kind of work, however wrong its measure

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Begun:
    """A scoring under way: its attempt, and the parts that are still to be computed."""

    uid: UUID
    attempt: int
    missing: tuple[int, ...]


@dataclass(frozen=True)
class PreparedScoring:
    """What every part of a scoring is computed from; ``earlier`` are the files that the change starts from."""

    content: DatasetContent
    earlier: Mapping[str, str]
    question: study.Question
    nominal: Scored

    @property
    def work(self) -> dict[study.Work, int]:
        """How many runs each kind of work takes."""
        return study.work_of(self.question)

    def compute(self, work: study.Work, first: int, count: int) -> study.Part:
        """Compute some runs."""
        return study.compute_part(self.question, self.nominal, work, first=first, count=count)


@lru_cache(maxsize=1)
def _prepared(uid: UUID) -> PreparedScoring:
    """Read and score once what a scoring is about. Freeze and data never change, so a worker keeps it from part to part."""
    scoring = Scoring.objects.select_related("freeze", "dataset").get(uid=uid)
    frozen = frozen_of(scoring.freeze)
    content = content_of(scoring.dataset, frozen.tree.indicators)
    earlier = _earlier(scoring)
    files = {name: text.encode() for name, text in {**frozen.release_files(), **earlier}.items()}
    question = frozen.question(content.table, read_earlier(files))
    return PreparedScoring(content, earlier, question, question.nominal())


def _earlier(scoring: Scoring) -> dict[str, str]:
    """Return the files of the release that the scoring is compared with; nothing where there is none."""
    if scoring.compared_id is None:
        return {}
    stored = ReleaseFile.objects.filter(release=scoring.compared_id, name__in=EARLIER)
    files = {name: bytes(content).decode() for name, content in stored.values_list("name", "content")}
    first = ReleaseFile.objects.filter(release=scoring.corrects_id, name="data.csv").first()
    form = scoring.compared.manifest.get("format") if scoring.compared else None
    return earlier_files(files, first=None if first is None else bytes(first.content).decode(), form=form)


def begin(scoring_id: int, *, now: Callable[[], datetime]) -> Begun | None:
    """Claim a queued scoring, score its data once by the frozen method, and plan the study of how sure the ranking is.

    Effects in order: the row runs under a new attempt; unless an earlier attempt of the same code has planned the study, it
    is measured, cut, and its parts are stored, those already computed among them. A study shorter than a part is computed
    here. None when there was nothing to begin.
    """
    begun: list[Begun] = []
    done = jobs.perform(Scoring, scoring_id, lambda claim: begun.append(_begin(claim)), now=now)
    return begun[0] if done else None


def _begin(claim: Claim[Scoring]) -> Begun:
    claim.progress("reading", done=0, total=0)
    prepared = _prepared(claim.job.uid)
    claim.progress("scoring", done=0, total=0)
    parts = ScoringPart.objects.filter(scoring=claim.job)
    stands = _is_ours(claim.job) and _runs_of(parts) == prepared.work
    planned = [] if stands else list(_plan(claim.job, prepared))
    with transaction.atomic():
        claim.progress("ranking", done=0, total=0)  # locks the row for as long as this attempt holds it
        if not stands:
            parts.delete()
            ScoringPart.objects.bulk_create(planned)
            Scoring.objects.filter(pk=claim.job.pk).update(code_version=code_version())
        _show(claim.job.pk, at=claim.now())
        missing = parts.filter(content=None).values_list("pk", flat=True)
        return Begun(claim.job.uid, claim.attempt, tuple(missing))


def _is_ours(scoring: Scoring) -> bool:
    """Say whether this very code planned the parts: a result is computed by one version from end to end."""
    return scoring.code_version == code_version()


def _runs_of(parts: QuerySet[ScoringPart]) -> dict[str, int]:
    """Return how many runs the parts hold, by kind of work."""
    return dict(parts.order_by().values_list("work").annotate(runs=Sum("count")))


def _show(scoring_id: int, *, at: datetime) -> None:
    """Show how many parts are done, by counting them; the caller has locked the row."""
    counts = ScoringPart.objects.filter(scoring=scoring_id).aggregate(done=Count("content"), total=Count("pk"))
    Scoring.objects.filter(pk=scoring_id, state__in=jobs.OPEN).update(stage="ranking", beat_at=at, **counts)


@dataclass(frozen=True)
class Measured:
    """The first ``count`` runs of one kind of work, and what more will cost: ``fixed`` a part and ``each`` a run.

    In seconds of the processor, so that what else a machine does cuts no part shorter.
    """

    work: study.Work
    size: int
    count: int
    part: study.Part
    fixed: float
    each: float

    @property
    def left(self) -> int:
        """The number of runs still to be computed."""
        return self.size - self.count


def _plan(scoring: Scoring, prepared: PreparedScoring) -> Iterator[ScoringPart]:
    """Cut the study into parts of about the seconds aimed at; what was computed to measure it is a part that is done."""
    aim = settings.SCORING_PART_SECONDS
    measured = [_measured(prepared, work, size, least=aim * MEASURED) for work, size in prepared.work.items()]
    whole = sum(one.left * one.each for one in measured)
    seconds = min(aim, max(aim * SHORTEST, whole / PARTS_OF_A_LONG_STUDY))
    for one in measured:
        part = partial(ScoringPart, scoring=scoring, work=one.work)
        if one.left and whole <= aim:  # pragma: no cover - hangs on the machine's speed
            rest = prepared.compute(one.work, one.count, one.left)
            yield part(first=0, count=one.size, content=pack_part(study.join_work([one.part, rest])))
        else:
            yield part(first=0, count=one.count, content=pack_part(one.part))
            yield from (part(first=first, count=count) for first, count in _cut(one, seconds))


def _cut(one: Measured, seconds: float) -> Iterator[tuple[int, int]]:
    """Cut what is left into even parts; a part computes for at least as long as it takes to begin one."""
    if one.left:
        wanted = max(seconds - one.fixed, one.fixed) / one.each
        parts = math.ceil(one.left / max(1, int(wanted), one.left // MOST_PARTS))
        count = math.ceil(one.left / parts)
        for first in range(one.count, one.size, count):
            yield first, min(count, one.size - first)


def _measured(prepared: PreparedScoring, work: study.Work, size: int, *, least: float) -> Measured:
    """Compute the first runs in stretches that grow, until one takes so many seconds or nothing is left.

    The first run warms up, the second one shows what any part costs however short it is; what a run costs is told by the
    last two stretches, of which the longer one must stand out.
    """
    parts: list[study.Part] = []
    stretches: list[tuple[int, float]] = []
    first, count, each = 0, 1, 0.0
    while first < size:
        count = min(count, size - first)
        began = thread_time()
        parts.append(prepared.compute(work, first, count))
        stretches.append((count, thread_time() - began))
        first += count
        if len(stretches) > 1:
            (before, short), (count, long) = stretches[-2:]
            each = max(long - short, 1e-9) / max(1, count - before)
            if count > 1 and long >= max(least, 2 * stretches[1][1]):
                break
            count = min(GROWTH * count, max(2 * count, math.ceil(least / each)))
    count, long = stretches[-1]
    return Measured(work, size, first, study.join_work(parts), max(0.0, long - each * count), each)


def compute_part(part_id: int, *, now: Callable[[], datetime]) -> bool:
    """Compute a part of a study and keep it; True when this call kept it, False when it was kept or is not wanted any more.

    Effects in order: the runs are computed; the scoring's row is locked; the part is kept where it is still open; the
    scoring shows how many parts are done.
    """
    part = ScoringPart.objects.filter(pk=part_id, content=None).first()
    if part is None:
        log.info("part %s: nothing to do", part_id)
        return False
    return jobs.go_on(Scoring, part.scoring_id, partial(_compute, part), now=now)


def _compute(part: ScoringPart, claim: Claim[Scoring]) -> bool:
    if not _is_ours(claim.job):
        return False
    prepared = _prepared(claim.job.uid)
    content = pack_part(prepared.compute(cast("study.Work", part.work), part.first, part.count))
    with transaction.atomic():
        # the scoring's other parts, its cancellation and its end wait here: what is counted is what is there
        Scoring.objects.select_for_update(no_key=True).only("pk").get(pk=part.scoring_id)
        kept = ScoringPart.objects.filter(pk=part.pk, content=None).update(content=content)
        if kept:
            _show(part.scoring_id, at=claim.now())
    return kept == 1


def finish(scoring_id: int, *, now: Callable[[], datetime]) -> bool:
    """Join a scoring's parts and keep its files, once all of them are computed; True when this call finished it.

    Effects in order: the parts are joined; the row is done with its files; the parts are dropped.
    """
    return jobs.go_on(Scoring, scoring_id, _finish, now=now)


def _finish(claim: Claim[Scoring]) -> bool:
    prepared = _prepared(claim.job.uid)
    parts = ScoringPart.objects.filter(scoring=claim.job)
    if not _is_ours(claim.job) or _runs_of(parts.exclude(content=None)) != prepared.work:
        log.info("scoring %s: some parts are still to be computed", claim.job.pk)
        return False
    total = parts.count()
    claim.progress("writing", done=total, total=total)
    files = _files(claim.job, prepared)
    with transaction.atomic():
        claim.finish(result=files, result_fingerprint=fingerprint(files))
    return True


def _files(scoring: Scoring, prepared: PreparedScoring) -> dict[str, str]:
    files = {
        "data.csv": write_data(prepared.content.table),
        "sources.csv": write_sources(prepared.content.sources),
        "units.csv": write_units(prepared.content.units),
        **prepared.earlier,
    }
    contents = ScoringPart.objects.filter(scoring=scoring).order_by("first").values_list("content", flat=True)
    parts = {work: [unpack_part(bytes(one or b"")) for one in contents.filter(work=work)] for work in prepared.work}
    return files | study_files(study.join_parts(prepared.question, prepared.nominal, parts), prepared.question.tree)
