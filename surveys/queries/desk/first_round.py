"""What a panel's first round on a framework would ask, and of whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from surveys.queries.frameworks import sibling_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from surveys.models import FrameworkVersion, Panel


@dataclass(frozen=True)
class FirstRoundPage:
    """The panel, the framework, and how many people would answer how many pairs."""

    series_slug: str
    series_name: str
    is_demonstration: bool
    panel_names: Mapping[str, str]
    framework_names: Mapping[str, str]
    framework_number: int
    people: int
    without_address: int
    pairs: int


def first_round_page(panel: Panel, version: FrameworkVersion) -> FirstRoundPage:
    """Read what would be asked; five queries."""
    people = panel.panelists.filter(withdrawn_at=None)
    return FirstRoundPage(
        series_slug=panel.series.slug,
        series_name=panel.series.name,
        is_demonstration=panel.series.is_demonstration,
        panel_names=panel.names,
        framework_names=version.framework.names,
        framework_number=version.number,
        people=people.count(),
        without_address=people.filter(email="").count(),
        pairs=len(sibling_pairs(version)),
    )
