"""Indicator data with the labels of their axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from scoring.numerics.errors import MethodError
from scoring.numerics.types.names import LARGEST, FloatArray, IntArray


@dataclass(frozen=True)
class Table:
    """Indicator data: ``values`` (rows, columns), NaN = missing. A row is a unit at a time; ``columns`` are indicator codes.

    ``groups`` and ``denominators`` are further columns, by name, aligned with the rows.

    Raises
    ------
    MethodError
        Labels that do not fit the values, a code or a unit's time that stands twice, a value beyond ±1e100 (infinite too).
    """

    units: tuple[str, ...]
    names: tuple[str, ...]
    times: tuple[str, ...]
    columns: tuple[str, ...]
    values: FloatArray
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    denominators: Mapping[str, FloatArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check labels against values once."""
        rows = (self.names, self.times, *self.groups.values(), *self.denominators.values())
        if self.values.shape != (len(self.units), len(self.columns)) or {len(self.units)} != {*map(len, rows)}:
            raise MethodError(f"{len(self.units)} units × {len(self.columns)} columns do not label the values given")
        if len(set(self.columns)) != len(self.columns):
            raise MethodError("a column stands twice", columns=self.columns)
        if len({*zip(self.units, self.times, strict=True)}) != len(self.units):
            raise MethodError("a unit stands twice at the same time", units=self.units)
        if (np.abs(self.values) > LARGEST).any():
            row, column = np.argwhere(np.abs(self.values) > LARGEST)[0]
            unit, indicator = self.units[row], self.columns[column]
            raise MethodError(f"{unit}: {indicator} is beyond ±{LARGEST:g}", unit=unit, indicator=indicator)

    def with_values(self, values: FloatArray) -> Table:
        """Return the same rows and columns with other values."""
        return replace(self, values=values)

    def take_rows(self, rows: IntArray) -> Table:
        """Return the rows at these positions, in this order."""
        return replace(
            self,
            units=tuple(self.units[row] for row in rows),
            names=tuple(self.names[row] for row in rows),
            times=tuple(self.times[row] for row in rows),
            values=self.values[rows],
            groups={name: tuple(group[row] for row in rows) for name, group in self.groups.items()},
            denominators={name: column[rows] for name, column in self.denominators.items()},
        )

    def take_columns(self, codes: tuple[str, ...]) -> Table:
        """Return these columns in this order; a code without column is refused by name."""
        lost = [code for code in codes if code not in self.columns]
        if lost:
            raise MethodError(f"the table has no column for {lost[0]}", indicators=lost)
        return replace(self, columns=codes, values=self.values[:, [self.columns.index(code) for code in codes]])
