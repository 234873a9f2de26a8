"""Step 4: columns so skewed and heavy-tailed that a few values would decide everything are treated; the rest is left alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np

from scoring.numerics.errors import ConstantIndicatorError, MethodError
from scoring.numerics.types import BoolArray, FloatArray, OutlierMethod, Outliers, Table, Treatment

if TYPE_CHECKING:
    from collections.abc import Mapping

LOG_SHARE = 0.01  # ln(x - min + 0.01 · range): COINr's log_CT
FLAT = 1e-12  # deviations this small against the values themselves are rounding
LOGS = ("log", "log_reflected", "log_shifted")


@dataclass
class _Cut:
    """What is done to each column, one number a column; NaN = not done.

    Values are held between ``low`` and ``high``; then ln(x − low + add), or −ln(high − x + reflected).
    """

    low: FloatArray
    high: FloatArray
    add: FloatArray
    reflected: FloatArray

    NAMES = ("treated_low", "treated_high", "log_add", "log_reflected_add")

    @classmethod
    def none(cls, columns: int) -> _Cut:
        return cls(*(np.full(columns, np.nan) for _ in cls.NAMES))

    @classmethod
    def stored(cls, parameters: Mapping[str, Mapping[str, float]], columns: tuple[str, ...]) -> _Cut:
        """Read the numbers back from a yardstick."""
        return cls(*(np.array([parameters.get(code, {}).get(name, np.nan) for code in columns]) for name in cls.NAMES))

    def to_store(self, column: int) -> dict[str, float]:
        """Give one column's numbers by name, as a yardstick keeps them."""
        numbers = zip(self.NAMES, (self.low, self.high, self.add, self.reflected), strict=True)
        return {name: float(values[column]) for name, values in numbers if not np.isnan(values[column])}

    def apply(self, values: FloatArray) -> FloatArray:
        """Return the treated values (rows, columns)."""
        held = np.fmin(np.fmax(values, self.low), self.high)
        held[np.isnan(values)] = np.nan
        right, left = ~np.isnan(self.add), ~np.isnan(self.reflected)
        held[:, right] = np.log(held[:, right] - self.low[right] + self.add[right])
        held[:, left] = -np.log(self.high[left] - held[:, left] + self.reflected[left])
        return held


