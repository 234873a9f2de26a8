"""What may be shown of a panel's languages: no group so small that it points at a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.ahp.disclosure import SMALLEST_GROUP, nodes_answered

if TYPE_CHECKING:
    from scoring.numerics.types import PanelJudgements


def languages_to_leave_out(panel: PanelJudgements) -> tuple[str, ...]:
    """Return the languages without which the panel may be weighed and told, in order.

    At every node five people or more of the language answered, or none, and five others or more: what the others say, and
    what they leave of the whole, is of five people at least.
    """
    answers, spoken = nodes_answered(panel), np.array(panel.languages)
    asked = answers.any(axis=0)
    found = []
    for language in sorted({*panel.languages} - {""}):
        there, others = (answers[spoken == language].sum(axis=0), answers[spoken != language].sum(axis=0))
        is_told = (there == 0) | ((there >= SMALLEST_GROUP) & (others >= SMALLEST_GROUP))
        if there.any() and is_told[asked].all():
            found.append(language)
    return tuple(found)
