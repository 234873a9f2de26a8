"""Who is asked in a round and how far each is, for its moderators: by code; by name only where that was promised."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from surveys.models import LinkRequest, Mail, Panelist
from surveys.queries.rounds import asked_in
from surveys.queries.standing import answered, handed_in
from surveys.states import LINK_REQUEST
from surveys.values.people import People, Person, Wish

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from surveys.models import Round

MAILED_LATELY = timedelta(days=3)


def to_remind(round_: Round, *, at: datetime) -> QuerySet[Panelist]:
    """Return whom a reminder would reach: unfinished, minus declined, stopped, and mailed in the last three days.

    Who has no invitation yet, and has answered nothing, is owed one and not reminded.
    """
    mails = Mail.objects.filter(panelist=OuterRef("pk"), superseded_at=None)
    lately = mails.filter(queued_at__gt=at - MAILED_LATELY).exclude(state=Mail.State.FAILED)
    bounced = mails.filter(state=Mail.State.FAILED, error_code="recipient_refused")
    begun = answered(round_).filter(panelist=OuterRef("pk"))
    return _mailable(round_).filter(~Exists(lately), ~Exists(bounced), Exists(_invitations(round_)) | Exists(begun))


def owed_an_invitation(round_: Round) -> QuerySet[Panelist]:
    """Return who is asked in a round and has neither been invited at the address that she has now nor answered anything.

    Whose invitation the mail server refused is not among them: first her address is corrected. One that was given up, since
    the mail server did not answer, is owed again.
    """
    begun = answered(round_).filter(panelist=OuterRef("pk"))
    return _mailable(round_).filter(~Exists(_invitations(round_)), ~Exists(begun))


def _invitations(round_: Round) -> QuerySet[Mail]:
    """Return her invitations to a round that are of use: on their way or sent, or refused at the address that she has."""
    hers = Mail.objects.filter(
        panelist=OuterRef("pk"), round=round_, kind=Mail.Kind.INVITATION, superseded_at__isnull=True
    )
    return hers.filter(~Q(state=Mail.State.FAILED) | Q(error_code="recipient_refused"))


def _mailable(round_: Round) -> QuerySet[Panelist]:
    """Return who may be mailed about answering a round: unfinished, with an address, minus declined and stopped.

    Once the end is announced nobody new starts, so only those who started are among them.
    """
    people = Panelist.objects.filter(
        ~Exists(handed_in(round_).filter(panelist=OuterRef("pk"))),
        panel=round_.panel_id,
        withdrawn_at__isnull=True,
        declined_at__isnull=True,
        mails_stopped_at__isnull=True,
    ).exclude(email="")
    return people.filter(started_at__isnull=False) if round_.finish_until else people


def people_of(round_: Round, *, at: datetime) -> People:
    """Read the people of a round; five queries, however many there are."""
    names_shown = round_.panel.names_shown
    mails: dict[int, list[Mail]] = {}
    for mail in Mail.objects.filter(round=round_).order_by("queued_at", "pk"):
        mails.setdefault(mail.panelist_id, []).append(mail)
    rows = asked_in(round_).annotate(
        begun=Exists(answered(round_).filter(panelist=OuterRef("pk"))),
        handed=Exists(handed_in(round_).filter(panelist=OuterRef("pk"))),
    )
    asked = LinkRequest.objects.filter(panelist__panel=round_.panel_id).select_related("panelist")
    return People(
        names_shown=names_shown,
        people=tuple(
            _person(row, mails.get(row.pk, []), named=names_shown, is_first=round_.follows_id is None) for row in rows
        ),
        to_remind=tuple(to_remind(round_, at=at).order_by("code").values_list("code", flat=True)),
        owed=tuple(owed_an_invitation(round_).order_by("code").values_list("code", flat=True)),
        wishes=tuple(_wish(one) for one in asked.order_by("-state", "-asked_at")),
    )


def _person(row: Panelist, mails: list[Mail], *, named: bool, is_first: bool) -> Person:
    invitations = [mail for mail in mails if mail.kind == Mail.Kind.INVITATION and mail.superseded_at is None]
    invitation = invitations[-1] if invitations else None
    begun, handed = (bool(getattr(row, told, False)) for told in ("begun", "handed"))
    return Person(
        code=row.code,
        name=row.name if named else "",
        group=row.group,
        language=row.language,
        state=_state(row, begun=begun, handed=handed, is_first=is_first),
        invitation=invitation.state if invitation else "",
        refusal=invitation.error_code if invitation else "",
        reminders=sum(mail.kind == Mail.Kind.REMINDER and mail.state != Mail.State.FAILED for mail in mails),
        mails_stopped=row.mails_stopped_at is not None,
    )


def _state(row: Panelist, *, begun: bool, handed: bool, is_first: bool) -> str:
    """Return how far she is in this round; that she began with her link says so of a first round alone."""
    if handed:
        return "done"
    if row.declined_at is not None:
        return "declined"
    return "started" if begun or (is_first and row.started_at is not None) else "invited"


def _wish(row: LinkRequest) -> Wish:
    code, address = (row.panelist.code, row.panelist.email) if row.panelist else ("", "")
    is_open = LINK_REQUEST.allows("settle_request", row.state)
    return Wish(row.uid, code, row.kind, row.email, row.asked_at, is_open, has_address=bool(address))
