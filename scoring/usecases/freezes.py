"""Fix an edition's method before data are opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts.acts import note
from scoring.errors import JudgementsChangedError, MissingPartError, RoundNotClosedError, SameMethodError
from scoring.files.digits import fingerprint
from scoring.files.frozen import FrozenMethod
from scoring.files.methods import method_from_dict
from scoring.files.unit_lists import ListedUnits
from scoring.models import Consensus, Edition, Freeze, Recipe
from scoring.queries.freezes import last_freeze
from scoring.recipe import recipe_from_dict
from scoring.states import EDITION, refused
from scoring.usecases.consensus import languages_to_freeze, stamp_of, why_of_nobody
from scoring.usecases.editions import check_round, framework_of, locked_edition
from scoring.usecases.unit_lists import check_list
from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from surveys.values.rounds import FrameworkContent, RoundSummary


@transaction.atomic
def freeze_method(edition: Edition, *, by: str, at: datetime) -> Freeze:
    """Fix tree, weights, recipe, list of units and receipts, fingerprint and date them; the database refuses every change.

    Effects in order: the round is locked, so that a withdrawal knows before from after; everything is copied into the freeze;
    the edition is frozen. Data are opened after it, never before.

    Raises
    ------
    FrozenError
        The method is frozen already.
    MissingPartError
        A part is missing or not finished: facts["part"].
    RoundNotClosedError
        The round was opened again.
    JudgementsChangedError
        A panelist withdrew after the consensus was computed, or the round was opened again: compute it again.
    DatasetError
        The list of units is none for this edition any more: ``problems`` lists why.
    SameMethodError
        Nothing of it is another than in the freeze before.
    """
    locked = locked_edition(edition, "freeze_method")
    framework = framework_of(locked.framework_uid)
    if not framework.fingerprint:
        raise MissingPartError("the framework version is a draft", part="framework")
    if locked.recipe is None:
        raise MissingPartError("the edition has no recipe", part="recipe")
    if locked.unit_list is None:
        raise MissingPartError("the edition has no list of units", part="units")
    consensus = locked.consensus
    if consensus is None or consensus.state != Consensus.State.DONE or consensus.result is None:
        raise MissingPartError("the edition has no finished consensus", part="consensus")
    summary = check_round(locked, consensus)
    if not summary.is_readable:  # it was opened again
        raise RoundNotClosedError(f"the round is {summary.state}", state=summary.state)
    handover.lock(summary.uid, at=at)
    stamp = stamp_of(locked.series, summary.uid)
    if stamp != consensus.round_stamp or consensus.counted is None:
        raise JudgementsChangedError("the judgements changed after the consensus was computed", got=stamp)
    listed = ListedUnits.from_plain(locked.unit_list.content)
    check_list(locked, listed, framework.tree)  # who belongs may be another since it was settled
    frozen = _frozen(framework, consensus, locked.recipe, listed, consensus.counted)
    content = frozen.to_content() | _origin(framework, consensus, summary)
    before = last_freeze(locked)
    if before and before.fingerprint == fingerprint(content):
        raise SameMethodError("the method is the one that is frozen already", number=before.number)
    freeze = Freeze.objects.create(
        edition=locked,
        number=1 + (before.number if before else 0),
        consensus=consensus,
        recipe=locked.recipe,
        unit_list=locked.unit_list,
        content=content,
        fingerprint=fingerprint(content),
        frozen_at=at,
        frozen_by=by,
    )
    locked.state = Edition.State.FROZEN
    locked.save(update_fields=["state"])
    note("froze", f"method of edition {locked.uid}", by=by, at=at)
    return freeze


@transaction.atomic
def revise_method(edition: Edition, *, by: str, at: datetime) -> Edition:
    """Lead a released edition back to its method, for a second freeze and release 2.0; what is released stays as it is.

    Raises
    ------
    WrongStateError
        The edition is not released.
    """
    locked = locked_edition(edition, "revise_method")
    locked.state = Edition.State.PREPARING
    locked.save(update_fields=["state"])
    note("began to revise", f"method of edition {locked.uid}", by=by, at=at)
    return locked


@transaction.atomic
def keep_method(edition: Edition, *, by: str, at: datetime) -> Edition:
    """End a revision that came to nothing: the edition points to what its last freeze fixed, and is released as before.

    Raises
    ------
    WrongStateError
        The edition's method is not under revision.
    """
    locked = locked_edition(edition, "keep_method")
    freeze = last_freeze(locked)
    if freeze is None:
        raise refused(EDITION, "keep_method", locked.state, subject=locked.slug)
    locked.recipe, locked.consensus, locked.unit_list = freeze.recipe, freeze.consensus, freeze.unit_list
    locked.state = Edition.State.RELEASED
    locked.save(update_fields=["recipe", "consensus", "unit_list", "state"])
    note("gave up revising", f"method of edition {locked.uid}", by=by, at=at)
    return locked


def _frozen(
    framework: FrameworkContent, consensus: Consensus, recipe: Recipe, listed: ListedUnits, counted: Mapping[str, Any]
) -> FrozenMethod:
    """Gather the values that become fixed; what counted of the round is what the consensus kept of it."""
    why = why_of_nobody(consensus)
    return FrozenMethod(
        rows=framework.rows,
        method=method_from_dict(consensus.method),
        recipe=recipe_from_dict(recipe.content),
        weights=dict(consensus.weights.values_list("code", "local_weight")),
        receipts=tuple(counted["receipts"]),
        files={"judgements.csv": counted["judgements"], **(consensus.result or {})},
        languages=languages_to_freeze(consensus),
        by_person=not why,
        why_of_nobody=why,
        listed=listed,
    )


def _origin(framework: FrameworkContent, consensus: Consensus, summary: RoundSummary) -> dict[str, Any]:
    """Return where the frozen values come from, as plain data."""
    return {
        "framework_version": {
            "uid": str(framework.uid),
            "slug": framework.slug,
            "number": framework.number,
            "fingerprint": framework.fingerprint,
        },
        "consensus": {
            "uid": str(consensus.uid),
            "input_fingerprint": consensus.input_fingerprint,
            "result_fingerprint": consensus.result_fingerprint,
            "code_version": consensus.code_version,
        },
        "round": {
            "uid": str(summary.uid),
            "number": summary.number,
            "panel_names": dict(summary.panel_names),
            "invited": summary.invited,
            "started": summary.started,
            "submitted": summary.submitted,
            "comparisons": summary.comparisons,
            "closed_at": summary.closed_at.isoformat() if summary.closed_at else None,
            "is_simulated": summary.is_simulated,
            "names_shown": summary.names_shown,
            "drafts_count": summary.drafts_count,
            "promise_fingerprint": summary.promise_fingerprint,
        },
    }
