"""Parts of a study as bytes, for as long as they wait for each other."""

from __future__ import annotations

import io
import zlib
from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring.numerics.robustness.change import Change
from scoring.numerics.robustness.runs import Runs

if TYPE_CHECKING:
    from scoring.numerics.robustness.study import Part

LEVEL = 1  # ranks hardly shrink, tiers do; more effort saves a hundredth


def pack_part(part: Part) -> bytes:
    """Return a part's values as compressed NPY files by name: types, byte order and shapes go with them.

    Words and decimals travel as text, so that reading never runs what was stored.
    """
    values = {one.name: getattr(part, one.name) for one in fields(part)}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{name: _array(value) for name, value in values.items() if value is not None})
    return zlib.compress(buffer.getvalue(), LEVEL)


def _array(value: Any) -> np.ndarray[Any, Any]:
    return value if isinstance(value, np.ndarray) else np.array(value).astype(np.str_)


def unpack_part(content: bytes) -> Part:
    """Read back what was packed."""
    with np.load(io.BytesIO(zlib.decompress(content)), allow_pickle=False) as stored:
        arrays: dict[str, Any] = dict(stored)
    if "ranks" in arrays:
        return Runs(**arrays)
    for words in ("units", "status", "causes"):
        arrays[words] = tuple(arrays[words].tolist())
    decimals = tuple(tuple(map(Decimal, row)) for row in arrays.pop("score_parts").tolist())
    return Change(**arrays, score_parts=decimals)
