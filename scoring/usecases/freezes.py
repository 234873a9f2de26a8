"""Fix an edition's method before data are opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.acts import note
from scoring.errors import SameMethodError
from scoring.models import Edition, Freeze
from scoring.queries.freezes import carried_by, last_freeze
from scoring.states import EDITION, refused
from scoring.usecases.approvals import approval_for
from scoring.usecases.editions import locked_edition
from scoring.usecases.fixing import method_to_freeze

if TYPE_CHECKING:
    from datetime import datetime


@transaction.atomic
def freeze_method(edition: Edition, *, by: str, at: datetime) -> Freeze:
    """Fix tree, weights, recipe, list of units and receipts, fingerprint and date them; the database refuses every change.

    Effects in order: the round is locked, also one whose weights are carried over, so that a withdrawal knows before from
    after; everything is copied into the freeze; the edition is frozen. Data are opened after it, never before.

    Raises
    ------
    FrozenError
        The method is frozen already.
    MissingPartError
        A part is missing or not finished: facts["part"].
    RoundNotClosedError
        The round was opened again.
    JudgementsChangedError
        A panelist withdrew after the consensus was computed, or the round was opened again: compute it again. Or somebody
        withdrew since weights were fixed that are carried over.
    DatasetError
        The list of units is none for this edition any more: ``problems`` lists why.
    SameMethodError
        Nothing of it is another than in the freeze before.
    NotApprovedError
        Somebody else of the series may approve it, and nobody did, or something else was approved.
    """
    locked = locked_edition(edition, "freeze_method")
    method = method_to_freeze(locked, lock_at=at)
    before = last_freeze(locked)
    if before and before.fingerprint == method.fingerprint:
        raise SameMethodError("the method is the one that is frozen already", number=before.number)
    approval = approval_for(locked, method.fingerprint, by=by, at=at)
    freeze = Freeze.objects.create(
        edition=locked,
        number=1 + (before.number if before else 0),
        consensus=method.consensus,
        recipe=method.recipe,
        unit_list=method.unit_list,
        approval=approval,
        is_of_one=approval is None,
        content=method.content,
        fingerprint=method.fingerprint,
        frozen_at=at,
        frozen_by=by,
    )
    locked.approvals.filter(ended_at=None).update(ended_at=at)
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
    locked.carried = carried_by(freeze)
    locked.approvals.filter(ended_at=None).update(ended_at=at)
    locked.state = Edition.State.RELEASED
    locked.save(update_fields=["recipe", "consensus", "carried", "unit_list", "state"])
    note("gave up revising", f"method of edition {locked.uid}", by=by, at=at)
    return locked
