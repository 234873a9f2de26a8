"""The data of two releases laid side by side, each before and after its correction: what a unit's rows are in any state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np

from scoring.numerics.composite.times import moments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scoring.numerics.types import FloatArray, Table, Tree

Cell = TypeVar("Cell", str, float)


@dataclass(frozen=True)
class _Laid:
    """One table by unit and position (0 = its latest time, 1 the time before, …), and the columns its edition asks for."""

    table: Table
    columns: Mapping[str, int]
    rows: Mapping[str, Mapping[int, int]]
    axis: tuple[float, ...]

    @classmethod
    def out(cls, table: Table, tree: Tree) -> _Laid:
        """Lay out a table."""
        when = moments(table).tolist()
        axis = tuple(sorted(set(when), reverse=True))
        position = {moment: index for index, moment in enumerate(axis)}
        rows: dict[str, dict[int, int]] = {}
        for row, (unit, moment) in enumerate(zip(table.units, when, strict=True)):
            rows.setdefault(unit, {})[position[moment]] = row
        columns = {code: column for column, code in enumerate(table.columns) if code in set(tree.indicators)}
        return cls(table, columns, rows, axis)


@dataclass(frozen=True)
class _Rows:
    """One unit's rows in a state: ``values`` (positions, indicators), oldest first."""

    unit: str
    positions: tuple[int, ...]
    values: FloatArray
    groups: Mapping[str, tuple[str, ...]]
    denominators: Mapping[str, FloatArray]

    def same(self, other: _Rows) -> bool:
        """Return whether all cells are the same."""
        return (
            (self.positions, self.groups) == (other.positions, other.groups)
            and np.array_equal(self.values, other.values, equal_nan=True)
            and all(
                np.array_equal(column, other.denominators[name], equal_nan=True)
                for name, column in self.denominators.items()
            )
        )


@dataclass(frozen=True)
class DataStates:
    """The four tables by [side][correction], the trees of both sides, and a unit's rows by side, correction and tree."""

    laid: tuple[tuple[_Laid, _Laid], tuple[_Laid, _Laid]]
    trees: tuple[Tree, Tree]
    rows: Callable[[str, int, int, int], _Rows]

    @classmethod
    def of(
        cls,
        tables: tuple[Table, Table],
        trees: tuple[Tree, Tree],
        corrected_before: Table | None,
        first_after: Table | None,
    ) -> DataStates:
        """Lay out the tables; one that is not there is its neighbour of the same edition, corrected where only that differs."""
        old, new = (_Laid.out(table, tree) for table, tree in zip(tables, trees, strict=True))
        first = new if first_after is None else _Laid.out(first_after, trees[1])
        corrected = _corrected(old, first, new) if corrected_before is None else _Laid.out(corrected_before, trees[0])
        laid = ((old, corrected), (first, new))

        @cache
        def rows(unit: str, side: int, correction: int, tree: int) -> _Rows:
            return _rows(unit, _preferred(laid, side, correction), trees[tree].indicators)

        return cls(laid, trees, rows)

    def axis(self, side: int, correction: int) -> tuple[float, ...]:
        """Return the moments of all positions, latest first: the table's own, then as far apart as other tables have them."""
        axis: list[float] = []
        for laid in _preferred(self.laid, side, correction):
            for position in range(len(axis), len(laid.axis)):
                axis.append(axis[-1] + laid.axis[position] - laid.axis[position - 1] if axis else laid.axis[position])
        return tuple(axis)

    def spacing(self, side: int, correction: int) -> tuple[float, ...]:
        """Return how long before the latest time each position is."""
        axis = self.axis(side, correction)
        return tuple(axis[0] - moment for moment in axis)


def _same(one: object, other: object) -> bool:
    """Say whether two cells are the same; NaN, which is nothing given, is as NaN."""
    return one == other or (one != one and other != other)  # noqa: PLR0124


