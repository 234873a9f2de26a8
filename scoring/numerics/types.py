"""The values that travel through the arithmetic: trees, judgements, consensus, tables, recipes, scores.

All are frozen. Arrays come with the labels of their axes. Each value is validated once, where it is built;
the functions that receive it trust it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from scoring.numerics.errors import MethodError, NotPositiveError, NotReciprocalError, NumericsError, TreeError

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]

RECIPROCITY = 1e-9  # how far ln a_ij + ln a_ji may be from 0: ratios written with ten digits pass
LARGEST = 1e100  # of a value in a table, so that no square of a difference overflows

Scale: TypeAlias = Literal[
    "linear",
    "log",
    "root-square",
    "inverse-linear",
    "balanced",
    "balanced-n",
    "power",
    "geometric",
    "adaptive",
    "adaptive-balanced",
]
Priorities: TypeAlias = Literal["eigenvector", "geometric"]
Incomplete: TypeAlias = Literal["llsm", "lambda-optimal", "harker"]
Group: TypeAlias = Literal["aij", "aip-geometric", "aip-arithmetic"]
RandomIndex: TypeAlias = Literal[
    "alonso-lamata", "saaty", "saaty-2005", "donegan-dodd", "tummala-ling", "alonso-lamata-linear",
]  # fmt: skip
BeyondTable: TypeAlias = Literal["refuse", "linear"]
IncompleteIndex: TypeAlias = Literal["adjusted", "complete"]
METHOD_NAMES: Mapping[str, tuple[str, ...]] = {
    "scale": get_args(Scale),
    "priorities": get_args(Priorities),
    "incomplete": get_args(Incomplete),
    "group": get_args(Group),
    "random_index": get_args(RandomIndex),
    "beyond_table": get_args(BeyondTable),
    "incomplete_index": get_args(IncompleteIndex),
}
ImputeMethod: TypeAlias = Literal[
    "none", "mean", "median", "group_mean", "group_median", "row_mean", "linear", "latest",
]  # fmt: skip
OutlierMethod: TypeAlias = Literal[
    "none", "winsorise_then_log", "winsorise", "trim", "log", "log_reflected", "log_shifted",
]  # fmt: skip
NormaliseMethod: TypeAlias = Literal[
    "minmax", "zscore", "rank", "borda", "percentile_rank", "distance_to_max", "distance_to_reference",
    "distance_to_target", "fraction_of_max", "goalposts", "scaled",
]  # fmt: skip
AggregateMethod: TypeAlias = Literal[
    "arithmetic", "geometric", "harmonic", "power", "copeland", "borda", "minimum", "kemeny",
]  # fmt: skip
Factor: TypeAlias = Literal["weights", "normalise", "aggregate", "outliers", "impute", "leave_one_indicator"]


# --- the indicator system -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Criterion:
    """A node of the tree; an indicator is a leaf with direction, unit and denominator."""

    code: str
    parent: str | None
    name: str = ""
    is_indicator: bool = False
    direction: Literal[-1, 1] = 1
    weight: float = 1.0
    unit: str = ""
    target: float | None = None
    denominator: str | None = None


@dataclass(frozen=True)
class Tree:
    """The criteria as one rooted tree, in the order given; siblings keep that order everywhere.

    Raises
    ------
    TreeError
        Duplicate code, unknown parent, no root or two, a cycle, an indicator with children, an aggregate without.
    """

    criteria: tuple[Criterion, ...]

    def __post_init__(self) -> None:
        """Check the shape once."""
        codes = [criterion.code for criterion in self.criteria]
        for code in codes:
            if codes.count(code) > 1:
                raise TreeError(f"criterion {code} stands twice", criterion=code)
        roots = [criterion.code for criterion in self.criteria if criterion.parent is None]
        if len(roots) != 1:
            raise TreeError(f"one criterion has no parent; here {len(roots)} have none: {roots}", roots=roots)
        known = set(codes)
        parents = {criterion.parent for criterion in self.criteria}
        for criterion in self.criteria:
            if criterion.parent is not None and criterion.parent not in known:
                raise TreeError(f"{criterion.code}: parent {criterion.parent} is unknown", criterion=criterion.code)
            if criterion.is_indicator and criterion.code in parents:
                raise TreeError(f"indicator {criterion.code} has children", criterion=criterion.code)
            if not criterion.is_indicator and criterion.code not in parents:
                raise TreeError(f"{criterion.code} is no indicator and has no children", criterion=criterion.code)
        if len(self._below(roots[0])) != len(codes):
            lost = sorted(known - set(self._below(roots[0])))
            raise TreeError(f"these criteria form a cycle: {lost}", criteria=lost)

    def _below(self, code: str) -> list[str]:
        """Return the code and all its descendants, depth first."""
        found, waiting = [], [code]
        while waiting:
            here = waiting.pop()
            found.append(here)
            waiting.extend(reversed([c.code for c in self.criteria if c.parent == here]))
        return found

    @cached_property
    def by_code(self) -> Mapping[str, Criterion]:
        """Criteria by code."""
        return {criterion.code: criterion for criterion in self.criteria}

    @cached_property
    def root(self) -> str:
        """Code of the root."""
        return next(criterion.code for criterion in self.criteria if criterion.parent is None)

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """Children's codes by node, in the order given."""
        return {
            node: tuple(c.code for c in self.criteria if c.parent == node)
            for node in (c.code for c in self.criteria if not c.is_indicator)
        }

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Codes of the aggregates (nodes with children), parents before children, depth first from the root."""
        return tuple(code for code in self._below(self.root) if not self.by_code[code].is_indicator)

    @cached_property
    def indicators(self) -> tuple[str, ...]:
        """Codes of the leaves, depth first from the root."""
        return tuple(code for code in self._below(self.root) if self.by_code[code].is_indicator)

    @cached_property
    def height(self) -> Mapping[str, int]:
        """Level by code as in COINr's iMeta: 1 = indicator, a node one above its highest child."""
        levels = dict.fromkeys(self.indicators, 1)
        for node in reversed(self.nodes):
            levels[node] = 1 + max(levels[child] for child in self.children[node])
        return levels

    def global_weights(self, local: Mapping[str, float]) -> dict[str, float]:
        """Multiply local weights (by code; the root's is 1) down the tree; returns the global weight of every code."""
        out = {self.root: 1.0}
        for node in self.nodes:
            for child in self.children[node]:
                out[child] = out[node] * local[child]
        return out


