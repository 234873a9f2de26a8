"""The most that one person could do: how far other answers of hers would move a weight of the panel, and the ranks with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from scoring.numerics.ahp.consensus import node_consensuses
from scoring.numerics.ahp.largest_move import largest_move
from scoring.numerics.composite.aggregate import local_weights
from scoring.numerics.robustness.leave_one_out import ranks_by_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.numerics.ahp.largest_move import LargestMove
    from scoring.numerics.types import ConsensusMethod, IntArray, NodeConsensus, PanelJudgements, Scored, Tree


@dataclass(frozen=True)
class MovedRanks:
    """How many units change their rank, and of those that change it most the best-ranked: its position, rank and new rank."""

    many: int
    unit: str
    rank: int
    rank_then: int


@dataclass(frozen=True)
class OnePerson:
    """The most that one of a node's ``experts`` could do there, whoever it is: nothing here says who.

    The local weight of ``item`` would go from ``weight`` to ``weight_then``; nobody could move one further where
    ``reach`` is ``exact``, while ``at_least`` is the furthest found. ``moved`` is None where no unit changes its rank.
    """

    node: str
    experts: int
    item: str
    weight: float
    weight_then: float
    reach: Literal["exact", "at_least"]
    moved: MovedRanks | None


def one_person(
    panel: PanelJudgements,
    method: ConsensusMethod,
    nominal: Scored,
    tree: Tree,
    weights: Mapping[str, float] | None,
) -> tuple[OnePerson, ...]:
    """Find for every node of two items or more the most that one person could do, all else as it is.

    She answers everything there anew, within the scale. Nothing is said where the method leaves experts out by their
    consistency, since it might leave these answers out.

    Raises
    ------
    NotConvergedError
        As `largest_move`.
    """
    if method.cr_max is not None:
        return ()
    base = local_weights(tree, nominal.indicators, weights)
    codes = [code for code in base if code != tree.root]
    moves: list[tuple[str, tuple[str, ...], NodeConsensus, LargestMove]] = []
    for judged, found in zip(panel.nodes, node_consensuses(panel, method), strict=True):
        if len(judged.items) > 1:
            move = largest_move(judged, found, panel.expert_weights, method)
            moves.append((judged.node, judged.items, found, move))
    rows = np.array([[base[code] for code in codes]] * len(moves)).reshape(-1, len(codes))
    for row, (_node, items, _found, move) in zip(rows, moves, strict=True):
        for item, weight in zip(items, move.weights, strict=True):
            if base[item] > 0:  # what the screen dropped stays dropped
                row[codes.index(item)] = weight
    ranks = ranks_by_weights(nominal, tree, codes, rows)
    return tuple(
        OnePerson(
            node=node,
            experts=found.experts,
            item=items[move.item],
            weight=float(found.weights[move.item]) if weights is None else weights[items[move.item]],
            weight_then=float(move.weights[move.item]),
            reach="exact" if move.is_exact else "at_least",
            moved=_moved(nominal, then),
        )
        for (node, items, found, move), then in zip(moves, ranks.astype(np.int64), strict=True)
    )


def _moved(nominal: Scored, then: IntArray) -> MovedRanks | None:
    """Say what changes between the ranks and those then."""
    places = np.where((then > 0) & (nominal.ranks > 0), np.abs(nominal.ranks - then), 0)
    if not places.any():
        return None
    row = min(np.flatnonzero(places == places.max()), key=lambda one: (nominal.ranks[one], nominal.units[one]))
    return MovedRanks(int(np.count_nonzero(places)), nominal.units[row], int(nominal.ranks[row]), int(then[row]))
