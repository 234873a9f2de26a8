"""Step 6: children become their parent, level by level, for one set of weights or for many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np

from scoring.numerics.composite.outranking import borda_points, copeland, kemeny_scores, margins
from scoring.numerics.errors import MethodError, NonPositiveValueError, NotPositiveError
from scoring.numerics.types import Aggregate, AggregateMethod, BoolArray, FloatArray, Table, Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SLACK = 1e-12
SUM_TO_ONE = 1e-10  # weights at 12 digits miss 1 by less: they are shares already
LARGEST_POWER = 20  # beyond it the mean is the best or the worst child, and powers overflow


@dataclass(frozen=True)
class NodePlan:
    """How one node is computed: its method, power and floor, and which of its children are indicators of the table."""

    node: str
    method: AggregateMethod
    power: float
    floor: float
    indicators: tuple[str, ...]
    nodes: tuple[str, ...]

    @property
    def children(self) -> tuple[str, ...]:
        """Indicators first, then nodes: the order of the weights."""
        return (*self.indicators, *self.nodes)


@dataclass(frozen=True)
class _Mean:
    """A mean as f⁻¹(Σ w f(x) / Σ w), and the values f is not defined for."""

    there: Callable[[FloatArray], FloatArray]
    back: Callable[[FloatArray], FloatArray]
    refused: Callable[[FloatArray], BoolArray] | None = None

    def to(self, values: FloatArray) -> FloatArray:
        """Transform; what is refused stands under no weight here and is left out."""
        return self.there(values if self.refused is None else np.where(self.refused(values), np.nan, values))


def plan(tree: Tree, columns: tuple[str, ...], rule: Aggregate) -> tuple[NodePlan, ...]:
    """Say for every node with anything under it how it is computed, children before parents.

    Raises
    ------
    MethodError
        An unknown method or node, ``levels`` or floors that are not one a level, ``power`` without its exponent.
    """
    height = tree.height[tree.root] - 1
    for name, given in (("levels", rule.levels), ("floor", rule.floor if isinstance(rule.floor, tuple) else ())):
        if given and len(given) != height:
            raise MethodError(
                f"aggregate: {name} has {len(given)} entries, the framework {height} levels", allowed=height
            )
    unknown = sorted(set(rule.nodes) - set(tree.nodes))
    if unknown:
        raise MethodError(f"aggregate: {unknown[0]} is no node of the framework", allowed=tree.nodes)
    alive, plans = set(columns), []
    for node in reversed(tree.nodes):
        children = [child for child in tree.children[node] if child in alive]
        if not children:
            continue
        alive.add(node)
        level = tree.height[node] - 2
        method = rule.nodes.get(node, rule.levels[level] if rule.levels else rule.method)
        plans.append(
            NodePlan(
                node=node,
                method=_known(method),
                power=_power(method, rule.power),
                floor=rule.floor[level] if isinstance(rule.floor, tuple) else rule.floor,
                indicators=tuple(child for child in children if tree.by_code[child].is_indicator),
                nodes=tuple(child for child in children if not tree.by_code[child].is_indicator),
            )
        )
    return tuple(plans)


def _known(method: AggregateMethod) -> AggregateMethod:
    allowed = get_args(AggregateMethod)
    if method not in allowed:
        raise MethodError(f"aggregate: {method} is unknown; allowed are {', '.join(allowed)}", allowed=allowed)
    return method


def _power(method: AggregateMethod, power: float | None) -> float:
    if method == "power" and power is None:
        raise MethodError("aggregate: the power mean needs power, its exponent", parameter="power")
    if power is not None and abs(power) > LARGEST_POWER:
        raise MethodError(
            f"aggregate: power is from −{LARGEST_POWER} to {LARGEST_POWER}, here {power:g}", parameter="power"
        )
    return 1.0 if power is None else power


def local_weights(tree: Tree, columns: tuple[str, ...], weights: Mapping[str, float] | None) -> dict[str, float]:
    """Return the local weights as used: siblings sum to 1; a code without data under it has 0; None = the tree's own.

    Siblings that sum to 1 as they are stay as they are, to the last digit.

    Raises
    ------
    MethodError
        No weight for a code.
    NotPositiveError
        A weight below zero, or siblings with data whose weights are all zero.
    """
    given = {code: one.weight for code, one in tree.by_code.items()} if weights is None else dict(weights)
    out = dict.fromkeys((*tree.nodes, *tree.indicators), 0.0)
    out[tree.root] = 1.0
    for one in plan(tree, columns, Aggregate()):
        lost = [child for child in one.children if child not in given]
        if lost:
            raise MethodError(f"there is no weight for {lost[0]}", criteria=lost)
        raw = [given[child] for child in one.children]
        if not all(np.isfinite(raw)) or min(raw) < 0 or sum(raw) <= 0:
            raise NotPositiveError(f"the weights under {one.node} are not ≥ 0 with one above 0: {raw}", node=one.node)
        total = 1.0 if abs(sum(raw) - 1.0) <= SUM_TO_ONE else sum(raw)
        out.update({child: weight / total for child, weight in zip(one.children, raw, strict=True)})
    return out


def aggregate(table: Table, plans: tuple[NodePlan, ...], weights: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Compute every node from the bottom up.

    Parameters
    ----------
    table : Table
        Normalised values, one row a unit (U).
    plans : tuple[NodePlan, ...]
        As `plan` returns them.
    weights : Mapping[str, (...)]
        Local weights by code, scalars or with leading axes (a block of draws); they need not sum to 1.

    Returns
    -------
    dict[str, (..., U)]
        By node. A missing child leaves its weight to its siblings, the same for every method; a node is missing when no
        child (or fewer than the floor share of those with weight) is there.

    Raises
    ------
    NonPositiveValueError
        A value a geometric, harmonic or power mean is not defined for: facts unit, indicator (the child's code), node.
        Indicators are looked at before anything is computed.

    Source: OECD/JRC Handbook 2008, step 6; COINr 1.1.14 (a_amean, a_gmean, a_hmean, a_copeland).
    """
    column = dict(zip(table.columns, table.values.T, strict=True))
    for one in plans:
        _refuse_undefined(one, one.indicators, column, weights, table.units)
    done: dict[str, FloatArray] = {}
    for one in plans:
        _refuse_undefined(one, one.nodes, done, weights, table.units)
        leaves = np.array([column[code] for code in one.indicators]).reshape(len(one.indicators), len(table.units))
        above = [done[code] for code in one.nodes]
        shares = np.stack(
            np.broadcast_arrays(*(np.asarray(weights[code], dtype=np.float64) for code in one.children)), -1
        )
        done[one.node] = _node(one, leaves, above, shares)
    return done


