"""Step 5: every indicator on one scale, more = better; here, and only here, the direction is applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np

from scoring.numerics.composite.ranking import competition_ranks
from scoring.numerics.composite.times import moments
from scoring.numerics.errors import ConstantIndicatorError, MethodError, NonPositiveValueError
from scoring.numerics.types import BoolArray, FloatArray, Normalise, NormaliseMethod, NormaliseRule, Table, Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FLAT = 1e-12  # a range this small against the values themselves is none
Parameters = dict[str, FloatArray]


@dataclass(frozen=True)
class _Columns:
    """The columns that share one rule: values (rows, I) as treated, directions and targets (I,)."""

    codes: tuple[str, ...]
    units: tuple[str, ...]
    when: FloatArray
    values: FloatArray
    sign: FloatArray
    target: FloatArray


def normalise(
    table: Table, tree: Tree, rule: Normalise, frozen: Mapping[str, Mapping[str, float]] | None = None
) -> tuple[Table, dict[str, dict[str, float]]]:
    """Normalise each column by its rule, x ← s·x with the parameters turned along.

    Parameters are taken from all rows given, or from ``frozen`` (by indicator, in the data's terms): the same data give
    the same numbers, other data are placed on the old scale and may leave its range. Ranks are always among the rows given.
    A column without any value stays missing.

    Returns
    -------
    table, parameters
        The normalised table and the numbers to store in a yardstick.

    Raises
    ------
    ConstantIndicatorError
        One value only, or a reference or target at the worst value, where the method needs a spread and the rule states no
        ``constant``: facts indicator.
    MethodError
        Unknown method, missing or impossible parameter: facts indicator.
    NonPositiveValueError
        Goalposts with log, without clip, on a value ≤ 0: facts unit, indicator.

    Source: OECD/JRC Handbook 2008, step 5; formulas as COINr 1.1.14 (n_minmax … n_goalposts).
    """
    unknown = sorted(set(rule.indicators) - set(tree.indicators))
    if unknown:
        raise MethodError(f"normalise: {unknown[0]} is no indicator of the framework", allowed=tree.indicators)
    rules = [rule.indicators.get(code, rule.rule) for code in table.columns]
    when = moments(table)
    out = np.empty_like(table.values)
    stored: dict[str, dict[str, float]] = {}
    for one in dict.fromkeys(rules):
        positions = np.flatnonzero([other == one for other in rules])
        columns = _columns(table, tree, positions, when)
        method = _method(one)
        parameters = method.fit(columns, one) if frozen is None else _thaw(method.names, columns, frozen)
        out[:, positions] = _placed(columns, one, method, parameters)
        for position, code in enumerate(columns.codes):
            found = {name: float(numbers[position]) for name, numbers in parameters.items()}
            stored[code] = {name: number for name, number in found.items() if not np.isnan(number)}
    return table.with_values(out), stored


def _columns(table: Table, tree: Tree, positions: np.ndarray, when: FloatArray) -> _Columns:
    codes = tuple(table.columns[position] for position in positions)
    leaves = [tree.by_code[code] for code in codes]
    return _Columns(
        codes=codes,
        units=table.units,
        when=when,
        values=table.values[:, positions],
        sign=np.array([float(leaf.direction) for leaf in leaves]),
        target=np.array([np.nan if leaf.target is None else leaf.target for leaf in leaves]),
    )


@dataclass(frozen=True)
class _Method:
    """One normalisation: the names of its parameters, how they are found, the width it divides by, and its formula."""

    names: tuple[str, ...]
    fit: Callable[[_Columns, NormaliseRule], Parameters]
    width: Callable[[_Columns, Parameters], FloatArray] | None
    place: Callable[[_Columns, NormaliseRule, Parameters], FloatArray]


def _method(rule: NormaliseRule) -> _Method:
    if rule.method not in _METHODS:
        allowed = get_args(NormaliseMethod)
        raise MethodError(f"normalise: {rule.method} is unknown; allowed are {', '.join(allowed)}", allowed=allowed)
    return _METHODS[rule.method]


def _thaw(names: tuple[str, ...], columns: _Columns, frozen: Mapping[str, Mapping[str, float]]) -> Parameters:
    """Read the parameters back from a yardstick; a column without any value needs none."""
    for column in np.flatnonzero(~np.isnan(columns.values).all(axis=0)):
        code = columns.codes[column]
        lost = [name for name in names if name not in frozen.get(code, {})]
        if lost:
            raise MethodError(f"the yardstick has no {lost[0]} for {code}", indicator=code, parameter=lost[0])
    return {name: np.array([frozen.get(code, {}).get(name, np.nan) for code in columns.codes]) for name in names}


def _placed(columns: _Columns, rule: NormaliseRule, method: _Method, parameters: Parameters) -> FloatArray:
    """Apply the formula; where there is no width to divide by, refuse by name or give the stated constant."""
    if method.width is None:
        return method.place(columns, rule, parameters)
    flat = _flat(columns, method.width(columns, parameters))
    if flat.any() and rule.constant is None:
        code = columns.codes[int(np.argmax(flat))]
        raise ConstantIndicatorError(
            f"{code} has one value only (or its reference or target is the worst value): {rule.method} has no range",
            indicator=code,
            method=rule.method,
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        out = method.place(columns, rule, parameters)
    constant = np.nan if rule.constant is None else rule.constant
    return np.where(flat & ~np.isnan(columns.values), constant, out)


def _flat(columns: _Columns, width: FloatArray) -> BoolArray:
    size = np.fmax.reduce(np.abs(columns.values), axis=0, initial=0.0)
    return np.asarray(width <= FLAT * size)


def _best_worst(columns: _Columns, parameters: Parameters) -> tuple[FloatArray, FloatArray]:
    """Return the worst and the best value after the direction: (min, max) or (−max, −min)."""
    rising = columns.sign > 0
    low, high = parameters["min"], parameters["max"]
    return np.where(rising, low, -high), np.where(rising, high, -low)


def _fit_none(_: _Columns, __: NormaliseRule) -> Parameters:
    return {}


def _fit_range(columns: _Columns, _: NormaliseRule) -> Parameters:
    return {"min": np.fmin.reduce(columns.values, axis=0), "max": np.fmax.reduce(columns.values, axis=0)}


def _range_width(_: _Columns, parameters: Parameters) -> FloatArray:
    return parameters["max"] - parameters["min"]


def _place_minmax(columns: _Columns, rule: NormaliseRule, parameters: Parameters) -> FloatArray:
    """(x − min) / (max − min) · (u − l) + l."""
    worst, best = _best_worst(columns, parameters)
    return (columns.sign * columns.values - worst) / (best - worst) * (rule.upper - rule.lower) + rule.lower


def _fit_moments(columns: _Columns, _: NormaliseRule) -> Parameters:
    count = (~np.isnan(columns.values)).sum(axis=0)
    mean = np.where(count > 0, np.nansum(columns.values, axis=0) / np.maximum(count, 1), np.nan)
    square = np.nansum((columns.values - mean) ** 2, axis=0) / np.maximum(count - 1, 1)
    return {"mean": mean, "sd": np.where(count > 0, np.sqrt(square), np.nan)}


def _place_zscore(columns: _Columns, rule: NormaliseRule, parameters: Parameters) -> FloatArray:
    """(x − mean) / sd(n−1) · s + m."""
    return columns.sign * (columns.values - parameters["mean"]) / parameters["sd"] * rule.sd + rule.mean


def _ascending(columns: _Columns, rule: NormaliseRule) -> FloatArray:
    """Rank each column, the worst 1; NaN where missing."""
    turned = (columns.sign * columns.values).T
    lowest = competition_ranks(-turned).astype(np.float64)
    if rule.ties == "average":
        count = (~np.isnan(turned)).sum(axis=1, keepdims=True)
        lowest = (lowest + count + 1 - competition_ranks(turned)) / 2
    return np.asarray(np.where(np.isnan(turned), np.nan, lowest).T)


def _place_rank(columns: _Columns, rule: NormaliseRule, _: Parameters) -> FloatArray:
    """Rank ascending."""
    return _ascending(columns, rule)


def _place_borda(columns: _Columns, rule: NormaliseRule, _: Parameters) -> FloatArray:
    """Rank − 1."""
    return _ascending(columns, rule) - 1


def _place_percentile_rank(columns: _Columns, rule: NormaliseRule, _: Parameters) -> FloatArray:
    """(rank − 1) / (n − 1), n the values given; a single value is 0."""
    count = (~np.isnan(columns.values)).sum(axis=0)
    return np.asarray((_ascending(columns, rule) - 1) / np.maximum(count - 1, 1))


def _place_distance_to_max(columns: _Columns, _: NormaliseRule, parameters: Parameters) -> FloatArray:
    """1 − (max − x) / (max − min)."""
    worst, best = _best_worst(columns, parameters)
    return 1 - (best - columns.sign * columns.values) / (best - worst)


def _fit_reference(columns: _Columns, rule: NormaliseRule) -> Parameters:
    """Find the reference unit's row at its last time."""
    rows = np.flatnonzero([unit == rule.reference for unit in columns.units])
    if not rows.size:
        raise MethodError(f"distance_to_reference: {rule.reference} is no unit of the table", reference=rule.reference)
    value = columns.values[rows[np.argmax(columns.when[rows])]]
    lost = np.isnan(value) & ~np.isnan(columns.values).all(axis=0)
    if lost.any():
        code = columns.codes[int(np.argmax(lost))]
        raise MethodError(f"distance_to_reference: {rule.reference} has no value of {code}", indicator=code)
    return {**_fit_range(columns, rule), "reference": value}


def _reference_width(columns: _Columns, parameters: Parameters) -> FloatArray:
    return columns.sign * parameters["reference"] - _best_worst(columns, parameters)[0]


def _place_distance_to_reference(columns: _Columns, rule: NormaliseRule, parameters: Parameters) -> FloatArray:
    """1 − (reference − x) / (reference − min)."""
    reference = columns.sign * parameters["reference"]
    worst = _best_worst(columns, parameters)[0]
    distance = 1 - (reference - columns.sign * columns.values) / (reference - worst)
    return np.minimum(distance, 1.0) if rule.cap else distance


def _fit_target(columns: _Columns, rule: NormaliseRule) -> Parameters:
    lost = np.isnan(columns.target)
    if lost.any():
        code = columns.codes[int(np.argmax(lost))]
        raise MethodError(f"distance_to_target: the framework gives {code} no Target", indicator=code)
    parameters = {**_fit_range(columns, rule), "target": columns.target}
    behind = _target_width(columns, parameters) < 0
    if behind.any():
        code = columns.codes[int(np.argmax(behind))]
        raise MethodError(f"distance_to_target: the Target of {code} lies behind the worst value", indicator=code)
    return parameters


def _target_width(columns: _Columns, parameters: Parameters) -> FloatArray:
    return columns.sign * parameters["target"] - _best_worst(columns, parameters)[0]


def _place_distance_to_target(columns: _Columns, rule: NormaliseRule, parameters: Parameters) -> FloatArray:
    """(x − min) / (target − min)."""
    worst = _best_worst(columns, parameters)[0]
    distance = (columns.sign * columns.values - worst) / (columns.sign * parameters["target"] - worst)
    return np.minimum(distance, 1.0) if rule.cap else distance


def _fit_max(columns: _Columns, _: NormaliseRule) -> Parameters:
    high = np.fmax.reduce(columns.values, axis=0)
    _refuse_fraction(columns, high <= 0, "its maximum is not positive")
    return {"max": high}


def _refuse_fraction(columns: _Columns, refused: BoolArray, why: str) -> None:
    if refused.any():
        code = columns.codes[int(np.argmax(refused))]
        raise MethodError(f"fraction_of_max has no meaning for {code}: {why}", indicator=code)


def _place_fraction_of_max(columns: _Columns, _: NormaliseRule, parameters: Parameters) -> FloatArray:
    """Divide by the maximum: x / max."""
    _refuse_fraction(columns, columns.sign < 0, "its direction is negative")
    return columns.values / parameters["max"]


def _fit_pair(columns: _Columns, rule: NormaliseRule) -> Parameters:
    """Take goalposts or bounds from the rule, in the data's terms whatever the direction."""
    name, pair = ("goalposts", rule.goalposts) if rule.method == "goalposts" else ("bounds", rule.bounds)
    if pair is None or not pair[0] < pair[1] or (rule.log and name == "goalposts" and pair[0] <= 0):
        raise MethodError(
            f"{rule.method} of {columns.codes[0]} needs {name} (lower, upper), rising{' and positive' * rule.log}; got {pair}",
            indicator=columns.codes[0],
            parameter=name,
            got=pair,
        )
    return {name: np.full(len(columns.codes), end) for name, end in zip(("lower", "upper"), pair, strict=True)}


def _place_goalposts(columns: _Columns, rule: NormaliseRule, parameters: Parameters) -> FloatArray:
    """clip((x − l) / (u − l)) · a, on logarithms where asked; a negative direction turns posts and values."""
    low, high, values = parameters["lower"], parameters["upper"], columns.values
    if rule.clip:
        values = np.clip(values, low, high)
    if rule.log:
        _refuse_without_log(columns, values)
        low, high, values = np.log(low), np.log(high), np.log(values)
    return np.where(columns.sign > 0, values - low, high - values) / (high - low) * rule.scale


def _refuse_without_log(columns: _Columns, values: FloatArray) -> None:
    if (values <= 0).any():
        row, column = np.argwhere(values <= 0)[0]
        unit, code = columns.units[row], columns.codes[column]
        raise NonPositiveValueError(
            f"{unit}: no logarithm of {code} ({values[row, column]:g})", unit=unit, indicator=code
        )


def _place_scaled(columns: _Columns, rule: NormaliseRule, parameters: Parameters) -> FloatArray:
    """(x − a) / (b − a) · f; a negative direction turns bounds and values."""
    low, high, values = parameters["lower"], parameters["upper"], columns.values
    return np.where(columns.sign > 0, values - low, high - values) / (high - low) * rule.scale


_METHODS: dict[str, _Method] = {
    "minmax": _Method(("min", "max"), _fit_range, _range_width, _place_minmax),
    "zscore": _Method(("mean", "sd"), _fit_moments, lambda _, parameters: parameters["sd"], _place_zscore),
    "rank": _Method((), _fit_none, None, _place_rank),
    "borda": _Method((), _fit_none, None, _place_borda),
    "percentile_rank": _Method((), _fit_none, None, _place_percentile_rank),
    "distance_to_max": _Method(("min", "max"), _fit_range, _range_width, _place_distance_to_max),
    "distance_to_reference": _Method(
        ("min", "max", "reference"), _fit_reference, _reference_width, _place_distance_to_reference
    ),
    "distance_to_target": _Method(("min", "max", "target"), _fit_target, _target_width, _place_distance_to_target),
    "fraction_of_max": _Method(("max",), _fit_max, None, _place_fraction_of_max),
    "goalposts": _Method(("lower", "upper"), _fit_pair, None, _place_goalposts),
    "scaled": _Method(("lower", "upper"), _fit_pair, None, _place_scaled),
}
