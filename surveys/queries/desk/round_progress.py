"""How a round goes, for its moderators: by code, never by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef

from scoring.numerics.ahp.next_pair import short_set
from surveys.models import Comparison, Judgement, Mail, NodeChoice, Panelist, Round, Submission
from surveys.queries.desk.content import content_status
from surveys.queries.panelist.previous_round import divided_pairs
from surveys.queries.rounds import round_summary
from surveys.states import ROUND

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import Series
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
    panelists = list(Panelist.objects.filter(panel=round_.panel_id, withdrawn_at__isnull=True).order_by("code"))
    return RoundStanding(round_summary(uid), _progress(round_, panelists))


def round_page(series: Series, uid: UUID) -> RoundPage:
    """Read a round of the series; ten queries while it is open, four more once it is closed, however many panelists.

    Raises
    ------
    Round.DoesNotExist
        The series has no such round.
    """
    round_ = Round.objects.select_related("panel", "version", "follows").get(uid=uid, panel__series=series)
    panelists = list(Panelist.objects.filter(panel=round_.panel, withdrawn_at__isnull=True).order_by("code"))
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
    short = {node: pairs if round_.follows_id else _short_of(pairs) for node, pairs in asked.items()}
    choices: dict[int, dict[int, str]] = {}
    chosen = NodeChoice.objects.filter(round=round_).order_by("version")
    for panelist, node, choice in chosen.values_list("panelist_id", "node_id", "choice"):
        choices.setdefault(panelist, {})[node] = choice
    later = Judgement.objects.filter(
        panelist=OuterRef("panelist"), comparison=OuterRef("comparison"), version__gt=OuterRef("version")
    )
    standing = Judgement.objects.filter(~Exists(later), comparison__round=round_, value__isnull=False)
    answered: dict[int, dict[int, int]] = {}
    counted = standing.order_by().values_list("panelist_id", "comparison__parent_id").annotate(pairs=Count("pk"))
    for panelist, node, pairs in counted:
        answered.setdefault(panelist, {})[node] = pairs
    found = []
    for one in panelists:
        counts = [
            _parts(choices.get(one.pk, {}).get(node, ""), answered.get(one.pk, {}).get(node, 0), pairs, short[node])
            for node, pairs in asked.items()
        ]
        done, not_needed, left_out = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0, 0)
        handed_in, mail = one.pk in handed, mails.get(one.pk, "")
        found.append(PanelistProgress(one.code, one.group, one.language, done, not_needed, left_out, handed_in, mail))
    return tuple(found)


def _parts(choice: str, answered: int, pairs: int, short: int) -> tuple[int, int, int]:
    """Return what is answered, not needed and left out of a node's pairs by how she chose to answer it."""
    if choice == NodeChoice.Choice.SKIP:
        return 0, 0, pairs
    if choice == NodeChoice.Choice.ENOUGH:
        return answered, pairs - answered, 0
    if choice == NodeChoice.Choice.SHORT:
        return answered, pairs - max(answered, short), 0
    return answered, 0, 0


def _short_of(pairs: int) -> int:
    """Return the size of the short set of a node with so many pairs, all of them asked."""
    return short_set(round((1 + (1 + 8 * pairs) ** 0.5) / 2))
