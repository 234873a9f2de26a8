"""Why a unit moved: from where it started, by cause, to where it ended."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, Final

from scoring.charts.axis import Axis, Figure, value
from scoring.charts.errors import ChartError, check_numbers, check_rows
from scoring.charts.rows import ChartSheet, Line, Spec, laid_out, pixel
from scoring.charts.sheet import Texts, chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.charts.look import Look

ROW: Final = 30
BAR: Final = 16
DOT: Final = 5


@dataclass(frozen=True, slots=True)
class SplitPart:
    """What one cause did: above zero it raised the unit, below zero it cost the unit."""

    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSplit:
    """A score or a rank before and after, with their names, and the causes between, in the order drawn.

    ``is_rank`` says that a smaller number is better: a part of +3 then takes the rank from 9 to 6.
    """

    start_name: str
    start: float
    parts: tuple[SplitPart, ...]
    end_name: str
    end: float
    is_rank: bool = False


def change_split(change: ChangeSplit, *, figure: Figure, texts: Texts, look: Look) -> Spec:
    """Return the chart of a change: the start, a bar per cause from where the last one ended, the end.

    Better is on the right, for ranks too. The axis begins near the numbers, so start and end are dots and not bars, and
    every length is printed; ``figure`` prints a number.
    """
    levels = _levels(change)
    share = 0.46 if look.is_narrow else 0.4
    sheet = laid_out(_lines(change, figure), look, bar=ROW, inset=DOT, share=share, is_beside=True)
    axis = _axis(levels, change)
    rows = _rows(change, levels, sheet)
    return chart(
        texts,
        sheet,
        rows=rows,
        axis=[],
        marks=[_links(rows, axis, sheet), *_bars(axis, sheet), _dots(axis, sheet)],
    )


def _levels(change: ChangeSplit) -> list[float]:
    """Return where the unit stands before the first cause and after each; the last must be the end."""
    check_rows(change.parts, "parts")
    check_numbers("change", change.start, change.end, *(part.value for part in change.parts))
    sign = -1 if change.is_rank else 1
    levels = list(accumulate((sign * part.value for part in change.parts), initial=change.start))
    if abs(levels[-1] - change.end) > 1e-6 * max(1.0, *map(abs, levels)):
        raise ChartError(f"parts: must lead from {change.start} to {change.end}, got {levels[-1]}")
    return levels


def _lines(change: ChangeSplit, figure: Figure) -> list[Line]:
    return [
        Line(change.start_name, (figure(change.start),), kind="strong"),
        *(Line(part.name, (signed(part.value, figure),)) for part in change.parts),
        Line(change.end_name, (figure(change.end),), kind="strong"),
    ]


def signed(number: float, figure: Figure) -> str:
    """Return a number with its sign; a number that prints as nothing carries none."""
    text = figure(abs(number))
    if text == figure(0):
        return text
    return f"+{text}" if number > 0 else figure(number)


def _axis(levels: Sequence[float], change: ChangeSplit) -> Axis:
    low, high = min(levels), max(levels)
    if low == high:
        low, high = low - 1, high + 1
    return Axis(low, high, (), is_descending=change.is_rank)


def _rows(change: ChangeSplit, levels: Sequence[float], sheet: ChartSheet) -> list[dict[str, Any]]:
    first, *middles, last = sheet.middles
    parts = [
        {
            "name": part.name,
            "value": part.value,
            "kind": "gain" if part.value >= 0 else "loss",
            "from": levels[position],
            "to": levels[position + 1],
            "y": y,
            "top": y - BAR / 2,
            "bottom": y + BAR / 2,
        }
        for position, (part, y) in enumerate(zip(change.parts, middles, strict=True))
    ]
    return [
        {"name": change.start_name, "value": change.start, "kind": "start", "to": change.start, "y": first},
        *parts,
        {"name": change.end_name, "value": change.end, "kind": "end", "to": change.end, "y": last},
    ]


def _links(rows: Sequence[dict[str, Any]], axis: Axis, sheet: ChartSheet) -> Spec:
    links = [{"at": row["to"], "y": row["y"], "next": after["y"]} for row, after in pairwise(rows)]
    return {
        "data": {"values": links},
        "mark": {"type": "rule", "style": "link"},
        "encoding": {"x": value("at", axis, sheet), "y": pixel("y"), "y2": {"field": "next"}},
    }


def _bars(axis: Axis, sheet: ChartSheet) -> list[Spec]:
    return [
        {
            "transform": [{"filter": f"datum.kind === '{kind}'"}],
            "mark": {"type": "rect", "style": kind},
            "encoding": {
                "x": value("from", axis, sheet),
                "x2": {"field": "to"},
                "y": pixel("top"),
                "y2": {"field": "bottom"},
            },
        }
        for kind in ("gain", "loss")
    ]


def _dots(axis: Axis, sheet: ChartSheet) -> Spec:
    return {
        "transform": [{"filter": "datum.kind === 'start' || datum.kind === 'end'"}],
        "mark": {"type": "point", "style": "dot"},
        "encoding": {"x": value("to", axis, sheet), "y": pixel("y")},
    }
