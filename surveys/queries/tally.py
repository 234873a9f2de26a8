"""How far a panelist is, counted in the database: what every stored answer is told, without reading her whole sheet."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING

from django.db.models import Count, OuterRef, Subquery

from scoring.numerics.ahp.next_pair import short_set
from surveys.models import Comparison, Judgement, NodeChoice
from surveys.queries.answers import node_choices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from surveys.models import Panelist, Round


@dataclass(frozen=True)
class NodeTally:
    """Pairs answered under one node, and pairs asked of her there."""

    answered: int
    total: int

    @property
    def complete(self) -> bool:
        """Whether nothing is asked of her here any more."""
        return self.answered >= self.total


@dataclass(frozen=True)
class Tally:
    """Pairs answered and asked, by the node's code; nodes that are not her field are left out."""

    nodes: Mapping[str, NodeTally]

    @property
    def answered(self) -> int:
        """Pairs answered in all."""
        return sum(node.answered for node in self.nodes.values())

    @property
    def total(self) -> int:
        """Pairs asked of her in all."""
        return sum(node.total for node in self.nodes.values())


def tally(panelist: Panelist, round_: Round) -> Tally:
    """Count her answers as `expert_sheet` does; two queries, however many pairs."""
    latest = Judgement.objects.filter(panelist=panelist, comparison=OuterRef("pk")).order_by("-version")
    rows = (
        Comparison.objects.filter(round=round_)
        .annotate(latest=Subquery(latest.values("value")[:1]))
        .values("parent__code")
        .annotate(pairs=Count("pk"), answered=Count("latest"))
        .order_by()
    )
    choices = node_choices(panelist, round_)
    return Tally(
        {
            row["parent__code"]: NodeTally(row["answered"], _asked(row["pairs"], row["answered"], choice))
            for row in rows
            if (choice := choices.get(row["parent__code"], "")) != NodeChoice.Choice.SKIP
        }
    )


def _asked(pairs: int, answered: int, choice: str) -> int:
    """Return how many pairs of a node she is asked, by how she chose to answer it."""
    if choice == NodeChoice.Choice.ENOUGH:
        return answered
    items = (1 + isqrt(1 + 8 * pairs)) // 2
    if choice == NodeChoice.Choice.SHORT and pairs == items * (items - 1) // 2:
        return min(pairs, max(answered, short_set(items)))
    return pairs
