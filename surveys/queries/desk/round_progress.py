"""How a round goes, for its moderators: people by code and how far each is, questions by shares of five people or more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, FilteredRelation, Q

from accounts.names import localised
from scoring.numerics.ahp.disclosure import SMALLEST_GROUP
from surveys.models import Comparison, Panelist, Round
from surveys.queries.desk.content import content_status
from surveys.queries.desk.people import people_of
from surveys.queries.panelist.previous_round import divided_pairs
from surveys.queries.rounds import asked_in, round_summary
from surveys.queries.standing import answered
from surveys.states import ROUND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from accounts.models import Series
    from surveys.queries.desk.content import LanguageStatus
    from surveys.queries.panelist.previous_round import DividedPair
    from surveys.values.people import People
    from surveys.values.rounds import RoundSummary


@dataclass(frozen=True)
class NodeShare:
    """How much of a question is answered, over those who are counted: a share of the pairs it asks."""

    code: str
    name: str
    share: float


@dataclass(frozen=True)
class RoundShares:
    """Shares by question, counted over ``people``: they renew when five more have handed in; nothing of fewer than five."""

    people: int
    nodes: tuple[NodeShare, ...]


@dataclass(frozen=True)
class RoundPage:
    """A round with how far its panel is, question by question.

    ``divided`` are the pairs of a closed round to ask again, most divided first; ``follows`` is the number of the round
    before, ``following`` the rounds that follow this one.
    """

    series_slug: str
    series_name: str
    panel: str
    summary: RoundSummary
    shares: RoundShares
    languages: tuple[LanguageStatus, ...]
    divided: tuple[DividedPair, ...]
    follows: int | None
    following: tuple[tuple[UUID, int], ...]
    is_demonstration: bool
    is_simulated: bool

    @property
    def is_open(self) -> bool:
        """Whether it may be closed."""
        return ROUND.allows("close_round", self.summary.state)

    @property
    def is_planned(self) -> bool:
        """Whether it may be opened."""
        return ROUND.allows("open_round", self.summary.state)

    @property
    def is_closed(self) -> bool:
        """Whether another one may follow it."""
        return ROUND.allows("plan_round", self.summary.state)


@dataclass(frozen=True)
class RoundStanding:
    """A round in numbers, its people and the shares of its questions, without what its page tells beside."""

    summary: RoundSummary
    people: People
    shares: RoundShares


def round_standing(series: Series, uid: UUID, *, at: datetime) -> RoundStanding:
    """Read how far the panel is; nine queries, however many panelists.

    Raises
    ------
    Round.DoesNotExist
        The series has no such round.
    """
    round_ = Round.objects.select_related("panel").get(uid=uid, panel__series=series)
    return RoundStanding(round_summary(uid), people_of(round_, at=at), shares(round_))


def round_page(series: Series, uid: UUID) -> RoundPage:
    """Read a round of the series; ten queries while it is open, five more once it is closed, however many panelists.

    Raises
    ------
    Round.DoesNotExist
        The series has no such round.
    """
    round_ = Round.objects.select_related("panel", "version", "follows").get(uid=uid, panel__series=series)
    return RoundPage(
        series_slug=series.slug,
        series_name=series.name,
        panel=round_.panel.name,
        summary=round_summary(uid),
        shares=shares(round_),
        languages=content_status(round_.version, [one.language for one in asked_in(round_)]),
        divided=divided_pairs(round_) if ROUND.allows("divided_pairs", round_.state) else (),
        follows=round_.follows.number if round_.follows else None,
        following=tuple(round_.followed_by.order_by("number").values_list("uid", "number")),
        is_demonstration=series.is_demonstration,
        is_simulated=round_.panel.is_simulated,
    )


def whole_fives(events: Iterable[tuple[int, bool]]) -> list[int]:
    """Return the people whose shares may be told: all who had handed in when the last five of them had come.

    Five are people who hand in for the first time. Where somebody takes her handing in back, or withdraws, nothing is told
    until five more have come: so what is told differs from all that was told before by five people or more.

    Parameters
    ----------
    events
        In order who handed in (True), took it back or withdrew (False).
    """
    seen: set[int] = set()
    here: dict[int, None] = {}
    told: list[int] = []
    fresh = 0
    for who, handed in events:
        if not handed:
            here.pop(who, None)
            told, fresh = [], 0
            continue
        here[who] = None
        if who in seen:
            continue
        seen.add(who)
        fresh += 1
        if fresh % SMALLEST_GROUP == 0:
            told = list(here)
    return told


def shares(round_: Round) -> RoundShares:
    """Count how much of each question is answered, over those whom `whole_fives` allows; three queries."""
    counted = whole_fives(_events(round_))
    if not counted:
        return RoundShares(0, ())
    given = answered(round_).filter(panelist__in=counted).order_by().values_list("comparison__parent_id")
    pairs = dict(given.annotate(pairs=Count("pk")))
    asked = Comparison.objects.filter(round=round_).values("parent_id", "parent__code", "parent__names")
    nodes = asked.order_by("parent__position").annotate(pairs=Count("pk"))
    return RoundShares(
        len(counted),
        tuple(
            NodeShare(
                node["parent__code"],
                localised(node["parent__names"]) or node["parent__code"],
                pairs.get(node["parent_id"], 0) / (node["pairs"] * len(counted)),
            )
            for node in nodes
        ),
    )


def _events(round_: Round) -> Iterator[tuple[int, bool]]:
    """Give in order who handed in, and who took it back or withdrew since the round opened.

    Whoever withdrew before a freeze took the round has left no trace of her handing in, so it may have been there. After it
    her answers stay.
    """
    rows = (
        Panelist.objects.filter(panel=round_.panel_id)
        .annotate(mine=FilteredRelation("submissions", condition=Q(submissions__round=round_.pk)))
        .filter(Q(mine__isnull=False) | Q(withdrawn_at__isnull=False))
        .order_by("mine__at", "mine__pk")
        .values_list("pk", "withdrawn_at", "mine__at", "mine__receipt")
    )
    handed, left = [], {}
    for who, withdrawn, handed_at, receipt in rows:
        if handed_at is not None:
            handed.append((handed_at, who, receipt != ""))
        if withdrawn and round_.opens_at and withdrawn > round_.opens_at:
            left[who] = withdrawn
    kept = round_.locked_at
    gone = [(withdrawn, who, False) for who, withdrawn in left.items() if kept is None or withdrawn <= kept]
    for _moment, who, is_in in sorted(handed + gone, key=lambda event: event[0]):
        yield who, is_in
