"""What would become fixed if an edition's method were frozen now: everything as plain data, under one fingerprint."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from scoring.errors import JudgementsChangedError, MissingPartError, RoundNotClosedError
from scoring.files.digits import fingerprint
from scoring.files.frozen import FrozenMethod
from scoring.files.methods import method_from_dict
from scoring.files.unit_lists import ListedUnits
from scoring.models import Consensus, Recipe, UnitList
from scoring.recipe import recipe_from_dict
from scoring.usecases.carrying import carried_method
from scoring.usecases.consensus import languages_to_freeze, stamp_of, why_of_nobody
from scoring.usecases.editions import check_round, framework_of
from scoring.usecases.unit_lists import check_list
from surveys import handover

if TYPE_CHECKING:
    from datetime import datetime

    from scoring.models import Edition
    from surveys.values.rounds import FrameworkContent, RoundSummary


@dataclass(frozen=True)
class MethodToFreeze:
    """The parts of a method, and everything of them as plain data: what a freeze holds."""

    consensus: Consensus
    recipe: Recipe
    unit_list: UnitList
    content: dict[str, Any]

    @cached_property
    def fingerprint(self) -> str:
        """What names it: another one with any change."""
        return fingerprint(self.content)


def method_to_freeze(edition: Edition, *, lock_at: datetime | None = None) -> MethodToFreeze:
    """Return what a freeze of a locked edition would fix; with ``lock_at`` the round behind it is locked, for the freeze itself.

    Raises
    ------
    MissingPartError
        A part is missing or not finished: facts["part"].
    RoundNotClosedError
        The round was opened again.
    JudgementsChangedError
        A panelist withdrew after the consensus was computed, or the round was opened again: compute it again. Or somebody
        withdrew since weights were fixed that are carried over.
    DatasetError
        The list of units is none for this edition any more: ``problems`` lists why.
    """
    framework = framework_of(edition.framework_uid)
    if not framework.fingerprint:
        raise MissingPartError("the framework version is a draft", part="framework")
    recipe, unit_list, consensus = edition.recipe, edition.unit_list, edition.consensus
    if recipe is None:
        raise MissingPartError("the edition has no recipe", part="recipe")
    if unit_list is None:
        raise MissingPartError("the edition has no list of units", part="units")
    if consensus is None or consensus.state != Consensus.State.DONE or consensus.result is None:
        raise MissingPartError("the edition has no finished consensus", part="consensus")
    if edition.carried_id:
        weighed, asked = carried_method(edition.carried_id, framework, lock_at=lock_at)
    else:
        weighed, asked = _weighed(edition, framework, consensus, recipe, lock_at=lock_at)
    listed = ListedUnits.from_plain(unit_list.content)
    check_list(edition, listed, framework.tree)  # who belongs may be another since it was settled
    frozen = replace(weighed, rows=framework.rows, recipe=recipe_from_dict(recipe.content), listed=listed)
    content = frozen.to_content() | _origin(framework, consensus) | asked
    return MethodToFreeze(consensus, recipe, unit_list, content)


def _weighed(
    edition: Edition, framework: FrameworkContent, consensus: Consensus, recipe: Recipe, *, lock_at: datetime | None
) -> tuple[FrozenMethod, dict[str, Any]]:
    """Return what the consensus of a round found, with the facts of who was asked.

    What counted of the round is what the consensus kept of it.
    """
    summary = check_round(edition, consensus)
    if not summary.is_readable:  # it was opened again
        raise RoundNotClosedError(f"the round is {summary.state}", state=summary.state)
    if lock_at:
        handover.lock(summary.uid, at=lock_at)
    stamp = stamp_of(edition.series, summary.uid)
    if stamp != consensus.round_stamp or consensus.counted is None:
        raise JudgementsChangedError("the judgements changed after the consensus was computed", got=stamp)
    why = why_of_nobody(consensus)
    method = FrozenMethod(
        rows=framework.rows,
        method=method_from_dict(consensus.method),
        recipe=recipe_from_dict(recipe.content),
        weights=dict(consensus.weights.values_list("code", "local_weight")),
        receipts=tuple(consensus.counted["receipts"]),
        files={"judgements.csv": consensus.counted["judgements"], **(consensus.result or {})},
        languages=languages_to_freeze(consensus),
        by_person=not why,
        why_of_nobody=why,
    )
    return method, {"round": _asked(summary)}


def _origin(framework: FrameworkContent, consensus: Consensus) -> dict[str, Any]:
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
    }


def _asked(summary: RoundSummary) -> dict[str, Any]:
    """Return who was asked, and how many answered, as plain data."""
    return {
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
    }
