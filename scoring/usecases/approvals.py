"""Have a second person approve what is to be frozen, bound to its fingerprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.acts import note
from accounts.rules import acts_only_for, others_with
from scoring.errors import NotApprovedError
from scoring.models import Approval
from scoring.states import capability
from scoring.usecases.editions import locked_edition
from scoring.usecases.fixing import method_to_freeze

if TYPE_CHECKING:
    from datetime import datetime

    from scoring.models import Edition


@transaction.atomic
def ask_approval(edition: Edition, *, by: str, at: datetime) -> Approval:
    """Ask somebody else of the series to approve the method as it stands; a request before this one ends.

    Raises
    ------
    FrozenError
        The method is frozen.
    MissingPartError, JudgementsChangedError, DatasetError
        As `scoring.usecases.freezes.freeze_method`: only what could be frozen now is approved.
    NotApprovedError
        There is nobody else who could: it may be frozen as it is.
    """
    locked = locked_edition(edition, "ask_approval")
    if not others_with(locked.series, capability("approve_method"), but=by, at=at):
        raise NotApprovedError("nobody else of the series may approve it", reason="nobody")
    wanted = method_to_freeze(locked).fingerprint
    locked.approvals.filter(ended_at=None).update(ended_at=at)
    asked = Approval.objects.create(edition=locked, fingerprint=wanted, asked_by=by, asked_at=at)
    note("asked for approval of", f"the method of edition {locked.uid}", by=by, at=at)
    return asked


@transaction.atomic
def approve_method(edition: Edition, *, fingerprint: str, by: str, at: datetime) -> Approval:
    """Approve what would be frozen now, if it is what was read: its fingerprint says so.

    Raises
    ------
    FrozenError
        The method is frozen.
    NotApprovedError
        Nobody asked, somebody approved it already, it is her own request, also where she is but the deputy of who asked, or
        something changed since: facts["reason"].
    """
    locked = locked_edition(edition, "approve_method")
    asked = locked.approvals.filter(ended_at=None).first()
    if asked is None or asked.approved_at is not None:
        raise NotApprovedError("nobody waits for this approval", reason="not_asked")
    in_place = {"deputy": by, "holder": asked.asked_by}
    if asked.asked_by == by or acts_only_for(locked.series, capability("approve_method"), **in_place, at=at):
        raise NotApprovedError("nobody approves her own request", reason="own")
    if fingerprint != asked.fingerprint or fingerprint != method_to_freeze(locked).fingerprint:
        raise NotApprovedError("what is to be frozen changed since approval was asked for", reason="changed")
    asked.approved_by, asked.approved_at = by, at
    asked.save(update_fields=["approved_by", "approved_at"])
    note("approved", f"the method of edition {locked.uid}", by=by, at=at)
    return asked


def approval_for(edition: Edition, wanted: str, *, by: str, at: datetime) -> Approval | None:
    """Return the approval of what a locked edition is to be frozen with; None where nobody else could give one.

    Raises
    ------
    NotApprovedError
        Nobody approved it yet, or something else was approved: facts["reason"].
    """
    approval = edition.approvals.filter(ended_at=None, approved_at__isnull=False).first()
    if approval is not None and approval.fingerprint == wanted:
        return approval
    if not others_with(edition.series, capability("approve_method"), but=by, at=at):
        return None
    reason = "missing" if approval is None else "changed"
    raise NotApprovedError("somebody else has to approve what is to be frozen", reason=reason)
