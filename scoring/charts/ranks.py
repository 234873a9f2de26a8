"""Ranks with their intervals: who cannot be told apart."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from scoring.charts.axis import Figure, drawn_axis, inset_of, marked_intervals, rank_axis
from scoring.charts.errors import check_interval, check_numbers, check_rows
from scoring.charts.rows import Line, Spec, laid_out
from scoring.charts.sheet import Texts, chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.charts.look import Look

ROW = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRank:
    """A unit's rank, the median of its draws and their 5th and 95th percentile, where there are draws."""

    name: str
    rank: float
    median: float | None = None
    low: float | None = None
    high: float | None = None
    is_focus: bool = False


def rank_intervals(units: Sequence[UnitRank], *, figure: Figure, texts: Texts, look: Look) -> Spec:
    """Return the chart of ranks: a bar from the 5th to the 95th percentile, a dot at the rank.

    The first rank stands on the left in every language, as on every value axis, and the axis ends where the last interval
    does. ``figure`` prints a rank.
    """
    check_rows(units, "units")
    for unit in units:
        check_numbers(unit.name, unit.rank, unit.median)
        check_interval(unit.name, unit.low, unit.high)
    lines = [Line(unit.name, lead=figure(unit.rank), kind="focus" if unit.is_focus else "row") for unit in units]
    last = max(max(unit.rank, unit.high or 0) for unit in units)
    share = 0.48 if look.is_narrow else 0.4
    sheet = laid_out(lines, look, bar=ROW, inset=inset_of((1, last), figure), share=share, is_beside=True)
    axis = rank_axis(last, sheet, figure)
    return chart(
        texts,
        sheet,
        rows=[{**asdict(unit), "y": y} for unit, y in zip(units, sheet.middles, strict=True)],
        axis=drawn_axis(axis, sheet, figure),
        marks=marked_intervals("rank", axis, sheet),
    )
