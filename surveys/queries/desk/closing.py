"""What a moderator should know before she closes a round: who is at work, and what becomes of drafts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q

from surveys.models import Judgement
from surveys.queries.standing import answered, handed_in

if TYPE_CHECKING:
    from surveys.models import Round

ACTIVE_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Closing:
    """People at work in the last ten minutes, people with answers not handed in, and an end that is announced."""

    active: int
    drafts: int
    drafts_count: bool
    finish_until: datetime | None
    now: datetime


def closing(round_: Round, *, at: datetime) -> Closing:
    """Count who is at work in a round, and whose answers are a draft; one query.

    Who has handed in is neither. Taking an answer back is work too; who took all back, or left out what she answered, has
    no draft.
    """
    finished = handed_in(round_).filter(panelist=OuterRef("panelist"))
    at_work = Judgement.objects.filter(~Exists(finished), comparison__round=round_)
    counted = at_work.aggregate(
        active=Count("panelist", filter=Q(at__gte=at - ACTIVE_WITHIN), distinct=True),
        drafts=Count("panelist", filter=Q(pk__in=answered(round_)), distinct=True),
    )
    return Closing(counted["active"], counted["drafts"], round_.drafts_count, round_.finish_until, at)
