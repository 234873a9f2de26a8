"""How a round goes, for its moderators: by code, never by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from surveys.handover import RoundSummary, round_summary
from surveys.models import Mail, Panelist, Round

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import Series


@dataclass(frozen=True)
class PanelistProgress:
    """One panelist by code: pairs answered, whether handed in, and the state of her invitation."""

    code: str
    group: str
    language: str
    answered: int
    handed_in: bool
    mail: str


@dataclass(frozen=True)
class RoundPage:
    """A round with the progress of its panel."""

    series_slug: str
    series_name: str
    panel: str
    summary: RoundSummary
    panelists: tuple[PanelistProgress, ...]
    is_demonstration: bool
    is_simulated: bool

    @property
    def is_open(self) -> bool:
        """Whether it may be closed."""
        return self.summary.state == Round.State.OPEN


def round_page(series: Series, uid: UUID) -> RoundPage:
    """Read a round of the series; four queries, however many panelists.

    Raises
    ------
    Round.DoesNotExist
        The series has no such round.
    """
    round_ = Round.objects.select_related("panel").get(uid=uid, panel__series=series)
    mails = dict(Mail.objects.filter(round=round_, kind="invitation").values_list("panelist_id", "state"))
    rows = (
        Panelist.objects.filter(panel=round_.panel, withdrawn_at__isnull=True)
        .annotate(
            answered=Count("judgements__comparison", filter=Q(judgements__comparison__round=round_), distinct=True),
            handed=Count("submissions", filter=Q(submissions__round=round_), distinct=True),
        )
        .order_by("code")
    )
    return RoundPage(
        series_slug=series.slug,
        series_name=series.name,
        panel=round_.panel.name,
        summary=round_summary(uid),
        panelists=tuple(
            PanelistProgress(row.code, row.group, row.language, row.answered, bool(row.handed), mails.get(row.pk, ""))
            for row in rows
        ),
        is_demonstration=series.is_demonstration,
        is_simulated=round_.panel.is_simulated,
    )
