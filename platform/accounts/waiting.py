"""What of invitations waits on the owners of series, and who is mailed once a day what waits on her."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import OuterRef, Subquery

from accounts.models import AccountMail, Invitation, Role, User
from accounts.states import InvitationState, MailState

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

    from accounts.models import Series

NOT_DELIVERED: Final = ("recipient_refused", "mail_server")
"""Why a mail failed that was wanted (`mail_queue.send_once`)."""


@dataclass(frozen=True, slots=True)
class InvitationMatter:
    """Invitations of a series that nobody can take up as they are.

    Attributes
    ----------
    series : int
        The key of the series.
    kind : str
        ``invitation_over``: nobody took them up in time; ``invitation_returned``: their mail was not delivered.
    count : int
        How many.
    since : datetime
        Since when the first of them is so.
    """

    series: int
    kind: str
    count: int
    since: datetime


def invitation_matters(series: Collection[Series], *, at: datetime) -> tuple[InvitationMatter, ...]:
    """Return the invitations that ended untaken, and those whose last mail was not delivered; one query."""
    last = AccountMail.objects.filter(invitation=OuterRef("pk")).order_by("-queued_at", "-pk")
    open_ones = Invitation.objects.filter(series__in=series, state=InvitationState.OPEN).annotate(
        mail_state=Subquery(last.values("state")[:1]),
        mail_error=Subquery(last.values("error_code")[:1]),
        mailed_at=Subquery(last.values("queued_at")[:1]),
    )
    found: dict[tuple[int, str], list[datetime]] = {}
    for one in open_ones:
        if one.ends_at <= at:
            found.setdefault((one.series_id, "invitation_over"), []).append(one.ends_at)
        elif one.mail_state == MailState.FAILED and one.mail_error in NOT_DELIVERED:
            found.setdefault((one.series_id, "invitation_returned"), []).append(one.mailed_at)
    return tuple(InvitationMatter(pk, kind, len(since), min(since)) for (pk, kind), since in found.items())


def readers_of_daily_mail(*, at: datetime) -> QuerySet[User]:
    """Return who may be mailed: an open account with an address, a role in some series, and no wish to be left alone."""
    at_work = Role.objects.standing(at).values("user")
    return User.objects.filter(pk__in=at_work, is_active=True, daily_mail=True).exclude(email="").order_by("pk")
