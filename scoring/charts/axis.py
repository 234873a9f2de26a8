"""The value axis: round ticks in the reader's figures, running from left to right in every language."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

from scoring.charts.look import SMALL
from scoring.charts.rows import AXIS, GAP, ChartSheet, Spec, pixel
from scoring.charts.words import drawn_line, plain, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Figure: TypeAlias = Callable[[float], str]

INSET: Final = 8
SPREAD: Final = 50  # pixels between ticks at the least
RANK_STEPS: Final = (1, 5, *(step * 10**power for power in range(1, 7) for step in (1, 2.5, 5)))


@dataclass(frozen=True, slots=True)
class Axis:
    """A value axis: its ends, and the values that are printed under it."""

    low: float
    high: float
    ticks: tuple[float, ...]
    is_descending: bool = False


def inset_of(values: Iterable[float], figure: Figure) -> float:
    """Return how far figures printed under the ends of an axis reach beyond it."""
    return max(INSET, *(width(plain(figure(end)), SMALL) / 2 for end in values))


def axis_of(values: Sequence[float], sheet: ChartSheet, figure: Figure) -> Axis:
    """Return an axis over the values and zero, with round ticks, as many as their figures leave room for."""
    low, high = min(0.0, *values), max(0.0, *values)
    if low == high:
        high = low + 1
    for count in _counts(sheet):
        step = _round_step((high - low) / count)
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        axis = Axis(low, high, tuple(round(number * step, 12) for number in range(first, last + 1)))
        if _has_room(axis, sheet, figure):
            break
    return axis


def rank_axis(last: float, sheet: ChartSheet, figure: Figure) -> Axis:
    """Return the axis of ranks from the first to the last."""
    high = max(math.ceil(last), 2)
    for count in _counts(sheet):
        step = next(int(step) for step in RANK_STEPS if step * count >= high - 1)
        axis = Axis(1, high, (1, *range(max(step, 2), high + 1, step)))
        if _has_room(axis, sheet, figure):
            break
    return axis


def _counts(sheet: ChartSheet) -> Iterable[int]:
    return range(max(3, int((sheet.right - sheet.left) / SPREAD)), 0, -1)


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9))


def _has_room(axis: Axis, sheet: ChartSheet, figure: Figure) -> bool:
    """Say whether the figures of the axis neither touch nor say the same twice."""
    scale = (sheet.right - sheet.left) / (axis.high - axis.low)
    figures = [plain(figure(tick)) for tick in axis.ticks]
    halves = [width(text, SMALL) / 2 for text in figures]
    gaps = [(after - tick) * scale for tick, after in pairwise(axis.ticks)]
    reach = [half + other + GAP for half, other in pairwise(halves)]
    return len(set(figures)) == len(figures) and all(gap >= least for gap, least in zip(gaps, reach, strict=True))


def drawn_axis(axis: Axis, sheet: ChartSheet, figure: Figure) -> list[Spec]:
    """Return the grid behind the marks and its figures: below the rows, and on a long sheet above them too."""
    x = value("at", axis, sheet)
    grid = [
        _grid([tick for tick in axis.ticks if tick], x, "grid", sheet),
        _grid([tick for tick in axis.ticks if not tick], x, "baseline", sheet),
    ]
    figures = [{"at": tick, "text": drawn_line(plain(figure(tick)))} for tick in axis.ticks]
    places = [sheet.bottom + AXIS / 2 + 2, *([AXIS / 2 - 2] if sheet.top else [])]
    return [layer for layer in grid if layer["data"]["values"]] + [
        {
            "data": {"values": figures},
            "mark": {"type": "text", "style": "axis-figure", "align": "center"},
            "encoding": {"x": x, "y": {"value": place}, "text": {"field": "text", "type": "nominal"}},
        }
        for place in places
    ]


def _grid(ticks: Sequence[float], x: Spec, style: str, sheet: ChartSheet) -> Spec:
    return {
        "data": {"values": [{"at": tick, "top": top, "bottom": end} for tick in ticks for top, end in sheet.spans]},
        "mark": {"type": "rule", "style": style},
        "encoding": {"x": x, "y": pixel("top"), "y2": {"field": "bottom"}},
    }


def value(field: str, axis: Axis, sheet: ChartSheet) -> Spec:
    """Return the encoding of a value on the axis."""
    scale: Spec = {
        "domain": [axis.low, axis.high],
        "range": [round(sheet.left, 1), round(sheet.right, 1)],
        "nice": False,
        "zero": False,
    }
    if axis.is_descending:
        scale["range"] = scale["range"][::-1]
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None}


def marked_intervals(field: str, axis: Axis, sheet: ChartSheet) -> list[Spec]:
    """Return a bar from ``low`` to ``high`` and a dot at the field, grey but for the rows in focus.

    A row whose interval is not known keeps its dot alone: the renderer leaves out marks without a number.
    """
    layers: list[Spec] = []
    for style, test in (("", "!datum.is_focus"), ("-focus", "datum.is_focus")):
        layers += [
            {
                "transform": [{"filter": test}],
                "mark": {"type": "rule", "style": f"interval{style}"},
                "encoding": {"x": value("low", axis, sheet), "x2": {"field": "high"}, "y": pixel("y")},
            },
            {
                "transform": [{"filter": test}],
                "mark": {"type": "point", "style": f"dot{style}"},
                "encoding": {"x": value(field, axis, sheet), "y": pixel("y")},
            },
        ]
    return layers