def shape(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return sample-adjusted skewness G1 and excess kurtosis G2 of each column (rows, columns), missing values left out.

    G1 = √(n(n−1))/(n−2) · m3/m2^1.5, G2 = (n−1)/((n−2)(n−3)) · ((n+1)·(m4/m2² − 3) + 6) (Joanes & Gill 1998, type 2).
    NaN where they are not defined: under 3 (4) values, or a constant column.
    """
    n = (~np.isnan(values)).sum(axis=0).astype(np.float64)
    size = np.fmax.reduce(np.abs(values), axis=0, initial=0.0)
    centred = values - np.nansum(values, axis=0) / np.maximum(n, 1)
    reach = np.fmax.reduce(np.abs(centred), axis=0, initial=0.0)
    centred /= np.where(reach > 0, reach, 1.0)  # neither measure depends on the unit, and fourth powers stay finite
    square = centred * centred
    m2, m3, m4 = (np.nansum(power, axis=0) / np.maximum(n, 1) for power in (square, square * centred, square * square))
    defined = reach > FLAT * size
    safe = np.where(defined, m2, 1.0)
    skewed, tailed = defined & (n > 2), defined & (n > 3)
    adjust = np.sqrt(n * np.maximum(n - 1, 0)) / np.where(skewed, n - 2, 1.0)
    skewness = np.where(skewed, adjust * m3 / safe**1.5, np.nan)
    spread = (n - 1) / np.where(tailed, (n - 2) * (n - 3), 1.0)
    kurtosis = np.where(tailed, spread * ((n + 1) * (m4 / safe**2 - 3) + 6), np.nan)
    return skewness, kurtosis


def fails(skewness: FloatArray, kurtosis: FloatArray, rule: Outliers) -> BoolArray:
    """Return whether a column needs treatment: |G1| and G2 both at or over their limits; undefined does not fail."""
    return np.asarray((np.abs(skewness) >= rule.skewness) & (kurtosis >= rule.kurtosis))


def treat(
    table: Table, rule: Outliers, frozen: Mapping[str, Mapping[str, float]] | None = None
) -> tuple[Table, tuple[Treatment, ...], dict[str, dict[str, float]]]:
    """Treat the columns the rule picks, as the data stand (before any direction).

    ``winsorise``: while the column fails and fewer than ``max_points`` points were moved, skewness ≥ 0 moves all values at
    the maximum to the next highest, else the minimum likewise; a step that would leave one value only is not taken.
    ``winsorise_then_log``: still failing, the winsorised values are dropped for ln(x − min + 0.01·range) of the originals.
    ``trim``: values beyond the two percentiles (R type 7) are held at them. ``log`` as above, ``log_reflected``
    −ln(max − x + 0.01·range), ``log_shifted`` ln(x − min + 1). With ``frozen`` the stored numbers are applied again
    instead: a value beyond a stored bound is held at it.

    Returns
    -------
    table, treatments, parameters
        The treated table, what was done to each column, and the numbers to store in a yardstick.

    Raises
    ------
    ConstantIndicatorError
        A log forced on a constant column.
    MethodError
        An unknown method, or one forced for a code that is no column.

    Source: OECD/JRC Handbook 2008; COINr 1.1.14 (Treat, winsorise, log_CT).
    """
    if frozen is not None:
        cut = _Cut.stored(frozen, table.columns)
        methods = ["frozen" if cut.to_store(column) else "none" for column in range(len(table.columns))]
    else:
        cut, methods = _cuts(table, rule)
    treated = cut.apply(table.values)
    logged = ~(np.isnan(cut.add) & np.isnan(cut.reflected))
    points = np.where(logged, 0, (treated != table.values).sum(axis=0) - np.isnan(treated).sum(axis=0))
    skewness, kurtosis = shape(treated)
    failing = fails(skewness, kurtosis, rule)
    treatments = tuple(
        Treatment(
            code,
            methods[column],
            int(points[column]),
            float(skewness[column]),
            float(kurtosis[column]),
            not failing[column],
        )
        for column, code in enumerate(table.columns)
    )
    stored = {code: cut.to_store(column) for column, code in enumerate(table.columns)}
    return table.with_values(treated), treatments, stored


def hold(table: Table, frozen: Mapping[str, Mapping[str, float]]) -> Table:
    """Return the table that `treat` gives with stored numbers; nothing is said of its columns' shapes."""
    return table.with_values(_Cut.stored(frozen, table.columns).apply(table.values))


def _cuts(table: Table, rule: Outliers) -> tuple[_Cut, list[str]]:
    """Decide for every column what is done, and name it."""
    asked = np.array(_methods(table, rule), dtype=object)
    forced = np.array([code in rule.indicators for code in table.columns])
    failing = fails(*shape(table.values), rule)
    cut = _Cut.none(len(table.columns))
    done = np.where(failing | forced, asked, "none")
    stepwise = failing & np.isin(asked, ["winsorise", "winsorise_then_log"])
    still = stepwise.copy()
    cut.low[stepwise], cut.high[stepwise], still[stepwise] = _winsorise(table.values[:, stepwise], rule)
    done[np.isin(done, ["winsorise", "winsorise_then_log"])] = "none"
    done[stepwise & ~(np.isnan(cut.low) & np.isnan(cut.high))] = "winsorise"
    done[still & (asked == "winsorise_then_log")] = "log"
    trimmed = done == "trim"
    if trimmed.any():
        cut.low[trimmed], cut.high[trimmed] = np.nanquantile(table.values[:, trimmed], rule.trim, axis=0)
    _set_logs(table, cut, done)
    return cut, list(done)


def _methods(table: Table, rule: Outliers) -> list[str]:
    unknown = sorted(set(rule.indicators) - set(table.columns))
    if unknown:
        raise MethodError(f"outliers: {unknown[0]} is no indicator of the table", allowed=table.columns)
    allowed = get_args(OutlierMethod)
    methods: list[str] = [rule.indicators.get(code, rule.method) for code in table.columns]
    for method in methods:
        if method not in allowed:
            raise MethodError(f"outliers: {method} is unknown; allowed are {', '.join(allowed)}", allowed=allowed)
    return methods


def _set_logs(table: Table, cut: _Cut, done: np.ndarray) -> None:
    """Set the numbers of the logs; they start from the untreated column's ends."""
    logged = np.isin(done, LOGS)
    low, high = np.fmin.reduce(table.values, axis=0), np.fmax.reduce(table.values, axis=0)
    for column in np.flatnonzero(logged & (high <= low)):
        code = table.columns[column]
        raise ConstantIndicatorError(f"{code} has one value only: no log of its range", indicator=code)
    rising, reflected = np.isin(done, ["log", "log_shifted"]), done == "log_reflected"
    cut.low[rising], cut.high[rising] = low[rising], np.nan
    cut.add[rising] = np.where(done == "log_shifted", 1.0, LOG_SHARE * (high - low))[rising]
    cut.high[reflected] = high[reflected]
    cut.reflected[reflected] = (LOG_SHARE * (high - low))[reflected]


def _winsorise(values: FloatArray, rule: Outliers) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return the bounds (NaN = none) and whether a column still fails; all columns step together."""
    current, moved = values.copy(), np.zeros(values.shape, dtype=np.bool_)
    low, high = np.full(values.shape[1], np.nan), np.full(values.shape[1], np.nan)
    most = np.inf if rule.max_points == "all" else rule.max_points
    failing = np.ones(values.shape[1], dtype=np.bool_)
    active = np.flatnonzero(failing & (most > 0))
    while active.size:
        block = current[:, active]
        upward = shape(block)[0] >= 0
        extreme = block == np.where(upward, np.fmax.reduce(block, axis=0), np.fmin.reduce(block, axis=0))
        rest = np.where(extreme, np.nan, block)
        bound = np.where(upward, np.fmax.reduce(rest, axis=0), np.fmin.reduce(rest, axis=0))
        possible = np.fmin.reduce(rest, axis=0) < np.fmax.reduce(rest, axis=0)
        active, upward, bound = active[possible], upward[possible], bound[possible]
        current[:, active] = np.where(extreme[:, possible], bound, block[:, possible])
        moved[:, active] |= extreme[:, possible]
        high[active], low[active] = np.where(upward, bound, high[active]), np.where(upward, low[active], bound)
        failing[active] = fails(*shape(current[:, active]), rule)
        active = active[failing[active] & (moved[:, active].sum(axis=0) < most)]
    return low, high, failing
