"""Several times per unit: which row is scored, and what earlier rows can fill."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.errors import MethodError

if TYPE_CHECKING:
    from scoring.numerics.types import FloatArray, IntArray, Table


def moments(table: Table) -> FloatArray:
    """Return each row's time as a number: years and other numbers as they are, ISO dates as days; one time is 0.

    Raises
    ------
    MethodError
        Several times of which one is neither a number nor an ISO date.
    """
    if len(set(table.times)) <= 1:
        return np.zeros(len(table.times))
    for read in (float, lambda text: float(date.fromisoformat(text).toordinal())):
        try:
            return np.array([read(text) for text in table.times])
        except ValueError:
            continue
    raise MethodError("Time holds neither numbers only nor ISO dates only", times=tuple(sorted(set(table.times))))


def latest_rows(table: Table) -> IntArray:
    """Return the positions of the rows at the latest time of the table, in the order given."""
    when = moments(table)
    return np.flatnonzero(when == when.max(initial=-np.inf))


def latest(table: Table) -> Table:
    """Return the table at its latest time."""
    rows = latest_rows(table)
    return table if len(rows) == len(table.units) else table.take_rows(rows)


def by_unit(table: Table) -> tuple[FloatArray, FloatArray, IntArray, IntArray]:
    """Lay the rows out as units × times.

    Returns
    -------
    cube : (U, T, I)
        Values by unit (first appearance), time (ascending) and column; NaN where a unit has no row.
    when : (T,)
        The times as numbers.
    unit, time : (rows,)
        Where each row stands in the cube.
    """
    position = {code: index for index, code in enumerate(dict.fromkeys(table.units))}
    unit = np.array([position[code] for code in table.units], dtype=np.int64)
    when, time = np.unique(moments(table), return_inverse=True)
    cube = np.full((len(position), len(when), len(table.columns)), np.nan)
    cube[unit, time] = table.values
    return cube, when, unit, time
