"""Step 3: missing values are filled by a named rule, and stay flagged; a given value is never touched."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, get_args

import numpy as np

from scoring.numerics.composite.times import by_unit, moments
from scoring.numerics.errors import EmptyGroupError, MethodError
from scoring.numerics.types import BoolArray, FloatArray, Impute, ImputeMethod, Table, Tree

if TYPE_CHECKING:
    from collections.abc import Callable

OVER_TIME = ("linear", "latest")


def impute(table: Table, rule: Impute) -> tuple[Table, BoolArray]:
    """Fill missing values; returns the table and which of its cells were filled.

    ``mean``, ``median`` of the column; ``group_mean``, ``group_median`` of the unit's group in the column; ``linear``
    between a unit's neighbouring times (the nearest value beyond its ends) and ``latest``, its last earlier value; ``none``
    and ``row_mean`` (done on normalised data by `fill_row_mean`) leave the table as it is. What cannot be filled over time
    stays missing. Under ``linear`` and ``latest`` every unit is given a row at every time.

    Raises
    ------
    EmptyGroupError
        A group (or, without groups, a column) with a missing and no given value: facts group, indicator.
    MethodError
        An unknown grouping column, or a method unknown.

    Source: OECD/JRC Handbook 2008, step 3; COINr's Impute and impute_panel.
    """
    if rule.method not in get_args(ImputeMethod):
        raise MethodError(f"impute: {rule.method} is unknown", allowed=get_args(ImputeMethod))
    whole = _complete_rows(table) if rule.method in OVER_TIME else table
    filled = _fill(whole, rule)
    return whole.with_values(filled), np.isnan(whole.values) & ~np.isnan(filled)


def _fill(table: Table, rule: Impute) -> FloatArray:
    if rule.method in OVER_TIME:
        return _fill_times(table, rule.method)
    if rule.method in ("mean", "median"):
        return _fill_groups(table, ("",) * len(table.units), _CENTRES[rule.method])
    if rule.method in ("group_mean", "group_median"):
        return _fill_groups(table, _group(table, rule), _CENTRES[rule.method.removeprefix("group_")])
    return table.values


def fill_row_mean(table: Table, tree: Tree) -> tuple[Table, BoolArray]:
    """Fill a missing normalised value with the mean of the unit's given ones under the same parent, if there is one.

    Returns the table and which of its cells were filled.
    """
    values = table.values.copy()
    parents = [tree.by_code[code].parent for code in table.columns]
    for parent in dict.fromkeys(parents):
        siblings = np.flatnonzero([other == parent for other in parents])
        block = table.values[:, siblings]
        values[:, siblings] = np.where(np.isnan(block), _quietly(np.nanmean, block, axis=1)[:, None], block)
    return table.with_values(values), np.isnan(table.values) & ~np.isnan(values)


def _quietly(centre: Callable[..., FloatArray], block: FloatArray, *, axis: int) -> FloatArray:
    """Take a NaN-skipping centre; an empty slice gives NaN, which the caller handles by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(centre(block, axis=axis), dtype=np.float64)


_CENTRES: dict[str, Callable[..., FloatArray]] = {"mean": np.nanmean, "median": np.nanmedian}


def _group(table: Table, rule: Impute) -> tuple[str, ...]:
    if rule.group is None or rule.group not in table.groups:
        raise MethodError(
            f"impute by {rule.method}: the table has no grouping column {rule.group}", allowed=tuple(table.groups)
        )
    return table.groups[rule.group]


def _fill_groups(table: Table, group: tuple[str, ...], centre: Callable[..., FloatArray]) -> FloatArray:
    """Fill each group's gaps with its centre; the loop runs over groups, not units."""
    values = table.values.copy()
    names, member = np.unique(np.array(group), return_inverse=True)
    for number, name in enumerate(names.tolist()):
        rows = np.flatnonzero(member == number)
        block = table.values[rows]
        middle = _quietly(centre, block, axis=0)
        empty = np.isnan(block).any(axis=0) & np.isnan(middle)
        if empty.any():
            indicator = table.columns[int(np.argmax(empty))]
            where = f"group {name} has" if name else "there is"
            raise EmptyGroupError(f"{where} no value of {indicator} to impute from", group=name, indicator=indicator)
        values[rows] = np.where(np.isnan(block), middle, block)
    return values


def _complete_rows(table: Table) -> Table:
    """Add an empty row where a unit has none at one of the times; groups and names repeat the unit's last row."""
    times = dict(zip(moments(table), table.times, strict=True))
    have = set(zip(table.units, moments(table), strict=True))
    last = {unit: row for row, unit in enumerate(table.units)}
    lacking = [(unit, when) for unit in last for when in times if (unit, when) not in have]
    if not lacking:
        return table
    rows = np.array([*range(len(table.units)), *(last[unit] for unit, _ in lacking)], dtype=np.int64)
    start = len(table.units)
    empty = np.full((len(lacking), len(table.columns)), np.nan)
    return Table(
        units=tuple(table.units[row] for row in rows),
        names=tuple(table.names[row] for row in rows),
        times=(*table.times, *(times[when] for _, when in lacking)),
        columns=table.columns,
        values=np.vstack([table.values, empty]),
        groups={name: tuple(column[row] for row in rows) for name, column in table.groups.items()},
        denominators={
            name: np.concatenate([column, np.full(len(rows) - start, np.nan)])
            for name, column in table.denominators.items()
        },
    )


def _fill_times(table: Table, method: str) -> FloatArray:
    """Fill each unit's gaps from its other times, all units and columns at once."""
    cube, when, unit, time = by_unit(table)
    steps = np.arange(len(when))[:, None]
    given = ~np.isnan(cube)
    before = np.maximum.accumulate(np.where(given, steps, -1), axis=1)
    filled_before = np.where(before >= 0, np.take_along_axis(cube, np.maximum(before, 0), axis=1), np.nan)
    if method == "latest":
        return np.asarray(np.where(given, cube, filled_before)[unit, time])
    last = len(when)
    after = np.minimum.accumulate(np.where(given, steps, last)[:, ::-1], axis=1)[:, ::-1]
    filled_after = np.where(after < last, np.take_along_axis(cube, np.minimum(after, last - 1), axis=1), np.nan)
    t0, t1 = when[np.maximum(before, 0)], when[np.minimum(after, last - 1)]
    share = (when[:, None] - t0) / np.where(t1 > t0, t1 - t0, 1.0)
    between = filled_before + share * (filled_after - filled_before)
    line = np.where(before < 0, filled_after, np.where(after == last, filled_before, between))
    return np.asarray(np.where(given, cube, line)[unit, time])
