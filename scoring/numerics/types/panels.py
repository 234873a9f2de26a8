"""Judgements of a panel, the method that weighs them, and the consensus that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from scoring.numerics.errors import MethodError, NotPositiveError, NotReciprocalError, NumericsError
from scoring.numerics.types.names import (
    METHOD_NAMES,
    RECIPROCITY,
    BeyondTable,
    BoolArray,
    FloatArray,
    Group,
    Incomplete,
    IncompleteIndex,
    IntArray,
    Priorities,
    RandomIndex,
    Scale,
)
from scoring.numerics.types.trees import Tree


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

    ``groups`` and ``languages`` name each expert's; empty where it is not told. Without ``languages`` none is.

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
    languages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check labels, weights and matrices once."""
        count, tree = len(self.experts), self.tree
        if not self.languages:
            object.__setattr__(self, "languages", ("",) * count)
        labels = {len(self.groups), len(self.languages), len(set(self.experts))}
        if {self.expert_weights.shape, *((size,) for size in labels)} != {(count,)}:
            raise MethodError(
                f"each of {count} experts has a code of her own, a weight, a group and a language", experts=self.experts
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
    where they are not defined (fewer than two experts; ``s_star`` alone where they lie further apart than it can tell). ``group_*`` describe the aggregated matrix under AIJ.
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
    """Draws of the global weights: shape (D, I) by ``indicators``; ``local`` (D, C) by ``codes`` (all but the root).

    The rows are the draws ``first``, ``first`` + 1 and so on of the seed. ``panel_spread`` is False where the spread over
    experts is unknown: a panel of one has no bootstrap, and its judgements' noise alone is drawn.
    """

    indicators: tuple[str, ...]
    weights: FloatArray
    codes: tuple[str, ...]
    local: FloatArray
    seed: int
    first: int = 0
    panel_spread: bool = True


@dataclass(frozen=True)
class PanelWeights:
    """The panel's weight of every criterion as it is published: computed once, and copied wherever it stands.

    ``local`` and ``global_`` by code (root 1). ``low`` and ``high`` are the 5th and 95th percentile of the global weight over
    the consensus' own ``draws``, ``local_low`` and ``local_high`` those of the local one; empty without draws.
    """

    local: Mapping[str, float]
    global_: Mapping[str, float]
    low: Mapping[str, float] = field(default_factory=dict)
    high: Mapping[str, float] = field(default_factory=dict)
    draws: int = 0
    local_low: Mapping[str, float] = field(default_factory=dict)
    local_high: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class PanelConsensus:
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

    @property
    def weights(self) -> PanelWeights:
        """The weights as they are published, without local intervals."""
        return PanelWeights(self.local, self.global_, self.low, self.high, self.method.draws)
