"""A panel at the desk, for its moderators: who is asked, by code and by name only where that was promised."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db.models import Exists, OuterRef

from surveys.models import Mail, Panelist, Round
from surveys.queries.desk.panel_balance import CountedPerson, balance_of
from surveys.queries.desk.people import owed_an_invitation
from surveys.queries.rounds import asks, rounds
from surveys.queries.standing import answered, handed_in

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from surveys.models import Panel
    from surveys.queries.desk.panel_balance import BalancePart
    from surveys.values.rounds import RoundSummary

GONE: Final = frozenset({"withdrawn", "exempted", "declined"})
BEGUN: Final = frozenset({"started", "done"})


@dataclass(frozen=True)
class PanelPerson:
    """One panelist of a panel; ``name`` is empty where names are not shown.

    ``state`` is one of withdrawn, exempted, declined, done, started, invited, and empty before a round has opened;
    ``invitation`` that of the mail (empty: none), ``refusal`` why it was not sent.
    """

    uid: UUID
    code: str
    name: str
    group: str
    field: str
    language: str
    state: str
    invitation: str
    refusal: str
    mails_stopped: bool

    @property
    def is_asked(self) -> bool:
        """Whether answers are expected."""
        return self.state not in GONE


@dataclass(frozen=True)
class PanelPage:
    """A panel, its people and rounds, and what was planned; ``owed`` are codes of whom the open round has not invited."""

    series_slug: str
    series_name: str
    is_demonstration: bool
    is_simulated: bool
    uid: UUID
    name: str
    names_shown: bool
    is_destroyed: bool
    people: tuple[PanelPerson, ...]
    rounds: tuple[RoundSummary, ...]
    owed: tuple[str, ...]
    balance: tuple[BalancePart, ...]

    @property
    def asked(self) -> int:
        """How many are to answer, or have."""
        return sum(person.is_asked for person in self.people)

    @property
    def handed(self) -> int:
        """How many have handed in, in the round that was opened last."""
        return sum(person.state == "done" for person in self.people)

    @property
    def last(self) -> RoundSummary | None:
        """The open round, else the last one, planned or not."""
        found = [one for one in self.rounds if one.is_open] or self.rounds
        return found[-1] if found else None

    @property
    def tells_groups(self) -> bool:
        """Whether group, field and language stand beside a code: where names are hidden, only before anybody was asked."""
        return self.names_shown or not self.has_opened

    @property
    def listed(self) -> tuple[PanelPerson, ...]:
        """The people as they are listed beside how far each is."""
        if self.tells_groups:
            return self.people
        return tuple(replace(one, group="", field="", language="") for one in self.people)

    @property
    def has_opened(self) -> bool:
        """Whether a round was ever opened."""
        return any(one.opens_at and (one.is_open or one.is_closed) for one in self.rounds)


@dataclass(frozen=True)
class PersonMail:
    """One mail to a panelist; ``is_superseded`` where it went to another address, or was given up and sent anew."""

    kind: str
    round: int
    state: str
    refusal: str
    queued_at: datetime
    sent_at: datetime | None
    is_superseded: bool


@dataclass(frozen=True)
class PersonPage:
    """One panelist, what may be done, and her mails, latest first; ``replaces`` and ``replaced_by`` are codes.

    ``email`` is empty where names are not shown; ``has_address`` says whether one is known. ``open_round`` is that which
    owes her an invitation.
    """

    panel: PanelPage
    person: PanelPerson
    email: str
    has_address: bool
    time_zone: str
    weight: float
    language_code: str
    is_weighed: bool
    replaces: str
    replaced_by: str
    open_round: UUID | None
    can_be_taken_out: bool
    is_exempted: bool
    mails: tuple[PersonMail, ...]

    @property
    def is_demonstration(self) -> bool:
        """Whether its data are."""
        return self.panel.is_demonstration

    @property
    def is_simulated(self) -> bool:
        """Whether its judgements are."""
        return self.panel.is_simulated


def panel_page(panel: Panel) -> PanelPage:
    """Read a panel; six queries, however many people it has."""
    told = rounds(panel.uid)
    last = panel.rounds.exclude(state=Round.State.DRAFT).order_by("-number").first()
    rows = _people(panel, last)
    invitations = _invitations(last)
    people = tuple(_person(panel, row, last, invitations.get(row.pk)) for row in rows)
    is_open = last is not None and last.state == Round.State.OPEN
    owed = owed_an_invitation(last).order_by("code").values_list("code", flat=True) if last and is_open else ()
    return PanelPage(
        series_slug=panel.series.slug,
        series_name=panel.series.name,
        is_demonstration=panel.series.is_demonstration,
        is_simulated=panel.is_simulated,
        uid=panel.uid,
        name=panel.name,
        names_shown=panel.names_shown,
        is_destroyed=panel.pairs_destroyed_at is not None,
        people=people,
        rounds=told,
        owed=tuple(owed),
        balance=balance_of(panel.plan or {}, [_counted(row, one) for row, one in zip(rows, people, strict=True)]),
    )


def person_page(panel: Panel, uid: UUID) -> PersonPage:
    """Read one panelist of a panel; ten queries.

    Raises
    ------
    Panelist.DoesNotExist
        The panel has none with this uid.
    """
    row = panel.panelists.select_related("replaces").get(uid=uid)
    page = panel_page(panel)
    person = next(one for one in page.people if one.uid == uid)
    mails = tuple(map(_mail, row.mails.select_related("round").order_by("-queued_at", "-pk")))
    replaced_by = row.replaced_by.order_by("pk").values_list("code", flat=True).first()
    last = page.last
    return PersonPage(
        panel=page,
        person=person,
        email=row.email if panel.names_shown else "",
        has_address=bool(row.email),
        time_zone=row.time_zone,
        weight=row.weight,
        language_code=row.language,
        is_weighed=any(one.closed_at for one in page.rounds),
        replaces=row.replaces.code if row.replaces else "",
        replaced_by=replaced_by or "",
        open_round=last.uid if last and last.is_open and row.code in page.owed else None,
        is_exempted=row.is_exempted,
        can_be_taken_out=row.withdrawn_at is None and not mails and not _has_begun(row),
        mails=mails,
    )


def addresses_of(panel: Panel) -> frozenset[str]:
    """Return the addresses of a panel's people in small letters, so that nobody is taken in twice."""
    here = panel.panelists.filter(withdrawn_at=None).exclude(email="").values_list("email", flat=True)
    return frozenset(email.casefold() for email in here)


