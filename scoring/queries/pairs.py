"""Until when the table of pairs of a panel is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Max

from scoring.models import Freeze, Release
from scoring.queries.freezes import CARRIED
from surveys import handover

if TYPE_CHECKING:
    from datetime import datetime

    from surveys.values.own import OwnPage
    from surveys.values.rounds import KeptPairs


def end_of_pairs(kept: KeptPairs) -> datetime | None:
    """Return when the table is destroyed: the promised days after the last release, correction or freeze; two queries.

    None while a round may still be answered, where nothing of the panel is frozen, or where no day was promised.
    """
    if kept.is_at_work or kept.days is None:
        return None
    # who takes weights over asks nobody, and keeps nobody's pairs longer than was promised
    freezes = Freeze.objects.filter(consensus__round_uid__in=kept.rounds).exclude(content__has_key=CARRIED)
    frozen = freezes.aggregate(last=Max("frozen_at"))["last"]
    if frozen is None:
        return None
    released = Release.objects.filter(edition__freezes__in=freezes).aggregate(last=Max("released_at"))["last"]
    last: datetime = max(frozen, released or frozen)
    return last + timedelta(days=kept.days)


def pairs_end_of(page: OwnPage) -> datetime | None:
    """Return until when she can be cut off from her code, by a round of hers; None as `end_of_pairs`, or without a round."""
    kept = handover.pairs_of_round(page.rounds[-1].uid) if page.rounds else None
    return end_of_pairs(kept) if kept else None
