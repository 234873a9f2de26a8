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
    """Pairs answered under one node, and pairs asked of her there."""

    answered: int
    total: int

    @property
    def complete(self) -> bool:
        """Whether nothing is asked of her here any more."""
        return self.answered >= self.total


@dataclass(frozen=True)
class Tally:
    """Pairs answered and asked, by the node's code; nodes that are not her field are left out."""

    nodes: Mapping[str, NodeTally]

    @property
    def answered(self) -> int:
        """Pairs answered in all."""
        return sum(node.answered for node in self.nodes.values())

    @property
    def total(self) -> int:
        """Pairs asked of her in all."""
        return sum(node.total for node in self.nodes.values())


def tally(panelist: Panelist, round_: Round) -> Tally:
    """Count her answers as `expert_sheet` does; one query, however many pairs."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [panelist.pk, round_.pk, panelist.pk, round_.pk])
        rows = cursor.fetchall()
    return Tally(
        {
            node: NodeTally(answered, _asked(pairs, answered, choice))
            for node, choice, pairs, answered in rows
            if choice != NodeChoice.Choice.SKIP
        }
    )


def _asked(pairs: int, answered: int, choice: str | None) -> int:
    """Return how many pairs of a node she is asked, by how she chose to answer it."""
    if choice == NodeChoice.Choice.ENOUGH:
        return answered
    items = (1 + isqrt(1 + 8 * pairs)) // 2
    if choice == NodeChoice.Choice.SHORT and pairs == items * (items - 1) // 2:
        return min(pairs, max(answered, short_set(items)))
    return pairs
