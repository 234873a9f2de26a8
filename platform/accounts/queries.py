"""Who has which role in a series, who is invited, and what an invitation offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Q

from accounts.models import Role, User
from accounts.role_words import DUTIES, NAMES
from accounts.states import INVITATION, InvitationState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from uuid import UUID

    from accounts.models import Invitation, Series

TRUSTED: Final = (Role.Kind.OWNER, Role.Kind.MODERATOR, Role.Kind.REVIEWER)


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role of somebody: its code, what it is called and for, until when, who has it then and who acts in her place.

    Successor and deputy stand as accounts and by name.
    """

    kind: str
    name: str
    duties: str
    last_day: date | None
    successor: int | None
    successor_name: str
    deputy: int | None
    deputy_name: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody with a role in the series."""

    pk: int
    name: str
    email: str
    is_reader: bool
    roles: tuple[HeldRole, ...]


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that is open, and how its last mail fared: its state, and why it failed."""

    uid: UUID
    email: str
    kind: str
    role: str
    ends_at: datetime
    is_over: bool
    mail_state: str
    mail_error: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """The owners' page of a series; ``is_of_one`` where no second person could look at what one has done."""

    series_slug: str
    series_name: str
    is_demonstration: bool
    people: tuple[Colleague, ...]
    invited: tuple[Invited, ...]

    @property
    def is_of_one(self) -> bool:
        """Whether one person alone moderates, reviews and owns."""
        return sum(any(role.kind in TRUSTED for role in one.roles) for one in self.people) < 2

    def colleague(self, pk: int) -> Colleague | None:
        """Return somebody by her account."""
        return next((one for one in self.people if one.pk == pk), None)


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
    """Read who has which role and who is invited; three queries, however many people."""
    people = tuple(_colleagues(series, reader, at=at))
    return PeoplePage(series.slug, series.name, series.is_demonstration, people, tuple(_invited(series, at=at)))


def _colleagues(series: Series, reader: User, *, at: datetime) -> Iterator[Colleague]:
    """Yield the people, owners first."""
    roles: dict[User, dict[str, Role]] = {}
    standing = Role.objects.standing(at).filter(series=series, user__is_active=True)
    for role in standing.select_related("user", "successor", "deputy"):
        roles.setdefault(role.user, {})[role.kind] = role
    for user in sorted(roles, key=lambda one: (Role.Kind.OWNER not in roles[one], one.get_username())):
        held = tuple(_held(roles[user][kind]) for kind in NAMES if kind in roles[user])
        yield Colleague(user.pk, name_of(user), user.email, user.pk == reader.pk, held)


def _held(role: Role) -> HeldRole:
    return HeldRole(
        role.kind,
        str(NAMES[role.kind]),
        str(DUTIES[role.kind]),
        role.last_day,
        role.successor_id,
        name_of(role.successor),
        role.deputy_id,
        name_of(role.deputy),
    )


def name_of(user: User | None) -> str:
    """Return a user's name as colleagues read it; empty for nobody."""
    return (user.get_full_name() or user.get_username()) if user else ""


def _invited(series: Series, *, at: datetime) -> Iterator[Invited]:
    open_ones = series.invitations.filter(state=InvitationState.OPEN).order_by("invited_at", "pk")
    for one in open_ones.prefetch_related("mails"):
        last = max(one.mails.all(), key=lambda mail: (mail.queued_at, mail.pk))
        role = str(NAMES[one.kind])
        yield Invited(one.uid, one.email, one.kind, role, one.ends_at, one.ends_at <= at, last.state, last.error_code)


def offer(invitation: Invitation, *, at: datetime) -> Offer:
    """Read what an invitation offers; ``state`` is "over" where nobody took it up in time."""
    may = INVITATION.allows("take_up", invitation.state)
    is_over = may and invitation.ends_at <= at
    email = invitation.email
    return Offer(
        invitation.series.name,
        email,
        str(NAMES[invitation.kind]),
        str(DUTIES[invitation.kind]),
        name_of(invitation.invited_by),
        invitation.ends_at,
        "over" if is_over else invitation.state,
        may and not is_over,
        has_account(email),
    )


def has_account(email: str) -> bool:
    """Say whether somebody signs in with the address."""
    return user_of(email) is not None


def user_of(name: str) -> User | None:
    """Return who signs in with a mail address or user name, in capital letters or small ones."""
    return User.objects.filter(Q(email__iexact=name) | Q(username__iexact=name)).first()


def is_begun() -> bool:
    """Say whether anybody has an account."""
    return User.objects.exists()
