"""A dataset as it went in: table, sources and units, in an order of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring.files.sources import Source, resolution_of
from scoring.files.units import UnitRow
from scoring.models import DatasetUnit, Observation
from scoring.numerics.types import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.models import Dataset, Unit


@dataclass(frozen=True)
class DatasetContent:
    """Everything of a dataset as plain values; rows in order of unit and time, sources in order of row and indicator."""

    table: Table
    sources: tuple[Source, ...]
    units: tuple[UnitRow, ...]


def content_of(dataset: Dataset, indicators: Sequence[str]) -> DatasetContent:
    """Read a dataset; two queries, however many rows.

    Parameters
    ----------
    dataset : Dataset
        The version.
    indicators : Sequence[str]
        The framework's indicators: the table's columns.
    """
    rows = sorted(
        DatasetUnit.objects.filter(dataset=dataset).select_related("unit__country"),
        key=lambda row: (row.unit.code, row.time),
    )
    place = {row.pk: position for position, row in enumerate(rows)}
    columns = {code: column for column, code in enumerate(indicators)}
    values = np.full((len(rows), len(indicators)), np.nan)
    found: list[tuple[int, int, Source]] = []
    for pk, code, value, year, resolution, source, given in (
        Observation.objects.filter(row__dataset=dataset)
        .order_by()
        .values_list("row_id", "indicator", "value", "year", "resolution", "source", "given")
    ):
        position = place[pk]
        values[position, columns[code]] = value
        kind = resolution_of(resolution)
        found.append(
            (
                position,
                columns[code],
                Source(rows[position].unit.code, code, rows[position].time, year, kind, source, given),
            )
        )
    return DatasetContent(
        table=_table(rows, tuple(indicators), values),
        sources=tuple(source for *_, source in sorted(found, key=lambda one: one[:2])),
        units=tuple(_unit(unit) for unit in {row.unit.code: row.unit for row in rows}.values()),
    )


def _table(rows: Sequence[DatasetUnit], indicators: tuple[str, ...], values: np.ndarray) -> Table:
    groups = sorted({name for row in rows for name in row.groups})
    denominators = sorted({name for row in rows for name in row.denominators})
    return Table(
        units=tuple(row.unit.code for row in rows),
        names=tuple(str(row.unit) for row in rows),
        times=tuple(row.time for row in rows),
        columns=indicators,
        values=values,
        groups={name: tuple(row.groups.get(name, "") for row in rows) for name in groups},
        denominators={
            name: np.array([row.denominators.get(name, np.nan) for row in rows], dtype=np.float64)
            for name in denominators
        },
    )


def _unit(unit: Unit) -> UnitRow:
    return UnitRow(
        code=unit.code,
        names=unit.names,
        aliases=tuple(unit.aliases),
        country=unit.country.code if unit.country else "",
        country_names=unit.country.names if unit.country else {},
        population=unit.population,
        latitude=unit.latitude,
        longitude=unit.longitude,
    )
