"""What a moderator should know before she closes a round, or opens it again: who is at work, and whom it would shut out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q

from surveys.models import Judgement
from surveys.queries.desk.news import news_goes_out, to_tell
from surveys.queries.rounds import asked_in
from surveys.queries.standing import answered, handed_in

if TYPE_CHECKING:
    from surveys.models import Round

ACTIVE_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Closing:
    """People at work in the last ten minutes, people with answers not handed in, and those who have not begun.

    ``not_begun`` have no answer in this round, and did not decline; ``shut_out`` of them have never started, so that they
    cannot come in any more once an end is announced. ``told`` are those whom a mail about it would reach. ``waiting`` mails
    about the round may still be stopped, until ``goes_out``.
    """

    active: int
    drafts: int
    not_begun: int
    shut_out: int
    told: int
    waiting: int
    goes_out: datetime | None
    drafts_count: bool
    finish_until: datetime | None
    now: datetime

    @property
    def may_come(self) -> int:
        """Those not begun who may still come in once an end is announced: they have started in an earlier round."""
        return self.not_begun - self.shut_out


def closing(round_: Round, *, at: datetime) -> Closing:
    """Count who is at work in a round, whose answers are a draft, and who has not begun; four queries.

    Who has handed in is none of these. Taking an answer back is work too; who took all back, or left out what she answered,
    has no draft.
    """
    finished = handed_in(round_).filter(panelist=OuterRef("panelist"))
    at_work = Judgement.objects.filter(~Exists(finished), comparison__round=round_)
    counted = at_work.aggregate(
        active=Count("panelist", filter=Q(at__gte=at - ACTIVE_WITHIN), distinct=True),
        drafts=Count("panelist", filter=Q(pk__in=answered(round_)), distinct=True),
    )
    not_begun = asked_in(round_).filter(
        ~Exists(handed_in(round_).filter(panelist=OuterRef("pk"))),
        ~Exists(answered(round_).filter(panelist=OuterRef("pk"))),
        declined_at__isnull=True,
    )
    never = Count("pk", filter=Q(started_at__isnull=True))
    if round_.follows_id is None:  # there her start is her beginning; of a later round it tells nothing
        not_begun = not_begun.filter(started_at__isnull=True)
    idle = not_begun.order_by().aggregate(many=Count("pk"), never=never)
    waiting, goes_out = news_goes_out(round_)
    return Closing(
        active=counted["active"],
        drafts=counted["drafts"],
        not_begun=idle["many"],
        shut_out=idle["never"],
        told=to_tell(round_).count(),
        waiting=waiting,
        goes_out=goes_out,
        drafts_count=round_.drafts_count,
        finish_until=round_.finish_until,
        now=at,
    )