def _has_begun(row: Panelist) -> bool:
    return row.started_at is not None or row.judgements.exists()


def _people(panel: Panel, last: Round | None) -> list[Panelist]:
    """Return the people by code, with how far they are in a round."""
    here = panel.panelists.order_by("code")
    if last is None:
        return list(here)
    begun = answered(last).filter(panelist=OuterRef("pk"))
    handed = handed_in(last).filter(panelist=OuterRef("pk"))
    return list(here.annotate(begun=Exists(begun), handed=Exists(handed)))


def _counted(row: Panelist, person: PanelPerson) -> CountedPerson:
    reached = person.invitation not in {"", Mail.State.FAILED}
    return CountedPerson(
        by={"group": row.group, "field": row.field, "language": row.language},
        is_asked=person.is_asked,
        is_invited=reached,
        has_begun=person.state in BEGUN,
        has_handed_in=person.state == "done",
    )


def _invitations(last: Round | None) -> dict[int, Mail]:
    """Return the invitations to a round that are of use, by panelist."""
    if last is None:
        return {}
    mails = Mail.objects.filter(round=last, kind=Mail.Kind.INVITATION, superseded_at=None)
    return {mail.panelist_id: mail for mail in mails}


def _person(panel: Panel, row: Panelist, last: Round | None, invitation: Mail | None) -> PanelPerson:
    return PanelPerson(
        uid=row.uid,
        code=row.code,
        name=row.name if panel.names_shown else "",
        group=row.group,
        field=row.field,
        language=str(dict(settings.LANGUAGES).get(row.language, row.language)),
        state=_state(row, last),
        invitation=invitation.state if invitation else "",
        refusal=invitation.error_code if invitation else "",
        mails_stopped=row.mails_stopped_at is not None,
    )


def _state(row: Panelist, last: Round | None) -> str:
    """Return how far she is in the round that was opened last; that she began with her link says so of a first round alone."""
    if row.withdrawn_at is not None:
        return "withdrawn"
    if last is not None and row.handed:  # type: ignore[attr-defined]  # `_people` adds it
        return "done"
    if row.declined_at is not None:
        return "exempted" if row.is_exempted else "declined"
    if last is None or not asks(last, row):
        return ""
    began_with_link = last.follows_id is None and row.started_at is not None
    return "started" if began_with_link or row.begun else "invited"  # type: ignore[attr-defined]  # as above


def _mail(mail: Mail) -> PersonMail:
    return PersonMail(
        kind=mail.kind,
        round=mail.round.number,
        state=mail.state,
        refusal=mail.error_code,
        queued_at=mail.queued_at,
        sent_at=mail.sent_at,
        is_superseded=mail.superseded_at is not None,
    )
