"""What stands behind many editions at once: their panels and rounds, and their long work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import F, IntegerField, OuterRef, Subquery, Value
from django.db.models.fields.json import KT

from scoring.models import Approval, Bundle, Consensus, Edition, Freeze, Job, Release, Scoring, Upload
from scoring.queries.desk.jobs import Progress
from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from accounts.models import Series
    from surveys.values.rounds import PanelSummary

SILENT_AFTER: Final = timedelta(minutes=15)
COLUMNS: Final = (
    "pk",
    "state",
    "stage",
    "done",
    "total",
    "requested_at",
    "requested_by",
    "finished_at",
    "error_code",
    "started_at",
    "beat_at",
)


LAST_RELEASE: Final = ("major", "minor", "released_at", "released_by", "data")


@dataclass(frozen=True, slots=True)
class EditionWork:
    """A piece of work of an edition.

    Attributes
    ----------
    edition : int
        The key of the edition.
    progress : Progress
        How far it is; why it failed stands on the edition's page.
    part : str
        Of an upload what it is of: ``data`` or ``units``.
    problems : int
        Of an upload how much is wrong with it.
    heard_at : datetime
        When something was last heard of it: of a worker, or of who asked for it.
    """

    edition: int
    progress: Progress
    part: str
    problems: int
    heard_at: datetime

    def is_silent(self, at: datetime) -> bool:
        """Say whether no worker took it up, or the one that did fell silent; the sweep's own marks are no sign of life."""
        return self.progress.is_running and self.heard_at < at - SILENT_AFTER


def work_of(series: Collection[Series]) -> tuple[EditionWork, ...]:
    """Return the work behind the editions of these series as they stand; one query, without any result.

    Of each its consensus, the scoring of its data by its last freeze, the bundles that are not built yet, and the uploads
    that are not taken in.
    """
    last_freeze = Freeze.objects.filter(edition=OuterRef("edition")).order_by("-number").values("pk")[:1]
    rows = (
        _columns(Consensus.objects.filter(editions__series__in=series), "consensus", F("editions__pk")),
        _columns(
            Scoring.objects.filter(
                edition__series__in=series, dataset=F("edition__dataset"), freeze=Subquery(last_freeze)
            ),
            "scoring",
            F("edition"),
        ),
        _columns(
            Bundle.objects.filter(release__edition__series__in=series).exclude(state=Job.State.DONE),
            "bundle",
            F("release__edition"),
        ),
        _columns(
            Upload.objects.filter(edition__series__in=series, dataset=None, unit_list=None).exclude(
                state=Job.State.CANCELLED
            ),
            "upload",
            F("edition"),
            part=F("kind"),
            problems=F("problems_total"),
        ),
    )
    return tuple(_work(*row) for row in rows[0].union(*rows[1:], all=True))


def _columns(
    rows: QuerySet[Any], kind: str, edition: F, *, part: Any = None, problems: Any = None
) -> QuerySet[Any, tuple[Any, ...]]:
    return rows.order_by().values_list(
        Value(kind), edition, part or Value(""), problems or Value(0, output_field=IntegerField()), *COLUMNS
    )


def _work(kind: str, edition: int, part: str, problems: int, *row: Any) -> EditionWork:
    told = dict(zip(COLUMNS, row, strict=True))
    started_at, beat_at = told.pop("started_at"), told.pop("beat_at")
    progress = Progress(kind=kind, error_facts={}, **told)
    heard_at = beat_at if progress.state == Job.State.RUNNING and beat_at else started_at or progress.requested_at
    return EditionWork(edition, progress, part, problems, max(heard_at, progress.requested_at))


@dataclass(frozen=True, slots=True)
class SeriesWork:
    """What stands in the series of somebody: editions by key, panels by series, and the work behind the editions."""

    editions: Mapping[int, Any]  # rows of `Edition` with what `_editions` adds
    panels: Mapping[UUID, tuple[PanelSummary, ...]]
    work: tuple[EditionWork, ...]


def series_work(series: Collection[Series]) -> SeriesWork:
    """Read editions with what their chains name, panels with rounds, and work; five queries, however many rows."""
    return SeriesWork(
        {one.pk: one for one in _editions(series)}, handover.panels_of([one.uid for one in series]), work_of(series)
    )


def _editions(series: Collection[Series]) -> Iterator[Any]:
    freezes = Freeze.objects.filter(edition=OuterRef("pk")).order_by("-number")
    releases = (
        Release.objects.filter(edition=OuterRef("pk"))
        .annotate(data=KT("manifest__dataset__fingerprint"))
        .order_by("-major", "-minor")
    )
    asked = Approval.objects.filter(edition=OuterRef("pk"), ended_at=None, approved_at=None)
    rows = Edition.objects.filter(series__in=series).select_related("recipe", "unit_list", "dataset")
    annotated = rows.defer("recipe__content", "recipe__text", "unit_list__content").annotate(
        weighed_round=F("consensus__round_uid"),
        **{f"approval_{name}": Subquery(asked.values(name)[:1]) for name in ("asked_at", "asked_by")},
        frozen_at=Subquery(freezes.values("frozen_at")[:1]),
        frozen_by=Subquery(freezes.values("frozen_by")[:1]),
        **{f"last_{name}": Subquery(releases.values(name)[:1]) for name in LAST_RELEASE},
    )
    yield from annotated.prefetch_related("panels").order_by("-slug")
