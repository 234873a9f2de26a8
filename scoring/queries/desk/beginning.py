"""What a series has to begin an edition with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Case, Q, When
from django.utils import timezone

from scoring.models import Edition
from scoring.queries.desk.repeating import next_slug
from surveys import handover

if TYPE_CHECKING:
    from accounts.models import Series
    from surveys.values.rounds import FrameworkSummary, PanelSummary


@dataclass(frozen=True, slots=True)
class BeginPage:
    """The frameworks an edition may stand on, the panels it may ask, and the editions whose recipe and texts it may have.

    ``proposed`` is a slug that is free.
    """

    series_slug: str
    series_name: str
    is_demonstration: bool
    frameworks: tuple[FrameworkSummary, ...]
    panels: tuple[PanelSummary, ...]
    models: tuple[Edition, ...]
    proposed: str


def begin_page(series: Series) -> BeginPage:
    """Read what an edition may begin with: frozen frameworks and all panels; five queries."""
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
        models=models_for(series),
        proposed=proposed,
    )


def models_for(series: Series) -> tuple[Edition, ...]:
    """Return the editions with a recipe that one of the series may be like: its own, and what demonstrations released."""
    shown = Q(series=series) | Q(series__is_demonstration=True, state=Edition.State.RELEASED)
    found = Edition.objects.filter(shown, recipe__isnull=False).select_related("series", "recipe")
    own_first = Case(When(series=series, then=0), default=1)
    return tuple(found.defer("recipe__content").order_by(own_first, "series__slug", "-slug"))
