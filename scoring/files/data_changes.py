"""What a new version of the data changes in the one that stood."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from scoring.files.patches import ORIGIN, cell_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring.files.patches import Cell, DatasetContent
    from scoring.files.sources import Source


@dataclass(frozen=True, slots=True)
class DataChanges:
    """Which values, sources and units are others than before, each in order.

    ``sources`` are of values that stood and stand, with another origin now; of ``forgotten``, something known before is
    unknown. A unit counts as changed where anything is said of it otherwise, groups and denominators among it. ``licences``
    are sources whose licence is another, or their day, or the leave to pass their values on.
    """

    changed: tuple[Cell, ...] = ()
    added: tuple[Cell, ...] = ()
    removed: tuple[Cell, ...] = ()
    sources: tuple[Cell, ...] = ()
    forgotten: tuple[Cell, ...] = ()
    units_changed: tuple[str, ...] = ()
    units_added: tuple[str, ...] = ()
    units_removed: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Return how many there are of each."""
        return {name: len(getattr(self, name)) for name in self.__slots__}

    def __bool__(self) -> bool:
        """Whether anything is another."""
        return any(self.counts.values())


NAMED: Final = ("removed", "forgotten", "units_removed", "licences")
"""What of the changes is told by name, beside how many there are."""
MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class ToldChanges:
    """Changes as they are told: how many of each, and the first names of those in `NAMED`."""

    counts: Mapping[str, int]
    names: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, changes: DataChanges) -> Self:
        """Tell changes."""
        names = {name: [_name(one) for one in getattr(changes, name)[:MOST_NAMED]] for name in NAMED}
        return cls(changes.counts, names)

    def __bool__(self) -> bool:
        """Whether anything is another."""
        return any(self.counts.values())


def _name(one: Cell | str) -> str:
    return one if isinstance(one, str) else cell_name(one)


def cell_name(cell: Cell) -> str:
    """Return a cell as people are told of it: unit, time where it has one, indicator."""
    return " ".join(filter(None, cell))


def changes_between(before: DatasetContent, after: DatasetContent) -> DataChanges:
    """Compare two versions of a dataset."""
    old, new = _values(before), _values(after)
    origins = {cell_of(one): one for one in before.sources}
    both = [(one, origins[cell_of(one)]) for one in after.sources if cell_of(one) in old]
    was, now = _units(before), _units(after)
    stood, stand = set(before.licences), set(after.licences)
    return DataChanges(
        changed=tuple(sorted(cell for cell in old.keys() & new.keys() if old[cell] != new[cell])),
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        sources=tuple(sorted(cell_of(one) for one, other in both if one != other)),
        forgotten=tuple(sorted(cell_of(one) for one, other in both if _is_less_known(one, other))),
        units_changed=tuple(sorted(code for code in was.keys() & now.keys() if was[code] != now[code])),
        units_added=tuple(sorted(now.keys() - was.keys())),
        units_removed=tuple(sorted(was.keys() - now.keys())),
        licences=tuple(sorted({one.source for one in stood ^ stand})),
    )


def _values(content: DatasetContent) -> dict[Cell, float]:
    table = content.table
    return {
        (unit, time, code): value
        for unit, time, row in zip(table.units, table.times, table.values.tolist(), strict=True)
        for code, value in zip(table.columns, row, strict=True)
        if not math.isnan(value)
    }


def _is_less_known(one: Source, before: Source) -> bool:
    return any(getattr(one, name) in {None, ""} and getattr(before, name) not in {None, ""} for name in ORIGIN)


def _units(content: DatasetContent) -> dict[str, list[object]]:
    """Return all that is said of each unit: itself, then its rows with groups and denominators."""
    table, said = content.table, {unit.code: [unit] for unit in content.units}
    found: dict[str, list[object]] = {code: list(one) for code, one in said.items()}
    for row, (unit, time) in enumerate(zip(table.units, table.times, strict=True)):
        groups = {name: column[row] for name, column in table.groups.items() if column[row]}
        below = {name: float(column[row]) for name, column in table.denominators.items() if column[row] == column[row]}
        found[unit].append((time, groups, below))
    return found
