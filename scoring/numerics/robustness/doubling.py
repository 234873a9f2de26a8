"""How exactly an interval's end is known, and when enough draws have been made.

An end is a quantile of a unit's drawn ranks. Its error interval is distribution-free: two order statistics between which the
true quantile lies with probability .95 or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from scoring.numerics.errors import TooFewDrawsError, UnrankedDrawsError
from scoring.numerics.robustness.joint import JointSets, calibrated_sets, order_bounds
from scoring.numerics.types import FIRST_DRAWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring.numerics.errors import NumericsError
    from scoring.numerics.types import IntArray, Places, RobustnessChoices

Ended: TypeAlias = Literal["given", "converged", "budget"]
"""Why there are so many draws: the recipe states their number, every end is known, or the budget was spent."""

LARGEST_STUDY = 40_000_000  # draws times units
MOST_DRAWS = 1_000_000  # however few units: the ranks of all draws are kept at once
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

    Where no order statistic bounds a quantile, rank 1 or the last rank that a draw gives place to stands.
    """
    units = ranks.shape[1]
    last_rank = int((ranks > 0).sum(axis=1).max(initial=0))
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
                    last_rank if last == size + 1 else np.searchsorted(below, last),
                )
    return EndErrors(found[0], found[1])


def doublings(budget: int) -> Iterator[int]:
    """Give 1,000, 2,000, 4,000 … draws, up to the budget."""
    draws = FIRST_DRAWS
    while draws <= budget:
        yield draws
        draws *= 2


def default_budget(units: int) -> int:
    """Return the largest doubling whose draws times units are 40 million at most, of a million draws: 256,000 for 137 units."""
    return max(doublings(min(MOST_DRAWS, LARGEST_STUDY // max(units, 1))), default=FIRST_DRAWS)


def budget_of(choices: RobustnessChoices, units: int) -> int | None:
    """Return the most draws for so many units; None where the recipe states their number."""
    if choices.draws != "auto":
        return None
    return default_budget(units) if choices.budget is None else choices.budget


def stages(choices: RobustnessChoices, units: int) -> Iterator[int]:
    """Give the numbers of draws that a study of so many units may stand at: the stated one, or every doubling."""
    budget = budget_of(choices, units)
    yield from (choices.first_draws,) if budget is None else doublings(budget)


def joint_sets(ranks: Places, nominal: IntArray) -> JointSets | NumericsError:
    """Return the sets that hold for all units at once, or why there are none."""
    try:
        return calibrated_sets(ranks, nominal)
    except (TooFewDrawsError, UnrankedDrawsError) as error:
        return error


def ended(choices: RobustnessChoices, errors: EndErrors, joint: JointSets | NumericsError) -> Ended:
    """Say why there are no more draws than those that gave these errors and sets."""
    if choices.draws != "auto":
        return "given"
    return "converged" if errors.open_ends() == 0 and isinstance(joint, JointSets) else "budget"


def more_draws(choices: RobustnessChoices, nominal: IntArray, ranks: Places) -> int:
    """Return how many draws are wanted after these (D, U): as many again, or none.

    ``nominal`` (U,) are the release's ranks. None are wanted where the recipe states a number, where every end is known to one
    place and there are sets for all units at once, or where twice as many are over the budget.
    """
    budget = budget_of(choices, len(nominal))
    if budget is None or 2 * len(ranks) > budget:
        return 0
    is_enough = ended(choices, end_errors(ranks), joint_sets(ranks, nominal)) == "converged"
    return 0 if is_enough else len(ranks)
