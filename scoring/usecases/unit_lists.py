"""Settle who is ranked, before the method is frozen: a list of units of the series' own, numbered, and never changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max

from accounts.acts import note
from accounts.models import Series
from scoring.errors import DatasetError
from scoring.files.digits import EXACT, fingerprint, plain
from scoring.files.unit_list_problems import list_problems
from scoring.models import Edition, UnitList
from scoring.queries.members import members_on, names_on
from scoring.usecases.editions import end_requests, framework_of, locked_edition

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scoring.files import unit_lists
    from scoring.files.units import UnitRow
    from scoring.numerics.types import Tree


@transaction.atomic
def settle_units(edition: Edition, *, listed: unit_lists.ListedUnits, by: str, at: datetime) -> UnitList:
    """Give the edition its list of units; the same list is the series' list it already is.

    A country that no row names has the name that the series uses for it on the edition's day.

    Raises
    ------
    DatasetError
        ``problems`` lists what keeps it from being the edition's list.
    FrozenError
        The method is frozen.
    MissingPartError
        The edition has no framework.
    """
    locked = locked_edition(edition, "settle_units")
    content = plain(_planned(locked, listed).to_plain(), EXACT)
    Series.objects.select_for_update().get(pk=locked.series_id)
    last = UnitList.objects.filter(series=locked.series_id).aggregate(last=Max("number"))["last"] or 0
    stored, _ = UnitList.objects.get_or_create(
        series_id=locked.series_id,
        fingerprint=fingerprint(content),
        defaults={"number": last + 1, "content": content, "created_at": at, "created_by": by},
    )
    locked.unit_list = stored
    locked.save(update_fields=["unit_list"])
    end_requests(locked, at=at)
    note("settled", f"list of units {stored.uid} of edition {locked.uid}", by=by, at=at)
    return stored


@transaction.atomic
def preview_units(edition: Edition, *, listed: unit_lists.ListedUnits) -> unit_lists.ListedUnits:
    """Return the list that `settle_units` would settle, and change nothing.

    Raises
    ------
    DatasetError, FrozenError, MissingPartError
        As `settle_units`.
    """
    return _planned(locked_edition(edition, "settle_units"), listed)


def _planned(locked: Edition, listed: unit_lists.ListedUnits) -> unit_lists.ListedUnits:
    """Return the list in order and with its countries' names, where it is one for this edition."""
    names = names_on(locked, {unit.country for unit in listed.units if unit.country})
    named = replace(listed, units=tuple(_named(unit, names) for unit in listed.units)).in_order()
    check_list(locked, named, framework_of(locked.framework_uid).tree)
    return named


def check_list(edition: Edition, listed: unit_lists.ListedUnits, tree: Tree) -> None:
    """Check that a list is one for this edition.

    Raises
    ------
    DatasetError
        It is not: ``problems`` lists why.
    """
    problems = list(list_problems(listed, tree, members=members_on(edition)))
    if problems:
        raise DatasetError(problems)


def _named(unit: UnitRow, names: Mapping[str, Mapping[str, str]]) -> UnitRow:
    return unit if unit.country_names else replace(unit, country_names=names.get(unit.country, {}))
