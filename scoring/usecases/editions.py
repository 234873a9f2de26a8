"""Prepare an edition, fix its method before data are opened, score it from what was fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Max

from accounts.acts import note
from accounts.models import Series
from exchange.problems import FileProblem
from scoring.errors import BadEditionError, DatasetError, MissingPartError
from scoring.files.data_changes import changes_between
from scoring.files.departures import strangers
from scoring.files.digits import fingerprint
from scoring.files.patches import DATA
from scoring.files.unit_lists import ListedUnits
from scoring.models import Consensus, Dataset, Edition, EditionPanel, Recipe, Scoring
from scoring.queries.datasets import content_of
from scoring.queries.freezes import last_freeze
from scoring.queries.releases import release_before
from scoring.recipe import RecipeError, RecipeProblem, read_recipe, recipe_json, recipe_to_dict
from scoring.states import EDITION, check
from scoring.usecases import jobs, scorings
from scoring.usecases.consensus import request_consensus
from scoring.usecases.datasets import load_dataset, plan_content, standing_content
from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from scoring.files.data_changes import DataChanges
    from scoring.files.licences import SourceLicence
    from scoring.files.patches import DataPatch, DatasetContent, Removal
    from scoring.files.sources import Source
    from scoring.files.units import UnitRow
    from scoring.numerics import types
    from surveys.values.rounds import FrameworkContent, RoundSummary


class LoadedData(NamedTuple):
    """The version that an edition's data are now, and what it changes in those that stood; None where none did."""

    dataset: Dataset
    changes: DataChanges | None


@transaction.atomic
def create_edition(
    series: Series,
    *,
    slug: str,
    framework_uid: UUID,
    panel_uids: Collection[UUID],
    reference_date: date | None = None,
    limits: Mapping[str, str] | None = None,
    by: str,
    at: datetime,
) -> Edition:
    """Create an edition of a series on a framework version, asking one panel or more.

    Raises
    ------
    BadEditionError
        The series has an edition of this slug, or no such panel.
    MissingPartError
        There is no such framework.
    """
    Series.objects.select_for_update().get(pk=series.pk)
    if Edition.objects.filter(series=series, slug=slug).exists():
        raise BadEditionError(f"the series has an edition {slug}", field="slug", got=slug)
    framework_of(framework_uid)
    known = {panel.uid for panel in handover.panels(series.uid)}
    strange = [uid for uid in panel_uids if uid not in known]
    if strange:
        raise BadEditionError("the series has no such panel", field="panels", got=strange)
    edition = Edition.objects.create(
        series=series,
        slug=slug,
        framework_uid=framework_uid,
        reference_date=reference_date,
        limits=dict(limits or {}),
        created_at=at,
    )
    EditionPanel.objects.bulk_create(EditionPanel(edition=edition, panel_uid=uid) for uid in dict.fromkeys(panel_uids))
    note("created", f"edition {edition.uid}", by=by, at=at)
    return edition


@transaction.atomic
def settle_recipe(edition: Edition, *, text: str, by: str, at: datetime) -> Recipe:
    """Give the edition a recipe; the same choices are the series' recipe they already are.

    Raises
    ------
    RecipeError
        What is no recipe, or names what the framework does not have; every problem with its key and line.
    FrozenError
        The method is frozen.
    """
    locked = locked_edition(edition, "settle_recipe")
    recipe = read_recipe(text)
    problems = tuple(_strangers(recipe, framework_of(locked.framework_uid).tree))
    if problems:
        raise RecipeError(problems)
    Series.objects.select_for_update().get(pk=locked.series_id)
    last = Recipe.objects.filter(series=locked.series_id).aggregate(last=Max("number"))["last"] or 0
    stored, _ = Recipe.objects.get_or_create(
        series_id=locked.series_id,
        fingerprint=fingerprint(recipe_json(recipe)),
        defaults={"number": last + 1, "text": text, "content": recipe_to_dict(recipe), "created_at": at},
    )
    locked.recipe = stored
    locked.save(update_fields=["recipe"])
    note("settled", f"recipe {stored.uid} of edition {locked.uid}", by=by, at=at)
    return stored


def _strangers(recipe: types.CompositeRecipe, tree: types.Tree) -> Iterator[RecipeProblem]:
    """Find codes that the framework does not have."""
    for key, codes, known in (
        ("denominate.scales", recipe.denominate.scales, tree.indicators),
        ("outliers.indicators", recipe.outliers.indicators, tree.indicators),
        ("normalise.indicators", recipe.normalise.indicators, tree.indicators),
        ("aggregate.nodes", recipe.aggregate.nodes, tree.nodes),
    ):
        for code in codes:
            if code not in known:
                yield RecipeProblem(f"{key}.{code}", f"the framework has no {code}; allowed are {', '.join(known)}")


