"""A closed round's judgements with the desk's codes for the keys of people, in the order of the codes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scoring.numerics.ahp.disclosure import relabelled
from surveys.models import Panelist

if TYPE_CHECKING:
    from scoring.numerics.types import PanelJudgements


def by_code(panel: PanelJudgements) -> PanelJudgements:
    """Return the panel as tests name its people."""
    found = Panelist.objects.filter(uid__in=panel.experts).values_list("uid", "code")
    named = relabelled(panel, {str(uid): code for uid, code in found})
    order = sorted(range(len(named.experts)), key=lambda k: named.experts[k])
    return replace(
        named,
        experts=tuple(named.experts[k] for k in order),
        expert_weights=named.expert_weights[order],
        groups=tuple(named.groups[k] for k in order),
        languages=tuple(named.languages[k] for k in order),
        nodes=tuple(replace(judged, matrices=judged.matrices[order]) for judged in named.nodes),
    )
