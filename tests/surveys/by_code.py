"""A closed round's judgements with the desk's codes for the keys of people, in the order of the codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring.numerics.ahp.disclosure import recoded
from surveys.models import Panelist

if TYPE_CHECKING:
    from scoring.numerics.types import PanelJudgements


def by_code(panel: PanelJudgements) -> PanelJudgements:
    """Return the panel as tests name its people."""
    found = Panelist.objects.filter(uid__in=panel.experts).values_list("uid", "code")
    return recoded(panel, {(str(uid), ""): code for uid, code in found})
