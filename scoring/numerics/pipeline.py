"""The whole chain on one screen: judgements → consensus (`weigh`), and data × weights × recipe → ranks (`score`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.composite.aggregate import aggregate, local_weights, plan
from scoring.numerics.composite.denominate import denominate
from scoring.numerics.composite.impute import OVER_TIME, fill_row_mean, impute
from scoring.numerics.composite.normalise import normalise
from scoring.numerics.composite.outliers import treat
from scoring.numerics.composite.ranking import rank, tiers
from scoring.numerics.composite.screen import screen
from scoring.numerics.composite.times import latest, latest_rows
from scoring.numerics.errors import NothingToRankError
from scoring.numerics.types import Recipe, Scored, Table, Tree, Yardstick

if TYPE_CHECKING:
    from collections.abc import Mapping


def score(
    table: Table,
    tree: Tree,
    weights: Mapping[str, float] | None,
    recipe: Recipe,
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
    frozen = None if yardstick is None else yardstick.parameters
    over_time = recipe.impute.method in OVER_TIME
    cut = (lambda rows: rows) if recipe.normalise.pooled else latest

    denominated = denominate(table.take_columns(tree.indicators), tree, recipe.denominate)
    screened, dropped = screen(denominated, recipe.screen, over_time=over_time)
    whole, filled = impute(screened if over_time else cut(screened), recipe.impute)
    imputed, flags = cut(whole), filled[latest_rows(whole)]
    treated, treatments, bounds = treat(imputed, recipe.outliers, frozen)
    scaled, parameters = normalise(treated, tree, recipe.normalise, frozen)
    normalised = latest(scaled)
    if recipe.impute.method == "row_mean":
        normalised, flags = fill_row_mean(normalised, tree)

    local = local_weights(tree, normalised.columns, weights)
    plans = plan(tree, normalised.columns, recipe.aggregate)
    nodes = aggregate(normalised, plans, {code: np.array(weight) for code, weight in local.items()})
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
            "imputed": latest(imputed),
            "treated": latest(treated),
            "normalised": normalised,
        },
        imputed=flags,
        aggregates=np.stack([nodes.get(node, missing) for node in tree.nodes], axis=1),
        scores=scores,
        ranks=ranks,
        tiers=tiers(scores, ranks, recipe.tiers),
        dropped=dropped,
        treatments=treatments,
        yardstick=yardstick or Yardstick({code: {**bounds[code], **parameters[code]} for code in normalised.columns}),
    )
