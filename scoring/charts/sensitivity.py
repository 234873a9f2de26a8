"""Which choice matters: the share of the variance that each factor explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scoring.charts.axis import Axis, Figure, axis_of, drawn_axis, inset_of, value
from scoring.charts.errors import check_interval, check_numbers, check_rows
from scoring.charts.rows import ChartSheet, Line, Spec, laid_out, pixel
from scoring.charts.sheet import Texts, chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.charts.look import Look

ROW: Final = 20
BAR: Final = 12


@dataclass(frozen=True, slots=True)
class IndexInterval:
    """A sensitivity index and its bootstrap interval, where there is one."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorBars:
    """A factor's share of the variance on its own, and together with all it interacts with."""

    name: str
    first: IndexInterval
    total: IndexInterval


def sensitivity_bars(
    factors: Sequence[FactorBars],
    *,
    first_name: str,
    total_name: str,
    figure: Figure,
    texts: Texts,
    look: Look,
) -> Spec:
    """Return the chart of indices: under each factor a bar for the first order and one for the total, with whiskers.

    ``first_name`` and ``total_name`` stand beside every bar; ``figure`` prints an index.
    """
    check_rows(factors, "factors")
    for factor in factors:
        for index in (factor.first, factor.total):
            check_numbers(factor.name, index.value)
            check_interval(factor.name, index.low, index.high)
    lines = [
        line
        for factor in factors
        for line in (
            Line(factor.name, kind="head"),
            Line(first_name, (figure(factor.first.value),)),
            Line(total_name, (figure(factor.total.value),)),
        )
    ]
    sheet = laid_out(lines, look, bar=ROW, inset=inset_of(_ends(factors), figure))
    rows = _rows(factors, [y for line, y in zip(lines, sheet.middles, strict=True) if line.kind != "head"])
    axis = axis_of(_ends(factors), sheet, figure)
    return chart(
        texts,
        sheet,
        rows=rows,
        axis=drawn_axis(axis, sheet, figure),
        marks=[*_bars(axis, sheet), *_whiskers(axis, sheet)],
    )


def _ends(factors: Sequence[FactorBars]) -> list[float]:
    indices = [index for factor in factors for index in (factor.first, factor.total)]
    return [end for index in indices for end in (index.value, index.low, index.high) if end is not None]


def _rows(factors: Sequence[FactorBars], middles: Sequence[float]) -> list[dict[str, Any]]:
    indices = [
        (factor.name, order, index)
        for factor in factors
        for order, index in (("first", factor.first), ("total", factor.total))
    ]
    return [
        {
            "factor": name,
            "order": order,
            "value": index.value,
            "low": index.low,
            "high": index.high,
            "y": y,
            "top": y - BAR / 2,
            "bottom": y + BAR / 2,
        }
        for (name, order, index), y in zip(indices, middles, strict=True)
    ]


def _bars(axis: Axis, sheet: ChartSheet) -> list[Spec]:
    return [
        {
            "transform": [{"filter": f"datum.order === '{order}'"}],
            "mark": {"type": "rect", "style": style},
            "encoding": {
                "x": value("value", axis, sheet),
                "x2": {"datum": 0},
                "y": pixel("top"),
                "y2": {"field": "bottom"},
            },
        }
        for order, style in (("first", "bar-focus"), ("total", "bar"))
    ]


def _whiskers(axis: Axis, sheet: ChartSheet) -> list[Spec]:
    ends: list[Spec] = [
        {
            "mark": {"type": "tick", "style": "whisker", "orient": "vertical", "size": 7, "thickness": 1.5},
            "encoding": {"x": value(field, axis, sheet), "y": pixel("y")},
        }
        for field in ("low", "high")
    ]
    return [
        {
            "mark": {"type": "rule", "style": "whisker"},
            "encoding": {"x": value("low", axis, sheet), "x2": {"field": "high"}, "y": pixel("y")},
        },
        *ends,
    ]
