"""What a ranking as a whole allows to say, from its ranks and from who cannot be told apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Final, Literal, Protocol

from scoring.files.uncertainty_reader import half_of
from scoring.numerics.robustness.intervals import TOLD_APART

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scoring.models import ReleaseUnit

PLACED: Final = (
    *("release_id", "code", "names", "country_code", "rank", "tier", "rank_low", "rank_high"),
    *("rank_joint_low", "rank_joint_high", "rank_q1", "rank_q3", "modal_tier"),
)
"""The columns of a unit that its place is read from."""


@dataclass(frozen=True, slots=True)
class RankedPlace:
    """A ranked unit; ``low`` and ``high`` are the 5th and 95th percentile of its rank, outward to whole ranks.

    ``joint_low`` and ``joint_high`` are the ends of the sets that hold for all units at once, ``half`` those of the middle half of
    its drawn ranks; ``tier_number`` is its tier and ``modal_tier`` the one drawn most often. None where there are none.
    """

    name: str
    rank: int
    low: int | None
    high: int | None
    joint_low: int | None = None
    joint_high: int | None = None
    half: tuple[int, int] | None = None
    tier_number: int | None = None
    modal_tier: int | None = None

    @classmethod
    def of(cls, unit: ReleaseUnit) -> RankedPlace:
        """Return the place of a ranked unit."""
        rank = unit.rank or 0
        return cls(
            name=unit.name,
            rank=rank,
            low=None if unit.rank_low is None else math.floor(unit.rank_low),
            high=None if unit.rank_high is None else math.ceil(unit.rank_high),
            joint_low=unit.rank_joint_low,
            joint_high=unit.rank_joint_high,
            half=half_of(unit.rank_q1, unit.rank_q3),
            tier_number=unit.tier,
            modal_tier=unit.modal_tier,
        )

    @property
    def is_fixed(self) -> bool:
        """Whether neither its interval nor its joint set holds another rank."""
        sets = {self.low, self.high, *({self.joint_low, self.joint_high} - {None})}
        return sets == {self.rank}

    @property
    def is_outside(self) -> bool:
        """Whether its rank as released is not in its interval."""
        return self.low is not None and self.high is not None and not self.low <= self.rank <= self.high

    @property
    def is_off_half(self) -> bool:
        """Whether its rank as released is not in the middle half of its drawn ranks."""
        return self.half is not None and not self.half[0] <= self.rank <= self.half[1]

    @property
    def is_other_tier(self) -> bool:
        """Whether the tier drawn most often is another than the released one."""
        return self.modal_tier is not None and self.modal_tier != self.tier_number


class Typical(Protocol):
    """Whose place can be compared with those of its draws."""

    @property
    def is_off_half(self) -> bool:
        """Whether its rank is not in the middle half."""

    @property
    def is_other_tier(self) -> bool:
        """Whether the tier drawn most often is another one."""


@dataclass(frozen=True, slots=True)
class Untypical:
    """How many units have a rank outside the middle half of their draws, and how many another tier than the one drawn most often."""

    off_half: int
    other_tier: int


def untypical(rows: Iterable[Typical]) -> Untypical:
    """Count the units whose place as released is not where their draws mostly are."""
    told = [(row.is_off_half, row.is_other_tier) for row in rows]
    return Untypical(sum(off for off, _ in told), sum(other for _, other in told))


@dataclass(frozen=True, slots=True)
class Separability:
    """Who can be told apart, as a release counted its pairs.

    ``groups`` are the first and last ranks of neighbours no two of which can be. ``first`` is the least share of the draws in
    which the first unit stands above another, ``order`` the same of every two units in the order of the ranking.
    """

    groups: tuple[tuple[int, int], ...]
    first: float
    order: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What the ranking as a whole allows to say.

    ``kind`` is ``plain`` (no intervals, or one unit), ``shared`` (several first), ``tied`` (the first cannot be told apart
    from the next), ``unsure`` (from some other one), ``elsewhere`` (the first is not first in the middle half of its draws:
    ``first`` to ``last`` hold that half) or ``leads``. ``leader`` names the first; else ``first`` to ``last`` are the
    highest places no two of which can be told apart, both 0 where there are none. ``is_clear`` says whether the order below
    the first is clear throughout.
    """

    kind: Literal["plain", "shared", "tied", "unsure", "elsewhere", "leads"]
    leader: str
    leaders: int
    first: int
    last: int
    is_clear: bool = False

    @property
    def is_pair(self) -> bool:
        """Say whether the places are two neighbours."""
        return self.last == self.first + 1


def finding(rows: Sequence[RankedPlace], apart: Separability | None = None) -> Finding | None:
    """Return what the ranking allows to say.

    Two units can be told apart where one stands above the other in 95 % of the draws. Where pairs were not counted ``apart``
    is None: then they can where their intervals have no rank in common.
    """
    if not rows:
        return None
    leader, leaders = rows[0], sum(row.rank == 1 for row in rows)
    if leaders > 1:
        return Finding("shared", leader.name, leaders, 0, 0)
    if len(rows) == 1 or any(row.low is None or row.high is None for row in rows):
        return Finding("plain", leader.name, 1, 0, 0)
    if leader.half is not None and leader.is_off_half:
        return Finding("elsewhere", leader.name, 1, *leader.half)
    groups = _groups(rows) if apart is None else apart.groups
    first, last = min((group for group in groups if group[0] < group[1]), default=(0, 0))  # a tie is no doubt
    if first != 1 and apart is not None and apart.first < TOLD_APART:
        return Finding("unsure", leader.name, 1, 0, 0)
    is_clear = not groups and (apart is None or apart.order >= TOLD_APART)
    return Finding("tied" if first == 1 else "leads", leader.name, 1, first, last, is_clear)


def _groups(rows: Sequence[RankedPlace]) -> list[tuple[int, int]]:
    """Return the ranks of runs of neighbours no two of whose intervals lie apart."""
    spans = [(row.low or 0, row.high or 0) for row in rows]
    runs = [(start, _run_from(spans, start)) for start in range(len(spans))]
    return [(rows[start].rank, rows[start + length - 1].rank) for start, length in runs if length > 1]


def _run_from(spans: Sequence[tuple[int, int]], start: int) -> int:
    """Return how many intervals from here on have one rank in common, so that no two of them can be told apart."""
    low, high = spans[start]

    def joins(span: tuple[int, int]) -> bool:
        nonlocal low, high
        low, high = max(low, span[0]), min(high, span[1])
        return low <= high

    return sum(1 for _ in takewhile(joins, spans[start:]))
