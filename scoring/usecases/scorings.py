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

from scoring.files.country_shares import country_files
from scoring.files.digits import fingerprint
from scoring.files.earlier import INPUTS as EARLIER
from scoring.files.earlier import earlier_files, read_earlier
from scoring.files.parts import pack_part, unpack_part
from scoring.files.release_reading import DATA
from scoring.files.sources import write_sources
from scoring.files.tables import write_data
from scoring.files.uncertainty_writer import study_files
from scoring.files.units import write_units
from scoring.models import Scoring, ScoringPart
from scoring.numerics.robustness import study
from scoring.numerics.robustness.doubling import stages
from scoring.queries.datasets import content_of
from scoring.queries.frozen import frozen_of
from scoring.queries.published.reading import files_of
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
    """A scoring under way: its attempt, the parts that are still to be computed, and how many there are in all."""

    uid: UUID
    attempt: int
    missing: tuple[int, ...]
    total: int


@dataclass(frozen=True)
class PreparedScoring:
    """What every part of a scoring is computed from; ``earlier`` are the files that the change starts from."""

    content: DatasetContent
    earlier: Mapping[str, str]
    question: study.Question
    nominal: Scored

    @property
    def work(self) -> dict[study.Work, int]:
        """How many runs each kind of work takes; of draws that are doubled, the first ones."""
        return study.work_of(self.question)

    def is_planned(self, runs: Mapping[str, int]) -> bool:
        """Say whether parts that hold these runs are a plan of the work, however often its draws were doubled."""
        drawn = stages(self.question.recipe.robustness, len(self.nominal.units))
        return any(runs == self.work | ({"draws": draws} if draws else {}) for draws in drawn)

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
    files = {name: content.decode() for name, content in files_of(scoring.compared_id, EARLIER).items()}
    corrected = {} if scoring.corrects_id is None else files_of(scoring.corrects_id, (DATA,))
    form = scoring.compared.manifest.get("format") if scoring.compared else None
    return earlier_files(files, first=corrected[DATA].decode() if corrected else None, form=form)


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
    stands = _is_ours(claim.job) and prepared.is_planned(_runs_of(parts))
    work = {kind: range(size) for kind, size in prepared.work.items()}
    planned = [] if stands else list(_plan(claim.job, prepared, work))
    with transaction.atomic():
        claim.progress("ranking", done=0, total=0)  # locks the row for as long as this attempt holds it
        if not stands:
            parts.delete()
            ScoringPart.objects.bulk_create(planned)
            Scoring.objects.filter(pk=claim.job.pk).update(code_version=code_version())
        _show(claim.job.pk, at=claim.now())
        return _still_open(claim, parts)


def _still_open(claim: Claim[Scoring], parts: QuerySet[ScoringPart]) -> Begun:
    missing = parts.filter(content=None).values_list("pk", flat=True)
    return Begun(claim.job.uid, claim.attempt, tuple(missing), parts.count())


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
    """The first ``count`` of some runs of one kind of work, and what more will cost: ``fixed`` a part and ``each`` a run.

    In seconds of the processor, so that what else a machine does cuts no part shorter.
    """

    work: study.Work
    runs: range
    count: int
    part: study.Part
    fixed: float
    each: float

    @property
    def left(self) -> range:
        """The runs still to be computed."""
        return self.runs[self.count :]


def _plan(scoring: Scoring, prepared: PreparedScoring, work: Mapping[study.Work, range]) -> Iterator[ScoringPart]:
    """Cut work into parts of about the seconds aimed at; what was computed to measure it is a part that is done."""
    aim = settings.SCORING_PART_SECONDS
    measured = [_measured(prepared, kind, runs, least=aim * MEASURED) for kind, runs in work.items()]
    whole = sum(len(one.left) * one.each for one in measured)
    seconds = min(aim, max(aim * SHORTEST, whole / PARTS_OF_A_LONG_STUDY))
    for one in measured:
        part = partial(ScoringPart, scoring=scoring, work=one.work)
        first = one.runs.start
        if one.left and whole <= aim:  # pragma: no cover - hangs on the machine's speed
            rest = prepared.compute(one.work, one.left.start, len(one.left))
            yield part(first=first, count=len(one.runs), content=pack_part(study.join_work([one.part, rest])))
        else:
            yield part(first=first, count=one.count, content=pack_part(one.part))
            yield from (part(first=cut.start, count=len(cut)) for cut in _cut(one, seconds))


