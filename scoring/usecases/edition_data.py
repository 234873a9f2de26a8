"""Open data for an edition whose method is frozen, and score them: they are of the units that were fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction

from accounts.acts import note
from exchange.problems import FileProblem
from scoring.errors import DatasetError, MissingPartError
from scoring.files.data_changes import changes_between
from scoring.files.departures import strangers
from scoring.files.patches import DATA
from scoring.models import Dataset, Edition, Scoring
from scoring.queries.datasets import content_of
from scoring.queries.freezes import last_freeze, last_list
from scoring.queries.releases import release_before
from scoring.usecases import jobs, scorings
from scoring.usecases.datasets import load_dataset, plan_content, standing_content
from scoring.usecases.editions import framework_of, locked_edition

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from scoring.files.data_changes import DataChanges
    from scoring.files.licences import SourceLicence
    from scoring.files.patches import DataPatch, DatasetContent, Removal
    from scoring.files.sources import Source
    from scoring.files.unit_lists import ListedUnits
    from scoring.files.units import UnitRow
    from scoring.numerics import types


class LoadedData(NamedTuple):
    """The version that an edition's data are now, and what it changes in those that stood; None where none did."""

    dataset: Dataset
    changes: DataChanges | None


@transaction.atomic
def use_dataset(edition: Edition, *, dataset: Dataset, by: str, at: datetime) -> Edition:
    """Open data for the edition, after its method was frozen; a released edition takes them for a correction.

    Raises
    ------
    WrongStateError
        The method is not frozen, or the edition is withdrawn.
    MissingPartError
        The data are another series', or on another framework.
    DatasetError
        As `open_data`.
    """
    locked = locked_edition(edition, "use_dataset")
    open_data(locked, dataset)
    note("opened", f"data version {dataset.uid} for edition {locked.uid}", by=by, at=at)
    return locked


@transaction.atomic
def load_edition_data(
    edition: Edition,
    *,
    table: types.Table | None = None,
    sources: Sequence[Source] = (),
    units: Sequence[UnitRow] = (),
    licences: Sequence[SourceLicence] = (),
    removed: Collection[Removal] = (),
    replace: bool = False,
    note: str = "",
    by: str,
    at: datetime,
) -> LoadedData:
    """Load data under the edition's framework and open them for it, both or neither.

    Where the edition has data, these are a patch of them, unless ``replace`` asks for the whole to be replaced.

    Raises
    ------
    WrongStateError
        The method is not frozen, or the edition is withdrawn.
    DatasetError
        As `load_dataset`.
    """
    locked = locked_edition(edition, "load_edition_data")
    framework, before, listed = framework_of(locked.framework_uid), locked.dataset, last_list(locked)
    dataset = load_dataset(
        locked.series,
        framework_uid=framework.uid,
        table=table,
        sources=sources,
        units=units,
        licences=licences,
        removed=removed,
        listed=listed,
        follows=before,
        replace=replace,
        note=note,
        by=by,
        at=at,
    )
    use_dataset(locked, dataset=dataset, by=by, at=at)
    if before is None:
        return LoadedData(dataset, None)
    old, new = (standing_content(one, framework.tree) for one in (before, dataset))
    return LoadedData(dataset, changes_between(old, new))


@transaction.atomic
def preview_edition_data(edition: Edition, *, sent: DataPatch, replace: bool = False) -> DataChanges | None:
    """Say what `load_edition_data` would change in the edition's data, and change nothing; None where it has none yet.

    Raises
    ------
    WrongStateError, DatasetError
        As `load_edition_data`.
    """
    locked = locked_edition(edition, "load_edition_data")
    tree = framework_of(locked.framework_uid).tree
    stands = standing_content(locked.dataset, tree)
    listed = last_list(locked)
    planned = plan_content(stands, tree, sent, listed=listed, replace=replace)
    _refuse(_strangers_to_the_list(locked, listed, planned))
    return None if locked.dataset is None else changes_between(stands, planned)


