"""Small strips inside a table's cell: a number and its interval on an axis, a unit among all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

RANK_WIDTH: Final = 140
WEIGHT_WIDTH: Final = 200
FIELD_WIDTH: Final = 300
FIELD_MARGIN: Final = 4


@dataclass(frozen=True, slots=True)
class IntervalStrip:
    """A point and the ends of its interval (None without one) on an axis of ``width`` pixels."""

    width: int
    point: float
    low: float | None
    high: float | None

    @property
    def view_box(self) -> str:
        """The drawing's box, with room for half a point at both ends."""
        return f"-4 0 {self.width + 8} 14"


@dataclass(frozen=True, slots=True)
class FieldStrip:
    """A unit among all: ``ticks`` is an SVG path with a stroke a unit, ``own`` (None without a score) and ``median`` pixels."""

    ticks: str
    own: float | None
    median: float


def rank_strip(rank: int, low: int | None, high: int | None, *, total: int) -> IntervalStrip:
    """Place a rank and its interval among ``total``, the first at 0."""

    def pixel(place: int) -> float:
        return round(RANK_WIDTH * (place - 1) / max(total - 1, 1), 1)

    return IntervalStrip(RANK_WIDTH, pixel(rank), *(None if end is None else pixel(end) for end in (low, high)))


def weight_strip(weight: float, low: float | None, high: float | None, *, longest: float) -> IntervalStrip:
    """Place a weight and its interval on an axis from 0 to the longest of the table; what is longer ends with it."""

    def pixel(share: float) -> float:
        return round(WEIGHT_WIDTH * min(share / longest, 1.0), 1)

    return IntervalStrip(WEIGHT_WIDTH, pixel(weight), *(None if end is None else pixel(end) for end in (low, high)))


def field_strip(scores: Sequence[float], own: float | None, median: float) -> FieldStrip:
    """Place a unit's score among all; the axis runs from 0 to 100, and further where scores do."""
    low, high = min((0.0, *scores)), max((100.0, *scores))

    def pixel(score: float) -> float:
        return round(FIELD_MARGIN + (FIELD_WIDTH - 2 * FIELD_MARGIN) * (score - low) / (high - low), 1)

    return FieldStrip(
        ticks="".join(f"M{pixel(score)} 10v14" for score in scores),
        own=None if own is None else pixel(own),
        median=pixel(median),
    )
