"""When the table of pairs of a panel is destroyed: so many days after the last correction of what was computed from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring.queries.pairs import end_of_pairs
from surveys import handover

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


def destroy_pairs_that_are_due(*, at: datetime) -> list[UUID]:
    """Destroy the table of pairs of every panel whose day has come; returns which panels."""
    due = []
    for kept in handover.kept_pairs():
        end = end_of_pairs(kept)
        if end is not None and end <= at:
            handover.destroy_pairs(kept.panel_uid, by="the sweep", at=at)
            due.append(kept.panel_uid)
    return due
