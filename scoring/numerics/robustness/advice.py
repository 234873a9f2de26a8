"""How a unit could move up: what its peers reach, what that would gain with all else held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.robustness.targets import Goal, NoHelp, prices_of, ranked_peers, targets_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring.numerics.robustness.release_model import ReleaseModel
    from scoring.numerics.types import BoolArray, Factor, FloatArray, IntArray


ENDS = (0.05, 0.95)


@dataclass(frozen=True)
class AdviceStep:
    """One indicator brought to the value that a peer has, all else held.

    ``goal`` is the peers' ``next`` quartile or the ``best`` peer. ``gained`` are places at the release's own method;
    ``low`` and ``high`` the 5th and 95th percentile of the places gained in the draws, None without draws. ``per_cost`` are
    places gained for each unit of the indicator's cost, None where no cost is given. ``together`` other units of the country
    have the new value too, since the value is the country's.
    """

    indicator: str
    goal: Goal
    before: float
    value: float
    peer: str
    score: float
    rank: int
    gained: int
    low: float | None
    high: float | None
    per_cost: float | None
    together: int


@dataclass(frozen=True)
class Advice:
    """What is within reach of a unit, by places gained; ``covers`` and ``draws`` say what the intervals are taken over."""

    unit: str
    rank: int
    score: float
    peers: int
    steps: tuple[AdviceStep, ...]
    would_not_help: tuple[NoHelp, ...]
    covers: tuple[Factor, ...]
    draws: int


def reachable(field: ReleaseModel, unit: str, peers: Sequence[str], costs: Mapping[str, float] | None = None) -> Advice:
    """Say for each indicator which peers' values are within reach and what each alone would gain.

    Within reach are the nearest peer's value at or beyond the peers' next quartile (R type 7) that is better than the
    unit's, and the best peer's. Only values that nobody filled in count, and what nobody can change is not proposed. A value
    that is the country's changes for every unit of the country that has it. All else is held: the values of all others,
    weights, methods, and the yardstick.

    Parameters
    ----------
    field : Field
        The release.
    unit : str
        A ranked unit.
    peers : Sequence[str]
        Codes of its peers; itself and those without a rank do not count.
    costs : Mapping[str, float] | None
        What reaching a better value costs, by indicator, above 0, in any one unit.

    Raises
    ------
    NotRankedError, TooFewPeersError
        The unit has no rank; fewer than three ranked peers.
    MethodError
        A code that is no unit or no indicator, or a cost that is not above 0.
    """
    own_row, near = ranked_peers(field, unit, peers)
    price = prices_of(field, costs)
    targets, without = targets_of(field, own_row, near)
    changes = [{}, *({one.indicator: one.value} for one in targets)]
    scores, ranks = field.official.own(unit, [field.spread(unit, change) for change in changes])
    drawn = field.drawn_ranks(unit, changes)
    ends = None if drawn is None else gained_between(drawn)
    steps = [
        AdviceStep(
            indicator=one.indicator,
            goal=one.goal,
            before=one.before,
            value=one.value,
            peer=one.peer,
            score=float(scores[0, c]),
            rank=int(ranks[0, c]),
            gained=(gained := int(ranks[0, 0] - ranks[0, c])),
            low=None if ends is None or np.isnan(ends[0, c]) else float(ends[0, c]),
            high=None if ends is None or np.isnan(ends[1, c]) else float(ends[1, c]),
            per_cost=gained / price[one.indicator] if one.indicator in price else None,
            together=len(field.companions(unit, one.indicator)),
        )
        for c, one in enumerate(targets, start=1)
    ]
    idle = {one.indicator for one in steps if one.goal == "best" and one.gained <= 0}
    order = {code: number for number, code in enumerate(field.nominal.indicators)}
    return Advice(
        unit=unit,
        rank=int(ranks[0, 0]),
        score=float(scores[0, 0]),
        peers=len(near),
        steps=tuple(
            sorted(
                (one for one in steps if one.indicator not in idle),
                key=lambda one: (-one.gained, order[one.indicator], one.goal),
            )
        ),
        would_not_help=tuple(
            sorted((*without, *(NoHelp(code, "no_gain") for code in idle)), key=lambda one: order[one.indicator])
        ),
        covers=field.covers,
        draws=0 if drawn is None else len(drawn),
    )


def gained_between(ranks: IntArray) -> FloatArray:
    """Return the 5th and 95th percentile of the places gained against the first column, (2, C); NaN without a draw."""
    known = (ranks > 0) & (ranks[:, :1] > 0)
    gained = np.where(known, ranks[:, :1] - ranks, 0).astype(np.float64)
    return _ends(gained, known)


def rank_between(ranks: IntArray) -> FloatArray:
    """Return the 5th and 95th percentile of ranks, (2, C); NaN without a draw that ranks."""
    return _ends(ranks.astype(np.float64), ranks > 0)


def _ends(values: FloatArray, known: BoolArray) -> FloatArray:
    if known.all():
        return np.quantile(values, ENDS, axis=0)
    columns = (values[known[:, c], c] for c in range(values.shape[1]))
    return np.stack([np.quantile(one, ENDS) if len(one) else np.full(2, np.nan) for one in columns], axis=1)
