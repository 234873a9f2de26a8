"""Tell those of a round who have not handed in what becomes of it: one mail each, which can be stopped for five minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.acts import note
from surveys.models import Mail, Round
from surveys.queries.desk.news import to_tell, waiting_news

if TYPE_CHECKING:
    from datetime import datetime


def queue_news(round_: Round, kind: Mail.Kind, *, at: datetime) -> list[Mail]:
    """Queue one mail to everybody whom it concerns; who still waits for the same news is not told twice.

    The caller holds the round.
    """
    waiting = Mail.objects.filter(round=round_, kind=kind, state=Mail.State.QUEUED)
    people = to_tell(round_).exclude(pk__in=waiting.values("panelist"))
    return Mail.objects.bulk_create(
        Mail(panelist=panelist, round=round_, kind=kind, queued_at=at) for panelist in people
    )


def drop_news(round_: Round, *kinds: Mail.Kind) -> None:
    """Send nothing of these news that still waits, since something else became true; the caller holds the round."""
    waiting = Mail.objects.filter(round=round_, kind__in=kinds, state=Mail.State.QUEUED)
    waiting.update(state=Mail.State.FAILED, error_code="superseded")


@transaction.atomic
def stop_news(round_: Round, *, by: str, at: datetime) -> int:
    """Send nothing of the news of a round that still waits; returns how many mails that were. Stopping twice is once."""
    stopped = waiting_news(round_).update(state=Mail.State.FAILED, error_code="stopped")
    note("stopped", f"{stopped} mails of round {round_.uid}", by=by, at=at)
    return stopped
