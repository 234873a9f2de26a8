"""Offer roles in a series by mail, and take them up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Q

from accounts.acts import note
from accounts.errors import AlreadyInvitedError, InvitationStateError
from accounts.models import AccountMail, Invitation, Role, Series
from accounts.states import INVITATION, InvitationState, MailState, check
from accounts.usecases.people import make_account
from accounts.usecases.roles import give_role

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User

OPEN_FOR: Final = timedelta(days=14)


@transaction.atomic
def invite(series: Series, *, email: str, kind: Role.Kind, language: str, by: User, at: datetime) -> Invitation:
    """Offer a role to whoever reads the mails of an address; a mail with the link is queued.

    Raises
    ------
    AlreadyInvitedError
        Whoever has the address has the role, or the same is offered there already: facts["reason"].
    """
    Series.objects.select_for_update().get(pk=series.pk)  # two at once would offer it twice
    hers = Q(user__email__iexact=email) | Q(user__username__iexact=email)
    if Role.objects.standing(at).filter(hers, series=series, kind=kind).exists():
        raise AlreadyInvitedError("whoever has the address has the role", reason="has_role")
    if Invitation.objects.filter(series=series, kind=kind, email__iexact=email, state=InvitationState.OPEN).exists():
        raise AlreadyInvitedError("the same is offered to the address already", reason="is_open")
    invitation = Invitation.objects.create(
        series=series, kind=kind, email=email, language=language, invited_by=by, invited_at=at, ends_at=at + OPEN_FOR
    )
    _queue_mail(invitation, at=at)
    note("invited", f"{kind} of {series.slug}, invitation {invitation.uid}", by=by.get_username(), at=at)
    return invitation


@transaction.atomic
def invite_again(invitation: Invitation, *, by: User, at: datetime) -> Invitation:
    """Mail the link once more, good for as long as a new one; while such a mail waits, another is not queued.

    Raises
    ------
    InvitationStateError
        It is taken up or withdrawn.
    """
    held = _held(invitation, "invite_again")
    held.ends_at = at + OPEN_FOR
    held.save(update_fields=["ends_at"])
    if not held.mails.filter(state=MailState.QUEUED).exists():
        _queue_mail(held, at=at)
    note("invited again", f"invitation {held.uid}", by=by.get_username(), at=at)
    return held


@transaction.atomic
def withdraw_invitation(invitation: Invitation, *, by: User, at: datetime) -> Invitation:
    """Take an offer back: its link opens nothing from now on, and a mail that waits is not sent.

    Raises
    ------
    InvitationStateError
        It is taken up or withdrawn.
    """
    held = _held(invitation, "withdraw_invitation")
    held.state, held.settled_at = InvitationState.WITHDRAWN, at
    held.save(update_fields=["state", "settled_at"])
    note("withdrew", f"invitation {held.uid}", by=by.get_username(), at=at)
    return held


@transaction.atomic
def take_up(invitation: Invitation, *, user: User, at: datetime) -> Role:
    """Give the offered role to who has an account and the link.

    Raises
    ------
    InvitationStateError
        It is taken up, withdrawn or over.
    """
    held = _held(invitation, "take_up", at=at)
    return _taken_up(held, user, at=at)


@transaction.atomic
def take_up_with_new_account(invitation: Invitation, *, name: str, password: str, language: str, at: datetime) -> Role:
    """Make an account for the address that was mailed, and give it the offered role.

    Raises
    ------
    InvitationStateError
        It is taken up, withdrawn or over.
    AddressTakenError
        Somebody signs in with this address.
    """
    held = _held(invitation, "take_up_with_new_account", at=at)
    user = make_account(email=held.email, name=name, password=password, language=language)
    return _taken_up(held, user, at=at)


def _held(invitation: Invitation, act: str, *, at: datetime | None = None) -> Invitation:
    """Lock an invitation that allows the act; where ``at`` is given, it is not over then."""
    held = Invitation.objects.select_for_update(of=("self",)).select_related("series").get(pk=invitation.pk)
    check(INVITATION, act, held.state)
    if at is not None and held.ends_at <= at:
        raise InvitationStateError("the invitation is over", state="over", allowed=INVITATION.allowed(act))
    return held


def _taken_up(held: Invitation, user: User, *, at: datetime) -> Role:
    held.state, held.taken_up_by, held.settled_at = InvitationState.TAKEN_UP, user, at
    held.save(update_fields=["state", "taken_up_by", "settled_at"])
    note("took up", f"invitation {held.uid}", by=user.get_username(), at=at)
    return give_role(user, series=held.series, kind=Role.Kind(held.kind), by=user.get_username(), at=at)


def _queue_mail(invitation: Invitation, *, at: datetime) -> None:
    AccountMail.objects.create(
        kind=AccountMail.Kind.INVITATION,
        email=invitation.email,
        language=invitation.language,
        invitation=invitation,
        queued_at=at,
    )
