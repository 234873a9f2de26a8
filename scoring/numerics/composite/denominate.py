"""Step 1: quantities become comparable between large and small units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.errors import MethodError, NotPositiveError

if TYPE_CHECKING:
    from scoring.numerics.types import Denominate, Table, Tree


def denominate(table: Table, tree: Tree, rule: Denominate) -> Table:
    """Divide each indicator that names a denominator by it: x / (denominator / scale factor).

    A missing denominator leaves the cell missing.

    Raises
    ------
    MethodError
        An unknown denominator, or a scale factor for a criterion that is no column.
    NotPositiveError
        A denominator or a scale factor ≤ 0, naming unit and denominator.

    Source: OECD/JRC Handbook 2008, as COINr's Denominate.
    """
    if not rule.use:
        return table
    unknown = sorted(set(rule.scales) - set(table.columns))
    if unknown:
        raise MethodError(f"a scale factor is given for {unknown[0]}, which is no indicator", allowed=table.columns)
    divisors = np.ones_like(table.values)
    for position, code in enumerate(table.columns):
        name = tree.by_code[code].denominator
        if name is not None:
            divisors[:, position] = _column(table, code, name) / _scale(rule, code)
    return table.with_values(table.values / divisors)


def _column(table: Table, indicator: str, name: str) -> np.ndarray:
    if name not in table.denominators:
        raise MethodError(
            f"{indicator} is divided by {name}, a column the table has not",
            indicator=indicator,
            denominator=name,
            allowed=tuple(table.denominators),
        )
    column = table.denominators[name]
    if (column <= 0).any():
        unit = table.units[int(np.argmax(column <= 0))]
        raise NotPositiveError(f"{unit}: denominator {name} is not positive", unit=unit, denominator=name)
    return column


def _scale(rule: Denominate, indicator: str) -> float:
    scale = rule.scales.get(indicator, 1.0)
    if scale <= 0:
        raise NotPositiveError(f"{indicator}: the scale factor is {scale}, not positive", indicator=indicator)
    return scale
