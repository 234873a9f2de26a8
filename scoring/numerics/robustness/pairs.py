"""Which of two units stands above the other, and how often: counts that add up over any parts of the draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scoring.numerics.types import Counts, FloatArray, Places

MOST_PAIRED = 2_000  # units: a table of pairs grows with their square
CELLS = 300_000  # comparisons at once: what a core's own cache holds
MOST_ADDED = 255  # draws: a byte counts them without overflowing
NOBODY = 65_535  # as the rank of a unit that has none: it stands above nobody


def count_above(ranks: Places) -> Counts:
    """Return (U, U): [a, b] = number of the draws, (D, U), ranking both in which a stands above b."""
    draws, units = ranks.shape
    counts = np.zeros((units, units), dtype=np.uint16 if draws <= NOBODY else np.uint32)
    standing = np.where(ranks == 0, NOBODY, ranks).astype(np.uint16)
    for first in range(0, draws, MOST_ADDED):
        one, other = standing[first : first + MOST_ADDED, :, None], ranks[first : first + MOST_ADDED, None, :]
        step = max(1, CELLS // (len(one) * units))
        for start in range(0, units, step):
            above = (one[:, start : start + step] < other).view(np.uint8)
            counts[start : start + step] += np.add.reduce(above, axis=0, dtype=np.uint8)
    return counts


def probabilities(ranks: Places, above: Counts | None = None) -> FloatArray:
    """Return (U, U): [a, b] = share of the draws ranking both in which a stands above b, ties half; NaN without such a draw.

    ``above`` are the counts of `count_above` where they are known; those of a unit that ``ranks`` never ranks do not count.
    """
    better = (count_above(ranks) if above is None else above).astype(np.int64)
    if ranks.all():
        return np.asarray((better + len(ranks) - better.T) / max(2 * len(ranks), 1))
    ranked = (ranks > 0).astype(np.float32)  # whole numbers below 2^24: exact, in whatever order they are added
    both = (ranked.T @ ranked).astype(np.int64)
    return np.where(both > 0, (better + both - better.T) / np.maximum(2 * both, 1), np.nan)