def aggregate_root(table: Table, plans: tuple[NodePlan, ...], weights: Mapping[str, FloatArray]) -> FloatArray:
    """Compute the root alone, (..., U), as `aggregate` does; where all is arithmetic and given, in one matrix product."""
    if any(one.method != "arithmetic" for one in plans) or np.isnan(table.values).any():
        return aggregate(table, plans, weights)[plans[-1].node]
    sums = {one.node: sum((weights[child] for child in one.children), np.zeros(())) for one in plans}
    if any((total <= 0).any() for total in sums.values()):
        return aggregate(table, plans, weights)[plans[-1].node]
    down = {plans[-1].node: np.ones(())}
    for one in reversed(plans):
        share = down[one.node] / sums[one.node]
        down.update({child: share * weights[child] for child in one.children})
    return np.asarray(np.stack([down[code] for code in table.columns], axis=-1) @ table.values.T)


def _refuse_undefined(
    one: NodePlan,
    codes: tuple[str, ...],
    values: Mapping[str, FloatArray],
    weights: Mapping[str, FloatArray],
    units: tuple[str, ...],
) -> None:
    """Refuse the first value that the node's mean is not defined for; a child without weight does not matter."""
    mean = _mean(one)
    if mean is None or mean.refused is None:
        return
    for code in codes:
        bad = mean.refused(values[code]) & (np.asarray(weights[code])[..., None] > 0)
        if bad.any():
            cell = np.argwhere(bad)[0]
            unit, value = units[cell[-1]], np.broadcast_to(values[code], bad.shape)[tuple(cell)]
            raise NonPositiveValueError(
                f"{unit}: {code} is {value:g}, the {one.method} mean of {one.node} needs more than that",
                unit=unit,
                indicator=code,
                node=one.node,
                method=one.method,
            )


def _mean(one: NodePlan) -> _Mean | None:
    """Return the transform of a mean; None for the methods that compare units."""
    if one.method == "geometric" or (one.method == "power" and one.power == 0):
        return _Mean(np.log, np.exp, lambda x: x <= 0)
    if one.method == "harmonic":
        return _Mean(np.reciprocal, np.reciprocal, lambda x: x <= 0)
    if one.method == "arithmetic" or (one.method == "power" and one.power == 1):
        return _Mean(lambda x: x, lambda x: x)
    if one.method == "power":
        return _Mean(
            lambda x: x**one.power,
            lambda x: x ** (1 / one.power),
            (lambda x: x <= 0) if one.power < 0 else (lambda x: x < 0),
        )
    return None


def _node(one: NodePlan, leaves: FloatArray, above: list[FloatArray], weights: FloatArray) -> FloatArray:
    """Compute one node: ``leaves`` (n, U) shared by all draws, ``above`` arrays (..., U), ``weights`` (..., n + m)."""
    mean = _mean(one)
    if mean is not None:
        return mean.back(_weighted_mean(one, mean.to(leaves), [mean.to(child) for child in above], weights))
    if one.method == "borda":
        return _weighted_mean(one, borda_points(leaves), [borda_points(child) for child in above], weights)
    enough = ~np.isnan(_weighted_mean(one, leaves, above, weights))
    every = np.broadcast_arrays(*leaves, *above, np.broadcast_to(0.0, enough.shape))[:-1]
    values = np.where(enough[..., None, :] & (weights > 0)[..., None], np.stack(every, axis=-2), np.nan)
    if one.method == "minimum":
        return np.asarray(np.fmin.reduce(values, axis=-2))
    if one.method == "copeland":
        return copeland(values, weights)
    return np.where(enough, kemeny_scores(margins(values, weights)), np.nan)


def _weighted_mean(one: NodePlan, leaves: FloatArray, above: list[FloatArray], weights: FloatArray) -> FloatArray:
    """Return Σ w x / Σ w over the children present, (..., U); NaN under the floor: the leaves are one matrix product."""
    own, rest = weights[..., : len(leaves)], weights[..., len(leaves) :]
    there = ~np.isnan(leaves)
    counted = (weights > 0).sum(axis=-1)[..., None]
    total = own @ np.where(there, leaves, 0.0)
    if there.all() and not above:
        share, count = own.sum(axis=-1)[..., None], counted
    else:
        share, count = own @ there.astype(np.float64), (own > 0).astype(np.float64) @ there.astype(np.float64)
    for position, child in enumerate(above):
        present = ~np.isnan(child)
        weight = rest[..., position, None]
        if present.all():
            total, share, count = total + weight * child, share + weight, count + (weight > 0)
            continue
        total = total + weight * np.where(present, child, 0.0)
        share = share + weight * present
        count = count + (weight > 0) * present
    enough = (share > 0) & (count >= one.floor * counted - SLACK)
    return np.where(enough, total / np.where(share > 0, share, 1.0), np.nan)
