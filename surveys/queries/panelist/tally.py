"""How far a panelist is, counted in the database: what every stored answer is told, without reading her whole sheet."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING

from django.db import connection

from scoring.numerics.ahp.next_pair import short_set
from surveys.models import NodeChoice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from surveys.models import Panelist, Round

# written out, since every stored answer asks it: the last value of each pair, counted by node, with her last choice there
COUNTED = """
    SELECT n.code,
        (SELECT x.choice FROM surveys_nodechoice x WHERE x.panelist_id = %s AND x.round_id = %s AND x.node_id = n.id
         ORDER BY x.version DESC LIMIT 1),
        COUNT(*), COUNT(given.value)
    FROM (
        SELECT c.parent_id,
            (SELECT j.value FROM surveys_judgement j WHERE j.panelist_id = %s AND j.comparison_id = c.id
             ORDER BY j.version DESC LIMIT 1) AS value
        FROM surveys_comparison c WHERE c.round_id = %s
    ) given
    JOIN surveys_criterion n ON n.id = given.parent_id
    GROUP BY n.id, n.code
"""


@dataclass(frozen=True)
class NodeTally:
    """Pairs under one node that need nothing more of her, and pairs asked of her there; ``long`` where a short set is offered."""

    settled: int
    total: int
    long: bool

    @property
    def complete(self) -> bool:
        """Whether nothing is asked of her here any more."""
        return self.settled >= self.total


@dataclass(frozen=True)
class Tally:
    """Pairs settled and asked, by the node's code; a node that is not her field is settled."""

    nodes: Mapping[str, NodeTally]

    @property
    def settled(self) -> int:
        """Pairs that need nothing more of her."""
        return sum(node.settled for node in self.nodes.values())

    @property
    def total(self) -> int:
        """Pairs asked of her in all."""
        return sum(node.total for node in self.nodes.values())


def tally(panelist: Panelist, round_: Round) -> Tally:
    """Count her answers as `expert_sheet` does; one query, however many pairs."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [panelist.pk, round_.pk, panelist.pk, round_.pk])
        rows = cursor.fetchall()
    follows = round_.follows_id is not None
    return Tally({node: _counted(pairs, answered, choice, follows) for node, choice, pairs, answered in rows})


def _counted(pairs: int, answered: int, choice: str | None, follows: bool) -> NodeTally:
    """Return what of a node is settled and asked, by how she chose to answer it; a round that follows has no short set."""
    items = (1 + isqrt(1 + 8 * pairs)) // 2
    short = pairs if follows else short_set(items)
    if choice == NodeChoice.Choice.SKIP:
        return NodeTally(pairs, pairs, long=False)
    if choice == NodeChoice.Choice.ENOUGH:
        return NodeTally(answered, answered, long=False)
    total = max(answered, short) if choice == NodeChoice.Choice.SHORT else pairs
    return NodeTally(answered, total, long=short < pairs)
