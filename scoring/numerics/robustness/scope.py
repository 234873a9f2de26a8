"""What an interval holds and what it does not: told from what was varied, so that nobody takes it for all there is to doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring.numerics.robustness.choices import FACTORS

if TYPE_CHECKING:
    from collections.abc import Collection

ONE_OUT = "leave_one_indicator"


@dataclass(frozen=True, slots=True)
class Scope:
    """What the draws varied, as factors of the recipe, and what they did not, as factors and names of further sources."""

    varied: tuple[str, ...]
    not_varied: tuple[str, ...]


def scope_of(varied: Collection[str], panel_spread: bool | None) -> Scope:
    """Return what intervals over these factors hold.

    Parameters
    ----------
    varied : Collection[str]
        The factors that have more than one choice.
    panel_spread : bool | None
        Whether drawing the experts anew could change a weight; None where no weights were drawn.

    Returns
    -------
    Scope
        ``not_varied`` are the method's factors left as they are; ``which_experts``, where the weights were drawn and
        one expert gave them; ``other_indicators`` where one at a time was left out, else ``indicator_choice``; and what no
        draw varies: ``data_error`` and ``who_was_asked``.
    """
    held: list[str] = [factor for factor in FACTORS if factor not in varied and factor != ONE_OUT]
    if "weights" in varied and panel_spread is False:
        held.append("which_experts")
    held.append("other_indicators" if ONE_OUT in varied else "indicator_choice")
    return Scope(tuple(factor for factor in FACTORS if factor in varied), (*held, "data_error", "who_was_asked"))
