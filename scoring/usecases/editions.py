"""Prepare an edition, fix its method before data are opened, score it from what was fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Max

from accounts.acts import note
from accounts.models import Series
from scoring.errors import BadEditionError, FrozenError, MissingPartError
from scoring.files.digits import fingerprint
from scoring.models import Consensus, Edition, EditionPanel, Recipe
from scoring.recipe import RecipeError, RecipeProblem, read_recipe, recipe_from_dict, recipe_json, recipe_to_dict
from scoring.states import EDITION, check, refused
from scoring.usecases.consensus import request_consensus
from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date, datetime
    from uuid import UUID

    from scoring.numerics import types
    from surveys.values.rounds import FrameworkContent, RoundSummary

RESERVED: Final = frozenset({"editions", "frameworks", "licence", "panels", "rounds"})
"""What stands at the place of an edition's slug in addresses of the desk, so that no edition is called so."""
MOST_LIMITS: Final = 5000
"""Characters that what readers must not conclude may have in a language."""


@transaction.atomic
def create_edition(
    series: Series,
    *,
    slug: str,
    framework_uid: UUID,
    panel_uids: Collection[UUID],
    reference_date: date | None = None,
    limits: Mapping[str, str] | None = None,
    like: Edition | None = None,
    by: str,
    at: datetime,
) -> Edition:
    """Create an edition of a series on a framework version, asking one panel or more.

    Its recipe, and its texts where no ``limits`` are given, are those of the edition that it is ``like``, which may be of another
    series.

    Raises
    ------
    BadEditionError
        The series has an edition of this slug, or no such panel, or the slug is `RESERVED`.
    MissingPartError
        The series has no such framework, nor is it shared; or it is a draft.
    RecipeError
        The recipe taken over names what the framework does not have.
    """
    Series.objects.select_for_update().get(pk=series.pk)
    _check_free(series, slug)
    if not framework_of(framework_uid).fingerprint:
        raise MissingPartError("the framework version is a draft", part="framework")
    if framework_uid not in {one.uid for one in handover.frameworks(series.uid)}:
        raise MissingPartError("the series has no such framework", part="framework")
    known = {panel.uid for panel in handover.panels(series.uid)}
    strange = [uid for uid in panel_uids if uid not in known]
    if strange:
        raise BadEditionError("the series has no such panel", field="panels", got=strange)
    edition = Edition.objects.create(
        series=series,
        slug=slug,
        framework_uid=framework_uid,
        reference_date=reference_date,
        limits=dict(limits or (like.limits if like else {})),
        created_at=at,
    )
    EditionPanel.objects.bulk_create(EditionPanel(edition=edition, panel_uid=uid) for uid in dict.fromkeys(panel_uids))
    note("created", f"edition {edition.uid}", by=by, at=at)
    if like and like.recipe:
        _take_recipe(edition, like.recipe, by=by, at=at)
    return edition


def _take_recipe(edition: Edition, recipe: Recipe, *, by: str, at: datetime) -> None:
    """Give an edition the recipe of another: the very one within a series, the same choices in another series."""
    if recipe.series_id != edition.series_id:
        settle_recipe(edition, text=recipe.text, by=by, at=at)
        edition.refresh_from_db()
        return
    tree = framework_of(edition.framework_uid).tree
    if problems := tuple(_strangers(recipe_from_dict(recipe.content), tree)):
        raise RecipeError(problems)
    edition.recipe = recipe
    edition.save(update_fields=["recipe"])


@transaction.atomic
def repeat_edition(edition: Edition, *, slug: str, by: str, at: datetime) -> Edition:
    """Begin the next edition from one: its framework, recipe and texts, and its panels' willing people, to be asked anew.

    Answers, weights, list of units, data and freezes stay with the one they are of. Nobody is mailed.

    Raises
    ------
    BadEditionError
        The series has an edition of this slug, or it is `RESERVED`.
    MissingPartError
        The edition has no framework.
    """
    if edition.framework_uid is None:
        raise MissingPartError("the edition has no framework", part="framework")
    Series.objects.select_for_update().get(pk=edition.series_id)
    _check_free(edition.series, slug)
    asked = edition.panels.order_by("pk").values_list("panel_uid", flat=True)
    panels = [handover.repeat_panel(uid, label=slug, by=by, at=at) for uid in asked]
    made = create_edition(
        edition.series,
        slug=slug,
        framework_uid=edition.framework_uid,
        panel_uids=panels,
        like=edition,
        by=by,
        at=at,
    )
    note("repeated", f"edition {edition.uid} as edition {made.uid}", by=by, at=at)
    return made


def _check_free(series: Series, slug: str) -> None:
    if slug in RESERVED:
        raise BadEditionError(f"{slug} stands in other addresses", field="slug", got=slug, reason="reserved")
    if Edition.objects.filter(series=series, slug=slug).exists():
        raise BadEditionError(f"the series has an edition {slug}", field="slug", got=slug)


@transaction.atomic
def describe_edition(
    edition: Edition, *, limits: Mapping[str, str], reference_date: date | None, by: str, at: datetime
) -> Edition:
    """Say what readers must not conclude from the edition, by language, and as of which day it is; empty texts are none.

    Raises
    ------
    WrongStateError
        Something of it is released, and its pages say this.
    BadEditionError
        A language is not offered: facts["field"].
    FrozenError
        Another day, once the method is frozen: which countries belong to the region is asked of that day.
    """
    locked = locked_edition(edition, "describe_edition")
    if locked.releases.exists():
        raise refused(EDITION, "describe_edition", Edition.State.RELEASED, subject=locked.slug)
    if strange := {*limits} - {*dict(settings.LANGUAGES)}:
        raise BadEditionError(f"{min(strange)} is not offered", field="limits", got=min(strange))
    if locked.state == Edition.State.FROZEN and reference_date != locked.reference_date:
        raise FrozenError(f"the method of {locked.slug} is frozen", field="reference_date")
    locked.limits = {language: text.strip() for language, text in limits.items() if text.strip()}
    if locked.reference_date != reference_date:  # it becomes fixed with the method
        locked.approvals.filter(ended_at=None).update(ended_at=at)
    locked.reference_date = reference_date
    locked.save(update_fields=["limits", "reference_date"])
    note("described", f"edition {locked.uid}", by=by, at=at)
    return locked


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
    end_requests(locked, at=at)
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
    locked.consensus, locked.carried = consensus, None
    locked.save(update_fields=["consensus", "carried"])
    end_requests(locked, at=at)
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


def end_requests(edition: Edition, *, at: datetime) -> None:
    """End the request for approval of a locked edition: what it asked for is not what would be frozen now."""
    edition.approvals.filter(ended_at=None, approved_at=None).update(ended_at=at)


def locked_edition(edition: Edition, act: str) -> Edition:
    """Lock an edition whose state allows the act.

    Raises
    ------
    WrongStateError, FrozenError
        It does not.
    """
    locked = (
        Edition.objects.select_for_update(of=("self",))
        .select_related("series", "recipe", "unit_list", "consensus", "dataset", "carried")
        .defer("unit_list__content", "carried__content")
        .get(pk=edition.pk)
    )
    check(EDITION, act, locked.state, subject=locked.slug)
    return locked
