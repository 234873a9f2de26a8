"""How exactly an interval's end is known, and when enough draws have been made.

An end is a quantile of a unit's drawn ranks. Its error interval is distribution-free: two order statistics between which the
true quantile lies with probability .95 or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.robustness.joint import order_bounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring.numerics.types import IntArray, Places

FIRST = 1_000
LARGEST_STUDY = 40_000_000  # draws times units
ENDS = (0.05, 0.95)
ONE_PLACE = 1


@dataclass(frozen=True)
class EndErrors:
    """The error intervals of both ends of U units: ``low`` and ``high`` (U, 2) are ranks, 0 where no draw ranks the unit."""

    low: IntArray
    high: IntArray

    @property
    def spans(self) -> IntArray:
        """How many places each end's error interval spans, (U, 2): low ends, then high ends."""
        return np.stack([self.low[:, 1] - self.low[:, 0], self.high[:, 1] - self.high[:, 0]], axis=1)

    @property
    def widest(self) -> int:
        """The largest span."""
        return int(self.spans.max(initial=0))

    def open_ends(self, places: int = ONE_PLACE) -> int:
        """Return how many ends are not known to so many places."""
        return int(np.count_nonzero(self.spans > places))


def end_errors(ranks: Places) -> EndErrors:
    """Return the error interval of every unit's 5th and 95th percentile of ranks (D, U); 0 in a draw is no rank.

    Where no order statistic bounds a quantile, rank 1 or the last rank stands.
    """
    units = ranks.shape[1]
    found = np.zeros((2, units, 2), dtype=np.int64)
    for unit in range(units):
        counts = np.bincount(ranks[:, unit], minlength=units + 1)
        counts[0] = 0
        below = np.cumsum(counts)
        size = int(below[-1])
        if size:
            for end, share in enumerate(ENDS):
                first, last = order_bounds(size, share)
                found[end, unit] = (
                    1 if first == 0 else np.searchsorted(below, first),
                    units if last == size + 1 else np.searchsorted(below, last),
                )
    return EndErrors(found[0], found[1])


def doublings(budget: int) -> Iterator[int]:
    """Give 1,000, 2,000, 4,000 … draws, up to the budget."""
    draws = FIRST
    while draws <= budget:
        yield draws
        draws *= 2


def default_budget(units: int) -> int:
    """Return the largest doubling whose draws times units are 40 million at most: 256,000 for 137 units."""
    return max(doublings(LARGEST_STUDY // max(units, 1)), default=FIRST)
