"""Rows with their names and figures, placed in pixels before anything is rendered.

Nothing depends on fonts that the rendering machine has, and a row costs only its marks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from scoring.charts.look import LABEL, Look
from scoring.charts.words import BETWEEN, drawn_line, is_rtl, joined, plain, width, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Spec: TypeAlias = dict[str, Any]

PAD: Final = 4
GAP: Final = 12
AIR: Final = 6
AXIS: Final = 22
LONG: Final = 480  # a sheet higher than this is read by its upper axis too


@dataclass(frozen=True, slots=True)
class Line:
    """One row of names: ``lead`` stands before the name, ``values`` at the far side; a head has no marks."""

    name: str
    values: tuple[str, ...] = ()
    lead: str = ""
    kind: Literal["row", "focus", "strong", "head"] = "row"

    @property
    def is_bold(self) -> bool:
        """Say whether it stands out."""
        return self.kind != "row"

    @property
    def style(self) -> str:
        """The end of its styles' names."""
        return {"row": "", "focus": "-focus", "strong": "-strong", "head": "-strong"}[self.kind]


@dataclass(frozen=True, slots=True)
class ChartSheet:
    """Where things stand: the axis from ``left`` to ``right``, the middles of the rows' marks, and the texts drawn.

    ``spans`` are the stretches from top to bottom that hold marks and no names.
    """

    look: Look
    left: float
    right: float
    top: float
    bottom: float
    middles: tuple[float, ...]
    spans: tuple[tuple[float, float], ...]
    texts: tuple[Spec, ...]


def laid_out(
    lines: Sequence[Line],
    look: Look,
    *,
    bar: float,
    inset: float = 0,
    share: float = 0.4,
    is_beside: bool = False,
) -> ChartSheet:
    """Return the sheet of the rows; names stand beside the marks where they must or are short enough, else above them.

    ``bar`` is the height that a row's marks need, ``inset`` what figures of the axis need beyond its ends, ``share`` the
    part of the width that names may take.
    """
    lines = [Line(plain(line.name), tuple(map(plain, line.values)), plain(line.lead), line.kind) for line in lines]
    lead = max(width(line.lead, LABEL) for line in lines)
    measure = _Measure(
        look=look,
        bar=bar,
        inset=inset,
        top=AXIS if len(lines) * bar > LONG else 0.0,
        lead=lead + AIR if lead else 0,
        room=(look.width - 2 * PAD) * share - lead,
        values=max(map(_values_width, lines)),
    )
    most = 1 if look.is_narrow else 2
    fits = all(len(_names(line, measure.room, 99)) <= most for line in lines if line.kind != "head")
    return (_beside if fits or is_beside else _above)(lines, measure)


@dataclass(frozen=True, slots=True)
class _Measure:
    """What a sheet has room for: before names, for names, for values, above the rows and in a row."""

    look: Look
    bar: float
    inset: float
    top: float
    lead: float
    room: float
    values: float

    @property
    def inner(self) -> float:
        return self.look.width - 2 * PAD


def _beside(lines: Sequence[Line], measure: _Measure) -> ChartSheet:
    look, writer = measure.look, _Writer(measure)
    middles: list[float] = []
    spans: list[tuple[float, float]] = []
    widest, y = 0.0, measure.top
    for line in lines:
        is_head = line.kind == "head"
        names = _names(line, measure.inner if is_head else measure.room, 4)
        y += AIR if is_head and middles else 0
        height = max(measure.bar, lines_height(names) + 3)
        middle = y + height / 2
        writer.write_names(line, names, middle - (len(names) - 1) * leading(names) / 2)
        writer.write("lead", "lead", middle, line.lead)
        writer.write(f"value{line.style}", "beside", middle, *line.values)
        if not is_head:
            widest = max(widest, *(width(name, LABEL, bold=line.is_bold) for name in names))
            spans = (
                [*spans[:-1], (spans[-1][0], y + height)] if spans and spans[-1][1] == y else [*spans, (y, y + height)]
            )
        middles.append(middle)
        y += height
    left = measure.lead + widest + GAP + measure.inset
    right = measure.inner - measure.inset - (measure.values + GAP if measure.values else 0)
    if look.is_rtl:
        left, right = measure.inner - right, measure.inner - left
    return ChartSheet(look, left, right, measure.top, y, tuple(middles), tuple(spans), tuple(writer.layers()))


