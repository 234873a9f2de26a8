"""The sheet every chart is drawn on: title and subtitle above, grid, marks and names, the source below."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from scoring.charts.errors import ChartError
from scoring.charts.look import SMALL, Look, config
from scoring.charts.rows import AIR, AXIS, GAP, PAD, ChartSheet, Spec, leading, lines_height, pixel
from scoring.charts.words import drawn_line, plain, wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What a chart says, in the reader's language: the finding, measure and unit, the source, and all of it in words."""

    title: str
    subtitle: str
    source: str
    description: str

    def __post_init__(self) -> None:
        """Refuse a chart that leaves one of them out."""
        for field in fields(self):
            if not plain(getattr(self, field.name)):
                raise ChartError(f"{field.name}: a chart needs words, got none")


def chart(
    texts: Texts,
    sheet: ChartSheet,
    *,
    rows: Sequence[Mapping[str, Any]],
    axis: Sequence[Spec],
    marks: Sequence[Spec],
    styles: Mapping[str, Mapping[str, Any]] | None = None,
) -> Spec:
    """Return the specification: grid behind, marks, names, the source below."""
    look = sheet.look
    inner = look.width - 2 * PAD
    foot = sheet.bottom + (AXIS if axis else 0) + GAP
    source = wrapped(plain(texts.source), room=inner, size=SMALL, most=6)
    title, above = _title(texts, look, inner)
    return {
        "$schema": SCHEMA,
        "description": plain(texts.description),
        "title": title,
        "width": inner,
        "height": round(foot + lines_height(source, SMALL)),
        "padding": {"left": PAD, "right": PAD, "top": above, "bottom": PAD},
        "autosize": {"type": "none"},
        "data": {"values": [dict(row) for row in rows]},
        "layer": [*axis, *marks, *sheet.texts, _source(source, look, foot)],
        "config": config(look, styles or {}),
    }


def _title(texts: Texts, look: Look, inner: float) -> tuple[Spec, int]:
    title = wrapped(plain(texts.title), room=inner, size=look.title_size, bold=True, most=6)
    subtitle = wrapped(plain(texts.subtitle), room=inner, size=look.subtitle_size, most=6)
    step, below = leading(title, look.title_size), leading(subtitle, look.subtitle_size)
    height = len(title) * step + AIR + len(subtitle) * below + GAP
    spec = {
        "text": [drawn_line(line, rtl=look.is_rtl) for line in title],
        "subtitle": [drawn_line(line, rtl=look.is_rtl) for line in subtitle],
        "lineHeight": step,
        "subtitleLineHeight": below,
        "subtitlePadding": AIR,
        "frame": "group",
        "offset": GAP,
    }
    return spec, round(height + PAD)


def _source(lines: Sequence[str], look: Look, foot: float) -> Spec:
    step = leading(lines, SMALL)
    rows = [
        {"text": drawn_line(line, rtl=look.is_rtl), "y": round(foot + (position + 0.5) * step, 1)}
        for position, line in enumerate(lines)
    ]
    edge = look.width - 2 * PAD if look.is_rtl else 0
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "style": "source", "align": "right" if look.is_rtl else "left"},
        "encoding": {"x": {"value": edge}, "y": pixel("y"), "text": {"field": "text", "type": "nominal"}},
    }
