"""A simulated panel's judgements. They show the way of the numbers; no person gave them, and they must be called simulated.

Every group has stated points for the items of a node (``data/group_means.csv``). A panelist holds her group's points
with a log-normal deviation of her own, and answers a pair with the ratio of her points, blurred by a second log-normal
deviation and snapped to the nearest of 1/9, 1/8, …, 1, …, 9.
"""

import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np

from demo.data import PanelistRow

SCALE = tuple(sorted({Fraction(n) for n in range(1, 10)} | {Fraction(1, n) for n in range(1, 10)}))


@dataclass(frozen=True)
class SimulatedJudgement:
    """One simulated answer: under ``node``, item ``a`` matters ``value`` times as much as item ``b``."""

    panelist: str
    node: str
    a: str
    b: str
    value: Fraction


def simulate(
    panelists: Sequence[PanelistRow],
    group_means: Mapping[str, Mapping[str, Mapping[str, float]]],
    children: Mapping[str, Sequence[str]],
    *,
    seed: int,
    spread: float = 0.35,
    noise: float = 0.25,
    skip_node: float = 0.04,
    skip_pair: float = 0.08,
) -> Iterator[SimulatedJudgement]:
    """Yield the simulated answers of a panel, by panelist, node and pair.

    A panelist's answers under a node depend on the seed, her code and the node alone: adding people or nodes changes
    nobody's other answers.

    Parameters
    ----------
    panelists
        The panel.
    group_means
        Points by group, node and item; those of the same group and node are compared, so only their ratios count.
    children
        The items to compare under each node, in order; items without points are not allowed.
    seed
        Any whole number from 0.
    spread, noise
        Standard deviations of the logarithms: of a panelist's points about her group's, and of an answer about hers.
    skip_node, skip_pair
        How likely she answers nothing under a node, and how likely she leaves out one pair of a node of three items or
        more. One pair left out never disconnects the items.
    """
    for panelist in panelists:
        for node, items in children.items():
            random = np.random.default_rng([seed, zlib.crc32(f"{panelist.code}/{node}".encode())])
            points = group_means[panelist.group][node]
            held = {item: math.log(points[item]) + spread * random.standard_normal() for item in items}
            pairs = list(combinations(items, 2))
            answers = {(a, b): _snap(held[a] - held[b] + noise * random.standard_normal()) for a, b in pairs}
            skipped, left_out = random.random(2) < (skip_node, skip_pair)
            if left_out and len(items) > 2:
                del answers[pairs[random.integers(len(pairs))]]
            if not skipped:
                for (a, b), value in answers.items():
                    yield SimulatedJudgement(panelist.code, node, a, b, value)


def _snap(log_ratio: float) -> Fraction:
    return min(SCALE, key=lambda step: abs(math.log(step) - log_ratio))
