"""Who was wanted in a panel, beside who is there: by group, field and language."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from surveys.values.rounds import RoundFacts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class CountedPerson:
    """What of a panelist is counted; ``by`` has her group, field and language."""

    by: Mapping[str, str]
    is_asked: bool
    is_invited: bool
    has_begun: bool
    has_handed_in: bool


@dataclass(frozen=True)
class BalanceRow:
    """How many of one group, field or language are wanted, in the panel and invited.

    ``planned`` is None where nobody said; ``begun`` and ``handed_in`` are None where they are not told, since five people or
    more stand behind every number, and behind what is left of it.
    """

    name: str
    planned: int | None
    people: int
    invited: int
    begun: int | None
    handed_in: int | None

    @property
    def missing(self) -> int:
        """How many more are wanted; negative where there are more."""
        return (self.planned or 0) - self.people


@dataclass(frozen=True)
class BalancePart:
    """The rows of one kind: group, field or language."""

    kind: str
    rows: tuple[BalanceRow, ...]


def balance_of(plan: Mapping[str, Mapping[str, int]], people: Sequence[CountedPerson]) -> tuple[BalancePart, ...]:
    """Set people against the plan; a kind that is neither planned nor known of anybody is left out."""
    parts = (BalancePart(kind, _rows(kind, plan.get(kind, {}), people)) for kind in ("group", "field", "language"))
    return tuple(part for part in parts if any(row.name for row in part.rows))


def _rows(kind: str, wanted: Mapping[str, int], people: Sequence[CountedPerson]) -> tuple[BalanceRow, ...]:
    asked = Counter(one.by[kind] for one in people if one.is_asked)
    invited = Counter(one.by[kind] for one in people if one.is_asked and one.is_invited)
    begun = Counter(one.by[kind] for one in people if one.has_begun)
    handed_in = Counter(one.by[kind] for one in people if one.has_handed_in)
    names = sorted({*wanted, *asked, *begun}, key=lambda name: (not name, name.casefold()))
    told_begun, told_handed_in = _told(names, begun), _told(names, handed_in)
    languages = dict(settings.LANGUAGES) if kind == "language" else {}
    return tuple(
        BalanceRow(
            name=str(languages.get(name, name)),
            planned=wanted.get(name),
            people=asked[name],
            invited=invited[name],
            begun=told_begun[name],
            handed_in=told_handed_in[name],
        )
        for name in names
    )


def _told(names: Sequence[str], counted: Counter[str]) -> dict[str, int | None]:
    """Return the counts as groups of a round are told."""
    groups = tuple((name, 0, counted[name]) for name in names)
    facts = RoundFacts(invited=0, started=0, submitted=counted.total(), comparisons=0, groups=groups)
    return {one.name: one.submitted for one in facts.told_groups}
