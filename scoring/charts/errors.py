"""Named refusals of the charts, and what is refused."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class ChartError(ValueError):
    """A chart cannot be drawn from these values."""


class EmptyChartError(ChartError):
    """There is nothing to draw: the page says so in words rather than showing an empty frame."""


class ForkedError(RuntimeError):
    """The process was forked from one that had rendered: its renderer would never answer."""


def check_rows(rows: Sequence[object], name: str) -> None:
    """Refuse an empty chart."""
    if not rows:
        raise EmptyChartError(f"{name}: at least one row is needed, got none")


def check_numbers(name: str, *numbers: float | None) -> None:
    """Refuse what is no number; ``None`` stands for an interval that is not known."""
    for number in numbers:
        if number is not None and not math.isfinite(number):
            raise ChartError(f"{name}: finite numbers are needed, got {number}")


def check_interval(name: str, low: float | None, high: float | None) -> None:
    """Refuse half an interval, and one that ends before it begins."""
    check_numbers(name, low, high)
    if (low is None) != (high is None) or (low is not None and high is not None and low > high):
        raise ChartError(f"{name}: an interval needs both ends in order, got {low} and {high}")
