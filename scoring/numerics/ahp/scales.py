"""Scales: what a judgement of intensity x (1 to 9) is worth as a ratio.

Source: Goepel, K. D. (2018), Comparison of judgment scales of the analytical hierarchy process, IJITDM 18(2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np

from scoring.numerics.errors import MethodError, OffScaleError
from scoring.numerics.types import Scale

if TYPE_CHECKING:
    from collections.abc import Callable

    from scoring.numerics.types import FloatArray

LAST_STEP = 9.0
SLACK = 1e-9  # 1/9 written with ten digits is still on the scale


def scaled(intensity: FloatArray, scale: Scale, n: int) -> FloatArray:
    """Turn intensities into ratios.

    Parameters
    ----------
    intensity : array of any shape
        1 to 9 where a matters more than b, the reciprocal for the other direction; NaN = not answered.
    scale : Scale
        Name of the scale.
    n : int
        Items under the node; balanced-n and the adaptive scales depend on it.

    Returns
    -------
    array of the same shape
        f(x) for x ≥ 1 and 1 / f(1/x) for x < 1.

    Raises
    ------
    OffScaleError
        An intensity lies outside 1/9 to 9; only the linear scale takes any ratio, for it leaves it as it is.
    """
    if scale == "linear":
        return np.asarray(intensity, dtype=float)
    logs = np.abs(np.log(intensity))
    if (logs > np.log(LAST_STEP) + SLACK).any():
        raise OffScaleError(f"the {scale} scale ends at 9 and 1/9", scale=scale, allowed=(1 / LAST_STEP, LAST_STEP))
    step = np.minimum(np.exp(logs), LAST_STEP)
    return np.asarray(_value(step, scale, max(n, 2)) ** np.sign(np.log(intensity)))


def _value(x: FloatArray, scale: Scale, n: int) -> FloatArray:
    """Return the ratio of steps x ≥ 1."""
    if scale == "adaptive-balanced":
        share = 1 / n + (0.9 - 1 / n) * (x - 1) / 8
        return np.asarray(share * (1 - n) / (share - 1))
    formulas: dict[str, Callable[[], FloatArray]] = {
        "log": lambda: np.log2(x + 1),
        "root-square": lambda: np.sqrt(x),
        "inverse-linear": lambda: 9 / (10 - x),
        "balanced": lambda: (9 + x) / (11 - x),
        "balanced-n": lambda: (9 + (n - 1) * x) / (9 + n - x),
        "power": lambda: x**2,
        "geometric": lambda: 2 ** (x - 1),
        "adaptive": lambda: x ** (1 + np.log(n - 1) / np.log(9)),
        "linear": lambda: x,
    }
    if scale not in formulas:
        raise MethodError(f"no scale is named {scale}", parameter="scale", got=scale, allowed=get_args(Scale))
    return np.asarray(formulas[scale]())


def steps(scale: Scale, n: int) -> FloatArray:
    """Return the scale's 17 values from the strongest "b" to the strongest "a"."""
    upward = _value(np.arange(1.0, LAST_STEP + 1), scale, max(n, 2))
    return np.concatenate([1 / upward[:0:-1], upward])


def largest(scale: Scale, n: int) -> float:
    """Return the scale's largest value M, which bounds how far experts can disagree."""
    return float(_value(np.array([LAST_STEP]), scale, max(n, 2))[0])
