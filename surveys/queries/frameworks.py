"""Framework versions as plain rows."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from surveys.files.framework import write_framework
from surveys.values.framework import FrameworkRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surveys.models import Criterion, FrameworkVersion


def fingerprint(rows: Sequence[FrameworkRow]) -> str:
    """Return the SHA-256 of the rows as the framework file writes them."""
    return hashlib.sha256(write_framework(rows).encode()).hexdigest()


def rows_of(version: FrameworkVersion) -> tuple[FrameworkRow, ...]:
    """Return a version's criteria as framework rows, in order; one query."""
    return framework_rows(list(version.criteria.order_by("position")))


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
