"""How sure a unit's tier is: the shares of the draws that put it into each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from scoring.charts.axis import Axis, Figure, value
from scoring.charts.errors import ChartError, check_numbers, check_rows
from scoring.charts.look import SMALL, Look, blended, contrast
from scoring.charts.rows import ChartSheet, Line, Spec, laid_out, pixel
from scoring.charts.sheet import Texts, chart
from scoring.charts.words import drawn_line, plain, width

if TYPE_CHECKING:
    from collections.abc import Sequence

ROW: Final = 24
BAR: Final = 16
WHOLE: Final = Axis(0.0, 1.0, ())
TOKENS: Final = ("tier_1", "tier_2", "tier_3", "tier_4")
LEAST_PERCENT: Final = 12
READABLE: Final = 4.5


@dataclass(frozen=True, slots=True)
class TierName:
    """A tier as it is printed beside a bar, and short, inside one."""

    name: str
    short: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTiers:
    """The shares of the draws that put a unit into each tier, first tier first."""

    name: str
    shares: tuple[float, ...]
    is_focus: bool = False


def tier_shares(
    units: Sequence[UnitTiers],
    *,
    tiers: Sequence[TierName],
    figure: Figure,
    texts: Texts,
    look: Look,
) -> Spec:
    """Return the chart of tier shares: a bar per unit, its parts in the order of the tiers, each with its short name.

    Beside the bar stands the tier of most draws with its share, which ``figure`` prints from a share of one.
    """
    _check(units, tiers)
    lines = [_line(unit, tiers, figure) for unit in units]
    sheet = laid_out(lines, look, bar=ROW)
    rows = [part for unit, y in zip(units, sheet.middles, strict=True) for part in _parts(unit, y)]
    styles = _styles(len(tiers), look)
    marks: list[Spec] = [
        {
            "transform": [{"filter": f"datum.tier === {number}"}],
            "mark": {"type": "rect", "style": f"tier-{number}"},
            "encoding": {
                "x": value("from", WHOLE, sheet),
                "x2": {"field": "to"},
                "y": pixel("top"),
                "y2": {"field": "bottom"},
            },
        }
        for number in range(1, len(tiers) + 1)
    ]
    return chart(texts, sheet, rows=rows, axis=[], marks=[*marks, *_inside(rows, tiers, sheet)], styles=styles)


def _check(units: Sequence[UnitTiers], tiers: Sequence[TierName]) -> None:
    check_rows(units, "units")
    check_rows(tiers, "tiers")
    for unit in units:
        check_numbers(unit.name, *unit.shares)
        if len(unit.shares) != len(tiers):
            raise ChartError(f"{unit.name}: a share for each of {len(tiers)} tiers is needed, got {len(unit.shares)}")
        if min(unit.shares) < 0 or abs(sum(unit.shares) - 1) > 1e-6:
            raise ChartError(f"{unit.name}: shares from 0 that sum to 1 are needed, got {unit.shares}")


def _line(unit: UnitTiers, tiers: Sequence[TierName], figure: Figure) -> Line:
    most = max(unit.shares)
    return Line(
        unit.name, (tiers[unit.shares.index(most)].name, figure(most)), kind="focus" if unit.is_focus else "row"
    )


def _parts(unit: UnitTiers, y: float) -> list[dict[str, Any]]:
    ends = list(accumulate(unit.shares, initial=0.0))
    facts = {"name": unit.name, "is_focus": unit.is_focus, "top": y - BAR / 2, "bottom": y + BAR / 2}
    return [
        {**facts, "tier": position + 1, "share": share, "from": ends[position], "to": ends[position + 1]}
        for position, share in enumerate(unit.shares)
        if share
    ]


def _inside(rows: Sequence[dict[str, Any]], tiers: Sequence[TierName], sheet: ChartSheet) -> list[Spec]:
    layers: list[Spec] = []
    for number, tier in enumerate(tiers, 1):
        text = plain(tier.short)
        least = (width(text, SMALL) + 6) / (sheet.right - sheet.left)
        texts = [
            {
                "text": drawn_line(text),
                "at": (row["from"] + row["to"]) / 2,
                "y": (row["top"] + row["bottom"]) / 2,
            }
            for row in rows
            if row["tier"] == number and row["share"] >= least
        ]
        layers.append(
            {
                "data": {"values": texts},
                "mark": {"type": "text", "style": f"in-tier-{number}", "align": "center"},
                "encoding": {
                    "x": value("at", WHOLE, sheet),
                    "y": pixel("y"),
                    "text": {"field": "text", "type": "nominal"},
                },
            },
        )
    return [layer for layer in layers if layer["data"]["values"]]


# --- colours ------------------------------------------------------------------------------------------------------------


def _styles(count: int, look: Look) -> dict[str, dict[str, Any]]:
    """Return the steps of the one hue, each with the letters that are read best on it.

    Light steps are told from the ground by their edge.
    """
    styles: dict[str, dict[str, Any]] = {}
    for number, (fill, opacity) in enumerate(_steps(count, look), 1):
        edge = {"stroke": look.palette.tier_line, "strokeWidth": 1}
        styles[f"tier-{number}"] = {"color": fill, "fillOpacity": opacity, **edge}
        _, letters = _letters(blended(fill, look.behind, opacity), look)
        styles[f"in-tier-{number}"] = {"color": letters, "fontSize": SMALL}
    return styles


def _steps(count: int, look: Look) -> list[tuple[str, float]]:
    """Return colour and opacity by tier: the page's own where they suffice, else the first, thinner from tier to tier.

    Thinner steps leave out the middle tones, on which no letters can be read.
    """
    colours = asdict(look.palette)
    if count <= len(TOKENS):
        return [(colours[token], 1.0) for token in TOKENS[:count]]
    first = colours[TOKENS[0]]
    thinner = [percent / 100 for percent in range(100, LEAST_PERCENT - 1, -1)]
    readable = [opacity for opacity in thinner if _letters(blended(first, look.behind, opacity), look)[0] >= READABLE]
    return [(first, readable[round(position * (len(readable) - 1) / (count - 1))]) for position in range(count)]


def _letters(fill: str, look: Look) -> tuple[float, str]:
    colours = look.palette
    return max((contrast(colour, fill), colour) for colour in (colours.ink, colours.paper, colours.card))
