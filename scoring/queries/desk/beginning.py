"""What a series has to begin an edition with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from scoring.queries.desk.repeating import next_slug
from surveys import handover

if TYPE_CHECKING:
    from accounts.models import Series
    from surveys.values.rounds import FrameworkSummary, PanelSummary


@dataclass(frozen=True, slots=True)
class BeginPage:
    """The frameworks an edition may stand on and the panels it may ask; ``proposed`` is a slug that is free."""

    series_slug: str
    series_name: str
    is_demonstration: bool
    frameworks: tuple[FrameworkSummary, ...]
    panels: tuple[PanelSummary, ...]
    proposed: str


def begin_page(series: Series) -> BeginPage:
    """Read what an edition may begin with: frozen frameworks and all panels; four queries."""
    taken = set(series.editions.values_list("slug", flat=True))
    proposed = str(timezone.now().astimezone(series.zone).year)
    while proposed in taken:
        proposed = next_slug(proposed)
    return BeginPage(
        series_slug=series.slug,
        series_name=series.name,
        is_demonstration=series.is_demonstration,
        frameworks=tuple(one for one in handover.frameworks(series.uid) if one.is_frozen),
        panels=handover.panels(series.uid),
        proposed=proposed,
    )
