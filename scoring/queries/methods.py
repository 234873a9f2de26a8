"""How a release was made: the panel in counts, its weights with spread, consistency and agreement, and the recipe."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from scoring.models import Consensus, ConsensusNode, ConsensusWeight, Edition, ExpertConsistency, Freeze
from scoring.queries.criteria import Criterion, criteria
from scoring.recipe import recipe_from_dict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from scoring.numerics.types import Recipe
    from scoring.queries.publications import Head

FEWEST = 5
BANDS = ((0.5, "very low"), (0.625, "low"), (0.75, "moderate"), (0.875, "high"))
AXIS = 200.0


@dataclass(frozen=True, slots=True)
class WeightRow:
    """A criterion with its share of its parent and of the whole; ``low`` and ``high`` bound nine of ten draws."""

    criterion: Criterion
    local: float
    whole: float
    low: float | None
    high: float | None
    x: float
    x_low: float | None
    x_high: float | None


@dataclass(frozen=True, slots=True)
class NodeRow:
    """Agreement and consistency at one node; middles are left out where fewer than five experts answered it."""

    criterion: Criterion
    experts: int
    s_star: float | None
    band: str
    kendall_w: float | None
    group_cr: float | None
    middle_cr: float | None
    excluded: int


@dataclass(frozen=True, slots=True)
class MethodPage:
    """The method of an edition as frozen."""

    head: Head
    frozen_at: datetime
    fingerprint: str
    experts: int
    s_star: float | None
    band: str
    weights: tuple[WeightRow, ...]
    nodes: tuple[NodeRow, ...]
    method: Mapping[str, Any]
    recipe: Recipe
    has_spread: bool


@dataclass(frozen=True, slots=True)
class DictionaryPage:
    """Every criterion of an edition with its definition."""

    head: Head
    criteria: tuple[Criterion, ...]


def dictionary_page(head: Head) -> DictionaryPage:
    """Return the criteria of a release; one query."""
    return DictionaryPage(head, criteria(head.edition_id))


def method_page(head: Head) -> MethodPage:
    """Return the method of a release; six queries."""
    freeze = Freeze.objects.select_related("recipe").defer("content").get(edition=head.edition_id)
    consensus = Edition.objects.select_related("consensus").get(pk=head.edition_id).consensus
    tree = {criterion.code: criterion for criterion in criteria(head.edition_id)}
    weights = _weights(tree, ConsensusWeight.objects.filter(consensus=freeze.consensus_id))
    return MethodPage(
        head=head,
        frozen_at=freeze.frozen_at,
        fingerprint=freeze.fingerprint,
        experts=consensus.experts if consensus else 0,
        s_star=consensus.s_star if consensus else None,
        band=band(consensus.s_star) if consensus else "",
        weights=weights,
        nodes=_nodes(tree, consensus) if consensus else (),
        method=consensus.method if consensus else {},
        recipe=recipe_from_dict(freeze.recipe.content),
        has_spread=any(row.low is not None for row in weights),
    )


def band(s_star: float | None) -> str:
    """Return the word for a consensus S* (Goepel's bands); empty where it is not defined."""
    if s_star is None:
        return ""
    return next((word for bound, word in BANDS if s_star <= bound), "very high")


def _weights(tree: Mapping[str, Criterion], rows: Sequence[ConsensusWeight] | Any) -> tuple[WeightRow, ...]:
    found = {row.code: row for row in rows}
    top = max((max(row.global_weight, row.high or 0) for row in found.values() if row.parent), default=1.0)

    def on_axis(weight: float | None) -> float | None:
        return None if weight is None else round(AXIS * min(weight / top, 1.0), 1)

    return tuple(
        WeightRow(
            criterion=criterion,
            local=row.local_weight,
            whole=row.global_weight,
            low=row.low,
            high=row.high,
            x=on_axis(row.global_weight) or 0.0,
            x_low=on_axis(row.low),
            x_high=on_axis(row.high),
        )
        for criterion in tree.values()
        if criterion.depth and (row := found.get(criterion.code))
    )


def _nodes(tree: Mapping[str, Criterion], consensus: Consensus) -> tuple[NodeRow, ...]:
    ratios: dict[str, list[float]] = {}
    excluded: dict[str, int] = {}
    for node, cr, included in ExpertConsistency.objects.filter(consensus=consensus).values_list(
        "node", "cr", "included"
    ):
        excluded[node] = excluded.get(node, 0) + (not included)
        if cr is not None:
            ratios.setdefault(node, []).append(cr)
    return tuple(
        NodeRow(
            criterion=tree[row.node],
            experts=row.experts,
            s_star=row.s_star,
            band=band(row.s_star),
            kendall_w=row.kendall_w,
            group_cr=row.group_cr,
            middle_cr=median(ratios[row.node]) if len(ratios.get(row.node, ())) >= FEWEST else None,
            excluded=excluded.get(row.node, 0),
        )
        for row in ConsensusNode.objects.filter(consensus=consensus)
        if row.node in tree
    )