def _above(lines: Sequence[Line], measure: _Measure) -> ChartSheet:
    look, writer = measure.look, _Writer(measure)
    middles: list[float] = []
    spans: list[tuple[float, float]] = []
    y = measure.top
    for line in lines:
        values = _values_width(line)
        names = _names(line, measure.inner - (values + GAP if values else 0), 3)
        y += AIR if middles else 0
        writer.write_names(line, names, y + leading(names) / 2)
        writer.write(f"value{line.style}", "above", y + leading(names) / 2, *line.values)
        y += lines_height(names)
        if line.kind != "head":
            spans.append((y, y + measure.bar))
            y += measure.bar
        middles.append(y - measure.bar / 2)
    ends = measure.inset, measure.inner - measure.inset
    return ChartSheet(look, *ends, measure.top, y, tuple(middles), tuple(spans), tuple(writer.layers()))


def _names(line: Line, room: float, most: int) -> list[str]:
    return wrapped(line.name, room=room, size=LABEL, bold=line.is_bold, most=most)


def _values_width(line: Line) -> float:
    return width(BETWEEN.join(line.values), LABEL, bold=line.is_bold)


class _Writer:
    """Collects the texts of a sheet, one layer for all that share a style and an edge."""

    def __init__(self, measure: _Measure) -> None:
        self.measure = measure
        self.found: dict[tuple[str, str, float], list[Spec]] = {}

    def write_names(self, line: Line, names: Sequence[str], first: float) -> None:
        place = "head" if line.kind == "head" else "name"
        for position, name in enumerate(names):
            self.write(f"name{line.style}", place, first + position * leading(names), name)

    def write(self, style: str, place: str, y: float, *texts: str) -> None:
        text = drawn_line(BETWEEN.join(texts)) if len(texts) < 2 else joined(texts, rtl=self.measure.look.is_rtl)
        if text:
            align, x = self._edge(place)
            self.found.setdefault((style, align, round(x, 1)), []).append({"text": text, "y": round(y, 1)})

    def _edge(self, place: str) -> tuple[str, float]:
        # figures end on the right in every language: digits run from left to right and meet at the decimal
        measure, inner = self.measure, self.measure.inner
        places = {
            "head": ("left", 0.0),
            "name": ("left", measure.lead),
            "lead": ("right", measure.lead - AIR),
            "beside": ("right", inner),
            "above": ("right", inner),
        }
        mirrored = {
            "head": ("right", inner),
            "name": ("right", inner - measure.lead),
            "lead": ("right", inner),
            "beside": ("right", measure.values),
            "above": ("left", 0.0),
        }
        return (mirrored if measure.look.is_rtl else places)[place]

    def layers(self) -> Iterable[Spec]:
        for (style, align, x), rows in self.found.items():
            yield {
                "data": {"values": rows},
                "mark": {"type": "text", "style": style, "align": align},
                "encoding": {"x": {"value": x}, "y": pixel("y"), "text": {"field": "text", "type": "nominal"}},
            }


def leading(lines: Sequence[str], size: float = LABEL) -> float:
    """Return the pixels from line to line: Arabic letters need more of them."""
    return round(size * (1.5 if any(map(is_rtl, lines)) else 1.25), 1)


def lines_height(lines: Sequence[str], size: float = LABEL) -> float:
    """Return the pixels that lines take together."""
    return len(lines) * leading(lines, size)


def pixel(field: str) -> Spec:
    """Return the encoding of a place in pixels."""
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}
