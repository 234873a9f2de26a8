"""What a unit is strong and weak at: its normalised scores against the percentiles of all units, and of its peers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from scoring.numerics.types import BoolArray, FloatArray, IntArray, Scored

LEAST_PEERS = 3
LEAST_COMPARED = 10
SLACK = 1e-9


@dataclass(frozen=True)
class StrengthRule:
    """Strong at or above the ``upper`` percentile, weak at or below the ``lower``, of a group that holds the unit itself.

    Nothing is claimed where less than ``floor`` of the unit's values are given, against fewer than ``least`` others, or of a
    value that more than ``most_shared`` of the group have. A value at both percentiles is neither, and a value that somebody
    filled in makes no claim and counts for nobody.
    """

    upper: float = 0.90
    lower: float = 0.10
    floor: float = 0.65
    least: int = LEAST_COMPARED
    most_shared: float = 0.15

    @property
    def upper_percentile(self) -> int:
        """The upper percentile as it is said: 90."""
        return round(100 * self.upper)

    @property
    def lower_percentile(self) -> int:
        """The lower percentile as it is said: 10."""
        return round(100 * self.lower)


@dataclass(frozen=True)
class NotClaimed:
    """An indicator (its position) that lies at a percentile, and of which nothing is claimed all the same.

    ``shared``: ``units`` of the group, the unit among them, have this very value; ``few``: only ``units`` others have a value.
    """

    indicator: int
    reason: Literal["shared", "few"]
    units: int


@dataclass(frozen=True)
class Claims:
    """Positions of the indicators that are strong and weak, the most outstanding first, against ``others`` units.

    ``not_claimed`` would be, but for the reasons told; ``enough`` says that the group is large enough for any claim.
    """

    others: int
    strong: tuple[int, ...]
    weak: tuple[int, ...]
    enough: bool
    not_claimed: tuple[NotClaimed, ...] = ()


@dataclass(frozen=True)
class Strengths:
    """What is claimed of a unit against all and against its peers (None where none were named), and by which rule.

    ``given`` of ``indicators`` values are given; ``is_covered`` says that they are enough to claim anything.
    """

    rule: StrengthRule
    given: int
    indicators: int
    is_covered: bool
    against_all: Claims
    against_peers: Claims | None


def strengths(
    scored: Scored, unit: str, peers: tuple[str, ...] | None = None, rule: StrengthRule | None = None
) -> Strengths:
    """Say what a ranked unit is strong and weak at; `claims` has the rule.

    Parameters
    ----------
    scored : Scored
        The result.
    unit : str
        A unit's code.
    peers : tuple[str, ...] | None
        Codes of its peers; those that are not ranked do not count.
    rule : StrengthRule | None
        Percentiles, floor and least number of peers.

    Source: Global Innovation Index, strengths and weaknesses; quantiles by Hyndman & Fan 1996, type 7.
    """
    values = np.where(scored.imputed, np.nan, scored.steps["normalised"].values)
    row = scored.units.index(unit)
    ranked = np.flatnonzero(scored.ranks > 0)
    near = None if peers is None else np.array([row for row in ranked if scored.units[row] in peers], dtype=np.int64)
    return claims(values, row, ranked, near, rule)


def claims(
    values: FloatArray,
    row: int,
    ranked: IntArray,
    peers: IntArray | None,
    rule: StrengthRule | None = None,
    *,
    hidden: BoolArray | None = None,
) -> Strengths:
    """Apply the rule to normalised values (U, I), NaN where missing or filled: unit ``row`` among ``ranked``, and ``peers``.

    Percentiles are R type 7 over the given values of the group, the unit's own among them. Values that are ``hidden`` (U, I) are
    given and not known: of an indicator that has one among the ranked nothing is claimed.
    """
    rule = rule or StrengthRule()
    given, indicators = int(np.count_nonzero(~np.isnan(values[row]))), values.shape[1]
    if hidden is not None:
        given += int(np.count_nonzero(hidden[row] & np.isnan(values[row])))
        values = np.where(hidden[ranked].any(axis=0), np.nan, values)
    is_covered = bool(given and given >= rule.floor * indicators - 1e-9)
    groups = [None if group is None else group[group != row] for group in (ranked, peers)]
    against_all, against_peers = (
        None if group is None else _claims(values, row, group, rule, is_covered=is_covered) for group in groups
    )
    assert against_all is not None  # noqa: S101 - for the type checker
    return Strengths(rule, given, indicators, is_covered, against_all, against_peers)


def _claims(values: FloatArray, row: int, others: IntArray, rule: StrengthRule, *, is_covered: bool) -> Claims:
    enough = len(others) >= rule.least
    if not (is_covered and enough):
        return Claims(len(others), (), (), enough)
    own, strong, weak, not_claimed = values[row], [], [], []
    for column in np.flatnonzero(~np.isnan(own)):
        group = values[[row, *others], column]
        group = group[~np.isnan(group)]
        low, high = np.quantile(group, (rule.lower, rule.upper))
        is_strong = own[column] >= high and own[column] > low
        is_weak = own[column] <= low and own[column] < high
        shared = int((group == own[column]).sum())
        left_behind = ((group < own[column]).sum() + shared / 2) / len(group)
        if not (is_strong or is_weak):
            continue
        if len(group) <= rule.least:
            not_claimed.append(NotClaimed(int(column), "few", len(group) - 1))
        elif shared > rule.most_shared * len(group) + SLACK:
            not_claimed.append(NotClaimed(int(column), "shared", shared))
        elif is_strong:
            strong.append((-left_behind, int(column)))
        else:
            weak.append((left_behind, int(column)))
    return Claims(
        len(others),
        tuple(column for _, column in sorted(strong)),
        tuple(column for _, column in sorted(weak)),
        enough,
        tuple(not_claimed),
    )
