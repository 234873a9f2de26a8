"""Whom a change of a round concerns, and which mails about it still wait."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Exists, Max, OuterRef

from surveys.models import Mail, Panelist
from surveys.queries.standing import handed_in

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from surveys.models import Round

NEWS: Final = (Mail.Kind.END_MOVED, Mail.Kind.ENDING, Mail.Kind.CLOSED, Mail.Kind.REOPENED)
STOPPABLE: Final = timedelta(minutes=5)


def to_tell(round_: Round) -> QuerySet[Panelist]:
    """Return whom a mail about a round reaches: who has not handed in, declined or stopped mails.

    Once its end is announced nobody new starts, so only those who started are told more.
    """
    people = Panelist.objects.filter(
        ~Exists(handed_in(round_).filter(panelist=OuterRef("pk"))),
        panel=round_.panel_id,
        withdrawn_at__isnull=True,
        declined_at__isnull=True,
        mails_stopped_at__isnull=True,
    ).exclude(email="")
    return people.filter(started_at__isnull=False) if round_.finish_until and round_.closed_at is None else people


def waiting_news(round_: Round) -> QuerySet[Mail]:
    """Return the news of a round that nobody has begun to send."""
    return Mail.objects.filter(round=round_, kind__in=NEWS, state=Mail.State.QUEUED)


def news_goes_out(round_: Round) -> tuple[int, datetime | None]:
    """Return how many news wait, and when the last of them goes out; one query."""
    told = waiting_news(round_).order_by().aggregate(last=Max("queued_at"), waiting=Count("pk"))
    return told["waiting"], told["last"] + STOPPABLE if told["last"] else None
