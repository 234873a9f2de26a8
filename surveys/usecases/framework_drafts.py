"""Build an indicator system of a series: begin it, change its draft by one criterion at a time or as a whole, and undo."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.text import slugify

from accounts.acts import note
from accounts.models import Series
from accounts.names import localised
from surveys.errors import CriterionError, StaleDraftError
from surveys.models import Framework, FrameworkChange, FrameworkVersion
from surveys.queries.frameworks import revision_of, rows_of
from surveys.states import FRAMEWORK, check
from surveys.usecases.frameworks import write_criteria
from surveys.values import framework_edits as edits
from surveys.values.framework import FrameworkRow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from surveys.values.framework_edits import Rows

LONGEST_SLUG = 40


@transaction.atomic
def begin_framework(
    series: Series, *, names: Mapping[str, str], rows: Sequence[FrameworkRow] = (), by: str, at: datetime
) -> FrameworkVersion:
    """Begin a framework of a series with its first version, a draft; without rows it has a top of the framework's name.

    Raises
    ------
    CriterionError
        It has no name, or the rows do not form one tree.
    """
    said = _named(names)
    top = FrameworkRow(edits.suggested_code(said, ()), kind=edits.AGGREGATE, names=said)
    kept = edits.settled(rows or [top])
    Series.objects.select_for_update(no_key=True).get(pk=series.pk)
    framework = Framework.objects.create(series=series, slug=_free_slug(series, said), names=said)
    version = FrameworkVersion.objects.create(framework=framework, number=1, created_at=at)
    write_criteria(version, kept)
    note("created", f"framework {framework.slug} of {series.slug}", by=by, at=at)
    return version


def _named(names: Mapping[str, str]) -> dict[str, str]:
    said = {language: text.strip() for language, text in names.items() if text.strip()}
    if not said:
        raise CriterionError("a framework has a name in one language at least", field="name", why="no_name")
    return said


def _free_slug(series: Series, names: Mapping[str, str]) -> str:
    """Return a short name that no framework has; it starts with the series', so that two series seldom meet."""
    stem = f"{series.slug}-{slugify(localised(names, 'en')) or 'framework'}"[:LONGEST_SLUG].strip("-")
    taken = {*Framework.objects.filter(slug__startswith=stem).values_list("slug", flat=True)}
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (stem, *numbered) if slug not in taken)


@transaction.atomic
def redraft_framework(version: FrameworkVersion, *, by: str, at: datetime) -> FrameworkVersion:
    """Begin the next version of a framework as a copy of a frozen one; where a draft is there already, it is returned.

    Every criterion keeps its code, so that later rounds can follow earlier ones.

    Raises
    ------
    RoundStateError
        The version is itself a draft.
    """
    framework = Framework.objects.select_for_update().get(pk=version.framework_id)
    check(FRAMEWORK, "redraft_framework", version.state, subject=str(version))
    last = framework.versions.order_by("number").last()
    if last is not None and last.is_draft:
        return last
    number = 1 + (last.number if last else 0)
    made = FrameworkVersion.objects.create(framework=framework, number=number, created_at=at)
    write_criteria(made, rows_of(version))
    note("revised", f"framework {framework.slug}", by=by, at=at)
    return made


def add_criterion(
    version: FrameworkVersion, *, parent: str, said: Mapping[str, Any], seen: int, by: str, at: datetime
) -> FrameworkVersion:
    """Add a criterion to a draft, as the last child of its parent; ``said`` are fields of a row, a code among them or not.

    Raises
    ------
    RoundStateError, StaleDraftError
        The version is frozen; somebody changed the draft since it was read at revision ``seen``.
    CriterionError
        It cannot stand there, has no name, or its code is taken or none.
    """
    new = FrameworkRow(**{"code": "", **said}, parent=parent)
    return _change(version, "add_criterion", lambda rows: edits.added(rows, new), seen=seen, by=by, at=at)


def word_criterion(
    version: FrameworkVersion, *, code: str, said: Mapping[str, Any], seen: int, by: str, at: datetime
) -> FrameworkVersion:
    """Say other facts of a criterion of a draft: its names, definitions, unit, direction or code.

    Raises
    ------
    RoundStateError, StaleDraftError, CriterionError
        As `add_criterion`.
    """
    return _change(version, "word_criterion", lambda rows: edits.worded(rows, code, said), seen=seen, by=by, at=at)


def translate_criterion(
    version: FrameworkVersion,
    *,
    code: str,
    names: Mapping[str, str],
    definitions: Mapping[str, str],
    seen: int,
    by: str,
    at: datetime,
) -> FrameworkVersion:
    """Give a criterion of a draft its names and definitions by language, and change nothing else of it.

    Raises
    ------
    RoundStateError, StaleDraftError, CriterionError
        As `add_criterion`.
    """
    said = {"names": names, "definitions": definitions}
    return _change(version, "translate_criterion", lambda rows: edits.worded(rows, code, said), seen=seen, by=by, at=at)