def _cut(one: Measured, seconds: float) -> Iterator[range]:
    """Cut what is left into even parts; a part computes for at least as long as it takes to begin one."""
    if one.left:
        wanted = max(seconds - one.fixed, one.fixed) / one.each
        many = len(one.left)
        count = math.ceil(many / math.ceil(many / max(1, int(wanted), many // MOST_PARTS)))
        yield from (one.left[start : start + count] for start in range(0, many, count))


def _measured(prepared: PreparedScoring, work: study.Work, runs: range, *, least: float) -> Measured:
    """Compute the first runs in stretches that grow, until one takes so many seconds or nothing is left.

    The first run warms up, the second one shows what any part costs however short it is; what a run costs is told by the
    last two stretches, of which the longer one must stand out.
    """
    parts: list[study.Part] = []
    stretches: list[tuple[int, float]] = []
    first, count, each = runs.start, 1, 0.0
    while first < runs.stop:
        count = min(count, runs.stop - first)
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
    return Measured(work, runs, first - runs.start, study.join_work(parts), max(0.0, long - each * count), each)


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


def extend(scoring_id: int, *, now: Callable[[], datetime]) -> Begun | None:
    """Plan as many draws again, where the recipe asks for their accuracy and those there are do not reach it.

    Effects in order: what the draws know is looked at; the further ones are measured, cut, and their parts are stored, as
    `begin` does it. None where nothing is wanted any more, or some parts are still to be computed.
    """
    begun: list[Begun] = []
    done = jobs.go_on(Scoring, scoring_id, lambda claim: _extend(claim, begun), now=now)
    return begun[0] if done else None


def _extend(claim: Claim[Scoring], begun: list[Begun]) -> bool:
    prepared = _prepared(claim.job.uid)
    parts = ScoringPart.objects.filter(scoring=claim.job)
    runs = _runs_of(parts.exclude(content=None))
    if not _is_ours(claim.job) or runs != _runs_of(parts) or not prepared.is_planned(runs):
        return False
    more = study.more_runs(prepared.nominal, _computed(claim.job, "draws"))
    if not more:
        return False
    planned = list(_plan(claim.job, prepared, {"draws": range(runs["draws"], runs["draws"] + more)}))
    with transaction.atomic():
        claim.progress("ranking", done=0, total=0)  # locks the row for as long as this attempt holds it
        if _runs_of(parts) != runs:
            return False  # another worker was faster, and goes on
        ScoringPart.objects.bulk_create(planned)
        _show(claim.job.pk, at=claim.now())
        begun.append(_still_open(claim, parts))
    return True


def _computed(scoring: Scoring, work: study.Work) -> list[study.Part]:
    """Return what is computed of one kind of work, in the order of its runs."""
    rows = ScoringPart.objects.filter(scoring=scoring, work=work).exclude(content=None).order_by("first")
    return [unpack_part(bytes(content or b"")) for content in rows.values_list("content", flat=True).iterator()]


def finish(scoring_id: int, *, now: Callable[[], datetime]) -> bool:
    """Join a scoring's parts and keep its files, once all of them are computed; True when this call finished it.

    Effects in order: the parts are joined; the row is done with its files; the parts are dropped.
    """
    return jobs.go_on(Scoring, scoring_id, _finish, now=now)


def _finish(claim: Claim[Scoring]) -> bool:
    prepared = _prepared(claim.job.uid)
    parts = ScoringPart.objects.filter(scoring=claim.job)
    runs = _runs_of(parts.exclude(content=None))
    if not _is_ours(claim.job) or runs != _runs_of(parts) or not prepared.is_planned(runs):
        log.info("scoring %s: some parts are still to be computed", claim.job.pk)
        return False
    computed = {work: _computed(claim.job, work) for work in prepared.work}
    if study.more_runs(prepared.nominal, computed.get("draws", [])):
        log.info("scoring %s: more draws are wanted", claim.job.pk)
        return False
    total = parts.count()
    claim.progress("writing", done=total, total=total)
    files = _files(prepared, computed)
    with transaction.atomic():
        claim.finish(result=files, result_fingerprint=fingerprint(files))
    return True


def _files(prepared: PreparedScoring, parts: Mapping[study.Work, list[study.Part]]) -> dict[str, str]:
    files = {
        "data.csv": write_data(prepared.content.table),
        "sources.csv": write_sources(prepared.content.sources),
        "units.csv": write_units(prepared.content.units),
        **prepared.earlier,
    }
    files |= country_files(prepared.nominal, prepared.question.tree, prepared.content.sources, prepared.content.units)
    return files | study_files(study.join_parts(prepared.question, prepared.nominal, parts), prepared.question.tree)
