"""Answers that no weights explain, once each may be as far from what was meant as the list of answers is coarse.

An answer stands for every ratio that is nearer to it, in the logarithm, than to another level of the list it was taken from;
the first and the last level for all that lies beyond. Three answers contradict each other where no three weights fit all of
them: an expert who always takes the nearest level never does, and one who goes strictly in a circle always does.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

import numpy as np

from scoring.numerics.errors import OffScaleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.numerics.types import BoolArray, FloatArray

AnswerList: TypeAlias = Literal["five", "finer"]
TakenFrom: TypeAlias = "AnswerList | Literal[''] | Sequence[Sequence[str]]"

LEVELS: Final[dict[AnswerList, tuple[float, ...]]] = {
    "five": (1 / 5, 1 / 3, 1.0, 3.0, 5.0),
    "finer": (*(1 / step for step in range(9, 1, -1)), *(float(step) for step in range(1, 10))),
}
WORTH_SHOWING: Final = float(np.log(4.0))  # how far three answers must be from fitting to be worth a question
LEVEL: Final = 1e-9


@dataclass(frozen=True)
class Contradiction:
    """Three items i < j < k whose answers no weights explain: the ``gap`` between what a_ij and a_jk allow and what a_ik says.

    ``size`` is |ln a_ij + ln a_jk − ln a_ik|; ``circular``: i over j over k over i, or the reverse.
    """

    i: int
    j: int
    k: int
    gap: float
    size: float
    circular: bool

    @property
    def is_worth_showing(self) -> bool:
        """Whether it is large enough to ask about: a gap alone would speak too often on the finer list."""
        return self.circular or self.size >= WORTH_SHOWING - LEVEL


def answer_list_of(answers: Sequence[float]) -> AnswerList:
    """Return the list that answers at a node were taken from where that was not stored: five steps if all are on them."""
    on_five = all(min(abs(np.log(answer / level)) for level in LEVELS["five"]) <= LEVEL for answer in answers)
    return "five" if on_five else "finer"


def log_bounds(answer: float, taken_from: AnswerList) -> tuple[float, float]:
    """Return the logarithms an answer stands for, from and to; infinite at the ends of its list.

    Raises
    ------
    OffScaleError
        The answer is no level of the list.
    """
    levels = np.log(LEVELS[taken_from])
    place = int(np.abs(levels - np.log(answer)).argmin())
    if abs(levels[place] - np.log(answer)) > LEVEL:
        raise OffScaleError(f"{answer:g} is no answer of the list", got=answer, allowed=LEVELS[taken_from])
    low = -np.inf if place == 0 else (levels[place - 1] + levels[place]) / 2
    high = np.inf if place == len(levels) - 1 else (levels[place] + levels[place + 1]) / 2
    return float(low), float(high)


def contradictions(matrix: FloatArray, taken_from: TakenFrom = "") -> tuple[Contradiction, ...]:
    """Return one expert's contradictions at a node, those worth showing first, by gap, the largest first.

    Parameters
    ----------
    matrix : FloatArray
        (n, n) answers a over b, NaN where there is none.
    taken_from : TakenFrom
        The list that all answers were taken from, or (n, n) that of each; empty where that was not stored (`answer_list_of`).

    An answer that no list offers, as files may bring it, stands for itself alone.
    """
    low, high = _meant_by_all(matrix, taken_from)
    logs = np.log(matrix)
    found = []
    for i, j, k in combinations(range(len(matrix)), 3):
        around = logs[i, j] + logs[j, k] - logs[i, k]
        if np.isnan(around):
            continue
        over = low[i, j] + low[j, k] - high[i, k]
        under = low[i, k] - high[i, j] - high[j, k]
        gap = max(0.0, over, under)
        if gap > LEVEL:
            signs = [round(value, 12) for value in (logs[i, j], logs[j, k], logs[k, i])]
            circular = all(sign > 0 for sign in signs) or all(sign < 0 for sign in signs)
            found.append(Contradiction(i, j, k, float(gap), float(abs(around)), circular))
    return tuple(sorted(found, key=lambda one: (not one.is_worth_showing, -round(one.gap, 12), one.i, one.j, one.k)))


def holds_a_ring(matrix: FloatArray, taken_from: TakenFrom = "") -> bool:
    """Say whether the answers contradict each other in a ring of any length, so that no weights explain them all.

    They do if and only if the graph of what each allows has a negative cycle.

    Source: Floyd, R. W. (1962) and Warshall, S. (1962), shortest paths between all pairs.
    """
    low, high = _meant_by_all(matrix, taken_from)
    known = ~np.isnan(matrix)
    longest = np.where(known, np.minimum(high, -low.T), np.inf)
    np.fill_diagonal(longest, 0.0)
    for between in range(len(matrix)):
        longest = np.minimum(longest, longest[:, [between]] + longest[[between], :])
    return bool((np.diag(longest) < -LEVEL).any())


def _meant_by_all(matrix: FloatArray, taken_from: TakenFrom) -> tuple[FloatArray, FloatArray]:
    """Return what each answer of a matrix stands for, (n, n) from and to; NaN without an answer."""
    n = len(matrix)
    lists = [[taken_from] * n] * n if isinstance(taken_from, str) else taken_from
    low, high = np.full(matrix.shape, np.nan), np.full(matrix.shape, np.nan)
    upper: BoolArray = np.triu(~np.isnan(matrix), 1)
    where_unknown = answer_list_of([float(answer) for answer in matrix[upper]])
    for a, b in np.argwhere(upper):
        answer = float(matrix[a, b])
        try:
            low[a, b], high[a, b] = log_bounds(answer, cast("AnswerList", lists[a][b] or where_unknown))
        except OffScaleError:  # no list offers it: it came from a file, and stands for itself
            low[a, b] = high[a, b] = np.log(answer)
        low[b, a], high[b, a] = -high[a, b], -low[a, b]
    return low, high
