"""What the next edition takes over from one, and what not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.models import Edition
    from surveys.values.rounds import FrameworkContent, PanelSummary


@dataclass(frozen=True, slots=True)
class RepeatedPanel:
    """A panel, and how many of its people may be asked again."""

    panel: PanelSummary
    willing: int


@dataclass(frozen=True, slots=True)
class RepeatPage:
    """An edition, and what the next one begins with; ``proposed`` is a slug for it, empty where none follows by itself."""

    series_slug: str
    series_name: str
    is_demonstration: bool
    slug: str
    framework: FrameworkContent | None
    panels: tuple[RepeatedPanel, ...]
    recipe_number: int | None
    limits: Mapping[str, str]
    proposed: str


def repeat_page(edition: Edition) -> RepeatPage:
    """Read what would be taken over; seven queries."""
    asked = [one.panel_uid for one in edition.panels.all()]
    willing = handover.willing(asked)
    panels = tuple(
        RepeatedPanel(panel, willing[panel.uid])
        for panel in handover.panels(edition.series.uid)
        if panel.uid in willing
    )
    return RepeatPage(
        series_slug=edition.series.slug,
        series_name=edition.series.name,
        is_demonstration=edition.series.is_demonstration,
        slug=edition.slug,
        framework=handover.framework(edition.framework_uid) if edition.framework_uid else None,
        panels=panels,
        recipe_number=edition.recipe.number if edition.recipe else None,
        limits=edition.limits,
        proposed=next_slug(edition.slug),
    )


def next_slug(slug: str) -> str:
    """Return the slug with the number at its end raised by one: "asia-2023" after "asia-2022"; empty where there is none."""
    found = re.fullmatch(r"(.*?)([0-9]{1,9})", slug)
    return f"{found[1]}{int(found[2]) + 1:0{len(found[2])}d}" if found else ""
