"""Mail once a day what waits: queued for whom something waits, written when it is sent, from what waits then."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings

from accounts.letters import daily_letter
from accounts.mail_queue import NeedlessMailError, send_once, waiting
from accounts.models import AccountMail
from accounts.rules import series_of
from accounts.usecases.mails import queue_daily_mail
from accounts.waiting import readers_of_daily_mail
from scoring.queries.desk.waiting import waiting_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.core.mail import EmailMessage
    from django.db.models import QuerySet

AS_LATE_AS: Final = timedelta(hours=3)
"""How late it is queued at most, after workers were away; later on its day nobody is mailed."""


def _mails() -> QuerySet[AccountMail]:
    return AccountMail.objects.filter(kind=AccountMail.Kind.WAITING)


def queue_daily_mails(*, at: datetime) -> list[AccountMail]:
    """Queue the daily mail of everybody on whom something waits, at DAILY_MAIL_HOUR in the zone of the first of her series.

    Who has it of this day is passed over, however often this runs.
    """
    queued = []
    for user in readers_of_daily_mail(at=at):
        hers = series_of(user)
        if not hers:  # her roles ended between the two questions
            continue
        here = at.astimezone(next(iter(hers)).zone)
        due = here.replace(hour=settings.DAILY_MAIL_HOUR, minute=0, second=0, microsecond=0)
        is_hour = due <= here < due + AS_LATE_AS
        if (
            is_hour
            and not _mails().filter(user=user, day=here.date()).exists()
            and waiting_on(hers, reader=user.get_username(), at=at)
        ):
            queued.append(queue_daily_mail(user, day=here.date(), at=at))
    return [mail for mail in queued if mail is not None]


def send_daily_mail(mail_id: int, *, now: Callable[[], datetime]) -> bool:
    """Send one queued mail of what waits, as `send_once` does; none where nothing waits any more, or it is not wanted.

    Raises
    ------
    OSError
        The mail server did not take it.
    """

    def write(mail: AccountMail) -> EmailMessage:
        user = mail.user
        if user is None or not user.is_active or not user.daily_mail:
            raise NeedlessMailError("not_wanted")
        hers = series_of(user)
        if (
            hers and mail.day != now().astimezone(next(iter(hers)).zone).date()
        ):  # it waited too long: the next one says it
            raise NeedlessMailError("not_today")
        matters = waiting_on(hers, reader=user.get_username(), at=now())
        if not matters:
            raise NeedlessMailError("nothing_waits")
        return daily_letter(mail, user, matters)

    return send_once(_mails().select_related("user"), mail_id, write=write, now=now)


def waiting_daily_mails(*, at: datetime) -> list[int]:
    """Return the daily mails to send, oldest first, as `waiting` does."""
    return waiting(_mails(), at=at)