def move_criterion(
    version: FrameworkVersion, *, code: str, parent: str, seen: int, by: str, at: datetime
) -> FrameworkVersion:
    """Put a criterion of a draft, and all below it, under another parent.

    Raises
    ------
    RoundStateError, StaleDraftError, CriterionError
        As `add_criterion`; also where it would stand under itself.
    """
    return _change(version, "move_criterion", lambda rows: edits.moved(rows, code, parent), seen=seen, by=by, at=at)


def group_criteria(
    version: FrameworkVersion,
    *,
    code: str,
    members: Collection[str],
    names: Mapping[str, str],
    seen: int,
    by: str,
    at: datetime,
) -> FrameworkVersion:
    """Put some children of a criterion of a draft into a new group under it, so that fewer pairs are asked.

    Raises
    ------
    RoundStateError, StaleDraftError, CriterionError
        As `add_criterion`; also where they are not its children, or none is named.
    """
    edit = partial(edits.grouped, code=code, members=members, names=_named(names))
    return _change(version, "group_criteria", edit, seen=seen, by=by, at=at)


def shift_criterion(
    version: FrameworkVersion, *, code: str, step: int, seen: int, by: str, at: datetime
) -> FrameworkVersion:
    """Put a criterion of a draft one place up (-1) or down (1) among those beside it.

    Raises
    ------
    RoundStateError, StaleDraftError, CriterionError
        As `add_criterion`.
    """
    return _change(version, "shift_criterion", lambda rows: edits.shifted(rows, code, step), seen=seen, by=by, at=at)


def delete_criterion(version: FrameworkVersion, *, code: str, seen: int, by: str, at: datetime) -> FrameworkVersion:
    """Delete a criterion of a draft with all below it; it can be undone.

    Raises
    ------
    RoundStateError, StaleDraftError, CriterionError
        As `add_criterion`; the top stays.
    """
    return _change(version, "delete_criterion", lambda rows: edits.without(rows, code), seen=seen, by=by, at=at)


def replace_criteria(
    version: FrameworkVersion, *, rows: Sequence[FrameworkRow], seen: int, by: str, at: datetime
) -> FrameworkVersion:
    """Put other criteria in the place of all of a draft, as they were pasted; it can be undone.

    Raises
    ------
    RoundStateError, StaleDraftError, CriterionError
        As `add_criterion`.
    """
    return _change(version, "replace_criteria", lambda _stands: edits.settled(rows), seen=seen, by=by, at=at)


@transaction.atomic
def undo_change_of_framework(version: FrameworkVersion, *, seen: int, by: str, at: datetime) -> FrameworkVersion:
    """Undo the last change of a draft that is not undone yet; where there is none, nothing happens.

    Raises
    ------
    RoundStateError, StaleDraftError
        As `add_criterion`.
    """
    locked = _locked(version, "undo_change_of_framework", seen)
    last = locked.changes.filter(is_undone=False).order_by("revision").last()
    if last is None:
        return locked
    last.is_undone = True
    last.save(update_fields=["is_undone"])
    _keep(locked, before=rows_of(locked), is_undone=True, by=by, at=at)
    write_criteria(locked, [FrameworkRow(**row) for row in last.rows])
    note("undid a change of", f"framework version {locked.uid}", by=by, at=at)
    return locked


@transaction.atomic
def _change(
    version: FrameworkVersion, act: str, edit: Callable[[Rows], Rows], *, seen: int, by: str, at: datetime
) -> FrameworkVersion:
    """Change a draft under its lock, keep what it held before, and note the act; what changes nothing is not kept."""
    locked = _locked(version, act, seen)
    before = rows_of(locked)
    after = edit(before)
    if after != before:
        _keep(locked, before=before, by=by, at=at)
        write_criteria(locked, after)
        note("changed", f"framework version {locked.uid}: {act}", by=by, at=at)
    return locked


def _locked(version: FrameworkVersion, act: str, seen: int) -> FrameworkVersion:
    """Lock a version, and check that it may change and is still as it was read."""
    locked = FrameworkVersion.objects.select_for_update(of=("self",)).select_related("framework").get(pk=version.pk)
    check(FRAMEWORK, act, locked.state, subject=str(locked))
    present = revision_of(locked)
    if seen != present:
        raise StaleDraftError("somebody changed the draft since", revision=present)
    return locked


def _keep(
    version: FrameworkVersion, *, before: Rows, is_undone: bool = False, by: str, at: datetime
) -> FrameworkChange:
    return FrameworkChange.objects.create(
        version=version,
        revision=revision_of(version) + 1,
        rows=[asdict(row) for row in before],
        is_undone=is_undone,
        made_by=by,
        made_at=at,
    )