# --- judgements and consensus -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NodeJudgements:
    """All experts' matrices at one node.

    ``matrices`` has shape (K, n, n): [k, i, j] = how many times expert k holds item i to matter more than item j;
    reciprocal, diagonal 1, NaN = not answered (in both places). An expert who skipped the node has NaN off the diagonal.
    """

    node: str
    items: tuple[str, ...]
    matrices: FloatArray


@dataclass(frozen=True)
class PanelJudgements:
    """A closed round as plain numeric values: one row an expert (by code, never by name), one entry a node of the tree.

    Raises
    ------
    MethodError
        Experts, weights, groups, nodes, items and matrices do not label each other.
    NotPositiveError
        A ratio is zero, negative or infinite; an expert's weight is negative or not a number.
    NotReciprocalError
        a_ji is not 1 / a_ij, the diagonal is not 1, or only one of a_ij and a_ji is answered.
    """

    tree: Tree
    experts: tuple[str, ...]
    expert_weights: FloatArray
    groups: tuple[str, ...]
    nodes: tuple[NodeJudgements, ...]

    def __post_init__(self) -> None:
        """Check labels, weights and matrices once."""
        count, tree = len(self.experts), self.tree
        if {self.expert_weights.shape, (len(self.groups),), (len(set(self.experts)),)} != {(count,)}:
            raise MethodError(
                f"each of {count} experts has a code of her own, a weight and a group", experts=self.experts
            )
        judged_nodes = [(judged.node, judged.items) for judged in self.nodes]
        if judged_nodes != [(code, tree.children[code]) for code in tree.nodes]:
            raise MethodError("the nodes and items judged are not the tree's, in its order", nodes=judged_nodes)
        for expert, weight in zip(self.experts, self.expert_weights.tolist(), strict=True):
            if not 0 <= weight < np.inf:
                raise NotPositiveError(f"expert {expert}: weight {weight} is not 0 or more", expert=expert, got=weight)
        for judged in self.nodes:
            self._check_matrices(judged)

    def _check_matrices(self, judged: NodeJudgements) -> None:
        """Refuse entries that are no ratios, or not the reciprocal of their mirror image."""
        matrices, n = judged.matrices, len(judged.items)
        if matrices.shape != (len(self.experts), n, n):
            raise MethodError(f"node {judged.node}: matrices of shape {matrices.shape}", node=judged.node)
        positive = np.isnan(matrices) | ((matrices > 0) & (matrices < np.inf))
        self._refuse(judged, ~positive, NotPositiveError, "a ratio is positive")
        self._refuse(judged, _not_reciprocal(matrices), NotReciprocalError, "a_ji is 1 / a_ij, and a_ii is 1")

    def _refuse(self, judged: NodeJudgements, wrong: BoolArray, error: type[NumericsError], rule: str) -> None:
        """Raise for the first wrong entry, saying whose and which."""
        for k, i, j in np.argwhere(wrong)[:1].tolist():
            expert, a, b, got = self.experts[k], judged.items[i], judged.items[j], float(judged.matrices[k, i, j])
            told = f"node {judged.node}, expert {expert}: {a} over {b} is {got:g}; {rule}"
            raise error(told, node=judged.node, expert=expert, a=a, b=b, got=got)


