"""A dataset as it went in: table, sources and units, in an order of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from django.db.models import Count

from accounts.names import localised
from scoring.files.departures import departures
from scoring.files.licences import licences_from_plain
from scoring.files.patches import DatasetContent
from scoring.files.sources import Source, resolution_of
from scoring.files.units import ENGLISH, UnitRow
from scoring.models import DatasetUnit, Observation, Unit
from scoring.numerics.types import Table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from scoring.files.unit_lists import PlannedSource
    from scoring.models import Dataset, Edition


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
    units = {row.unit.code: _described(row) for row in rows}
    return DatasetContent(
        table=_table(rows, units, tuple(indicators), values),
        sources=tuple(source for *_, source in sorted(found, key=lambda one: one[:2])),
        units=tuple(units.values()),
        licences=licences_from_plain(dataset.licences or ()),
    )


def count_departures(dataset: Dataset, planned: Iterable[PlannedSource]) -> int:
    """Count the values that came from elsewhere, or are of another year, than was fixed with the method; one query."""
    origins = (
        Observation.objects.filter(row__dataset=dataset)
        .order_by()
        .values_list("indicator", "source", "year")
        .annotate(count=Count("pk"))
    )
    fixed = tuple(planned)
    return sum(
        count
        for code, source, year, count in origins
        if departures(fixed, [Source(unit="", indicator=code, year=year, source=source)])
    )


def groups_of(dataset: Dataset | None) -> tuple[str, ...] | None:
    """Return the names of a dataset's groups, which all of its rows have; None where there is no dataset."""
    if dataset is None:
        return None
    return tuple(DatasetUnit.objects.filter(dataset=dataset).values_list("groups", flat=True).first() or ())


def codes_known(edition: Edition) -> list[str]:
    """Return the codes that data of an edition may name: of its list and its data; of all units where it has neither."""
    listed = edition.unit_list.content["units"] if edition.unit_list else []
    of_data = DatasetUnit.objects.filter(dataset=edition.dataset_id).values_list("unit__code", flat=True)
    codes = {*(unit["code"] for unit in listed), *of_data}
    return sorted(codes or Unit.objects.values_list("code", flat=True))


def units_known(codes: Collection[str]) -> dict[str, UnitRow]:
    """Return the units that were ever loaded, by code; one query."""
    return {unit.code: unit_row(unit) for unit in Unit.objects.filter(code__in=codes).select_related("country")}


def _table(
    rows: Sequence[DatasetUnit], units: Mapping[str, UnitRow], indicators: tuple[str, ...], values: np.ndarray
) -> Table:
    groups = sorted({name for row in rows for name in row.groups})
    denominators = sorted({name for row in rows for name in row.denominators})
    return Table(
        units=tuple(row.unit.code for row in rows),
        names=tuple(localised(units[row.unit.code].names, ENGLISH) for row in rows),
        times=tuple(row.time for row in rows),
        columns=indicators,
        values=values,
        groups={name: tuple(row.groups.get(name, "") for row in rows) for name in groups},
        denominators={
            name: np.array([row.denominators.get(name, np.nan) for row in rows], dtype=np.float64)
            for name in denominators
        },
    )


def _described(row: DatasetUnit) -> UnitRow:
    """Return the unit as this version of the data knows it."""
    if not row.described:
        return unit_row(row.unit)
    return UnitRow(code=row.unit.code, **row.described | {"aliases": tuple(row.described["aliases"])})


def unit_row(unit: Unit) -> UnitRow:
    """Return a unit as it was first loaded."""
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