def _corrected(old: _Laid, first: _Laid, new: _Laid) -> _Laid:
    """Return the earlier table with the later edition's correction in every cell that this edition first had as the earlier one."""
    if first is new:
        return old
    rows = [
        (row, first.rows[unit][position], new.rows[unit][position])
        for unit, positions in old.rows.items()
        for position, row in positions.items()
        if position in first.rows.get(unit, {}) and position in new.rows.get(unit, {})
    ]
    if not rows:
        return old
    here, its_first, its_new = np.array(rows).T

    def carried(column: Sequence[Cell], in_first: Sequence[Cell], in_new: Sequence[Cell]) -> list[Cell]:
        """Return a column with the correction where the two first ones say the same, or both nothing."""
        out = list(column)
        for row, first_row, new_row in zip(here, its_first, its_new, strict=True):
            if _same(column[row], in_first[first_row]):
                out[row] = in_new[new_row]
        return out

    values = old.table.values.copy()
    for code in old.columns.keys() & first.columns.keys() & new.columns.keys():
        columns = (laid.table.values[:, laid.columns[code]].tolist() for laid in (old, first, new))
        values[:, old.columns[code]] = carried(*columns)
    groups, denominators = dict(old.table.groups), dict(old.table.denominators)
    for name in groups.keys() & first.table.groups.keys() & new.table.groups.keys():
        groups[name] = tuple(carried(*(laid.table.groups[name] for laid in (old, first, new))))
    for name in denominators.keys() & first.table.denominators.keys() & new.table.denominators.keys():
        columns = (laid.table.denominators[name].tolist() for laid in (old, first, new))
        denominators[name] = np.array(carried(*columns), dtype=np.float64)
    return replace(old, table=replace(old.table, values=values, groups=groups, denominators=denominators))


def _preferred(
    laid: tuple[tuple[_Laid, _Laid], tuple[_Laid, _Laid]], side: int, correction: int
) -> tuple[_Laid, _Laid, _Laid, _Laid]:
    """Return the tables in the order in which a cell is looked for: the wanted one, its edition's other, the others."""
    wanted, other = laid[side], laid[1 - side]
    return wanted[correction], wanted[1 - correction], other[correction], other[1 - correction]


def _rows(unit: str, tables: Sequence[_Laid], indicators: tuple[str, ...]) -> _Rows:
    """Gather a unit's rows, each column from the first table that has unit and column; without any it is missing."""
    having = [laid for laid in tables if unit in laid.rows]
    columns: dict[int, list[int]] = {}
    for column, code in enumerate(indicators):
        source = next((which for which, laid in enumerate(having) if code in laid.columns), None)
        if source is not None:
            columns.setdefault(source, []).append(column)
    times = {position for which in columns or (0,) for position in having[which].rows[unit]}
    positions = tuple(sorted(times, reverse=True))
    values = np.full((len(positions), len(indicators)), np.nan)
    for which, owned in columns.items():
        laid, rows = having[which], having[which].rows[unit]
        here = [index for index, position in enumerate(positions) if position in rows]
        taken = [rows[positions[index]] for index in here]
        cells = laid.table.values[taken][:, [laid.columns[indicators[column]] for column in owned]]
        values[np.array(here)[:, None], owned] = cells
    return _Rows(
        unit=unit,
        positions=positions,
        values=values,
        groups={name: _group(unit, name, having, positions) for name in _names(tables, "groups")},
        denominators={name: _denominator(unit, name, having, positions) for name in _names(tables, "denominators")},
    )


def _names(tables: Sequence[_Laid], kind: Literal["groups", "denominators"]) -> list[str]:
    return sorted({name for laid in tables for name in getattr(laid.table, kind)})


def _group(unit: str, name: str, having: Sequence[_Laid], positions: tuple[int, ...]) -> tuple[str, ...]:
    """Return the unit's group at each position, at its latest where the table has no such row; "" where none has it."""
    for laid in having:
        if name in laid.table.groups:
            rows, column = laid.rows[unit], laid.table.groups[name]
            return tuple(column[rows.get(position, rows[min(rows)])] for position in positions)
    return ("",) * len(positions)


def _denominator(unit: str, name: str, having: Sequence[_Laid], positions: tuple[int, ...]) -> FloatArray:
    """Return the unit's denominator at each position, NaN where there is none."""
    for laid in having:
        if name in laid.table.denominators:
            rows, column = laid.rows[unit], laid.table.denominators[name]
            return np.array(
                [column[rows[position]] if position in rows else np.nan for position in positions], dtype=np.float64
            )
    return np.full(len(positions), np.nan)