def _not_reciprocal(matrices: FloatArray) -> BoolArray:
    """Mark the entries of positive matrices (..., n, n) that are not the reciprocal of their mirror image."""
    logs = np.log(matrices)
    mirror = np.swapaxes(logs, -1, -2)
    lost = np.isnan(logs) & (~np.isnan(mirror) | np.eye(matrices.shape[-1], dtype=bool))
    return np.asarray(lost | (np.abs(logs + mirror) > RECIPROCITY))


@dataclass(frozen=True, slots=True)
class ConsensusMethod:
    """Every choice of part A; ``draws`` = 0 leaves out the spread of the weights.

    ``cr_max`` None excludes nobody. ``beyond_table`` says what happens when the random-index table ends before n.
    ``incomplete_index`` chooses RI(n, m) for m missing pairs or the complete RI(n).
    ``bootstrap``, ``noise`` and ``combine`` switch the three sources of spread; ``stratified`` keeps each group's size.

    Raises
    ------
    MethodError
        A name, the limit, the number of draws or the seed is none of the allowed ones.
    """

    scale: Scale = "linear"
    priorities: Priorities = "eigenvector"
    incomplete: Incomplete = "llsm"
    group: Group = "aij"
    random_index: RandomIndex = "alonso-lamata"
    beyond_table: BeyondTable = "refuse"
    incomplete_index: IncompleteIndex = "adjusted"
    cr_max: float | None = None
    draws: int = 0
    seed: int = 0
    bootstrap: bool = True
    noise: bool = True
    combine: bool = False
    stratified: bool = False

    def __post_init__(self) -> None:
        """Check names and numbers once."""
        for parameter, allowed in METHOD_NAMES.items():
            got = getattr(self, parameter)
            if got not in allowed:
                raise MethodError(
                    f"{parameter}: {got} is none of {allowed}", parameter=parameter, got=got, allowed=allowed
                )
        for parameter, fits, rule in (
            ("cr_max", self.cr_max is None or self.cr_max >= 0, "0 or more"),
            ("draws", self.draws >= 0, "0 or more"),
            ("seed", 0 <= self.seed < 2**64, "0 to 2⁶⁴ - 1"),
        ):
            if not fits:
                got = getattr(self, parameter)
                raise MethodError(f"{parameter}: {got} is not {rule}", parameter=parameter, got=got, allowed=rule)


