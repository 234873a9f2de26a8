"""Step 2: units and indicators with too little data are left out, with the reason."""

from __future__ import annotations

import numpy as np

from scoring.numerics.composite.times import latest_rows
from scoring.numerics.errors import NothingToRankError
from scoring.numerics.types import BoolArray, Dropped, Screen, Table

SLACK = 1e-12  # a share computed as 13/20 passes a limit written 0.65


def screen(table: Table, rule: Screen, *, over_time: bool = False) -> tuple[Table, tuple[Dropped, ...]]:
    """Leave out units and indicators whose share of values is under the limit; both shares on the full table, once.

    A unit's cell counts when it has a value at the latest time, or, where missing values are then filled ``over_time``,
    at any time. A unit without a row at the latest time is left out and does not count in the indicators' shares. Units named
    for their circumstances are left out whatever they have; before the screen they count as any other.

    Returns
    -------
    Table, dropped
        The table without them, in the order given, and who and what was left out with the share it had.

    Raises
    ------
    NothingToRankError
        No unit or no indicator is left.

    Source: OECD/JRC Handbook 2008; COINr's Screen.
    """
    units, given = _given(table, over_time=over_time)
    unit_share = given.mean(axis=1) if given.shape[1] else np.zeros(len(units))
    has_row = _has_row(table, units, over_time=over_time)
    column_share = given[has_row].sum(axis=0) / max(1, has_row.sum())
    excused = rule.circumstances or {}
    last = next((table.times[row] for row in latest_rows(table)), "")
    is_excused = np.array([unit in excused for unit in units], dtype=np.bool_)
    keep_unit = (unit_share >= rule.unit_availability - SLACK) & has_row & ~is_excused
    keep_column = column_share >= rule.indicator_availability - SLACK
    dropped = (
        *(
            Dropped(
                "unit",
                code,
                float(unit_share[index]),
                rule.unit_availability,
                excused.get(code),
                None if has_row[index] else last,
            )
            for index in np.flatnonzero(~keep_unit)
            for code in (units[index],)
        ),
        *(
            Dropped("indicator", table.columns[index], float(column_share[index]), rule.indicator_availability)
            for index in np.flatnonzero(~keep_column)
        ),
    )
    if not keep_unit.any() or not keep_column.any():
        what = "unit" if not keep_unit.any() else "indicator"
        raise NothingToRankError(f"no {what} has the share of values the screen asks for", dropped=dropped)
    kept = {unit for unit, keep in zip(units, keep_unit, strict=True) if keep}
    rows = np.flatnonzero([unit in kept for unit in table.units])
    columns = tuple(code for code, keep in zip(table.columns, keep_column, strict=True) if keep)
    return table.take_rows(rows).take_columns(columns), dropped


def _given(table: Table, *, over_time: bool) -> tuple[tuple[str, ...], BoolArray]:
    """Return the units (first appearance) and, (U, I), whether a value can stand in the cell at the latest time."""
    units = tuple(dict.fromkeys(table.units))
    position = {unit: index for index, unit in enumerate(units)}
    rows = np.arange(len(table.units)) if over_time else latest_rows(table)
    given = np.zeros((len(units), len(table.columns)), dtype=np.bool_)
    np.logical_or.at(given, [position[table.units[row]] for row in rows], ~np.isnan(table.values[rows]))
    return units, given


def _has_row(table: Table, units: tuple[str, ...], *, over_time: bool) -> BoolArray:
    """Return, (U,), whether the unit has, or will be given, a row at the latest time."""
    present = set(table.units) if over_time else {table.units[row] for row in latest_rows(table)}
    return np.array([unit in present for unit in units], dtype=np.bool_)
