"""Whom a unit is held against, and the values it could reach there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from scoring.numerics.errors import MethodError, TooFewPeersError
from scoring.numerics.robustness.strengths import LEAST_PEERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scoring.numerics.robustness.release_model import ReleaseModel
    from scoring.numerics.types import FloatArray, IntArray


Goal: TypeAlias = Literal["next", "best"]


Reason: TypeAlias = Literal["nobody", "not_given", "no_peer", "is_best", "no_gain"]


QUARTILES = (0.25, 0.50, 0.75)


@dataclass(frozen=True)
class NoHelp:
    """An indicator that would not move the unit up, with the reason.

    ``nobody``: nobody can change it. ``not_given``: the unit's own value is missing or was filled in. ``no_peer``: no peer has a value. ``is_best``: no peer's
    value is better. ``no_gain``: the best peer's value gains no place.
    """

    indicator: str
    reason: Reason


@dataclass(frozen=True)
class Target:
    """A value that a peer has."""

    indicator: str
    goal: Goal
    before: float
    value: float
    peer: str


def ranked_peers(field: ReleaseModel, unit: str, peers: Sequence[str]) -> tuple[int, IntArray]:
    """Return the positions of the unit and of its ranked peers."""
    own_row = field.row_of(unit)
    position = {code: row for row, code in enumerate(field.nominal.units)}
    known = {*position, *(one.code for one in field.nominal.dropped if one.kind == "unit")}
    lost = [code for code in peers if code not in known]
    if lost:
        raise MethodError(f"{lost[0]} is no unit of the release", parameter="peers", got=lost[0])
    rows = {position[code] for code in peers if code in position} - {own_row}
    near = np.array(sorted(row for row in rows if field.nominal.ranks[row] > 0), dtype=np.int64)
    if len(near) < LEAST_PEERS:
        raise TooFewPeersError(
            f"{unit} has {len(near)} ranked peers, {LEAST_PEERS} are needed", needed=LEAST_PEERS, got=len(near)
        )
    return own_row, near


def prices_of(field: ReleaseModel, costs: Mapping[str, float] | None) -> Mapping[str, float]:
    """Return the costs, checked."""
    for code, cost in (costs or {}).items():
        if code not in field.nominal.indicators:
            raise MethodError(f"{code} is no indicator of the release", parameter="costs", got=code)
        if not 0 < cost < np.inf:
            raise MethodError(
                f"the cost of {code} is {cost:g}, not above 0", parameter="costs", indicator=code, got=cost
            )
    return costs or {}


def targets_of(field: ReleaseModel, own_row: int, near: IntArray) -> tuple[list[Target], list[NoHelp]]:
    """Find what the peers have that is better and somebody can change, and the indicators where there is nothing of it."""
    found: list[Target] = []
    without: list[NoHelp] = []
    for column, code in enumerate(field.nominal.indicators):
        before, others = field.given[own_row, column], field.given[near, column]
        sign = field.tree.by_code[code].direction
        have = near[~np.isnan(others)]
        turned = sign * field.given[have, column]
        if field.tree.by_code[code].lever == "nobody":
            without.append(NoHelp(code, "nobody"))
        elif np.isnan(before):
            without.append(NoHelp(code, "not_given"))
        elif not have.size:
            without.append(NoHelp(code, "no_peer"))
        elif turned.max() <= sign * before:
            without.append(NoHelp(code, "is_best"))
        else:
            for goal, value in _goals(sign * before, turned):
                who = have[turned == value]
                peer = min(who, key=lambda row: (field.nominal.ranks[row], field.nominal.units[row]))
                reached = float(field.given[peer, column])
                found.append(Target(code, goal, float(before), reached, field.nominal.units[peer]))
    return found, without


def _goals(own: float, turned: FloatArray) -> Iterator[tuple[Goal, float]]:
    """Give the value at or beyond the next quartile, where another one than the best, and the best (more = better)."""
    best = turned.max()
    quartile = next((one for one in np.quantile(turned, QUARTILES) if one > own), None)
    if quartile is not None:
        value = turned[turned >= quartile].min()
        if value < best:
            yield "next", value
    yield "best", best
