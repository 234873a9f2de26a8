"""The whole chain on one screen: judgements → consensus (`weigh`), and data × weights × recipe → ranks (`score`)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.ahp.clusters import clusters
from scoring.numerics.ahp.consensus import node_consensuses, why_no_s_star
from scoring.numerics.ahp.tree import global_by_code, local_by_code, over_the_tree
from scoring.numerics.ahp.tree import global_weights as individual_global
from scoring.numerics.composite.aggregate import local_weights
from scoring.numerics.composite.chain import prepare
from scoring.numerics.composite.denominate import denominate
from scoring.numerics.composite.impute import OVER_TIME
from scoring.numerics.composite.ranking import rank, tiers
from scoring.numerics.composite.screen import screen
from scoring.numerics.composite.times import latest
from scoring.numerics.errors import NothingToRankError
from scoring.numerics.types import PanelConsensus, Scored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.numerics.types import CompositeRecipe, ConsensusMethod, PanelJudgements, Table, Tree, Yardstick


def weigh(panel: PanelJudgements, method: ConsensusMethod) -> PanelConsensus:
    """Turn a panel's judgements into consensus weights: node by node, then down the tree.

    At each node: scale → individual priorities and consistency → who counts → group weights → agreement. The tree
    multiplies the group's local weights; its agreement is the mean of the nodes' S*, weighted by the nodes' global weight,
    and not defined where the experts lie too far apart for S* at a node: the mean of the others would hide it.
    Weights are rounded to 12 significant digits, so that the same judgements give the same bytes everywhere.

    Parameters
    ----------
    panel : PanelJudgements
        A closed round: matrices by node, one row an expert.
    method : ConsensusMethod
        Every choice; its draws are `weigh_with_spread`'s.

    Raises
    ------
    NoJudgementsError
        Nobody counts at a node.
    NumericsError
        Each step's refusals, by name.

    Source: Saaty 1980; Forman & Peniwati 1998 (AIJ and AIP); Goepel 2013 (agreement).
    """
    nodes = node_consensuses(panel, method)
    local = local_by_code(panel.tree, [node.weights for node in nodes])
    global_ = global_by_code(panel.tree, local)
    excluded = tuple(
        (node.node, panel.experts[k]) for node in nodes for k in np.flatnonzero((node.answered > 0) & ~node.included)
    )
    everybody = weigh(panel, replace(method, cr_max=None)).global_ if excluded else None
    too_far = any(why_no_s_star(node.s_star, node.homogeneity) == "too_far_apart" for node in nodes)
    own = individual_global(panel.tree, [node.individual for node in nodes])
    whole = ~np.isnan(own).any(axis=1)
    return PanelConsensus(
        method=method,
        experts=panel.experts,
        nodes=nodes,
        local=local,
        global_=global_,
        s_star=None if too_far else over_the_tree([(global_[node.node], node.s_star) for node in nodes]),
        homogeneity=over_the_tree([(global_[node.node], node.homogeneity) for node in nodes]),
        clusters=clusters(own[whole], [panel.experts[k] for k in np.flatnonzero(whole)], panel.tree.indicators),
        excluded=excluded,
        without_exclusion=everybody,
    )


def score(
    table: Table,
    tree: Tree,
    weights: Mapping[str, float] | None,
    recipe: CompositeRecipe,
    yardstick: Yardstick | None = None,
) -> Scored:
    """Apply a recipe to a table: denominate → screen → impute → treat → normalise → aggregate → rank → tiers.

    Of several times the latest is scored; earlier rows only fill gaps (``linear``, ``latest``) or widen the normalisation
    (``pooled``). Treatment sees the data as given; the direction is applied once, by the normalisation.

    Parameters
    ----------
    table : Table
        Values by unit (and time); needs a column for every indicator of the tree.
    tree : Tree
        The framework.
    weights : Mapping[str, float] | None
        Local weights by code, siblings on any common scale; None takes the tree's Weight column.
    recipe : Recipe
        Every method choice.
    yardstick : Yardstick | None
        Stored parameters of treatment and normalisation, applied instead of the table's own.

    Raises
    ------
    NothingToRankError
        Nothing is left after the screen, or no unit has a score.
    NumericsError
        Each step's refusals, by name.

    Source: OECD/JRC Handbook on Constructing Composite Indicators (2008).
    """
    denominated = denominate(table.take_columns(tree.indicators), tree, recipe.denominate)
    screened, dropped = screen(denominated, recipe.screen, over_time=recipe.impute.method in OVER_TIME)
    prepared = prepare(screened, tree, recipe, yardstick)
    normalised = prepared.normalised

    local = local_weights(tree, normalised.columns, weights)
    nodes = prepared.nodes({code: np.array(weight) for code, weight in local.items()})
    scores = nodes[tree.root]
    if np.isnan(scores).all():
        raise NothingToRankError("no unit has a score", dropped=dropped)
    ranks = rank(scores, recipe.rank)
    missing = np.full(len(scores), np.nan)
    return Scored(
        recipe=recipe,
        units=normalised.units,
        names=normalised.names,
        indicators=normalised.columns,
        nodes=tree.nodes,
        weights=local,
        steps={
            "denominated": denominated,
            "screened": screened,
            "imputed": latest(prepared.imputed),
            "treated": latest(prepared.treated),
            "normalised": normalised,
        },
        imputed=prepared.filled,
        aggregates=np.stack([nodes.get(node, missing) for node in tree.nodes], axis=1),
        scores=scores,
        ranks=ranks,
        tiers=tiers(scores, ranks, recipe.tiers),
        dropped=dropped,
        treatments=prepared.treatments,
        yardstick=yardstick or prepared.yardstick,
    )
