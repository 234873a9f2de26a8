"""Invite who is owed an invitation: whoever came late, has another address, or was never reached by the mail server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.acts import note
from surveys.models import Mail, Round
from surveys.queries.desk.people import owed_an_invitation
from surveys.states import ROUND, check

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime


@transaction.atomic
def invite_owed_people(round_: Round, *, only: Collection[str] | None = None, by: str, at: datetime) -> list[Mail]:
    """Queue an invitation for those of an open round who are owed one; inviting twice mails once.

    ``only`` are the codes that the moderator saw; nobody else is mailed.

    Raises
    ------
    WrongStateError
        The round is not open.
    """
    locked = Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
    check(ROUND, "invite_owed_people", locked.state)
    people = owed_an_invitation(locked)
    if only is not None:
        people = people.filter(code__in=only)
    owed = list(people)
    given_up = Mail.objects.filter(round=locked, panelist__in=owed, kind=Mail.Kind.INVITATION, superseded_at=None)
    given_up.update(superseded_at=at)
    queued = Mail.objects.bulk_create(
        Mail(panelist=panelist, round=locked, kind=Mail.Kind.INVITATION, queued_at=at) for panelist in owed
    )
    note("invited", f"{len(queued)} people of round {locked.uid}", by=by, at=at)
    return queued
