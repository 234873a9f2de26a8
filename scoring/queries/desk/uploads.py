"""Files that were sent to an edition: how far their reading is, what is wrong with them, what they change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Max

from exchange.problems import FileNote, FileProblem
from scoring.files.data_changes import ToldChanges
from scoring.models import Job, Upload
from scoring.queries.desk.jobs import progress_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.db.models import QuerySet

    from scoring.models import Edition
    from scoring.queries.desk.jobs import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadFacts:
    """An upload as it is told.

    Attributes
    ----------
    state : str
        ``reading``, ``refused``, ``draft``, ``kept``, ``failed`` or ``dropped``.
    names, said : Mapping[str, str]
        The files' names by part; what is said of how they are read.
    details : Mapping[str, Any]
        What was sent beside the files.
    problems : tuple[FileProblem, ...]
        The first of them; ``problems_total`` counts all.
    is_compared : bool
        Whether ``changes`` is told: of data that were read, None where none stood.
    units : int | None
        Of a list of units how many it has.
    number : int | None
        Of the data or the list that it became.
    """

    uid: UUID
    kind: str
    state: str
    progress: Progress
    names: Mapping[str, str]
    said: Mapping[str, str]
    details: Mapping[str, Any]
    notes: tuple[FileNote, ...]
    problems: tuple[FileProblem, ...]
    problems_total: int
    is_compared: bool
    changes: ToldChanges | None
    units: int | None
    number: int | None


def uploads_of(edition: Edition) -> QuerySet[Upload]:
    """Return the edition's uploads, the newest first, with what they became."""
    rows = Upload.objects.filter(edition=edition).select_related("dataset", "unit_list")
    return rows.defer("unit_list__content").order_by("-pk")


def last_uploads(edition: Edition) -> dict[str, UploadFacts]:
    """Return the last upload of each kind that was not dropped; one query."""
    rows = Upload.objects.filter(edition=edition).exclude(state=Job.State.CANCELLED)
    newest = rows.order_by().values("kind").annotate(last=Max("pk")).values("last")
    return {row.kind: upload_facts(row) for row in uploads_of(edition).filter(pk__in=newest)}


def upload_facts(row: Upload) -> UploadFacts:
    """Return what is told of an upload."""
    preview = row.preview or {}
    changes = preview.get("changes")
    became = row.dataset or row.unit_list
    return UploadFacts(
        uid=row.uid,
        kind=row.kind,
        state=_state(row),
        progress=progress_of(row),
        names=row.names,
        said=row.said,
        details=row.details,
        notes=tuple(FileNote.from_plain(one) for one in row.notes),
        problems=tuple(FileProblem.from_plain(one) for one in row.problems),
        problems_total=row.problems_total,
        is_compared="changes" in preview,
        changes=ToldChanges(**changes) if changes else None,
        units=preview.get("units"),
        number=became.number if became else None,
    )


def _state(row: Upload) -> str:
    if row.is_kept:
        return "kept"
    if row.is_draft:
        return "draft"
    if row.state == Job.State.DONE:
        return "refused"
    return {Job.State.FAILED: "failed", Job.State.CANCELLED: "dropped"}.get(Job.State(row.state), "reading")
