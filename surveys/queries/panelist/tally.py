"""How far a panelist is, counted in the database: what every stored answer is told, without reading her whole sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from surveys.queries.standing import asked_of, items_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from surveys.models import Panelist, Round
    from surveys.values.standing import NodeStanding

# `standing` and `last_choices` written out, since every stored answer asks it: pairs and answers by node, her last choice
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
class Tally:
    """Pairs settled and asked, by the node's code; a node that is not her field is settled."""

    nodes: Mapping[str, NodeStanding]

    @property
    def settled(self) -> int:
        """Pairs that need nothing more of her."""
        return sum(node.settled for node in self.nodes.values())

    @property
    def total(self) -> int:
        """Pairs asked of her in all."""
        return sum(node.total for node in self.nodes.values())


def tally(panelist: Panelist, round_: Round) -> Tally:
    """Count her answers as `panelist_sheet` does; one query, however many pairs."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [panelist.pk, round_.pk, panelist.pk, round_.pk])
        rows = cursor.fetchall()
    follows = round_.follows_id is not None
    return Tally(
        {
            node: asked_of(choice or "", items_of(pairs), pairs, answered, follows)
            for node, choice, pairs, answered in rows
        }
    )
