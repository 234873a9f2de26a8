"""A panelist withdraws: before the method freeze all of hers is deleted, after it her name, her address and her reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from accounts.acts import note
from surveys.models import (
    Comment,
    Judgement,
    LinkRequest,
    Mail,
    NodeChoice,
    Panelist,
    ReceiptSecret,
    Round,
    Submission,
    TripleDecision,
)

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Withdrawal:
    """What was done: answers deleted, and answers kept without a name because a freeze had taken their round."""

    deleted: int
    kept: int


@transaction.atomic
def withdraw(panelist: Panelist, *, by: str = "", at: datetime) -> Withdrawal:
    """Take a panelist out for good: by herself, or by somebody whom she asked.

    In this order: she and her panel's rounds are held, so that a freeze comes before or after; her reasons are deleted, those
    beside frozen answers too; judgements, choices, decisions and submissions of every round that is not locked are deleted;
    the codes of frozen ones lead to nobody any more, and the secrets of her receipts are in her own file alone; links end;
    devices, requests at her door and waiting mails
    are forgotten; name, address, field and time zone are cut. What remains is her code, without which the frozen list of
    judgements could not be read, and, where answers of hers are frozen, the group that stands in that list. Withdrawing
    twice changes nothing more.
    """
    held = Panelist.objects.select_for_update(no_key=True).get(
        pk=panelist.pk
    )  # before the rounds, as an answer locks them
    rounds = list(Round.objects.select_for_update(of=("self",)).filter(panel=panelist.panel_id).order_by("pk"))
    free = [one.pk for one in rounds if one.locked_at is None]
    Comment.objects.filter(judgement__panelist=held).delete()
    judgements = Judgement.objects.filter(panelist=held)
    deleted = judgements.filter(comparison__round__in=free).delete()[0]
    NodeChoice.objects.filter(panelist=held, round__in=free).delete()
    TripleDecision.objects.filter(panelist=held, round__in=free).delete()
    Submission.objects.filter(panelist=held, round__in=free).delete()
    kept = judgements.count()
    held.publication_codes.update(panelist=None)
    ReceiptSecret.objects.filter(submission__panelist=held).delete()
    held.links.filter(ended_at__isnull=True).update(ended_at=at)
    held.devices.all().delete()
    LinkRequest.objects.filter(panelist=held).delete()
    held.mails.filter(state__in=[Mail.State.QUEUED, Mail.State.FAILED]).delete()
    if held.withdrawn_at is None:
        held.withdrawn_at = at
        note("withdrew", f"panelist {held.uid}", by=by or f"panelist {held.uid}", at=at)
    held.name = held.email = held.field = held.time_zone = ""
    held.group = held.group if kept else ""
    held.save(update_fields=["withdrawn_at", "name", "email", "group", "field", "time_zone"])
    return Withdrawal(deleted, kept)
