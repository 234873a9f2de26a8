"""Make, revise and freeze indicator systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.acts import note
from scoring.numerics.errors import TreeError
from surveys.errors import BadFrameworkError, StaleDraftError
from surveys.models import Criterion, Framework, FrameworkVersion
from surveys.queries.frameworks import fingerprint, revision_of, rows_of
from surveys.states import FRAMEWORK, check
from surveys.values.framework import FrameworkRow, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime


@transaction.atomic
def create_framework(
    *, slug: str, names: Mapping[str, str], rows: Sequence[FrameworkRow], by: str, at: datetime
) -> FrameworkVersion:
    """Create a framework with its first version, a draft.

    Raises
    ------
    BadFrameworkError
        The slug is taken, or the rows do not form one tree.
    """
    if Framework.objects.filter(slug=slug).exists():
        raise BadFrameworkError(f"a framework {slug} exists", slug=slug)
    framework = Framework.objects.create(slug=slug, names=dict(names))
    note("created", f"framework {slug}", by=by, at=at)
    return _add_version(framework, rows=rows, number=1, at=at)


@transaction.atomic
def revise_framework(framework: Framework, *, rows: Sequence[FrameworkRow], by: str, at: datetime) -> FrameworkVersion:
    """Add a version with these rows, a draft; earlier versions stay as they are.

    Raises
    ------
    BadFrameworkError
        The rows do not form one tree.
    """
    locked = Framework.objects.select_for_update().get(pk=framework.pk)
    last = locked.versions.order_by("-number").first()
    note("revised", f"framework {locked.slug}", by=by, at=at)
    return _add_version(locked, rows=rows, number=1 + (last.number if last else 0), at=at)


@transaction.atomic
def freeze_framework(version: FrameworkVersion, *, seen: int | None = None, by: str, at: datetime) -> FrameworkVersion:
    """Freeze a draft: date it, fingerprint it; from now on the database refuses every change of it.

    What could undo its changes is dropped. ``seen`` is the revision that was read, where somebody looked at it first.

    Raises
    ------
    WrongStateError
        It is frozen already.
    StaleDraftError
        It was changed since it was read.
    BadFrameworkError
        It is not finished: something that is no indicator has nothing below it.
    """
    locked = FrameworkVersion.objects.select_for_update().get(pk=version.pk)
    check(FRAMEWORK, "freeze_framework", locked.state, subject=str(locked))
    present = revision_of(locked)
    if seen is not None and seen != present:
        raise StaleDraftError("somebody changed the draft since", revision=present)
    rows = rows_of(locked)
    _check_tree(rows)
    locked.changes.all().delete()
    locked.fingerprint = fingerprint(rows)
    locked.state = FrameworkVersion.State.FROZEN
    locked.frozen_at = at
    locked.save(update_fields=["fingerprint", "state", "frozen_at"])
    note("froze", f"framework version {locked.uid}", by=by, at=at)
    return locked


def _add_version(framework: Framework, *, rows: Sequence[FrameworkRow], number: int, at: datetime) -> FrameworkVersion:
    """Write a version and its criteria, parents before children."""
    _check_tree(rows)
    version = FrameworkVersion.objects.create(framework=framework, number=number, created_at=at)
    write_criteria(version, rows)
    return version


def write_criteria(version: FrameworkVersion, rows: Sequence[FrameworkRow]) -> None:
    """Put these rows in the place of all criteria of a draft."""
    version.criteria.all().delete()
    Criterion.objects.bulk_create(_criterion(version, position, row) for position, row in enumerate(rows))
    stored = {criterion.code: criterion for criterion in version.criteria.all()}
    children = list(_with_parents(rows, stored))
    Criterion.objects.bulk_update(children, ["parent"])


def _check_tree(rows: Sequence[FrameworkRow]) -> None:
    try:
        tree_of(rows)
    except TreeError as error:
        raise BadFrameworkError(str(error), **error.facts) from error


def _with_parents(rows: Iterable[FrameworkRow], stored: Mapping[str, Criterion]) -> Iterable[Criterion]:
    for row in rows:
        if row.parent:
            stored[row.code].parent = stored[row.parent]
            yield stored[row.code]


def _criterion(version: FrameworkVersion, position: int, row: FrameworkRow) -> Criterion:
    return Criterion(
        version=version,
        code=row.code,
        position=position,
        level=row.level,
        kind=row.kind,
        direction=row.direction,
        weight=row.weight,
        unit=row.unit,
        target=row.target,
        denominator=row.denominator,
        names=dict(row.names),
        definitions=dict(row.definitions),
        source=row.source,
        extra=dict(row.extra),
    )
