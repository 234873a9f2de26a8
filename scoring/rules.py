"""What may be shown of a panel: no name ever, and no group so small that it points at a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scoring.numerics.types import PanelJudgements

SMALLEST_GROUP = 5


def without_small_groups(panel: PanelJudgements) -> PanelJudgements:
    """Return the panel with groups of fewer than five experts joined into the group without a name."""
    sizes = Counter(panel.groups)
    groups = tuple(group if sizes[group] >= SMALLEST_GROUP else "" for group in panel.groups)
    return panel if groups == panel.groups else replace(panel, groups=groups)
