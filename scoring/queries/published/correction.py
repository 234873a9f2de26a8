"""What a correction did to one unit: where it stood and stands, which of its values are others now, and whose else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoring.models import ReleaseUnit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

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

    ``others`` other units have a value that is another now, ``joined`` are new and ``left`` are gone. Values that either
    release leaves out are compared nowhere; ``is_hidden`` says that there are some.
    """

    corrects: str
    rank_before: int | None
    rank_after: int | None
    values: tuple[CorrectedValue, ...]
    others: int
    joined: int
    left: int
    is_hidden: bool

    @property
    def moved(self) -> bool:
        """Say whether it stands at another rank."""
        return self.rank_before != self.rank_after

    @property
    def only(self) -> CorrectedValue | None:
        """The one value of its own that the correction changed, where it changed nothing else of anybody."""
        whole = len(self.values) == 1 and not (self.others or self.joined or self.left or self.is_hidden)
        return self.values[0] if whole and None not in (self.values[0].before, self.values[0].after) else None


def unit_correction(
    head: ReleaseHead, code: str, units: Sequence[ReleaseUnit], tree: Sequence[NamedCriterion]
) -> UnitCorrection | None:
    """Return what a correction did to a unit, given the release's own units; None where the release corrects none.

    One query for a correction, none else; what a second freeze made is no correction.
    """
    if not head.corrects:
        return None
    major, minor = head.corrects.split(".")
    corrected = ReleaseUnit.objects.filter(
        release__freeze=head.freeze_id, release__major=major, release__minor=minor
    ).only("code", "rank", "values")
    before, after = {one.code: one for one in corrected}, {one.code: one for one in units}
    hidden = {one: _withheld(before.get(one)) | _withheld(after.get(one)) for one in {*before, *after}}
    was, now = (_values(units.get(code), hidden[code]) for units in (before, after))
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
        others=sum(_values(before[one], hidden[one]) != _values(after[one], hidden[one]) for one in both - {code}),
        joined=len(after.keys() - before.keys() - {code}),
        left=len(before.keys() - after.keys() - {code}),
        is_hidden=any(hidden.values()),
    )


def _values(unit: ReleaseUnit | None, hidden: Collection[str]) -> Mapping[str, float]:
    """Return the values that nobody filled in, by indicator, without those of ``hidden`` indicators."""
    entries: Sequence[Mapping[str, Any]] = () if unit is None else unit.values
    return {
        one["indicator"]: one["value"]
        for one in entries
        if one["value"] is not None and not one.get("imputed") and one["indicator"] not in hidden
    }


def _withheld(unit: ReleaseUnit | None) -> set[str]:
    """Return the indicators whose value a release leaves out."""
    entries: Sequence[Mapping[str, Any]] = () if unit is None else unit.values
    return {one["indicator"] for one in entries if one.get("withheld")}
