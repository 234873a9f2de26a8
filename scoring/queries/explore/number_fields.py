"""Numbers that a reader asks by in an address: read in the digits of her language, refused by field with what is allowed."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    Range = tuple[float, float]

NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
LONGEST: Final = 64
SIGNS: Final = str.maketrans({"−": "-", "٫": ".", "\u00a0": None, "\u200e": None, "\u200f": None, "\u061c": None})


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a field is refused: ``not_a_number``, ``out_of_range`` (``low`` to ``high``) or ``unknown`` (no such criterion)."""

    field: str
    criterion: str
    code: Literal["not_a_number", "out_of_range", "unknown"]
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one kind by criterion, the texts as they were written, and what is refused of them by criterion."""

    values: Mapping[str, float]
    texts: Mapping[str, str]
    refused: Mapping[str, Refused]


def read_numbers(query: Mapping[str, str], prefix: str, allowed: Mapping[str, Range]) -> Numbers:
    """Read ``<prefix>.<code>=<number>`` for the codes allowed; an empty text asks nothing."""
    values: dict[str, float] = {}
    texts: dict[str, str] = {}
    refused: dict[str, Refused] = {}
    for field, raw in query.items():
        kind, dot, code = field.partition(".")
        text = str(raw).strip()[:LONGEST]
        if kind != prefix or not dot or not text:
            continue
        texts[code] = text
        value = read_number(text)
        if code not in allowed:
            refused[code] = Refused(field, code, "unknown")
            continue
        low, high = allowed[code]
        if value is None:
            refused[code] = Refused(field, code, "not_a_number", low, high)
        elif not low <= value <= high:
            refused[code] = Refused(field, code, "out_of_range", low, high)
        else:
            values[code] = value
    return Numbers(values, texts, refused)


def read_number(text: str) -> float | None:
    """Return the number a text writes, in the digits of any language with a decimal point; None where it writes none."""
    plain = "".join(
        str(unicodedata.decimal(mark)) if mark.isdecimal() else mark for mark in text.strip().translate(SIGNS)
    )
    if not NUMBER.fullmatch(plain):
        return None
    value = float(plain)
    return value if math.isfinite(value) else None
