"""Why a unit moved between two editions: the parts of its move by cause, as the release's own file states them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring.models import ReleaseUnit
from scoring.queries.published.correction import UnitCorrection, unit_correction
from scoring.queries.published.criteria import criteria
from scoring.queries.published.release_study import release_study

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction

    from scoring.numerics.robustness.change import Status
    from scoring.queries.published.release_head import ReleaseHead
    from scoring.queries.published.release_study import Compared


@dataclass(frozen=True, slots=True)
class CausePart:
    """What one cause did: ``places`` gained (negative: lost) and ``points`` of the score."""

    cause: str
    places: Fraction
    points: Decimal


@dataclass(frozen=True, slots=True)
class UnitChange:
    """A unit's move since an earlier release; ``status`` is "split" or says why the two cannot be compared.

    ``parts`` are the causes that moved it at all and add up exactly to ``rank_move`` and ``score_move``; ``still`` are the
    others. ``rank_new_method`` and ``score_new_method`` are what this release's method would have made of the earlier data.
    """

    status: Status
    compared: Compared | None
    rank_before: int | None
    rank_after: int | None
    rank_move: int | None
    score_before: Decimal | None
    score_after: Decimal | None
    score_move: Decimal | None
    parts: tuple[CausePart, ...]
    still: tuple[str, ...]
    rank_new_method: int | None
    score_new_method: Decimal | None

    @property
    def moves_rank(self) -> bool:
        """Say whether any cause moved the rank, be it against another."""
        return any(part.places for part in self.parts)

    @property
    def distance(self) -> int:
        """How many places lie between the two ranks."""
        return abs(self.rank_move or 0)


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A unit's move; ``change`` is None where the release is compared with no earlier one.

    ``correction`` is None where the release corrects none.
    """

    head: ReleaseHead
    code: str
    change: UnitChange | None
    correction: UnitCorrection | None


def change_page(head: ReleaseHead, code: str) -> ChangePage | None:
    """Return why a unit moved, or None where neither the release nor the one before has it.

    A query, two more at first, and three more for a correction.
    """
    change = unit_change(head, code)
    if change is None and not ReleaseUnit.objects.filter(release=head.release_id, code=code).exists():
        return None
    return ChangePage(head, code, change, _correction(head, code) if head.corrects else None)


def _correction(head: ReleaseHead, code: str) -> UnitCorrection | None:
    units = list(ReleaseUnit.objects.filter(release=head.release_id).only("code", "rank", "values"))
    return unit_correction(head, code, units, criteria(head.freeze_id))


def unit_change(head: ReleaseHead, code: str) -> UnitChange | None:
    """Return why a unit moved; None where the release compares it with nothing."""
    found = release_study(head)
    row = found.changes.get(code)
    if row is None:
        return None
    every = [CausePart(cause, places, row.score_parts[cause]) for cause, places in row.rank_parts.items()]
    return UnitChange(
        status=row.status,
        compared=found.compared,
        rank_before=row.rank_before,
        rank_after=row.rank_after,
        rank_move=row.rank_move,
        score_before=row.score_before,
        score_after=row.score_after,
        score_move=row.score_move,
        parts=tuple(part for part in every if part.places or part.points),
        still=tuple(part.cause for part in every if not (part.places or part.points)),
        rank_new_method=row.rank_new_method,
        score_new_method=row.score_new_method,
    )