@transaction.atomic
def choose_consensus(edition: Edition, *, consensus: Consensus, by: str, at: datetime) -> Edition:
    """Let the edition weigh by this consensus, finished or still under way.

    Raises
    ------
    MissingPartError
        It is of a round that none of the edition's panels was asked in, or on another framework.
    FrozenError
        The method is frozen.
    """
    locked = locked_edition(edition, "choose_consensus")
    check_round(locked, consensus)
    locked.consensus = consensus
    locked.save(update_fields=["consensus"])
    note("chose", f"consensus {consensus.uid} for edition {locked.uid}", by=by, at=at)
    return locked


@transaction.atomic
def weigh_edition(
    edition: Edition, *, round_uid: UUID, method: types.ConsensusMethod, by: str, at: datetime
) -> Consensus:
    """Queue the consensus of a closed round and let the edition weigh by it.

    Raises
    ------
    MissingPartError, RoundNotClosedError
        As `request_consensus`, and as `choose_consensus`.
    FrozenError
        The method is frozen.
    """
    locked = locked_edition(edition, "weigh_edition")
    consensus = request_consensus(locked.series, round_uid=round_uid, method=method, by=by, at=at)
    choose_consensus(locked, consensus=consensus, by=by, at=at)
    return consensus


def check_round(edition: Edition, consensus: Consensus) -> RoundSummary:
    """Return the consensus' round, one of the edition's panels and on its framework."""
    try:
        summary = handover.round_summary(consensus.round_uid)
    except ObjectDoesNotExist as error:
        raise MissingPartError("there is no such round", part="round") from error
    if not edition.panels.filter(panel_uid=summary.panel_uid).exists():
        raise MissingPartError("the edition does not ask this panel", part="round")
    if summary.framework_uid != edition.framework_uid:
        raise MissingPartError("the round was asked on another framework", part="framework")
    return summary


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
    framework, before, listed = framework_of(locked.framework_uid), locked.dataset, frozen_list(locked)
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
    listed = frozen_list(locked)
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
        They are not: facts["problems"], as FileProblem.
    """
    listed = frozen_list(locked)
    content = content_of(dataset, framework_of(locked.framework_uid).tree.indicators)
    _refuse([*_strangers_to_the_list(locked, listed, content), *_strangers_to_the_data(locked, dataset)])


def frozen_list(edition: Edition) -> ListedUnits | None:
    """Return the list of units of the last freeze; None where there is no freeze, or one of before lists were kept."""
    freeze = edition.freezes.select_related("unit_list").defer("content").order_by("-number").first()
    return ListedUnits.from_plain(freeze.unit_list.content) if freeze and freeze.unit_list else None


def _strangers_to_the_list(locked: Edition, listed: ListedUnits | None, content: DatasetContent) -> list[FileProblem]:
    """Find where data are not of the units that were fixed; what is published may be mended."""
    if listed is None:
        return []
    return list(strangers(listed, content, may_mend=locked.releases.exists()))


def _refuse(problems: Sequence[FileProblem]) -> None:
    if problems:
        raise DatasetError("\n".join(map(str, problems)), problems=list(problems))


def _strangers_to_the_data(locked: Edition, dataset: Dataset) -> list[FileProblem]:
    """Find units that the frozen recipe does not rank and the data do not have: a name mistyped would rank it."""
    frozen = last_freeze(locked)
    named = (frozen.content["recipe"]["screen"].get("circumstances") or {}) if frozen else {}
    there = set(dataset.units.filter(unit__code__in=named).values_list("unit__code", flat=True))
    what = "the frozen recipe does not rank this unit, and the data have no such unit"
    return [FileProblem(DATA, what, None, "uCode", got=code) for code in sorted(set(named) - there)]


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


def framework_of(uid: UUID | None) -> FrameworkContent:
    """Return an edition's framework.

    Raises
    ------
    MissingPartError
        There is none.
    """
    try:
        if uid is not None:
            return handover.framework(uid)
    except ObjectDoesNotExist as error:
        raise MissingPartError("there is no such framework", part="framework") from error
    raise MissingPartError("the edition has no framework", part="framework")


def locked_edition(edition: Edition, act: str) -> Edition:
    """Lock an edition whose state allows the act.

    Raises
    ------
    WrongStateError, FrozenError
        It does not.
    """
    locked = (
        Edition.objects.select_for_update(of=("self",))
        .select_related("series", "recipe", "unit_list", "consensus", "dataset")
        .defer("unit_list__content")
        .get(pk=edition.pk)
    )
    check(EDITION, act, locked.state, subject=locked.slug)
    return locked
