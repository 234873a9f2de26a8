"""Framework versions as plain rows."""

from __future__ import annotations

import hashlib
from itertools import combinations
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q

from surveys.files.framework import write_framework
from surveys.models import FrameworkVersion
from surveys.values.framework import FrameworkRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from surveys.models import Criterion


def versions_for(series_uid: UUID) -> QuerySet[FrameworkVersion, Any]:
    """Return the framework versions that a series may use: its own first, then those that are shared between all."""
    usable = Q(framework__series__uid=series_uid) | Q(framework__series=None)
    own_first = F("framework__series").asc(nulls_last=True)
    found = FrameworkVersion.objects.filter(usable).select_related("framework")
    return found.order_by(own_first, "framework__slug", "number")


def revision_of(version: FrameworkVersion) -> int:
    """Return the number of the last change of a draft, 0 before the first; one query."""
    last = version.changes.order_by("revision").last()
    return last.revision if last else 0


def fingerprint(rows: Sequence[FrameworkRow]) -> str:
    """Return the SHA-256 of the rows as the framework file writes them."""
    return hashlib.sha256(write_framework(rows).encode()).hexdigest()


def rows_of(version: FrameworkVersion) -> tuple[FrameworkRow, ...]:
    """Return a version's criteria as framework rows, in order; one query."""
    return framework_rows(list(version.criteria.order_by("position")))


def sibling_pairs(version: FrameworkVersion) -> list[tuple[Criterion, Criterion]]:
    """Return every pair of criteria that have the same parent, which is what a round asks; one query."""
    in_tree = version.criteria.filter(kind__in=["Indicator", "Aggregate"], parent__isnull=False).order_by("position")
    siblings: dict[int, list[Criterion]] = {}
    for criterion in in_tree:
        siblings.setdefault(criterion.parent_id or 0, []).append(criterion)
    return [pair for children in siblings.values() for pair in combinations(children, 2)]


def framework_rows(criteria: Sequence[Criterion]) -> tuple[FrameworkRow, ...]:
    """Return all criteria of one version as framework rows."""
    code = {criterion.pk: criterion.code for criterion in criteria}
    return tuple(
        FrameworkRow(
            code=criterion.code,
            parent=code[criterion.parent_id] if criterion.parent_id else None,
            level=criterion.level,
            kind=criterion.kind,
            direction=-1 if criterion.direction == -1 else 1,
            weight=criterion.weight,
            unit=criterion.unit,
            target=criterion.target,
            denominator=criterion.denominator,
            names=criterion.names,
            definitions=criterion.definitions,
            source=criterion.source,
            extra=criterion.extra,
        )
        for criterion in criteria
    )
