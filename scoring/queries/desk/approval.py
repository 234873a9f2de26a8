"""Whether a second person approved what is to be frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.rules import others_with
from scoring.states import capability

if TYPE_CHECKING:
    from datetime import datetime

    from scoring.models import Edition


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """A request for approval, and its answer; ``is_own`` where the reader asked, so that she cannot give it."""

    fingerprint: str
    asked_by: str
    asked_at: datetime
    approved_by: str
    approved_at: datetime | None
    is_own: bool


@dataclass(frozen=True, slots=True)
class ApprovalState:
    """Where an approval stands: what was asked, and whether there is anybody beside the reader who could give one."""

    asked: ApprovalFacts | None
    is_needed: bool

    @property
    def is_given(self) -> bool:
        """Whether somebody approved what was asked; whether that is still what is to be frozen, the freeze looks."""
        return self.asked is not None and self.asked.approved_at is not None


def approval_state(edition: Edition, reader: str) -> ApprovalState:
    """Read where the approval of an edition's method stands for a reader; two queries."""
    stands = edition.approvals.filter(ended_at=None).first()
    is_needed = others_with(edition.series, capability("approve_method"), but=reader, at=timezone.now())
    if stands is None:
        return ApprovalState(None, is_needed)
    facts = ApprovalFacts(
        fingerprint=stands.fingerprint,
        asked_by=stands.asked_by,
        asked_at=stands.asked_at,
        approved_by=stands.approved_by,
        approved_at=stands.approved_at,
        is_own=stands.asked_by == reader,
    )
    return ApprovalState(facts, is_needed)
