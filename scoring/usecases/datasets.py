"""Load a version of a series' indicator data: whole, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Max

from accounts.acts import note as act
from accounts.models import Series
from exchange.problems import FileProblem, nearest
from scoring.errors import DatasetError, MissingPartError
from scoring.files.digits import fingerprint
from scoring.files.sources import Source, write_sources
from scoring.files.tables import write_data
from scoring.models import Country, Dataset, DatasetUnit, Observation, Unit
from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from scoring.files.units import UnitRow
    from scoring.numerics.types import Table, Tree

DATA, SOURCES, UNITS = "data", "sources", "units"
BATCH = 5000


def load_dataset(
    series: Series,
    *,
    framework_uid: UUID,
    table: Table,
    sources: Sequence[Source] = (),
    units: Sequence[UnitRow] = (),
    note: str = "",
    by: str,
    at: datetime,
) -> Dataset:
    """Load data as the series' next version; the same data under the same framework are the version they already are.

    Effects in order: units and countries nobody knew are added (known ones stay as they are), then the version, its rows,
    and an observation for every value with its source. Where something is wrong all of it is told and nothing stored.

    Raises
    ------
    DatasetError
        Columns that are not the framework's indicators, units that nobody knows and ``units`` does not give, sources of
        values that are not there, no value at all: facts["problems"], as FileProblem.
    MissingPartError
        There is no such framework.
    """
    tree = _tree(framework_uid)
    with transaction.atomic():
        Series.objects.select_for_update().get(pk=series.pk)
        problems = [
            *_column_problems(table, tree),
            *_unit_problems(table, units),
            *_source_problems(table, sources),
            *_country_problems(units),
        ]
        if problems:
            raise DatasetError("\n".join(map(str, problems)), problems=problems)
        print_ = fingerprint([write_data(table), write_sources(sources)])
        same = Dataset.objects.filter(series=series, framework_uid=framework_uid, fingerprint=print_).first()
        if same is not None:
            return same
        _add_units(units)
        last = Dataset.objects.filter(series=series).aggregate(last=Max("number"))["last"] or 0
        dataset = Dataset.objects.create(
            series=series,
            framework_uid=framework_uid,
            number=last + 1,
            note=note,
            fingerprint=print_,
            loaded_at=at,
            loaded_by=by,
        )
        _add_rows(dataset, table, sources)
    act("loaded", f"data version {dataset.uid}", by=by, at=at)
    return dataset


def _tree(framework_uid: UUID) -> Tree:
    try:
        return handover.framework(framework_uid).tree
    except ObjectDoesNotExist as error:
        raise MissingPartError("there is no such framework", part="framework") from error


def _column_problems(table: Table, tree: Tree) -> Iterator[FileProblem]:
    for code in sorted(set(tree.indicators) - set(table.columns)):
        yield FileProblem(DATA, "the indicator has no column", 1, code)
    for code in sorted(set(table.columns) - set(tree.indicators)):
        yield FileProblem(DATA, f"the framework has no such indicator{nearest(code, tree.indicators)}", 1, code)
    if np.isnan(table.values).all():
        yield FileProblem(DATA, "there is no value", 2)


def _unit_problems(table: Table, units: Sequence[UnitRow]) -> Iterator[FileProblem]:
    """Find units that neither the rows nor the units given know."""
    asked = dict.fromkeys(table.units)
    known = {*Unit.objects.filter(code__in=asked).values_list("code", flat=True), *(unit.code for unit in units)}
    for code in asked:
        if code not in known:
            yield FileProblem(
                DATA, f"nobody knows this unit{nearest(code, known)}", None, "uCode", "a known code", code
            )


def _source_problems(table: Table, sources: Sequence[Source]) -> Iterator[FileProblem]:
    """Find sources of what is not in the data, and cells with two."""
    rows = {key: row for row, key in enumerate(zip(table.units, table.times, strict=True))}
    columns = {code: column for column, code in enumerate(table.columns)}
    seen: set[tuple[str, str, str]] = set()
    for number, one in enumerate(sources, start=2):
        row, column = rows.get((one.unit, one.time)), columns.get(one.indicator)
        if row is None:
            when = f" at {one.time}" if one.time else ""
            yield FileProblem(SOURCES, f"the data have no such unit{when}", number, "uCode", got=one.unit)
        elif column is None:
            what = f"the data have no such indicator{nearest(one.indicator, columns)}"
            yield FileProblem(SOURCES, what, number, "iCode", got=one.indicator)
        elif np.isnan(table.values[row, column]):
            yield FileProblem(SOURCES, f"{one.unit} has no value of {one.indicator}", number, "iCode")
        elif (one.unit, one.time, one.indicator) in seen:
            yield FileProblem(SOURCES, f"{one.unit} has two sources of {one.indicator}", number, "iCode")
        seen.add((one.unit, one.time, one.indicator))


def _country_problems(units: Sequence[UnitRow]) -> Iterator[FileProblem]:
    """Find countries that nobody knows and no row names."""
    named = {unit.country for unit in units if unit.country_names}
    asked = {unit.country for unit in units if unit.country} - named
    known = set(Country.objects.filter(code__in=asked).values_list("code", flat=True))
    for code in sorted(asked - known):
        yield FileProblem(UNITS, "nobody knows this country, and no row names it", None, "country", got=code)


def _add_units(units: Sequence[UnitRow]) -> None:
    """Add the countries and units that nobody knew."""
    countries = {unit.country: dict(unit.country_names) for unit in units if unit.country and unit.country_names}
    Country.objects.bulk_create(
        (Country(code=code, names=names) for code, names in countries.items()), ignore_conflicts=True
    )
    keys = dict(Country.objects.filter(code__in={unit.country for unit in units}).values_list("code", "pk"))
    Unit.objects.bulk_create(
        (
            Unit(
                code=unit.code,
                names=dict(unit.names) or {"en": unit.code},
                aliases=list(unit.aliases),
                country_id=keys.get(unit.country),
                population=unit.population,
                latitude=unit.latitude,
                longitude=unit.longitude,
            )
            for unit in units
        ),
        ignore_conflicts=True,
    )


def _add_rows(dataset: Dataset, table: Table, sources: Sequence[Source]) -> None:
    """Add a row for each unit and time, and an observation for each value."""
    keys = dict(Unit.objects.filter(code__in=set(table.units)).values_list("code", "pk"))
    below: Mapping[str, list[float]] = {name: column.tolist() for name, column in table.denominators.items()}
    rows = DatasetUnit.objects.bulk_create(
        (
            DatasetUnit(
                dataset=dataset,
                unit_id=keys[unit],
                time=time,
                groups={name: column[row] for name, column in table.groups.items()},
                denominators={name: column[row] for name, column in below.items() if column[row] == column[row]},
            )
            for row, (unit, time) in enumerate(zip(table.units, table.times, strict=True))
        ),
        batch_size=BATCH,
    )
    known = {(one.unit, one.time, one.indicator): one for one in sources}
    Observation.objects.bulk_create(_observations(rows, table, known), batch_size=BATCH)


def _observations(
    rows: Sequence[DatasetUnit], table: Table, known: Mapping[tuple[str, str, str], Source]
) -> Iterator[Observation]:
    values = table.values.tolist()
    for row, column in np.argwhere(~np.isnan(table.values)).tolist():
        unit, time, indicator = table.units[row], table.times[row], table.columns[column]
        source = known.get((unit, time, indicator)) or Source(unit, indicator, time)
        yield Observation(
            row=rows[row],
            indicator=indicator,
            value=values[row][column],
            year=source.year,
            resolution=source.resolution,
            source=source.source,
            given=source.given,
        )
