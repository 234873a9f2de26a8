"""Random numbers that belong to a draw, not to a run: draw d reads its own stretch of one counter-based sequence.

Any block of draws is one vectorised call, and cutting the draws into chunks or giving them to many workers changes nothing.
Source: Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3 (Philox).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

if TYPE_CHECKING:
    from scoring.numerics.types import FloatArray

WORDS = 4  # Philox gives four 64-bit words a counter step
WEIGHTS, RECIPE, SAMPLE, BOOTSTRAP = 0, 1, 2, 3


def uniforms(seed: int, purpose: int, first: int, draws: int, width: int) -> FloatArray:
    """Return ``width`` uniform numbers in (0, 1) for each of the draws ``first`` … ``first + draws - 1``, (draws, width).

    ``purpose`` keeps apart what is drawn under one seed (`WEIGHTS`, `RECIPE`, …).
    """
    steps = -(-width // WORDS)
    words = generator(seed, purpose, skip=first * steps).random((draws, steps * WORDS))
    return np.maximum(words[:, :width], np.finfo(float).tiny)


def generator(seed: int, purpose: int, *, skip: int = 0) -> np.random.Generator:
    """Return the generator of one purpose under a seed, ``skip`` counter steps on."""
    source = np.random.Philox(key=np.array([seed, purpose], dtype=np.uint64))
    source.advance(skip)
    return np.random.Generator(source)


def normals(uniform: FloatArray) -> FloatArray:
    """Return standard normal numbers from uniform ones, by the inverse of the distribution function."""
    return np.asarray(ndtri(uniform))
