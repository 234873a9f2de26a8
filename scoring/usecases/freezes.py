"""Fix an edition's method before data are opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts.acts import note
from scoring.errors import JudgementsChangedError, MissingPartError
from scoring.files.digits import fingerprint
from scoring.files.frozen import FrozenMethod
from scoring.files.methods import method_from_dict
from scoring.models import Consensus, Edition, Freeze, Recipe
from scoring.queries.freezes import last_freeze
from scoring.recipe import recipe_from_dict
from scoring.usecases.consensus import languages_to_freeze, stamp_of, why_of_nobody
from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from surveys.values.rounds import FrameworkContent, RoundSummary

from scoring.usecases.editions import check_round, framework_of, locked_edition


@transaction.atomic
def freeze_method(edition: Edition, *, by: str, at: datetime) -> Freeze:
    """Fix tree, weights, recipe and receipts, fingerprint and date them; from now on the database refuses every change.

    Effects in order: the round is locked, so that a withdrawal knows before from after; everything is copied into the freeze;
    the edition is frozen. Data are opened after it, never before.

    Raises
    ------
    FrozenError
        The method is frozen already.
    MissingPartError
        A part is missing or not finished: facts["part"].
    JudgementsChangedError
        A panelist withdrew after the consensus was computed: compute it again.
    """
    locked = locked_edition(edition, "freeze_method")
    framework = framework_of(locked.framework_uid)
    if not framework.fingerprint:
        raise MissingPartError("the framework version is a draft", part="framework")
    if locked.recipe is None:
        raise MissingPartError("the edition has no recipe", part="recipe")
    consensus = locked.consensus
    if consensus is None or consensus.state != Consensus.State.DONE or consensus.result is None:
        raise MissingPartError("the edition has no finished consensus", part="consensus")
    summary = check_round(locked, consensus)
    handover.lock(summary.uid, at=at)
    stamp = stamp_of(locked.series, summary.uid)
    if stamp != consensus.round_stamp or consensus.counted is None:
        raise JudgementsChangedError("the judgements changed after the consensus was computed", got=stamp)
    frozen = _frozen(framework, consensus, locked.recipe, consensus.counted)
    content = frozen.to_content() | _origin(framework, consensus, summary)
    before = last_freeze(locked)
    freeze = Freeze.objects.create(
        edition=locked,
        number=1 + (before.number if before else 0),
        consensus=consensus,
        recipe=locked.recipe,
        content=content,
        fingerprint=fingerprint(content),
        frozen_at=at,
        frozen_by=by,
    )
    locked.state = Edition.State.FROZEN
    locked.save(update_fields=["state"])
    note("froze", f"method of edition {locked.uid}", by=by, at=at)
    return freeze


def _frozen(
    framework: FrameworkContent, consensus: Consensus, recipe: Recipe, counted: Mapping[str, Any]
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
