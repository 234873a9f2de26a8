"""How a round goes, for its moderators: by code, never by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from surveys.models import Comparison, Mail, Round, Submission
from surveys.queries.desk.content import content_status
from surveys.queries.panelist.previous_round import divided_pairs
from surveys.queries.rounds import asked_in, round_summary
from surveys.queries.standing import asked_of, items_of, last_choices, standing
from surveys.states import ROUND

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import Series
    from surveys.models import Panelist
    from surveys.queries.desk.content import LanguageStatus
    from surveys.queries.panelist.previous_round import DividedPair
    from surveys.values.rounds import RoundSummary


@dataclass(frozen=True)
class PanelistProgress:
    """One panelist by code: pairs answered, not needed by her choice, or not her field; handed in; her invitation's state."""

    code: str
    group: str
    language: str
    answered: int
    not_needed: int
    left_out: int
    handed_in: bool
    mail: str


@dataclass(frozen=True)
class RoundPage:
    """A round with the progress of its panel.

    ``divided`` are the pairs of a closed round to ask again, most divided first; ``follows`` is the number of the round
    before, ``following`` the rounds that follow this one.
    """

    series_slug: str
    series_name: str
    panel: str
    summary: RoundSummary
    panelists: tuple[PanelistProgress, ...]
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
    """A round in numbers and by panelist, without what its page tells beside."""

    summary: RoundSummary
    panelists: tuple[PanelistProgress, ...]


def round_standing(series: Series, uid: UUID) -> RoundStanding:
    """Read how far the panel is; eight queries, however many panelists.

    Raises
    ------
    Round.DoesNotExist
        The series has no such round.
    """
    round_ = Round.objects.get(uid=uid, panel__series=series)
    panelists = list(asked_in(round_))
    return RoundStanding(round_summary(uid), _progress(round_, panelists))


def round_page(series: Series, uid: UUID) -> RoundPage:
    """Read a round of the series; ten queries while it is open, five more once it is closed, however many panelists.

    Raises
    ------
    Round.DoesNotExist
        The series has no such round.
    """
    round_ = Round.objects.select_related("panel", "version", "follows").get(uid=uid, panel__series=series)
    panelists = list(asked_in(round_))
    return RoundPage(
        series_slug=series.slug,
        series_name=series.name,
        panel=round_.panel.name,
        summary=round_summary(uid),
        panelists=_progress(round_, panelists),
        languages=content_status(round_.version, [one.language for one in panelists]),
        divided=divided_pairs(round_) if ROUND.allows("divided_pairs", round_.state) else (),
        follows=round_.follows.number if round_.follows else None,
        following=tuple(round_.followed_by.order_by("number").values_list("uid", "number")),
        is_demonstration=series.is_demonstration,
        is_simulated=round_.panel.is_simulated,
    )


def _progress(round_: Round, panelists: list[Panelist]) -> tuple[PanelistProgress, ...]:
    """Count what each panelist answered and what she need not; five queries."""
    mails = dict(Mail.objects.filter(round=round_, kind="invitation").values_list("panelist_id", "state"))
    handed = set(Submission.objects.filter(round=round_).values_list("panelist_id", flat=True))
    asked = dict(
        Comparison.objects.filter(round=round_).order_by().values_list("parent_id").annotate(pairs=Count("pk"))
    )
    choices: dict[int, dict[int, str]] = {}
    for panelist, node, choice in last_choices(round_).values_list("panelist_id", "node_id", "choice"):
        choices.setdefault(panelist, {})[node] = choice
    answered: dict[int, dict[int, int]] = {}
    by_node = standing(round_).order_by().values_list("panelist_id", "comparison__parent_id")
    for panelist, node, pairs in by_node.annotate(pairs=Count("pk")):
        answered.setdefault(panelist, {})[node] = pairs
    follows = round_.follows_id is not None
    found = []
    for one in panelists:
        chosen, given = choices.get(one.pk, {}), answered.get(one.pk, {})
        nodes = [
            asked_of(chosen.get(node, ""), items_of(pairs), pairs, given.get(node, 0), follows)
            for node, pairs in asked.items()
        ]
        found.append(
            PanelistProgress(
                code=one.code,
                group=one.group,
                language=one.language,
                answered=sum(node.answered for node in nodes),
                not_needed=sum(node.not_needed for node in nodes),
                left_out=sum(node.left_out for node in nodes),
                handed_in=one.pk in handed,
                mail=mails.get(one.pk, ""),
            )
        )
    return tuple(found)
