"""How a round goes, for its moderators: people by code and how far each is, questions by shares of five people or more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from accounts.names import localised
from scoring.numerics.ahp.disclosure import SMALLEST_GROUP
from surveys.models import Comparison, Round
from surveys.queries.desk.content import content_status
from surveys.queries.desk.people import people_of
from surveys.queries.panelist.previous_round import divided_pairs
from surveys.queries.rounds import asked_in, round_summary
from surveys.queries.standing import answered, handed_in
from surveys.states import ROUND

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from accounts.models import Series
    from surveys.queries.desk.content import LanguageStatus
    from surveys.queries.panelist.previous_round import DividedPair
    from surveys.values.people import People
    from surveys.values.rounds import RoundSummary


@dataclass(frozen=True)
class NodeShare:
    """How much of a question is answered, over all who handed in but the last few: a share of the pairs it asks."""

    code: str
    name: str
    share: float


@dataclass(frozen=True)
class RoundShares:
    """Shares by question, counted over ``people``: the first five, ten, … who handed in; nothing of fewer than five."""

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


def shares(round_: Round) -> RoundShares:
    """Count how much of each question is answered; three queries.

    Only whole fives of people count, in the order they handed in: no later figure tells what fewer than five more did.
    """
    here = handed_in(round_).filter(panelist__withdrawn_at__isnull=True)
    people = list(here.order_by("at", "pk").values_list("panelist_id", flat=True))
    counted = people[: len(people) // SMALLEST_GROUP * SMALLEST_GROUP]
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
