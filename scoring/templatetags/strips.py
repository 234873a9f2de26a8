"""Strips inside table cells: where a rank, a weight or a score lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from scoring.charts.strips import field_strip, rank_strip, weight_strip

if TYPE_CHECKING:
    from scoring.queries.published.method import WeightRow
    from scoring.queries.published.ranking import RankingRow
    from scoring.queries.published.unit import Pillar

register = template.Library()


@register.inclusion_tag("partials/interval_strip.html")
def rank_interval(row: RankingRow, total: int) -> dict[str, Any]:
    """Show where a rank and its interval lie among all."""
    return {"strip": rank_strip(row.rank, row.low, row.high, total=total)}


@register.inclusion_tag("partials/interval_strip.html")
def weight_interval(row: WeightRow, longest: float) -> dict[str, Any]:
    """Show a weight and its interval on the axis that all rows share."""
    return {"strip": weight_strip(row.global_weight, row.low, row.high, longest=longest)}


@register.inclusion_tag("partials/field_strip.html")
def pillar_field(pillar: Pillar) -> dict[str, Any]:
    """Show a unit's score of a pillar among all."""
    return {"strip": field_strip(pillar.field, pillar.score, pillar.median)}