@dataclass(frozen=True)
class NodeConsensus:
    """The panel's answer at one node; arrays of K follow ``Consensus.experts``, NaN where an expert has no part.

    ``individual`` (K, n) priorities; ``answered`` (K,) pairs answered; ``included`` (K,) counted in the group;
    ``cr`` NaN where not defined (spanning tree) or not answered. ``s_star``, ``homogeneity`` and ``kendall_w`` are None
    where they are not defined (fewer than two experts). ``group_*`` describe the aggregated matrix under AIJ.
    """

    node: str
    items: tuple[str, ...]
    weights: FloatArray
    individual: FloatArray
    answered: IntArray
    included: BoolArray
    lambda_max: FloatArray
    ci: FloatArray
    cr: FloatArray
    gci: FloatArray
    experts: int
    s_star: float | None
    homogeneity: float | None
    kendall_w: float | None
    group_lambda_max: float | None
    group_cr: float | None


@dataclass(frozen=True)
class Cluster:
    """Experts who weigh alike: codes, their mean global weights (by indicator order) and what divides them from the rest.

    ``divides`` lists (indicator, log-ratio of the cluster's weight to the rest's), largest first.
    """

    experts: tuple[str, ...]
    weights: FloatArray
    divides: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class WeightDraws:
    """Draws of the global weights: shape (D, I) by ``indicators``; ``local`` (D, C) by ``codes`` (all but the root)."""

    indicators: tuple[str, ...]
    weights: FloatArray
    codes: tuple[str, ...]
    local: FloatArray
    seed: int


@dataclass(frozen=True)
class Consensus:
    """The consensus of one closed round: weights with consistency, agreement, clusters and, with draws, spread.

    ``local`` and ``global_`` give the weight of every criterion (root 1). ``low`` and ``high`` are the 5th and 95th
    percentile of the global weight, empty without draws. ``excluded`` lists (node, expert); ``without_exclusion``
    holds the global weights with everybody in, where somebody was excluded.
    """

    method: ConsensusMethod
    experts: tuple[str, ...]
    nodes: tuple[NodeConsensus, ...]
    local: Mapping[str, float]
    global_: Mapping[str, float]
    s_star: float | None
    homogeneity: float | None
    clusters: tuple[Cluster, ...]
    excluded: tuple[tuple[str, str], ...]
    without_exclusion: Mapping[str, float] | None
    low: Mapping[str, float] = field(default_factory=dict)
    high: Mapping[str, float] = field(default_factory=dict)
    draws: WeightDraws | None = None


