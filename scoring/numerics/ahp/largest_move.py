"""The most that one person could do on a panel as it is, by the panel's own method; source: `influence`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from scoring.numerics.ahp.group import aggregate_priorities_arithmetic, aggregate_priorities_geometric
from scoring.numerics.ahp.incomplete import individual_priorities
from scoring.numerics.ahp.influence import by_opinion, highest, shares_of, softmax, strict_order
from scoring.numerics.ahp.pairwise import all_complete, answered
from scoring.numerics.ahp.priorities import priorities
from scoring.numerics.ahp.scales import largest, scaled

if TYPE_CHECKING:
    from scoring.numerics.types import ConsensusMethod, FloatArray, NodeConsensus, NodeJudgements

DECIMALS: Final = 6  # of the weights reached: as far as any machine finds the same
SEARCHED: Final = 5  # people, where there is no closed form
LEAST: Final = 1e-12  # of a weight that makes a better answer


@dataclass(frozen=True)
class LargestMove:
    """The largest change of a group's local weight that one person could make by other answers at a node.

    The local weight of ``item`` (a position) moves by ``change``; the group's weights (n,) are ``weights`` then, at six
    decimals. Nobody could move any by more where ``is_exact``; else it is the largest found, and more may be possible.
    """

    item: int
    change: float
    weights: FloatArray
    is_exact: bool


def largest_move(
    judged: NodeJudgements, consensus: NodeConsensus, expert_weights: FloatArray, method: ConsensusMethod
) -> LargestMove:
    """Find the most that one of those who count at a node of two items or more could do, the others' answers as they are.

    Exact for geometric priorities of complete answers, and up to three items, where the eigenvector is no other. Elsewhere
    it is looked for among the five whose answers lie furthest from the end of the scale, by share: for every item either way,
    strong answers in the order that does it by geometric priorities are weighed by the method itself, and changed one by one between the strongest, the
    weakest and "equal" as long as that moves the weight further.

    Parameters
    ----------
    judged, consensus
        The judgements (K, n, n) and what the panel made of them.
    expert_weights : FloatArray
        (K,).
    method : ConsensusMethod
        The method, without a limit of consistency: ``cr_max`` is not asked about.

    Raises
    ------
    NotConvergedError
        The least was not found.
    """
    size = len(judged.items)
    counts = consensus.included & (expert_weights > 0)
    panel = _NodePanel(
        scaled(judged.matrices[counts], method.scale, size),
        expert_weights[counts],
        method,
        longest=float(np.log(largest(method.scale, size))),
    )
    is_exact = all_complete(panel.matrices) and (method.priorities == "geometric" or size <= 3)
    if is_exact:
        farthest = panel.farthest_arithmetic if method.group == "aip-arithmetic" else panel.farthest_geometric
        expert, item, means = farthest()
        reached = panel.by_rows(expert, means)
    else:
        item, reached = panel.searched(consensus.weights)
    weights = np.round(reached, DECIMALS)
    return LargestMove(item, float(np.round(weights[item] - consensus.weights[item], DECIMALS)), weights, is_exact)


@dataclass(frozen=True)
class _NodePanel:
    """Those who count at a node: matrices (K, n, n) on the method's scale, weights (K,), the logarithm of the largest answer."""

    matrices: FloatArray
    weights: FloatArray
    method: ConsensusMethod
    longest: float

    @cached_property
    def shares(self) -> FloatArray:
        return shares_of(self.weights)

    @cached_property
    def individual(self) -> FloatArray:
        """Everybody's priorities; equal ones where her answers leave items apart."""
        found = individual_priorities(self.matrices, complete=self.method.priorities, incomplete=self.method.incomplete)
        return np.asarray(np.where(np.isnan(found), 1 / found.shape[1], found))

    @cached_property
    def logs(self) -> FloatArray:
        """Row means of everybody's logarithms, from her priorities where answers are missing."""
        logs = np.log(self.individual)
        own = logs - logs.mean(axis=1, keepdims=True)
        there = answered(self.matrices)
        means = np.where(there, np.log(np.where(there, self.matrices, 1.0)), 0.0).mean(axis=2)
        whole = (there.sum(axis=(1, 2)) == there.shape[1] * (there.shape[1] - 1))[:, None]
        return np.asarray(np.where(whole, means, own))

    def farthest_arithmetic(self) -> tuple[int, int, FloatArray]:
        """Return who could move which item by most under the arithmetic mean of priorities, and her row means."""
        size = self.individual.shape[1]
        most = np.exp(self.longest)
        strict = strict_order(np.arange(size), self.longest)
        up = self.shares[:, None] * (most / (most + size - 1) - self.individual)
        down = self.shares[:, None] * (self.individual - softmax(strict)[-1])
        expert, item = np.unravel_index(int(np.maximum(up, down).argmax()), up.shape)
        if up[expert, item] < down[expert, item]:
            return int(expert), int(item), strict_order(by_opinion(np.zeros(size), int(item)), self.longest)
        means = np.full(size, -self.longest / size)
        means[item] = self.longest * (size - 1) / size
        return int(expert), int(item), means

    def farthest_geometric(self) -> tuple[int, int, FloatArray]:
        """Return the same under geometric means; rises are looked for as long as their bound is above what is found.

        The mean of the logarithms bounds the least of their exponentials from below, and her answers between the other items
        do not change it.
        """
        everybody = self.shares @ self.logs
        now = softmax(everybody)
        experts, size = self.logs.shape
        others = everybody - self.shares[:, None] * self.logs
        found = (-1.0, 0, 0, np.zeros(size))
        for expert in range(experts):
            for item in range(size):
                means = strict_order(by_opinion(others[expert], item), self.longest)
                lowered = now[item] - softmax(others[expert] + self.shares[expert] * means)[item]
                if lowered > found[0]:
                    found = (float(lowered), expert, item, means)
        middle = -others * size / max(size - 1, 1) - self.shares[:, None] * self.longest  # others' rows sum to 0
        bounds = 1 / (1 + (size - 1) * np.exp(middle)) - now
        for place in np.argsort(-bounds, axis=None, kind="stable"):
            expert, item = (int(one) for one in np.unravel_index(place, bounds.shape))
            if bounds[expert, item] > found[0]:
                reached, means = highest(others[expert], float(self.shares[expert]), item, self.longest)
                if reached - now[item] > found[0]:
                    found = (float(reached - now[item]), expert, item, means)
        return found[1:]

    def by_rows(self, expert: int, means: FloatArray) -> FloatArray:
        """Return the group's weights where an expert's row means are these, for geometric priorities."""
        if self.method.group == "aip-arithmetic":
            own = np.arange(len(self.shares))[:, None] == expert
            return np.asarray(self.shares @ np.where(own, softmax(means), self.individual))
        changed: FloatArray = self.shares @ self.logs + self.shares[expert] * (means - self.logs[expert])
        return softmax(changed)

    def searched(self, now: FloatArray) -> tuple[int, FloatArray]:
        """Return the item that is moved furthest from the weights ``now``, as far as is found, and the weights then."""
        size = len(now)
        room = self.shares * (self.longest * (size - 1) / size + np.abs(self.logs).max(axis=1))
        found = []
        for expert in np.argsort(-np.round(room, DECIMALS), kind="stable")[:SEARCHED].tolist():
            others = self.shares @ self.logs - self.shares[expert] * self.logs[expert]
            for item in range(size):
                first_of_all = np.where(np.arange(size) == item, 1.0, 0.0)
                last = -np.argsort(by_opinion(others, item)).astype(np.float64)
                found += [
                    (item, self._climbed(expert, item, 1, first_of_all)),
                    (item, self._climbed(expert, item, -1, last)),
                ]
        return max(found, key=lambda one: float(np.round(abs(one[1][one[0]] - now[one[0]]), DECIMALS)))

    def _climbed(self, expert: int, item: int, sign: int, order: FloatArray) -> FloatArray:
        """Start from the strongest answers in this order and change one at a time, always the one that moves the item most."""
        first, second = np.triu_indices(len(order), 1)
        answers = self.longest * np.sign(order[first] - order[second])
        steps = np.array([-self.longest, 0.0, self.longest])
        best = self.weighed(expert, answers[None])[0]
        while True:
            tried = np.repeat(answers[None], len(steps) * len(answers), axis=0)
            tried[np.arange(len(tried)), np.repeat(np.arange(len(answers)), len(steps))] = np.tile(steps, len(answers))
            reached = self.weighed(expert, tried)
            place = int((sign * reached[:, item]).argmax())
            if sign * (reached[place, item] - best[item]) <= LEAST:
                return np.asarray(best)
            answers, best = tried[place], reached[place]

    def weighed(self, expert: int, answers: FloatArray) -> FloatArray:
        """Return the group's weights (C, n) where an expert gives these answers (C, pairs), by the method itself."""
        size = self.matrices.shape[-1]
        first, second = np.triu_indices(size, 1)
        logs = np.zeros((len(answers), size, size))
        logs[:, first, second], logs[:, second, first] = answers, -answers
        if self.method.group == "aij":
            there = answered(self.matrices)
            there[expert] = False
            given = np.where(there, np.log(np.where(there, self.matrices, 1.0)), 0.0)
            total = np.tensordot(self.weights, given, axes=1) + self.weights[expert] * logs
            return priorities(
                np.exp(total / (np.tensordot(self.weights, there.astype(float), axes=1) + self.weights[expert])),
                self.method.priorities,
            )
        everybody = np.repeat(self.individual[None], len(answers), axis=0)
        everybody[:, expert] = priorities(np.exp(logs), self.method.priorities)
        join = (
            aggregate_priorities_geometric if self.method.group == "aip-geometric" else aggregate_priorities_arithmetic
        )
        return join(everybody, self.weights)
