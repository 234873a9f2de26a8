"""The panel's answer at one node: individual priorities, consistency, who counts, group weights and agreement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from scoring.numerics.ahp.consistency import Consistency, consistency
from scoring.numerics.ahp.group import (
    aggregate_judgements,
    aggregate_priorities_arithmetic,
    aggregate_priorities_geometric,
)
from scoring.numerics.ahp.incomplete import individual_priorities
from scoring.numerics.ahp.pairwise import pairs_answered, refuse_disconnected
from scoring.numerics.ahp.scales import largest, scaled
from scoring.numerics.digits import significant
from scoring.numerics.errors import NoJudgementsError
from scoring.numerics.types import NodeConsensus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.numerics.types import (
        BoolArray,
        ConsensusMethod,
        FloatArray,
        IntArray,
        NodeJudgements,
        PanelJudgements,
    )

ROUNDING: Final = 1e-12  # by which doubles may miss the ends of S*'s range


@dataclass(frozen=True)
class _Answers:
    """All experts' answers at one node on the method's scale, and what they say one by one."""

    matrices: FloatArray
    individual: FloatArray
    measured: Consistency
    count: IntArray


def node_consensuses(panel: PanelJudgements, method: ConsensusMethod) -> tuple[NodeConsensus, ...]:
    """Compute every node of the tree, in order.

    The scale applies to each judgement before anything else. An expert counts where she answered, has a weight and, with
    ``cr_max``, a CR (to 12 digits) at most that; a CR that is not defined excludes nobody. Agreement counts every such
    expert with priorities of her own once.

    Raises
    ------
    NoJudgementsError
        Nobody counts at a node.
    DisconnectedError
        The group's answers (AIJ) or one expert's (AIP) leave items apart.
    NumericsError
        As the methods named.
    """
    answers: dict[str, _Answers] = {}
    for size in {len(judged.items) for judged in panel.nodes}:
        answers |= _read([judged for judged in panel.nodes if len(judged.items) == size], method)
    return tuple(
        _node_consensus(judged, answers[judged.node], panel.experts, panel.expert_weights, method)
        for judged in panel.nodes
    )


def _read(nodes: Sequence[NodeJudgements], method: ConsensusMethod) -> dict[str, _Answers]:
    """Weigh and measure every expert at nodes of one size, all side by side."""
    n, experts = len(nodes[0].items), len(nodes[0].matrices)
    matrices = scaled(np.concatenate([judged.matrices for judged in nodes]), method.scale, n)
    individual, measured = weighed_one_by_one(matrices, method)
    count = pairs_answered(matrices)
    return {
        judged.node: _Answers(
            matrices[rows],
            individual[rows],
            Consistency(measured.lambda_max[rows], measured.ci[rows], measured.cr[rows], measured.gci[rows]),
            count[rows],
        )
        for position, judged in enumerate(nodes)
        for rows in (slice(position * experts, (position + 1) * experts),)
    }


def weighed_one_by_one(matrices: FloatArray, method: ConsensusMethod) -> tuple[FloatArray, Consistency]:
    """Return the priorities (K, n) of matrices (K, n, n) and their consistency; eigenvectors are computed once for both."""
    individual = individual_priorities(matrices, complete=method.priorities, incomplete=method.incomplete)
    return individual, _measure(matrices, individual, method)


def _node_consensus(
    judged: NodeJudgements,
    answers: _Answers,
    experts: Sequence[str],
    expert_weights: FloatArray,
    method: ConsensusMethod,
) -> NodeConsensus:
    """Decide who counts at one node, and let them weigh."""
    n = len(judged.items)
    matrices, individual, measured, count = answers.matrices, answers.individual, answers.measured, answers.count
    took_part = (count > 0) | (n == 1)
    over = np.zeros(len(matrices), dtype=bool)
    if method.cr_max is not None:
        over = significant(np.nan_to_num(measured.cr, nan=0.0)) > method.cr_max
    included = took_part & ~over
    counts = included & (expert_weights > 0)
    if not counts.any():
        raise NoJudgementsError(f"node {judged.node}: nobody's answers count here", node=judged.node)
    weights, together = _group(
        judged, matrices, method, individual=individual, counts=counts, experts=experts, expert_weights=expert_weights
    )
    own = included & ~np.isnan(individual).any(axis=-1)
    s_star, homogeneity = agreement(individual[own], largest(method.scale, n))
    group = None if together is None else _measure(together[None], weights[None], method, with_gci=False)
    return NodeConsensus(
        node=judged.node,
        items=judged.items,
        weights=weights,
        individual=individual,
        answered=count,
        included=included,
        lambda_max=measured.lambda_max,
        ci=measured.ci,
        cr=measured.cr,
        gci=measured.gci,
        experts=int(included.sum()),
        s_star=s_star,
        homogeneity=homogeneity,
        kendall_w=kendall_w(individual[own]),
        group_lambda_max=None if group is None else float(group.lambda_max[0]),
        group_cr=None if group is None or np.isnan(group.cr[0]) else float(group.cr[0]),
    )


def _measure(
    matrices: FloatArray, individual: FloatArray, method: ConsensusMethod, *, with_gci: bool = True
) -> Consistency:
    """Measure the matrices; priorities by eigenvector are not computed twice."""
    return consistency(
        matrices,
        table=method.random_index,
        beyond=method.beyond_table,
        incomplete_index=method.incomplete_index,
        eigenvectors=individual if method.priorities == "eigenvector" else None,
        with_gci=with_gci,
    )


def _group(
    judged: NodeJudgements,
    matrices: FloatArray,
    method: ConsensusMethod,
    *,
    individual: FloatArray,
    counts: BoolArray,
    experts: Sequence[str],
    expert_weights: FloatArray,
) -> tuple[FloatArray, FloatArray | None]:
    """Return the group's weights and, under AIJ, its matrix."""
    weighing = expert_weights[counts]
    if method.group == "aij":
        matrix = aggregate_judgements(matrices[counts], weighing)
        refuse_disconnected(matrix, judged.items, node=judged.node)
        return individual_priorities(matrix[None], complete=method.priorities, incomplete=method.incomplete)[0], matrix
    who = [expert for expert, included in zip(experts, counts, strict=True) if included]
    refuse_disconnected(matrices[counts], judged.items, node=judged.node, experts=who)
    if method.group == "aip-geometric":
        return aggregate_priorities_geometric(individual[counts], weighing), None
    return aggregate_priorities_arithmetic(individual[counts], weighing), None


