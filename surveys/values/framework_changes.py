"""What becomes of a framework's criteria from one state to another, criterion by criterion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from accounts.names import localised
from surveys.values.framework import IN_TREE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from surveys.values.framework import FrameworkRow

ADDED, GONE, RENAMED, MOVED, CHANGED = "added", "gone", "renamed", "moved", "changed"
ORDER: Final = (ADDED, RENAMED, MOVED, CHANGED, GONE)


@dataclass(frozen=True)
class CriterionChange:
    """What becomes of a criterion, and its name afterwards, or before where it is gone."""

    kind: str
    code: str
    name: str


def changes_between(before: Sequence[FrameworkRow], after: Sequence[FrameworkRow]) -> tuple[CriterionChange, ...]:
    """Return what changes, by kind; what stays is left out, and so is its place among those beside it."""
    found = list(_changes(before, after))
    return tuple(sorted(found, key=lambda one: ORDER.index(one.kind)))


def _changes(before: Sequence[FrameworkRow], after: Sequence[FrameworkRow]) -> Iterator[CriterionChange]:
    old = {row.code: row for row in before if row.kind in IN_TREE}
    new = {row.code: row for row in after if row.kind in IN_TREE}
    for code, row in new.items():
        name = localised(row.names) or code
        if code not in old:
            yield CriterionChange(ADDED, code, name)
            continue
        was = replace(old[code], level=row.level)
        if was.names != row.names:
            yield CriterionChange(RENAMED, code, name)
        if was.parent != row.parent:
            yield CriterionChange(MOVED, code, name)
        if replace(was, names=row.names, parent=row.parent) != row:
            yield CriterionChange(CHANGED, code, name)
    for code, row in old.items():
        if code not in new:
            yield CriterionChange(GONE, code, localised(row.names) or code)
