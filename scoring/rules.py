"""What may be shown of a panel: no name ever, and no group so small that it points at a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scoring.numerics.types import PanelJudgements

SMALLEST_GROUP = 5


def without_small_groups(panel: PanelJudgements) -> PanelJudgements:
    """Return the panel as it may be published: groups of fewer than five experts joined into the group without a name.

    Languages are not told person by person: together with the group they would single people out. What the ranking is
    without a language is published from the weights of all others.
    """
    sizes = Counter(panel.groups)
    groups = tuple(group if sizes[group] >= SMALLEST_GROUP else "" for group in panel.groups)
    if groups == panel.groups and not any(panel.languages):
        return panel
    return replace(panel, groups=groups, languages=())


def languages_to_leave_out(panel: PanelJudgements) -> tuple[str, ...]:
    """Return the languages of five experts or more that leave five others or more, in order."""
    sizes = Counter(panel.languages)
    return tuple(
        language
        for language, size in sorted(sizes.items())
        if language and min(size, len(panel.experts) - size) >= SMALLEST_GROUP
    )
