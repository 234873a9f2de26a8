"""What a correction did to one unit: where it stood and stands, which of its values are others now, and whose else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoring.models import ReleaseUnit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring.queries.published.criteria import NamedCriterion
    from scoring.queries.published.release_head import ReleaseHead


@dataclass(frozen=True, slots=True)
class CorrectedValue:
    """A value that is another than in the release corrected; None where there was, or is, none."""

    criterion: NamedCriterion
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class UnitCorrection:
    """One unit before and after a correction of release ``corrects``; a rank is None where it was, or is, not ranked.

    ``others`` other units have a value that is another now, ``joined`` are new and ``left`` are gone.
    """

    corrects: str
    rank_before: int | None
    rank_after: int | None
    values: tuple[CorrectedValue, ...]
    others: int
    joined: int
    left: int

    @property
    def moved(self) -> bool:
        """Say whether it stands at another rank."""
        return self.rank_before != self.rank_after

    @property
    def only(self) -> CorrectedValue | None:
        """The one value of its own that the correction changed, where it changed nothing else of anybody."""
        whole = len(self.values) == 1 and not (self.others or self.joined or self.left)
        return self.values[0] if whole and None not in (self.values[0].before, self.values[0].after) else None


def unit_correction(
    head: ReleaseHead, code: str, units: Sequence[ReleaseUnit], tree: Sequence[NamedCriterion]
) -> UnitCorrection | None:
    """Return what a correction did to a unit, given the release's own units; None where the release corrects none.

    One query for a correction, none else.
    """
    if not head.corrects:
        return None
    major, minor = head.corrects.split(".")
    corrected = ReleaseUnit.objects.filter(
        release__freeze=head.freeze_id, release__major=major, release__minor=minor
    ).only("code", "rank", "values")
    before, after = {one.code: one for one in corrected}, {one.code: one for one in units}
    was, now = _values(before.get(code)), _values(after.get(code))
    both = before.keys() & after.keys()
    return UnitCorrection(
        corrects=head.corrects,
        rank_before=None if code not in before else before[code].rank,
        rank_after=None if code not in after else after[code].rank,
        values=tuple(
            CorrectedValue(one, was.get(one.code), now.get(one.code))
            for one in tree
            if was.get(one.code) != now.get(one.code)
        ),
        others=sum(_values(before[one]) != _values(after[one]) for one in both - {code}),
        joined=len(after.keys() - before.keys() - {code}),
        left=len(before.keys() - after.keys() - {code}),
    )


def _values(unit: ReleaseUnit | None) -> Mapping[str, float]:
    """Return the values that nobody filled in, by indicator."""
    entries: Sequence[Mapping[str, Any]] = () if unit is None else unit.values
    return {one["indicator"]: one["value"] for one in entries if one["value"] is not None and not one.get("imputed")}
