"""Numbers as text: twelve significant digits in what was computed, all digits in what was given."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

COMPUTED = 12
EXACT = 17


def computed_text(value: float | None) -> str:
    """Write a computed number with at most 12 significant digits, the shortest way; missing is empty."""
    return "" if value is None or math.isnan(value) else f"{value + 0.0:.{COMPUTED}g}"


def given_text(value: float | None) -> str:
    """Write a number as it was given, so that it is read back the same; missing is empty."""
    return "" if value is None or math.isnan(value) else repr(float(value)).removesuffix(".0")


def plain(value: Any, digits: int = COMPUTED) -> Any:
    """Return plain JSON data: numbers at so many significant digits, whole ones as integers, NaN as null, the rest as text."""
    if isinstance(value, float):  # first, since large tables are mostly numbers
        rounded = float(f"{value:.{digits}g}")
        return None if not math.isfinite(value) else int(rounded) if rounded.is_integer() else rounded
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist(), digits)
    if isinstance(value, Mapping):
        return {str(key): plain(item, digits) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return plain(sorted(value, key=str), digits)
    if isinstance(value, list | tuple):
        return [plain(item, digits) for item in value]
    return value if value is None or isinstance(value, str | int) else str(value)


def json_text(value: object, *, indent: int | None = 2) -> str:
    """Return a JSON file's text, for people and programs; without ``indent`` in one line, ten times as fast."""
    return json.dumps(plain(value), indent=indent, ensure_ascii=False, allow_nan=False) + "\n"


def fingerprint(value: object) -> str:
    """Return the SHA-256 of plain data as canonical JSON: keys sorted, no blanks, all digits; databases keep it the same."""
    data = plain(value, EXACT)
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def sha256(content: bytes | str) -> str:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()
