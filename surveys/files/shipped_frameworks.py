"""Indicator systems that come with the program, after published standards.

Codes and units are those of the standards; every name is our own, and no text of a standard is copied. An indicator's code in
its standard stands in the column ``StandardCode``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from surveys.files.framework import read_framework

if TYPE_CHECKING:
    from surveys.values.framework import FrameworkRow

FOLDER: Final = Path(__file__).parent / "shipped"
STANDARD_CODE: Final = "StandardCode"


@dataclass(frozen=True)
class ShippedFramework:
    """One of them: its key, the standard whose codes it has, and where that is published."""

    key: str
    standard: str
    address: str

    @property
    def rows(self) -> tuple[FrameworkRow, ...]:
        """Its criteria."""
        return _rows(self.key)

    @property
    def indicators(self) -> int:
        """How many indicators it has."""
        return sum(row.kind == "Indicator" for row in self.rows)


SHIPPED: Final = (
    ShippedFramework("sdg11", "SDG 11", "https://unstats.un.org/sdgs/metadata/"),
    ShippedFramework("u4ssc_core", "U4SSC (core)", "https://u4ssc.itu.int/"),
    ShippedFramework("u4ssc", "U4SSC", "https://u4ssc.itu.int/"),
)
BY_KEY: Final = {one.key: one for one in SHIPPED}


@cache
def _rows(key: str) -> tuple[FrameworkRow, ...]:
    return read_framework(f"{key}.csv", (FOLDER / f"{key}.csv").read_bytes())