def agreement(individual: FloatArray, scale_maximum: float) -> tuple[float | None, float | None]:
    """Return S* and relative homogeneity S of priorities (K, n), each from 0 to 1; None where not defined.

    Neither is defined for K < 2 or n < 2. S* is not, either, where the panel lies further apart than S* can tell: where
    `s_star_unbounded` is below 0, for e^Hβ is then more than c, the most that S* takes the scale to allow. Answers beyond the
    scale do that (50 against 1/50: -.459), and with many items strict orders on it: their entropy is less than Hα,min.
    """
    experts, n = individual.shape
    if experts < 2 or n < 2:
        return None, None
    s_star = s_star_unbounded(individual, scale_maximum)
    similar = np.exp(-_beta(individual))
    return bounded_s_star(s_star), float((similar - 1 / n) / (1 - 1 / n))


def bounded_s_star(unbounded: float) -> float | None:
    """Return S* from 0 to 1, whatever doubles left beyond; None where it is below 0, and so not defined."""
    return None if unbounded < -ROUNDING else min(max(unbounded, 0.0), 1.0)


def s_star_unbounded(individual: FloatArray, scale_maximum: float) -> float:
    """Return S* as its formula gives it; it is below 0 for a panel that lies further apart than the scale's c.

    Hα = mean of -Σ w ln w, Hγ = entropy of the mean, Hβ = Hγ - Hα; c = n / exp(Hα,min) with the entropy of the weights of
    one item that matters M times as much as each other. S* = (e^-Hβ - 1/c) / (1 - 1/c); homogeneity S likewise with n for c.

    Source: Goepel, K. D. (2013), Implementing the AHP as a standard method for multi-criteria decision making, ISAHP;
    and Goepel 2018, IJAHP 10(3).
    """
    n = individual.shape[-1]
    top, rest = scale_maximum / (n + scale_maximum - 1), 1 / (n + scale_maximum - 1)
    c = n / np.exp(-top * np.log(top) - (n - 1) * rest * np.log(rest))
    return float((np.exp(-_beta(individual)) - 1 / c) / (1 - 1 / c))


def why_no_s_star(s_star: float | None, homogeneity: float | None) -> Literal["", "too_few", "too_far_apart"]:
    """Say why S* is not defined; nothing where it is. Homogeneity is defined for every two experts over two items."""
    if s_star is not None:
        return ""
    return "too_few" if homogeneity is None else "too_far_apart"


def _beta(individual: FloatArray) -> FloatArray:
    """Return how much of the experts' diversity lies between them: entropy of their mean less their mean entropy."""
    return np.asarray(_entropy(individual.mean(axis=0)) - _entropy(individual).mean())


def _entropy(weights: FloatArray) -> FloatArray:
    """Return Shannon's entropy over the last axis."""
    return np.asarray(-(weights * np.log(weights)).sum(axis=-1))


def kendall_w(individual: FloatArray) -> float | None:
    """Return Kendall's W of the rankings in priorities (K, n), corrected for ties; None for K < 2, n < 2 or all tied.

    W = 12 S / (K² (n³ - n) - K Σ T), T = Σ (t³ - t) over each expert's groups of t tied items.

    Source: Kendall, M. G. & Babington Smith, B. (1939), The problem of m rankings, Ann. Math. Statist. 10, 275-287.
    """
    experts, n = individual.shape
    if experts < 2 or n < 2:
        return None
    values = significant(individual)
    below = np.count_nonzero(values[:, :, None] > values[:, None, :], axis=-1)
    tied = np.count_nonzero(values[:, :, None] == values[:, None, :], axis=-1)  # each of t tied items sees t
    sums = (below + (tied + 1) / 2).sum(axis=0)
    spread = ((sums - sums.mean()) ** 2).sum()
    ties = (tied**2 - 1).sum()
    largest_spread = experts**2 * (n**3 - n) - experts * ties
    return float(12 * spread / largest_spread) if largest_spread > 0 else None
