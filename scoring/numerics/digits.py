"""Twelve significant digits: what two machines agree on, and what ties and fingerprints may hang on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scoring.numerics.types import FloatArray

DIGITS = 12
MOST = 300
POWERS = 10.0 ** np.arange(-MOST, MOST + 1)


def significant(values: FloatArray) -> FloatArray:
    """Round to 12 significant digits, so that equal numbers tie on every machine; NaN stays NaN."""
    size = np.abs(values)
    places = DIGITS - 1 - np.floor(np.log10(np.where(size > 0, size, 1.0))).astype(np.int64)
    power = POWERS[np.clip(places, -MOST, MOST) + MOST]
    return np.asarray(np.rint(values * power) / power, dtype=np.float64)