# --- indicator data and the recipe --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Table:
    """Indicator data: ``values`` (rows, columns), NaN = missing. A row is a unit at a time; ``columns`` are indicator codes.

    ``groups`` and ``denominators`` are further columns, by name, aligned with the rows.

    Raises
    ------
    MethodError
        Labels that do not fit the values, a code or a unit's time that stands twice, a value beyond ±1e100 (infinite too).
    """

    units: tuple[str, ...]
    names: tuple[str, ...]
    times: tuple[str, ...]
    columns: tuple[str, ...]
    values: FloatArray
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    denominators: Mapping[str, FloatArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check labels against values once."""
        rows = (self.names, self.times, *self.groups.values(), *self.denominators.values())
        if self.values.shape != (len(self.units), len(self.columns)) or {len(self.units)} != {*map(len, rows)}:
            raise MethodError(f"{len(self.units)} units × {len(self.columns)} columns do not label the values given")
        if len(set(self.columns)) != len(self.columns):
            raise MethodError("a column stands twice", columns=self.columns)
        if len({*zip(self.units, self.times, strict=True)}) != len(self.units):
            raise MethodError("a unit stands twice at the same time", units=self.units)
        if (np.abs(self.values) > LARGEST).any():
            row, column = np.argwhere(np.abs(self.values) > LARGEST)[0]
            unit, indicator = self.units[row], self.columns[column]
            raise MethodError(f"{unit}: {indicator} is beyond ±{LARGEST:g}", unit=unit, indicator=indicator)

    def with_values(self, values: FloatArray) -> Table:
        """Return the same rows and columns with other values."""
        return replace(self, values=values)

    def take_rows(self, rows: IntArray) -> Table:
        """Return the rows at these positions, in this order."""
        return replace(
            self,
            units=tuple(self.units[row] for row in rows),
            names=tuple(self.names[row] for row in rows),
            times=tuple(self.times[row] for row in rows),
            values=self.values[rows],
            groups={name: tuple(group[row] for row in rows) for name, group in self.groups.items()},
            denominators={name: column[rows] for name, column in self.denominators.items()},
        )

    def take_columns(self, codes: tuple[str, ...]) -> Table:
        """Return these columns in this order; a code without column is refused by name."""
        lost = [code for code in codes if code not in self.columns]
        if lost:
            raise MethodError(f"the table has no column for {lost[0]}", indicators=lost)
        return replace(self, columns=codes, values=self.values[:, [self.columns.index(code) for code in codes]])


@dataclass(frozen=True, slots=True)
class Denominate:
    """x / (denominator / scale): whether the framework's Denominator column is used; ``scales`` by indicator, else 1."""

    use: bool = False
    scales: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Screen:
    """The least share of values a unit and an indicator need; both taken on the full table, once."""

    unit_availability: float = 0.65
    indicator_availability: float = 0.65


@dataclass(frozen=True, slots=True)
class Impute:
    """How missing values are filled; ``group`` names the grouping column."""

    method: ImputeMethod = "none"
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Outliers:
    """The treatment rule; ``indicators`` forces a method for single indicators; ``trim`` is the percentile cut.

    ``method`` touches only columns that fail the test (|skewness| and kurtosis); a forced log or trim is applied whatever
    the test says, a forced winsorising keeps the test as its stopping rule. ``max_points`` "all" winsorises without limit.
    """

    method: OutlierMethod = "none"
    max_points: int | Literal["all"] = 5
    skewness: float = 2.0
    kurtosis: float = 3.5
    trim: tuple[float, float] = (0.05, 0.95)
    indicators: Mapping[str, OutlierMethod] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NormaliseRule:
    """One normalisation with its parameters; each method reads its own and leaves the others alone.

    ``lower``, ``upper`` the output range of minmax; ``mean``, ``sd`` of zscore; ``ties`` of the ranks; ``goalposts`` (l, u)
    in the data's terms with ``log``, ``clip`` and ``scale``; ``bounds`` (a, b) and ``scale`` of scaled; ``reference`` a
    unit's code; ``cap`` holds distances to reference and target at 1; ``constant`` what a constant column is given.
    """

    method: NormaliseMethod = "minmax"
    lower: float = 0.0
    upper: float = 100.0
    mean: float = 0.0
    sd: float = 1.0
    ties: Literal["min", "average"] = "min"
    goalposts: tuple[float, float] | None = None
    log: bool = False
    clip: bool = True
    scale: float = 1.0
    reference: str | None = None
    cap: bool = False
    bounds: tuple[float, float] | None = None
    constant: float | None = None


@dataclass(frozen=True, slots=True)
class Normalise:
    """The rule for all indicators and the rules for single ones; ``pooled`` takes parameters over all times, not the last."""

    rule: NormaliseRule = field(default_factory=NormaliseRule)
    indicators: Mapping[str, NormaliseRule] = field(default_factory=dict)
    pooled: bool = False


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The mean of each level from the bottom up (``levels``), or of every node (``method``), or of single ``nodes``.

    ``floor`` is the share of its children (by count) that a node needs to have a value, for all levels or one a level.
    """

    method: AggregateMethod = "arithmetic"
    levels: tuple[AggregateMethod, ...] = ()
    nodes: Mapping[str, AggregateMethod] = field(default_factory=dict)
    floor: float | tuple[float, ...] = 0.0
    power: float | None = None


@dataclass(frozen=True, slots=True)
class Rank:
    """Rank descending; ``decimals`` None ranks on unrounded scores (12 significant digits)."""

    ties: Literal["min"] = "min"
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Tiers:
    """Cumulative shares of positions, the last 1.0; or ``by`` score: falling lower bounds ``scores``, the rest below."""

    shares: tuple[float, ...] = (0.10, 0.30, 0.60, 1.0)
    by: Literal["position", "score"] = "position"
    scores: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Robustness:
    """Draws over the declared factors; 0 draws leave the ranks without interval.

    ``alternatives`` names, by factor, the methods drawn beside the recipe's own (robustness.intervals states the defaults).
    """

    draws: int = 0
    seed: int = 0
    factors: tuple[Factor, ...] = ("weights",)
    alternatives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every method choice from missing data to ranks, as one frozen value."""

    version: int = 1
    denominate: Denominate = field(default_factory=Denominate)
    screen: Screen = field(default_factory=Screen)
    impute: Impute = field(default_factory=Impute)
    outliers: Outliers = field(default_factory=Outliers)
    normalise: Normalise = field(default_factory=Normalise)
    aggregate: Aggregate = field(default_factory=Aggregate)
    rank: Rank = field(default_factory=Rank)
    tiers: Tiers = field(default_factory=Tiers)
    robustness: Robustness = field(default_factory=Robustness)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A unit or indicator that the screen left out, with its share of values and the share asked for."""

    kind: Literal["unit", "indicator"]
    code: str
    share: float
    needed: float


@dataclass(frozen=True, slots=True)
class Treatment:
    """What the outlier rule did to one indicator."""

    indicator: str
    method: str
    points: int
    skewness: float
    kurtosis: float
    passes: bool


@dataclass(frozen=True)
class Yardstick:
    """Frozen parameters of treatment and normalisation, by indicator and in the data's terms (before the direction).

    A later edition or a what-if is scored on the same yardstick. ``treated_low``, ``treated_high`` are winsorising bounds,
    ``log_shift`` (ln(x + shift)) or ``log_top`` (−ln(top − x)) logs; the others (min, max, mean, sd, lower, upper,
    reference, target) belong to the normalisation. Ranks have none: they stay relative to the units scored.
    """

    parameters: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Scored:
    """The result of one recipe on one table: every step, the ranking and what was left out.

    ``weights`` are the local weights of all codes as used: siblings sum to 1, what was dropped has 0.
    ``steps`` maps a step's name (denominated, screened, imputed, treated, normalised) to the table after it.
    ``aggregates`` (U, N) by ``nodes`` (root first); ``scores`` (U,) the root's; ``ranks`` and ``tiers`` (U,), 0 = not ranked.
    ``imputed`` (U, I) marks filled cells of the screened table. ``rank_low`` and ``rank_high`` (5th and 95th percentile)
    are None without draws.
    """

    recipe: Recipe
    units: tuple[str, ...]
    names: tuple[str, ...]
    indicators: tuple[str, ...]
    nodes: tuple[str, ...]
    weights: Mapping[str, float]
    steps: Mapping[str, Table]
    imputed: BoolArray
    aggregates: FloatArray
    scores: FloatArray
    ranks: IntArray
    tiers: IntArray
    dropped: tuple[Dropped, ...]
    treatments: tuple[Treatment, ...]
    yardstick: Yardstick
    rank_low: FloatArray | None = None
    rank_high: FloatArray | None = None
    rank_median: FloatArray | None = None
