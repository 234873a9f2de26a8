"""Load a version of a series' indicator data, the first one or a patch of what stands: all that is sent, or none of it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Max

from accounts.acts import note as act
from accounts.models import Series
from exchange.problems import FileProblem, nearest
from scoring.errors import DatasetError, MissingPartError
from scoring.files.data_changes import changes_between
from scoring.files.departures import with_groups_of
from scoring.files.digits import fingerprint
from scoring.files.licences import licences_to_plain, write_licences
from scoring.files.patches import DATA, SOURCES, UNITS, DataPatch, merge, no_content, removal_problems, settle_times
from scoring.files.sources import write_sources
from scoring.files.tables import write_data
from scoring.files.units import write_units
from scoring.models import Country, Dataset, DatasetUnit, Observation, Unit
from scoring.queries.datasets import content_of, units_known
from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from scoring.files.licences import SourceLicence
    from scoring.files.patches import DatasetContent, Removal
    from scoring.files.sources import Source
    from scoring.files.unit_lists import ListedUnits
    from scoring.files.units import UnitRow
    from scoring.numerics.types import Table, Tree

BATCH = 5000


def load_dataset(
    series: Series,
    *,
    framework_uid: UUID,
    table: Table | None = None,
    sources: Sequence[Source] = (),
    units: Sequence[UnitRow] = (),
    licences: Sequence[SourceLicence] = (),
    removed: Collection[Removal] = (),
    listed: ListedUnits | None = None,
    follows: Dataset | None = None,
    replace: bool = False,
    note: str = "",
    by: str,
    at: datetime,
) -> Dataset:
    """Load data as the series' next version; the same data under the same framework are the version they already are.

    What ``follows`` an earlier version is a patch of it: what is not sent stays as it stands (`merge`), unless ``replace``
    asks for the whole to be replaced by what is sent. What an edition's frozen list says of units and groups need not be sent.

    Effects in order: units and countries nobody knew are added (known ones stay as they are), then the version, its rows,
    each with its unit as this version knows it, and an observation for every value with its source. Where something is
    wrong all of it is told and nothing stored.

    Raises
    ------
    DatasetError
        Columns that are not the framework's indicators, units that nobody knows and ``units`` does not give, sources of
        values that are not there, a time that could be several, something to take away that does not stand, no value at
        all: ``problems`` lists each.
    MissingPartError
        There is no such framework, or ``follows`` is another series' or on another one.
    """
    tree = _tree(framework_uid)
    sent = DataPatch(table, tuple(sources), tuple(units), frozenset(removed), tuple(licences))
    with transaction.atomic():
        Series.objects.select_for_update().get(pk=series.pk)
        if follows is not None and (follows.series_id, follows.framework_uid) != (series.pk, framework_uid):
            raise MissingPartError("the data are of another series or framework", part="dataset")
        stands = standing_content(follows, tree)
        content = plan_content(stands, tree, sent, listed=listed, replace=replace)
        print_ = _fingerprint(content)
        if follows is not None and print_ == _fingerprint(stands):
            return follows
        same = Dataset.objects.filter(series=series, framework_uid=framework_uid, fingerprint=print_).first()
        if same is not None:
            return same
        _add_units(content.units)
        last = Dataset.objects.filter(series=series).aggregate(last=Max("number"))["last"] or 0
        dataset = Dataset.objects.create(
            series=series,
            framework_uid=framework_uid,
            number=last + 1,
            note=note,
            licences=licences_to_plain(content.licences),
            fingerprint=print_,
            loaded_at=at,
            loaded_by=by,
        )
        _add_rows(dataset, content)
    act("loaded", f"data version {dataset.uid}{_told(stands, content, follows)}", by=by, at=at)
    return dataset


def _told(stands: DatasetContent, content: DatasetContent, follows: Dataset | None) -> str:
    """Say what a version changes in the one it follows."""
    if follows is None:
        return ""
    counts = changes_between(stands, content).counts
    return f" after {follows.uid}: " + ", ".join(f"{name} {count}" for name, count in counts.items() if count)


def standing_content(dataset: Dataset | None, tree: Tree) -> DatasetContent:
    """Return what a version says; nothing where there is none."""
    return no_content(tree.indicators) if dataset is None else content_of(dataset, tree.indicators)


def plan_content(
    stands: DatasetContent, tree: Tree, sent: DataPatch, *, listed: ListedUnits | None = None, replace: bool
) -> DatasetContent:
    """Return what the data would say with what was sent; units and groups that nobody sent are those of the list.

    Raises
    ------
    DatasetError
        As `load_dataset`.
    """
    base = no_content(tree.indicators) if replace else stands
    is_patch = bool(base.table.units)
    problems = [*_column_problems(sent, tree, is_patch=is_patch)]
    if sent.table is not None:
        columns = tuple(code for code in sent.table.columns if code in tree.indicators)
        sent = dataclasses.replace(sent, table=sent.table.take_columns(columns))
    sent, untimely = settle_times(base, sent)
    if untimely:
        raise DatasetError([*problems, *untimely])
    known = _known_units(base, sent) | (listed.by_code if listed else {})
    content = merge(base, sent, known=known, countries=_countries(sent.units))
    if listed is not None:
        content = dataclasses.replace(content, table=with_groups_of(listed, content.table))
    problems += [
        *([FileProblem(DATA, "no_value", 2)] if np.isnan(content.table.values).all() else []),
        *_unit_problems(sent, content, known, is_patch=is_patch),
        *_source_problems(content.table, sent.sources),
        *removal_problems(base, sent),
        *_country_problems(sent.units),
    ]
    if problems:
        raise DatasetError(problems)
    return content


def _fingerprint(content: DatasetContent) -> str:
    """Return what tells versions apart; one without licences has the fingerprint it had before they were kept."""
    licences = [write_licences(content.licences)] if content.licences else []
    return fingerprint(
        [write_data(content.table), write_sources(content.sources), write_units(content.units), *licences]
    )


def _known_units(base: DatasetContent, sent: DataPatch) -> dict[str, UnitRow]:
    """Return what is known of units that come in now."""
    standing = {unit.code for unit in base.units}
    return units_known({code for code in (sent.table.units if sent.table else ()) if code not in standing})


def _countries(units: Sequence[UnitRow]) -> dict[str, Mapping[str, str]]:
    return dict(
        Country.objects.filter(code__in={unit.country for unit in units if unit.country}).values_list("code", "names")
    )


def _tree(framework_uid: UUID) -> Tree:
    try:
        return handover.framework(framework_uid).tree
    except ObjectDoesNotExist as error:
        raise MissingPartError("there is no such framework", part="framework") from error


def _column_problems(sent: DataPatch, tree: Tree, *, is_patch: bool) -> Iterator[FileProblem]:
    """Find columns that the framework does not have, and in the whole those that it has and the table has not."""
    columns = () if sent.table is None else sent.table.columns
    if not is_patch:
        for code in sorted(set(tree.indicators) - set(columns)):
            yield FileProblem(DATA, "no_indicator_column", 1, code)
    for code in sorted(set(columns) - set(tree.indicators)):
        yield FileProblem(DATA, "no_indicator", 1, code, facts=nearest(code, tree.indicators))


def _unit_problems(
    sent: DataPatch, content: DatasetContent, known: Collection[str], *, is_patch: bool
) -> Iterator[FileProblem]:
    """Find units that neither the rows nor the units given know, and in a patch units given that have no row."""
    asked = dict.fromkeys(sent.table.units if sent.table else ())
    given = [unit.code for unit in sent.units]
    there = {*Unit.objects.filter(code__in=asked).values_list("code", flat=True), *given, *known}
    for code in asked:
        if code not in there:
            yield FileProblem(DATA, "unknown_unit", None, "uCode", code, nearest(code, there))
    rows = {unit.code for unit in content.units}
    for number, code in enumerate(given, start=2):
        if is_patch and code not in rows:
            yield FileProblem(UNITS, "no_unit_of_data", number, "uCode", code, nearest(code, rows))


def _source_problems(table: Table, sources: Sequence[Source]) -> Iterator[FileProblem]:
    """Find sources of what is not in the data, and cells with two."""
    rows = {key: row for row, key in enumerate(zip(table.units, table.times, strict=True))}
    columns = {code: column for column, code in enumerate(table.columns)}
    seen: set[tuple[str, str, str]] = set()
    for number, one in enumerate(sources, start=2):
        row, column = rows.get((one.unit, one.time)), columns.get(one.indicator)
        if row is None:
            wrong = "no_unit_of_data_at" if one.time else "no_unit_of_data"
            yield FileProblem(SOURCES, wrong, number, "uCode", one.unit, {"time": one.time})
        elif column is None:
            near = nearest(one.indicator, columns)
            yield FileProblem(SOURCES, "no_indicator_of_data", number, "iCode", one.indicator, near)
        elif np.isnan(table.values[row, column]):
            facts = {"unit": one.unit, "indicator": one.indicator}
            yield FileProblem(SOURCES, "no_value_of", number, "iCode", facts=facts)
        elif (one.unit, one.time, one.indicator) in seen:
            facts = {"unit": one.unit, "indicator": one.indicator}
            yield FileProblem(SOURCES, "two_sources", number, "iCode", facts=facts)
        seen.add((one.unit, one.time, one.indicator))


def _country_problems(units: Sequence[UnitRow]) -> Iterator[FileProblem]:
    """Find countries that nobody knows and no row names."""
    named = {unit.country for unit in units if unit.country_names}
    asked = {unit.country for unit in units if unit.country} - named
    known = set(Country.objects.filter(code__in=asked).values_list("code", flat=True))
    for code in sorted(asked - known):
        yield FileProblem(UNITS, "unnamed_country", None, "country", code)


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


def _add_rows(dataset: Dataset, content: DatasetContent) -> None:
    """Add a row for each unit and time, and an observation for each value."""
    table, units = content.table, {unit.code: unit for unit in content.units}
    keys = dict(Unit.objects.filter(code__in=units).values_list("code", "pk"))
    below: Mapping[str, list[float]] = {name: column.tolist() for name, column in table.denominators.items()}
    rows = DatasetUnit.objects.bulk_create(
        (
            DatasetUnit(
                dataset=dataset,
                unit_id=keys[unit],
                time=time,
                groups={name: column[row] for name, column in table.groups.items()},
                denominators={name: column[row] for name, column in below.items() if column[row] == column[row]},
                described=_description(units[unit]),
            )
            for row, (unit, time) in enumerate(zip(table.units, table.times, strict=True))
        ),
        batch_size=BATCH,
    )
    Observation.objects.bulk_create(_observations(rows, content), batch_size=BATCH)


def _description(unit: UnitRow) -> dict[str, object]:
    return {name: value for name, value in dataclasses.asdict(unit).items() if name != "code"}


def _observations(rows: Sequence[DatasetUnit], content: DatasetContent) -> Iterator[Observation]:
    """Give every value with its source, in the order of the sources."""
    table = content.table
    places = np.argwhere(~np.isnan(table.values)).tolist()
    values = table.values.tolist()
    for (row, column), source in zip(places, content.sources, strict=True):
        yield Observation(
            row=rows[row],
            indicator=table.columns[column],
            value=values[row][column],
            year=source.year,
            resolution=source.resolution,
            source=source.source,
            given=source.given,
        )
