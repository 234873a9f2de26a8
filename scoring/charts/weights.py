"""Weights with their intervals, by node of the framework."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from scoring.charts.axis import Figure, axis_of, drawn_axis, inset_of, marked_intervals
from scoring.charts.errors import check_interval, check_numbers, check_rows
from scoring.charts.rows import Line, Spec, laid_out
from scoring.charts.sheet import Texts, chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.charts.look import Look

ROW = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightInterval:
    """A criterion's weight under its node, and the interval of the weight where one is known."""

    name: str
    node: str
    weight: float
    low: float | None = None
    high: float | None = None
    is_focus: bool = False


def weight_intervals(
    weights: Sequence[WeightInterval], *, figure: Figure, tick: Figure, texts: Texts, look: Look
) -> Spec:
    """Return the chart of weights: under a head per node, in the order given, a dot at the weight and its interval.

    ``figure`` prints a weight beside its row, ``tick`` one under the axis.
    """
    check_rows(weights, "weights")
    for weight in weights:
        check_numbers(weight.name, weight.weight)
        check_interval(weight.name, weight.low, weight.high)
    nodes = dict.fromkeys(weight.node for weight in weights)
    ordered = [(node, [weight for weight in weights if weight.node == node]) for node in nodes]
    lines = [
        line for node, under in ordered for line in (Line(node, kind="head"), *(_line(row, figure) for row in under))
    ]
    rows = [weight for _, under in ordered for weight in under]
    ends = [number for row in rows for number in (row.weight, row.low, row.high) if number is not None]
    sheet = laid_out(lines, look, bar=ROW, inset=inset_of((0, *ends), tick))
    middles = [y for line, y in zip(lines, sheet.middles, strict=True) if line.kind != "head"]
    axis = axis_of(ends, sheet, tick)
    return chart(
        texts,
        sheet,
        rows=[{**asdict(row), "y": y} for row, y in zip(rows, middles, strict=True)],
        axis=drawn_axis(axis, sheet, tick),
        marks=marked_intervals("weight", axis, sheet),
    )


def _line(weight: WeightInterval, figure: Figure) -> Line:
    return Line(weight.name, (figure(weight.weight),), kind="focus" if weight.is_focus else "row")
