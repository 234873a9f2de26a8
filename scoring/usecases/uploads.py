"""Files as they are sent: kept as a draft, read by a worker in a process of its own, taken in once somebody confirms it."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts.acts import note
from exchange.limits import check_bytes
from exchange.options import FileReading, reading_options
from exchange.own_process import in_own_process
from exchange.problems import MOST_LISTED, FileProblem, FileProblemsError
from scoring.errors import DataChangedError, DatasetError, UploadUnderWayError
from scoring.files.data_changes import ToldChanges
from scoring.files.patches import DATA
from scoring.files.received import read_received
from scoring.files.unit_lists import read_unit_list
from scoring.models import Job, Upload, UploadFile
from scoring.queries.datasets import codes_known, groups_of
from scoring.states import UPLOAD, check, refused
from scoring.usecases import edition_data, jobs, unit_lists
from scoring.usecases.editions import framework_of, locked_edition

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from scoring.files.data_changes import DataChanges
    from scoring.files.patches import DataPatch
    from scoring.files.received import SentFile
    from scoring.files.unit_lists import ListedUnits
    from scoring.models import Edition
    from scoring.usecases.jobs import Claim

ACTS = {Upload.Kind.DATA: "load_edition_data", Upload.Kind.UNITS: "settle_units"}
"""What becomes of an upload, by its kind."""
DATA_PARTS = ("table", "sources", "units", "licences")
UNREAD: dict[str, Any] = {"notes": [], "problems": [], "problems_total": 0, "preview": None}


@transaction.atomic
def send_files(
    edition: Edition,
    *,
    kind: str,
    files: Mapping[str, SentFile],
    said: Mapping[str, str],
    details: Mapping[str, Any],
    is_confirmed: bool,
    by: str,
    at: datetime,
) -> Upload:
    """Keep files that were sent, to be read by a worker; an earlier draft of this kind is dropped for it.

    Parameters
    ----------
    files : Mapping[str, SentFile]
        Name and bytes by part: of data ``table``, ``sources``, ``units`` and ``licences`` as far as they were sent; of a
        list of units ``units`` and ``sources``.
    said : Mapping[str, str]
        What the sender says of how they are read, by `exchange.options.SAID`.
    details : Mapping[str, Any]
        Of data ``replace`` and ``note``, of a list of units ``rule`` and ``two_cities``.
    is_confirmed : bool
        Whether they are taken in as soon as they were read without a problem; else they stay a draft.

    Raises
    ------
    WrongStateError, FrozenError
        The edition takes in nothing of this kind now.
    MissingPartError
        The edition has no framework.
    UploadUnderWayError
        Files of this kind that are confirmed have still to be taken in.
    FileProblemsError
        There is no file, or one is too large.
    """
    if not files:
        raise FileProblemsError([FileProblem(DATA, "nothing_sent")])
    for name, content in files.values():
        check_bytes(name, content)
    locked = locked_edition(edition, ACTS[Upload.Kind(kind)])
    framework_of(locked.framework_uid)
    for before in _open(locked, kind):
        if before.is_confirmed and UPLOAD.allows("perform", before.state):
            raise UploadUnderWayError("files of this kind are still being taken in", upload=str(before.uid))
        drop_upload(before, by=by, at=at)
    upload = Upload.objects.create(
        edition=locked,
        kind=kind,
        names={part: name for part, (name, _) in files.items()},
        said=dict(said),
        details=dict(details),
        is_confirmed=is_confirmed,
        requested_at=at,
        requested_by=by,
    )
    UploadFile.objects.bulk_create(
        UploadFile(upload=upload, part=part, content=content) for part, (_, content) in files.items()
    )
    note("sent", f"upload {upload.uid} for edition {locked.uid}", by=by, at=at)
    return upload


def _open(edition: Edition, kind: str) -> Sequence[Upload]:
    """Return the uploads of a kind that are neither taken in nor dropped; there is one at most."""
    rows = Upload.objects.filter(edition=edition, kind=kind, dataset=None, unit_list=None)
    return list(rows.exclude(state=Job.State.CANCELLED).select_for_update())


@transaction.atomic
def answer_upload(upload: Upload, *, said: Mapping[str, str], is_confirmed: bool, by: str, at: datetime) -> Upload:
    """Have the files read again by what is said of them now, without sending them again.

    Raises
    ------
    WrongStateError, FrozenError
        They are being read, or were taken in or dropped; or the edition takes in nothing of this kind now.
    """
    locked_edition(upload.edition, ACTS[Upload.Kind(upload.kind)])
    locked = _locked(upload, "answer_upload")
    _queue(locked, **UNREAD, said=dict(said), is_confirmed=is_confirmed, by=by, at=at)
    note("answered", f"upload {locked.uid}", by=by, at=at)
    return locked


@transaction.atomic
def confirm_upload(upload: Upload, *, by: str, at: datetime) -> Upload:
    """Have a draft taken in, as its preview says.

    Raises
    ------
    WrongStateError, FrozenError
        It is no draft, or the edition takes in nothing of this kind now.
    DataChangedError
        The data that its preview speaks of do not stand any more: it has to be read again.
    """
    edition = locked_edition(upload.edition, ACTS[Upload.Kind(upload.kind)])
    locked = _locked(upload, "confirm_upload")
    if not locked.is_draft or locked.preview is None:
        raise refused(UPLOAD, "confirm_upload", "refused")
    if locked.preview["standing"] != _standing(edition, locked.kind):
        raise DataChangedError("other data stand since these files were read", upload=str(locked.uid))
    _queue(locked, is_confirmed=True, by=by, at=at)
    note("confirmed", f"upload {locked.uid}", by=by, at=at)
    return locked


@transaction.atomic
def drop_upload(upload: Upload, *, by: str, at: datetime) -> Upload:
    """Forget files that were not taken in; a worker that reads them writes nothing more.

    Raises
    ------
    WrongStateError
        They were taken in or dropped.
    """
    locked = _locked(upload, "drop_upload")
    fields = UNREAD | {"said": {}, "details": {}, "stage": "", "is_confirmed": False}
    Upload.objects.filter(pk=locked.pk).update(state=Job.State.CANCELLED, finished_at=at, **fields)
    locked.files.all().delete()
    locked.refresh_from_db()
    note("dropped", f"upload {locked.uid}", by=by, at=at)
    return locked


def _locked(upload: Upload, act: str) -> Upload:
    """Lock an upload whose state allows the act; one that was taken in allows none."""
    locked = Upload.objects.select_for_update().get(pk=upload.pk)
    if locked.is_kept:
        raise refused(UPLOAD, act, "kept")
    check(UPLOAD, act, locked.state)
    return locked


def _queue(locked: Upload, *, by: str, at: datetime, **fields: Any) -> None:
    """Have a locked upload read by the next worker."""
    begun: dict[str, Any] = {"beat_at": None, "finished_at": None, "stage": "", "done": 0, "total": 0}
    asked: dict[str, Any] = {"requested_at": at, "requested_by": by, "error_code": "", "error_facts": {}}
    Upload.objects.filter(pk=locked.pk).update(state=Job.State.QUEUED, **begun, **asked, **fields)
    locked.refresh_from_db()


# --- in a worker --------------------------------------------------------------------------------------------------------


def read_upload(upload_id: int, *, now: Callable[[], datetime]) -> bool:
    """Read a queued upload, in a process of its own, and take it in where it is confirmed and nothing is wrong.

    Returns
    -------
    bool
        True when this call read it; a second one changes nothing.
    """
    return jobs.perform(Upload, upload_id, _read, now=now)


def _read(claim: Claim[Upload]) -> None:
    upload = claim.job

    def tell(_file: str, done: int, total: int) -> None:
        claim.progress("files", done=done, total=total)

    tell("", 0, 0)
    reading = FileReading(reading_options(upload.said), on_step=tell)
    try:
        sent = _received(upload, reading)
        claim.progress("comparing", done=0, total=0)
        _conclude(claim, sent, reading)
    except (FileProblemsError, DatasetError) as error:
        with transaction.atomic():
            claim.finish(**UNREAD | _told(reading, error.problems), is_confirmed=False)


def _received(upload: Upload, reading: FileReading) -> Any:
    """Read the files of an upload by its kind."""
    edition, framework = upload.edition, framework_of(upload.edition.framework_uid)
    files = {
        part: (upload.names[part], bytes(content)) for part, content in upload.files.values_list("part", "content")
    }
    if upload.kind == Upload.Kind.UNITS:
        work: partial[Any] = partial(
            read_unit_list,
            units=files["units"],
            sources=files["sources"],
            indicators=framework.tree.indicators,
            **upload.details,
        )
        return in_own_process(work, reading)
    table, sources, units, licences = map(files.get, DATA_PARTS)
    work = partial(
        read_received,
        framework,
        table=table,
        sources=sources,
        units=units,
        licences=licences,
        groups=None if upload.details["replace"] else groups_of(edition.dataset),
        known=codes_known(edition),
    )
    return in_own_process(work, reading)


@transaction.atomic
def _conclude(claim: Claim[Upload], sent: Any, reading: FileReading) -> None:
    """Take in what was read where it is confirmed and the data are those that its preview speaks of; else tell a preview."""
    upload = claim.job
    edition = locked_edition(
        upload.edition, ACTS[Upload.Kind(upload.kind)]
    )  # the order of locks is that of `confirm_upload`
    claim.finish(**_told(reading))
    standing = _standing(edition, upload.kind)
    is_taken_in = upload.is_confirmed and (upload.preview is None or upload.preview["standing"] == standing)
    take = _take_list if upload.kind == Upload.Kind.UNITS else _take_data
    became = take(upload, edition, sent, {"by": upload.requested_by, "at": claim.now()} if is_taken_in else None)
    became["preview"] |= {"standing": standing}
    Upload.objects.filter(pk=upload.pk).update(is_confirmed=is_taken_in, **became)


def _take_data(upload: Upload, edition: Edition, sent: DataPatch, signed: Mapping[str, Any] | None) -> dict[str, Any]:
    """Load data as somebody signed it, or say what they would change."""
    replace = upload.details["replace"]
    if signed is None:
        changes = edition_data.preview_edition_data(edition, sent=sent, replace=replace)
        return {"preview": _changes(changes)}
    loaded = edition_data.load_edition_data(
        edition,
        table=sent.table,
        sources=sent.sources,
        units=sent.units,
        licences=sent.licences,
        removed=sent.removed,
        replace=replace,
        note=upload.details["note"],
        **signed,
    )
    return {"preview": _changes(loaded.changes), "dataset": loaded.dataset}


def _changes(changes: DataChanges | None) -> dict[str, Any]:
    return {"changes": None if changes is None else dataclasses.asdict(ToldChanges.of(changes))}


def _take_list(
    _upload: Upload, edition: Edition, listed: ListedUnits, signed: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Settle a list of units as somebody signed it, or say how many it has."""
    if signed is None:
        listed = unit_lists.preview_units(edition, listed=listed)
        return {"preview": {"units": len(listed.units), "groups": list(listed.groups)}}
    stored = unit_lists.settle_units(edition, listed=listed, **signed)
    return {"preview": {"units": len(listed.units), "groups": list(listed.groups)}, "unit_list": stored}


def _standing(edition: Edition, kind: str) -> str | None:
    """Return what the preview of an upload compares with: the data that stand; a list of units is compared with nothing."""
    return str(edition.dataset.uid) if kind == Upload.Kind.DATA and edition.dataset else None


def _told(reading: FileReading, problems: Sequence[FileProblem] = ()) -> dict[str, Any]:
    """Return how files were read and what is wrong with them, as it is kept."""
    return {
        "notes": [one.to_plain() for one in reading.notes],
        "problems": [one.to_plain() for one in problems[:MOST_LISTED]],
        "problems_total": len(problems),
    }
