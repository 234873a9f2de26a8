"""What if a unit's values, or the weights, were others? The answer on the release's own yardstick, never an official one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.composite.aggregate import local_weights
from scoring.numerics.composite.ranking import rank, tiers
from scoring.numerics.errors import ImpossibleValueError, MethodError, NothingToRankError
from scoring.numerics.robustness.advice import rank_between

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.numerics.robustness.release_model import ReleaseModel
    from scoring.numerics.types import Factor, FloatArray, IntArray

BEYOND = 10.0  # times the width of what is observed
SHARE = "%"
HEAVIEST = 1e6


@dataclass(frozen=True)
class WhatIf:
    """What the changed values and weights make of a unit, beside what is official; arrays follow ``units``.

    ``local`` are the weights as used, None where they are the release's. ``pillars`` are (code, official score, new score)
    of the criteria under the root, None where there is none. ``together`` are the other units of the country whose values were
    changed too, by indicator: where the value is the country's. ``rank_low`` and ``rank_high`` are the 5th and 95th percentile
    of the new rank in ``draws`` draws of what ``covers`` names, None without draws: the reader's own weights are not drawn.
    """

    unit: str
    values: Mapping[str, float]
    local: Mapping[str, float] | None
    official_score: float
    official_rank: int
    official_tier: int
    score: float
    rank: int
    tier: int
    pillars: tuple[tuple[str, float | None, float | None], ...]
    rank_low: float | None
    rank_high: float | None
    covers: tuple[Factor, ...]
    draws: int
    units: tuple[str, ...]
    official_ranks: IntArray
    ranks: IntArray
    together: Mapping[str, tuple[str, ...]]


def possible_ranges(field: ReleaseModel) -> dict[str, tuple[float, float]]:
    """Return the lowest and highest value that may be asked for each indicator.

    A share (the framework's unit begins with %, and every value lies between 0 and 100) may be 0 to 100. Any other value
    may lie ten times the width of what is observed beyond it, goalposts counted as observed, and is not negative where no
    observed value is. Observed are the values that nobody filled in, of all units; the ends are rounded outward to three
    digits.
    """
    return {code: _possible(field, column, code) for column, code in enumerate(field.nominal.indicators)}


def _possible(field: ReleaseModel, column: int, code: str) -> tuple[float, float]:
    stored = field.nominal.yardstick.parameters[code]
    seen = field.given[:, column]
    observed = [*seen[~np.isnan(seen)].tolist(), *(stored[name] for name in ("lower", "upper") if name in stored)]
    low, high = min(observed, default=0.0), max(observed, default=0.0)
    if field.tree.by_code[code].unit.lstrip().startswith(SHARE) and low >= 0 and high <= 100:
        return 0.0, 100.0
    width = (high - low) or abs(high) or 1.0
    lowest, highest = -_outward(BEYOND * width - low), _outward(high + BEYOND * width)
    return max(lowest, 0.0) if low >= 0 else lowest, highest


def _outward(value: float) -> float:
    """Round up to three digits, so that a page can print the end of a range as it is."""
    if not value:
        return 0.0
    places = 2 - math.floor(math.log10(abs(value)))
    return round(math.ceil(round(value * 10.0**places, 9)) / 10.0**places, max(places, 0))


def what_if(
    field: ReleaseModel, unit: str, values: Mapping[str, float], weights: Mapping[str, float] | None = None
) -> WhatIf:
    """Score a unit's changed values, or everybody by changed weights, with all else held.

    A value that is the country's changes for every unit of the country that has it.

    Parameters
    ----------
    field : Field
        The release.
    unit : str
        A ranked unit.
    values : Mapping[str, float]
        New values by indicator.
    weights : Mapping[str, float] | None
        New local weights by criterion, at any level; siblings that are not named keep the panel's, and all are taken in
        proportion among siblings.

    Raises
    ------
    NotRankedError
        The unit has no rank.
    ImpossibleValueError
        A value out of its range (`possible_ranges`), or not a number.
    MethodError
        A code that is no indicator, or no criterion under the root; a weight that is not 0 to 1,000,000.
    NotPositiveError
        Siblings whose weights are all 0.
    NonPositiveValueError
        A value the release's own mean has no answer for.
    NothingToRankError
        The unit has no score with these weights.
    """
    row = field.row_of(unit)
    _refuse_impossible(field, values)
    local = _local(field, weights)
    asked = field if local is None else replace(field, weights=local, draws=None)
    table = asked.official.changed(field.spread(unit, values))
    nodes, before = asked.official.nodes(table), field.official.nodes(field.official.normalised)
    scores = nodes[field.tree.root]
    if np.isnan(scores[row]):
        raise NothingToRankError(f"{unit} has no score with these weights", unit=unit)
    ranks = rank(scores, field.recipe.rank)
    placed = tiers(scores, ranks, field.recipe.tiers)
    drawn = asked.drawn_ranks(unit, [values])
    ends = np.full((2, 1), np.nan) if drawn is None else rank_between(drawn)
    columns = dict(zip(table.columns, table.values[row], strict=True))
    old = dict(zip(table.columns, field.official.normalised.values[row], strict=True))
    return WhatIf(
        unit=unit,
        values=dict(values),
        local=local,
        official_score=float(field.nominal.scores[row]),
        official_rank=int(field.nominal.ranks[row]),
        official_tier=int(field.nominal.tiers[row]),
        score=float(scores[row]),
        rank=int(ranks[row]),
        tier=int(placed[row]),
        pillars=tuple(
            (code, _number(before, old, code, row), _number(nodes, columns, code, row))
            for code in field.tree.children[field.tree.root]
        ),
        rank_low=None if np.isnan(ends[0, 0]) else float(ends[0, 0]),
        rank_high=None if np.isnan(ends[1, 0]) else float(ends[1, 0]),
        covers=asked.covers,
        draws=0 if drawn is None else len(drawn),
        units=field.nominal.units,
        official_ranks=field.nominal.ranks,
        ranks=ranks,
        together={code: others for code in values if (others := field.companions(unit, code))},
    )


def _refuse_impossible(field: ReleaseModel, values: Mapping[str, float]) -> None:
    ranges = possible_ranges(field)
    for code, value in values.items():
        if code not in ranges:
            raise MethodError(f"{code} is no indicator of the release", parameter="values", got=code)
        low, high = ranges[code]
        if not low <= value <= high:  # a NaN is not
            raise ImpossibleValueError(
                f"{code} cannot be {value:g}, allowed are {low:g} to {high:g}",
                indicator=code,
                low=low,
                high=high,
                got=value,
            )


def _local(field: ReleaseModel, weights: Mapping[str, float] | None) -> dict[str, float] | None:
    """Return the local weights with the reader's among them; None where hers are the release's own."""
    for code, weight in (weights or {}).items():
        if code not in field.tree.by_code or code == field.tree.root:
            raise MethodError(f"{code} is no criterion under the root", parameter="weights", got=code)
        if not 0 <= weight <= HEAVIEST:
            raise MethodError(
                f"the weight of {code} is {weight:g}, not 0 to {HEAVIEST:g}", parameter="weights", criterion=code
            )
    found = local_weights(field.tree, field.nominal.indicators, {**field.local, **(weights or {})})
    same = all(abs(found[code] - weight) <= 1e-12 for code, weight in field.local.items())
    return None if same else found


def _number(nodes: Mapping[str, FloatArray], columns: Mapping[str, float], code: str, row: int) -> float | None:
    value = columns.get(code, np.nan) if code not in nodes else nodes[code][row]
    return None if np.isnan(value) else float(value)
