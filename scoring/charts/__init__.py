"""Drawings: frozen plain values and translated texts in, one Vega-Lite specification out, SVG from that.

``look`` reads colours, type and sizes from the stylesheet; ``words`` fits texts into room; ``rows``, ``axis`` and ``sheet``
lay out what all charts share; each chart has a file of its own; ``svg`` renders.
"""

from scoring.charts.change import ChangeSplit, SplitPart, change_split
from scoring.charts.errors import ChartError, EmptyChartError, ForkedError
from scoring.charts.look import Look
from scoring.charts.ranks import UnitRank, rank_intervals
from scoring.charts.rows import Spec
from scoring.charts.sensitivity import FactorBars, IndexInterval, sensitivity_bars
from scoring.charts.sheet import Texts
from scoring.charts.svg import render
from scoring.charts.tiers import TierName, UnitTiers, tier_shares
from scoring.charts.weights import WeightInterval, weight_intervals

__all__ = [
    "ChangeSplit",
    "ChartError",
    "EmptyChartError",
    "FactorBars",
    "ForkedError",
    "IndexInterval",
    "Look",
    "Spec",
    "SplitPart",
    "Texts",
    "TierName",
    "UnitRank",
    "UnitTiers",
    "WeightInterval",
    "change_split",
    "rank_intervals",
    "render",
    "sensitivity_bars",
    "tier_shares",
    "weight_intervals",
]