def open_data(locked: Edition, dataset: Dataset) -> None:
    """Join data to a locked edition, where they are of what was frozen.

    Raises
    ------
    MissingPartError
        The data are another series', or on another framework.
    DatasetError
        They are not of the units, countries, names and groups that were frozen, or lack a unit that the frozen recipe names.
    """
    if (dataset.series_id, dataset.framework_uid) != (locked.series_id, locked.framework_uid):
        raise MissingPartError("the data are of another series or framework", part="dataset")
    check_frozen_units(locked, dataset)
    locked.dataset = dataset
    locked.save(update_fields=["dataset"])


def check_frozen_units(locked: Edition, dataset: Dataset) -> None:
    """Check that data are of the units that the last freeze fixed, as it fixed them.

    Raises
    ------
    DatasetError
        They are not: ``problems`` lists where.
    """
    listed = last_list(locked)
    content = content_of(dataset, framework_of(locked.framework_uid).tree.indicators)
    _refuse([*_strangers_to_the_list(locked, listed, content), *_strangers_to_the_data(locked, dataset)])


def _strangers_to_the_list(locked: Edition, listed: ListedUnits | None, content: DatasetContent) -> list[FileProblem]:
    """Find where data are not of the units that were fixed; what is published may be mended."""
    if listed is None:
        return []
    return list(strangers(listed, content, may_mend=locked.releases.exists()))


def _refuse(problems: Sequence[FileProblem]) -> None:
    if problems:
        raise DatasetError(problems)


def _strangers_to_the_data(locked: Edition, dataset: Dataset) -> list[FileProblem]:
    """Find units that the frozen recipe does not rank and the data do not have: a name mistyped would rank it."""
    frozen = last_freeze(locked)
    named = (frozen.content["recipe"]["screen"].get("circumstances") or {}) if frozen else {}
    there = set(dataset.units.filter(unit__code__in=named).values_list("unit__code", flat=True))
    return [FileProblem(DATA, "unranked_unit_missing", None, "uCode", code) for code in sorted(set(named) - there)]


@transaction.atomic
def request_scoring(edition: Edition, *, by: str, at: datetime) -> Scoring:
    """Queue the scoring of the edition's data by its frozen method; asked twice it is the same one.

    A failed or cancelled one is queued again.

    Raises
    ------
    WrongStateError
        The method is not frozen, or the edition is withdrawn.
    MissingPartError
        The edition has no data.
    DatasetError
        They are not of the units that were frozen.
    """
    locked = locked_edition(edition, "request_scoring")
    if locked.dataset is None:
        raise MissingPartError("the edition has no data", part="dataset")
    check_frozen_units(locked, locked.dataset)  # a second freeze comes after data were opened
    freeze = last_freeze(locked)
    scoring, is_new = Scoring.objects.get_or_create(
        freeze=freeze,
        dataset=locked.dataset,
        defaults={
            "edition": locked,
            "compared": release_before(locked),
            "corrects": locked.releases.filter(freeze=freeze).order_by("minor").first(),
            "requested_at": at,
            "requested_by": by,
        },
    )
    if not is_new:
        jobs.requeue(scoring, by=by, at=at)
    note("requested", f"scoring {scoring.uid} of edition {locked.uid}", by=by, at=at)
    return scoring


def score_edition(scoring_id: int, *, now: Callable[[], datetime]) -> bool:
    """Compute a queued scoring from the freeze and the data alone, and keep its files: every step of it in this process.

    True when this call finished it; a second one changes nothing.
    """
    begun = scorings.begin(scoring_id, now=now)
    if begun is None:
        return False
    while begun is not None:
        for part in begun.missing:
            scorings.compute_part(part, now=now)
        begun = scorings.extend(scoring_id, now=now)
    return scorings.finish(scoring_id, now=now)


def cancel_scoring(scoring: Scoring, *, by: str, at: datetime) -> Scoring:
    """Cancel a waiting or running scoring.

    Raises
    ------
    WrongStateError
        It has ended.
    """
    jobs.cancel(scoring, by=by, at=at)
    note("cancelled", f"scoring {scoring.uid}", by=by, at=at)
    return scoring
