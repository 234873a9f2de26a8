"""A panelist comes in by her link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.acts import note
from surveys.errors import WrongStateError
from surveys.models import Device, Panelist, Round
from surveys.queries.links import token_hash

if TYPE_CHECKING:
    from datetime import datetime

    from surveys.models import Link


@transaction.atomic
def start(link: Link, *, device: str, at: datetime) -> Device:
    """Let the panelist begin (or go on) on this device (the value of its cookie); starting twice changes nothing.

    Raises
    ------
    WrongStateError
        She had not started, and the end of the round is announced: nobody new starts.
    """
    panelist = Panelist.objects.select_for_update(no_key=True).get(pk=link.panelist_id)
    if panelist.started_at is None:
        _check_not_ending(panelist)
        panelist.started_at = at
        panelist.save(update_fields=["started_at"])
        note("started", f"panelist {panelist.uid}", by=f"panelist {panelist.uid}", at=at)
    if link.taken_at is None:
        link.taken_at = at
        link.save(update_fields=["taken_at"])
    return Device.objects.get_or_create(panelist=panelist, token_hash=token_hash(device), defaults={"since": at})[0]


def _check_not_ending(panelist: Panelist) -> None:
    ending = Round.objects.filter(panel=panelist.panel_id, state=Round.State.OPEN, finish_until__isnull=False)
    if ending.exists():
        raise WrongStateError("the round is ending", state="ending", allowed=["open"])
