"""How much of a ranking belongs to countries and not to the cities in them: of the scores' variance, and of the weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.digits import significant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.numerics.types import BoolArray, FloatArray

MOST = 0.5  # of the variance: above it a score says more of the country than of the city in it


@dataclass(frozen=True, slots=True)
class CountryShares:
    """What of a ranking its countries share, each None where it is not defined.

    ``variance`` is the share of the variance of scores that lies between countries; ``weight`` the share of the weight that
    is on values measured for countries, ``unknown`` on values of which nobody said what they were measured for.
    """

    variance: float | None
    weight: float | None
    unknown: float | None

    @property
    def is_most(self) -> bool:
        """Whether more than half of the variance lies between countries, so that the order within one hardly shows."""
        return self.variance is not None and self.variance > MOST


def country_shares(
    scores: FloatArray,
    countries: Sequence[str],
    weights: FloatArray,
    *,
    present: BoolArray,
    for_country: BoolArray,
    unknown: BoolArray,
) -> CountryShares:
    """Return what of a ranking its countries share.

    Parameters
    ----------
    scores : FloatArray
        (U,) the root's, NaN where the unit has no rank; such units do not count.
    countries : Sequence[str]
        The country of each unit, empty where nobody said; such units do not count in the variance.
    weights : FloatArray
        (I,) global weights of the indicators.
    present, for_country, unknown : BoolArray
        (U, I) whether a unit has the value, whether it was measured for the country, whether nobody said for what.

    Returns
    -------
    CountryShares
        ``variance``: 1 − Σ (y − mean of its country)² / Σ (y − mean)², the correlation ratio η² of scores on countries; None for fewer
        than two units or equal scores. ``weight``, ``unknown``: mean over the units of Σ w over such values / Σ w over the
        values that it has; None without any. 12 significant digits.

    Source: Fisher, R. A. (1925), Statistical methods for research workers, section 45 (correlation ratio).
    """
    ranked = ~np.isnan(scores)
    return CountryShares(
        _between(scores[ranked], np.array(countries, dtype=np.str_)[ranked]),
        _on(for_country[ranked] & present[ranked], present[ranked], weights),
        _on(unknown[ranked] & present[ranked], present[ranked], weights),
    )


def _between(scores: FloatArray, countries: np.ndarray[tuple[int, ...], np.dtype[np.str_]]) -> float | None:
    known = countries != ""
    own = significant(scores[known])  # what ties by its digits differs by nothing
    if len(own) < 2 or np.ptp(own) == 0:
        return None
    place = np.unique(countries[known], return_inverse=True)[1]
    means = np.bincount(place, own) / np.bincount(place)
    whole = float(((own - own.mean()) ** 2).sum())
    return _digits(1 - float(((own - means[place]) ** 2).sum()) / whole)


def _on(such: BoolArray, present: BoolArray, weights: FloatArray) -> float | None:
    has = present @ weights
    counts = has > 0
    return _digits(float((such[counts] @ weights / has[counts]).mean())) if counts.any() else None


def _digits(value: float) -> float:
    return float(significant(np.array(min(max(value, 0.0), 1.0))))
