"""Who has which role in a series, who is invited, and what an invitation offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from accounts.models import Role, User
from accounts.role_words import DUTIES, NAMES
from accounts.states import INVITATION, InvitationState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from accounts.models import Invitation, Series


@dataclass(frozen=True, slots=True)
class RoleName:
    """A role: its code, and what it is called."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody with a role in the series: those she has, and those that may be given to her."""

    pk: int
    name: str
    email: str
    is_reader: bool
    roles: tuple[RoleName, ...]
    others: tuple[RoleName, ...]


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that is open, and how its last mail fared: its state, and why it failed."""

    uid: UUID
    email: str
    role: str
    ends_at: datetime
    is_over: bool
    mail_state: str
    mail_error: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """The owners' page of a series."""

    series_slug: str
    series_name: str
    is_demonstration: bool
    is_moderated: bool
    people: tuple[Colleague, ...]
    invited: tuple[Invited, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation's link shows: the offer, who made it, and whether it can still be taken up."""

    series_name: str
    email: str
    role: str
    duties: str
    inviter: str
    ends_at: datetime
    state: str
    is_open: bool
    has_account: bool


def people_page(series: Series, *, reader: User, at: datetime) -> PeoplePage:
    """Read who has which role and who is invited; four queries, however many people."""
    people = tuple(_colleagues(series, reader))
    moderates = any(one.is_reader and any(role.kind == Role.Kind.MODERATOR for role in one.roles) for one in people)
    return PeoplePage(
        series.slug, series.name, series.is_demonstration, moderates, people, tuple(_invited(series, at=at))
    )


def _colleagues(series: Series, reader: User) -> Iterator[Colleague]:
    """Yield the people, owners first."""
    roles: dict[int, set[str]] = {}
    for user_id, kind in Role.objects.filter(series=series, kind__in=NAMES).values_list("user_id", "kind"):
        roles.setdefault(user_id, set()).add(kind)
    users = User.objects.filter(pk__in=roles, is_active=True)
    for user in sorted(users, key=lambda one: (Role.Kind.OWNER not in roles[one.pk], one.get_username())):
        hers = roles[user.pk]
        yield Colleague(
            user.pk,
            user.get_full_name() or user.get_username(),
            user.email,
            user.pk == reader.pk,
            tuple(RoleName(kind.value, str(name)) for kind, name in NAMES.items() if kind in hers),
            tuple(RoleName(kind.value, str(name)) for kind, name in NAMES.items() if kind not in hers),
        )


def _invited(series: Series, *, at: datetime) -> Iterator[Invited]:
    open_ones = series.invitations.filter(state=InvitationState.OPEN).order_by("invited_at", "pk")
    for one in open_ones.prefetch_related("mails"):
        last = max(one.mails.all(), key=lambda mail: (mail.queued_at, mail.pk))
        role = str(NAMES[Role.Kind(one.kind)])
        yield Invited(one.uid, one.email, role, one.ends_at, one.ends_at <= at, last.state, last.error_code)


def offer(invitation: Invitation, *, at: datetime) -> Offer:
    """Read what an invitation offers; ``state`` is "over" where nobody took it up in time."""
    kind, inviter = Role.Kind(invitation.kind), invitation.invited_by
    may = INVITATION.allows("take_up", invitation.state)
    is_over = may and invitation.ends_at <= at
    email = invitation.email
    return Offer(
        invitation.series.name,
        email,
        str(NAMES[kind]),
        str(DUTIES[kind]),
        (inviter.get_full_name() or inviter.get_username()) if inviter else "",
        invitation.ends_at,
        "over" if is_over else invitation.state,
        may and not is_over,
        has_account(email),
    )


def has_account(email: str) -> bool:
    """Say whether somebody signs in with the address, in capital letters or small ones."""
    return User.objects.filter(Q(email__iexact=email) | Q(username__iexact=email)).exists()


def is_begun() -> bool:
    """Say whether anybody has an account."""
    return User.objects.exists()
