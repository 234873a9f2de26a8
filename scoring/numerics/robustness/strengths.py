"""What a unit is strong and weak at: its normalised scores against the percentiles of all units, and of its peers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scoring.numerics.types import FloatArray, IntArray, Scored

LEAST_PEERS = 3


@dataclass(frozen=True)
class StrengthRule:
    """Strong at or above the ``upper`` percentile, weak at or below the ``lower``, of a group that holds the unit itself.

    Nothing is claimed where less than ``floor`` of the unit's values are given, or against fewer than ``least`` others. A
    value at both percentiles is neither, and a value that somebody filled in makes no claim and counts for nobody.
    """

    upper: float = 0.90
    lower: float = 0.10
    floor: float = 0.65
    least: int = LEAST_PEERS

    @property
    def upper_percentile(self) -> int:
        """The upper percentile as it is said: 90."""
        return round(100 * self.upper)

    @property
    def lower_percentile(self) -> int:
        """The lower percentile as it is said: 10."""
        return round(100 * self.lower)


@dataclass(frozen=True)
class Claims:
    """Positions of the indicators that are strong and weak, the most outstanding first, against ``others`` units."""

    others: int
    strong: tuple[int, ...]
    weak: tuple[int, ...]
    enough: bool


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
    values: FloatArray, row: int, ranked: IntArray, peers: IntArray | None, rule: StrengthRule | None = None
) -> Strengths:
    """Apply the rule to normalised values (U, I), NaN where missing or filled: unit ``row`` among ``ranked``, and ``peers``.

    Percentiles are R type 7 over the given values of the group, the unit's own among them.
    """
    rule = rule or StrengthRule()
    given, indicators = int(np.count_nonzero(~np.isnan(values[row]))), values.shape[1]
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
    own, strong, weak = values[row], [], []
    for column in np.flatnonzero(~np.isnan(own)):
        group = values[[row, *others], column]
        group = group[~np.isnan(group)]
        low, high = np.quantile(group, (rule.lower, rule.upper))
        left_behind = ((group < own[column]).sum() + (group == own[column]).sum() / 2) / len(group)
        if own[column] >= high and own[column] > low:
            strong.append((-left_behind, int(column)))
        elif own[column] <= low and own[column] < high:
            weak.append((left_behind, int(column)))
    return Claims(
        len(others),
        tuple(column for _, column in sorted(strong)),
        tuple(column for _, column in sorted(weak)),
        enough,
    )
