"""A panelist comes in by her link, says who she is, or says that she would rather not."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from django.db import transaction

from accounts.acts import note
from surveys.errors import BadPanelError, RoundStateError
from surveys.models import Device, Panelist, Round
from surveys.queries.panelist.links import token_hash
from surveys.states import ROUND
from surveys.usecases.consents import keep_consent

if TYPE_CHECKING:
    from datetime import datetime

    from surveys.models import Link

LONGEST_NAME = 200
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # signs that turn the line they stand in


@transaction.atomic
def start(link: Link, *, device: str, at: datetime) -> Device:
    """Let the panelist begin (or go on) on this device (the value of its cookie); starting twice changes nothing.

    In order: she has started, agreed to what stands before her, and no longer declines, while the round takes answers; the
    link is in use; the device is hers.

    Raises
    ------
    WrongStateError
        The round is ending, and she had not started.
    """
    panelist = _held(link.panelist)
    ending = Round.objects.filter(panel=panelist.panel_id, state=Round.State.OPEN).values_list(
        "finish_until", flat=True
    )
    if ending and panelist.started_at is None:
        if ending[0] is not None:
            raise RoundStateError("the round is ending", state="ending", allowed=ROUND.allowed("start"))
        panelist.started_at = at
        note("started", f"panelist {panelist.uid}", by=_herself(panelist), at=at)
    if ending:
        keep_consent(panelist, at=at)
    panelist.declined_at = None if ending else panelist.declined_at
    panelist.save(update_fields=["started_at", "declined_at"])
    if link.taken_at is None:
        link.taken_at = at
        link.save(update_fields=["taken_at"])
    return Device.objects.get_or_create(panelist=panelist, token_hash=token_hash(device), defaults={"since": at})[0]


@transaction.atomic
def give_name(panelist: Panelist, *, name: str, at: datetime) -> Panelist:
    """Keep the name she enters or confirms, in any script and letter by letter; only the space around it goes.

    Raises
    ------
    BadPanelError
        It is too long, or holds signs that are no text, such as a line break.
    """
    given = name.strip()
    if len(given) > LONGEST_NAME:
        raise BadPanelError("the name is too long", field="name", allowed=LONGEST_NAME)
    if any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} or sign in TURNING for sign in given):
        raise BadPanelError("the name holds signs that are no text", field="name")
    held = _held(panelist)
    held.name, held.named_at = given, at
    held.save(update_fields=["name", "named_at"])
    note("confirmed", f"name of panelist {held.uid}", by=_herself(held), at=at)
    return held


def decline(panelist: Panelist, *, at: datetime) -> Panelist:
    """She would rather not take part: nothing is mailed to her any more. Answers given stay; declining twice is once."""
    with transaction.atomic():
        held = _held(panelist)
        if held.is_exempted:  # from now on it is her own word
            held.declined_at = held.exempted_at = None
            held.save(update_fields=["declined_at", "exempted_at"])
        return _mark(held, "declined_at", "declined", at=at)


def take_part(panelist: Panelist, *, at: datetime) -> Panelist:
    """She takes her declining back."""
    return _unmark(panelist, "declined_at", "takes part again:", at=at)


def stop_mails(panelist: Panelist, *, at: datetime) -> Panelist:
    """Mail her nothing any more but a fresh link that she asks for; stopping twice is once."""
    return _mark(panelist, "mails_stopped_at", "stopped mails:", at=at)


def resume_mails(panelist: Panelist, *, at: datetime) -> Panelist:
    """She takes the stop back."""
    return _unmark(panelist, "mails_stopped_at", "resumed mails:", at=at)


@transaction.atomic
def _mark(panelist: Panelist, field: str, verb: str, *, at: datetime) -> Panelist:
    held = _held(panelist)
    if getattr(held, field) is None:
        setattr(held, field, at)
        held.save(update_fields=[field])
        note(verb, f"panelist {held.uid}", by=_herself(held), at=at)
    return held


@transaction.atomic
def _unmark(panelist: Panelist, field: str, verb: str, *, at: datetime) -> Panelist:
    held = _held(panelist)
    if getattr(held, field) is not None:
        setattr(held, field, None)
        held.save(update_fields=[field])
        note(verb, f"panelist {held.uid}", by=_herself(held), at=at)
    return held


def _held(panelist: Panelist) -> Panelist:
    return Panelist.objects.select_for_update(no_key=True).get(pk=panelist.pk)


def _herself(panelist: Panelist) -> str:
    return f"panelist {panelist.uid}"
