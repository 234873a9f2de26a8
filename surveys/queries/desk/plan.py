"""What a planned round would ask, for whoever changes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from surveys.queries.panelist.previous_round import divided_pairs

if TYPE_CHECKING:
    from uuid import UUID

    from surveys.models import Round
    from surveys.queries.panelist.previous_round import DividedPair


@dataclass(frozen=True)
class PlanPage:
    """A planned round; of one that follows another, the pairs of that one by how divided the panel is.

    ``asked`` are the pairs that it asks, as a form sends them. ``unlisted`` of them have fewer than five answers, so that
    nothing is told of them; they are kept as they are.
    """

    series_slug: str
    series_name: str
    is_demonstration: bool
    uid: UUID
    number: int
    panel: str
    pairs: int
    follows: int | None
    divided: tuple[DividedPair, ...]
    asked: frozenset[str]
    unlisted: tuple[str, ...]


def plan_page(round_: Round) -> PlanPage:
    """Read a planned round; two queries, and those of `divided_pairs` where it follows another."""
    earlier = round_.follows
    divided = divided_pairs(earlier) if earlier else ()
    asked = [f"{a}\t{b}" for a, b in round_.comparisons.values_list("a__code", "b__code")]
    listed = {row.key for row in divided}
    return PlanPage(
        series_slug=round_.panel.series.slug,
        series_name=round_.panel.series.name,
        is_demonstration=round_.panel.series.is_demonstration,
        uid=round_.uid,
        number=round_.number,
        panel=round_.panel.name,
        pairs=len(asked),
        follows=earlier.number if earlier else None,
        divided=divided,
        asked=frozenset(asked),
        unlisted=tuple(one for one in asked if earlier and one not in listed),
    )
